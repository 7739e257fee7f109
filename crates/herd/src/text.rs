//! Reports in herd7's format, byte for byte.

use smallvec::SmallVec;
use std::io;
use std::time::Duration;
use turnsole::{Kind, Observation, Report, State, Status};

/// What is printed beside the answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extras {
    /// The `Time` line.
    pub time: Option<Duration>,
    /// The `Candidates` line.
    pub candidates: bool,
    /// The answer covers only the executions that decide the condition: see [`crate::speed`].
    pub decided: bool,
}

/// Prints an answer, and the empty line behind it. Reports without an answer print nothing.
pub fn write_report(out: &mut impl io::Write, report: &Report, extras: Extras) -> io::Result<()> {
    let mut text = String::new();
    push_report(&mut text, report, extras);
    out.write_all(text.as_bytes())
}

/// The same, at the end of a string: pieces are appended, since formats cost more than all the rest of a small test.
pub fn push_report(out: &mut String, report: &Report, extras: Extras) {
    let (Some(verdict), Some(observation)) = (report.verdict(), report.observation()) else { return };
    let observation = if extras.decided { decided_word(report) } else { observation.word() };
    let Report { name, positive, negative, .. } = report;
    push(out, &["Test ", name, " ", report.kind.word(), "\n"]);
    push_states(out, report);
    let prefix = if matches!(report.status, Status::Bounded { .. }) { "Loop " } else { "" };
    push(out, &[prefix, verdict.word(), "\nWitnesses\nPositive: "]);
    let (witnesses, others) = match report.kind {
        Kind::Forbidden => (negative, positive),
        Kind::Allowed | Kind::Required => (positive, negative),
    };
    push_number(out, *witnesses);
    out.push_str(" Negative: ");
    push_number(out, *others);
    out.push('\n');
    report.flags.iter().for_each(|flag| push(out, &["Flag ", flag, "\n"]));
    push(out, &["Condition ", &report.condition, "\nObservation ", name, " ", observation, " "]);
    push_number(out, *positive);
    out.push(' ');
    push_number(out, *negative);
    out.push('\n');
    if let Some(time) = extras.time {
        push(out, &["Time ", name, " "]);
        push_seconds(out, time);
    }
    if extras.candidates {
        push(out, &["Candidates ", name, " "]);
        push_number(out, report.candidates);
        out.push('\n');
    }
    if !report.hash.is_empty() {
        push(out, &["Hash=", &report.hash, "\n"]);
    }
    out.push('\n');
}

fn push(out: &mut String, pieces: &[&str]) {
    pieces.iter().for_each(|piece| out.push_str(piece));
}

fn push_number(out: &mut String, number: u64) {
    // The longest has 20 digits.
    let mut digits = [b'0'; 20];
    let (mut at, mut left) = (digits.len(), number);
    while left > 0 || at == digits.len() {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
    }
    // Digits are text.
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

fn push_seconds(out: &mut String, time: Duration) {
    let hundredths = (time.as_millis() as u64 + 5) / 10;
    push_number(out, hundredths / 100);
    out.push('.');
    push_number(out, hundredths / 10 % 10);
    push_number(out, hundredths % 10);
    out.push('\n');
}

fn push_states(out: &mut String, report: &Report) {
    out.push_str("States ");
    push_number(out, report.states.len() as u64);
    out.push('\n');
    let heads = heads(&report.columns);
    for state in &report.states {
        push_values(out, &heads, state);
        out.push('\n');
    }
}

/// Prints `0:X0=1; [x]=2;  ~fault(P0,x);`. A fault is a column whose name is `~fault(…)`; its value is the fault that
/// happened, or empty if none did.
pub fn push_state(out: &mut String, columns: &[String], state: &State) {
    push_values(out, &heads(columns), state);
}

/// What stands in front of a value, with the blank that parts it from the value before.
struct Head {
    text: String,
    /// Whether a value says all, where there is one.
    is_fault: bool,
}

fn heads(columns: &[String]) -> SmallVec<[Head; 4]> {
    let head = |column: &String| {
        let is_fault = column.starts_with('~');
        let text = if is_fault { ["  ", column].concat() } else { [" ", column, "="].concat() };
        Head { text, is_fault }
    };
    columns.iter().map(head).collect()
}

fn push_values(out: &mut String, heads: &[Head], state: &State) {
    for (at, (head, value)) in heads.iter().zip(&state.values).enumerate() {
        let text = if at == 0 { &head.text[1..] } else { &head.text };
        match (head.is_fault, value.as_bytes()) {
            (true, [_, ..]) => push(out, &[if at == 0 { " " } else { "  " }, value]),
            (false, [digit]) => {
                out.push_str(text);
                out.push(char::from(*digit));
            }
            _ => push(out, &[text, value]),
        }
        out.push(';');
    }
}

/// The observation where only deciding executions were kept: “all” can't be said of them.
fn decided_word(report: &Report) -> &'static str {
    let found = match report.kind {
        Kind::Allowed | Kind::Forbidden if report.positive == 0 => Observation::Never,
        Kind::Required if report.negative == 0 => Observation::Always,
        _ => Observation::Sometimes,
    };
    found.word()
}

#[cfg(test)]
mod tests;
