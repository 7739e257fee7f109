//! Bad input: one clear error with its place, the other tests still run, and the exit status says so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with bad files, between two good ones.
struct Folder(PathBuf);

const GOOD: &str = "X86 NAME\n{ }\n P0 ;\n MOV [x],$1 ;\nexists ([x]=1)\n";

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("turnsole-bad-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        folder.write("first.litmus", GOOD.replace("NAME", "first").as_bytes());
        folder.write("last.litmus", GOOD.replace("NAME", "last").as_bytes());
        folder
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }

    /// Runs the program in the folder: exit status, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
        let output = command.args(arguments).current_dir(&self.0).stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A bad test: its name, its text, the code of the error, and where it is.
type Row<'a> = (&'a str, &'a [u8], &'a str, &'a str);

fn check(folder: &Folder, (name, bytes, code, place): Row<'_>) {
    let file = format!("{name}.litmus");
    folder.write(&file, bytes);
    let (status, out, err) = folder.run(&["run", "first.litmus", &file, "last.litmus"]);
    assert_eq!(status, Some(2), "{name}: {err}");
    assert_eq!(err.matches("error[").count(), 1, "{name}: one error, not\n{err}");
    assert!(err.contains(&format!("error[{code}]")), "{name}: {err}");
    assert!(err.contains(&format!("{file}{place}")), "{name}: the place is {place}, not\n{err}");
    assert!(out.contains("Test first ") && out.contains("Test last "), "{name}: the others run\n{out}");
    let (status, out, err) = folder.run(&["herd7", "first.litmus", &file, "last.litmus"]);
    assert_eq!(status, Some(2), "{name}: herd7: {err}");
    assert!(err.contains(&file), "{name}: herd7: {err}");
    assert!(
        out.contains("Test first ") && out.contains("Test last "),
        "{name}: herd7: the others run\n{out}"
    );
}

#[test]
fn every_bad_test_is_one_error_with_its_place() {
    let binary: Vec<u8> = (0..=255).collect();
    let rows: &[Row<'_>] = &[
        ("empty", b"", "input::empty", ""),
        ("binary", &binary, "input::binary", ""),
        ("not-utf8", b"X86 T\xff\n{ }\n", "input::invalid-utf8", ":1:6"),
        ("init", b"X86 T\n{ x=0;\n", "litmus::unclosed", ":2:1"),
        ("program", b"X86 T\n{ }\n P0 ;\n MOV [x],$1 ;\n MOV", "litmus::unfinished-row", ":5:2"),
        (
            "condition",
            b"X86 T\n{ }\n P0 ;\n MOV [x],$1 ;\nexists ([x]=1 /\\",
            "litmus::unexpected-token",
            ":5:17",
        ),
        (
            "architecture",
            b"Z80 T\n{ }\n P0 ;\n NOP ;\nexists (x=1)\n",
            "litmus::unknown-architecture",
            ":1:1",
        ),
        (
            "instruction",
            b"AArch64 T\n{ 0:X1=x; }\n P0 ;\n LDR W0,[X1] ;\n LDRR W2,[X1] ;\nexists (0:X0=1)\n",
            "isa::unknown-instruction",
            ":5:2",
        ),
        ("label", b"AArch64 T\n{ x=0; }\n P0 ;\n B L9 ;\nexists (x=0)\n", "isa::undefined-label", ":4:4"),
        (
            "register",
            b"AArch64 T\n{ 0:X1=x; }\n P0 ;\n LDR W0,[X1] ;\nexists (0:X99=1)\n",
            "turnsole::unknown-register",
            ":5:9",
        ),
        (
            "thread",
            b"AArch64 T\n{ 0:X1=x; }\n P0 ;\n LDR W0,[X1] ;\nexists (7:X0=1)\n",
            "turnsole::unknown-thread",
            ":5:9",
        ),
        (
            "location",
            b"AArch64 T\n{ 0:X1=x; }\n P0 ;\n LDR W0,[X1] ;\nexists (q=1)\n",
            "turnsole::unknown-location",
            ":5:9",
        ),
    ];
    let folder = Folder::new("tests");
    for row in rows {
        check(&folder, *row);
    }
}

