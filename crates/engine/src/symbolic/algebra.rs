//! The model's operations on bounds: what a relation holds whatever is still chosen, and what it may hold.
//!
//! Once all is chosen both bounds are the value, and shared: then every operation is done once.

use super::encoding::{Encoding, Other, is_memory};
use super::sat::{Lit, Sat};
use cat::plan::{Base, Deps, FixId, Node, NodeId, Plan, Sort};
use execution::{EventId, Predefined, Structure};
use relation::{Shape, kernel as k};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// The bits of a set or relation; `None` if it is empty.
pub(super) type Bits = Option<Rc<Vec<u64>>>;

/// Both bounds of a set or relation.
#[derive(Clone, Default)]
pub(super) struct Pair {
    pub(super) lower: Bits,
    pub(super) upper: Bits,
}

impl Pair {
    fn exact(bits: Bits) -> Pair {
        Pair { lower: bits.clone(), upper: bits }
    }

    fn new(lower: Bits, upper: Bits) -> Pair {
        if lower == upper { Pair::exact(upper) } else { Pair { lower, upper } }
    }

    /// Whether it is known what it is.
    pub(super) fn is_exact(&self) -> bool {
        same(&self.lower, &self.upper)
    }

    /// Does an operation that grows with its operands.
    fn map2(a: &Pair, b: &Pair, f: impl Fn(&Bits, &Bits) -> Bits) -> Pair {
        if a.is_exact() && b.is_exact() {
            return Pair::exact(f(&a.lower, &b.lower));
        }
        Pair::new(f(&a.lower, &b.lower), f(&a.upper, &b.upper))
    }

    fn map(&self, f: impl Fn(&Bits) -> Bits) -> Pair {
        if self.is_exact() { Pair::exact(f(&self.lower)) } else { Pair::new(f(&self.lower), f(&self.upper)) }
    }

    /// Its complement, as far as a difference is concerned.
    fn turned(&self) -> Pair {
        Pair { lower: self.upper.clone(), upper: self.lower.clone() }
    }
}

fn same(a: &Bits, b: &Bits) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}

fn bits(words: Vec<u64>) -> Bits {
    (!k::is_empty(&words)).then(|| Rc::new(words))
}

/// Whether an element is in a set, or a pair in a relation.
pub(super) fn has(shape: Shape, sort: Sort, bits: &Bits, i: usize, j: usize) -> bool {
    bits.as_ref().is_some_and(|bits| match sort {
        Sort::Set => k::has(bits, i),
        Sort::Relation => k::has_pair(shape, bits, i, j),
    })
}

/// Which values are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Bounds, as far as is known without a choice.
    Bounds,
    /// Those of the solver's model.
    Model,
}

/// The step of a fixpoint: a binding was given its value.
pub(super) struct FixStep {
    pub(super) binding: usize,
    /// The nodes inside, with their values in that step.
    pub(super) inner: Vec<(NodeId, Bits)>,
    /// What the binding got.
    pub(super) result: Bits,
}

/// What evaluates the nodes of a plan on an encoding.
pub(super) struct Algebra<'a> {
    pub(super) plan: &'a Plan,
    pub(super) names: Vec<Predefined>,
    pub(super) shape: Shape,
    /// For each fixpoint, the nodes inside, in order.
    inner: Vec<Vec<NodeId>>,
    /// All events, as far as they happen.
    universe: Pair,
    /// All pairs of them.
    square: Pair,
}

/// The values of the nodes that were asked for.
pub(super) type Values = Vec<Option<Pair>>;

