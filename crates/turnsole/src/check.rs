//! Propositions over the values of observables: evaluated for every state, so they are kept flat.

use engine::Proposition;
use execution::Value;

/// The smallest proposition.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf {
    Constant(bool),
    /// The observable, cut to the width, equals the value.
    Value {
        at: usize,
        width: u8,
        value: Value,
        equal: bool,
    },
    /// Two observables, cut to the width, are equal.
    Same {
        at: usize,
        other: usize,
        width: u8,
        equal: bool,
    },
}

impl Leaf {
    #[inline]
    fn holds(&self, values: &[Value]) -> bool {
        match self {
            Leaf::Constant(holds) => *holds,
            Leaf::Value { at, width, value, equal } => match (values[*at], value) {
                // Moved to the top, what counts of a number of at most 64 bits is what is left.
                (Value::Int(a), Value::Int(b)) if (1..=64).contains(width) => {
                    (((a ^ b) as u64) << (64 - width) == 0) == *equal
                }
                (found, value) => found.agrees(*value, *width) == *equal,
            },
            Leaf::Same { at, other, width, equal } => values[*at].agrees(values[*other], *width) == *equal,
        }
    }

    fn known(&self, values: &[Option<Value>]) -> Option<bool> {
        match self {
            Leaf::Constant(holds) => Some(*holds),
            Leaf::Value { at, width, value, equal } => {
                values[*at].map(|known| known.agrees(*value, *width) == *equal)
            }
            Leaf::Same { at, other, width, equal } => {
                Some(values[*at]?.agrees(values[*other]?, *width) == *equal)
            }
        }
    }

    fn proposition(self) -> Proposition {
        match self {
            Leaf::Constant(holds) => Proposition::Constant(holds),
            Leaf::Value { at, width, value, equal } => Proposition::Value { at, width, value, equal },
            Leaf::Same { at, other, width, equal } => Proposition::Same { at, other, width, equal },
        }
    }
}

/// A part of a proposition. Behind those that join others stand these, up to `end`.
#[derive(Clone, Debug)]
enum Node {
    /// What is looked at next if it holds, and if not: a node, or [`YES`] or [`NO`] if that decides all.
    Leaf(Leaf, usize, usize),
    Not {
        end: usize,
    },
    And {
        end: usize,
    },
    Or {
        end: usize,
    },
}

/// The whole proposition holds.
const YES: usize = usize::MAX;

/// The whole proposition does not hold.
const NO: usize = usize::MAX - 1;

/// A proposition over the values of observables, by position. It has at least one node, the first of which is the whole.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    nodes: Vec<Node>,
}

impl Check {
    pub(crate) fn holds(&self, values: &[Value]) -> bool {
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            at = match node {
                Node::Leaf(leaf, yes, no) => {
                    if leaf.holds(values) {
                        *yes
                    } else {
                        *no
                    }
                }
                // Its first part stands behind it.
                Node::Not { .. } | Node::And { .. } | Node::Or { .. } => at + 1,
            };
        }
        at == YES
    }

    /// What the node at `at` joins.
    fn parts(&self, at: usize, end: usize) -> impl Iterator<Item = usize> {
        let behind = |at: usize| match self.nodes[at] {
            Node::Leaf(..) => at + 1,
            Node::Not { end } | Node::And { end } | Node::Or { end } => end,
        };
        let mut next = at + 1;
        std::iter::from_fn(move || {
            let part = (next < end).then_some(next)?;
            next = behind(part);
            Some(part)
        })
    }

    /// Whether it holds, if the values that are known say so.
    pub(crate) fn known(&self, values: &[Option<Value>]) -> Option<bool> {
        self.part_known(0, values)
    }

    fn part_known(&self, at: usize, values: &[Option<Value>]) -> Option<bool> {
        match self.nodes[at] {
            Node::Leaf(ref leaf, ..) => leaf.known(values),
            Node::Not { .. } => self.part_known(at + 1, values).map(|holds| !holds),
            Node::And { end } => self.all_known(at, end, values, true),
            Node::Or { end } => self.all_known(at, end, values, false),
        }
    }

    /// What a conjunction (`and`) or disjunction comes to, if the values that are known say so.
    fn all_known(&self, at: usize, end: usize, values: &[Option<Value>], and: bool) -> Option<bool> {
        let mut result = Some(and);
        for part in self.parts(at, end) {
            match self.part_known(part, values) {
                Some(holds) if holds != and => return Some(!and),
                Some(_) => {}
                None => result = None,
            }
        }
        result
    }

    /// The same as engines know it.
    pub(crate) fn proposition(&self) -> Proposition {
        self.part_proposition(0)
    }

    fn part_proposition(&self, at: usize) -> Proposition {
        let all = |end| self.parts(at, end).map(|part| self.part_proposition(part)).collect();
        match self.nodes[at] {
            Node::Leaf(leaf, ..) => leaf.proposition(),
            Node::Not { .. } => Proposition::Not(Box::new(self.part_proposition(at + 1))),
            Node::And { end } => Proposition::And(all(end)),
            Node::Or { end } => Proposition::Or(all(end)),
        }
    }
}

/// Nodes that most propositions get along with.
const TYPICAL: usize = 24;

