//! The tokens of C.
//!
//! Source: C17 §6.4, with the punctuators that C++ spellings of atomics need (`::`).
//!
//! Deviations:
//! 1. No floating-point numbers, wide characters or trigraphs.
//! 2. `#` is a token; lines of the preprocessor are recognised by [`Token::first_of_line`].

use syntax::{Diagnostic, Span};

use super::Piece;

macro_rules! kinds {
    ($($name:ident $text:literal,)* ; $($keyword:ident $word:literal,)*) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind {
            /// Behind the last token.
            End,
            /// A name that is no keyword.
            Name,
            /// A number.
            Number,
            /// `'a'`
            Char,
            /// `"…"`
            String,
            $(#[doc = $text] $name,)*
            $(#[doc = $word] $keyword,)*
        }

        impl Kind {
            /// How the token is written, for messages.
            pub(crate) fn text(self) -> &'static str {
                match self {
                    Kind::End => "the end",
                    Kind::Name => "a name",
                    Kind::Number => "a number",
                    Kind::Char => "a character",
                    Kind::String => "a string",
                    $(Kind::$name => $text,)*
                    $(Kind::$keyword => $word,)*
                }
            }
        }

        fn keyword(word: &str) -> Kind {
            match word { $($word => Kind::$keyword,)* _ => other_spelling(word) }
        }

        /// Bit `n` is set if a keyword with this first letter (from `a` on; `_` is 31) has `n` letters.
        const LENGTHS: [u32; 32] = {
            let mut lengths = [0; 32];
            $(
                let word = $word.as_bytes();
                let first = (word[0] & 31) as usize;
                lengths[first] |= 1 << word.len();
            )*
            lengths
        };
    };
}

kinds! {
    LeftParen "(", RightParen ")", LeftBrace "{", RightBrace "}", LeftBracket "[", RightBracket "]",
    Semicolon ";", Comma ",", Dot ".", Arrow "->", Question "?", Colon ":", DoubleColon "::", Hash "#",
    Ellipsis "...", Paste "##",
    Plus "+", Minus "-", Star "*", Slash "/", Percent "%", Amp "&", Bar "|", Caret "^", Tilde "~", Bang "!",
    Shl "<<", Shr ">>", Less "<", LessEqual "<=", Greater ">", GreaterEqual ">=", EqualEqual "==", NotEqual "!=",
    AndAnd "&&", OrOr "||", PlusPlus "++", MinusMinus "--",
    Equal "=", PlusEqual "+=", MinusEqual "-=", StarEqual "*=", SlashEqual "/=", PercentEqual "%=", AmpEqual "&=",
    BarEqual "|=", CaretEqual "^=", ShlEqual "<<=", ShrEqual ">>=",
    ;
    If "if", Else "else", While "while", Do "do", For "for", Switch "switch", Case "case", Default "default",
    Goto "goto", Break "break", Continue "continue", Return "return",
    Void "void", CharType "char", Short "short", Int "int", Long "long", Signed "signed", Unsigned "unsigned",
    Float "float", Double "double", Bool "bool", Int128 "__int128", Struct "struct", Union "union", Enum "enum",
    Typedef "typedef", Const "const", Volatile "volatile", Atomic "_Atomic", Restrict "restrict", Static "static",
    Extern "extern", Inline "inline", Register "register", Auto "auto", Sizeof "sizeof", Alignof "_Alignof",
    Typeof "typeof", Asm "asm", Attribute "__attribute__", ThreadLocal "_Thread_local",
}

fn other_spelling(word: &str) -> Kind {
    if !word.starts_with('_') && !matches!(word, "alignof" | "thread_local") {
        return Kind::Name;
    }
    match word {
        "_Bool" => Kind::Bool,
        "__const" | "__const__" => Kind::Const,
        "__volatile" | "__volatile__" => Kind::Volatile,
        "__restrict" | "__restrict__" => Kind::Restrict,
        "__inline" | "__inline__" | "__always_inline" | "_Noreturn" => Kind::Inline,
        "__signed" | "__signed__" => Kind::Signed,
        "__int128_t" => Kind::Int128,
        "__typeof" | "__typeof__" | "typeof_unqual" => Kind::Typeof,
        "__asm" | "__asm__" => Kind::Asm,
        "__attribute" => Kind::Attribute,
        "__alignof__" | "alignof" => Kind::Alignof,
        "__thread" | "thread_local" => Kind::ThreadLocal,
        _ => Kind::Name,
    }
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Whether it is the first of its line.
    pub(crate) first_of_line: bool,
    /// The piece of text that it is from.
    pub(crate) piece: u16,
    /// Offset of its first byte in the piece.
    pub(crate) start: u32,
    /// Offset behind its last byte.
    pub(crate) end: u32,
}

