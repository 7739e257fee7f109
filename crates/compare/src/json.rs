//! Logs in JSON: the documents and the lines that `turnsole run` writes. Records can also stand in a plain array.

use std::borrow::Cow;
use std::fmt;

use litmus::{Gap, Kind, Log, LoggedState, LoggedTest, Observation, Outcome, Validation};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use syntax::{Diagnostic, FileId, Span};

/// One test. Keys that are not listed don't matter.
#[derive(Deserialize)]
struct Record {
    name: Option<String>,
    status: Option<String>,
    hash: Option<String>,
    condition: Option<Condition>,
    verdict: Option<String>,
    observation: Option<String>,
    positive: Option<u64>,
    negative: Option<u64>,
    #[serde(default)]
    states: Vec<State>,
    #[serde(default)]
    flags: Vec<String>,
    milliseconds: Option<f64>,
}

#[derive(Deserialize)]
struct Condition {
    kind: Option<String>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct State {
    values: Values,
    #[serde(default)]
    satisfies: bool,
}

/// The values of a state as a line of a log. A place `~fault(…)` has the fault that happened as its value.
struct Values(String);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
        struct Line;
        impl<'de> Visitor<'de> for Line {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of places and their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut line = String::new();
                while let Some((place, value)) = map.next_entry::<Cow<'de, str>, Cow<'de, str>>()? {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                    match (place.starts_with('~'), value.is_empty()) {
                        (true, false) => {}
                        (_, true) => line.push_str(&place),
                        (false, false) => {
                            line.push_str(&place);
                            line.push('=');
                        }
                    }
                    line.push_str(&value);
                    line.push(';');
                }
                Ok(Values(line))
            }
        }
        deserializer.deserialize_map(Line)
    }
}

/// Reads all records.
pub(crate) fn read(file: FileId, text: &str, problems: &mut Vec<Diagnostic>) -> Log<'static> {
    let mut log = Log::default();
    let list = list_start(text);
    let mut at = list.unwrap_or(0);
    // Of a record, lines are counted from where it starts.
    let mut line = 1 + count_lines(&text[..at]);
    // A document with a key `tests` is one of ours.
    let mut known_records = list.is_some() && text.trim_start().starts_with('{');
    loop {
        let rest = &text[at..];
        let skipped = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', ',']).len();
        line += count_lines(&rest[..skipped]);
        at += skipped;
        let rest = &text[at..];
        if rest.is_empty() {
            if list.is_some() {
                log.cut = Some(line);
            }
            break;
        }
        if list.is_some() && rest.starts_with(']') {
            break;
        }
        let mut records = serde_json::Deserializer::from_str(rest).into_iter::<Record>();
        match records.next() {
            Some(Ok(record)) => {
                known_records |= record.name.is_some() || record.status.is_some();
                log.tests.extend(test(record, line));
            }
            Some(Err(error)) if error.is_eof() && (known_records || starts_record(rest)) => {
                log.cut = Some(line);
                break;
            }
            Some(Err(error)) => {
                problems.push(bad_json(file, text, at, &error));
                break;
            }
            None => break,
        }
        let read = records.byte_offset();
        line += count_lines(&rest[..read]);
        at += read;
    }
    let is_ours = known_records || list.is_some() || log.cut.is_some();
    if !is_ours && problems.is_empty() {
        let message = "this is JSON, but no log: there are no tests in it";
        problems.push(
            Diagnostic::error("log::no-log", Span::new(file, 0, 0), message)
                .with_help("logs in JSON are what `turnsole run --format json` or `ndjson` writes"),
        );
    }
    log
}

fn count_lines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// Whether this is the beginning of one of our records, however early it breaks off.
fn starts_record(text: &str) -> bool {
    let squeezed: String = text.chars().take(60).filter(|c| !c.is_whitespace()).collect();
    let start = "{\"schema_version\":";
    squeezed.starts_with(start) || (!squeezed.is_empty() && start.starts_with(&squeezed))
}

/// Where the records of a document start: behind the `[` of its key `tests`, or of a plain array.
fn list_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = text.len() - text.trim_start().len();
    if bytes.get(at) == Some(&b'[') {
        return Some(at + 1);
    }
    let mut depth = 0usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return None;
                }
            }
            b'"' => {
                let end = string_end(bytes, at)?;
                if depth == 1 && &bytes[at..end] == b"\"tests\"" {
                    let behind =
                        text[end..].trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?;
                    return Some(text.len() - behind.len());
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset behind the string that starts at `at`.
fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}

fn bad_json(file: FileId, text: &str, at: usize, error: &serde_json::Error) -> Diagnostic {
    let rest = &text[at..];
    let before: usize = rest.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let mut start = (at + before + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or("");
    Diagnostic::error("log::bad-json", Span::new(file, start, end), format!("this is no log: {message}"))
        .with_help("logs in JSON are what `turnsole run --format json` or `ndjson` writes")
}

/// A record as a test of a log. One without a name is about a file that could not be read.
fn test(record: Record, line: usize) -> Option<LoggedTest<'static>> {
    let name = record.name?;
    let status = record.status.unwrap_or_default();
    let condition = record.condition;
    let kind = condition.as_ref().and_then(|it| it.kind.as_deref()).and_then(Kind::from_word);
    let counts = record.positive.zip(record.negative);
    let outcome = record.observation.as_deref().and_then(Outcome::from_word);
    let observation = outcome.zip(counts).map(|(outcome, (positive, negative))| Observation {
        outcome,
        positive,
        negative,
    });
    let states = record.states.into_iter().map(|state| LoggedState {
        count: None,
        marked: state.satisfies,
        text: Cow::Owned(state.values.0),
    });
    let no_answer = record.verdict.is_none() && observation.is_none();
    let reason = if status.is_empty() { "no answer".to_owned() } else { status.clone() };
    Some(LoggedTest {
        name: name.into(),
        line,
        kind,
        histogram: false,
        states: states.collect(),
        validation: record.verdict.as_deref().and_then(validation),
        bounded: status == "bounded",
        // Logs count what satisfies the condition, which says for some kinds that nothing may.
        witnesses: counts.map(|(positive, negative)| match kind {
            Some(Kind::Forbidden) => (negative, positive),
            _ => (positive, negative),
        }),
        flags: record.flags.into_iter().map(Cow::Owned).collect(),
        condition: condition.and_then(|condition| condition.text).map(Cow::Owned),
        observation,
        time: record.milliseconds.map(|time| Cow::Owned(format!("{:.2}", time / 1e3))),
        hash: record.hash.map(Cow::Owned),
        gap: no_answer.then_some(Gap::Said(reason)),
    })
}

fn validation(word: &str) -> Option<Validation> {
    match word {
        "Ok" => Some(Validation::Ok),
        "No" => Some(Validation::No),
        "Undef" => Some(Validation::Undef),
        _ => None,
    }
}
