//! Which engine answers, and its answer.

use crate::check::Check;
use crate::condition::Question;
use crate::mixed::Mixed;
use crate::outcomes::Outcomes;
use crate::report::Asked;
use crate::share::{Helpers, Share};
use crate::{EngineChoice, Options, Workspace};
use engine::symbolic::{Query, Refusal};
use engine::{CompiledModel, EngineError, Problem, Sink, Stats, planner};
use std::borrow::Cow;

/// Up to so many candidates, as a binary logarithm, are gone through one by one.
const FEW: f64 = 13.0;

/// An outcome costs the symbolic engine as much as so many candidates cost the other one, as a binary logarithm.
const AN_OUTCOME: f64 = 7.0;

/// How often the solver may ask whether to give up, which it does for each guess, before the other engine is tried; and how
/// often that one may, which is for some choices each, before it is the solver's turn again, for good. The same
/// on every machine, unlike a time.
const PATIENCE: [u64; 2] = [12_000, 2_000];

/// What an engine found.
pub(crate) struct Answered<'q> {
    pub(crate) engine: &'static str,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) stats: Stats,
    pub(crate) outcomes: Outcomes<'q>,
}

/// Why there is no answer.
pub(crate) enum Failed {
    /// The engine that was asked for can't answer this.
    Unsupported(String),
    /// It failed.
    Engine(EngineError),
    /// It asked too often whether to give up. Only where that was limited.
    OutOfPatience,
}

/// Has the program judged.
pub(crate) fn answer<'q>(
    workspace: &mut Workspace,
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &'q Options,
    question: &'q Question,
    cut: Option<&Mixed>,
) -> Result<Answered<'q>, Failed> {
    let (choice, reason) = choose(problem, model, options);
    let mut direct =
        |choice, reason| direct(workspace, problem, model, options, question, cut, choice, reason, None);
    match choice {
        EngineChoice::Reference => direct(EngineChoice::Reference, reason),
        EngineChoice::Symbolic if options.engine == EngineChoice::Auto => {
            in_turns(workspace, problem, model, options, question, cut, reason)
        }
        EngineChoice::Symbolic => match symbolic(problem, model, options, question, cut, None) {
            Ok(Some((stats, outcomes))) => Ok(Answered { engine: "symbolic", reason, stats, outcomes }),
            Ok(None) => Err(Failed::Engine(EngineError::Stopped)),
            Err(Refusal::Unsupported(why)) => Err(Failed::Unsupported(why)),
            Err(refusal) => Err(Failed::Engine(refusal.into())),
        },
        EngineChoice::Enumerate | EngineChoice::Auto => direct(EngineChoice::Enumerate, reason),
    }
}

/// Asks the symbolic engine, with some patience; then the other one, with some; then the symbolic one until it answers.
fn in_turns<'q>(
    workspace: &mut Workspace,
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &'q Options,
    question: &'q Question,
    cut: Option<&Mixed>,
    mut reason: Cow<'static, str>,
) -> Result<Answered<'q>, Failed> {
    let [first, second] = PATIENCE;
    for patience in [Some(first), None] {
        match symbolic(problem, model, options, question, cut, patience) {
            Ok(Some((stats, outcomes))) => {
                return Ok(Answered { engine: "symbolic", reason, stats, outcomes });
            }
            Ok(None) => {}
            Err(Refusal::Unsupported(why)) => {
                let reason = format!("{reason}, but the symbolic engine can't answer: {why}").into();
                let choice = EngineChoice::Enumerate;
                return direct(workspace, problem, model, options, question, cut, choice, reason, None);
            }
            Err(refusal) => return Err(Failed::Engine(refusal.into())),
        }
        let choice = EngineChoice::Enumerate;
        let hard: Cow<'static, str> = format!("{reason}, and hard for the symbolic engine").into();
        match direct(workspace, problem, model, options, question, cut, choice, hard.clone(), Some(second)) {
            Err(Failed::OutOfPatience) => reason = format!("{reason}, and hard for both engines").into(),
            answered => return answered,
        }
    }
    Err(Failed::Engine(EngineError::Stopped))
}

