//! The outcomes of one test: counted as the engine finds them, sorted and printed at the end.

use crate::Options;
use crate::condition::{Column, Question};
use crate::program::{Prepared, View};
use crate::report::{Asked, Report, State};
use crate::rows::Rows;
use crate::share::{Share, Turn};
use crate::types::Shape;
use engine::{EngineError, Sink, Stats};
use execution::Value;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

/// Who shares the work passes states on when they take a part of the memory that is one by that.
const STORED: u64 = 16;

/// The flag that stands for a failed `undefined_unless` in logs.
const UNDEFINED_FLAG: &str = "*undef*";

/// Collects outcomes.
pub(crate) struct Outcomes<'a> {
    question: &'a Question,
    check_filter: bool,
    asked: Asked,
    /// Whether no more is wanted once some outcomes satisfy the condition, and some violate it.
    stops_when_decided: bool,
    small_portions: bool,
    bad_flag: Option<&'a str>,
    stop: Option<&'a (dyn Fn() -> bool + Send + Sync)>,
    /// Called where a portion begins, for who can have help.
    call: Option<&'a dyn Fn()>,
    /// How often the engine may still ask whether to give up, if that is limited.
    patience: Option<u64>,
    /// How many bytes there may be.
    memory: u64,
    turn: Turn<'a>,
    /// For outcomes that violate the condition, and for those that satisfy it: the last portion that had one.
    last_seen: [u64; 2],
    found: Found,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    asked: Asked,
    rows: Rows,
    /// For a verdict, instead of rows: the first outcome that violates the condition and the first one that satisfies it,
    /// each with the number of its portion.
    firsts: [Option<(u64, Vec<Value>)>; 2],
    flags: Vec<String>,
    undefined: bool,
    /// Whether states took more memory than allowed.
    out_of_memory: bool,
}

impl Found {
    /// Nothing yet. Rows will have so many values.
    pub(crate) fn new(width: usize) -> Found {
        Found { rows: Rows::new(width), ..Found::default() }
    }

    /// What it takes.
    pub(crate) fn bytes(&self) -> u64 {
        self.rows.bytes()
    }

    /// Adds what another one found.
    pub(crate) fn merge(&mut self, mut other: Found) {
        if self.rows.len() < other.rows.len() {
            std::mem::swap(&mut self.rows, &mut other.rows);
        }
        let mut values = Vec::new();
        for at in 0..other.rows.len() {
            other.rows.read(at, &mut values);
            self.rows.add(&values, other.rows.count(at));
        }
        for (own, other) in self.firsts.iter_mut().zip(other.firsts) {
            let portion =
                |first: &Option<(u64, Vec<Value>)>| first.as_ref().map_or(u64::MAX, |(portion, _)| *portion);
            if portion(&other) < portion(own) {
                *own = other;
            }
        }
        other.flags.iter().for_each(|flag| self.raise(flag));
        self.undefined |= other.undefined;
        self.out_of_memory |= other.out_of_memory;
    }

    fn raise(&mut self, flag: &str) {
        if !self.flags.iter().any(|known| known == flag) {
            self.flags.push(flag.to_owned());
        }
    }
}

/// An outcome, values out of thin air numbered as they come in it: how an engine numbers them in the whole execution hangs
/// on the order in which it looks at threads.
fn renumbered(values: &[Value]) -> Cow<'_, [Value]> {
    let is_free = |value: &Value| matches!(value, Value::Free(_));
    if !values.iter().any(is_free) {
        return Cow::Borrowed(values);
    }
    let mut seen: SmallVec<[Value; 4]> = SmallVec::new();
    let number = |value: Value| {
        if !is_free(&value) {
            return value;
        }
        let at = seen.iter().position(|known| *known == value).unwrap_or_else(|| {
            seen.push(value);
            seen.len() - 1
        });
        Value::Free(at as u32)
    };
    Cow::Owned(values.iter().copied().map(number).collect())
}

