//! Running the steps on candidates.

use super::{Machine, Op, Place, SmallTest, Stage, Step};
use cat::ast::Role;
use cat::plan::Sort;
use relation::kernel as k;

impl Machine {
    /// The `rf` of the candidate, to be written: over the small universe.
    pub(in crate::enumerate) fn rf_mut(&mut self) -> &mut [u64] {
        let size = self.shape.matrix();
        &mut self.small[self.inputs.rf..self.inputs.rf + size]
    }

    /// The `co` of the candidate, to be written.
    pub(in crate::enumerate) fn co_mut(&mut self) -> &mut [u64] {
        let size = self.shape.matrix();
        &mut self.small[self.inputs.co..self.inputs.co + size]
    }

    /// The `loc` of the candidate, to be written where it was not known before.
    pub(in crate::enumerate) fn loc_mut(&mut self) -> &mut [u64] {
        let size = self.shape.matrix();
        &mut self.small[self.inputs.loc..self.inputs.loc + size]
    }

    /// The final writes of the candidate, to be written.
    pub(in crate::enumerate) fn last_mut(&mut self) -> &mut [u64] {
        let size = self.shape.words;
        &mut self.small[self.inputs.last..self.inputs.last + size]
    }

    /// Does the operations of a stage.
    pub(in crate::enumerate) fn run(&mut self, stage: Stage) {
        let steps = match stage {
            Stage::Static => return,
            Stage::Rf => std::mem::take(&mut self.rf_steps),
            Stage::Co => std::mem::take(&mut self.co_steps),
        };
        for step in &steps {
            self.do_step(step);
        }
        match stage {
            Stage::Static => {}
            Stage::Rf => self.rf_steps = steps,
            Stage::Co => self.co_steps = steps,
        }
    }

    /// Whether the requirements of that stage hold; with `partial`, those only that tell something about a part.
    pub(in crate::enumerate) fn accepts(&mut self, stage: Stage, partial: bool) -> bool {
        (0..self.checks.len()).all(|i| {
            let check = &self.checks[i];
            check.role != Role::Require
                || check.stage != stage
                || (partial && !check.prunes)
                || self.small_test(i)
        })
    }

    /// Whether some execution may raise a flag.
    pub(in crate::enumerate) fn may_flag(&self) -> bool {
        !self.static_flags.is_empty() || self.checks.iter().any(|check| check.role != Role::Require)
    }

    /// Whether there is something to check at that stage.
    pub(in crate::enumerate) fn has_checks(&self, stage: Stage) -> bool {
        self.checks.iter().any(|check| check.stage == stage)
    }

    fn size(&self, sort: Sort) -> usize {
        Self::wide_size(sort, self.shape)
    }

    fn do_step(&mut self, step: &Step) {
        let shape = self.shape;
        if let Op::Fix(number) = step.op {
            return self.do_fix(number);
        }
        let size = self.size(step.sort);
        let words = shape.words;
        let matrix = shape.matrix();
        // Results lie behind their operands or before them, never across: the arena is cut around the result.
        let (before, rest) = self.small.split_at_mut(step.to);
        let (out, after) = rest.split_at_mut(size);
        let end = step.to + size;
        let value = |place: Place, size: usize| -> &[u64] {
            if place < step.to { &before[place..place + size] } else { &after[place - end..place - end + size] }
        };
        match step.op {
            Op::Union(a, b) => k::union(out, value(a, size), value(b, size)),
            Op::Intersection(a, b) => k::intersection(out, value(a, size), value(b, size)),
            Op::Difference(a, b) => k::difference(out, value(a, size), value(b, size)),
            Op::ComplementSet(a) => k::complement_set(shape, out, value(a, words)),
            Op::Complement(a) => k::complement(shape, out, value(a, matrix)),
            Op::Sequence(a, b) => k::sequence(shape, out, value(a, matrix), value(b, matrix)),
            Op::RestrictDomain(a, b) => k::restrict_domain(shape, out, value(a, words), value(b, matrix)),
            Op::RestrictRange(a, b) => k::restrict_range(shape, out, value(a, matrix), value(b, words)),
            Op::Plus(a) => {
                out.copy_from_slice(value(a, matrix));
                k::close(shape, out);
            }
            Op::Inverse(a) => k::converse(shape, out, value(a, matrix)),
            Op::Domain(a) => k::domain(shape, out, value(a, matrix)),
            Op::Range(a) => k::range(shape, out, value(a, matrix)),
            Op::IdentityOn(a) => k::identity_on(shape, out, value(a, words)),
            Op::Product(a, b) => k::product(shape, out, value(a, words), value(b, words)),
            Op::Fix(_) | Op::Nothing => {}
        }
    }

    fn do_fix(&mut self, number: usize) {
        let fix = std::mem::take(&mut self.fixes[number]);
        for (_, _, var, sort) in &fix.bindings {
            let size = self.size(*sort);
            self.small[*var..*var + size].fill(0);
        }
        loop {
            let mut grew = false;
            for (steps, body, var, sort) in &fix.bindings {
                for step in steps {
                    self.do_step(step);
                }
                let size = self.size(*sort);
                grew |= !k::is_subset(&self.small[*body..*body + size], &self.small[*var..*var + size]);
                self.small.copy_within(*body..*body + size, *var);
            }
            if !grew {
                break;
            }
        }
        self.fixes[number] = fix;
    }

    pub(super) fn small_test(&mut self, index: usize) -> bool {
        let shape = self.shape;
        let matrix = shape.matrix();
        let check = &self.checks[index];
        let value = |place: Place| &self.small[place..place + matrix];
        let holds = match &check.test {
            SmallTest::Empty(place, sort) => k::is_empty(&self.small[*place..*place + Self::wide_size(*sort, shape)]),
            SmallTest::Irreflexive(place) => k::is_irreflexive(shape, value(*place)),
            SmallTest::IrreflexiveSequence(a, b) => {
                let (a, b) = (value(*a), value(*b));
                (0..shape.n).all(|i| k::elements(k::row(shape, a, i)).all(|j| !k::has_pair(shape, b, j, i)))
            }
            SmallTest::Acyclic(places) => {
                self.scratch.clear();
                self.scratch.resize(matrix + shape.words, 0);
                let (sum, alive) = self.scratch.split_at_mut(matrix);
                for place in places {
                    k::union_with(sum, &self.small[*place..*place + matrix]);
                }
                k::is_acyclic(shape, sum, alive)
            }
        };
        holds != check.negated
    }
}
