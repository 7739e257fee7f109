//! Accesses of different sizes to one location: when they are cut into pieces, and how outcomes are put together again.

use crate::condition::Question;
use crate::program::{Language, Prepared};
use crate::{MixedSizes, Options, feature};
use engine::{Observable, Problem, Proposition, Sink};
use execution::micro::Tags;
use execution::{
    ByteOrder, Cuts, Event, Footprints, InitialMemory, Misfit, Mix, Object, Path, SymbolId, Value,
};
use smallvec::SmallVec;
use std::sync::Arc;
use syntax::{Diagnostic, Span};

/// The variant that has accesses cut.
pub(crate) const VARIANT: &str = "mixed";

/// The variant under which accesses need not be aligned.
const UNALIGNED: &str = "unaligned";

/// The variant under which herd7 does not look for tests that mix sizes.
const UNCHECKED: &str = "dontcheckmixed";

/// What is to be done about sizes.
pub(crate) enum Sizes {
    /// Nothing: accesses are as they are.
    Whole,
    /// The test is refused, if it has executions at all when accesses are as they are; so does herd7.
    Refused(Box<Diagnostic>),
    /// Accesses are cut.
    Cut(Box<Mixed>),
}

/// A program in pieces.
pub(crate) struct Mixed {
    paths: Vec<Arc<Vec<Path>>>,
    memory: InitialMemory,
    observed: Vec<Observable>,
    joins: Vec<Join>,
}

/// Where the pieces of an observed value stand, each with its lowest bit.
type Join = SmallVec<[(usize, u8); 2]>;

/// Cuts the accesses of a program, if it is to be done.
///
/// # Errors
/// If accesses do not fit the objects that they go to.
pub(crate) fn cut(
    prepared: &Prepared,
    paths: &[Arc<Vec<Path>>],
    memory: &InitialMemory,
    question: &Question,
    options: &Options,
    variants: &[&String],
) -> Result<Sizes, Box<Diagnostic>> {
    let is_on = |name: &str| variants.iter().any(|known| known.eq_ignore_ascii_case(name));
    let asked = is_on(VARIANT);
    if !asked && (is_on(UNCHECKED) || is_plain(prepared, paths)) {
        return Ok(Sizes::Whole);
    }
    if let Some(refusal) = feature::stores_to_code(paths, |thread, at| place(prepared, thread, at)) {
        return Err(refusal);
    }
    let typed = matches!(prepared.language, Language::C);
    if !asked && typed && options.mixed_sizes == MixedSizes::OnRequest {
        return Ok(Sizes::Whole);
    }
    let footprints = Footprints::new(paths, memory, typed && !asked);
    let objects = |symbol: SymbolId| object(prepared, symbol);
    let order = options.byte_order.unwrap_or_else(|| byte_order(prepared));
    if !asked {
        // herd7 has no order of bytes where it does not cut.
        let seen = if options.mixed_sizes == MixedSizes::OnRequest { ByteOrder::Little } else { order };
        let mix = footprints.mix(&objects, memory, seen);
        let refuses = options.mixed_sizes == MixedSizes::OnRequest && is_refused(prepared);
        match mix {
            Mix::Certain if refuses && has_read_of_nothing(paths, memory) => return Err(refusal(prepared)),
            Mix::Certain if refuses => return Ok(Sizes::Refused(refusal(prepared))),
            Mix::Certain => {}
            Mix::Possible if !refuses => {}
            Mix::Possible | Mix::No => return Ok(Sizes::Whole),
        }
    }
    if let Some(misfit) = footprints.misfit(&objects, !is_on(UNALIGNED), asked) {
        // In C it takes a cast to get there. Such accesses stay as they are.
        if typed && !asked {
            return Ok(Sizes::Whole);
        }
        return Err(misfit_diagnostic(prepared, misfit));
    }
    let footprints = if typed && !asked { Footprints::new(paths, memory, false) } else { footprints };
    // herd7 keeps accesses that are not aligned atomic.
    let tears = is_on(UNALIGNED) && options.mixed_sizes == MixedSizes::Automatic;
    let cuts = Cuts::new(&footprints, &objects, order, tears);
    let exclusive = tag(prepared, "EX");
    let mut observed = Vec::new();
    let joins =
        question.observed.iter().map(|whole| pieces(prepared, &cuts, *whole, &mut observed)).collect();
    Ok(Sizes::Cut(Box::new(Mixed {
        paths: paths.iter().map(|paths| Arc::new(cuts.paths(&footprints, paths, exclusive))).collect(),
        memory: cuts.memory(&footprints, memory, &objects),
        observed,
        joins,
    })))
}

