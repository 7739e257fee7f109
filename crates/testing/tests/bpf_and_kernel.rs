//! The same cycle in BPF and in the kernel's C has the same verdict.
//!
//! Cycles of threads with two accesses each, of two or three threads: `TURNSOLE_CYCLES` says how many at most, evenly
//! spread over all there are (0 for all of them). Where there are corpora, the tests of `bpf-cycles` and `lkmm-cycles`
//! that have the same name are compared as well.

use std::collections::BTreeMap;
use testing::{corpora, judge};
use turnsole::{Observation, Options};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

use Access::{Read, Write};

/// What stands between the two accesses of a thread, or is said of one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Po,
    /// A FETCH operation on a location of the thread's own; `smp_mb`.
    Fence,
    /// An operation without FETCH on such a location.
    Lock,
    Acquire,
    Release,
    /// A release and an acquire.
    Both,
    Data,
    Control,
}

const LINKS: [Link; 8] =
    [Link::Po, Link::Fence, Link::Lock, Link::Acquire, Link::Release, Link::Both, Link::Data, Link::Control];

/// A thread: its first access is to the location of its number, the second to the next thread's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Thread {
    first: Access,
    link: Link,
    second: Access,
}

impl Thread {
    fn is_possible(self) -> bool {
        match self.link {
            Link::Po | Link::Fence | Link::Lock => true,
            Link::Acquire => self.first == Read,
            Link::Release => self.second == Write,
            Link::Both => (self.first, self.second) == (Write, Read),
            Link::Data | Link::Control => (self.first, self.second) == (Read, Write),
        }
    }
}

fn threads() -> Vec<Thread> {
    let mut all = Vec::new();
    for first in [Read, Write] {
        for link in LINKS {
            all.extend([Read, Write].map(|second| Thread { first, link, second }));
        }
    }
    all.retain(|thread| thread.is_possible());
    all
}

/// A cycle: the second access of each thread and the first of the next are to one location, and one of them writes it.
#[derive(Clone, Debug)]
struct Cycle(Vec<Thread>);

impl Cycle {
    fn is_possible(&self) -> bool {
        (0..self.0.len()).all(|at| (self.0[at].second, self.next(at).first) != (Read, Read))
    }

    fn next(&self, at: usize) -> Thread {
        self.0[(at + 1) % self.0.len()]
    }

    fn before(&self, at: usize) -> Thread {
        self.0[(at + self.0.len() - 1) % self.0.len()]
    }

    /// What the first access of a thread reads or writes: it comes behind the second of the thread before.
    fn first_value(&self, at: usize) -> u32 {
        match (self.before(at).second, self.0[at].first) {
            (Write, Write) => 2,
            _ => 1,
        }
    }

    /// What the second access of a thread reads or writes.
    fn second_value(&self, at: usize) -> u32 {
        u32::from(self.0[at].second == Write)
    }

    fn location(&self, at: usize) -> char {
        ["x", "y", "z"][at % self.0.len()].chars().next().expect("a letter")
    }

    fn condition(&self, first: &str, second: &str) -> String {
        let mut atoms = Vec::new();
        for (at, thread) in self.0.iter().enumerate() {
            if thread.first == Read {
                atoms.push(format!("{at}:{first}={}", self.first_value(at)));
            }
            if thread.second == Read {
                atoms.push(format!("{at}:{second}={}", self.second_value(at)));
            }
            if (self.before(at).second, thread.first) == (Write, Write) {
                atoms.push(format!("{}=2", self.location(at)));
            }
        }
        format!("exists ({})\n", atoms.join(" /\\ "))
    }

    fn bpf(&self) -> String {
        let mut init = String::new();
        let mut columns = Vec::new();
        for (at, thread) in self.0.iter().enumerate() {
            init += &format!(
                "{at}:r7={}; {at}:r8={}; {at}:r9=p{at};\n",
                self.location(at),
                self.location(at + 1)
            );
            columns.push(self.bpf_thread(at, *thread));
        }
        let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
        let row =
            |cell: &dyn Fn(usize) -> String| (0..columns.len()).map(cell).collect::<Vec<_>>().join(" | ");
        let mut text = format!("BPF T\n{{\n{init}}}\n{} ;\n", row(&|at| format!("P{at}")));
        for number in 0..rows {
            let line = row(&|at| columns[at].get(number).cloned().unwrap_or_default());
            text += &format!("{line} ;\n");
        }
        text + &self.condition("r1", "r2")
    }

    fn bpf_thread(&self, at: usize, thread: Thread) -> Vec<String> {
        let (first, second) = (self.first_value(at), self.second_value(at));
        let mut lines = Vec::new();
        match (thread.first, thread.link) {
            (Read, Link::Acquire) => lines.push("r1 = load_acquire((u32 *)(r7 + 0))".to_owned()),
            (Read, _) => lines.push("r1 = *(u32 *)(r7 + 0)".to_owned()),
            (Write, Link::Both) => {
                lines.push(format!("r3 = {first}"));
                lines.push("store_release((u32 *)(r7 + 0), r3)".to_owned());
            }
            (Write, _) => lines.push(format!("*(u32 *)(r7 + 0) = {first}")),
        }
        let mut label = "";
        match thread.link {
            Link::Fence => lines.push("w4 = atomic_fetch_add((u32 *)(r9 + 0), w4)".to_owned()),
            Link::Lock => lines.push("lock *(u32 *)(r9 + 0) += w4".to_owned()),
            Link::Control => {
                lines.push(format!("if r1 != {first} goto E"));
                label = "E: exit";
            }
            Link::Data => lines.extend(["r3 = r1", "r3 ^= r1", "r3 += 1"].map(str::to_owned)),
            Link::Release => lines.push(format!("r3 = {second}")),
            Link::Po | Link::Acquire | Link::Both => {}
        }
        lines.push(match (thread.second, thread.link) {
            (Read, Link::Both) => "r2 = load_acquire((u32 *)(r8 + 0))".to_owned(),
            (Read, _) => "r2 = *(u32 *)(r8 + 0)".to_owned(),
            (Write, Link::Release) => "store_release((u32 *)(r8 + 0), r3)".to_owned(),
            (Write, Link::Data) => "*(u32 *)(r8 + 0) = r3".to_owned(),
            (Write, _) => format!("*(u32 *)(r8 + 0) = {second}"),
        });
        lines.extend((!label.is_empty()).then(|| label.to_owned()));
        lines
    }

