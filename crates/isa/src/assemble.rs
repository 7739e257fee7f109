//! From the cells of a thread's column to its code: labels, and what instruction parsers share.

use crate::Isa;
use crate::annotation::Annotations;
use crate::cache::Cache;
use execution::micro::{Instruction, LabelId, Micro, Reg, Thread};
use execution::{SymbolId, Symbols};
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// The text of one cell of the program and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Cell<'a> {
    /// The text, labels included.
    pub text: &'a str,
    /// Its place.
    pub span: Span,
}

/// What stands behind a global's name for its entry in the linker's table; no test can name one.
const TABLE_ENTRY: &str = "@GOT";

/// The global whose address the entry of that name holds.
pub fn table_entry_of(name: &str) -> Option<&str> {
    name.strip_suffix(TABLE_ENTRY)
}

/// What an instruction may refer to.
#[derive(Debug)]
pub struct Context<'a> {
    /// Global names, for instructions that name a location.
    pub symbols: &'a mut Symbols,
    /// Registers that stand for the thread's symbolic registers (`%x`), by name without `%`.
    pub symbolic_registers: &'a BTreeMap<String, Reg>,
    /// Annotations of instructions, in languages that have them.
    pub(crate) annotations: Annotations,
    /// What branches leave for the instruction behind them, in instruction sets with delay slots.
    pub(crate) delay: Delay,
    /// Words among the code.
    pub(crate) literals: Literals<'a>,
    labels: Vec<(String, Option<u32>)>,
    /// How often each numbered label was defined so far.
    numbered: Vec<(String, u32)>,
    uses: Vec<(LabelId, Span)>,
    /// The global names in the instruction that is being read.
    named: SmallVec<[SymbolId; 4]>,
    /// How many labels were used before it.
    used_before: usize,
    /// Position of the instruction that is being read.
    here: u32,
}

/// The state of delay slots.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delay {
    /// Whether the program says itself what stands in them.
    pub(crate) noreorder: bool,
    /// The next instruction is in one.
    pub(crate) slot: Option<DelaySlot>,
}

/// A delay slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DelaySlot {
    /// Where its branch goes; `None`: to a register's value.
    pub(crate) target: Option<LabelId>,
    /// The branch.
    pub(crate) branch: Span,
}

/// Words among the code, which instructions load by the labels in front of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Literals<'a> {
    words: Vec<&'a str>,
    labels: Vec<(&'a str, usize)>,
}

impl<'a> Literals<'a> {
    /// Finds them: lines such as `L: .word x`.
    fn find(cells: impl Iterator<Item = Cell<'a>>) -> Literals<'a> {
        let mut found = Literals::default();
        let mut labels: Vec<&str> = Vec::new();
        for cell in cells {
            let mut rest = trim(cell);
            while let Some((name, behind)) = split_label(rest) {
                labels.push(name);
                rest = behind;
            }
            if rest.text.is_empty() {
                continue;
            }
            if let Some(word) = literal(rest.text) {
                found.labels.extend(labels.drain(..).map(|name| (name, found.words.len())));
                found.words.push(word);
            }
            labels.clear();
        }
        found
    }

    /// The text of the word `offset` bytes behind a label.
    pub(crate) fn get(&self, label: &str, offset: i64) -> Option<&'a str> {
        let (_, at) = self.labels.iter().find(|(name, _)| *name == label)?;
        let words = usize::try_from(offset).ok().filter(|offset| offset % 4 == 0)? / 4;
        self.words.get(at + words).copied()
    }
}

/// What stands behind `.word` or `.long`.
pub(crate) fn literal(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(".long").or_else(|| text.strip_prefix(".word"))?;
    rest.starts_with([' ', '\t']).then(|| rest.trim())
}

