//! Minimal cycles: those that are forbidden, and of which nothing can be made weaker without their being allowed.
//!
//! Lustig, Wright, Papakonstantinou, Giroux: *Automated Synthesis of Comprehensive Memory Model Litmus Test Suites*
//! (ASPLOS 2017) ask the same of tests. Who knows that these cycles are forbidden knows it of all that are stronger.
//! Deviations:
//!
//! 1. Only critical cycles, with at most two accesses in a thread, or with a communication inside of a thread in the place
//!    of one of them.
//! 2. What is weaker is written down in a [`Menu`], and not derived from a model.
//! 3. Different primitives are not compared: of two fences neither is weaker for that purpose, though one may be for the
//!    model. Only what says nothing is weaker than all that says something.
//!
//! Cycles with the same events, in the same threads, have one [`Shape`]. Its cycles are the ways to make some choices: how
//! each event accesses memory, what stands between two. [`Shape::minimal`] walks through the choices depth first, the
//! weakest first, and asks about the weakest and the strongest cycle of what is left.

use crate::cycle::Cycle;
use crate::edge::{Access, Com, Dir, Edge, Kind, Reach, Span};
use crate::text::{self, What};
use crate::vocabulary::Arch;
use syntax::{Diagnostic, FileId};

/// What cycles may be made of: words as in cycles, the weakest first. `<` separates what is weaker for the model; what
/// stands before the first `<` says nothing, and is weaker in every respect.
#[derive(Clone, Copy, Debug)]
pub struct Menu<'m> {
    /// The architecture.
    pub arch: Arch,
    /// Accesses of reads.
    pub reads: &'m str,
    /// Accesses of writes.
    pub writes: &'m str,
    /// Accesses of writes that are made by an update; lists that are not compared stand between bars.
    pub swaps: &'m str,
    /// Updates whose read and write are on the cycle, `Xchg` or `Xchg:Once:Release`.
    pub updates: &'m str,
    /// Edges between two events of a thread, without their last letters: from R to R, R to W, W to R, W to W.
    pub links: [&'m str; 4],
    /// How much room there is for what is more than an access: an update on the cycle takes one, a communication inside of
    /// a thread two.
    pub room: usize,
}

/// One way to make a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Access(u8),
    Link(Kind),
    Update(Kind, u8, u8),
}

/// The ways to make a choice; bit sets are over their positions.
#[derive(Clone, Debug)]
struct Ladder {
    choices: Vec<Choice>,
    /// Which are as weak or weaker, in every respect.
    weaker: Vec<u32>,
    /// Which are as weak or weaker for the model.
    below: Vec<u32>,
}

/// An access, or two with something inside of the thread between them.
#[derive(Clone, Debug)]
struct Point {
    entry: Dir,
    exit: Dir,
    /// Whether it is entered by a write that an update makes: from the read of an older value only.
    swap: bool,
    inner: Option<Edge>,
    /// The ladders of the events, or of the update.
    ladders: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Thread {
    first: usize,
    second: Option<usize>,
}

/// All shapes of a menu.
#[derive(Clone, Debug)]
pub struct Shapes {
    arch: Arch,
    ladders: Vec<Ladder>,
    /// Where the ladders of links begin.
    links: usize,
    points: Vec<Point>,
    threads: Vec<Thread>,
    room: usize,
}

/// Cycles that differ in their choices only.
#[derive(Clone, Debug)]
pub struct Shape<'s> {
    shapes: &'s Shapes,
    edges: Vec<Edge>,
    /// For each choice, the event or edge that it is about, and its ladder.
    slots: Vec<(usize, usize)>,
    /// By how many slots the shape can be turned and is the same.
    turns: Vec<usize>,
}

/// What is known of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is forbidden.
    Forbidden,
    /// It is allowed.
    Allowed,
    /// There is no such test, or it can't be judged.
    Unknown,
}

