//! What a run found out: plain data, for people, scripts and tools alike.

use std::borrow::Cow;
use std::sync::Arc;
use syntax::Diagnostic;

/// What the condition of a test asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `exists`: is there such an outcome?
    Allowed,
    /// `~exists`: is there none?
    Forbidden,
    /// `forall`: are all outcomes such?
    Required,
}

impl Kind {
    /// The word that herd7 prints behind the test's name.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Allowed => "Allowed",
            Kind::Forbidden => "Forbidden",
            Kind::Required => "Required",
        }
    }
}

/// What a run is to find out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// All final states, and how many executions end in each.
    #[default]
    Counts,
    /// All final states. Numbers count states.
    Outcomes,
    /// Whether the condition holds. There is at most one state that satisfies it, and one that does not.
    Verdict,
}

impl Asked {
    /// What it is called in reports.
    pub fn word(self) -> &'static str {
        match self {
            Asked::Counts => "counts",
            Asked::Outcomes => "outcomes",
            Asked::Verdict => "verdict",
        }
    }
}

/// How many of the outcomes satisfy the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// None.
    Never,
    /// Some, but not all.
    Sometimes,
    /// All, and there are some.
    Always,
}

impl Observation {
    /// The word that herd7 prints.
    pub fn word(self) -> &'static str {
        match self {
            Observation::Never => "Never",
            Observation::Sometimes => "Sometimes",
            Observation::Always => "Always",
        }
    }
}

/// Whether the condition, with its quantifier, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Ok,
    /// It does not.
    No,
    /// The program is undefined, so nothing can be said.
    Undefined,
}

impl Verdict {
    /// The word that herd7 prints.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "Ok",
            Verdict::No => "No",
            Verdict::Undefined => "Undef",
        }
    }
}

/// Whether the answer is the whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything was looked at.
    Complete,
    /// Loops were cut: legal outcomes may be missing.
    Bounded {
        /// The limit that was hit.
        unroll: u32,
        /// Where: a label, or an instruction's text, for each place that was cut.
        at: Vec<String>,
    },
    /// It took too long and was given up; what was found until then is of no use.
    Timeout,
    /// It would have taken more memory than it was allowed.
    OutOfMemory {
        /// How many bytes it was allowed.
        limit: u64,
    },
    /// There was too much of something.
    LimitExceeded {
        /// Of what, and how much is allowed.
        what: String,
    },
    /// The test or the model is wrong; the diagnostics say how.
    Error,
}

/// One final state, restricted to what is observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// A value for each of [`Report::columns`], printed.
    pub values: Vec<Arc<str>>,
    /// How many executions end in it.
    pub witnesses: u64,
    /// Whether it satisfies the proposition of the condition (without quantifier).
    pub satisfies: bool,
}

/// What a run of one test under one model found out.
#[derive(Clone, Debug)]
pub struct Report {
    /// The test's name.
    pub name: String,
    /// The test's architecture, as its first line says.
    pub arch: String,
    /// The model's title.
    pub model: String,
    /// The engine that answered.
    pub engine: &'static str,
    /// Why that one.
    pub engine_reason: Cow<'static, str>,
    /// What was asked; decides what states and numbers mean.
    pub asked: Asked,
    /// herd7's hash of the test; empty if it could not be computed.
    pub hash: String,
    /// What the condition asks.
    pub kind: Kind,
    /// The condition with its quantifier, in canonical form, such as `exists (0:X0=1 /\ [x]=2)`.
    pub condition: String,
    /// Whether the answer is whole. With [`Status::Error`], [`Status::Timeout`], [`Status::OutOfMemory`] and [`Status::LimitExceeded`] there are no states and no verdict.
    pub status: Status,
    /// What states print before each value: `0:X0=`, `[x]=`, `y=` without the `=`.
    pub columns: Vec<String>,
    /// The final states, in herd7's order.
    pub states: Vec<State>,
    /// How many executions satisfy the proposition.
    pub positive: u64,
    /// How many executions violate it.
    pub negative: u64,
    /// Flags that some execution raised, sorted; `*undef*` for a failed `undefined_unless`.
    pub flags: Vec<String>,
    /// Whether some execution made the program undefined.
    pub undefined: bool,
    /// How many candidate executions the engine completed, accepted or not. Depends on the engine.
    pub candidates: u64,
    /// Messages about the test or the run.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Whether there is an answer, whole or bounded.
    pub fn has_answer(&self) -> bool {
        matches!(self.status, Status::Complete | Status::Bounded { .. })
    }

    /// How many of the executions satisfy the proposition; `None` without an answer.
    pub fn observation(&self) -> Option<Observation> {
        self.has_answer().then_some(match (self.positive, self.negative) {
            (0, _) => Observation::Never,
            (_, 0) => Observation::Always,
            _ => Observation::Sometimes,
        })
    }

    /// Whether the condition holds; `None` without an answer.
    pub fn verdict(&self) -> Option<Verdict> {
        let holds = match self.kind {
            Kind::Allowed => self.positive > 0,
            Kind::Forbidden => self.positive == 0,
            Kind::Required => self.negative == 0,
        };
        self.has_answer().then_some(match (self.undefined, holds) {
            (true, _) => Verdict::Undefined,
            (false, true) => Verdict::Ok,
            (false, false) => Verdict::No,
        })
    }
}
