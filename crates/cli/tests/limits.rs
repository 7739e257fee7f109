//! Tests that would take too long or too much memory are given up, and the others go on.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).current_dir(data()).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_test_that_takes_too_much_memory_is_given_up_and_the_others_go_on() {
    let given_up = ["run", "-m", "linux-kernel", "--memory", "200K", "ways.litmus", "small.litmus"];
    let output = run(&given_up);
    let out = text(&output.stdout);
    assert!(!out.contains("Test ways") && out.contains("Test small"), "{out}");
    assert_eq!(
        text(&output.stderr).lines().last(),
        Some("warning: ways.litmus: ways: given up, it would take more memory than 200K")
    );
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn the_limit_is_the_same_at_any_number_of_threads() {
    let once = |jobs: &str, memory: &str| {
        let tests = ["ways.litmus", "small.litmus", "ways.litmus", "small.litmus", "ways.litmus"];
        let options = ["run", "-j", jobs, "-m", "linux-kernel", "--memory", memory];
        let output = run(&[&options[..], &["--format", "ndjson"], &tests[..]].concat());
        (text(&output.stdout), output.status.code())
    };
    for memory in ["1K", "20K", "3M", "20M", "1G"] {
        assert!(once("1", memory) == once("3", memory), "{memory}");
    }
}

#[test]
fn formats_say_which_limit_it_was() {
    let options = ["-m", "linux-kernel", "--memory", "100K", "ways.litmus"];
    let output = run(&[&["run", "-q", "--format", "ndjson"], &options[..]].concat());
    let record: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&record["status"], &record["limits"]["memory_bytes"]), (&"memory".into(), &102_400.into()));
    assert!(record["verdict"].is_null() && record["states"].is_null(), "{record}");
    let output = run(&[&["run", "-q", "--format", "table"], &options[..]].concat());
    assert!(text(&output.stdout).contains("out of memory"));
}

#[test]
fn a_check_that_takes_too_much_memory_is_unknown() {
    let output = run(&["check", "-m", "linux-kernel", "--memory", "100K", "ways.litmus"]);
    let out = text(&output.stdout);
    assert!(out.starts_with("unknown") && out.contains("it would take more memory than 100K"), "{out}");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn time_is_looked_at_while_threads_are_unfolded() {
    let start = Instant::now();
    // 2^40 ways through one thread.
    let branches: String =
        (0..40).map(|i| format!("int r{i} = READ_ONCE(*x);\nif (r{i} == 7)\nWRITE_ONCE(*y, 1);\n")).collect();
    let test = format!("C T\n{{}}\nP0(int *x, int *y)\n{{\n{branches}}}\nexists (y=1)\n");
    let file = std::env::temp_dir().join(format!("turnsole-limits-{}.litmus", std::process::id()));
    std::fs::write(&file, test).unwrap();
    let name = file.to_string_lossy();
    let output = run(&["run", "-m", "linux-kernel", "--timeout", "0.2", &name]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("it took too long"), "{}", text(&output.stderr));
    assert!(start.elapsed() < Duration::from_secs(20));
}
