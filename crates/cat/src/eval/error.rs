//! What can go wrong while a model runs.

use super::Interruption;
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// Why the evaluation of a model stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// Stable name of the kind of problem.
    pub code: &'static str,
    /// Where in the model.
    pub span: Span,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What kind of problem it is.
    pub kind: ErrorKind,
}

/// Kinds of [`EvalError`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A name that nothing binds.
    Unbound(Arc<str>),
    /// A value of the wrong type, or a pattern that does not fit.
    Type,
    /// The primitive `fail` was called, or another primitive can't answer.
    Failure,
    /// An `assert` does not hold: the test is at fault. Holds the name of the check.
    Assertion(Option<Arc<str>>),
    /// The model goes on for too long, too deep, or builds too large a set.
    Limit,
    /// [`Environment::watch`](super::Environment::watch) said so.
    Interrupted(Interruption),
}

/// Boxed, so that results stay small: the evaluator is deeply recursive.
pub(crate) type Result<T> = std::result::Result<T, Box<EvalError>>;

impl EvalError {
    pub(crate) fn unbound(name: &str, span: Span) -> Box<EvalError> {
        let kind = ErrorKind::Unbound(Arc::from(name));
        Box::new(EvalError { code: "cat::unbound-name", span, message: format!("unbound var: {name}"), kind })
    }

    pub(crate) fn of_type(span: Span, message: impl Into<String>) -> Box<EvalError> {
        Box::new(EvalError { code: "cat::type", span, message: message.into(), kind: ErrorKind::Type })
    }

    pub(crate) fn failure(span: Span, message: impl Into<String>) -> Box<EvalError> {
        Box::new(EvalError { code: "cat::failure", span, message: message.into(), kind: ErrorKind::Failure })
    }

    pub(crate) fn assertion(span: Span, name: Option<Arc<str>>) -> Box<EvalError> {
        let label = name.as_deref().unwrap_or("unnamed");
        Box::new(EvalError {
            code: "cat::assertion",
            span,
            message: format!("{label} assertion failed, check input test"),
            kind: ErrorKind::Assertion(name),
        })
    }

    pub(crate) fn limit(span: Span, message: impl Into<String>) -> Box<EvalError> {
        Box::new(EvalError { code: "cat::limit", span, message: message.into(), kind: ErrorKind::Limit })
    }

    pub(crate) fn interrupted(span: Span, why: Interruption) -> Box<EvalError> {
        let message = match why {
            Interruption::Stopped => "the model took too long",
            Interruption::OutOfMemory => "the model takes too much memory",
        };
        let kind = ErrorKind::Interrupted(why);
        Box::new(EvalError { code: "cat::limit", span, message: message.to_owned(), kind })
    }

    /// The error as a diagnostic.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.code, self.span, self.message.clone())
    }
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}
