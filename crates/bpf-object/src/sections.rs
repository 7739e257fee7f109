//! Code of a section → functions.

use crate::program::{Function, Line, Program};
use isa::bpf::bytes::{Decoded, Endian, SLOT_BYTES, decode};
use isa::bpf::{Callee, Instruction, Target, Wide};
use syntax::{Diagnostic, FileId, Span};

/// Code, and where it stands.
pub(crate) struct Code<'a> {
    /// The name of its section.
    pub(crate) section: &'a str,
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// The file it is from.
    pub(crate) file: FileId,
    /// Where each slot stands in the file, as a range of bytes.
    pub(crate) place: &'a dyn Fn(usize) -> std::ops::Range<usize>,
    /// Whether a relocation says what the instruction at a slot refers to: the distance in it is no place then.
    pub(crate) is_linked: &'a dyn Fn(usize) -> bool,
}

/// A symbol of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Number of its first slot in the section.
    pub(crate) slot: usize,
    /// Number of the slot behind its last, if it is known.
    pub(crate) end: Option<usize>,
    /// Its name.
    pub(crate) name: String,
}

/// Reads instructions that stand one behind the other.
pub(crate) fn raw(
    file: FileId,
    name: &str,
    bytes: &[u8],
    endian: Endian,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Program> {
    if bytes.is_empty() {
        let span = Span::new(file, 0, 0);
        diagnostics.push(Diagnostic::error("bpf::no-code", span, "the file is empty"));
        return None;
    }
    let place = |slot: usize| slot * SLOT_BYTES..((slot + 1) * SLOT_BYTES).min(bytes.len());
    let code = Code { section: name, bytes, file, place: &place, is_linked: &|_| false };
    let functions = functions(&code, endian, &[], diagnostics);
    let program = Program { endian, functions, data: Vec::new() };
    (!program.functions.is_empty()).then_some(program)
}

/// Divides code into functions. `starts` must be sorted, without two at one place; what is before the first start, or
/// behind the end of a function, gets the name of the section.
pub(crate) fn functions(
    code: &Code<'_>,
    endian: Endian,
    starts: &[Start],
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Function> {
    let (decoded, problem) = decode(code.bytes, endian);
    let slots = code.bytes.len() / SLOT_BYTES;
    if let Some(problem) = problem {
        let mut error = problem.at(span(code, slots, slots));
        error.message = format!("in section `{}`: {}", code.section, error.message);
        diagnostics.push(error);
    }
    let mut decoded = decoded.into_iter().peekable();
    let mut functions = Vec::new();
    for (name, from, to) in pieces(code, starts, slots) {
        let mut lines = Vec::new();
        while let Some(one) = decoded.next_if(|one| one.index < to) {
            let span = span(code, one.index, one.index + one.slots() - 1);
            lines.push(Line { decoded: one, reference: None, source: None, span });
        }
        if !lines.is_empty() {
            let offset = (from * SLOT_BYTES) as u64;
            functions.push(Function { name, section: code.section.to_owned(), offset, lines });
        }
    }
    for function in &functions {
        complain(function, code, slots, diagnostics);
    }
    functions
}

/// Names with the slots that they have, which together are all slots.
fn pieces(code: &Code<'_>, starts: &[Start], slots: usize) -> Vec<(String, usize, usize)> {
    let rest = |from: usize, to: usize| (code.section.to_owned(), from, to);
    let mut pieces = Vec::new();
    let mut at = 0;
    for (index, start) in starts.iter().enumerate() {
        if start.slot > at {
            pieces.push(rest(at, start.slot));
        }
        let next = starts.get(index + 1).map_or(slots, |next| next.slot);
        let end = start.end.filter(|end| *end > start.slot).unwrap_or(next).min(next);
        pieces.push((start.name.clone(), start.slot, end));
        at = end;
    }
    if at < slots {
        pieces.push(rest(at, slots));
    }
    pieces
}

fn span(code: &Code<'_>, from: usize, to: usize) -> Span {
    Span::new(code.file, (code.place)(from).start, (code.place)(to).end)
}

/// Says what is wrong with the instructions of a function, and which jumps lead outside.
fn complain(function: &Function, code: &Code<'_>, slots: usize, diagnostics: &mut Vec<Diagnostic>) {
    for (position, line) in function.lines.iter().enumerate() {
        match &line.decoded.instruction {
            Err(problem) => {
                let mut error = problem.at(line.span);
                error.message = in_function(function, &line.decoded, &error.message);
                diagnostics.push(error);
            }
            Ok(instruction) => {
                if refers(instruction) && (code.is_linked)(line.decoded.index) {
                    continue;
                }
                if let Some(message) = bad_jump(function, position, instruction, slots) {
                    let message = in_function(function, &line.decoded, &message);
                    let error = Diagnostic::error("bpf::bad-jump", line.span, message);
                    diagnostics.push(match instruction {
                        Instruction::Call { .. } => error.with_help(UNLINKED),
                        _ => error,
                    });
                }
            }
        }
    }
}

/// A message about an instruction. Files of bytes have no lines, so it says where the instruction is.
pub(crate) fn in_function(function: &Function, decoded: &Decoded, message: &str) -> String {
    let slot = decoded.index - (function.offset as usize / SLOT_BYTES);
    let offset = decoded.index * SLOT_BYTES;
    format!("in `{}`, instruction {slot} (offset {offset:#x}): {message}", function.name)
}

/// What calls between sections need.
const UNLINKED: &str = "where a call to another section leads is in its relocation: give the object, or a listing with \
                        relocations, such as `llvm-objdump -dr` makes";

/// Whether an instruction may get what it refers to from a relocation.
fn refers(instruction: &Instruction<'static>) -> bool {
    matches!(instruction, Instruction::Call { .. } | Instruction::LoadWide { .. })
}

fn bad_jump(
    function: &Function,
    position: usize,
    instruction: &Instruction<'static>,
    slots: usize,
) -> Option<String> {
    let inside = |offset: i32| function.jump(position, offset).is_some();
    let in_section = |offset: i32| {
        let next = function.lines[position].decoded.index as i64 + 1;
        (0..slots as i64).contains(&(next + i64::from(offset)))
    };
    match *instruction {
        Instruction::Jump { target: Target::Offset(offset), .. }
        | Instruction::JumpIf { target: Target::Offset(offset), .. }
        | Instruction::MayGoto { target: Target::Offset(offset) } => (!inside(offset))
            .then(|| format!("the jump by {offset:+} does not lead to an instruction of the function")),
        // The linker fills in what is -1.
        Instruction::Call { callee: Callee::Local(Target::Offset(offset)) }
        | Instruction::LoadWide { value: Wide::Function(Target::Offset(offset)), .. } => (offset != -1
            && !in_section(offset))
        .then(|| format!("the call by {offset:+} does not lead to a function of the section")),
        _ => None,
    }
}
