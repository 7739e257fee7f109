//! Accesses of mixed sizes: each is cut into pieces, so that two pieces of memory are the same or have nothing in common.
//!
//! Source: Flur, Sarkar, Pulte, Nienhuis, Maranget, Gray, Sezgin, Batty, Sewell, “Mixed-size concurrency: ARM, POWER, C/C++11,
//! and SC”, POPL 2017. A piece is an event of its own, with a location, a value, `rf` and `co` of its own. The pieces of an
//! access that is single-copy atomic are a class: models see it as the relations `si` and `sm`.
//!
//! Where all addresses are known, accesses are cut only where another access or a scalar starts or ends; otherwise into
//! pieces of one size for the whole program. How finely accesses are cut changes no count, if the model orders the
//! pieces of an access as a whole.
//!
//! Deviations:
//! 1. An address in memory is all in the piece of its lowest byte.
//! 2. Accesses whose address is not known are taken to be aligned, and to lie in their object.
//! 3. A store-exclusive fails if its size is not that of the load-exclusive before it.

use crate::footprint::{Access, Footprints, Objects};
use crate::micro::Tags;
use crate::path::{Edge, Event, Kind, Path};
use crate::pointers::Target;
use crate::structure::{InitialMemory, Location};
use crate::term::{Term, TermId, Terms, VarId};
use crate::value::{BinaryOp, SymbolId, UnaryOp, Value};
use smallvec::SmallVec;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which byte of a value stands first in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// The lowest.
    #[default]
    Little,
    /// The highest.
    Big,
}

/// A piece of an access or of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Distance from the start in bytes.
    pub offset: i64,
    /// Which bit of the whole is its lowest.
    pub low: u8,
    /// Its width in bits.
    pub width: u8,
}

/// The pieces of one access.
pub type Pieces = SmallVec<[Piece; 4]>;

/// Where memory is cut.
#[derive(Clone, Debug)]
pub struct Cuts {
    order: ByteOrder,
    /// The size of all pieces in bytes, if it is one.
    grid: Option<i64>,
    /// Otherwise where each object is cut, in order.
    at: BTreeMap<SymbolId, Vec<i64>>,
    /// Whether accesses that are not aligned are single-copy atomic piece by piece.
    tears: bool,
}

impl Cuts {
    /// Cuts memory for these accesses. With `tears`, accesses that are not aligned are cut into bytes.
    pub fn new(footprints: &Footprints, objects: &Objects<'_>, order: ByteOrder, tears: bool) -> Cuts {
        let mut at: BTreeMap<SymbolId, BTreeSet<i64>> = BTreeMap::new();
        let mut grid = footprints.are_ambiguous();
        let mut unit = 0;
        for Access { target, bytes } in footprints.accesses() {
            unit = gcd(unit, bytes);
            match target {
                Target::At(symbol, offset) => {
                    unit = gcd(unit, offset);
                    let cuts = at.entry(symbol).or_default();
                    cuts.extend([offset, offset.saturating_add(bytes)]);
                    if tears && offset.rem_euclid(bytes) != 0 {
                        cuts.extend(offset..offset.saturating_add(bytes));
                        unit = 1;
                    }
                }
                Target::Inside(symbol) => {
                    at.entry(symbol).or_default();
                    grid = true;
                }
                Target::Anywhere => (grid, unit) = (true, 1),
            }
        }
        for (symbol, cuts) in &mut at {
            for (offset, width) in objects(*symbol).cells {
                let bytes = i64::from(width / 8);
                unit = gcd(gcd(unit, bytes), offset);
                cuts.extend([offset, offset.saturating_add(bytes)]);
            }
        }
        let grid = grid.then(|| unit.max(1));
        let at = at.into_iter().map(|(symbol, cuts)| (symbol, cuts.into_iter().collect())).collect();
        Cuts { order, grid, at, tears }
    }