impl Shapes {
    /// Reads a menu.
    ///
    /// # Errors
    /// The first word that the architecture does not have.
    pub fn new(menu: Menu<'_>) -> Result<Shapes, Diagnostic> {
        let arch = menu.arch;
        let mut shapes = Shapes {
            arch,
            ladders: Vec::new(),
            links: 0,
            points: Vec::new(),
            threads: Vec::new(),
            room: menu.room,
        };
        let access = |word: &str| access(arch, word).map(Choice::Access);
        shapes.ladders.push(ladder(menu.reads, access)?);
        shapes.ladders.push(ladder(menu.writes, access)?);
        let (reads, writes) = (0, 1);
        let single =
            |dir, ladder| Point { entry: dir, exit: dir, swap: false, inner: None, ladders: vec![ladder] };
        shapes.points = vec![single(Dir::R, reads), single(Dir::W, writes)];
        for list in menu.swaps.split('|').filter(|list| !list.trim().is_empty()) {
            shapes.points.push(Point { swap: true, ..single(Dir::W, shapes.ladders.len()) });
            shapes.ladders.push(ladder(list, access)?);
        }
        for list in menu.updates.split('|').filter(|list| !list.trim().is_empty()) {
            let made = ladder(list, |word| update(arch, word))?;
            let inner = Edge::new(Kind::Update(0), Span::Same, Dir::R, Dir::W);
            shapes.points.push(Point {
                entry: Dir::R,
                exit: Dir::W,
                swap: false,
                inner: Some(inner),
                ladders: vec![shapes.ladders.len()],
            });
            shapes.ladders.push(made);
        }
        if menu.room > 1 {
            for com in [Com::Rf, Com::Fr, Com::Co] {
                let inner = Edge::com(com, Reach::Int);
                let of = |dir| if dir == Dir::R { reads } else { writes };
                let ladders = vec![of(inner.src), of(inner.tgt)];
                shapes.points.push(Point {
                    entry: inner.src,
                    exit: inner.tgt,
                    swap: false,
                    inner: Some(inner),
                    ladders,
                });
            }
        }
        shapes.links = shapes.ladders.len();
        for (number, (src, tgt)) in DIRS.into_iter().enumerate() {
            let made = ladder(menu.links[number], |word| link(arch, word, src, tgt))?;
            shapes.ladders.push(made);
        }
        shapes.threads = shapes.all_threads();
        Ok(shapes)
    }

    fn all_threads(&self) -> Vec<Thread> {
        let mut all = Vec::new();
        for (number, first) in self.points.iter().enumerate() {
            let update = matches!(first.inner.map(|edge| edge.kind), Some(Kind::Update(_)));
            // A read alone is between two communications that amount to one.
            if first.entry == Dir::W && first.inner.is_none() || update {
                all.push(Thread { first: number, second: None });
            }
            for (number_of_second, second) in self.points.iter().enumerate() {
                let inside = |point: &Point| point.inner.is_some_and(|edge| edge.is_com());
                let updated = matches!(second.inner.map(|edge| edge.kind), Some(Kind::Update(_)));
                // An update at the end is one that is entered at its write.
                if !(updated || inside(first) && inside(second)) {
                    all.push(Thread { first: number, second: Some(number_of_second) });
                }
            }
        }
        all
    }

    fn ends(&self, thread: Thread) -> (&Point, &Point) {
        (&self.points[thread.first], &self.points[thread.second.unwrap_or(thread.first)])
    }

    /// The communication from a thread to the next.
    fn joins(&self, one: Thread, two: Thread) -> Option<Com> {
        let (exit, entry) = (self.ends(one).1.exit, self.ends(two).0);
        let com = match (exit, entry.entry) {
            (Dir::W, Dir::R) => Com::Rf,
            (Dir::R, Dir::W) => Com::Fr,
            (Dir::W, Dir::W) => Com::Co,
            (Dir::R, Dir::R) => return None,
        };
        // What follows a write in coherence order by an update reads it.
        if com == Com::Co && entry.swap {
            return None;
        }
        Some(com)
    }