impl<'a> Algebra<'a> {
    pub(super) fn new(plan: &'a Plan, names: Vec<Predefined>, n: usize) -> Algebra<'a> {
        let inner = (0..plan.fixes.len())
            .map(|fix| {
                let inside = |i: &usize| plan.inside[*i].contains(&FixId(fix as u32));
                (0..plan.nodes.len()).filter(inside).map(|i| NodeId(i as u32)).collect()
            })
            .collect();
        let shape = Shape::new(n);
        Algebra { plan, names, shape, inner, universe: Pair::default(), square: Pair::default() }
    }

    /// Why the plan can't be worked with, if it can't.
    pub(super) fn refusal(&self) -> Option<&'static str> {
        let unusual = |id: &usize| {
            let node = self.plan.nodes[*id];
            let uses = node.operands().any(|operand| self.is_different(operand));
            uses && (!matches!(node, Node::Intersection(..)) || !self.plan.inside[*id].is_empty())
        };
        if (0..self.plan.nodes.len()).any(|id| unusual(&id)) {
            return Some("different values in an unusual place");
        }
        for (number, inner) in self.inner.iter().enumerate() {
            let fix = FixId(number as u32);
            if inner.iter().any(|node| matches!(self.plan.node(*node), Node::Fix(..))) {
                return Some("a recursive definition inside another one");
            }
            for node in inner {
                let negative = match self.plan.node(*node) {
                    Node::Difference(_, b) => self.plan.inside[b.index()].contains(&fix),
                    Node::Complement(_) => true,
                    _ => false,
                };
                if negative {
                    return Some("a recursive definition that takes away what it defines");
                }
            }
        }
        None
    }

    /// The nodes that some nodes hang on, in order; those inside of fixpoints are left out.
    pub(super) fn cone(&self, roots: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
        let mut needed = vec![false; self.plan.nodes.len()];
        let mut todo: Vec<NodeId> = roots.into_iter().collect();
        while let Some(node) = todo.pop() {
            if std::mem::replace(&mut needed[node.index()], true) {
                continue;
            }
            todo.extend(self.plan.node(node).operands());
            if let Node::Fix(fix, _) = self.plan.node(node) {
                todo.extend(&self.plan.fixes[fix.0 as usize].bodies);
            }
        }
        let all = (0..needed.len()).filter(|i| needed[*i] && self.plan.inside[*i].is_empty());
        all.map(|i| NodeId(i as u32)).collect()
    }

    /// The values of those nodes that hang on nothing but the structure, as far as they are about events that happen.
    /// `certain` says of each way whether it is gone whatever is chosen.
    pub(super) fn statics(
        &mut self,
        s: &Structure<'_>,
        certain: &[bool],
        nodes: impl IntoIterator<Item = NodeId>,
    ) -> FxHashMap<NodeId, Vec<u64>> {
        let is_known = |node: &NodeId| match self.plan.deps[node.index()] {
            Deps::NONE => true,
            deps => deps == Deps::ADDRESSES && s.known_addresses(),
        };
        let nodes: Vec<NodeId> = nodes.into_iter().filter(is_known).collect();
        let cone = self.cone(nodes.iter().copied());
        let values = self.evaluate(&cone, &mut Statics(s), Look::Bounds, None);
        let right = super::statics::right(self, s, certain, &cone, &values);
        let size = |node: NodeId| match self.plan.sorts[node.index()] {
            Sort::Set => self.shape.words,
            Sort::Relation => self.shape.matrix(),
        };
        let value = |node: NodeId| {
            let value = values[node.index()].as_ref().and_then(|pair| pair.lower.clone());
            (node, value.map_or_else(|| vec![0; size(node)], |value| value.to_vec()))
        };
        nodes.into_iter().filter(|node| right[node.index()]).map(value).collect()
    }

    /// Works out the nodes, each after its operands. What `known` has exactly is taken from there.
    pub(super) fn evaluate(
        &mut self,
        nodes: &[NodeId],
        source: &mut dyn Bases,
        look: Look,
        known: Option<&Values>,
    ) -> Values {
        self.universe = source.universe(self.shape, look);
        let mut values: Values = vec![None; self.plan.nodes.len()];
        let square = |set: &Bits| product(self.shape, set, set);
        self.square = self.universe.map(square);
        for id in nodes {
            let before = known.and_then(|known| known[id.index()].as_ref()).filter(|pair| pair.is_exact());
            if let Some(pair) = before {
                values[id.index()] = Some(pair.clone());
            } else if let Node::Fix(fix, binding) = self.plan.node(*id) {
                if values[id.index()].is_none() {
                    let results = self.fixpoint(fix, &mut values, None);
                    for other in nodes {
                        if let Node::Fix(same, binding) = self.plan.node(*other)
                            && same == fix
                        {
                            values[other.index()] = Some(results[binding as usize].clone());
                        }
                    }
                    values[id.index()] = Some(results[binding as usize].clone());
                }
            } else {
                let value = self.node(*id, &values, source, look);
                values[id.index()] = Some(value);
            }
        }
        values
    }

