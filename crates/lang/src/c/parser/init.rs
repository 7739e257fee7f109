//! Initialisers.

use syntax::Span;

use super::{Failed, Parser, Result};
use crate::c::ast::{Constant, ExprId, ExprKind, InitialValue};
use crate::c::lexer::Kind;
use crate::c::types::{TypeId, TypeKind};

/// An initialiser sets at most so many scalars.
const MAX_PARTS: usize = 4096;

/// The value of a scalar in the initialised object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    offset: u32,
    ty: TypeId,
    value: Option<ExprId>,
}

impl Parser<'_> {
    /// Reads the initialiser of a global.
    pub(super) fn global_initialiser(&mut self, ty: TypeId) -> Result<(TypeId, Vec<InitialValue>)> {
        let (ty, parts) = self.initialiser(ty)?;
        let mut values = Vec::new();
        for part in parts {
            let Some(value) = part.value else { continue };
            let value = self.convert(value, part.ty)?;
            let Some(value) = self.constant_or_address(value) else {
                let span = self.span_of(value);
                self.error("c::type", span, "the initial value of a shared variable must be a constant");
                return Err(Failed);
            };
            if value != Constant::Int(0) {
                values.push(InitialValue { offset: part.offset, ty: part.ty, value });
            }
        }
        Ok((ty, values))
    }

    /// Reads the initialiser of a local to the stack of expressions: assignments. Returns its type, which is known
    /// better now if it is an array without length.
    pub(super) fn local_initialiser(&mut self, place: ExprId) -> Result<()> {
        let ty = self.ty(place);
        let span = self.here();
        if self.unit.types.is_aggregate(ty) && self.kind() != Kind::LeftBrace {
            let value = self.assignment()?;
            let copy = self.assign(place, value, span)?;
            self.expr_stack.push(copy);
            return Ok(());
        }
        if self.kind() != Kind::LeftBrace {
            let value = self.assignment()?;
            let assigned = self.assign(place, value, span)?;
            self.expr_stack.push(assigned);
            return Ok(());
        }
        let (_, parts) = self.initialiser(ty)?;
        self.assign_initial(place, ty, &parts, span)
    }

    /// Assigns the parts of an initialiser to a place.
    pub(super) fn assign_initial(
        &mut self,
        place: ExprId,
        ty: TypeId,
        parts: &[Part],
        span: Span,
    ) -> Result<()> {
        let is_aggregate = self.unit.types.is_aggregate(ty);
        for part in parts {
            let place = if is_aggregate { self.part_place(place, part.offset, span)? } else { place };
            let value = match part.value {
                Some(value) => value,
                None => self.int(0, TypeId::INT, span)?,
            };
            let assigned = self.assign(place, value, span)?;
            self.expr_stack.push(assigned);
        }
        Ok(())
    }

    /// The scalar at an offset of an array or a structure.
    fn part_place(&mut self, place: ExprId, offset: u32, span: Span) -> Result<ExprId> {
        let ty = self.ty(place);
        match self.unit.types.kind(ty) {
            TypeKind::Array(element, _) => {
                let size = self.unit.types.size(element).max(1) as u32;
                let index = self.int(i128::from(offset / size), TypeId::I64, span)?;
                let place = self.index(place, index, span)?;
                self.part_place(place, offset % size, span)
            }
            TypeKind::Struct(id) => {
                let fields = self.unit.types.structure(id).fields.as_deref().unwrap_or(&[]);
                let after = fields.partition_point(|field| field.offset <= offset);
                let Some(field) = after.checked_sub(1).and_then(|i| fields.get(i)) else {
                    return Err(Failed);
                };
                let (start, field_ty) = (field.offset, field.ty);
                let place = self.push(ExprKind::Field { place, offset: start }, field_ty, span)?;
                self.part_place(place, offset - start, span)
            }
            _ => Ok(place),
        }
    }

    /// Reads an initialiser: its type, and the scalars in order, without gaps.
    pub(super) fn initialiser(&mut self, ty: TypeId) -> Result<(TypeId, Vec<Part>)> {
        let span = self.here();
        let mut parts = Vec::new();
        let mut ty = ty;
        if let TypeKind::Array(element, 0) = self.unit.types.kind(ty) {
            let end = self.fill(ty, 0, &mut parts)?;
            let size = self.unit.types.size(element).max(1);
            let len = u64::from(end).div_ceil(size).max(1);
            ty = self.unit.types.array_of(element, len as u32);
        } else {
            self.fill(ty, 0, &mut parts)?;
        }
        // Later parts replace earlier ones; the rest is zero.
        parts.reverse();
        self.zeros(ty, 0, &mut parts, span)?;
        parts.sort_by_key(|part| part.offset);
        parts.dedup_by_key(|part| part.offset);
        Ok((ty, parts))
    }

    fn add(&mut self, part: Part, parts: &mut Vec<Part>, span: Span) -> Result<()> {
        if parts.len() >= 2 * MAX_PARTS {
            let message = format!("more than {MAX_PARTS} values are initialised");
            self.error("c::too-complex", span, message);
            return Err(Failed);
        }
        parts.push(part);
        Ok(())
    }

    /// A zero for every scalar.
    fn zeros(&mut self, ty: TypeId, offset: u32, parts: &mut Vec<Part>, span: Span) -> Result<()> {
        match self.unit.types.kind(ty) {
            TypeKind::Array(element, len) => {
                let size = self.unit.types.size(element) as u32;
                for i in 0..len {
                    self.zeros(element, offset + i * size, parts, span)?;
                }
                Ok(())
            }
            TypeKind::Struct(id) => {
                let count = self.unit.types.structure(id).fields.as_ref().map_or(0, Vec::len);
                for i in 0..count {
                    let Some(fields) = &self.unit.types.structure(id).fields else { break };
                    let (own, ty) = (fields[i].offset, fields[i].ty);
                    self.deeper(|parser| parser.zeros(ty, offset + own, parts, span))?;
                }
                Ok(())
            }
            _ => self.add(Part { offset, ty, value: None }, parts, span),
        }
    }

    /// Reads what initialises an object at an offset. Returns where the next one would start.
    fn fill(&mut self, ty: TypeId, offset: u32, parts: &mut Vec<Part>) -> Result<u32> {
        self.deeper(|parser| {
            if parser.kind() == Kind::LeftBrace {
                parser.at += 1;
                let end = parser.fill_members(ty, offset, true, parts)?;
                parser.eat(Kind::Comma);
                parser.expect(Kind::RightBrace)?;
                return Ok(end);
            }
            parser.fill_members(ty, offset, false, parts)
        })
    }

    fn fill_members(&mut self, ty: TypeId, offset: u32, braces: bool, parts: &mut Vec<Part>) -> Result<u32> {
        match self.unit.types.kind(ty) {
            TypeKind::Array(element, len) => self.fill_array(element, len, offset, braces, parts),
            TypeKind::Struct(_) => self.fill_struct(ty, offset, braces, parts),
            _ => {
                let span = self.here();
                if self.kind() == Kind::RightBrace {
                    return Ok(offset);
                }
                if self.kind() == Kind::LeftBrace {
                    return self.fill(ty, offset, parts);
                }
                let value = self.assignment()?;
                let value = self.convert(value, ty)?;
                self.add(Part { offset, ty, value: Some(value) }, parts, span)?;
                Ok(offset + self.unit.types.size(ty) as u32)
            }
        }
    }

    /// Whether another member follows. Without braces of its own, an object leaves the comma behind it alone.
    fn more(&mut self, is_first: bool, is_full: bool, braces: bool) -> bool {
        let at_end = |kind| matches!(kind, Kind::RightBrace | Kind::End);
        if is_first {
            return !at_end(self.kind());
        }
        if self.kind() != Kind::Comma || at_end(self.kind_at(1)) || (is_full && !braces) {
            return false;
        }
        self.at += 1;
        true
    }

    fn fill_array(
        &mut self,
        element: TypeId,
        len: u32,
        offset: u32,
        braces: bool,
        parts: &mut Vec<Part>,
    ) -> Result<u32> {
        let size = self.unit.types.size(element) as u32;
        let limit = if len == 0 { MAX_PARTS as u32 } else { len };
        let (mut i, mut most, mut first) = (0u32, 0u32, true);
        while self.more(first, i >= limit, braces) {
            first = false;
            let span = self.here();
            if braces && self.eat(Kind::LeftBracket) {
                let (index, _) = self.constant_expression("an index")?;
                self.expect(Kind::RightBracket)?;
                self.expect(Kind::Equal)?;
                i = u32::try_from(index).unwrap_or(u32::MAX);
            }
            if i >= limit {
                self.error("c::type", span, format!("the array has only {limit} elements"));
                return Err(Failed);
            }
            self.fill(element, offset + i * size, parts)?;
            i += 1;
            most = most.max(i);
        }
        Ok(offset + most * size)
    }

    fn fill_struct(&mut self, ty: TypeId, offset: u32, braces: bool, parts: &mut Vec<Part>) -> Result<u32> {
        let TypeKind::Struct(id) = self.unit.types.kind(ty) else { return Err(Failed) };
        let count = self.unit.types.structure(id).fields.as_ref().map_or(0, Vec::len);
        let (mut i, mut first) = (0usize, true);
        while self.more(first, i >= count, braces) {
            first = false;
            let span = self.here();
            if braces && self.eat(Kind::Dot) {
                let name = self.expect(Kind::Name)?;
                let text = self.text(name);
                self.expect(Kind::Equal)?;
                let fields = self.unit.types.structure(id).fields.as_deref().unwrap_or(&[]);
                i = fields.iter().position(|field| field.name == text).unwrap_or(usize::MAX);
            }
            let fields = self.unit.types.structure(id).fields.as_deref().unwrap_or(&[]);
            let Some(field) = fields.get(i) else {
                let message = format!("`{}` has no such member", self.type_name(ty));
                self.error("c::type", span, message);
                return Err(Failed);
            };
            let (own, field_ty) = (field.offset, field.ty);
            self.fill(field_ty, offset + own, parts)?;
            i += 1;
        }
        Ok(offset + self.unit.types.size(ty) as u32)
    }
}
