//! The loop between the solver and the model.
//!
//! The solver proposes an execution; the model's open checks are made on it; where one fails, a reason why becomes a
//! clause, which forbids all executions for which it holds. In the end there is an execution that the model accepts, or
//! none.

use super::algebra::{Algebra, FixStep, Look, Source, Values, has};
use super::coherence;
use super::encoding::{Encoding, Other};
use super::explain::Explainer;
use super::sat::{Lit, Sat, Solved};
use super::{Refusal, Tally};
use crate::{CompiledModel, Problem, Proposition};
use cat::ast::Role;
use cat::plan::{Base, Choice, FixId, Node, NodeId, Orders, Plan};
use execution::{EventId, Predefined, Value};
use relation::kernel as k;
use rustc_hash::FxHashMap;

/// A check that must come out in one way, where a literal is true.
struct Demand {
    check: usize,
    /// Whether the test must hold.
    holds: bool,
    /// The literal under which it is asked for.
    guard: Option<Lit>,
}

/// A check that does not reject executions, but says something about them.
pub(super) struct Remark {
    /// Its position in the plan.
    pub(super) check: usize,
    /// The literal to assume in order to find an execution for which it says it; `None` if it says it of all.
    pub(super) guard: Option<Lit>,
}

/// Why a search ends before it has an answer.
pub(super) enum End {
    /// There is no execution at all.
    Nothing,
    /// See [`Refusal`].
    Refused(Refusal),
}

impl From<String> for End {
    fn from(reason: String) -> End {
        End::Refused(Refusal::Unsupported(reason))
    }
}

/// A program under a model, ready to be asked.
pub(super) struct Search<'s, 'a, 'p> {
    pub(super) problem: &'a Problem<'p>,
    pub(super) model: &'a CompiledModel,
    plan: &'a Plan,
    pub(super) sat: Sat<'s>,
    pub(super) encoding: Encoding<'p>,
    algebra: Algebra<'a>,
    nodes: Vec<NodeId>,
    bounds: Values,
    demands: Vec<Demand>,
    /// Orders that must contain what hangs on choices.
    orders: Vec<(Base, Orders)>,
    pub(super) remarks: Vec<Remark>,
    pub(super) tally: Tally,
    /// Whether what is found is judged again.
    pub(super) certify: bool,
}

