//! Orders that are chosen, as literals: one for each pair of events that may come to be ordered.
//!
//! An order is total on a class of events that may turn out to belong together, whether they do or not: a total order of
//! those that do can always be made one of all. What a model sees is the part between events that belong together.

use super::sat::{Lit, Sat};
use execution::EventId;

/// A class of more events gets what follows from transitivity only where it is missing.
const EAGER: usize = 40;

/// Events that may have to be ordered.
pub(super) struct Class {
    pub(super) events: Vec<EventId>,
    /// By two positions: whether the first comes before the second.
    before: Vec<Lit>,
    lazy: bool,
}

impl Class {
    /// `known` says whether one event comes before another whatever is chosen.
    fn new(sat: &mut Sat<'_>, events: Vec<EventId>, known: &dyn Fn(EventId, EventId) -> bool) -> Class {
        let n = events.len();
        let no = !sat.yes();
        let mut before = vec![no; n * n];
        for i in 0..n {
            for j in i + 1..n {
                let literal = match (known(events[i], events[j]), known(events[j], events[i])) {
                    (true, _) => !no,
                    (_, true) => no,
                    _ => sat.fresh(),
                };
                before[i * n + j] = literal;
                before[j * n + i] = !literal;
            }
        }
        let class = Class { events, before, lazy: n > EAGER };
        if !class.lazy {
            for i in 0..n {
                for j in i + 1..n {
                    for k in j + 1..n {
                        class.no_circle(sat, [i, j, k]);
                    }
                }
            }
        }
        class
    }

    fn no_circle(&self, sat: &mut Sat<'_>, [i, j, k]: [usize; 3]) {
        let (ij, jk, ki) = (self.at(i, j), self.at(j, k), self.at(k, i));
        let (yes, no) = (sat.yes(), !sat.yes());
        let trivial = |a: Lit, b: Lit, c: Lit| a == no || b == no || c == no;
        if !trivial(ij, jk, ki) {
            sat.clause([!ij, !jk, !ki].into_iter().filter(|literal| *literal != !yes));
        }
        if !trivial(!ij, !jk, !ki) {
            sat.clause([ij, jk, ki].into_iter().filter(|literal| *literal != no));
        }
    }

    fn at(&self, i: usize, j: usize) -> Lit {
        self.before[i * self.events.len() + j]
    }

    /// Forbids the circles that are in the model. False if there were any.
    fn refine(&self, sat: &mut Sat<'_>) -> bool {
        let n = self.events.len();
        let wins: Vec<usize> =
            (0..n).map(|i| (0..n).filter(|j| *j != i && sat.holds(self.at(i, *j))).count()).collect();
        let mut places: Vec<usize> = (0..n).collect();
        places.sort_by_key(|i| std::cmp::Reverse(wins[*i]));
        let mut circles = Vec::new();
        // Where the order is total, whoever has won more comes first, and nobody has won as much as another.
        for (place, i) in places.iter().enumerate() {
            for j in &places[place + 1..] {
                let wrong = sat.holds(self.at(*j, *i)) || wins[*i] == wins[*j];
                if wrong && circles.len() < 4 * n {
                    let (a, b) = if sat.holds(self.at(*j, *i)) { (*j, *i) } else { (*i, *j) };
                    // `a` comes before `b`, but has won no more: somebody lost to `b` and won over `a`.
                    let third = (0..n).find(|c| {
                        *c != a && *c != b && sat.holds(self.at(b, *c)) && sat.holds(self.at(*c, a))
                    });
                    circles.extend(third.map(|c| [a, b, c]));
                }
            }
        }
        circles.iter().for_each(|circle| self.no_circle(sat, *circle));
        circles.is_empty()
    }
}

/// A choice of orders.
pub(super) struct Order {
    pub(super) classes: Vec<Class>,
    /// By event: its class, and its position there.
    place: Vec<Option<(u32, u32)>>,
}

impl Order {
    /// `classes` are the events that may have to be put in order together, `universe` how many events there are.
    pub(super) fn new(
        sat: &mut Sat<'_>,
        classes: Vec<Vec<EventId>>,
        universe: usize,
        known: &dyn Fn(EventId, EventId) -> bool,
    ) -> Order {
        let mut place = vec![None; universe];
        let classes: Vec<Class> = classes.into_iter().map(|events| Class::new(sat, events, known)).collect();
        for (number, class) in classes.iter().enumerate() {
            for (at, event) in class.events.iter().enumerate() {
                place[event.index()] = Some((number as u32, at as u32));
            }
        }
        Order { classes, place }
    }

    /// Whether `a` comes before `b`, if they may have to be put in order.
    pub(super) fn before(&self, a: EventId, b: EventId) -> Option<Lit> {
        let ((class, i), (other, j)) = (self.place[a.index()]?, self.place[b.index()]?);
        (class == other && i != j).then(|| self.classes[class as usize].at(i as usize, j as usize))
    }

    /// Forbids the circles that are in the model. False if there were any.
    pub(super) fn refine(&self, sat: &mut Sat<'_>) -> bool {
        let mut total = true;
        for class in self.classes.iter().filter(|class| class.lazy) {
            total &= class.refine(sat);
        }
        total
    }
}