    /// The pieces of what lies there.
    pub fn pieces(&self, symbol: SymbolId, start: i64, bytes: i64) -> Pieces {
        match self.grid {
            Some(_) => self.even_pieces(bytes),
            None => {
                let cuts = self.at.get(&symbol).map_or(&[][..], Vec::as_slice);
                let first = cuts.partition_point(|cut| *cut <= start);
                let inner =
                    cuts[first..].iter().copied().take_while(|cut| *cut < start.saturating_add(bytes));
                self.cut(bytes, inner.map(|cut| cut.wrapping_sub(start)))
            }
        }
    }

    fn even_pieces(&self, bytes: i64) -> Pieces {
        let unit = self.grid.unwrap_or(bytes).max(1);
        self.cut(bytes, (1..).map(|i| i * unit).take_while(|cut| *cut < bytes))
    }

    fn cut(&self, bytes: i64, inner: impl Iterator<Item = i64>) -> Pieces {
        let mut pieces = Pieces::new();
        let mut offset = 0;
        for end in inner.chain([bytes]) {
            let before = match self.order {
                ByteOrder::Little => offset,
                ByteOrder::Big => bytes - end,
            };
            let bits = |bytes: i64| u8::try_from(bytes * 8).unwrap_or(128);
            pieces.push(Piece { offset, low: bits(before), width: bits(end - offset) });
            offset = end;
        }
        pieces
    }

    /// The pieces of a path's access.
    fn of_access(&self, footprints: &Footprints, path: &Path, event: &Event) -> Pieces {
        let bytes = i64::from(event.width / 8).max(1);
        let whole = || self.cut(bytes, std::iter::empty());
        let Some(addr) = event.addr.filter(|_| event.kind.is_memory()) else { return whole() };
        match footprints.targets(path, addr)[..] {
            [Target::At(symbol, offset)] => self.pieces(symbol, offset, bytes),
            [] => whole(),
            _ => self.even_pieces(bytes),
        }
    }

    /// Memory in pieces. What accesses find beyond the objects that the test names is zero.
    pub fn memory(
        &self,
        footprints: &Footprints,
        memory: &InitialMemory,
        objects: &Objects<'_>,
    ) -> InitialMemory {
        let mut locations: Vec<Location> = Vec::with_capacity(2 * memory.locations.len());
        let mut cells: BTreeMap<SymbolId, crate::footprint::Object> = BTreeMap::new();
        for (address, value) in &memory.locations {
            let Value::Addr { symbol, offset } = *address else {
                locations.push((*address, *value));
                continue;
            };
            let object = cells.entry(symbol).or_insert_with(|| objects(symbol));
            let Some(bytes) = object.cell(offset) else {
                locations.push((*address, *value));
                continue;
            };
            for piece in self.pieces(symbol, offset, bytes) {
                let part = UnaryOp::Extract(piece.low).apply(piece.width, *value).unwrap_or(*value);
                locations.push((Value::Addr { symbol, offset: offset.wrapping_add(piece.offset) }, part));
            }
        }
        for Access { target, bytes } in footprints.accesses() {
            let Target::At(symbol, offset) = target else { continue };
            for piece in self.pieces(symbol, offset, bytes) {
                locations
                    .push((Value::Addr { symbol, offset: offset.wrapping_add(piece.offset) }, Value::ZERO));
            }
        }
        // Of several entries for an address the first wins: those of the test come first.
        locations.sort_by_key(|(address, _)| *address);
        locations.dedup_by_key(|(address, _)| *address);
        InitialMemory { locations }
    }

    /// The paths of a thread in pieces. `exclusive` marks the accesses of exclusive pairs.
    pub fn paths(&self, footprints: &Footprints, paths: &[Path], exclusive: Tags) -> Vec<Path> {
        let fits = |path: &&Path| exclusive_sizes_agree(path, exclusive);
        paths.iter().filter(fits).map(|path| self.path(footprints, path)).collect()
    }

