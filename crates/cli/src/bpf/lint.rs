//! `turnsole bpf lint`: what may go wrong in a program that runs on several processors at once?

use super::{Input, Output};
use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Session, Settings};
use clap::Args;
use serde_json::{Value, json};
use std::io::{self, Write};
use syntax::Diagnostic;

const HELP: &str = "\
Looked for are: atomic operations without FETCH that are meant as barriers (bpf::unordered-atomic), loads behind a
compare-exchange that may have failed (bpf::failed-cmpxchg), acquire without release and the other way round
(bpf::unpaired-acquire, bpf::unpaired-release), and code that is right on x86 only (bpf::x86-only).
`turnsole explain CODE` says more. Findings are not proofs, and nothing found is none either.

Exit status:
  0   nothing was found
  1   something was found
  2   an option or the file is wrong, or something in it is no instruction; the rest is searched";

/// Options of `turnsole bpf lint`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct LintArgs {
    #[command(flatten)]
    input: Input,

    /// How findings are written.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    format: Output,

    /// Short for --format json.
    #[arg(long)]
    json: bool,

    /// Leave out findings of these codes.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    allow: Vec<String>,
}

pub(super) fn lint(args: &LintArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let loaded = args.input.load();
    let status = loaded.complain(&loaded.diagnostics, terminal)?;
    let Some(program) = &loaded.program else { return Ok(status) };
    let mut findings = bpf_object::lint(program);
    findings.retain(|found| !args.allow.iter().any(|code| code == found.code));
    if args.json || args.format == Output::Json {
        let list: Vec<Value> = findings.iter().map(entry).collect();
        writeln!(terminal.out, "{:#}", json!({ "file": loaded.name, "findings": list }))?;
    } else {
        let session = Session::new(Settings::default());
        let sources = session.sources(&loaded.name, &loaded.text);
        let text = Render::new(terminal.out_color).all(&findings, &sources);
        terminal.out.write_all(text.as_bytes())?;
    }
    Ok(if findings.is_empty() { status } else { status.worst(Status::Failed) })
}

fn entry(found: &Diagnostic) -> Value {
    let labels: Vec<Value> = found
        .labels
        .iter()
        .map(|(span, text)| json!({ "start": span.start, "end": span.end, "text": text }))
        .collect();
    json!({
        "code": found.code,
        "message": found.message,
        "start": found.span.start,
        "end": found.span.end,
        "labels": labels,
        "help": found.help,
    })
}
