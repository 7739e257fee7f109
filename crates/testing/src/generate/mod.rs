//! Random small programs, as litmus text, so that parsing takes part in what is tested with them.
//!
//! A program is two or three threads of groups. A group is one thing to do: a load, a store that depends on an earlier
//! load, a fence, an atomic update. Groups can be left out of a program one by one, which makes a small failing program
//! out of a large one.

mod aarch64;
mod arm;
mod asked;
mod bpf;
mod c;
mod lisa;
mod loongarch;
mod loops;
mod mips;
mod mixed;
mod ppc;
mod risc;
mod riscv;
mod s390x;
mod x86;

use crate::random::Random;

pub use mixed::MIXED_ARCHITECTURES;

/// What programs can be written in. C is `C11`, or the kernel's dialect `LKMM`.
pub const ARCHITECTURES: &[&str] = &[
    "AArch64",
    "RISCV",
    "X86_64",
    "X86",
    "PPC",
    "ARM",
    "MIPS",
    "BPF",
    "LoongArch",
    "S390X",
    "LISA",
    "C11",
    "LKMM",
];

/// The locations.
const LOCATIONS: [&str; 3] = ["x", "y", "z"];

/// How much memory access there may be; an update counts twice.
const MAX_ACCESSES: usize = 7;

/// The same for one thread of a program that mixes sizes: each access counts for several.
const MAX_MIXED_ACCESSES: usize = 3;

/// One thing that a thread does.
#[derive(Clone, Debug)]
pub struct Group {
    /// Instructions, a label in front where there is one.
    lines: Vec<String>,
    /// The register that holds what was read, as states name it.
    observed: Option<String>,
}

/// A program.
#[derive(Clone, Debug)]
pub struct Program {
    arch: &'static str,
    seed: u64,
    /// Whether sizes are mixed: locations are double words then.
    mixed: bool,
    /// Whether only some of what happens is observed.
    varied: bool,
    threads: Vec<Vec<Group>>,
}

impl Program {
    /// The program of that seed.
    pub fn new(arch: &'static str, seed: u64) -> Program {
        let mut random = Random::new(seed);
        let count = if random.one_in(3) { 3 } else { 2 };
        let locations = if random.one_in(4) { 3 } else { 2 };
        let mut threads: Vec<Vec<Group>> = (0..count)
            .map(|_| {
                let accesses = MAX_ACCESSES / count;
                Builder { random: &mut random, locations, next: 0, labels: 0, loaded: Vec::new(), more: 0 }
                    .thread(accesses, &|builder| group(builder, arch))
            })
            .collect();
        if random.one_in(5) {
            make_alike(&mut threads);
        }
        Program { arch, seed, mixed: false, varied: false, threads }
    }

    /// The program of that seed among those with threads that are alike, and that update few locations.
    pub fn alike(arch: &'static str, seed: u64) -> Program {
        let mut random = Random::new(seed ^ 0xa11ce);
        let count = 2 + random.below(3);
        let locations = if random.one_in(3) { 2 } else { 1 };
        let different = if random.one_in(2) { 1 } else { 2 };
        let accesses = if count == 2 { 4 } else { 2 };
        // Half of the programs have threads that differ in what they write.
        let more = if random.one_in(2) { 2 } else { 0 };
        let seeds: Vec<Random> = (0..different).map(|_| Random::new(random.number())).collect();
        let thread = |at: usize| {
            let (mut random, more) = (seeds[at % different].clone(), more * at);
            Builder { random: &mut random, locations, next: 0, labels: 0, loaded: Vec::new(), more }
                .thread(accesses, &|builder| updating_group(builder, arch))
        };
        let mut threads: Vec<Vec<Group>> = (0..count).map(thread).collect();
        if random.one_in(2) {
            threads.iter_mut().flatten().for_each(|group| group.observed = None);
        }
        Program { arch, seed, mixed: false, varied: false, threads }
    }

