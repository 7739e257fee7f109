//! Running the steps on candidates.

use super::{Change, Machine, Op, Place, SmallFix, SmallTest, Stage, Step};
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

    /// Does the operations of a stage, as far as what they are made from has changed since they were done last.
    pub(in crate::enumerate) fn run(&mut self, stage: Stage) {
        let steps = match stage {
            Stage::Static => return,
            Stage::Rf => std::mem::take(&mut self.rf_steps),
            Stage::Co => std::mem::take(&mut self.co_steps),
        };
        let is_first = !std::mem::replace(&mut self.ran[stage as usize - 1], true);
        let fresh = match stage {
            Stage::Co => [self.inputs.co, self.inputs.last],
            _ => [self.inputs.rf, self.inputs.loc],
        };
        fresh.iter().for_each(|place| self.changed[*place] = Change::Now);
        for step in &steps {
            let stale = is_first || step.operands(&self.fixes).any(|place| self.has_changed(place, stage));
            if !stale {
                self.settle(step.to, stage, false);
            } else if let Op::Fix(number) = step.op {
                self.do_fix(number, stage);
            } else {
                let changed = self.do_step(step);
                self.settle(step.to, stage, changed);
            }
        }
        match stage {
            Stage::Static => {}
            Stage::Rf => self.rf_steps = steps,
            Stage::Co => {
                self.co_steps = steps;
                // What `rf` changed has been taken notice of.
                [self.inputs.rf, self.inputs.loc].iter().for_each(|place| self.changed[*place] = Change::No);
                for step in &self.rf_steps {
                    match step.op {
                        Op::Fix(number) => {
                            for binding in &self.fixes[number].bindings {
                                self.changed[binding.var] = Change::No;
                            }
                        }
                        _ => self.changed[step.to] = Change::No,
                    }
                }
            }
        }
    }

    /// Whether a value changed as far as that stage is concerned: earlier changes of what `rf` decides matter to the
    /// operations that need `co`, until those were done.
    fn has_changed(&self, place: Place, stage: Stage) -> bool {
        match self.changed[place] {
            Change::No => false,
            Change::Now => true,
            Change::Before => stage == Stage::Co,
        }
    }

    fn settle(&mut self, place: Place, stage: Stage, changed: bool) {
        self.changed[place] = match (changed, self.changed[place]) {
            (true, _) => Change::Now,
            (false, Change::No) => Change::No,
            (false, _) if stage == Stage::Rf => Change::Before,
            (false, _) => Change::No,
        };
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

    /// Does one operation; whether its result is another than before.
    fn do_step(&mut self, step: &Step) -> bool {
        let shape = self.shape;
        let size = self.size(step.sort);
        let (words, matrix) = (shape.words, shape.matrix());
        let mut out = std::mem::take(&mut self.result);
        if out.len() < size {
            out.resize(size, 0);
        }
        let to = &mut out[..size];
        let value = |place: Place, size: usize| &self.small[place..place + size];
        match step.op {
            Op::Union(a, b) => k::union(to, value(a, size), value(b, size)),
            Op::Intersection(a, b) => k::intersection(to, value(a, size), value(b, size)),
            Op::Difference(a, b) => k::difference(to, value(a, size), value(b, size)),
            Op::ComplementSet(a) => k::complement_set(shape, to, value(a, words)),
            Op::Complement(a) => k::complement(shape, to, value(a, matrix)),
            Op::Sequence(a, b) => k::sequence(shape, to, value(a, matrix), value(b, matrix)),
            Op::RestrictDomain(a, b) => k::restrict_domain(shape, to, value(a, words), value(b, matrix)),
            Op::RestrictRange(a, b) => k::restrict_range(shape, to, value(a, matrix), value(b, words)),
            Op::Plus(a) => {
                to.copy_from_slice(value(a, matrix));
                k::close(shape, to);
            }
            Op::Inverse(a) => k::converse(shape, to, value(a, matrix)),
            Op::Domain(a) => k::domain(shape, to, value(a, matrix)),
            Op::Range(a) => k::range(shape, to, value(a, matrix)),
            Op::IdentityOn(a) => k::identity_on(shape, to, value(a, words)),
            Op::Product(a, b) => k::product(shape, to, value(a, words), value(b, words)),
            Op::Fix(_) | Op::Nothing => to.copy_from_slice(value(step.to, size)),
        }
        let known = &mut self.small[step.to..step.to + size];
        let changed = *known != *to;
        if changed {
            known.copy_from_slice(to);
        }
        self.result = out;
        changed
    }

    fn do_fix(&mut self, number: usize, stage: Stage) {
        let mut fix = std::mem::take(&mut self.fixes[number]);
        for binding in &mut fix.bindings {
            let size = self.size(binding.sort);
            let var = &mut self.small[binding.var..binding.var + size];
            binding.before.clear();
            binding.before.extend_from_slice(var);
            var.fill(0);
        }
        self.iterate(&fix);
        for binding in &fix.bindings {
            let size = self.size(binding.sort);
            let changed = binding.before[..] != self.small[binding.var..binding.var + size];
            self.settle(binding.var, stage, changed);
        }
        self.fixes[number] = fix;
    }

    /// Goes round until no variable grows any more.
    fn iterate(&mut self, fix: &SmallFix) {
        loop {
            let mut grew = false;
            for binding in &fix.bindings {
                for step in &binding.steps {
                    match step.op {
                        Op::Fix(nested) => self.do_fix(nested, Stage::Static),
                        _ => {
                            self.do_step(step);
                        }
                    }
                }
                let size = self.size(binding.sort);
                let (body, var) = (binding.body, binding.var);
                grew |= !k::is_subset(&self.small[body..body + size], &self.small[var..var + size]);
                self.small.copy_within(body..body + size, var);
            }
            if !grew {
                return;
            }
        }
    }

    pub(super) fn small_test(&mut self, index: usize) -> bool {
        let shape = self.shape;
        let matrix = shape.matrix();
        let check = &self.checks[index];
        let value = |place: Place| &self.small[place..place + matrix];
        let holds = match &check.test {
            SmallTest::Empty(place, sort) => {
                k::is_empty(&self.small[*place..*place + Self::wide_size(*sort, shape)])
            }
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
