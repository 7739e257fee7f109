//! Running the steps on candidates.

use super::{Change, Machine, Op, Place, SmallFix, SmallTest, Stage, Step};
use cat::ast::Role;
use cat::plan::Sort;
use relation::kernel as k;
use smallvec::SmallVec;

impl Machine {
    /// The `rf` of the candidate, to be written: over the small universe.
    pub(in crate::enumerate) fn rf_mut(&mut self) -> &mut [u64] {
        let size = self.shape.matrix();
        &mut self.small[self.inputs.rf..self.inputs.rf + size]
    }

    /// The `co` of the candidate.
    pub(in crate::enumerate) fn co(&self) -> &[u64] {
        &self.small[self.inputs.co..self.inputs.co + self.shape.matrix()]
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

    /// The pairs of accesses with different values, to be written; `None` if nobody asks.
    pub(in crate::enumerate) fn differ_mut(&mut self) -> Option<&mut [u64]> {
        let (size, place) = (self.shape.matrix(), self.inputs.differ);
        (place != self.inputs.rf).then(|| &mut self.small[place..place + size])
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
            Stage::Co => [self.inputs.co, self.inputs.last, self.inputs.last],
            _ => [self.inputs.rf, self.inputs.loc, self.inputs.differ],
        };
        fresh.iter().for_each(|place| self.changed[*place] = Change::Now);
        // Earlier changes of what `rf` decides matter to the operations that need `co`, until those were done.
        let least = if stage == Stage::Co { Change::Before } else { Change::Now };
        for step in &steps {
            let stale = is_first || self.is_stale(step, least);
            if !stale {
                self.settle(step.to(), stage, false);
            } else if let Op::Fix(number) = step.op {
                self.do_fix(number as usize, stage);
            } else {
                let changed = self.do_step(step);
                self.settle(step.to(), stage, changed);
            }
        }
        match stage {
            Stage::Static => {}
            Stage::Rf => {
                self.rf_steps = steps;
                self.has_new_rf = true;
            }
            Stage::Co => {
                self.co_steps = steps;
                if !std::mem::take(&mut self.has_new_rf) {
                    return;
                }
                // What `rf` changed has been taken notice of.
                let inputs = [self.inputs.rf, self.inputs.loc, self.inputs.differ];
                inputs.iter().for_each(|place| self.changed[*place] = Change::No);
                for step in &self.rf_steps {
                    match step.op {
                        Op::Fix(number) => {
                            for binding in &self.fixes[number as usize].bindings {
                                self.changed[binding.var] = Change::No;
                            }
                        }
                        _ => self.changed[step.to()] = Change::No,
                    }
                }
            }
        }
    }

    /// Whether something that a step is made from has changed, at least so.
    fn is_stale(&self, step: &Step, least: Change) -> bool {
        let changed = self.changed[step.a()].max(self.changed[step.b()]);
        changed >= least
            || match step.op {
                Op::Fix(number) => {
                    self.fixes[number as usize].inputs.iter().any(|place| self.changed[*place] >= least)
                }
                _ => false,
            }
    }