    /// Iterates a fixpoint from empty. Leaves the last values of the nodes inside in `values`.
    pub(super) fn fixpoint(
        &self,
        fix: FixId,
        values: &mut Values,
        mut steps: Option<&mut Vec<FixStep>>,
    ) -> Vec<Pair> {
        let description = &self.plan.fixes[fix.0 as usize];
        let inner = &self.inner[fix.0 as usize];
        let cones: Vec<Vec<NodeId>> =
            description.bodies.iter().map(|body| self.inner_cone(inner, *body)).collect();
        let mut results = vec![Pair::default(); description.bodies.len()];
        for var in &description.vars {
            values[var.index()] = Some(Pair::default());
        }
        loop {
            let mut changed = false;
            for (binding, body) in description.bodies.iter().enumerate() {
                for node in &cones[binding] {
                    if !matches!(self.plan.node(*node), Node::Var(..)) {
                        let value = self.operation(*node, values);
                        values[node.index()] = Some(value);
                    }
                }
                let result = values[body.index()].clone().unwrap_or_default();
                let is_new = result.lower != results[binding].lower || result.upper != results[binding].upper;
                changed |= is_new;
                if let Some(steps) = steps.as_deref_mut().filter(|_| is_new) {
                    let value = |node: &NodeId| values[node.index()].clone().unwrap_or_default().lower;
                    let inner = cones[binding].iter().map(|node| (*node, value(node))).collect();
                    steps.push(FixStep { binding, inner, result: result.lower.clone() });
                }
                values[description.vars[binding].index()] = Some(result.clone());
                results[binding] = result;
            }
            if !changed {
                return results;
            }
        }
    }

    /// The nodes inside a fixpoint that a body hangs on.
    fn inner_cone(&self, inner: &[NodeId], body: NodeId) -> Vec<NodeId> {
        let mut needed = vec![body];
        for node in inner.iter().rev() {
            if needed.contains(node) {
                let operands = self.plan.node(*node).operands();
                needed.extend(operands.filter(|operand| inner.contains(operand)));
            }
        }
        inner.iter().copied().filter(|node| needed.contains(node)).collect()
    }

    fn node(&self, id: NodeId, values: &Values, source: &mut dyn Bases, look: Look) -> Pair {
        match self.plan.node(id) {
            Node::Base(base) => source.base(self, base, self.plan.sorts[id.index()], look),
            Node::Intersection(a, b) if self.is_different(a) || self.is_different(b) => {
                let other = if self.is_different(a) { b } else { a };
                let other = values[other.index()].clone().unwrap_or_default();
                let different = source.different(self.shape, &other, look);
                Pair::map2(&other, &different, intersection)
            }
            _ => self.operation(id, values),
        }
    }

    fn is_different(&self, node: NodeId) -> bool {
        self.plan.node(node) == Node::Base(Base::DifferentValues)
    }

