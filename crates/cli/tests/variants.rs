//! `turnsole variants` and `turnsole languages`, from outside.

use expect_test::{Expect, expect};
use std::path::Path;
use std::process::Command;

fn check(arguments: &[&str], expected: &Expect) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/litmus");
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
    for name in ["HERDLIB", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    let output = command.args(arguments).current_dir(tests).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let code = output.status.code().unwrap_or(-1);
    let said = format!("{}{}status {code}\n", text(&output.stdout), text(&output.stderr));
    expected.assert_eq(&said);
}

#[test]
fn the_examples_of_the_talk_in_all_languages() {
    check(&["languages", "bpf/lwn"], &expect![[""]]);
    check(&["languages", "--markdown", "bpf/lwn"], &expect![[""]]);
}

#[test]
fn an_unexpected_answer() {
    check(
        &["languages", "--skip-check", "happens-before", "bpf/lwn/lwn1-LB+addr-po+data.BPF.litmus"],
        &expect![[""]],
    );
}

#[test]
fn variants_of_a_model() {
    check(
        &["variants", "--model", "bpf", "bpf/BPF-SB+rel-acqs.litmus", "bpf/BPF-LB+addr-po+data.litmus"],
        &expect![[""]],
    );
    check(
        &["variants", "--model", "bpf", "--rows", "1", "--compare", "bpf-mca,bpf-rcsc", "--pairs", "bpf"],
        &expect![[""]],
    );
}

#[test]
fn variants_in_json() {
    let test = "bpf/BPF-MP+rel+failed-cmpxchg.litmus";
    check(
        &["variants", "--model", "bpf", "--compare", "bpf-failed-acquire", "--format", "json", test],
        &expect![[""]],
    );
}

#[test]
fn nothing_to_compare() {
    check(&["variants", "bpf/BPF-SB.litmus"], &expect![[""]]);
    check(&["variants", "--model", "sc", "bpf/BPF-SB.litmus"], &expect![[""]]);
    check(&["variants", "--model", "bpf", "bpf/BPF-SB.litmus"], &expect![[""]]);
}
