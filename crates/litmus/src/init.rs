//! The initial state.

use std::collections::HashSet;

use syntax::{Diagnostic, Span};

use crate::ast::{Binding, Literal, Place, Type};
use crate::lexer::Token;
use crate::parser::{Failed, Parser, Result, place_of, type_of};
use crate::plain;

/// How many broken items are reported one by one.
const MAX_ERRORS: usize = 20;

/// Reads the items between the braces.
pub(crate) fn read(parser: &mut Parser<'_>) -> Vec<Binding> {
    let mut bindings: Vec<Binding> = Vec::new();
    loop {
        while parser.eat(";") {}
        if plain::bindings(parser, &mut bindings) {
            continue;
        }
        if matches!(parser.token, Token::End) {
            break;
        }
        let start = parser.span;
        match binding(parser) {
            Ok(binding) => bindings.push(binding),
            Err(Failed) if parser.error_count() >= MAX_ERRORS => break,
            Err(Failed) => skip_item(parser, start),
        }
    }
    report_duplicates(parser, &bindings);
    bindings
}

fn skip_item(parser: &mut Parser<'_>, start: Span) {
    if parser.span == start {
        parser.bump();
    }
    while !parser.at(";") && !matches!(parser.token, Token::End) {
        parser.bump();
    }
}

fn binding(parser: &mut Parser<'_>) -> Result<Binding> {
    let start = parser.span;
    let (mut ty, place) = declarator(parser)?;
    if parser.at("[") {
        array(parser, &mut ty, &place)?;
    }
    let value_span = parser.span;
    let value = if parser.eat("=") { Some(parser.literal()?) } else { None };
    if !parser.at(";") && !matches!(parser.token, Token::End) {
        return parser.unexpected(if value.is_some() { "`;`" } else { "`=` or `;`" });
    }
    let span = start.to(parser.last);
    check_array(parser, ty.as_ref(), &place, value.as_ref(), value_span)?;
    Ok(Binding { ty, place, value, span })
}

/// Reads the type, if there is one, and the place.
fn declarator(parser: &mut Parser<'_>) -> Result<(Option<Type>, Place)> {
    let token = parser.token;
    match token {
        Token::Punct("[") | Token::Register(_) | Token::Quoted(_) => return Ok((None, parser.place()?)),
        Token::Punct("*") => {
            let pointers = parser.stars();
            return Ok((Some(type_of(&[], pointers)), plain_place(parser)?));
        }
        _ if parser.at_thread() => return Ok((None, parser.register()?)),
        Token::Word(_) | Token::Number(_) => {}
        _ => return parser.unexpected("a type, a register or a location"),
    }
    if !matches!(parser.token, Token::Word(_)) {
        return Ok((None, parser.place()?));
    }
    behind_words(parser)
}

/// `int x`, `unsigned long *x`, `int 0:X1`, `x`, `PTE(x)`: words come first.
fn behind_words(parser: &mut Parser<'_>) -> Result<(Option<Type>, Place)> {
    let mut words: Vec<&str> = Vec::new();
    while let Token::Word(word) = parser.token {
        if words.is_empty() && is_special(parser) {
            return Ok((None, parser.place()?));
        }
        if parser.at_thread() {
            return Ok((Some(type_of(&words, 0)), parser.register()?));
        }
        parser.bump();
        if word == "_Atomic" && parser.eat("(") {
            words.push(word);
            continue;
        }
        if words == ["_Atomic"] {
            parser.eat(")");
        }
        words.push(word);
    }
    let token = parser.token;
    match token {
        Token::Punct("*") => {
            let pointers = parser.stars();
            // `int * volatile x`
            parser.eat_word("volatile");
            Ok((Some(type_of(&words, pointers)), plain_place(parser)?))
        }
        Token::Number(_) | Token::Register(_) | Token::Quoted(_) => {
            Ok((Some(type_of(&words, 0)), plain_place(parser)?))
        }
        _ => {
            let Some(name) = words.pop() else { return parser.unexpected("a location") };
            let ty = (!words.is_empty()).then(|| type_of(&words, 0));
            Ok((ty, place_of(Literal::Name(name.to_owned()))))
        }
    }
}

/// Whether a single word starts a place of another form, such as `PTE(x)`, `x+16` or `x:green`.
fn is_special(parser: &mut Parser<'_>) -> bool {
    match parser.second() {
        Token::Punct("(") => !parser.at_word("_Atomic"),
        Token::Punct("+") => true,
        Token::Punct(":") => !parser.at_thread(),
        _ => false,
    }
}

/// A place behind a type: a register, a name, `PTE(x)`; an index is left for the declaration of an array.
fn plain_place(parser: &mut Parser<'_>) -> Result<Place> {
    let token = parser.token;
    match token {
        Token::Word(_) if parser.at_thread() => parser.register(),
        Token::Word(_) if is_special(parser) => parser.place(),
        Token::Word(name) | Token::Quoted(name) => {
            parser.bump();
            Ok(Place::Mem(name.to_owned()))
        }
        _ => parser.place(),
    }
}

/// Reads the dimension of `int x[3]`.
fn array(parser: &mut Parser<'_>, ty: &mut Option<Type>, place: &Place) -> Result<()> {
    let span = parser.span;
    let length = parser.dimension()?;
    match (ty, place) {
        (Some(ty), Place::Mem(_)) => {
            ty.array = Some(length);
            Ok(())
        }
        _ => {
            let message = "one cell of an array can't be initialised alone";
            parser.error(
                Diagnostic::error("litmus::cell-in-init", span, message)
                    .with_help("declare the array with all its values, as in `int x[2]={0,1}`"),
            );
            Err(Failed)
        }
    }
}

fn check_array(
    parser: &mut Parser<'_>,
    ty: Option<&Type>,
    place: &Place,
    value: Option<&Literal>,
    span: Span,
) -> Result<()> {
    if let Place::Cell { .. } = place {
        let message = "one cell of an array can't be initialised alone";
        parser.error(
            Diagnostic::error("litmus::cell-in-init", span, message)
                .with_help("declare the array with all its values, as in `int x[2]={0,1}`"),
        );
        return Err(Failed);
    }
    let Some(Literal::Vector(values)) = value else { return Ok(()) };
    match ty.and_then(|ty| ty.array) {
        Some(length) if length == values.len() as u64 => Ok(()),
        Some(length) => {
            let message = format!("the array has {length} cells, but {} values", values.len());
            parser.error(Diagnostic::error("litmus::array-length", span, message));
            Err(Failed)
        }
        None => Ok(()),
    }
}

/// Two items for one place can't both hold.
fn report_duplicates(parser: &mut Parser<'_>, bindings: &[Binding]) {
    let mut seen: HashSet<&Place> = HashSet::new();
    let few = bindings.len() <= 12;
    let mut reported = 0;
    for (index, binding) in bindings.iter().enumerate() {
        let known = if few {
            bindings[..index].iter().any(|other| other.place == binding.place)
        } else {
            !seen.insert(&binding.place)
        };
        if known && reported < MAX_ERRORS {
            reported += 1;
            let message = format!("`{}` is initialised twice", binding.place);
            parser.error(Diagnostic::error("litmus::duplicate-binding", binding.span, message));
        }
    }
}