    /// An operation on values that are there.
    fn operation(&self, id: NodeId, values: &Values) -> Pair {
        let shape = self.shape;
        let empty = Pair::default();
        let of = |node: NodeId| values[node.index()].as_ref().unwrap_or(&empty);
        match self.plan.node(id) {
            Node::Base(_) | Node::Empty(_) | Node::Var(..) | Node::Fix(..) => Pair::default(),
            Node::Full(Sort::Set) => self.universe.clone(),
            Node::Full(Sort::Relation) => self.square.clone(),
            Node::Identity => self.universe.map(|set| identity_on(shape, set)),
            Node::IdentityOn(a) => of(a).map(|a| identity_on(shape, a)),
            Node::Product(a, b) => Pair::map2(of(a), of(b), |a, b| product(shape, a, b)),
            Node::Union(a, b) => Pair::map2(of(a), of(b), union),
            Node::Intersection(a, b) => Pair::map2(of(a), of(b), intersection),
            Node::Difference(a, b) => Pair::map2(of(a), &of(b).turned(), difference),
            Node::Complement(a) => {
                let all = match self.plan.sorts[id.index()] {
                    Sort::Set => &self.universe,
                    Sort::Relation => &self.square,
                };
                Pair::map2(all, &of(a).turned(), difference)
            }
            Node::Sequence(a, b) => Pair::map2(of(a), of(b), |a, b| {
                let (a, b) = (a.as_ref()?, b.as_ref()?);
                relation(shape, |out| k::sequence(shape, out, a, b))
            }),
            Node::RestrictDomain(a, b) => Pair::map2(of(a), of(b), |a, b| {
                let (a, b) = (a.as_ref()?, b.as_ref()?);
                relation(shape, |out| k::restrict_domain(shape, out, a, b))
            }),
            Node::RestrictRange(a, b) => Pair::map2(of(a), of(b), |a, b| {
                let (a, b) = (a.as_ref()?, b.as_ref()?);
                relation(shape, |out| k::restrict_range(shape, out, a, b))
            }),
            Node::Plus(a) => of(a).map(|a| {
                let mut words = a.as_ref()?.to_vec();
                k::close(shape, &mut words);
                bits(words)
            }),
            Node::Inverse(a) => of(a).map(|a| {
                let a = a.as_ref()?;
                relation(shape, |out| k::converse(shape, out, a))
            }),
            Node::Domain(a) => of(a).map(|a| {
                let a = a.as_ref()?;
                set(shape, |out| k::domain(shape, out, a))
            }),
            Node::Range(a) => of(a).map(|a| {
                let a = a.as_ref()?;
                set(shape, |out| k::range(shape, out, a))
            }),
        }
    }

    /// Whether a test holds of a value.
    pub(super) fn test(&self, test: cat::ast::Test, value: &Bits) -> bool {
        let Some(value) = value else { return true };
        match test {
            cat::ast::Test::Empty => false,
            cat::ast::Test::Irreflexive => k::is_irreflexive(self.shape, value),
            cat::ast::Test::Acyclic => {
                let mut scratch = vec![0; self.shape.words];
                k::is_acyclic(self.shape, value, &mut scratch)
            }
        }
    }
}

fn relation(shape: Shape, write: impl FnOnce(&mut [u64])) -> Bits {
    let mut words = vec![0; shape.matrix()];
    write(&mut words);
    bits(words)
}

fn set(shape: Shape, write: impl FnOnce(&mut [u64])) -> Bits {
    let mut words = vec![0; shape.words];
    write(&mut words);
    bits(words)
}

fn union(a: &Bits, b: &Bits) -> Bits {
    match (a, b) {
        (None, other) | (other, None) => other.clone(),
        (Some(x), Some(y)) if Rc::ptr_eq(x, y) => a.clone(),
        (Some(a), Some(b)) => {
            let mut words = a.to_vec();
            k::union_with(&mut words, b);
            Some(Rc::new(words))
        }
    }
}

fn intersection(a: &Bits, b: &Bits) -> Bits {
    let (a, b) = (a.as_ref()?, b.as_ref()?);
    bits(a.iter().zip(b.iter()).map(|(a, b)| a & b).collect())
}

fn difference(a: &Bits, b: &Bits) -> Bits {
    match (a, b) {
        (None, _) | (_, None) => a.clone(),
        (Some(a), Some(b)) => bits(a.iter().zip(b.iter()).map(|(a, b)| a & !b).collect()),
    }
}

fn identity_on(shape: Shape, set: &Bits) -> Bits {
    let set = set.as_ref()?;
    relation(shape, |out| k::identity_on(shape, out, set))
}

fn product(shape: Shape, a: &Bits, b: &Bits) -> Bits {
    let (a, b) = (a.as_ref()?, b.as_ref()?);
    relation(shape, |out| k::product(shape, out, a, b))
}

/// Where the values of predefined sets and relations come from.
pub(super) trait Bases {
    /// All events, as far as they happen.
    fn universe(&self, shape: Shape, look: Look) -> Pair;
    /// A predefined set or relation.
    fn base(&mut self, algebra: &Algebra<'_>, base: Base, sort: Sort, look: Look) -> Pair;
    /// The pairs of a relation that have different values.
    fn different(&mut self, shape: Shape, among: &Pair, look: Look) -> Pair;
}

/// What holds of a structure, all events happening.
struct Statics<'e, 'p>(&'e Structure<'p>);

impl Bases for Statics<'_, '_> {
    fn universe(&self, shape: Shape, _look: Look) -> Pair {
        Pair::exact(set(shape, |out| k::fill_set(shape, out)))
    }

