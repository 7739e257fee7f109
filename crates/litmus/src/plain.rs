//! Propositions and bindings of the plainest form, read without tokens: `0:EAX=1 /\ (x=2 \/ [x]=0)`, `0:x5=1; 0:x6=x;`.
//! Almost all are of this form. Whatever looks different is left for the readers of tokens, which read these too and
//! agree.

use syntax::{FileId, Span};

use crate::MAX_NESTING;
use crate::ast::{Atom, Binding, CompareOp, Int, Literal, Operand, Place, Prop};
use crate::lexer::name_end;
use crate::parser::{Parser, small_decimal};
use crate::scan;

/// Room for as many propositions as wait to be joined mostly.
const TYPICAL: usize = 12;

/// Reads a proposition. Reads nothing unless all of it is plain, up to the end, a `;` or a word.
pub(crate) fn proposition(parser: &mut Parser<'_>) -> Option<Prop> {
    let mut reader = Reader::new(parser)?;
    reader.props.reserve(TYPICAL);
    reader.disjunction(0)?;
    if reader.next().is_some_and(|next| !scan::starts_name(next) && next != b';') {
        return None;
    }
    let prop = reader.props.pop()?;
    parser.go_on(reader.end, reader.at);
    Some(prop)
}

/// Reads bindings and the `;` behind each, up to the first that is not plain; whether there were any.
pub(crate) fn bindings(parser: &mut Parser<'_>, bindings: &mut Vec<Binding>) -> bool {
    let Some(mut reader) = Reader::new(parser) else { return false };
    let start = reader.at;
    let mut next = start;
    while let Some(binding) = reader.binding() {
        bindings.push(binding);
        next = reader.at;
    }
    let any = next != start;
    if any {
        parser.go_on(reader.end, next);
    }
    any
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    /// The file up to the end of the part.
    bytes: &'a [u8],
    at: usize,
    /// The end of what was read last, without the blanks behind it.
    end: usize,
    /// What is not joined yet.
    props: Vec<Prop>,
}

