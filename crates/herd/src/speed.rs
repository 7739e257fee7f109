//! herd7's `-speedcheck`: only executions that decide the condition are reported.
//!
//! The engine finds the whole answer anyway; what herd7 would not report is left out.

use turnsole::{Kind, Report};

/// How much is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speed {
    /// Nothing.
    #[default]
    False,
    /// The executions that satisfy the condition are kept (for `forall`: those that violate it).
    True,
    /// The first of them is kept.
    Fast,
}

impl Speed {
    /// The words that the option takes.
    pub const WORDS: &'static [&'static str] = &["false", "true", "fast"];

    /// Reads one of the words.
    pub fn from_word(word: &str) -> Option<Speed> {
        match word {
            "false" => Some(Speed::False),
            "true" => Some(Speed::True),
            "fast" => Some(Speed::Fast),
            _ => None,
        }
    }

    /// Leaves out of the report what herd7 would.
    pub fn restrict(self, report: &mut Report) {
        if self == Speed::False || !report.has_answer() {
            return;
        }
        let deciding = report.kind != Kind::Required;
        report.states.retain(|state| state.satisfies == deciding);
        let (kept, dropped) = match deciding {
            true => (&mut report.positive, &mut report.negative),
            false => (&mut report.negative, &mut report.positive),
        };
        *dropped = 0;
        if self == Speed::Fast {
            *kept = (*kept).min(1);
            report.states.truncate(1);
            report.states.iter_mut().for_each(|state| state.witnesses = 1);
        }
    }
}