#[test]
fn large_tests_are_refused_or_run() {
    let folder = Folder::new("large");
    let column = |line: &str, count: usize| {
        format!("X86 T\n{{ }}\n P0 ;\n{}exists ([x]=1)\n", format!(" {line} ;\n").repeat(count))
    };
    check(&folder, ("ten-megabytes", column("MOV [x],$1", 800_000).as_bytes(), "input::too-large", ""));
    let long = column("MOV [x],$1", 100_000);
    check(&folder, ("long-thread", long.as_bytes(), "turnsole::too-many-instructions", ":3:2"));
    let nested =
        format!("X86 T\n{{ }}\n P0 ;\n MOV [x],$1 ;\nexists {}x=1{}\n", "(".repeat(9000), ")".repeat(9000));
    check(&folder, ("nested", nested.as_bytes(), "litmus::too-deep", ""));
    let remarks = format!(
        "X86 wordy\n(* {} *)\n{{ }}\n P0 ;\n MOV [x],$1 ;\nexists ([x]=1)\n",
        "word ".repeat(700_000)
    );
    folder.write("wordy.litmus", remarks.as_bytes());
    let (status, out, err) = folder.run(&["run", "wordy.litmus"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(out.contains("Observation wordy Always 1 0"), "{out}");
}

#[test]
fn missing_files_and_folders_are_errors() {
    let folder = Folder::new("missing");
    for name in ["nothing.litmus", "@nothing"] {
        let (status, out, err) = folder.run(&["run", "first.litmus", name, "last.litmus"]);
        assert_eq!(status, Some(2), "{name}: {err}");
        assert!(err.contains(name) && err.matches("error[").count() == 1, "{name}: {err}");
        assert!(out.contains("Test first ") && out.contains("Test last "), "{name}: {out}");
    }
}

#[test]
fn every_bad_model_is_an_error_that_names_it() {
    let rows = [
        ("unbound", "\"m\"\nlet a = po | nosuch\nacyclic a as b\n", "nosuch"),
        ("include", "\"m\"\ninclude \"nosuch.cat\"\nacyclic po as b\n", "nosuch.cat"),
        ("self", "\"m\"\ninclude \"self.cat\"\nacyclic po as b\n", "self.cat:2:1"),
        ("syntax", "\"m\"\nacyclic (po | rf as b\n", "syntax.cat:2:18"),
        ("type", "\"m\"\nlet f x = x\nacyclic f as b\n", ""),
        ("open", "\"m\"\n(* not closed\nacyclic po as b\n", "open.cat:2:1"),
    ];
    let folder = Folder::new("models");
    for (name, text, place) in rows {
        let file = format!("{name}.cat");
        folder.write(&file, text.as_bytes());
        let (status, out, err) = folder.run(&["run", "--model", &file, "first.litmus", "last.litmus"]);
        assert_eq!(status, Some(2), "{name}: {err}");
        assert!(err.contains("error[cat::") && err.contains(place), "{name}: {err}");
        assert!(!out.contains("Observation"), "{name}: nothing is judged under a model that is wrong\n{out}");
    }
}

/// All our tests: the same bytes at any number of threads.
#[test]
fn output_does_not_depend_on_the_number_of_threads() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/litmus");
    let folder = Folder::new("threads");
    for format in ["herd", "ndjson"] {
        let run =
            |jobs: &str| folder.run(&["run", "--format", format, "--jobs", jobs, &tests.to_string_lossy()]);
        let one = run("1");
        for jobs in ["2", "7"] {
            assert!(one == run(jobs), "--format {format} --jobs {jobs} differs from one job");
        }
    }
}
