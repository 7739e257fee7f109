//! Expressions of C.

use super::c::Generator;
use super::{Label, Operand, Result, Unsupported, Virtual};
use lang::c::ast::{BinaryOp, Expr, ExprId, ExprKind, UnaryOp};
use lang::c::types::{Scalar, TypeId, TypeKind};
use syntax::Span;

/// A place.
pub(super) enum Place {
    /// A variable.
    Local(Virtual),
    /// Memory, so many bytes behind the address.
    Memory(Virtual, i64),
}

impl Generator<'_> {
    /// The value of an expression, in a register that must not be changed. An expression without value gives an error.
    pub(super) fn value(&mut self, id: ExprId) -> Result<Virtual> {
        let span = self.unit.expr(id).span;
        self.value_or_nothing(id)?.ok_or_else(|| Unsupported::new("this has no value", span))
    }

    pub(super) fn value_or_nothing(&mut self, id: ExprId) -> Result<Option<Virtual>> {
        let Expr { kind, ty, span } = self.unit.expr(id);
        Ok(Some(match kind {
            ExprKind::Int(number) => self.number(number as i64, span),
            ExprKind::Address(global) => self.address(global),
            ExprKind::Local(_) | ExprKind::Deref(_) | ExprKind::Field { .. } => {
                return Err(Unsupported::new("a place where a value should be", span));
            }
            ExprKind::Read(place) => {
                let scalar = self.scalar(ty, span)?;
                match self.place_of(place)? {
                    Place::Local(local) => local,
                    Place::Memory(address, offset) => self.load(scalar, address, offset, span),
                }
            }
            ExprKind::AddressOf(place) => match self.place_of(place)? {
                Place::Memory(address, 0) => address,
                Place::Memory(address, offset) => self.add_number(address, offset, span),
                Place::Local(_) => {
                    return Err(Unsupported::new("variables in memory are not translated", span));
                }
            },
            ExprKind::Assign { place, value } => {
                let value = self.value(value)?;
                let to = self.place_of(place)?;
                self.store(to, self.ty(place), value, span)?
            }
            ExprKind::CompoundAssign { op, ty: wide, place, value } => {
                self.compound(op, wide, place, value, span)?
            }
            ExprKind::IncDec { place, step, postfix } => self.step(place, step, postfix, span)?,
            ExprKind::Unary { op, value } => self.unary(op, value, ty, span)?,
            ExprKind::Binary { op, left, right } => self.binary(op, left, right, ty, span)?,
            ExprKind::PointerAdd { pointer, index, size } => {
                let (pointer, index) = (self.value(pointer)?, self.value(index)?);
                let scaled = self.copy(index, span);
                let size = self.number(size, span);
                self.emit("mul", [scaled.into(), size.into()], span);
                self.emit("add", [scaled.into(), pointer.into()], span);
                scaled
            }
            ExprKind::Convert(value) => return self.convert(value, ty, span),
            ExprKind::LogicalAnd { .. } | ExprKind::LogicalOr { .. } => self.truth(id, span)?,
            ExprKind::Conditional { cond, then, otherwise } => {
                let (other, behind) = (self.label(), self.label());
                let result = self.temporary();
                self.branch(cond, other, false)?;
                let value = self.value(then)?;
                self.emit("mov", [result.into(), value.into()], span);
                self.emit("goto", [behind.into()], span);
                self.place(other);
                let value = self.value(otherwise)?;
                self.emit("mov", [result.into(), value.into()], span);
                self.place(behind);
                result
            }
            ExprKind::Comma { left, right } => {
                self.value_or_nothing(left)?;
                return self.value_or_nothing(right);
            }
            ExprKind::Block { body, value } => {
                let result = value.map(|_| self.temporary());
                for statement in self.unit.stmt_list(body) {
                    self.statement(*statement, 0)?;
                }
                let (Some(value), Some(result)) = (value, result) else { return Ok(None) };
                let value = self.value(value)?;
                self.emit("mov", [result.into(), value.into()], span);
                result
            }
            ExprKind::Atomic(atomic) => return self.atomic(atomic, ty, span),
            ExprKind::PointerDifference { .. } | ExprKind::Call { .. } | ExprKind::Detach(_) => {
                return Err(Unsupported::new("this expression is not translated", span));
            }
        }))
    }

    pub(super) fn number(&mut self, number: i64, span: Span) -> Virtual {
        let to = self.temporary();
        self.emit("li", [to.into(), number.into()], span);
        to
    }

    fn copy(&mut self, value: Virtual, span: Span) -> Virtual {
        let to = self.temporary();
        self.emit("mov", [to.into(), value.into()], span);
        to
    }

    fn add_number(&mut self, value: Virtual, number: i64, span: Span) -> Virtual {
        let sum = self.copy(value, span);
        self.emit("addi", [sum.into(), number.into()], span);
        sum
    }

    pub(super) fn place_of(&mut self, id: ExprId) -> Result<Place> {
        let Expr { kind, span, .. } = self.unit.expr(id);
        match kind {
            ExprKind::Local(local) => self.local(local).map(Place::Local),
            ExprKind::Deref(pointer) => self.value(pointer).map(|address| Place::Memory(address, 0)),
            ExprKind::Field { place, offset } => match self.place_of(place)? {
                Place::Memory(address, base) => Ok(Place::Memory(address, base + i64::from(offset))),
                Place::Local(_) => Err(Unsupported::new("structures are not translated", span)),
            },
            _ => Err(Unsupported::new("a value where a place should be", span)),
        }
    }

    /// The address of a place for an atomic operation.
    pub(super) fn address_of(&mut self, id: ExprId) -> Result<Virtual> {
        let span = self.unit.expr(id).span;
        match self.place_of(id)? {
            Place::Memory(address, 0) => Ok(address),
            Place::Memory(address, offset) => Ok(self.add_number(address, offset, span)),
            Place::Local(_) => {
                Err(Unsupported::new("atomic operations on variables are not translated", span))
            }
        }
    }

    pub(super) fn load(&mut self, scalar: Scalar, address: Virtual, offset: i64, span: Span) -> Virtual {
        let to = self.temporary();
        let signed = if scalar.signed && scalar.bits < 64 { "s" } else { "" };
        self.emit(format!("load{signed}{}", scalar.bits), [to.into(), address.into(), offset.into()], span);
        to
    }

    pub(super) fn store(&mut self, place: Place, ty: TypeId, value: Virtual, span: Span) -> Result<Virtual> {
        let scalar = self.scalar(ty, span)?;
        match place {
            Place::Local(local) => {
                self.put(local, value, span);
                Ok(local)
            }
            Place::Memory(address, offset) => {
                self.emit(
                    format!("store{}", scalar.bits),
                    [address.into(), value.into(), offset.into()],
                    span,
                );
                Ok(value)
            }
        }
    }

    /// What a place holds.
    fn read(&mut self, place: &Place, ty: TypeId, span: Span) -> Result<Virtual> {
        let scalar = self.scalar(ty, span)?;
        Ok(match place {
            Place::Local(local) => *local,
            Place::Memory(address, offset) => self.load(scalar, *address, *offset, span),
        })
    }

    fn compound(
        &mut self,
        op: BinaryOp,
        wide: TypeId,
        place: ExprId,
        value: ExprId,
        span: Span,
    ) -> Result<Virtual> {
        let ty = self.ty(place);
        let value = self.value(value)?;
        let to = self.place_of(place)?;
        let old = self.read(&to, ty, span)?;
        let scalar = self.scalar(wide, span)?;
        let result = self.compute(op, old, value, scalar, span)?;
        let narrow = self.scalar(ty, span)?;
        if narrow != scalar {
            self.fit(result, narrow, span);
        }
        self.store(to, ty, result, span)
    }

    fn step(&mut self, place: ExprId, step: i64, postfix: bool, span: Span) -> Result<Virtual> {
        let ty = self.ty(place);
        let to = self.place_of(place)?;
        let old = self.read(&to, ty, span)?;
        let kept = if postfix { self.copy(old, span) } else { old };
        let new = self.add_number(old, step, span);
        self.fit(new, self.scalar(ty, span)?, span);
        let stored = self.store(to, ty, new, span)?;
        Ok(if postfix { kept } else { stored })
    }

    fn unary(&mut self, op: UnaryOp, value: ExprId, ty: TypeId, span: Span) -> Result<Virtual> {
        let value = self.value(value)?;
        let result = match op {
            UnaryOp::Neg => {
                let zero = self.number(0, span);
                self.emit("sub", [zero.into(), value.into()], span);
                zero
            }
            UnaryOp::Not => {
                let ones = self.number(-1, span);
                self.emit("xor", [ones.into(), value.into()], span);
                ones
            }
            UnaryOp::LogicalNot => {
                let nonzero = self.is_nonzero(value, span);
                let one = self.number(1, span);
                self.emit("xor", [nonzero.into(), one.into()], span);
                return Ok(nonzero);
            }
        };
        self.fit(result, self.scalar(ty, span)?, span);
        Ok(result)
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        ty: TypeId,
        span: Span,
    ) -> Result<Virtual> {
        let operands = self.scalar(self.ty(left), span)?;
        let (left, right) = (self.value(left)?, self.value(right)?);
        if op.is_comparison() {
            return self.compare(op, left, right, operands, span);
        }
        let scalar = self.scalar(ty, span)?;
        self.compute(op, left, right, scalar, span)
    }

    /// Arithmetic, with the result in the range of its type.
    pub(super) fn compute(
        &mut self,
        op: BinaryOp,
        left: Virtual,
        right: Virtual,
        scalar: Scalar,
        span: Span,
    ) -> Result<Virtual> {
        let result = self.copy(left, span);
        let (name, fits) = match op {
            BinaryOp::Add => ("add", false),
            BinaryOp::Sub => ("sub", false),
            BinaryOp::Mul => ("mul", false),
            BinaryOp::And => ("and", true),
            BinaryOp::Or => ("or", true),
            BinaryOp::Xor => ("xor", true),
            BinaryOp::Shl => ("lsh", false),
            BinaryOp::Shr if scalar.signed => ("arsh", true),
            BinaryOp::Shr => ("rsh", true),
            _ => return Err(Unsupported::new("this operation is not translated", span)),
        };
        self.emit(name, [result.into(), right.into()], span);
        if !fits {
            self.fit(result, scalar, span);
        }
        Ok(result)
    }

    /// A comparison without branches, as compilers do it: 1 or 0.
    fn compare(
        &mut self,
        op: BinaryOp,
        left: Virtual,
        right: Virtual,
        scalar: Scalar,
        span: Span,
    ) -> Result<Virtual> {
        let (left, right) = match op {
            BinaryOp::Gt | BinaryOp::Le => (right, left),
            _ => (left, right),
        };
        let result = match op {
            BinaryOp::Eq | BinaryOp::Ne => {
                let difference = self.copy(left, span);
                self.emit("xor", [difference.into(), right.into()], span);
                self.is_nonzero(difference, span)
            }
            _ if scalar.bits == 64 => {
                return Err(Unsupported::new("comparisons of 64 bits as values are not translated", span));
            }
            _ => {
                // The sign of a difference of numbers of at most 32 bits, in 64.
                let difference = self.copy(left, span);
                self.emit("sub", [difference.into(), right.into()], span);
                let distance = self.number(63, span);
                self.emit("rsh", [difference.into(), distance.into()], span);
                difference
            }
        };
        if matches!(op, BinaryOp::Eq | BinaryOp::Ge | BinaryOp::Le) {
            let one = self.number(1, span);
            self.emit("xor", [result.into(), one.into()], span);
        }
        Ok(result)
    }

    /// 1 if it is not zero, else 0, without branches: the sign of `value | -value`.
    pub(super) fn is_nonzero(&mut self, value: Virtual, span: Span) -> Virtual {
        let negative = self.number(0, span);
        self.emit("sub", [negative.into(), value.into()], span);
        self.emit("or", [negative.into(), value.into()], span);
        let distance = self.number(63, span);
        self.emit("rsh", [negative.into(), distance.into()], span);
        negative
    }

    /// Brings a temporary back into the range of a type.
    pub(super) fn fit(&mut self, value: Virtual, scalar: Scalar, span: Span) {
        let registers: [Operand; 2] = [value.into(), value.into()];
        match (scalar.bits, scalar.signed) {
            (32, true) => self.emit("sext32", registers, span),
            (32, false) => self.emit("zext32", registers, span),
            (bits @ (8 | 16), signed) => {
                let distance = self.number(64 - i64::from(bits), span);
                self.emit("lsh", [value.into(), distance.into()], span);
                self.emit(if signed { "arsh" } else { "rsh" }, [value.into(), distance.into()], span);
            }
            _ => {}
        }
    }

    fn convert(&mut self, value: ExprId, to: TypeId, span: Span) -> Result<Option<Virtual>> {
        let value_type = self.ty(value);
        let found = self.value_or_nothing(value)?;
        if self.unit.types.kind(to) == TypeKind::Void {
            return Ok(None);
        }
        let found = found.ok_or_else(|| Unsupported::new("this has no value", span))?;
        let (from, into) = (self.scalar(value_type, span)?, self.scalar(to, span)?);
        if self.unit.types.kind(to) == TypeKind::Bool {
            return Ok(Some(self.is_nonzero(found, span)));
        }
        let holds = into.bits == 64
            || self.unit.types.is_pointer(value_type)
            || from.signed == into.signed && from.bits <= into.bits
            || !from.signed && from.bits < into.bits;
        if holds {
            return Ok(Some(found));
        }
        let narrowed = self.copy(found, span);
        self.fit(narrowed, into, span);
        Ok(Some(narrowed))
    }

    /// 1 or 0, by branches.
    fn truth(&mut self, cond: ExprId, span: Span) -> Result<Virtual> {
        let (result, behind) = (self.temporary(), self.label());
        self.emit("li", [result.into(), 0.into()], span);
        self.branch(cond, behind, false)?;
        self.emit("li", [result.into(), 1.into()], span);
        self.place(behind);
        Ok(result)
    }

    /// Goes to `target` if the truth of `cond` is `when`.
    pub(super) fn branch(&mut self, cond: ExprId, target: Label, when: bool) -> Result<()> {
        let Expr { kind, ty, span } = self.unit.expr(cond);
        match kind {
            ExprKind::Unary { op: UnaryOp::LogicalNot, value } => self.branch(value, target, !when),
            ExprKind::Convert(value) if self.keeps_truth(value, ty) => self.branch(value, target, when),
            ExprKind::LogicalAnd { left, right } | ExprKind::LogicalOr { left, right } => {
                let stops = matches!(kind, ExprKind::LogicalOr { .. });
                if stops == when {
                    self.branch(left, target, when)?;
                    return self.branch(right, target, when);
                }
                let behind = self.label();
                self.branch(left, behind, stops)?;
                self.branch(right, target, when)?;
                self.place(behind);
                Ok(())
            }
            ExprKind::Binary { op, left, right } if op.is_comparison() => {
                self.branch_if(op, left, right, target, when, span)
            }
            _ => {
                let value = self.value(cond)?;
                let name = if when { "bnez" } else { "beqz" };
                self.emit(name, [value.into(), target.into()], span);
                Ok(())
            }
        }
    }

    /// Whether a conversion gives zero for zero only.
    fn keeps_truth(&self, value: ExprId, to: TypeId) -> bool {
        let types = &self.unit.types;
        match (types.scalar(self.ty(value)), types.scalar(to)) {
            (Some(from), Some(into)) => from.bits <= into.bits || types.kind(to) == TypeKind::Bool,
            _ => false,
        }
    }

    fn branch_if(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
        target: Label,
        when: bool,
        span: Span,
    ) -> Result<()> {
        let signed = self.scalar(self.ty(left), span)?.signed;
        let zero = matches!(self.unit.expr(right).kind, ExprKind::Int(0));
        let a = self.value(left)?;
        if zero && matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            let name = if (op == BinaryOp::Eq) == when { "beqz" } else { "bnez" };
            self.emit(name, [a.into(), target.into()], span);
            return Ok(());
        }
        let b = self.value(right)?;
        let (less, not_less) = if signed { ("blts", "bges") } else { ("bltu", "bgeu") };
        let (name, inverse, swapped) = match op {
            BinaryOp::Eq => ("beq", "bne", false),
            BinaryOp::Ne => ("bne", "beq", false),
            BinaryOp::Lt => (less, not_less, false),
            BinaryOp::Ge => (not_less, less, false),
            BinaryOp::Gt => (less, not_less, true),
            _ => (not_less, less, true),
        };
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        self.emit(if when { name } else { inverse }, [a.into(), b.into(), target.into()], span);
        Ok(())
    }
}