/// Which engine is to answer, and why.
fn choose(
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &Options,
) -> (EngineChoice, Cow<'static, str>) {
    let asked_for = Cow::Borrowed("it was asked for");
    match (options.engine, options.asked()) {
        (EngineChoice::Auto, Asked::Counts) => (EngineChoice::Enumerate, "executions are counted".into()),
        (EngineChoice::Auto, _) if model.plan.is_err() => {
            (EngineChoice::Enumerate, "the model has no plan".into())
        }
        (EngineChoice::Auto, asked) => {
            let more = model.plan.as_ref().is_ok_and(|compiled| !compiled.plan().choices.is_empty());
            let estimate = planner::estimate(problem, more);
            let bits = estimate.bits();
            let amount = format!("about {} candidates at most", power(bits));
            if bits <= FEW {
                (EngineChoice::Enumerate, amount.into())
            } else if asked == Asked::Outcomes && estimate.outcomes + AN_OUTCOME >= bits {
                let outcomes = power(estimate.outcomes);
                (EngineChoice::Enumerate, format!("{amount}, and about {outcomes} outcomes").into())
            } else {
                (EngineChoice::Symbolic, amount.into())
            }
        }
        (choice, _) => (choice, asked_for),
    }
}

/// A power of two, written out if it is small.
fn power(bits: f64) -> String {
    if bits < 30.0 { format!("{:.0}", libm::exp2(bits)) } else { format!("2^{bits:.0}") }
}

/// An engine that goes through executions. Where accesses are cut, so are the outcomes that it finds.
#[expect(clippy::too_many_arguments, reason = "all that there is to know")]
fn direct<'q>(
    workspace: &mut Workspace,
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &'q Options,
    question: &'q Question,
    cut: Option<&Mixed>,
    choice: EngineChoice,
    reason: Cow<'static, str>,
    patience: Option<u64>,
) -> Result<Answered<'q>, Failed> {
    let job = Job { problem, model, options, question, cut, choice };
    let mut outcomes = job.outcomes();
    if let Some(questions) = patience {
        outcomes.limit_patience(questions);
    }
    let stats = match options.helpers.as_deref() {
        // Patience is that of one.
        Some(helpers)
            if patience.is_none()
                && (options.small_portions || engine::enumerate::may_be_divided(problem)) =>
        {
            job.run_together(helpers, &mut workspace.engine, &mut outcomes)
        }
        _ => job.run(&mut workspace.engine, &mut outcomes),
    };
    let out_of_memory = outcomes.is_out_of_memory() || matches!(stats, Err(EngineError::OutOfMemory));
    if patience.is_some() && (out_of_memory || outcomes.ran_out_of_patience()) {
        return Err(Failed::OutOfPatience);
    }
    if out_of_memory {
        return Err(Failed::Engine(EngineError::OutOfMemory));
    }
    let stats = match stats {
        Err(EngineError::Stopped) | Ok(_) if outcomes.is_decided() => Stats::default(),
        stats => stats.map_err(Failed::Engine)?,
    };
    if outcomes.is_too_many() {
        let what = "2^64 executions or more, which are too many to be counted";
        return Err(Failed::Engine(EngineError::Limit(what.to_owned())));
    }
    Ok(Answered { engine: job.engine(), reason, stats, outcomes })
}

/// What an engine that goes through executions is to do.
#[derive(Clone, Copy)]
struct Job<'j, 'q> {
    problem: &'j Problem<'j>,
    model: &'j CompiledModel,
    options: &'q Options,
    question: &'q Question,
    cut: Option<&'j Mixed>,
    choice: EngineChoice,
}

