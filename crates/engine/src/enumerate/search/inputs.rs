//! What is chosen and what may still be, as bounds for the machine.

use super::super::machine::{Input, Side};
use super::Search;
use super::choices::Other;
use execution::EventId;
use relation::kernel as k;

impl Search<'_, '_> {
    /// Tells the machine what is chosen and what may still be, the decisions from a position on being open.
    pub(super) fn set_bounds(&mut self, at: usize) {
        self.machine.next_bounds();
        let mut scratch = std::mem::take(&mut self.guide().scratch);
        for words in &mut scratch {
            words.clear();
            words.resize(self.shape.matrix(), 0);
        }
        let [lower, upper] = &mut scratch;
        let shape = self.shape;
        for (position, read) in self.reads.iter().enumerate() {
            let r = self.ids[read.event.index()] as usize;
            match self.rf.get(position) {
                Some(writer) => k::put_pair(shape, lower, self.ids[writer.index()] as usize, r),
                None => {
                    for writer in &read.writers {
                        k::put_pair(shape, upper, self.ids[writer.index()] as usize, r);
                    }
                }
            }
        }
        k::union_with(upper, lower);
        self.machine.set_bound(Input::Rf, Side::Lower, lower);
        self.machine.set_bound(Input::Rf, Side::Upper, upper);
        self.order_bounds(None, lower, upper);
        self.machine.set_bound(Input::Co, Side::Lower, lower);
        self.machine.set_bound(Input::Co, Side::Upper, upper);
        for at in 0..self.choices.others.len() {
            let input = Input::Choice(at as u32);
            if !self.machine.needs_bound(input) {
                continue;
            }
            match &self.choices.others[at] {
                Other::Unknown(_) => continue,
                Other::Orders(_) => self.order_bounds(Some(at), lower, upper),
                Other::Pairs(picks) => {
                    lower.fill(0);
                    upper.fill(0);
                    for (position, pick) in picks.iter().enumerate() {
                        let event = self.ids[pick.event.index()] as usize;
                        let picked = self.guided.as_ref().and_then(|guide| guide.picked[at][position]);
                        match picked {
                            Some(from) => {
                                k::put_pair(shape, lower, self.ids[from.index()] as usize, event);
                            }
                            None => {
                                for from in &pick.from {
                                    k::put_pair(shape, upper, self.ids[from.index()] as usize, event);
                                }
                            }
                        }
                    }
                    k::union_with(upper, lower);
                }
            }
            self.machine.set_bound(input, Side::Lower, lower);
            self.machine.set_bound(input, Side::Upper, upper);
        }
        if self.machine.needs_bound(Input::FinalWrites) {
            self.final_bounds(at, lower, upper);
        }
        if self.machine.needs_bound(Input::DifferentValues) {
            self.value_bounds(lower, upper);
        }
        self.guide().scratch = scratch;
    }

    /// Bounds of an order: what is known of it, and what does not contradict that.
    fn order_bounds(&self, choice: Option<usize>, lower: &mut [u64], upper: &mut [u64]) {
        let shape = self.shape;
        lower.copy_from_slice(self.order(choice));
        upper.fill(0);
        let classes = self.guided.iter().flat_map(|guide| &guide.classes);
        for class in classes.filter(|class| class.choice == choice) {
            if let [events] = class.events[..] {
                open_pairs(events, lower, upper);
                continue;
            }
            for a in k::elements(&class.events) {
                let row = k::row_mut(shape, upper, a);
                row.copy_from_slice(&class.events);
                k::take(row, a);
            }
            for a in k::elements(&class.events) {
                for b in k::elements(k::row(shape, lower, a)) {
                    k::take(k::row_mut(shape, upper, b), a);
                }
            }
        }
    }

    fn final_bounds(&mut self, at: usize, lower: &mut [u64], upper: &mut [u64]) {
        let words = self.shape.words;
        lower.fill(0);
        upper.fill(0);
        let is_complete = self.decision(at).is_none();
        for last in 0..self.observers.len() {
            let chosen = match is_complete {
                true => self.last_write(last).map(|(write, _)| write),
                false => self.guided.as_ref().and_then(|guide| guide.last(last)),
            };
            match chosen {
                Some(write) => k::put(lower, self.small(write)),
                None => {
                    for write in self.writes_observed(last) {
                        k::put(upper, self.small(write));
                    }
                }
            }
        }
        k::union_with(upper, lower);
        self.machine.set_bound(Input::FinalWrites, Side::Lower, &lower[..words]);
        self.machine.set_bound(Input::FinalWrites, Side::Upper, &upper[..words]);
    }

    fn value_bounds(&mut self, lower: &mut [u64], upper: &mut [u64]) {
        let shape = self.shape;
        if self.rf.len() == self.reads.len() {
            let differ = self.different_values();
            lower.copy_from_slice(&differ);
            upper.copy_from_slice(&differ);
        } else {
            lower.fill(0);
            upper.fill(0);
            let memory = |event: &EventId| self.s.kind(*event).is_memory();
            let ids: Vec<usize> = self.s.events().filter(memory).map(|event| self.small(event)).collect();
            for a in &ids {
                ids.iter().filter(|b| *b != a).for_each(|b| k::put_pair(shape, upper, *a, *b));
            }
        }
        self.machine.set_bound(Input::DifferentValues, Side::Lower, lower);
        self.machine.set_bound(Input::DifferentValues, Side::Upper, upper);
    }
}

/// Puts into `upper` the pairs of a class of events that an order does not have the other way round, one word a row.
fn open_pairs(events: u64, order: &[u64], upper: &mut [u64]) {
    let mut todo = events;
    while todo != 0 {
        let a = todo.trailing_zeros() as usize;
        todo &= todo - 1;
        upper[a] = events & !(1 << a);
    }
    todo = events;
    while todo != 0 {
        let a = todo.trailing_zeros() as usize;
        todo &= todo - 1;
        let mut later = order[a];
        while later != 0 {
            upper[later.trailing_zeros() as usize] &= !(1 << a);
            later &= later - 1;
        }
    }
}
