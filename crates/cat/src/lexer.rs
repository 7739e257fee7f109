//! The tokens of cat and bell files.
//!
//! Source: herd7's documentation of cat, and its behaviour: dots and dashes belong to names (`po-loc`, `DMB.ISH`),
//! so `a-b` is one name and `x->y` is the name `x-` and a stray `>`; comments `(* … *)` nest, `//` and `#` run to the
//! end of the line; strings have no escapes; the only numbers are `0` and the `-1` of `^-1`.

use syntax::{Diagnostic, FileId, Span};

/// What a token is. Texts of names, tags and strings are cut from the file by the token's range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name that is not a reserved word.
    Name,
    /// `'name`, with its quote.
    Tag,
    /// `"…"`, with its quotes.
    String,
    /// A reserved word.
    Word(Word),
    /// `0`
    Zero,
    /// `_`
    Underscore,
    /// `-1`
    MinusOne,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// `|`
    Bar,
    /// `||`
    DoubleBar,
    /// `&`
    Ampersand,
    /// `&&`
    DoubleAmpersand,
    /// `*`
    Star,
    /// `~`
    Tilde,
    /// `+`
    Plus,
    /// `++`
    DoublePlus,
    /// `^`
    Caret,
    /// `\`
    Backslash,
    /// `?`
    Question,
    /// `=`
    Equal,
    /// `;`
    Semicolon,
    /// `,`
    Comma,
    /// `->`
    Arrow,
    /// Behind the last token.
    End,
}

macro_rules! words {
    ($($variant:ident $text:literal),* $(,)?) => {
        /// The reserved words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word { $(#[doc = $text] $variant),* }

        fn reserved(text: &str) -> Option<Word> {
            match text { $($text => Some(Word::$variant),)* _ => None }
        }
    };
}

