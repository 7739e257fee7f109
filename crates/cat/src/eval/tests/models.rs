//! The built-in models on small executions.

use super::*;

const SC: &str = include_str!("../../../../../models/sc.cat");
const TSO: &str = include_str!("../../../../../models/tso.cat");
const X86: &str = include_str!("../../../../../models/x86tso.cat");
const AARCH64: &str = include_str!("../../../../../models/aarch64.cat");
const RISCV: &str = include_str!("../../../../../models/riscv.cat");
const PPC: &str = include_str!("../../../../../models/ppc.cat");

/// How many coherence orders accept, and the names of the checks that reject the others.
fn verdict(toy: &Toy, text: &str) -> String {
    let summary = judge(toy, text, &[]).expect("the model runs");
    let optimised = judge(toy, text, &["cos-opt"]).expect("the model runs");
    assert_eq!(summary.accepted, optimised.accepted, "cos-opt changes the count");
    let names: Vec<_> = summary.rejected.keys().map(|name| name.as_deref().unwrap_or("-")).collect();
    format!("{} {}", summary.accepted, names.join(" ")).trim_end().to_owned()
}

fn sb(fence: &str) -> Toy {
    let f = format!("F {fence}");
    Toy::new(&[&["W x 1", &f, "R y 0"], &["W y 1", &f, "R x 0"]])
}

fn mp(first: &str, second: &str) -> Toy {
    Toy::new(&[&["W x 1", first, "W y 1"], &["R y 1", second, "R x 0"]])
}

#[test]
fn sequential_consistency() {
    assert_eq!(verdict(&sb(""), SC), "0 sc");
    assert_eq!(verdict(&mp("F", "F"), SC), "0 sc");
    let corr = Toy::new(&[&["W x 1"], &["R x 1", "R x 0"]]);
    assert_eq!(verdict(&corr, SC), "0 coherence");
    let writes = Toy::new(&[&["W x 1"], &["W x 2"], &["W y 1"]]);
    assert_eq!(verdict(&writes, SC), "2");
    let lost = Toy::new(&[&["R x 0 EX", "W x 1 EX"], &["W x 2"]]);
    assert_eq!(verdict(&lost, SC), "1 atomicity");
}

#[test]
fn total_store_order() {
    assert_eq!(verdict(&sb(""), TSO), "1");
    assert_eq!(verdict(&sb("MFENCE"), TSO), "0 tso");
    assert_eq!(verdict(&mp("F", "F"), TSO), "0 tso");
}

#[test]
fn x86() {
    assert_eq!(verdict(&sb(""), X86), "1");
    assert_eq!(verdict(&sb("MFENCE"), X86), "0 tso");
    assert_eq!(verdict(&sb("SFENCE"), X86), "1");
    assert_eq!(verdict(&sb("LFENCE"), X86), "1");
    let locked: &[&str] = &["R x 0 X", "+W x 1 X", "R y 0"];
    assert_eq!(verdict(&Toy::new(&[locked, &["R y 0 X", "+W y 1 X", "R x 0"]]), X86), "0 tso");
    let beside: &[&str] = &["W x 1", "R z 0 X", "+W z 1 X", "R y 0"];
    assert_eq!(verdict(&Toy::new(&[beside, &["W y 1", "F MFENCE", "R x 0"]]), X86), "0 tso");
    let twice = Toy::new(&[&["R x 0 X", "+W x 1 X"], &["R x 0 X", "+W x 2 X"]]);
    assert_eq!(verdict(&twice, X86), "0 atomicity");
    let nontemporal = |between: &str| Toy::new(&[&["W x 1 NT", between, "W y 1"], &["R y 1", "R x 0"]]);
    assert_eq!(verdict(&nontemporal("R z 0"), X86), "1");
    assert_eq!(verdict(&nontemporal("F SFENCE"), X86), "0 tso");
    assert_eq!(verdict(&nontemporal("F MFENCE"), X86), "0 tso");
    assert_eq!(verdict(&nontemporal("F LFENCE"), X86), "1");
    assert_eq!(verdict(&mp("F", "F"), X86), "0 tso");
}

/// Message passing with a dependency from the first read of the reader to its second: the instructions in between
/// are register events.
fn aarch64_reader(dependency: &str) -> Toy {
    let toy =
        Toy::new(&[&["W x 1", "W y 1 L"], &["R y 1", "+Wreg", "Rreg ADDR", "+R x 0", "Rreg", "+B BCC"]]);
    let toy = toy.edge("iico_data", 2, 3).edge("iico_data", 4, 5).edge("iico_data", 6, 7);
    match dependency {
        "addr" => toy.edge("rf-reg", 3, 4),
        "ctrl after" => toy.edge("rf-reg", 3, 6),
        _ => toy,
    }
}

