//! Reports in herd7's format, byte for byte.

use std::io::{self, Write};
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
pub fn write_report(out: &mut impl Write, report: &Report, extras: Extras) -> io::Result<()> {
    let (Some(verdict), Some(observation)) = (report.verdict(), report.observation()) else { return Ok(()) };
    let observation = if extras.decided { decided_word(report) } else { observation.word() };
    let Report { name, positive, negative, .. } = report;
    writeln!(out, "Test {name} {}", report.kind.word())?;
    write_states(out, report)?;
    let prefix = if matches!(report.status, Status::Bounded { .. }) { "Loop " } else { "" };
    writeln!(out, "{prefix}{}", verdict.word())?;
    let (witnesses, others) = match report.kind {
        Kind::Forbidden => (negative, positive),
        Kind::Allowed | Kind::Required => (positive, negative),
    };
    writeln!(out, "Witnesses\nPositive: {witnesses} Negative: {others}")?;
    write_flags(out, report)?;
    writeln!(out, "Condition {}", report.condition)?;
    writeln!(out, "Observation {name} {observation} {positive} {negative}")?;
    if let Some(time) = extras.time {
        writeln!(out, "Time {name} {:.2}", time.as_secs_f64())?;
    }
    if extras.candidates {
        writeln!(out, "Candidates {name} {}", report.candidates)?;
    }
    if !report.hash.is_empty() {
        writeln!(out, "Hash={}", report.hash)?;
    }
    writeln!(out)
}

fn write_states(out: &mut impl Write, report: &Report) -> io::Result<()> {
    writeln!(out, "States {}", report.states.len())?;
    for state in &report.states {
        write_state(out, &report.columns, state)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

/// Prints `0:X0=1; [x]=2;  ~fault(P0,x);`. A fault is a column whose name is `~fault(…)`; its value is the fault that
/// happened, or empty if none did.
pub fn write_state(out: &mut impl Write, columns: &[String], state: &State) -> io::Result<()> {
    for (at, (column, value)) in columns.iter().zip(&state.values).enumerate() {
        let space = if at == 0 { "" } else { " " };
        if !column.starts_with('~') {
            write!(out, "{space}{column}={value};")?;
        } else if value.is_empty() {
            write!(out, "{space} {column};")?;
        } else {
            write!(out, "{space} {value};")?;
        }
    }
    Ok(())
}

/// One line for each flag.
fn write_flags(out: &mut impl Write, report: &Report) -> io::Result<()> {
    report.flags.iter().try_for_each(|flag| writeln!(out, "Flag {flag}"))
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
