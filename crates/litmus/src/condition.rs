//! From `locations`, `filter` or the quantifier to the end of the file.

use syntax::Span;

use crate::MAX_NESTING;
use crate::ast::{Atom, CompareOp, Condition, Fault, Observable, Observed, Operand, Prop, Quantifier};
use crate::lexer::Token;
use crate::parser::{Failed, Parser, Result};
use crate::plain;

/// Everything behind the program.
pub(crate) struct Question {
    pub(crate) locations: Vec<Observable>,
    pub(crate) filter: Option<Prop>,
    pub(crate) condition: Condition,
    /// The offset behind `<<`.
    pub(crate) tail: Option<usize>,
}

/// The first parts of the types of faults, by which they are told from locations.
const FAULT_KINDS: [&str; 10] = [
    "MMU",
    "D-MMU",
    "I-MMU",
    "TagCheck",
    "PacCheck",
    "SupervisorCall",
    "UndefinedInstruction",
    "GCS",
    "Fault",
    "Other",
];

/// Reads all of it. After an error the rest is not read: one mistake gives one message.
pub(crate) fn read(parser: &mut Parser<'_>) -> Question {
    let condition = Condition {
        quantifier: Quantifier::Forall,
        prop: Prop::True,
        span: Span { end: parser.span.start, ..parser.span },
        kinds: Vec::new(),
    };
    let mut question = Question { locations: Vec::new(), filter: None, condition, tail: None };
    let _ = parts(parser, &mut question);
    question
}

fn parts(parser: &mut Parser<'_>, question: &mut Question) -> Result<()> {
    loop {
        if parser.eat_word("locations") {
            locations(parser, &mut question.locations)?;
        } else if parser.eat_word("filter") {
            question.filter = Some(proposition(parser)?);
        } else {
            break;
        }
        parser.eat(";");
    }
    let at_end = |parser: &Parser<'_>| matches!(parser.token, Token::End) || parser.at("<<");
    if !at_end(parser) {
        condition(parser, &mut question.condition)?;
        parser.eat(";");
        if parser.eat_word("with") {
            kinds(parser, &mut question.condition.kinds)?;
        }
    }
    if parser.at("<<") {
        question.tail = Some(parser.span.end as usize);
        return Ok(());
    }
    if at_end(parser) { Ok(()) } else { parser.unexpected("`/\\`, `\\/`, `=>` or the end") }
}

fn condition(parser: &mut Parser<'_>, condition: &mut Condition) -> Result<()> {
    let start = parser.span;
    if parser.at_word("observed") || parser.at_word("Observed") || parser.at_word("cases") {
        parser.bump();
        condition.quantifier = Quantifier::Exists;
        condition.prop = cases(parser)?;
    } else {
        condition.quantifier = quantifier(parser).unwrap_or(Quantifier::Exists);
        condition.prop = proposition(parser)?;
    }
    condition.span = start.to(parser.last);
    Ok(())
}

/// Reads a quantifier; without one, nothing.
fn quantifier(parser: &mut Parser<'_>) -> Option<Quantifier> {
    let negated = parser.at("~") || parser.at_word("not");
    if negated && parser.second() == Token::Word("exists") {
        parser.bump();
        parser.bump();
        return Some(Quantifier::NotExists);
    }
    let quantifier = match parser.token {
        Token::Word("exists") => Quantifier::Exists,
        Token::Word("forall") => Quantifier::Forall,
        Token::Word("final") => Quantifier::Final,
        _ => return None,
    };
    parser.bump();
    Some(quantifier)
}

/// `a; b; c;`, of which one must happen.
fn cases(parser: &mut Parser<'_>) -> Result<Prop> {
    let mut all = vec![prop(parser)?];
    while parser.eat(";") {
        if matches!(parser.token, Token::End) || parser.at("<<") || parser.at_word("with") {
            break;
        }
        all.push(prop(parser)?);
    }
    Ok(Prop::or(all))
}

fn kinds(parser: &mut Parser<'_>, kinds: &mut Vec<(String, Quantifier)>) -> Result<()> {
    while let Token::Word(name) = parser.token {
        parser.bump();
        parser.expect(":")?;
        let Some(quantifier) = quantifier(parser) else {
            return parser.unexpected("`exists`, `~exists` or `forall`");
        };
        kinds.push((name.to_owned(), quantifier));
        if !parser.eat(";") {
            break;
        }
    }
    Ok(())
}

fn locations(parser: &mut Parser<'_>, locations: &mut Vec<Observable>) -> Result<()> {
    parser.expect("[")?;
    loop {
        while parser.eat(";") {}
        if parser.eat("]") {
            return Ok(());
        }
        let start = parser.span;
        let item =
            if at_fault(parser) { Observed::Fault(fault(parser)?) } else { Observed::Place(parser.place()?) };
        let ty = parser.trailing_type();
        locations.push(Observable { item, ty, span: start.to(parser.last) });
        if !parser.at(";") && !parser.at("]") {
            return parser.unexpected("`;` or `]`");
        }
    }
}

/// Room for as many propositions as are joined mostly.
const FEW: usize = 4;

fn proposition(parser: &mut Parser<'_>) -> Result<Prop> {
    match plain::proposition(parser) {
        Some(prop) => Ok(prop),
        None => prop(parser),
    }
}

