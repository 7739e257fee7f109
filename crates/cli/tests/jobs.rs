//! Several threads on one large test: they print the same bytes as one.

use bench::families::{self, Family, Language};
use std::path::PathBuf;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

/// A folder of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let root = std::env::temp_dir().join(format!("turnsole-jobs-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        Scratch(root)
    }

    /// All that a command prints, without the lines that herd7 has for times, and its exit status.
    fn run(&self, arguments: &[&str]) -> (String, String, Option<i32>) {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(&self.0).env_remove("HERDLIB").stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().filter(|line| !line.starts_with("Time ")).collect::<Vec<_>>().join("\n")
        };
        (text(&output.stdout), text(&output.stderr), output.status.code())
    }

    /// Runs a test with one thread and with several.
    fn compare(&self, command: &[&str], options: &[&str], file: &str) {
        let once = |jobs: &str| self.run(&[command, &["-j", jobs], options, &[file]].concat());
        let expected = once("1");
        assert!(!expected.0.is_empty(), "{file}: {}", expected.1);
        for jobs in ["2", "3", "4"] {
            assert!(once(jobs) == expected, "{command:?} -j {jobs} {options:?} {file}");
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn large_tests_are_the_same_at_any_number_of_threads() {
    let scratch = Scratch::new("families");
    let tests = [
        (Family::StoreBuffering, Language::AArch64, 7),
        (Family::IndependentReads, Language::X86, 5),
        (Family::MessagePassing, Language::RiscV, 7),
        (Family::WritersAndReads, Language::Kernel, 7),
        (Family::Rcu, Language::Kernel, 6),
        (Family::IndependentReads, Language::C11, 5),
    ];
    for (family, language, n) in tests {
        let file = format!("{}-{n}-{}.litmus", family.name(), language.name());
        std::fs::write(scratch.0.join(&file), families::test(family, language, n).unwrap()).unwrap();
        let model = ["-m", language.model(), "--engine", "enumerate"];
        for asked in [&["--format", "json"][..], &["--outcomes"], &["--verdict", "--format", "json"]] {
            scratch.compare(&["run"], &[&model[..], asked].concat(), &file);
        }
        scratch.compare(&["run"], &[&model[..], &["--memory", "1G", "--timeout", "1000"]].concat(), &file);
        let herd = ["-model", language.model(), "-candidates", "true"];
        // herd7 has the number of threads in an option of its own.
        scratch.compare(&["herd7"], &herd, &file);
    }
}

/// A division by zero in some executions only: the first one is reported, whoever comes to it.
#[test]
fn errors_in_executions_are_the_same_at_any_number_of_threads() {
    let scratch = Scratch::new("errors");
    let thread = |number: usize| {
        format!(
            "P{number}(int *x, int *y) {{ int r0 = READ_ONCE(*x); WRITE_ONCE(*x, r0 + 1); int r1 = READ_ONCE(*y); }}\n"
        )
    };
    let threads: String = (0..4).map(thread).collect();
    let divides = "P4(int *x, int *y) { int r0 = READ_ONCE(*x); WRITE_ONCE(*y, 6 / (r0 - 2)); }\n";
    let text = format!("C errors\n{{}}\n{threads}{divides}exists (y=1)\n");
    std::fs::write(scratch.0.join("errors.litmus"), text).unwrap();
    scratch.compare(&["run"], &["--format", "json"], "errors.litmus");
}
