//! Programs in C: as C11 has it, and as the Linux kernel writes it.
//!
//! Dependencies survive compilers: `r0 & 128` is always 0 in a test, but no compiler knows what a shared location may hold,
//! so the address or value that is computed with it depends on the read in any translation.

use crate::cycle::Cycle;
use crate::edge::{Dep, Dir, Edge, Kind};
use crate::emit::Check;
use crate::plan::{Event, Impossible, Location, Observer, Plan};
use crate::vocabulary::{Arch, Op, Update};
use crate::write::{location, push_number};
use std::fmt::Write;

/// Writes the initial state and all threads.
pub(crate) fn write(
    cycle: &Cycle,
    plan: &Plan,
    checks: &mut Vec<Check>,
    out: &mut String,
) -> Result<(), Impossible> {
    out.push_str("{}\n\n");
    for thread in 0..plan.threads as u8 {
        let mut function = Function {
            cycle,
            plan,
            thread,
            checks,
            body: String::new(),
            depth: 1,
            next: 0,
            early: branches(cycle, plan, thread),
            regions: 0,
        };
        function.fill()?;
        let (body, next, early) = (function.body, function.next, function.early);
        let _ = write!(out, "P{thread} (");
        parameters(cycle, plan, thread, &body, out);
        out.push_str(") {\n");
        if early && next > 0 {
            let ty = plan.ty.map_or("int", |ty| ty.name);
            let names: Vec<String> = (0..next).map(|register| format!("{ty} r{register};")).collect();
            let _ = writeln!(out, "  {}", names.join(" "));
        }
        out.push_str(&body);
        out.push_str("}\n\n");
    }
    Ok(())
}

/// Whether statements of the thread stand under a condition.
fn branches(cycle: &Cycle, plan: &Plan, thread: u8) -> bool {
    let edges = cycle.edges.iter().zip(&plan.events);
    edges.into_iter().any(|(edge, event)| event.thread == thread && matches!(edge.kind, Kind::Dep(Dep::Ctrl)))
}

fn parameters(cycle: &Cycle, plan: &Plan, thread: u8, body: &str, out: &mut String) {
    let mut first = true;
    let mut comma = |out: &mut String| {
        if !std::mem::take(&mut first) {
            out.push_str(", ");
        }
    };
    for (name, kept) in plan.locations.iter().enumerate() {
        let accesses = |event: &Event| event.thread == thread && usize::from(event.location) == name;
        let reads = |observer: &Observer| observer.thread == thread && usize::from(observer.location) == name;
        if !plan.events.iter().any(accesses) && !plan.observers.iter().any(reads) {
            continue;
        }
        comma(out);
        write_type(cycle, plan, name as u8, kept, out);
        out.push_str("* ");
        location(name as u8, out);
        if kept.locked {
            out.push_str(", spinlock_t* lock_");
            location(name as u8, out);
        }
    }
    if body.contains("_lock(lk)") {
        comma(out);
        out.push_str("spinlock_t* lk");
    }
    if body.contains("srcu") {
        comma(out);
        out.push_str("struct srcu_struct* ss");
    }
}

fn write_type(cycle: &Cycle, plan: &Plan, name: u8, kept: &Location, out: &mut String) {
    let ty = plan.ty.map_or("int", |ty| ty.name);
    if cycle.arch == Arch::Kernel {
        return out.push_str(if kept.counter { "atomic_t" } else { ty });
    }
    match (is_atomic(cycle, plan, name), plan.ty) {
        (true, None) => out.push_str("atomic_int"),
        (true, Some(_)) => {
            out.push_str("_Atomic ");
            out.push_str(ty);
        }
        (false, _) => {
            out.push_str("volatile ");
            out.push_str(ty);
        }
    }
}

/// Whether some access of the location is atomic.
fn is_atomic(cycle: &Cycle, plan: &Plan, name: u8) -> bool {
    let atomic = |(event, edge): (&Event, &Edge)| {
        event.location == name
            && (cycle.vocabulary().is_special(event.access) || matches!(edge.kind, Kind::Update(_)))
    };
    plan.events.iter().zip(&cycle.edges).any(atomic)
}

