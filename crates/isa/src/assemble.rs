//! From the cells of a thread's column to its code: labels, and what instruction parsers share.

use crate::Isa;
use execution::micro::{Instruction, LabelId, Reg, Thread};
use execution::{SymbolId, Symbols};
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

/// What an instruction may refer to.
#[derive(Debug)]
pub struct Context<'a> {
    /// Global names, for instructions that name a location.
    pub symbols: &'a mut Symbols,
    /// Registers that stand for the thread's symbolic registers (`%x`), by name without `%`.
    pub symbolic_registers: &'a BTreeMap<String, Reg>,
    labels: Vec<(String, Option<u32>)>,
    uses: Vec<(LabelId, Span)>,
    /// Position of the instruction that is being read.
    here: u32,
}

impl Context<'_> {
    /// The label of that name, used at `span`. It may be defined later.
    pub fn label(&mut self, name: &str, span: Span) -> LabelId {
        let id = self.label_id(name);
        self.uses.push((id, span));
        id
    }

    /// A label for the place `steps` instructions away from this one, such as `.+8` names.
    pub fn relative(&mut self, steps: i64, span: Span) -> LabelId {
        let target = i64::from(self.here) + steps;
        let id = self.label_id(&format!(".@{target}"));
        self.labels[id.0 as usize].1 = u32::try_from(target).ok();
        self.uses.push((id, span));
        id
    }

    /// The global of that name.
    pub fn symbol(&mut self, name: &str) -> SymbolId {
        self.symbols.intern(name)
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
    cells: impl Iterator<Item = Cell<'c>>,
    symbols: &mut Symbols,
    symbolic_registers: &BTreeMap<String, Reg>,
) -> (Thread, Vec<Diagnostic>) {
    let mut cx = Context { symbols, symbolic_registers, labels: Vec::new(), uses: Vec::new(), here: 0 };
    let mut code: Vec<Instruction> = Vec::with_capacity(cells.size_hint().0);
    let mut diagnostics = Vec::new();
    for cell in cells {
        let mut rest = trim(cell);
        while let Some((name, behind)) = split_label(rest) {
            let id = cx.label_id(name).0 as usize;
            if cx.labels[id].1.is_some() {
                let message = format!("label `{name}` is defined twice");
                diagnostics.push(Diagnostic::error("isa::duplicate-label", rest.span, message));
            }
            cx.labels[id].1 = Some(code.len() as u32);
            rest = behind;
        }
        if rest.text.is_empty() {
            continue;
        }
        cx.here = code.len() as u32;
        match isa.instruction(rest.text, rest.span, &mut cx) {
            Ok(instruction) => code.push(instruction),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    let Context { labels, uses, .. } = cx;
    let end = code.len() as u32;
    for (id, span) in uses {
        let (name, target) = &labels[id.0 as usize];
        if name.starts_with(".@") {
            if target.is_none_or(|target| target > end) {
                let message = "the branch leaves the thread's code";
                diagnostics.push(Diagnostic::error("isa::undefined-label", span, message));
            }
        } else if target.is_none() {
            let defined = labels.iter().filter(|(_, target)| target.is_some()).map(|(name, _)| name.as_str());
            let message = format!("label `{name}` is not defined in this thread");
            diagnostics.push(
                Diagnostic::error("isa::undefined-label", span, message).with_suggestion(name, defined),
            );
        }
    }
    let labels = labels.into_iter().map(|(name, target)| (name, target.unwrap_or(end))).collect();
    (Thread { code, labels }, diagnostics)
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

/// Splits `L0: rest` into the label and the rest.
fn split_label(cell: Cell<'_>) -> Option<(&str, Cell<'_>)> {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$');
    let (name, behind) = cell.text.split_at(cell.text.bytes().position(|byte| !in_name(&byte))?);
    let text = behind.trim_start().strip_prefix(':')?;
    let is_label = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '.');
    let span = sub_span(cell.span, cell.text.len() - text.len(), cell.text.len());
    is_label.then(|| (name, trim(Cell { text, span })))
}

/// The span of bytes `start..end` of a text that stands at `span`.
pub(crate) fn sub_span(span: Span, start: usize, end: usize) -> Span {
    Span { file: span.file, start: span.start + start as u32, end: span.start + end as u32 }
}
