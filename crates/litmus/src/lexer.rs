//! The tokens of the initial state and of conditions.

use syntax::{Diagnostic, FileId, Span};

use crate::ast::{Comment, Section};
use crate::scan::{self, Comments, Strings};

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name: `x`, `P0`, `exists`, `D-MMU`.
    Word(&'a str),
    /// A number without its sign: `12`, `0x1F`.
    Number(&'a str),
    /// `%x` or `$2`, with the first character.
    Register(&'a str),
    /// `"…"`, without the quotes.
    String(&'a str),
    /// `` `…` ``, without the quotes.
    Quoted(&'a str),
    /// Anything else that means something.
    Punct(&'static str),
    /// A character that means nothing.
    Unknown(char),
    /// The end of the text.
    End,
}

/// Reads tokens from a part of a file.
pub(crate) struct Lexer<'a> {
    pub(crate) text: &'a str,
    /// The file up to the end of the part.
    bytes: &'a [u8],
    file: FileId,
    at: usize,
    section: Section,
    style: Comments,
    strings: Strings,
    /// The comments read so far.
    pub(crate) comments: Vec<Comment>,
    /// What went wrong so far.
    pub(crate) errors: Vec<Diagnostic>,
}

impl<'a> Lexer<'a> {
    /// Reads `text[start..end]`, where `text` is the whole file.
    pub(crate) fn new(
        file: FileId,
        text: &'a str,
        start: usize,
        end: usize,
        section: Section,
        style: Comments,
    ) -> Lexer<'a> {
        Lexer {
            text,
            bytes: &text.as_bytes()[..end],
            file,
            at: start,
            section,
            style,
            strings: Strings::default(),
            comments: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// The file up to the end of the part.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Goes on at an offset behind a token.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Skips what stands between tokens, and says whether this character comes next.
    #[inline]
    pub(crate) fn comes_next(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        self.bytes.get(self.at) == Some(&byte)
    }

    #[inline]
    fn skip_blanks(&mut self) {
        loop {
            let mut at = self.at;
            while self.bytes.get(at).is_some_and(|byte| scan::is_blank(*byte)) {
                at += 1;
            }
            self.at = at;
            let may_be_comment = matches!(self.bytes.get(at), Some(b'(' | b'/'))
                && matches!(self.bytes.get(at + 1), Some(b'*' | b'/'));
            if !(may_be_comment && self.skip_comment()) {
                return;
            }
        }
    }

    /// Skips the comment that starts here, if one does.
    fn skip_comment(&mut self) -> bool {
        match scan::comment_at(self.bytes, self.at, self.style) {
            None => return false,
            Some(Ok(end)) => {
                if self.bytes[self.at] == b'(' {
                    self.comments.push(comment(self.file, self.text, self.at, end, self.section));
                }
                self.at = end;
            }
            Some(Err(at)) => {
                self.errors.push(unterminated_comment(Span::new(self.file, at, at + 2)));
                self.at = self.bytes.len();
            }
        }
        true
    }

    /// The next token and where it stands.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> (Token<'a>, Span) {
        self.skip_blanks();
        let start = self.at;
        let token = self.token();
        (token, Span::new(self.file, start, self.at))
    }

    #[inline(always)]
    fn token(&mut self) -> Token<'a> {
        let bytes = self.bytes;
        let start = self.at;
        let Some(&byte) = bytes.get(start) else { return Token::End };
        if let Some(punct) = lone_punctuation(byte) {
            self.at += 1;
            return Token::Punct(punct);
        }
        match byte {
            _ if scan::starts_name(byte) || byte == b'.' => {
                self.at = name_end(bytes, start);
                Token::Word(&self.text[start..self.at])
            }
            b'0'..=b'9' => {
                self.at = skip(bytes, start, scan::continues_name);
                Token::Number(&self.text[start..self.at])
            }
            b'%' | b'$' => {
                self.at = skip(bytes, start + 1, |b| scan::continues_name(b) || b == b'.');
                Token::Register(&self.text[start..self.at])
            }
            b'"' | b'`' => self.string(byte),
            _ => self.punctuation(),
        }
    }

    fn string(&mut self, quote: u8) -> Token<'a> {
        let start = self.at;
        match self.strings.end(self.bytes, start) {
            Some(end) if end <= self.bytes.len() => {
                self.at = end;
                let inner = &self.text[start + 1..end - 1];
                if quote == b'"' { Token::String(inner) } else { Token::Quoted(inner) }
            }
            _ => {
                self.at = start + 1;
                Token::Unknown(quote as char)
            }
        }
    }

    fn punctuation(&mut self) -> Token<'a> {
        let first = self.bytes[self.at];
        let second = self.bytes.get(self.at + 1).copied().unwrap_or(b' ');
        match punctuation(first, second) {
            Some(punct) => {
                self.at += punct.len();
                Token::Punct(punct)
            }
            None => {
                let unknown = self.text[self.at..].chars().next().unwrap_or(' ');
                self.at += unknown.len_utf8();
                Token::Unknown(unknown)
            }
        }
    }
}

/// What this character means, whatever stands behind it.
#[inline]
fn lone_punctuation(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'~' => "~",
        b'(' => "(",
        b')' => ")",
        b'[' => "[",
        b']' => "]",
        b'{' => "{",
        b'}' => "}",
        b';' => ";",
        b':' => ":",
        b',' => ",",
        b'*' => "*",
        b'&' => "&",
        b'+' => "+",
        b'-' => "-",
        _ => return None,
    })
}

