//! What `with … from` chooses.
//!
//! Functions that make sets of relations are run on an unknown element: `map f s` runs `f` once, on an element that
//! stands for all of `s`, and what comes out says which choices there are.

use super::build::{Builder, Res, unsupported};
use super::value::{Env, Options, Val, done};
use super::{Base, Choice, Deps, Node, NodeId, Orders, Sort};
use crate::ast::{Expr, Name, Role, Test};
use syntax::Span;

impl Builder<'_> {
    pub(super) fn with(&mut self, name: &Name, set: &Expr, env: &mut Env) -> Res<()> {
        let value = match self.eval(set, env)? {
            Val::Relations(options) => Val::Node(self.choose(options, set.span)?),
            Val::Values(values) if values.len() == 1 => values.into_iter().next().unwrap_or(Val::Empty),
            // There is nothing to choose from, so that there is no execution.
            Val::Empty => {
                let nothing = self.graph.empty(Sort::Relation);
                self.push_check(Role::Require, Test::Empty, true, nothing, None);
                Val::Empty
            }
            _ => return unsupported(set.span, "`with … from` over anything but orders and pairs"),
        };
        env.bind(&name.text, done(value));
        Ok(())
    }

    fn choose(&mut self, options: Options, span: Span) -> Res<NodeId> {
        match options {
            Options::Orders { set, order, by_location } => {
                let whole = order;
                let orders = self.orders(set, order, by_location);
                let (set, order) = (self.graph.deps[set.index()], self.graph.deps[orders.order.index()]);
                if set != Deps::NONE || order.has(Deps::CO) {
                    return unsupported(span, "a choice of orders that depends on another one");
                }
                if by_location && self.co.is_none() && self.holds_all_writes(orders.set) {
                    self.co = Some(orders);
                    for check in self.checks.iter_mut().filter(|check| check.node == whole) {
                        check.about_co =
                            check.role == Role::Require && check.test == Test::Acyclic && !check.negated;
                    }
                    return Ok(self.graph.base(Base::Co, Sort::Relation));
                }
                Ok(self.new_choice(Choice::Orders(orders), Deps::CO))
            }
            Options::Pairs { of, from } => {
                let deps = self.graph.deps[of.index()].with(self.graph.deps[from.index()]);
                if deps.without(Deps::ADDRESSES) != Deps::NONE {
                    return unsupported(span, "a choice of pairs that depends on another one");
                }
                Ok(self.new_choice(Choice::Pairs { of, from }, Deps::RF))
            }
        }
    }

    fn new_choice(&mut self, choice: Choice, deps: Deps) -> NodeId {
        let node = self.graph.choice(self.choices.len() as u32, deps);
        self.choices.push(choice);
        node
    }

    fn holds_all_writes(&mut self, set: NodeId) -> bool {
        let writes = self.static_base("W", Sort::Set);
        let mut parts = Vec::new();
        self.graph.union_parts(set, &mut parts);
        parts.contains(&writes)
    }

    /// Takes out of what an order contains that initial writes come first and final ones last.
    fn orders(&mut self, set: NodeId, order: NodeId, by_location: bool) -> Orders {
        let [first, last, both] = self.initial_and_final_order();
        let mut parts = Vec::new();
        self.graph.union_parts(order, &mut parts);
        let has = |ends: NodeId| parts.contains(&ends) || parts.contains(&both);
        let (initial_first, final_last) = (has(first), has(last));
        parts.retain(|part| ![first, last, both].contains(part));
        let order = self.graph.union_of(parts, Sort::Relation);
        Orders { set, order, by_location, initial_first, final_last }
    }

    /// Initial writes before others, others before final writes, and both, at each location.
    pub(super) fn initial_and_final_order(&mut self) -> [NodeId; 3] {
        let initial = self.static_base("IW", Sort::Set);
        let writes = self.static_base("W", Sort::Set);
        let last = self.graph.base(Base::FinalWrites, Sort::Set);
        let loc = self.graph.base(Base::Loc, Sort::Relation);
        let others = self.graph.difference(writes, initial);
        let first = self.graph.product(initial, others);
        let others = self.graph.difference(writes, last);
        let end = self.graph.product(others, last);
        let both = self.graph.union(first, end);
        [first, end, both].map(|ends| self.graph.intersection(loc, ends))
    }

    /// `pco`: what of `co` a candidate shows before `co` is chosen: initial writes first, final writes last, and what
    /// coherence makes of `rf`.
    pub(super) fn known_coherence(&mut self) -> NodeId {
        let [reads, writes, explicit] = ["R", "W", "Exp"].map(|name| self.static_base(name, Sort::Set));
        let (po, loc) = (self.static_base("po", Sort::Relation), self.graph.base(Base::Loc, Sort::Relation));
        let rf = self.graph.base(Base::Rf, Sort::Relation);
        let (inverse, identity) = (self.graph.inverse(rf), self.graph.identity());
        let [reads, writes] = [reads, writes].map(|set| self.graph.intersection(set, explicit));
        let local = self.graph.intersection(po, loc);
        let mut parts = vec![self.initial_and_final_order()[2]];
        for (from, to) in [(writes, writes), (reads, writes), (writes, reads), (reads, reads)] {
            let steps = self.graph.restrict_domain(from, local);
            let mut seen = self.graph.restrict_range(steps, to);
            if from == reads {
                seen = self.graph.sequence(rf, seen);
            }
            if to == reads {
                seen = self.graph.sequence(seen, inverse);
                seen = self.graph.difference(seen, identity);
            }
            parts.push(seen);
        }
        self.graph.union_of(parts, Sort::Relation)
    }

    /// `linearisations(set, order)`
    pub(super) fn linearisations(&mut self, argument: Val, span: Span) -> Res<Val> {
        let Val::Tuple(values) = argument else { return unsupported(span, "`linearisations` of no pair") };
        let Ok([set, order]) = <[Val; 2]>::try_from(values) else {
            return unsupported(span, "`linearisations` of no pair");
        };
        let order = self.node(order, Sort::Relation, span)?;
        if let Val::Class(set) = set {
            return Ok(Val::Relations(Options::Orders { set, order, by_location: true }));
        }
        let set = self.node(set, Sort::Set, span)?;
        if self.graph.is_empty(set) {
            return Ok(Val::Values(vec![Val::Node(self.graph.empty(Sort::Relation))]));
        }
        Ok(Val::Relations(Options::Orders { set, order, by_location: false }))
    }

    /// The library's `cross`, where it is about choices; else the function as it is written.
    pub(super) fn cross(&mut self, cross: Val, choices: Val, span: Span) -> Res<Val> {
        match choices {
            Val::Families(options) => Ok(Val::Relations(options)),
            Val::Empty => Ok(Val::Values(vec![Val::Node(self.graph.empty(Sort::Relation))])),
            choices => self.call_function(cross, choices, span),
        }
    }

    /// The library's `map`, applied to a function and a set.
    pub(super) fn map(&mut self, function: &Val, set: Val, span: Span) -> Res<Val> {
        match set {
            Val::Empty => Ok(Val::Empty),
            Val::Values(values) => {
                let images =
                    values.into_iter().map(|value| self.call_function(function.clone(), value, span));
                Ok(Val::Values(images.collect::<Res<Vec<Val>>>()?))
            }
            Val::Node(node) if self.graph.is_empty(node) => Ok(Val::Empty),
            Val::Node(node) if self.graph.sort(node) == Sort::Relation => {
                match self.call_function(function.clone(), Val::Pair(node), span)? {
                    Val::SinglePair(pairs) => Ok(Val::Singles(pairs)),
                    _ => unsupported(span, "`map` of such a function over a relation"),
                }
            }
            Val::Node(set) => self.map_events(function, set, span),
            Val::Classes(set) => match self.call_function(function.clone(), Val::Class(set), span)? {
                Val::Relations(options @ Options::Orders { by_location: true, .. }) => {
                    Ok(Val::Families(options))
                }
                _ => unsupported(span, "`map` of such a function over classes of events"),
            },
            _ => unsupported(span, "`map` over such a set"),
        }
    }

    /// The image of a set of events under a function that gives each its pairs.
    fn map_events(&mut self, function: &Val, of: NodeId, span: Span) -> Res<Val> {
        self.elements += 1;
        let element = self.graph.base(Base::Element(self.elements), Sort::Set);
        let pairs = match self.call_function(function.clone(), Val::Element(element), span)? {
            Val::Singles(pairs) if self.graph.ends_in(pairs, element) => pairs,
            Val::Empty => self.graph.empty(Sort::Relation),
            _ => return unsupported(span, "`map` of such a function over events"),
        };
        let from = self.graph.replace(pairs, element, of);
        Ok(Val::Families(Options::Pairs { of, from }))
    }

    /// `element ++ set`
    pub(super) fn add(&mut self, element: Val, set: Val, span: Span) -> Res<Val> {
        match (element, set) {
            (a @ Val::Tag(_), Val::Empty) => Ok(Val::Values(vec![a])),
            (a @ Val::Tag(_), Val::Values(mut values)) => {
                values.push(a);
                Ok(Val::Values(values))
            }
            (Val::Pair(pairs), Val::Empty) => Ok(Val::SinglePair(pairs)),
            (Val::Pair(pairs), Val::Node(none)) if *self.graph.node(none) == Node::Empty(Sort::Relation) => {
                Ok(Val::SinglePair(pairs))
            }
            (Val::Element(element), Val::Empty) => Ok(Val::Node(element)),
            (Val::Element(element), Val::Node(set)) if self.graph.sort(set) == Sort::Set => {
                Ok(Val::Node(self.graph.union(element, set)))
            }
            _ => unsupported(span, "`++` on anything but tags"),
        }
    }
}
