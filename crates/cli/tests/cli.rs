//! The commands, from outside: what they print, where, and how they end.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(data());
    for name in ["HERDLIB", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    command(PROGRAM, arguments).stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

/// Everything that a command says, for a snapshot. Times are cut off.
fn transcript(arguments: &[&str]) -> String {
    let output = run(arguments);
    let timeless = |text: String| {
        let cut = |line: &str| match line.strip_prefix("Time ") {
            Some(rest) => format!("Time {} …", rest.split(' ').next().unwrap_or("")),
            None => line.to_owned(),
        };
        text.lines().map(cut).collect::<Vec<_>>().join("\n")
    };
    format!(
        "$ turnsole {}\n{}\n--- standard error\n{}\n--- status {}",
        arguments.join(" "),
        timeless(stdout(&output)),
        stderr(&output).trim_end(),
        code(&output).unwrap_or(-1)
    )
}

/// A folder of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let root = std::env::temp_dir().join(format!("turnsole-cli-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        Scratch(root)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn run_prints_what_herd_prints() {
    insta::assert_snapshot!(transcript(&["run", "folder"]));
}

#[test]
fn run_prints_other_formats() {
    insta::assert_snapshot!(
        "json",
        transcript(&["run", "--format", "json", "folder/SB.litmus", "syntax.litmus"])
    );
    insta::assert_snapshot!(
        "ndjson",
        transcript(&["run", "--format", "ndjson", "folder/SB.litmus", "loop.litmus"])
    );
    insta::assert_snapshot!(
        "table",
        transcript(&["run", "--format", "table", "folder", "loop.litmus", "syntax.litmus"])
    );
}

#[test]
fn the_engine_that_answers_is_named() {
    let answer = |arguments: &[&str]| -> serde_json::Value {
        let arguments = [&["run", "--format", "ndjson", "folder/SB.litmus"], arguments].concat();
        serde_json::from_slice(&run(&arguments).stdout).unwrap()
    };
    let counted = answer(&[]);
    for (arguments, engine, asked, states) in [
        (&["--outcomes"][..], "enumerate", "outcomes", 4),
        (&["--engine", "symbolic"][..], "symbolic", "outcomes", 4),
        (&["--verdict", "--engine", "symbolic"][..], "symbolic", "verdict", 2),
        (&["--verdict", "--engine", "reference"][..], "reference", "verdict", 2),
    ] {
        let found = answer(arguments);
        assert_eq!((&found["engine"], &found["asked"]), (&engine.into(), &asked.into()), "{arguments:?}");
        assert!(!found["engine_reason"].as_str().unwrap_or("").is_empty());
        assert_eq!(found["states"].as_array().map(Vec::len), Some(states));
        assert_eq!(
            (&found["verdict"], &found["observation"]),
            (&counted["verdict"], &counted["observation"])
        );
    }
}

#[test]
fn json_is_json() {
    let output = run(&["run", "--format", "json", "folder", "syntax.litmus", "binary.litmus", "loop.litmus"]);
    let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let tests = value["tests"].as_array().unwrap();
    let word = |at: usize, key: &str| tests[at][key].as_str().unwrap_or("").to_owned();
    assert_eq!(value["schema_version"], 1);
    let statuses: Vec<String> = (0..tests.len()).map(|at| word(at, "status")).collect();
    assert_eq!(statuses, ["complete", "complete", "error", "error", "bounded"]);
    assert!(tests[2].get("observation").is_none(), "an error must not look like an answer");
    assert_eq!(tests[2]["diagnostics"][0]["span"]["line"], 4);
}

#[test]
fn every_bad_input_is_reported_once_and_the_others_run() {
    let inputs = [
        "binary.litmus",
        "invalid.litmus",
        "nothing.litmus",
        "missing.litmus",
        "empty",
        "@missing",
        "syntax.litmus",
        "lisa.litmus",
        "folder/SB.litmus",
    ];
    let mut arguments = vec!["run", "--format", "ndjson"];
    arguments.extend(inputs);
    let output = run(&arguments);
    assert_eq!(code(&output), Some(2));
    assert_eq!(stdout(&output).lines().count(), inputs.len());
    assert_eq!(stderr(&output).matches("error[").count(), inputs.len() - 1, "{}", stderr(&output));
    arguments[2] = "herd";
    insta::assert_snapshot!(transcript(&arguments));
}

