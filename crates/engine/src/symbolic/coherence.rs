//! What coherence and atomicity say, as clauses, where a model asks for them in some form.
//!
//! Nothing hangs on it: what is not said here is found out when the model's checks are made. But these two say so much
//! about `rf` and `co` that it is better known before anything is chosen. Any check that forbids a circle of one or two
//! steps says some of it, whatever its name.

use super::algebra::Algebra;
use super::encoding::Encoding;
use super::positions;
use super::sat::{Lit, Sat};
use super::words::{Circle, Kind, Step, circles};
use cat::plan::Base;
use execution::EventId;
use relation::{Shape, kernel as k};
use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

/// More clauses than that of one circle are not worth their while.
const MANY: usize = 200_000;

/// Nor is it to look at more combinations of events of one location.
const COMBINATIONS: usize = 4_000_000;

/// Adds the clauses.
pub(super) fn clauses(sat: &mut Sat<'_>, encoding: &mut Encoding<'_>, algebra: &mut Algebra<'_>) {
    let certain = encoding.certain_ways();
    let circles = circles(algebra, &encoding.s, &certain);
    if circles.is_empty() {
        return;
    }
    let places = by_place(encoding);
    let mut forbidden = Forbidden::new(encoding, algebra.shape);
    for circle in &circles {
        let mut added = 0;
        for place in &places {
            added += forbidden.add_circle(sat, circle, place, MANY.saturating_sub(added));
        }
    }
    let mut orders: Vec<Base> =
        circles.iter().flat_map(|circle| &circle.steps).filter_map(order_of).collect();
    orders.sort_unstable();
    orders.dedup();
    for order in orders {
        for place in &places {
            let updates = forbidden.updates(&circles, order, place);
            forbidden.read_once(sat, &updates);
            positions::add(sat, encoding, order, &place.writes, &updates);
        }
    }
}

fn order_of(step: &Step) -> Option<Base> {
    match step.kind {
        Kind::Rf => None,
        Kind::Co(base) | Kind::Fr(base) => Some(base),
    }
}

/// The accesses to a location that is known.
#[derive(Default)]
struct Place {
    /// Positions among the encoding's reads.
    reads: Vec<usize>,
    writes: Vec<EventId>,
    /// Both, each event once.
    all: Vec<EventId>,
}

fn by_place(encoding: &Encoding<'_>) -> Vec<Place> {
    let mut places: FxHashMap<u32, Place> = FxHashMap::default();
    for (at, read) in encoding.reads.iter().enumerate() {
        if let Some(place) = encoding.s.place(read.event) {
            let place = places.entry(place).or_default();
            place.reads.push(at);
            place.all.push(read.event);
        }
    }
    for write in encoding.s.writes() {
        if let Some(place) = encoding.s.place(write) {
            let place = places.entry(place).or_default();
            place.writes.push(write);
            place.all.push(write);
        }
    }
    let mut keys: Vec<u32> = places.keys().copied().collect();
    keys.sort_unstable();
    let mut places: Vec<Place> = keys.into_iter().filter_map(|key| places.remove(&key)).collect();
    for place in &mut places {
        place.all.sort_unstable();
        place.all.dedup();
    }
    places
}

/// What can't be true together.
type Together = SmallVec<[Lit; 4]>;

/// What was forbidden so far.
struct Forbidden<'e, 'p> {
    encoding: &'e Encoding<'p>,
    shape: Shape,
    rf: FxHashMap<(EventId, EventId), Lit>,
    /// By event: its position among the reads.
    reads: FxHashMap<EventId, usize>,
    together: FxHashSet<Together>,
}

/// One way to make a step: the literals that say so, and the events that must happen besides.
#[derive(Clone, Default)]
struct Made {
    literals: Together,
    /// Events of which a literal says that they happen.
    certain: SmallVec<[EventId; 4]>,
    events: SmallVec<[EventId; 4]>,
}

