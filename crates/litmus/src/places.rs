//! What is known of places. Conditions name the same few places again and again, so that these must be found quickly.

use std::collections::HashMap;

use crate::ast::Place;

/// More places than that are found by their hash.
const FEW: usize = 24;

/// Most conditions name no more places.
const TYPICAL: usize = 8;

/// Something for each of some places.
pub struct Places<'a, T> {
    /// Codes of the first ones.
    codes: Vec<Code>,
    /// The first ones, and what is known of them.
    few: Vec<(&'a Place, T)>,
    /// The others.
    more: HashMap<&'a Place, T>,
}

impl<T> Default for Places<'_, T> {
    fn default() -> Self {
        Places { codes: Vec::new(), few: Vec::new(), more: HashMap::new() }
    }
}

impl<'a, T> Places<'a, T> {
    /// What is known of a place.
    #[inline]
    pub fn get(&self, place: &Place) -> Option<&T> {
        let Some(code) = code(place) else { return self.get_long(place) };
        for (known, (_, value)) in self.codes.iter().zip(&self.few) {
            if *known == code {
                return Some(value);
            }
        }
        if self.more.is_empty() { None } else { self.more.get(place) }
    }

    fn get_long(&self, place: &Place) -> Option<&T> {
        let found = self.few.iter().find(|(known, _)| *known == place).map(|(_, value)| value);
        found.or_else(|| self.more.get(place))
    }

    /// Takes note of a place that is not known yet.
    pub fn insert(&mut self, place: &'a Place, value: T) {
        if self.few.is_empty() {
            self.codes.reserve(TYPICAL);
            self.few.reserve(TYPICAL);
        }
        if self.few.len() < FEW {
            self.codes.push(code(place).unwrap_or(LONG));
            self.few.push((place, value));
        } else {
            self.more.insert(place, value);
        }
    }
}

/// The bytes of a name of at most eight, and what else makes a place.
type Code = (u64, u64);

/// The code of places that have none of their own.
const LONG: Code = (u64::MAX, u64::MAX);

/// A code that no other place has, if its name is short.
#[inline]
fn code(place: &Place) -> Option<Code> {
    let (kind, name) = match place {
        Place::Reg { thread, name } => (u64::from(*thread), name.as_bytes()),
        Place::Mem(name) => (1 << 32, name.as_bytes()),
        _ => return None,
    };
    let len = name.len();
    let four =
        |at: usize| u64::from(u32::from_le_bytes([name[at], name[at + 1], name[at + 2], name[at + 3]]));
    // The pieces overlap: with the length, they say what all the bytes are.
    let bytes = match len {
        0 => 0,
        1..4 => u64::from(name[0]) | u64::from(name[len / 2]) << 8 | u64::from(name[len - 1]) << 16,
        4..=8 => four(0) | four(len - 4) << 32,
        _ => return None,
    };
    Some((bytes, kind << 8 | len as u64))
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
