//! `turnsole bpf groups`: what does a program need?

use super::{Input, Loaded, Output};
use crate::status::Status;
use crate::terminal::Terminal;
use bpf_object::groups::feature::Feature;
use bpf_object::groups::jit::{Jit, Support};
use bpf_object::groups::registry::{Group, Table};
use bpf_object::groups::{Needs, Use, needs};
use clap::Args;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

const HELP: &str = "\
Where public tables disagree about an instruction, the groups by each of them are given, and why.

Exit status:
  0   every instruction is one
  2   an option or the file is wrong, or something in it is no instruction; the rest is judged";

/// Options of `turnsole bpf groups`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct GroupsArgs {
    #[command(flatten)]
    input: Input,

    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    format: Output,

    /// Short for --format json.
    #[arg(long)]
    json: bool,

    /// Answer for each function, too.
    #[arg(long)]
    by_function: bool,
}

pub(super) fn groups(args: &GroupsArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let loaded = args.input.load();
    let status = loaded.complain(&loaded.diagnostics, terminal)?;
    let text = if args.json || args.format == Output::Json {
        Some(format!("{:#}\n", document(&loaded)))
    } else {
        report(&loaded, args.by_function)
    };
    terminal.out.write_all(text.unwrap_or_default().as_bytes())?;
    Ok(status)
}

/// The whole answer for people, if there is a program.
fn report(loaded: &Loaded, by_function: bool) -> Option<String> {
    let program = loaded.program.as_ref()?;
    let all = needs(&program.functions, &program.data);
    let mut text = format!(
        "{}: {}, {}\n\n",
        loaded.name,
        several(program.functions.len(), "function"),
        several(all.instructions, "instruction")
    );
    text += &group_lines(&all);
    text += &version_lines(&all);
    text += &jit_lines(&all);
    if by_function {
        for function in &program.functions {
            let own = needs([function], &program.data);
            let kernel = own.kernel().map_or_else(|_| "none".to_owned(), |(release, _)| release.to_string());
            let _ = writeln!(
                text,
                "\n{} ({}, {})\n  groups {}, -mcpu {}, Linux {kernel}",
                function.name,
                function.section,
                several(own.instructions, "instruction"),
                names(&own.groups(Table::Registry)),
                own.cpu().name(),
            );
            for (feature, found) in &own.unregistered {
                let _ = writeln!(text, "  outside the registry: {} ({})", feature.name(), found.count);
            }
        }
    }
    Some(text)
}