/// Whether it is plain that no sizes are mixed: all accesses have one size, start where an object does, and the object is
/// one scalar that is not larger. That is so for most tests.
fn is_plain(prepared: &Prepared, paths: &[Arc<Vec<Path>>]) -> bool {
    let mut width = 0;
    paths.iter().flat_map(|paths| paths.iter()).all(|path| {
        path.events.iter().filter(|event| event.width > 0).all(|event| {
            if width == 0 {
                width = event.width;
            }
            let address = event.addr.and_then(|addr| path.terms.known(addr));
            let Some(Value::Addr { symbol, offset: 0 }) = address else { return false };
            let is_scalar = || {
                let shape = prepared.shape(symbol);
                shape.cells.is_none() && shape.width <= width && !prepared.parts.contains_key(&symbol)
            };
            event.width == width && (event.width >= 32 && prepared.shapes.is_empty() || is_scalar())
        })
    })
}

/// Whether something is read, as accesses are, that nobody writes.
fn has_read_of_nothing(paths: &[Arc<Vec<Path>>], memory: &InitialMemory) -> bool {
    let events = || {
        paths
            .iter()
            .flat_map(|paths| paths.iter())
            .flat_map(|path| path.events.iter().map(move |event| (path, event)))
    };
    let address = |path: &Path, event: &Event| event.addr.and_then(|addr| path.terms.known(addr));
    let is_written = |place: Value| {
        let mut writes = events().filter(|(_, event)| event.kind.writes());
        writes.any(|(path, event)| address(path, event).is_none_or(|address| address == place))
    };
    let mut reads = events().filter(|(_, event)| event.kind.reads());
    reads.any(|(path, event)| {
        address(path, event).is_some_and(|place| memory.initial(place).is_none() && !is_written(place))
    })
}

/// What the test says of an object.
fn object(prepared: &Prepared, symbol: SymbolId) -> Object {
    if prepared.stacks.contains(&symbol) {
        return Object::default();
    }
    let offset = |address: Value| match address {
        Value::Addr { offset, .. } => offset,
        _ => 0,
    };
    let cells = prepared.cells(symbol).into_iter().map(|(address, shape)| (offset(address), shape.width));
    let sized = prepared.shapes.contains_key(&symbol) || prepared.parts.contains_key(&symbol);
    Object { cells: cells.collect(), sized }
}

fn byte_order(prepared: &Prepared) -> ByteOrder {
    match prepared.language.name() {
        "PPC" | "MIPS" | "S390X" => ByteOrder::Big,
        _ => ByteOrder::Little,
    }
}

/// The architectures for which herd7 looks for tests that mix sizes. For others it answers as if each address were a
/// location of its own, which is wrong.
fn is_refused(prepared: &Prepared) -> bool {
    matches!(prepared.language.name(), "AArch64" | "X86_64")
}

fn tag(prepared: &Prepared, name: &str) -> Tags {
    prepared.program.tags.iter().position(|known| known == name).map_or(Tags::NONE, Tags::one)
}

