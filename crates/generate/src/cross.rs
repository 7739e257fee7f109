//! Cross products: one of several steps at each place of a cycle.

use crate::cycle::Cycle;
use crate::edge::Edge;
use crate::text::Relaxation;
use crate::tile::{self, Tiles};
use crate::vocabulary::Arch;

/// All cycles with one step from each list, each cycle once. Lists of steps that don't close are passed over.
#[derive(Debug)]
pub struct Cross {
    arch: Arch,
    places: Vec<Vec<Relaxation>>,
    numbers: Vec<usize>,
    /// How many steps of `numbers` fit to each other so far.
    done: bool,
    started: bool,
}

impl Cross {
    /// Starts with the first step of each list.
    pub fn new(arch: Arch, mut places: Vec<Vec<Relaxation>>) -> Cross {
        for list in &mut places {
            let mut kept: Vec<Relaxation> = Vec::new();
            for step in list.drain(..) {
                if !step.is_empty() && !kept.contains(&step) {
                    kept.push(step);
                }
            }
            *list = kept;
        }
        let done = places.is_empty() || places.iter().any(Vec::is_empty);
        Cross { arch, numbers: Vec::new(), places, done, started: false }
    }

    /// Goes on to the next list of numbers, in the order of numbers.
    fn advance(&mut self) -> bool {
        if std::mem::replace(&mut self.started, true) && !self.step_back() {
            return false;
        }
        while self.numbers.len() < self.places.len() {
            self.numbers.push(0);
            if !self.settle() {
                return false;
            }
        }
        true
    }

    /// Another step at the last place, or at one before it.
    fn step_back(&mut self) -> bool {
        match self.numbers.last_mut() {
            Some(last) => {
                *last += 1;
                self.settle()
            }
            None => false,
        }
    }

    /// Counts on until the last step exists and fits to the one before.
    fn settle(&mut self) -> bool {
        loop {
            let place = self.numbers.len() - 1;
            let number = self.numbers[place];
            if number >= self.places[place].len() {
                self.numbers.pop();
                match self.numbers.last_mut() {
                    Some(last) => *last += 1,
                    None => return false,
                }
                continue;
            }
            if place == 0 || self.joins(place) {
                return true;
            }
            self.numbers[place] += 1;
        }
    }

    fn joins(&self, place: usize) -> bool {
        let before = self.places[place - 1][self.numbers[place - 1]].last();
        let after = self.places[place][self.numbers[place]].first();
        matches!((before, after), (Some(one), Some(two)) if one.tgt == two.src && one.b.merge(two.a).is_some())
    }
}

impl Iterator for Cross {
    type Item = Cycle;

    fn next(&mut self) -> Option<Cycle> {
        while !self.done {
            if !self.advance() {
                self.done = true;
                return None;
            }
            let steps = self.numbers.iter().zip(&self.places).flat_map(|(number, list)| &list[*number]);
            let edges: Vec<Edge> = steps.copied().collect();
            if let Ok(cycle) = Cycle::new(self.arch, &edges)
                && tile::is_first(self, &cycle, &self.numbers)
            {
                return Some(cycle);
            }
        }
        None
    }
}

impl Tiles for Cross {
    fn count(&self, place: usize) -> usize {
        self.places[place].len()
    }

    fn step(&self, place: usize, number: usize) -> &Relaxation {
        &self.places[place][number]
    }

    fn places(&self) -> Option<usize> {
        Some(self.places.len())
    }

    fn accepts(&self, _: &[usize]) -> bool {
        true
    }
}