/// `\/` binds least, then `/\`, then `=>`, then `not`.
fn prop(parser: &mut Parser<'_>) -> Result<Prop> {
    let first = conjunction(parser)?;
    if !parser.at("\\/") {
        return Ok(first);
    }
    let mut all = Vec::with_capacity(FEW);
    first.append_to_or(&mut all);
    while parser.eat("\\/") {
        conjunction(parser)?.append_to_or(&mut all);
    }
    Ok(Prop::Or(all))
}

fn conjunction(parser: &mut Parser<'_>) -> Result<Prop> {
    let first = implication(parser)?;
    if !parser.at("/\\") {
        return Ok(first);
    }
    let mut all = Vec::with_capacity(FEW);
    first.append_to_and(&mut all);
    while parser.eat("/\\") {
        implication(parser)?.append_to_and(&mut all);
    }
    Ok(Prop::And(all))
}

#[inline(always)]
fn implication(parser: &mut Parser<'_>) -> Result<Prop> {
    let first = negation(parser)?;
    if !parser.at("=>") {
        return Ok(first);
    }
    let mut chain = vec![first];
    while parser.eat("=>") {
        if chain.len() >= MAX_NESTING {
            return parser.too_deep();
        }
        chain.push(negation(parser)?);
    }
    let last = chain.pop().ok_or(Failed)?;
    Ok(chain.into_iter().rfold(last, |right, left| Prop::Implies(Box::new(left), Box::new(right))))
}

fn negation(parser: &mut Parser<'_>) -> Result<Prop> {
    if parser.at("~") || parser.at_word("not") {
        parser.bump();
        return Ok(Prop::Not(Box::new(parser.nested(negation)?)));
    }
    if parser.at("(") {
        parser.bump();
        if parser.eat(")") {
            return Ok(Prop::True);
        }
        let inner = parser.nested(prop)?;
        parser.expect(")")?;
        return Ok(inner);
    }
    atom(parser)
}

fn atom(parser: &mut Parser<'_>) -> Result<Prop> {
    let start = parser.span;
    let comparison_follows = |token| matches!(token, Token::Punct("=" | "==" | "!=" | "<>" | "["));
    if let Token::Word(word @ ("true" | "false")) = parser.token
        && !comparison_follows(parser.second())
    {
        parser.bump();
        return Ok(if word == "true" { Prop::True } else { Prop::False });
    }
    if at_fault(parser) {
        let fault = Box::new(fault(parser)?);
        return Ok(Prop::Atom(Atom::Fault { fault, span: start.to(parser.last) }));
    }
    let place = parser.place()?;
    let op = match parser.token {
        Token::Punct("=" | "==") => CompareOp::Eq,
        Token::Punct("!=" | "<>") => CompareOp::Ne,
        _ => return parser.unexpected("`=` or `!=`"),
    };
    parser.bump();
    let value = operand(parser)?;
    Ok(Prop::Atom(Atom::Compare { place, op, value, span: start.to(parser.last) }))
}

fn operand(parser: &mut Parser<'_>) -> Result<Operand> {
    let token = parser.token;
    match token {
        Token::Punct("*" | "[") | Token::Register(_) => Ok(Operand::Place(parser.place()?)),
        Token::Number(_) | Token::Word(_) if parser.at_thread() => thread_operand(parser),
        _ => Ok(Operand::Literal(parser.literal()?)),
    }
}

/// `0:%r` and `0:$4` are registers; `0:name` may be a label.
fn thread_operand(parser: &mut Parser<'_>) -> Result<Operand> {
    let text = &parser.text()[parser.span.start as usize..];
    let behind = text.split_once(':').map_or("", |(_, behind)| behind.trim_start());
    if behind.starts_with(['%', '$']) {
        Ok(Operand::Place(parser.register()?))
    } else {
        Ok(Operand::Literal(parser.literal()?))
    }
}

fn at_fault(parser: &mut Parser<'_>) -> bool {
    matches!(parser.token, Token::Word("fault" | "Fault")) && parser.second() == Token::Punct("(")
}

/// `fault(P0:L0, x, MMU:Translation)`
fn fault(parser: &mut Parser<'_>) -> Result<Fault> {
    parser.bump();
    parser.expect("(")?;
    let thread = parser.thread()?;
    let label = if parser.eat(":") { Some(parser.word("a label")?) } else { None };
    let mut fault = Fault { thread, label, location: None, kind: None };
    while parser.eat(",") {
        if fault.kind.is_some() {
            return parser.unexpected("`)`");
        }
        let is_kind = matches!(parser.token, Token::Word(word) if FAULT_KINDS.contains(&word));
        if is_kind || fault.location.is_some() {
            fault.kind = Some(fault_kind(parser)?);
        } else {
            fault.location = Some(parser.literal()?);
        }
    }
    parser.expect(")")?;
    Ok(fault)
}

fn fault_kind(parser: &mut Parser<'_>) -> Result<String> {
    let mut kind = parser.word("the type of a fault")?;
    while parser.eat(":") {
        kind.push(':');
        kind.push_str(&parser.word("the type of a fault")?);
    }
    Ok(kind)
}