#[test]
fn aarch64() {
    assert_eq!(verdict(&sb(""), AARCH64), "1");
    assert_eq!(verdict(&sb("DMB.SY"), AARCH64), "0 external");
    assert_eq!(verdict(&sb("DMB.LD"), AARCH64), "1");
    assert_eq!(verdict(&mp("F DMB.ST", "F DMB.LD"), AARCH64), "0 external");
    assert_eq!(verdict(&mp("F DMB.ST", "F"), AARCH64), "1");
    assert_eq!(verdict(&mp("F DMB.LD", "F DMB.LD"), AARCH64), "1");
    let acquire = |tag: &str| {
        let read = format!("R y 1 {tag}");
        Toy::new(&[&["W x 1", "W y 1 L"], &[&read, "R x 0"]])
    };
    assert_eq!(verdict(&acquire("A"), AARCH64), "0 external");
    assert_eq!(verdict(&acquire("Q"), AARCH64), "0 external");
    assert_eq!(verdict(&acquire(""), AARCH64), "1");
    let rc = |tag: &str| {
        let (rx, ry) = (format!("R x 0 {tag}"), format!("R y 0 {tag}"));
        Toy::new(&[&["W x 1 L", &ry], &["W y 1 L", &rx]])
    };
    assert_eq!(verdict(&rc("A"), AARCH64), "0 external");
    assert_eq!(verdict(&rc("Q"), AARCH64), "1");
    assert_eq!(verdict(&aarch64_reader("addr"), AARCH64), "0 external");
    assert_eq!(verdict(&aarch64_reader("none"), AARCH64), "1");
    assert_eq!(verdict(&aarch64_reader("ctrl after"), AARCH64), "1");
}

#[test]
fn aarch64_atomicity() {
    let foreign = Toy::new(&[&["R x 0 EX", "W x 1 EX"], &["W x 2"]]);
    assert_eq!(verdict(&foreign, AARCH64), "1 atomicity");
    let own = Toy::new(&[&["R x 0 EX", "W x 3", "W x 1 EX"], &["W x 2"]]);
    assert_eq!(verdict(&own, AARCH64), "3 coherence");
}

#[test]
fn aarch64_updates_without_a_result() {
    // LDADD then DMB LD: the read is ordered before the later read, unless its result is thrown away.
    let add = |tags: &str| {
        let read = format!("R y 1 X {tags}");
        Toy::new(&[&["W x 1", "F DMB.ST", "W y 1"], &[&read, "+W y 2 X", "F DMB.LD", "R x 0"]])
    };
    assert_eq!(verdict(&add(""), AARCH64), "0 external");
    assert_eq!(verdict(&add("NoRet"), AARCH64), "1 external");
}

#[test]
fn riscv() {
    assert_eq!(verdict(&sb("Fence.rw.rw"), RISCV), "0 model");
    assert_eq!(verdict(&sb("Fence.tso"), RISCV), "1");
    assert_eq!(verdict(&mp("F Fence.w.w", "F Fence.r.r"), RISCV), "0 model");
    assert_eq!(verdict(&mp("F Fence.tso", "F Fence.tso"), RISCV), "0 model");
    assert_eq!(verdict(&mp("F Fence.r.r", "F Fence.r.r"), RISCV), "1");
    let amo = Toy::new(&[&["W x 1", "RW y 0/1 X Rel"], &["RW y 1/2 X Acq", "R x 0"]]);
    assert_eq!(verdict(&amo, RISCV), "0 coherence model");
    let plain = Toy::new(&[&["W x 1", "RW y 0/1 X"], &["RW y 1/2 X Acq", "R x 0"]]);
    assert_eq!(verdict(&plain, RISCV), "1 coherence");
    let twice = Toy::new(&[&["RW x 0/1 X"], &["RW x 0/2 X"]]);
    assert_eq!(verdict(&twice, RISCV), "0 coherence");
    let store_conditional = Toy::new(&[&["R x 0 EX", "W x 1 EX"], &["W x 2"]]);
    assert_eq!(verdict(&store_conditional, RISCV), "1 atomicity");
    let dependent = Toy::new(&[&["W x 1", "F Fence.w.w", "W y 1"], &["R y 1", "R x 0"]]);
    assert_eq!(verdict(&dependent.edge("addr", 3, 4), RISCV), "0 model");
    // The store with a data dependency is forwarded to a read, which an address depends on.
    let late = Toy::new(&[&["W x 1", "F Fence.w.w", "W y 1"], &["R y 1", "W z 1", "R z 1", "R x 0"]]);
    assert_eq!(verdict(&late.edge("data", 3, 4).edge("addr", 5, 6), RISCV), "0 model");
}

