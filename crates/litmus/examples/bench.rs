#![allow(clippy::print_stdout, missing_docs, unused)]
use std::path::{Path, PathBuf};
fn walk(p: &Path, out: &mut Vec<PathBuf>) {
    for e in std::fs::read_dir(p).unwrap() {
        let p = e.unwrap().path();
        if p.is_dir() {
            walk(&p, out)
        } else if p.extension().is_some_and(|e| e == "litmus") {
            out.push(p)
        }
    }
}
fn main() {
    for c in ["aarch64-dat3m", "lkmm-auto", "riscv", "bpf", "x86-dat3m"] {
        let mut fs = vec![];
        walk(&Path::new("/work/shared/corpus").join(c), &mut fs);
        let ts: Vec<String> = fs.iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
        let bytes: usize = ts.iter().map(|t| t.len()).sum();
        let mut best = u128::MAX;
        for _ in 0..15 {
            let t0 = std::time::Instant::now();
            for t in &ts {
                std::hint::black_box(turnsole_litmus::parse(syntax::FileId(0), t));
            }
            best = best.min(t0.elapsed().as_nanos());
        }
        println!(
            "{c}: {:.2} ns/byte, {:.2} us/test, {} bytes/test",
            best as f64 / bytes as f64,
            best as f64 / ts.len() as f64 / 1000.,
            bytes / ts.len()
        );
    }
}
