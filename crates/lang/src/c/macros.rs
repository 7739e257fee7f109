//! Macro files (`.def`): the functions of the kernel and of C11 in terms of a few primitives.
//!
//! A file is a list of `NAME(parameters) expression` and `NAME(parameters) { statements }`. Bodies are kept as tokens;
//! the parser reads them where they are used, with the parameters bound to the arguments, so that an argument is always
//! one operand whatever it looks like, and variables of a body are never those of the caller.
//!
//! Format: herd7's macro files, as the kernel's `linux-kernel.def` uses them.
//!
//! Deviations:
//! 1. Bodies may hold everything that a thread may, `({ … })` included.
//! 2. A later definition of a name replaces an earlier one.

use rustc_hash::FxHashMap;
use syntax::{Diagnostic, FileId, Span};

use super::Piece;
use super::lexer::{self, Kind, Token, report};

/// [`Token::piece`] of the tokens in a [`Macros`].
pub(crate) const MACROS: u16 = u16::MAX;

/// A table of macros, read once and used for many tests.
#[derive(Clone, Debug, Default)]
pub struct Macros {
    text: String,
    tokens: Vec<Token>,
    macros: Vec<Macro>,
    by_name: FxHashMap<String, u32>,
}

/// A macro.
#[derive(Clone, Debug)]
pub(crate) struct Macro {
    /// Its name.
    pub(crate) name: Token,
    /// Its parameters.
    pub(crate) parameters: Vec<Token>,
    /// Whether the body is statements, without the braces.
    pub(crate) is_statements: bool,
    body: std::ops::Range<usize>,
}

impl Macros {
    /// Reads a file.
    pub fn parse(file: FileId, text: &str) -> (Macros, Vec<Diagnostic>) {
        let mut macros = Macros::default();
        let diagnostics = macros.add(file, text);
        (macros, diagnostics)
    }

    /// Adds the macros of another file.
    pub fn add(&mut self, file: FileId, text: &str) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let span = Span::new(file, 0, text.len());
        let first = self.tokens.len();
        lexer::read(Piece { text, span }, MACROS, &mut self.tokens, &mut diagnostics);
        let base = self.text.len() as u32;
        self.text.push_str(text);
        for token in &mut self.tokens[first..] {
            token.start += base;
            token.end += base;
        }
        Reader { macros: self, file, base, at: first, diagnostics: &mut diagnostics }.items();
        diagnostics
    }

    /// The names, in order of definition.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.macros.iter().map(|one| self.text(one.name))
    }

    /// Whether there is no macro.
    pub fn is_empty(&self) -> bool {
        self.macros.is_empty()
    }

    /// The number of the macro of that name.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// The macro of that number.
    pub(crate) fn get(&self, number: u32) -> &Macro {
        &self.macros[number as usize]
    }

    /// The tokens of a body.
    pub(crate) fn body(&self, one: &Macro) -> &[Token] {
        &self.tokens[one.body.clone()]
    }

    /// The text of a token.
    pub(crate) fn text(&self, token: Token) -> &str {
        &self.text[token.start as usize..token.end as usize]
    }
}

struct Reader<'a> {
    macros: &'a mut Macros,
    file: FileId,
    base: u32,
    at: usize,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// A macro that can't be read.
struct Broken;

