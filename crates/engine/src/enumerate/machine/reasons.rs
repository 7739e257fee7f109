//! Why a requirement fails on the bounds, as pairs of what was chosen that no execution has together.
//!
//! A cycle, or a pair that should not be there, is traced back through the operations that made the bounds: each
//! operation holds a pair because of what its operands hold, and lacks one because of what they lack. Of several
//! reasons one is taken. What holds whatever is chosen needs none.

use super::bounds::{Input, Side};
use super::{Machine, Place, SmallTest, Stage};
use cat::plan::{Base, Choice, Node, NodeId, Plan, Sort};
use relation::{Shape, kernel as k};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

/// A pair of what was chosen, over the small universe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::enumerate) struct Literal {
    pub(in crate::enumerate) input: Input,
    pub(in crate::enumerate) from: u32,
    pub(in crate::enumerate) to: u32,
}

/// Pairs that no execution has together.
pub(in crate::enumerate) type Reason = SmallVec<[Literal; 8]>;

/// Reasons with more pairs are of little use.
const MAX_LITERALS: usize = 8;

/// So many steps back are gone at most.
const MAX_GOALS: usize = 600;

/// Something to give a reason for. Of sets, the second element is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Goal {
    node: NodeId,
    i: usize,
    j: usize,
    /// Whether it is that the pair is there, rather than that it can't be.
    present: bool,
}

struct Explainer<'a> {
    machine: &'a Machine,
    plan: &'a Plan,
    shape: Shape,
    seen: FxHashSet<Goal>,
    todo: Vec<Goal>,
    reason: Reason,
}

impl Machine {
    /// Why the requirement that failed last does; none if it is too long a story, or hangs on more than pairs.
    pub(in crate::enumerate) fn reason(&self, plan: &Plan) -> Option<Reason> {
        let (nodes, test) = self.failed_check()?;
        let mut explainer = Explainer {
            machine: self,
            plan,
            shape: self.shape,
            seen: FxHashSet::default(),
            todo: Vec::new(),
            reason: Reason::new(),
        };
        explainer.test(nodes, test)?;
        explainer.trace_back()?;
        let mut reason = explainer.reason;
        reason.sort_unstable();
        reason.dedup();
        (reason.len() <= MAX_LITERALS).then_some(reason)
    }
}

impl<'a> Explainer<'a> {
    /// The goals that explain why a test does not hold.
    fn test(&mut self, nodes: &[NodeId], test: &SmallTest) -> Option<()> {
        match (test, nodes) {
            (SmallTest::Acyclic(places), _) => self.cycle(nodes, places),
            (SmallTest::Irreflexive(_), [node]) => {
                let value = self.value(*node, Side::Lower)?;
                let i = (0..self.shape.n).find(|i| k::has_pair(self.shape, value, *i, *i))?;
                self.is_in(*node, i, i);
                Some(())
            }
            (SmallTest::IrreflexiveSequence(..), [a, b]) => {
                let (first, second) = (self.value(*a, Side::Lower)?, self.value(*b, Side::Lower)?);
                let shape = self.shape;
                let (i, j) = (0..shape.n).find_map(|i| {
                    let mut row = k::elements(k::row(shape, first, i));
                    row.find(|j| k::has_pair(shape, second, *j, i)).map(|j| (i, j))
                })?;
                self.is_in(*a, i, j);
                self.is_in(*b, j, i);
                Some(())
            }
            (SmallTest::Empty(_, Sort::Relation), [node]) => {
                let value = self.value(*node, Side::Lower)?;
                let (i, j) = (0..self.shape.n)
                    .find_map(|i| k::elements(k::row(self.shape, value, i)).next().map(|j| (i, j)))?;
                self.is_in(*node, i, j);
                Some(())
            }
            (SmallTest::Empty(_, Sort::Set), [node]) => {
                let i = k::elements(self.value(*node, Side::Lower)?).next()?;
                self.is_in(*node, i, 0);
                Some(())
            }
            _ => None,
        }
    }

