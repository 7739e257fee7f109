//! The functions of the language.

use super::error::{EvalError, Result};
use super::interp::{Interp, parts};
use super::operators::unexpected;
use super::orders;
use super::value::{Collection, Type, Value};
use relation::{Relation, Set};
use std::rc::Rc;
use syntax::Span;

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// `as_transitive r`: the transitive closure of `r`.
    AsTransitive,
    /// `at-least-one-writable(s, r)`: the events of `s` with exactly one successor, if one of both allows writing.
    AtLeastOneWritable,
    /// `bisimulation(t, e)`: the greatest bisimulation for `t` inside `e`.
    Bisimulation,
    /// `classes r`: the connected components of `r`.
    Classes,
    /// `classes-loc s`: the set split by location.
    ClassesLoc,
    /// `delift c`: all pairs between the members of related classes.
    Delift,
    /// `deliftinter(m, c)`: the pairs of `m` between members of related classes.
    DeliftInter,
    /// `different-values r`: the pairs with different values.
    DifferentValues,
    /// `domain r`
    Domain,
    /// `fail x`: an error.
    Fail,
    /// `fromto s`: what labelled fences order.
    FromTo,
    /// `lift(c, r)`: the pairs of classes that have related members.
    Lift,
    /// `linearisations(s, r)`: the total orders on `s` that extend `r`.
    Linearisations,
    /// `loc2events 'x`: the events on the global `x`.
    Loc2Events,
    /// `oa-changes(s, r)`: the events of `s` with exactly one successor, if their output addresses differ.
    OaChanges,
    /// `range r`
    Range,
    /// `same-oa r`: the pairs of page table entries with one output address.
    SameOa,
    /// `tag2events 't`: the events with that annotation.
    Tag2Events,
    /// `tag2fenced 't`: the pairs with such a fence between.
    Tag2Fenced,
    /// `tag2level 't`: the relation of that level.
    Tag2Level,
    /// `tag2scope 't`: the relation of that scope.
    Tag2Scope,
}

/// All names of primitives, in alphabetical order.
pub(crate) const NAMES: &[(&str, Primitive)] = &[
    ("as_transitive", Primitive::AsTransitive),
    ("at-least-one-writable", Primitive::AtLeastOneWritable),
    ("bisimulation", Primitive::Bisimulation),
    ("classes", Primitive::Classes),
    ("classes-loc", Primitive::ClassesLoc),
    ("delift", Primitive::Delift),
    ("deliftinter", Primitive::DeliftInter),
    ("different-values", Primitive::DifferentValues),
    ("domain", Primitive::Domain),
    ("fail", Primitive::Fail),
    ("fromto", Primitive::FromTo),
    ("lift", Primitive::Lift),
    ("linearisations", Primitive::Linearisations),
    ("loc2events", Primitive::Loc2Events),
    ("oa-changes", Primitive::OaChanges),
    ("partition", Primitive::ClassesLoc),
    ("range", Primitive::Range),
    ("same-oa", Primitive::SameOa),
    ("tag2events", Primitive::Tag2Events),
    ("tag2fenced", Primitive::Tag2Fenced),
    ("tag2instrs", Primitive::Tag2Events),
    ("tag2level", Primitive::Tag2Level),
    ("tag2scope", Primitive::Tag2Scope),
];

impl Primitive {
    /// The primitive of that name.
    pub fn named(name: &str) -> Option<Primitive> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, primitive)| *primitive)
    }
}