/// What these two characters, or the first alone, mean.
fn punctuation(first: u8, second: u8) -> Option<&'static str> {
    Some(match (first, second) {
        (b'/', b'\\') => "/\\",
        (b'\\', b'/') => "\\/",
        (b'=', b'>') => "=>",
        (b'=', b'=') => "==",
        (b'!', b'=') => "!=",
        (b'<', b'>') => "<>",
        (b'<', b'<') => "<<",
        (b'=', _) => "=",
        _ => return None,
    })
}

#[inline]
fn skip(bytes: &[u8], from: usize, test: impl Fn(u8) -> bool) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|byte| test(*byte)) {
        at += 1;
    }
    at
}

/// The end of a name. `-` and `/` belong to a name between letters and digits, as in `D-MMU`, so that `x/\y` is
/// three tokens.
#[inline]
pub(crate) fn name_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(byte) if scan::continues_name(*byte) || *byte == b'.' => at += 1,
            Some(b'-' | b'/') if bytes.get(at + 1).is_some_and(|next| scan::continues_name(*next)) => at += 1,
            _ => return at,
        }
    }
}

/// The comment at `start..end`, which starts with `(*`.
pub(crate) fn comment(file: FileId, text: &str, start: usize, end: usize, section: Section) -> Comment {
    Comment { text: text[start + 2..end - 2].to_owned(), span: Span::new(file, start, end), section }
}

/// The error for a comment that the file's end cuts off.
pub(crate) fn unterminated_comment(span: Span) -> Diagnostic {
    Diagnostic::error("litmus::unterminated-comment", span, "this comment does not end")
        .with_help("close it with `*)`; comments nest")
}

/// Whether `name` can stand without backquotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|byte| scan::starts_name(*byte) || *byte == b'.')
        && name_end(bytes, 0) == bytes.len()
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Token::Word(text) | Token::Number(text) | Token::Register(text) => write!(f, "`{text}`"),
            Token::String(text) => write!(f, "`\"{text}\"`"),
            Token::Quoted(text) => write!(f, "`` `{text}` ``"),
            Token::Punct(text) => write!(f, "`{text}`"),
            Token::Unknown(c) => write!(f, "`{}`", c.escape_debug()),
            Token::End => f.write_str("the end"),
        }
    }
}
