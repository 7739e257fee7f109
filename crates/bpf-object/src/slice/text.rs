//! Writes the test.

use super::items::{Body, Code, Item, LOCK};
use super::locations::{Locations, Names, data_of, initial};
use super::{Options, Thread};
use crate::analysis::{Object, Place, Registers, results};
use crate::program::Program;
use isa::bpf::callee::Effect;
use isa::bpf::{Callee, Instruction, Register, Target, Wide};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use syntax::Span;

/// The text of the test.
pub(super) fn test(
    program: &Program,
    options: &Options,
    threads: &[Thread],
    locations: &Locations,
) -> String {
    let list = locations.list(program);
    let mut names = Names::default();
    for (place, ..) in &list {
        let parts = list.iter().filter(|(other, ..)| other.object == place.object).count();
        let is_whole = !locations.is_divided(Some(*place));
        let is_plain = parts == 1 && place.offset == Some(0) && !has_parts(program, *place);
        names.enter(program, *place, is_whole || is_plain);
    }
    let mut init = String::new();
    for (place, size, count) in &list {
        let _ = writeln!(init, "  {}", declaration(program, &names, *place, *size, *count));
    }
    let mut columns = Vec::new();
    let mut observed = Vec::new();
    for (number, thread) in threads.iter().enumerate() {
        let writer = Writer::new(thread, &names, locations);
        for (place, register) in &writer.addresses {
            let _ = writeln!(init, "  {number}:{register}={};", names.of(*place));
        }
        for (register, name) in writer.arguments(program, options, &list) {
            let _ = writeln!(init, "  {number}:{register}={};", names.of(name));
        }
        if let Some((size, count)) = context(thread) {
            let values = vec!["0"; count].join(",");
            let _ = writeln!(init, "  uint{}_t context_{number}[{count}]={{{values}}};", size * 8);
            let _ = writeln!(init, "  {number}:{LOCK}=context_{number};");
        }
        let mut rows = writer.rows();
        rows.insert(0, format!("P{number}"));
        columns.push(rows);
        observed.extend(loaded(thread).into_iter().map(|register| format!("{number}:{register}")));
    }
    let mut text = format!("BPF {}\n", options.name);
    // A comment has no marks of comments in it, and nothing that is no text.
    let plain = |c: char| if c.is_ascii_alphanumeric() || ",_.$ ".contains(c) { c } else { '_' };
    let functions: String = options.threads.join(", ").chars().map(plain).collect();
    let _ = writeln!(text, "(* Functions {functions} *)\n{{");
    text += &init;
    text += "}\n";
    text += &table(&columns);
    if !observed.is_empty() || !list.is_empty() {
        let shared =
            list.iter().filter(|(_, _, count)| *count == 1).map(|(place, ..)| names.of(*place).to_owned());
        observed.extend(shared);
        let _ = writeln!(text, "locations [{};]", observed.join("; "));
    }
    let condition = options.condition.as_deref().unwrap_or("exists (true)");
    let _ = writeln!(text, "{condition}");
    text
}

/// Whether the types say that what is there has several parts.
fn has_parts(program: &Program, place: Place) -> bool {
    data_of(program, place.object).is_some_and(|data| data.scalars.len() > 1)
}

fn declaration(program: &Program, names: &Names, place: Place, size: u32, count: u64) -> String {
    let name = names.of(place);
    let bits = size * 8;
    let at = |index: u64| {
        let offset = place.offset.map(|offset| offset.saturating_add_unsigned(index * u64::from(size)));
        initial(program, Place { offset, ..place }, size)
    };
    if count == 1 {
        return format!("uint{bits}_t {name}={};", at(0));
    }
    let values: Vec<String> = (0..count).map(|index| at(index).to_string()).collect();
    format!("uint{bits}_t {name}[{count}]={{{}}};", values.join(","))
}

/// What a thread accesses of its context: the smallest access in bytes, and how many of that size there are up to the
/// last.
fn context(thread: &Thread) -> Option<(u32, usize)> {
    let items = thread.bodies.iter().flat_map(|body| &body.items);
    let of_context = items.filter_map(|item| {
        let access = item.access.filter(|access| access.size > 0)?;
        let place = access.place.filter(|place| place.object == Object::Context)?;
        Some((access.size, place.offset.unwrap_or(0).max(0)))
    });
    let all: Vec<(u32, i64)> = of_context.collect();
    let size = all.iter().map(|(size, _)| *size).min()?;
    let last = all.iter().map(|(size, offset)| offset.saturating_add(i64::from(*size))).max()?;
    let count = usize::try_from(last).unwrap_or(0).div_ceil(size as usize);
    Some((size, count.clamp(1, MAX_CONTEXT)))
}

/// Larger contexts are cut.
const MAX_CONTEXT: usize = 64;

