//! Instructions with the names that relocations give them.

use crate::program::{Data, Function, Line, Program, Reference};
use isa::bpf::{Callee, Instruction, Target, Wide};
use syntax::Span;

/// The instruction of a line, with names for what it refers to: `r1 = x ll`, `call bpf_rcu_read_lock`. A call of a
/// function of the program gets its name as a label; jumps keep their distances.
#[must_use]
pub fn linked<'p>(program: &'p Program, line: &'p Line) -> Option<Instruction<'p>> {
    let instruction = *line.instruction()?;
    let Some(reference) = &line.reference else { return Some(instruction) };
    Some(match (instruction, reference) {
        (Instruction::LoadWide { dst, .. }, Reference::Data(position, offset)) => {
            match program.data.get(*position) {
                Some(Data { name, .. }) => {
                    Instruction::LoadWide { dst, value: Wide::Symbol { name, offset: *offset } }
                }
                None => instruction,
            }
        }
        (Instruction::LoadWide { dst, .. }, Reference::Section(name, offset)) => {
            Instruction::LoadWide { dst, value: Wide::Symbol { name, offset: *offset } }
        }
        (Instruction::LoadWide { dst, .. }, Reference::Kernel(name)) => {
            Instruction::LoadWide { dst, value: Wide::Symbol { name, offset: 0 } }
        }
        (Instruction::LoadWide { dst, .. }, Reference::Function(name)) => {
            Instruction::LoadWide { dst, value: Wide::Function(Target::Label(name, Span::default())) }
        }
        (Instruction::Call { .. }, Reference::Kernel(name)) => {
            Instruction::Call { callee: Callee::Named(name) }
        }
        (Instruction::Call { .. }, Reference::Function(name)) => {
            Instruction::Call { callee: Callee::Local(Target::Label(name, Span::default())) }
        }
        (other, _) => other,
    })
}

/// The slots of a function that something jumps to, from the start of the section, in order.
#[must_use]
pub fn targets(function: &Function) -> Vec<usize> {
    let mut targets: Vec<usize> = (0..function.lines.len())
        .filter_map(|at| {
            let (Instruction::Jump { target, .. }
            | Instruction::JumpIf { target, .. }
            | Instruction::MayGoto { target }) = function.lines[at].instruction()?
            else {
                return None;
            };
            let Target::Offset(offset) = target else { return None };
            function.jump(at, *offset).map(|to| function.lines[to].decoded.index)
        })
        .collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// The same instruction with another target, if it jumps.
#[must_use]
pub fn retargeted<'a>(instruction: Instruction<'a>, to: Target<'a>) -> Instruction<'a> {
    match instruction {
        Instruction::Jump { long, .. } => Instruction::Jump { long, target: to },
        Instruction::JumpIf { width, test, dst, src, .. } => {
            Instruction::JumpIf { width, test, dst, src, target: to }
        }
        Instruction::MayGoto { .. } => Instruction::MayGoto { target: to },
        other => other,
    }
}
