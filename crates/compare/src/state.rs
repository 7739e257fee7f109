//! Final states in one form, whoever wrote them: `[x]` is `x`, `P0:r1` is `0:r1`, `0x1F` is `31`; blanks and the order
//! of places don't matter, and a fault that did not happen is as good as one that is not mentioned.

use std::borrow::Cow;

/// The canonical form of a state, to be compared with others. With `bits`, numbers are equal if they are equal modulo
/// two to that power.
pub(crate) fn canonical(bindings: &mut dyn Iterator<Item = (&str, &str)>, bits: Option<u32>) -> String {
    let mut items: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::with_capacity(8);
    items.extend(
        bindings
            .filter(|(place, value)| !(value.is_empty() && place.starts_with('~')))
            .map(|(name, written)| (place(name), value(written, bits))),
    );
    if !items.is_sorted() {
        items.sort_unstable();
    }
    let mut text = String::with_capacity(items.iter().map(|(a, b)| a.len() + b.len() + 2).sum());
    for (place, value) in items {
        text.push_str(&place);
        if !value.is_empty() {
            text.push('=');
            text.push_str(&value);
        }
        text.push(';');
    }
    text
}

fn place(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    match bytes {
        [b'[', inner @ .., b']'] if !inner.contains(&b'[') => without_blanks(&text[1..text.len() - 1]),
        [b'P', digit, ..] if digit.is_ascii_digit() && text.contains(':') => without_blanks(&text[1..]),
        [b'F', rest @ ..] if rest.starts_with(b"ault(") => {
            Cow::Owned(format!("f{}", without_blanks(&text[1..])))
        }
        _ => without_blanks(text),
    }
}

fn value(text: &str, bits: Option<u32>) -> Cow<'_, str> {
    let is_plain = |byte: &u8| byte.is_ascii_digit();
    if bits.is_none() && text.len() < 20 && !text.starts_with('0') && text.as_bytes().iter().all(is_plain) {
        return Cow::Borrowed(text);
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        let values: Vec<Cow<'_, str>> = inner.split(',').map(|item| value(item.trim(), bits)).collect();
        return Cow::Owned(format!("{{{}}}", values.join(",")));
    }
    match number(text) {
        Some(number) => Cow::Owned(wrapped(number, bits).to_string()),
        None => without_blanks(text),
    }
}

fn number(text: &str) -> Option<i128> {
    let (digits, negative) = match text.strip_prefix('-') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let magnitude = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(hex) => u128::from_str_radix(hex, 16).ok()? as i128,
        None => digits.parse().ok()?,
    };
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

/// The number as a signed one of so many bits.
fn wrapped(number: i128, bits: Option<u32>) -> i128 {
    let unused = 128 - bits.unwrap_or(128).clamp(1, 128);
    number << unused >> unused
}

fn without_blanks(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        Cow::Owned(text.chars().filter(|c| !c.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use litmus::LoggedState;

    fn form(text: &str, bits: Option<u32>) -> String {
        let state = LoggedState { text: text.into(), ..LoggedState::default() };
        canonical(&mut state.bindings(), bits)
    }

    #[test]
    fn writers_differ_and_states_dont() {
        for (left, right) in [
            ("0:X1=1; [x]=2;", "x=2;  0:X1=1"),
            ("0:r1=0x1F;", "P0:r1=31;"),
            ("t={0x0, 0xff};", "t={0,255};"),
            ("x=007;", "x=7;"),
            ("x=-0;", "x=0;"),
            ("Fault(P0:L0,x);", "fault(P0:L0, x);"),
            ("x=1; ~fault(P0,x);", "x=1;"),
            ("0:X1=instr:\"a;b\";", "0:X1=instr:\"a;b\""),
        ] {
            assert_eq!(form(left, None), form(right, None));
        }
        for (left, right) in [("x=1;", "y=1;"), ("x=1;", "x=-1;"), ("x[0]=1;", "x=1;"), ("fault(P0,x);", "")]
        {
            assert_ne!(form(left, None), form(right, None));
        }
    }

    #[test]
    fn numbers_can_be_compared_modulo_a_width() {
        assert_ne!(form("x=-1;", None), form("x=0xffffffff;", None));
        assert_eq!(form("x=-1;", Some(32)), form("x=0xffffffff;", Some(32)));
        assert_eq!(form("x=-1;", Some(32)), form("x=4294967295;", Some(32)));
        assert_ne!(form("x=-1;", Some(64)), form("x=4294967295;", Some(64)));
    }
}