/// The registers that get what the thread reads from shared memory, and its result.
fn loaded(thread: &Thread) -> Vec<Register<'static>> {
    let mut found = BTreeSet::new();
    for (index, body) in thread.bodies.iter().enumerate() {
        for item in &body.items {
            let Code::Same(instruction) = &item.code else { continue };
            if item.access.is_some_and(|access| access.is_shared() && access.reads()) {
                let written = results(instruction);
                found.extend(
                    (0..=9u8).filter(|number| Register::new(*number).is_some_and(|one| written.has(one))),
                );
            }
        }
        if index == 0 && body.has_result {
            found.insert(0);
        }
    }
    found.into_iter().filter_map(Register::new).collect()
}

/// The columns side by side.
fn table(columns: &[Vec<String>]) -> String {
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> =
        columns.iter().map(|column| column.iter().map(String::len).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in 0..rows {
        let cells: Vec<String> = columns
            .iter()
            .zip(&widths)
            .map(|(column, width)| format!(" {:width$} ", column.get(row).map_or("", String::as_str)))
            .collect();
        let _ = writeln!(text, "{};", cells.join("|"));
    }
    text
}

/// Writes a thread.
struct Writer<'w> {
    thread: &'w Thread,
    names: &'w Names,
    locations: &'w Locations,
    /// Registers that have the address of a location from the start.
    addresses: BTreeMap<Place, Register<'static>>,
    /// A register that nothing else uses, if addresses are more than registers.
    scratch: Option<Register<'static>>,
    /// For each body, labels of the items that something jumps to.
    labels: Vec<BTreeMap<usize, String>>,
}

/// Registers for the addresses of a thread's locations.
#[derive(Default)]
struct Registered {
    /// Those that have an address from the start.
    addresses: BTreeMap<Place, Register<'static>>,
    /// One that gets the others before each access.
    scratch: Option<Register<'static>>,
}

/// Finds registers that the thread does not use; `None` if it uses all of them.
fn registers(thread: &Thread, locations: &Locations) -> Option<Registered> {
    let mut used = Registers::default();
    let mut calls = false;
    for item in thread.bodies.iter().flat_map(|body| &body.items) {
        calls |= matches!(item.code, Code::Call(..) | Code::Local(_));
        let is_divided = locations.is_divided(place_of(item));
        used = used.and(item.reads(is_divided, true)).and(item.writes());
    }
    let places = divided(thread, locations);
    // Calls destroy the others.
    let last = if calls { 6 } else { 1 };
    let mut free: Vec<Register<'static>> =
        (last..=9).rev().filter_map(Register::new).filter(|register| !used.has(*register)).collect();
    if free.len() >= places.len() {
        return Some(Registered { addresses: places.into_iter().zip(free).collect(), scratch: None });
    }
    // Too few: some from the start, and one for all others.
    let any = || (1..=9).filter_map(Register::new).find(|register| !used.has(*register));
    let scratch = free.pop().or_else(any)?;
    Some(Registered { addresses: places.into_iter().zip(free).collect(), scratch: Some(scratch) })
}

/// The places that a thread accesses that are locations of their own.
fn divided(thread: &Thread, locations: &Locations) -> BTreeSet<Place> {
    let items = thread.bodies.iter().flat_map(|body| &body.items);
    items.filter_map(place_of).filter(|place| locations.is_divided(Some(*place))).collect()
}

/// The objects whose parts a thread has no registers for.
pub(super) fn crowded(thread: &Thread, locations: &Locations) -> BTreeSet<Object> {
    match registers(thread, locations) {
        Some(_) => BTreeSet::new(),
        None => divided(thread, locations).into_iter().map(|place| place.object).collect(),
    }
}

/// Labels, numbered through the thread.
fn labels(thread: &Thread) -> Vec<BTreeMap<usize, String>> {
    let mut count = 0;
    let mut of_body = |body: &Body| {
        let jumps = body.items.iter().filter_map(|item| match &item.code {
            Code::Jump(_, to) => Some(index_of(body, *to)),
            _ => None,
        });
        let targets: BTreeSet<usize> = jumps.collect();
        let named = targets.into_iter().map(|index| {
            count += 1;
            (index, format!("L{count}"))
        });
        named.collect()
    };
    thread.bodies.iter().map(&mut of_body).collect()
}

impl<'w> Writer<'w> {
    fn new(thread: &'w Thread, names: &'w Names, locations: &'w Locations) -> Writer<'w> {
        let Registered { addresses, scratch } = registers(thread, locations).unwrap_or_default();
        Writer { thread, names, locations, addresses, scratch, labels: labels(thread) }
    }

    /// The registers that have an argument, with its location, where the thread still reads them.
    fn arguments(
        &self,
        program: &Program,
        options: &Options,
        list: &[(Place, u32, u64)],
    ) -> Vec<(Register<'static>, Place)> {
        let count = options.arguments.len();
        let first = program.data.len() - count;
        let whole = list.iter().filter(|(place, ..)| !self.locations.is_divided(Some(*place)));
        whole
            .filter_map(|(place, ..)| match place.object {
                Object::Variable(position) if position >= first => {
                    Register::new(u8::try_from(position - first + 1).ok()?).map(|register| (register, *place))
                }
                _ => None,
            })
            .collect()
    }

    fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        let last = self.thread.bodies.len() - 1;
        for (number, body) in self.thread.bodies.iter().enumerate() {
            self.body(number, body, number == last, &mut rows);
        }
        rows
    }