impl<'q> Job<'_, 'q> {
    fn outcomes(&self) -> Outcomes<'q> {
        let mut outcomes = Outcomes::new(self.question, self.options);
        if self.options.asked() == Asked::Verdict && rejects_only(self.model) {
            outcomes.stop_when_decided();
        }
        outcomes
    }

    fn engine(&self) -> &'static str {
        match self.choice {
            EngineChoice::Reference => "reference",
            _ if self.model.plan.is_ok() => "enumerate",
            _ => "enumerate (general evaluator)",
        }
    }

    fn run(
        &self,
        workspace: &mut engine::enumerate::Workspace,
        outcomes: &mut Outcomes<'_>,
    ) -> Result<Stats, EngineError> {
        let mut whole = self.cut.map(|mixed| mixed.sink(outcomes));
        let sink: &mut dyn Sink = match &mut whole {
            Some(whole) => whole,
            None => outcomes,
        };
        match self.choice {
            EngineChoice::Reference => engine::reference::run(self.problem, self.model, sink),
            _ => engine::enumerate::run(self.problem, self.model, workspace, sink),
        }
    }

    /// The same, with helpers if there are some when it takes long.
    fn run_together(
        &self,
        helpers: &dyn Helpers,
        workspace: &mut engine::enumerate::Workspace,
        outcomes: &mut Outcomes<'q>,
    ) -> Result<Stats, EngineError> {
        let share = Share::new(self.question.observed.len());
        let mut own = |call: &dyn Fn()| {
            let mut outcomes = self.outcomes();
            outcomes.share(&share, Some(call));
            let result = self.run(workspace, &mut outcomes);
            outcomes.hand_over(&share, result);
        };
        let help = || {
            let mut outcomes = self.outcomes();
            outcomes.share(&share, None);
            let result = self.run(&mut engine::enumerate::Workspace::default(), &mut outcomes);
            outcomes.hand_over(&share, result);
        };
        helpers.assist(&mut own, &help);
        let (found, result) = share.finish();
        outcomes.take_back(found);
        result
    }
}

/// Whether all that the model does is to reject executions: it raises no flags.
fn rejects_only(model: &CompiledModel) -> bool {
    let is_required = |check: &cat::plan::PlanCheck| check.role == cat::ast::Role::Require;
    model.plan.as_ref().is_ok_and(|compiled| compiled.plan().checks.iter().all(is_required))
}

/// The symbolic engine; `None` if it asked too often whether to give up.
fn symbolic<'q>(
    problem: &Problem<'_>,
    model: &CompiledModel,
    options: &'q Options,
    question: &'q Question,
    cut: Option<&Mixed>,
    patience: Option<u64>,
) -> Result<Option<(Stats, Outcomes<'q>)>, Refusal> {
    let mut outcomes = Outcomes::new(question, options);
    if let Some(questions) = patience {
        outcomes.limit_patience(questions);
    }
    let said = |check: &Check| match cut {
        Some(mixed) => mixed.proposition(&check.proposition()).ok_or_else(|| {
            Refusal::Unsupported("values are compared that are cut in different places".to_owned())
        }),
        None => Ok(check.proposition()),
    };
    let filter = question.filter.as_ref().filter(|_| options.check_filter).map(said).transpose()?;
    let query = Query { filter: filter.as_ref(), certify: options.certify };
    let mut whole = cut.map(|mixed| mixed.sink(&mut outcomes));
    let sink: &mut dyn Sink = match &mut whole {
        Some(whole) => whole,
        None => &mut outcomes,
    };
    let stats = match options.asked() {
        Asked::Verdict => {
            let condition = said(&question.condition)?;
            engine::symbolic::decide(problem, model, query, &condition, sink)
        }
        Asked::Counts | Asked::Outcomes => engine::symbolic::outcomes(problem, model, query, sink),
    };
    if outcomes.is_out_of_memory() {
        return Err(Refusal::OutOfMemory);
    }
    match stats {
        Err(Refusal::Stopped) if outcomes.ran_out_of_patience() => Ok(None),
        stats => Ok(Some((stats?, outcomes))),
    }
}