impl<'e, 'p> Forbidden<'e, 'p> {
    fn new(encoding: &'e Encoding<'p>, shape: Shape) -> Forbidden<'e, 'p> {
        let mut rf = FxHashMap::default();
        let mut reads = FxHashMap::default();
        for (at, read) in encoding.reads.iter().enumerate() {
            reads.insert(read.event, at);
            rf.extend(read.writers.iter().map(|(write, literal)| ((*write, read.event), *literal)));
        }
        Forbidden { encoding, shape, rf, reads, together: FxHashSet::default() }
    }

    /// Forbids a circle among the accesses to a place, in all ways, up to so many. How many there were.
    fn add_circle(&mut self, sat: &mut Sat<'_>, circle: &Circle, place: &Place, limit: usize) -> usize {
        let n = place.all.len();
        let pairs = if circle.back.is_some() { n * n } else { n };
        let inside = if circle.steps.len() > 1 { n } else { 1 };
        if pairs.saturating_mul(inside).saturating_mul(n) > COMBINATIONS {
            return 0;
        }
        let mut added = 0;
        for start in &place.all {
            for end in &place.all {
                let closes = match &circle.back {
                    Some(back) => k::has_pair(self.shape, back, end.index(), start.index()),
                    None => start == end,
                };
                if !closes {
                    continue;
                }
                for made in self.walk(circle, place, *start, *end) {
                    if added >= limit {
                        return added;
                    }
                    added += usize::from(self.forbid(sat, &made));
                }
            }
        }
        added
    }

    fn walk(&self, circle: &Circle, place: &Place, start: EventId, end: EventId) -> Vec<Made> {
        match &circle.steps[..] {
            [step] => self.step(step, start, end),
            [first, second] => {
                let mut all = Vec::new();
                for middle in &place.all {
                    let rest = self.step(second, *middle, end);
                    if rest.is_empty() {
                        continue;
                    }
                    for made in self.step(first, start, *middle) {
                        for rest in &rest {
                            let mut both = made.clone();
                            both.literals.extend(rest.literals.iter().copied());
                            both.certain.extend(rest.certain.iter().copied());
                            both.events.extend(rest.events.iter().copied());
                            all.push(both);
                        }
                    }
                }
                all
            }
            _ => Vec::new(),
        }
    }

    /// The ways to make a step from one event to another.
    fn step(&self, step: &Step, from: EventId, to: EventId) -> Vec<Made> {
        if !step.allows(self.shape, from.index(), to.index()) {
            return Vec::new();
        }
        let reads = |write: EventId, read: EventId, literal: Lit| Made {
            literals: SmallVec::from_slice(&[literal]),
            certain: SmallVec::from_slice(&[write, read]),
            events: SmallVec::new(),
        };
        match step.kind {
            Kind::Rf => {
                let own = self.rf.get(&(from, to));
                own.map(|literal| reads(from, to, *literal)).into_iter().collect()
            }
            Kind::Co(base) => {
                let before = self.encoding.before(base, from, to);
                let made = |literal| Made {
                    literals: SmallVec::from_slice(&[literal]),
                    certain: SmallVec::new(),
                    events: SmallVec::from_slice(&[from, to]),
                };
                before.map(made).into_iter().collect()
            }
            Kind::Fr(base) => {
                let Some(read) = self.reads.get(&from).map(|at| &self.encoding.reads[*at]) else {
                    return Vec::new();
                };
                let writers = read.writers.iter().filter_map(|(writer, literal)| {
                    let before = self.encoding.before(base, *writer, to)?;
                    let mut made = reads(*writer, from, *literal);
                    made.literals.push(before);
                    made.events.push(to);
                    Some(made)
                });
                writers.collect()
            }
        }
    }

    /// Forbids it, if that says something new.
    fn forbid(&mut self, sat: &mut Sat<'_>, made: &Made) -> bool {
        let yes = sat.yes();
        let mut all: Together = made.literals.iter().copied().filter(|literal| *literal != yes).collect();
        let events = made.events.iter().filter(|event| !made.certain.contains(event));
        all.extend(events.map(|event| self.encoding.is_active(*event)).filter(|literal| *literal != yes));
        all.sort_unstable();
        all.dedup();
        let excluded = all.iter().any(|literal| *literal == !yes || all.contains(&!*literal));
        if excluded || self.is_forbidden(&all) {
            return false;
        }
        sat.clause(all.iter().map(|literal| !*literal));
        self.together.insert(all);
        true
    }