    /// The program of that seed among those of which only some is observed: there may be a filter, and loops.
    pub fn varied(arch: &'static str, seed: u64) -> Program {
        let mut random = Random::new(seed ^ 0x10095);
        let count = if random.one_in(3) { 3 } else { 2 };
        let locations = if random.one_in(4) { 3 } else { 2 };
        let group = |b: &mut Builder<'_>| {
            let with_loop = b.random.one_in(4);
            with_loop.then(|| loops::group(b, arch)).flatten().unwrap_or_else(|| group(b, arch))
        };
        let mut threads: Vec<Vec<Group>> = (0..count)
            .map(|_| {
                Builder { random: &mut random, locations, next: 0, labels: 0, loaded: Vec::new(), more: 0 }
                    .thread(MAX_ACCESSES / count, &group)
            })
            .collect();
        match random.below(6) {
            0 => make_alike(&mut threads),
            1 => threads[1] = threads[0].clone(),
            _ => {}
        }
        Program { arch, seed, mixed: false, varied: true, threads }
    }

    /// The program of that seed among those that mix sizes.
    pub fn mixed(arch: &'static str, seed: u64) -> Program {
        let mut random = Random::new(seed ^ 0x5eed);
        let locations = if random.one_in(3) { 2 } else { 1 };
        let threads = (0..2)
            .map(|_| {
                Builder { random: &mut random, locations, next: 0, labels: 0, loaded: Vec::new(), more: 0 }
                    .thread(MAX_MIXED_ACCESSES, &|builder| mixed::group(builder, arch))
            })
            .collect();
        Program { arch, seed, mixed: true, varied: false, threads }
    }

    /// All programs with one group less.
    pub fn smaller(&self) -> impl Iterator<Item = Program> + '_ {
        let places = self.threads.iter().enumerate();
        let places = places.flat_map(|(thread, groups)| (0..groups.len()).map(move |group| (thread, group)));
        places.map(|(thread, group)| {
            let mut smaller = self.clone();
            smaller.threads[thread].remove(group);
            smaller
        })
    }

    /// The litmus test: it observes every register that was read, and every location.
    pub fn text(&self) -> String {
        let parameters = self.parameters();
        let first_word = if parameters.is_some() { "C" } else { self.arch };
        let mut text = format!("{first_word} random-{}\n{{\n", self.seed);
        let ty = if self.mixed { "uint64_t " } else { "" };
        text += &(LOCATIONS.map(|location| format!(" {ty}{location}=0;")).concat() + "\n");
        for thread in 0..self.threads.len() {
            for (number, location) in LOCATIONS.iter().enumerate() {
                let own = self.mixed && self.arch == "X86_64";
                let register = own.then(|| mixed::X86_BASES[number].to_owned());
                if let Some(register) = register.or_else(|| base(self.arch, number)) {
                    text += &format!(" {thread}:{register}={location};");
                }
            }
            text += "\n";
        }
        text += "}\n";
        text += &parameters.map_or_else(|| self.columns(), |parameters| self.functions(parameters));
        text + &if self.varied { self.asks_for_some() } else { self.asks_for_everything() }
    }

    /// The parameters of threads, if they are functions in C.
    fn parameters(&self) -> Option<&'static str> {
        match self.arch {
            "C11" => Some(c::C11_PARAMETERS),
            "LKMM" => Some(c::KERNEL_PARAMETERS),
            _ => None,
        }
    }

    fn functions(&self, parameters: &str) -> String {
        let function = |(thread, groups): (usize, &Vec<Group>)| {
            let lines = groups.iter().flat_map(|group| &group.lines);
            let body: String = lines.map(|line| format!("  {line}\n")).collect();
            format!("P{thread}({parameters}) {{\n{body}}}\n")
        };
        self.threads.iter().enumerate().map(function).collect()
    }

    fn columns(&self) -> String {
        let columns: Vec<Vec<&String>> = self
            .threads
            .iter()
            .map(|groups| groups.iter().flat_map(|group| &group.lines).collect())
            .collect();
        let width = columns.iter().flatten().map(|line| line.len()).max().unwrap_or(0);
        let header: Vec<String> =
            (0..columns.len()).map(|thread| format!(" {:width$} ", format!("P{thread}"))).collect();
        let mut text = header.join("|") + ";\n";
        for row in 0..columns.iter().map(Vec::len).max().unwrap_or(0) {
            let cell = |column: &Vec<&String>| {
                format!(" {:width$} ", column.get(row).map_or("", |line| line.as_str()))
            };
            text += &(columns.iter().map(cell).collect::<Vec<_>>().join("|") + ";\n");
        }
        text
    }

    fn observed(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for (thread, groups) in self.threads.iter().enumerate() {
            for register in groups.iter().filter_map(|group| group.observed.as_ref()) {
                let place = format!("{thread}:{register}");
                if !all.contains(&place) {
                    all.push(place);
                }
            }
        }
        all
    }

    fn condition(&self, places: &[String]) -> String {
        let mut random = Random::new(!self.seed);
        let quantifier = *random.pick(&["exists", "exists", "~exists", "forall"]);
        let mut atoms = vec![format!("x={}", random.below(3))];
        let registers = places.iter().filter(|place| place.contains(':'));
        atoms.extend(registers.map(|place| format!("{place}={}", random.below(3))));
        let operator = if random.one_in(3) { " \\/ " } else { " /\\ " };
        format!("{quantifier} ({})\n", atoms.join(operator))
    }
}

