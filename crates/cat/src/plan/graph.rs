//! Relational operations as a graph in which every operation stands once.

use super::{Base, Deps, FixId, Node, NodeId, Sort};
use rustc_hash::FxHashMap;

/// Builds a graph: simplifies, and shares what is equal.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) sorts: Vec<Sort>,
    pub(super) deps: Vec<Deps>,
    /// The outermost fixpoints that a node is inside of, that is, whose variables it uses.
    pub(super) inside: Vec<Vec<FixId>>,
    /// How much work unions were.
    work: u64,
    ids: FxHashMap<Node, NodeId>,
}

/// How many operations a plan may have; models have some hundreds.
const MAX_NODES: usize = 5000;

/// How much work unions may be.
const MAX_WORK: u64 = 10_000_000;

impl Graph {
    /// Whether it has become too large to be of use.
    pub(super) fn is_too_large(&self) -> bool {
        self.nodes.len() > MAX_NODES || self.work > MAX_WORK
    }

    fn add(&mut self, node: Node, sort: Sort) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let (mut deps, mut inside) = (Deps::NONE, Vec::new());
        for operand in node.operands() {
            deps = deps.with(self.deps[operand.index()]);
            for fix in &self.inside[operand.index()] {
                if !inside.contains(fix) {
                    inside.push(*fix);
                }
            }
        }
        match &node {
            Node::Base(base) => deps = base.deps(),
            Node::Var(fix, _) => inside.push(*fix),
            _ => {}
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(node);
        self.sorts.push(sort);
        self.deps.push(deps);
        self.inside.push(inside);
        self.ids.insert(node, id);
        id
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    pub(super) fn sort(&self, id: NodeId) -> Sort {
        self.sorts[id.index()]
    }

    pub(super) fn base(&mut self, base: Base, sort: Sort) -> NodeId {
        self.add(Node::Base(base), sort)
    }

    /// What the model's choice of that number is.
    pub(super) fn choice(&mut self, number: u32, deps: Deps) -> NodeId {
        let id = self.add(Node::Base(Base::Choice(number)), Sort::Relation);
        self.deps[id.index()] = deps;
        id
    }

    /// Whether a relation, made from an event, is the part of a relation that ends in the event: then it can be made
    /// for many events at once.
    pub(super) fn ends_in(&self, r: NodeId, event: NodeId) -> bool {
        let without = |node: NodeId| !self.mentions(node, event);
        match *self.node(r) {
            Node::Product(a, b) | Node::RestrictRange(a, b) => {
                b == event && without(a) || {
                    matches!(self.node(r), Node::RestrictRange(..)) && self.ends_in(a, event) && without(b)
                }
            }
            Node::RestrictDomain(a, b) => without(a) && self.ends_in(b, event),
            Node::Intersection(a, b) => {
                without(a) && self.ends_in(b, event) || self.ends_in(a, event) && without(b)
            }
            Node::Union(a, b) => self.ends_in(a, event) && self.ends_in(b, event),
            Node::Difference(a, b) => self.ends_in(a, event) && without(b),
            _ => false,
        }
    }

    fn mentions(&self, node: NodeId, event: NodeId) -> bool {
        let mut todo = vec![node];
        let mut seen = vec![false; self.nodes.len()];
        while let Some(node) = todo.pop() {
            if node == event || matches!(self.node(node), Node::Fix(..) | Node::Var(..)) {
                return true;
            }
            if !std::mem::replace(&mut seen[node.index()], true) {
                todo.extend(self.node(node).operands());
            }
        }
        false
    }

    /// A relation for which [`Graph::ends_in`] holds, with a set in the event's place.
    pub(super) fn replace(&mut self, r: NodeId, event: NodeId, set: NodeId) -> NodeId {
        if r == event {
            return set;
        }
        let of = |graph: &mut Graph, node: NodeId| graph.replace(node, event, set);
        match *self.node(r) {
            Node::Product(a, b) if b == event => self.product(a, set),
            Node::RestrictRange(a, b) if b == event => self.restrict_range(a, set),
            Node::RestrictRange(a, b) => {
                let a = of(self, a);
                self.restrict_range(a, b)
            }
            Node::RestrictDomain(a, b) => {
                let b = of(self, b);
                self.restrict_domain(a, b)
            }
            Node::Intersection(a, b) if self.mentions(a, event) => {
                let a = of(self, a);
                self.intersection(a, b)
            }
            Node::Intersection(a, b) => {
                let b = of(self, b);
                self.intersection(a, b)
            }
            Node::Union(a, b) => {
                let (a, b) = (of(self, a), of(self, b));
                self.union(a, b)
            }
            Node::Difference(a, b) => {
                let a = of(self, a);
                self.difference(a, b)
            }
            _ => r,
        }
    }

    pub(super) fn empty(&mut self, sort: Sort) -> NodeId {
        self.add(Node::Empty(sort), sort)
    }

    pub(super) fn full(&mut self, sort: Sort) -> NodeId {
        self.add(Node::Full(sort), sort)
    }

    pub(super) fn identity(&mut self) -> NodeId {
        self.add(Node::Identity, Sort::Relation)
    }

    pub(super) fn variable(&mut self, fix: FixId, index: u32, sort: Sort) -> NodeId {
        self.add(Node::Var(fix, index), sort)
    }

    /// The `index`-th result of a fixpoint whose bodies are known. `deps` and `inside` are those of the bodies.
    pub(super) fn fix(
        &mut self,
        fix: FixId,
        index: u32,
        sort: Sort,
        deps: Deps,
        inside: Vec<FixId>,
    ) -> NodeId {
        let id = self.add(Node::Fix(fix, index), sort);
        self.deps[id.index()] = deps;
        self.inside[id.index()] = inside;
        id
    }

    pub(super) fn is_empty(&self, id: NodeId) -> bool {
        matches!(self.node(id), Node::Empty(_))
    }

    fn is_full(&self, id: NodeId) -> bool {
        matches!(self.node(id), Node::Full(_))
    }

    /// The parts of a union.
    pub(super) fn union_parts(&self, id: NodeId, parts: &mut Vec<NodeId>) {
        match self.node(id) {
            Node::Union(a, b) => {
                let (a, b) = (*a, *b);
                self.union_parts(a, parts);
                self.union_parts(b, parts);
            }
            Node::Empty(_) => {}
            _ if parts.contains(&id) => {}
            _ => parts.push(id),
        }
    }

    /// The union, with parts that depend on less first, so that they can be united once and for all.
    pub(super) fn union(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let sort = self.sort(a);
        let mut parts = Vec::new();
        self.union_parts(a, &mut parts);
        self.union_parts(b, &mut parts);
        self.work += (parts.len() as u64).pow(2);
        self.union_of(parts, sort)
    }

    pub(super) fn union_of(&mut self, mut parts: Vec<NodeId>, sort: Sort) -> NodeId {
        parts.sort_by_key(|part| (self.inside[part.index()].len(), self.deps[part.index()], *part));
        parts.dedup();
        if parts.iter().any(|part| self.is_full(*part)) {
            return self.full(sort);
        }
        let Some((first, rest)) = parts.split_first() else { return self.empty(sort) };
        rest.iter().fold(*first, |sum, part| self.add(Node::Union(sum, *part), sort))
    }

    pub(super) fn intersection(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let sort = self.sort(a);
        let (a, b) = if self.rank(a) <= self.rank(b) { (a, b) } else { (b, a) };
        if a == b || self.is_full(b) || self.is_empty(a) {
            return a;
        }
        if self.is_full(a) || self.is_empty(b) {
            return b;
        }
        for (product, other) in [(a, b), (b, a)] {
            if let Node::Product(from, to) = *self.node(product) {
                let started = self.restrict_domain(from, other);
                return self.restrict_range(started, to);
            }
        }
        self.add(Node::Intersection(a, b), sort)
    }

    fn rank(&self, id: NodeId) -> (usize, Deps, NodeId) {
        (self.inside[id.index()].len(), self.deps[id.index()], id)
    }

    pub(super) fn difference(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let sort = self.sort(a);
        if self.is_empty(a) || self.is_empty(b) {
            return a;
        }
        if a == b || self.is_full(b) {
            return self.empty(sort);
        }
        // `co \ (co & int)` grows with `co`; written as `co \ int`, that can be seen.
        match *self.node(b) {
            Node::Intersection(c, d) if c == a => return self.difference(a, d),
            Node::Intersection(c, d) if d == a => return self.difference(a, c),
            _ => {}
        }
        self.add(Node::Difference(a, b), sort)
    }

    pub(super) fn complement(&mut self, a: NodeId) -> NodeId {
        let sort = self.sort(a);
        match *self.node(a) {
            Node::Empty(_) => self.full(sort),
            Node::Full(_) => self.empty(sort),
            Node::Complement(inner) => inner,
            _ => self.add(Node::Complement(a), sort),
        }
    }

    pub(super) fn sequence(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is_empty(a) || self.is_empty(b) {
            return self.empty(Sort::Relation);
        }
        match (*self.node(a), *self.node(b)) {
            (Node::Identity, _) => b,
            (_, Node::Identity) => a,
            (Node::IdentityOn(set), _) => self.restrict_domain(set, b),
            (_, Node::IdentityOn(set)) => self.restrict_range(a, set),
            // Sequence is associative: what depends on less is composed first.
            (_, Node::Sequence(c, d))
                if self.rank_class(a) <= self.rank_class(c) && self.rank_class(c) < self.rank_class(d) =>
            {
                let start = self.sequence(a, c);
                self.sequence(start, d)
            }
            _ => self.add(Node::Sequence(a, b), Sort::Relation),
        }
    }

    fn rank_class(&self, id: NodeId) -> (usize, Deps) {
        (self.inside[id.index()].len(), self.deps[id.index()])
    }

    pub(super) fn restrict_domain(&mut self, set: NodeId, r: NodeId) -> NodeId {
        if self.is_full(set) || self.is_empty(r) {
            return r;
        }
        match *self.node(r) {
            _ if self.is_empty(set) => self.empty(Sort::Relation),
            Node::Identity => self.identity_on(set),
            Node::Full(_) => {
                let full = self.full(Sort::Set);
                self.product(set, full)
            }
            Node::IdentityOn(other) => {
                let both = self.intersection(set, other);
                self.identity_on(both)
            }
            Node::Product(from, to) => {
                let both = self.intersection(set, from);
                self.product(both, to)
            }
            Node::RestrictDomain(other, inner) => {
                let both = self.intersection(set, other);
                self.restrict_domain(both, inner)
            }
            // Work that does not depend on rf and co is done first.
            Node::Sequence(a, b) if self.rank_class(a) < self.rank_class(b) => {
                let a = self.restrict_domain(set, a);
                self.sequence(a, b)
            }
            _ => self.add(Node::RestrictDomain(set, r), Sort::Relation),
        }
    }

    pub(super) fn restrict_range(&mut self, r: NodeId, set: NodeId) -> NodeId {
        if self.is_full(set) || self.is_empty(r) {
            return r;
        }
        match *self.node(r) {
            _ if self.is_empty(set) => self.empty(Sort::Relation),
            Node::Identity => self.identity_on(set),
            Node::Full(_) => {
                let full = self.full(Sort::Set);
                self.product(full, set)
            }
            Node::IdentityOn(other) => {
                let both = self.intersection(set, other);
                self.identity_on(both)
            }
            Node::Product(from, to) => {
                let both = self.intersection(set, to);
                self.product(from, both)
            }
            Node::RestrictRange(inner, other) => {
                let both = self.intersection(set, other);
                self.restrict_range(inner, both)
            }
            Node::RestrictDomain(from, inner) => {
                let inner = self.restrict_range(inner, set);
                self.restrict_domain(from, inner)
            }
            Node::Sequence(a, b) if self.rank_class(b) < self.rank_class(a) => {
                let b = self.restrict_range(b, set);
                self.sequence(a, b)
            }
            _ => self.add(Node::RestrictRange(r, set), Sort::Relation),
        }
    }

    pub(super) fn identity_on(&mut self, set: NodeId) -> NodeId {
        match self.node(set) {
            Node::Full(_) => self.identity(),
            Node::Empty(_) => self.empty(Sort::Relation),
            _ => self.add(Node::IdentityOn(set), Sort::Relation),
        }
    }

    pub(super) fn product(&mut self, a: NodeId, b: NodeId) -> NodeId {
        if self.is_empty(a) || self.is_empty(b) {
            return self.empty(Sort::Relation);
        }
        if self.is_full(a) && self.is_full(b) {
            return self.full(Sort::Relation);
        }
        self.add(Node::Product(a, b), Sort::Relation)
    }

    pub(super) fn plus(&mut self, a: NodeId) -> NodeId {
        match *self.node(a) {
            Node::Empty(_) | Node::Full(_) | Node::Identity | Node::IdentityOn(_) | Node::Plus(_) => a,
            _ => self.add(Node::Plus(a), Sort::Relation),
        }
    }

    pub(super) fn optional(&mut self, a: NodeId) -> NodeId {
        let identity = self.identity();
        self.union(a, identity)
    }

    pub(super) fn star(&mut self, a: NodeId) -> NodeId {
        let plus = self.plus(a);
        self.optional(plus)
    }

    pub(super) fn inverse(&mut self, a: NodeId) -> NodeId {
        match *self.node(a) {
            Node::Empty(_) | Node::Full(_) | Node::Identity | Node::IdentityOn(_) => a,
            Node::Inverse(inner) => inner,
            Node::Product(from, to) => self.product(to, from),
            _ => self.add(Node::Inverse(a), Sort::Relation),
        }
    }

    pub(super) fn domain(&mut self, a: NodeId) -> NodeId {
        match *self.node(a) {
            Node::Empty(_) => self.empty(Sort::Set),
            Node::Full(_) | Node::Identity => self.full(Sort::Set),
            Node::IdentityOn(set) => set,
            _ => self.add(Node::Domain(a), Sort::Set),
        }
    }

    pub(super) fn range(&mut self, a: NodeId) -> NodeId {
        match *self.node(a) {
            Node::Empty(_) => self.empty(Sort::Set),
            Node::Full(_) | Node::Identity => self.full(Sort::Set),
            Node::IdentityOn(set) => set,
            _ => self.add(Node::Range(a), Sort::Set),
        }
    }
}