/// The pieces of what is observed; those that were not observed before are added.
fn pieces(prepared: &Prepared, cuts: &Cuts, whole: Observable, observed: &mut Vec<Observable>) -> Join {
    let mut position = |observable: Observable| {
        observed.iter().position(|known| *known == observable).unwrap_or_else(|| {
            observed.push(observable);
            observed.len() - 1
        })
    };
    match whole {
        Observable::Memory(address @ Value::Addr { symbol, offset }) => {
            let bytes = i64::from(prepared.shape_at(address).width / 8).max(1);
            let pieces = cuts.pieces(symbol, offset, bytes);
            let at = |by: i64| Observable::Memory(Value::Addr { symbol, offset: offset.wrapping_add(by) });
            pieces.iter().map(|piece| (position(at(piece.offset)), piece.low)).collect()
        }
        other => Join::from_slice(&[(position(other), 0)]),
    }
}

/// Where an instruction stands.
fn place(prepared: &Prepared, thread: usize, instruction: u32) -> Span {
    let code = &prepared.program.threads[thread].code;
    code.get(instruction as usize).map(|instruction| instruction.span).unwrap_or_default()
}

fn refusal(prepared: &Prepared) -> Box<Diagnostic> {
    let first = prepared.program.threads.iter().find_map(|thread| thread.code.first());
    let span = first.map(|instruction| instruction.span).unwrap_or_default();
    let message = "Illegal mixed-size test: accesses of different sizes meet at one location";
    let help = "`-variant mixed` allows it";
    Box::new(Diagnostic::error("turnsole::mixed-sizes", span, message).with_help(help))
}

fn misfit_diagnostic(prepared: &Prepared, misfit: Misfit) -> Box<Diagnostic> {
    let Misfit { thread, instruction, symbol, offset, bytes, outside } = misfit;
    let span = place(prepared, thread, instruction);
    let name = prepared.symbols.name(symbol);
    let address = if offset == 0 { name.to_owned() } else { format!("{name}{offset:+}") };
    Box::new(if outside {
        let message = format!("Unaligned or out-of-bound access: {address}, {bytes} bytes");
        let help = format!("it goes beyond what the test declares under the name `{name}`");
        Diagnostic::error("turnsole::out-of-bounds", span, message).with_help(help)
    } else {
        let message = format!("Unaligned or out-of-bound access: {address}, {bytes} bytes");
        let help = "the variant `unaligned` allows it: such accesses are made byte by byte";
        Diagnostic::error("turnsole::unaligned", span, message).with_help(help)
    })
}

impl Mixed {
    /// Puts the pieces in the place of what was cut.
    pub(crate) fn replace<'a>(&'a self, problem: &mut Problem<'a>) {
        problem.paths = &self.paths;
        problem.memory = &self.memory;
        problem.observed = &self.observed;
    }

    /// A proposition about whole values, said of their pieces. `None` for a comparison of two values that are cut in different places.
    pub(crate) fn proposition(&self, whole: &Proposition) -> Option<Proposition> {
        let all = |all: &[Proposition]| -> Option<Vec<Proposition>> {
            all.iter().map(|one| self.proposition(one)).collect()
        };
        Some(match whole {
            Proposition::Constant(holds) => Proposition::Constant(*holds),
            Proposition::Value { at, width, value, equal } => {
                let pieces = parts(&self.joins[*at], *width).into_iter();
                let are = |(at, low, width): (usize, u8, u8)| match *value {
                    Value::Int(bits) => {
                        let value = Value::Int(bits.checked_shr(low.into()).unwrap_or(0));
                        Some(Proposition::Value { at, width, value, equal: true })
                    }
                    // An address is all in the lowest piece.
                    value => (low == 0).then_some(Proposition::Value { at, width, value, equal: true }),
                };
                either(Proposition::And(pieces.filter_map(are).collect()), *equal)
            }
            Proposition::Same { at, other, width, equal } => {
                let (a, b) = (parts(&self.joins[*at], *width), parts(&self.joins[*other], *width));
                let cuts =
                    |parts: &[(usize, u8, u8)]| -> Vec<u8> { parts.iter().map(|part| part.1).collect() };
                if cuts(&a) != cuts(&b) {
                    return None;
                }
                let same = a.iter().zip(&b).map(|((at, _, width), (other, ..))| Proposition::Same {
                    at: *at,
                    other: *other,
                    width: *width,
                    equal: true,
                });
                either(Proposition::And(same.collect()), *equal)
            }
            Proposition::Not(inner) => Proposition::Not(Box::new(self.proposition(inner)?)),
            Proposition::And(parts) => Proposition::And(all(parts)?),
            Proposition::Or(parts) => Proposition::Or(all(parts)?),
        })
    }

    /// Takes outcomes in pieces, and passes them on in whole.
    pub(crate) fn sink<'a>(&'a self, sink: &'a mut dyn Sink) -> Joiner<'a> {
        Joiner { joins: &self.joins, sink, values: Vec::with_capacity(self.joins.len()) }
    }
}

