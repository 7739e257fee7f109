//! Instructions, and how to go on after an error.

use super::{Failed, Parsed, Parser};
use crate::ast::{Check, Item, ItemKind, Name, Pattern, Role, Test};
use crate::lexer::{MAX_ERRORS, Token, Word};
use std::sync::Arc;

impl Parser<'_> {
    /// Instructions up to the end of the file, or up to what closes them.
    pub(super) fn items(&mut self, top: bool) -> Vec<Item> {
        let mut items = Vec::new();
        while !self.at_end_of_items(top) {
            let (at, start) = (self.at, self.start());
            match self.item_kind(top) {
                Ok(kind) => items.push(Item { kind, span: self.span_since(start) }),
                Err(Failed) => self.recover(at, top),
            }
        }
        items
    }

    fn at_end_of_items(&self, top: bool) -> bool {
        match self.peek() {
            Token::End => true,
            Token::Word(Word::End | Word::Else) | Token::DoubleBar => !top,
            _ => self.diagnostics.len() >= MAX_ERRORS,
        }
    }

    /// Skips to where an instruction may start, behind the token at `failed`.
    fn recover(&mut self, failed: usize, top: bool) {
        self.operands.clear();
        self.operators.clear();
        if self.at == failed {
            self.advance();
        }
        while !self.at_end_of_items(top) && !self.at_instruction() {
            self.advance();
        }
    }

    /// Whether an instruction probably starts here. Words that also occur in expressions count at the start of a line.
    fn at_instruction(&self) -> bool {
        use Word::{
            Acyclic, Assert, Call, Debug, Default, Empty, Enum, Flag, Forall, If, Include, Instructions,
            Irreflexive, Let, Match, Procedure, Show, UndefinedUnless, Unshow, With,
        };
        let is_first = self.tokens[self.at].first_of_line;
        match self.peek() {
            Token::Word(Let | Match | With | If | Empty) | Token::Tilde => is_first,
            Token::Word(
                Acyclic | Assert | Call | Debug | Default | Enum | Flag | Forall | Include | Instructions
                | Irreflexive | Procedure | Show | UndefinedUnless | Unshow,
            ) => true,
            _ => false,
        }
    }

    fn item_kind(&mut self, top: bool) -> Parsed<ItemKind> {
        let Token::Word(word) = self.peek() else {
            return if self.peek() == Token::Tilde {
                self.check(Role::Require)
            } else {
                Err(self.no_instruction())
            };
        };
        if !matches!(word, Word::Acyclic | Word::Irreflexive | Word::Empty) {
            let read = match word {
                Word::Let => Self::let_item,
                Word::Flag => |p: &mut Self| p.check(Role::Flag),
                Word::UndefinedUnless => |p: &mut Self| p.check(Role::UndefinedUnless),
                Word::Assert => |p: &mut Self| p.check(Role::Assert),
                Word::Include => Self::include,
                Word::Show => Self::show,
                Word::Unshow => |p: &mut Self| p.names().map(ItemKind::Unshow),
                Word::Procedure => Self::procedure,
                Word::Call => Self::call,
                Word::Enum if top => Self::enum_item,
                Word::Forall => Self::forall,
                Word::With => Self::with,
                Word::Match => Self::match_item,
                Word::If => Self::if_item,
                Word::Debug => |p: &mut Self| p.expr().map(ItemKind::Debug),
                Word::Instructions => |p: &mut Self| p.bell(ItemKind::Instructions),
                Word::Default => |p: &mut Self| p.bell(ItemKind::Default),
                _ => return Err(self.no_instruction()),
            };
            self.advance();
            return read(self);
        }
        self.check(Role::Require)
    }

    fn no_instruction(&mut self) -> Failed {
        let error = self.unexpected_error("an instruction");
        let error = match (self.peek(), self.peek_at(1)) {
            (Token::Name, Token::Equal) => error.with_help("definitions start with `let`"),
            (Token::Equal, _) => error.with_help(
                "what is before it was read as part of the instruction above; definitions start with `let`",
            ),
            (Token::Name, _) => error.with_suggestion(self.slice(), INSTRUCTION_WORDS),
            (Token::Word(Word::Enum), _) => {
                error.with_help("`enum` may not stand inside another instruction")
            }
            _ => error,
        };
        self.report(error)
    }

    fn let_item(&mut self) -> Parsed<ItemKind> {
        let recursive = self.eat_word(Word::Rec);
        let (bindings, _) = self.bindings()?;
        if !recursive {
            self.eat_word(Word::In);
            return Ok(ItemKind::Let(bindings));
        }
        let when = if self.eat_word(Word::When) { Some(self.tested()?) } else { None };
        self.eat_word(Word::In);
        Ok(ItemKind::LetRec(bindings, when))
    }

    fn check(&mut self, role: Role) -> Parsed<ItemKind> {
        Ok(ItemKind::Check { check: self.tested()?, role })
    }

    /// `[~]acyclic e [as N]`
    fn tested(&mut self) -> Parsed<Check> {
        let negated = self.eat(Token::Tilde);
        let test = match self.peek() {
            Token::Word(Word::Acyclic) => Test::Acyclic,
            Token::Word(Word::Irreflexive) => Test::Irreflexive,
            Token::Word(Word::Empty) => Test::Empty,
            _ => return Err(self.unexpected("`acyclic`, `irreflexive` or `empty`")),
        };
        self.advance();
        let expr = Box::new(self.expr()?);
        Ok(Check { test, negated, expr, name: self.optional_as()? })
    }

    fn include(&mut self) -> Parsed<ItemKind> {
        if self.peek() != Token::String {
            return Err(self.unexpected("a file name in quotes"));
        }
        let path = self.string_text().to_owned();
        self.advance();
        Ok(ItemKind::Include { path, model: None })
    }

    /// `show a, b` or `show e as N`.
    fn show(&mut self) -> Parsed<ItemKind> {
        if self.peek() == Token::Name && self.peek_at(1) == Token::Comma {
            return self.names().map(|names| ItemKind::Show(names, None));
        }
        let is_name = self.peek() == Token::Name;
        let first = self.at;
        let expr = self.base_expr()?;
        if self.eat_word(Word::As) {
            return Ok(ItemKind::Show(vec![self.name()?], Some(Box::new(expr))));
        }
        if is_name && self.at == first + 1 {
            self.at = first;
            return Ok(ItemKind::Show(vec![self.name()?], None));
        }
        Err(self.unexpected("`as` and a name"))
    }

    fn names(&mut self) -> Parsed<Vec<Name>> {
        let mut names = vec![self.name()?];
        while self.eat(Token::Comma) {
            names.push(self.name()?);
        }
        Ok(names)
    }

    /// Instructions inside an instruction.
    fn body(&mut self) -> Parsed<Arc<[Item]>> {
        self.nested(|p| Ok(p.items(false).into()))
    }

    fn end(&mut self) -> Parsed<()> {
        self.expect(Token::Word(Word::End), "an instruction or `end`")
    }

    fn procedure(&mut self) -> Parsed<ItemKind> {
        let recursive = self.eat_word(Word::Rec);
        let name = self.name()?;
        let params = if self.peek() == Token::LeftParen {
            self.paren_pattern()?
        } else {
            Pattern::Name(self.name_or_underscore()?)
        };
        self.expect(Token::Equal, "`=`")?;
        let body = self.body()?;
        self.end()?;
        Ok(ItemKind::Procedure { name, params, body, recursive })
    }

    fn call(&mut self) -> Parsed<ItemKind> {
        let procedure = self.name()?;
        if self.peek() == Token::Name {
            let help =
                format!("put the argument in parentheses: `call {}({})`", procedure.text, self.slice());
            let error = self.unexpected_error("`(`").with_help(help);
            return Err(self.report(error));
        }
        let args = self.simple_expr()?;
        Ok(ItemKind::Call { procedure, args, name: self.optional_as()? })
    }

    fn enum_item(&mut self) -> Parsed<ItemKind> {
        let name = self.name()?;
        self.expect(Token::Equal, "`=`")?;
        self.eat(Token::DoubleBar);
        let mut tags = vec![self.tag()?];
        while self.eat(Token::DoubleBar) {
            tags.push(self.tag()?);
        }
        Ok(ItemKind::Enum(name, tags))
    }

    fn forall(&mut self) -> Parsed<ItemKind> {
        let name = self.name()?;
        self.expect(Token::Word(Word::In), "`in`")?;
        let set = self.expr()?;
        self.expect(Token::Word(Word::Do), "`do` or an operator")?;
        let body = self.body()?;
        self.end()?;
        Ok(ItemKind::Forall(name, set, body))
    }

    fn with(&mut self) -> Parsed<ItemKind> {
        let name = self.name()?;
        self.expect(Token::Word(Word::From), "`from`")?;
        Ok(ItemKind::With(name, self.expr()?))
    }

    fn match_item(&mut self) -> Parsed<ItemKind> {
        let subject = self.expr()?;
        self.expect(Token::Word(Word::With), "`with` or an operator")?;
        self.eat(Token::DoubleBar);
        let mut clauses = Vec::new();
        let mut default = None;
        loop {
            let tag = if self.eat(Token::Underscore) { None } else { Some(self.tag()?) };
            self.expect(Token::Arrow, "`->`")?;
            let body = self.body()?;
            match tag {
                Some(tag) => clauses.push((tag, body)),
                None => default = Some(body),
            }
            if default.is_some() || !self.eat(Token::DoubleBar) {
                break;
            }
        }
        self.end_of_match(default.is_some())?;
        Ok(ItemKind::Match(subject, clauses, default))
    }

    fn if_item(&mut self) -> Parsed<ItemKind> {
        let (condition, _) = self.variant_condition()?;
        let yes = self.body()?;
        let no = if self.eat_word(Word::Else) { self.body()? } else { Arc::from([]) };
        self.end()?;
        Ok(ItemKind::If(condition, yes, no))
    }

    /// `R[a, b]`: the rest of `instructions` and `default`.
    fn bell(&mut self, make: fn(Name, Vec<crate::ast::Expr>) -> ItemKind) -> Parsed<ItemKind> {
        let kind = self.name()?;
        self.expect(Token::LeftBracket, "`[`")?;
        let mut annotations = Vec::new();
        if self.peek() != Token::RightBracket {
            annotations.push(self.base_expr()?);
            while self.eat(Token::Comma) {
                annotations.push(self.base_expr()?);
            }
        }
        self.expect(Token::RightBracket, "`,` or `]`")?;
        Ok(make(kind, annotations))
    }
}

/// The words that instructions start with, for suggestions.
const INSTRUCTION_WORDS: [&str; 20] = [
    "let",
    "acyclic",
    "irreflexive",
    "empty",
    "flag",
    "undefined_unless",
    "assert",
    "include",
    "show",
    "unshow",
    "procedure",
    "call",
    "enum",
    "forall",
    "with",
    "match",
    "if",
    "debug",
    "instructions",
    "default",
];
