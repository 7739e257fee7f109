//! A program's executions as clauses: which way each thread goes, which write each read reads, the values, the
//! addresses, and the orders that the model chooses.
//!
//! All ways through all threads stand side by side in one [`Structure`], each as if it were a thread of its own; a
//! literal says whether it is gone. What relates two ways of one thread to each other never matters: they are never
//! gone together.

use super::order::Order;
use super::sat::{Lit, Sat};
use super::values::{Domain, Source, Values, combine};
use crate::{Observable, Problem, Proposition};
use cat::plan::{Base, Choice, Orders, Plan};
use execution::{EventId, Kind, Path, Structure, TermId, Value, VarId};
use relation::{Set, Shape, kernel as k};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How many events all ways together may have.
const MAX_EVENTS: usize = 1024;

/// A read.
pub(super) struct Read {
    pub(super) event: EventId,
    pub(super) thread: usize,
    pub(super) var: VarId,
    /// What it may read from, each with the literal that says that it does.
    pub(super) writers: Vec<(EventId, Lit)>,
}

/// A choice of a plan that is not `co`.
pub(super) enum Other {
    Orders(Order),
    /// For each event, those that it may be paired with.
    Pairs(Vec<(EventId, Vec<(EventId, Lit)>)>),
}

/// What is chosen, and how.
pub(super) struct Encoding<'p> {
    pub(super) s: Structure<'p>,
    /// The thread that each way is one of.
    pub(super) owners: Vec<usize>,
    /// Whether each way is gone.
    pub(super) active: Vec<Lit>,
    yes: Lit,
    pub(super) reads: Vec<Read>,
    /// By event: its position in `reads`.
    read_at: Vec<u32>,
    pub(super) values: Values,
    /// By event: what addresses it may have, if it has one.
    addresses: Vec<Domain>,
    /// Whether two events have one location, where that is not known; the lesser first.
    located: FxHashMap<(u32, u32), Lit>,
    pub(super) co: Option<Order>,
    pub(super) others: Vec<Other>,
    /// The writes that may come last at an observed location, with the literals that say so.
    pub(super) last: Vec<(EventId, Lit)>,
    /// What each observed thing may be.
    pub(super) observed: Vec<Domain>,
    different: FxHashMap<(u32, u32), Lit>,
    /// Literals for what makes an accepted execution an error.
    pub(super) wrong: Vec<Lit>,
    /// Literals that say that two others are true.
    both: FxHashMap<(Lit, Lit), Lit>,
    /// By relation and pair: whether the pair is there, given that both events happen. For what is not here, that is known.
    pub(super) literals: FxHashMap<(Base, u32, u32), Lit>,
}

/// The value of a plan's node that does not hang on choices, as its bits.
pub(super) type Known<'a> = &'a dyn Fn(cat::plan::NodeId) -> Option<Vec<u64>>;

impl<'p> Encoding<'p> {
    /// The ways of all threads side by side.
    pub(super) fn structure(problem: &Problem<'p>) -> Result<(Structure<'p>, Vec<usize>), String> {
        let mut ways: Vec<&'p Path> = Vec::new();
        let mut owners = Vec::new();
        for (thread, paths) in problem.paths.iter().enumerate() {
            ways.extend(paths.iter());
            owners.resize(ways.len(), thread);
        }
        let events: usize = ways.iter().map(|way| way.events.len()).sum();
        if events > MAX_EVENTS || ways.len() > usize::from(u16::MAX) {
            return Err(format!("all ways through all threads have more than {MAX_EVENTS} events"));
        }
        Ok((Structure::new(ways, problem.memory), owners))
    }