    /// Whether these literals, in order, or some of them, are forbidden together already.
    fn is_forbidden(&self, all: &[Lit]) -> bool {
        let n = all.len();
        if n > 5 {
            return false;
        }
        (1..1usize << n).any(|some| {
            let chosen = (0..n).filter(|at| some & (1 << at) != 0).map(|at| all[at]);
            self.together.contains(&chosen.collect::<Together>())
        })
    }

    /// Whether these literals can't be true together, for a reason that is known here. `None` for what is in no order.
    fn excludes(&self, literals: &[Option<Lit>]) -> bool {
        let Some(mut all) = literals.iter().copied().collect::<Option<Together>>() else { return false };
        let yes = self.encoding.yes();
        all.retain(|literal| *literal != yes);
        all.sort_unstable();
        all.dedup();
        all.contains(&!yes) || self.is_forbidden(&all)
    }

    /// Reads with the writes that come right behind what they read, of this order.
    fn updates(&self, circles: &[Circle], order: Base, place: &Place) -> Vec<(usize, EventId)> {
        let atomic = |circle: &&Circle| {
            matches!(&circle.steps[..], [Step { kind: Kind::Fr(a), .. }, Step { kind: Kind::Co(b), .. }]
                if *a == order && *b == order)
        };
        let mut updates: Vec<(usize, EventId)> = Vec::new();
        for circle in circles.iter().filter(atomic) {
            for at in &place.reads {
                let read = self.encoding.reads[*at].event;
                let is_pair = |write: &&EventId| match &circle.back {
                    Some(back) => k::has_pair(self.shape, back, write.index(), read.index()),
                    None => **write == read,
                };
                let own = place.writes.iter().filter(is_pair).map(|write| (*at, *write));
                own.for_each(|pair| {
                    if !updates.contains(&pair) && self.is_update(order, place, pair) {
                        updates.push(pair);
                    }
                });
            }
        }
        updates
    }

    /// Whether a write comes behind what a read reads, where both happen, and nothing between them.
    fn is_update(&self, order: Base, place: &Place, (at, own): (usize, EventId)) -> bool {
        let co = |a: EventId, b: EventId| self.encoding.before(order, a, b);
        let read = &self.encoding.reads[at];
        let happens = |event: EventId| Some(self.encoding.is_active(event));
        read.writers.iter().all(|(writer, rf)| {
            if *writer == own {
                return self.excludes(&[Some(*rf)]);
            }
            let between = |other: &EventId| {
                let before = [co(*writer, *other), co(*other, own)];
                *other == own
                    || other == writer
                    || self.encoding.exclude_each_other(*other, own)
                    || self.encoding.exclude_each_other(*other, *writer)
                    || self.excludes(&[Some(*rf), before[0], before[1], happens(own), happens(*other)])
            };
            place.writes.contains(writer)
                && self.excludes(&[Some(*rf), co(own, *writer), happens(own)])
                && place.writes.iter().all(between)
        })
    }

    /// No two atomic updates read the same write: one of them comes between it and the other.
    fn read_once(&mut self, sat: &mut Sat<'_>, updates: &[(usize, EventId)]) {
        for (at, (first, own)) in updates.iter().enumerate() {
            for (second, other) in updates[at + 1..].iter().filter(|(second, _)| second != first) {
                let [first, second] = [first, second].map(|at| &self.encoding.reads[*at]);
                for (writer, rf) in &first.writers {
                    let same = second.writers.iter().find(|(known, _)| known == writer);
                    if let Some((_, other_rf)) = same
                        && own != other
                        && writer != own
                        && writer != other
                    {
                        let made = Made {
                            literals: SmallVec::from_slice(&[*rf, *other_rf]),
                            certain: SmallVec::from_slice(&[*writer, first.event, second.event]),
                            events: SmallVec::from_slice(&[*own, *other]),
                        };
                        self.forbid(sat, &made);
                    }
                }
            }
        }
    }
}
