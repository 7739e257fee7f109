//! How places, values and conditions print.

use std::fmt::{self, Display, Formatter, Write};
use std::ops::Range;

use crate::ast::{
    Atom, CompareOp, Condition, Fault, Int, Literal, Observable, Observed, Operand, Place, Prop, Quantifier,
    Type,
};
use crate::lexer::is_plain_name;
use crate::places::Places;

/// How numbers print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// As the file writes them.
    AsWritten,
    /// In decimal, as signed numbers of so many bits: the width of the machine's words.
    Decimal {
        /// At most 128.
        bits: u32,
    },
    /// In hexadecimal, as unsigned numbers of so many bits.
    Hexadecimal {
        /// At most 128.
        bits: u32,
    },
}

/// Who reads what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The parser: the text is part of a test.
    File,
    /// The parser, in a test that writes memory without brackets: `x=1`, not `[x]=1`.
    Bare,
    /// A reader of logs: `label:"P0:L0"`, `not (x=1)` for `x!=1`, `exists` for `final`, as herd prints them.
    Log,
}

/// How conditions print.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// The printed name of a thread's register, or `None` if this is not a register: then a value `0:name` is a
    /// label, and a place prints as it is written.
    pub register: &'a dyn Fn(u32, &str) -> Option<&'a str>,
    /// How numbers print.
    pub numbers: Numbers,
    /// Who reads it.
    pub form: Form,
}

impl<'a> Style<'a> {
    /// Everything as the file writes it.
    pub const AS_WRITTEN: Style<'a> =
        Style { register: &|_, _| None, numbers: Numbers::AsWritten, form: Form::File };
}

/// A part of a test together with the style to print it in.
pub struct Styled<'a, T> {
    item: &'a T,
    style: Style<'a>,
}

macro_rules! styled {
    ($($ty:ty),*) => { $(
        impl $ty {
            /// The same, to be printed in another style.
            pub fn styled<'a>(&'a self, style: Style<'a>) -> Styled<'a, $ty> {
                Styled { item: self, style }
            }
        }
        impl Display for $ty {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                self.styled(Style::AS_WRITTEN).fmt(f)
            }
        }
    )* };
}

styled!(Place, Literal, Operand, Atom, Fault, Prop, Condition, Observed);

/// Prints an integer: for small ones without the machinery of formats.
fn decimal<W: Write>(value: i128, f: &mut W) -> fmt::Result {
    const DIGITS: &str = "0123456789";
    match usize::try_from(value) {
        Ok(digit @ 0..=9) => f.write_str(&DIGITS[digit..=digit]),
        _ => match i64::try_from(value) {
            Ok(small) => write!(f, "{small}"),
            Err(_) => write!(f, "{value}"),
        },
    }
}

/// Where propositions are printed.
pub(crate) trait Out<'a>: Write + Sized {
    /// Prints the left side of a comparison.
    fn compared(&mut self, place: &'a Place, style: Style<'_>) -> fmt::Result {
        style.place(place, self)
    }
}

impl Out<'_> for Formatter<'_> {}

impl Out<'_> for String {}

/// Bytes that most conditions fit in.
const TYPICAL_TEXT: usize = 256;

/// A text, and the parts of it where places were printed.
struct Text<'a> {
    text: String,
    places: Places<'a, Range<usize>>,
}

impl Write for Text<'_> {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        Ok(())
    }
}

impl<'a> Out<'a> for Text<'a> {
    fn compared(&mut self, place: &'a Place, style: Style<'_>) -> fmt::Result {
        if let Some(range) = self.places.get(place) {
            self.text.extend_from_within(range.clone());
            return Ok(());
        }
        let start = self.text.len();
        style.place(place, &mut self.text)?;
        self.places.insert(place, start..self.text.len());
        Ok(())
    }
}

fn name<W: Write>(name: &str, f: &mut W) -> fmt::Result {
    if is_plain_name(name) { f.write_str(name) } else { write!(f, "`{name}`") }
}