    /// Says what executions there are, apart from what the model says about them.
    pub(super) fn new(
        sat: &mut Sat<'_>,
        problem: &Problem<'_>,
        (s, owners): (Structure<'p>, Vec<usize>),
        plan: &Plan,
        known: Known<'_>,
    ) -> Result<Encoding<'p>, String> {
        let yes = sat.yes();
        let active = ways(sat, &owners);
        let mut encoding = Encoding {
            owners,
            active,
            yes,
            reads: Vec::new(),
            read_at: vec![u32::MAX; s.len()],
            values: Values::default(),
            addresses: Vec::new(),
            located: FxHashMap::default(),
            co: None,
            others: Vec::new(),
            last: Vec::new(),
            observed: Vec::new(),
            different: FxHashMap::default(),
            wrong: Vec::new(),
            both: FxHashMap::default(),
            literals: FxHashMap::default(),
            s,
        };
        encoding.choose_writers(sat);
        encoding.values(sat, problem)?;
        encoding.choose_orders(sat, plan, known)?;
        encoding.observe(sat, problem, plan)?;
        Ok(encoding)
    }

    /// The literal that is true.
    pub(super) fn yes(&self) -> Lit {
        self.yes
    }

    /// Of each way, whether it is the only one of its thread.
    pub(super) fn certain_ways(&self) -> Vec<bool> {
        certain_ways(&self.owners)
    }

    /// Whether two events are of different ways through one thread.
    pub(super) fn exclude_each_other(&self, a: EventId, b: EventId) -> bool {
        let different_ways = |(a, b): (usize, usize)| a != b && self.owners[a] == self.owners[b];
        self.s.thread(a).zip(self.s.thread(b)).is_some_and(different_ways)
    }

    /// Whether an order of choices, where it is of one location, has an event before another.
    pub(super) fn before(&self, order: Base, a: EventId, b: EventId) -> Option<Lit> {
        let order = match order {
            Base::Co => self.co.as_ref(),
            Base::Choice(number) => match self.others.get(number as usize) {
                Some(Other::Orders(order)) => Some(order),
                _ => None,
            },
            _ => None,
        };
        if self.exclude_each_other(a, b) {
            return None;
        }
        order.and_then(|order| order.before(a, b))
    }

    /// Whether an event happens.
    pub(super) fn is_active(&self, event: EventId) -> Lit {
        self.s.thread(event).map_or(self.yes, |way| self.active[way])
    }

    fn choose_writers(&mut self, sat: &mut Sat<'_>) {
        let s = &self.s;
        let writes: Vec<EventId> = s.writes().collect();
        let instance = |event: EventId| Some((s.thread(event)?, s.event(event)?.instance));
        let places: Vec<Option<u32>> = s.events().map(|event| s.place(event)).collect();
        let mut by_place: FxHashMap<u32, Vec<EventId>> = FxHashMap::default();
        for write in &writes {
            if let Some(place) = places[write.index()] {
                by_place.entry(place).or_default().push(*write);
            }
        }
        let anywhere: Vec<EventId> =
            writes.iter().copied().filter(|write| places[write.index()].is_none()).collect();
        let mut reads = Vec::new();
        for (event, thread, var) in s.reads() {
            let mut candidates: Vec<EventId> = match places[event.index()] {
                Some(place) => by_place.get(&place).into_iter().flatten().chain(&anywhere).copied().collect(),
                None => writes.clone(),
            };
            candidates.sort_unstable();
            let owner = self.owners[thread];
            let fits = |write: &EventId| {
                // Never together with another way of its own thread.
                let other_way =
                    s.thread(*write).is_some_and(|way| way != thread && self.owners[way] == owner);
                !other_way && (instance(*write).is_none() || instance(*write) != instance(event))
            };
            candidates.retain(fits);
            reads.push((event, thread, var, candidates));
        }
        for (event, thread, var, candidates) in reads {
            let here = self.active[thread];
            let mut writers = Vec::with_capacity(candidates.len());
            let single = candidates.len() == 1;
            for write in candidates {
                let literal = if single { here } else { sat.fresh() };
                let there = self.is_active(write);
                if there != self.yes {
                    sat.clause([!literal, there]);
                }
                if here != self.yes && !single {
                    sat.clause([!literal, here]);
                }
                writers.push((write, literal));
            }
            let literals: Vec<Lit> = writers.iter().map(|(_, literal)| *literal).collect();
            if !single {
                sat.clause(literals.iter().copied().chain([!here]));
                sat.at_most_one(&literals);
            }
            self.read_at[event.index()] = self.reads.len() as u32;
            self.reads.push(Read { event, thread, var, writers });
        }
        self.forbid_tearing(sat);
    }

