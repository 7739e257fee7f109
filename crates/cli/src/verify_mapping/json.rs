//! Results for programs. The schema is described in `docs/mappings.md`.

use super::cycles::Found;
use super::judge::Tests;
use super::{Finding, Named};
use crate::terminal::Terminal;
use compile::mapping::Language;
use compile::session::Executions;
use serde_json::{Value, json};
use std::io::{self, Write};
use turnsole::{Execution, ExecutionEvent};

pub(super) fn findings(
    findings: &[Finding<'_>],
    tests: &Tests,
    cycles: Vec<Value>,
    terminal: &mut Terminal,
) -> io::Result<()> {
    let all: Vec<Value> = findings.iter().map(|finding| record(finding, tests)).collect();
    let document = json!({
        "schema_version": crate::json::SCHEMA_VERSION,
        "tool": crate::json::TOOL,
        "tests": tests.len(),
        "cycles": cycles,
        "mappings": all,
    });
    writeln!(terminal.out, "{document:#}")
}

/// Which cycles were found.
pub(super) fn cycles(language: Language, threads: u8, found: &Found) -> Value {
    json!({
        "source": language.word(),
        "threads": threads,
        "all": found.all,
        "judged": found.asked,
        "minimal": found.minimal,
        "tests": found.cycles.len(),
    })
}

fn record(finding: &Finding<'_>, tests: &Tests) -> Value {
    let Finding { mapping, model, tally, barriers, executions, asked } = finding;
    let mut record = json!({
        "name": mapping.name,
        "title": mapping.title,
        "source": mapping.source.word(),
        "target": mapping.target.word(),
        "target_model": model.title,
        "verdict": match (tally.broken, tally.kept) {
            (0, 0) => "silent",
            (0, _) => "sound",
            _ => "broken",
        },
        "kept": tally.kept,
        "stronger": tally.stronger,
        "broken": tally.broken,
        "not_translated": tally.untranslated,
        "not_judged": tally.unknown,
    });
    if let Some(smallest) = &tally.smallest
        && let Some(Named { file, test }) = tests.get(smallest.number)
    {
        let outcomes: Vec<Value> = smallest
            .outcomes
            .iter()
            .map(|values| {
                smallest
                    .columns
                    .iter()
                    .zip(values)
                    .map(|(name, value)| (name.clone(), json!(**value)))
                    .collect()
            })
            .collect();
        record["counter_example"] = json!({
            "file": file,
            "test": test.name,
            "threads": smallest.size.0,
            "instructions": smallest.size.1,
            "source": test.to_string(),
            "target": smallest.target.to_string(),
            "registers": smallest.names,
            "outcomes": outcomes,
        });
    }
    if let Some(Executions { check, source, target }) = executions {
        record["counter_example"]["fails"] = json!(check);
        record["counter_example"]["source_execution"] = json!(source.as_ref().map(execution));
        record["counter_example"]["target_execution"] = json!(target.as_ref().map(execution));
    }
    if let Some(barriers) = barriers {
        let all = barriers.iter().map(|needed| {
            json!({
                "rule": needed.weakening.rule,
                "line": needed.weakening.line,
                "weaker": needed.weakening.weaker,
                "tests": needed.asked,
                "needed_by": needed.shown_by.and_then(|at| tests.get(asked[at])).map(|named| &named.test.name),
            })
        });
        record["barriers"] = all.collect();
    }
    record
}

fn execution(execution: &Execution) -> Value {
    let event = |event: &ExecutionEvent| json!({ "thread": event.thread, "event": event.text, "instruction": event.instruction });
    let events: Vec<Value> = execution.events.iter().map(event).collect();
    json!({ "events": events, "rf": execution.rf, "co": execution.co })
}
