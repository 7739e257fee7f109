//! The primitives that the kernel's macros are made of.

use syntax::Span;

use super::{Failed, Parser, Result};
use crate::c::ast::{AnnotationsId, Atomic, BinaryOp, ExprId, ExprKind, LockOp, Mark, Returns};
use crate::c::lexer::{Kind, Token};
use crate::c::types::TypeId;

/// More lists of annotations than this are in no test: there are at most 128 tags.
const MAX_ANNOTATIONS: usize = 256;

/// A primitive.
#[derive(Clone, Copy, Debug)]
pub(super) enum Primitive {
    Load,
    Store,
    Fence,
    Exchange,
    Cmpxchg,
    Op(Returns),
    AddUnless,
    Lock(LockOp),
    Srcu,
}

/// The primitive of that name.
pub(super) fn primitive(name: &str) -> Option<Primitive> {
    Some(match name {
        "__load" => Primitive::Load,
        "__store" => Primitive::Store,
        "__fence" => Primitive::Fence,
        "__xchg" => Primitive::Exchange,
        "__cmpxchg" => Primitive::Cmpxchg,
        "__atomic_op" => Primitive::Op(Returns::Nothing),
        "__atomic_op_return" => Primitive::Op(Returns::New),
        "__atomic_fetch_op" => Primitive::Op(Returns::Old),
        "__atomic_add_unless" => Primitive::AddUnless,
        "__lock" => Primitive::Lock(LockOp::Acquire),
        "__unlock" => Primitive::Lock(LockOp::Release),
        "__trylock" => Primitive::Lock(LockOp::Try),
        "__islocked" => Primitive::Lock(LockOp::IsLocked),
        "__srcu" => Primitive::Srcu,
        _ => return None,
    })
}

