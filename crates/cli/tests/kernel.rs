//! What the Linux kernel's scripts rely on, and the command that does the same as they.
//!
//! They run `herd7 -conf linux-kernel.cfg TEST` in the folder of the memory model, with both streams into one file, and
//! look into that file for `Observation` lines (the third word), for a line `Flag data-race`, for `: Unknown macro NAME
//! (User error)`, and for what `time` says of the exit status.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

/// A folder of its own for a test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, files: &[(&str, &str)]) -> Scratch {
        let root = std::env::temp_dir().join(format!("turnsole-kernel-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        for (file, text) in files {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Scratch(root)
    }

    /// Runs the program under another name, in a folder.
    fn run_as(&self, name: &str, arguments: &[&str], folder: &str) -> Output {
        let link = self.0.join(name);
        if !link.exists() {
            std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
        }
        let mut command = Command::new(link);
        command.args(arguments).current_dir(self.0.join(folder)).env_remove("HERDLIB");
        command.stdin(Stdio::null()).output().unwrap()
    }

    fn run(&self, arguments: &[&str], folder: &str) -> Output {
        self.run_as("turnsole", arguments, folder)
    }

    /// What the scripts find in the file, and the exit status.
    fn herd7(&self, arguments: &[&str], folder: &str) -> (String, Option<i32>) {
        let output = self.run_as("herd7", arguments, folder);
        (text(&output.stdout) + &text(&output.stderr), output.status.code())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const MP: &str = "C MP

(*
 * Result: Never
 *)

{}

P0(int *x, int *y)
{
	WRITE_ONCE(*x, 1);
	smp_store_release(y, 1);
}

P1(int *x, int *y)
{
	int r0;
	int r1;

	r0 = smp_load_acquire(y);
	r1 = READ_ONCE(*x);
}

exists (1:r0=1 /\\ 1:r1=0)
";

const RACE: &str = "C race

(*
 * Result: Always DATARACE
 *)

{}

P0(int *x)
{
	*x = 1;
}

P1(int *x)
{
	int r0;

	r0 = *x;
}

exists (1:r0=1)
";

const DEADLOCK: &str = "C deadlock

(* Result: DEADLOCK *)

{}

P0(spinlock_t *l)
{
	spin_lock(l);
	spin_lock(l);
}

exists (true)
";

const UNKNOWN: &str = "C unknown

(* Result: Never *)

{}

P0(int *x)
{
	smp_no_such_thing(x);
}

exists (x=1)
";

/// A model that allows everything, by the name of the kernel's.
const ALLOWING: &[(&str, &str)] = &[
    (
        "linux-kernel.cfg",
        "macros linux-kernel.def\nbell linux-kernel.bell\nmodel linux-kernel.cat\ngraph columns\n",
    ),
    (
        "linux-kernel.def",
        "READ_ONCE(X) __load{once}(X)\nWRITE_ONCE(X,V) { __store{once}(X,V); }\nsmp_load_acquire(X) __load{acquire}(*X)\nsmp_store_release(X,V) { __store{release}(*X,V); }\n",
    ),
    (
        "linux-kernel.bell",
        "enum Accesses = 'once || 'acquire || 'release\ninstructions R[Accesses]\ninstructions W[Accesses]\n",
    ),
    (
        "linux-kernel.cat",
        "\"Allowing\"\ninclude \"cos.cat\"\nflag ~empty Once & Release as never\nacyclic po-loc | rf | fr | co\n",
    ),
];

fn allowing(folder: &str) -> Vec<(String, &'static str)> {
    ALLOWING.iter().map(|(name, text)| (format!("{folder}{name}"), *text)).collect()
}

fn with<'a>(own: &'a [(String, &'static str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    own.iter().map(|(name, text)| (name.as_str(), *text)).chain(more.iter().copied()).collect()
}

/// The words of the only line that begins so.
fn line<'a>(out: &'a str, start: &str) -> Vec<&'a str> {
    let mut lines = out.lines().filter(|line| line.starts_with(start));
    let found = lines.next().unwrap_or_else(|| panic!("no {start} in {out}"));
    assert!(lines.next().is_none(), "{out}");
    found.split(' ').collect()
}

#[test]
fn built_in_files_serve_where_there_is_no_kernel() {
    let scratch = Scratch::new("built-in", &[("MP.litmus", MP)]);
    let (out, status) = scratch.herd7(&["-conf", "linux-kernel.cfg", "MP.litmus"], "");
    assert_eq!(line(&out, "Observation"), ["Observation", "MP", "Never", "0", "3"], "{out}");
    assert_eq!(status, Some(0));
    for arguments in [
        &["run", "--model", "linux-kernel", "MP.litmus"][..],
        &["run", "--model", "linux-kernel", "--variant", "lkmmv1", "MP.litmus"],
        &["run", "--conf", "linux-kernel.cfg", "MP.litmus"],
    ] {
        let run = scratch.run(arguments, "");
        assert_eq!(line(&text(&run.stdout), "Observation")[2], "Never");
        assert_eq!(text(&run.stderr), "");
    }
    let print = scratch.run(&["models", "linux-kernel.def", "--print"], "");
    assert!(text(&print.stdout).contains("smp_mb__after_spinlock"));
}

#[test]
fn files_of_the_current_folder_come_first() {
    let own = allowing("k/");
    let scratch = Scratch::new("own", &with(&own, &[("k/MP.litmus", MP)]));
    let (out, status) = scratch.herd7(&["-conf", "linux-kernel.cfg", "MP.litmus"], "k");
    assert_eq!(line(&out, "Observation"), ["Observation", "MP", "Sometimes", "1", "3"], "{out}");
    assert_eq!(status, Some(0));
    // From elsewhere, by the name of the file: what it names is beside it.
    let (out, _) = scratch.herd7(&["-conf", "k/linux-kernel.cfg", "k/MP.litmus"], "");
    assert_eq!(line(&out, "Observation")[2], "Sometimes", "{out}");
    let (out, _) = scratch.herd7(&["-I", "k", "-conf", "linux-kernel.cfg", "k/MP.litmus"], "");
    assert_eq!(line(&out, "Observation")[2], "Sometimes", "{out}");
}

#[test]
fn the_output_has_only_lines_that_scripts_know() {
    let scratch = Scratch::new("lines", &[("MP.litmus", MP), ("race.litmus", RACE)]);
    let output = scratch.run_as("herd7", &["-conf", "linux-kernel.cfg", "MP.litmus", "race.litmus"], "");
    assert_eq!(text(&output.stderr), "");
    let known = [
        "Test ",
        "States ",
        "1:r0=",
        "Ok",
        "No",
        "Witnesses",
        "Positive: ",
        "Flag ",
        "Condition ",
        "Observation ",
        "Time ",
        "Hash=",
    ];
    for line in text(&output.stdout).lines().filter(|line| !line.is_empty()) {
        assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
    }
}

#[test]
fn data_races_are_flagged_on_a_line_of_their_own() {
    let scratch = Scratch::new("race", &[("race.litmus", RACE)]);
    let (out, status) = scratch.herd7(&["-conf", "linux-kernel.cfg", "race.litmus"], "");
    assert!(out.lines().any(|line| line == "Flag data-race"), "{out}");
    assert_eq!(line(&out, "Observation")[2], "Sometimes");
    assert_eq!(status, Some(0));
}

#[test]
fn a_deadlock_is_no_execution() {
    let scratch = Scratch::new("deadlock", &[("deadlock.litmus", DEADLOCK)]);
    let (out, _) = scratch.herd7(&["-conf", "linux-kernel.cfg", "deadlock.litmus"], "");
    assert_eq!(line(&out, "Observation"), ["Observation", "deadlock", "Never", "0", "0"]);
}

#[test]
fn unknown_macros_are_said_in_herds_words() {
    let scratch = Scratch::new("unknown", &[("unknown.litmus", UNKNOWN)]);
    let (out, _) = scratch.herd7(&["-conf", "linux-kernel.cfg", "unknown.litmus"], "");
    assert_eq!(
        out,
        "Warning: File \"unknown.litmus\", line 9, characters 1-18: Unknown macro smp_no_such_thing (User error)\n"
    );
}

#[test]
fn who_is_killed_by_a_timeout_says_nothing() {
    // Without arguments, names of tests are read from standard input: here for longer than allowed.
    let scratch = Scratch::new("timeout", &[]);
    let link = scratch.0.join("herd7");
    std::fs::create_dir_all(&scratch.0).unwrap();
    std::os::unix::fs::symlink(PROGRAM, &link).unwrap();
    let run = Command::new("timeout").arg("0.2").arg(link).stdin(Stdio::piped()).output_while_open();
    let Some(output) = run else { return };
    assert_eq!(output.status.code(), Some(124));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}

trait WhileOpen {
    /// The output, with standard input open until the end. Nothing where there is no such program.
    fn output_while_open(&mut self) -> Option<Output>;
}

impl WhileOpen for Command {
    fn output_while_open(&mut self) -> Option<Output> {
        let mut child = self.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take();
        let status = child.wait().ok()?;
        drop(input);
        let output = child.wait_with_output().ok()?;
        Some(Output { status, ..output })
    }
}

#[test]
fn tests_in_c_are_selected() {
    let scratch = Scratch::new("select", &[("MP.litmus", MP), ("a.litmus", "AArch64 A\n")]);
    let output = scratch.run_as("mselect7", &["-arch", "C", "a.litmus", "MP.litmus", "none.litmus"], "");
    assert_eq!(text(&output.stdout), "MP.litmus\n");
}

#[test]
fn check_does_what_the_scripts_do() {
    let wrong = MP.replace("C MP", "C wrong").replace("Never", "Sometimes");
    let unannounced = RACE.replace(" DATARACE", "").replace("Always", "Sometimes");
    let not_there = MP.replace("Never", "Never DATARACE");
    let no_deadlock = MP.replace("Never", "DEADLOCK");
    let not_never = DEADLOCK.replace("DEADLOCK", "Never");
    let maybe = MP.replace("Never", "Maybe");
    let scratch = Scratch::new(
        "check",
        &[
            ("t/1.litmus", MP),
            ("t/2.litmus", RACE),
            ("t/3.litmus", DEADLOCK),
            ("t/4.litmus", &wrong),
            ("t/5.litmus", &unannounced),
            ("t/6.litmus", &not_there),
            ("t/7.litmus", &no_deadlock),
            ("t/8.litmus", &not_never),
            ("t/9.litmus", &maybe),
            ("t/lisa.litmus", "LISA L\n{}\n P0 ;\n r[] r1 x ;\nexists (0:r1=0)\n"),
            ("t/untold.litmus", &MP.replace("Result", "Remark")),
        ],
    );
    let output = scratch.run(&["check", "--kernel", "t", "--junit", "j.xml", "--verbose"], "");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    let words: Vec<&str> =
        out.lines().filter(|line| line.contains("(Result)")).map(|line| &line[..4]).collect();
    assert_eq!(words, ["pass", "forg", "pass", "fail", "fail", "fail", "fail", "fail", "pass"], "{out}");
    insta::assert_snapshot!(out);
    let table = scratch.run(&["check", "--kernel", "t", "--format", "table"], "");
    insta::assert_snapshot!("table", text(&table.stdout));
    let junit = std::fs::read_to_string(scratch.0.join("j.xml")).unwrap();
    assert!(junit.contains("tests=\"9\" failures=\"5\" errors=\"0\""), "{junit}");
    assert_eq!(scratch.run(&["check", "--kernel", "t/1.litmus", "t/3.litmus"], "").status.code(), Some(0));
}

#[test]
fn an_unknown_macro_is_an_error_with_a_place() {
    let scratch = Scratch::new("check-unknown", &[("unknown.litmus", UNKNOWN)]);
    let output = scratch.run(&["check", "--kernel", "unknown.litmus"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("unknown.litmus:9:2"), "{}", text(&output.stderr));
}

#[test]
fn a_kernel_tree_has_model_and_tests() {
    let own = allowing("linux/tools/memory-model/");
    let tests = [("linux/tools/memory-model/litmus-tests/MP.litmus", MP), ("MP.litmus", MP)];
    let scratch = Scratch::new("tree", &with(&own, &tests));
    let run = scratch.run(&["run", "--kernel-tree", "linux", "MP.litmus"], "");
    assert_eq!(line(&text(&run.stdout), "Observation")[2], "Sometimes", "{}", text(&run.stderr));
    // Without tests, its own.
    let check = scratch.run(&["check", "--kernel", "--kernel-tree", "linux"], "");
    assert_eq!(check.status.code(), Some(1), "{}", text(&check.stderr));
    for arguments in [
        &["--kernel-tree", "linux", "MP.litmus"][..],
        &["-kernel-tree", "linux/tools/memory-model", "MP.litmus"],
        &["-I", "linux", "-conf", "linux-kernel.cfg", "MP.litmus"],
    ] {
        let (out, status) = scratch.herd7(arguments, "");
        assert_eq!(line(&out, "Observation")[2], "Sometimes", "{arguments:?} {out}");
        assert_eq!(status, Some(0));
    }
    // The folder of the model, and a relative path to the model itself.
    let folder = "linux/tools/memory-model";
    for arguments in [
        &["run", "--kernel-tree", ".", "litmus-tests/MP.litmus"][..],
        &["run", "-I", "../..", "--model", "linux-kernel", "litmus-tests/MP.litmus"],
        &["run", "--model", "linux-kernel", "litmus-tests/MP.litmus"],
        &["run", "--conf", "linux-kernel.cfg", "litmus-tests/MP.litmus"],
        &["run", "--model", "./linux-kernel.cat", "litmus-tests/MP.litmus"],
    ] {
        let run = scratch.run(arguments, folder);
        assert_eq!(
            line(&text(&run.stdout), "Observation")[2],
            "Sometimes",
            "{arguments:?} {}",
            text(&run.stderr)
        );
    }
    let wrong = scratch.run(&["run", "--kernel-tree", "linux/tools", "MP.litmus"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("there is no memory model in `linux/tools`"));
    assert!(Path::new(PROGRAM).is_absolute());
}

/// Without a model's name, the functions that a test calls say which C it is.
#[test]
fn the_kernels_c_is_recognised() {
    let mixed = MP.replace("smp_store_release(y, 1)", "atomic_store_explicit(y, 1, memory_order_release)");
    let c11 = "C plain\n{}\nP0(int *x) { *x = 1; }\nexists (x=1)\n";
    let files = [("MP.litmus", MP), ("mixed.litmus", &mixed), ("c11.litmus", c11)];
    let scratch = Scratch::new("dialect", &files);
    let output = scratch.run(&["run", "MP.litmus", "c11.litmus", "MP.litmus", "--format", "json"], "");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    let models: Vec<&str> =
        out.split("\"model\":{\"name\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(models, ["linux-kernel.cat", "c11_partialSC.cat", "linux-kernel.cat"], "{out}");
    assert_eq!(
        err,
        "note: tests that call functions of the Linux kernel are judged under linux-kernel.cat (see --model)\n"
    );
    assert_eq!(text(&scratch.run(&["run", "-q", "MP.litmus"], "").stderr), "");
    let output = scratch.run(&["run", "mixed.litmus"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("warning[model::mixed-dialects]"), "{}", text(&output.stderr));
    // herd7 knows no such thing.
    let (out, _) = scratch.herd7(&["MP.litmus"], "");
    assert!(out.contains("Unknown macro"), "{out}");
}
