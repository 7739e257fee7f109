//! The hash that herd prints for a test: it depends on the program, the initial state and what is observed, not on
//! the layout, the name or the question.
//!
//! `hex(md5(INFO ‖ md5(INIT) ‖ md5(CODE) ‖ md5(OBSERVED)))`, where the inner digests are raw bytes and INFO is the
//! digest of the metadata that change the meaning of a test, or nothing if there are none.
//!
//! Facts found by comparing with the hashes in herd's logs:
//! 1. Registers in INIT and OBSERVED are digested as the file writes them (`0:a0`, `0:r10`); only instructions are
//!    digested with canonical names. They sort by thread and then as strings, so that `r10` comes before `r9`.
//! 2. Symbolic registers lose their `%` in INIT, and keep it in instructions.
//! 3. A declaration without a value has the value 0; an array is digested without its values; `x[1]` as a value
//!    is `x+1`, a label `0:L0`. Numbers stay as written. What holds an instruction is an `ins_t`, declared or not.
//! 4. In C, `atomic_int` is digested as `_Atomic int`, and `const` stands behind its type.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::ops::Range;

use md5::{Digest, Md5};

use crate::ast::{Atom, Binding, CProgram, Literal, Observed, Operand, Place, Program, Test};
use crate::display::{Bare, Style};
use crate::lexer::is_plain_name;
use crate::places::Places;
use crate::{print, scan};

/// A line of a thread's code, printed as its instruction set prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeLine<'a> {
    /// A label, without the colon.
    Label(&'a str),
    /// An instruction; labels in it are the test's own.
    Instr(Cow<'a, str>),
}

impl CodeLine<'_> {
    fn text(&self) -> &str {
        match self {
            CodeLine::Label(text) => text,
            CodeLine::Instr(text) => text,
        }
    }
}

/// The metadata that change the meaning of a test, in the order in which they are digested.
const DIGESTED_KEYS: [&str; 3] = ["mt", "memorytype", "cachetype"];

/// The hash of a test in assembly. `code` has the lines of each column of the program, in the program's order;
/// `is_register` says whether `0:name` on the right of a comparison is a register and not a label.
pub fn hash(test: &Test, code: &[Vec<CodeLine<'_>>], is_register: &dyn Fn(u32, &str) -> bool) -> String {
    digest(test, &listing(code), is_register)
}

/// The hash of a test in C, or of one whose program is kept as it is.
pub fn hash_source(test: &Test) -> String {
    let code = match &test.program {
        Program::C(program) => c_listing(program),
        Program::Raw(text) => text.text.clone(),
        Program::Asm(_) => String::new(),
    };
    digest(test, &code, &|_, _| true)
}

fn digest(test: &Test, code: &str, is_register: &dyn Fn(u32, &str) -> bool) -> String {
    let mut all = Md5::new();
    let info = digested_metadata(test);
    if !info.is_empty() {
        all.update(Md5::digest(info));
    }
    all.update(Md5::digest(initial_state(test)));
    all.update(Md5::digest(code));
    all.update(Md5::digest(observed(test, is_register)));
    let digits = b"0123456789abcdef";
    let halves = all.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| char::from(digits[usize::from(half)])).collect()
}

fn digested_metadata(test: &Test) -> String {
    let mut info = String::new();
    for key in DIGESTED_KEYS {
        if let Some(value) = test.metadata(key) {
            info.push_str(key);
            info.push('=');
            info.push_str(value);
        }
    }
    info
}

/// A declaration as it is digested: an array without its values, anything else with the value 0 where it has none,
/// a cell `x[1]` as `x+1`.
fn declaration(item: &Binding, out: &mut String) -> fmt::Result {
    match (&item.ty, &item.value) {
        (Some(ty), _) => print::declared_type(ty, out)?,
        (None, Some(Literal::Instruction(_))) => out.push_str("ins_t "),
        (None, _) => {}
    }
    match &item.place {
        Place::SymbolicReg(name) => out.push_str(name.trim_start_matches('%')),
        place => Style::AS_WRITTEN.bare_place(place, out)?,
    }
    if let Some(length) = item.ty.as_ref().and_then(|ty| ty.array) {
        return write!(out, "[{length}]");
    }
    out.push('=');
    match &item.value {
        None => out.push('0'),
        Some(Literal::Cell { name, index }) => write!(out, "{name}+{index}")?,
        Some(value) => Style::AS_WRITTEN.literal(value, out)?,
    }
    Ok(())
}

