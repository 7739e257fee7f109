//! Expressions, patterns and conditions.

use super::{Failed, MAX_DEPTH, Parsed, Parser, Sub};
use crate::ast::{Binary, Binding, Condition, Expr, ExprKind, Name, Pattern, Unary};
use crate::lexer::{Token, Word};
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// An operator that waits for its right operand.
#[derive(Clone, Copy)]
pub(super) enum Pending {
    /// `~`, and where it stands.
    Complement(Span),
    /// Between two operands, and where it stands.
    Binary(Binary, Span),
}

/// The level of `~`, `*`, `+` and `?`, of which no two may meet.
const UNARY_LEVEL: u8 = 6;

impl Pending {
    fn level(self) -> u8 {
        match self {
            Pending::Complement(_) => UNARY_LEVEL,
            Pending::Binary(operator, _) => binary_level(operator),
        }
    }
}

fn binary_level(operator: Binary) -> u8 {
    match operator {
        Binary::Union => 1,
        Binary::Add => 2,
        Binary::Sequence => 3,
        Binary::Difference => 4,
        Binary::Intersection => 5,
        Binary::Product => UNARY_LEVEL,
    }
}

fn starts_simple(token: Token) -> bool {
    use Token::{LeftBrace, LeftBracket, LeftParen, Tag, Underscore, Zero};
    matches!(token, Zero | Tag | LeftBrace | Underscore | LeftParen | LeftBracket | Token::Word(Word::Begin))
}

fn starts_operand(token: Token) -> bool {
    token == Token::Name || starts_simple(token)
}

fn is_test(token: Token) -> bool {
    matches!(token, Token::Word(Word::Acyclic | Word::Irreflexive | Word::Empty))
}