    /// A cycle of a union: of its dynamic parts, which are the last of the places, and what lies before them.
    fn cycle(&mut self, nodes: &[NodeId], places: &[Place]) -> Option<()> {
        let shape = self.shape;
        let matrix = shape.matrix();
        let fixed = places.len().checked_sub(nodes.len())?;
        let small: &'a [u64] = &self.machine.small;
        let mut sum = vec![0; matrix];
        places.iter().for_each(|place| k::union_with(&mut sum, &small[*place..*place + matrix]));
        let way = shortest_cycle(shape, &mut sum)?;
        for (x, y) in way {
            let has = |place: &Place| k::has_pair(shape, &small[*place..*place + matrix], x, y);
            if !places[..fixed].iter().any(has) {
                let part = places[fixed..].iter().position(has)?;
                self.is_in(nodes[part], x, y);
            }
        }
        Some(())
    }

    fn is_in(&mut self, node: NodeId, i: usize, j: usize) {
        self.goal(Goal { node, i, j, present: true });
    }

    fn is_not_in(&mut self, node: NodeId, i: usize, j: usize) {
        self.goal(Goal { node, i, j, present: false });
    }

    fn goal(&mut self, goal: Goal) {
        if self.hangs_on_choices(goal.node) && !self.was_certain(goal) && self.seen.insert(goal) {
            self.todo.push(goal);
        }
    }

    /// Whether a goal held before anything was chosen.
    fn was_certain(&self, Goal { node, i, j, present }: Goal) -> bool {
        let sort = self.plan.sorts[node.index()];
        let side = if present { Side::Lower } else { Side::Upper };
        let size = Machine::wide_size(sort, self.shape);
        self.machine.root_bound(node, side, size).is_some_and(|value| {
            present
                == match sort {
                    Sort::Set => k::has(value, i),
                    Sort::Relation => k::has_pair(self.shape, value, i, j),
                }
        })
    }

    /// What a relation may have held before anything was chosen, from one element on; all elements if that is not known.
    fn may_have_held(&self, node: NodeId, i: usize) -> SmallVec<[u64; 1]> {
        let value = match self.hangs_on_choices(node) {
            true => self.machine.root_bound(node, Side::Upper, self.shape.matrix()),
            false => self.value(node, Side::Upper),
        };
        match value {
            Some(value) => SmallVec::from_slice(k::row(self.shape, value, i)),
            None => {
                let mut all = SmallVec::from_elem(0, self.shape.words);
                k::fill_set(self.shape, &mut all);
                all
            }
        }
    }

    fn hangs_on_choices(&self, node: NodeId) -> bool {
        let (machine, i) = (self.machine, node.index());
        !machine.empty[i] && (machine.stage[i] != Stage::Static || !self.plan.inside[i].is_empty())
    }

