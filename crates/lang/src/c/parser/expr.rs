//! Expressions.
//!
//! Functions here return *raw* expressions: places stay places until somebody needs a value.

use syntax::Span;

use super::scope::Entry;
use super::{Failed, Parser, Result};
use crate::c::ast::{BinaryOp, ExprId, ExprKind, UnaryOp};
use crate::c::lexer::{Kind, Token};
use crate::c::types::TypeId;

/// How tightly a binary operator binds, and which it is. `&&` and `||` are apart.
fn operator(kind: Kind) -> Option<(u8, Operator)> {
    let binary = |level, op| Some((level, Operator::Binary(op)));
    match kind {
        Kind::OrOr => Some((1, Operator::Or)),
        Kind::AndAnd => Some((2, Operator::And)),
        Kind::Bar => binary(3, BinaryOp::Or),
        Kind::Caret => binary(4, BinaryOp::Xor),
        Kind::Amp => binary(5, BinaryOp::And),
        Kind::EqualEqual => binary(6, BinaryOp::Eq),
        Kind::NotEqual => binary(6, BinaryOp::Ne),
        Kind::Less => binary(7, BinaryOp::Lt),
        Kind::LessEqual => binary(7, BinaryOp::Le),
        Kind::Greater => binary(7, BinaryOp::Gt),
        Kind::GreaterEqual => binary(7, BinaryOp::Ge),
        Kind::Shl => binary(8, BinaryOp::Shl),
        Kind::Shr => binary(8, BinaryOp::Shr),
        Kind::Plus => binary(9, BinaryOp::Add),
        Kind::Minus => binary(9, BinaryOp::Sub),
        Kind::Star => binary(10, BinaryOp::Mul),
        Kind::Slash => binary(10, BinaryOp::Div),
        Kind::Percent => binary(10, BinaryOp::Rem),
        _ => None,
    }
}

enum Operator {
    Binary(BinaryOp),
    And,
    Or,
}

/// The operator of a compound assignment.
fn compound(kind: Kind) -> Option<BinaryOp> {
    Some(match kind {
        Kind::PlusEqual => BinaryOp::Add,
        Kind::MinusEqual => BinaryOp::Sub,
        Kind::StarEqual => BinaryOp::Mul,
        Kind::SlashEqual => BinaryOp::Div,
        Kind::PercentEqual => BinaryOp::Rem,
        Kind::AmpEqual => BinaryOp::And,
        Kind::BarEqual => BinaryOp::Or,
        Kind::CaretEqual => BinaryOp::Xor,
        Kind::ShlEqual => BinaryOp::Shl,
        Kind::ShrEqual => BinaryOp::Shr,
        _ => return None,
    })
}

impl<'a> Parser<'a> {
    /// `a, b`
    pub(super) fn expression(&mut self) -> Result<ExprId> {
        let mut left = self.assignment()?;
        while self.eat(Kind::Comma) {
            let dropped = self.convert(left, TypeId::VOID)?;
            let right = self.assignment()?;
            let right = self.value(right)?;
            let (ty, span) = (self.ty(right), self.join(left, right));
            left = self.push(ExprKind::Comma { left: dropped, right }, ty, span)?;
        }
        Ok(left)
    }

    fn join(&self, left: ExprId, right: ExprId) -> Span {
        let (left, right) = (self.span_of(left), self.span_of(right));
        if left.file == right.file { left.to(right) } else { left }
    }

    /// An expression without comma.
    pub(super) fn assignment(&mut self) -> Result<ExprId> {
        self.deeper(|parser| {
            let left = parser.conditional_expression()?;
            let kind = parser.kind();
            if kind == Kind::Equal {
                parser.at += 1;
                let right = parser.assignment()?;
                let span = parser.join(left, right);
                return parser.assign(left, right, span);
            }
            let Some(op) = compound(kind) else { return Ok(left) };
            parser.at += 1;
            let right = parser.assignment()?;
            let span = parser.join(left, right);
            parser.compound_assign(op, left, right, span)
        })
    }

