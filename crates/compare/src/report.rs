//! A comparison as JSON. The schema is described in `docs/compare.md`.

use litmus::{Gap, LoggedTest};
use serde::Serialize;

use crate::columns::outcomes;
use crate::diff::{Class, Difference};
use crate::{Comparison, Layout, Row};

/// Counts changes of the schema that readers can notice. New keys are no change.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: &'a str,
    logs: Vec<LogRecord<'a>>,
    summaries: Vec<SummaryRecord<'a>>,
    tests: Vec<TestRecord<'a>>,
}

#[derive(Serialize)]
struct LogRecord<'a> {
    title: &'a str,
    tests: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_at_line: Option<usize>,
}

#[derive(Serialize)]
struct SummaryRecord<'a> {
    log: &'a str,
    tests: usize,
    same: usize,
    different: usize,
    only_first: usize,
    only_other: usize,
    #[serde(flatten)]
    by_class: std::collections::BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct TestRecord<'a> {
    name: &'a str,
    logs: Vec<Option<AnswerRecord<'a>>>,
    differences: Vec<DifferenceRecord<'a>>,
}

#[derive(Serialize)]
struct AnswerRecord<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    no_answer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bounded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    observation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    negative: Option<u64>,
    states: usize,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    flags: &'a [std::borrow::Cow<'a, str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'a str>,
}

#[derive(Serialize)]
struct DifferenceRecord<'a> {
    log: &'a str,
    classes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    positive: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    negative: Vec<&'a str>,
}

impl Comparison<'_> {
    /// The comparison as one JSON document. `tool` is what writes it.
    ///
    /// # Errors
    /// None that can happen: the writer is memory.
    pub fn json(&self, layout: &Layout, tool: &str) -> Result<String, serde_json::Error> {
        let document = Document {
            schema_version: SCHEMA_VERSION,
            tool,
            logs: self.logs.iter().map(log).collect(),
            summaries: self.summary_records(),
            tests: self.shown(layout).map(|row| self.record(row, layout)).collect(),
        };
        serde_json::to_string(&document).map(|text| text + "\n")
    }

    fn summary_records(&self) -> Vec<SummaryRecord<'_>> {
        let records = self.summaries.iter().zip(&self.logs[1..]).map(|(summary, named)| SummaryRecord {
            log: &named.title,
            tests: summary.tests,
            same: summary.same,
            different: summary.different(),
            only_first: summary.only_first,
            only_other: summary.only_other,
            by_class: Class::ALL.into_iter().map(Class::word).zip(summary.by_class).collect(),
        });
        records.collect()
    }

    fn record<'a>(&'a self, row: &'a Row, layout: &Layout) -> TestRecord<'a> {
        let differences = row.differences.iter().enumerate().filter(|(_, it)| !it.classes.is_empty());
        TestRecord {
            name: &row.name,
            logs: (0..self.logs.len()).map(|log| self.test(row, log).map(answer)).collect(),
            differences: differences.map(|(at, it)| self.difference(row, at + 1, it, layout)).collect(),
        }
    }

    fn difference<'a>(
        &'a self,
        row: &Row,
        log: usize,
        difference: &Difference,
        layout: &Layout,
    ) -> DifferenceRecord<'a> {
        let list = |class: Class, of: usize, which: &[usize]| {
            let shown = !layout.brief && difference.classes.has(class);
            if shown { outcomes(self, row, of, which) } else { Vec::new() }
        };
        DifferenceRecord {
            log: &self.logs[log].title,
            classes: difference.classes.iter().map(Class::word).collect(),
            positive: list(Class::Positive, log, &difference.positive),
            negative: list(Class::Negative, 0, &difference.negative),
        }
    }
}

fn log<'a>(named: &'a crate::NamedLog<'_>) -> LogRecord<'a> {
    LogRecord { title: &named.title, tests: named.log.tests.len(), cut_at_line: named.log.cut }
}

fn answer<'a>(test: &'a LoggedTest<'a>) -> AnswerRecord<'a> {
    let observation = test.observation;
    AnswerRecord {
        no_answer: test.gap.as_ref().map(|gap| match gap {
            Gap::Cut => "cut",
            Gap::Said(why) => why,
        }),
        kind: test.kind.map(litmus::Kind::word),
        verdict: test.validation.map(litmus::Validation::word),
        bounded: test.bounded,
        observation: observation.map(|it| it.outcome.word()),
        positive: observation.map(|it| it.positive),
        negative: observation.map(|it| it.negative),
        states: test.states.len(),
        flags: &test.flags,
        hash: test.hash.as_deref(),
    }
}
