//! Litmus tests that grow with a number: the shapes on which tools for memory models are compared.
//!
//! A [`Family`] is a program over a few operations, the same for all languages; [`Language`] says how they are written
//! down there.

mod write;

use std::fmt;

/// A family of tests, one for each number from 2 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A ring of N threads: write the own location, read the next.
    StoreBuffering,
    /// The same with a full fence between write and read.
    StoreBufferingFenced,
    /// A chain of N threads that pass a message on, by releases and acquires.
    MessagePassing,
    /// Two writers, and N readers that read both locations in one order or the other.
    IndependentReads,
    /// A ring of N threads: write 2 to the own location, then 1 to the next.
    Writes22,
    /// N threads write to one location.
    Writers,
    /// N threads write to one location, another reads it twice.
    WritersAndReads,
    /// N threads increment one location atomically.
    Increments,
    /// N threads increment a plain location under a lock.
    Locks,
    /// A ring of N threads, each of which reads one location and writes the next: one around a grace period, the others in
    /// read-side critical sections of RCU.
    Rcu,
}

/// How a test is written down, and under which model it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// AArch64, with LSE.
    AArch64,
    /// RISC-V, with the A extension.
    RiscV,
    /// x86-64.
    X86,
    /// C11.
    C11,
    /// C of the Linux kernel.
    Kernel,
}

impl Family {
    /// All of them.
    pub const ALL: [Family; 10] = [
        Family::StoreBuffering,
        Family::StoreBufferingFenced,
        Family::MessagePassing,
        Family::IndependentReads,
        Family::Writes22,
        Family::Writers,
        Family::WritersAndReads,
        Family::Increments,
        Family::Locks,
        Family::Rcu,
    ];

    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Family::StoreBuffering => "SB",
            Family::StoreBufferingFenced => "SB+fences",
            Family::MessagePassing => "MP",
            Family::IndependentReads => "IRIW",
            Family::Writes22 => "2+2W",
            Family::Writers => "W",
            Family::WritersAndReads => "W+RR",
            Family::Increments => "INC",
            Family::Locks => "LOCK",
            Family::Rcu => "RCU",
        }
    }

    /// What it is, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Family::StoreBuffering => "store buffering, a ring of N threads",
            Family::StoreBufferingFenced => "store buffering with full fences, a ring of N threads",
            Family::MessagePassing => "message passing, a chain of N threads",
            Family::IndependentReads => "independent reads of independent writes, N readers",
            Family::Writes22 => "2+2W, a ring of N threads",
            Family::Writers => "N writers to one location",
            Family::WritersAndReads => "N writers to one location and a reader",
            Family::Increments => "N atomic increments of one location",
            Family::Locks => "N critical sections of one lock",
            Family::Rcu => "a ring of N threads, one grace period, N-1 readers",
        }
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 5] =
        [Language::AArch64, Language::RiscV, Language::X86, Language::C11, Language::Kernel];

    /// Its short name.
    pub fn name(self) -> &'static str {
        match self {
            Language::AArch64 => "AArch64",
            Language::RiscV => "RISCV",
            Language::X86 => "X86_64",
            Language::C11 => "C11",
            Language::Kernel => "LKMM",
        }
    }

    /// The built-in model under which its tests run.
    pub fn model(self) -> &'static str {
        match self {
            Language::AArch64 => "aarch64.cat",
            Language::RiscV => "riscv.cat",
            Language::X86 => "x86tso.cat",
            Language::C11 => "c11_partialSC.cat",
            Language::Kernel => "linux-kernel.cat",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a thread does. Locations and registers are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Write {
        location: usize,
        value: usize,
        release: bool,
    },
    Read {
        location: usize,
        register: usize,
        acquire: bool,
    },
    /// A full fence.
    Fence,
    /// Adds one, atomically.
    Increment {
        location: usize,
    },
    /// Writes what a register holds, and one more.
    WriteNext {
        location: usize,
        register: usize,
    },
    Lock,
    Unlock,
    ReadLock,
    ReadUnlock,
    GracePeriod,
}

/// A part of the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    Register { thread: usize, register: usize, value: usize },
    Location { location: usize, value: usize },
}