    /// `a ? b : c`
    pub(super) fn conditional_expression(&mut self) -> Result<ExprId> {
        let cond = self.binary_expression(1)?;
        if !self.eat(Kind::Question) {
            return Ok(cond);
        }
        let (then, otherwise) = self.deeper(|parser| {
            let then = if parser.kind() == Kind::Colon { None } else { Some(parser.expression()?) };
            parser.expect(Kind::Colon)?;
            Ok((then, parser.conditional_expression()?))
        })?;
        let Some(then) = then else {
            let span = self.span_of(cond);
            return self.unsupported(span, "`?:` without its middle", "write the condition a second time");
        };
        let span = self.join(cond, otherwise);
        self.conditional(cond, then, otherwise, span)
    }

    /// Operators that bind at least as tightly as `level`.
    fn binary_expression(&mut self, level: u8) -> Result<ExprId> {
        let mut left = self.cast_expression()?;
        while let Some((own, op)) = operator(self.kind()) {
            if own < level {
                break;
            }
            self.at += 1;
            let right = self.binary_expression(own + 1)?;
            let span = self.join(left, right);
            left = match op {
                Operator::Binary(op) => self.binary(op, left, right, span)?,
                Operator::And => {
                    let left = self.scalar(left, "`&&`")?;
                    let right = self.scalar(right, "`&&`")?;
                    self.push(ExprKind::LogicalAnd { left, right }, TypeId::INT, span)?
                }
                Operator::Or => {
                    let left = self.scalar(left, "`||`")?;
                    let right = self.scalar(right, "`||`")?;
                    self.push(ExprKind::LogicalOr { left, right }, TypeId::INT, span)?
                }
            };
        }
        Ok(left)
    }

    /// Casts and prefix operators.
    fn cast_expression(&mut self) -> Result<ExprId> {
        let token = self.token();
        match token.kind {
            // What most expressions start with.
            Kind::Name | Kind::Number => self.postfix_expression(),
            Kind::LeftParen if self.starts_type(1) => self.deeper(Parser::cast),
            Kind::Star
            | Kind::Amp
            | Kind::Plus
            | Kind::Minus
            | Kind::Tilde
            | Kind::Bang
            | Kind::PlusPlus
            | Kind::MinusMinus => {
                self.at += 1;
                let operand = self.deeper(Parser::cast_expression)?;
                let start = self.span(token);
                let end = self.span_of(operand);
                let span = if start.file == end.file { start.to(end) } else { start };
                self.prefix(token.kind, operand, span)
            }
            Kind::AndAnd => {
                let span = self.span(token);
                self.unsupported(span, "the address of a label", "use `goto` and `switch`")
            }
            Kind::Sizeof | Kind::Alignof => self.size_of(),
            _ => self.postfix_expression(),
        }
    }

    fn prefix(&mut self, kind: Kind, operand: ExprId, span: Span) -> Result<ExprId> {
        match kind {
            Kind::Star => self.dereference(operand, span),
            Kind::Amp => self.take_address(operand, span),
            Kind::Minus => self.unary(UnaryOp::Neg, operand, span),
            Kind::Tilde => self.unary(UnaryOp::Not, operand, span),
            Kind::Bang => self.unary(UnaryOp::LogicalNot, operand, span),
            Kind::PlusPlus => self.step_place(operand, true, false, span),
            Kind::MinusMinus => self.step_place(operand, false, false, span),
            // `+x` promotes: as `x - 0` would.
            _ => {
                let zero = self.int(0, TypeId::INT, span)?;
                let operand = self.scalar(operand, "`+`")?;
                self.binary(BinaryOp::Sub, operand, zero, span)
            }
        }
    }

    fn cast(&mut self) -> Result<ExprId> {
        let start = self.here();
        self.expect(Kind::LeftParen)?;
        let ty = self.type_name_here()?;
        self.expect(Kind::RightParen)?;
        if self.kind() == Kind::LeftBrace {
            let help = "declare a variable with that initialiser";
            return self.unsupported(start, "a compound literal", help);
        }
        let operand = self.cast_expression()?;
        let value = self.value(operand)?;
        let span = self.span_from(start);
        let id = self.convert(value, ty)?;
        if id == value {
            return Ok(id);
        }
        self.unit.exprs[id.0 as usize].span = span;
        Ok(id)
    }