#[test]
fn large_files_are_refused() {
    let scratch = Scratch::new("large");
    let path = scratch.path("large.litmus");
    std::fs::write(&path, vec![b' '; (4 << 20) + 1]).unwrap();
    let output = run(&["run", &path]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("error[input::too-large]"), "{}", stderr(&output));
}

#[test]
fn output_is_the_same_at_any_number_of_threads() {
    let scratch = Scratch::new("jobs");
    let names = ["folder/MP.litmus", "syntax.litmus", "folder/SB.litmus", "loop.litmus", "missing.litmus"];
    let data = data();
    let list: String =
        (0..300).map(|at| format!("{}\n", data.join(names[at * 7 % names.len()]).display())).collect();
    std::fs::write(scratch.path("@all"), list).unwrap();
    let run_with = |jobs: &str, format: &str| {
        let output = run(&["run", "-j", jobs, "--format", format, &scratch.path("@all")]);
        (stdout(&output), stderr(&output), code(&output))
    };
    for format in ["herd", "json", "table"] {
        let expected = run_with("1", format);
        assert_eq!(expected.2, Some(2));
        for jobs in ["2", "5"] {
            assert!(run_with(jobs, format) == expected, "-j {jobs} --format {format}");
        }
    }
}

#[test]
fn limits_have_their_own_status() {
    insta::assert_snapshot!(transcript(&["run", "loop.litmus"]));
    assert_eq!(code(&run(&["run", "loop.litmus", "syntax.litmus"])), Some(2));
}

#[test]
fn loops_that_only_wait_are_not_cut() {
    let ended = |arguments: &[&str]| (code(&run(arguments)), stdout(&run(arguments)).contains("\nLoop "));
    assert_eq!(ended(&["run", "wait.litmus"]), (Some(0), false));
    assert_eq!(ended(&["run", "--no-await", "wait.litmus"]), (Some(3), true));
    assert_eq!(ended(&["herd7", "wait.litmus"]), (Some(0), true));
    assert_eq!(ended(&["herd7", "-variant", "await", "wait.litmus"]), (Some(0), false));
}

#[test]
fn tests_come_from_standard_input() {
    let text = std::fs::read(data().join("folder/SB.litmus")).unwrap();
    let mut child =
        command(PROGRAM, &["run", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output), stdout(&run(&["run", "folder/SB.litmus"])));
}

