//! Names of tests, after the families of the literature: `MP+dmb.sy+addr`.
//!
//! A family is the word of the threads: what the first and last event of each do. Behind it come the threads' edges, in
//! order; where all threads have the same, once, with a plural `s`; where that is plain program order, not at all.

use crate::cycle::Cycle;
use crate::edge::{Access, Com, Dep, Dir, Edge, Kind, Reach, Span};
use crate::vocabulary::Vocabulary;

/// Words of threads with names. The literature numbers the six-event tests by hand: Z6.0 to Z6.5.
const FAMILIES: &[(&str, &str)] = &[
    ("WW+WW", "2+2W"),
    ("WW+RR", "MP"),
    ("WW+RW", "S"),
    ("WW+WR", "R"),
    ("WR+WR", "SB"),
    ("RW+RW", "LB"),
    ("W+RR", "CoRR"),
    ("W+RW", "CoRW2"),
    ("W+WR", "CoWR"),
    ("RW", "CoRW1"),
    ("WW", "CoWW"),
    ("WR", "CoWR0"),
    ("W+RW+RR", "WRC"),
    ("W+RR+WR", "RWC"),
    ("W+RW+RW", "WWC"),
    ("W+RR+WW", "WRR+2W"),
    ("W+RW+WR", "WRW+WR"),
    ("W+RW+WW", "WRW+2W"),
    ("WW+RW+RR", "ISA2"),
    ("WW+RR+WR", "W+RWC"),
    ("WW+RW+WR", "Z6.0"),
    ("WW+WW+RW", "Z6.1"),
    ("WW+RW+RW", "Z6.2"),
    ("WW+WW+RR", "Z6.3"),
    ("WW+WR+WR", "Z6.4"),
    ("WW+WW+WR", "Z6.5"),
    ("WW+WW+WW", "3.2W"),
    ("RW+RW+RW", "3.LB"),
    ("WR+WR+WR", "3.SB"),
    ("W+RR+W+RR", "IRIW"),
    ("W+RR+W+RW", "IRRWIW"),
    ("W+RW+W+RW", "IRWIW"),
    ("WW+WW+WW+WW", "4.2W"),
    ("RW+RW+RW+RW", "4.LB"),
    ("WR+WR+WR+WR", "4.SB"),
    ("WW+WW+WW+WW+WW", "5.2W"),
    ("RW+RW+RW+RW+RW", "5.LB"),
    ("WR+WR+WR+WR+WR", "5.SB"),
];

impl Cycle {
    /// The name of the family: `MP`.
    pub fn family(&self) -> String {
        let mut out = String::new();
        self.write_family(&mut out);
        out
    }

    /// The name of its test. Cycles that differ only in what events inside of threads do get numbers.
    pub fn name(&self) -> String {
        let mut out = String::new();
        self.write_name(&mut out);
        out
    }

    fn write_family(&self, out: &mut String) {
        let start = out.len();
        for (index, thread) in self.threads().enumerate() {
            if index > 0 {
                out.push('+');
            }
            out.push(thread[0].src.letter());
            if thread.len() > 1 {
                out.push(thread[thread.len() - 1].src.letter());
            }
        }
        if let Some((_, name)) = FAMILIES.iter().find(|(word, _)| *word == &out[start..]) {
            out.truncate(start);
            out.push_str(name);
        }
    }

    /// Writes the name of its test.
    pub fn write_name(&self, out: &mut String) {
        let family = out.len();
        self.write_family(out);
        let vocabulary = self.vocabulary();
        let parts = out.len();
        let (mut first, mut count, mut equal) = (parts..parts, 0_usize, true);
        for thread in self.threads().filter(|thread| thread.len() > 1) {
            out.push('+');
            let begin = out.len();
            write_thread(vocabulary, thread, out);
            if count == 0 {
                first = begin..out.len();
            }
            equal &= out[first.clone()] == out[begin..];
            count += 1;
        }
        if count > 0 && equal {
            // Tests of coherence have one location only.
            let usual = if out[family..].starts_with("Co") { "pos" } else { "po" };
            if &out[first.clone()] == usual {
                out.truncate(parts);
            } else {
                out.truncate(first.end);
                if count > 1 {
                    out.push('s');
                }
            }
        }
        self.write_singles(out);
        let number = self.variant();
        if number > 0 {
            out.push_str(&format!("{number:03}"));
        }
    }

