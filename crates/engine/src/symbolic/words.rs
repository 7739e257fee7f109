//! What the checks of a model forbid, as short circles of `rf`, orders of writes and what is static.
//!
//! A relation contains the relations that its parts make one after the other: `fre ; coe` contains “reads from, turned
//! round; co; co”. A check that a relation has no circle forbids all circles of such words. Only words are read that
//! say something about reads and writes of one location; the others are left to the solver's proposals.

use super::algebra::Algebra;
use cat::ast::{Role, Test};
use cat::plan::{Base, Deps, Node, NodeId, Sort};
use execution::Structure;
use relation::{Shape, kernel as k};
use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

/// So many words of one relation are kept, the shortest.
const WORDS: usize = 32;

/// So many letters a word may have.
const LETTERS: usize = 5;

/// A node deeper in a definition says nothing that is short.
const DEPTH: usize = 48;

/// So many words of bits are worked on in order to put static relations one behind the other.
const WORK: usize = 1_000_000;

pub(super) type Matrix = Rc<Vec<u64>>;

/// What a step of a circle follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rf,
    /// An order of writes.
    Co(Base),
    /// From a read to a write that such an order puts behind what it reads.
    Fr(Base),
}

/// A step of a circle, and which pairs of events it may go between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) kind: Kind,
    among: Option<Matrix>,
}

impl Step {
    pub(super) fn allows(&self, shape: Shape, from: usize, to: usize) -> bool {
        self.among.as_ref().is_none_or(|among| k::has_pair(shape, among, from, to))
    }
}

/// A circle that is forbidden: one or two steps, and a static pair from the end to the start; none if they are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Circle {
    pub(super) steps: Vec<Step>,
    pub(super) back: Option<Matrix>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Letter {
    Static(Matrix),
    Step(Step),
    /// `rf`, turned round.
    ReadsFrom,
}

type Word = Vec<Letter>;

/// The circles that the required checks forbid. `certain` says of each way whether it is the only one of its thread.
pub(super) fn circles(algebra: &mut Algebra<'_>, s: &Structure<'_>, certain: &[bool]) -> Vec<Circle> {
    let plan = algebra.plan;
    let required = || plan.checks.iter().filter(|check| check.role == Role::Require && !check.negated);
    let statics = statics(algebra, s, certain, required().map(|check| check.node).collect());
    let mut identity = vec![0; algebra.shape.matrix()];
    k::identity(algebra.shape, &mut identity);
    let follows = super::statics::follows(algebra.shape, s, certain);
    let mut reader = Reader { algebra, statics, identity, follows, known: FxHashMap::default(), work: WORK };
    let mut circles: Vec<Circle> = Vec::new();
    for check in required() {
        let words = match check.test {
            Test::Acyclic => {
                let words = reader.words(check.node, 0);
                reader.plus(&words)
            }
            Test::Irreflexive => reader.words(check.node, 0),
            Test::Empty => reader.excluded(check.node),
        };
        for circle in words.into_iter().filter_map(|word| reader.close(word)) {
            if !circles.contains(&circle) {
                circles.push(circle);
            }
        }
    }
    circles.sort_by_key(|circle| (circle.steps.len(), circle.back.is_some()));
    circles
}

fn is_static(algebra: &Algebra<'_>, node: NodeId) -> bool {
    algebra.plan.deps[node.index()].without(Deps::ADDRESSES) == Deps::NONE
}

/// The values of the static nodes that other nodes are made of: of the largest whose values are known.
fn statics(
    algebra: &mut Algebra<'_>,
    s: &Structure<'_>,
    certain: &[bool],
    mut roots: Vec<NodeId>,
) -> FxHashMap<NodeId, Matrix> {
    let mut seen = FxHashSet::default();
    let mut all = FxHashMap::default();
    for _ in 0..DEPTH {
        let mut wanted = Vec::new();
        for root in roots.drain(..) {
            collect(algebra, root, &mut seen, &mut wanted, 0);
        }
        if wanted.is_empty() {
            break;
        }
        let values = algebra.statics(s, certain, wanted.iter().copied());
        let unknown = wanted.iter().filter(|node| !values.contains_key(node));
        roots = unknown.flat_map(|node| algebra.plan.node(*node).operands()).collect();
        all.extend(values.into_iter().map(|(node, value)| (node, Rc::new(value))));
    }
    all
}

