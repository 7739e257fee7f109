//! `bpf`, from outside: what it prints, where, and how it ends.

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_turnsole");

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bpf-object/tests/data")
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(data());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Who does not read it may be gone.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn transcript(arguments: &[&str]) -> String {
    let output = run(arguments, b"");
    format!(
        "$ turnsole {}\n{}\n--- standard error\n{}\n--- status {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout).trim_end(),
        String::from_utf8_lossy(&output.stderr).trim_end(),
        output.status.code().unwrap_or(-1)
    )
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn groups() {
    insta::assert_snapshot!("bpf groups", transcript(&["bpf", "groups", "ring.o", "--by-function"]));
}

#[test]
fn lint() {
    insta::assert_snapshot!("bpf lint", transcript(&["bpf", "lint", "ring.o"]));
}

#[test]
fn dis() {
    insta::assert_snapshot!(
        "bpf dis",
        transcript(&["bpf", "dis", "ring.o", "--plain", "--syntax", "litmus", "--source"])
    );
}

#[test]
fn slice() {
    insta::assert_snapshot!(
        "bpf slice",
        transcript(&["bpf", "slice", "ring.o", "--threads", "send,receive"])
    );
}

/// A slice is a test that runs, and shows what the program may do.
#[test]
fn slices_run() {
    let condition = "exists (1:r2=1 /\\ 1:r1=0)";
    let arguments = ["bpf", "slice", "ring.o", "--threads", "send,receive", "--condition", condition];
    let slice = run(&arguments, b"");
    let output = run(&["run", "-"], &slice.stdout);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("Observation send+receive Sometimes 1 3"), "{text}");
    // All that the object has, with locks of RCU and calls.
    let slice = run(&["bpf", "slice", "ring.o", "--threads", "count,count"], b"");
    let output = run(&["run", "-"], &slice.stdout);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// What is written in any syntax reads back as the same instructions, with the same names.
#[test]
fn text_reads_back() {
    let list = |arguments: &[&str], input: &[u8]| {
        let output = run(&[&["bpf", "dis"], arguments].concat(), input);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = |text: &[u8]| list(&["-", "--plain", "--syntax", "litmus"], text);
    let expected = list(&["ring.o", "--plain", "--syntax", "litmus"], b"");
    for syntax in ["litmus", "llvm", "pseudoc", "gas", "kernel"] {
        let text = list(&["ring.o", "--plain", "--syntax", syntax], b"");
        assert_eq!(plain(text.as_bytes()), expected, "{syntax}");
        // A listing with bytes is a hex dump.
        let listing = list(&["ring.o", "--syntax", syntax], b"");
        let again = list(&["-", "--syntax", syntax], listing.as_bytes());
        assert_eq!(again, listing, "{syntax}");
    }
}

#[test]
fn groups_as_json() {
    let output = run(&["bpf", "groups", "ring-be.o", "--json"], b"");
    let answer = json(&output);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(answer["groups"], serde_json::json!(["base64", "atomic64"]));
    assert_eq!(answer["mcpu"], "v3");
    assert_eq!(answer["kernel"], "5.13");
    assert_eq!(answer["jits"]["x86-64"]["accepts"], "yes");
    assert_eq!(answer["functions"].as_array().unwrap().len(), 4);
    assert_eq!(answer["functions"][1]["name"], "send");
}

#[test]
fn both_answers_where_tables_disagree() {
    // r0 = *(s8 *)(r1 + 0); exit
    let output = run(&["bpf", "groups", "-", "--json"], b"9110000000000000 9500000000000000");
    let answer = json(&output);
    assert_eq!(answer["groups_by_table"]["PREVAIL"], serde_json::json!(["base64"]));
    assert_eq!(answer["groups_by_table"]["bpf_conformance"], serde_json::json!(["base32"]));
    assert_eq!(answer["disagreements"][0]["groups"]["registry"], Value::Null);
    assert_eq!(answer["mcpu"], "v4");
    assert_eq!(answer["kernel"], "6.6");
}

#[test]
fn bad_input_is_one_error_each() {
    let error = |arguments: &[&str], input: &[u8]| {
        let output = run(&[&["bpf"], arguments].concat(), input);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let object = std::fs::read(data().join("ring.o")).unwrap();
    for (arguments, input, code) in [
        (&["groups", "-"][..], &object[..1000], "bpf::bad-object"),
        (&["groups", "no-such-file"], b"", "input::not-found"),
        (&["groups", "."], b"", "input::directory"),
        (&["groups", "-"], b"", "bpf::no-code"),
        (&["groups", "-"], b"b7 00 hello", "bpf::bad-hex"),
        (&["dis", "-"], b"hello", "isa::unknown-instruction"),
        (&["dis", "-"], b"f:\n exit\nf:\n exit", "bpf::duplicate-label"),
        (&["groups", "-"], b"ff00000000000000", "bpf::invalid-opcode"),
        (&["groups", "-"], b"0500ff0000000000", "bpf::bad-jump"),
        (&["lint", "-", "--input", "raw"], b"1234567", "bpf::truncated"),
        (&["groups", "ring.o", "--function", "sent"], b"", "bpf::unknown-function"),
        (&["dis", "-"], b"f:\n r1 = r2\n r1 =\n exit", "isa::bad-operand"),
        (&["dis", "-"], b"f:\n frobnicate r1\n exit", "isa::unknown-instruction"),
        (&["dis", "-"], b"f:\n goto L\n exit", "bpf::bad-jump"),
        (&["slice", "ring.o", "--threads", "sent"], b"", "bpf::unknown-function"),
        (&["slice", "ring.o", "--threads", "send", "--condition", "exists"], b"", "litmus::"),
    ] {
        let message = error(arguments, input);
        assert_eq!(message.matches("error[").count(), 1, "{message}");
        assert!(message.contains(code), "{message}");
    }
}

/// What clang makes of C is what RFC 9669 says, at each version. Without clang, one line says so.
#[test]
fn objects_of_clang() {
    let Some(clang) =
        ["clang-22", "clang-21", "clang-20", "clang-19", "clang"].into_iter().find(|name| works(name))
    else {
        let _ = writeln!(std::io::stderr(), "objects_of_clang: no clang for BPF here; nothing is compiled");
        return;
    };
    let folder = std::env::temp_dir().join(format!("turnsole-bpf-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let source = folder.join("code.c");
    std::fs::write(&source, CODE).unwrap();
    // From LLVM 20 on, additions fetch where v3 allows it.
    for (version, kernels, groups) in [
        ("v1", &["4.16"][..], &["base64", "divmul64", "atomic64"]),
        ("v2", &["4.16"], &["base64", "divmul64", "atomic64"]),
        ("v3", &["5.1", "5.12"], &["base64", "divmul32", "atomic64"]),
        ("v4", &["6.6"], &["base64", "divmul64", "atomic64"]),
    ] {
        let object = folder.join(format!("{version}.o"));
        let flags = ["-O2", "-g", "-target", "bpf", &format!("-mcpu={version}"), "-c", "-o"];
        let done = Command::new(clang).args(flags).arg(&object).arg(&source).output().unwrap();
        if !done.status.success() && version == "v4" {
            let _ = writeln!(std::io::stderr(), "objects_of_clang: {clang} does not know v4");
            continue;
        }
        assert!(done.status.success(), "{done:?}");
        let output = run(&["bpf", "groups", object.to_str().unwrap(), "--json"], b"");
        let answer = json(&output);
        assert_eq!(output.status.code(), Some(0), "{version}");
        assert_eq!(answer["mcpu"], version);
        assert_eq!(answer["groups"], serde_json::json!(groups), "{version}");
        assert!(kernels.iter().any(|kernel| answer["kernel"] == **kernel), "{version}: {}", answer["kernel"]);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// Arithmetic, comparisons, an addition, and what only the newest version has.
const CODE: &str = "
__attribute__((noinline)) static unsigned twice(unsigned x, unsigned y) { return x >= y ? x * 5 : x / (y | 1); }
long f(unsigned long long *p, long x, long y, signed char *c) {
    __sync_fetch_and_add(p, 1);
    if (x >= y) *p = twice(x, y);
#if __BPF_CPU_VERSION__ >= 4
    return x / 3 + *c;
#else
    return y;
#endif
}
";

/// Whether that is a clang that compiles to BPF.
fn works(clang: &str) -> bool {
    let mut command = Command::new(clang);
    command.args(["-target", "bpf", "-x", "c", "-c", "-o", "/dev/null", "-"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