    /// Reads that were cut into parts are not torn.
    fn forbid_tearing(&self, sat: &mut Sat<'_>) {
        if !self.s.has_parts() {
            return;
        }
        for (at, a) in self.reads.iter().enumerate() {
            let parts = self.reads[at + 1..].iter();
            for b in parts.filter(|b| self.s.first_part(b.event) == self.s.first_part(a.event)) {
                for (from_a, is_a) in &a.writers {
                    for (from_b, is_b) in &b.writers {
                        if self.s.tears((a.event, *from_a), (b.event, *from_b)) {
                            sat.clause([!*is_a, !*is_b]);
                        }
                    }
                }
            }
        }
    }

    /// Says what values there are, and what follows for the ways and the addresses.
    fn values(&mut self, sat: &mut Sat<'_>, problem: &Problem<'_>) -> Result<(), String> {
        let s = &self.s;
        let mut roots: Vec<Vec<TermId>> = vec![Vec::new(); s.paths().len()];
        for event in s.events() {
            let terms = [s.address_term(event), s.stored_term(event)].into_iter().flatten();
            terms.for_each(|(thread, term)| roots[thread].push(term));
        }
        for (way, path) in s.paths().iter().enumerate() {
            roots[way].extend(path.constraints.iter().map(|(term, _)| *term));
            roots[way].extend(&path.either);
            roots[way].extend(self.observed_terms(problem, way).flatten());
            roots[way].sort_unstable();
            roots[way].dedup();
        }
        let width = |event: EventId| s.event(event).map_or(64, |event| event.width);
        let sources: Vec<Source<'_>> = self
            .reads
            .iter()
            .map(|read| Source {
                thread: read.thread,
                var: read.var,
                width: width(read.event),
                writers: &read.writers,
                active: self.active[read.thread],
            })
            .collect();
        self.values = Values::encode(sat, s, &sources, &roots, &self.owners)?;
        for (way, path) in s.paths().iter().enumerate() {
            for (term, is) in &path.constraints {
                for (value, literal) in self.values.term(way, *term) {
                    if value.is_none_or(|value| value.is_true() != *is) {
                        sat.clause([!self.active[way], !*literal]);
                    }
                }
            }
        }
        // What a branch asked that both ways of are one has a result, too.
        for (way, path) in s.paths().iter().enumerate() {
            for term in &path.either {
                for (_, literal) in self.values.term(way, *term).iter().filter(|(value, _)| value.is_none()) {
                    sat.clause([!self.active[way], !*literal]);
                }
            }
        }
        for event in s.events() {
            for (way, term) in [s.address_term(event), s.stored_term(event)].into_iter().flatten() {
                for (_, literal) in self.values.term(way, term).iter().filter(|(value, _)| value.is_none()) {
                    sat.clause([!self.active[way], !*literal]);
                }
            }
        }
        self.addresses = s.events().map(|event| self.address_domain(event)).collect();
        let pairs: Vec<(EventId, EventId, Lit)> = self
            .reads
            .iter()
            .flat_map(|read| read.writers.iter().map(|(write, literal)| (*write, read.event, *literal)))
            .collect();
        for (write, read, literal) in pairs {
            match self.same_location(sat, write, read) {
                Some(same) if same == self.yes => {}
                Some(same) => sat.clause([!literal, same]),
                None => sat.clause([!literal]),
            }
        }
        Ok(())
    }

