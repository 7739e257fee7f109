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

/// Tests that blow up in one phase each, by name.
fn blown_up() -> Vec<(&'static str, String)> {
    let functions = |count: usize, parameters: &str, body: &dyn Fn(usize) -> String| -> String {
        (0..count).map(|i| format!("P{i}({parameters})\n{{\n{}}}\n", body(i))).collect()
    };
    // Orders of critical sections: as many as there are permutations.
    let locks = functions(16, "int *x, spinlock_t *l", &|_| {
        "spin_lock(l);\nint r = READ_ONCE(*x);\nWRITE_ONCE(*x, r + 1);\nspin_unlock(l);\n".to_owned()
    });
    // Values that pass through each other.
    let values = functions(40, "int *x, int *y", &|i| {
        format!(
            "int r = READ_ONCE(*x);\nWRITE_ONCE(*y, r * 3 + {i});\nint s = READ_ONCE(*y);\nWRITE_ONCE(*x, s * r);\n"
        )
    });
    // Ways through one thread.
    let ways: String =
        (0..40).map(|i| format!("int r{i} = READ_ONCE(*x);\nif (r{i} == 7)\nWRITE_ONCE(*y, 1);\n")).collect();
    // Reads of many writes.
    let reads = functions(8, "int *x", &|i| {
        format!(
            "WRITE_ONCE(*x, {i});\nint r = READ_ONCE(*x);\nint s = READ_ONCE(*x);\nint t = READ_ONCE(*x);\n"
        )
    });
    vec![
        ("locks", format!("C locks\n{{}}\n{locks}exists (x=15)\n")),
        ("values", format!("C values\n{{}}\n{values}exists (x=77)\n")),
        ("ways", format!("C many-ways\n{{}}\nP0(int *x, int *y)\n{{\n{ways}}}\nexists (y=1)\n")),
        ("reads", format!("C reads\n{{}}\n{reads}exists (0:r=1 /\\ 1:r=2 /\\ x=7)\n")),
    ]
}

/// A folder with the tests that blow up.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("turnsole-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in blown_up() {
            std::fs::write(folder.join(format!("{name}.litmus")), text).unwrap();
        }
        Folder(folder)
    }

    fn paths(&self) -> Vec<String> {
        let path =
            |(name, _): &(&str, String)| self.0.join(format!("{name}.litmus")).to_string_lossy().into();
        blown_up().iter().map(path).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_engine_stops_in_time_and_the_other_tests_go_on() {
    let folder = Folder::new("in-time");
    let paths = folder.paths();
    let asked: [&[&str]; 5] = [
        &[],
        &["--verdict"],
        &["--engine", "reference"],
        &["--engine", "symbolic", "--verdict"],
        &["--engine", "symbolic", "--outcomes"],
    ];
    for asked in asked {
        let start = Instant::now();
        let options = ["run", "-m", "linux-kernel", "-j", "2", "--timeout", "0.1"];
        let mut tests: Vec<&str> = vec!["small.litmus"];
        tests.extend(paths.iter().map(String::as_str));
        tests.push("small.litmus");
        let output = run(&[&options, asked, &tests].concat());
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(3), "{asked:?}: {err}");
        assert_eq!(out.matches("Test small").count(), 2, "{asked:?}: {out}");
        assert!(err.contains("given up, it took too long"), "{asked:?}: {err}");
        // Other programs may run, and this one is slow; but none of the tests would end within hours.
        assert!(start.elapsed() < Duration::from_secs(60), "{asked:?}");
    }
}

#[test]
fn every_engine_stops_when_there_is_too_little_memory() {
    let folder = Folder::new("in-memory");
    let paths = folder.paths();
    for engine in ["enumerate", "reference", "symbolic"] {
        let options = ["run", "-m", "linux-kernel", "--engine", engine, "--memory", "100K"];
        let tests: Vec<&str> = paths.iter().map(String::as_str).chain(["small.litmus"]).collect();
        let output = run(&[&options[..], &["--timeout", "20"], &tests].concat());
        let err = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{engine}: {err}");
        assert!(text(&output.stdout).contains("Test small"), "{engine}");
        assert!(err.contains("it would take more memory than 100K"), "{engine}: {err}");
    }
}
