//! `generate`, from outside: what it writes, where, and what it says about wrong cycles.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
    command.args(arguments).current_dir(data());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // Programs that read nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn transcript(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    format!(
        "$ turnsole {}\n{}\n--- standard error\n{}\n--- status {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout).trim_end(),
        String::from_utf8_lossy(&output.stderr).trim_end(),
        output.status.code().unwrap_or(-1)
    )
}

fn transcripts(runs: &[&[&str]]) -> String {
    let all: Vec<String> = runs.iter().map(|arguments| transcript(arguments, "")).collect();
    all.join("\n\n")
}

#[test]
fn single_tests() {
    insta::assert_snapshot!(transcripts(&[
        &["generate", "--one", "DMB.SYdWW Rfe DpAddrdR Fre"],
        &["generate", "--one", "PodRR", "A", "Fre PodWW L Rfe"],
        &["generate", "--one", "PodWW Rfe Amo.SwpAL PodWR Fre", "--no-metadata"],
        &["generate", "--one", "PodWWq0w4 Rfe DpAddrdR Fre", "--no-metadata"],
        &["generate", "--arch", "ARM", "--one", "DMBdWW Rfe DpCtrlIsbdR Fre", "--no-metadata"],
        &["generate", "--arch", "X86", "--one", "MFencedWR Fre Ex PodWR Fre", "--no-metadata"],
        &["generate", "--arch", "X86_64", "--one", "PodWW Rfe Xadd PodWR Fre", "--no-metadata"],
        &["generate", "--arch", "PPC", "--one", "LwSyncdWW Rfe DetourR DpDatadW Coe", "--no-metadata"],
        &["generate", "--arch", "RISCV", "--one", "PodWW AR Rfe XAq DpCtrlFenceIdR Fre", "--no-metadata"],
        &["generate", "--arch", "MIPS", "--one", "SyncdWW Rfe DpAddrdR Fre", "--no-metadata"],
        &[
            "generate",
            "--arch",
            "C",
            "--one",
            "PodRWRlxRel RfeRelAcq Fetch.AddAcqRlx PodWWRlxUxSc Rfe",
            "--no-metadata"
        ],
        &[
            "generate",
            "--arch",
            "C",
            "--one",
            "DpDatadWRlxRel RfeRelAcq DpCtrldWAcqRlx RfeRlxRlx",
            "--no-metadata"
        ],
        &["generate", "--arch", "LKMM", "--one", "FenceSync-rcudWW Rfe RscsdRR Fre", "--no-metadata"],
        &[
            "generate",
            "--arch",
            "LKMM",
            "--one",
            "PodWW Release Rfe Acquire St.Add PodWR Fre",
            "--no-metadata"
        ],
        &["generate", "--arch", "BPF", "--one", "FenceFetchdWW Rfe DpAddrdR Fre", "--no-metadata"],
        &["generate", "--arch", "LISA", "--one", "FenceMbdWW Rfe DpDatadW Coe", "--no-metadata"],
    ]));
}

#[test]
fn styles() {
    let many = "PodWW Rfe PodRW Coe PosWW Coe PodWR Fre";
    insta::assert_snapshot!(transcripts(&[
        &["generate", "--arch", "X86", "--one", many],
        &["generate", "--arch", "X86", "--one", many, "--observers", "local", "--no-metadata"],
        &["generate", "--arch", "X86", "--one", many, "--observers", "none", "--all-values", "--no-metadata"],
        &["generate", "--arch", "X86", "--one", many, "--observers", "avoid"],
        &["generate", "--one", "PodWW Rfe PodRR Fre", "--locations", "--name", "mine", "--no-metadata"],
        &["generate", "--one", "PodWW Rfe PodRR Fre", "--format", "ndjson"],
    ]));
}

#[test]
fn many_tests() {
    insta::assert_snapshot!(transcripts(&[
        &["generate", "--conf", "generate/lb.conf", "--format", "names"],
        &["generate", "--cross", "PodWW,DMB.SYdWW", "Rfe", "PodRR,DpAddrdR", "Fre", "--format", "names"],
        &["generate", "--safe", "Pod** Rfe Fre Coe", "--threads", "3", "--size", "5", "--format", "names"],
        &["generate", "--safe", "Pod** Rfe Fre", "--relax", "DMB.SYd**", "--size", "4", "--format", "names"],
        &["generate", "--safe", "Pos** Rfe Fre Coe", "--mode", "uni", "--size", "3", "--format", "names"],
    ]));
}

#[test]
fn classify() {
    let cycles = "PodRR Fre PodWW Rfe\nname: Rfe PodRR Fre PodWW\nRfe PodRR\n";
    insta::assert_snapshot!(transcript(&["generate", "--classify"], cycles));
}

#[test]
fn wrong_cycles() {
    insta::assert_snapshot!(transcripts(&[
        &["generate", "--one", "PodWW Rfe PodRRR Fre"],
        &["generate", "--one", "PodWW Rfe DpAdrdR Fre"],
        &["generate", "--one", "PodWW Rfe PodRR"],
        &["generate", "--one", "PodWW Coe PodRR Fre"],
        &["generate", "--one", "PodWWPL RfePA PodRR Fre"],
        &["generate", "--one", "PodWWPA Rfe PodRR Fre"],
        &["generate", "--one", "PodWW Rfe PosRR Fre"],
        &["generate", "--one", "PodWR Fri"],
        &["generate", "--one", "PodWR Fri PodWR Fri"],
        &["generate", "--one", "PodWW Rfe [PodRR Fre"],
        &["generate", "--one", "PodWW Rfe PodRR ; Fre"],
        &["generate", "--one", "PodWW FrLeave"],
        &["generate", "--one", ""],
        &["generate", "--arch", "X86", "--one", "DpAddrdR Fre PodWW Rfe"],
        &["generate", "--arch", "arm46", "--one", "PodWW Rfe PodRR Fre"],
        &["generate", "--safe", "PodWW PodRR"],
        &["generate", "--safe", "PodWW Rfe", "--size", "1"],
        &["generate", "--safe", "PodWW Rfe", "--size", "100"],
        &["generate", "--accesses", "Z", "--safe", "PodWW Rfe"],
        &["generate"],
        &["generate", "--conf", "generate/none.conf"],
        &["generate", "--conf", "generate/bad-option.conf"],
        &["generate", "--conf", "generate/bad-edge.conf"],
    ]));
}

#[test]
fn folders_and_archives() {
    let folder = std::env::temp_dir().join(format!("turnsole-generate-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let name = folder.to_str().unwrap();
    let safe = ["generate", "--safe", "Pod** Rfe Fre Coe", "--size", "4"];
    let output = run(&[&safe[..], &["--out", name]].concat(), "");
    assert!(output.status.success());
    let all = std::fs::read_to_string(folder.join("@all")).unwrap();
    let mut files: Vec<&str> = all.lines().collect();
    files.sort_unstable();
    assert_eq!(files.join(" "), "2+2W.litmus LB.litmus MP.litmus R.litmus S.litmus SB.litmus");
    let judged = run(&["run", "--model", "sc.cat", "--format", "table", name], "");
    assert!(judged.status.success());
    let archive = run(&[&safe[..], &["--format", "tar"]].concat(), "").stdout;
    assert!(archive.len().is_multiple_of(512));
    for file in files {
        let text = std::fs::read(folder.join(file)).unwrap();
        assert!(archive.windows(text.len()).any(|window| window == text), "{file}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
