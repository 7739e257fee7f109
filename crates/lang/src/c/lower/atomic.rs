//! Marked accesses, fences, locks: which events they make.
//!
//! | operation | events |
//! | --- | --- |
//! | update of C11 | one that reads and writes; with `split_updates` a read, then a write |
//! | compare-exchange of C11 | plain read of `expected`, then an update; or, if it fails, a read and a plain write of `expected` |
//! | update of the kernel | a read, then a write, both in `RMW` |
//! | `cmpxchg`, `add_unless` that fails | a read, in `RMW` |
//! | `spin_lock` | `LKR`, then `LKW`; `spin_trylock`: the same, or `LF` |
//! | `spin_is_locked` | `RL` (true) or `RU` (false) |
//! | `spin_unlock`, `unlock` of C11 | `UL` |
//! | `lock` of C11 | `LK`, `LS` |
//!
//! Operations that may fail make one way for each outcome.
//!
//! Deviations:
//! 1. A lock of C11 that blocks for ever makes no event; the thread always gets it.
//! 2. Marked operations on a variable that is a register make no events.

use super::expr::{Operand, Place};
use super::number::Right;
use super::{KernelUpdates, Lower};
use crate::c::ast::{AnnotationsId, Atomic, BinaryOp, ExprId, LockOp, Mark, Order, Returns};
use crate::c::types::{Scalar, TypeId};
use execution::micro::{Ev, Micro, Port, Tags, Temp};
use execution::{BinaryOp as Op, Value};

/// How the two halves of an update of the kernel are marked.
#[derive(Clone, Copy, Debug)]
struct Halves {
    read: Tags,
    write: Tags,
    /// What a read that stays alone is marked with.
    failed: Tags,
    /// A fence on each side.
    fence: Option<Tags>,
}

