//! From tokens to the [`Model`].
//!
//! Written by recursive descent, with an operator stack for the operators so that long chains need no recursion.
//! The grammar is the one herd7 accepts, its surprises included; where a surprise is likely a slip, the message says
//! what to write. After an error the parser goes on at the next instruction.

mod expr;
mod item;

use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Expr, Model, Name};
use crate::lexer::{self, MAX_ERRORS, Spanned, Token, Word};

/// How deep brackets, expressions and instructions may be nested.
const MAX_NESTING: u32 = 150;

/// How deep the tree of an expression may be; a chain of operators counts one for each.
const MAX_DEPTH: u32 = 400;

/// Reads a cat or bell file. `text` is the whole of `file`.
///
/// The model holds what was understood; it is complete if there are no errors. No expression in it is more than 400
/// levels deep, and instructions and brackets are nested 150 deep at most.
pub fn parse(file: FileId, text: &str) -> (Model, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let tokens = lexer::tokens(file, text, &mut diagnostics);
    let mut parser = Parser {
        file,
        text,
        tokens,
        at: 0,
        nesting: 0,
        names: FxHashMap::default(),
        operands: Vec::new(),
        operators: Vec::new(),
        diagnostics,
    };
    let model = parser.model();
    let mut diagnostics = parser.diagnostics;
    diagnostics.sort_by_key(|d| d.span.start);
    (model, diagnostics)
}

/// An error was reported; the instruction cannot be read further.
#[derive(Debug)]
struct Failed;

type Parsed<T> = Result<T, Failed>;

/// An expression, and the depth of its tree. It is in a box from the start, because moving expressions about is slow.
struct Sub {
    expr: Box<Expr>,
    depth: u32,
}

struct Parser<'a> {
    file: FileId,
    text: &'a str,
    tokens: Vec<Spanned>,
    at: usize,
    nesting: u32,
    names: FxHashMap<&'a str, Arc<str>>,
    /// The operands and operators of all expressions that are being read.
    operands: Vec<Sub>,
    operators: Vec<expr::Pending>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    fn model(&mut self) -> Model {
        let (title, first_word) = self.title();
        let catdep = self.eat(Token::Word(Word::Catdep));
        let items = self.items(true);
        Model { title, first_word, catdep, items }
    }

    /// `NAME NAME`, `NAME "string"`, `NAME`, `"string"` or nothing.
    fn title(&mut self) -> (Option<String>, Option<Name>) {
        let first_word = if self.peek() == Token::Name { self.name().ok() } else { None };
        let title = match self.peek() {
            Token::Name => Some(self.slice().to_owned()),
            Token::String => Some(self.string_text().to_owned()),
            _ => None,
        };
        match title {
            Some(_) => self.advance(),
            None => return (first_word.as_ref().map(|word| word.text.to_string()), first_word),
        }
        (title, first_word)
    }

    fn peek(&self) -> Token {
        self.tokens[self.at].token
    }

    fn peek_at(&self, ahead: usize) -> Token {
        self.tokens.get(self.at + ahead).map_or(Token::End, |t| t.token)
    }

    fn advance(&mut self) {
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
    }

    fn eat(&mut self, token: Token) -> bool {
        let found = self.peek() == token;
        if found {
            self.advance();
        }
        found
    }

    fn eat_word(&mut self, word: Word) -> bool {
        self.eat(Token::Word(word))
    }

    fn expect(&mut self, token: Token, expected: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(self.unexpected(expected)) }
    }

    /// The text of the next token.
    fn slice(&self) -> &'a str {
        let token = &self.tokens[self.at];
        &self.text[token.start as usize..token.end as usize]
    }

    /// The text of the next token, a string, without its quotes.
    fn string_text(&self) -> &'a str {
        let slice = self.slice();
        slice.get(1..slice.len().saturating_sub(1)).unwrap_or_default()
    }

    fn span(&self) -> Span {
        let token = &self.tokens[self.at];
        Span { file: self.file, start: token.start, end: token.end }
    }

    fn start(&self) -> u32 {
        self.tokens[self.at].start
    }

    /// From `start` to the end of the last token read.
    fn span_since(&self, start: u32) -> Span {
        let end = self.at.checked_sub(1).map_or(start, |at| self.tokens[at].end);
        Span { file: self.file, start, end: end.max(start) }
    }

    fn intern(&mut self, text: &'a str) -> Arc<str> {
        self.names.entry(text).or_insert_with(|| Arc::from(text)).clone()
    }

    fn name(&mut self) -> Parsed<Name> {
        if self.peek() != Token::Name {
            return Err(self.unexpected("a name"));
        }
        let name = Name { text: self.intern(self.slice()), span: self.span() };
        self.advance();
        Ok(name)
    }

    fn tag(&mut self) -> Parsed<Name> {
        if self.peek() != Token::Tag {
            return Err(self.unexpected("a tag such as `'acquire`"));
        }
        let name = Name { text: self.intern(&self.slice()[1..]), span: self.span() };
        self.advance();
        Ok(name)
    }

    /// `as NAME`, or nothing.
    fn optional_as(&mut self) -> Parsed<Option<Name>> {
        if self.eat_word(Word::As) { self.name().map(Some) } else { Ok(None) }
    }

    /// Runs `read` one level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= MAX_NESTING {
            return Err(self.too_deep(self.span()));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    fn too_deep(&mut self, span: Span) -> Failed {
        self.report(
            Diagnostic::error("cat::too-deep", span, "this is nested too deeply")
                .with_help("bind parts of it to names with `let`"),
        )
    }

    fn unexpected(&mut self, expected: &str) -> Failed {
        let error = self.unexpected_error(expected);
        self.report(error)
    }

    fn unexpected_error(&self, expected: &str) -> Diagnostic {
        let found = match self.peek() {
            Token::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.slice().chars().take(40).collect::<String>()),
        };
        Diagnostic::error("cat::unexpected-token", self.span(), format!("expected {expected}, found {found}"))
    }

    fn report(&mut self, diagnostic: Diagnostic) -> Failed {
        if self.diagnostics.len() < MAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
        Failed
    }
}