/// A test that is not written down yet. It asks whether all terms can be true.
#[derive(Clone, Debug, Default)]
struct Shape {
    threads: Vec<Vec<Op>>,
    condition: Vec<Term>,
}

/// The test of a family with that number; `None` where the language has no words for it, or the number is below 2.
pub fn test(family: Family, language: Language, n: usize) -> Option<String> {
    let kernel_only = matches!(family, Family::Locks | Family::Rcu);
    if n < 2 || (kernel_only && language != Language::Kernel) {
        return None;
    }
    Some(write::test(&format!("{family}-{language}-{n}"), &shape(family, n), language))
}

fn write(location: usize, value: usize) -> Op {
    Op::Write { location, value, release: false }
}

fn read(location: usize, register: usize) -> Op {
    Op::Read { location, register, acquire: false }
}

fn publish(location: usize) -> Op {
    Op::Write { location, value: 1, release: true }
}

fn receive(location: usize) -> Op {
    Op::Read { location, register: 0, acquire: true }
}

fn shape(family: Family, n: usize) -> Shape {
    let register = |thread, register, value| Term::Register { thread, register, value };
    let location = |location, value| Term::Location { location, value };
    let next = |i: usize| (i + 1) % n;
    let writers = || (1..=n).map(|value| vec![write(0, value)]);
    match family {
        Family::StoreBuffering => Shape {
            threads: (0..n).map(|i| vec![write(i, 1), read(next(i), 0)]).collect(),
            condition: (0..n).map(|i| register(i, 0, 0)).collect(),
        },
        Family::StoreBufferingFenced => Shape {
            threads: (0..n).map(|i| vec![write(i, 1), Op::Fence, read(next(i), 0)]).collect(),
            condition: (0..n).map(|i| register(i, 0, 0)).collect(),
        },
        Family::MessagePassing => {
            let last = n - 1;
            let middle = (1..last).map(|i| vec![receive(i), publish(i + 1)]);
            Shape {
                threads: std::iter::once(vec![write(0, 1), publish(1)])
                    .chain(middle)
                    .chain([vec![receive(last), read(0, 1)]])
                    .collect(),
                condition: (1..=last).map(|i| register(i, 0, 1)).chain([register(last, 1, 0)]).collect(),
            }
        }
        Family::IndependentReads => {
            let reader = |i: usize| {
                let first = Op::Read { location: i % 2, register: 0, acquire: true };
                vec![first, Op::Read { location: 1 - i % 2, register: 1, acquire: true }]
            };
            Shape {
                threads: [vec![write(0, 1)], vec![write(1, 1)]]
                    .into_iter()
                    .chain((0..n).map(reader))
                    .collect(),
                condition: (2..n + 2).flat_map(|i| [register(i, 0, 1), register(i, 1, 0)]).collect(),
            }
        }
        Family::Writes22 => Shape {
            threads: (0..n).map(|i| vec![write(i, 2), write(next(i), 1)]).collect(),
            condition: (0..n).map(|i| location(i, 2)).collect(),
        },
        Family::Writers => Shape { threads: writers().collect(), condition: vec![location(0, n)] },
        Family::WritersAndReads => Shape {
            threads: writers().chain([vec![read(0, 0), read(0, 1)]]).collect(),
            condition: vec![register(n, 0, 2), register(n, 1, 1)],
        },
        Family::Increments => {
            Shape { threads: vec![vec![Op::Increment { location: 0 }]; n], condition: vec![location(0, n)] }
        }
        Family::Locks => Shape {
            threads: vec![
                vec![Op::Lock, read(0, 0), Op::WriteNext { location: 0, register: 0 }, Op::Unlock];
                n
            ],
            condition: vec![location(0, n)],
        },
        Family::Rcu => {
            let reader = |i: usize| vec![Op::ReadLock, read(i, 0), write(next(i), 1), Op::ReadUnlock];
            Shape {
                threads: std::iter::once(vec![read(0, 0), Op::GracePeriod, write(1, 1)])
                    .chain((1..n).map(reader))
                    .collect(),
                condition: (0..n).map(|i| register(i, 0, 1)).collect(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
