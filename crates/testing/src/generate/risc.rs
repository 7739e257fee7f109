//! What random programs of load/store architectures share: registers for values and for addresses are numbered, values are
//! computed in registers, and each architecture has its way to write it.

use super::{Builder, Group, silent};
use crate::random::Random;

/// How an architecture is written. Registers are numbers.
pub(super) trait Assembly {
    /// The register that holds the address of the first location; those of the others follow.
    const BASE: usize;

    /// The `n`-th register for values.
    fn nth(n: usize) -> usize;

    /// A register, as states name it.
    fn name(register: usize) -> String;

    /// Puts 0 into `to`, so that it depends on `from`.
    fn zero(to: usize, from: usize) -> String;

    /// Adds `value` to `to`.
    fn add(to: usize, value: usize) -> String;

    /// Puts `value` into `to`.
    fn set(to: usize, value: usize) -> String;

    /// Loads what `base` points to.
    fn load(random: &mut Random, to: usize, base: usize) -> String;

    /// Loads what `base` plus `zero` points to. `zero` may be overwritten.
    fn load_indexed(to: usize, base: usize, zero: usize) -> Vec<String>;

    /// Stores to where `base` points.
    fn store(random: &mut Random, from: usize, base: usize) -> String;

    /// Loads into `to` and stores `from`, with two instructions that belong together; `status` is free.
    fn exclusive(random: &mut Random, to: usize, status: usize, from: usize, base: usize) -> Vec<String>;
}

/// A register for values that nobody has used.
pub(super) fn fresh<A: Assembly>(b: &mut Builder<'_>) -> usize {
    A::nth(b.fresh())
}

/// The register that holds the address of a location.
pub(super) fn base<A: Assembly>(b: &mut Builder<'_>) -> usize {
    A::BASE + b.location()
}

/// A group that reads into that register.
pub(super) fn loaded<A: Assembly>(b: &mut Builder<'_>, lines: Vec<String>, register: usize) -> Group {
    b.loaded.push(register);
    Group { lines, observed: Some(A::name(register)) }
}

/// A load, whose address may depend on what was read.
pub(super) fn load<A: Assembly>(b: &mut Builder<'_>) -> Group {
    let (base, source) = (base::<A>(b), b.source());
    let to = fresh::<A>(b);
    let mut lines = Vec::new();
    match source {
        Some(source) => {
            let zero = fresh::<A>(b);
            lines.push(A::zero(zero, source));
            lines.extend(A::load_indexed(to, base, zero));
        }
        None => lines.push(A::load(b.random, to, base)),
    }
    loaded::<A>(b, lines, to)
}

/// A register that holds a value to write, which may depend on what was read.
pub(super) fn written<A: Assembly>(b: &mut Builder<'_>, lines: &mut Vec<String>) -> usize {
    let (value, source) = (b.value(), b.source());
    let to = fresh::<A>(b);
    match source {
        Some(source) if b.random.one_in(2) => return source,
        Some(source) => lines.extend([A::zero(to, source), A::add(to, value)]),
        None => lines.push(A::set(to, value)),
    }
    to
}

/// A store.
pub(super) fn store<A: Assembly>(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written::<A>(b, &mut lines);
    let base = base::<A>(b);
    lines.push(A::store(b.random, from, base));
    silent(lines)
}

/// A load and a store that belong together.
pub(super) fn exclusive<A: Assembly>(b: &mut Builder<'_>) -> Group {
    let mut lines = Vec::new();
    let from = written::<A>(b, &mut lines);
    let (to, status) = (fresh::<A>(b), fresh::<A>(b));
    let base = base::<A>(b);
    lines.extend(A::exclusive(b.random, to, status, from, base));
    loaded::<A>(b, lines, to)
}

/// The `n`-th register from `first` on, where 20 to 22 hold addresses.
pub(super) fn around_bases(first: usize, n: usize) -> usize {
    let number = first + n;
    if number < 20 { number } else { number + 3 }
}