    fn base(&mut self, algebra: &Algebra<'_>, base: Base, sort: Sort, _look: Look) -> Pair {
        match base {
            Base::Static(name) => fixed(self.0, algebra, name, sort),
            Base::Loc => Pair::exact(bits(self.0.known_same_location().bits().to_vec())),
            _ => Pair::default(),
        }
    }

    fn different(&mut self, _shape: Shape, among: &Pair, _look: Look) -> Pair {
        among.clone()
    }
}

/// What holds of the structure whatever is chosen.
fn fixed(s: &Structure<'_>, algebra: &Algebra<'_>, name: u32, sort: Sort) -> Pair {
    let shape = algebra.shape;
    let what = algebra.names[name as usize];
    Pair::exact(match sort {
        Sort::Set => set(shape, |out| s.write(what, out)),
        Sort::Relation => relation(shape, |out| s.write(what, out)),
    })
}

/// What is chosen, as far as the solver knows it.
pub(super) struct Source<'e, 's, 'p> {
    pub(super) encoding: &'e mut Encoding<'p>,
    pub(super) sat: &'e mut Sat<'s>,
}

impl Bases for Source<'_, '_, '_> {
    fn universe(&self, shape: Shape, look: Look) -> Pair {
        let mut both = [vec![0; shape.words], vec![0; shape.words]];
        for event in self.encoding.s.events() {
            let is = self.is(self.encoding.is_active(event), look);
            for (words, is) in both.iter_mut().zip(is) {
                if is {
                    k::put(words, event.index());
                }
            }
        }
        let [lower, upper] = both;
        Pair::new(bits(lower), bits(upper))
    }

    fn base(&mut self, algebra: &Algebra<'_>, base: Base, sort: Sort, look: Look) -> Pair {
        let shape = algebra.shape;
        match base {
            Base::Static(name) => {
                let all = fixed(&self.encoding.s, algebra, name, sort);
                match sort {
                    Sort::Set => Pair::map2(&algebra.universe, &all, intersection),
                    Sort::Relation => self.within(algebra, all),
                }
            }
            Base::Element(_) => Pair::default(),
            Base::Rf => {
                let reads = &self.encoding.reads;
                let pairs = reads.iter().flat_map(|read| {
                    read.writers.iter().map(|(write, literal)| (*write, read.event, *literal))
                });
                let pairs: Vec<_> = pairs.collect();
                self.pairs(shape, look, base, &pairs)
            }
            Base::Loc if self.encoding.s.known_addresses() => {
                let all = self.encoding.s.known_same_location().bits().to_vec();
                self.within(algebra, Pair::exact(bits(all)))
            }
            Base::Loc | Base::Co | Base::Choice(_) => {
                let pairs = self.related(algebra, base);
                let all = self.pairs(shape, look, base, &pairs);
                self.within(algebra, all)
            }
            // Asked for only together with the pairs that matter.
            Base::DifferentValues => Pair::default(),
            Base::FinalWrites => {
                let mut both = [vec![0; shape.words], vec![0; shape.words]];
                for (write, literal) in &self.encoding.last {
                    for (words, is) in both.iter_mut().zip(self.is(*literal, look)) {
                        if is {
                            k::put(words, write.index());
                        }
                    }
                    self.encoding.literals.insert((base, write.0, write.0), *literal);
                }
                let [lower, upper] = both;
                Pair::new(bits(lower), bits(upper))
            }
        }
    }

    fn different(&mut self, shape: Shape, among: &Pair, look: Look) -> Pair {
        let Some(upper) = &among.upper else { return Pair::default() };
        let mut pairs = Vec::new();
        for i in 0..shape.n {
            for j in k::elements(k::row(shape, upper, i)) {
                let (a, b) = (EventId(i as u32), EventId(j as u32));
                if is_memory(&self.encoding.s, a) && is_memory(&self.encoding.s, b) {
                    pairs.push((a, b, self.encoding.different(self.sat, a, b)));
                }
            }
        }
        self.pairs(shape, look, Base::DifferentValues, &pairs)
    }
}