    /// Whether a write alone is left by what makes no one communication of two.
    fn leaves(&self, thread: Thread, com: Com) -> bool {
        let alone = thread.second.is_none() && self.points[thread.first].inner.is_none();
        !alone || com == Com::Rf
    }

    /// How much room a thread takes.
    fn takes(&self, thread: Thread) -> usize {
        let points = [Some(thread.first), thread.second];
        let takes = |point: &Point| match point.inner {
            Some(edge) if edge.is_com() => 2,
            Some(_) => 1,
            None => usize::from(point.swap),
        };
        points.into_iter().flatten().map(|point| takes(&self.points[point])).sum()
    }

    /// All shapes of so many threads, each in one rotation.
    #[must_use]
    pub fn of(&self, threads: usize) -> Vec<Shape<'_>> {
        let mut all = Vec::new();
        let mut path = Vec::new();
        self.extend(threads, self.room, &mut path, &mut all);
        all
    }

    fn extend<'s>(&'s self, threads: usize, room: usize, path: &mut Vec<usize>, all: &mut Vec<Shape<'s>>) {
        let fits = |one: usize, two: usize| {
            let one = self.threads[one];
            self.joins(one, self.threads[two]).is_some_and(|com| self.leaves(one, com))
        };
        if path.len() == threads {
            let turned = |by: usize| path[by..].iter().chain(&path[..by]);
            let least = (1..threads).all(|by| path.iter().le(turned(by)));
            if least && fits(path[threads - 1], path[0]) {
                let turns = (1..threads).filter(|by| path.iter().eq(turned(*by))).collect();
                all.extend(self.shape(path, turns));
            }
            return;
        }
        // The first is the least.
        for next in path.first().copied().unwrap_or(0)..self.threads.len() {
            let Some(left) = room.checked_sub(self.takes(self.threads[next])) else { continue };
            if path.last().is_none_or(|last| fits(*last, next)) {
                path.push(next);
                self.extend(threads, left, path, all);
                path.pop();
            }
        }
    }

    fn shape(&self, path: &[usize], turns: Vec<usize>) -> Option<Shape<'_>> {
        let mut shape = Shape { shapes: self, edges: Vec::new(), slots: Vec::new(), turns: Vec::new() };
        let mut starts = Vec::new();
        for (at, number) in path.iter().enumerate() {
            let thread = self.threads[*number];
            starts.push(shape.slots.len());
            shape.point(&self.points[thread.first]);
            if let Some(second) = thread.second {
                let (src, tgt) = (self.points[thread.first].exit, self.points[second].entry);
                let ladder = DIRS.iter().position(|dirs| *dirs == (src, tgt))?;
                shape.slots.push((shape.edges.len(), self.links + ladder));
                shape.edges.push(Edge::new(Kind::Po, Span::Diff, src, tgt));
                shape.point(&self.points[second]);
            }
            let next = self.threads[path[(at + 1) % path.len()]];
            shape.edges.push(Edge::com(self.joins(thread, next)?, Reach::Ext));
        }
        shape.turns = turns.into_iter().map(|turn| starts[turn]).collect();
        let changes = shape.edges.iter().filter(|edge| edge.span == Span::Diff).count();
        (changes > 1).then_some(shape)
    }
}

const DIRS: [(Dir, Dir); 4] = [(Dir::R, Dir::R), (Dir::R, Dir::W), (Dir::W, Dir::R), (Dir::W, Dir::W)];

fn access(arch: Arch, word: &str) -> Result<u8, Diagnostic> {
    arch.vocabulary().order(word).ok_or_else(|| unknown(word))
}

fn update(arch: Arch, text: &str) -> Result<Choice, Diagnostic> {
    let mut words = text.split(':');
    let name = words.next().unwrap_or_default();
    let known = arch.vocabulary().updates.iter().position(|update| update.name == name);
    let kind = Kind::Update(known.ok_or_else(|| unknown(name))? as u8);
    let mut order = || words.next().map_or(Ok(0), |word| access(arch, word));
    Ok(Choice::Update(kind, order()?, order()?))
}