/// A thread that is being written.
struct Function<'a> {
    cycle: &'a Cycle,
    plan: &'a Plan,
    thread: u8,
    checks: &'a mut Vec<Check>,
    body: String,
    depth: usize,
    next: u8,
    /// Whether variables are declared at the beginning.
    early: bool,
    /// How many regions there were.
    regions: usize,
}

impl Function<'_> {
    fn fill(&mut self) -> Result<(), Impossible> {
        let edges = &self.cycle.edges;
        let vocabulary = self.cycle.vocabulary();
        let relocks = |edge: &Edge| matches!(edge.kind, Kind::Fence(fence) if vocabulary.fences[usize::from(fence)].name == "FenceUnlock-lock");
        let own = |(index, event): (usize, &Event)| event.thread == self.thread && relocks(&edges[index]);
        let locked = self.plan.events.iter().enumerate().any(own);
        if locked {
            self.line("spin_lock(lk);");
        }
        let mut read: Option<(u8, u64)> = None;
        let mut updated = false;
        let mut open: Option<usize> = None;
        for index in 0..self.plan.events.len() {
            let event = self.plan.events[index];
            if event.thread != self.thread {
                continue;
            }
            let before = &edges[(index + edges.len() - 1) % edges.len()];
            let mut depends = None;
            if before.is_internal() && !updated {
                depends = self.connect(before, read);
            }
            let closes = matches!(before.kind, Kind::Region(_)).then_some(open).flatten();
            if let Kind::Region(region) = edges[index].kind {
                if closes.is_some() && vocabulary.regions[usize::from(region)].name != "Rscs" {
                    return Err(Impossible::Instruction(index));
                }
                open = Some(self.begin(usize::from(region)));
            }
            if let Some(fence) = usize::from(edges[index].insert).checked_sub(1) {
                self.lines(vocabulary.fences[fence].text);
            }
            read = if std::mem::take(&mut updated) {
                None
            } else if let Kind::Update(update) = edges[index].kind {
                updated = true;
                let write = self.plan.events[(index + 1) % edges.len()];
                self.update(&event, &write, &vocabulary.updates[usize::from(update)], depends);
                None
            } else {
                self.access(&event, depends)
            };
            if let (Some(number), Kind::Region(region)) = (closes, before.kind) {
                self.finish(usize::from(region), number);
            }
        }
        self.observers();
        while self.depth > 1 {
            self.depth -= 1;
            self.line("}");
        }
        if locked {
            self.line("spin_unlock(lk);");
        }
        Ok(())
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.body.push_str("  ");
        }
    }

    fn line(&mut self, text: &str) {
        self.indent();
        self.body.push_str(text);
        self.body.push('\n');
    }

    fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    fn begin(&mut self, region: usize) -> usize {
        let number = self.regions;
        self.regions += 1;
        let region = &self.cycle.vocabulary().regions[region];
        let text = region.begin.replace("ssi", &format!("i{number}"));
        self.line(&text);
        number
    }

    fn finish(&mut self, region: usize, number: usize) {
        let region = &self.cycle.vocabulary().regions[region];
        let text = region.end.replace("ssi", &format!("i{number}"));
        self.line(&text);
    }

    /// What stands between two events; returns what the second depends on.
    fn connect(&mut self, edge: &Edge, read: Option<(u8, u64)>) -> Option<(Dep, u8)> {
        match (edge.kind, read) {
            (Kind::Fence(fence), _) => {
                self.lines(self.cycle.vocabulary().fences[usize::from(fence)].text);
                None
            }
            (Kind::Dep(Dep::Ctrl | Dep::CtrlFence), Some((register, value))) => {
                self.indent();
                let _ = writeln!(self.body, "if (r{register} == {value}) {{");
                self.depth += 1;
                None
            }
            (Kind::Dep(dep), Some((register, _))) => Some((dep, register)),
            _ => None,
        }
    }

    /// The pointer that is accessed.
    fn pointer(&self, event: &Event, depends: Option<(Dep, u8)>) -> String {
        let mut name = String::new();
        location(event.location, &mut name);
        match depends {
            Some((Dep::Addr, register)) => format!("({name} + (r{register} & 128))"),
            _ => name,
        }
    }

    fn value(event: &Event, depends: Option<(Dep, u8)>) -> String {
        match depends {
            Some((Dep::Data, register)) => format!("(r{register} & 128) + {}", event.value),
            _ => event.value.to_string(),
        }
    }

    fn order(&self, event: &Event) -> &'static str {
        self.cycle.vocabulary().order_of(event.access)
    }

    /// Assigns to a new variable.
    fn assign(&mut self, event: &Event, expression: &str) -> u8 {
        let register = self.next;
        self.next += 1;
        self.indent();
        if !self.early {
            self.body.push_str(self.plan.ty.map_or("int", |ty| ty.name));
            self.body.push(' ');
        }
        self.body.push('r');
        push_number(u64::from(register), &mut self.body);
        self.body.push_str(" = ");
        self.body.push_str(expression);
        self.body.push_str(";\n");
        if event.observed {
            let check = Check { thread: self.thread, register, value: event.value, wide: false };
            self.checks.push(check);
        }
        register
    }

    fn access(&mut self, event: &Event, depends: Option<(Dep, u8)>) -> Option<(u8, u64)> {
        let pointer = self.pointer(event, depends);
        let order = self.order(event);
        let kept = self.plan.locations[usize::from(event.location)];
        let lock = order == "Locked";
        let mut name = String::new();
        location(event.location, &mut name);
        if lock {
            self.line(&format!("spin_lock(lock_{name});"));
        }
        let result = if event.dir == Dir::R {
            let expression = match self.cycle.arch {
                Arch::Kernel => kernel_read(order, &pointer, kept.counter),
                _ => c11_read(order, &pointer),
            };
            Some((self.assign(event, &expression), event.value))
        } else {
            let value = Function::value(event, depends);
            if let Some((expression, used)) = self.exchange(event, order, &pointer, &value) {
                if used {
                    self.assign(&Event { value: event.old, observed: true, ..*event }, &expression);
                } else {
                    self.line(&format!("{expression};"));
                }
                return None;
            }
            let statement = match self.cycle.arch {
                Arch::Kernel => kernel_write(order, &pointer, &value, kept.counter),
                _ => c11_write(order, &pointer, &value),
            };
            self.line(&statement);
            None
        };
        if lock {
            self.line(&format!("spin_unlock(lock_{name});"));
        }
        result
    }

    /// A write that is made by an exchange, and whether its result is used.
    fn exchange(&self, event: &Event, order: &str, pointer: &str, value: &str) -> Option<(String, bool)> {
        let (order, used) = match (order.strip_prefix("Ex"), order.strip_prefix("Ux")) {
            (Some(order), _) => (order, true),
            (None, Some(order)) => (order, false),
            (None, None) => return None,
        };
        if self.cycle.arch == Arch::Kernel {
            let counter = self.plan.locations[usize::from(event.location)].counter;
            let name = if counter { "atomic_xchg" } else { "xchg" };
            let suffix = match order {
                "Relaxed" => "_relaxed",
                "Release" => "_release",
                _ => "",
            };
            return Some((format!("{name}{suffix}({pointer}, {value})"), used));
        }
        let order = if order == "AR" { "acq_rel" } else { c11_order("", order) };
        Some((format!("atomic_exchange_explicit({pointer}, {value}, memory_order_{order})"), used))
    }

    fn update(&mut self, read: &Event, write: &Event, update: &Update, depends: Option<(Dep, u8)>) {
        let pointer = self.pointer(read, depends);
        let (first, second) = (self.order(read), self.order(write));
        let operand = write.operand;
        let expression = if self.cycle.arch == Arch::Kernel {
            let suffix = match (read.access.order, first, second) {
                (0, _, _) => "",
                (_, "Acquire", _) => "_acquire",
                (_, _, "Release") => "_release",
                (_, _, "Mb") => "",
                _ => "_relaxed",
            };
            match update.op {
                Op::Cas => format!("cmpxchg{suffix}({pointer}, {}, {})", read.value, write.value),
                Op::Swap if self.plan.locations[usize::from(read.location)].counter => {
                    format!("atomic_xchg{suffix}({pointer}, {operand})")
                }
                Op::Swap => format!("{}{suffix}({pointer}, {operand})", update.text),
                _ if update.used => format!("{}{suffix}({operand}, {pointer})", update.text),
                _ => format!("{}({operand}, {pointer})", update.text),
            }
        } else {
            let order = c11_order(first, second);
            if update.op == Op::Cas {
                let register = self.assign(read, &read.value.to_string());
                let failed = match first {
                    "Sc" => "seq_cst",
                    "Acq" => "acquire",
                    _ => "relaxed",
                };
                self.line(&format!(
                    "{}({pointer}, &r{register}, {}, memory_order_{order}, memory_order_{failed});",
                    update.text, write.value
                ));
                return;
            }
            format!("{}({pointer}, {operand}, memory_order_{order})", update.text)
        };
        if update.used {
            self.assign(read, &expression);
        } else {
            self.line(&format!("{expression};"));
        }
    }

    /// Reads for the condition only.
    fn observers(&mut self) {
        let vocabulary = self.cycle.vocabulary();
        let mut first = self.body.is_empty();
        for index in 0..self.plan.observers.len() {
            let observer = self.plan.observers[index];
            if observer.thread != self.thread {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.lines(vocabulary.fences[vocabulary.strongest].text);
            }
            let order = if self.cycle.arch == Arch::C11 { vocabulary.order("Rlx") } else { None };
            let event = Event {
                dir: Dir::R,
                access: crate::edge::Access { order: order.unwrap_or(0), size: 0 },
                location: observer.location,
                thread: observer.thread,
                value: observer.value,
                old: 0,
                operand: 0,
                observed: true,
            };
            let plain = !is_atomic(self.cycle, self.plan, observer.location);
            let event = if plain { Event { access: crate::edge::Access::UNSAID, ..event } } else { event };
            self.access(&event, None);
        }
    }
}

