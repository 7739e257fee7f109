//! One function for each parser, that takes any bytes. It may not panic, and what it prints must read back as the same.
//!
//! The fuzz targets in `fuzz/` and the test `mutation` call these.

use crate::judge;
use isa::Cell;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use syntax::{Diagnostic, FileId, SourceMap, Span};
use turnsole::{EngineChoice, Model, Options};

/// A parser under test.
pub type Entry = fn(&[u8]);

/// All of them, by name.
pub const ALL: &[(&str, Entry)] = &[
    ("litmus", litmus_file),
    ("simulate", simulate),
    ("cat", cat_file),
    ("model", model),
    ("instruction", instruction),
    ("log", log),
    ("lists", lists),
];

/// A litmus file: what was understood is printed, and the print reads back as the same print.
pub fn litmus_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (test, diagnostics) = litmus::parse(FileId(0), &text);
    check_diagnostics(&diagnostics, &text);
    let Some(test) = test else {
        assert!(syntax::has_errors(&diagnostics), "no test, and nobody says why");
        return;
    };
    let (_, more) = litmus::expectations(&test);
    check_diagnostics(&more, &text);
    if syntax::has_errors(&diagnostics) {
        return;
    }
    let printed = test.to_string();
    let (again, diagnostics) = litmus::parse(FileId(0), &printed);
    assert!(!syntax::has_errors(&diagnostics), "{}\n{printed}", judge::words(&diagnostics));
    let again = again.map(|test| test.to_string()).unwrap_or_default();
    assert_eq!(printed, again, "a print of a print differs");
}

/// A litmus file, judged; the work is bounded.
pub fn simulate(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (test, diagnostics) = litmus::parse(FileId(0), &text);
    let Some(test) = test.filter(|_| !syntax::has_errors(&diagnostics)) else { return };
    let Some(model) = turnsole::default_model(test.arch.word()).and_then(loaded) else { return };
    let options = judge::with_engine(&Options::default(), EngineChoice::Enumerate, 300);
    let report = turnsole::simulate(&test, model, &options);
    check_diagnostics(&report.diagnostics, &text);
    let total: u64 = report.states.iter().map(|state| state.witnesses).sum();
    assert_eq!(total, report.positive + report.negative, "states don't add up");
}

/// An embedded model, loaded once.
fn loaded(name: &str) -> Option<&'static Model> {
    static MODELS: OnceLock<BTreeMap<&'static str, Model>> = OnceLock::new();
    let models = MODELS.get_or_init(|| {
        let load = |name| judge::model(name, &Options::default()).map(|model| (name, model));
        turnsole::models().into_iter().filter_map(|(name, ..)| load(name).ok()).collect()
    });
    models.get(name)
}

/// A cat file: what was understood is printed, and the print reads back as the same print.
pub fn cat_file(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (model, diagnostics) = cat::parse(FileId(0), &text);
    check_diagnostics(&diagnostics, &text);
    if syntax::has_errors(&diagnostics) {
        return;
    }
    let printed = cat::print(&model);
    let (again, diagnostics) = cat::parse(FileId(0), &printed);
    assert!(!syntax::has_errors(&diagnostics), "{}\n{printed}", judge::words(&diagnostics));
    assert_eq!(printed, cat::print(&again), "a print of a print differs");
}

/// A cat file, used as a model for one small test.
pub fn model(bytes: &[u8]) {
    struct One(String);
    impl turnsole::Loader for One {
        fn load(&self, name: &str, _from: Option<&str>) -> Option<(String, String)> {
            (name == "fuzzed.cat").then(|| (name.to_owned(), self.0.clone()))
        }
    }
    let one = One(String::from_utf8_lossy(bytes).into_owned());
    let options = judge::with_engine(&Options::default(), EngineChoice::Enumerate, 50);
    let (model, _) = turnsole::load_model(&one, "fuzzed.cat", &options, &mut SourceMap::new());
    let (Some(model), Ok(test)) = (model, judge::parse(SMALL)) else { return };
    turnsole::simulate(&test, &model, &options);
}

const SMALL: &str =
    "X86 W+R\n{ }\n P0 | P1 ;\n MOV [x],$1 | MOV EAX,[x] ;\n | MOV EBX,[x] ;\nexists (1:EAX=1 /\\ 1:EBX=0)\n";

/// A column of instructions of each instruction set: canonical text reads back as the same.
pub fn instruction(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for isa in isa::ALL {
        let mut canonical = Vec::new();
        for line in text.lines().take(64) {
            canonical.extend(assemble(*isa, line));
        }
        for line in canonical {
            let again = assemble(*isa, &line);
            // Targets of branches are not in the line, so a branch can't be read alone.
            assert!(
                again.is_none() || again.as_deref() == Some(&line),
                "{}: `{line}` reads back as {again:?}",
                isa.name()
            );
        }
    }
}

fn assemble(isa: &dyn isa::Isa, line: &str) -> Option<String> {
    let cell = Cell { text: line, span: Span::new(FileId(0), 0, line.len()) };
    let mut symbols = execution::Symbols::default();
    let (thread, diagnostics) = isa::assemble(isa, std::iter::once(cell), &mut symbols, &BTreeMap::new());
    check_diagnostics(&diagnostics, line);
    match thread.code.as_slice() {
        [only] if diagnostics.is_empty() => Some(only.text.clone()),
        _ => None,
    }
}

/// A log.
pub fn log(bytes: &[u8]) {
    litmus::read_log(&String::from_utf8_lossy(bytes));
}

/// Files of names, kinds and conditions.
pub fn lists(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    litmus::read_list(&text);
    litmus::read_names(&text);
    check_diagnostics(&litmus::read_renames(FileId(0), &text).1, &text);
    check_diagnostics(&litmus::read_kinds(FileId(0), &text).1, &text);
    check_diagnostics(&litmus::read_conditions(FileId(0), &text).1, &text);
}

/// Places are inside the text, on the borders of characters, and messages say something.
fn check_diagnostics(diagnostics: &[Diagnostic], text: &str) {
    for diagnostic in diagnostics {
        let places = std::iter::once(diagnostic.span).chain(diagnostic.labels.iter().map(|(span, _)| *span));
        for span in places.filter(|span| span.file == FileId(0)) {
            let part = text.get(span.start as usize..span.end as usize);
            assert!(
                part.is_some(),
                "{}: {}..{} is not a part of the text",
                diagnostic.code,
                span.start,
                span.end
            );
        }
        assert!(!diagnostic.message.is_empty() && diagnostic.code.contains("::"), "{diagnostic:?}");
    }
}
