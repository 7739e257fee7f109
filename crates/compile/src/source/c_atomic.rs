//! Marked accesses of C.

use super::c::Generator;
use super::c_expr::Place;
use super::{Result, Unsupported, Virtual};
use lang::c::ast::{Atomic, BinaryOp, ExprId, LockOp, Mark, Order, Returns};
use lang::c::types::{Scalar, TypeId};
use syntax::Span;

/// How strong a marked access is: the word for it in the names of instructions.
fn c11(order: Order) -> &'static str {
    match order {
        Order::Relaxed => "rlx",
        Order::Consume | Order::Acquire => "acq",
        Order::Release => "rel",
        Order::AcqRel => "acqrel",
        Order::SeqCst => "sc",
    }
}

/// The stronger of the orders of success and failure.
fn both(success: Order, failure: Order) -> Order {
    match (success, failure) {
        (_, Order::SeqCst) | (Order::SeqCst, _) => Order::SeqCst,
        (Order::Relaxed | Order::Consume, Order::Acquire | Order::Consume) => Order::Acquire,
        (Order::Release, Order::Acquire | Order::Consume) => Order::AcqRel,
        (success, _) => success,
    }
}

impl Generator<'_> {
    pub(super) fn atomic(&mut self, atomic: Atomic, ty: TypeId, span: Span) -> Result<Option<Virtual>> {
        match atomic {
            Atomic::Load { place, mark } => self.marked_load(place, mark, span).map(Some),
            Atomic::Store { place, value, mark } => {
                self.marked_store(place, value, mark, span)?;
                Ok(None)
            }
            Atomic::Exchange { place, value, mark } => {
                let scalar = self.word(place, span)?;
                let (value, address) = (self.value(value)?, self.address_of(place)?);
                let name = self.update_name("xchg", mark, scalar, span)?;
                let old = self.temporary();
                self.emit(name, [old.into(), address.into(), value.into()], span);
                Ok(Some(old))
            }
            Atomic::FetchOp { place, op, value, mark, returns } => {
                self.fetch(place, op, value, mark, returns, span)
            }
            Atomic::CompareExchange { place, expected, desired, success, failure, .. } => {
                let mark = Mark::Order(both(success, failure));
                self.compare_exchange(place, expected, desired, mark, span).map(Some)
            }
            Atomic::Cmpxchg { place, expected, desired, mark } => {
                let scalar = self.word(place, span)?;
                let (expected, desired) = (self.value(expected)?, self.value(desired)?);
                let address = self.address_of(place)?;
                let name = self.update_name("cmpxchg", mark, scalar, span)?;
                let old = self.temporary();
                self.emit(name, [old.into(), address.into(), expected.into(), desired.into()], span);
                Ok(Some(old))
            }
            Atomic::Fence { mark } => {
                self.fence(mark, span)?;
                Ok(None)
            }
            Atomic::Lock { place, op } => self.lock(place, op, span),
            Atomic::AddUnless { .. } | Atomic::Srcu { .. } => {
                let _ = ty;
                Err(Unsupported::new("this operation is not translated", span))
            }
        }
    }

    /// How the value of an atomic operation is held: 32 or 64 bits.
    fn word(&self, place: ExprId, span: Span) -> Result<Scalar> {
        let scalar = self.scalar(self.ty(place), span)?;
        match scalar.bits {
            32 | 64 => Ok(scalar),
            bits => {
                Err(Unsupported::new(format!("atomic operations on {bits} bits are not translated"), span))
            }
        }
    }

    /// The annotation of a kernel's access.
    fn annotation(&self, mark: Mark) -> Option<&str> {
        match mark {
            Mark::Order(_) => None,
            Mark::Annotations(id) => {
                Some(self.unit.annotations[id.0 as usize].first().map_or("", String::as_str))
            }
        }
    }

    fn marked_load(&mut self, place: ExprId, mark: Mark, span: Span) -> Result<Virtual> {
        let scalar = match self.place_of(place)? {
            Place::Local(local) => return Ok(local),
            Place::Memory(..) => self.scalar(self.ty(place), span)?,
        };
        let address = self.address_of(place)?;
        let name = match (self.annotation(mark), mark) {
            (_, Mark::Order(order)) => format!("c11_load_{}", c11(order)),
            (Some("ACQUIRE"), _) => "smp_load_acquire".to_owned(),
            // As a plain access, which every size has.
            (Some("ONCE"), _) if scalar.bits < 32 => return Ok(self.load(scalar, address, 0, span)),
            (Some("ONCE"), _) => "read_once".to_owned(),
            _ => return Err(Unsupported::new("a load with this annotation is not translated", span)),
        };
        let scalar = self.word(place, span)?;
        let to = self.temporary();
        self.emit(format!("{name}_{}", scalar.bits), [to.into(), address.into()], span);
        Ok(to)
    }

    fn marked_store(&mut self, place: ExprId, value: ExprId, mark: Mark, span: Span) -> Result<()> {
        let scalar = self.scalar(self.ty(place), span)?;
        let (value, to) = (self.value(value)?, self.place_of(place)?);
        if let Place::Local(_) = to {
            return self.store(to, self.ty(place), value, span).map(|_| ());
        }
        let name = match (self.annotation(mark), mark) {
            (_, Mark::Order(order)) => format!("c11_store_{}", c11(order)),
            (Some("RELEASE"), _) => "smp_store_release".to_owned(),
            (Some("ONCE"), _) if scalar.bits < 32 => {
                return self.store(to, self.ty(place), value, span).map(|_| ());
            }
            (Some("ONCE"), _) => "write_once".to_owned(),
            _ => return Err(Unsupported::new("a store with this annotation is not translated", span)),
        };
        let scalar = self.word(place, span)?;
        let address = self.address_of(place)?;
        self.emit(format!("{name}_{}", scalar.bits), [address.into(), value.into()], span);
        Ok(())
    }

    /// The name of an update: `c11_xchg_sc_32`, `atomic_xchg_full_32`.
    fn update_name(&self, operation: &str, mark: Mark, scalar: Scalar, span: Span) -> Result<String> {
        let bits = scalar.bits;
        let order = match (self.annotation(mark), mark) {
            (_, Mark::Order(order)) => {
                let operation = if operation == "cmpxchg" { "cas" } else { operation };
                return Ok(format!("c11_{operation}_{}_{bits}", c11(order)));
            }
            (Some("ONCE" | ""), _) => "relaxed",
            (Some("ACQUIRE"), _) => "acquire",
            (Some("RELEASE"), _) => "release",
            (Some("MB"), _) => "full",
            _ => return Err(Unsupported::new("an update with this annotation is not translated", span)),
        };
        Ok(format!("atomic_{operation}_{order}_{bits}"))
    }

    fn fetch(
        &mut self,
        place: ExprId,
        op: BinaryOp,
        value: ExprId,
        mark: Mark,
        returns: Returns,
        span: Span,
    ) -> Result<Option<Virtual>> {
        let scalar = self.word(place, span)?;
        let mut operand = self.value(value)?;
        let word = match op {
            BinaryOp::Add => "add",
            BinaryOp::Sub => "sub",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Xor => "xor",
            BinaryOp::AndNot => {
                let ones = self.number(-1, span);
                self.emit("xor", [ones.into(), operand.into()], span);
                operand = ones;
                "and"
            }
            _ => return Err(Unsupported::new("this operation is not translated", span)),
        };
        let address = self.address_of(place)?;
        if returns == Returns::Nothing {
            self.emit(format!("atomic_{word}_void_{}", scalar.bits), [address.into(), operand.into()], span);
            return Ok(None);
        }
        let name = self.update_name(&format!("fetch_{word}"), mark, scalar, span)?;
        let old = self.temporary();
        self.emit(name, [old.into(), address.into(), operand.into()], span);
        if returns == Returns::Old {
            return Ok(Some(old));
        }
        let op = if op == BinaryOp::AndNot { BinaryOp::And } else { op };
        self.compute(op, old, operand, scalar, span).map(Some)
    }

    /// C11's: 1 if it stored; else `expected` gets what was there.
    fn compare_exchange(
        &mut self,
        place: ExprId,
        expected: ExprId,
        desired: ExprId,
        mark: Mark,
        span: Span,
    ) -> Result<Virtual> {
        let scalar = self.word(place, span)?;
        let desired = self.value(desired)?;
        let home = self.place_of(expected)?;
        let wanted = match &home {
            Place::Local(local) => *local,
            Place::Memory(address, offset) => self.load(scalar, *address, *offset, span),
        };
        let address = self.address_of(place)?;
        let name = self.update_name("cmpxchg", mark, scalar, span)?;
        let (old, success) = (self.temporary(), self.temporary());
        self.emit(name, [old.into(), address.into(), wanted.into(), desired.into()], span);
        let behind = self.label();
        self.emit("li", [success.into(), 1.into()], span);
        self.emit("beq", [old.into(), wanted.into(), behind.into()], span);
        self.store(home, self.ty(expected), old, span)?;
        self.emit("li", [success.into(), 0.into()], span);
        self.place(behind);
        Ok(success)
    }

    fn fence(&mut self, mark: Mark, span: Span) -> Result<()> {
        let name = match (self.annotation(mark), mark) {
            (_, Mark::Order(Order::Relaxed)) => return Ok(()),
            (_, Mark::Order(order)) => format!("c11_fence_{}", c11(order)),
            (Some("barrier" | "rcu-lock" | "rcu-unlock"), _) => return Ok(()),
            (Some(kind @ ("mb" | "rmb" | "wmb")), _) => format!("smp_{kind}"),
            (Some(kind @ ("before-atomic" | "after-atomic" | "after-spinlock" | "after-unlock-lock")), _) => {
                format!("smp_mb__{}", kind.replace('-', "_"))
            }
            (Some("sync-rcu"), _) => {
                return Err(Unsupported::new("grace periods are an algorithm, not an instruction", span));
            }
            _ => return Err(Unsupported::new("a fence with this annotation is not translated", span)),
        };
        self.emit(name, [], span);
        Ok(())
    }

    /// Locks as an atomic word: taken by a compare-and-exchange with acquire, given back by a store with release.
    fn lock(&mut self, place: ExprId, op: LockOp, span: Span) -> Result<Option<Virtual>> {
        if !self.kernel || !matches!(op, LockOp::Acquire | LockOp::Release) {
            return Err(Unsupported::new("this operation on a lock is not translated", span));
        }
        let address = self.address_of(place)?;
        let free = self.number(0, span);
        if op == LockOp::Release {
            self.emit("smp_store_release_32", [address.into(), free.into()], span);
            return Ok(None);
        }
        let (held, again, old) = (self.number(1, span), self.label(), self.temporary());
        self.place(again);
        let operands = [old.into(), address.into(), free.into(), held.into()];
        self.emit("atomic_cmpxchg_acquire_32", operands, span);
        self.emit("bnez", [old.into(), again.into()], span);
        Ok(None)
    }
}