/// The static nodes that other nodes are made of, the largest ones.
fn collect(
    algebra: &Algebra<'_>,
    node: NodeId,
    seen: &mut FxHashSet<NodeId>,
    wanted: &mut Vec<NodeId>,
    depth: usize,
) {
    if depth > DEPTH || !seen.insert(node) {
        return;
    }
    if is_static(algebra, node) {
        wanted.push(node);
        return;
    }
    for operand in algebra.plan.node(node).operands() {
        collect(algebra, operand, seen, wanted, depth + 1);
    }
}

struct Reader<'r, 'a> {
    algebra: &'r Algebra<'a>,
    statics: FxHashMap<NodeId, Matrix>,
    identity: Vec<u64>,
    /// The pairs the second of which happens if the first does; `None` if all events happen.
    follows: Option<Vec<u64>>,
    known: FxHashMap<NodeId, Vec<Word>>,
    work: usize,
}

impl Reader<'_, '_> {
    fn shape(&self) -> Shape {
        self.algebra.shape
    }

    fn value(&self, node: NodeId, sort: Sort) -> Option<&Matrix> {
        self.statics.get(&node).filter(|_| self.algebra.plan.sorts[node.index()] == sort)
    }

    /// Words that a relation contains.
    fn words(&mut self, node: NodeId, depth: usize) -> Vec<Word> {
        if let Some(words) = self.known.get(&node) {
            return words.clone();
        }
        if depth > DEPTH {
            return Vec::new();
        }
        let words = shortest(self.read(node, depth + 1));
        self.known.insert(node, words.clone());
        words
    }

    fn read(&mut self, node: NodeId, depth: usize) -> Vec<Word> {
        if let Some(value) = self.value(node, Sort::Relation).cloned() {
            return self.fixed(value).into_iter().collect();
        }
        let step = |kind| vec![vec![Letter::Step(Step { kind, among: None })]];
        match self.algebra.plan.node(node) {
            Node::Base(Base::Rf) => step(Kind::Rf),
            Node::Base(base @ (Base::Co | Base::Choice(_))) if self.algebra.is_by_location(base) => {
                step(Kind::Co(base))
            }
            Node::Union(a, b) => {
                let mut words = self.words(a, depth);
                words.extend(self.words(b, depth));
                words
            }
            Node::Sequence(a, b) => {
                let (first, second) = (self.words(a, depth), self.words(b, depth));
                self.products(&first, &second)
            }
            Node::Plus(a) => {
                let words = self.words(a, depth);
                self.plus(&words)
            }
            Node::Inverse(a) => {
                let words = self.words(a, depth);
                let is_rf =
                    |word: &Word| matches!(&word[..], [Letter::Step(Step { kind: Kind::Rf, among: None })]);
                if words.iter().any(is_rf) { vec![vec![Letter::ReadsFrom]] } else { Vec::new() }
            }
            Node::Intersection(a, b) => {
                let (inner, mask) = match (self.value(a, Sort::Relation), self.value(b, Sort::Relation)) {
                    (None, Some(mask)) => (a, mask.clone()),
                    (Some(mask), None) => (b, mask.clone()),
                    _ => return Vec::new(),
                };
                let words = self.words(inner, depth);
                self.masked(words, &mask)
            }
            Node::Difference(a, b) => {
                let Some(without) = self.value(b, Sort::Relation).cloned() else { return Vec::new() };
                let mut mask = vec![0; self.shape().matrix()];
                k::complement(self.shape(), &mut mask, &without);
                let words = self.words(a, depth);
                self.masked(words, &Rc::new(mask))
            }
            Node::RestrictDomain(set, r) => {
                let words = self.words(r, depth);
                self.restricted(set, words, true)
            }
            Node::RestrictRange(r, set) => {
                let words = self.words(r, depth);
                self.restricted(set, words, false)
            }
            _ => Vec::new(),
        }
    }