    fn body(&self, number: usize, body: &Body, is_last: bool, rows: &mut Vec<String>) {
        let mut pending = (number > 0).then(|| label_of(number));
        for (index, item) in body.items.iter().enumerate() {
            if let Some(own) = self.labels[number].get(&index) {
                // Two labels at one place: the first is on a line of its own.
                if let Some(label) = pending.take() {
                    rows.push(format!("{label}:"));
                }
                pending = Some(own.clone());
            }
            let is_end = index + 1 == body.items.len();
            // A thread ends by itself.
            if is_end
                && is_last
                && number == 0
                && matches!(item.code, Code::Same(Instruction::Exit))
                && pending.is_none()
            {
                continue;
            }
            for text in self.item(number, body, index, item) {
                rows.push(match pending.take() {
                    Some(label) => format!("{label}: {text}"),
                    None => text,
                });
            }
        }
    }

    fn item(&self, number: usize, body: &Body, index: usize, item: &Item) -> Vec<String> {
        match &item.code {
            Code::Nothing => Vec::new(),
            Code::Same(instruction) => self.access(item, *instruction),
            Code::Jump(instruction, to) => {
                let to = index_of(body, *to);
                // A jump to what comes next.
                if to == index + 1 && matches!(instruction, Instruction::Jump { .. }) {
                    return Vec::new();
                }
                let label = self.labels[number].get(&to).map_or("", String::as_str);
                vec![crate::retargeted(*instruction, Target::Label(label, Span::default())).to_string()]
            }
            Code::Address(dst, place) => {
                let start = Place { offset: Some(0), ..*place };
                vec![address(*dst, self.names.of(start), place.offset.unwrap_or(0))]
            }
            Code::Call(call, place, effect) => {
                let mut rows = Vec::new();
                let wants = matches!(effect, Effect::Lock | Effect::TryLock | Effect::Unlock);
                if let Some(place) = place.filter(|place| wants && self.locations.is_divided(Some(*place))) {
                    match self.addresses.get(&place) {
                        Some(register) => rows.push(format!("{LOCK} = {register}")),
                        None => rows.push(address(LOCK, self.names.of(place), 0)),
                    }
                }
                rows.push(call.clone());
                rows
            }
            Code::Local(position) => {
                let label = label_of(*position);
                let callee = Callee::Local(Target::Label(&label, Span::default()));
                vec![Instruction::Call { callee }.to_string()]
            }
        }
    }

    /// An instruction; if it accesses a location of its own, by the register that has its address.
    fn access(&self, item: &Item, instruction: Instruction<'static>) -> Vec<String> {
        let place = place_of(item).filter(|place| self.locations.is_divided(Some(*place)));
        let Some(place) = place else { return vec![instruction.to_string()] };
        if let Some(register) = self.addresses.get(&place) {
            return vec![based(instruction, *register).to_string()];
        }
        let register = self.scratch.unwrap_or(Register::FRAME);
        vec![address(register, self.names.of(place), 0), based(instruction, register).to_string()]
    }
}

/// The place that an item is about.
fn place_of(item: &Item) -> Option<Place> {
    match &item.code {
        Code::Call(_, place, Effect::Lock | Effect::TryLock | Effect::Unlock) => *place,
        Code::Call(..) => None,
        _ => item.access.and_then(|access| access.place),
    }
}

fn label_of(position: usize) -> String {
    format!("F{position}")
}

/// The first item at a position of the function, or behind it. An exit is always there.
fn index_of(body: &Body, at: usize) -> usize {
    body.items.partition_point(|item| item.at < at)
}

fn address(dst: Register<'static>, name: &str, offset: i64) -> String {
    Instruction::LoadWide { dst, value: Wide::Symbol { name, offset } }.to_string()
}

/// The same access by another register.
fn based(instruction: Instruction<'static>, to: Register<'static>) -> Instruction<'static> {
    let (at, by) = (0, to);
    match instruction {
        Instruction::Load { size, signed, dst, .. } => {
            Instruction::Load { size, signed, dst, base: by, offset: at }
        }
        Instruction::LoadAcquire { size, dst, .. } => {
            Instruction::LoadAcquire { size, dst, base: by, offset: at }
        }
        Instruction::Store { size, src, .. } => Instruction::Store { size, base: by, offset: at, src },
        Instruction::StoreRelease { size, src, .. } => {
            Instruction::StoreRelease { size, base: by, offset: at, src }
        }
        Instruction::Atomic { width, modify, src, .. } => {
            Instruction::Atomic { width, modify, base: by, offset: at, src }
        }
        other => other,
    }
}