    fn path(&self, footprints: &Footprints, path: &Path) -> Path {
        let pieces: Vec<Pieces> =
            path.events.iter().map(|event| self.of_access(footprints, path, event)).collect();
        // Where the events of each event start.
        let mut starts = vec![0];
        for pieces in &pieces {
            starts.push(starts[starts.len() - 1] + pieces.len() as u32);
        }
        let mut rewriter = Rewriter::new(path, &pieces);
        let mut new = Path {
            events: Vec::with_capacity(starts[pieces.len()] as usize),
            reads: Vec::new(),
            parts: Vec::new(),
            iico_data: fan(&path.iico_data, &starts),
            iico_ctrl: fan(&path.iico_ctrl, &starts),
            iico_order: fan(&path.iico_order, &starts),
            po_inside: fan(&path.po_inside, &starts),
            rf_reg: fan(&path.rf_reg, &starts),
            addr: fan(&path.addr, &starts),
            data: fan(&path.data, &starts),
            ctrl: fan(&path.ctrl, &starts),
            constraints: path.constraints.iter().map(|(term, is)| (rewriter.rewrite(*term), *is)).collect(),
            either: path.either.iter().map(|term| rewriter.rewrite(*term)).collect(),
            registers: path.registers.iter().map(|(reg, term)| (*reg, rewriter.rewrite(*term))).collect(),
            cut: path.cut,
            failure: path.failure.clone(),
            terms: Arc::default(),
        };
        for (event, pieces) in path.events.iter().zip(&pieces) {
            let first = new.events.len() as u32;
            let is_torn = self.tears && is_unaligned(footprints, path, event);
            if pieces.len() > 1 && !is_torn {
                new.parts.push((first, pieces.len() as u32));
            }
            for piece in pieces {
                if event.kind.reads() {
                    new.reads.push(new.events.len() as u32);
                }
                let event = rewriter.event(event, *piece, new.reads.len(), pieces.len() > 1);
                new.events.push(event);
            }
        }
        new.terms = Arc::new(rewriter.new);
        new
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.wrapping_abs(), b.wrapping_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn is_unaligned(footprints: &Footprints, path: &Path, event: &Event) -> bool {
    let bytes = i64::from(event.width / 8).max(1);
    let targets = event.addr.map(|addr| footprints.targets(path, addr)).unwrap_or_default();
    targets.iter().any(|target| matches!(target, Target::At(_, offset) if offset.rem_euclid(bytes) != 0))
}

/// Edges between all events that events became.
fn fan(edges: &[Edge], starts: &[u32]) -> Vec<Edge> {
    let all = |event: u32| starts[event as usize]..starts[event as usize + 1];
    edges.iter().flat_map(|(from, to)| all(*from).flat_map(move |a| all(*to).map(move |b| (a, b)))).collect()
}

/// Whether each exclusive write has the size of the exclusive read before it.
fn exclusive_sizes_agree(path: &Path, exclusive: Tags) -> bool {
    let is_exclusive = |event: &&Event| exclusive.0 & event.tags.0 != 0 && event.kind.is_memory();
    let mut read: Option<u32> = None;
    let mut events = path.events.iter().filter(is_exclusive).peekable();
    while let Some(event) = events.next() {
        let mut width = u32::from(event.width);
        let same = |other: &&Event| other.instance == event.instance && other.kind == event.kind;
        while let Some(other) = events.next_if(same) {
            width += u32::from(other.width);
        }
        match event.kind {
            Kind::Read => read = Some(width),
            _ if read.take().is_some_and(|read| read != width) => return false,
            _ => {}
        }
    }
    true
}

/// Terms over the values of pieces.
struct Rewriter<'p> {
    old: &'p Terms,
    new: Terms,
    done: BTreeMap<TermId, TermId>,
    /// What each read of the path returns, put together.
    reads: Vec<TermId>,
}

impl<'p> Rewriter<'p> {
    fn new(path: &'p Path, pieces: &[Pieces]) -> Rewriter<'p> {
        let mut new = Terms::new();
        // More reads than have numbers are more than engines take.
        let mut next = 0usize;
        let whole = |read: &u32| {
            let mut value: Option<TermId> = None;
            let width = path.events[*read as usize].width;
            for piece in &pieces[*read as usize] {
                let part = new.var(VarId(next as u16), piece.width);
                next += 1;
                let distance = new.constant(Value::Int(piece.low.into()));
                let part = new.binary(BinaryOp::Shl, width, part, distance);
                value = Some(match value {
                    Some(others) => new.binary(BinaryOp::Or, width, others, part),
                    None => part,
                });
            }
            value.unwrap_or_else(|| new.constant(Value::ZERO))
        };
        let reads = path.reads.iter().map(whole).collect();
        Rewriter { old: &path.terms, new, done: BTreeMap::new(), reads }
    }

    /// The event of a piece; `reads` are those so far, with it.
    fn event(&mut self, old: &Event, piece: Piece, reads: usize, is_cut: bool) -> Event {
        let mut event = *old;
        if is_cut {
            event.width = piece.width;
        }
        event.addr = old.addr.map(|addr| {
            let start = self.rewrite(addr);
            if piece.offset == 0 {
                return start;
            }
            let distance = self.new.constant(Value::int(piece.offset));
            self.new.binary(BinaryOp::Add, 64, start, distance)
        });
        if !old.kind.is_memory() {
            event.value = old.value.map(|value| self.rewrite(value));
            return event;
        }
        let mut part = |value: TermId| {
            let value = self.rewrite(value);
            if is_cut { self.new.extract(value, piece.low, piece.width) } else { value }
        };
        event.written = old.written.map(&mut part);
        event.value = match old.kind {
            Kind::Write => old.value.map(part),
            _ => Some(self.new.var(VarId(reads.saturating_sub(1) as u16), piece.width)),
        };
        event
    }

    /// The same term over pieces. Terms can be deep: no recursion.
    fn rewrite(&mut self, root: TermId) -> TermId {
        let mut todo = vec![root];
        while let Some(term) = todo.last().copied() {
            let before = todo.len();
            if !self.done.contains_key(&term) {
                let inner = match self.old.get(term) {
                    Term::Const(_) | Term::Var { .. } | Term::Illegal => [None; 3],
                    Term::Unary(_, _, a) => [Some(a), None, None],
                    Term::Binary(_, _, a, b) => [Some(a), Some(b), None],
                    Term::IfThenElse(a, b, c) => [Some(a), Some(b), Some(c)],
                };
                todo.extend(inner.into_iter().flatten().filter(|inner| !self.done.contains_key(inner)));
            }
            if todo.len() == before {
                todo.pop();
                if !self.done.contains_key(&term) {
                    let new = self.rebuild(term);
                    self.done.insert(term, new);
                }
            }
        }
        self.done[&root]
    }

    fn rebuild(&mut self, term: TermId) -> TermId {
        let done = |term: TermId| self.done[&term];
        match self.old.get(term) {
            Term::Const(value) => self.new.constant(value),
            Term::Var { var, .. } => self.reads[var.0 as usize],
            Term::Illegal => self.new.illegal(),
            Term::Unary(UnaryOp::Extract(low), width, a) => {
                let a = done(a);
                self.new.extract(a, low, width)
            }
            Term::Unary(UnaryOp::Mask, width, a) => {
                let a = done(a);
                self.new.extract(a, 0, width)
            }
            Term::Unary(op, width, a) => {
                let a = done(a);
                self.new.unary(op, width, a)
            }
            Term::Binary(op, width, a, b) => {
                let (a, b) = (done(a), done(b));
                self.new.binary(op, width, a, b)
            }
            Term::IfThenElse(a, b, c) => {
                let (a, b, c) = (done(a), done(b), done(c));
                self.new.if_then_else(a, b, c)
            }
        }
    }
}

#[cfg(test)]
mod tests;