fn kernel_read(order: &str, pointer: &str, counter: bool) -> String {
    match (order, counter) {
        ("Acquire", true) => format!("atomic_read_acquire({pointer})"),
        (_, true) => format!("atomic_read({pointer})"),
        ("Acquire", _) => format!("smp_load_acquire({pointer})"),
        ("Deref", _) => format!("rcu_dereference(*{pointer})"),
        ("P" | "Locked", _) => format!("*{pointer}"),
        _ => format!("READ_ONCE(*{pointer})"),
    }
}

fn kernel_write(order: &str, pointer: &str, value: &str, counter: bool) -> String {
    match (order, counter) {
        ("Release" | "Assign", true) => format!("atomic_set_release({pointer}, {value});"),
        (_, true) => format!("atomic_set({pointer}, {value});"),
        ("Release", _) => format!("smp_store_release({pointer}, {value});"),
        ("Assign", _) => format!("rcu_assign_pointer(*{pointer}, {value});"),
        ("Mb", _) => format!("smp_store_mb(*{pointer}, {value});"),
        ("P" | "Locked", _) => format!("*{pointer} = {value};"),
        _ => format!("WRITE_ONCE(*{pointer}, {value});"),
    }
}

/// The end of `memory_order_…`.
fn c11_order(first: &str, second: &str) -> &'static str {
    match (first, second) {
        ("Sc", _) | (_, "Sc") => "seq_cst",
        ("Acq", "Rel") => "acq_rel",
        ("Acq", _) => "acquire",
        (_, "Rel") => "release",
        ("Con", _) => "consume",
        _ => "relaxed",
    }
}

fn c11_read(order: &str, pointer: &str) -> String {
    match order {
        "Na" => format!("*{pointer}"),
        _ => format!("atomic_load_explicit({pointer}, memory_order_{})", c11_order(order, "")),
    }
}

fn c11_write(order: &str, pointer: &str, value: &str) -> String {
    match order {
        "Na" => format!("*{pointer} = {value};"),
        _ => format!("atomic_store_explicit({pointer}, {value}, memory_order_{});", c11_order("", order)),
    }
}