impl<'a> Outcomes<'a> {
    pub(crate) fn new(question: &'a Question, options: &'a Options) -> Outcomes<'a> {
        Outcomes {
            question,
            check_filter: options.check_filter,
            asked: options.asked(),
            stops_when_decided: false,
            small_portions: options.small_portions,
            bad_flag: options.bad_flag.as_deref(),
            stop: options.stop.as_deref(),
            call: None,
            patience: None,
            memory: options.memory.unwrap_or(u64::MAX),
            turn: Turn::alone(),
            last_seen: [0; 2],
            found: Found::new(question.observed.len()),
        }
    }

    /// Shares the work with others. Who can have help is given what to ask for it with; helpers can't.
    pub(crate) fn share(&mut self, share: &'a Share, call: Option<&'a dyn Fn()>) {
        (self.turn, self.call) = (Turn::of(share, call.is_none()), call);
    }

    /// Adds all that it found, and how that ended, to what is shared.
    pub(crate) fn hand_over(&mut self, share: &Share, result: Result<Stats, EngineError>) {
        let result = match result {
            Err(EngineError::Stopped) if self.is_decided() || self.turn.is_over() => Ok(Stats::default()),
            result => result,
        };
        share.add(std::mem::take(&mut self.found), &self.turn, result);
    }

    /// Takes all that was found together.
    pub(crate) fn take_back(&mut self, found: Found) {
        self.found = found;
        self.found.out_of_memory |= self.found.bytes() > self.memory;
    }

    /// Asks the engine to stop as soon as some outcomes satisfy the condition and others don't.
    pub(crate) fn stop_when_decided(&mut self) {
        self.stops_when_decided = true;
    }

    /// Lets the engine ask so many times whether to give up, and then says that it should.
    pub(crate) fn limit_patience(&mut self, questions: u64) {
        self.patience = Some(questions);
    }

    /// Whether it is for that reason that the engine gave up.
    pub(crate) fn ran_out_of_patience(&self) -> bool {
        self.patience == Some(0)
    }

    /// Whether there is no more to find out.
    pub(crate) fn is_decided(&self) -> bool {
        let here = || self.found.firsts.iter().all(Option::is_some);
        self.stops_when_decided && (here() || self.turn.has_both_kinds())
    }

    /// Whether no execution was seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.rows.is_empty() && self.found.firsts.iter().all(Option::is_none)
    }

    /// Whether states took more memory than allowed. Those that are missing then can't be told from those that are not
    /// there.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.found.out_of_memory
    }

    /// Whether there were more executions than can be counted.
    pub(crate) fn is_too_many(&self) -> bool {
        self.asked == Asked::Counts && self.found.rows.sum().is_none()
    }

    /// Takes note of an outcome.
    fn see(&mut self, values: &[Value], weight: u64) {
        match self.asked {
            Asked::Counts => _ = self.found.rows.add(values, weight),
            Asked::Outcomes => {
                let at = self.found.rows.add(values, 1);
                self.found.rows.see(at, self.turn.portion());
            }
            Asked::Verdict => {
                let satisfies = self.question.condition.holds(values);
                self.last_seen[usize::from(satisfies)] = self.turn.portion();
                let first = &mut self.found.firsts[usize::from(satisfies)];
                if first.is_none() {
                    *first = Some((self.turn.portion(), values.to_vec()));
                    self.turn.sees(satisfies);
                }
            }
        }
    }

    /// What others who share the work need not hold twice.
    fn store(&mut self) {
        if let Some(share) = self.turn.share()
            && self.found.bytes() > self.memory / STORED
        {
            let empty = Found::new(self.question.observed.len());
            self.found.out_of_memory = share.store(std::mem::replace(&mut self.found, empty), self.memory);
        }
    }

    /// What was collected.
    pub(crate) fn into_found(self) -> Found {
        Found { asked: self.asked, ..self.found }
    }
}

