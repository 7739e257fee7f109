//! What the plan builder makes of models.

use std::sync::Arc;
use syntax::SourceMap;
use turnsole_cat::plan::{Base, Choice, Deps, Failure, Node, Plan, Request, Sort, build};
use turnsole_cat::predefined::{Kind, predefined};
use turnsole_cat::{Loader, load_text};

struct Library;

impl Loader for Library {
    fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
        turnsole_cat::library::library_file(name).map(|text| (name.to_owned(), text.to_owned()))
    }
}

fn compile(text: &str, empty: &[&str]) -> Result<Plan, Failure> {
    let mut sources = SourceMap::new();
    let library = turnsole_cat::library::library_file("stdlib.cat").unwrap_or_default();
    let models: Vec<Arc<_>> = [("stdlib.cat", library), ("m.cat", text)]
        .into_iter()
        .filter_map(|(name, text)| load_text(&Library, name, text, &mut sources).0)
        .collect();
    let known = predefined("AArch64");
    let models: Vec<_> = models.iter().map(|model| &**model).collect();
    build(&Request {
        models: &models,
        predefined: &|name| {
            known.kind(name).map(|kind| match kind {
                Kind::Set => Sort::Set,
                Kind::Relation => Sort::Relation,
            })
        },
        empty: &|name| empty.contains(&name),
        variant: &|_| false,
        skip: &[],
    })
}

/// What the model's last check is about.
fn last(plan: &Plan) -> Option<Node> {
    plan.checks.last().map(|check| plan.node(check.node))
}

fn unsupported(text: &str, empty: &[&str]) -> String {
    match compile(text, empty) {
        Err(Failure::Unsupported { what, .. }) => what,
        other => format!("{other:?}"),
    }
}

#[test]
fn functions_that_multiply_what_there_is_are_given_up() {
    let mut text = "let f0(r) = r\n".to_owned();
    for i in 1..40 {
        let before = i - 1;
        text += &format!("let f{i}(r) = f{before}(r | (rf ; r)) | f{before}(r ; (loc | r))\n");
    }
    text += "acyclic f39(po)";
    assert_eq!(unsupported(&text, &[]), "functions that make the model too large");
}

#[test]
fn names_without_events_are_empty() {
    let text = "empty [TLBI]; po; [R] as none";
    assert_eq!(compile(text, &["TLBI"]).map(|plan| last(&plan)), Ok(Some(Node::Empty(Sort::Relation))));
    assert_ne!(compile(text, &[]).map(|plan| last(&plan)), Ok(Some(Node::Empty(Sort::Relation))));
}

/// Ways to orient pairs, all of which must be tried.
const ORIENTATIONS: &str = r"
let add p = map (fun r -> (p | r))
let rec both (rs, ps) = match ps with
|| {} -> rs
|| p ++ ps -> let p = p ++ 0 in both (add p rs | add (p^-1) rs, ps)
end
with order from both({po & inv-domain}, loc & (TLBI * W))
empty order | rf as chosen";

#[test]
fn a_choice_from_one_is_none() {
    let plan = compile(ORIENTATIONS, &["TLBI", "inv-domain"]);
    assert_eq!(plan.map(|plan| last(&plan)), Ok(Some(Node::Base(Base::Rf))));
    assert_eq!(unsupported(ORIENTATIONS, &["inv-domain"]), "matching on a set that depends on the execution");
    assert_eq!(unsupported("with r from {po, rf} empty r", &[]), "an explicit set of anything but tags",);
}

#[test]
fn page_tables_are_not_there() {
    let text = "let r = [PTE & oa-changes(PTE, po)] | [PTE & at-least-one-writable(PTE, po)] empty r | same-oa po | rf";
    assert_eq!(compile(text, &["PTE"]).map(|plan| last(&plan)), Ok(Some(Node::Base(Base::Rf))));
    assert_eq!(unsupported(text, &[]), "the primitive `oa-changes`");
    assert!(compile("empty different-values loc", &[]).is_ok());
    assert!(compile("empty different-values (loc & inv-domain)", &["inv-domain"]).is_ok());
}

#[test]
fn what_coherence_says_of_co_is_known() {
    let plan =
        compile("acyclic pco include \"cross.cat\" with co from generate_cos(pco) acyclic co | rf", &[]);
    let plan = plan.expect("a plan");
    assert_eq!(plan.checks.len(), 2);
    let co = plan.co.expect("co is chosen");
    assert!(co.by_location && co.initial_first && co.final_last);
    assert_eq!(plan.deps[co.order.index()], Deps::ADDRESSES.with(Deps::RF));
}

#[test]
fn orders_of_other_events_are_choices() {
    let text = "include \"cross.cat\"
        with co from generate_cos(co0)
        with locks from generate_orders(A, po)
        with s from linearisations(L, co | po)
        empty locks; s";
    let failure = "a choice of orders that depends on another one";
    assert_eq!(unsupported(text, &[]), failure);
    let text = text.replace("co | po", "po");
    let plan = compile(&text, &[]).expect("a plan");
    let co = plan.co.expect("co is chosen");
    assert_eq!(plan.node(co.order), Node::Empty(Sort::Relation));
    let shapes = plan.choices.iter().map(|choice| match choice {
        Choice::Orders(orders) => (orders.by_location, orders.initial_first),
        Choice::Pairs { .. } => unreachable!("there are only orders"),
    });
    assert_eq!(shapes.collect::<Vec<_>>(), [(true, false), (false, false)]);
}

#[test]
fn co_may_order_more_than_writes() {
    let text = "let W = W | A include \"cross.cat\" with co from generate_cos(co0) acyclic co | po";
    let plan = compile(text, &[]).expect("a plan");
    assert!(plan.choices.is_empty());
    let set = plan.co.map(|co| plan.node(co.set));
    assert!(matches!(set, Some(Node::Union(..))), "{set:?}");
}

/// Each event of a set gets one of its pairs.
const PAIRS: &str = r#"
include "cross.cat"
let pairs =
  let of r = let single p = p ++ 0 in map single ((L * {r}) & loc & ext) in
  map of (A \ range(rf))
with from-l from cross(pairs)
empty from-l; po"#;

#[test]
fn pairs_are_chosen_event_by_event() {
    let text = PAIRS.replace(r"A \ range(rf)", r"A \ Q");
    let plan = compile(&text, &[]).expect("a plan");
    let [Choice::Pairs { of, from }] = plan.choices[..] else { panic!("{:?}", plan.choices) };
    assert!(matches!(plan.node(of), Node::Difference(..)));
    assert_eq!(plan.deps[from.index()], Deps::ADDRESSES);
    assert!(plan.nodes.iter().all(|node| !matches!(node, Node::Base(Base::Element(_)))));
    assert_eq!(unsupported(PAIRS, &[]), "a choice of pairs that depends on another one");
    // Pairs that do not end in the event can't be chosen event by event.
    let text = text.replace("L * {r}", "{r} * L");
    assert_eq!(unsupported(&text, &[]), "`map` of such a function over events");
    let none = compile(&text.replace(r"A \ Q", "emptyset"), &[]).expect("a plan");
    assert!(none.choices.is_empty());
}
