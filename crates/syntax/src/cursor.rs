//! A cursor over a text: what every hand-written lexer needs and nothing more.

use crate::{FileId, Span};

/// Walks over a text by characters and knows where it is.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    file: FileId,
    /// Offset of `text` in the file, so that a part of a file can be read with right spans.
    base: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Starts at the beginning of `text`, which is the whole of `file`.
    pub fn new(file: FileId, text: &'a str) -> Cursor<'a> {
        Cursor { text, file, base: 0, at: 0 }
    }

    /// Starts at the beginning of `text`, which stands at offset `base` of `file`.
    pub fn with_base(file: FileId, text: &'a str, base: usize) -> Cursor<'a> {
        Cursor { text, file, base, at: 0 }
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Offset in the text, in bytes.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Moves to an offset that was read before, to try again from there.
    pub fn rewind(&mut self, offset: usize) {
        debug_assert!(self.text.is_char_boundary(offset));
        self.at = offset;
    }

    /// Whether everything is read.
    pub fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    /// The next character.
    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character after the next.
    pub fn peek_second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    /// Reads one character.
    pub fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Reads `word` if it comes next.
    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Reads as long as the characters satisfy `test`, and returns what was read.
    pub fn eat_while(&mut self, mut test: impl FnMut(char) -> bool) -> &'a str {
        let rest = self.rest();
        let len = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }

    /// The span from an earlier [`Cursor::offset`] to here.
    pub fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + self.at)
    }

    /// The span of the next character, empty at the end.
    pub fn span_here(&self) -> Span {
        let len = self.peek().map_or(0, char::len_utf8);
        Span::new(self.file, self.base + self.at, self.base + self.at + len)
    }
}
