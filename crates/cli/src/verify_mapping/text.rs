//! Results for people.

use super::cycles::Found;
use super::judge::Tests;
use super::{Finding, Named};
use crate::terminal::Terminal;
use compile::mapping::{self, Language, SHIPPED};
use compile::session::{Break, Executions, Needed, Tally};
use std::collections::BTreeMap;
use std::io::{self, Write};
use turnsole::Execution;

/// The mappings that are built in.
pub(super) fn list(terminal: &mut Terminal) -> io::Result<()> {
    let width = SHIPPED.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for one in SHIPPED {
        let title = one.text.lines().find(|line| line.starts_with('"')).unwrap_or_default().trim_matches('"');
        let wrong = if one.wrong { " (known to be wrong)" } else { "" };
        writeln!(terminal.out, "{:<width$}  {title}{wrong}", one.name)?;
    }
    debug_assert!(mapping::shipped("lib/arm64").is_some());
    Ok(())
}

pub(super) fn findings(findings: &[Finding<'_>], tests: &Tests, terminal: &mut Terminal) -> io::Result<()> {
    let width = findings.iter().map(|finding| finding.mapping.name.len()).max().unwrap_or(0);
    for finding in findings {
        let Finding { mapping, tally, .. } = finding;
        // Who was asked nothing says nothing.
        let word = match (tally.broken, tally.kept) {
            (0, 0) => "silent",
            (0, _) => "sound ",
            _ => "broken",
        };
        writeln!(terminal.out, "{word} {:<width$}  {}", mapping.name, counts(tally))?;
    }
    for finding in findings {
        details(finding, tests, terminal)?;
    }
    Ok(())
}

/// Which cycles were found.
pub(super) fn cycles(
    language: Language,
    threads: u8,
    found: &Found,
    terminal: &mut Terminal,
) -> io::Result<()> {
    let Found { cycles, minimal, all, asked } = found;
    writeln!(
        terminal.out,
        "{}: of {all} cycles of at most {threads} threads, {minimal} are forbidden and as weak as can be ({asked} judged){}",
        language.word(),
        match cycles.len() - minimal {
            0 => String::new(),
            others => format!("; {others} more tests with other updates"),
        }
    )
}

fn counts(tally: &Tally) -> String {
    let sum = |map: &BTreeMap<String, usize>| map.values().sum::<usize>();
    let mut parts = vec![format!("{} kept", tally.kept)];
    if tally.broken > 0 {
        parts.insert(0, format!("{} broken", tally.broken));
    }
    if tally.stronger > 0 {
        parts.push(format!("{} of them with fewer outcomes", tally.stronger));
    }
    for (count, what) in [(sum(&tally.untranslated), "not translated"), (sum(&tally.unknown), "not judged")] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    parts.join(", ")
}

fn details(finding: &Finding<'_>, tests: &Tests, terminal: &mut Terminal) -> io::Result<()> {
    let Finding { mapping, model, tally, .. } = finding;
    let reasons = |map: &BTreeMap<String, usize>| {
        let mut all: Vec<(usize, String)> =
            map.iter().map(|(reason, count)| (*count, reason.clone())).collect();
        all.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        all
    };
    let lists = [("not translated", reasons(&tally.untranslated)), ("not judged", reasons(&tally.unknown))];
    if tally.smallest.is_none() && finding.barriers.is_none() && lists.iter().all(|(_, list)| list.is_empty())
    {
        return Ok(());
    }
    writeln!(
        terminal.out,
        "\n{}: {}\n  {} under {}",
        mapping.name, mapping.title, mapping.target, model.title
    )?;
    for (what, list) in lists {
        for (count, reason) in list.iter().take(5) {
            writeln!(terminal.out, "  {count} {what}: {reason}")?;
        }
        if list.len() > 5 {
            writeln!(terminal.out, "  {what} for {} more reasons", list.len() - 5)?;
        }
    }
    if let Some(smallest) = &tally.smallest {
        counter_example(smallest, tests, terminal)?;
        if let Some(executions) = &finding.executions {
            both(executions, terminal)?;
        }
    }
    if let Some(barriers) = &finding.barriers {
        needed(barriers, finding, tests, terminal)?;
    }
    Ok(())
}

/// A test in both languages and what may happen in the second only.
fn counter_example(smallest: &Break, tests: &Tests, terminal: &mut Terminal) -> io::Result<()> {
    let Some(Named { file, test }) = tests.get(smallest.number) else { return Ok(()) };
    writeln!(terminal.out, "  The smallest of the tests that it breaks is {} ({file}):\n", test.name)?;
    for text in [test.to_string(), smallest.target.to_string()] {
        for line in text.trim_end().lines() {
            writeln!(terminal.out, "    {line}")?;
        }
        writeln!(terminal.out)?;
    }
    writeln!(terminal.out, "  Forbidden by the source, and allowed by the target:")?;
    for outcome in smallest.outcomes.iter().take(3) {
        let there = |name: &String| match smallest.names.get(name) {
            Some(target) if target != name => format!("{name} ({target})"),
            _ => name.clone(),
        };
        let values = smallest.columns.iter().zip(outcome);
        let values: Vec<String> = values.map(|(name, value)| format!("{}={value}", there(name))).collect();
        writeln!(terminal.out, "    {}", values.join(" "))?;
    }
    Ok(())
}

/// One execution in each language.
fn both(executions: &Executions, terminal: &mut Terminal) -> io::Result<()> {
    let Executions { check, source, target } = executions;
    if let Some(source) = source {
        let why = match check {
            Some(check) => format!("which fails `{check}`, and nothing else"),
            None => "which fails more than one check".to_owned(),
        };
        writeln!(terminal.out, "\n  In the source, an execution that ends so, {why}:")?;
        execution(source, terminal)?;
    }
    if let Some(target) = target {
        writeln!(terminal.out, "\n  In the target, an execution that ends so and is allowed:")?;
        execution(target, terminal)?;
    }
    Ok(())
}

/// Events by letter, thread by thread, and what connects them.
fn execution(execution: &Execution, terminal: &mut Terminal) -> io::Result<()> {
    let letter = |at: usize| match u8::try_from(at) {
        Ok(at @ 0..26) => char::from(b'a' + at).to_string(),
        _ => format!("e{at}"),
    };
    let width = execution.events.iter().map(|event| event.text.chars().count()).max().unwrap_or(0);
    let mut thread = None;
    for (at, event) in execution.events.iter().enumerate() {
        let head = match event.thread {
            None if at == 0 => "start".to_owned(),
            Some(number) if at == 0 || thread != Some(number) => format!("P{number}"),
            _ => String::new(),
        };
        thread = event.thread;
        let spaces = " ".repeat(width.saturating_sub(event.text.chars().count()));
        let line = format!("    {head:<5} {}: {}{spaces}  {}", letter(at), event.text, event.instruction);
        writeln!(terminal.out, "{}", line.trim_end())?;
    }
    for (name, pairs) in [("rf", &execution.rf), ("co", &execution.co)] {
        let pairs: Vec<String> =
            pairs.iter().map(|(from, to)| format!("{}→{}", letter(*from), letter(*to))).collect();
        if !pairs.is_empty() {
            writeln!(terminal.out, "    {name}: {}", pairs.join(" "))?;
        }
    }
    Ok(())
}

/// Which barriers some test needs.
fn needed(
    barriers: &[Needed],
    finding: &Finding<'_>,
    tests: &Tests,
    terminal: &mut Terminal,
) -> io::Result<()> {
    writeln!(terminal.out, "  Barriers, weakened one after the other:")?;
    let mut rule = "";
    for Needed { weakening, shown_by, asked } in barriers {
        if rule != weakening.rule {
            writeln!(terminal.out, "    {}", weakening.rule)?;
            rule = &weakening.rule;
        }
        let to = if weakening.weaker.is_empty() { "nothing" } else { &weakening.weaker };
        let result = match shown_by {
            Some(at) => {
                let name = tests.get(finding.asked[*at]).map_or("", |named| &named.test.name);
                format!("needed: {name}")
            }
            None if *asked == 0 => "no test uses it".to_owned(),
            None => format!("no test needs it ({asked} asked)"),
        };
        writeln!(terminal.out, "      {}  =>  {to}: {result}", weakening.line)?;
    }
    let free: Vec<&Needed> =
        barriers.iter().filter(|needed| needed.shown_by.is_none() && needed.asked > 0).collect();
    if !free.is_empty() {
        writeln!(terminal.out, "  Stronger than these tests need:")?;
    }
    for Needed { weakening, .. } in free {
        let to = if weakening.weaker.is_empty() { "nothing" } else { &weakening.weaker };
        writeln!(terminal.out, "    {}: {} could be {to}", weakening.rule, weakening.line)?;
    }
    Ok(())
}