    fn kernel(&self) -> String {
        let mut text = "C T\n{}\n".to_owned();
        for (at, thread) in self.0.iter().enumerate() {
            let (own, next) = (self.location(at), self.location(at + 1));
            let (first, second) = (self.first_value(at), self.second_value(at));
            text += &format!("P{at}(int *{own}, int *{next}, atomic_t *p{at})\n{{\nint r1; int r2;\n");
            text += &match (thread.first, thread.link) {
                (Read, Link::Acquire) => format!("r1 = smp_load_acquire({own});\n"),
                (Read, _) => format!("r1 = READ_ONCE(*{own});\n"),
                (Write, Link::Both) => format!("smp_store_release({own}, {first});\n"),
                (Write, _) => format!("WRITE_ONCE(*{own}, {first});\n"),
            };
            let mut close = "";
            match thread.link {
                Link::Fence => text += "smp_mb();\n",
                Link::Lock => text += &format!("atomic_inc(p{at});\n"),
                Link::Control => {
                    text += &format!("if (r1 == {first}) {{\n");
                    close = "}\n";
                }
                _ => {}
            }
            text += &match (thread.second, thread.link) {
                (Read, Link::Both) => format!("r2 = smp_load_acquire({next});\n"),
                (Read, _) => format!("r2 = READ_ONCE(*{next});\n"),
                (Write, Link::Release) => format!("smp_store_release({next}, {second});\n"),
                (Write, Link::Data) => format!("WRITE_ONCE(*{next}, r1 - r1 + 1);\n"),
                (Write, _) => format!("WRITE_ONCE(*{next}, {second});\n"),
            };
            text += close;
            text += "}\n";
        }
        text + &self.condition("r1", "r2")
    }
}

/// All cycles of so many threads, each once: the first thread is the least of its rotations.
fn cycles(count: usize) -> Vec<Cycle> {
    let kinds = threads();
    let total = kinds.len().pow(count as u32);
    let digits = |mut code: usize| -> Vec<usize> {
        let mut digits = Vec::new();
        for _ in 0..count {
            digits.push(code % kinds.len());
            code /= kinds.len();
        }
        digits
    };
    let is_first = |digits: &[usize]| {
        (1..count).all(|by| {
            let rotated: Vec<usize> = (0..count).map(|at| digits[(at + by) % count]).collect();
            digits <= &rotated[..]
        })
    };
    (0..total)
        .map(digits)
        .filter(|digits| is_first(digits))
        .map(|digits| Cycle(digits.into_iter().map(|digit| kinds[digit]).collect()))
        .filter(Cycle::is_possible)
        .collect()
}

fn observation(text: &str, model: &turnsole::Model) -> Observation {
    let test = judge::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let report = turnsole::simulate(&test, model, &Options::default());
    report.observation().unwrap_or_else(|| panic!("{}\n{text}", judge::words(&report.diagnostics)))
}

#[test]
fn verdicts_are_the_same() {
    let most = testing::setting("TURNSOLE_CYCLES", 1_000) as usize;
    let all: Vec<Cycle> = [2, 3].into_iter().flat_map(cycles).collect();
    let step = if most == 0 { 1 } else { all.len().div_ceil(most) };
    let bpf = judge::model("bpf.cat", &Options::default()).unwrap();
    let kernel = judge::model("linux-kernel.cat", &Options::default()).unwrap();
    let mut never = 0;
    for cycle in all.iter().step_by(step) {
        let (ours, theirs) = (cycle.bpf(), cycle.kernel());
        let verdict = observation(&ours, &bpf);
        assert_eq!(verdict, observation(&theirs, &kernel), "BPF is the first\n{ours}\n{theirs}");
        never += usize::from(verdict == Observation::Never);
    }
    let compared = all.len().div_ceil(step);
    assert!(never > 0 && never < compared, "{never} of {compared} are forbidden");
}

#[test]
#[expect(clippy::print_stderr, reason = "a test says why it does nothing")]
fn verdicts_of_corpora_are_the_same() {
    let Some(folder) = corpora::folder().filter(|folder| folder.join("bpf-cycles").is_dir()) else {
        eprintln!("there is no corpus `bpf-cycles`: nothing to compare");
        return;
    };
    let verdicts = |name: &str| -> BTreeMap<String, Option<litmus::Observation>> {
        let log = corpora::log(&folder.join(name)).unwrap();
        litmus::read_log(&log).into_iter().map(|entry| (entry.name, entry.observation)).collect()
    };
    let (bpf, kernel) = (verdicts("bpf-cycles"), verdicts("lkmm-cycles"));
    let both: Vec<&String> = bpf.keys().filter(|name| kernel.contains_key(*name)).collect();
    assert!(both.len() > 800, "{} tests have the same name", both.len());
    let differ: Vec<&String> = both.into_iter().filter(|name| bpf[*name] != kernel[*name]).collect();
    assert_eq!(differ, Vec::<&String>::new());
}
