//! The sets and relations of a structure that cat has names for, as far as they do not depend on values, `rf` or `co`.

use crate::micro::{Names, Port};
use crate::path::{Edge, Event, Kind, Path};
use crate::structure::Structure;
use relation::{Relation, Set, kernel as k};

/// A predefined set or relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predefined {
    /// Events that are marked with a tag, by its position in the program's list.
    Tag(u8),
    /// A set that every program has.
    Set(SetName),
    /// A relation that every program has.
    Relation(RelationName),
    /// A relation that is known, but empty for what is simulated.
    Nothing,
}

/// A set that every program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of cat are in `SETS`")]
pub enum SetName {
    All,
    Reads,
    Writes,
    Memory,
    InitialWrites,
    Fences,
    Branches,
    ConditionalBranches,
    Picks,
    RegisterReads,
    RegisterWrites,
    AddressPorts,
    DataPorts,
    NoLocation,
}

/// A relation that every program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of cat are in `RELATIONS`")]
pub enum RelationName {
    Identity,
    ProgramOrder,
    Internal,
    External,
    RegisterReadsFrom,
    Address,
    Data,
    Control,
    Depend,
    IicoData,
    IicoControl,
    IicoOrder,
    /// Accesses that are one; with the tag of exclusive accesses.
    SingleCopyAtomic(Option<u8>),
    SameInstance,
    SameInstruction,
    /// Events that share one of these tags, which stand side by side: scopes.
    Shared {
        first: u8,
        count: u8,
    },
}

/// The sets by their names in cat.
const SETS: &[(&str, SetName)] = &[
    ("_", SetName::All),
    ("EXEC", SetName::All),
    ("R", SetName::Reads),
    ("W", SetName::Writes),
    ("M", SetName::Memory),
    ("Exp", SetName::Memory),
    ("IW", SetName::InitialWrites),
    ("F", SetName::Fences),
    ("B", SetName::Branches),
    ("BCC", SetName::ConditionalBranches),
    ("PRED", SetName::Picks),
    ("Rreg", SetName::RegisterReads),
    ("Wreg", SetName::RegisterWrites),
    ("ADDR", SetName::AddressPorts),
    ("DATA", SetName::DataPorts),
    ("no-loc", SetName::NoLocation),
];

/// The relations by their names in cat.
const RELATIONS: &[(&str, RelationName)] = &[
    ("id", RelationName::Identity),
    ("po", RelationName::ProgramOrder),
    ("int", RelationName::Internal),
    ("ext", RelationName::External),
    ("rf-reg", RelationName::RegisterReadsFrom),
    ("addr", RelationName::Address),
    ("data", RelationName::Data),
    ("ctrl", RelationName::Control),
    ("depend", RelationName::Depend),
    ("iico_data", RelationName::IicoData),
    ("iico_ctrl", RelationName::IicoControl),
    ("iico_order", RelationName::IicoOrder),
    ("sm", RelationName::SingleCopyAtomic(None)),
    ("si", RelationName::SingleCopyAtomic(None)),
    ("same-instance", RelationName::SameInstance),
    ("same-instr", RelationName::SameInstruction),
    ("same-static", RelationName::SameInstruction),
];

/// Relations that are empty for what is simulated.
const NOTHING: &[&str] =
    &["aligned", "partial_po", "success", "tst", "control", "instr", "equiv-spec", "same-low-order-bits"];

impl Predefined {
    /// What cat calls `name`. `tags` are the program's names of tags, which come first.
    pub fn find(name: &str, tags: &Names) -> Option<Predefined> {
        let tag = |name: &str| tags.iter().position(|tag| tag == name).and_then(|at| u8::try_from(at).ok());
        if let Some(tag) = tag(name) {
            return Some(Predefined::Tag(tag));
        }
        if let Some((_, set)) = SETS.iter().find(|(known, _)| *known == name) {
            return Some(Predefined::Set(*set));
        }
        if let Some((_, relation)) = RELATIONS.iter().find(|(known, _)| *known == name) {
            return Some(Predefined::Relation(match relation {
                RelationName::SingleCopyAtomic(_) => RelationName::SingleCopyAtomic(tag("EX")),
                other => *other,
            }));
        }
        shared(name, tags).or_else(|| NOTHING.contains(&name).then_some(Predefined::Nothing))
    }
}

