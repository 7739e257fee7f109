//! `turnsole bpf dis`: the instructions of a program as text.

use super::Input;
use crate::status::Status;
use crate::terminal::Terminal;
use bpf_object::{Function, Program, Reference, linked, retargeted, targets};
use clap::{Args, ValueEnum};
use isa::bpf::bytes::SLOT_BYTES;
use isa::bpf::{Instruction, Syntax, Target, Text};
use std::collections::BTreeMap;
use std::io::{self, Write};
use syntax::Span;

/// Options of `turnsole bpf dis`.
#[derive(Args)]
pub(super) struct DisArgs {
    #[command(flatten)]
    input: Input,

    /// How instructions are written.
    #[arg(long, value_enum, default_value_t = SyntaxArg::Llvm)]
    syntax: SyntaxArg,

    /// Print instructions only, without places and bytes, with names for what they refer to and labels for where they
    /// jump to: text that assemblers and litmus tests understand.
    #[arg(long)]
    plain: bool,

    /// Print lines of the source, too, where the program has them.
    #[arg(long)]
    source: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SyntaxArg {
    /// As litmus tests have it: `r1 = *(u32 *)(r2 + 8)`.
    Litmus,
    /// As LLVM: `w1 = *(u32 *)(r2 + 0x8)`.
    Llvm,
    /// As the GNU assembler's pseudo-C: `r1=*(u32*)(r2+8)`.
    Pseudoc,
    /// As the GNU assembler: `ldxw %r1,[%r2+8]`.
    Gas,
    /// As the kernel's verifier and bpftool: `(61) r1 = *(u32 *)(r2 +8)`.
    Kernel,
}

impl SyntaxArg {
    fn syntax(self) -> Syntax {
        match self {
            SyntaxArg::Litmus => Syntax::Litmus,
            SyntaxArg::Llvm => Syntax::Llvm,
            SyntaxArg::Pseudoc => Syntax::PseudoC,
            SyntaxArg::Gas => Syntax::Gas,
            SyntaxArg::Kernel => Syntax::Kernel,
        }
    }
}

pub(super) fn dis(args: &DisArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let loaded = args.input.load();
    let status = loaded.complain(&loaded.diagnostics, terminal)?;
    let Some(program) = &loaded.program else { return Ok(status) };
    let mut section = None;
    let mut labels = 0;
    for function in &program.functions {
        if !args.plain && section != Some(&function.section) {
            writeln!(terminal.out, "\nDisassembly of section {}:", function.section)?;
            section = Some(&function.section);
        }
        one(args, program, function, &mut labels, &mut terminal.out)?;
    }
    Ok(status)
}

fn one(
    args: &DisArgs,
    program: &Program,
    function: &Function,
    labels: &mut usize,
    out: &mut impl Write,
) -> io::Result<()> {
    let syntax = args.syntax.syntax();
    // No two labels of a program are the same.
    let mut label = |slot| {
        *labels += 1;
        (slot, format!("L{labels}"))
    };
    let labels: BTreeMap<usize, String> = targets(function).into_iter().map(&mut label).collect();
    if args.plain {
        writeln!(out, "{}:", function.name)?;
    } else {
        writeln!(out, "\n{:016x} <{}>:", function.offset, function.name)?;
    }
    let mut last = None;
    for (at, line) in function.lines.iter().enumerate() {
        if args.source
            && let Some(source) = &line.source
            && last.replace((&source.file, source.line)) != Some((&source.file, source.line))
        {
            writeln!(out, "; {} @ {}:{}", source.text, source.file, source.line)?;
        }
        if args.plain {
            if let Some(label) = labels.get(&line.decoded.index) {
                writeln!(out, "{label}:")?;
            }
            writeln!(out, "  {}", plain(program, function, at, &labels, syntax))?;
        } else {
            listed(program, function, at, syntax, out)?;
        }
    }
    Ok(())
}

/// An instruction with names and labels.
fn plain(
    program: &Program,
    function: &Function,
    at: usize,
    labels: &BTreeMap<usize, String>,
    syntax: Syntax,
) -> String {
    let line = &function.lines[at];
    let Some(instruction) = linked(program, line) else { return "# no instruction".to_owned() };
    let target = match instruction {
        Instruction::Jump { target: Target::Offset(offset), .. }
        | Instruction::JumpIf { target: Target::Offset(offset), .. }
        | Instruction::MayGoto { target: Target::Offset(offset) } => function.jump(at, offset),
        _ => None,
    };
    let label = target.and_then(|to| labels.get(&function.lines[to].decoded.index));
    let instruction = match label {
        Some(label) => retargeted(instruction, Target::Label(label, Span::default())),
        None => instruction,
    };
    Text { instruction: &instruction, syntax }.to_string()
}

/// An instruction with its place and bytes, and what it refers to behind it: a listing that can be read again.
fn listed(
    program: &Program,
    function: &Function,
    at: usize,
    syntax: Syntax,
    out: &mut impl Write,
) -> io::Result<()> {
    let line = &function.lines[at];
    let slots = std::iter::once(line.decoded.slot).chain(line.decoded.second);
    let bytes: Vec<String> =
        slots.flat_map(|slot| slot.to_bytes(program.endian)).map(|byte| format!("{byte:02x}")).collect();
    let text = line
        .instruction()
        .map_or("<unknown>".to_owned(), |instruction| Text { instruction, syntax }.to_string());
    let place = if syntax == Syntax::Llvm { target_place(function, at) } else { String::new() };
    writeln!(out, "{:8}:\t{}\t{text}{place}", line.decoded.index, bytes.join(" "))?;
    let place = line.decoded.index * SLOT_BYTES;
    match &line.reference {
        Some(Reference::Data(position, offset)) => {
            let name = program.data.get(*position).map_or("", |data| &data.name);
            let offset = if *offset == 0 { String::new() } else { format!("+{offset:#x}") };
            writeln!(out, "\t\t{place:016x}:  R_BPF_64_64\t{name}{offset}")
        }
        Some(Reference::Section(name, _)) => writeln!(out, "\t\t{place:016x}:  R_BPF_64_64\t{name}"),
        Some(Reference::Kernel(name)) if line.decoded.second.is_some() => {
            writeln!(out, "\t\t{place:016x}:  R_BPF_64_64\t{name}")
        }
        Some(Reference::Kernel(name) | Reference::Function(name)) => {
            writeln!(out, "\t\t{place:016x}:  R_BPF_64_32\t{name}")
        }
        None => Ok(()),
    }
}

/// Where a jump leads, as `llvm-objdump` says it: ` <f+0x10>`.
fn target_place(function: &Function, at: usize) -> String {
    let target = match function.lines[at].instruction() {
        Some(
            Instruction::Jump { target: Target::Offset(offset), .. }
            | Instruction::JumpIf { target: Target::Offset(offset), .. }
            | Instruction::MayGoto { target: Target::Offset(offset) },
        ) => function.jump(at, *offset),
        _ => None,
    };
    let Some(target) = target else { return String::new() };
    let distance = (function.lines[target].decoded.index * SLOT_BYTES) as u64 - function.offset;
    if distance == 0 {
        format!(" <{}>", function.name)
    } else {
        format!(" <{}+{distance:#x}>", function.name)
    }
}