impl Source<'_, '_, '_> {
    /// What a literal is: from below and from above.
    fn is(&self, literal: Lit, look: Look) -> [bool; 2] {
        match look {
            Look::Bounds => match self.sat.known(literal) {
                Some(known) => [known; 2],
                None => [false, true],
            },
            Look::Model => [self.sat.holds(literal); 2],
        }
    }

    /// The pairs between events that happen.
    fn within(&self, algebra: &Algebra<'_>, all: Pair) -> Pair {
        if self.encoding.active.len() == self.encoding.active.iter().filter(|a| **a == self.sat.yes()).count()
        {
            return all;
        }
        Pair::map2(&algebra.square, &all, intersection)
    }

    fn pairs(&mut self, shape: Shape, look: Look, base: Base, pairs: &[(EventId, EventId, Lit)]) -> Pair {
        let mut both = [vec![0; shape.matrix()], vec![0; shape.matrix()]];
        for (a, b, literal) in pairs {
            if look == Look::Bounds {
                self.encoding.literals.insert((base, a.0, b.0), *literal);
            }
            for (words, is) in both.iter_mut().zip(self.is(*literal, look)) {
                if is {
                    k::put_pair(shape, words, a.index(), b.index());
                }
            }
        }
        let [lower, upper] = both;
        Pair::new(bits(lower), bits(upper))
    }

    /// The pairs that may come to be in what is chosen, each with one literal; that both events happen is not said.
    fn related(&mut self, algebra: &Algebra<'_>, base: Base) -> Vec<(EventId, EventId, Lit)> {
        let mut result = Vec::new();
        match base {
            Base::Loc => {
                let events = self.encoding.s.events();
                let located: Vec<EventId> =
                    events.filter(|event| self.encoding.s.kind(*event).has_location()).collect();
                for a in &located {
                    for b in &located {
                        let literal = self.encoding.same_location(self.sat, *a, *b);
                        result.extend(literal.map(|literal| (*a, *b, literal)));
                    }
                }
            }
            Base::Co | Base::Choice(_) => {
                let by_location = algebra.is_by_location(base);
                for (a, b, before) in self.encoding.ordered(base) {
                    let literal = match by_location {
                        true => self.together(before, a, b),
                        false => before,
                    };
                    result.push((a, b, literal));
                }
            }
            _ => {}
        }
        result
    }

    fn together(&mut self, before: Lit, a: EventId, b: EventId) -> Lit {
        match self.encoding.same_location(self.sat, a, b) {
            Some(same) => self.encoding.and(self.sat, before, same),
            None => !self.sat.yes(),
        }
    }
}

impl Algebra<'_> {
    /// Whether a choice of orders relates events of one location only.
    pub(super) fn is_by_location(&self, base: Base) -> bool {
        let orders = match base {
            Base::Co => self.plan.co,
            Base::Choice(number) => match self.plan.choices.get(number as usize) {
                Some(cat::plan::Choice::Orders(orders)) => Some(*orders),
                _ => None,
            },
            _ => None,
        };
        orders.is_some_and(|orders| orders.by_location)
    }
}

impl Encoding<'_> {
    /// The pairs that a choice may have, with the literals that say so, locations aside.
    pub(super) fn ordered(&self, base: Base) -> Vec<(EventId, EventId, Lit)> {
        let order = match base {
            Base::Co => self.co.as_ref(),
            Base::Choice(number) => match self.others.get(number as usize) {
                Some(Other::Orders(order)) => Some(order),
                Some(Other::Pairs(all)) => {
                    let pairs = all.iter().flat_map(|(event, picks)| {
                        picks.iter().map(|(other, literal)| (*other, *event, *literal))
                    });
                    return pairs.collect();
                }
                None => None,
            },
            _ => None,
        };
        let mut result = Vec::new();
        for class in order.iter().flat_map(|order| &order.classes) {
            for a in &class.events {
                for b in &class.events {
                    if let Some(before) = order.and_then(|order| order.before(*a, *b)) {
                        result.push((*a, *b, before));
                    }
                }
            }
        }
        result
    }
}