/// The relation of a scope: between events that share a tag `name@0`, `name@1`, ….
fn shared(name: &str, tags: &Names) -> Option<Predefined> {
    let belongs = |tag: &str| tag.strip_prefix(name).is_some_and(|rest| rest.starts_with('@'));
    let mut numbers = tags.iter().enumerate().filter(|(_, tag)| belongs(tag)).map(|(number, _)| number);
    let first = numbers.next()?;
    let last = numbers.last().unwrap_or(first);
    let (first, count) = (u8::try_from(first).ok()?, u8::try_from(last - first + 1).ok()?);
    Some(Predefined::Relation(RelationName::Shared { first, count }))
}

impl Structure<'_> {
    /// The predefined set of events that cat calls `name`. `tags` are the program's names of tags.
    pub fn set(&self, name: &str, tags: &Names) -> Option<Set> {
        let mut set = Set::empty(self.len());
        match Predefined::find(name, tags)? {
            found @ (Predefined::Tag(_) | Predefined::Set(_)) => self.write(found, set.bits_mut()),
            Predefined::Relation(_) | Predefined::Nothing => return None,
        }
        Some(set)
    }

    /// The predefined relation that cat calls `name`. `tags` are the program's names of tags.
    pub fn relation(&self, name: &str, tags: &Names) -> Option<Relation> {
        let mut r = Relation::empty(self.len());
        match Predefined::find(name, tags)? {
            found @ (Predefined::Relation(_) | Predefined::Nothing) => self.write(found, r.bits_mut()),
            Predefined::Tag(_) | Predefined::Set(_) => return None,
        }
        Some(r)
    }

    /// Writes a set or relation over `out`.
    pub fn write(&self, what: Predefined, out: &mut [u64]) {
        if let (Predefined::Tag(tag), [word]) = (what, &mut *out)
            && let Some(tagged) = self.tagged(tag)
        {
            *word = tagged;
            return;
        }
        out.fill(0);
        match what {
            Predefined::Tag(tag) => self.select(out, false, |event| event.tags.has(tag.into())),
            Predefined::Set(name) => self.write_set(name, out),
            Predefined::Relation(name) => self.write_relation(name, out),
            Predefined::Nothing => {}
        }
    }

    fn write_set(&self, name: SetName, out: &mut [u64]) {
        match name {
            SetName::All => k::fill_set(self.shape(), out),
            SetName::Reads => self.select(out, false, |event| event.kind.reads()),
            SetName::Writes => self.select(out, true, |event| event.kind.writes()),
            SetName::Memory => self.select(out, true, |event| event.kind.is_memory()),
            SetName::InitialWrites => self.select(out, true, |_| false),
            SetName::Fences => self.select(out, false, |event| event.kind == Kind::Fence),
            SetName::Branches => {
                self.select(out, false, |event| matches!(event.kind, Kind::Branch | Kind::Pick));
            }
            SetName::ConditionalBranches => self.select(out, false, |event| event.kind == Kind::Branch),
            SetName::Picks => self.select(out, false, |event| event.kind == Kind::Pick),
            SetName::RegisterReads => {
                self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(..)));
            }
            SetName::RegisterWrites => {
                self.select(out, false, |event| matches!(event.kind, Kind::WriteReg(_)));
            }
            SetName::AddressPorts => {
                self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(_, Port::Addr)));
            }
            SetName::DataPorts => {
                self.select(out, false, |event| matches!(event.kind, Kind::ReadReg(_, Port::Data)));
            }
            SetName::NoLocation => {
                self.select(out, false, |event| !event.kind.has_location() && !event.kind.is_register());
            }
        }
    }

    fn write_relation(&self, name: RelationName, out: &mut [u64]) {
        match name {
            RelationName::Identity => k::identity(self.shape(), out),
            RelationName::ProgramOrder => self.write_program_order(out),
            RelationName::Internal => self.write_same_thread(out),
            RelationName::External => self.write_external(out),
            RelationName::RegisterReadsFrom => self.write_edges(out, |path| &path.rf_reg),
            RelationName::Address => self.write_edges(out, |path| &path.addr),
            RelationName::Data => self.write_edges(out, |path| &path.data),
            RelationName::Control => self.write_edges(out, |path| &path.ctrl),
            RelationName::Depend => {
                self.write_edges(out, |path| &path.addr);
                self.write_edges(out, |path| &path.data);
            }
            RelationName::IicoData => self.write_edges(out, |path| &path.iico_data),
            RelationName::IicoControl => self.write_edges(out, |path| &path.iico_ctrl),
            RelationName::IicoOrder => self.write_edges(out, |path| &path.iico_order),
            RelationName::SingleCopyAtomic(exclusive) => self.write_single_copy_atomic(exclusive, out),
            RelationName::SameInstance => self.write_same_instance(out),
            RelationName::SameInstruction => self.write_same_instruction(out),
            RelationName::Shared { first, count } => self.write_shared(first, count, out),
        }
    }

    fn write_shared(&self, first: u8, count: u8, out: &mut [u64]) {
        let shape = self.shape();
        let mut members = vec![0; shape.words];
        for tag in first..first + count {
            members.fill(0);
            self.select(&mut members, false, |event| event.tags.has(tag.into()));
            for i in (0..self.len()).filter(|i| members[i / 64] >> (i % 64) & 1 != 0) {
                k::row_mut(shape, out, i).iter_mut().zip(&members).for_each(|(row, word)| *row |= word);
            }
        }
    }

    /// Whether the predefined set or relation that cat calls `name`, and that is the name of no tag, is empty in every
    /// structure, `rf` and `co` and what hangs on them aside. `tags` are the program's names of tags.
    pub fn is_always_empty(name: &str, tags: &Names) -> bool {
        match name {
            "rf" | "loc" | "FW" | "co" | "pco" => false,
            _ if shared(name, tags).is_some() => false,
            _ => {
                !SETS.iter().any(|(known, _)| *known == name)
                    && !RELATIONS.iter().any(|(known, _)| *known == name)
            }
        }
    }

    /// Puts into `out` the events that pass the test, and the initial writes if they belong to it.
    fn select(&self, out: &mut [u64], initial: bool, test: impl Fn(&Event) -> bool) {
        if initial {
            (0..self.locations.len()).for_each(|i| k::put(out, i));
        }
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (at, event) in path.events.iter().enumerate() {
                if test(event) {
                    k::put(out, start + at);
                }
            }
        }
    }

    /// Events of one execution of one instruction. An initial write is one of its own.
    fn write_same_instance(&self, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        for (path, start) in self.paths.iter().zip(&self.starts) {
            // Events of one instance stand side by side.
            let mut from = 0;
            while from < path.events.len() {
                let instance = path.events[from].instance;
                let len = path.events[from..].iter().take_while(|event| event.instance == instance).count();
                for i in from..from + len {
                    (from..from + len).for_each(|j| k::put_pair(shape, out, start + i, start + j));
                }
                from += len;
            }
        }
    }

    /// Accesses that are one single-copy atomic access: each with itself, the parts of an access that was cut, and the
    /// two halves of an access of an exclusive pair (`LDXP`, `STXP`).
    fn write_single_copy_atomic(&self, exclusive: Option<u8>, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (i, a) in path.events.iter().enumerate().filter(|(_, event)| event.kind.is_memory()) {
                k::put_pair(shape, out, start + i, start + i);
                if !exclusive.is_some_and(|tag| a.tags.has(tag.into())) {
                    continue;
                }
                let same = path.events[i + 1..].iter().take_while(|b| b.instance == a.instance);
                for (at, b) in same.enumerate().filter(|(_, b)| b.kind == a.kind) {
                    let j = i + 1 + at;
                    if exclusive.is_some_and(|tag| b.tags.has(tag.into())) {
                        k::put_pair(shape, out, start + i, start + j);
                        k::put_pair(shape, out, start + j, start + i);
                    }
                }
            }
            for (first, count) in &path.parts {
                let all = start + *first as usize..start + (*first + *count) as usize;
                all.clone().for_each(|i| all.clone().for_each(|j| k::put_pair(shape, out, i, j)));
            }
        }
    }

    /// Events of one instruction of a thread's code, however often it was executed.
    fn write_same_instruction(&self, out: &mut [u64]) {
        let shape = self.shape();
        (0..self.locations.len()).for_each(|i| k::put_pair(shape, out, i, i));
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (i, a) in path.events.iter().enumerate() {
                for (j, b) in path.events.iter().enumerate() {
                    if a.instruction == b.instruction {
                        k::put_pair(shape, out, start + i, start + j);
                    }
                }
            }
        }
    }

    fn write_edges(&self, out: &mut [u64], of: impl Fn(&Path) -> &Vec<Edge>) {
        let shape = self.shape();
        for (path, start) in self.paths.iter().zip(&self.starts) {
            for (from, to) in of(path) {
                k::put_pair(shape, out, start + *from as usize, start + *to as usize);
            }
        }
    }

    pub(crate) fn write_program_order(&self, out: &mut [u64]) {
        let shape = self.shape();
        if shape.words == 1 {
            return self.write_small_program_order(out);
        }
        let mut later = vec![0; shape.words];
        for (path, start) in self.paths.iter().zip(&self.starts) {
            later.fill(0);
            let mut at = path.events.len();
            while at > 0 {
                let instance = path.events[at - 1].instance;
                let end = at;
                while at > 0 && path.events[at - 1].instance == instance {
                    at -= 1;
                }
                (at..end).for_each(|i| k::row_mut(shape, out, start + i).copy_from_slice(&later));
                (at..end).for_each(|i| k::put(&mut later, start + i));
            }
            for (from, to) in &path.po_inside {
                k::put_pair(shape, out, start + *from as usize, start + *to as usize);
            }
        }
    }

    /// The same for at most 64 events.
    fn write_small_program_order(&self, out: &mut [u64]) {
        for (path, start) in self.paths.iter().zip(&self.starts) {
            let (mut later, mut instance, mut of_instance) = (0u64, u32::MAX, 0u64);
            for (at, event) in path.events.iter().enumerate().rev() {
                if event.instance != instance {
                    later |= of_instance;
                    (instance, of_instance) = (event.instance, 0);
                }
                out[start + at] = later;
                of_instance |= 1 << (start + at);
            }
            for (from, to) in &path.po_inside {
                out[start + *from as usize] |= 1 << (start + *to as usize);
            }
        }
    }

    fn write_same_thread(&self, out: &mut [u64]) {
        let shape = self.shape();
        if shape.words == 1 {
            for range in self.starts.windows(2) {
                out[range[0]..range[1]].fill(span(range[0], range[1]));
            }
            return;
        }
        let mut all = vec![0; shape.words];
        for range in self.starts.windows(2) {
            all.fill(0);
            (range[0]..range[1]).for_each(|i| k::put(&mut all, i));
            (range[0]..range[1]).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&all));
        }
    }

    fn write_external(&self, out: &mut [u64]) {
        let shape = self.shape();
        let initial = self.locations.len();
        if shape.words == 1 {
            let all = span(0, shape.n);
            out[..initial].fill(all & !span(0, initial));
            for range in self.starts.windows(2) {
                out[range[0]..range[1]].fill(all & !span(range[0], range[1]));
            }
            return;
        }
        let mut others = vec![0; shape.words];
        k::fill_set(shape, &mut others);
        (0..initial).for_each(|i| k::take(&mut others, i));
        (0..initial).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&others));
        for range in self.starts.windows(2) {
            k::fill_set(shape, &mut others);
            (range[0]..range[1]).for_each(|i| k::take(&mut others, i));
            (range[0]..range[1]).for_each(|i| k::row_mut(shape, out, i).copy_from_slice(&others));
        }
    }
}

/// The events from one number to before another, as a set in one word.
fn span(from: usize, to: usize) -> u64 {
    let below = |n: usize| if n < 64 { (1u64 << n) - 1 } else { u64::MAX };
    below(to) & !below(from)
}