fn link(arch: Arch, word: &str, src: Dir, tgt: Dir) -> Result<Choice, Diagnostic> {
    let mut ends = String::from(tgt.letter());
    // Dependencies are named by their second event alone.
    if !word.starts_with("Dp") {
        ends.insert(0, src.letter());
    }
    let items = text::read(arch, FileId(0), &format!("{word}{ends}"), 0)?;
    match items.first().map(|item| &item.what) {
        Some(What::Steps(steps)) if steps.len() == 1 && steps[0].len() == 1 => {
            Ok(Choice::Link(steps[0][0].kind))
        }
        _ => Err(unknown(word)),
    }
}

fn unknown(word: &str) -> Diagnostic {
    let message = format!("`{word}` is no part of a cycle of this architecture");
    Diagnostic::error("generate::unknown-edge", syntax::Span::default(), message)
}

fn ladder(text: &str, read: impl Fn(&str) -> Result<Choice, Diagnostic>) -> Result<Ladder, Diagnostic> {
    let mut made = Ladder { choices: Vec::new(), weaker: Vec::new(), below: Vec::new() };
    let (mut bottom, mut before) = (0_u32, 0_u32);
    for group in text.split('<') {
        let first = made.choices.len();
        for word in group.split_ascii_whitespace() {
            let own = 1 << made.choices.len();
            made.choices.push(read(word)?);
            made.weaker.push(own | bottom);
            made.below.push(own | before);
        }
        before = (1 << made.choices.len()) - 1;
        if first == 0 {
            bottom = before;
        }
    }
    Ok(made)
}

impl Shape<'_> {
    fn point(&mut self, point: &Point) {
        match point.inner {
            None => self.slots.push((self.edges.len(), point.ladders[0])),
            Some(edge) if edge.is_com() => {
                self.slots.push((self.edges.len(), point.ladders[0]));
                self.edges.push(edge);
                self.slots.push((self.edges.len(), point.ladders[1]));
            }
            Some(edge) => {
                self.slots.push((self.edges.len(), point.ladders[0]));
                self.edges.push(edge);
            }
        }
    }

    fn ladder(&self, slot: usize) -> &Ladder {
        &self.shapes.ladders[self.slots[slot].1]
    }

    /// How many cycles it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        (0..self.slots.len()).map(|slot| self.ladder(slot).choices.len() as u64).product()
    }

    /// The cycle of some choices.
    fn cycle(&self, chosen: &[u8]) -> Option<Cycle> {
        let mut edges = self.edges.clone();
        let len = edges.len();
        let mut set = |at: usize, order: u8| {
            let access = Access { order, size: 0 };
            edges[at % len].a = access;
            edges[(at + len - 1) % len].b = access;
        };
        for (slot, choice) in chosen.iter().enumerate() {
            let at = self.slots[slot].0;
            match self.ladder(slot).choices[usize::from(*choice)] {
                Choice::Access(order) => set(at, order),
                Choice::Update(_, first, second) => {
                    set(at, first);
                    set(at + 1, second);
                }
                Choice::Link(_) => {}
            }
        }
        for (slot, choice) in chosen.iter().enumerate() {
            match self.ladder(slot).choices[usize::from(*choice)] {
                Choice::Link(kind) | Choice::Update(kind, ..) => edges[self.slots[slot].0].kind = kind,
                Choice::Access(_) => {}
            }
        }
        Cycle::new(self.shapes.arch, &edges).ok()
    }

    /// Calls `found` with each minimal forbidden cycle. `ask` is asked whether one is forbidden. Returns how often it was.
    pub fn minimal(&self, ask: &mut dyn FnMut(&Cycle) -> Answer, found: &mut dyn FnMut(Cycle)) -> u64 {
        let mut walk = Walk {
            shape: self,
            ask,
            found,
            forbidden: Vec::new(),
            allowed: Vec::new(),
            asked: 0,
            chosen: vec![0; self.slots.len()],
        };
        walk.descend(0, None, None);
        walk.asked
    }
}

