//! One function for each parser, that takes any bytes. It may not panic, and what it prints must read back as the same.
//!
//! The fuzz targets in `fuzz/` and the test `mutation` call these.

use crate::judge;
use bpf_object::{Endian, Format};
use isa::Cell;
use lang::c::lower::{Settings, lower};
use lang::c::{Macros, Parameter, Piece, Source, ThreadSource};
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
    ("c", c),
    ("def", def),
    ("log", log),
    ("lists", lists),
    ("bpf", bpf),
    ("cycle", cycle),
    ("mapping", mapping),
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

/// A cycle, for each architecture: what is understood is written, and reads back as the same cycle with the same test.
/// And a configuration file of diy7, of which a few cycles are made.
pub fn cycle(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for arch in generate::Arch::ALL {
        match generate::Cycle::parse(arch, FileId(0), &text) {
            Ok(cycle) => cycle_again(&cycle),
            Err(problem) => check_diagnostics(&[problem], &text),
        }
    }
    match generate::Config::read(FileId(0), &text).and_then(|config| config.wanted()) {
        // Searches end early, but what is not found takes time, too.
        Ok(wanted) if wanted.relax.len() + wanted.safe.len() > 30 => {}
        Ok(mut wanted) => {
            wanted.size = wanted.size.min(4);
            generate::Cycles::new(wanted).take(20).for_each(|cycle| cycle_again(&cycle));
        }
        Err(problem) => check_diagnostics(&[problem], &text),
    }
}

fn cycle_again(cycle: &generate::Cycle) {
    let mut edges = String::new();
    cycle.write_edges(&mut edges);
    let again = generate::Cycle::parse(cycle.arch(), FileId(0), &edges);
    let again = again.unwrap_or_else(|problem| panic!("{edges}: {}", problem.message));
    assert_eq!(*cycle, again, "another cycle reads back");
    if let Ok(test) = generate::test(cycle, generate::Style::default()) {
        let (parsed, diagnostics) = litmus::parse(FileId(0), &test);
        assert!(
            parsed.is_some() && !syntax::has_errors(&diagnostics),
            "{}\n{test}",
            judge::words(&diagnostics)
        );
    }
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
    let (_, diagnostics) = cat::bell::collect(&model, &|_| true);
    check_diagnostics(&diagnostics, &text);
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

/// A mapping: read, and if it is well-formed, given a test to translate.
pub fn mapping(bytes: &[u8]) {
    const TEST: &str =
        "BPF T\n{ 0:r1=x; }\n P0 ;\n r2 = *(u32 *)(r1 + 0) ;\n r2 = xchg_64(r1 + 0, r2) ;\nexists (0:r2=1)\n";
    let text = String::from_utf8_lossy(bytes);
    let mut files = 0;
    let mut include = |name: &str| {
        files += 1;
        Some((FileId(files), compile::mapping::shipped(name)?.text.to_owned()))
    };
    let (mapping, mut diagnostics) = compile::mapping::parse(FileId(0), &text, &mut include);
    assert_eq!(mapping.is_none(), syntax::has_errors(&diagnostics), "no mapping, and nobody says why");
    diagnostics.retain(|diagnostic| diagnostic.span.file == FileId(0));
    check_diagnostics(&diagnostics, &text);
    let (Some(mapping), Ok(test)) = (mapping, judge::parse(TEST)) else { return };
    if let Ok(source) = compile::read(&test, mapping.source, &Macros::default()) {
        let _ = source.translate(&mapping);
    }
    let split = compile::weaken::split(&mapping);
    for weakening in compile::weaken::weakenings(&split) {
        assert_eq!(weakening.apply(&split).families.len(), split.families.len());
    }
}

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
        [only] if diagnostics.is_empty() => Some(only.text.to_string()),
        _ => None,
    }
}