/// `place=value` and where it ends.
struct Equation {
    place: Place,
    value: Literal,
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(parser: &Parser<'a>) -> Option<Reader<'a>> {
        let (bytes, at) = parser.unread()?;
        Some(Reader { file: parser.span.file, text: parser.text(), bytes, at, end: at, props: Vec::new() })
    }

    #[inline]
    fn next(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What was read ends at `end`. Goes on to what comes next.
    #[inline]
    fn end(&mut self, end: usize) {
        self.end = end;
        self.at = end;
        while self.bytes.get(self.at).is_some_and(|byte| scan::is_blank(*byte)) {
            self.at += 1;
        }
    }

    #[inline]
    fn eat(&mut self, [first, second]: [u8; 2]) -> bool {
        let found = self.next() == Some(first) && self.bytes.get(self.at + 1) == Some(&second);
        if found {
            self.end(self.at + 2);
        }
        found
    }

    /// Like those for what it joins, this leaves what it reads as the last of the propositions.
    fn disjunction(&mut self, depth: usize) -> Option<()> {
        let first = self.props.len();
        self.conjunction(depth)?;
        if !self.eat(*b"\\/") {
            return Some(());
        }
        self.flatten_disjunction();
        loop {
            self.conjunction(depth)?;
            self.flatten_disjunction();
            if !self.eat(*b"\\/") {
                break;
            }
        }
        let all = self.props.split_off(first);
        self.props.push(Prop::Or(all));
        Some(())
    }

    #[inline]
    fn flatten_disjunction(&mut self) {
        if let Some(Prop::Or(inner)) = self.props.last_mut() {
            let inner = std::mem::take(inner);
            self.props.pop();
            self.props.extend(inner);
        }
    }

    fn conjunction(&mut self, depth: usize) -> Option<()> {
        let first = self.props.len();
        self.operand(depth)?;
        if !self.eat(*b"/\\") {
            return Some(());
        }
        self.flatten_conjunction();
        loop {
            self.operand(depth)?;
            self.flatten_conjunction();
            if !self.eat(*b"/\\") {
                break;
            }
        }
        let all = self.props.split_off(first);
        self.props.push(Prop::And(all));
        Some(())
    }

    #[inline]
    fn flatten_conjunction(&mut self) {
        if let Some(Prop::And(inner)) = self.props.last_mut() {
            let inner = std::mem::take(inner);
            self.props.pop();
            self.props.extend(inner);
        }
    }

    #[inline]
    fn operand(&mut self, depth: usize) -> Option<()> {
        if self.next()? == b'(' {
            if depth + 1 >= MAX_NESTING {
                return None;
            }
            self.end(self.at + 1);
            self.disjunction(depth + 1)?;
            if self.next() != Some(b')') {
                return None;
            }
            self.end(self.at + 1);
            return Some(());
        }
        let start = self.at;
        let Equation { place, value, end } = self.equation()?;
        let span = Span::new(self.file, start, end);
        let value = Operand::Literal(value);
        self.props.push(Prop::Atom(Atom::Compare { place, op: CompareOp::Eq, value, span }));
        self.end(end);
        Some(())
    }

    fn binding(&mut self) -> Option<Binding> {
        let start = self.at;
        let Equation { place, value, end } = self.equation()?;
        self.end(end);
        if self.next() != Some(b';') {
            return None;
        }
        self.end(self.at + 1);
        Some(Binding { ty: None, place, value: Some(value), span: Span::new(self.file, start, end) })
    }

    /// Reads `place=value`. What stands behind must be looked at: the value may have more parts.
    #[inline(always)]
    fn equation(&self) -> Option<Equation> {
        let (thread, start, bracket) = match self.bytes.get(self.at..)? {
            [digit @ b'0'..=b'9', b':', ..] => (Some(u32::from(digit - b'0')), self.at + 2, 0),
            [b'0'..=b'9', ..] => self.long_thread()?,
            [b'[', ..] => (None, self.at + 1, 1),
            _ => (None, self.at, 0),
        };
        let end = self.name(start)?;
        let name = &self.text[start..end];
        // This is an instruction, wherever a location could stand.
        if thread.is_none() && name == "NOP" || bracket == 1 && self.bytes.get(end) != Some(&b']') {
            return None;
        }
        let equals = end + bracket;
        if self.bytes.get(equals) != Some(&b'=') {
            return None;
        }
        let (value, end) = self.value(equals + 1)?;
        let name = name.to_owned();
        let place = match thread {
            Some(thread) => Place::Reg { thread, name },
            None => Place::Mem(name),
        };
        Some(Equation { place, value, end })
    }

    /// The thread in front of `12:EAX`, and where the register starts.
    #[cold]
    fn long_thread(&self) -> Option<(Option<u32>, usize, usize)> {
        let digits = self.bytes[self.at..].iter().position(|byte| !byte.is_ascii_digit())?;
        let colon = self.at + digits;
        let thread = self.text[self.at..colon].parse().ok()?;
        (digits < 10 && self.bytes[colon] == b':').then_some((Some(thread), colon + 1, 0))
    }

    /// The end of the name that starts here.
    #[inline]
    fn name(&self, start: usize) -> Option<usize> {
        let starts = self.bytes.get(start).is_some_and(|byte| scan::starts_name(*byte));
        starts.then(|| name_end(self.bytes, start))
    }

    #[inline]
    fn value(&self, start: usize) -> Option<(Literal, usize)> {
        if let Some(end) = self.name(start) {
            let name = &self.text[start..end];
            return (name != "NOP").then(|| (Literal::Name(name.to_owned()), end));
        }
        let mut end = start;
        while self.bytes.get(end).is_some_and(|byte| scan::continues_name(*byte)) {
            end += 1;
        }
        let value = small_decimal(&self.bytes[start..end])?;
        Some((Literal::Int(Int::new(value.into())), end))
    }
}

#[cfg(test)]
mod tests {
    use crate::Test;
    use syntax::FileId;

    fn parsed(init: &str, condition: &str) -> (Option<Test>, Vec<&'static str>) {
        let text = format!("X86 T\n{{ {init} }}\nP0 ;\nNOP ;\n{condition}");
        let (mut test, errors) = crate::parse(FileId(0), &text);
        if let Some(test) = &mut test {
            test.clear_spans();
            test.comments.clear();
        }
        (test, errors.into_iter().map(|error| error.code).collect())
    }

    const PLACES: [&str; 27] = [
        "0:EAX",
        "9:r-1",
        "12:x",
        "007:x",
        "9999999999:x",
        "P0:x",
        "x",
        "x.1",
        "[x]",
        "[ x]",
        "[x",
        "NOP",
        "[NOP]",
        "0:NOP",
        "true",
        "[0:x]",
        "x[1]",
        "*x",
        "%r",
        "0:%r",
        "0 :x",
        "fault",
        "instr",
        "a/b",
        "`x`",
        "é",
        "-",
    ];

    const VALUES: [&str; 26] = [
        "1",
        "0",
        "12 ",
        "007",
        "-1",
        "1u",
        "0x1F",
        "1:t",
        "1 :t",
        "1(* *):t",
        "1 (* *)",
        "1;",
        "1\\",
        "x",
        "x ",
        "x:t",
        "x+1",
        "x[1]",
        "NOP",
        "P0:x",
        "0:x",
        ".x",
        "ATOMIC_INIT",
        "999999999999999999",
        "9999999999999999999",
        "340282366920938463463374607431768211456",
    ];

    /// `==` means what `=` means, and is read token by token.
    #[test]
    fn both_readers_of_comparisons_agree() {
        for place in PLACES {
            for value in VALUES {
                let plain = parsed("", &format!("exists ({place}={value} /\\ y=2)"));
                let other = parsed("", &format!("exists ({place}=={value} /\\ y==2)"));
                assert_eq!(plain, other, "{place}={value}");
            }
        }
    }

    /// A comment between tokens changes nothing.
    #[test]
    fn both_readers_of_propositions_agree() {
        let propositions = [
            "a=1",
            "(a=1)",
            "((a=1))",
            "a=1 \\/ b=2 \\/ c=3",
            "(a=1 \\/ b=2) \\/ (c=3 \\/ d=4)",
            "(a=1 /\\ b=2) /\\ (c=3 /\\ d=4)",
            "(a=1\\/b=2)/\\(c=3 \\/ d=4 /\\ (e=5))",
            "a=1 /\\ (b=2 \\/ (c=3 /\\ (d=4 \\/ e=5)))",
            "()",
            "(a=1",
            "a=1)",
            "a=1 b=2",
            "a=1 /\\",
            "a=1 \\/ ",
            "a=1 => b=2",
            "a=1 /\\ b=2 => c=3",
            "not (a=1)",
            "true",
            "a=1 \\/ true",
            "a=1; with X: ~exists",
            "a=1 with X: ~exists",
            "a=1 << more",
            "a=1 / b=2",
            "a=1 /\\ \\/ b=2",
        ];
        for proposition in propositions {
            let other = proposition.replacen("a=1", "a= (* *) 1", 1);
            for start in ["exists ", "forall ", "filter (z=1) exists ", "filter "] {
                let plain = parsed("", &format!("{start}{proposition}"));
                assert_eq!(plain, parsed("", &format!("{start}{other}")), "{start}{proposition}");
            }
        }
    }

    #[test]
    fn nesting_has_one_limit() {
        for depth in [199, 200, 201, 300] {
            let (open, close) = ("(".repeat(depth), ")".repeat(depth));
            let (_, plain) = parsed("", &format!("exists {open}a=1{close}"));
            let (_, other) = parsed("", &format!("exists {open}%r=1{close}"));
            assert_eq!(plain, other, "{depth}");
        }
    }

    #[test]
    fn both_readers_of_bindings_agree() {
        for place in PLACES {
            for value in VALUES {
                for behind in ["", "; z=1", "; z", ";; z=1;", "; z=1 z", "; int v=2; w=3;"] {
                    let plain = parsed(&format!("a=1; {place}={value}{behind}"), "");
                    let other = parsed(&format!("(* *) a=1; {place}= (* *) {value}{behind}"), "");
                    assert_eq!(plain, other, "{place}={value}{behind}");
                }
            }
        }
    }
}