struct Walk<'w> {
    shape: &'w Shape<'w>,
    ask: &'w mut dyn FnMut(&Cycle) -> Answer,
    found: &'w mut dyn FnMut(Cycle),
    forbidden: Vec<Vec<u8>>,
    allowed: Vec<Vec<u8>>,
    asked: u64,
    chosen: Vec<u8>,
}

impl Walk<'_> {
    /// Goes through all choices from `slot` on; before it they are made, and behind it they are the weakest ones. What is
    /// known of the weakest and the strongest cycle, is given.
    fn descend(&mut self, slot: usize, weakest: Option<Answer>, strongest: Option<Answer>) {
        let slots = self.chosen.len();
        if self.has_weaker() {
            return;
        }
        let chosen = self.chosen.clone();
        let weakest = weakest.unwrap_or_else(|| self.answer(&chosen));
        if weakest == Answer::Forbidden {
            self.enter(&chosen);
            return;
        }
        if slot == slots {
            return;
        }
        let mut top = chosen.clone();
        for (at, choice) in top.iter_mut().enumerate().skip(slot) {
            *choice = self.shape.ladder(at).choices.len() as u8 - 1;
        }
        let strongest = strongest.unwrap_or_else(|| self.answer(&top));
        if strongest == Answer::Allowed {
            self.allow(top, slot);
            return;
        }
        let last = self.shape.ladder(slot).choices.len() - 1;
        for choice in 0..=last {
            self.chosen[slot] = choice as u8;
            let weakest = (choice == 0).then_some(weakest);
            let strongest = (choice == last).then_some(strongest);
            self.descend(slot + 1, weakest, strongest);
        }
        self.chosen[slot] = 0;
    }

    /// Whether a cycle that was found is as weak as the present one, or weaker.
    fn has_weaker(&self) -> bool {
        self.forbidden.iter().any(|known| self.is_below(known, &self.chosen, true))
    }

    fn is_below(&self, one: &[u8], two: &[u8], in_every_respect: bool) -> bool {
        one.iter().zip(two).enumerate().all(|(slot, (one, two))| {
            let ladder = self.shape.ladder(slot);
            let those = if in_every_respect { &ladder.weaker } else { &ladder.below };
            those[usize::from(*two)] & 1 << *one != 0
        })
    }

    fn answer(&mut self, chosen: &[u8]) -> Answer {
        if self.forbidden.iter().any(|known| self.is_below(known, chosen, false)) {
            return Answer::Forbidden;
        }
        if self.allowed.iter().any(|known| self.is_below(chosen, known, false)) {
            return Answer::Allowed;
        }
        self.asked += 1;
        match self.shape.cycle(chosen) {
            Some(cycle) => (self.ask)(&cycle),
            None => Answer::Unknown,
        }
    }

    /// A cycle is forbidden, and nothing weaker is.
    fn enter(&mut self, chosen: &[u8]) {
        let known = self.forbidden.iter().any(|known| known == chosen);
        if !known && let Some(cycle) = self.shape.cycle(chosen) {
            (self.found)(cycle);
        }
        self.forbidden.push(chosen.to_vec());
        for turn in &self.shape.turns {
            let mut turned = chosen.to_vec();
            turned.rotate_left(*turn);
            self.forbidden.push(turned);
        }
    }

    /// A cycle is allowed, and so are stronger ones: choices before `slot` are made as strong as can be.
    fn allow(&mut self, mut top: Vec<u8>, slot: usize) {
        for at in 0..slot {
            let before = top[at];
            top[at] = self.shape.ladder(at).choices.len() as u8 - 1;
            if top[at] != before && self.answer(&top) != Answer::Allowed {
                top[at] = before;
            }
        }
        for turn in &self.shape.turns {
            let mut turned = top.clone();
            turned.rotate_left(*turn);
            self.allowed.push(turned);
        }
        self.allowed.push(top);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: Menu<'_> = Menu {
        arch: Arch::Bpf,
        reads: "P < Acq",
        writes: "P < Rel",
        swaps: "Ex",
        updates: "Fetch.Add | Lock.Add",
        links: [
            "Pod < DpAddrd < FenceFetchd",
            "Pod < DpAddrd DpDatad DpCtrld < FenceFetchd",
            "Pod < FenceFetchd",
            "Pod < FenceFetchd",
        ],
        room: 0,
    };

    #[test]
    fn shapes_of_two_threads() {
        let shapes = Shapes::new(MENU).unwrap();
        let names: Vec<String> = shapes
            .of(2)
            .iter()
            .filter_map(|shape| shape.cycle(&vec![0; shape.slots.len()]))
            .map(|cycle| cycle.family())
            .collect();
        assert_eq!(names, ["MP", "LB", "S", "SB", "R", "2+2W"]);
        let more = Shapes::new(Menu { room: 3, ..MENU }).unwrap();
        assert!(more.of(2).len() > 100);
    }

    /// The weakest cycles of those that have a fence or two.
    #[test]
    fn minimal_cycles_are_those_that_a_full_enumeration_finds() {
        let shapes = Shapes::new(MENU).unwrap();
        // A made-up model, which only looks at how much there is.
        let strength = |cycle: &Cycle| {
            cycle.edges().iter().fold(0, |sum, edge| {
                let link = match edge.kind {
                    Kind::Fence(_) => 3,
                    Kind::Dep(_) => 1,
                    _ => 0,
                };
                sum + link + u32::from(edge.a.order > 1)
            })
        };
        for shape in shapes.of(2) {
            let mut found = Vec::new();
            let mut asked = 0;
            let mut ask = |cycle: &Cycle| {
                asked += 1;
                if strength(cycle) >= 4 { Answer::Forbidden } else { Answer::Allowed }
            };
            shape.minimal(&mut ask, &mut |cycle| found.push(cycle));
            assert!(found.iter().all(|cycle| strength(cycle) >= 4));
            let mut all = vec![Vec::new()];
            for slot in 0..shape.slots.len() {
                let longer = |chosen: Vec<u8>| {
                    (0..shape.ladder(slot).choices.len() as u8)
                        .map(move |choice| chosen.iter().copied().chain([choice]).collect::<Vec<u8>>())
                };
                all = all.into_iter().flat_map(longer).collect();
            }
            assert_eq!(all.len() as u64, shape.size());
            let forbidden = |chosen: &[u8]| strength(&shape.cycle(chosen).unwrap()) >= 4;
            let minimal = |chosen: &&Vec<u8>| {
                forbidden(chosen)
                    && (0..chosen.len()).all(|slot| {
                        let mut weaker = (*chosen).clone();
                        weaker[slot] = 0;
                        weaker == **chosen || !forbidden(&weaker)
                    })
            };
            let mut wanted: Vec<String> = all
                .iter()
                .filter(minimal)
                .filter_map(|chosen| shape.cycle(chosen))
                .map(|cycle| cycle.name())
                .collect();
            let mut names: Vec<String> = found.iter().map(|cycle| cycle.name()).collect();
            wanted.sort();
            wanted.dedup();
            names.sort();
            assert_eq!(names, wanted);
            assert!(asked < all.len());
        }
    }

    #[test]
    fn a_word_that_there_is_not() {
        assert!(Shapes::new(Menu { reads: "P < Acquire", ..MENU }).is_err());
        assert!(Shapes::new(Menu { updates: "Fetch.Mul", ..MENU }).is_err());
        assert!(Shapes::new(Menu { links: ["Pod", "Pod", "Pod < DpDatad", "Pod"], ..MENU }).is_err());
    }
}
