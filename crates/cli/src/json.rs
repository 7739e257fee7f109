//! Answers in JSON. The schema is described in `docs/cli.md`; a change that readers can notice counts
//! [`SCHEMA_VERSION`] up.

use crate::run::Answer;
use crate::status::Status;
use batch::{Settings, Sources};
use serde::{Serialize, Serializer};
use std::sync::Arc;
use syntax::{Diagnostic, FileId, Severity, SourceFile};
use turnsole::Report;

/// Counts changes of the schema. New keys are no change.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// What wrote it.
pub(crate) const TOOL: &str = concat!("turnsole ", env!("CARGO_PKG_VERSION"));

/// The beginning of a document of many records.
pub(crate) fn document_start() -> String {
    format!("{{\"schema_version\":{SCHEMA_VERSION},\"tool\":\"{TOOL}\",\"tests\":[")
}

/// One test. Without an answer there is no verdict, no observation, and there are no states: nothing that could be
/// read as “never”.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    schema_version: u32,
    tool: &'static str,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    status: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    report: Option<ReportRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) expectations: Vec<ExpectationRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diagnostics: Vec<DiagnosticRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<f64>,
}

#[derive(Serialize)]
struct ReportRecord<'a> {
    arch: &'a str,
    model: ModelRecord<'a>,
    engine: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    engine_reason: &'a str,
    asked: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    hash: &'a str,
    limits: Limits<'a>,
    condition: Condition<'a>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerRecord<'a>>,
}

#[derive(Serialize)]
struct ModelRecord<'a> {
    /// The name by which it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    title: &'a str,
}

#[derive(Serialize)]
struct Limits<'a> {
    unroll: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<u64>,
    /// Where loops were cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_at: Option<&'a [String]>,
    /// What there was too much of.
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded: Option<&'a str>,
}

#[derive(Serialize)]
struct Condition<'a> {
    kind: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct AnswerRecord<'a> {
    verdict: &'static str,
    observation: &'static str,
    positive: u64,
    negative: u64,
    states: Vec<StateRecord<'a>>,
    flags: &'a [String],
    undefined: bool,
    candidates: u64,
}

#[derive(Serialize)]
struct StateRecord<'a> {
    values: Values<'a>,
    satisfies: bool,
    witnesses: u64,
}

/// The values of a state, by column, in the order of the columns.
struct Values<'a> {
    columns: &'a [String],
    values: &'a [Arc<str>],
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().zip(self.values.iter().map(|value| &**value)))
    }
}

/// How an expectation fared.
#[derive(Clone, Serialize)]
pub(crate) struct ExpectationRecord {
    pub(crate) case: String,
    pub(crate) result: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<String>,
}

#[derive(Serialize)]
struct DiagnosticRecord<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<SpanRecord>,
}

/// A place: bytes from 0; lines and columns from 1, columns in characters.
#[derive(Serialize)]
struct SpanRecord {
    start: u32,
    end: u32,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// Makes the record of one test.
pub(crate) fn record<'a>(
    answer: &Answer<'a>,
    diagnostics: &'a [Diagnostic],
    status: Status,
    settings: &Settings,
    sources: &'a Sources,
    time: bool,
) -> Record<'a> {
    let report = answer.judged.and_then(|judged| judged.report.as_ref());
    let model_name = answer.judged.and_then(|judged| judged.model_name.as_deref());
    Record {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        file: answer.file,
        name: answer.name,
        status: status_word(report, status),
        report: report.map(|report| report_record(report, model_name, settings)),
        expectations: Vec::new(),
        diagnostics: diagnostics.iter().map(|diagnostic| diagnostic_record(diagnostic, sources)).collect(),
        milliseconds: answer.judged.filter(|_| time).map(|judged| judged.elapsed.as_secs_f64() * 1e3),
    }
}

fn status_word(report: Option<&Report>, status: Status) -> &'static str {
    match report.map(|report| &report.status) {
        Some(turnsole::Status::Complete) => "complete",
        Some(turnsole::Status::Bounded { .. }) => "bounded",
        Some(turnsole::Status::Timeout) => "timeout",
        Some(turnsole::Status::OutOfMemory { .. }) => "memory",
        Some(turnsole::Status::LimitExceeded { .. }) => "limit",
        Some(turnsole::Status::Error) | None if status == Status::Internal => "internal-error",
        Some(turnsole::Status::Error) | None => "error",
    }
}

fn report_record<'a>(report: &'a Report, model: Option<&'a str>, settings: &Settings) -> ReportRecord<'a> {
    let (unroll, cut_at, exceeded) = match &report.status {
        turnsole::Status::Bounded { unroll, at } => (*unroll, Some(at.as_slice()), None),
        turnsole::Status::LimitExceeded { what } => (settings.options.unroll, None, Some(what.as_str())),
        _ => (settings.unroll.unwrap_or(settings.options.unroll), None, None),
    };
    ReportRecord {
        arch: &report.arch,
        model: ModelRecord { name: model, title: &report.model },
        engine: report.engine,
        engine_reason: &report.engine_reason,
        asked: report.asked.word(),
        hash: &report.hash,
        limits: Limits {
            unroll,
            timeout_seconds: settings.timeout.map(|timeout| timeout.as_secs_f64()),
            memory_bytes: settings.options.memory,
            cut_at,
            exceeded,
        },
        condition: Condition { kind: report.kind.word(), text: &report.condition },
        answer: answer_record(report),
    }
}

fn answer_record(report: &Report) -> Option<AnswerRecord<'_>> {
    let states = report.states.iter().map(|state| StateRecord {
        values: Values { columns: &report.columns, values: &state.values },
        satisfies: state.satisfies,
        witnesses: state.witnesses,
    });
    Some(AnswerRecord {
        verdict: report.verdict()?.word(),
        observation: report.observation()?.word(),
        positive: report.positive,
        negative: report.negative,
        states: states.collect(),
        flags: &report.flags,
        undefined: report.undefined,
        candidates: report.candidates,
    })
}

fn diagnostic_record<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> DiagnosticRecord<'a> {
    let (file, text) = sources.file(diagnostic.span.file);
    DiagnosticRecord {
        code: diagnostic.code,
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        file,
        span: span_record(diagnostic, text),
    }
}

fn span_record(diagnostic: &Diagnostic, text: &str) -> Option<SpanRecord> {
    let span = diagnostic.span;
    if text.is_empty() || (span.file == FileId::default() && span.end == 0) {
        return None;
    }
    let source = SourceFile { name: String::new(), text: text.to_owned() };
    let (start, end) = (source.position(span.start), source.position(span.end));
    Some(SpanRecord {
        start: span.start,
        end: span.end,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    })
}