/// More errors than this help nobody.
pub(crate) const MAX_ERRORS: usize = 50;

/// Adds an error, unless there are many already.
pub(crate) fn report(diagnostics: &mut Vec<Diagnostic>, diagnostic: Diagnostic) {
    if diagnostics.len() < MAX_ERRORS {
        diagnostics.push(diagnostic);
    }
}

/// Reads the tokens of a piece, a [`Kind::End`] at last. What is no token is reported and left out. The result tells
/// whether there is a `#`.
pub(crate) fn read(
    piece: Piece<'_>,
    number: u16,
    tokens: &mut Vec<Token>,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let mut lexer = Lexer { piece, bytes: piece.text.as_bytes(), at: 0, first_of_line: true, diagnostics };
    let mut has_hash = false;
    loop {
        lexer.skip_blanks();
        let start = lexer.at as u32;
        let first_of_line = std::mem::take(&mut lexer.first_of_line);
        let Some(kind) = lexer.token() else { continue };
        has_hash |= kind == Kind::Hash;
        tokens.push(Token { kind, first_of_line, piece: number, start, end: lexer.at as u32 });
        if kind == Kind::End {
            return has_hash;
        }
    }
}

struct Lexer<'a> {
    piece: Piece<'a>,
    bytes: &'a [u8],
    at: usize,
    first_of_line: bool,
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// Whether a byte can stand in a name; `$` and letters beyond ASCII can't.
const IS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};

