//! `turnsole verify-mapping`: answers, statuses, and bad input.

use std::path::PathBuf;
use std::process::{Command, Stdio};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("turnsole-mapping-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        folder.write("SB.litmus", SB);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    /// Exit status, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_turnsole"));
        command.arg("verify-mapping").args(arguments).current_dir(&self.0).stdin(Stdio::null());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const SB: &str = "BPF SB+fetches
{ 0:r1=x; 0:r2=y; 0:r5=s; 1:r1=y; 1:r2=x; 1:r5=t; }
 P0                                         | P1                                         ;
 *(u32 *)(r1 + 0) = 1                       | *(u32 *)(r1 + 0) = 1                       ;
 r4 = atomic_fetch_add((u64 *)(r5 + 0), r4) | r4 = atomic_fetch_add((u64 *)(r5 + 0), r4) ;
 r0 = *(u32 *)(r2 + 0)                      | r0 = *(u32 *)(r2 + 0)                      ;
exists (0:r0=0 /\\ 1:r0=0)
";

#[test]
fn a_broken_mapping_shows_the_test_in_both_languages() {
    let folder = Folder::new("broken");
    let (status, out, err) = folder.run(&["bpf-riscv64", "bpf-riscv64-relaxed", "SB.litmus"]);
    assert_eq!((status, err.as_str()), (Some(1), ""));
    for wanted in [
        "sound  bpf-riscv64          1 kept",
        "broken bpf-riscv64-relaxed  1 broken, 0 kept",
        "r4 = atomic_fetch_add((u64 *)(r5 + 0), r4)",
        "amoadd.d x13,x13,(x14)",
        "0:r0 (0:x15)=0 1:r0 (1:x15)=0",
        "In the source, an execution that ends so, which fails `",
        "In the target, an execution that ends so and is allowed:",
        "  rf: ",
    ] {
        assert!(out.contains(wanted), "no `{wanted}` in\n{out}");
    }
}

#[test]
fn barriers_are_weakened() {
    let folder = Folder::new("barriers");
    let (status, out, err) = folder.run(&["--barriers", "bpf-s390x", "SB.litmus"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    for wanted in [
        "sound  bpf-s390x  1 kept",
        "fetch_<o:add|and|or|xor>_64",
        "bcr 14,0  =>  nothing: needed: SB+fetches",
        "bcr 14,0  =>  nothing: no test uses it",
    ] {
        assert!(out.contains(wanted), "no `{wanted}` in\n{out}");
    }
}

#[test]
fn json() {
    let folder = Folder::new("json");
    let (status, out, _) = folder.run(&["--format", "json", "bpf-s390x-no-serialisation", "SB.litmus"]);
    assert_eq!(status, Some(1));
    let value: serde_json::Value = serde_json::from_str(&out).unwrap();
    let mapping = &value["mappings"][0];
    assert_eq!(mapping["verdict"], "broken");
    assert_eq!(mapping["counter_example"]["test"], "SB+fetches");
    assert_eq!(mapping["counter_example"]["outcomes"][0]["0:r0"], "0");
    assert!(mapping["counter_example"]["target_execution"]["events"].as_array().unwrap().len() > 6);
}

#[test]
fn what_is_built_in() {
    let folder = Folder::new("list");
    let (status, out, _) = folder.run(&["--list"]);
    assert_eq!(status, Some(0));
    assert!(out.contains("bpf-ppc64-no-sync") && out.contains("(known to be wrong)"), "{out}");
    let (status, out, _) = folder.run(&["--print", "lib/arm64"]);
    assert!(status == Some(0) && out.contains("registers X7"), "{out}");
    let (status, _, err) = folder.run(&["--print", "bpf-arm65-lse"]);
    assert!(status == Some(2) && err.contains("did you mean `bpf-arm64-lse`?"), "{err}");
}

#[test]
fn bad_input_gives_one_error() {
    let folder = Folder::new("bad");
    folder.write(
        "hole.map",
        "mapping hole: BPF -> AArch64\ninclude bpf-arm64-lse\nxchg_32 a s:\n    SWPAL {q.w},{s.w},[{a}]\n",
    );
    folder.write("missing.map", "mapping missing: BPF -> AArch64\ninclude lib/arm64\n");
    folder.write(
        "word.map",
        "mapping word: BPF -> AArch64\ninclude bpf-arm64-lse\nxchg_32 a s:\n    SWAPAL {s.w},{s.w},[{a}]\n",
    );
    folder.write("wrong.litmus", "BPF wrong\n{ }\n P0 ;\n r0 = ;\n");
    let check = |arguments: &[&str], code: &str, place: &str| {
        let (status, out, err) = folder.run(arguments);
        assert_eq!(status, Some(2), "{err}{out}");
        assert_eq!(err.matches("error").count(), 1, "{err}");
        assert!(err.contains(code) && err.contains(place), "{err}");
    };
    check(&["hole.map", "SB.litmus"], "mapping::undefined-hole", "hole.map:4:11");
    check(&["missing.map", "SB.litmus"], "mapping::missing-instruction", "missing.map:1:1");
    check(&["word.map", "SB.litmus"], "mapping::bad-instruction", "word.map:4:5");
    check(&["nowhere.map", "SB.litmus"], "nowhere.map", "");
    check(&["bpf-arm64-lse", "nowhere.litmus"], "nowhere.litmus", "");
    check(&["SB.litmus"], "there is no mapping", "");
    folder
        .write("cut.map", "mapping cut: BPF -> AArch64\ninclude bpf-arm64-lse\nxchg_32 a s:\n    SWPAL {s.w");
    check(&["cut.map", "SB.litmus"], "mapping::", "cut.map:4");
}

#[test]
fn without_tests_there_are_cycles() {
    let folder = Folder::new("cycles");
    let (status, out, err) = folder.run(&["c11-x86-64", "c11-s390x"]);
    assert_eq!((status, err.as_str()), (Some(0), ""));
    assert!(out.starts_with("C11: of "), "{out}");
    assert!(out.contains("sound  c11-x86-64") && out.contains("sound  c11-s390x"), "{out}");
    let (_, one, _) = folder.run(&["c11-x86-64", "c11-s390x", "--jobs", "1"]);
    let (_, three, _) = folder.run(&["c11-x86-64", "c11-s390x", "--jobs", "3"]);
    assert_eq!(one, three);
}