    /// The word of a static relation; empty for the identity. `None` if the relation is empty.
    fn fixed(&self, value: Matrix) -> Option<Word> {
        if k::is_empty(&value) {
            None
        } else if *value == self.identity {
            Some(Word::new())
        } else {
            Some(vec![Letter::Static(value)])
        }
    }

    /// The words of one step, or none, between these pairs.
    fn masked(&self, words: Vec<Word>, mask: &Matrix) -> Vec<Word> {
        let masked = |mut word: Word| match &mut word[..] {
            [Letter::Step(step)] => {
                step.among = Some(self.common(step.among.as_ref(), mask));
                Some(word)
            }
            [Letter::Static(value)] => self.fixed(self.common(Some(value), mask)),
            _ => None,
        };
        words.into_iter().filter_map(masked).collect()
    }

    fn common(&self, among: Option<&Matrix>, mask: &Matrix) -> Matrix {
        let Some(among) = among else { return mask.clone() };
        let mut both = vec![0; mask.len()];
        k::intersection(&mut both, among, mask);
        Rc::new(both)
    }

    /// The words that begin, or end, in a set.
    fn restricted(&mut self, set: NodeId, words: Vec<Word>, at_start: bool) -> Vec<Word> {
        let Some(set) = self.value(set, Sort::Set).cloned() else { return Vec::new() };
        let mut identity = vec![0; self.shape().matrix()];
        k::identity_on(self.shape(), &mut identity, &set);
        let Some(own) = self.fixed(Rc::new(identity)) else { return Vec::new() };
        let restrict = |word: Word| if at_start { self.join(&own, &word) } else { self.join(&word, &own) };
        words.into_iter().filter_map(restrict).collect()
    }

    fn products(&mut self, first: &[Word], second: &[Word]) -> Vec<Word> {
        let mut all = Vec::new();
        for a in first {
            all.extend(second.iter().filter_map(|b| self.join(a, b)));
        }
        all
    }

    /// The words of a transitive closure.
    fn plus(&mut self, words: &[Word]) -> Vec<Word> {
        let mut order = vec![0; self.shape().matrix()];
        let mut others: Vec<Word> = Vec::new();
        for word in words {
            match &word[..] {
                [Letter::Static(value)] => k::union_with(&mut order, value),
                _ => others.push(word.clone()),
            }
        }
        let order = self.closed(order);
        let order: Vec<Word> = self.fixed(Rc::new(order)).into_iter().collect();
        let more = self.products(&others, &others);
        others.extend(more);
        let behind = self.products(&others, &order);
        others.into_iter().chain(order).chain(behind).collect()
    }

    /// A transitive closure, by way of events that happen if those do that it is about.
    fn closed(&self, mut order: Vec<u64>) -> Vec<u64> {
        let shape = self.shape();
        let Some(follows) = &self.follows else {
            k::close(shape, &mut order);
            return order;
        };
        let mut certain = vec![0; shape.matrix()];
        k::intersection(&mut certain, &order, follows);
        k::close(shape, &mut certain);
        let mut more = vec![0; shape.matrix()];
        k::sequence(shape, &mut more, &certain, &order);
        k::union_with(&mut order, &more);
        order
    }

    /// One word behind another; `None` if it is too long to be of use.
    fn join(&mut self, a: &Word, b: &Word) -> Option<Word> {
        let mut word = a.clone();
        for letter in b {
            let joined = match (word.last(), letter) {
                (Some(Letter::Static(first)), Letter::Static(second)) => {
                    Some(Letter::Static(self.sequence(first, second)?))
                }
                (Some(Letter::ReadsFrom), Letter::Step(Step { kind: Kind::Co(base), among: None })) => {
                    Some(Letter::Step(Step { kind: Kind::Fr(*base), among: None }))
                }
                _ => None,
            };
            match joined {
                Some(joined) => {
                    word.pop();
                    word.push(joined);
                }
                None => word.push(letter.clone()),
            }
        }
        is_of_use(&word).then_some(word)
    }