impl<'s, 'a, 'p> Search<'s, 'a, 'p> {
    /// `filter` holds of all executions that are wanted.
    pub(super) fn new(
        mut sat: Sat<'s>,
        problem: &'a Problem<'p>,
        model: &'a CompiledModel,
        filters: &[&Proposition],
    ) -> Result<Search<'s, 'a, 'p>, End> {
        let plan = super::plan(model).map_err(End::Refused)?;
        if problem.paths.iter().any(|paths| paths.is_empty()) {
            return Err(End::Nothing);
        }
        let (structure, owners) = Encoding::structure(problem)?;
        let tags = &problem.program.tags;
        let find = |name: &std::sync::Arc<str>| Predefined::find(name, tags).unwrap_or(Predefined::Nothing);
        let names = plan.names.iter().map(find).collect();
        let n = structure.len();
        let mut algebra = Algebra::new(plan, names, n);
        if let Some(refusal) = algebra.refusal() {
            return Err(refusal.to_owned().into());
        }
        let certain = super::encoding::certain_ways(&owners);
        let statics = algebra.statics(&structure, &certain, plan.choice_nodes());
        let known = |node: NodeId| statics.get(&node).cloned();
        let mut encoding = Encoding::new(&mut sat, problem, (structure, owners), plan, &known)?;
        for filter in filters {
            let literal = encoding.proposition(&mut sat, filter);
            sat.clause([literal]);
        }
        if !sat.propagate() {
            return Err(End::Nothing);
        }
        let orders = chosen_orders(plan);
        let order_nodes = algebra.cone(orders.iter().map(|(_, orders)| orders.order));
        let source = &mut Source { encoding: &mut encoding, sat: &mut sat };
        let known_orders = algebra.evaluate(&order_nodes, source, Look::Bounds, None);
        let open_orders = force_orders(&mut sat, &mut encoding, &algebra, orders, &known_orders);
        coherence::clauses(&mut sat, &mut encoding, &mut algebra);
        if !sat.propagate() {
            return Err(End::Nothing);
        }
        let roots = plan.checks.iter().map(|check| check.node);
        let nodes = algebra.cone(roots.chain(open_orders.iter().map(|(_, orders)| orders.order)));
        let source = &mut Source { encoding: &mut encoding, sat: &mut sat };
        let bounds = algebra.evaluate(&nodes, source, Look::Bounds, None);
        let mut search = Search {
            problem,
            model,
            plan,
            sat,
            encoding,
            algebra,
            nodes,
            bounds,
            demands: Vec::new(),
            orders: open_orders,
            remarks: Vec::new(),
            tally: Tally::default(),
            certify: false,
        };
        search.settle()?;
        Ok(search)
    }

    /// Settles the checks that bounds settle, and keeps the others.
    fn settle(&mut self) -> Result<(), End> {
        for (index, check) in self.plan.checks.iter().enumerate() {
            let Some(value) = &self.bounds[check.node.index()] else { continue };
            let fails_below = !self.algebra.test(check.test, &value.lower);
            let holds_above = self.algebra.test(check.test, &value.upper);
            let known = match (fails_below, holds_above) {
                (true, _) => Some(false),
                (_, true) => Some(true),
                _ => None,
            };
            let known = known.map(|holds| holds != check.negated);
            let wanted = match check.role {
                Role::Require | Role::Flag => true,
                Role::UndefinedUnless | Role::Assert => false,
            };
            match (check.role, known) {
                (Role::Require, Some(false)) => return Err(End::Nothing),
                (Role::Require, Some(true)) => {}
                (Role::Require, None) => {
                    self.demands.push(Demand { check: index, holds: !check.negated, guard: None });
                }
                (_, Some(known)) if known != wanted => {}
                (_, Some(_)) => self.remarks.push(Remark { check: index, guard: None }),
                (_, None) => {
                    let guard = self.sat.fresh();
                    self.demands.push(Demand {
                        check: index,
                        holds: wanted != check.negated,
                        guard: Some(guard),
                    });
                    self.remarks.push(Remark { check: index, guard: Some(guard) });
                }
            }
        }
        let roots: Vec<NodeId> =
            self.demands.iter().map(|demand| self.plan.checks[demand.check].node).collect();
        let orders = self.orders.iter().map(|(_, orders)| orders.order);
        self.nodes = self.algebra.cone(roots.into_iter().chain(orders));
        Ok(())
    }

    /// Forbids what was found last, as far as it can be told apart by what is observed; if a literal is given, only
    /// where that is true.
    pub(super) fn block(&mut self, values: &[Value]) {
        let mut clause = Vec::new();
        for (domain, value) in self.encoding.observed.iter().zip(values) {
            let own = domain.iter().find(|(known, _)| *known == Some(*value));
            clause.extend(own.map(|(_, literal)| !*literal));
        }
        self.sat.clause(clause);
    }

    /// Finds an execution that the model accepts and for which these literals are true: the values of what is observed.
    pub(super) fn find(&mut self, assumed: &[Lit]) -> Result<Option<Vec<Value>>, Refusal> {
        if !self.accepts(assumed)? {
            return Ok(None);
        }
        let values = self.outcome()?;
        if self.certify {
            super::certificate::certify(self, &values).map_err(Refusal::Wrong)?;
        }
        Ok(Some(values))
    }

    /// Whether there is an execution that the model accepts and for which these literals are true.
    pub(super) fn accepts(&mut self, assumed: &[Lit]) -> Result<bool, Refusal> {
        loop {
            match self.sat.solve(assumed) {
                Solved::Unsatisfiable => return Ok(false),
                Solved::Stopped => return Err(Refusal::Stopped),
                Solved::Satisfiable => {}
            }
            self.tally.proposed += 1;
            self.sat.proposed();
            if !self.refine() {
                return Ok(true);
            }
        }
    }

    /// Refuses to answer if some accepted execution is an error.
    pub(super) fn refuse_errors(&mut self) -> Result<(), Refusal> {
        for at in 0..self.encoding.wrong.len() {
            let wrong = self.encoding.wrong[at];
            if self.sat.known(wrong) != Some(false) && self.accepts(&[wrong])? {
                return Err(Refusal::Unsupported(
                    "an execution does something that has no meaning".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Learns from the solver's model why the memory model rejects it. False if it does not.
    fn refine(&mut self) -> bool {
        let mut lemmas: Vec<Vec<Lit>> = Vec::new();
        let now = {
            let source = &mut Source { encoding: &mut self.encoding, sat: &mut self.sat };
            self.algebra.evaluate(&self.nodes, source, Look::Model, Some(&self.bounds))
        };
        let failing: Vec<usize> =
            (0..self.demands.len()).filter(|at| self.fails(&self.demands[*at], &now)).collect();
        let missing = self.missing_order(&now);
        if !failing.is_empty() || !missing.is_empty() {
            let (now, steps) = self.fix_steps(now);
            let holds = |literal: Lit| self.sat.holds(literal);
            let explainer = Explainer {
                algebra: &self.algebra,
                encoding: &self.encoding,
                holds: &holds,
                bounds: &self.bounds,
                now: &now,
                steps: &steps,
            };
            for at in failing {
                let Demand { check, holds, guard } = &self.demands[at];
                let check = &self.plan.checks[*check];
                for reason in explainer.test(check.test, check.node, !holds) {
                    lemmas.push(
                        reason.into_iter().map(|literal| !literal).chain(guard.map(|guard| !guard)).collect(),
                    );
                }
            }
            for (node, i, j, literal) in missing {
                let reason = explainer.pair(node, i, j);
                lemmas.push(reason.into_iter().map(|literal| !literal).chain([literal]).collect());
            }
        }
        let mut total = true;
        let encoding = &self.encoding;
        let others = encoding.others.iter().filter_map(|other| match other {
            Other::Orders(order) => Some(order),
            Other::Pairs(_) => None,
        });
        for order in encoding.co.iter().chain(others) {
            total &= order.refine(&mut self.sat);
        }
        self.tally.lemmas += lemmas.len() as u64;
        let found = !lemmas.is_empty() || !total;
        lemmas.into_iter().for_each(|lemma| self.sat.clause(lemma));
        found
    }

    fn fails(&self, demand: &Demand, now: &Values) -> bool {
        if demand.guard.is_some_and(|guard| !self.sat.holds(guard)) {
            return false;
        }
        let check = &self.plan.checks[demand.check];
        let value = now[check.node.index()].as_ref();
        value.is_some_and(|value| self.algebra.test(check.test, &value.lower) != demand.holds)
    }

    /// What chosen orders must contain and do not, with the literals that would say so.
    fn missing_order(&self, now: &Values) -> Vec<(NodeId, usize, usize, Lit)> {
        let mut missing = Vec::new();
        for (base, orders) in &self.orders {
            let Some(value) = now[orders.order.index()].as_ref() else { continue };
            for (a, b, literal) in self.encoding.ordered(*base) {
                let (i, j) = (a.index(), b.index());
                let sort = cat::plan::Sort::Relation;
                if has(self.algebra.shape, sort, &value.lower, i, j)
                    && !self.sat.holds(literal)
                    && (!orders.by_location || self.is_together(a, b))
                {
                    missing.push((orders.order, i, j, literal));
                }
            }
        }
        missing.truncate(64);
        missing
    }

    /// Whether two events have the same address in the solver's model. Orders exist between all that may have.
    fn is_together(&self, a: EventId, b: EventId) -> bool {
        match self.encoding.known_location(a, b) {
            Some(known) => known == self.sat.yes() || self.sat.holds(known),
            None => false,
        }
    }

    /// The values inside of fixpoints, step by step.
    fn fix_steps(&self, mut now: Values) -> (Values, FxHashMap<FixId, Vec<FixStep>>) {
        let mut all: FxHashMap<FixId, Vec<FixStep>> = FxHashMap::default();
        for node in &self.nodes {
            let Node::Fix(fix, _) = self.plan.node(*node) else { continue };
            let exact = self.bounds[node.index()].as_ref().is_some_and(super::algebra::Pair::is_exact);
            if !exact && !all.contains_key(&fix) {
                let mut steps = Vec::new();
                self.algebra.fixpoint(fix, &mut now, Some(&mut steps));
                all.insert(fix, steps);
            }
        }
        (now, all)
    }

    /// The values of what is observed in the solver's model.
    fn outcome(&self) -> Result<Vec<Value>, Refusal> {
        if self.comes_out_of_thin_air() {
            return Err(Refusal::Unsupported("a value may come out of thin air".to_owned()));
        }
        let value = |domain: &super::values::Domain| {
            let own = domain.iter().find(|(_, literal)| self.sat.holds(*literal));
            own.and_then(|(value, _)| *value)
        };
        let values: Option<Vec<Value>> = self.encoding.observed.iter().map(value).collect();
        values.ok_or_else(|| Refusal::Unsupported("an observed value may have no meaning".to_owned()))
    }

    /// Whether some read of the solver's model gets a value that hangs on itself.
    fn comes_out_of_thin_air(&self) -> bool {
        let s = &self.encoding.s;
        let mut known: Vec<Vec<Option<Value>>> =
            s.paths().iter().map(|path| vec![None; path.reads.len()]).collect();
        let chosen: Vec<(usize, usize, EventId)> = self
            .encoding
            .reads
            .iter()
            .filter(|read| self.sat.holds(self.encoding.active[read.thread]))
            .filter_map(|read| {
                let own = read.writers.iter().find(|(_, literal)| self.sat.holds(*literal))?;
                Some((read.thread, read.var.0 as usize, own.0))
            })
            .collect();
        loop {
            let mut changed = false;
            let mut missing = false;
            for (thread, var, write) in &chosen {
                if known[*thread][*var].is_some() {
                    continue;
                }
                let value = match s.stored_term(*write) {
                    None => s.known_stored(*write),
                    Some((way, term)) => {
                        s.paths()[way].terms.eval(term, &|var| known[way][var.0 as usize]).unwrap_or(None)
                    }
                };
                missing |= value.is_none();
                changed |= value.is_some();
                known[*thread][*var] = value;
            }
            if !changed {
                return missing;
            }
        }
    }
}

/// The orders that a plan chooses.
fn chosen_orders(plan: &Plan) -> Vec<(Base, Orders)> {
    let mut all: Vec<(Base, Orders)> = plan.co.iter().map(|orders| (Base::Co, *orders)).collect();
    for (number, choice) in plan.choices.iter().enumerate() {
        if let Choice::Orders(orders) = choice {
            all.push((Base::Choice(number as u32), *orders));
        }
    }
    all
}

/// Puts into orders what they contain whatever is chosen. Yields those that may have to contain more.
fn force_orders(
    sat: &mut Sat<'_>,
    encoding: &mut Encoding<'_>,
    algebra: &Algebra<'_>,
    orders: Vec<(Base, Orders)>,
    values: &Values,
) -> Vec<(Base, Orders)> {
    let mut open = Vec::new();
    for (base, orders) in orders {
        let Some(value) = values[orders.order.index()].clone() else { continue };
        let mut more = false;
        for (a, b, literal) in encoding.ordered(base) {
            let (i, j) = (a.index(), b.index());
            let sort = cat::plan::Sort::Relation;
            if !has(algebra.shape, sort, &value.upper, i, j) {
                continue;
            }
            let certain = has(algebra.shape, sort, &value.lower, i, j);
            let together =
                if orders.by_location { encoding.same_location(sat, a, b) } else { Some(sat.yes()) };
            match together {
                Some(together) if certain => sat.clause([!together, literal]),
                Some(_) => more = true,
                None => {}
            }
        }
        // What an order holds of an event before itself can't be.
        if let Some(lower) = &value.lower {
            let own = (0..algebra.shape.n).filter(|i| k::has_pair(algebra.shape, lower, *i, *i));
            let class = encoding.ordered(base);
            for i in own {
                if class.iter().any(|(a, ..)| a.index() == i) {
                    sat.clause([]);
                }
            }
        }
        if more {
            open.push((base, orders));
        }
    }
    open
}
