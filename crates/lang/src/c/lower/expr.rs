//! Expressions.

use super::number::Right;
use super::{Frame, Home, Lower};
use crate::c::ast::{BinaryOp, ExprId, ExprKind, ExprList, FunctionId, Mark, Order, Returns};
use crate::c::types::{Scalar, TypeId};
use execution::micro::{LabelId, Port, Reg, Tags, Temp};
use execution::{BinaryOp as Op, UnaryOp as One, Value};

/// How many calls of helper functions are expanded in one thread.
const MAX_CALLS: u32 = 2_000;

/// A place, evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Register(Reg),
    Memory(Temp),
}

/// An operand that is to be evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand {
    Value(ExprId, Port),
    Place(ExprId),
}

/// An operand that was evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Evaluated {
    Value(Temp),
    Place(Place),
    /// Kept in a register while others are evaluated.
    Saved(Reg),
}

impl Lower<'_> {
    /// The value of an expression. `port` says what it is for.
    pub(super) fn value(&mut self, id: ExprId, port: Port) -> Temp {
        let mut result = Temp(0);
        let span = self.unit.expr(id).span;
        if !self.nested(span, |lower| result = lower.value_here(id, port)) {
            result = self.code.constant(Value::ZERO);
        }
        result
    }

    fn value_here(&mut self, id: ExprId, port: Port) -> Temp {
        let expr = self.unit.expr(id);
        let ty = self.scalar(expr.ty);
        match expr.kind {
            ExprKind::Int(number) => self.number(number, ty.bits),
            ExprKind::Address(global) => {
                let address = self.global(global);
                self.code.constant(address)
            }
            // The parser has a `Read` around places.
            ExprKind::Local(_) | ExprKind::Deref(_) | ExprKind::Field { .. } => self.read(id, port),
            ExprKind::Read(place) => self.read(place, port),
            ExprKind::AddressOf(place) => self.address_of(place),
            ExprKind::Assign { place, value } => {
                let [place_at, value] =
                    self.operands([Operand::Place(place), Operand::Value(value, Port::Data)]);
                let (place_at, value) = (self.as_place(place_at), self.as_value(value));
                self.write(place_at, self.scalar(self.unit.expr(place).ty), value, self.fixed.plain);
                value
            }
            ExprKind::CompoundAssign { op, ty, place, value } => self.compound(op, ty, place, value),
            ExprKind::IncDec { place, step, postfix } => self.step(place, step, postfix),
            ExprKind::Unary { op, value } => {
                let operand = self.scalar(self.unit.expr(value).ty);
                let value = self.value(value, port);
                self.unary(op, operand, value)
            }
            ExprKind::Binary { op, left, right } => {
                let operand = self.scalar(self.unit.expr(left).ty);
                let (left, right) = self.pair(left, right, port);
                self.arithmetic(op, operand, left, right)
            }
            ExprKind::PointerAdd { pointer, index, size } => {
                let (pointer, index) = self.pair(pointer, index, port);
                let size = self.number(size.into(), 64);
                let distance = self.code.binary(Op::Mul, 64, index.value, size);
                self.code.binary(Op::Add, 64, pointer, distance)
            }
            ExprKind::PointerDifference { left, right, size } => {
                let (left, right) = self.pair(left, right, port);
                let distance = self.code.binary(Op::Sub, 64, left, right.value);
                let size = self.number(size.max(1).into(), 64);
                self.code.binary(Op::DivSigned, 64, distance, size)
            }
            ExprKind::Convert(inner) => {
                let value = self.value(inner, port);
                self.convert(self.unit.expr(inner).ty, expr.ty, value)
            }
            ExprKind::LogicalAnd { left, right } if self.effects(right).acts => {
                self.branches(id, |lower, no| lower.both(left, right, no))
            }
            ExprKind::LogicalOr { left, right } if self.effects(right).acts => {
                self.branches(id, |lower, no| lower.either(left, right, no))
            }
            ExprKind::LogicalAnd { left, right } => self.logical(Op::And, left, right, port),
            ExprKind::LogicalOr { left, right } => self.logical(Op::Or, left, right, port),
            ExprKind::Conditional { cond, then, otherwise } => self.conditional(cond, then, otherwise, port),
            ExprKind::Comma { left, right } => {
                self.drop_value(left);
                self.value(right, port)
            }
            ExprKind::Call { function, arguments } => self.call(id, function, arguments, port),
            ExprKind::Block { body, value } => {
                self.code.end_instruction();
                self.statements(body);
                self.code.end_instruction();
                self.code.at(expr.span);
                match value {
                    Some(value) => self.value(value, port),
                    None => self.code.constant(Value::ZERO),
                }
            }
            ExprKind::Atomic(atomic) => self.atomic(atomic),
            ExprKind::Detach(inner) => {
                let value = self.value(inner, port);
                self.code.detach(value)
            }
        }
    }

    /// Evaluates for the effects alone, up to the sequence point behind.
    fn drop_value(&mut self, id: ExprId) {
        if self.effects(id).acts {
            self.value(id, Port::Plain);
            self.code.end_instruction();
        }
    }

    /// Evaluates operands in one instruction, as far as they can be: those that need several come first, and are kept
    /// in hidden registers.
    pub(super) fn operands<const N: usize>(&mut self, operands: [Operand; N]) -> [Evaluated; N] {
        let splits = operands.map(|operand| {
            let (Operand::Value(id, _) | Operand::Place(id)) = operand;
            self.effects(id).splits
        });
        let mut results = [Evaluated::Value(Temp(0)); N];
        for i in (0..N).filter(|i| splits[*i]) {
            let result = self.operand(operands[i]);
            results[i] = if splits[i + 1..].contains(&true) { self.save(result) } else { result };
        }
        for i in (0..N).filter(|i| !splits[*i]) {
            results[i] = self.operand(operands[i]);
        }
        results
    }

    fn operand(&mut self, operand: Operand) -> Evaluated {
        match operand {
            Operand::Value(id, port) => Evaluated::Value(self.value(id, port)),
            Operand::Place(id) => Evaluated::Place(self.place(id)),
        }
    }

    fn save(&mut self, result: Evaluated) -> Evaluated {
        let (Evaluated::Value(value) | Evaluated::Place(Place::Memory(value))) = result else {
            return result;
        };
        let reg = self.hidden_register();
        self.code.write_register(reg, value);
        Evaluated::Saved(reg)
    }

    pub(super) fn as_value(&mut self, result: Evaluated) -> Temp {
        match result {
            Evaluated::Value(value) => value,
            Evaluated::Saved(reg) => self.code.read_register(reg, Port::Plain),
            Evaluated::Place(Place::Memory(address)) => address,
            Evaluated::Place(Place::Register(reg)) => self.code.read_register(reg, Port::Plain),
        }
    }

    pub(super) fn as_place(&mut self, result: Evaluated) -> Place {
        match result {
            Evaluated::Place(place) => place,
            Evaluated::Saved(reg) => Place::Memory(self.code.read_register(reg, Port::Addr)),
            Evaluated::Value(address) => Place::Memory(address),
        }
    }

    /// Both operands of an operation.
    fn pair(&mut self, left: ExprId, right: ExprId, port: Port) -> (Temp, Right) {
        let [a, b] = self.operands([Operand::Value(left, port), Operand::Value(right, port)]);
        (self.as_value(a), self.right(right, b))
    }

    fn right(&mut self, id: ExprId, result: Evaluated) -> Right {
        let expr = self.unit.expr(id);
        let known = match expr.kind {
            ExprKind::Int(number) => Some(number),
            _ => None,
        };
        Right { value: self.as_value(result), bits: self.scalar(expr.ty).bits, known }
    }

    /// Evaluates a place.
    pub(super) fn place(&mut self, id: ExprId) -> Place {
        match self.unit.expr(id).kind {
            ExprKind::Local(local) => match self.frame().homes.get(local.0 as usize) {
                Some(Home::Register(reg)) => Place::Register(*reg),
                Some(Home::Memory(symbol)) => {
                    let address = Value::addr(*symbol);
                    Place::Memory(self.code.constant(address))
                }
                None => Place::Memory(self.code.constant(Value::ZERO)),
            },
            ExprKind::Deref(pointer) => Place::Memory(self.value(pointer, Port::Addr)),
            ExprKind::Field { place, offset } => {
                let span = self.unit.expr(id).span;
                let mut inner = None;
                self.nested(span, |lower| inner = Some(lower.place(place)));
                match inner {
                    Some(Place::Memory(start)) if offset > 0 => {
                        let offset = self.number(offset.into(), 64);
                        Place::Memory(self.code.binary(Op::Add, 64, start, offset))
                    }
                    Some(place) => place,
                    None => Place::Memory(self.code.constant(Value::ZERO)),
                }
            }
            _ => Place::Memory(self.value(id, Port::Addr)),
        }
    }

    fn address_of(&mut self, place: ExprId) -> Temp {
        match self.place(place) {
            Place::Memory(address) => address,
            Place::Register(_) => {
                let span = self.unit.expr(place).span;
                self.error("c::type", span, "this variable has no address");
                self.code.constant(Value::ZERO)
            }
        }
    }

    /// A plain read.
    fn read(&mut self, place: ExprId, port: Port) -> Temp {
        let ty = self.scalar(self.unit.expr(place).ty);
        let place = self.place(place);
        self.load(place, ty, self.fixed.plain, port)
    }

    /// Reads a place; registers make no event of memory.
    pub(super) fn load(&mut self, place: Place, ty: Scalar, tags: Tags, port: Port) -> Temp {
        match place {
            Place::Register(reg) => self.code.read_register(reg, port),
            Place::Memory(address) => self.code.load(address, ty.bits, tags).0,
        }
    }

    /// Writes a place; registers make no event of memory.
    pub(super) fn write(&mut self, place: Place, ty: Scalar, value: Temp, tags: Tags) {
        match place {
            Place::Register(reg) => self.code.write_register(reg, value),
            Place::Memory(address) => {
                self.code.store(address, value, ty.bits, tags);
            }
        }
    }

    /// `place op= value`
    fn compound(&mut self, op: BinaryOp, ty: TypeId, place: ExprId, value: ExprId) -> Temp {
        let own = self.unit.expr(place).ty;
        let [target, right] = self.operands([Operand::Place(place), Operand::Value(value, Port::Data)]);
        let target = self.as_place(target);
        let right = self.right(value, right);
        if self.unit.types.is_atomic(own) {
            let compute = |lower: &mut Self, old| {
                let old = lower.convert(own, ty, old);
                let new = lower.arithmetic(op, lower.scalar(ty), old, right);
                lower.convert(ty, own, new)
            };
            return self.update(target, own, Mark::Order(Order::SeqCst), Returns::New, compute);
        }
        let scalar = self.scalar(own);
        let old = self.load(target, scalar, self.fixed.plain, Port::Data);
        let old = self.convert(own, ty, old);
        let new = self.arithmetic(op, self.scalar(ty), old, right);
        let new = self.convert(ty, own, new);
        self.write(target, scalar, new, self.fixed.plain);
        new
    }

    /// `place++`, `--place`, …
    fn step(&mut self, place: ExprId, step: i64, postfix: bool) -> Temp {
        let own = self.unit.expr(place).ty;
        let scalar = self.scalar(own);
        let target = self.place(place);
        let add = |lower: &mut Self, old| {
            let step = lower.number(step.into(), scalar.bits);
            lower.arithmetic(BinaryOp::Add, scalar, old, Right::plain(step, scalar.bits))
        };
        if self.unit.types.is_atomic(own) {
            let returns = if postfix { Returns::Old } else { Returns::New };
            return self.update(target, own, Mark::Order(Order::SeqCst), returns, add);
        }
        let old = self.load(target, scalar, self.fixed.plain, Port::Data);
        let new = add(self, old);
        self.write(target, scalar, new, self.fixed.plain);
        if postfix { old } else { new }
    }

    /// `&&` and `||` whose right side does nothing.
    fn logical(&mut self, op: Op, left: ExprId, right: ExprId, port: Port) -> Temp {
        let bits = [left, right].map(|id| self.scalar(self.unit.expr(id).ty).bits);
        let (a, b) = self.pair(left, right, port);
        let a = self.truth(bits[0], a);
        let b = self.truth(bits[1], b.value);
        self.code.binary(op, 32, a, b)
    }

    /// 1 if `test` falls through, 0 if it jumps to the label that it is given.
    fn branches(&mut self, id: ExprId, test: impl FnOnce(&mut Self, LabelId)) -> Temp {
        let span = self.unit.expr(id).span;
        let result = self.hidden_register();
        let (no, end) = (self.code.new_label("false"), self.code.new_label("end"));
        test(self, no);
        self.code.at(span);
        let one = self.code.constant(Value::ONE);
        self.code.write_register(result, one);
        self.code.jump(end);
        self.code.place_label(no);
        let zero = self.code.constant(Value::ZERO);
        self.code.write_register(result, zero);
        self.code.place_label(end);
        self.code.read_register(result, Port::Plain)
    }

    /// Jumps to `no` if one of them is false.
    fn both(&mut self, left: ExprId, right: ExprId, no: LabelId) {
        self.jump_unless(left, no);
        self.jump_unless(right, no);
    }

    /// Jumps to `no` if both are false.
    fn either(&mut self, left: ExprId, right: ExprId, no: LabelId) {
        let yes = self.code.new_label("true");
        self.jump_if(left, yes);
        self.jump_unless(right, no);
        self.code.place_label(yes);
    }

    /// Continues at the label if the value is true.
    pub(super) fn jump_if(&mut self, cond: ExprId, target: LabelId) {
        self.jump_on(cond, target, true);
    }

    /// Continues at the label if the value is false.
    pub(super) fn jump_unless(&mut self, cond: ExprId, target: LabelId) {
        self.jump_on(cond, target, false);
    }

    fn jump_on(&mut self, cond: ExprId, target: LabelId, wanted: bool) {
        let span = self.unit.expr(cond).span;
        self.nested(span, |lower| lower.jump_on_here(cond, target, wanted));
    }

    fn jump_on_here(&mut self, cond: ExprId, target: LabelId, wanted: bool) {
        let expr = self.unit.expr(cond);
        match expr.kind {
            ExprKind::LogicalAnd { left, right } | ExprKind::LogicalOr { left, right }
                if self.effects(right).acts =>
            {
                // The word that decides by its left side alone: `false &&`, `true ||`.
                let decided = matches!(expr.kind, ExprKind::LogicalOr { .. });
                if decided == wanted {
                    self.jump_on(left, target, wanted);
                    self.jump_on(right, target, wanted);
                } else {
                    let skip = self.code.new_label("skip");
                    self.jump_on(left, skip, decided);
                    self.jump_on(right, target, wanted);
                    self.code.place_label(skip);
                }
            }
            ExprKind::Unary { op: crate::c::ast::UnaryOp::LogicalNot, value } => {
                self.jump_on(value, target, !wanted);
            }
            _ => {
                self.code.at(expr.span);
                let value = self.value(cond, Port::Plain);
                let bits = self.scalar(expr.ty).bits;
                let value =
                    if wanted { self.truth(bits, value) } else { self.code.unary(One::IsZero, bits, value) };
                self.code.guard(value, target);
            }
        }
    }

    fn conditional(&mut self, cond: ExprId, then: ExprId, otherwise: ExprId, port: Port) -> Temp {
        let constant = |id| matches!(self.unit.expr(id).kind, ExprKind::Int(_) | ExprKind::Address(_));
        if constant(then) && constant(otherwise) {
            let bits = self.scalar(self.unit.expr(cond).ty).bits;
            let value = self.value(cond, port);
            // As with `if`, what is chosen does not depend on what decides.
            let value = self.truth(bits, value);
            let value = self.code.detach(value);
            let (then, otherwise) = (self.value(then, port), self.value(otherwise, port));
            return self.code.if_then_else(value, then, otherwise);
        }
        let span = self.unit.expr(cond).span;
        let result = self.hidden_register();
        let (no, end) = (self.code.new_label("else"), self.code.new_label("end"));
        self.jump_unless(cond, no);
        self.code.at(span);
        let value = self.value(then, Port::Plain);
        self.code.write_register(result, value);
        self.code.jump(end);
        self.code.place_label(no);
        let value = self.value(otherwise, Port::Plain);
        self.code.write_register(result, value);
        self.code.place_label(end);
        self.code.read_register(result, port)
    }

    /// Expands a helper function.
    fn call(&mut self, id: ExprId, function: FunctionId, arguments: ExprList, port: Port) -> Temp {
        let expr = self.unit.expr(id);
        let callee = &self.unit.functions[function.0 as usize];
        if self.frames.iter().any(|frame: &Frame<'_>| frame.id == Some(function)) {
            let message = format!("`{}` calls itself", callee.name);
            self.error("c::recursion", expr.span, message);
            return self.code.constant(Value::ZERO);
        }
        self.calls += 1;
        if self.calls > MAX_CALLS {
            self.too_large(expr.span);
            return self.code.constant(Value::ZERO);
        }
        let call = self.calls as usize;
        let mut homes = Vec::with_capacity(callee.locals.len());
        for local in &callee.locals {
            homes.push(if local.address_taken {
                self.private_memory(&format!("{}.{}", callee.name, local.name), call, local.ty)
            } else {
                Home::Register(self.hidden_register())
            });
        }
        // One by one: an argument that takes several instructions leaves those before it in their registers.
        for (at, argument) in self.unit.expr_list(arguments).iter().enumerate() {
            let value = self.value(*argument, Port::Plain);
            let Some(local) = callee.locals.get(at) else { break };
            let place = match homes[at] {
                Home::Register(reg) => Place::Register(reg),
                Home::Memory(symbol) => Place::Memory(self.code.constant(Value::addr(symbol))),
            };
            self.write(place, self.scalar(local.ty), value, self.fixed.plain);
        }
        self.code.end_instruction();
        let result = self.unit.types.scalar(callee.returns).map(|_| self.hidden_register());
        self.push_frame(Some(function), callee, homes, result);
        self.function_body(callee);
        self.frames.pop();
        self.code.at(expr.span);
        match result {
            Some(reg) => self.code.read_register(reg, port),
            None => self.code.constant(Value::ZERO),
        }
    }
}
