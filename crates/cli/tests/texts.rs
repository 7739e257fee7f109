//! `compare`, `fmt` and `convert`, from outside: what they print, where, and how they end.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(data());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).stdin(Stdio::null()).output().unwrap()
}

fn run_with(arguments: &[&str], input: &str) -> Output {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn transcript(arguments: &[&str]) -> String {
    let output = run(arguments);
    format!(
        "$ turnsole {}\n{}\n--- standard error\n{}\n--- status {}",
        arguments.join(" "),
        stdout(&output).trim_end(),
        String::from_utf8_lossy(&output.stderr).trim_end(),
        code(&output).unwrap_or(-1)
    )
}

/// A folder of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let root = std::env::temp_dir().join(format!("turnsole-texts-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).unwrap();
        Scratch(root)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A copy of a file of the data.
    fn copy(&self, name: &str) -> String {
        let path = self.path(name.rsplit('/').next().unwrap());
        std::fs::copy(data().join(name), &path).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn compare() {
    let runs: [&[&str]; 8] = [
        &["compare", "logs/model.log", "logs/machine.log"],
        &["compare", "logs/model.log", "logs/model.log"],
        &["compare", "logs/model.log", "logs/machine.log", "--only", "negative"],
        &[
            "compare",
            "logs/model.log",
            "logs/machine.log",
            "--common",
            "--columns",
            "states",
            "--titles",
            "M,H",
            "--color",
            "always",
        ],
        &["compare", "logs/model.log", "logs/machine.log", "--format", "csv", "--all"],
        &["compare", "logs/model.log", "logs/machine.log", "--list"],
        &["compare", "logs/model.log", "logs/cut.log", "--summary"],
        &["compare", "logs/model.log", "--cond"],
    ];
    let all: Vec<String> = runs.iter().map(|arguments| transcript(arguments)).collect();
    insta::assert_snapshot!("compare", all.join("\n\n"));
}

#[test]
fn compare_refuses_what_is_no_log() {
    let runs: [&[&str]; 5] = [
        &["compare", "logs/model.log", "logs/no.log"],
        &["compare", "logs/model.log", "logs/missing.log"],
        &["compare", "logs/model.log", "binary.litmus"],
        &["compare", "logs/model.log"],
        &["compare", "logs/model.log", "logs/model.log", "--titles", "A"],
    ];
    let all: Vec<String> = runs.iter().map(|arguments| transcript(arguments)).collect();
    insta::assert_snapshot!("compare bad input", all.join("\n\n"));
}

#[test]
fn compare_reads_what_run_writes() {
    let scratch = Scratch::new("compare");
    let mut logs = Vec::new();
    for (format, model) in
        [("herd", "sc.cat"), ("json", "sc.cat"), ("ndjson", "sc.cat"), ("herd", "aarch64.cat")]
    {
        let output = run(&["run", "--any-arch", "--model", model, "--format", format, "folder"]);
        let path = scratch.path(&format!("{model}.{format}"));
        std::fs::write(&path, &output.stdout).unwrap();
        logs.push(path);
    }
    let same = run(&["compare", "--level", "counts", &logs[0], &logs[1], &logs[2]]);
    assert_eq!(code(&same), Some(0), "{}", stdout(&same));
    let (pos, neg, eq) = (scratch.path("pos"), scratch.path("neg"), scratch.path("eq"));
    let different =
        run(&["compare", "--quiet", &logs[0], &logs[3], "--pos", &pos, "--neg", &neg, "--eq", &eq]);
    assert_eq!((code(&different), stdout(&different)), (Some(1), String::new()));
    let lists = [pos, neg, eq].map(|path| std::fs::read_to_string(path).unwrap());
    assert_eq!(lists, ["SB\n", "", "MP\n"]);
    let sum = run(&["compare", "--sum", &logs[0], &logs[3]]);
    std::fs::write(scratch.path("sum"), &sum.stdout).unwrap();
    let more = run(&["compare", &logs[3], &scratch.path("sum")]);
    assert_eq!(code(&more), Some(0), "{}", stdout(&more));
    let input = std::fs::read_to_string(&logs[0]).unwrap();
    assert_eq!(code(&run_with(&["compare", "-", &logs[0]], &input)), Some(0));
}

#[test]
fn fmt() {
    let scratch = Scratch::new("fmt");
    let (test, model) = (scratch.copy("format/messy.litmus"), scratch.copy("format/messy.cat"));
    let c = scratch.copy("format/c.litmus");
    let check = run(&["fmt", "--check", &test, &model, &c]);
    assert_eq!((code(&check), stdout(&check)), (Some(1), format!("{test}\n{model}\n")));
    assert_eq!(code(&run(&["fmt", &test, &model, &c])), Some(0));
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    insta::assert_snapshot!("fmt", format!("{}\n{}\n{}", read(&test), read(&model), read(&c)));
    let again = run(&["fmt", "--check", &test, &model, &c]);
    assert_eq!((code(&again), stdout(&again)), (Some(0), String::new()));
}

#[test]
fn fmt_of_the_standard_input() {
    let test = std::fs::read_to_string(data().join("format/messy.litmus")).unwrap();
    let output = run_with(&["fmt", "-"], &test);
    assert_eq!(
        (code(&output), stdout(&output).lines().nth(7)),
        (Some(0), Some(" MOV W0,#1   | MOV W0,#1   ;"))
    );
    assert_eq!(code(&run_with(&["fmt", "--check", "-"], &test)), Some(1));
    let model = run_with(&["fmt", "-"], "\"m\"\nlet a=b|c");
    assert_eq!((code(&model), stdout(&model)), (Some(0), "\"m\"\nlet a = b | c\n".to_owned()));
}

#[test]
fn fmt_leaves_what_is_wrong() {
    insta::assert_snapshot!(
        "fmt bad input",
        transcript(&["fmt", "format/broken.cat", "format/broken.litmus", "missing.cat"])
    );
}

#[test]
fn convert() {
    let all: Vec<String> = ["html", "latex", "markdown"]
        .iter()
        .map(|target| transcript(&["convert", "--to", target, "folder/SB.litmus", "format/c.litmus"]))
        .collect();
    insta::assert_snapshot!("convert", all.join("\n\n"));
    let page = stdout(&run(&["convert", "--to", "html", "--standalone", "folder"]));
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    let document = stdout(&run(&["convert", "--to", "latex", "--standalone", "folder"]));
    assert!(document.contains("\\begin{document}") && document.ends_with("\\end{document}\n"));
    assert_eq!(code(&run(&["convert", "--to", "html", "format/broken.litmus"])), Some(2));
}