impl<'m> Interp<'m, '_> {
    /// The primitive applied to a value.
    pub(crate) fn primitive(&self, which: Primitive, value: &Value<'m>, span: Span) -> Result<Value<'m>> {
        let ground = &self.ground;
        match which {
            Primitive::AsTransitive => {
                Ok(Value::relation(ground.relation(value, span)?.transitive_closure()))
            }
            Primitive::Domain => Ok(Value::set(ground.relation(value, span)?.domain())),
            Primitive::Range => Ok(Value::set(ground.relation(value, span)?.range())),
            Primitive::Fail => Err(EvalError::failure(span, format!("`fail` is called on {value:?}"))),
            Primitive::DifferentValues => {
                self.filter(value, |i, j| self.candidate.different_values(i, j), span)
            }
            Primitive::SameOa => self.filter(value, |i, j| self.candidate.same_output_address(i, j), span),
            Primitive::AtLeastOneWritable => {
                let writable = |i| self.candidate.is_writable(i);
                self.with_one_successor(value, |i, j| writable(i) || writable(j), span)
            }
            Primitive::OaChanges => {
                self.with_one_successor(value, |i, j| !self.candidate.same_output_address(i, j), span)
            }
            Primitive::FromTo => self.fenced_pairs(value, span),
            Primitive::ClassesLoc => {
                let set = ground.set(value, span)?;
                let classes = self.candidate.location_classes();
                let parts = classes.iter().map(|class| class.intersection(&set)).filter(|c| !c.is_empty());
                Ok(collection_of_sets(parts))
            }
            Primitive::Classes => Ok(collection_of_sets(orders::components(&*ground.relation(value, span)?))),
            Primitive::Lift => {
                let [classes, relation] = two(value, span)?;
                let classes = self.sets(&classes, span)?;
                let relation = ground.relation(&relation, span)?;
                Ok(Value::Classes(Rc::new(orders::lift(&classes, &relation))))
            }
            Primitive::Delift => {
                let classes = ground.classes(value, span)?;
                Ok(Value::relation(orders::delift(ground.n, &classes)))
            }
            Primitive::DeliftInter => {
                let [relation, classes] = two(value, span)?;
                let classes = ground.classes(&classes, span)?;
                let relation = ground.relation(&relation, span)?;
                Ok(Value::relation(orders::delift(ground.n, &classes).intersection(&relation)))
            }
            Primitive::Linearisations => {
                let [set, order] = two(value, span)?;
                self.linearisations(&set, &order, span)
            }
            Primitive::Bisimulation => {
                let [step, equivalence] = two(value, span)?;
                let (step, equivalence) =
                    (ground.relation(&step, span)?, ground.relation(&equivalence, span)?);
                Ok(Value::relation(orders::bisimulation(&step, &equivalence)))
            }
            Primitive::Loc2Events => {
                let name = tag_text(value, span)?;
                let events = self.candidate.events_on(&name);
                events.map(Value::set).ok_or_else(|| EvalError::failure(span, format!("no global `{name}`")))
            }
            Primitive::Tag2Scope | Primitive::Tag2Level => {
                let name = tag_text(value, span)?;
                let relation = self.candidate.relation(&name).map(Value::relation);
                relation.ok_or_else(|| EvalError::unbound(&name, span))
            }
            Primitive::Tag2Events => self.tagged(value, span).map(Value::set),
            Primitive::Tag2Fenced => {
                let po = self.program_order(span)?;
                Ok(Value::relation(po.restrict_range(&self.tagged(value, span)?).sequence(&po)))
            }
        }
    }

    /// The pairs of a relation that satisfy a test.
    fn filter(
        &self,
        value: &Value<'m>,
        test: impl Fn(usize, usize) -> bool,
        span: Span,
    ) -> Result<Value<'m>> {
        let relation = self.ground.relation(value, span)?;
        let pairs = relation.iter().filter(|(i, j)| test(*i, *j));
        Ok(Value::relation(Relation::from_pairs(self.ground.n, pairs)))
    }

    /// The events of a set that have exactly one successor in a relation, if both satisfy a test.
    fn with_one_successor(
        &self,
        value: &Value<'m>,
        test: impl Fn(usize, usize) -> bool,
        span: Span,
    ) -> Result<Value<'m>> {
        let [set, relation] = two(value, span)?;
        let (set, relation) = (self.ground.set(&set, span)?, self.ground.relation(&relation, span)?);
        let mut found = vec![(0, 0); self.ground.n];
        for (from, to) in relation.iter() {
            found[from] = (found[from].0 + 1, to);
        }
        let passes = |i: usize| found[i].0 == 1 && test(i, found[i].1);
        Ok(Value::set(Set::of(self.ground.n, |i| set.contains(i) && passes(i))))
    }

    /// `po` as the candidate has it, whatever the model calls so.
    fn program_order(&self, span: Span) -> Result<Relation> {
        self.candidate.relation("po").ok_or_else(|| EvalError::unbound("po", span))
    }

    /// The events annotated with a tag: the predefined set of that name with a capital.
    fn tagged(&self, value: &Value<'m>, span: Span) -> Result<Set> {
        let name = crate::bell::set_name(&tag_text(value, span)?);
        self.candidate.set(&name).ok_or_else(|| EvalError::unbound(&name, span))
    }

    fn fenced_pairs(&self, value: &Value<'m>, span: Span) -> Result<Value<'m>> {
        let fences = self.ground.set(value, span)?;
        let po = self.program_order(span)?;
        let mut result = Relation::empty(self.ground.n);
        for fence in fences.iter() {
            let mut before = Set::of(self.ground.n, |i| po.contains(i, fence));
            let mut after = Set::of(self.ground.n, |i| po.contains(fence, i));
            if let Some((first, second)) = self.candidate.fence_sides(fence) {
                before = before.intersection(&first);
                after = after.intersection(&second);
            }
            result = result.union(&Relation::product(&before, &after));
        }
        Ok(Value::relation(result))
    }

    /// The value as sets of events.
    fn sets(&self, value: &Value<'m>, span: Span) -> Result<Vec<Set>> {
        let c = self.ground.collection(value, span)?;
        let set = |v: &Value<'m>| match v {
            Value::Set(set) => Ok((**set).clone()),
            _ => Err(unexpected(v, "a set of events", span)),
        };
        c.elements.iter().map(set).collect()
    }

    fn linearisations(&self, set: &Value<'m>, order: &Value<'m>, span: Span) -> Result<Value<'m>> {
        let limit = self.environment.limits.elements;
        let watch = |count: usize| match count > limit {
            true => Err(EvalError::limit(span, format!("there are more than {limit} linearisations"))),
            false => self.ask(span, count),
        };
        if let Value::Collection(_) = set {
            let classes = self.sets(set, span)?;
            let order = self.ground.classes(order, span)?;
            let all = orders::class_linearisations(&classes, &order, watch)?;
            let elements = all.into_iter().map(|c| Value::Classes(Rc::new(c))).collect();
            return Ok(Value::collection(Type::Classes, elements));
        }
        let (set, order) = (self.ground.set(set, span)?, self.ground.relation(order, span)?);
        let all = orders::linearisations(&set, &order, watch)?;
        Ok(Value::collection(Type::Relation, all.into_iter().map(Value::relation).collect()))
    }
}

fn collection_of_sets<'m>(sets: impl IntoIterator<Item = Set>) -> Value<'m> {
    let elements = sets.into_iter().map(Value::set).collect();
    Value::Collection(Rc::new(Collection { of: Type::Set, elements }))
}

fn two<'m>(value: &Value<'m>, span: Span) -> Result<[Value<'m>; 2]> {
    let mut parts = parts(value, 2, span)?.into_iter();
    match (parts.next(), parts.next()) {
        (Some(a), Some(b)) => Ok([a, b]),
        _ => Err(unexpected(value, "two arguments", span)),
    }
}

fn tag_text(value: &Value<'_>, span: Span) -> Result<String> {
    match value {
        Value::Tag(tag) => Ok(tag.text.to_string()),
        _ => Err(unexpected(value, "a tag", span)),
    }
}