impl Reader<'_> {
    fn token(&self) -> Token {
        self.macros.tokens[self.at.min(self.macros.tokens.len() - 1)]
    }

    fn bump(&mut self) -> Token {
        let token = self.token();
        self.at += usize::from(token.kind != Kind::End);
        token
    }

    fn span(&self, token: Token) -> Span {
        Span { file: self.file, start: token.start - self.base, end: token.end - self.base }
    }

    fn unexpected<T>(&mut self, expected: &str) -> Result<T, Broken> {
        let token = self.token();
        let found = match token.kind {
            Kind::End => "the end of the file".to_owned(),
            _ => format!("`{}`", self.macros.text(token)),
        };
        let message = format!("expected {expected}, found {found}");
        let help = "a macro is `NAME(X,Y) expression` or `NAME(X,Y) { statements }`";
        let error = Diagnostic::error("c::bad-macro", self.span(token), message).with_help(help);
        report(self.diagnostics, error);
        Err(Broken)
    }

    fn expect(&mut self, kind: Kind) -> Result<Token, Broken> {
        if self.token().kind != kind {
            let expected = match kind {
                Kind::Name => kind.text().to_owned(),
                _ => format!("`{}`", kind.text()),
            };
            return self.unexpected(&expected);
        }
        Ok(self.bump())
    }

    fn items(&mut self) {
        while self.token().kind != Kind::End {
            let start = self.at;
            if self.item().is_err() {
                // Macros start lines; bodies usually don't.
                self.at = self.at.max(start + 1);
                while self.token().kind != Kind::End && !self.starts_macro() {
                    self.at += 1;
                }
            }
        }
    }

    /// Whether a macro may start here, after an error.
    fn starts_macro(&self) -> bool {
        let next = self.macros.tokens.get(self.at + 1).map(|token| token.kind);
        let token = self.token();
        token.kind == Kind::Name && token.first_of_line && next == Some(Kind::LeftParen)
    }

    fn item(&mut self) -> Result<(), Broken> {
        let name = self.expect(Kind::Name)?;
        self.expect(Kind::LeftParen)?;
        let mut parameters = Vec::new();
        if self.token().kind != Kind::RightParen {
            parameters.push(self.expect(Kind::Name)?);
            while self.token().kind == Kind::Comma {
                self.at += 1;
                parameters.push(self.expect(Kind::Name)?);
            }
        }
        self.expect(Kind::RightParen)?;
        let is_statements = self.token().kind == Kind::LeftBrace;
        let body = if is_statements {
            let start = self.at + 1;
            self.skip_group()?;
            start..self.at - 1
        } else {
            let start = self.at;
            self.skip_expression()?;
            start..self.at
        };
        if self.token().kind == Kind::Semicolon {
            self.at += 1;
        }
        let number = self.macros.macros.len() as u32;
        let text = self.macros.text(name).to_owned();
        self.macros.macros.push(Macro { name, parameters, is_statements, body });
        self.macros.by_name.insert(text, number);
        Ok(())
    }

    /// Skips from an opening bracket to behind its closing one.
    fn skip_group(&mut self) -> Result<(), Broken> {
        let mut open = Vec::new();
        loop {
            let close = match self.token().kind {
                Kind::LeftParen => Kind::RightParen,
                Kind::LeftBrace => Kind::RightBrace,
                Kind::LeftBracket => Kind::RightBracket,
                kind @ (Kind::RightParen | Kind::RightBrace | Kind::RightBracket) => {
                    if open.last() != Some(&kind) {
                        return self.unexpected("a body with matching brackets");
                    }
                    open.pop();
                    self.at += 1;
                    if open.is_empty() {
                        return Ok(());
                    }
                    continue;
                }
                Kind::End => return self.unexpected("the end of the body"),
                _ => {
                    self.at += 1;
                    continue;
                }
            };
            open.push(close);
            self.at += 1;
        }
    }

    /// Skips an expression. It ends before a name that follows an operand: there the next macro starts.
    fn skip_expression(&mut self) -> Result<(), Broken> {
        let mut behind_operand = false;
        let start = self.at;
        loop {
            match self.token().kind {
                Kind::End | Kind::Semicolon => break,
                Kind::Name if behind_operand => break,
                Kind::Name | Kind::Number | Kind::Char => {
                    behind_operand = true;
                    self.at += 1;
                }
                Kind::LeftParen | Kind::LeftBrace | Kind::LeftBracket => {
                    let is_cast = !behind_operand && self.is_cast();
                    self.skip_group()?;
                    behind_operand = !is_cast;
                }
                Kind::RightParen | Kind::RightBrace | Kind::RightBracket => {
                    return self.unexpected("an expression");
                }
                Kind::PlusPlus | Kind::MinusMinus => self.at += 1,
                Kind::Dot | Kind::Arrow => {
                    behind_operand = false;
                    self.at += 1;
                }
                _ => {
                    behind_operand = false;
                    self.at += 1;
                }
            }
        }
        if self.at == start { self.unexpected("a body") } else { Ok(()) }
    }

    /// Whether the parenthesis here holds the name of a type that is a keyword.
    fn is_cast(&self) -> bool {
        let next = self.macros.tokens.get(self.at + 1).map(|token| token.kind);
        matches!(
            next,
            Some(
                Kind::Void
                    | Kind::CharType
                    | Kind::Short
                    | Kind::Int
                    | Kind::Long
                    | Kind::Signed
                    | Kind::Unsigned
                    | Kind::Bool
                    | Kind::Int128
                    | Kind::Struct
                    | Kind::Enum
                    | Kind::Const
                    | Kind::Volatile
            )
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        let (macros, diagnostics) = Macros::parse(FileId(0), text);
        let mut out = String::new();
        for one in &macros.macros {
            let texts = |tokens: &[Token]| {
                tokens.iter().map(|token| macros.text(*token)).collect::<Vec<_>>().join(" ")
            };
            let kind = if one.is_statements { "statements" } else { "expression" };
            let (name, parameters) = (macros.text(one.name), texts(&one.parameters));
            out.push_str(&format!("{name}({parameters}) {kind}: {}\n", texts(macros.body(one))));
        }
        for diagnostic in diagnostics {
            out.push_str(&format!("{} {:?}\n", diagnostic.message, diagnostic.span));
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn expressions_end_where_the_next_macro_starts() {
        check(
            "// reads and writes\nREAD(X) __load{once}(X)\nWRITE(X,V) { __store{once}(X,V); }\n\
             mb() { __fence{mb}; }\nzero(V) __op{mb}(V,+,1) == 0\ncast(X) (int) X\nlast(X) (*X)\nwrong X",
            expect![[r#"
                READ(X) expression: __load { once } ( X )
                WRITE(X V) statements: __store { once } ( X , V ) ;
                mb() statements: __fence { mb } ;
                zero(V) expression: __op { mb } ( V , + , 1 ) == 0
                cast(X) expression: ( int ) X
                last(X) expression: ( * X )
                expected `(`, found `X` Span { file: FileId(0), start: 165, end: 166 }
            "#]],
        );
    }
}