impl Parser<'_> {
    /// A primitive, with its name read.
    pub(super) fn kernel(&mut self, primitive: Primitive, name: &str, token: Token) -> Result<ExprId> {
        let annotations = self.annotations()?;
        let mark = Mark::Annotations(annotations);
        let (atomic, ty) = match primitive {
            Primitive::Fence => (Atomic::Fence { mark }, TypeId::VOID),
            Primitive::Load => {
                let [place] = self.exactly(name, token)?;
                let place = self.access(place, token)?;
                (Atomic::Load { place, mark }, self.ty(place))
            }
            Primitive::Store => {
                let [place, value] = self.exactly(name, token)?;
                let place = self.access(place, token)?;
                let value = self.convert(value, self.ty(place))?;
                (Atomic::Store { place, value, mark }, TypeId::VOID)
            }
            Primitive::Exchange => {
                let [pointer, value] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let value = self.convert(value, self.ty(place))?;
                (Atomic::Exchange { place, value, mark }, self.ty(place))
            }
            Primitive::Cmpxchg => {
                let [pointer, expected, desired] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let expected = self.convert(expected, self.ty(place))?;
                let desired = self.convert(desired, self.ty(place))?;
                (Atomic::Cmpxchg { place, expected, desired, mark }, self.ty(place))
            }
            Primitive::Op(returns) => {
                let (pointer, op, value) = self.operation(name)?;
                let place = self.target(pointer, token)?;
                let value = self.convert(value, self.ty(place))?;
                let ty = if returns == Returns::Nothing { TypeId::VOID } else { self.ty(place) };
                (Atomic::FetchOp { place, op, value, mark, returns }, ty)
            }
            Primitive::AddUnless => {
                let [pointer, add, unless] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let add = self.convert(add, self.ty(place))?;
                let unless = self.convert(unless, self.ty(place))?;
                (Atomic::AddUnless { place, add, unless, mark }, TypeId::INT)
            }
            Primitive::Lock(op) => {
                let [pointer] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let ty = match op {
                    LockOp::Try | LockOp::IsLocked => TypeId::INT,
                    _ => TypeId::VOID,
                };
                (Atomic::Lock { place, op }, ty)
            }
            Primitive::Srcu => {
                let [pointer, value] = self.between(1, name, token)?;
                let Some(pointer) = pointer else { return Err(Failed) };
                let place = self.target(pointer, token)?;
                let value = match value {
                    Some(value) => Some(self.convert(value, TypeId::INT)?),
                    None => None,
                };
                let ty = if value.is_some() { TypeId::VOID } else { TypeId::INT };
                (Atomic::Srcu { place, value, mark: annotations }, ty)
            }
        };
        let ty = self.unit.types.unqualified(ty);
        let span = self.span_from(self.span(token));
        self.push(ExprKind::Atomic(atomic), ty, span)
    }

    /// The place that `READ_ONCE(place)` accesses.
    fn access(&mut self, id: ExprId, token: Token) -> Result<ExprId> {
        let span = self.span(token);
        self.writable(id, span)?;
        self.accessible(id, span)
    }

    /// The place that a pointer points to.
    pub(super) fn target(&mut self, pointer: ExprId, token: Token) -> Result<ExprId> {
        let span = self.span_of(pointer);
        if let ExprKind::Deref(address) = self.expr(pointer).kind
            && let ExprKind::Address(global) = self.expr(address).kind
            && !self.unit.types.is_pointer(self.ty(pointer))
            && self.unit.types.is_atomic(self.ty(pointer))
        {
            let name = self.unit.globals[global.0 as usize].name.clone();
            let message = "this needs the address of a variable, not its value";
            self.error_with_help("c::type", span, message, format!("write `&{name}`"));
            return Err(Failed);
        }
        let place = self.dereference(pointer, span)?;
        self.accessible(place, self.span(token))
    }

    fn accessible(&mut self, place: ExprId, span: Span) -> Result<ExprId> {
        if self.unit.types.scalar(self.ty(place)).is_none() {
            let message = format!("`{}` can't be accessed as a whole", self.type_name(self.ty(place)));
            self.error_with_help("c::type", span, message, "access a member or an element");
            return Err(Failed);
        }
        Ok(place)
    }

    /// `{once}`, `{acquire,srcu-lock}`; nothing is a list without words.
    fn annotations(&mut self) -> Result<AnnotationsId> {
        let mut words: Vec<&str> = Vec::new();
        if self.eat(Kind::LeftBrace) && !self.eat(Kind::RightBrace) {
            loop {
                let start = self.at;
                while !matches!(self.kind(), Kind::Comma | Kind::RightBrace | Kind::End | Kind::Semicolon) {
                    self.at += 1;
                }
                let (Some(&first), Some(&last)) =
                    (self.tokens.get(start), self.tokens.get(self.at.saturating_sub(1).max(start)))
                else {
                    return self.unexpected("an annotation, such as `once`");
                };
                let word = self.text(Token { end: last.end.max(first.start), ..first });
                let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
                if first.piece != last.piece || word.is_empty() || !word.bytes().all(is_word) {
                    let span = self.span(first);
                    self.error("c::syntax", span, "expected an annotation, such as `once`");
                    return Err(Failed);
                }
                words.push(word);
                if !self.eat(Kind::Comma) {
                    break;
                }
            }
            self.expect(Kind::RightBrace)?;
        }
        let known = self.unit.annotations.iter().position(|list| list.iter().eq(words.iter()));
        if let Some(known) = known {
            return Ok(AnnotationsId(known as u32));
        }
        if self.unit.annotations.len() >= MAX_ANNOTATIONS {
            let span = self.here();
            self.error("c::too-complex", span, "there are too many kinds of annotations");
            return Err(Failed);
        }
        self.unit.annotations.push(words.into_iter().map(str::to_owned).collect());
        Ok(AnnotationsId(self.unit.annotations.len() as u32 - 1))
    }

    /// `(pointer, op, value)`
    fn operation(&mut self, name: &str) -> Result<(ExprId, BinaryOp, ExprId)> {
        self.expect(Kind::LeftParen)?;
        let pointer = self.assignment()?;
        self.expect(Kind::Comma)?;
        let op = match self.kind() {
            Kind::Plus => BinaryOp::Add,
            Kind::Minus => BinaryOp::Sub,
            Kind::Bar => BinaryOp::Or,
            Kind::Caret => BinaryOp::Xor,
            Kind::Amp if self.kind_at(1) == Kind::Tilde => {
                self.at += 1;
                BinaryOp::AndNot
            }
            Kind::Amp => BinaryOp::And,
            _ => {
                return self.unexpected(&format!("an operator of `{name}`: `+`, `-`, `&`, `|`, `^` or `&~`"));
            }
        };
        self.at += 1;
        self.expect(Kind::Comma)?;
        let value = self.assignment()?;
        self.expect(Kind::RightParen)?;
        Ok((pointer, op, value))
    }
}
