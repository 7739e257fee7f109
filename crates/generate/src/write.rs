//! Tests as text.

use crate::cycle::Cycle;
use crate::edge::{Access, Com, Edge, Kind, Reach};
use crate::emit::{self, Check, Column};
use crate::emit_c;
use crate::plan::{Impossible, Observe, Observers, Plan};
use crate::vocabulary::{Arch, IntType};
use std::fmt::Write;

/// What a test's last lines are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// `exists` of the one outcome that the cycle is about.
    #[default]
    Cycle,
    /// `locations` and no question: all outcomes are looked at.
    Observe,
}

/// How tests are written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// What conditions look at.
    pub observe: Observe,
    /// What shows the order of many writes.
    pub observers: Observers,
    /// What is asked.
    pub condition: Condition,
    /// The type of locations, where accesses have no sizes: 32 bits unless it is said.
    pub ty: Option<IntType>,
    /// Write lines about the cycle between the name and the initial state.
    pub metadata: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            observe: Observe::default(),
            observers: Observers::default(),
            condition: Condition::default(),
            ty: None,
            metadata: true,
        }
    }
}

/// Memory for what is on the way to a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) columns: Vec<Column>,
    pub(crate) checks: Vec<Check>,
    widths: Vec<usize>,
}

/// Writes tests, one after the other, in memory that is kept.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    plan: Plan,
    buffers: Buffers,
    style: Style,
}

impl Writer {
    /// A writer in that style.
    pub fn new(style: Style) -> Writer {
        Writer { style, ..Writer::default() }
    }