    fn observed_terms<'a>(
        &'a self,
        problem: &'a Problem<'_>,
        way: usize,
    ) -> impl Iterator<Item = Option<TermId>> + 'a {
        let owner = self.owners[way];
        problem.observed.iter().map(move |observable| match observable {
            Observable::Register(thread, reg) if usize::from(*thread) == owner => {
                crate::final_register(problem, self.s.paths()[way], *thread, *reg).ok()
            }
            _ => None,
        })
    }

    fn address_domain(&self, event: EventId) -> Domain {
        match (self.s.known_address(event), self.s.address_term(event)) {
            (Some(address), _) => vec![(Some(address), self.yes)],
            (None, Some((way, term))) => self.values.term(way, term).to_vec(),
            (None, None) => Vec::new(),
        }
    }

    /// Whether two events have one location; `None` if they never have.
    pub(super) fn same_location(&mut self, sat: &mut Sat<'_>, a: EventId, b: EventId) -> Option<Lit> {
        let known = [a, b].map(|event| self.s.place(event));
        if let [Some(a), Some(b)] = known {
            return (a == b).then_some(self.yes);
        }
        if a == b {
            return self.s.kind(a).has_location().then_some(self.yes);
        }
        let key = (a.0.min(b.0), a.0.max(b.0));
        if let Some(literal) = self.located.get(&key) {
            return (*literal != !self.yes).then_some(*literal);
        }
        let [first, second] = [key.0, key.1].map(|event| self.addresses[event as usize].clone());
        let literal = equality(sat, &first, &second);
        self.located.insert(key, literal);
        (literal != !self.yes).then_some(literal)
    }

    /// Whether two events have one location, as far as that was asked before; `None` if they never have.
    pub(super) fn known_location(&self, a: EventId, b: EventId) -> Option<Lit> {
        match [a, b].map(|event| self.s.place(event)) {
            [Some(a), Some(b)] => (a == b).then_some(self.yes),
            _ => self.located.get(&(a.0.min(b.0), a.0.max(b.0))).copied(),
        }
    }

    /// Whether two memory accesses have different values.
    pub(super) fn different(&mut self, sat: &mut Sat<'_>, a: EventId, b: EventId) -> Lit {
        let key = (a.0.min(b.0), a.0.max(b.0));
        if a == b {
            return !self.yes;
        }
        if let Some(literal) = self.different.get(&key) {
            return *literal;
        }
        let [first, second] = [key.0, key.1].map(|event| self.event_values(EventId(event)));
        let literal = !equality(sat, &first, &second);
        self.different.insert(key, literal);
        literal
    }

    /// What a memory access reads, or writes if it only writes.
    fn event_values(&self, event: EventId) -> Domain {
        match self.reads.get(self.read_at[event.index()] as usize) {
            Some(read) => self.values.read(read.thread, read.var).to_vec(),
            None => self.stored_values(event),
        }
    }

    /// What a write stores.
    pub(super) fn stored_values(&self, write: EventId) -> Domain {
        match (self.s.known_stored(write), self.s.stored_term(write)) {
            (Some(value), _) => vec![(Some(value), self.yes)],
            (None, Some((way, term))) => self.values.term(way, term).to_vec(),
            (None, None) => Vec::new(),
        }
    }

    fn choose_orders(&mut self, sat: &mut Sat<'_>, plan: &Plan, known: Known<'_>) -> Result<(), String> {
        if let Some(orders) = &plan.co {
            self.co = Some(self.order(sat, orders, known)?);
        }
        for choice in &plan.choices {
            let other = match choice {
                Choice::Orders(orders) => Other::Orders(self.order(sat, orders, known)?),
                Choice::Pairs { of, from } => {
                    let n = self.s.len();
                    let (Some(of), Some(from)) = (known(*of), known(*from)) else {
                        return Err("the model chooses pairs among what hangs on other choices".to_owned());
                    };
                    Other::Pairs(self.pairs(sat, &of, &from, Shape::new(n)))
                }
            };
            self.others.push(other);
        }
        Ok(())
    }

    fn order(&mut self, sat: &mut Sat<'_>, orders: &Orders, known: Known<'_>) -> Result<Order, String> {
        let set = known(orders.set).ok_or("the model orders a set that hangs on choices")?;
        let events: Vec<EventId> = k::elements(&set).map(|event| EventId(event as u32)).collect();
        let mut classes: Vec<Vec<EventId>> = Vec::new();
        if orders.by_location {
            let mut seen = Set::empty(self.s.len());
            for event in &events {
                if seen.contains(event.index()) {
                    continue;
                }
                seen.insert(event.index());
                let mut class = vec![*event];
                let mut at = 0;
                while at < class.len() {
                    let from = class[at];
                    at += 1;
                    for other in &events {
                        if !seen.contains(other.index()) && self.same_location(sat, from, *other).is_some() {
                            seen.insert(other.index());
                            class.push(*other);
                        }
                    }
                }
                class.sort_unstable();
                classes.push(class);
            }
        } else {
            classes.push(events);
        }
        let first = |a: EventId, b: EventId| {
            let is_initial = |event: EventId| self.s.thread(event).is_none();
            orders.initial_first && is_initial(a) && !is_initial(b) && self.s.kind(b).writes()
        };
        classes.retain(|class| class.len() > 1);
        Ok(Order::new(sat, classes, self.s.len(), &first))
    }

    fn pairs(
        &self,
        sat: &mut Sat<'_>,
        of: &[u64],
        from: &[u64],
        shape: Shape,
    ) -> Vec<(EventId, Vec<(EventId, Lit)>)> {
        let mut result = Vec::new();
        for event in k::elements(of) {
            let event = EventId(event as u32);
            let here = self.is_active(event);
            let mut picks = Vec::new();
            for other in
                self.s.events().filter(|other| k::has_pair(shape, from, other.index(), event.index()))
            {
                let literal = sat.fresh();
                sat.clause([!literal, here]);
                sat.clause([!literal, self.is_active(other)]);
                picks.push((other, literal));
            }
            let literals: Vec<Lit> = picks.iter().map(|(_, literal)| *literal).collect();
            sat.clause(literals.iter().copied().chain([!here]));
            sat.at_most_one(&literals);
            result.push((event, picks));
        }
        result
    }

    fn observe(&mut self, sat: &mut Sat<'_>, problem: &Problem<'_>, plan: &Plan) -> Result<(), String> {
        for observable in problem.observed {
            let domain = match *observable {
                Observable::Register(thread, reg) => {
                    let mut ways = Vec::new();
                    for way in (0..self.owners.len()).filter(|way| self.owners[*way] == usize::from(thread)) {
                        let active = self.active[way];
                        match crate::final_register(problem, self.s.paths()[way], thread, reg) {
                            Ok(term) => {
                                for (value, literal) in self.values.term(way, term) {
                                    ways.push((*value, both(self.yes, active, *literal)));
                                }
                            }
                            Err(value) => ways.push((Some(value), SmallVec::from_slice(&[active]))),
                        }
                    }
                    combine(sat, &ways)?
                }
                Observable::Memory(address) => self.final_value(sat, problem, plan, address)?,
            };
            let illegal = domain.iter().filter(|(value, _)| value.is_none());
            self.wrong.extend(illegal.map(|(_, literal)| *literal));
            self.observed.push(domain);
        }
        let failing = self.s.paths().iter().zip(&self.active).filter(|(way, _)| way.failure.is_some());
        self.wrong.extend(failing.map(|(_, active)| *active));
        Ok(())
    }

    /// What may be at an address at the end.
    fn final_value(
        &mut self,
        sat: &mut Sat<'_>,
        problem: &Problem<'_>,
        plan: &Plan,
        address: Value,
    ) -> Result<Domain, String> {
        let mut there: Vec<(EventId, Lit)> = Vec::new();
        for write in self.s.writes().collect::<Vec<_>>() {
            let domain = &self.addresses[write.index()];
            if let Some((_, at)) = domain.iter().find(|(known, _)| *known == Some(address)).copied() {
                let literal = self.and(sat, self.is_active(write), at);
                there.push((write, literal));
            }
        }
        let co_says_last = plan.co.is_some_and(|co| co.final_last && co.initial_first);
        let mut ways: Vec<(Option<Value>, SmallVec<[Lit; 3]>)> = Vec::new();
        let mut last: Vec<Lit> = Vec::new();
        for (write, at) in &there {
            let literal = if there.len() == 1 { *at } else { sat.fresh() };
            if there.len() > 1 {
                sat.clause([!literal, *at]);
            }
            let mut not_last = vec![!*at, literal];
            for (other, other_at) in there.iter().filter(|(other, _)| other != write) {
                // Initial writes are the last ones only where there is no other.
                if self.s.thread(*write).is_none() && self.s.thread(*other).is_some() {
                    sat.clause([!literal, !*other_at]);
                    not_last.push(*other_at);
                    continue;
                }
                for before in self.final_orders(plan, *other, *write) {
                    sat.clause([!literal, !*other_at, before]);
                }
                if let Some(before) = self.co.as_ref().and_then(|co| co.before(*other, *write)) {
                    not_last.push(self.and(sat, *other_at, !before));
                }
            }
            if co_says_last && there.len() > 1 {
                sat.clause(not_last);
            }
            last.push(literal);
            for (value, stored) in self.stored_values(*write) {
                ways.push((value, both(self.yes, literal, stored)));
            }
        }
        let none = if there.iter().any(|(_, at)| *at == self.yes) {
            !self.yes
        } else {
            let none = sat.fresh();
            there.iter().for_each(|(_, at)| sat.clause([!none, !*at]));
            sat.clause(there.iter().map(|(_, at)| *at).chain([none]));
            ways.push((Some(problem.memory.value(address)), SmallVec::from_slice(&[none])));
            none
        };
        sat.clause(last.iter().copied().chain([none]));
        sat.at_most_one(&last);
        self.last.extend(there.iter().zip(&last).map(|((write, _), literal)| (*write, *literal)));
        combine(sat, &ways)
    }

    /// Whether one write comes before another, in all orders that put final writes behind others.
    fn final_orders(&self, plan: &Plan, a: EventId, b: EventId) -> SmallVec<[Lit; 2]> {
        let chosen =
            self.others.iter().zip(&plan.choices).filter_map(|(other, choice)| match (other, choice) {
                (Other::Orders(order), Choice::Orders(orders)) => Some((order, orders)),
                _ => None,
            });
        let co = self.co.as_ref().zip(plan.co.as_ref());
        let all = co.into_iter().chain(chosen).filter(|(_, orders)| orders.final_last);
        all.filter_map(|(order, _)| order.before(a, b)).collect()
    }

    /// A literal that is true where both are.
    pub(super) fn and(&mut self, sat: &mut Sat<'_>, a: Lit, b: Lit) -> Lit {
        if a == self.yes || a == b {
            return b;
        }
        if b == self.yes {
            return a;
        }
        let key = (a.min(b), a.max(b));
        if let Some(literal) = self.both.get(&key) {
            return *literal;
        }
        let literal = sat.fresh();
        self.both.insert(key, literal);
        sat.clause([!literal, a]);
        sat.clause([!literal, b]);
        sat.clause([!a, !b, literal]);
        literal
    }

    /// A literal that is true where the proposition holds of what is observed.
    pub(super) fn proposition(&self, sat: &mut Sat<'_>, proposition: &Proposition) -> Lit {
        let of = |sat: &mut Sat<'_>, all: &[Proposition]| -> Vec<Lit> {
            all.iter().map(|one| self.proposition(sat, one)).collect()
        };
        match proposition {
            Proposition::Constant(true) => self.yes,
            Proposition::Constant(false) => !self.yes,
            Proposition::Not(inner) => !self.proposition(sat, inner),
            Proposition::And(all) => {
                let all = of(sat, all);
                self.all_of(sat, &all)
            }
            Proposition::Or(all) => {
                let none: Vec<Lit> = of(sat, all).into_iter().map(|literal| !literal).collect();
                !self.all_of(sat, &none)
            }
            Proposition::Value { at, width, value, equal } => {
                let agrees = |known: &Option<Value>| known.is_some_and(|known| known.agrees(*value, *width));
                let (yes, no): (Vec<_>, Vec<_>) =
                    self.observed[*at].iter().partition(|(known, _)| agrees(known));
                let literal = self.one_of(sat, &yes, &no);
                if *equal { literal } else { !literal }
            }
            Proposition::Same { at, other, width, equal } => {
                let cut = |domain: &Domain| -> Domain {
                    domain.iter().map(|(v, literal)| (v.map(|v| v.masked(*width)), *literal)).collect()
                };
                let literal = same_value(sat, &cut(&self.observed[*at]), &cut(&self.observed[*other]));
                if *equal { literal } else { !literal }
            }
        }
    }

    /// A literal that says that one of the first is true, and none of the others.
    fn one_of(
        &self,
        sat: &mut Sat<'_>,
        these: &[&(Option<Value>, Lit)],
        others: &[&(Option<Value>, Lit)],
    ) -> Lit {
        match (these, others) {
            ([], _) => !self.yes,
            (_, []) => self.yes,
            ([(_, literal)], _) => *literal,
            (_, [(_, literal)]) => !*literal,
            _ => {
                let result = sat.fresh();
                these.iter().for_each(|(_, literal)| sat.clause([!*literal, result]));
                others.iter().for_each(|(_, literal)| sat.clause([!*literal, !result]));
                sat.clause(these.iter().map(|(_, literal)| *literal).chain([!result]));
                result
            }
        }
    }

    /// A literal that is true where all are.
    fn all_of(&self, sat: &mut Sat<'_>, all: &[Lit]) -> Lit {
        match all {
            [] => self.yes,
            [literal] => *literal,
            _ => {
                let result = sat.fresh();
                all.iter().for_each(|literal| sat.clause([!result, *literal]));
                sat.clause(all.iter().map(|literal| !*literal).chain([result]));
                result
            }
        }
    }
}

