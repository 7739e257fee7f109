//! Finding ends in raw bytes: of comments, strings and braces.

const STARTS_NAME: u8 = 1;
const CONTINUES_NAME: u8 = 2;
const BLANK: u8 = 4;
const CONTINUES_WORD: u8 = 8;

/// What each byte is good for.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            classes[byte] |= STARTS_NAME | CONTINUES_NAME;
        }
        if c.is_ascii_digit() {
            classes[byte] |= CONTINUES_NAME;
        }
        if c.is_ascii_whitespace() {
            classes[byte] |= BLANK;
        }
        if classes[byte] & CONTINUES_NAME != 0 || c == b'.' || c == b'$' {
            classes[byte] |= CONTINUES_WORD;
        }
        byte += 1;
    }
    while byte < 256 {
        classes[byte] |= CONTINUES_WORD;
        byte += 1;
    }
    classes
};

/// Whether a `|` or `;` of a program ends a cell; `|=` is an operator of BPF.
pub(crate) fn parts_columns(bytes: &[u8], at: usize) -> bool {
    bytes[at] != b'|' || bytes.get(at + 1) != Some(&b'=')
}

/// Whether a name may start with this byte.
#[inline]
pub(crate) fn starts_name(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & STARTS_NAME != 0
}

/// Whether a name may go on with this byte.
#[inline]
pub(crate) fn continues_name(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & CONTINUES_NAME != 0
}

/// Whether a word of assembly goes on with this byte: names may have points, dollars and letters that are not ASCII.
#[inline]
pub(crate) fn continues_word(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & CONTINUES_WORD != 0
}

/// Whether this byte is white space.
#[inline]
pub(crate) fn is_blank(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & BLANK != 0
}

/// The offset behind the comment that starts at `at` with `(*`; comments nest. `None` if it does not end.
pub(crate) fn comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 1usize;
    let mut at = at + 2;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'(', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b')') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// The offset behind the C comment that starts at `at` with `//` or `/*`. A `//` comment may end with the text.
pub(crate) fn c_comment_end(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes[at + 1] == b'/' {
        return Some(line_end(bytes, at));
    }
    let inner = &bytes[at + 2..];
    inner.windows(2).position(|pair| pair == b"*/").map(|len| at + 2 + len + 2)
}

/// The offset of the next line end, or the end of the text.
pub(crate) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |len| at + len)
}

/// Skips strings, each of which must end on its line. A quote that has no partner is an ordinary character.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Strings {
    /// Up to here no string ends: another search would be wasted.
    hopeless: usize,
}

impl Strings {
    /// The offset behind the string that starts with the quote at `at`, if it ends. Backslashes escape.
    pub(crate) fn end(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        let quote = bytes[at];
        if at < self.hopeless {
            return None;
        }
        let mut at = at + 1;
        while at < bytes.len() && bytes[at] != b'\n' {
            match bytes[at] {
                b'\\' => at += 2,
                byte if byte == quote => return Some(at + 1),
                _ => at += 1,
            }
        }
        self.hopeless = at;
        None
    }

    /// The offset behind the string at `at`, or behind the lonely quote.
    pub(crate) fn skip(&mut self, bytes: &[u8], at: usize) -> usize {
        self.end(bytes, at).unwrap_or(at + 1)
    }
}

/// What counts as a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comments {
    /// `(* … *)`
    Ml,
    /// `// …` and `/* … */`; `(*` is a parenthesis and a star.
    C,
    /// All of them.
    Both,
}

/// Whether a comment starts at `at`: `Some(Ok(end))`, or `Some(Err(at))` if it does not end.
pub(crate) fn comment_at(bytes: &[u8], at: usize, style: Comments) -> Option<Result<usize, usize>> {
    let end = match (bytes[at], bytes.get(at + 1)) {
        (b'(', Some(b'*')) if style != Comments::C => comment_end(bytes, at),
        (b'/', Some(b'/' | b'*')) if style != Comments::Ml => c_comment_end(bytes, at),
        _ => return None,
    };
    Some(end.ok_or(at))
}

/// The offset behind the bracket that closes the one at `at`, with comments and strings skipped.
/// `Err` holds the offset of what does not end.
pub(crate) fn closing(bytes: &[u8], at: usize, style: Comments) -> Result<usize, usize> {
    let start = at;
    let open = bytes[at];
    let close = if open == b'(' { b')' } else { b'}' };
    let mut depth = 0usize;
    let mut strings = Strings::default();
    let mut at = at;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == close => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Ok(at);
                }
            }
            b'(' | b'/' if let Some(end) = comment_at(bytes, at, style) => at = end?,
            byte if byte == open => {
                depth += 1;
                at += 1;
            }
            b'"' => at = strings.skip(bytes, at),
            b'\'' if style != Comments::Ml => at = strings.skip(bytes, at),
            _ => at += 1,
        }
    }
    Err(start)
}
