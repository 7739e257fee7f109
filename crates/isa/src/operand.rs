//! Walks over the text of one instruction: what operand parsers share.

use crate::assemble::sub_span;
use execution::micro::Reg;
use std::collections::BTreeMap;
use syntax::{Diagnostic, Span};

/// The result of reading something.
pub(crate) type Parsed<T> = Result<T, Diagnostic>;

/// Where a branch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target<'a> {
    /// A label of the thread.
    Label(&'a str, Span),
    /// A distance in bytes from this instruction: `.+8`.
    Relative(i64, Span),
}

impl std::fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Label(name, _) => f.write_str(name),
            Target::Relative(bytes, _) => write!(f, ".{bytes:+}"),
        }
    }
}

/// A global name with an offset in bytes: `x+4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol<'a> {
    /// The global name.
    pub(crate) name: &'a str,
    /// Distance from its start.
    pub(crate) offset: i64,
}

impl std::fmt::Display for Symbol<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)?;
        if self.offset == 0 { Ok(()) } else { write!(f, "{:+}", self.offset) }
    }
}

/// Walks over the text of one instruction.
#[derive(Clone, Debug)]
pub(crate) struct Operands<'a> {
    text: &'a str,
    at: usize,
    span: Span,
}

/// Whether it names a numbered label: `1b` the last before, `1f` the next behind.
pub(crate) fn is_numbered(name: &str) -> bool {
    let digits = name.strip_suffix(['b', 'f']).unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$')
}

impl<'a> Operands<'a> {
    /// Starts at the beginning of `text`, which stands at `span`.
    pub(crate) fn new(text: &'a str, span: Span) -> Operands<'a> {
        Operands { text, at: 0, span }
    }

    fn blanks(&mut self) {
        while self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// The next byte that is no blank.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads `byte` if it comes next.
    pub(crate) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Reads a mnemonic, in small letters or capitals: what `find` knows of it. `known` are all that there are.
    pub(crate) fn mnemonic<T, K: Iterator<Item = &'static str>>(
        &mut self,
        find: impl Fn(&str) -> Option<T>,
        known: impl Fn() -> K,
    ) -> Parsed<T> {
        let start = self.mark();
        let word = self.word();
        let has_capitals = word.bytes().any(|byte| byte.is_ascii_uppercase());
        let found = if has_capitals { find(&word.to_ascii_lowercase()) } else { find(word) };
        found.ok_or_else(|| match word {
            "" => self.expected("a mnemonic"),
            _ => {
                let message = format!("unknown instruction `{word}`");
                Diagnostic::error("isa::unknown-instruction", self.span_from(start), message)
                    .with_suggestion(word, known())
            }
        })
    }

    /// Reads a name; empty if none comes next.
    pub(crate) fn word(&mut self) -> &'a str {
        self.blanks();
        let start = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(|byte| is_name(*byte)) {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// Reads a name that may have dashes inside.
    pub(crate) fn dashed_word(&mut self) -> &'a str {
        self.blanks();
        let start = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(|byte| is_name(*byte) || *byte == b'-') {
            self.at += 1;
        }
        &self.text[start..self.at]
    }

    /// All that is left, without blanks around it.
    pub(crate) fn rest(&mut self) -> &'a str {
        self.blanks();
        let rest = self.text[self.at..].trim_end();
        self.at = self.text.len();
        rest
    }