fn separated<'t, T, W: Write>(
    items: &'t [T],
    separator: &str,
    f: &mut W,
    mut print: impl FnMut(&'t T, &mut W) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        print(item, f)?;
    }
    Ok(())
}

impl Style<'_> {
    fn int<W: Write>(self, int: &Int, f: &mut W) -> fmt::Result {
        match (self.numbers, &int.text) {
            (Numbers::AsWritten, Some(text)) => f.write_str(text),
            (Numbers::AsWritten, None) => decimal(int.value, f),
            (Numbers::Decimal { bits }, _) => {
                let unused = 128 - bits.clamp(1, 128);
                decimal(int.value << unused >> unused, f)
            }
            (Numbers::Hexadecimal { bits }, _) => {
                let unused = 128 - bits.clamp(1, 128);
                write!(f, "{:#x}", (int.value as u128) << unused >> unused)
            }
        }
    }

    pub(crate) fn register<W: Write>(self, thread: u32, register: &str, f: &mut W) -> fmt::Result {
        decimal(thread.into(), f)?;
        f.write_str(":")?;
        f.write_str((self.register)(thread, register).unwrap_or(register))
    }

    fn label<W: Write>(self, thread: u32, label: &str, f: &mut W) -> fmt::Result {
        if self.form == Form::Log || !is_plain_name(label) {
            write!(f, "label:\"P{thread}:{label}\"")
        } else {
            decimal(thread.into(), f)?;
            f.write_str(":")?;
            f.write_str(label)
        }
    }

    /// A place; memory stands in brackets.
    fn place<W: Write>(self, place: &Place, f: &mut W) -> fmt::Result {
        match place {
            Place::Mem(_) if self.form == Form::Bare => self.bare_place(place, f),
            Place::Mem(mem) => {
                f.write_str("[")?;
                name(mem, f)?;
                f.write_str("]")
            }
            other => self.bare_place(other, f),
        }
    }

    /// A place as declarations write it: memory stands without brackets.
    pub(crate) fn bare_place<W: Write>(self, place: &Place, f: &mut W) -> fmt::Result {
        match place {
            Place::Reg { thread, name } => self.register(*thread, name, f),
            Place::SymbolicReg(register) => f.write_str(register),
            Place::Mem(mem) => name(mem, f),
            Place::Cell { name: array, index } => {
                name(array, f)?;
                write!(f, "[{index}]")
            }
            Place::Deref(inner) => {
                f.write_str("*")?;
                self.bare_place(inner, f)
            }
            Place::Special(literal) => match &**literal {
                call @ Literal::Call { .. } => self.literal(call, f),
                other => {
                    f.write_str("[")?;
                    self.literal(other, f)?;
                    f.write_str("]")
                }
            },
        }
    }

    pub(crate) fn literal<W: Write>(self, literal: &Literal, f: &mut W) -> fmt::Result {
        match literal {
            Literal::Int(int) => self.int(int, f),
            Literal::Name(symbol) => name(symbol, f),
            Literal::Cell { name: array, index } => {
                name(array, f)?;
                write!(f, "[{index}]")
            }
            Literal::Offset { name: base, offset } => {
                name(base, f)?;
                write!(f, "+{offset}")
            }
            Literal::Label { thread, name } => match (self.register)(*thread, name) {
                Some(_) => self.register(*thread, name, f),
                None => self.label(*thread, name, f),
            },
            Literal::Instruction(text) if text == "NOP" => f.write_str("NOP"),
            Literal::Instruction(text) => write!(f, "instr:\"{text}\""),
            Literal::Vector(values) => {
                f.write_str("{")?;
                separated(values, ",", f, |value, f| self.literal(value, f))?;
                f.write_str("}")
            }
            Literal::Tags(tags) if tags.len() == 1 => write!(f, ":{}", tags[0]),
            Literal::Tags(tags) => {
                f.write_str("{")?;
                separated(tags, ",", f, |tag, f| write!(f, ":{tag}"))?;
                f.write_str("}")
            }
            Literal::Tagged { base, tag } => {
                self.literal(base, f)?;
                write!(f, ":{tag}")
            }
            Literal::Call { function, arguments } => {
                write!(f, "{function}(")?;
                separated(arguments, ",", f, |argument, f| self.literal(argument, f))?;
                f.write_str(")")
            }
            Literal::Record(fields) => {
                f.write_str("(")?;
                separated(fields, ", ", f, |field, f| {
                    f.write_str(&field.name)?;
                    let Some(value) = &field.value else { return Ok(()) };
                    if !field.name.is_empty() {
                        f.write_str(":")?;
                    }
                    self.literal(value, f)
                })?;
                f.write_str(")")
            }
        }
    }

    fn fault<W: Write>(self, fault: &Fault, f: &mut W) -> fmt::Result {
        write!(f, "fault(P{}", fault.thread)?;
        if let Some(label) = &fault.label {
            write!(f, ":{label}")?;
        }
        if let Some(location) = &fault.location {
            f.write_str(",")?;
            self.literal(location, f)?;
        }
        if let Some(kind) = &fault.kind {
            write!(f, ",{kind}")?;
        }
        f.write_str(")")
    }

    fn atom<'t, W: Out<'t>>(self, atom: &'t Atom, f: &mut W) -> fmt::Result {
        match atom {
            Atom::Fault { fault, .. } => self.fault(fault, f),
            Atom::Compare { place, op: CompareOp::Ne, value, .. } if self.form == Form::Log => {
                f.write_str("not (")?;
                self.comparison(place, "=", value, f)?;
                f.write_str(")")
            }
            Atom::Compare { place, op: CompareOp::Eq, value, .. } => self.comparison(place, "=", value, f),
            Atom::Compare { place, op: CompareOp::Ne, value, .. } => self.comparison(place, "!=", value, f),
        }
    }

    /// A whole array stands without brackets.
    fn comparison<'t, W: Out<'t>>(
        self,
        place: &'t Place,
        op: &str,
        value: &Operand,
        f: &mut W,
    ) -> fmt::Result {
        match value {
            Operand::Literal(Literal::Vector(_)) => self.bare_place(place, f)?,
            _ => f.compared(place, self)?,
        }
        f.write_str(op)?;
        self.operand(value, f)
    }

    fn operand<W: Write>(self, operand: &Operand, f: &mut W) -> fmt::Result {
        match operand {
            Operand::Literal(literal) => self.literal(literal, f),
            Operand::Place(place) => self.place(place, f),
        }
    }

    /// Parentheses stand only where the precedences need them, except that `not` and `=>` always get them.
    pub(crate) fn prop<'t, W: Out<'t>>(self, prop: &'t Prop, inside: Inside, f: &mut W) -> fmt::Result {
        match prop {
            Prop::True => f.write_str("true"),
            Prop::False => f.write_str("false"),
            Prop::Atom(atom) => self.atom(atom, f),
            Prop::Not(inner) => {
                f.write_str("not ")?;
                f.write_str(opening(inner))?;
                self.prop(inner, Inside::Parentheses, f)?;
                f.write_str(")")
            }
            Prop::And(props) if props.is_empty() => f.write_str("true"),
            Prop::Or(props) if props.is_empty() => f.write_str("false"),
            Prop::And(props) => parenthesised(inside >= Inside::Implies, prop, f, |f| {
                separated(props, " /\\ ", f, |prop, f| self.prop(prop, Inside::And, f))
            }),
            Prop::Or(props) => parenthesised(inside >= Inside::And, prop, f, |f| {
                separated(props, " \\/ ", f, |prop, f| self.prop(prop, Inside::Or, f))
            }),
            Prop::Implies(left, right) => parenthesised(inside != Inside::Parentheses, prop, f, |f| {
                self.prop(left, Inside::Implies, f)?;
                f.write_str(" => ")?;
                self.prop(right, Inside::Implies, f)
            }),
        }
    }

    fn condition<'t, W: Out<'t>>(self, condition: &'t Condition, f: &mut W) -> fmt::Result {
        let quantifier = match condition.quantifier {
            Quantifier::Final if self.form == Form::Log => Quantifier::Exists,
            other => other,
        };
        f.write_str(quantifier.word())?;
        f.write_str(" ")?;
        f.write_str(opening(&condition.prop))?;
        self.prop(&condition.prop, Inside::Parentheses, f)?;
        f.write_str(")")
    }
}