impl Context<'_> {
    /// The label of that name, used at `span`. It may be defined later.
    pub fn label(&mut self, name: &str, span: Span) -> LabelId {
        let id = match self.numbered_label(name) {
            Some(name) => self.label_id(&name),
            None => self.label_id(name),
        };
        self.uses.push((id, span));
        id
    }

    /// The name that `1b` or `1f` stands for: the last label `1` before here, or the next one.
    fn numbered_label(&self, name: &str) -> Option<String> {
        let digits = name.strip_suffix(['b', 'f']).filter(|digits| is_number(digits))?;
        let count = self.numbered.iter().find(|(known, _)| known == digits).map_or(0, |(_, count)| *count);
        Some(numbered_name(digits, if name.ends_with('b') { count } else { count + 1 }))
    }

    /// The name of the label that is defined here as `name`.
    fn defined_name<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        if !is_number(name) {
            return Cow::Borrowed(name);
        }
        let at = self.numbered.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.numbered.push((name.to_owned(), 0));
            self.numbered.len() - 1
        });
        self.numbered[at].1 += 1;
        Cow::Owned(numbered_name(name, self.numbered[at].1))
    }

    /// A label for the place `steps` instructions away from this one, such as `.+8` names.
    pub fn relative(&mut self, steps: i64, span: Span) -> LabelId {
        let target = i64::from(self.here) + steps;
        let id = self.label_id(&format!(".@{target}"));
        self.labels[id.0 as usize].1 = u32::try_from(target).ok();
        self.uses.push((id, span));
        id
    }

    /// A label for the place `slots` slots behind the next instruction, where an instruction takes one slot or more
    /// ([`Isa::slots`]).
    pub(crate) fn slots_ahead(&mut self, slots: i64, span: Span) -> LabelId {
        let id = self.label_id(&format!(".@{}{slots:+}", self.here));
        self.uses.push((id, span));
        id
    }

    /// The global of that name.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        let symbol = self.symbols.intern(name);
        self.named.push(symbol);
        symbol
    }

    /// The entry of the linker's table that holds the address of a global.
    pub(crate) fn table_entry(&mut self, name: &str) -> SymbolId {
        self.symbol(name);
        self.symbol(&format!("{name}{TABLE_ENTRY}"))
    }

    /// The global names in the instruction that was just read.
    pub(crate) fn named(&self) -> &[SymbolId] {
        &self.named
    }

    /// Whether the instruction that was just read names labels.
    pub(crate) fn has_used_labels(&self) -> bool {
        self.uses.len() > self.used_before
    }

    /// The next instruction is read.
    fn start_instruction(&mut self, here: u32) {
        self.here = here;
        self.named.clear();
        self.used_before = self.uses.len();
    }

    fn label_id(&mut self, name: &str) -> LabelId {
        let at = self.labels.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            self.labels.push((name.to_owned(), None));
            self.labels.len() - 1
        });
        LabelId(at as u16)
    }
}

/// Turns the cells of one column into a thread. `symbolic_registers` says which register each `%x` is.
/// What can't be read is reported and left out.
pub fn assemble<'c>(
    isa: &dyn Isa,
    cells: impl Iterator<Item = Cell<'c>> + Clone,
    symbols: &mut Symbols,
    symbolic_registers: &BTreeMap<String, Reg>,
) -> (Thread, Vec<Diagnostic>) {
    let (annotations, cache) = (&mut Annotations::default(), &mut Cache::default());
    assemble_annotated(isa, cells, symbols, symbolic_registers, annotations, cache)
}

