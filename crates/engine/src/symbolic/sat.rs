//! The SAT solver, with what encodings need of it.

use super::gauge::Gauge;
use batsat::{Callbacks, Solver, SolverInterface, SolverOpts, lbool};

pub(super) use batsat::Lit;

/// Asks now and then whether to give up.
struct Stopper<'s>(&'s Gauge<'s>);

impl Callbacks for Stopper<'_> {
    fn stop(&self) -> bool {
        self.0.stop()
    }
}

/// How a call of the solver ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Solved {
    /// There is a model.
    Satisfiable,
    /// There is none.
    Unsatisfiable,
    /// The solver was told to stop.
    Stopped,
}

/// Clauses over literals, and what follows from them.
pub(super) struct Sat<'s> {
    solver: Solver<Stopper<'s>>,
    yes: Lit,
    clause: Vec<Lit>,
    gauge: &'s Gauge<'s>,
}

impl<'s> Sat<'s> {
    /// The gauge says when to give up.
    pub(super) fn new(gauge: &'s Gauge<'s>) -> Sat<'s> {
        gauge.restart();
        let mut solver = Solver::new(SolverOpts::default(), Stopper(gauge));
        let yes = Lit::new(solver.new_var_default(), true);
        let mut sat = Sat { solver, yes, clause: Vec::new(), gauge };
        sat.clause([yes]);
        sat
    }

    /// The literal that is true.
    pub(super) fn yes(&self) -> Lit {
        self.yes
    }

    /// A new literal.
    pub(super) fn fresh(&mut self) -> Lit {
        self.gauge.variable();
        Lit::new(self.solver.new_var_default(), true)
    }

    /// Adds a clause: one of the literals is true.
    pub(super) fn clause(&mut self, literals: impl IntoIterator<Item = Lit>) {
        self.clause.clear();
        self.clause.extend(literals);
        self.gauge.clause(self.clause.len());
        if self.gauge.is_over() {
            return;
        }
        let mut clause = std::mem::take(&mut self.clause);
        self.solver.add_clause_reuse(&mut clause);
        self.clause = clause;
    }

    /// At most one of the literals is true.
    pub(super) fn at_most_one(&mut self, literals: &[Lit]) {
        if literals.len() <= PAIRWISE {
            for (at, a) in literals.iter().enumerate() {
                for b in &literals[at + 1..] {
                    self.clause([!*a, !*b]);
                }
            }
            return;
        }
        // Sinz' sequential counter: `before` says whether one was true so far.
        let mut before: Option<Lit> = None;
        for literal in literals {
            let sum = self.fresh();
            self.clause([!*literal, sum]);
            if let Some(before) = before {
                self.clause([!before, sum]);
                self.clause([!before, !*literal]);
            }
            before = Some(sum);
        }
    }

    /// What a literal is whatever is chosen.
    pub(super) fn known(&self, literal: Lit) -> Option<bool> {
        match self.solver.value_lvl_0(literal) {
            value if value == lbool::TRUE => Some(true),
            value if value == lbool::FALSE => Some(false),
            _ => None,
        }
    }

    /// Draws the consequences that need no choice. False if there is a contradiction.
    pub(super) fn propagate(&mut self) -> bool {
        self.solver.is_ok() && self.solver.simplify()
    }

    /// Looks for a model in which these literals are true.
    pub(super) fn solve(&mut self, assumed: &[Lit]) -> Solved {
        if self.gauge.is_over() {
            return Solved::Stopped;
        }
        if !self.solver.is_ok() {
            return Solved::Unsatisfiable;
        }
        match self.solver.solve_limited(assumed) {
            value if value == lbool::TRUE => Solved::Satisfiable,
            value if value == lbool::FALSE => Solved::Unsatisfiable,
            _ => Solved::Stopped,
        }
    }

    /// Asks whether to give up; what is encoded then does not matter any more.
    pub(super) fn gives_up(&self) -> bool {
        self.gauge.stop()
    }

    /// Counts a model that is going to be judged.
    pub(super) fn proposed(&self) {
        self.gauge.proposed();
    }

    /// Whether a literal is true in the model that was found last.
    pub(super) fn holds(&self, literal: Lit) -> bool {
        self.solver.value_lit(literal) == lbool::TRUE
    }
}

/// So many literals exclude each other in pairs; more of them by a chain.
const PAIRWISE: usize = 8;