impl<'a> Parser<'a> {
    /// A whole expression.
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        Ok(*self.sub_expr()?.expr)
    }

    fn sub_expr(&mut self) -> Parsed<Sub> {
        self.nested(|p| match p.peek() {
            Token::Word(Word::Let) => p.let_expr(),
            Token::Word(Word::Fun) => p.fun_expr(),
            Token::Word(Word::Try) => p.try_expr(),
            Token::Word(Word::If) => p.if_expr(),
            Token::Word(Word::Match) => p.match_expr(),
            _ => p.base_or_tuple(),
        })
    }

    fn make(&mut self, start: u32, depth: u32, kind: ExprKind) -> Parsed<Sub> {
        self.limited(Expr { kind, span: self.span_since(start) }, depth + 1)
    }

    fn limited(&mut self, expr: Expr, depth: u32) -> Parsed<Sub> {
        if depth > MAX_DEPTH {
            Err(self.too_deep(expr.span))
        } else {
            Ok(Sub { expr: Box::new(expr), depth })
        }
    }

    fn let_expr(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let recursive = self.eat_word(Word::Rec);
        let (bindings, depth) = self.bindings()?;
        self.expect(Token::Word(Word::In), "`in`, `and` or an operator")?;
        let body = self.sub_expr()?;
        let kind = if recursive {
            ExprKind::LetRec(bindings, body.expr)
        } else {
            ExprKind::Let(bindings, body.expr)
        };
        self.make(start, depth.max(body.depth), kind)
    }

    fn fun_expr(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let pattern = if self.peek() == Token::LeftParen {
            self.paren_pattern()?
        } else {
            Pattern::Name(self.name_or_underscore()?)
        };
        self.expect(Token::Arrow, "`->`")?;
        let body = self.sub_expr()?;
        self.make(start, body.depth, ExprKind::Fun(pattern, Arc::from(body.expr)))
    }

    fn try_expr(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let first = self.sub_expr()?;
        self.expect(Token::Word(Word::With), "`with` or an operator")?;
        let second = self.sub_expr()?;
        let depth = first.depth.max(second.depth);
        self.make(start, depth, ExprKind::Try(first.expr, second.expr))
    }

    fn if_expr(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let (condition, depth) = self.condition()?;
        self.expect(Token::Word(Word::Then), "`then`")?;
        let yes = self.sub_expr()?;
        self.expect(Token::Word(Word::Else), "`else` or an operator")?;
        let no = self.sub_expr()?;
        let kind = ExprKind::If(Box::new(condition), yes.expr, no.expr);
        self.make(start, depth.max(yes.depth).max(no.depth), kind)
    }

    fn match_expr(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let subject = self.sub_expr()?;
        self.expect(Token::Word(Word::With), "`with` or an operator")?;
        self.eat(Token::DoubleBar);
        let is_default = self.peek() == Token::Underscore && self.peek_at(1) == Token::Arrow;
        if self.peek() == Token::Tag || is_default {
            self.match_tags(start, subject)
        } else {
            self.match_set(start, subject)
        }
    }

    fn match_tags(&mut self, start: u32, subject: Sub) -> Parsed<Sub> {
        let mut depth = subject.depth;
        let mut clauses = Vec::new();
        let mut default = None;
        loop {
            let tag = if self.eat(Token::Underscore) { None } else { Some(self.tag()?) };
            self.expect(Token::Arrow, "`->`")?;
            let body = self.sub_expr()?;
            depth = depth.max(body.depth);
            match tag {
                Some(tag) => clauses.push((tag, *body.expr)),
                None => default = Some(body.expr),
            }
            if default.is_some() || !self.eat(Token::DoubleBar) {
                break;
            }
        }
        self.end_of_match(default.is_some())?;
        self.make(start, depth, ExprKind::MatchTag(subject.expr, clauses, default))
    }

    /// The `end` of a match on tags.
    pub(super) fn end_of_match(&mut self, has_default: bool) -> Parsed<()> {
        if has_default && self.peek() == Token::DoubleBar {
            let error = self.unexpected_error("`end`").with_help("the clause for `_` comes last");
            return Err(self.report(error));
        }
        self.expect(Token::Word(Word::End), "`||`, `end` or an operator")
    }

    fn match_set(&mut self, start: u32, subject: Sub) -> Parsed<Sub> {
        let mut empty = None;
        let mut other = None;
        for is_last in [false, true] {
            if self.peek() == Token::LeftBrace && empty.is_none() {
                self.advance();
                self.expect(Token::RightBrace, "`}`")?;
                self.expect(Token::Arrow, "`->`")?;
                empty = Some(self.sub_expr()?);
            } else if other.is_none() {
                other = Some(self.element_clause(is_last)?);
            } else {
                return Err(self.unexpected("the clause `{} -> …`"));
            }
            if !is_last {
                self.expect(Token::DoubleBar, "`||` and the second clause")?;
            }
        }
        self.expect(Token::Word(Word::End), "`end` or an operator")?;
        let (Some(empty), Some((before, element, rest, body))) = (empty, other) else { return Err(Failed) };
        let depth = subject.depth.max(empty.depth).max(body.depth);
        let (set, empty, body) = (subject.expr, empty.expr, body.expr);
        self.make(start, depth, ExprKind::MatchSet { set, empty, before, element, rest, body })
    }

    /// `x ++ xs -> e` or `xs | x ++ ys -> e`.
    #[expect(clippy::type_complexity, reason = "used in one place, and each part is named there")]
    fn element_clause(
        &mut self,
        is_last: bool,
    ) -> Parsed<(Option<Option<Name>>, Option<Name>, Option<Name>, Sub)> {
        if !matches!(self.peek(), Token::Name | Token::Underscore) {
            let expected =
                if is_last { "the clause `x ++ xs -> …`" } else { "a clause: a tag, `{}`, or `x ++ xs`" };
            return Err(self.unexpected(expected));
        }
        let first = self.name_or_underscore()?;
        let (before, element) =
            if self.eat(Token::Bar) { (Some(first), self.name_or_underscore()?) } else { (None, first) };
        self.expect(Token::DoublePlus, "`++`")?;
        let rest = self.name_or_underscore()?;
        self.expect(Token::Arrow, "`->`")?;
        Ok((before, element, rest, self.sub_expr()?))
    }

    /// `a` or `a, b, …`.
    fn base_or_tuple(&mut self) -> Parsed<Sub> {
        let start = self.start();
        let first = self.base()?;
        if self.peek() != Token::Comma {
            return Ok(first);
        }
        let mut depth = first.depth;
        let mut parts = vec![*first.expr];
        while self.eat(Token::Comma) {
            let part = self.base()?;
            depth = depth.max(part.depth);
            parts.push(*part.expr);
        }
        self.make(start, depth, ExprKind::Tuple(parts))
    }

    /// An expression of operators.
    pub(super) fn base_expr(&mut self) -> Parsed<Expr> {
        Ok(*self.base()?.expr)
    }

    fn base(&mut self) -> Parsed<Sub> {
        let floor = self.operators.len();
        loop {
            while self.peek() == Token::Tilde {
                self.operators.push(Pending::Complement(self.span()));
                self.advance();
            }
            let operand = self.operand()?;
            self.operands.push(operand);
            if !self.after_operand(floor)? {
                break;
            }
        }
        while self.operators.len() > floor {
            self.reduce()?;
        }
        self.operands.pop().ok_or(Failed)
    }

    /// Reads postfix operators, and a binary operator if there is one; then another operand follows.
    fn after_operand(&mut self, floor: usize) -> Parsed<bool> {
        loop {
            let binary = match self.peek() {
                Token::Caret => {
                    self.inverse()?;
                    continue;
                }
                Token::Plus => {
                    self.postfix(Unary::Plus, floor)?;
                    continue;
                }
                Token::Question => {
                    self.postfix(Unary::Optional, floor)?;
                    continue;
                }
                Token::Star if !self.is_product()? => {
                    self.postfix(Unary::Star, floor)?;
                    continue;
                }
                Token::Star => Binary::Product,
                Token::Bar => Binary::Union,
                Token::DoublePlus => Binary::Add,
                Token::Semicolon => Binary::Sequence,
                Token::Backslash => Binary::Difference,
                Token::Ampersand => Binary::Intersection,
                token if starts_operand(token) => return Err(self.missing_operator()),
                _ => return Ok(false),
            };
            self.binary(binary, floor)?;
            return Ok(true);
        }
    }

    /// Whether the `*` that comes next has a right operand.
    fn is_product(&mut self) -> Parsed<bool> {
        if self.peek_at(1) != Token::Tilde {
            return Ok(starts_operand(self.peek_at(1)));
        }
        let help = if is_test(self.peek_at(2)) {
            "put the expression before `~` in parentheses"
        } else {
            "put the part from `~` on in parentheses, as in `a * (~b)`"
        };
        let message = "`*` directly before `~` can be read in two ways";
        let error = Diagnostic::error("cat::ambiguous-operator", self.span(), message).with_help(help);
        Err(self.report(error))
    }

    fn missing_operator(&mut self) -> Failed {
        let message = "there is no operator between this expression and the one before it";
        let error =
            Diagnostic::error("cat::missing-operator", self.span(), message).with_help("missing `;`?");
        self.report(error)
    }

    /// `^-1`
    fn inverse(&mut self) -> Parsed<()> {
        self.advance();
        if self.peek() != Token::MinusOne {
            let help = "the inverse is `^-1`; closures have no `^`: `r+` and `r*`";
            let error = self.unexpected_error("`-1`").with_help(help);
            return Err(self.report(error));
        }
        self.advance();
        self.wrap_operand(Unary::Inverse)
    }

    fn postfix(&mut self, operator: Unary, floor: usize) -> Parsed<()> {
        self.refuse_equal_level(floor)?;
        self.advance();
        self.wrap_operand(operator)
    }

    /// Puts `operator`, which has just been read, around the last operand.
    fn wrap_operand(&mut self, operator: Unary) -> Parsed<()> {
        let operand = self.operands.pop().ok_or(Failed)?;
        let kind = ExprKind::Unary(operator, operand.expr);
        let wrapped = self.make_from(operand.depth, kind)?;
        self.operands.push(wrapped);
        Ok(())
    }

    fn make_from(&mut self, depth: u32, kind: ExprKind) -> Parsed<Sub> {
        let start = match &kind {
            ExprKind::Unary(_, inner) => inner.span.start,
            _ => self.start(),
        };
        self.make(start, depth, kind)
    }

    fn binary(&mut self, operator: Binary, floor: usize) -> Parsed<()> {
        let level = binary_level(operator);
        if operator == Binary::Product {
            self.refuse_equal_level(floor)?;
        }
        let is_left = operator == Binary::Difference;
        while self.operators.len() > floor
            && self.operators.last().is_some_and(|p| p.level() > level || (is_left && p.level() == level))
        {
            self.reduce()?;
        }
        self.operators.push(Pending::Binary(operator, self.span()));
        self.advance();
        Ok(())
    }

    /// `~r+`, `a*b+` and `a*b*c` have no meaning.
    fn refuse_equal_level(&mut self, floor: usize) -> Parsed<()> {
        let Some(pending) = self.operators[floor..].last().copied().filter(|p| p.level() == UNARY_LEVEL)
        else {
            return Ok(());
        };
        let (before, span) = match pending {
            Pending::Complement(span) => ("~", span),
            Pending::Binary(_, span) => ("*", span),
        };
        let here = self.slice();
        let message =
            format!("`{here}` binds as tightly as the `{before}` before it, so this can be read in two ways");
        let error = Diagnostic::error("cat::ambiguous-operator", self.span(), message)
            .with_label(span, format!("the `{before}`"))
            .with_help("add parentheses");
        Err(self.report(error))
    }

    /// Applies the last pending operator.
    fn reduce(&mut self) -> Parsed<()> {
        let right = self.operands.pop().ok_or(Failed)?;
        let sub = match self.operators.pop().ok_or(Failed)? {
            Pending::Complement(span) => {
                let span = span.to(right.expr.span);
                let kind = ExprKind::Unary(Unary::Complement, right.expr);
                self.limited(Expr { kind, span }, right.depth + 1)?
            }
            Pending::Binary(operator, _) => {
                let left = self.operands.pop().ok_or(Failed)?;
                let span = left.expr.span.to(right.expr.span);
                let kind = ExprKind::Binary(operator, left.expr, right.expr);
                self.limited(Expr { kind, span }, left.depth.max(right.depth) + 1)?
            }
        };
        self.operands.push(sub);
        Ok(())
    }

    /// An application, or something in brackets.
    fn operand(&mut self) -> Parsed<Sub> {
        let start = self.start();
        if self.peek() != Token::Name {
            return self.simple();
        }
        let mut head = self.variable();
        while starts_operand(self.peek()) {
            let argument = if self.peek() == Token::Name { self.variable() } else { self.simple()? };
            let depth = head.depth.max(argument.depth);
            head = self.make(start, depth, ExprKind::Apply(head.expr, argument.expr))?;
        }
        Ok(head)
    }

    fn variable(&mut self) -> Sub {
        let kind = ExprKind::Var(self.intern(self.slice()));
        let span = self.span();
        self.advance();
        Sub { expr: Box::new(Expr { kind, span }), depth: 1 }
    }

    /// A constant, or something in brackets.
    pub(super) fn simple_expr(&mut self) -> Parsed<Expr> {
        Ok(*self.simple()?.expr)
    }

    fn simple(&mut self) -> Parsed<Sub> {
        let start = self.start();
        let kind = match self.peek() {
            Token::Zero => ExprKind::EmptyRelation,
            Token::Underscore => ExprKind::Universe,
            Token::Tag => ExprKind::Tag(self.intern(&self.slice()[1..])),
            Token::LeftBrace => return self.explicit_set(),
            Token::LeftBracket => {
                self.advance();
                let set = self.sub_expr()?;
                self.close(Token::RightBracket, "]", start)?;
                return self.make(start, set.depth, ExprKind::IdentityOn(set.expr));
            }
            Token::LeftParen if self.peek_at(1) == Token::RightParen => {
                self.advance();
                ExprKind::Tuple(Vec::new())
            }
            Token::LeftParen => return self.bracketed(Token::RightParen, ")"),
            Token::Word(Word::Begin) => return self.bracketed(Token::Word(Word::End), "end"),
            _ => return Err(self.no_expression()),
        };
        self.advance();
        self.make(start, 0, kind)
    }

    fn no_expression(&mut self) -> Failed {
        use Word::{Fun, If, Let, Match, Try};
        let error = self.unexpected_error("an expression");
        let error = match self.peek() {
            Token::Word(Let | Fun | Try | If | Match) if !self.tokens[self.at].first_of_line => {
                error.with_help(format!("put the part from `{}` on in parentheses", self.slice()))
            }
            Token::Word(Word::Empty) => {
                error.with_help("`empty` is a test; the empty set is `{}` or `emptyset`")
            }
            _ => error,
        };
        self.report(error)
    }

    /// An expression in parentheses, which become part of its span.
    fn bracketed(&mut self, close: Token, close_text: &str) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        let mut inner = self.sub_expr()?;
        self.close(close, close_text, start)?;
        inner.expr.span = self.span_since(start);
        Ok(inner)
    }

    fn close(&mut self, token: Token, text: &str, open: u32) -> Parsed<()> {
        if self.eat(token) {
            return Ok(());
        }
        let error = self.unexpected_error(&format!("`{text}` or an operator"));
        let open = Span { file: self.file, start: open, end: open + 1 };
        Err(self.report(error.with_label(open, "opened here")))
    }

    fn explicit_set(&mut self) -> Parsed<Sub> {
        let start = self.start();
        self.advance();
        if self.eat(Token::RightBrace) {
            return self.make(start, 0, ExprKind::Empty);
        }
        self.nested(|p| {
            let mut depth = 0;
            let mut elements = Vec::new();
            loop {
                let element = p.base()?;
                depth = depth.max(element.depth);
                elements.push(*element.expr);
                if !p.eat(Token::Comma) {
                    break;
                }
            }
            p.close(Token::RightBrace, "}", start)?;
            p.make(start, depth, ExprKind::Explicit(elements))
        })
    }

    /// `x = e and f x = e …`, and the depth of the deepest of the expressions.
    pub(super) fn bindings(&mut self) -> Parsed<(Vec<Binding>, u32)> {
        let mut bindings = Vec::new();
        let mut depth = 0;
        loop {
            let (binding, binding_depth) = self.binding()?;
            bindings.push(binding);
            depth = depth.max(binding_depth);
            if !self.eat_word(Word::And) {
                return Ok((bindings, depth));
            }
        }
    }

    fn binding(&mut self) -> Parsed<(Binding, u32)> {
        let start = self.start();
        let (pattern, parameters) = self.binding_head()?;
        if self.peek() != Token::Equal {
            return Err(self.bad_binding(&pattern, parameters.is_some()));
        }
        self.advance();
        let mut body = self.sub_expr()?;
        let is_function = parameters.is_some();
        if let Some(parameters) = parameters {
            let kind = ExprKind::Fun(parameters, Arc::from(body.expr));
            body = self.make(start, body.depth, kind)?;
        }
        let binding =
            Binding { pattern, expr: Arc::from(body.expr), is_function, span: self.span_since(start) };
        Ok((binding, body.depth))
    }

    /// What stands before `=`: what is bound, and the parameters of a function.
    fn binding_head(&mut self) -> Parsed<(Pattern, Option<Pattern>)> {
        if self.peek() == Token::LeftParen {
            return Ok((self.paren_pattern()?, None));
        }
        let first = self.name_or_underscore()?;
        if first.is_some() {
            match self.peek() {
                Token::LeftParen => return Ok((Pattern::Name(first), Some(self.paren_pattern()?))),
                Token::Name | Token::Underscore => {
                    let parameter = self.name_or_underscore()?;
                    return Ok((Pattern::Name(first), Some(Pattern::Name(parameter))));
                }
                _ => {}
            }
        }
        if self.peek() != Token::Comma {
            return Ok((Pattern::Name(first), None));
        }
        let mut names = vec![first];
        while self.eat(Token::Comma) {
            names.push(self.name_or_underscore()?);
        }
        Ok((Pattern::Tuple(names), None))
    }

    fn bad_binding(&mut self, pattern: &Pattern, is_function: bool) -> Failed {
        let error = self.unexpected_error("`=`");
        let error = match pattern {
            Pattern::Name(Some(name)) if is_function => error.with_help(format!(
                "a function takes one parameter or a tuple: `let {}(a, b) = …`",
                name.text
            )),
            _ => error,
        };
        self.report(error)
    }

    /// `(a, b, _)`; a single name in parentheses is that name.
    pub(super) fn paren_pattern(&mut self) -> Parsed<Pattern> {
        self.expect(Token::LeftParen, "`(`")?;
        let mut names = Vec::new();
        if self.peek() != Token::RightParen {
            names.push(self.name_or_underscore()?);
            while self.eat(Token::Comma) {
                names.push(self.name_or_underscore()?);
            }
        }
        self.expect(Token::RightParen, "`,` or `)`")?;
        Ok(match <[Option<Name>; 1]>::try_from(names) {
            Ok([name]) => Pattern::Name(name),
            Err(names) => Pattern::Tuple(names),
        })
    }

    /// A name, or `None` for `_`.
    pub(super) fn name_or_underscore(&mut self) -> Parsed<Option<Name>> {
        if self.eat(Token::Underscore) {
            return Ok(None);
        }
        if self.peek() == Token::Name {
            return self.name().map(Some);
        }
        let error = self.unexpected_error("a name or `_`");
        let error = match self.peek() {
            Token::Word(_) => error.with_help(format!("`{}` is a reserved word", self.slice())),
            _ => error,
        };
        Err(self.report(error))
    }

    /// What `if` asks in an expression.
    fn condition(&mut self) -> Parsed<(Condition, u32)> {
        if self.is_variant_condition() {
            return self.variant_condition();
        }
        let left = self.sub_expr()?;
        let make = match self.peek() {
            Token::Equal => Condition::Equal,
            Token::Word(Word::Subset) => Condition::Subset,
            Token::Word(Word::In) => Condition::In,
            _ => return Err(self.unexpected("`=`, `subset`, `in` or an operator")),
        };
        self.advance();
        let right = self.sub_expr()?;
        Ok((make(*left.expr, *right.expr), left.depth.max(right.depth)))
    }

    /// Whether a condition on variants comes next, which may stand in parentheses.
    fn is_variant_condition(&self) -> bool {
        let mut ahead = 0;
        while self.peek_at(ahead) == Token::LeftParen && ahead < super::MAX_NESTING as usize {
            ahead += 1;
        }
        matches!(self.peek_at(ahead), Token::String | Token::Word(Word::Not | Word::Variant))
    }

    /// `"a" && not "b" || "c"`, and its depth.
    pub(super) fn variant_condition(&mut self) -> Parsed<(Condition, u32)> {
        self.nested(|p| {
            p.condition_chain(Token::DoubleBar, Condition::Or, |p| {
                p.condition_chain(Token::DoubleAmpersand, Condition::And, Self::variant_atom)
            })
        })
    }

    fn condition_chain(
        &mut self,
        operator: Token,
        make: fn(Box<Condition>, Box<Condition>) -> Condition,
        mut read: impl FnMut(&mut Self) -> Parsed<(Condition, u32)>,
    ) -> Parsed<(Condition, u32)> {
        let (mut left, mut depth) = read(self)?;
        while self.eat(operator) {
            let (right, right_depth) = read(self)?;
            depth = depth.max(right_depth) + 1;
            if depth > MAX_DEPTH {
                return Err(self.too_deep(self.span()));
            }
            left = make(Box::new(left), Box::new(right));
        }
        Ok((left, depth))
    }

    fn variant_atom(&mut self) -> Parsed<(Condition, u32)> {
        match self.peek() {
            Token::Word(Word::Not) => {
                self.advance();
                let (inner, depth) = self.nested(Self::variant_atom)?;
                Ok((Condition::Not(Box::new(inner)), depth + 1))
            }
            Token::LeftParen => {
                let open = self.start();
                self.advance();
                let inner = self.variant_condition()?;
                self.close(Token::RightParen, ")", open)?;
                Ok(inner)
            }
            _ => {
                self.eat_word(Word::Variant);
                if self.peek() != Token::String {
                    return Err(self.unexpected("a variant in quotes, such as `\"vmsa\"`"));
                }
                let condition = Condition::Variant(self.string_text().to_owned(), self.span());
                self.advance();
                Ok((condition, 1))
            }
        }
    }
}
