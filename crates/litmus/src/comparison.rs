//! Comparisons of the plainest form, read without tokens: `0:EAX=1`, `x=2`, `[x]=0`. Almost all are of this form, and
//! large conditions consist of nothing else. Whatever looks different is left for the reader of tokens, which reads
//! these too and agrees.

use crate::ast::Place;
use crate::lexer::name_end;
use crate::parser::{Parser, small_decimal};
use crate::scan;

/// A place that equals a number in plain decimal form.
pub(crate) struct Comparison {
    pub(crate) place: Place,
    pub(crate) value: i64,
}

/// Where a comparison stands in a text that starts with it.
struct Layout {
    thread: Option<u32>,
    name: (usize, usize),
    value: i64,
    /// Where the number starts and ends.
    number: (usize, usize),
}

/// Reads a plain comparison. Reads nothing if none comes next.
pub(crate) fn read(parser: &mut Parser<'_>) -> Option<Comparison> {
    let layout = layout(parser.unread()?)?;
    let start = parser.span.start as usize;
    let name = parser.text()[start + layout.name.0..start + layout.name.1].to_owned();
    parser.skip_to(layout.number.0, layout.number.1);
    let place = match layout.thread {
        Some(thread) => Place::Reg { thread, name },
        None => Place::Mem(name),
    };
    Some(Comparison { place, value: layout.value })
}

#[inline]
fn layout(bytes: &[u8]) -> Option<Layout> {
    let (thread, start, bracket) = match bytes {
        [digit @ b'0'..=b'9', b':', ..] => (Some(u32::from(digit - b'0')), 2, false),
        [b'[', ..] => (None, 1, true),
        _ => (None, 0, false),
    };
    if !bytes.get(start).is_some_and(|byte| scan::starts_name(*byte)) {
        return None;
    }
    let end = name_end(bytes, start);
    // This is an instruction, wherever a location could stand.
    if thread.is_none() && &bytes[start..end] == b"NOP" {
        return None;
    }
    let equals = if bracket { bytes[end..].strip_prefix(b"]")? } else { &bytes[end..] };
    let digits = equals.strip_prefix(b"=")?;
    let len = digits.iter().position(|byte| !scan::continues_name(*byte)).unwrap_or(digits.len());
    let value = small_decimal(&digits[..len])?;
    // A tag may follow, or a comment and then a tag.
    let behind = digits[len..].iter().find(|byte| !scan::is_blank(**byte));
    if matches!(behind, Some(b':' | b'(')) {
        return None;
    }
    let number = bytes.len() - digits.len();
    Some(Layout { thread, name: (start, end), value, number: (number, number + len) })
}

#[cfg(test)]
mod tests {
    use crate::Test;
    use syntax::FileId;

    fn parsed(atom: &str) -> (Option<Test>, Vec<&'static str>) {
        let (mut test, errors) =
            crate::parse(FileId(0), &format!("X86 T\n{{ }}\nP0 ;\nNOP ;\nexists ({atom} /\\ y=2)"));
        if let Some(test) = &mut test {
            test.clear_spans();
        }
        (test, errors.into_iter().map(|error| error.code).collect())
    }

    /// `==` means what `=` means, and is read token by token.
    #[test]
    fn both_readers_agree() {
        let places = [
            "0:EAX", "9:r-1", "12:x", "P0:x", "x", "x.1", "[x]", "[ x]", "[x", "NOP", "[NOP]", "0:NOP",
            "true",
        ];
        let more = ["[0:x]", "x[1]", "*x", "%r", "0:%r", "0 :x", "fault", "instr", "a/b", "`x`", "é", "-"];
        let values = [
            "1", "0", "12 ", "007", "-1", "1u", "0x1F", "1:t", "1 :t", "1(* *):t", "1 (* *)", "1;", "1\\",
            "x",
        ];
        let large = ["999999999999999999", "9999999999999999999", "340282366920938463463374607431768211456"];
        for place in places.into_iter().chain(more) {
            for value in values.into_iter().chain(large) {
                let plain = parsed(&format!("{place}={value}"));
                assert_eq!(plain, parsed(&format!("{place}=={value}")), "{place}={value}");
            }
        }
    }
}