    /// `sizeof x`, `sizeof(int)`
    fn size_of(&mut self) -> Result<ExprId> {
        let token = self.bump();
        let ty = if self.kind() == Kind::LeftParen && self.starts_type(1) {
            self.at += 1;
            let ty = self.type_name_here()?;
            self.expect(Kind::RightParen)?;
            ty
        } else {
            let operand = self.deeper(Parser::cast_expression)?;
            self.ty(operand)
        };
        let start = self.span(token);
        let span = self.span_from(start);
        if !self.unit.types.is_complete(ty) {
            let message = format!("`{}` has no size", self.type_name(ty));
            self.error("c::type", span, message);
            return Err(Failed);
        }
        let value = match token.kind {
            Kind::Sizeof => self.unit.types.size(ty),
            _ => self.unit.types.align(ty),
        };
        self.int(i128::from(value), TypeId::U64, span)
    }

    fn postfix_expression(&mut self) -> Result<ExprId> {
        let start = self.here();
        let mut id = self.primary_expression()?;
        loop {
            match self.kind() {
                Kind::LeftBracket => {
                    self.at += 1;
                    let index = self.expression()?;
                    self.expect(Kind::RightBracket)?;
                    let span = self.span_from(start);
                    id = self.index(id, index, span)?;
                }
                Kind::Dot | Kind::Arrow => {
                    let arrow = self.bump().kind == Kind::Arrow;
                    let name = self.expect(Kind::Name)?;
                    if self.kind() == Kind::LeftParen {
                        id = self.method(id, arrow, name, start)?;
                        continue;
                    }
                    let span = self.span_from(start);
                    if arrow {
                        id = self.dereference(id, span)?;
                    }
                    id = self.member(id, self.text(name), span)?;
                }
                Kind::PlusPlus | Kind::MinusMinus => {
                    let up = self.bump().kind == Kind::PlusPlus;
                    let span = self.span_from(start);
                    id = self.step_place(id, up, true, span)?;
                }
                Kind::LeftParen => {
                    let help = "call a function by its name";
                    return self.unsupported(start, "a call through an expression", help);
                }
                _ => return Ok(id),
            }
        }
    }

    fn primary_expression(&mut self) -> Result<ExprId> {
        let token = self.token();
        match token.kind {
            Kind::Name => {
                self.at += 1;
                self.named(token)
            }
            Kind::Number => {
                self.at += 1;
                self.number(token)
            }
            Kind::Char => {
                self.at += 1;
                self.character(token)
            }
            Kind::String => {
                let span = self.span(token);
                self.unsupported(span, "a string", "use numbers")
            }
            Kind::LeftParen => {
                self.at += 1;
                if self.kind() == Kind::LeftBrace {
                    return self.statement_expression();
                }
                let inside = self.expression()?;
                self.expect(Kind::RightParen)?;
                Ok(inside)
            }
            _ => self.unexpected("an expression"),
        }
    }

    /// A name, or a call.
    fn named(&mut self, token: Token) -> Result<ExprId> {
        let text = self.text(token);
        if self.call_site.is_some()
            && let Some(bound) = self.binding(text)
        {
            return Ok(bound);
        }
        let mut name = text;
        while self.eat(Kind::DoubleColon) {
            let last = self.expect(Kind::Name)?;
            if name == "memory_order" {
                return self.scoped_order(last);
            }
            name = self.text(last);
        }
        // Primitives of the kernel have annotations: `__load{once}(*x)`, `__fence{mb}`.
        if self.kind() == Kind::LeftParen || (self.kind() == Kind::LeftBrace && name.starts_with("__")) {
            return self.call(token, name);
        }
        let span = self.span(token);
        match self.scopes.find(name) {
            Some(Entry::Local(local)) => {
                let ty = self.function.locals[local.0 as usize].ty;
                self.push(ExprKind::Local(local), ty, span)
            }
            Some(Entry::Parameter(global, ty)) => self.push(ExprKind::Address(global), ty, span),
            Some(Entry::Global(global)) => {
                let ty = self.unit.globals[global.0 as usize].ty;
                let pointer = self.unit.types.pointer_to(ty);
                let address = self.push(ExprKind::Address(global), pointer, span)?;
                self.push(ExprKind::Deref(address), ty, span)
            }
            Some(Entry::Constant(value)) => self.int(value, TypeId::INT, span),
            Some(Entry::Function(_)) => {
                self.unsupported(span, "a pointer to a function", "call the function")
            }
            Some(Entry::Typedef(_)) => {
                self.error("c::syntax", span, format!("`{name}` is a type, not a variable"));
                Err(Failed)
            }
            None => match self.function.implicit.get(name) {
                Some(&local) => {
                    let ty = self.function.locals[local.0 as usize].ty;
                    self.push(ExprKind::Local(local), ty, span)
                }
                None => self.predefined(name, token),
            },
        }
    }