#[test]
fn power() {
    assert_eq!(verdict(&sb("SYNC"), PPC), "0 propagation");
    assert_eq!(verdict(&sb("LWSYNC"), PPC), "1");
    assert_eq!(verdict(&mp("F LWSYNC", "F LWSYNC"), PPC), "0 observation");
    assert_eq!(verdict(&mp("F LWSYNC", "F"), PPC), "1");
    assert_eq!(verdict(&mp("F EIEIO", "F LWSYNC"), PPC), "0 observation");
    assert_eq!(verdict(&mp("F LWSYNC", "B").edge("ctrl", 3, 5), PPC), "1");
    let isync = Toy::new(&[&["W x 1", "F LWSYNC", "W y 1"], &["R y 1", "B", "F ISYNC", "R x 0"]]);
    assert_eq!(verdict(&isync.edge("ctrl", 3, 5), PPC), "0 observation");
    let load_buffering = Toy::new(&[&["R x 1", "W y 1"], &["R y 1", "W x 1"]]);
    assert_eq!(verdict(&load_buffering.edge("data", 0, 1).edge("ctrl", 2, 3), PPC), "0 thin-air");
    let iriw = |fence: &str| {
        let f = format!("F {fence}");
        Toy::new(&[&["W x 1"], &["W y 1"], &["R x 1", &f, "R y 0"], &["R y 1", &f, "R x 0"]])
    };
    assert_eq!(verdict(&iriw("LWSYNC"), PPC), "1");
    assert_eq!(verdict(&iriw("SYNC"), PPC), "0 propagation");
    let r = |first: &str| {
        let f = format!("F {first}");
        Toy::new(&[&["W x 1", &f, "W y 1"], &["W y 2", "F SYNC", "R x 0"]]).last(3)
    };
    assert_eq!(verdict(&r("LWSYNC"), PPC), "1");
    assert_eq!(verdict(&r("SYNC"), PPC), "0 propagation");
}

/// Threads of reads and writes of two locations; each write has a value of its own, each read one that is written.
fn executions() -> impl proptest::strategy::Strategy<Value = Toy> {
    use proptest::prelude::*;
    let event = (0..3u8, 0..2usize, 0..9usize);
    prop::collection::vec(prop::collection::vec(event, 1..4), 1..4).prop_map(|threads| {
        let mut written = [0usize; 2];
        let mut text: Vec<Vec<String>> = Vec::new();
        for events in &threads {
            text.push(Vec::new());
            for (kind, location, value) in events {
                let name = ["x", "y"][*location];
                let line = match kind {
                    0 => {
                        written[*location] += 1;
                        format!("W {name} {}", written[*location])
                    }
                    1 => format!("R {name} ?{value}"),
                    _ => "F MFENCE".to_owned(),
                };
                text.last_mut().into_iter().for_each(|thread| thread.push(line.clone()));
            }
        }
        for line in text.iter_mut().flatten() {
            if let Some((start, value)) = line.clone().split_once('?') {
                let location = usize::from(start.contains('y'));
                let value: usize = value.parse().unwrap_or(0);
                *line = format!("{start}{}", value % (written[location] + 1));
            }
        }
        let lines: Vec<Vec<&str>> = text.iter().map(|t| t.iter().map(String::as_str).collect()).collect();
        let threads: Vec<&[&str]> = lines.iter().map(Vec::as_slice).collect();
        Toy::new(&threads)
    })
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// What a stronger model accepts, a weaker one accepts too; and taking first what is seen changes no count.
    #[test]
    fn models_are_ordered_by_strength(toy in executions()) {
        let accepted = |text: &str| {
            let plain = judge(&toy, text, &[]).expect("the model runs").accepted;
            let optimised = judge(&toy, text, &["cos-opt"]).expect("the model runs").accepted;
            assert_eq!(plain, optimised);
            plain
        };
        let coherent = accepted("include \"cos.cat\" acyclic po-loc | rf | co | fr");
        let (sc, tso, x86) = (accepted(SC), accepted(TSO), accepted(X86));
        proptest::prop_assert!(sc <= tso && tso == x86 && x86 <= coherent);
        proptest::prop_assert!(sc <= accepted(AARCH64) && accepted(AARCH64) <= coherent);
        proptest::prop_assert!(accepted(RISCV) <= coherent && accepted(PPC) <= coherent);
    }
}
