//! What tables show of a test in one log.

use litmus::{LoggedTest, Outcome};

use crate::diff::gap_word;
use crate::{Comparison, Layout, Row};

/// What a table shows of each log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `Allowed`
    Kind,
    /// `Ok`, `Loop No`
    Verdict,
    /// `Sometimes`
    Observation,
    /// `1 3`: how many executions satisfy the proposition, and how many don't
    Witnesses,
    /// How many final states there are
    States,
    /// All final states
    Outcomes,
    /// The flags
    Flags,
    /// The condition
    Condition,
    /// The time, in seconds
    Time,
    /// The hash
    Hash,
}

impl Column {
    /// The title.
    pub fn title(self) -> &'static str {
        match self {
            Column::Kind => "kind",
            Column::Verdict => "verdict",
            Column::Observation => "observation",
            Column::Witnesses => "witnesses",
            Column::States => "states",
            Column::Outcomes => "outcomes",
            Column::Flags => "flags",
            Column::Condition => "condition",
            Column::Time => "time",
            Column::Hash => "hash",
        }
    }

    /// What a log says.
    pub(crate) fn cell(self, test: &LoggedTest) -> String {
        match self {
            Column::Kind => test.kind.map_or("", litmus::Kind::word).to_owned(),
            Column::Verdict => {
                let word = test.validation.map_or("", litmus::Validation::word);
                if test.bounded { format!("Loop {word}") } else { word.to_owned() }
            }
            Column::Observation => {
                test.observation.map_or("", |observation| Outcome::word(observation.outcome)).to_owned()
            }
            Column::Witnesses => {
                let observed = test.observation.map(|it| (it.positive, it.negative));
                let counts = observed.or(test.witnesses);
                counts.map(|(positive, negative)| format!("{positive} {negative}")).unwrap_or_default()
            }
            Column::States => test.states.len().to_string(),
            Column::Outcomes => {
                let states: Vec<&str> = test.states.iter().map(|state| &*state.text).collect();
                states.join(" | ")
            }
            Column::Flags => test.flags.join(","),
            Column::Condition => test.condition.as_deref().unwrap_or("").to_owned(),
            Column::Time => test.time.as_deref().unwrap_or("").to_owned(),
            Column::Hash => test.hash.as_deref().unwrap_or("").to_owned(),
        }
    }
}

/// What a row shows of one log, column by column. Without an answer, the first column says why.
pub(crate) fn cells(comparison: &Comparison, row: &Row, log: usize, layout: &Layout) -> Vec<String> {
    let absent = |why: &str| {
        let mut cells = vec![String::new(); layout.columns.len()];
        if let Some(first) = cells.first_mut() {
            why.clone_into(first);
        }
        cells
    };
    match comparison.test(row, log) {
        None => absent("missing"),
        Some(test) => match &test.gap {
            Some(gap) => absent(gap_word(gap)),
            None => layout.columns.iter().map(|column| column.cell(test)).collect(),
        },
    }
}

/// The states of a row that only one of two logs has, as the log writes them.
pub(crate) fn outcomes<'l>(
    comparison: &Comparison<'l>,
    row: &Row,
    log: usize,
    which: &[usize],
) -> Vec<&'l str> {
    let Some(test) = comparison.test(row, log) else { return Vec::new() };
    which.iter().filter_map(|at| test.states.get(*at)).map(|state| &*state.text).collect()
}