    /// What is left, from the next token on, without reading it.
    pub(crate) fn ahead(&mut self) -> &'a str {
        self.blanks();
        &self.text[self.at..]
    }

    /// Reads `token` if it comes next.
    pub(crate) fn eat_token(&mut self, token: &str) -> bool {
        let found = self.ahead().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    /// Where the next token starts.
    pub(crate) fn mark(&mut self) -> usize {
        self.blanks();
        self.at
    }

    /// Goes back to a mark.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// The span from a mark to here.
    pub(crate) fn span_from(&self, start: usize) -> Span {
        sub_span(self.span, start, self.at.max(start))
    }

    /// What was expected does not come next.
    pub(crate) fn expected(&mut self, what: &str) -> Diagnostic {
        let start = self.mark();
        let rest = &self.text[start..];
        let name = rest.bytes().take_while(|byte| is_name(*byte)).count();
        let len = if name > 0 { name } else { rest.chars().next().map_or(0, char::len_utf8) };
        let message = match &rest[..len] {
            "" => format!("expected {what} at the end of the instruction"),
            found => format!("expected {what}, found `{found}`"),
        };
        Diagnostic::error("isa::bad-operand", sub_span(self.span, start, start + len), message)
    }

    /// An operand that was read from a mark to here is not what it should be.
    pub(crate) fn bad(&self, start: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("isa::bad-operand", self.span_from(start), message)
    }

    /// Reads `,`.
    pub(crate) fn comma(&mut self) -> Parsed<()> {
        self.require(b',')
    }

    /// Reads a byte that must come next.
    pub(crate) fn require(&mut self, byte: u8) -> Parsed<()> {
        if self.eat(byte) { Ok(()) } else { Err(self.expected(&format!("`{}`", char::from(byte)))) }
    }

    /// Nothing may follow.
    pub(crate) fn end(&mut self) -> Parsed<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.expected("the end of the instruction")) }
    }

    /// How many commas are left.
    pub(crate) fn commas(&self) -> usize {
        self.text[self.at..].bytes().filter(|byte| *byte == b',').count()
    }

    /// Whether a number comes next.
    pub(crate) fn at_number(&mut self) -> bool {
        matches!(self.peek(), Some(b'-' | b'+' | b'0'..=b'9'))
    }

    /// Reads a number of at most 64 bits, signed or not.
    pub(crate) fn number(&mut self) -> Parsed<i64> {
        let start = self.mark();
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let digits = self.word();
        let magnitude = match digits.as_bytes() {
            [b'0', b'x' | b'X', ..] => u64::from_str_radix(&digits[2..], 16),
            [b'0', b'b' | b'B', ..] => u64::from_str_radix(&digits[2..], 2),
            _ => digits.parse(),
        };
        match magnitude {
            Ok(magnitude) if negative => Ok((magnitude as i64).wrapping_neg()),
            Ok(magnitude) => Ok(magnitude as i64),
            Err(_) if digits.is_empty() => Err(self.expected("a number")),
            Err(_) => Err(self.bad(start, format!("`{digits}` is not a number of at most 64 bits"))),
        }
    }

    /// Reads a number from `min` to `max`.
    pub(crate) fn number_in(&mut self, min: i64, max: i64) -> Parsed<i64> {
        let start = self.mark();
        let number = self.number()?;
        if (min..=max).contains(&number) {
            Ok(number)
        } else {
            Err(self.bad(start, format!("`{number}` is not between {min} and {max}")))
        }
    }

    /// Reads a global name with an offset behind.
    pub(crate) fn symbol(&mut self) -> Parsed<Symbol<'a>> {
        let start = self.mark();
        let name = self.word();
        if name.is_empty() || name.as_bytes()[0].is_ascii_digit() {
            self.rewind(start);
            return Err(self.expected("a global name"));
        }
        let offset = if matches!(self.peek(), Some(b'+' | b'-')) { self.number()? } else { 0 };
        Ok(Symbol { name, offset })
    }

    /// Reads the name of a symbolic register behind its `%`, if one comes next; with the register that it stands for, one
    /// of the first `count`.
    pub(crate) fn symbolic_if(
        &mut self,
        names: &BTreeMap<String, Reg>,
        count: u16,
    ) -> Parsed<Option<(u8, &'a str)>> {
        let start = self.mark();
        if !self.eat(b'%') {
            return Ok(None);
        }
        let name = self.word();
        let number = names.get(name).filter(|reg| reg.0 < count).and_then(|reg| u8::try_from(reg.0).ok());
        match number {
            Some(number) => Ok(Some((number, name))),
            None => {
                let message = format!("no register is left for `%{name}`");
                Err(Diagnostic::error("isa::unknown-register", self.span_from(start), message))
            }
        }
    }

    /// Whether a part of an address, `%hi(`, `%lo(`, …, comes next.
    pub(crate) fn at_part(&mut self) -> bool {
        let start = self.mark();
        let found = self.eat(b'%') && !self.word().is_empty() && self.eat(b'(');
        self.rewind(start);
        found
    }

    /// Reads where a branch goes.
    pub(crate) fn target(&mut self) -> Parsed<Target<'a>> {
        let start = self.mark();
        let name = self.word();
        if matches!(name, "." | "$") {
            let bytes = if self.peek().is_none() { 0 } else { self.number()? };
            if bytes % 4 != 0 {
                return Err(self.bad(start, "instructions are 4 bytes long, so branches go multiples of 4"));
            }
            return Ok(Target::Relative(bytes, self.span_from(start)));
        }
        if name.is_empty() || name.as_bytes()[0].is_ascii_digit() && !is_numbered(name) {
            self.rewind(start);
            return Err(self.expected("a label"));
        }
        Ok(Target::Label(name, self.span_from(start)))
    }
}
