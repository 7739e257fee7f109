//! Typed nodes: what C does implicitly becomes explicit here.

use syntax::Span;

use super::{Failed, Parser, Result};
use crate::c::ast::{Atomic, BinaryOp, ExprId, ExprKind, Mark, Order, Returns, UnaryOp};
use crate::c::types::{TypeId, TypeKind};

impl Parser<'_> {
    /// Whether the expression names a place.
    pub(super) fn is_place(&self, id: ExprId) -> bool {
        matches!(self.expr(id).kind, ExprKind::Local(_) | ExprKind::Deref(_) | ExprKind::Field { .. })
    }

    /// The value of an expression: reads places, turns arrays into pointers.
    pub(super) fn value(&mut self, id: ExprId) -> Result<ExprId> {
        if !self.is_place(id) {
            return Ok(id);
        }
        let expr = self.expr(id);
        match self.unit.types.kind(expr.ty) {
            TypeKind::Array(element, _) => self.decay(id, element),
            TypeKind::Struct(_) => {
                let help = "read its members one by one, or use a pointer to it";
                self.unsupported(expr.span, "a structure as a value", help)
            }
            TypeKind::Void => {
                let help = "cast it to a pointer to what it points to";
                self.error_with_help(
                    "c::type",
                    expr.span,
                    "a `void *` points to nothing that can be read",
                    help,
                );
                Err(Failed)
            }
            _ => {
                let ty = self.unit.types.unqualified(expr.ty);
                self.push(ExprKind::Read(id), ty, expr.span)
            }
        }
    }

    /// The pointer to the first element of an array.
    fn decay(&mut self, place: ExprId, element: TypeId) -> Result<ExprId> {
        let pointer = self.unit.types.pointer_to(element);
        self.address_of(place, pointer, self.span_of(place))
    }

    /// The address of a place, as a pointer of this type.
    fn address_of(&mut self, place: ExprId, pointer: TypeId, span: Span) -> Result<ExprId> {
        match self.expr(place).kind {
            ExprKind::Deref(address) if self.ty(address) == pointer => Ok(address),
            ExprKind::Deref(address) => match self.expr(address).kind {
                ExprKind::Address(global) => self.push(ExprKind::Address(global), pointer, span),
                _ => self.push(ExprKind::Convert(address), pointer, span),
            },
            _ => self.push(ExprKind::AddressOf(place), pointer, span),
        }
    }

    /// `&place`
    pub(super) fn take_address(&mut self, id: ExprId, span: Span) -> Result<ExprId> {
        if !self.is_place(id) {
            return match self.expr(id).kind {
                ExprKind::Address(_) => {
                    let message = "a parameter of a thread is an address already";
                    self.error_with_help("c::type", span, message, "leave the `&` away");
                    Err(Failed)
                }
                _ => {
                    self.error("c::type", span, "`&` needs a variable, a member or what a pointer points to");
                    Err(Failed)
                }
            };
        }
        let pointer = self.unit.types.pointer_to(self.ty(id));
        self.address_of(id, pointer, span)
    }

    /// `*pointer`
    pub(super) fn dereference(&mut self, id: ExprId, span: Span) -> Result<ExprId> {
        let pointer = self.value(id)?;
        let expr = self.expr(pointer);
        if let ExprKind::AddressOf(place) = expr.kind
            && self.unit.types.pointee(expr.ty) == Some(self.ty(place))
        {
            return Ok(place);
        }
        let to = match self.unit.types.kind(expr.ty) {
            TypeKind::Pointer(to) => to,
            TypeKind::Int { .. } => expr.ty,
            _ => {
                let message = format!("`{}` can't be dereferenced", self.type_name(expr.ty));
                self.error("c::type", span, message);
                return Err(Failed);
            }
        };
        self.push(ExprKind::Deref(pointer), to, span)
    }

    /// `place.name`
    pub(super) fn member(&mut self, place: ExprId, name: &str, span: Span) -> Result<ExprId> {
        let ty = self.unit.types.get(self.ty(place));
        let TypeKind::Struct(id) = ty.kind else {
            let is_scalar = self.unit.types.scalar(self.ty(place)).is_some();
            // `v.counter` of an `atomic_t`
            if is_scalar && name == "counter" {
                return Ok(place);
            }
            let message = format!("`{}` has no members", self.type_name(self.ty(place)));
            self.error("c::type", span, message);
            return Err(Failed);
        };
        let Some(field) = self.unit.types.field(self.ty(place), name) else {
            let structure = self.unit.types.structure(id);
            let known: Vec<&str> =
                structure.fields.iter().flatten().map(|field| field.name.as_str()).collect();
            let message = if structure.fields.is_none() {
                format!("nothing says what is in `struct {}`", structure.name)
            } else {
                format!("`struct {}` has no member `{name}`", structure.name)
            };
            let error = syntax::Diagnostic::error("c::type", span, message).with_suggestion(name, known);
            self.report(error);
            return Err(Failed);
        };
        let (field_ty, offset) = (field.ty, field.offset);
        let field_ty = self.unit.types.qualified(field_ty, ty.quals);
        if !self.is_place(place) {
            return self.unsupported(span, "a structure as a value", "use a pointer to it");
        }
        self.push(ExprKind::Field { place, offset }, field_ty, span)
    }

    /// `array[index]`
    pub(super) fn index(&mut self, array: ExprId, index: ExprId, span: Span) -> Result<ExprId> {
        let sum = self.binary(BinaryOp::Add, array, index, span)?;
        if !self.unit.types.is_pointer(self.ty(sum)) {
            self.error("c::type", span, "neither side of `[ ]` is an array or a pointer");
            return Err(Failed);
        }
        self.dereference(sum, span)
    }

    /// The number, if the node is one.
    pub(super) fn as_int(&self, id: ExprId) -> Option<i128> {
        match self.expr(id).kind {
            ExprKind::Int(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn int(&mut self, value: i128, ty: TypeId, span: Span) -> Result<ExprId> {
        let value = self.wrap(value, ty);
        self.push(ExprKind::Int(value), ty, span)
    }

    /// Brings a number into the range of a type.
    pub(super) fn wrap(&self, value: i128, ty: TypeId) -> i128 {
        match self.unit.types.kind(ty) {
            TypeKind::Bool => i128::from(value != 0),
            TypeKind::Void | TypeKind::Array(..) | TypeKind::Struct(_) => value,
            _ => match self.unit.types.scalar(ty) {
                Some(scalar) if scalar.bits < 128 => {
                    let shift = 128 - u32::from(scalar.bits);
                    if scalar.signed {
                        value << shift >> shift
                    } else {
                        ((value as u128) << shift >> shift) as i128
                    }
                }
                _ => value,
            },
        }
    }

    /// Converts a value to an unqualified type.
    pub(super) fn convert(&mut self, id: ExprId, to: TypeId) -> Result<ExprId> {
        let id = self.value(id)?;
        let to = self.unit.types.unqualified(to);
        let expr = self.expr(id);
        if expr.ty == to {
            return Ok(id);
        }
        if self.unit.types.is_aggregate(to) || (expr.ty == TypeId::VOID && to != TypeId::VOID) {
            let (from, to) = (self.type_name(expr.ty), self.type_name(to));
            let message = match expr.ty {
                TypeId::VOID => "this has no value".to_owned(),
                _ => format!("`{from}` can't become `{to}`"),
            };
            self.error("c::type", expr.span, message);
            return Err(Failed);
        }
        match expr.kind {
            ExprKind::Int(value) if to != TypeId::VOID => self.int(value, to, expr.span),
            ExprKind::Address(global) if self.unit.types.is_pointer(to) => {
                self.push(ExprKind::Address(global), to, expr.span)
            }
            _ => self.push(ExprKind::Convert(id), to, expr.span),
        }
    }

    /// What small integers become in arithmetic.
    fn promoted(&self, ty: TypeId) -> TypeId {
        match self.unit.types.kind(ty) {
            TypeKind::Int { bits, .. } if bits < 32 => TypeId::INT,
            TypeKind::Bool | TypeKind::Spinlock | TypeKind::Mutex | TypeKind::Srcu => TypeId::INT,
            _ => ty,
        }
    }

    /// The common type of two arithmetic types.
    fn common(&mut self, a: TypeId, b: TypeId) -> TypeId {
        let (a, b) = (self.promoted(a), self.promoted(b));
        match (self.unit.types.kind(a), self.unit.types.kind(b)) {
            (TypeKind::Int { bits: x, signed: s }, TypeKind::Int { bits: y, signed: t }) => {
                // Of equal widths the unsigned one wins.
                if x > y || (x == y && !s) || (x == y && t) { a } else { b }
            }
            _ => a,
        }
    }

    /// A value of a scalar type; `what` needs it.
    pub(super) fn scalar(&mut self, id: ExprId, what: &str) -> Result<ExprId> {
        let id = self.value(id)?;
        if self.unit.types.scalar(self.ty(id)).is_none() {
            let span = self.span_of(id);
            self.error("c::type", span, format!("{what} needs a value, and this has none"));
            return Err(Failed);
        }
        Ok(id)
    }

    /// A value of an integer type; `what` needs it. Pointers become integers if `loose`.
    fn integer(&mut self, id: ExprId, what: &str, loose: bool) -> Result<ExprId> {
        let id = self.scalar(id, what)?;
        if self.unit.types.is_pointer(self.ty(id)) {
            if !loose {
                let span = self.span_of(id);
                let message = format!("{what} needs integers, and this is a pointer");
                self.error_with_help("c::type", span, message, "cast it to `intptr_t`");
                return Err(Failed);
            }
            return self.convert(id, TypeId::U64);
        }
        Ok(id)
    }

    /// `op value`
    pub(super) fn unary(&mut self, op: UnaryOp, id: ExprId, span: Span) -> Result<ExprId> {
        let (name, ty) = match op {
            UnaryOp::LogicalNot => {
                let value = self.scalar(id, "`!`")?;
                return self.push(ExprKind::Unary { op, value }, TypeId::INT, span);
            }
            UnaryOp::Neg => ("`-`", ()),
            UnaryOp::Not => ("`~`", ()),
        };
        let () = ty;
        let value = self.integer(id, name, false)?;
        let ty = self.promoted(self.ty(value));
        let value = self.convert(value, ty)?;
        match (op, self.as_int(value)) {
            (UnaryOp::Neg, Some(number)) => self.int(number.wrapping_neg(), ty, span),
            _ => self.push(ExprKind::Unary { op, value }, ty, span),
        }
    }

    /// `left op right`
    pub(super) fn binary(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> Result<ExprId> {
        let name = format_args_name(op);
        let left = self.scalar(left, name)?;
        let right = self.scalar(right, name)?;
        let pointers =
            (self.unit.types.is_pointer(self.ty(left)), self.unit.types.is_pointer(self.ty(right)));
        match (op, pointers) {
            (BinaryOp::Add, (true, false)) => self.pointer_add(left, right, false, span),
            (BinaryOp::Add, (false, true)) => self.pointer_add(right, left, false, span),
            (BinaryOp::Sub, (true, false)) => self.pointer_add(left, right, true, span),
            (BinaryOp::Sub, (true, true)) => {
                let size = self.step(self.ty(left), span)?;
                self.push(ExprKind::PointerDifference { left, right, size: size as u32 }, TypeId::I64, span)
            }
            (op, (true, _)) if op.is_comparison() => {
                let right = self.convert(right, self.ty(left))?;
                self.push(ExprKind::Binary { op, left, right }, TypeId::INT, span)
            }
            (op, (_, true)) if op.is_comparison() => {
                let left = self.convert(left, self.ty(right))?;
                self.push(ExprKind::Binary { op, left, right }, TypeId::INT, span)
            }
            _ => self.arithmetic(op, left, right, span),
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> Result<ExprId> {
        let name = format_args_name(op);
        // `r1 ^ r1` and `p & 0` make dependencies in tests.
        let loose = matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor | BinaryOp::AndNot);
        let left = self.integer(left, name, loose)?;
        let right = self.integer(right, name, loose)?;
        let (left_ty, right_ty) = (self.promoted(self.ty(left)), self.promoted(self.ty(right)));
        if matches!(op, BinaryOp::Shl | BinaryOp::Shr) {
            let left = self.convert(left, left_ty)?;
            let right = self.convert(right, right_ty)?;
            return self.push(ExprKind::Binary { op, left, right }, left_ty, span);
        }
        let ty = self.common(left_ty, right_ty);
        let left = self.convert(left, ty)?;
        let right = self.convert(right, ty)?;
        let result = if op.is_comparison() { TypeId::INT } else { ty };
        self.push(ExprKind::Binary { op, left, right }, result, span)
    }

    /// The size of what a pointer points to.
    pub(super) fn step(&mut self, pointer: TypeId, span: Span) -> Result<i64> {
        let to = self.unit.types.pointee(pointer).unwrap_or(TypeId::I8);
        if to == TypeId::VOID {
            return Ok(1);
        }
        if !self.unit.types.is_complete(to) {
            let message = format!("nothing says how large `{}` is", self.type_name(to));
            self.error("c::type", span, message);
            return Err(Failed);
        }
        Ok(self.unit.types.size(to) as i64)
    }

    fn pointer_add(&mut self, pointer: ExprId, index: ExprId, minus: bool, span: Span) -> Result<ExprId> {
        let ty = self.ty(pointer);
        let size = self.step(ty, span)?;
        let index = self.convert(index, TypeId::I64)?;
        if self.as_int(index) == Some(0) {
            return Ok(pointer);
        }
        let size = if minus { -size } else { size };
        self.push(ExprKind::PointerAdd { pointer, index, size }, ty, span)
    }

    /// A place that can be written.
    pub(super) fn writable(&mut self, id: ExprId, span: Span) -> Result<()> {
        if !self.is_place(id) {
            let error = match self.expr(id).kind {
                ExprKind::Address(global) => {
                    let name = self.unit.globals[global.0 as usize].name.clone();
                    syntax::Diagnostic::error(
                        "c::type",
                        span,
                        format!("`{name}` is the address of a shared variable and can't change"),
                    )
                    .with_help(format!("write `*{name}` for the variable, or copy `{name}` to a variable"))
                }
                _ => syntax::Diagnostic::error("c::type", span, "this can't be assigned to"),
            };
            self.report(error);
            return Err(Failed);
        }
        Ok(())
    }

    /// `place = value`
    pub(super) fn assign(&mut self, place: ExprId, value: ExprId, span: Span) -> Result<ExprId> {
        self.writable(place, span)?;
        let ty = self.ty(place);
        if self.unit.types.is_aggregate(ty) {
            return self.assign_parts(place, value, span);
        }
        let value = self.convert(value, ty)?;
        let ty = self.unit.types.unqualified(ty);
        self.push(ExprKind::Assign { place, value }, ty, span)
    }

    /// Copies a structure.
    fn assign_parts(&mut self, place: ExprId, value: ExprId, span: Span) -> Result<ExprId> {
        let ty = self.unit.types.unqualified(self.ty(place));
        let from = self.unit.types.unqualified(self.ty(value));
        if ty != from || !self.is_place(value) || matches!(self.unit.types.kind(ty), TypeKind::Array(..)) {
            let message = format!("`{}` can't be assigned to `{}`", self.type_name(from), self.type_name(ty));
            self.error("c::type", span, message);
            return Err(Failed);
        }
        let mut all: Option<ExprId> = None;
        self.deeper(|parser| parser.copy_members(place, value, span, &mut all))?;
        match all {
            Some(all) => self.push(ExprKind::Convert(all), TypeId::VOID, span),
            None => self.int(0, TypeId::INT, span),
        }
    }

    fn copy_members(
        &mut self,
        place: ExprId,
        value: ExprId,
        span: Span,
        all: &mut Option<ExprId>,
    ) -> Result<()> {
        let TypeKind::Struct(id) = self.unit.types.kind(self.ty(place)) else { return Err(Failed) };
        let fields = self.unit.types.structure(id).fields.clone().unwrap_or_default();
        for field in fields {
            let offset = field.offset;
            let to = self.push(ExprKind::Field { place, offset }, field.ty, span)?;
            let from = self.push(ExprKind::Field { place: value, offset }, field.ty, span)?;
            match self.unit.types.kind(field.ty) {
                TypeKind::Struct(_) => self.deeper(|parser| parser.copy_members(to, from, span, all))?,
                TypeKind::Array(..) => {
                    let help = "copy the elements one by one";
                    return self.unsupported(span, "copying an array in a structure", help);
                }
                _ => {
                    let one = self.assign(to, from, span)?;
                    let ty = self.ty(one);
                    *all = Some(match *all {
                        Some(left) => self.push(ExprKind::Comma { left, right: one }, ty, span)?,
                        None => one,
                    });
                }
            }
        }
        Ok(())
    }

    /// `place op= value`
    pub(super) fn compound_assign(
        &mut self,
        op: BinaryOp,
        place: ExprId,
        value: ExprId,
        span: Span,
    ) -> Result<ExprId> {
        self.writable(place, span)?;
        let value = self.scalar(value, "a compound assignment")?;
        let place = self.scalar_place(place)?;
        let place_ty = self.unit.types.unqualified(self.ty(place));
        if self.unit.types.is_pointer(place_ty) && matches!(op, BinaryOp::Add | BinaryOp::Sub) {
            let size = self.step(place_ty, span)?;
            let value = self.convert(value, TypeId::I64)?;
            let value = if size == 1 {
                value
            } else {
                let size = self.int(i128::from(size), TypeId::I64, span)?;
                self.binary(BinaryOp::Mul, value, size, span)?
            };
            return self.push(ExprKind::CompoundAssign { op, ty: place_ty, place, value }, place_ty, span);
        }
        if self.unit.types.is_atomic(self.ty(place))
            && matches!(op, BinaryOp::Add | BinaryOp::Sub | BinaryOp::And | BinaryOp::Or | BinaryOp::Xor)
        {
            return self.atomic_update(op, place, value, Returns::New, span);
        }
        let loose = matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor);
        let value = self.integer(value, "a compound assignment", loose)?;
        if self.unit.types.is_pointer(place_ty) && !loose {
            let help = "write the assignment out, with a cast to `intptr_t`";
            self.error_with_help("c::type", span, "this operation needs integers", help);
            return Err(Failed);
        }
        let is_shift = matches!(op, BinaryOp::Shl | BinaryOp::Shr);
        let (ty, value) = if self.unit.types.is_pointer(place_ty) {
            (TypeId::U64, self.convert(value, TypeId::U64)?)
        } else if is_shift {
            let distance = self.promoted(self.ty(value));
            (self.promoted(place_ty), self.convert(value, distance)?)
        } else {
            let ty = self.common(place_ty, self.ty(value));
            (ty, self.convert(value, ty)?)
        };
        self.push(ExprKind::CompoundAssign { op, ty, place, value }, place_ty, span)
    }

    fn scalar_place(&mut self, place: ExprId) -> Result<ExprId> {
        if self.unit.types.scalar(self.ty(place)).is_none() {
            let span = self.span_of(place);
            self.error("c::type", span, "this operation needs a number or a pointer");
            return Err(Failed);
        }
        Ok(place)
    }

    /// `++place` and the like.
    pub(super) fn step_place(
        &mut self,
        place: ExprId,
        up: bool,
        postfix: bool,
        span: Span,
    ) -> Result<ExprId> {
        self.writable(place, span)?;
        let place = self.scalar_place(place)?;
        let ty = self.unit.types.unqualified(self.ty(place));
        if self.unit.types.is_atomic(self.ty(place)) && !self.unit.types.is_pointer(ty) {
            let one = self.int(1, TypeId::INT, span)?;
            let op = if up { BinaryOp::Add } else { BinaryOp::Sub };
            let returns = if postfix { Returns::Old } else { Returns::New };
            return self.atomic_update(op, place, one, returns, span);
        }
        let size = if self.unit.types.is_pointer(ty) { self.step(ty, span)? } else { 1 };
        let step = if up { size } else { -size };
        self.push(ExprKind::IncDec { place, step, postfix }, ty, span)
    }

    fn atomic_update(
        &mut self,
        op: BinaryOp,
        place: ExprId,
        value: ExprId,
        returns: Returns,
        span: Span,
    ) -> Result<ExprId> {
        let ty = self.unit.types.unqualified(self.ty(place));
        let value = self.convert(value, ty)?;
        let mark = Mark::Order(Order::SeqCst);
        self.push(ExprKind::Atomic(Atomic::FetchOp { place, op, value, mark, returns }), ty, span)
    }

    /// `cond ? then : otherwise`
    pub(super) fn conditional(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
        span: Span,
    ) -> Result<ExprId> {
        let cond = self.scalar(cond, "a condition")?;
        let then = self.value(then)?;
        let otherwise = self.value(otherwise)?;
        let (a, b) = (self.ty(then), self.ty(otherwise));
        let types = &self.unit.types;
        let ty = if a == b {
            a
        } else if a == TypeId::VOID || b == TypeId::VOID {
            TypeId::VOID
        } else if types.is_pointer(a) {
            a
        } else if types.is_pointer(b) {
            b
        } else {
            self.common(a, b)
        };
        let then = self.convert(then, ty)?;
        let otherwise = self.convert(otherwise, ty)?;
        self.push(ExprKind::Conditional { cond, then, otherwise }, ty, span)
    }
}

/// The operator for messages.
fn format_args_name(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "`+`",
        BinaryOp::Sub => "`-`",
        BinaryOp::Mul => "`*`",
        BinaryOp::Div => "`/`",
        BinaryOp::Rem => "`%`",
        BinaryOp::And => "`&`",
        BinaryOp::Or => "`|`",
        BinaryOp::Xor => "`^`",
        BinaryOp::AndNot => "`&~`",
        BinaryOp::Shl => "`<<`",
        BinaryOp::Shr => "`>>`",
        BinaryOp::Eq => "`==`",
        BinaryOp::Ne => "`!=`",
        BinaryOp::Lt => "`<`",
        BinaryOp::Le => "`<=`",
        BinaryOp::Gt => "`>`",
        BinaryOp::Ge => "`>=`",
    }
}