    /// The bound of a node.
    fn value(&self, node: NodeId, side: Side) -> Option<&'a [u64]> {
        let machine = self.machine;
        let size = Machine::wide_size(self.plan.sorts[node.index()], self.shape);
        if machine.empty[node.index()] {
            return Some(&machine.small[..size]);
        }
        let place = match machine.place_of_bound(node, side) {
            Some(place) => place,
            None if self.hangs_on_choices(node) => return None,
            None => machine.place[node.index()],
        };
        machine.small.get(place..place.checked_add(size)?)
    }

    fn has(&self, node: NodeId, side: Side, i: usize, j: usize) -> Option<bool> {
        let value = self.value(node, side)?;
        Some(match self.plan.sorts[node.index()] {
            Sort::Set => k::has(value, i),
            Sort::Relation => k::has_pair(self.shape, value, i, j),
        })
    }

    fn trace_back(&mut self) -> Option<()> {
        while let Some(goal) = self.todo.pop() {
            if self.seen.len() > MAX_GOALS || self.reason.len() > 2 * MAX_LITERALS {
                return None;
            }
            if goal.present { self.present(goal)? } else { self.absent(goal)? }
        }
        Some(())
    }

    /// Why a pair is there whatever is chosen.
    fn present(&mut self, goal: Goal) -> Option<()> {
        let Goal { node, i, j, .. } = goal;
        let lower = Side::Lower;
        match self.plan.node(node) {
            Node::Base(base) => self.literal(base_input(base)?, i, j),
            Node::Union(a, b) => {
                let (of_a, of_b) = (self.has(a, lower, i, j)?, self.has(b, lower, i, j)?);
                let is_free = of_b && !self.hangs_on_choices(b);
                self.is_in(if of_a && !is_free { a } else { b }, i, j);
            }
            Node::Intersection(a, b) => {
                self.is_in(a, i, j);
                self.is_in(b, i, j);
            }
            Node::Difference(a, b) => {
                self.is_in(a, i, j);
                self.is_not_in(b, i, j);
            }
            Node::Complement(a) => self.is_not_in(a, i, j),
            Node::Sequence(a, b) => {
                let shape = self.shape;
                let (first, second) = (self.value(a, lower)?, self.value(b, lower)?);
                let middle =
                    k::elements(k::row(shape, first, i)).find(|x| k::has_pair(shape, second, *x, j))?;
                self.is_in(a, i, middle);
                self.is_in(b, middle, j);
            }
            Node::RestrictDomain(set, r) => {
                self.is_in(set, i, 0);
                self.is_in(r, i, j);
            }
            Node::RestrictRange(r, set) => {
                self.is_in(r, i, j);
                self.is_in(set, j, 0);
            }
            Node::Plus(a) => {
                let way = shortest_way(self.shape, self.value(a, lower)?, i, j)?;
                way.into_iter().for_each(|(x, y)| self.is_in(a, x, y));
            }
            Node::Inverse(a) => self.is_in(a, j, i),
            Node::Domain(a) => {
                let other = k::elements(k::row(self.shape, self.value(a, lower)?, i)).next()?;
                self.is_in(a, i, other);
            }
            Node::Range(a) => {
                let value = self.value(a, lower)?;
                let other = (0..self.shape.n).find(|x| k::has_pair(self.shape, value, *x, i))?;
                self.is_in(a, other, i);
            }
            Node::IdentityOn(set) => self.is_in(set, i, 0),
            Node::Product(a, b) => {
                self.is_in(a, i, 0);
                self.is_in(b, j, 0);
            }
            Node::Empty(_) | Node::Full(_) | Node::Identity => {}
            // What a fixpoint holds has its reason in an earlier round.
            Node::Var(..) | Node::Fix(..) => return None,
        }
        Some(())
    }

    /// Why a pair can't be there any more.
    fn absent(&mut self, goal: Goal) -> Option<()> {
        let Goal { node, i, j, .. } = goal;
        let upper = Side::Upper;
        match self.plan.node(node) {
            Node::Base(base) => self.base_absent(node, base, i, j)?,
            Node::Union(a, b) => {
                self.is_not_in(a, i, j);
                self.is_not_in(b, i, j);
            }
            Node::Intersection(a, b) => self.one_is_absent((a, i, j), (b, i, j))?,
            Node::Difference(a, b) => {
                if self.has(a, upper, i, j)? {
                    self.is_in(b, i, j);
                } else {
                    self.is_not_in(a, i, j);
                }
            }
            Node::Complement(a) => self.is_in(a, i, j),
            Node::Sequence(a, b) => {
                for x in k::elements(&self.may_have_held(a, i)) {
                    self.one_is_absent((a, i, x), (b, x, j))?;
                }
            }
            Node::RestrictDomain(set, r) => self.one_is_absent((set, i, 0), (r, i, j))?,
            Node::RestrictRange(r, set) => self.one_is_absent((set, j, 0), (r, i, j))?,
            Node::Plus(a) => {
                let reached = reached_from(self.shape, self.value(a, upper)?, i);
                for x in k::elements(&reached) {
                    for y in (0..self.shape.n).filter(|y| !k::has(&reached, *y)) {
                        self.is_not_in(a, x, y);
                    }
                }
                if k::has(&reached, j) && i != j {
                    return None;
                }
                if i == j {
                    k::elements(&reached).for_each(|x| self.is_not_in(a, x, i));
                }
            }
            Node::Inverse(a) => self.is_not_in(a, j, i),
            Node::Domain(a) => (0..self.shape.n).for_each(|x| self.is_not_in(a, i, x)),
            Node::Range(a) => (0..self.shape.n).for_each(|x| self.is_not_in(a, x, i)),
            Node::IdentityOn(set) if i == j => self.is_not_in(set, i, 0),
            Node::Product(a, b) => self.one_is_absent((a, i, 0), (b, j, 0))?,
            Node::IdentityOn(_) | Node::Empty(_) | Node::Full(_) | Node::Identity => {}
            // Nothing that it is made from has the pair, itself included.
            Node::Var(fix, binding) | Node::Fix(fix, binding) => {
                let body = self.plan.fixes[fix.0 as usize].bodies[binding as usize];
                self.is_not_in(body, i, j);
            }
        }
        Some(())
    }

    fn base_absent(&mut self, node: NodeId, base: Base, i: usize, j: usize) -> Option<()> {
        let input = base_input(base)?;
        let chosen = self.value(node, Side::Lower)?;
        let is_order = match base {
            Base::Choice(number) => {
                matches!(self.plan.choices.get(number as usize), Some(Choice::Orders(_)))
            }
            _ => base == Base::Co,
        };
        // What comes the other way round, or from elsewhere, is there instead. Else it could never have been.
        if is_order {
            if k::has_pair(self.shape, chosen, j, i) {
                self.literal(input, j, i);
            }
        } else if let Some(other) = (0..self.shape.n).find(|x| k::has_pair(self.shape, chosen, *x, j)) {
            self.literal(input, other, j);
        }
        Some(())
    }

    /// One of two pairs is not there: for choice one that never is.
    fn one_is_absent(
        &mut self,
        (a, i, j): (NodeId, usize, usize),
        (b, x, y): (NodeId, usize, usize),
    ) -> Option<()> {
        let first = self.has(a, Side::Upper, i, j)?;
        let second = self.has(b, Side::Upper, x, y)?;
        match (first, second) {
            (false, true) => self.is_not_in(a, i, j),
            (true, false) => self.is_not_in(b, x, y),
            (false, false) => {
                let is_free = |node, i, j| {
                    !self.hangs_on_choices(node) || self.was_certain(Goal { node, i, j, present: false })
                };
                if !is_free(a, i, j) {
                    self.is_not_in(b, x, y);
                }
            }
            (true, true) => return None,
        }
        Some(())
    }

    fn literal(&mut self, input: Input, from: usize, to: usize) {
        self.reason.push(Literal { input, from: from as u32, to: to as u32 });
    }
}

