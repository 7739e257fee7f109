//! What is not simulated, by name: a test that needs it is refused, for an answer without it could be wrong.

use execution::Path;
use execution::{Kind, Value};
use litmus::{Literal, Place, Test};
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// Variants that change what programs do and are not simulated, each with what it stands for.
const VARIANTS: &[(&str, &str)] = &[
    ("memtag", "memory tagging"),
    ("mte", "memory tagging"),
    ("morello", "capabilities"),
    ("vmsa", "virtual memory"),
    ("kvm", "virtual memory"),
    ("pte2", "page-table entries of the second stage"),
    ("d128", "page-table entries of 128 bits"),
    ("ifetch", "instruction fetch"),
    ("self", "instruction fetch"),
    ("nv2", "nested virtualisation"),
    ("shadowstack", "guarded control stacks"),
    ("pauth1", "pointer authentication"),
    ("pauth2", "pointer authentication"),
    ("sve", "scalable vectors"),
    ("sme", "scalable matrices"),
    ("asl", "programs in ASL"),
    ("asl+aarch64", "instructions defined in ASL"),
    ("asl+aarch64+udf", "instructions defined in ASL"),
    ("cutoff", "executions that are given up in the middle"),
    ("constrainedunpredictable", "behaviour that the architecture leaves open"),
    ("cu", "behaviour that the architecture leaves open"),
    ("lrscdiffok", "store-conditionals at other addresses"),
    ("notweakpredicated", "strong predicated instructions"),
    ("splittedrmw", "atomic operations of RISC-V as two events"),
    ("specialx0", "atomic operations without a result as plain accesses"),
    ("amox0", "atomic operations without a result as plain accesses"),
    ("switchdepscwrite", "other dependencies of store-conditionals"),
    ("switchdepscresult", "other dependencies of store-conditionals"),
];

/// What a variant stands for, if it is not simulated.
fn unsupported(variant: &str) -> Option<&'static str> {
    let name = variant.split(':').next().unwrap_or(variant);
    VARIANTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, what)| *what)
}

/// The refusal of a test for which a variant is on that is not simulated.
pub(crate) fn refused_variant<'a>(
    test: &Test,
    variants: impl Iterator<Item = &'a String>,
) -> Option<Box<Diagnostic>> {
    let (variant, what) = variants.into_iter().find_map(|variant| Some((variant, unsupported(variant)?)))?;
    let metadata = test.metadata.iter().find(|line| line.key.eq_ignore_ascii_case("variant"));
    let span = metadata.map_or(test.name_span, |line| line.span);
    let message = format!("the variant `{variant}` ({what}) is not supported yet");
    let help = "without it the answer could be wrong, so there is none";
    Some(Box::new(Diagnostic::error("turnsole::unsupported-variant", span, message).with_help(help)))
}

/// What a value of a test belongs to that is not simulated.
pub(crate) fn of_literal(literal: &Literal) -> Option<&'static str> {
    match literal {
        Literal::Record(_) => Some("virtual memory"),
        Literal::Call { function, .. } => match &*function.to_ascii_lowercase() {
            "pac" => Some("pointer authentication"),
            "tag" => Some("memory tagging"),
            _ => Some("virtual memory"),
        },
        Literal::Tagged { base, .. } => match **base {
            Literal::Int(_) | Literal::Tagged { .. } => Some("capabilities"),
            _ => Some("memory tagging"),
        },
        Literal::Tags(_) => Some("memory tagging"),
        _ => None,
    }
}

/// The same for a place.
pub(crate) fn of_place(place: &Place) -> Option<&'static str> {
    match place {
        Place::Special(literal) => of_literal(literal),
        _ => None,
    }
}

/// `message`, and what it belongs to.
pub(crate) fn named(message: String, what: Option<&'static str>) -> String {
    what.map_or(message.clone(), |what| {
        format!("{message}: they belong to {what}, which is not simulated yet")
    })
}

/// The refusal of a program that changes its own code: which code is then executed is not simulated.
pub(crate) fn stores_to_code(
    paths: &[Arc<Vec<Path>>],
    span: impl Fn(usize, u32) -> Span,
) -> Option<Box<Diagnostic>> {
    for (thread, path) in paths.iter().enumerate().flat_map(|(i, all)| all.iter().map(move |path| (i, path)))
    {
        for event in path.events.iter().filter(|event| matches!(event.kind, Kind::Write | Kind::Update)) {
            if let Some(Value::Code { .. }) = event.addr.and_then(|addr| path.terms.known(addr)) {
                let message = "this stores to code, which needs instruction fetch (the variant `ifetch`), which is not \
                               supported yet";
                let help = "without it the answer could be wrong, so there is none";
                let diagnostic =
                    Diagnostic::error("turnsole::stores-to-code", span(thread, event.instruction), message);
                return Some(Box::new(diagnostic.with_help(help)));
            }
        }
    }
    None
}