/// See [`Mixed::sink`].
pub(crate) struct Joiner<'a> {
    joins: &'a [Join],
    sink: &'a mut dyn Sink,
    values: Vec<Value>,
}

/// The pieces that make the low `width` bits of a value: where they stand, their lowest bit there, and their width.
fn parts(join: &Join, width: u8) -> SmallVec<[(usize, u8, u8); 2]> {
    let mut pieces: SmallVec<[(usize, u8); 2]> =
        join.iter().copied().filter(|(_, low)| *low < width).collect();
    pieces.sort_unstable_by_key(|(_, low)| *low);
    let end = |at: usize| pieces.get(at + 1).map_or(width, |(_, low)| *low);
    pieces.iter().enumerate().map(|(at, (piece, low))| (*piece, *low, end(at) - low)).collect()
}

fn either(proposition: Proposition, holds: bool) -> Proposition {
    if holds { proposition } else { Proposition::Not(Box::new(proposition)) }
}

/// A value from its pieces.
fn joined(join: &Join, values: impl Fn(usize) -> Option<Value>) -> Option<Value> {
    let mut bits = 0;
    let mut address = None;
    for (at, low) in join {
        match values(*at)? {
            Value::Int(part) => bits |= part.checked_shl((*low).into()).unwrap_or(0),
            other => address = address.or(Some(other)),
        }
    }
    Some(address.unwrap_or(Value::Int(bits)))
}

impl Sink for Joiner<'_> {
    fn execution(&mut self, values: &[Value], flags: &[&str], undefined: bool, weight: u64) {
        self.values.clear();
        self.values.extend(self.joins.iter().filter_map(|join| joined(join, |at| values.get(at).copied())));
        self.sink.execution(&self.values, flags, undefined, weight);
    }

    fn outcomes_only(&self) -> bool {
        self.sink.outcomes_only()
    }

    fn knows(&self, values: &[Value]) -> bool {
        let whole = self.joins.iter().filter_map(|join| joined(join, |at| values.get(at).copied()));
        self.sink.knows(&whole.collect::<Vec<_>>())
    }

    fn filters(&self) -> bool {
        self.sink.filters()
    }

    fn wants(&self, known: &[Option<Value>]) -> bool {
        let whole = self.joins.iter().map(|join| joined(join, |at| known.get(at).copied().flatten()));
        self.sink.wants(&whole.collect::<Vec<_>>())
    }

    fn stop(&mut self) -> bool {
        self.sink.stop()
    }

    fn wants_portion(&mut self) -> bool {
        self.sink.wants_portion()
    }

    fn wants_small_portions(&self) -> bool {
        self.sink.wants_small_portions()
    }

    fn counts_common_work(&self) -> bool {
        self.sink.counts_common_work()
    }

    fn memory(&self) -> u64 {
        self.sink.memory()
    }
}