words! {
    Let "let", Rec "rec", And "and", When "when", Acyclic "acyclic", Irreflexive "irreflexive", Empty "empty",
    Show "show", Unshow "unshow", As "as", Fun "fun", In "in", UndefinedUnless "undefined_unless", Flag "flag",
    Assert "assert", Include "include", Variant "variant", Begin "begin", End "end", Procedure "procedure",
    Call "call", Enum "enum", Debug "debug", Match "match", With "with", Forall "forall", From "from", Do "do",
    Try "try", If "if", Then "then", Else "else", Subset "subset", Catdep "catdep", Instructions "instructions",
    Default "default", Not "not",
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spanned {
    /// What it is.
    pub(crate) token: Token,
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
    /// Whether it is the first of its line.
    pub(crate) first_of_line: bool,
}

/// Reads all tokens of a file; the last one is [`Token::End`]. What is no token is reported and left out.
pub(crate) fn tokens(file: FileId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Spanned> {
    let mut lexer = Lexer { file, text, bytes: text.as_bytes(), at: 0, first_of_line: true, diagnostics };
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let first_of_line = std::mem::take(&mut lexer.first_of_line);
        let Some(token) = lexer.token() else { continue };
        tokens.push(Spanned { token, start: start as u32, end: lexer.at as u32, first_of_line });
        if token == Token::End {
            return tokens;
        }
    }
}

/// More errors than this help nobody.
pub(crate) const MAX_ERRORS: usize = 100;

struct Lexer<'a> {
    file: FileId,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    first_of_line: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Lexer<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.first_of_line = true;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => self.skip_line(),
                b'/' if self.byte(1) == Some(b'/') => self.skip_line(),
                b'(' if self.byte(1) == Some(b'*') => self.skip_comment(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }

    fn skip_comment(&mut self) {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(byte) = self.byte(0) {
            match (byte, self.byte(1)) {
                (b'(', Some(b'*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', Some(b')')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => {
                    self.first_of_line |= byte == b'\n';
                    self.at += 1;
                }
            }
        }
        let span = Span::new(self.file, start, start + 2);
        self.report(
            Diagnostic::error("cat::unterminated-comment", span, "this comment does not end")
                .with_help("comments nest: every `(*` needs its own `*)`"),
        );
    }

    /// The next token, or `None` where something was reported instead.
    fn token(&mut self) -> Option<Token> {
        let Some(byte) = self.byte(0) else { return Some(Token::End) };
        let next = self.byte(1);
        let (token, len) = match (byte, next) {
            (b'a'..=b'z' | b'A'..=b'Z', _) => return Some(self.name()),
            (b'_', Some(b'a'..=b'z' | b'A'..=b'Z')) => return Some(self.name()),
            (b'\'', _) => return self.tag(),
            (b'"', _) => return self.string(),
            (b'_', _) => (Token::Underscore, 1),
            (b'0', _) => (Token::Zero, 1),
            (b'(', _) => (Token::LeftParen, 1),
            (b')', _) => (Token::RightParen, 1),
            (b'{', _) => (Token::LeftBrace, 1),
            (b'}', _) => (Token::RightBrace, 1),
            (b'[', _) => (Token::LeftBracket, 1),
            (b']', _) => (Token::RightBracket, 1),
            (b'|', Some(b'|')) => (Token::DoubleBar, 2),
            (b'|', _) => (Token::Bar, 1),
            (b'&', Some(b'&')) => (Token::DoubleAmpersand, 2),
            (b'&', _) => (Token::Ampersand, 1),
            (b'*', _) => (Token::Star, 1),
            (b'~', _) => (Token::Tilde, 1),
            (b'+', Some(b'+')) => (Token::DoublePlus, 2),
            (b'+', _) => (Token::Plus, 1),
            (b'^', _) => (Token::Caret, 1),
            (b'-', Some(b'1')) => (Token::MinusOne, 2),
            (b'-', Some(b'>')) => (Token::Arrow, 2),
            (b'\\', _) => (Token::Backslash, 1),
            (b'?', _) => (Token::Question, 1),
            (b'=', _) => (Token::Equal, 1),
            (b';', _) => (Token::Semicolon, 1),
            (b',', _) => (Token::Comma, 1),
            _ => return self.unknown(),
        };
        self.at += len;
        Some(token)
    }

    fn name(&mut self) -> Token {
        let start = self.at;
        self.at = name_end(self.bytes, start);
        if self.bytes[self.at - 1] == b'-' && self.byte(0) == Some(b'>') {
            self.at -= 1;
            let span = Span::new(self.file, self.at, self.at + 2);
            let message = "`-` belongs to the name before it, so this is no arrow";
            let error = Diagnostic::error("cat::unknown-character", span, message);
            self.report(error.with_help("put a space before `->`"));
        }
        reserved(&self.text[start..self.at]).map_or(Token::Name, Token::Word)
    }

    fn tag(&mut self) -> Option<Token> {
        let end = name_end(self.bytes, self.at + 1);
        if end == self.at + 1 {
            return self.unknown();
        }
        self.at = end;
        Some(Token::Tag)
    }

    fn string(&mut self) -> Option<Token> {
        let start = self.at;
        match self.bytes[start + 1..].iter().position(|b| *b == b'"') {
            Some(len) => {
                self.at += len + 2;
                Some(Token::String)
            }
            None => {
                self.skip_line();
                let span = Span::new(self.file, start, start + 1);
                self.report(Diagnostic::error("cat::unterminated-string", span, "this string does not end"));
                None
            }
        }
    }

    fn unknown(&mut self) -> Option<Token> {
        let start = self.at;
        let character = self.text[start..].chars().next()?;
        self.at += character.len_utf8();
        let span = Span::new(self.file, start, self.at);
        let message = format!("`{}` means nothing here", character.escape_debug());
        let error = Diagnostic::error("cat::unknown-character", span, message);
        self.report(match character {
            '-' => error.with_help("set difference is written `\\`, and the inverse `^-1`"),
            '\'' => error.with_help("a tag is a quote and a name, as in `'acquire`"),
            '0'..='9' => error.with_help("the only number is `0`, the empty relation"),
            _ => error,
        });
        None
    }
}

/// The end of the name that starts at `start`; `start` itself if none does.
fn name_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    if bytes.get(at) == Some(&b'_') {
        at += 1;
    }
    if !bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
        return start;
    }
    let continues = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    while bytes.get(at).is_some_and(continues) {
        at += 1;
    }
    if bytes.get(at) == Some(&b'\'') {
        at += 1;
    }
    at
}