    /// Accesses of threads that have one event only, if they are special.
    fn write_singles(&self, out: &mut String) {
        let vocabulary = self.vocabulary();
        let singles = || self.threads().filter(|thread| thread.len() == 1).map(|thread| thread[0].a);
        let special = |access: Access| vocabulary.is_special(access);
        if !singles().any(special) {
            return;
        }
        out.push('+');
        for access in singles() {
            if special(access) {
                let begin = out.len();
                vocabulary.write_access(access, out);
                if access.size > 0 {
                    out[begin..].make_ascii_lowercase();
                }
            } else {
                out.push_str("Na");
            }
        }
    }

    /// Which of the cycles with the same words this is: a binary number, with a 1 for each event that reads where its
    /// words say neither that nor the contrary.
    fn variant(&self) -> u64 {
        let vocabulary = self.vocabulary();
        let free = |pair: &[Edge]| match (pair[0].kind, pair[1].kind) {
            (
                Kind::Po
                | Kind::Fence(_)
                | Kind::Region(_)
                | Kind::Dep(Dep::Addr | Dep::Ctrl | Dep::CtrlFence),
                after,
            ) => {
                matches!(after, Kind::Po | Kind::Fence(_) | Kind::Region(_))
                    && vocabulary.allows(pair[1].a.order, Dir::R)
                    && vocabulary.allows(pair[1].a.order, Dir::W)
            }
            _ => false,
        };
        let bits =
            self.edges.windows(2).filter(|pair| free(pair)).map(|pair| u64::from(pair[1].src == Dir::R));
        bits.fold(0, |number, bit| number << 1 | bit)
    }
}

fn write_thread(vocabulary: &Vocabulary, thread: &[Edge], out: &mut String) {
    let mut away = false;
    for (index, edge) in thread[..thread.len() - 1].iter().enumerate() {
        if index > 0 {
            out.push('-');
        }
        let leaves = matches!(edge.kind, Kind::Com(_, Reach::Leave));
        if leaves {
            out.push('[');
            away = true;
        }
        write_edge(vocabulary, edge, out);
        if matches!(edge.kind, Kind::Com(_, Reach::Back)) && away {
            out.push(']');
            away = false;
        }
    }
}

fn write_edge(vocabulary: &Vocabulary, edge: &Edge, out: &mut String) {
    let begin = out.len();
    if let Some(insert) = usize::from(edge.insert).checked_sub(1) {
        out.push_str(vocabulary.fences[insert].name);
        out.push('-');
    }
    let mut place = true;
    match edge.kind {
        Kind::Com(com, reach) => {
            out.push_str(match com {
                Com::Hat => "hat",
                Com::Rf => "rf",
                Com::Fr => "fr",
                Com::Co => "co",
            });
            if reach == Reach::Int {
                out.push('i');
            }
            place = false;
        }
        Kind::Update(index) => {
            out.push_str(vocabulary.updates[usize::from(index)].short);
            place = false;
        }
        Kind::Fence(index) => out.push_str(vocabulary.fences[usize::from(index)].name),
        Kind::Region(index) => out.push_str(vocabulary.regions[usize::from(index)].name),
        Kind::Dep(dep) => out.push_str(vocabulary.dep_name(dep)),
        Kind::Po => out.push_str("po"),
    }
    if place && edge.span == Span::Same {
        out.push('s');
    }
    if vocabulary.says(edge) {
        vocabulary.write_access(edge.a, out);
        vocabulary.write_access(edge.b, out);
    }
    out[begin..].make_ascii_lowercase();
}