/// Of each way, whether it is the only one of its thread, which is given.
pub(super) fn certain_ways(owners: &[usize]) -> Vec<bool> {
    owners.chunk_by(|a, b| a == b).flat_map(|same| same.iter().map(|_| same.len() == 1)).collect()
}

/// Which way each thread goes: exactly one of its own.
fn ways(sat: &mut Sat<'_>, owners: &[usize]) -> Vec<Lit> {
    let mut active = Vec::with_capacity(owners.len());
    for same in owners.chunk_by(|a, b| a == b) {
        if same.len() == 1 {
            active.push(sat.yes());
            continue;
        }
        let literals: Vec<Lit> = same.iter().map(|_| sat.fresh()).collect();
        sat.clause(literals.iter().copied());
        sat.at_most_one(&literals);
        active.extend(literals);
    }
    active
}

fn both(yes: Lit, a: Lit, b: Lit) -> SmallVec<[Lit; 3]> {
    match (a == yes, b == yes) {
        (true, _) => SmallVec::from_slice(&[b]),
        (_, true) => SmallVec::from_slice(&[a]),
        _ => SmallVec::from_slice(&[a, b]),
    }
}

/// A literal that says whether two things that have at most one value each have the same.
fn equality(sat: &mut Sat<'_>, a: &Domain, b: &Domain) -> Lit {
    let find =
        |domain: &Domain, value: &Option<Value>| domain.iter().find(|(v, _)| v == value).map(|(_, lit)| *lit);
    if a.iter().all(|(value, _)| find(b, value).is_none()) {
        return !sat.yes();
    }
    if let ([(x, _)], [(y, _)]) = (&a[..], &b[..]) {
        return if x == y { sat.yes() } else { !sat.yes() };
    }
    let same = sat.fresh();
    for (one, other) in [(a, b), (b, a)] {
        for (value, literal) in one {
            match find(other, value) {
                Some(there) => {
                    sat.clause([!same, !*literal, there]);
                    sat.clause([same, !*literal, !there]);
                }
                None => sat.clause([!same, !*literal]),
            }
        }
    }
    same
}

/// [`equality`] of things whose values may have become equal by being cut.
fn same_value(sat: &mut Sat<'_>, a: &Domain, b: &Domain) -> Lit {
    let same = sat.fresh();
    for (x, of_x) in a {
        for (y, of_y) in b {
            sat.clause([!*of_x, !*of_y, if x == y { same } else { !same }]);
        }
    }
    same
}

/// Whether an event reads or writes memory.
pub(super) fn is_memory(s: &Structure<'_>, event: EventId) -> bool {
    matches!(s.kind(event), Kind::Read | Kind::Write | Kind::Update)
}