    /// What a parameter of the macro that is read stands for.
    fn binding(&self, name: &str) -> Option<ExprId> {
        let own = &self.bindings[self.bindings_start..];
        own.iter().find(|(parameter, _)| *parameter == name).map(|(_, id)| *id)
    }

    /// Constants that C11 and the kernel define.
    fn predefined(&mut self, name: &'a str, token: Token) -> Result<ExprId> {
        let span = self.span(token);
        match name {
            "NULL" | "nullptr" => {
                let ty = self.unit.types.pointer_to(TypeId::VOID);
                self.int(0, ty, span)
            }
            "true" => self.int(1, TypeId::BOOL, span),
            "false" => self.int(0, TypeId::BOOL, span),
            "ATOMIC_FLAG_INIT" | "thrd_success" => self.int(0, TypeId::INT, span),
            "thrd_busy" => self.int(1, TypeId::INT, span),
            "INT_MAX" => self.int(i128::from(i32::MAX), TypeId::INT, span),
            "INT_MIN" => self.int(i128::from(i32::MIN), TypeId::INT, span),
            "UINT_MAX" => self.int(i128::from(u32::MAX), TypeId::UINT, span),
            "LONG_MAX" | "INT64_MAX" | "LLONG_MAX" => self.int(i128::from(i64::MAX), TypeId::I64, span),
            "LONG_MIN" | "INT64_MIN" | "LLONG_MIN" => self.int(i128::from(i64::MIN), TypeId::I64, span),
            "ULONG_MAX" | "UINT64_MAX" | "ULLONG_MAX" | "SIZE_MAX" => {
                self.int(i128::from(u64::MAX), TypeId::U64, span)
            }
            _ => match super::atomic::order_number(name) {
                Some(number) => self.int(number, TypeId::INT, span),
                None => {
                    self.undeclared(name, span);
                    Err(Failed)
                }
            },
        }
    }

    fn undeclared(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is not declared");
        let error = syntax::Diagnostic::error("c::undeclared", span, message);
        // Every short name is near to another.
        let names = if name.len() > 3 { self.scopes.names() } else { Vec::new() };
        let help = match (syntax::did_you_mean(name, names), self.globals.get(name)) {
            (_, Some(global)) => {
                let ty = self.type_name(self.unit.globals[global.0 as usize].ty);
                format!("it is shared: add `{ty} *{name}` to the parameters of the thread")
            }
            (Some(known), None) => format!("did you mean `{known}`?"),
            (None, None) => format!(
                "declare it here (`int {name};`) or, if threads share it, as a parameter (`int *{name}`)"
            ),
        };
        self.report(error.with_help(help));
    }

    fn number(&mut self, token: Token) -> Result<ExprId> {
        let text = self.text(token);
        let span = self.span(token);
        match super::constant::number(text) {
            Ok((value, ty)) => self.push(ExprKind::Int(value), ty, span),
            Err(super::constant::BadNumber::Float) => self.unsupported(span, super::FLOATING, "use integers"),
            Err(super::constant::BadNumber::TooLarge) => {
                self.error("c::syntax", span, format!("`{text}` does not fit into 128 bits"));
                Err(Failed)
            }
            Err(super::constant::BadNumber::Malformed) => {
                self.error("c::syntax", span, format!("`{text}` is not a number"));
                Err(Failed)
            }
        }
    }

    fn character(&mut self, token: Token) -> Result<ExprId> {
        let text = self.text(token);
        let span = self.span(token);
        match super::constant::character(text) {
            Some(value) => self.push(ExprKind::Int(value), TypeId::INT, span),
            None => {
                let message = format!("{} is not one character of ASCII", super::shown(text));
                self.error("c::syntax", span, message);
                Err(Failed)
            }
        }
    }
}
