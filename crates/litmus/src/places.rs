//! What is known of places. Conditions name the same few places again and again, so that these must be found quickly.

use std::collections::HashMap;

use crate::ast::Place;

/// More places than that are found by their hash.
const FEW: usize = 24;

/// Something for each of some places.
pub struct Places<'a, T> {
    /// The first ones: a code of the place, the place, what is known of it.
    few: Vec<(u64, &'a Place, T)>,
    /// The others.
    more: HashMap<&'a Place, T>,
}

impl<T> Default for Places<'_, T> {
    fn default() -> Self {
        Places { few: Vec::new(), more: HashMap::new() }
    }
}

impl<'a, T> Places<'a, T> {
    /// What is known of a place.
    #[inline]
    pub fn get(&self, place: &Place) -> Option<&T> {
        let code = code(place);
        let same = |known: &&(u64, &Place, T)| known.0 == code && (code != LONG || known.1 == place);
        match self.few.iter().find(same) {
            Some((_, _, known)) => Some(known),
            None if self.more.is_empty() => None,
            None => self.more.get(place),
        }
    }

    /// Takes note of a place that is not known yet.
    pub fn insert(&mut self, place: &'a Place, value: T) {
        if self.few.len() < FEW {
            self.few.push((code(place), place, value));
        } else {
            self.more.insert(place, value);
        }
    }
}

/// The code of places that have none of their own.
const LONG: u64 = u64::MAX;

/// A code that no other place has, or [`LONG`].
#[inline]
fn code(place: &Place) -> u64 {
    match place {
        Place::Reg { thread, name } if *thread < 255 => packed(name, u64::from(*thread)),
        Place::Mem(name) => packed(name, 255),
        _ => LONG,
    }
}

/// A number of one byte, the length of a short name, and its bytes.
#[inline]
fn packed(name: &str, kind: u64) -> u64 {
    if name.len() > 6 {
        return LONG;
    }
    let bytes = name.as_bytes().iter().fold(0, |all, byte| all << 8 | u64::from(*byte));
    kind << 56 | (name.len() as u64) << 48 | bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found() {
        let name = |number: usize| {
            if number % 3 == 0 { format!("long_name_{number}") } else { format!("x{number}") }
        };
        let places: Vec<Place> = (0..100)
            .map(|number| match number % 4 {
                0 => Place::Mem(name(number)),
                1 => Place::Reg { thread: number as u32 % 7, name: name(number) },
                2 => Place::Reg { thread: 255, name: name(number) },
                _ => Place::Cell { name: name(number), index: 1 },
            })
            .collect();
        let mut known = Places::default();
        for (number, place) in places.iter().enumerate() {
            assert_eq!(known.get(place), None, "{place}");
            known.insert(place, number);
            let found = |place| known.get(place).copied();
            assert_eq!(
                places[..=number].iter().map(found).collect::<Vec<_>>(),
                (0..=number).map(Some).collect::<Vec<_>>()
            );
        }
    }
}
