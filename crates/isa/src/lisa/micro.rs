//! From instruction to micro-operations.

use super::instruction::{Address, Expression, Instruction, Value};
use super::register::Register;
use super::tag;
use crate::Context;
use crate::annotation::AnnotatedKind;
use crate::emit::{Emit, label};
use crate::operand::Symbol;
use execution::BinaryOp;
use execution::micro::{EdgeKind, Micro, Port, Tags, Temp};
use syntax::Span;

/// Width of locations, and of what is computed.
const MEMORY: u8 = 32;
const REGISTER: u8 = 64;

/// The micro-operations of an instruction, which stands at `span`.
pub(super) fn lower(instruction: &Instruction<'_>, span: Span, cx: &mut Context<'_>) -> Vec<Micro> {
    let mut lower = Lower { emit: Emit::default(), span, cx };
    lower.instruction(instruction);
    lower.emit.finish()
}

struct Lower<'l, 'c> {
    emit: Emit,
    span: Span,
    cx: &'l mut Context<'c>,
}

impl Lower<'_, '_> {
    fn instruction(&mut self, instruction: &Instruction<'_>) {
        use Instruction::*;
        match instruction {
            Nop => {}
            Read { annotations, target, address } => {
                let tags = self.tags(AnnotatedKind::Read, annotations);
                let addr = self.address(address);
                let loaded = self.emit.load(addr, MEMORY, tags);
                let value = self.emit.sign_extend(MEMORY, loaded);
                self.emit.write(target.reg(), value);
            }
            Write { annotations, address, value } => {
                let tags = self.tags(AnnotatedKind::Write, annotations);
                let addr = self.address(address);
                let value = self.value(value, Port::Data);
                self.emit.store(addr, value, MEMORY, tags);
            }
            Update { annotations, target, value, address } => {
                let tags = self.tags(AnnotatedKind::Rmw, annotations);
                self.update(tags, *target, value, address);
            }
            Fence { annotations, between: None } => {
                let tags = self.tags(AnnotatedKind::Fence, annotations);
                self.emit.fence(tags.with(tag::TOTAL));
            }
            Fence { between: Some(_), .. } => {
                self.emit.fail("fences between labels are not simulated".to_owned());
            }
            Call { annotation } => {
                let tags = self.tags(AnnotatedKind::Fence, &[annotation]);
                self.emit.fence(tags.with(tag::TOTAL));
            }
            Branch { annotations, condition, target } => {
                // Branches are marked with nothing, but their annotations are checked.
                self.tags(AnnotatedKind::Branch, annotations);
                let to = label(*target, self.cx);
                match condition {
                    Some(register) => {
                        let cond = self.emit.read(register.reg(), Port::Plain);
                        self.emit.branch(cond, to);
                    }
                    None => self.emit.push(Micro::Jump { target: to }),
                }
            }
            Move { target, value } => {
                let value = self.expression(value, Port::Plain, None);
                self.emit.write(target.reg(), value);
            }
        }
    }

    fn tags(&mut self, kind: AnnotatedKind, annotations: &[&str]) -> Tags {
        let base = tag::NAMES.len();
        self.cx.annotations.apply(kind, annotations, base, self.span)
    }

    fn value(&mut self, value: &Value<'_>, port: Port) -> Temp {
        match value {
            Value::Register(register) => self.emit.read(register.reg(), port),
            Value::Number(number) => self.emit.number(*number),
            Value::Location(name) => self.emit.symbol(Symbol { name, offset: 0 }, self.cx),
        }
    }

    fn address(&mut self, address: &Address<'_>) -> Temp {
        let base = self.value(&address.base, Port::Addr);
        match &address.offset {
            Some(offset) => {
                let offset = self.value(offset, Port::Addr);
                self.emit.binary(BinaryOp::Add, REGISTER, base, offset)
            }
            None => base,
        }
    }

    /// The value of an expression; `old` is a register whose new value is known already.
    fn expression(
        &mut self,
        expression: &Expression<'_>,
        port: Port,
        old: Option<(Register<'_>, Temp)>,
    ) -> Temp {
        let mut operand = |value: &Value<'_>| match (value, old) {
            (Value::Register(register), Some((known, temp))) if *register == known => temp,
            _ => self.value(value, port),
        };
        match expression {
            Expression::Value(value) => operand(value),
            Expression::Binary { op, left, right, .. } => {
                let (a, b) = (operand(left), operand(right));
                self.emit.binary(*op, REGISTER, a, b)
            }
        }
    }

    /// A read and a write. Where the target occurs in the value, it stands for what is read.
    fn update(&mut self, tags: Tags, target: Register<'_>, value: &Expression<'_>, address: &Address<'_>) {
        let addr = self.address(address);
        let tags = tags.with(tag::UPDATE);
        let (dst, read) = (self.emit.temp(), self.emit.event());
        self.emit.push(Micro::Load { dst, addr, width: MEMORY, tags, ev: read });
        let old = self.emit.sign_extend(MEMORY, dst);
        let new = self.expression(value, Port::Data, Some((target, old)));
        let write = self.emit.store(addr, new, MEMORY, tags);
        self.emit.edge(EdgeKind::Order, read, write);
        self.emit.write(target.reg(), old);
    }
}
