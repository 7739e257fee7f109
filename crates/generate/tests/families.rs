//! How many cycles there are, what they are called, and that each is made once.

use expect_test::expect;
use generate::{Arch, Config, Cross, Cycle, Cycles, Mode, Piece, Style, relaxations};
use std::collections::BTreeSet;
use syntax::FileId;

fn piece(text: &str) -> Piece {
    Piece::whole(FileId(0), text)
}

fn config(arch: Arch, safe: &str, size: usize, threads: usize) -> Config {
    Config {
        arch: Some(arch),
        safe: vec![piece(safe)],
        size: Some(size),
        threads: Some(threads),
        ..Config::default()
    }
}

fn cycles(config: &Config) -> Vec<Cycle> {
    Cycles::new(config.wanted().unwrap()).collect()
}

fn names(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = cycles(config).iter().map(Cycle::name).collect();
    names.sort();
    names
}

/// The critical cycles of up to four threads are the same everywhere.
#[test]
fn critical_cycles_have_the_names_of_the_literature() {
    let expected = expect![[r#"
        2+2W 3.2W 3.LB 3.SB 4.2W 4.LB 4.SB IRIW IRRWIW IRWIW ISA2 LB MP R RWC S SB W+RR+WR+WR W+RR+WR+WW W+RR+WW+RR W+RR+WW+RW W+RR+WW+WR W+RR+WW+WW W+RW+RR+WR W+RW+RR+WW W+RW+RW+RR W+RW+RW+RW W+RW+RW+WR W+RW+RW+WW W+RW+WR+WR W+RW+WR+WW W+RW+WW+RR W+RW+WW+RW W+RW+WW+WR W+RW+WW+WW W+RWC WRC WRR+2W WRW+2W WRW+WR WW+RR+WR+WR WW+RR+WW+RR WW+RR+WW+RW WW+RR+WW+WR WW+RW+RR+WR WW+RW+RW+RR WW+RW+RW+RW WW+RW+RW+WR WW+RW+WR+WR WW+RW+WW+RW WW+RW+WW+WR WW+WR+WR+WR WW+WR+WW+WR WW+WW+RR+WR WW+WW+RW+RR WW+WW+RW+RW WW+WW+RW+WR WW+WW+WR+WR WW+WW+WW+RR WW+WW+WW+RW WW+WW+WW+WR WWC Z6.0 Z6.1 Z6.2 Z6.3 Z6.4 Z6.5"#]];
    for arch in Arch::ALL {
        let mut config = config(arch, "Pod** Rfe Fre Coe", 8, 4);
        config.mode = Some(Mode::Critical);
        expected.assert_eq(&names(&config).join(" "));
    }
}

#[test]
fn tests_of_one_location_are_about_coherence() {
    let mut config = config(Arch::AArch64, "Pos** Rfe Fre Coe", 4, 2);
    config.mode = Some(Mode::Uni);
    expect!["2+2W+poss CoRR CoRW1 CoRW2 CoWR0 CoWW LB+poss MP+poss R+poss S+poss SB+poss"]
        .assert_eq(&names(&config).join(" "));
}

/// Load buffering of two and three threads in C11, with all orders: the population that compilers were tested with.
#[test]
fn load_buffering_in_c_has_294_tests() {
    let mut config = config(Arch::C11, "PodRW Rfe", 6, 3);
    config.accesses = vec![piece("Rlx Acq Rel Sc")];
    let names = names(&config);
    let count = |family: &str| names.iter().filter(|name| name.split('+').next() == Some(family)).count();
    assert_eq!((names.len(), count("LB"), count("3.LB")), (294, 45, 249));
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 294);
}

#[test]
fn critical_cycles_in_c_have_8415_tests() {
    let mut config = config(Arch::C11, "PodRW PodRR PodWW PodWR Rfe Fre Coe", 6, 3);
    config.accesses = vec![piece("Rlx Acq Rel Sc")];
    let names: BTreeSet<String> = names(&config).into_iter().collect();
    assert_eq!(names.len(), 8415);
}

/// Steps overlap here: some are made of others, some say less than others.
#[test]
fn overlapping_steps_make_each_cycle_once() {
    let safe =
        "PodWW PodRR PodWWPL [Rfe,PodRR] [PodWW,Rfe] Rfe RfeLA PodRRAP Fre [Fre,PodWW] Rfi PosWR [Rfi,PodRR]";
    let mut config = config(Arch::AArch64, safe, 8, 3);
    config.mode = Some(Mode::Free);
    let cycles = cycles(&config);
    assert!(cycles.len() > 20, "{}", cycles.len());
    let distinct: BTreeSet<String> = cycles.iter().map(shape).collect();
    assert_eq!(distinct.len(), cycles.len());
}

#[test]
fn default_cycles_are_distinct_up_to_threads_and_locations() {
    let config = config(Arch::AArch64, "Pod** DpAddrdR Rfi Fri Coi Rfe Fre Coe PodWWPL LxSx", 6, 3);
    let cycles = cycles(&config);
    let distinct: BTreeSet<String> = cycles.iter().map(shape).collect();
    assert_eq!(distinct.len(), cycles.len());
    let names: BTreeSet<String> = cycles.iter().map(Cycle::name).collect();
    assert_eq!(names.len(), cycles.len());
}

/// A test, whatever its threads and locations are called: the least of all ways to write it.
fn shape(cycle: &Cycle) -> String {
    let text = generate::test(cycle, Style { metadata: false, ..Style::default() }).unwrap();
    let (test, _) = litmus::parse(FileId(0), &text);
    let test = test.unwrap();
    let litmus::Program::Asm(threads) = &test.program else { panic!("no columns") };
    let init: Vec<String> = test.init.iter().map(|item| item.to_string()).collect();
    let condition = test.condition.to_string();
    let atoms: Vec<&str> =
        condition.trim_start_matches("exists (").trim_end_matches(')').split(" /\\ ").collect();
    permutations(threads.len())
        .into_iter()
        .map(|order| {
            let mut text = String::new();
            for (new, old) in order.iter().enumerate() {
                text += &format!("thread {new}\n");
                let own: Vec<&String> =
                    init.iter().filter(|item| item.starts_with(&format!("{old}:"))).collect();
                own.iter().for_each(|item| text += &format!("{}\n", &item[2..]));
                threads[*old].cells.iter().for_each(|cell| text += &format!("{}\n", cell.text.trim()));
            }
            let place = |atom: &str| match atom.split_once(':') {
                Some((thread, rest)) => {
                    let old: usize = thread.parse().unwrap();
                    format!("{}:{rest}", order.iter().position(|other| *other == old).unwrap())
                }
                None => atom.to_owned(),
            };
            let text = renamed(&text);
            // Locations in the condition are called as in the program.
            let names = locations(&init, &order);
            let mut atoms: Vec<String> = atoms
                .iter()
                .map(|atom| match atom.strip_prefix('[') {
                    Some(rest) => {
                        let (name, value) = rest.split_once(']').unwrap();
                        format!("[{}]{value}", names.iter().position(|other| other == name).unwrap())
                    }
                    None => place(atom),
                })
                .collect();
            atoms.sort();
            format!("{text}{}", atoms.join(" "))
        })
        .min()
        .unwrap()
}

/// The locations in the order in which threads mention them.
fn locations(init: &[String], order: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for old in order {
        for item in init.iter().filter(|item| item.starts_with(&format!("{old}:"))) {
            let name = item.split('=').nth(1).unwrap().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The text with numbers for locations and labels.
fn renamed(text: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    let number = |names: &mut Vec<String>, name: &str| {
        if !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
        names.iter().position(|other| other == name).unwrap()
    };
    text.lines()
        .map(|line| match (line.split_once('='), line.find("LC")) {
            (Some((register, name)), _) => format!("{register}=@{}\n", number(&mut names, name)),
            (None, Some(at)) => {
                let label = &line[at..at + 4];
                format!("{}\n", line.replace(label, &format!("L{}", number(&mut labels, label))))
            }
            _ => format!("{line}\n"),
        })
        .collect()
}

fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let insert = |shorter: Vec<usize>| {
        (0..count).map(move |at| {
            let mut longer = shorter.clone();
            longer.insert(at, count - 1);
            longer
        })
    };
    permutations(count - 1).into_iter().flat_map(insert).collect()
}

#[test]
fn crosses_make_each_cycle_once() {
    let lists = ["PodRW,DpDatadW,DMB.SYdRW", "Rfe", "PodRW,DpDatadW,DMB.SYdRW", "Rfe"];
    let lists = lists.iter().map(|list| relaxations(Arch::AArch64, &piece(list)).unwrap()).collect();
    let names: Vec<String> = Cross::new(Arch::AArch64, lists).map(|cycle| cycle.name()).collect();
    expect!["LB LB+data+po LB+dmb.sy+po LB+datas LB+dmb.sy+data LB+dmb.sys"].assert_eq(&names.join(" "));
}
