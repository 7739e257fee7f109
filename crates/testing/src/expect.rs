//! What a filetest says about itself, held against a report.

use litmus::{Expectation, Outcome};
use turnsole::{Observation, Report};

/// One key of a directive that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key.
    pub key: &'static str,
    /// What the directive says.
    pub expected: String,
    /// What came out.
    pub found: String,
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, found {}", self.key, self.expected, self.found)
    }
}

/// What of the directive does not hold.
pub fn differences(said: &Expectation, report: &Report) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |key: &'static str, expected: Option<String>, actual: String| {
        if let Some(expected) = expected
            && expected != actual
        {
            found.push(Difference { key, expected, found: actual });
        }
    };
    compare("expect", said.outcome.map(|outcome| outcome.word().to_owned()), outcome(said, report));
    compare("states", said.states.map(|n| n.to_string()), report.states.len().to_string());
    compare("positive", said.positive.map(|n| n.to_string()), report.positive.to_string());
    compare("negative", said.negative.map(|n| n.to_string()), report.negative.to_string());
    compare("hash", said.hash.clone(), report.hash.clone());
    compare("flag", said.flags.as_deref().map(flags), flags(&report.flags));
    found
}

/// The word for what came out; of two words that both hold, the one that is expected.
fn outcome(said: &Expectation, report: &Report) -> String {
    let empty = report.positive == 0 && report.negative == 0;
    match (said.outcome, report.observation()) {
        (Some(Outcome::Maybe), Some(_)) => Outcome::Maybe.word().to_owned(),
        (Some(Outcome::Deadlock), Some(_)) if empty => Outcome::Deadlock.word().to_owned(),
        (_, observation) => observation.map_or("no answer", Observation::word).to_owned(),
    }
}

fn flags(names: &[String]) -> String {
    let mut names = names.to_vec();
    names.sort();
    if names.is_empty() { "none".to_owned() } else { names.join(",") }
}

/// The text of a test with the values of one directive replaced by what was found.
pub fn bless(text: &str, said: &Expectation, differences: &[Difference]) -> String {
    let (start, end) = (said.span.start as usize, said.span.end as usize);
    let mut directive = text[start..end].to_owned();
    for difference in differences {
        let old = format!("{}={}", difference.key, difference.expected);
        let new = format!("{}={}", difference.key, difference.found);
        directive = directive.replacen(&old, &new, 1);
    }
    format!("{}{directive}{}", &text[..start], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge;

    const SB: &str = "X86 SB\n(* run: expect=Never positive=3 negative=3 *)\n{ }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n";

    #[test]
    fn differences_are_named_and_blessed() {
        let options = turnsole::Options::default();
        let test = judge::parse(SB).unwrap();
        let report = turnsole::simulate(&test, &judge::model("x86tso.cat", &options).unwrap(), &options);
        let said = &litmus::expectations(&test).0[0];
        let found = differences(said, &report);
        let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["expect: expected Never, found Sometimes", "positive: expected 3, found 1"]);
        let blessed = bless(SB, said, &found);
        assert!(blessed.contains("(* run: expect=Sometimes positive=1 negative=3 *)"), "{blessed}");
    }
}
