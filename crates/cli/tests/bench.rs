//! `turnsole bench`: what it prints, without the times.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
    command.arg("bench").args(arguments).current_dir(data).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A document with each time replaced by whether it is one, without what depends on the engine or the system.
fn timeless(mut value: Value) -> String {
    fn replace(value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(replace),
            Value::Object(entries) => {
                for key in ["candidates", "engine", "cpu_seconds"] {
                    entries.remove(key);
                }
                for (key, value) in entries {
                    if key.ends_with("seconds") && !key.starts_with("herd7") && !key.starts_with("genmc") {
                        *value = Value::Bool(value.as_f64().is_some_and(|seconds| seconds > 0.0));
                    } else {
                        replace(value);
                    }
                }
            }
            _ => {}
        }
    }
    replace(&mut value);
    serde_json::to_string_pretty(&value).unwrap()
}

fn document(arguments: &[&str]) -> String {
    let output = run(&[arguments, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    timeless(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn families_are_measured() {
    let options = ["--family", "W,lock", "--arch", "RISCV,LKMM", "--max", "4", "--limit", "60"];
    insta::assert_snapshot!(document(&options));
}

#[test]
fn folders_are_measured() {
    insta::assert_snapshot!(document(&["--corpus", "folder", "--limit", "60"]));
    assert_eq!(run(&["--corpus", "empty"]).status.code(), Some(2));
}

#[test]
fn a_table_has_figures_of_others_beside_ours() {
    let output = run(&["--family", "SB", "--arch", "RISCV", "--max", "4", "--limit", "60"]);
    let table = text(&output.stdout);
    let line = table.lines().find(|line| line.contains("SB")).unwrap();
    assert!(line.contains("RISCV") && line.contains("16") && line.contains("20.0 ms"), "{table}");
}

#[test]
fn plots_are_written() {
    let folder: PathBuf = std::env::temp_dir().join(format!("turnsole-plots-{}", std::process::id()));
    let name = folder.to_string_lossy().into_owned();
    let output = run(&["--family", "SB", "--arch", "C11", "--max", "3", "--limit", "60", "--plot", &name]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let plot = std::fs::read_to_string(folder.join("SB.svg")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(plot.starts_with("<svg") && plot.contains(">C11, GenMC<"), "{plot}");
}

#[test]
fn unknown_families_are_refused() {
    let output = run(&["--family", "XY"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there are the families SB"), "{}", text(&output.stderr));
}
