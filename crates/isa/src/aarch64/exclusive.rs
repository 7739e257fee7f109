//! Store-exclusive and compare-and-swap: instructions that may or may not write.

use super::instruction::{Access, Atomic};
use super::lower::Lower;
use super::operand::Address;
use super::register::{RESERVATION, Register};
use super::tag;
use execution::micro::{EdgeKind, Ev, Micro, Port, Tags, Temp};
use execution::{BinaryOp, Value};

/// How a compare-and-swap ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Equal; the result is what was read.
    StoredResultRead,
    /// Equal; the result is the register that was compared, which holds the same value.
    StoredResultCompared,
    /// Different; nothing is written.
    Failed,
    /// Different; what was read is written back.
    WrittenBack,
}

impl Ending {
    const ALL: [Ending; 4] =
        [Ending::StoredResultRead, Ending::StoredResultCompared, Ending::Failed, Ending::WrittenBack];

    fn equal(self) -> bool {
        matches!(self, Ending::StoredResultRead | Ending::StoredResultCompared)
    }
}

impl Lower<'_, '_> {
    /// Succeeds only at the reserved address, and may always fail. The status carries no dependency.
    pub(super) fn store_exclusive(
        &mut self,
        access: Access,
        status: Register<'_>,
        sources: &[Register<'_>],
        address: &Address<'_>,
    ) {
        let success = self.apart(|lower| {
            let place = lower.place(address);
            let width = access.width(sources[0]);
            let values: Vec<Temp> = sources.iter().map(|source| lower.read(*source, Port::Data)).collect();
            let (reserved, reservation) = lower.read_reg(RESERVATION, Port::Plain);
            let cond = lower.bin(BinaryOp::Eq, 64, reserved, place.address);
            lower.push(Micro::Assume { cond, is: true });
            let mut at = place.address;
            for (i, value) in values.into_iter().enumerate() {
                if i > 0 {
                    at = lower.behind(at, width);
                }
                let write = lower.write_memory(at, value, width, access.tags);
                lower.edge(EdgeKind::Ctrl, reservation, write);
            }
            lower.finish_exclusive(status, Value::ZERO);
        });
        let failure = self.apart(|lower| lower.finish_exclusive(status, Value::ONE));
        self.push(Micro::Alt(vec![success, failure]));
    }

    fn finish_exclusive(&mut self, status: Register<'_>, value: Value) {
        let value = self.constant(value);
        self.write(status, value);
        self.clear_reservation();
    }

    /// `CAS`, `CASP`: one or two registers each.
    pub(super) fn compare_swap(
        &mut self,
        atomic: Atomic,
        expected: &[Register<'_>],
        new: &[Register<'_>],
        address: &Address<'_>,
    ) {
        let ways = Ending::ALL
            .map(|ending| self.apart(|lower| lower.compare_swap_way(atomic, expected, new, address, ending)));
        self.push(Micro::Alt(ways.into()));
    }

    fn compare_swap_way(
        &mut self,
        atomic: Atomic,
        expected: &[Register<'_>],
        new: &[Register<'_>],
        address: &Address<'_>,
        ending: Ending,
    ) {
        let width = atomic.width(expected[0]);
        let place = self.place(address);
        let mut addresses = vec![place.address];
        if expected.len() > 1 {
            addresses.push(self.behind(place.address, width));
        }
        let compared: Vec<Temp> = expected.iter().map(|register| self.read(*register, Port::Data)).collect();
        let returns = expected.iter().any(|register| !register.is_zero());
        let tags = compare_swap_read_tags(atomic, returns, ending);
        let old: Vec<Temp> = addresses.iter().map(|at| self.read_memory(*at, width, tags).0).collect();
        let pick = self.compare_all(width, &old, &compared, ending.equal());
        match ending {
            Ending::StoredResultRead | Ending::StoredResultCompared => {
                let values: Vec<Temp> = new.iter().map(|register| self.read(*register, Port::Data)).collect();
                self.write_picked(&addresses, &values, width, atomic.write_tags(), pick);
            }
            Ending::WrittenBack => self.write_picked(&addresses, &old, width, atomic.write_tags(), pick),
            Ending::Failed => {}
        }
        for ((register, old), compared) in expected.iter().zip(&old).zip(&compared) {
            if ending == Ending::StoredResultCompared {
                let result = self.un(execution::UnaryOp::Mask, width, *compared);
                if let Some(write) = self.write(*register, result) {
                    self.edge(EdgeKind::Ctrl, pick, write);
                }
            } else {
                self.write(*register, *old);
            }
        }
    }

    /// Goes on only if whether all are equal is as wanted; gives the event of the choice.
    fn compare_all(&mut self, width: u8, old: &[Temp], compared: &[Temp], equal: bool) -> Ev {
        let mut all = None;
        for (old, compared) in old.iter().zip(compared) {
            let same = self.bin(BinaryOp::Eq, width, *old, *compared);
            all = Some(match all {
                None => same,
                Some(others) => self.bin(BinaryOp::And, 1, others, same),
            });
        }
        let cond = all.unwrap_or(Temp(0));
        let ev = self.event();
        self.push(Micro::Pick { cond, ev });
        self.push(Micro::Assume { cond, is: equal });
        ev
    }

    fn write_picked(&mut self, addresses: &[Temp], values: &[Temp], width: u8, tags: Tags, pick: Ev) {
        for (address, value) in addresses.iter().zip(values) {
            let write = self.write_memory(*address, *value, width, tags);
            self.edge(EdgeKind::Ctrl, pick, write);
        }
    }
}

/// A failed compare-and-swap that writes nothing is no atomic update, only a load.
fn compare_swap_read_tags(atomic: Atomic, returns: bool, ending: Ending) -> Tags {
    match ending {
        Ending::Failed if atomic.acquire => tag::A,
        Ending::Failed => Tags::NONE,
        _ => atomic.read_tags(returns),
    }
}