/// Registers sort first, by thread; then symbolic registers, then memory.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Reg(u32, &'a str),
    SymbolicReg(&'a str),
    Memory(Cow<'a, str>),
}

fn key(place: &Place) -> Key<'_> {
    match place {
        Place::Reg { thread, name } => Key::Reg(*thread, name),
        Place::SymbolicReg(name) => Key::SymbolicReg(name),
        Place::Mem(name) if is_plain_name(name) => Key::Memory(Cow::Borrowed(name)),
        other => Key::Memory(Cow::Owned(Bare(other, Style::AS_WRITTEN).to_string())),
    }
}

/// How many items there are mostly, and how many bytes each takes.
const TYPICAL_ITEMS: usize = 8;
const TYPICAL_BYTES: usize = 16;

/// Texts that are digested in the order of their keys, each once.
struct Items<'a> {
    /// All texts, one behind the other.
    text: String,
    items: Vec<(Key<'a>, Range<usize>)>,
}

impl<'a> Items<'a> {
    /// None yet.
    fn new() -> Items<'a> {
        Items {
            text: String::with_capacity(TYPICAL_ITEMS * TYPICAL_BYTES),
            items: Vec::with_capacity(TYPICAL_ITEMS),
        }
    }

    fn add(&mut self, key: Key<'a>, print: impl FnOnce(&mut String) -> fmt::Result) {
        let start = self.text.len();
        // A string takes everything.
        let _ = print(&mut self.text);
        self.items.push((key, start..self.text.len()));
    }

    fn place(&mut self, place: &'a Place) {
        self.add(key(place), |out| Style::AS_WRITTEN.bare_place(place, out));
    }

    fn join(mut self) -> String {
        let text = &self.text;
        let part = |range: &Range<usize>| &text[range.clone()];
        self.items.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| part(left).cmp(part(right))));
        self.items.dedup_by(|(_, left), (_, right)| part(left) == part(right));
        let mut joined = String::with_capacity(text.len() + 2 * self.items.len());
        for (_, range) in &self.items {
            if !joined.is_empty() {
                joined.push_str("; ");
            }
            joined.push_str(part(range));
        }
        joined
    }
}

fn initial_state(test: &Test) -> String {
    let mut items = Items::new();
    for item in &test.init {
        items.add(key(&item.place), |out| declaration(item, out));
    }
    items.join()
}

fn observed(test: &Test, is_register: &dyn Fn(u32, &str) -> bool) -> String {
    let mut items = Items::new();
    let mut seen = Places::default();
    test.condition.prop.for_each_atom(&mut |atom| {
        let Atom::Compare { place, value, .. } = atom else { return };
        if seen.get(place).is_none() {
            seen.insert(place, ());
            items.place(place);
        }
        match value {
            Operand::Place(place) => items.place(place),
            Operand::Literal(Literal::Label { thread, name }) if is_register(*thread, name) => {
                items.add(Key::Reg(*thread, name), |out| Style::AS_WRITTEN.register(*thread, name, out));
            }
            Operand::Literal(_) => {}
        }
    });
    for item in &test.locations {
        if let Observed::Place(place) = &item.item {
            items.place(place);
        }
    }
    items.join()
}

