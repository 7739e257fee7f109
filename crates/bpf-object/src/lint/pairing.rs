//! Acquire and release come in pairs.

use super::{Known, name_of, place_name, warning};
use crate::analysis::{Access, Order, Place};
use crate::program::Program;
use std::collections::BTreeMap;
use syntax::Diagnostic;

/// An access, with its function.
type Found<'k, 'p> = (&'k Known<'p>, &'k Access);

/// The accesses to a place.
#[derive(Default)]
struct Uses<'k, 'p> {
    acquires: Vec<Found<'k, 'p>>,
    releases: Vec<Found<'k, 'p>>,
    /// The first that reads and orders nothing.
    plain_read: Option<Found<'k, 'p>>,
    /// The first that writes and orders nothing.
    plain_write: Option<Found<'k, 'p>>,
    /// Whether something orders what is before its write.
    is_released: bool,
    /// Whether something orders what is behind its read.
    is_acquired: bool,
}

pub(super) fn check(program: &Program, known: &[Known<'_>], found: &mut Vec<Diagnostic>) {
    let mut places: BTreeMap<Place, Uses<'_, '_>> = BTreeMap::new();
    for one in known {
        for access in &one.accesses {
            if let Some(place) = access.location() {
                places.entry(place).or_default().enter(one, access);
            }
        }
    }
    for (place, uses) in &places {
        let name = place_name(program, *place);
        uses.acquires_without_release(&name, found);
        uses.releases_without_acquire(&name, found);
    }
}

impl<'k, 'p> Uses<'k, 'p> {
    fn enter(&mut self, known: &'k Known<'p>, access: &'k Access) {
        match access.order {
            Order::Acquire => self.acquires.push((known, access)),
            Order::Release => self.releases.push((known, access)),
            _ => {}
        }
        let orders = matches!(access.order, Order::Full | Order::Compare);
        self.is_acquired |= access.reads() && (orders || access.order == Order::Acquire);
        self.is_released |= access.writes() && (orders || access.order == Order::Release);
        let plain = matches!(access.order, Order::Plain | Order::Unordered);
        if plain && access.reads() {
            self.plain_read.get_or_insert((known, access));
        }
        if plain && access.writes() {
            self.plain_write.get_or_insert((known, access));
        }
    }

    fn acquires_without_release(&self, name: &str, found: &mut Vec<Diagnostic>) {
        let Some((known, access)) = self.acquires.first().filter(|_| !self.is_released) else { return };
        let (message, label) = match self.plain_write {
            Some((writer, write)) => (
                format!(
                    "`{name}` is loaded with acquire, but stored without release by {}",
                    name_of(writer.function, write.at)
                ),
                Some(writer.function.lines[write.at].span),
            ),
            None => (
                format!(
                    "`{name}` is loaded with acquire, but nothing in this program stores to it with release"
                ),
                None,
            ),
        };
        let help = "an acquire orders against what comes before the release that it reads from: store with \
                    `store_release`, or with an atomic operation that fetches";
        let warning = warning("bpf::unpaired-acquire", known.function, access.at, &message).with_help(help);
        found.push(match label {
            Some(span) => warning.with_label(span, "stored here"),
            None => warning,
        });
    }

    fn releases_without_acquire(&self, name: &str, found: &mut Vec<Diagnostic>) {
        let Some((known, access)) = self.releases.first().filter(|_| !self.is_acquired) else { return };
        // Who reads may be elsewhere.
        let Some((reader, read)) = self.plain_read else { return };
        let message = format!(
            "`{name}` is stored with release, but loaded without acquire by {}",
            name_of(reader.function, read.at)
        );
        let help =
            "load with `load_acquire`, unless all that is loaded behind depends on the address that is read";
        let warning = warning("bpf::unpaired-release", known.function, access.at, &message).with_help(help);
        found.push(warning.with_label(reader.function.lines[read.at].span, "loaded here"));
    }
}