/// What is chosen pair by pair.
fn base_input(base: Base) -> Option<Input> {
    match base {
        Base::Rf => Some(Input::Rf),
        Base::Co => Some(Input::Co),
        Base::Choice(number) => Some(Input::Choice(number)),
        _ => None,
    }
}

/// What is reached from an element in one or more steps.
fn reached_from(shape: Shape, r: &[u64], from: usize) -> Vec<u64> {
    let mut reached = vec![0; shape.words];
    k::put(&mut reached, from);
    let mut todo = vec![from];
    let mut result = reached.clone();
    while let Some(x) = todo.pop() {
        for y in k::elements(k::row(shape, r, x)) {
            if !k::has(&reached, y) {
                k::put(&mut reached, y);
                k::put(&mut result, y);
                todo.push(y);
            }
        }
    }
    result
}

/// The steps of a shortest way from one element to another; at least one.
fn shortest_way(shape: Shape, r: &[u64], from: usize, to: usize) -> Option<Vec<(usize, usize)>> {
    let mut before = vec![usize::MAX; shape.n];
    let mut row = vec![from];
    while !row.is_empty() && before[to] == usize::MAX {
        let mut next = Vec::new();
        for x in row {
            for y in k::elements(k::row(shape, r, x)) {
                if before[y] == usize::MAX {
                    before[y] = x;
                    next.push(y);
                }
            }
        }
        row = next;
    }
    let mut way = Vec::new();
    let mut at = to;
    loop {
        let earlier = before[at];
        if earlier == usize::MAX {
            return None;
        }
        way.push((earlier, at));
        at = earlier;
        if at == from {
            return Some(way);
        }
    }
}

