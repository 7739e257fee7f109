//! How the program is linked. Tests are many and small, so it counts how long a process takes to start: with the
//! standard options a quarter of a millisecond goes to ten thousand relocations and to libraries of a few functions.
//!
//! Only for Linux with glibc on x86-64, where it was measured; elsewhere, and without the files that it takes, the
//! standard options stay.

#![expect(clippy::print_stdout, reason = "that is how one speaks to Cargo")]

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = ["OS", "ENV", "ARCH"].map(|part| variable(&format!("CARGO_CFG_TARGET_{part}")));
    if target != ["linux", "gnu", "x86_64"] {
        return;
    }
    // At an address that is known now, nothing is left to relocate.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if has_static_unwinder() {
        // Instead of the shared library: one file less to find and to map.
        println!("cargo::rustc-link-lib=static=gcc_eh");
    }
}

/// Whether the linker knows an archive of the functions that unwind the stack.
fn has_static_unwinder() -> bool {
    let linker = Some(variable("RUSTC_LINKER")).filter(|linker| !linker.is_empty());
    let mut command = Command::new(linker.as_deref().unwrap_or("cc"));
    let output = command.arg("-print-file-name=libgcc_eh.a").output();
    // A name without a folder is one that wasn't found.
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_absolute())
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