#[test]
fn who_stops_reading_has_seen_enough() {
    let mut child = command(PROGRAM, &["run", "folder"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn colours_can_be_forced_and_forbidden() {
    let escape = |when: &str| {
        let output = run(&["run", "--color", when, "--format", "table", "syntax.litmus", "folder"]);
        (output.stdout.contains(&0x1b), output.stderr.contains(&0x1b))
    };
    assert_eq!(escape("always"), (true, true));
    assert_eq!(escape("never"), (false, false));
    assert_eq!(escape("auto"), (false, false));
}

#[test]
fn wrong_command_lines_are_refused() {
    for arguments in
        [&["run"][..], &["run", "--no-such-option", "x"], &["nothing"], &["run", "--timeout", "-1", "x"]]
    {
        let output = run(arguments);
        assert_eq!((code(&output), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
    let output = run(&["--help"]);
    assert_eq!(code(&output), Some(0));
    assert!(stdout(&output).contains("Exit status:"));
}

#[test]
fn wrong_models_are_said_before_any_test() {
    let output = run(&["run", "--model", "no-such-model.cat", "folder"]);
    assert_eq!((code(&output), output.stdout.len()), (Some(2), 0));
    assert!(stderr(&output).contains("no-such-model.cat"), "{}", stderr(&output));
}

#[test]
fn check_compares_with_what_tests_say() {
    insta::assert_snapshot!("check", transcript(&["check", "folder", "wrong.litmus", "loop.litmus"]));
    insta::assert_snapshot!("check verbose", transcript(&["check", "--verbose", "folder", "binary.litmus"]));
    assert_eq!(code(&run(&["check", "folder"])), Some(0));
    assert_eq!(code(&run(&["check", "loop.litmus"])), Some(2), "nothing was checked");
}

#[test]
fn check_compares_with_kinds() {
    insta::assert_snapshot!(transcript(&["check", "--kinds", "kinds.txt", "folder"]));
}

#[test]
fn check_compares_with_logs() {
    let scratch = Scratch::new("log");
    let log = scratch.path("log");
    std::fs::write(&log, run(&["run", "folder"]).stdout).unwrap();
    let check = |log: &str| run(&["check", "--expect-log", log, "folder"]);
    assert_eq!(code(&check(&log)), Some(0));
    let changed = std::fs::read_to_string(&log).unwrap().replace("Sometimes 1 3", "Sometimes 1 4");
    std::fs::write(&log, changed).unwrap();
    let output = check(&log);
    assert_eq!(code(&output), Some(1));
    assert!(stdout(&output).contains("executions: expected 1 : 4, found 1 : 3"), "{}", stdout(&output));
}

#[test]
fn check_writes_junit() {
    let scratch = Scratch::new("junit");
    let path = scratch.path("results.xml");
    assert_eq!(code(&run(&["check", "--quiet", "--junit", &path, "folder", "wrong.litmus"])), Some(1));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("tests=\"5\" failures=\"1\" errors=\"0\""), "{text}");
}

#[test]
fn models_are_listed_and_printed() {
    assert!(stdout(&run(&["models"])).contains("sc.cat"));
    assert_eq!(stdout(&run(&["models", "sc", "--print"])), stdout(&run(&["models", "sc.cat", "--print"])));
    let output = run(&["models", "aarch46.cat"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("did you mean `aarch64.cat`?"), "{}", stderr(&output));
}

#[test]
fn printed_models_can_be_loaded() {
    let scratch = Scratch::new("models");
    let path = scratch.path("own.cat");
    std::fs::write(&path, run(&["models", "sc.cat", "--print"]).stdout).unwrap();
    let answer = |model: &str| stdout(&run(&["run", "--model", model, "folder"]));
    assert_eq!(answer(&path), answer("sc.cat"));
}

#[test]
fn codes_are_explained() {
    let output = run(&["explain", "input::too-large"]);
    assert_eq!(code(&output), Some(0));
    assert!(stdout(&output).starts_with("input::too-large\n\n"));
    assert_eq!(code(&run(&["explain", "input::to-large"])), Some(2));
}

#[test]
fn completions_and_manuals_are_written() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert!(code(&output) == Some(0) && stdout(&output).contains("turnsole"), "{shell}");
    }
    let scratch = Scratch::new("man");
    assert_eq!(code(&run(&["man", &scratch.path("man1")])), Some(0));
    assert!(scratch.0.join("man1/turnsole-run.1").is_file());
    assert!(stdout(&run(&["man"])).contains(".TH turnsole 1"));
}

#[test]
fn herd7_prints_what_herd7_prints() {
    insta::assert_snapshot!("herd7", transcript(&["herd7", "-candidates", "false", "@list"]));
    insta::assert_snapshot!(
        "herd7 conf",
        transcript(&["herd7", "-conf", "sc.cfg", "folder/SB.litmus", "loop.litmus"])
    );
    insta::assert_snapshot!(
        "herd7 speedcheck",
        transcript(&["herd7", "-speedcheck", "true", "folder/SB.litmus", "folder/MP.litmus"])
    );
}

#[test]
fn herd7_stops_at_the_first_error_when_told() {
    let output = run(&["herd7", "-exit", "true", "syntax.litmus", "folder/SB.litmus"]);
    assert_eq!((code(&output), output.stdout.len()), (Some(2), 0));
}

#[test]
fn herd7_runs_a_test_once() {
    let output = run(&["herd7", "folder/SB.litmus", "folder/SB.litmus"]);
    assert_eq!((code(&output), stdout(&output).matches("Test SB").count()), (Some(0), 1));
    let scratch = Scratch::new("twice");
    let path = scratch.path("other.litmus");
    let text = std::fs::read_to_string(data().join("folder/SB.litmus")).unwrap();
    std::fs::write(&path, text.replace("exists (0:X2=0 /\\ 1:X2=0)", "exists (0:X2=0)")).unwrap();
    let output = run(&["herd7", "folder/SB.litmus", &path]);
    assert_eq!((code(&output), stdout(&output).matches("Test SB").count()), (Some(2), 1));
    assert!(
        stderr(&output)
            .contains("Different hashes for test SB (previous file folder/SB.litmus) (User error)")
    );
}

#[test]
fn herd7_selects_and_changes_tests() {
    let scratch = Scratch::new("select");
    let write = |name: &str, text: &str| {
        std::fs::write(scratch.0.join(name), text).unwrap();
        scratch.path(name)
    };
    let tests = ["folder/SB.litmus", "folder/MP.litmus"];
    let herd = |options: &[&str]| stdout(&run(&[&["herd7"], options, &tests].concat()));
    let firsts =
        |text: String| text.lines().filter(|line| line.starts_with("Test ")).collect::<Vec<_>>().join(", ");
    assert_eq!(firsts(herd(&["-nonames", "SB"])), "Test MP Allowed");
    assert_eq!(firsts(herd(&["-names", &write("names", "# x\nSB\n")])), "Test SB Allowed");
    assert_eq!(firsts(herd(&["-excl", &write("excl", "SB\n")])), "Test MP Allowed");
    assert_eq!(firsts(herd(&["-rename", &write("rename", "SB W+R\n")])), "Test W+R Allowed, Test MP Allowed");
    assert_eq!(
        firsts(herd(&["-kinds", &write("kinds", "SB Forbidden\n")])),
        "Test SB Forbidden, Test MP Allowed"
    );
    let conds = write("conds", "SB \"exists (0:X2=1)\"\n");
    assert!(herd(&["-conds", &conds]).contains("Condition exists (0:X2=1)\nObservation SB Sometimes 2 2"));
}

#[test]
fn herd7_knows_the_names_of_its_models() {
    let scratch = Scratch::new("names");
    let test = scratch.path("W.litmus");
    std::fs::write(&test, "X86_64 W\n{}\nP0;\nmovl $1,(x);\nforall [x]=1\n").unwrap();
    let told = |options: &[&str]| stdout(&run(&[&["herd7"], options, &[test.as_str()]].concat()));
    assert!(told(&["-model", "x86tso-mixed.cat"]).contains("Observation W Always 1 0"), "the built-in one");
    std::fs::write(scratch.path("x86tso-mixed.cat"), "X86_64 none\nempty W as no-writes\n").unwrap();
    let folder = scratch.path("");
    assert!(told(&["-set-libdir", &folder]).contains("Observation W Never 0 0"), "the installed one");
}

#[test]
fn herd7_refuses_wrong_command_lines() {
    insta::assert_snapshot!("herd7 unknown option", transcript(&["herd7", "-modle", "x"]));
    assert_eq!(code(&run(&["herd7", "-conf", "missing.cfg", "folder/SB.litmus"])), Some(2));
    assert_eq!(code(&run(&["herd7", "-model", "missing.cat", "folder/SB.litmus"])), Some(2));
    let output = run(&["herd7", "-version"]);
    assert!(stdout(&output).starts_with("7."), "scripts read the version");
    assert_eq!(code(&run(&["herd7", "-help"])), Some(0));
}

#[test]
fn herd7_reads_names_from_standard_input() {
    let mut child =
        command(PROGRAM, &["herd7"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"folder/SB.litmus\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(stdout(&output).starts_with("Test SB Allowed"));
}

#[cfg(unix)]
#[test]
fn the_name_of_the_program_chooses_the_command_line() {
    let scratch = Scratch::new("name");
    let link = scratch.path("herd7");
    std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
    let output = command(&link, &["-hexa", "true", "folder/SB.litmus"]).output().unwrap();
    assert!(stdout(&output).contains("0:X2=0x0; 1:X2=0x1;"), "{}", stdout(&output));
}
