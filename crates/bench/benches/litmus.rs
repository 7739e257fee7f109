//! Parsing, loading and judging. `cargo bench -p turnsole-bench`; `-- judge` for a part.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use syntax::FileId;
use turnsole::{EngineChoice, Options};

/// Classic shapes, of each architecture.
const SHAPES: &[&str] = &[
    "x86/SB.litmus",
    "x86_64/MP.litmus",
    "riscv/MP.litmus",
    "ppc/SB.litmus",
    "ppc/IRIW+addrs.litmus",
    "aarch64/SB.litmus",
    "aarch64/MP+rel+acq.litmus",
    "aarch64/IRIW+addrs.litmus",
    "aarch64/2+2W.litmus",
];

fn parsing(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse");
    for path in SHAPES {
        let text = bench::text(path);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(*path, |b| b.iter(|| litmus::parse(FileId(0), black_box(&text))));
    }
    for (name, _, text) in turnsole::models() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |b| b.iter(|| cat::parse(FileId(0), black_box(text))));
    }
    group.finish();
}

fn judging(c: &mut Criterion) {
    for (name, engine) in
        [("judge", EngineChoice::Enumerate), ("judge by definition", EngineChoice::Reference)]
    {
        let mut group = c.benchmark_group(name);
        let options = Options { engine, ..Options::default() };
        for path in SHAPES {
            let test = bench::parse(&bench::text(path));
            let model = bench::model(&test);
            group
                .bench_function(*path, |b| b.iter(|| turnsole::simulate(black_box(&test), &model, &options)));
        }
        group.finish();
    }
}

fn loading(c: &mut Criterion) {
    c.bench_function("load and judge the first test", |b| {
        let test = bench::parse(&bench::text("aarch64/MP+rel+acq.litmus"));
        b.iter(|| turnsole::simulate(&test, &bench::model(&test), &Options::default()));
    });
}

criterion_group!(benches, parsing, judging, loading);
criterion_main!(benches);