impl Lexer<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        self.piece.part(start as u32, end as u32)
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.byte(0) {
                b'\n' => {
                    self.at += 1;
                    self.first_of_line = true;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.at += 1,
                b'/' if self.byte(1) == b'/' => self.skip_line(),
                b'/' if self.byte(1) == b'*' => self.skip_comment(),
                b'\\' if self.byte(1) == b'\n' => self.at += 2,
                b'\\' if self.byte(1) == b'\r' && self.byte(2) == b'\n' => self.at += 3,
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
        self.at += 2;
        while self.at < self.bytes.len() {
            if self.byte(0) == b'*' && self.byte(1) == b'/' {
                self.at += 2;
                return;
            }
            self.at += 1;
        }
        let span = self.span(start, start + 2);
        report(self.diagnostics, Diagnostic::error("c::unterminated", span, "this comment does not end"));
    }

    /// The next token, or `None` where something was reported instead.
    fn token(&mut self) -> Option<Kind> {
        let Some(&byte) = self.bytes.get(self.at) else { return Some(Kind::End) };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => Some(self.word()),
            b'0'..=b'9' => Some(self.number()),
            b'.' if self.byte(1).is_ascii_digit() => Some(self.number()),
            b'\'' => self.quoted(b'\'', Kind::Char),
            b'"' => self.quoted(b'"', Kind::String),
            _ => self.punctuator(byte),
        }
    }

    fn word(&mut self) -> Kind {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| !IS_WORD[*byte as usize]).unwrap_or(rest.len());
        let start = self.at;
        self.at += len;
        // Most words can be told from keywords without comparing them.
        let first = rest[0];
        let may_be = match first {
            b'a'..=b'z' => {
                len < 32 && LENGTHS[(first & 31) as usize] >> len & 1 != 0 || len == 7 || len == 12
            }
            _ => first == b'_',
        };
        if may_be { keyword(&self.piece.text[start..self.at]) } else { Kind::Name }
    }

    /// Whatever looks like a number; what it is worth is the parser's business.
    fn number(&mut self) -> Kind {
        let start = self.at;
        loop {
            let byte = self.byte(0);
            let exponent = matches!(byte, b'+' | b'-')
                && matches!(self.bytes[self.at.max(start + 1) - 1], b'e' | b'E' | b'p' | b'P')
                && !self.bytes[start..self.at].starts_with(b"0x");
            if !IS_WORD[byte as usize] && byte != b'.' && !exponent {
                return Kind::Number;
            }
            self.at += 1;
        }
    }

    fn quoted(&mut self, quote: u8, kind: Kind) -> Option<Kind> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => self.at = (self.at + 2).min(self.bytes.len()),
                Some(byte) if *byte == quote => {
                    self.at += 1;
                    return Some(kind);
                }
                None | Some(b'\n') => {
                    let span = self.span(start, start + 1);
                    let message =
                        format!("this {} does not end", if quote == b'"' { "string" } else { "character" });
                    report(self.diagnostics, Diagnostic::error("c::unterminated", span, message));
                    while !self.piece.text.is_char_boundary(self.at) {
                        self.at += 1;
                    }
                    return None;
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn punctuator(&mut self, byte: u8) -> Option<Kind> {
        let (second, third) = (self.byte(1), self.byte(2));
        let (kind, len) = match (byte, second, third) {
            (b'(', ..) => (Kind::LeftParen, 1),
            (b')', ..) => (Kind::RightParen, 1),
            (b'{', ..) => (Kind::LeftBrace, 1),
            (b'}', ..) => (Kind::RightBrace, 1),
            (b'[', ..) => (Kind::LeftBracket, 1),
            (b']', ..) => (Kind::RightBracket, 1),
            (b';', ..) => (Kind::Semicolon, 1),
            (b',', ..) => (Kind::Comma, 1),
            (b'.', b'.', b'.') => (Kind::Ellipsis, 3),
            (b'.', ..) => (Kind::Dot, 1),
            (b'?', ..) => (Kind::Question, 1),
            (b':', b':', _) => (Kind::DoubleColon, 2),
            (b':', ..) => (Kind::Colon, 1),
            (b'#', b'#', _) => (Kind::Paste, 2),
            (b'#', ..) => (Kind::Hash, 1),
            (b'~', ..) => (Kind::Tilde, 1),
            (b'-', b'>', _) => (Kind::Arrow, 2),
            (b'-', b'-', _) => (Kind::MinusMinus, 2),
            (b'-', b'=', _) => (Kind::MinusEqual, 2),
            (b'-', ..) => (Kind::Minus, 1),
            (b'+', b'+', _) => (Kind::PlusPlus, 2),
            (b'+', b'=', _) => (Kind::PlusEqual, 2),
            (b'+', ..) => (Kind::Plus, 1),
            (b'*', b'=', _) => (Kind::StarEqual, 2),
            (b'*', ..) => (Kind::Star, 1),
            (b'/', b'=', _) => (Kind::SlashEqual, 2),
            (b'/', ..) => (Kind::Slash, 1),
            (b'%', b'=', _) => (Kind::PercentEqual, 2),
            (b'%', ..) => (Kind::Percent, 1),
            (b'&', b'&', _) => (Kind::AndAnd, 2),
            (b'&', b'=', _) => (Kind::AmpEqual, 2),
            (b'&', ..) => (Kind::Amp, 1),
            (b'|', b'|', _) => (Kind::OrOr, 2),
            (b'|', b'=', _) => (Kind::BarEqual, 2),
            (b'|', ..) => (Kind::Bar, 1),
            (b'^', b'=', _) => (Kind::CaretEqual, 2),
            (b'^', ..) => (Kind::Caret, 1),
            (b'!', b'=', _) => (Kind::NotEqual, 2),
            (b'!', ..) => (Kind::Bang, 1),
            (b'=', b'=', _) => (Kind::EqualEqual, 2),
            (b'=', ..) => (Kind::Equal, 1),
            (b'<', b'<', b'=') => (Kind::ShlEqual, 3),
            (b'<', b'<', _) => (Kind::Shl, 2),
            (b'<', b'=', _) => (Kind::LessEqual, 2),
            (b'<', ..) => (Kind::Less, 1),
            (b'>', b'>', b'=') => (Kind::ShrEqual, 3),
            (b'>', b'>', _) => (Kind::Shr, 2),
            (b'>', b'=', _) => (Kind::GreaterEqual, 2),
            (b'>', ..) => (Kind::Greater, 1),
            _ => return self.unknown(),
        };
        self.at += len;
        Some(kind)
    }

    fn unknown(&mut self) -> Option<Kind> {
        let start = self.at;
        let character = self.piece.text[start..].chars().next()?;
        self.at += character.len_utf8();
        let message = format!("`{}` means nothing in C", character.escape_debug());
        let span = self.span(start, self.at);
        report(self.diagnostics, Diagnostic::error("c::unknown-character", span, message));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        let mut tokens = Vec::new();
        let mut diagnostics = Vec::new();
        read(Piece { text, span: Span::default() }, 0, &mut tokens, &mut diagnostics);
        let mut all: Vec<_> = tokens.iter().map(|token| token.kind.text()).collect();
        all.extend(diagnostics.iter().map(|diagnostic| diagnostic.code));
        all
    }

    #[test]
    fn longest_tokens_win() {
        assert_eq!(kinds("a+++b"), ["a name", "++", "+", "a name", "the end"]);
        assert_eq!(kinds("a>>=b->c"), ["a name", ">>=", "a name", "->", "a name", "the end"]);
        assert_eq!(kinds("0x1e+1 1.5e+3"), ["a number", "+", "a number", "a number", "the end"]);
    }

    #[test]
    fn what_does_not_end_is_reported() {
        assert_eq!(kinds("a /* b"), ["a name", "the end", "c::unterminated"]);
        assert_eq!(kinds("'é\n;"), [";", "the end", "c::unterminated"]);
        assert_eq!(kinds("\"\\"), ["the end", "c::unterminated"]);
        assert_eq!(kinds("é$"), ["the end", "c::unknown-character", "c::unknown-character"]);
    }
}
