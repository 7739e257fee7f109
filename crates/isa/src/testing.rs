//! What the tests of instruction sets share.

use crate::{Cell, Isa, assemble};
use execution::micro::{Micro, Reg, Thread};
use execution::{Limits, Symbols, Value, unfold};
use expect_test::Expect;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use syntax::{Diagnostic, FileId, Span};

/// Reads a program, one instruction a line or between semicolons. `%a` and `%b` are symbolic registers.
pub(crate) fn read(isa: &dyn Isa, program: &str) -> (Thread, Vec<Diagnostic>) {
    let mut symbols = Symbols::new();
    let first = match isa.registers().len() {
        _ if isa.name() == "BPF" => 6,
        ..=25 => 10,
        _ => 20,
    };
    let symbolic = BTreeMap::from([("a".to_owned(), Reg(first)), ("b".to_owned(), Reg(first + 1))]);
    let cells = program.split([';', '\n']).map(|text| {
        let at = text.as_ptr().addr() - program.as_ptr().addr();
        Cell { text, span: Span::new(FileId(0), at, at + text.len()) }
    });
    assemble(isa, cells, &mut symbols, &symbolic)
}

/// The canonical text of one instruction, or what is wrong with it.
pub(crate) fn canonical(isa: &dyn Isa, text: &str) -> Result<String, String> {
    let (thread, mut diagnostics) = read(isa, text);
    // Labels are not the point here.
    diagnostics.retain(|diagnostic| diagnostic.code != "isa::undefined-label");
    match (diagnostics.first(), thread.code.first()) {
        (Some(diagnostic), _) => Err(describe(text, diagnostic)),
        (None, Some(instruction)) => Ok(instruction.text.to_string()),
        (None, None) => Err("nothing".to_owned()),
    }
}

/// Holds that texts in canonical form stay as they are, and that other texts come to theirs.
pub(crate) fn assert_canonical(isa: &dyn Isa, canonical_texts: &[&str], others: &[(&str, &str)]) {
    for text in canonical_texts {
        assert_eq!(canonical(isa, text).as_deref(), Ok(*text));
    }
    for (text, expected) in others {
        assert_eq!(canonical(isa, text).as_deref(), Ok(*expected));
        assert_eq!(canonical(isa, expected).as_deref(), Ok(*expected));
    }
}

/// A check of what is wrong with an instruction.
pub(crate) fn expects_error(isa: &dyn Isa) -> impl Fn(&str, Expect) {
    move |text, expected| expected.assert_eq(&canonical(isa, text).unwrap_err())
}

fn describe(text: &str, diagnostic: &Diagnostic) -> String {
    let shown = text.get(diagnostic.span.start as usize..diagnostic.span.end as usize).unwrap_or("?");
    let help = diagnostic.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{} at `{shown}`: {}{help}", diagnostic.code, diagnostic.message)
}

/// The micro-operations of one instruction, one a line.
pub(crate) fn micros(isa: &dyn Isa, text: &str) -> String {
    let (thread, _) = read(isa, text);
    let mut lines = String::new();
    for instruction in &thread.code {
        list(isa, &instruction.micro, 0, &mut lines);
    }
    lines
}

/// A check of the micro-operations of an instruction.
pub(crate) fn expects_micros(isa: &dyn Isa) -> impl Fn(&str, Expect) {
    move |text, expected| expected.assert_eq(&micros(isa, text))
}

fn list(isa: &dyn Isa, micros: &[Micro], depth: usize, lines: &mut String) {
    let indent = "  ".repeat(depth);
    for micro in micros {
        match micro {
            Micro::Alt(ways) => {
                for way in ways {
                    let _ = writeln!(lines, "{indent}way");
                    list(isa, way, depth + 1, lines);
                }
            }
            micro => {
                let _ = writeln!(lines, "{indent}{}", short(isa, micro));
            }
        }
    }
}

/// Like `Debug`, without what says nothing.
fn short(isa: &dyn Isa, micro: &Micro) -> String {
    let mut text = format!("{micro:?}");
    for (number, name) in isa.registers().iter().enumerate() {
        text = text.replace(&format!("Reg({number})"), name);
    }
    for number in 0..20 {
        text = text.replace(&format!("Temp({number})"), &format!("t{number}"));
        text = text.replace(&format!("Ev({number})"), &format!("e{number}"));
    }
    let tags = (0..isa.tags().len()).map(|i| (format!("Tags({})", 1u128 << i), isa.tags()[i]));
    for (number, name) in tags {
        text = text.replace(&number, name);
    }
    text
}

/// Runs a program that reads no memory, and gives the final values of registers, of each way through it.
pub(crate) fn run(isa: &dyn Isa, program: &str, registers: &[&str]) -> Vec<Vec<Value>> {
    let (thread, diagnostics) = read(isa, program);
    assert_eq!(diagnostics, [], "{program}");
    let limits = Limits {
        unroll: 10,
        steps: 1000,
        paths: 100,
        register_events: true,
        waiting: None,
        private: Vec::new(),
        constants: Vec::new(),
    };
    let paths = unfold(&[thread], 0, &[], &limits).expect("it can be unfolded");
    let value = |path: &execution::Path, name: &str| {
        let reg = isa.register(name).expect("a register");
        let last = path.registers.iter().find(|(known, _)| *known == reg);
        last.map_or(Value::ZERO, |(_, term)| path.terms.known(*term).expect("known"))
    };
    paths.iter().map(|path| registers.iter().map(|name| value(path, name)).collect()).collect()
}

/// Runs a program that has one way, and gives the final value of one register as a signed number.
pub(crate) fn result(isa: &dyn Isa, program: &str, register: &str) -> i64 {
    match run(isa, program, &[register])[..] {
        [ref way] => match way[0] {
            Value::Int(bits) => bits as u64 as i64,
            other => panic!("{program}: {other:?}"),
        },
        ref ways => panic!("{program}: {} ways", ways.len()),
    }
}

/// A check of the final value of that register, after a program that has one way.
pub(crate) fn expects_result(isa: &dyn Isa, register: &str) -> impl Fn(&str, i64) {
    move |program, expected| assert_eq!(result(isa, program, register), expected, "{program}")
}
