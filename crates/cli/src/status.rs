//! Exit statuses.

/// How a command ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// Everything ran, and every expectation held.
    #[default]
    Ok,
    /// A limit was hit: a timeout, a bound on loops, a bound on memory. The answer is not known.
    Limit,
    /// An expectation failed.
    Failed,
    /// The user gave something wrong: options, files, tests, models.
    UserError,
    /// A mistake of ours.
    Internal,
    /// What the herd7 command line returned.
    Herd(u8),
}

impl Status {
    /// The number that the program returns.
    pub(crate) fn code(self) -> u8 {
        match self {
            Status::Ok => 0,
            Status::Failed => 1,
            Status::UserError => 2,
            Status::Limit => 3,
            Status::Internal => 70,
            Status::Herd(code) => code,
        }
    }

    /// The worse of both: our mistakes, then the user's, then failed expectations, then limits.
    pub(crate) fn worst(self, other: Status) -> Status {
        let rank = |status| match status {
            Status::Ok | Status::Herd(_) => 0,
            Status::Limit => 1,
            Status::Failed => 2,
            Status::UserError => 3,
            Status::Internal => 4,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

/// For the end of help texts.
pub(crate) const HELP: &str = "\
Exit status:
  0   everything ran, and every expectation held
  1   an expectation failed
  2   an option, a file, a test or a model is wrong; the other tests ran
  3   a limit was hit (time, loops, memory): some answers are not known
  70  an internal error
Of several, 70 comes first, then 2, 1 and 3.";