    /// Appends the test of a cycle to `out`.
    ///
    /// # Errors
    /// Why there is no such test; `out` is then as it was.
    pub fn write(&mut self, cycle: &Cycle, name: &str, out: &mut String) -> Result<(), Impossible> {
        let start = out.len();
        let result = self.try_write(cycle, name, out);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    fn try_write(&mut self, cycle: &Cycle, name: &str, out: &mut String) -> Result<(), Impossible> {
        if has_additions_in_order(cycle) {
            return Err(Impossible::Observers);
        }
        self.plan.fill(cycle, self.style.observe, self.style.observers, self.style.ty)?;
        self.buffers.checks.clear();
        out.push_str(cycle.vocabulary().word);
        out.push(' ');
        out.push_str(name);
        out.push('\n');
        if self.style.metadata {
            metadata(cycle, &self.plan, out);
        }
        if emit::is_assembly(cycle.arch) {
            emit::fill(cycle, &self.plan, &mut self.buffers)?;
            self.initial(cycle, out);
            self.table(out);
            let columns = &self.buffers.columns[..self.plan.threads];
            self.buffers.checks.extend(columns.iter().flat_map(|column| &column.checks));
        } else {
            emit_c::write(cycle, &self.plan, &mut self.buffers.checks, out)?;
        }
        self.condition(cycle, out);
        Ok(())
    }

    fn initial(&mut self, cycle: &Cycle, out: &mut String) {
        out.push_str("{\n");
        self.types(cycle, out);
        for thread in 0..self.plan.threads {
            emit::write_initial(cycle.arch, &mut self.buffers.columns[thread], out);
        }
        out.push_str("}\n");
    }

    /// Types, where accesses have sizes or locations have types.
    fn types(&self, cycle: &Cycle, out: &mut String) {
        let name = match (self.plan.ty, self.plan.width) {
            (Some(ty), _) => ty.name,
            (None, 0) => return,
            (None, 4) => "uint32_t",
            (None, _) => "uint64_t",
        };
        let register = if name == "int64_t" { name } else { "uint64_t" };
        let ty = name;
        for name in 0..self.plan.locations.len() {
            let _ = write!(out, "{ty} ");
            location(name as u8, out);
            out.push_str("; ");
        }
        let columns = &self.buffers.columns[..self.plan.threads];
        for check in columns.iter().flat_map(|column| &column.checks).filter(|check| check.wide) {
            let _ = write!(out, "{register} {}:", check.thread);
            emit::write_register(cycle.arch, check.register, out);
            out.push_str("; ");
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }

    /// The columns of instructions.
    fn table(&mut self, out: &mut String) {
        let columns = &self.buffers.columns[..self.plan.threads];
        let widths = &mut self.buffers.widths;
        widths.clear();
        let mut rows = 0;
        for (thread, column) in columns.iter().enumerate() {
            let head = if thread < 10 { 2 } else { 3 };
            let longest = (0..column.lines()).filter_map(|row| column.line(row)).map(str::len).max();
            widths.push(longest.unwrap_or(0).max(head));
            rows = rows.max(column.lines());
        }
        for (thread, width) in widths.iter().enumerate() {
            out.push_str(if thread == 0 { " P" } else { "| P" });
            push_number(thread as u64, out);
            pad(width + 1 - if thread < 10 { 2 } else { 3 }, out);
        }
        out.push_str(";\n");
        for row in 0..rows {
            for (column, width) in columns.iter().zip(widths.iter()) {
                out.push_str(if column.thread == 0 { " " } else { "| " });
                let text = column.line(row).unwrap_or("");
                out.push_str(text);
                pad(width + 1 - text.len(), out);
            }
            out.push_str(";\n");
        }
    }

    fn condition(&self, cycle: &Cycle, out: &mut String) {
        let all = self.style.observe == Observe::All;
        let shown = |writes: u8| writes > 1 || (all && writes > 0);
        let locations = self.plan.locations.iter().enumerate().filter(|(_, kept)| shown(kept.writes));
        let hexadecimal = self.plan.width > 0;
        let mut checks: Vec<&Check> = self.buffers.checks.iter().collect();
        checks.sort_by_key(|check| check.thread);
        let register = |check: &Check, out: &mut String| {
            push_number(u64::from(check.thread), out);
            out.push(':');
            if emit::is_assembly(cycle.arch) {
                emit::write_register(cycle.arch, check.register, out);
            } else {
                out.push('r');
                push_number(u64::from(check.register), out);
            }
        };
        if self.style.condition == Condition::Observe {
            out.push_str("locations [");
            for (name, _) in locations {
                location(name as u8, out);
                out.push_str("; ");
            }
            for check in checks {
                register(check, out);
                out.push_str("; ");
            }
            out.truncate(out.trim_end().len());
            out.push_str("]\n");
            return;
        }
        out.push_str("exists (");
        let mut first = true;
        let mut and = |out: &mut String| {
            if !std::mem::take(&mut first) {
                out.push_str(" /\\ ");
            }
        };
        let mut sorted: Vec<(usize, u64)> = locations.map(|(name, kept)| (name, kept.last)).collect();
        sorted.sort_by_key(|(name, _)| letter(*name));
        for (name, value) in sorted {
            and(out);
            out.push('[');
            location(name as u8, out);
            out.push_str("]=");
            push_value(value, hexadecimal, out);
        }
        for check in checks {
            and(out);
            register(check, out);
            out.push('=');
            push_value(check.value, hexadecimal, out);
        }
        if first {
            out.push_str("true");
        }
        out.push_str(")\n");
    }
}

fn push_value(value: u64, hexadecimal: bool, out: &mut String) {
    if hexadecimal {
        let _ = write!(out, "{value:#x}");
    } else {
        push_number(value, out);
    }
}

/// What diy's tests say about themselves: the cycle, what caches should hold, communications.
fn metadata(cycle: &Cycle, plan: &Plan, out: &mut String) {
    out.push('"');
    cycle.write_edges(out);
    out.push_str("\"\nCycle=");
    cycle.write_canonical(out);
    out.push_str("\nPrefetch=");
    let mut first = true;
    for thread in 0..plan.threads as u8 {
        let mut events = plan.events.iter().filter(|event| event.thread == thread);
        let Some(begin) = events.next() else { continue };
        let Some(end) = events.next_back().filter(|end| end.location != begin.location) else { continue };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        push_number(u64::from(thread), out);
        out.push(':');
        location(begin.location, out);
        out.push_str("=F,");
        push_number(u64::from(thread), out);
        out.push(':');
        location(end.location, out);
        out.push_str(if end.dir == crate::edge::Dir::R { "=T" } else { "=W" });
    }
    out.push_str("\nCom=");
    let mut first = true;
    for edge in cycle.edges() {
        let Kind::Com(com, Reach::Ext) = edge.kind else { continue };
        if !std::mem::take(&mut first) {
            out.push(' ');
        }
        out.push_str(match com {
            Com::Hat => "Hat",
            _ => com.name(),
        });
    }
    out.push_str("\nOrig=");
    cycle.write_edges(out);
    out.push('\n');
}

/// `x y z a b c …`
fn letter(location: usize) -> (usize, char) {
    let letters = b"xyzabcdefghijklmnopqrstuvw";
    (location / letters.len(), letters[location % letters.len()] as char)
}

/// Writes the name of a location.
pub(crate) fn location(location: u8, out: &mut String) {
    let (round, letter) = letter(usize::from(location));
    out.push(letter);
    if round > 0 {
        push_number(round as u64, out);
    }
}

/// Writes a number, faster than formatting does.
pub(crate) fn push_number(number: u64, out: &mut String) {
    if number >= 10 {
        push_number(number / 10, out);
    }
    out.push((b'0' + (number % 10) as u8) as char);
}

fn pad(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// Whether one addition without a result comes before another, to the same location: the sum is the same in both orders.
fn has_additions_in_order(cycle: &Cycle) -> bool {
    let orders = cycle.vocabulary().orders;
    let adds = |access: Access| {
        let order = usize::from(access.order).checked_sub(1).and_then(|at| orders.get(at));
        order.is_some_and(|order| order.name == "Lock")
    };
    let is_co = |edge: &Edge| matches!(edge.kind, Kind::Com(Com::Co, _));
    cycle.arch == Arch::Bpf && cycle.edges.iter().any(|edge| is_co(edge) && adds(edge.a) && adds(edge.b))
}

/// The test of a cycle, under its own name.
///
/// # Errors
/// Why there is none.
pub fn test(cycle: &Cycle, style: Style) -> Result<String, Impossible> {
    let mut out = String::new();
    Writer::new(style).write(cycle, &cycle.name(), &mut out)?;
    Ok(out)
}

/// Whether tests of that architecture have their program in C.
pub fn is_c(arch: Arch) -> bool {
    !emit::is_assembly(arch)
}