/// What stands around a proposition, from weak to strong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inside {
    Parentheses,
    Or,
    And,
    Implies,
}

/// The parenthesis in front of a proposition: `(` directly in front of `*p=1` would start a comment.
pub(crate) fn opening(prop: &Prop) -> &'static str {
    let mut leftmost = prop;
    loop {
        leftmost = match leftmost {
            Prop::And(props) | Prop::Or(props) if !props.is_empty() => &props[0],
            Prop::Implies(left, _) if !matches!(**left, Prop::Implies(..) | Prop::And(_) | Prop::Or(_)) => {
                left
            }
            Prop::Atom(Atom::Compare { place: Place::Deref(_), .. }) => return "( ",
            _ => return "(",
        };
    }
}

fn parenthesised<W: Write>(
    needed: bool,
    prop: &Prop,
    f: &mut W,
    print: impl FnOnce(&mut W) -> fmt::Result,
) -> fmt::Result {
    if !needed {
        return print(f);
    }
    f.write_str(opening(prop))?;
    print(f)?;
    f.write_char(')')
}

impl Display for Styled<'_, Place> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.place(self.item, f)
    }
}

impl Display for Styled<'_, Literal> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.literal(self.item, f)
    }
}

impl Display for Styled<'_, Operand> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.operand(self.item, f)
    }
}