    /// A sequence, by way of events that happen if the first does. `None` if it is empty, or too much work.
    fn sequence(&mut self, first: &Matrix, second: &Matrix) -> Option<Matrix> {
        let pairs: usize = first.iter().map(|word| word.count_ones() as usize).sum();
        let shape = self.shape();
        self.work = self.work.checked_sub(pairs * shape.words + shape.matrix())?;
        let mut out = vec![0; shape.matrix()];
        match &self.follows {
            None => k::sequence(shape, &mut out, first, second),
            Some(follows) => {
                let mut certain = vec![0; shape.matrix()];
                k::intersection(&mut certain, first, follows);
                k::sequence(shape, &mut out, &certain, second);
            }
        }
        (!k::is_empty(&out)).then(|| Rc::new(out))
    }

    /// The words that make a circle where a relation that must be empty has a pair.
    fn excluded(&mut self, node: NodeId) -> Vec<Word> {
        let Node::Intersection(a, b) = self.algebra.plan.node(node) else { return Vec::new() };
        let (inner, value) = match (self.value(a, Sort::Relation), self.value(b, Sort::Relation)) {
            (None, Some(value)) => (a, value.clone()),
            (Some(value), None) => (b, value.clone()),
            _ => return Vec::new(),
        };
        let mut back = vec![0; self.shape().matrix()];
        k::converse(self.shape(), &mut back, &value);
        let Some(back) = self.fixed(Rc::new(back)) else { return Vec::new() };
        let words = self.words(inner, 0);
        self.products(&words, &[back])
    }

    /// The circle that a word makes if it comes back to where it starts, if that is a short one.
    fn close(&mut self, mut word: Word) -> Option<Circle> {
        if let [Letter::Static(_), .., Letter::Static(_)] = &word[..] {
            let first = word.remove(0);
            word = self.join(&word, &vec![first])?;
        }
        let at = word.iter().position(|letter| matches!(letter, Letter::Static(_)));
        if let Some(at) = at {
            word.rotate_left(at + 1);
        }
        let back = match word.last() {
            Some(Letter::Static(back)) => Some(back.clone()),
            _ => None,
        };
        if back.is_some() {
            word.pop();
        } else if let Some(at) = word.iter().position(|letter| *letter == Letter::ReadsFrom) {
            word.rotate_left(at);
        } else if let [Letter::Step(first), Letter::Step(second)] = &word[..]
            && matches!(
                (first.kind, second.kind),
                (Kind::Rf, Kind::Co(_) | Kind::Fr(_)) | (Kind::Co(_), Kind::Fr(_))
            )
        {
            word.swap(0, 1);
        }
        let word =
            word.iter().try_fold(Word::new(), |before, letter| self.join(&before, &vec![letter.clone()]))?;
        let steps: Option<Vec<Step>> = word
            .into_iter()
            .map(|letter| match letter {
                Letter::Step(step) => Some(step),
                Letter::Static(_) | Letter::ReadsFrom => None,
            })
            .collect();
        let steps = steps.filter(|steps| (1..=2).contains(&steps.len()))?;
        let says = match (steps.iter().map(|step| step.kind).collect::<Vec<_>>().as_slice(), &back) {
            ([_], Some(_)) | ([Kind::Rf | Kind::Fr(_)], None) => true,
            ([Kind::Co(_) | Kind::Fr(_), Kind::Rf], _) | ([Kind::Fr(_), Kind::Co(_)], _) => true,
            // Those that are left follow from these and from what an order is.
            _ => false,
        };
        says.then_some(Circle { steps, back })
    }
}

/// Whether a word may be part of a short circle.
fn is_of_use(word: &Word) -> bool {
    let fixed = word.iter().filter(|letter| matches!(letter, Letter::Static(_))).count();
    let turned = word.contains(&Letter::ReadsFrom);
    word.len() <= LETTERS && fixed <= 2 && word.len() - fixed <= if turned { 3 } else { 2 }
}

/// The shortest words, each once.
fn shortest(mut words: Vec<Word>) -> Vec<Word> {
    words.sort_by_key(Vec::len);
    let mut kept: Vec<Word> = Vec::new();
    for word in words {
        if kept.len() < WORDS && !kept.contains(&word) {
            kept.push(word);
        }
    }
    kept
}