/// The body of a thread in C, which is also read as what stands beside threads; and what it is lowered to.
pub fn c(bytes: &[u8]) {
    static MACROS: OnceLock<Macros> = OnceLock::new();
    let macros = MACROS.get_or_init(|| Macros::parse(FileId(1), MACRO_FILE).0);
    let text = String::from_utf8_lossy(bytes);
    let piece = Piece { text: &text, span: Span::new(FileId(0), 0, text.len()) };
    let span = Span::new(FileId(0), 0, 0);
    let parameters = [("int*", "x"), ("atomic_int*", "y"), ("int**", "p"), ("spinlock_t*", "s")];
    let parameters = parameters.map(|(ty, name)| Parameter { ty, name, span }).to_vec();
    let thread = ThreadSource { id: 0, name_span: span, parameters, body: piece };
    for declarations in [vec![], vec![piece]] {
        let source = Source { declarations, threads: vec![thread.clone()], ..Source::default() };
        let (unit, diagnostics) = lang::c::parse(&source, macros);
        check_diagnostics(&diagnostics, &text);
        if !syntax::has_errors(&diagnostics) {
            let settings = Settings::default();
            let (_, diagnostics) = lower(&unit, &settings, &mut execution::Symbols::new());
            check_diagnostics(&diagnostics, &text);
        }
    }
}

const MACRO_FILE: &str = "
READ_ONCE(X) __load{once}(X)
WRITE_ONCE(X,V) { __store{once}(X,V); }
smp_store_release(X,V) { __store{release}(*X,V); }
smp_load_acquire(X) __load{acquire}(*X)
smp_mb() { __fence{mb}; }
smp_store_mb(X,V) { WRITE_ONCE(X,V); smp_mb(); }
atomic_inc(X) { __atomic_op(X,+,1); }
cmpxchg(X,V,W) __cmpxchg{mb}(X,V,W)
xchg(X,V) __xchg{mb}(X,V)
spin_lock(X) { __lock(X); }
spin_unlock(X) { __unlock(X); }
";

/// A macro file.
pub fn def(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (macros, diagnostics) = Macros::parse(FileId(0), &text);
    check_diagnostics(&diagnostics, &text);
    // Bodies are read where they are used.
    let calls: Vec<String> = macros
        .names()
        .flat_map(|name| ["", "*x", "x, 1", "x, 1, 2"].map(|all| format!("{name}({all});")))
        .collect();
    let text = calls.join("\n");
    let span = Span::new(FileId(0), 0, text.len());
    let parameters = vec![Parameter { ty: "int*", name: "x", span: Span::new(FileId(0), 0, 0) }];
    let body = Piece { text: &text, span };
    let thread = ThreadSource { id: 0, name_span: Span::new(FileId(0), 0, 0), parameters, body };
    let source = Source { threads: vec![thread], ..Source::default() };
    check_diagnostics(&lang::c::parse(&source, &macros).1, &text);
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

/// A BPF object, its instructions as raw bytes, or a hex dump; what is read is judged and searched for mistakes.
pub fn bpf(bytes: &[u8]) {
    let (Some(format), bytes) = (bytes.first(), bytes.get(1..).unwrap_or_default()) else { return };
    let format = match format % 6 {
        0 => Format::Raw(Endian::Little),
        1 => Format::Raw(Endian::Big),
        2 => Format::Hex,
        4 => Format::Text,
        _ => Format::Elf,
    };
    let (program, diagnostics) = bpf_object::read(FileId(0), "code", bytes, format);
    assert!(program.is_some() || syntax::has_errors(&diagnostics), "no program and no reason");
    if matches!(format, Format::Hex | Format::Text) {
        check_diagnostics(&diagnostics, &String::from_utf8_lossy(bytes));
    }
    let Some(program) = program else { return };
    let _ = bpf_object::groups::needs(&program.functions, &program.data);
    let _ = bpf_object::lint(&program);
    let threads = program.functions.iter().take(3).map(|function| function.name.clone()).collect();
    let options = bpf_object::slice::Options { name: "T".to_owned(), threads, ..Default::default() };
    if let (Some(test), _) = bpf_object::slice::slice(&program, &options) {
        let (_, errors) = litmus::parse(FileId(0), &test);
        assert!(!syntax::has_errors(&errors), "{errors:?} in\n{test}");
    }
    for line in program.functions.iter().flat_map(|function| &function.lines) {
        let Ok(instruction) = &line.decoded.instruction else { continue };
        let encoded = isa::bpf::bytes::encode(instruction);
        assert!(encoded.is_ok(), "{instruction:?}");
    }
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