impl Found {
    /// Sorts and prints the outcomes.
    pub(crate) fn finish(
        self,
        question: &Question,
        prepared: &Prepared,
        options: &Options,
        report: &mut Report,
    ) {
        let Found { mut rows, firsts, flags, undefined, asked, .. } = self;
        firsts.iter().flatten().for_each(|(_, values)| _ = rows.add(values, 1));
        let shown = shown_values(question, prepared);
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        let keys = keys(&rows, &shown);
        let compare = |a: u32, b: u32| match &keys {
            Some(keys) => key(keys, a, shown.len()).cmp(key(keys, b, shown.len())),
            None => compare_rows(&rows, (a, b), &shown, prepared),
        };
        order.sort_unstable_by(|a, b| compare(*a, *b));
        let aggregates = question.columns.iter().map(|(column, _)| column.is_aggregate(prepared)).collect();
        let mut printer =
            Printer { prepared, options, aggregates, known: vec![SmallVec::new(); shown.len()] };
        report.states.reserve(if asked == Asked::Verdict { 2 } else { order.len() });
        let mut before: Option<u32> = None;
        let mut values = Vec::new();
        for at in order {
            let mut count = rows.count(at as usize);
            rows.read(at as usize, &mut values);
            let satisfies = question.condition.holds(&values);
            let total = if satisfies { &mut report.positive } else { &mut report.negative };
            // For a verdict, one of each kind is enough.
            if asked == Asked::Verdict && *total > 0 {
                continue;
            }
            // What only the filter looks at is not shown: rows that differ there alone are one state.
            let is_same = |other: u32| compare(other, at) == Ordering::Equal;
            if asked != Asked::Counts {
                count = u64::from(!before.is_some_and(is_same));
            }
            // What can't be counted is no answer: see `Outcomes::is_too_many`.
            *total = total.saturating_add(count);
            match report.states.last_mut() {
                Some(last) if before.is_some_and(is_same) => {
                    last.witnesses = last.witnesses.saturating_add(count)
                }
                _ => {
                    let values = printer.row(&values, question, &shown);
                    report.states.push(State { values, witnesses: count, satisfies });
                }
            }
            before = Some(at);
        }
        report.columns = question.columns.iter().map(|(column, _)| column_name(prepared, column)).collect();
        report.flags = flags;
        report.flags.sort_unstable();
        report.undefined = undefined;
    }
}

impl Sink for Outcomes<'_> {
    fn execution(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        if self.found.out_of_memory {
            return;
        }
        if self.check_filter && self.question.filter.as_ref().is_some_and(|filter| !filter.holds(values)) {
            return;
        }
        self.see(&renumbered(values), weight);
        if self.found.bytes() > self.memory {
            self.found.out_of_memory = true;
            return;
        }
        for flag in flags {
            self.found.raise(flag);
            self.found.undefined |= self.bad_flag == Some(flag);
        }
        if undefined {
            self.found.undefined = true;
            self.found.raise(UNDEFINED_FLAG);
        }
    }

    fn outcomes_only(&self) -> bool {
        self.asked != Asked::Counts
    }

    fn filters(&self) -> bool {
        self.check_filter && self.question.filter.is_some()
    }

    fn wants(&self, known: &[Option<Value>]) -> bool {
        self.question.filter.as_ref().is_none_or(|filter| filter.known(known) != Some(false))
    }

    fn knows(&self, values: &[Value]) -> bool {
        // What other portions had does not count: nobody knows who finds them, and when.
        let portion = self.turn.portion();
        if self.asked == Asked::Verdict {
            return self.last_seen[usize::from(self.question.condition.holds(values))] == portion;
        }
        self.found.rows.was_seen(&renumbered(values), portion)
    }

    fn stop(&mut self) -> bool {
        if let Some(left) = &mut self.patience {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return true;
            }
        }
        self.is_decided()
            || self.found.out_of_memory
            || self.turn.is_over()
            || self.stop.is_some_and(|stop| stop())
    }

    fn wants_portion(&mut self) -> bool {
        self.store();
        if let Some(call) = self.call {
            call();
        }
        self.turn.next() && !self.is_decided()
    }

    fn wants_small_portions(&self) -> bool {
        self.small_portions
    }

    fn counts_common_work(&self) -> bool {
        !self.turn.is_helper()
    }

    fn memory(&self) -> u64 {
        self.memory
    }
}

/// A value that states show: its position in the row, and its shape.
type Shown = (usize, Shape);

/// The values of all columns, one after the other.
fn shown_values(question: &Question, prepared: &Prepared) -> Vec<Shown> {
    let columns = question.columns.iter();
    columns.flat_map(|(column, at)| at.iter().copied().zip(column.shapes(prepared))).collect()
}