/// A shortest cycle.
fn shortest_cycle(shape: Shape, r: &mut [u64]) -> Option<Vec<(usize, usize)>> {
    let core = core(shape, r);
    for x in 0..shape.n {
        let row = k::row_mut(shape, r, x);
        match k::has(&core, x) {
            true => row.iter_mut().zip(&core).for_each(|(row, core)| *row &= core),
            false => row.fill(0),
        }
    }
    let (mut best, mut start) = (usize::MAX, None);
    for from in k::elements(&core) {
        if let Some(len) = cycle_through(shape, r, from, best) {
            (best, start) = (len, Some(from));
        }
    }
    shortest_way(shape, r, start?, start?)
}

/// What is left when elements that lead nowhere are taken away, until none does.
fn core(shape: Shape, r: &[u64]) -> SmallVec<[u64; 1]> {
    let mut alive: SmallVec<[u64; 1]> = SmallVec::from_elem(0, shape.words);
    k::fill_set(shape, &mut alive);
    loop {
        let mut changed = false;
        for x in (0..shape.n).rev() {
            if k::has(&alive, x) && k::is_disjoint(k::row(shape, r, x), &alive) {
                k::take(&mut alive, x);
                changed = true;
            }
        }
        if !changed {
            return alive;
        }
    }
}

/// The length of a shortest cycle through an element, if it is less than a bound.
fn cycle_through(shape: Shape, r: &[u64], from: usize, bound: usize) -> Option<usize> {
    if shape.words == 1 {
        let mut reached = r[from];
        let mut last = reached;
        let mut len = 1;
        while len < bound && last != 0 {
            if reached >> from & 1 != 0 {
                return Some(len);
            }
            last = k::image(r, last) & !reached;
            reached |= last;
            len += 1;
        }
        return None;
    }
    let way = shortest_way(shape, r, from, from)?;
    (way.len() < bound).then_some(way.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relation(n: usize, pairs: &[(usize, usize)]) -> (Shape, Vec<u64>) {
        let shape = Shape::new(n);
        let mut words = vec![0; shape.matrix()];
        pairs.iter().for_each(|(a, b)| k::put_pair(shape, &mut words, *a, *b));
        (shape, words)
    }

    #[test]
    fn a_shortest_cycle_is_found_in_small_and_large_universes() {
        let pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (2, 5), (5, 2), (5, 6), (6, 7)];
        for n in [8, 70] {
            let (shape, mut words) = relation(n, &pairs);
            assert_eq!(shortest_cycle(shape, &mut words), Some(vec![(5, 2), (2, 5)]));
            let (shape, mut words) = relation(n, &pairs[..4]);
            assert_eq!(shortest_cycle(shape, &mut words).map(|way| way.len()), Some(4));
            let (shape, mut words) = relation(n, &pairs[..3]);
            assert_eq!(shortest_cycle(shape, &mut words), None);
        }
        let (shape, mut words) = relation(3, &[(0, 1), (1, 1)]);
        assert_eq!(shortest_cycle(shape, &mut words), Some(vec![(1, 1)]));
    }
}