/// Makes the second thread do what the first does; what either of them reads is not observed.
fn make_alike(threads: &mut [Vec<Group>]) {
    threads[0].iter_mut().for_each(|group| group.observed = None);
    threads[1] = threads[0].clone();
}

/// The register that holds the address of a location, where one is needed.
fn base(arch: &str, location: usize) -> Option<String> {
    let prefix = match arch {
        "AArch64" => "X",
        "RISCV" => "x",
        "PPC" => "r",
        "MIPS" => "$",
        "ARM" => return Some(format!("R{}", 10 + location)),
        "BPF" => return Some(format!("r{}", 7 + location)),
        "LoongArch" => return Some(format!("$r{}", 4 + location)),
        "S390X" => return Some(format!("r{}", 1 + location)),
        _ => return None,
    };
    Some(format!("{prefix}{}", 20 + location))
}

fn group(b: &mut Builder<'_>, arch: &str) -> (Group, usize) {
    match arch {
        "AArch64" => aarch64::group(b),
        "RISCV" => riscv::group(b),
        "X86_64" => x86::group(b, &x86::ATT),
        "X86" => x86::group(b, &x86::INTEL),
        "ARM" => arm::group(b),
        "MIPS" => mips::group(b),
        "BPF" => bpf::group(b),
        "LISA" => lisa::group(b),
        "LoongArch" => loongarch::group(b),
        "S390X" => s390x::group(b),
        "C11" => c::c11(b),
        "LKMM" => c::kernel(b),
        _ => ppc::group(b),
    }
}

/// A group, more often one that updates.
fn updating_group(b: &mut Builder<'_>, arch: &str) -> (Group, usize) {
    for _ in 0..4 {
        let before = (b.next, b.labels, b.loaded.clone());
        let (group, cost) = group(b, arch);
        if cost == 2 {
            return (group, cost);
        }
        (b.next, b.labels, b.loaded) = before;
    }
    group(b, arch)
}

/// A thread that is being written.
struct Builder<'r> {
    random: &'r mut Random,
    locations: usize,
    /// The next register nobody has used.
    next: usize,
    labels: usize,
    /// Registers that hold what was read.
    loaded: Vec<usize>,
    /// By how much more than in other threads values are that it writes.
    more: usize,
}

impl Builder<'_> {
    fn thread(mut self, accesses: usize, group: &dyn Fn(&mut Self) -> (Group, usize)) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut left = 1 + self.random.below(accesses);
        while left > 0 {
            let (group, cost) = group(&mut self);
            groups.push(group);
            left = left.saturating_sub(cost);
        }
        groups
    }

    /// A register that nobody has used.
    fn fresh(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }

    /// The number of a location.
    fn location(&mut self) -> usize {
        self.random.below(self.locations)
    }

    /// A value to write.
    fn value(&mut self) -> usize {
        1 + self.more + self.random.below(2)
    }

    /// A register that holds what was read; `None` now and then, and if there is none.
    fn source(&mut self) -> Option<usize> {
        if self.loaded.is_empty() || self.random.one_in(3) {
            return None;
        }
        let at = self.random.below(self.loaded.len());
        Some(self.loaded[at])
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("L{}", self.labels)
    }
}

/// A group that reads nothing.
fn silent(lines: Vec<String>) -> Group {
    Group { lines, observed: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_program() {
        for arch in ARCHITECTURES {
            assert_eq!(Program::new(arch, 7).text(), Program::new(arch, 7).text());
            assert_ne!(Program::new(arch, 7).text(), Program::new(arch, 8).text());
            assert_eq!(Program::varied(arch, 7).text(), Program::varied(arch, 7).text());
        }
    }

    #[test]
    fn smaller_programs_have_one_group_less() {
        let program = Program::new("AArch64", 1);
        let groups = |program: &Program| program.threads.iter().map(Vec::len).sum::<usize>();
        assert!(program.smaller().all(|smaller| groups(&smaller) + 1 == groups(&program)));
        assert_eq!(program.smaller().count(), groups(&program));
    }
}