fn column_name(prepared: &Prepared, column: &Column) -> String {
    match column {
        // Pieces are joined: formats cost more than the rest of the printing.
        Column::Register(thread, reg) => {
            if let Some(view) = prepared.views.get(&(*thread, *reg)) {
                return [&thread.to_string(), ":", &view.name].concat();
            }
            let name = prepared.program.registers.get(reg.0.into()).unwrap_or("?");
            [&thread.to_string(), ":", name].concat()
        }
        Column::Global(name, _) if column.is_aggregate(prepared) => name.clone(),
        Column::Global(name, _) => ["[", name, "]"].concat(),
        Column::Member(name, _) => name.clone(),
        Column::Cell(name, index, _) => format!("{name}[{index}]"),
        Column::Fault(text) => format!("~{text}"),
    }
}

/// More rows are compared without keys, which would take too much memory.
const KEYED: usize = 1 << 16;

/// For each row one number for each value that is shown; rows compare as these do. There are none if some value is not a
/// number of at most 64 bits.
fn keys(rows: &Rows, shown: &[Shown]) -> Option<Vec<u64>> {
    if rows.len() > KEYED {
        return None;
    }
    let mut keys = Vec::with_capacity(rows.len() * shown.len());
    for row in 0..rows.len() {
        for (at, shape) in shown {
            let Value::Int(bits) = rows.value(row, *at) else { return None };
            if !(1..=64).contains(&shape.width) {
                return None;
            }
            // As in `compare_numbers`; with the sign bit flipped, signed numbers sort like others.
            let bits = (bits as u64) << (64 - shape.width);
            keys.push(if shape.signed { bits ^ (1 << 63) } else { bits });
        }
    }
    Some(keys)
}

fn key(keys: &[u64], row: u32, width: usize) -> &[u64] {
    &keys[row as usize * width..][..width]
}