    fn settle(&mut self, place: Place, stage: Stage, changed: bool) {
        let before = &mut self.changed[place];
        *before = match (changed, stage) {
            (true, _) => Change::Now,
            (false, Stage::Rf) => (*before).min(Change::Before),
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
    #[inline]
    pub(super) fn do_step(&mut self, step: &Step) -> bool {
        if self.shape.words == 1 { self.do_short_step(step) } else { self.do_long_step(step) }
    }

    fn do_long_step(&mut self, step: &Step) -> bool {
        let shape = self.shape;
        let size = self.size(step.sort);
        let (words, matrix) = (shape.words, shape.matrix());
        let (known, rest) = self.small.split_at_mut(step.to());
        let to = &mut rest[..size];
        let value = |place: Place, size: usize| &known[place..place + size];
        let (a, b) = (step.a(), step.b());
        // The quick ones change the result in place.
        match step.op {
            Op::Union => return update(to, value(a, size), value(b, size), |a, b| a | b),
            Op::Intersection => return update(to, value(a, size), value(b, size), |a, b| a & b),
            Op::Difference => return update(to, value(a, size), value(b, size), |a, b| a & !b),
            _ => {}
        }
        self.result.resize(size.max(self.result.len()), 0);
        let out = &mut self.result[..size];
        match step.op {
            Op::ComplementSet => k::complement_set(shape, out, value(a, words)),
            Op::Complement => k::complement(shape, out, value(a, matrix)),
            Op::Sequence => k::sequence(shape, out, value(a, matrix), value(b, matrix)),
            Op::RestrictDomain => k::restrict_domain(shape, out, value(a, words), value(b, matrix)),
            Op::RestrictRange => k::restrict_range(shape, out, value(a, matrix), value(b, words)),
            Op::Plus => {
                out.copy_from_slice(value(a, matrix));
                k::close(shape, out);
            }
            Op::Inverse => k::converse(shape, out, value(a, matrix)),
            Op::Domain => k::domain(shape, out, value(a, matrix)),
            Op::Range => k::range(shape, out, value(a, matrix)),
            Op::IdentityOn => k::identity_on(shape, out, value(a, words)),
            Op::Product => k::product(shape, out, value(a, words), value(b, words)),
            Op::Union | Op::Intersection | Op::Difference | Op::Fix(_) | Op::Nothing => return false,
        }
        let changed = to != out;
        to.copy_from_slice(out);
        changed
    }

    pub(super) fn do_fix(&mut self, number: usize, stage: Stage) {
        let mut fix = std::mem::take(&mut self.fixes[number]);
        for binding in &mut fix.bindings {
            let size = self.size(binding.sort);
            let var = &mut self.small[binding.var..binding.var + size];
            binding.before.clear();
            binding.before.extend_from_slice(var);
            var.fill(0);
        }
        self.iterate(&fix);
        // Around it, this is something that changed.
        self.clock += 1;
        for binding in &fix.bindings {
            self.grown[binding.var] = self.clock;
        }
        for binding in &fix.bindings {
            let size = self.size(binding.sort);
            let changed = binding.before[..] != self.small[binding.var..binding.var + size];
            self.settle(binding.var, stage, changed);
        }
        self.fixes[number] = fix;
    }

    /// Goes round until no variable grows any more. After the first round, only what is made from something that changed
    /// is done again.
    pub(super) fn iterate(&mut self, fix: &SmallFix) {
        let places = self.small.len() + 1;
        if self.grown.len() < places {
            self.grown.resize(places, 0);
        }
        let count = fix.bindings.iter().map(|binding| binding.steps.len()).sum();
        let mut done: SmallVec<[u64; 32]> = SmallVec::from_elem(0, count);
        loop {
            let mut grew = false;
            let mut number = 0;
            for binding in &fix.bindings {
                for step in &binding.steps {
                    self.clock += 1;
                    let (last, now) = (std::mem::replace(&mut done[number], self.clock), self.clock);
                    let is_stale = last == 0 || self.grown[step.a()] > last || self.grown[step.b()] > last;
                    number += 1;
                    if let Op::Fix(nested) = step.op {
                        self.do_fix(nested as usize, Stage::Static);
                    } else if !is_stale {
                        done[number - 1] = last;
                    } else if self.do_step(step) || last == 0 {
                        self.grown[step.to()] = now;
                    }
                }
                let size = self.size(binding.sort);
                let (body, var) = (binding.body, binding.var);
                if !k::is_subset(&self.small[body..body + size], &self.small[var..var + size]) {
                    self.small.copy_within(body..body + size, var);
                    self.clock += 1;
                    self.grown[var] = self.clock;
                    grew = true;
                }
            }
            if !grew {
                return;
            }
        }
    }

    pub(super) fn small_test(&mut self, index: usize) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let check = &self.checks[index];
        let holds = self.holds_with(&check.test, &mut scratch);
        let passes = holds != check.negated;
        self.scratch = scratch;
        passes
    }

    pub(super) fn holds(&mut self, test: &SmallTest) -> bool {
        let mut scratch = std::mem::take(&mut self.scratch);
        let holds = self.holds_with(test, &mut scratch);
        self.scratch = scratch;
        holds
    }

    fn holds_with(&self, test: &SmallTest, scratch: &mut Vec<u64>) -> bool {
        let shape = self.shape;
        let matrix = shape.matrix();
        let value = |place: Place| &self.small[place..place + matrix];
        match test {
            SmallTest::Empty(place, sort) => {
                k::is_empty(&self.small[*place..*place + Self::wide_size(*sort, shape)])
            }
            SmallTest::Irreflexive(place) => k::is_irreflexive(shape, value(*place)),
            SmallTest::IrreflexiveSequence(a, b) => {
                let (a, b) = (value(*a), value(*b));
                (0..shape.n).all(|i| k::elements(k::row(shape, a, i)).all(|j| !k::has_pair(shape, b, j, i)))
            }
            SmallTest::Acyclic(places) if shape.words == 1 => self.is_short_acyclic(places),
            SmallTest::Acyclic(places) => {
                scratch.clear();
                scratch.resize(matrix + shape.words, 0);
                let (sum, alive) = scratch.split_at_mut(matrix);
                for place in places {
                    k::union_with(sum, &self.small[*place..*place + matrix]);
                }
                k::is_acyclic(shape, sum, alive)
            }
        }
    }
}

/// `to = f(a, b)` word by word; whether that changes anything.
#[inline]
fn update(to: &mut [u64], a: &[u64], b: &[u64], f: impl Fn(u64, u64) -> u64) -> bool {
    let mut changes = 0;
    for (to, (a, b)) in to.iter_mut().zip(a.iter().zip(b)) {
        let new = f(*a, *b);
        changes |= *to ^ new;
        *to = new;
    }
    changes != 0
}