/// The same for a column of a program whose columns share annotations, with instructions that are known already.
pub fn assemble_annotated<'c>(
    isa: &dyn Isa,
    cells: impl Iterator<Item = Cell<'c>> + Clone,
    symbols: &mut Symbols,
    symbolic_registers: &BTreeMap<String, Reg>,
    annotations: &mut Annotations,
    cache: &mut Cache,
) -> (Thread, Vec<Diagnostic>) {
    let known = cache.set(isa, symbolic_registers);
    let mut cx = Context {
        symbols,
        symbolic_registers,
        annotations: std::mem::take(annotations),
        delay: Delay::default(),
        literals: if isa.has_literals() { Literals::find(cells.clone()) } else { Literals::default() },
        labels: Vec::new(),
        numbered: Vec::new(),
        uses: Vec::new(),
        named: SmallVec::new(),
        used_before: 0,
        here: 0,
    };
    let mut code: Vec<Instruction> = Vec::with_capacity(cells.size_hint().0);
    let mut diagnostics = Vec::new();
    for cell in cells {
        let mut rest = trim(cell);
        // Where a comment was cut out, nothing stands where its place in the text says.
        let is_cut = (cell.span.end - cell.span.start) as usize != cell.text.len();
        while let Some((name, behind)) = split_label(rest) {
            let name = cx.defined_name(name);
            let id = cx.label_id(&name).0 as usize;
            if cx.labels[id].1.is_some() {
                let message = format!("label `{name}` is defined twice");
                let span = if is_cut { cell.span } else { rest.span };
                diagnostics.push(Diagnostic::error("isa::duplicate-label", span, message));
            }
            cx.labels[id].1 = Some(code.len() as u32);
            rest = behind;
        }
        if is_cut {
            rest.span = cell.span;
        }
        if rest.text.is_empty() || is_idle_directive(rest.text) {
            continue;
        }
        cx.start_instruction(code.len() as u32);
        if is_data(rest.text) && !(isa.has_literals() && literal(rest.text).is_some()) {
            let message = "the code runs into data".to_owned();
            let micro = vec![Micro::Fail { message }, Micro::Halt];
            code.push(Instruction { micro: micro.into(), span: rest.span, text: rest.text.into() });
            continue;
        }
        if let Some(instruction) = cache.find(known, rest.text, rest.span, &mut cx) {
            code.push(instruction);
            continue;
        }
        let read = isa.instruction(rest.text, rest.span, &mut cx);
        if is_cut {
            cx.uses[cx.used_before..].iter_mut().for_each(|(_, span)| *span = cell.span);
        }
        match read {
            Ok(instruction) => {
                cache.keep(known, rest.text, &instruction, &cx);
                code.push(instruction);
            }
            Err(diagnostic) if is_cut => {
                diagnostics.push(Diagnostic { span: cell.span, labels: Vec::new(), ..diagnostic });
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    if let Some(slot) = cx.delay.slot {
        let message = "the code ends where the delay slot of this branch should be";
        diagnostics.push(Diagnostic::error("isa::bad-delay-slot", slot.branch, message));
    }
    let Context { mut labels, uses, annotations: noted, .. } = cx;
    resolve_slots(isa, &code, &mut labels);
    *annotations = noted;
    let end = code.len() as u32;
    for (id, span) in uses {
        let (name, target) = &labels[id.0 as usize];
        if name.starts_with(".@") {
            if target.is_none_or(|target| target > end) {
                let message = match name.contains(['+', '-']) {
                    true => "the jump leads to no instruction of the thread",
                    false => "the branch leaves the thread's code",
                };
                diagnostics.push(Diagnostic::error("isa::undefined-label", span, message));
            }
        } else if target.is_none() {
            let defined = labels.iter().filter(|(name, target)| target.is_some() && !name.contains('@'));
            let defined = defined.map(|(name, _)| name.as_str());
            let message = match name.split_once('@') {
                Some((number, _)) => format!("there is no label `{}` in that direction", &number[1..]),
                None => format!("label `{name}` is not defined in this thread"),
            };
            diagnostics.push(
                Diagnostic::error("isa::undefined-label", span, message).with_suggestion(name, defined),
            );
        }
    }
    let labels = labels.into_iter().map(|(name, target)| (name, target.unwrap_or(end))).collect();
    (Thread { code, labels, structured: false }, diagnostics)
}

/// Finds the instructions that distances in slots lead to.
fn resolve_slots(isa: &dyn Isa, code: &[Instruction], labels: &mut [(String, Option<u32>)]) {
    let mut starts: Vec<i64> = Vec::new();
    for (name, target) in labels {
        let distance = name.strip_prefix(".@").filter(|name| target.is_none() && name.contains(['+', '-']));
        let Some(distance) = distance else { continue };
        let split = distance.find(['+', '-']).unwrap_or_default();
        let (here, slots) = (distance[..split].parse::<usize>(), distance[split..].parse::<i64>());
        if starts.is_empty() {
            starts.push(0);
            let mut end = 0;
            starts.extend(code.iter().map(|instruction| {
                end += i64::from(isa.slots(instruction));
                end
            }));
        }
        if let (Ok(here), Ok(slots)) = (here, slots)
            && let Some(start) = starts.get(here)
        {
            *target = starts.binary_search(&(start + 1 + slots)).ok().map(|index| index as u32);
        }
    }
}

fn trim(cell: Cell<'_>) -> Cell<'_> {
    if let [first, .., last] = cell.text.as_bytes()
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return cell;
    }
    let start = cell.text.len() - cell.text.trim_start().len();
    let text = cell.text.trim();
    Cell { text, span: sub_span(cell.span, start, start + text.len()) }
}

/// Directives of assemblers that change nothing that anybody can see.
const IDLE_DIRECTIVES: &[&str] = &[
    ".align",
    ".arch",
    ".arm",
    ".balign",
    ".code",
    ".cpu",
    ".end",
    ".ent",
    ".eabi_attribute",
    ".file",
    ".fmask",
    ".fnend",
    ".fnstart",
    ".fpu",
    ".frame",
    ".global",
    ".globl",
    ".ident",
    ".insn",
    ".loc",
    ".localentry",
    ".machine",
    ".mask",
    ".option",
    ".p2align",
    ".pad",
    ".save",
    ".section",
    ".setfp",
    ".size",
    ".syntax",
    ".text",
    ".thumb",
    ".thumb_func",
    ".type",
    ".weak",
];

fn is_idle_directive(text: &str) -> bool {
    text.starts_with('.') && {
        let word = text.split([' ', '\t']).next().unwrap_or_default();
        word.starts_with(".cfi_") || IDLE_DIRECTIVES.contains(&word)
    }
}

/// Directives that put data among the code. A program may have them where it does not get to.
const DATA_DIRECTIVES: &[&str] =
    &[".2byte", ".4byte", ".8byte", ".byte", ".dword", ".hword", ".long", ".quad", ".short", ".word"];

fn is_data(text: &str) -> bool {
    text.starts_with('.') && DATA_DIRECTIVES.contains(&text.split([' ', '\t']).next().unwrap_or_default())
}

/// Whether it is the name of a numbered label, which may be defined again and again.
fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// The name by which the `count`-th definition of a numbered label is known.
fn numbered_name(number: &str, count: u32) -> String {
    format!(".{number}@{count}")
}

/// Splits `L0: rest` into the label and the rest.
fn split_label(cell: Cell<'_>) -> Option<(&str, Cell<'_>)> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
    let (name, behind) = cell.text.split_at(cell.text.bytes().position(|byte| !in_name(&byte))?);
    // Most cells are instructions.
    let next = behind.bytes().find(|byte| !matches!(byte, b' ' | b'\t'))?;
    if next.is_ascii_graphic() && next != b':' {
        return None;
    }
    let text = behind.trim_start().strip_prefix(':')?;
    let starts = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '$');
    let is_label = name.starts_with(starts) || is_number(name);
    let span = sub_span(cell.span, cell.text.len() - text.len(), cell.text.len());
    is_label.then(|| (name, trim(Cell { text, span })))
}

/// The span of bytes `start..end` of a text that stands at `span`.
pub(crate) fn sub_span(span: Span, start: usize, end: usize) -> Span {
    Span { file: span.file, start: span.start + start as u32, end: span.start + end as u32 }
}
