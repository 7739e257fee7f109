//! The three engines on random tests, and, where they are asked for by name, on corpora. See `docs/engines.md`.
//!
//! | variable | what it says |
//! | --- | --- |
//! | `TURNSOLE_AGREEMENT` | corpora, with commas, or `all`, or `none`; with it a table is printed |
//! | `TURNSOLE_RANDOM` | how many random tests |
//! | `TURNSOLE_SEED` | the first seed |
//! | `TURNSOLE_LIMIT` | how many seconds an engine may take for a test |
//! | `TURNSOLE_JOBS` | how many tests at once |

use std::sync::Arc;
use std::time::{Duration, Instant};
use testing::agreement::{self, Answers, Row, Run};
use testing::generate::{ARCHITECTURES, MIXED_ARCHITECTURES, Program};
use testing::{edit, judge};
use turnsole::{Model, Options};

/// How many random tests there are if nobody says.
const RANDOM: u64 = 600;

/// What is random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Programs.
    Programs,
    /// Programs whose threads are alike and update few locations.
    Alike,
    /// Programs with loops of which some is observed, filters, and conditions of all sorts.
    Varied,
    /// Programs that mix sizes.
    Mixed,
    /// Programs of these sorts, and the model.
    Models,
}

impl Kind {
    const ALL: [Kind; 5] = [Kind::Programs, Kind::Alike, Kind::Varied, Kind::Mixed, Kind::Models];

    fn name(self) -> &'static str {
        match self {
            Kind::Programs => "random programs",
            Kind::Alike => "threads alike",
            Kind::Varied => "loops, filters, conditions",
            Kind::Mixed => "mixed sizes",
            Kind::Models => "edited models",
        }
    }
}

#[test]
fn engines_agree() {
    let asked = std::env::var("TURNSOLE_AGREEMENT").ok();
    let threads = testing::setting("TURNSOLE_JOBS", 2) as usize;
    let limit = Duration::from_secs(testing::setting("TURNSOLE_LIMIT", 10));
    let mut table = Table::new(asked.is_some());
    if let (Some(asked), Some(folder)) = (&asked, testing::corpora::folder()) {
        let mut folders: Vec<_> =
            std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
        folders.sort();
        for folder in folders.into_iter().filter(|folder| folder.join("expected.log").is_file()) {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if asked == "all" || asked.split(',').any(|one| one == name) {
                let row = agreement::corpus(&folder, limit, threads).unwrap();
                table.add(&name, row);
            }
        }
    }
    let count = testing::setting("TURNSOLE_RANDOM", RANDOM) / Kind::ALL.len() as u64;
    let first = testing::setting("TURNSOLE_SEED", 1);
    for kind in Kind::ALL.into_iter().filter(|_| count > 0) {
        let row = agreement::in_parallel(threads, count as usize, |at, row| {
            random(kind, first + at as u64, limit.min(Duration::from_secs(5)), row);
        });
        table.add(kind.name(), row);
    }
    assert!(table.differ == 0, "{} differ:\n{}", table.differ, table.details);
}

struct Table {
    is_shown: bool,
    differ: usize,
    details: String,
}

impl Table {
    fn new(is_shown: bool) -> Table {
        let table = Table { is_shown, differ: 0, details: String::new() };
        table.show(Row::HEAD);
        table
    }

    #[expect(clippy::print_stderr, reason = "the numbers are asked for")]
    fn show(&self, text: &str) {
        if self.is_shown {
            eprintln!("{text}");
        }
    }

    fn add(&mut self, name: &str, row: Row) {
        self.show(&row.line(name));
        self.differ += row.differ().count();
        let details = row.details();
        self.show(details.trim_end());
        if row.differ().next().is_some() {
            self.details += &format!("{name}:\n{details}");
        }
    }
}

/// Models for an architecture.
fn models(arch: &str) -> Vec<&'static str> {
    match arch {
        "C11" => vec!["c11_partialSC.cat", "rc11.cat", "cpp20.cat", "c11_simp.cat", "c11_orig.cat", "sc.cat"],
        "LKMM" => vec!["linux-kernel.cat"],
        "LISA" => vec!["sc.cat", "tso.cat"],
        "ARM" => vec!["arm.cat", "aarch32.cat", "sc.cat"],
        _ => vec![turnsole::default_model(arch).unwrap_or("sc.cat"), "tso.cat", "sc.cat"],
    }
}

fn random(kind: Kind, seed: u64, limit: Duration, row: &mut Row) {
    let architectures = if kind == Kind::Mixed { MIXED_ARCHITECTURES } else { ARCHITECTURES };
    let arch = architectures[seed as usize % architectures.len()];
    let names = models(arch);
    // The own model of the architecture more often than the others.
    let turn = (seed / architectures.len() as u64) as usize;
    let name = if turn.is_multiple_of(2) { names[0] } else { names[turn / 2 % names.len()] };
    let options = Options::default();
    let (model, source) = match kind {
        Kind::Models => match edit::model(name, seed, &options) {
            Some(edited) => edited,
            None => return,
        },
        _ => (judge::model(name, &options).unwrap(), name.to_owned()),
    };
    let program = match (kind, seed % 3) {
        (Kind::Alike, _) | (Kind::Models, 0) => Program::alike(arch, seed),
        (Kind::Varied, _) | (Kind::Models, 1) => Program::varied(arch, seed),
        (Kind::Mixed, _) => Program::mixed(arch, seed),
        (Kind::Programs | Kind::Models, _) => Program::new(arch, seed),
    };
    let answers = judged(&program, &model, &options, limit);
    let differ = |answers: &Answers| {
        let differs = |one: &Option<agreement::Compared>| matches!(one, Some(agreement::Compared::Differ(_)));
        differs(&answers.reference) || differs(&answers.symbolic)
    };
    if !differ(&answers) {
        row.add("", answers);
        return;
    }
    let mut program = program;
    loop {
        let smaller = program.smaller().find(|smaller| differ(&judged(smaller, &model, &options, limit)));
        let Some(smaller) = smaller else { break };
        program = smaller;
    }
    let name = format!("{arch} {seed} under {source}\n{}", program.text());
    row.add(&name, judged(&program, &model, &options, limit));
}

fn judged(program: &Program, model: &Model, options: &Options, limit: Duration) -> Answers {
    let test = judge::parse(&program.text()).unwrap();
    agreement::compare(|run| {
        let end = Instant::now() + limit;
        let stop: Arc<dyn Fn() -> bool + Send + Sync> = Arc::new(move || Instant::now() >= end);
        let certify = matches!(run, Run::Symbolic | Run::SymbolicVerdict);
        let options = Options { stop: Some(stop), certify, ..run.options(options) };
        Some(turnsole::simulate(&test, model, &options))
    })
}
