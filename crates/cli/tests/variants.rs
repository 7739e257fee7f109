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
    check(
        &["languages", "bpf/lwn"],
        &expect![[r#"
        ┌────────────────────────────┬─────────┬───────────┬───────────┬───────────┬───────┬────────┐
        │ Program                    ┆ AArch64 ┆ BPF       ┆ C         ┆ PPC       ┆ RISCV ┆ X86_64 │
        ╞════════════════════════════╪═════════╪═══════════╪═══════════╪═══════════╪═══════╪════════╡
        │ lwn1-LB+addr-po+data       ┆ Never   ┆ Never     ┆ Sometimes ┆ Never     ┆ Never ┆ Never  │
        │ lwn2-X+corr+data+data      ┆ Never   ┆ Sometimes ┆ Sometimes ┆ Sometimes ┆ Never ┆ Never  │
        │ lwn3-WRC+ctrl+addr         ┆ Never   ┆ Sometimes ┆ Sometimes ┆ Sometimes ┆ Never ┆ Never  │
        │ lwn4-LB+addr-rdw-data+data ┆ Never   ┆ Never     ┆ Never     ┆ Never     ┆ Never ┆ Never  │
        └────────────────────────────┴─────────┴───────────┴───────────┴───────────┴───────┴────────┘
        status 0
    "#]],
    );
    check(
        &["languages", "--markdown", "bpf/lwn"],
        &expect![[r#"
        | program | AArch64 | BPF | C | PPC | RISCV | X86_64 |
        | --- | --- | --- | --- | --- | --- | --- |
        | lwn1-LB+addr-po+data | Never | Never | Sometimes | Never | Never | Never |
        | lwn2-X+corr+data+data | Never | Sometimes | Sometimes | Sometimes | Never | Never |
        | lwn3-WRC+ctrl+addr | Never | Sometimes | Sometimes | Sometimes | Never | Never |
        | lwn4-LB+addr-rdw-data+data | Never | Never | Never | Never | Never | Never |
        status 0
    "#]],
    );
}

#[test]
fn an_unexpected_answer() {
    check(
        &["languages", "--skip-check", "happens-before", "bpf/lwn/lwn1-LB+addr-po+data.BPF.litmus"],
        &expect![[r#"
            ┌──────────────────────┬────────────────────────┐
            │ Program              ┆ BPF                    │
            ╞══════════════════════╪════════════════════════╡
            │ lwn1-LB+addr-po+data ┆ Sometimes (unexpected) │
            └──────────────────────┴────────────────────────┘
            status 1
        "#]],
    );
}

#[test]
fn variants_of_a_model() {
    check(
        &["variants", "--model", "bpf", "bpf/BPF-SB+rel-acqs.litmus", "bpf/BPF-LB+addr-po+data.litmus"],
        &expect![[r#"
            ┌────────────────────┬──────┬───────────┬─────────────────┬──────────┬────────────────────┬────────────────┬───────────┐
            │ Test               ┆ Size ┆ bpf       ┆ bpf-failed-full ┆ bpf-rcsc ┆ bpf-failed-acquire ┆ bpf-no-addr-po ┆ bpf-mca   │
            ╞════════════════════╪══════╪═══════════╪═════════════════╪══════════╪════════════════════╪════════════════╪═══════════╡
            │ BPF-SB+rel-acqs    ┆    6 ┆ Sometimes ┆ Sometimes       ┆ Never    ┆ Sometimes          ┆ Sometimes      ┆ Sometimes │
            │ BPF-LB+addr-po+dat ┆    8 ┆ Never     ┆ Never           ┆ Never    ┆ Never              ┆ Sometimes      ┆ Never     │
            │ a                  ┆      ┆           ┆                 ┆          ┆                    ┆                ┆           │
            └────────────────────┴──────┴───────────┴─────────────────┴──────────┴────────────────────┴────────────────┴───────────┘
            tests that tell something apart: 2 of 2

            bpf-failed-full against bpf: no difference

            bpf-rcsc against bpf: forbids more in 1 test, allows more in 0
              smallest: BPF-SB+rel-acqs (bpf/BPF-SB+rel-acqs.litmus)
              only bpf: 0:r1=0; 1:r1=0;

            bpf-failed-acquire against bpf: no difference

            bpf-no-addr-po against bpf: forbids more in 0 tests, allows more in 1
              smallest: BPF-LB+addr-po+data (bpf/BPF-LB+addr-po+data.litmus)
              only bpf-no-addr-po: 0:r1=1; 1:r1=1;

            bpf-mca against bpf: no difference
            status 0
        "#]],
    );
    check(
        &["variants", "--model", "bpf", "--rows", "1", "--compare", "bpf-mca,bpf-rcsc", "--pairs", "bpf"],
        &expect![[r#"
            ┌───────────────┬──────┬───────────┬─────────┬───────────┐
            │ Test          ┆ Size ┆ bpf       ┆ bpf-mca ┆ bpf-rcsc  │
            ╞═══════════════╪══════╪═══════════╪═════════╪═══════════╡
            │ BPF-2+2W+rels ┆    6 ┆ Sometimes ┆ Never   ┆ Sometimes │
            └───────────────┴──────┴───────────┴─────────┴───────────┘
            tests that tell something apart: 10 of 95
            shown: the smallest, 1 (--rows 0 shows all)

            bpf-mca against bpf: forbids more in 9 tests, allows more in 0
              smallest: BPF-2+2W+rels (bpf/BPF-2+2W+rels.litmus)
              only bpf: [x]=2; [y]=2;

            bpf-rcsc against bpf: forbids more in 2 tests, allows more in 0
              smallest: BPF-SB+rel-acqs (bpf/BPF-SB+rel-acqs.litmus)
              only bpf: 0:r1=0; 1:r1=0;

            bpf-rcsc against bpf-mca: forbids more in 1 test, allows more in 8
              smallest: BPF-2+2W+rels (bpf/BPF-2+2W+rels.litmus)
              only bpf-rcsc: [x]=2; [y]=2;
            status 0
        "#]],
    );
}

#[test]
fn variants_in_json() {
    let test = "bpf/BPF-MP+rel+failed-cmpxchg.litmus";
    check(
        &["variants", "--model", "bpf", "--compare", "bpf-failed-acquire", "--format", "json", test],
        &expect![[r#"
            {
              "schema_version": 1,
              "tool": "turnsole 0.1.0",
              "columns": [
                "bpf",
                "bpf-failed-acquire"
              ],
              "tests": 1,
              "differences": [
                {
                  "first": "bpf",
                  "second": "bpf-failed-acquire",
                  "tests": 1,
                  "forbids": 1,
                  "allows": 0,
                  "smallest": {
                    "name": "BPF-MP+rel+failed-cmpxchg",
                    "file": "bpf/BPF-MP+rel+failed-cmpxchg.litmus",
                    "size": 7,
                    "only_first": "1:r0=1; 1:r3=0;"
                  }
                }
              ],
              "rows": [
                {
                  "name": "BPF-MP+rel+failed-cmpxchg",
                  "file": "bpf/BPF-MP+rel+failed-cmpxchg.litmus",
                  "size": 7,
                  "observations": [
                    "Sometimes",
                    "Never"
                  ]
                }
              ]
            }
            status 0
        "#]],
    );
}

#[test]
fn nothing_to_compare() {
    check(
        &["variants", "bpf/BPF-SB.litmus"],
        &expect![[r#"
        error: say which model (--model bpf), or which variants (--compare NAME)
        status 2
    "#]],
    );
    check(
        &["variants", "--model", "sc", "bpf/BPF-SB.litmus"],
        &expect![[r#"
        error: the model asks for no variants; name some with --compare
        status 2
    "#]],
    );
    check(
        &["variants", "--model", "bpf", "bpf/BPF-SB.litmus"],
        &expect![[r#"
            tests that tell something apart: 0 of 1

            bpf-failed-full against bpf: no difference

            bpf-rcsc against bpf: no difference

            bpf-failed-acquire against bpf: no difference

            bpf-no-addr-po against bpf: no difference

            bpf-mca against bpf: no difference
            status 0
        "#]],
    );
}

#[test]
fn a_mapping_that_a_variant_breaks() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/litmus/bpf");
    let found = |variant: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
        command.args(["verify-mapping", "bpf-ppc64", "bpf-arm64-lse"]).args(variant);
        let output = command.arg("BPF-R+fetch+rel.litmus").current_dir(&tests).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let words = text.lines().take(2).map(|line| line.split(' ').next().unwrap_or_default().to_owned());
        words.collect::<Vec<String>>()
    };
    assert_eq!(found(&[]), ["sound", "sound"]);
    let with_variant = found(&["--source-variant", "bpf-mca"]);
    assert_eq!(with_variant, ["broken", "sound"]);
}

#[test]
fn mappings_that_variants_break() {
    check(
        &[
            "variants",
            "--model",
            "bpf",
            "--mappings",
            "bpf-x86-64,bpf-arm64-llsc,bpf-ppc64",
            "--rows",
            "1",
            "bpf",
        ],
        &expect![[r#"
            ┌───────────────┬──────┬───────────┬─────────────────┬───────────┬────────────────────┬────────────────┬─────────┐
            │ Test          ┆ Size ┆ bpf       ┆ bpf-failed-full ┆ bpf-rcsc  ┆ bpf-failed-acquire ┆ bpf-no-addr-po ┆ bpf-mca │
            ╞═══════════════╪══════╪═══════════╪═════════════════╪═══════════╪════════════════════╪════════════════╪═════════╡
            │ BPF-2+2W+rels ┆    6 ┆ Sometimes ┆ Sometimes       ┆ Sometimes ┆ Sometimes          ┆ Sometimes      ┆ Never   │
            └───────────────┴──────┴───────────┴─────────────────┴───────────┴────────────────────┴────────────────┴─────────┘
            tests that tell something apart: 15 of 95
            shown: the smallest, 1 (--rows 0 shows all)
            * other outcomes differ than the one that the test asks about

            bpf-failed-full against bpf: forbids more in 2 tests, allows more in 0
              smallest: BPF-MP+rel+failed-cmpxchg (bpf/BPF-MP+rel+failed-cmpxchg.litmus)
              only bpf: 1:r0=1; 1:r3=0;
              breaks bpf-arm64-llsc: 2 tests, the smallest BPF-MP+rel+failed-cmpxchg
              keep it: bpf-x86-64, bpf-ppc64

            bpf-rcsc against bpf: forbids more in 2 tests, allows more in 0
              smallest: BPF-SB+rel-acqs (bpf/BPF-SB+rel-acqs.litmus)
              only bpf: 0:r1=0; 1:r1=0;
              breaks bpf-x86-64: 1 test, the smallest BPF-SB+rel-acqs
              breaks bpf-ppc64: 1 test, the smallest BPF-SB+rel-acqs
              keep it: bpf-arm64-llsc

            bpf-failed-acquire against bpf: forbids more in 1 test, allows more in 0
              smallest: BPF-MP+rel+failed-cmpxchg (bpf/BPF-MP+rel+failed-cmpxchg.litmus)
              only bpf: 1:r0=1; 1:r3=0;
              breaks bpf-arm64-llsc: 1 test, the smallest BPF-MP+rel+failed-cmpxchg
              keep it: bpf-x86-64, bpf-ppc64

            bpf-no-addr-po against bpf: forbids more in 0 tests, allows more in 3
              smallest: BPF-LB+addr-po+data (bpf/BPF-LB+addr-po+data.litmus)
              only bpf-no-addr-po: 0:r1=1; 1:r1=1;
              breaks no mapping

            bpf-mca against bpf: forbids more in 9 tests, allows more in 0
              smallest: BPF-2+2W+rels (bpf/BPF-2+2W+rels.litmus)
              only bpf: [x]=2; [y]=2;
              breaks bpf-ppc64: 6 tests, the smallest BPF-R+fetch+rel
              keep it: bpf-x86-64, bpf-arm64-llsc
            status 0
        "#]],
    );
    check(
        &["variants", "--model", "bpf", "--mappings", "bpf-ppc65", "bpf"],
        &expect![[r#"
        error[input::not-found]: there is no file `bpf-ppc65`
        --> bpf-ppc65

        status 2
    "#]],
    );
}