fn several(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn names(groups: &[Group]) -> String {
    if groups.is_empty() {
        return "none".to_owned();
    }
    groups.iter().map(|group| group.name()).collect::<Vec<_>>().join(", ")
}

fn place(found: &Use) -> String {
    format!("{}, first in `{}` at {}", found.count, found.function, found.slot)
}

fn group_lines(needs: &Needs) -> String {
    let mut text = format!("Conformance groups: {}\n", names(&needs.groups(Table::Registry)));
    for (group, found) in &needs.agreed {
        let _ = writeln!(text, "  {:<9} {}", group.name(), place(found));
    }
    if needs.invalid > 0 {
        let _ = writeln!(text, "  {} no instructions of BPF", needs.invalid);
    }
    if !needs.unregistered.is_empty() {
        text += "\nOutside the registry:\n";
        for (feature, found) in &needs.unregistered {
            let _ = writeln!(text, "  {}: {}", feature.name(), place(found));
            if let Some(note) = feature.note() {
                let _ = writeln!(text, "    {note}");
            }
        }
    }
    if needs.disputes().next().is_some() {
        text += "\nThe tables disagree:\n";
        for (dispute, found) in needs.disputes() {
            let _ = writeln!(text, "  {}: {}", dispute.what, place(found));
            let answers = Table::ALL.map(|table| {
                let group = dispute.group(table).map_or("no row", Group::name);
                format!("{} {group}", table.name())
            });
            let _ = writeln!(text, "    {}", answers.join(", "));
            let _ = writeln!(text, "    {}", dispute.reason);
        }
        if needs.is_agreed() {
            text += "  It makes no difference to the groups of this program.\n";
        } else {
            for table in Table::ALL {
                let _ = writeln!(text, "  groups by {}: {}", table.name(), names(&needs.groups(table)));
            }
        }
    }
    text
}

fn version_lines(needs: &Needs) -> String {
    let cpu = needs.cpu();
    let mut text = format!("\nCompilers: -mcpu={}", cpu.name());
    let because: Vec<&str> =
        needs.features.keys().filter(|feature| feature.cpu() == cpu).map(|feature| feature.name()).collect();
    if cpu != bpf_object::groups::feature::Cpu::V1 {
        let _ = write!(text, " for {}", because.join(", "));
    }
    text += "\n";
    if let Some(other) = needs.cpu_of_clang() {
        let _ = writeln!(
            text,
            "  -mcpu={} by what clang does: it makes atomic operations of 64 bits at any version;",
            other.name()
        );
        text += "  the kernel's documentation says that those that fetch need v3\n";
    }
    match needs.kernel() {
        Ok((release, feature)) => {
            let _ = writeln!(text, "Kernels: Linux {release} and later, for {}", feature.name());
        }
        Err(feature) => {
            let _ = writeln!(text, "Kernels: none, for {}", feature.name());
        }
    }
    let wanted = needs.features.iter().filter(|(feature, _)| **feature != Feature::Base);
    for (feature, found) in wanted {
        let kernel = feature.kernel().map_or_else(|| "none".to_owned(), |release| release.to_string());
        let what = feature.name();
        let _ = writeln!(text, "  {kernel:<5} {} {what} ({})", feature.cpu().name(), place(found));
    }
    text
}

fn jit_lines(needs: &Needs) -> String {
    let mut text = "JITs of Linux 7.3:\n".to_owned();
    for jit in Jit::ALL {
        let (support, feature) = needs.jit(jit);
        let what = feature.name();
        let answer = match support {
            Support::Since(release) => format!("yes, since {release}"),
            Support::Commit(commit, month) => format!("yes, since {month} (commit {commit}), for {what}"),
            Support::Yes => format!("yes, in Linux 7.3 at the latest, for {what}"),
            Support::Unknown => format!("not known, for {what}"),
            Support::Partly(reason) => format!("in part, for {what}: {reason}"),
            Support::No(reason) => format!("no, for {what}: {reason}"),
        };
        let _ = writeln!(text, "  {:<11} {answer}", jit.name());
    }
    text
}

/// The whole answer for programs.
fn document(loaded: &Loaded) -> Value {
    let mut document = Map::new();
    document.insert("file".to_owned(), json!(loaded.name));
    if let Some(program) = &loaded.program {
        let all = needs(&program.functions, &program.data);
        document.append(&mut answer(&all));
        let functions: Vec<Value> = program
            .functions
            .iter()
            .map(|function| {
                let mut entry = Map::new();
                entry.insert("name".to_owned(), json!(function.name));
                entry.insert("section".to_owned(), json!(function.section));
                entry.append(&mut answer(&needs([function], &program.data)));
                Value::Object(entry)
            })
            .collect();
        document.insert("functions".to_owned(), json!(functions));
    }
    let errors: Vec<Value> = loaded
        .diagnostics
        .iter()
        .map(|diagnostic| {
            json!({
                "code": diagnostic.code,
                "message": diagnostic.message,
                "start": diagnostic.span.start,
                "end": diagnostic.span.end,
            })
        })
        .collect();
    document.insert("diagnostics".to_owned(), json!(errors));
    Value::Object(document)
}

fn group_names(groups: &[Group]) -> Value {
    json!(groups.iter().map(|group| group.name()).collect::<Vec<_>>())
}

fn use_of(found: &Use) -> Value {
    json!({ "count": found.count, "function": found.function, "instruction": found.slot })
}

/// What some functions need.
fn answer(needs: &Needs) -> Map<String, Value> {
    let by_group: Map<String, Value> =
        needs.agreed.iter().map(|(group, found)| (group.name().to_owned(), use_of(found))).collect();
    let by_table: Map<String, Value> = Table::ALL
        .iter()
        .map(|table| (table.name().to_owned(), group_names(&needs.groups(*table))))
        .collect();
    let unregistered: Map<String, Value> =
        needs.unregistered.iter().map(|(feature, found)| (feature.key().to_owned(), use_of(found))).collect();
    let disagreements: Vec<Value> = needs
        .disputes()
        .map(|(dispute, found)| {
            let answers: Map<String, Value> = Table::ALL
                .iter()
                .map(|table| (table.name().to_owned(), json!(dispute.group(*table).map(Group::name))))
                .collect();
            json!({ "what": dispute.what, "groups": answers, "reason": dispute.reason, "use": use_of(found) })
        })
        .collect();
    let features: Vec<Value> = needs
        .features
        .iter()
        .map(|(feature, found)| {
            json!({
                "name": feature.key(),
                "mcpu": feature.cpu().name(),
                "kernel": feature.kernel().map(|release| release.to_string()),
                "use": use_of(found),
            })
        })
        .collect();
    let jits: Map<String, Value> =
        Jit::ALL.iter().map(|jit| (jit.name().to_owned(), of_jit(needs, *jit))).collect();
    let kernel = needs.kernel().ok().map(|(release, _)| release.to_string());
    let pairs = [
        ("instructions", json!(needs.instructions)),
        ("invalid", json!(needs.invalid)),
        ("groups", group_names(&needs.groups(Table::Registry))),
        ("groups_by_table", json!(by_table)),
        ("instructions_by_group", json!(by_group)),
        ("unregistered", json!(unregistered)),
        ("disagreements", json!(disagreements)),
        ("mcpu", json!(needs.cpu().name())),
        ("mcpu_of_clang", json!(needs.cpu_of_clang().unwrap_or(needs.cpu()).name())),
        ("kernel", json!(kernel)),
        ("features", json!(features)),
        ("jits", json!(jits)),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn of_jit(needs: &Needs, jit: Jit) -> Value {
    let (support, feature) = needs.jit(jit);
    match support {
        Support::Since(release) => json!({ "accepts": "yes", "since": release.to_string() }),
        Support::Commit(commit, month) => {
            json!({ "accepts": "yes", "commit": commit, "month": month, "because": feature.key() })
        }
        Support::Yes => json!({ "accepts": "yes", "because": feature.key() }),
        Support::Unknown => json!({ "accepts": "unknown", "because": feature.key() }),
        Support::Partly(reason) => {
            json!({ "accepts": "partly", "because": feature.key(), "reason": reason })
        }
        Support::No(reason) => json!({ "accepts": "no", "because": feature.key(), "reason": reason }),
    }
}