/// herd7's order: numbers by their signed value, then addresses by name and offset, then code.
fn compare_rows(rows: &Rows, (a, b): (u32, u32), shown: &[Shown], prepared: &Prepared) -> Ordering {
    for (at, shape) in shown {
        if rows.are_same(a as usize, b as usize, *at) {
            continue;
        }
        let order = match (rows.value(a as usize, *at), rows.value(b as usize, *at)) {
            (Value::Int(a), Value::Int(b)) => compare_numbers(a, b, *shape),
            (Value::Addr { symbol: s, offset: x }, Value::Addr { symbol: t, offset: y }) => {
                prepared.symbols.name(s).cmp(prepared.symbols.name(t)).then(x.cmp(&y))
            }
            (a, b) => a.cmp(&b),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn compare_numbers(a: u128, b: u128, shape: Shape) -> Ordering {
    // Moved to the top, the sign bit is where the comparison looks for it, and what does not belong is gone.
    let width = u32::from(shape.width.clamp(1, 128));
    if width <= 64 {
        let (a, b) = ((a as u64) << (64 - width), (b as u64) << (64 - width));
        return if shape.signed { (a as i64).cmp(&(b as i64)) } else { a.cmp(&b) };
    }
    let (a, b) = (a << (128 - width), b << (128 - width));
    if shape.signed { (a as i128).cmp(&(b as i128)) } else { a.cmp(&b) }
}

fn sign_extended(bits: u128, width: u8) -> i128 {
    let shift = 128 - u32::from(width.clamp(1, 128));
    ((bits << shift) as i128) >> shift
}

/// The texts of small numbers: most values are such.
static SMALL: LazyLock<[Arc<str>; 64]> =
    LazyLock::new(|| std::array::from_fn(|number| number.to_string().into()));

/// Values and their texts.
type Texts = SmallVec<[(Value, Arc<str>); 4]>;

/// Prints the rows of one test.
struct Printer<'a> {
    prepared: &'a Prepared,
    options: &'a Options,
    /// Which columns have several values each.
    aggregates: Vec<bool>,
    /// Texts of values that were printed before, for each that is shown: there are only a few different ones.
    known: Vec<Texts>,
}

impl Printer<'_> {
    fn row(&mut self, values: &[Value], question: &Question, shown: &[Shown]) -> Vec<Arc<str>> {
        let mut first = 0;
        let mut printed = Vec::with_capacity(question.columns.len());
        for (at, (_, positions)) in question.columns.iter().enumerate() {
            let own = first..first + positions.len();
            first = own.end;
            let is_aggregate = self.aggregates[at];
            if let (true, (Column::Register(thread, reg), _)) = (is_aggregate, &question.columns[at])
                && let Some(view) = self.prepared.views.get(&(*thread, *reg))
            {
                printed.push(self.vector(values[shown[own.start].0], view));
                continue;
            }
            let mut cells = own.map(|at| self.value(values[shown[at].0], at, shown[at].1));
            printed.push(if is_aggregate {
                let cells: Vec<Arc<str>> = cells.collect();
                Arc::from(format!("{{{}}}", cells.join(",")))
            } else {
                cells.next().unwrap_or_default()
            });
        }
        printed
    }

    /// The lanes of a vector register.
    fn vector(&self, value: Value, view: &View) -> Arc<str> {
        let lanes = (0..view.count)
            .map(|index| print_value(view.lane(value, index), view.shape, self.prepared, self.options));
        Arc::from(format!("{{{}}}", lanes.collect::<Vec<_>>().join(",")))
    }

    fn value(&mut self, value: Value, at: usize, shape: Shape) -> Arc<str> {
        if let Some((_, text)) = self.known[at].iter().find(|(known, _)| *known == value) {
            return Arc::clone(text);
        }
        let text = match value {
            Value::Int(small)
                if small < SMALL.len() as u128 && !self.options.hexadecimal && shape.width >= 8 =>
            {
                Arc::clone(&SMALL[small as usize])
            }
            _ => Arc::from(print_value(value, shape, self.prepared, self.options)),
        };
        if self.known[at].len() < self.known[at].inline_size() {
            self.known[at].push((value, Arc::clone(&text)));
        }
        text
    }
}

/// Numbers of 64 bits print much faster than those of 128.
fn decimal(number: i128) -> String {
    i64::try_from(number).map_or_else(|_| number.to_string(), |small| small.to_string())
}

fn print_value(value: Value, shape: Shape, prepared: &Prepared, options: &Options) -> String {
    match value {
        Value::Int(bits) if options.hexadecimal => {
            format!("{:#x}", Value::Int(bits).masked_bits(shape.width))
        }
        Value::Int(bits) if shape.signed => decimal(sign_extended(bits, shape.width)),
        Value::Int(bits) => Value::Int(bits).masked_bits(shape.width).to_string(),
        Value::Addr { symbol, offset } => {
            let name = prepared.symbols.name(symbol);
            let cell = prepared.shape(symbol);
            match (offset, cell.cells) {
                (0, _) => name.to_owned(),
                (_, Some(_)) if offset % cell.bytes() == 0 => format!("{name}[{}]", offset / cell.bytes()),
                (offset, None) if prepared.parts.contains_key(&symbol) => prepared.part_name(symbol, offset),
                _ => format!("{name}{offset:+}"),
            }
        }
        Value::Code { thread, index } => {
            let code = prepared.program.threads.get(thread as usize);
            let label = code.and_then(|thread| thread.labels.iter().find(|(_, at)| *at == index));
            match label {
                Some((name, _)) => format!("label:\"P{thread}:{name}\""),
                None => format!("label:\"P{thread}:{index}\""),
            }
        }
        Value::Free(number) => format!("S{number}"),
        Value::Instruction(id) => match prepared.symbols.instruction(id) {
            "NOP" => "NOP".to_owned(),
            text => format!("instr:\"{text}\""),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::renumbered;
    use execution::Value;

    #[test]
    fn values_out_of_thin_air_are_numbered_as_they_come() {
        let free = Value::Free;
        assert_eq!(
            *renumbered(&[Value::ONE, free(1), free(0), free(1)]),
            [Value::ONE, free(0), free(1), free(0)]
        );
        assert_eq!(*renumbered(&[free(7)]), [free(0)]);
        assert_eq!(*renumbered(&[Value::ZERO, Value::ONE]), [Value::ZERO, Value::ONE]);
    }
}