impl Lower<'_> {
    pub(super) fn atomic(&mut self, atomic: Atomic) -> Temp {
        match atomic {
            Atomic::Load { place, mark } => {
                let ty = self.scalar(self.unit.expr(place).ty);
                let place = self.place(place);
                self.load(place, ty, self.tags.access(mark), Port::Plain)
            }
            Atomic::Store { place, value, mark } => {
                let ty = self.scalar(self.unit.expr(place).ty);
                let [place, value] =
                    self.operands([Operand::Place(place), Operand::Value(value, Port::Data)]);
                let (place, value) = (self.as_place(place), self.as_value(value));
                self.write(place, ty, value, self.tags.access(mark));
                value
            }
            Atomic::Exchange { place, value, mark } => {
                let ty = self.unit.expr(place).ty;
                let [place, value] =
                    self.operands([Operand::Place(place), Operand::Value(value, Port::Data)]);
                let (place, value) = (self.as_place(place), self.as_value(value));
                self.update(place, ty, mark, Returns::Old, |_, _| value)
            }
            Atomic::FetchOp { place, op, value, mark, returns } => {
                let ty = self.unit.expr(place).ty;
                let [place, value] =
                    self.operands([Operand::Place(place), Operand::Value(value, Port::Data)]);
                let (place, value) = (self.as_place(place), self.as_value(value));
                let scalar = self.scalar(ty);
                self.update(place, ty, mark, returns, |lower, old| {
                    lower.arithmetic(op, scalar, old, Right::plain(value, scalar.bits))
                })
            }
            Atomic::CompareExchange { place, expected, desired, success, failure, weak } => {
                self.compare_exchange([place, expected, desired], [success, failure], weak)
            }
            Atomic::Cmpxchg { place, expected, desired, mark } => {
                self.cmpxchg(place, expected, desired, mark)
            }
            Atomic::AddUnless { place, add, unless, mark } => self.add_unless(place, add, unless, mark),
            Atomic::Fence { mark } => {
                let tags = self.tags.mark(mark);
                self.code.fence(tags);
                self.code.constant(Value::ZERO)
            }
            Atomic::Lock { place, op } => self.lock(place, op),
            Atomic::Srcu { place, value, mark } => self.srcu(place, value, mark),
        }
    }

    /// An update of a place to what `compute` makes of its value.
    pub(super) fn update(
        &mut self,
        place: Place,
        ty: TypeId,
        mark: Mark,
        returns: Returns,
        compute: impl FnOnce(&mut Self, Temp) -> Temp,
    ) -> Temp {
        let ty = self.scalar(ty);
        let (old, new) = match (place, mark) {
            (Place::Register(reg), _) => {
                let old = self.code.read_register(reg, Port::Plain);
                let new = compute(self, old);
                self.code.write_register(reg, new);
                (old, new)
            }
            (Place::Memory(address), Mark::Order(_)) => {
                let tags = self.tags.access(mark).with(self.fixed.update);
                let dst = self.code.temp();
                let ev = self.read_half(dst, address, ty, tags);
                let new = compute(self, dst);
                self.write_half(ev, address, new, ty, tags);
                (dst, new)
            }
            (Place::Memory(address), Mark::Annotations(id)) => {
                let halves = self.halves(id, returns);
                let before = halves.fence.map(|tags| self.code.fence(tags));
                let (old, read) = self.code.load(address, ty.bits, halves.read);
                let new = compute(self, old);
                let write = self.code.store(address, new, ty.bits, halves.write);
                self.code.order(read, write);
                self.close(before, read, write, halves);
                (old, new)
            }
        };
        match returns {
            Returns::New => new,
            Returns::Old | Returns::Nothing => old,
        }
    }

    /// The reading half of an update of C11, or all of it.
    fn read_half(&mut self, dst: Temp, address: Temp, ty: Scalar, tags: Tags) -> Ev {
        if self.split_updates {
            self.code.load_to(dst, address, ty.bits, tags)
        } else {
            self.code.update_to(dst, address, ty.bits, tags)
        }
    }

    /// What the update that began as `read` writes.
    fn write_half(&mut self, read: Ev, address: Temp, value: Temp, ty: Scalar, tags: Tags) {
        if self.split_updates {
            let write = self.code.store(address, value, ty.bits, tags);
            self.code.order(read, write);
        } else {
            self.code.push(Micro::SetUpdate { ev: read, value });
        }
    }

    /// Puts the fence behind an update that had one before it.
    fn close(&mut self, before: Option<Ev>, read: Ev, write: Ev, halves: Halves) {
        if let (Some(before), Some(tags)) = (before, halves.fence) {
            let after = self.code.fence(tags);
            self.code.order(before, read);
            self.code.order(write, after);
        }
    }

    /// How an update with these annotations is marked.
    fn halves(&self, id: AnnotationsId, returns: Returns) -> Halves {
        let own = self.tags.mark(Mark::Annotations(id));
        let update = self.fixed.update;
        if self.kernel_updates == KernelUpdates::Tags {
            let both = own.with(update);
            return Halves { read: both, write: both, failed: both, fence: None };
        }
        let has = |word: &str| {
            let words = self.unit.annotations.get(id.0 as usize);
            words.is_some_and(|words| words.iter().any(|known| known == word))
        };
        let tag = |name: &str| self.tags.get(name).with(update);
        let read = match returns {
            _ if has("acquire") => "Acquire",
            Returns::Nothing => "Noreturn",
            _ => "Once",
        };
        Halves {
            read: tag(read),
            write: tag(if has("release") { "Release" } else { "Once" }),
            failed: tag("Once"),
            fence: has("mb").then(|| self.tags.get("Mb")),
        }
    }

    /// `atomic_compare_exchange_{strong,weak}_explicit`
    fn compare_exchange(&mut self, operands: [ExprId; 3], orders: [Order; 2], weak: bool) -> Temp {
        let [place, expected, desired] = operands;
        let ty = self.scalar(self.unit.expr(place).ty);
        let [place, expected, desired] = self.operands([
            Operand::Place(place),
            Operand::Place(expected),
            Operand::Value(desired, Port::Data),
        ]);
        let (place, expected, desired) =
            (self.as_place(place), self.as_place(expected), self.as_value(desired));
        let (old, wanted, result) = (self.code.temp(), self.code.temp(), self.code.temp());
        let plain = self.fixed.plain;
        let first = match expected {
            Place::Memory(address) => Some(self.code.load_to(wanted, address, ty.bits, plain)),
            Place::Register(reg) => {
                let ev = self.code.event();
                self.code.push(Micro::ReadReg { dst: wanted, reg, port: Port::Plain, ev });
                None
            }
        };
        let [success, failure] = orders.map(|order| self.tags.access(Mark::Order(order)));
        let succeeds = self.way(|lower| {
            match place {
                Place::Memory(address) => {
                    let tags = success.with(lower.fixed.update);
                    let ev = lower.read_half(old, address, ty, tags);
                    lower.follow(first, ev);
                    lower.assume_equal(old, wanted, ty, true);
                    lower.write_half(ev, address, desired, ty, tags);
                }
                Place::Register(_) => {
                    lower.read_to(old, place);
                    lower.assume_equal(old, wanted, ty, true);
                    lower.write(place, ty, desired, plain);
                }
            }
            lower.code.constant_from(result, Value::ONE, old);
        });
        let fails = self.way(|lower| {
            match place {
                Place::Memory(address) => {
                    let ev = lower.code.load_to(old, address, ty.bits, failure);
                    lower.follow(first, ev);
                }
                Place::Register(_) => lower.read_to(old, place),
            }
            if !weak {
                lower.assume_equal(old, wanted, ty, false);
            }
            lower.write(expected, ty, old, plain);
            lower.code.constant_from(result, Value::ZERO, old);
        });
        self.code.push(Micro::Alt(vec![succeeds, fails]));
        result
    }

    /// `__cmpxchg`
    fn cmpxchg(&mut self, place: ExprId, expected: ExprId, desired: ExprId, mark: Mark) -> Temp {
        let ty = self.scalar(self.unit.expr(place).ty);
        let [place, expected, desired] = self.operands([
            Operand::Place(place),
            Operand::Value(expected, Port::Plain),
            Operand::Value(desired, Port::Data),
        ]);
        let (place, expected, desired) =
            (self.as_place(place), self.as_value(expected), self.as_value(desired));
        self.update_if(place, ty, mark, expected, true, |_, _| desired).0
    }

    /// `__atomic_add_unless`
    fn add_unless(&mut self, place: ExprId, add: ExprId, unless: ExprId, mark: Mark) -> Temp {
        let ty = self.scalar(self.unit.expr(place).ty);
        let [place, add, unless] = self.operands([
            Operand::Place(place),
            Operand::Value(add, Port::Data),
            Operand::Value(unless, Port::Plain),
        ]);
        let (place, add, unless) = (self.as_place(place), self.as_value(add), self.as_value(unless));
        let sum =
            |lower: &mut Self, old| lower.arithmetic(BinaryOp::Add, ty, old, Right::plain(add, ty.bits));
        self.update_if(place, ty, mark, unless, false, sum).1
    }

    /// An update of the kernel that happens if the old value equals `other`, or if it does not. The old value, and
    /// whether it happened.
    fn update_if(
        &mut self,
        place: Place,
        ty: Scalar,
        mark: Mark,
        other: Temp,
        equal: bool,
        compute: impl FnOnce(&mut Self, Temp) -> Temp,
    ) -> (Temp, Temp) {
        let halves = match mark {
            Mark::Annotations(id) => self.halves(id, Returns::Old),
            Mark::Order(_) => {
                let tags = self.tags.access(mark).with(self.fixed.update);
                Halves { read: tags, write: tags, failed: tags, fence: None }
            }
        };
        let (old, happened) = (self.code.temp(), self.code.temp());
        let succeeds = self.way(|lower| {
            match place {
                Place::Memory(address) => {
                    let before = halves.fence.map(|tags| lower.code.fence(tags));
                    let read = lower.code.load_to(old, address, ty.bits, halves.read);
                    lower.assume_equal(old, other, ty, equal);
                    let new = compute(lower, old);
                    let write = lower.code.store(address, new, ty.bits, halves.write);
                    lower.code.order(read, write);
                    lower.close(before, read, write, halves);
                }
                Place::Register(_) => {
                    lower.read_to(old, place);
                    lower.assume_equal(old, other, ty, equal);
                    let new = compute(lower, old);
                    lower.write(place, ty, new, Tags::NONE);
                }
            }
            lower.code.constant_from(happened, Value::ONE, old);
        });
        let fails = self.way(|lower| {
            match place {
                Place::Memory(address) => {
                    lower.code.load_to(old, address, ty.bits, halves.failed);
                }
                Place::Register(_) => lower.read_to(old, place),
            }
            lower.assume_equal(old, other, ty, !equal);
            lower.code.constant_from(happened, Value::ZERO, old);
        });
        self.code.push(Micro::Alt(vec![succeeds, fails]));
        (old, happened)
    }

    /// What `body` adds, apart.
    fn way(&mut self, body: impl FnOnce(&mut Self)) -> Vec<Micro> {
        let before = self.code.take();
        body(self);
        self.code.put_back(before)
    }

    fn follow(&mut self, first: Option<Ev>, then: Ev) {
        if let Some(first) = first {
            self.code.order(first, then);
        }
    }

    fn assume_equal(&mut self, a: Temp, b: Temp, ty: Scalar, equal: bool) {
        let same = self.code.binary(Op::Eq, ty.bits, a, b);
        self.code.assume(same, equal);
    }

    /// Reads a variable that is a register into a temp.
    fn read_to(&mut self, dst: Temp, place: Place) {
        if let Place::Register(reg) = place {
            let ev = self.code.event();
            self.code.push(Micro::ReadReg { dst, reg, port: Port::Plain, ev });
        }
    }

    fn lock(&mut self, place: ExprId, op: LockOp) -> Temp {
        let address = match self.place(place) {
            Place::Memory(address) => address,
            Place::Register(_) => {
                let span = self.unit.expr(place).span;
                self.error("c::type", span, "a lock must be a shared variable");
                self.code.constant(Value::ZERO)
            }
        };
        let result = self.code.temp();
        let tags = self.tags.clone();
        let mut ways: Vec<(i128, &[&[&str]])> = match op {
            LockOp::Acquire => vec![(0, &[&["LKR"], &["LKW"]])],
            LockOp::Try => vec![(1, &[&["LKR"], &["LKW"]]), (0, &[&["LF"]])],
            LockOp::IsLocked => vec![(1, &[&["RL"]]), (0, &[&["RU"]])],
            LockOp::Release | LockOp::MutexUnlock => vec![(0, &[&["UL"]])],
            LockOp::MutexLock => vec![(0, &[&["LK", "LS"]])],
            LockOp::MutexTry => vec![(0, &[&["LK", "LS"]]), (1, &[&["LK"]])],
        };
        let mut micro: Vec<Vec<Micro>> = Vec::with_capacity(ways.len());
        for (value, events) in ways.drain(..) {
            micro.push(self.way(|lower| {
                let mut last = None;
                for event in events {
                    let ev = lower.code.located(address, tags.all(event));
                    lower.follow(last, ev);
                    last = Some(ev);
                }
                lower.code.push(Micro::Const { dst: result, value: Value::Int(value as u128) });
            }));
        }
        match micro.len() {
            1 => micro.remove(0).into_iter().for_each(|micro| self.code.push(micro)),
            _ => self.code.push(Micro::Alt(micro)),
        }
        result
    }

    /// Operations on SRCU that the kernel's macros no longer write as loads and stores.
    fn srcu(&mut self, place: ExprId, value: Option<ExprId>, mark: AnnotationsId) -> Temp {
        let tags = self.tags.mark(Mark::Annotations(mark));
        let place = self.place(place);
        if let Some(value) = value {
            self.value(value, Port::Plain);
        }
        match place {
            Place::Memory(address) => {
                self.code.located(address, tags);
            }
            Place::Register(_) => {}
        }
        self.code.constant(Value::ZERO)
    }
}