/// Builds one proposition after the other, from left to right.
#[derive(Default)]
pub(crate) struct Builder {
    nodes: Vec<Node>,
}

/// A node whose parts are not all there yet.
pub(crate) struct Open {
    at: usize,
    /// Where its last part starts; behind the node itself while there is none.
    part: usize,
}

impl Builder {
    #[inline]
    pub(crate) fn leaf(&mut self, leaf: Leaf) {
        self.push(Node::Leaf(leaf, YES, NO));
    }

    /// A proposition follows, which is negated.
    pub(crate) fn not(&mut self) -> Open {
        self.open(Node::Not { end: 0 })
    }

    /// Propositions follow, all of which are to hold.
    pub(crate) fn and(&mut self) -> Open {
        self.open(Node::And { end: 0 })
    }

    /// Propositions follow, one of which is to hold.
    pub(crate) fn or(&mut self) -> Open {
        self.open(Node::Or { end: 0 })
    }

    /// A part begins.
    #[inline]
    pub(crate) fn part(&mut self, open: &mut Open) {
        let len = self.nodes.len();
        let goes_on = match self.nodes[open.at] {
            Node::And { .. } => YES,
            _ => NO,
        };
        for node in &mut self.nodes[open.part..] {
            if let Node::Leaf(_, yes, no) = node {
                for end in [yes, no] {
                    if *end == goes_on {
                        *end = len;
                    }
                }
            }
        }
        open.part = len;
    }

    /// All parts are there.
    pub(crate) fn close(&mut self, open: Open) {
        if self.nodes.len() == open.at + 1 {
            let holds = matches!(self.nodes[open.at], Node::And { .. });
            self.leaf(Leaf::Constant(holds));
        }
        let len = self.nodes.len();
        match &mut self.nodes[open.at] {
            Node::And { end } | Node::Or { end } => *end = len,
            Node::Not { end } => {
                *end = len;
                self.negate(open.at + 1);
            }
            Node::Leaf(..) => {}
        }
    }

    /// What made the proposition hold that starts at `start` makes it fail, and the other way round.
    fn negate(&mut self, start: usize) {
        for node in &mut self.nodes[start..] {
            if let Node::Leaf(_, yes, no) = node {
                for end in [yes, no] {
                    *end = match *end {
                        YES => NO,
                        NO => YES,
                        next => next,
                    };
                }
            }
        }
    }

    /// The proposition that was built.
    pub(crate) fn finish(&mut self) -> Check {
        if self.nodes.is_empty() {
            self.leaf(Leaf::Constant(true));
        }
        Check { nodes: std::mem::take(&mut self.nodes) }
    }

    #[inline]
    fn push(&mut self, node: Node) {
        if self.nodes.is_empty() {
            self.nodes.reserve(TYPICAL);
        }
        self.nodes.push(node);
    }

    fn open(&mut self, node: Node) -> Open {
        self.push(node);
        let at = self.nodes.len() - 1;
        Open { at, part: at + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(at: usize, value: u128) -> Leaf {
        Leaf::Value { at, width: 32, value: Value::Int(value), equal: true }
    }

    /// `not (1=1 \/ 2=1) /\ 0=1 \/ 0=2`
    fn check() -> Check {
        let mut builder = Builder::default();
        let mut or = builder.or();
        builder.part(&mut or);
        let mut and = builder.and();
        builder.part(&mut and);
        let not = builder.not();
        let mut inner = builder.or();
        for at in [1, 2] {
            builder.part(&mut inner);
            builder.leaf(leaf(at, 1));
        }
        builder.close(inner);
        builder.close(not);
        builder.part(&mut and);
        builder.leaf(leaf(0, 1));
        builder.close(and);
        builder.part(&mut or);
        builder.leaf(leaf(0, 2));
        builder.close(or);
        builder.finish()
    }

    #[test]
    fn joins_of_nothing() {
        let mut builder = Builder::default();
        let open = builder.and();
        builder.close(open);
        assert!(builder.finish().holds(&[]));
        let open = builder.or();
        builder.close(open);
        assert!(!builder.finish().holds(&[]));
        assert!(builder.finish().holds(&[]));
    }

    #[test]
    fn what_holds_is_what_is_known_of_all_values() {
        let check = check();
        for number in 0..27 {
            let values = [number % 3, number / 3 % 3, number / 9];
            let expected = values[0] == 1 && !(values[1] == 1 || values[2] == 1) || values[0] == 2;
            let values = values.map(Value::Int);
            assert_eq!(check.holds(&values), expected);
            assert_eq!(check.known(&values.map(Some)), Some(expected));
        }
    }

    #[test]
    fn something_may_be_known_of_some_values() {
        let (one, two) = (Some(Value::Int(1)), Some(Value::Int(2)));
        let known = |values: [Option<Value>; 3]| check().known(&values);
        assert_eq!(known([two, None, None]), Some(true));
        assert_eq!(known([one, one, None]), Some(false));
        assert_eq!(known([one, None, one]), Some(false));
        assert_eq!(known([one, two, None]), None);
        assert_eq!(known([None, two, two]), None);
        assert_eq!(known([Some(Value::ZERO), None, None]), Some(false));
    }
}