/// The code as a table.
fn listing(code: &[Vec<CodeLine<'_>>]) -> String {
    if !code.iter().flatten().any(|line| matches!(line, CodeLine::Label(_))) {
        return table(code, CodeLine::text);
    }
    let names = label_names(code);
    let columns: Vec<Vec<Cow<'_, str>>> =
        code.iter().map(|column| column.iter().map(|line| printed_line(line, &names)).collect()).collect();
    table(&columns, |cell| cell)
}

fn table<T>(columns: &[Vec<T>], text_of: impl Fn(&T) -> &str) -> String {
    let width = |column: &Vec<T>| column.iter().map(|cell| text_of(cell).len()).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let row_len: usize = widths.iter().map(|width| width + 3).sum();
    let mut text = String::with_capacity(rows.saturating_mul(row_len + 2).min(1 << 20));
    for row in 0..rows {
        for (index, (column, width)) in columns.iter().zip(&widths).enumerate() {
            let cell = column.get(row).map_or("", &text_of);
            text.push_str(if index > 0 { "| " } else { " " });
            text.push_str(cell);
            push_blanks(width - cell.len() + 1, &mut text);
        }
        text.push_str(";\n");
    }
    text
}

fn push_blanks(count: usize, text: &mut String) {
    const BLANKS: &str = "                                ";
    let mut left = count;
    while left > BLANKS.len() {
        text.push_str(BLANKS);
        left -= BLANKS.len();
    }
    text.push_str(&BLANKS[..left]);
}

/// The labels' new names.
struct Labels<'a> {
    /// By the old ones.
    names: BTreeMap<&'a str, String>,
    /// A bit for each length that the old ones have; the last one is for all that are longer.
    lengths: u64,
}

impl Labels<'_> {
    #[inline]
    fn get(&self, label: &str) -> Option<&str> {
        // Few words are as long as a label.
        if self.lengths & length_bit(label) == 0 { None } else { self.names.get(label).map(String::as_str) }
    }
}

#[inline]
fn length_bit(label: &str) -> u64 {
    1 << label.len().min(63)
}

/// Labels are numbered in the order of their old names.
fn label_names<'a>(code: &[Vec<CodeLine<'a>>]) -> Labels<'a> {
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for line in code.iter().flatten() {
        if let CodeLine::Label(label) = line {
            names.insert(label, String::new());
        }
    }
    for (index, name) in names.values_mut().enumerate() {
        *name = format!("L{index:02}");
    }
    let lengths = names.keys().fold(0, |lengths, label| lengths | length_bit(label));
    Labels { names, lengths }
}

fn printed_line<'a>(line: &'a CodeLine<'_>, labels: &Labels<'_>) -> Cow<'a, str> {
    match line {
        CodeLine::Label(label) => [labels.get(label).unwrap_or(label), ":"].concat().into(),
        CodeLine::Instr(text) => rename_labels(text, labels),
    }
}

/// Renames every word that is a label.
fn rename_labels<'a>(text: &'a str, labels: &Labels<'_>) -> Cow<'a, str> {
    let in_word = |byte: u8| scan::continues_name(byte) || byte == b'.';
    let bytes = text.as_bytes();
    let mut renamed = String::new();
    let (mut at, mut copied) = (0, 0);
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && in_word(bytes[at]) {
            at += 1;
        }
        if let Some(name) = labels.get(&text[start..at]) {
            renamed.push_str(&text[copied..start]);
            renamed.push_str(name);
            copied = at;
        }
        while at < bytes.len() && !in_word(bytes[at]) {
            at += 1;
        }
    }
    if copied == 0 {
        return text.into();
    }
    renamed.push_str(&text[copied..]);
    renamed.into()
}

/// The functions as a table of one row.
fn c_listing(program: &CProgram) -> String {
    let columns: Vec<Vec<Cow<'_, str>>> = program
        .functions
        .iter()
        .map(|function| {
            let params: Vec<String> = function
                .params
                .iter()
                .map(|param| format!("{}* {}", digested_type(&param.ty), param.name))
                .collect();
            vec![format!("P{}({}) {{\n{}\n}}\n", function.id, params.join(", "), function.body.text).into()]
        })
        .collect();
    table(&columns, |cell| cell)
}

/// A parameter's type without the star that every parameter has.
fn digested_type(ty: &str) -> String {
    let ty = ty.replacen('*', "", 1).replace("atomic_int", "_Atomic int");
    match ty.strip_prefix("const ") {
        Some(ty) => format!("{ty} const"),
        None => ty,
    }
}