impl Display for Styled<'_, Atom> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.atom(self.item, f)
    }
}

impl Display for Styled<'_, Fault> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.fault(self.item, f)
    }
}

impl Display for Styled<'_, Prop> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.prop(self.item, Inside::Parentheses, f)
    }
}

impl Styled<'_, Condition> {
    /// The text, printed faster than by `to_string`.
    pub fn text(&self) -> String {
        let mut text = Text { text: String::with_capacity(TYPICAL_TEXT), places: Places::default() };
        // A string takes everything.
        let _ = self.style.condition(self.item, &mut text);
        text.text
    }
}

impl Display for Styled<'_, Condition> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.style.condition(self.item, f)
    }
}

impl Display for Styled<'_, Observed> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.item {
            Observed::Place(place) => self.style.bare_place(place, f),
            Observed::Fault(fault) => self.style.fault(fault, f),
        }
    }
}

/// A place as declarations and lists write it: memory stands without brackets, `x` and not `[x]`.
pub struct Bare<'a>(pub &'a Place, pub Style<'a>);

impl Display for Bare<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.1.bare_place(self.0, f)
    }
}

impl Display for Quantifier {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Quantifier {
    /// As files write it.
    fn word(self) -> &'static str {
        match self {
            Quantifier::Exists => "exists",
            Quantifier::NotExists => "~exists",
            Quantifier::Forall => "forall",
            Quantifier::Final => "final",
        }
    }
}

/// Without the dimension, which stands behind the name.
impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.atomic {
            f.write_str("_Atomic ")?;
        }
        f.write_str(&self.base)?;
        (0..self.pointers).try_for_each(|_| f.write_char('*'))
    }
}

impl Display for Observable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.item)?;
        match &self.ty {
            Some(ty) => write!(f, " {ty}"),
            None => Ok(()),
        }
    }
}
