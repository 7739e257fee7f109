//! The symbolic engine against the one that goes through executions: on our litmus tests, on random programs, and on
//! corpora where there are some.
//!
//! `TURNSOLE_SYMBOLIC` is the number of random programs, `TURNSOLE_SEED` the first seed. `TURNSOLE_SYMBOLIC_CORPORA`
//! names corpora, with commas, or is `all`.

use std::collections::BTreeMap;
use std::time::Duration;
use testing::generate::{ARCHITECTURES, Program};
use testing::judge;
use testing::symbolic::{Compared, compare};
use turnsole::{Model, Options};

/// How often an engine may ask whether to stop.
const PATIENCE: u64 = 100_000;

/// How long an engine may take for one test of a corpus.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What was found.
#[derive(Default)]
struct Tally {
    agree: usize,
    nothing: usize,
    /// By reason.
    refused: BTreeMap<String, Vec<String>>,
    differ: Vec<String>,
}

impl Tally {
    fn add(&mut self, name: &str, compared: Compared) {
        match compared {
            Compared::Agree => self.agree += 1,
            Compared::Nothing => self.nothing += 1,
            Compared::Refused(why) => self.refused.entry(why).or_default().push(name.to_owned()),
            Compared::Differ(how) => self.differ.push(format!("{name}\n{how}")),
        }
    }

    #[expect(clippy::print_stderr, reason = "the numbers are asked for")]
    fn finish(self, what: &str) {
        let refused: usize = self.refused.values().map(Vec::len).sum();
        let total = self.agree + self.differ.len() + refused;
        eprintln!(
            "{what}: {} of {total} agree, {refused} refused, {} not compared",
            self.agree, self.nothing
        );
        for (why, names) in &self.refused {
            eprintln!("  {}: {why}: {}", names.len(), names[..names.len().min(5)].join(", "));
        }
        assert!(
            self.differ.is_empty(),
            "{} differ:\n{}",
            self.differ.len(),
            self.differ[..self.differ.len().min(5)].join("\n")
        );
        assert!(refused * 5 <= total, "too many are refused");
    }
}

#[test]
fn our_tests() {
    let root = testing::root().join("tests/litmus");
    let mut models: BTreeMap<(String, Vec<String>), Model> = BTreeMap::new();
    let mut tally = Tally::default();
    for path in testing::files(&root, "litmus") {
        let name = path.strip_prefix(&root).unwrap_or(&path).display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let test = judge::parse(&text).unwrap();
        for said in litmus::expectations(&test).0 {
            let mut options = Options { variants: said.variants.clone(), ..Options::default() };
            options.unroll = said.unroll.unwrap_or(options.unroll);
            let arch = test.arch.word();
            let Some(model) = said.model.as_deref().or_else(|| turnsole::default_model(arch)) else {
                continue;
            };
            let key = (model.to_owned(), said.variants.clone());
            let model = models.entry(key).or_insert_with(|| judge::model(model, &options).unwrap());
            tally.add(&name, compare(&test, model, &options, PATIENCE));
        }
    }
    tally.finish("our tests");
}

#[test]
fn random_programs() {
    let count = testing::setting("TURNSOLE_SYMBOLIC", 1_500);
    let first = testing::setting("TURNSOLE_SEED", 1);
    let options = Options::default();
    let mut tally = Tally::default();
    for arch in ARCHITECTURES {
        let names: &[&str] = match *arch {
            "C11" => &["c11_partialSC.cat", "rc11.cat", "sc.cat"],
            "LKMM" => &["linux-kernel.cat"],
            "LISA" => &["sc.cat", "tso.cat"],
            "ARM" => &["arm.cat", "aarch32.cat", "sc.cat"],
            _ => &[turnsole::default_model(arch).unwrap_or("sc.cat"), "tso.cat"],
        };
        let models: Vec<Model> = names.iter().map(|name| judge::model(name, &options).unwrap()).collect();
        for seed in first..first + count.div_ceil(ARCHITECTURES.len() as u64) {
            let model = &models[seed as usize % models.len()];
            let text = Program::new(arch, seed).text();
            let test = judge::parse(&text).unwrap();
            let compared = compare(&test, model, &options, PATIENCE);
            let shown = if matches!(compared, Compared::Differ(_)) {
                format!("under {}\n{text}", model.title)
            } else {
                format!("{arch} {seed}")
            };
            tally.add(&shown, compared);
        }
    }
    tally.finish("random programs");
}

/// That none of eight increments is lost is known after few guesses, under each model that has them.
#[test]
fn increments_of_one_location() {
    let column = |lines: &[&str]| -> String {
        let row = |line: &&str| format!(" {} ;\n", [*line; 8].join(" | "));
        let heads: Vec<String> = (0..8).map(|thread| format!("P{thread}")).collect();
        format!(" {} ;\n", heads.join(" | ")) + &lines.iter().map(row).collect::<String>()
    };
    let start = |register: &str| (0..8).map(|thread| format!("{thread}:{register}=x; ")).collect::<String>();
    let functions = |head: &str, call: &str| -> String {
        (0..8).map(|thread| format!("P{thread}({head}) {{ int r0 = {call}; }}\n")).collect()
    };
    let aarch64 = column(&["MOV W2,#1", "LDADD W2,W0,[X1]"]);
    let riscv = column(&["li x6,1", "amoadd.w x5,x6,(x7)"]);
    let c11 = functions("atomic_int *x", "atomic_fetch_add_explicit(x, 1, memory_order_relaxed)");
    let kernel = functions("atomic_t *x", "atomic_fetch_add_relaxed(1, x)");
    let c11 = || format!("C INC\n{{}}\n{c11}");
    let tests = [
        ("aarch64.cat", format!("AArch64 INC\n{{ {} }}\n{aarch64}", start("X1"))),
        ("riscv.cat", format!("RISCV INC\n{{ {} }}\n{riscv}", start("x7"))),
        ("c11_partialSC.cat", c11()),
        ("c11_simp.cat", c11()),
        ("c11_orig.cat", c11()),
        ("rc11.cat", c11()),
        ("cpp20.cat", c11()),
        ("sc.cat", c11()),
        ("linux-kernel.cat", format!("C INC\n{{}}\n{kernel}")),
    ];
    for (name, text) in tests {
        let options = Options { verdict_only: true, outcomes_only: true, ..Options::default() };
        let model = judge::model(name, &options).unwrap();
        let test = judge::parse(&(text + "exists (x=8)\n")).unwrap();
        let options = judge::with_engine(&options, turnsole::EngineChoice::Symbolic, 12_000);
        let report = turnsole::simulate(&test, &model, &options);
        assert_eq!(report.status, turnsole::Status::Complete, "{name}");
        assert_eq!((report.positive, report.negative), (1, 0), "{name}");
    }
}

/// Corpora take minutes, so that they are asked for by name.
#[test]
fn corpora() {
    let Ok(asked) = std::env::var("TURNSOLE_SYMBOLIC_CORPORA") else { return };
    let Some(folder) = testing::corpora::folder() else { return };
    let mut folders: Vec<_> =
        std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders.into_iter().filter(|folder| folder.join("expected.log").is_file()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if asked != "all" && !asked.split(',').any(|one| one == name) {
            continue;
        }
        let mut tally = Tally::default();
        testing::symbolic::corpus(&folder, TIMEOUT, &mut |test, compared| tally.add(test, compared)).unwrap();
        tally.finish(&name);
    }
}
