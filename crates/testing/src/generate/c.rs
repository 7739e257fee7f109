//! Random C: the kernel's dialect, and C11.

use super::{Builder, Group, LOCATIONS, silent};

/// Parameters of every thread of the kernel's dialect.
pub(super) const KERNEL_PARAMETERS: &str = "int *x, int *y, int *z, spinlock_t *l";

/// Parameters of every thread of C11. `z` is for plain accesses.
pub(super) const C11_PARAMETERS: &str = "atomic_int *x, atomic_int *y, int *z";

/// A group of the kernel's dialect.
pub(super) fn kernel(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(16) {
        0..=3 => {
            let call = *b.random.pick(&["READ_ONCE(*#)", "READ_ONCE(*#)", "smp_load_acquire(#)", "*#"]);
            (read(b, call), 1)
        }
        4..=7 => (silent(vec![kernel_write(b)]), 1),
        8 | 9 => {
            let names = ["xchg", "xchg_relaxed", "xchg_acquire", "xchg_release"];
            let call = format!("{}(#, {})", b.random.pick(&names), b.value());
            (read(b, &call), 2)
        }
        10 => {
            let call = format!("cmpxchg(#, {}, {})", b.random.below(2), b.value());
            (read(b, &call), 2)
        }
        11 => (conditional(b, kernel_write), 1),
        12 => (section(b, "rcu_read_lock();", "rcu_read_unlock();"), 1),
        13 => (section(b, "spin_lock(l);", "spin_unlock(l);"), 2),
        14 => (silent(vec!["synchronize_rcu();".to_owned()]), 0),
        _ => {
            let fences = ["smp_mb();", "smp_wmb();", "smp_rmb();", "smp_mb();"];
            (silent(vec![(*b.random.pick(&fences)).to_owned()]), 0)
        }
    }
}

/// A group of C11.
pub(super) fn c11(b: &mut Builder<'_>) -> (Group, usize) {
    match b.random.below(12) {
        0..=3 => {
            let order = *b.random.pick(&["relaxed", "acquire", "seq_cst", "relaxed"]);
            let call = format!("atomic_load_explicit(@, memory_order_{order})");
            (read(b, &call), 1)
        }
        4..=6 => (silent(vec![c11_write(b)]), 1),
        7 => {
            let name = *b.random.pick(&["atomic_fetch_add", "atomic_exchange", "atomic_fetch_or"]);
            let order = *b.random.pick(&["relaxed", "acquire", "release", "acq_rel", "seq_cst"]);
            let call = format!("{name}_explicit(@, {}, memory_order_{order})", b.value());
            (read(b, &call), 2)
        }
        8 => (compare_exchange(b), 2),
        9 => (conditional(b, c11_write), 1),
        10 => {
            (if b.random.one_in(2) { read(b, "*z") } else { silent(vec![format!("*z = {};", b.value())]) }, 1)
        }
        _ => {
            let order = *b.random.pick(&["acquire", "release", "acq_rel", "seq_cst"]);
            (silent(vec![format!("atomic_thread_fence(memory_order_{order});")]), 0)
        }
    }
}

/// A read into a fresh variable; `#` in the call is any location, `@` one of the first two.
fn read(b: &mut Builder<'_>, call: &str) -> Group {
    let call = located(b, call);
    let number = b.fresh();
    b.loaded.push(number);
    Group { lines: vec![format!("int r{number} = {call};")], observed: Some(format!("r{number}")) }
}

fn located(b: &mut Builder<'_>, text: &str) -> String {
    let any = LOCATIONS[b.location()];
    let atomic = LOCATIONS[b.random.below(2)];
    text.replace('#', any).replace('@', atomic)
}

/// A value: a number, what was read, or one that only seems to depend on what was read.
fn value(b: &mut Builder<'_>) -> String {
    let number = b.value();
    match b.source() {
        Some(source) if b.random.one_in(2) => format!("r{source}"),
        Some(source) => format!("(r{source} & 4) + {number}"),
        None => number.to_string(),
    }
}

fn kernel_write(b: &mut Builder<'_>) -> String {
    let value = value(b);
    let form =
        *b.random.pick(&["WRITE_ONCE(*#, $);", "WRITE_ONCE(*#, $);", "smp_store_release(#, $);", "*# = $;"]);
    located(b, form).replace('$', &value)
}

fn c11_write(b: &mut Builder<'_>) -> String {
    let value = value(b);
    let order = *b.random.pick(&["relaxed", "release", "seq_cst", "relaxed"]);
    located(b, &format!("atomic_store_explicit(@, {value}, memory_order_{order});"))
}

fn conditional(b: &mut Builder<'_>, write: impl Fn(&mut Builder<'_>) -> String) -> Group {
    let inner = write(b);
    match b.source() {
        Some(source) => silent(vec![format!("if (r{source} == 1)"), format!("  {inner}")]),
        None => silent(vec![inner]),
    }
}

fn section(b: &mut Builder<'_>, open: &str, close: &str) -> Group {
    let inner = if b.random.one_in(2) { read(b, "READ_ONCE(*#)") } else { silent(vec![kernel_write(b)]) };
    let lines = [vec![open.to_owned()], inner.lines, vec![close.to_owned()]].concat();
    Group { lines, observed: inner.observed }
}

fn compare_exchange(b: &mut Builder<'_>) -> Group {
    let (number, wanted, new) = (b.fresh(), b.random.below(2), b.value());
    let strength = *b.random.pick(&["strong", "weak"]);
    let order = *b.random.pick(&["relaxed", "acquire", "acq_rel", "seq_cst"]);
    let call = located(
        b,
        &format!(
            "atomic_compare_exchange_{strength}_explicit(@, &r{number}, {new}, memory_order_{order}, memory_order_relaxed);"
        ),
    );
    b.loaded.push(number);
    Group { lines: vec![format!("int r{number} = {wanted};"), call], observed: Some(format!("r{number}")) }
}
