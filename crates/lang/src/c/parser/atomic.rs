//! The atomic operations of C11, in the spellings of C, C++ and GNU.

use syntax::Span;

use super::{Failed, Parser, Result};
use crate::c::ast::{Atomic, BinaryOp, ExprId, ExprKind, LockOp, Mark, Order, Returns};
use crate::c::lexer::{Kind, Token};
use crate::c::types::{TypeId, TypeKind};

/// Names that are known natively, for “did you mean”.
pub(super) const NAMES: &[&str] = &[
    "atomic_load",
    "atomic_load_explicit",
    "atomic_store",
    "atomic_store_explicit",
    "atomic_exchange",
    "atomic_exchange_explicit",
    "atomic_fetch_add",
    "atomic_fetch_add_explicit",
    "atomic_fetch_sub",
    "atomic_fetch_sub_explicit",
    "atomic_fetch_and",
    "atomic_fetch_and_explicit",
    "atomic_fetch_or",
    "atomic_fetch_or_explicit",
    "atomic_fetch_xor",
    "atomic_fetch_xor_explicit",
    "atomic_compare_exchange_strong",
    "atomic_compare_exchange_strong_explicit",
    "atomic_compare_exchange_weak",
    "atomic_compare_exchange_weak_explicit",
    "atomic_thread_fence",
    "atomic_signal_fence",
    "atomic_flag_test_and_set",
    "atomic_flag_test_and_set_explicit",
    "atomic_flag_clear",
    "atomic_flag_clear_explicit",
    "atomic_init",
    "atomic_is_lock_free",
    "kill_dependency",
    "lock",
    "unlock",
    "mtx_lock",
    "mtx_trylock",
    "mtx_unlock",
    "mtx_init",
    "mtx_destroy",
];

/// Where the memory order comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Orders {
    /// It is sequentially consistent.
    Implicit,
    /// The last argument says.
    Explicit,
    /// The last argument says, if there is one more: C++.
    Optional,
}

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Load,
    Store,
    Exchange,
    Fetch(BinaryOp, Returns),
    CompareExchange { weak: bool },
    TestAndSet,
    Clear,
}

/// Something that is known natively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Native {
    Op(Op, Orders),
    /// `__atomic_compare_exchange_n(p, expected, desired, weak, success, failure)`
    GnuCompareExchange,
    ThreadFence,
    SignalFence,
    FullFence,
    Init,
    IsLockFree,
    KillDependency,
    /// The value of the first of this many arguments.
    First(usize),
    Lock(LockOp),
    /// `mtx_lock` and the like: returns an `int`.
    Mutex(LockOp),
    MutexInit,
    MutexDestroy,
}

/// What is known by that name.
pub(super) fn native(name: &str) -> Option<Native> {
    if let Some(rest) = name.strip_prefix("atomic_") {
        return c11(rest);
    }
    if let Some(rest) = name.strip_prefix("__atomic_") {
        return gnu(rest);
    }
    Some(match name {
        "SCAS" => Native::Op(Op::CompareExchange { weak: false }, Orders::Explicit),
        "WCAS" => Native::Op(Op::CompareExchange { weak: true }, Orders::Explicit),
        "__sync_synchronize" => Native::FullFence,
        "kill_dependency" => Native::KillDependency,
        "likely" | "unlikely" | "ATOMIC_VAR_INIT" | "ATOMIC_INIT" => Native::First(1),
        "__builtin_expect" => Native::First(2),
        "lock" => Native::Lock(LockOp::MutexLock),
        "unlock" => Native::Lock(LockOp::MutexUnlock),
        "mtx_lock" => Native::Mutex(LockOp::MutexLock),
        "mtx_unlock" => Native::Mutex(LockOp::MutexUnlock),
        "mtx_trylock" => Native::Mutex(LockOp::MutexTry),
        "mtx_init" => Native::MutexInit,
        "mtx_destroy" => Native::MutexDestroy,
        _ => return None,
    })
}

fn fetch(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "add" => BinaryOp::Add,
        "sub" => BinaryOp::Sub,
        "and" => BinaryOp::And,
        "or" => BinaryOp::Or,
        "xor" => BinaryOp::Xor,
        _ => return None,
    })
}

fn c11(rest: &str) -> Option<Native> {
    let (base, orders) = match rest.strip_suffix("_explicit") {
        Some(base) => (base, Orders::Explicit),
        None => (rest, Orders::Implicit),
    };
    if let Some(op) = base.strip_prefix("fetch_") {
        return Some(Native::Op(Op::Fetch(fetch(op)?, Returns::Old), orders));
    }
    let op = match base {
        "load" => Op::Load,
        "store" => Op::Store,
        "exchange" => Op::Exchange,
        "compare_exchange_strong" => Op::CompareExchange { weak: false },
        "compare_exchange_weak" => Op::CompareExchange { weak: true },
        "flag_test_and_set" => Op::TestAndSet,
        "flag_clear" => Op::Clear,
        _ if orders == Orders::Explicit => return None,
        "thread_fence" => return Some(Native::ThreadFence),
        "signal_fence" => return Some(Native::SignalFence),
        "init" => return Some(Native::Init),
        "is_lock_free" => return Some(Native::IsLockFree),
        _ => return None,
    };
    Some(Native::Op(op, orders))
}

fn gnu(rest: &str) -> Option<Native> {
    if let Some(op) = rest.strip_prefix("fetch_") {
        return Some(Native::Op(Op::Fetch(fetch(op)?, Returns::Old), Orders::Explicit));
    }
    if let Some(op) = rest.strip_suffix("_fetch") {
        return Some(Native::Op(Op::Fetch(fetch(op)?, Returns::New), Orders::Explicit));
    }
    let op = match rest {
        "load_n" => Op::Load,
        "store_n" => Op::Store,
        "exchange_n" => Op::Exchange,
        "test_and_set" => Op::TestAndSet,
        "clear" => Op::Clear,
        "compare_exchange_n" => return Some(Native::GnuCompareExchange),
        "thread_fence" => return Some(Native::ThreadFence),
        "signal_fence" => return Some(Native::SignalFence),
        _ => return None,
    };
    Some(Native::Op(op, Orders::Explicit))
}

/// The number of a memory order, by its name.
pub(super) fn order_number(name: &str) -> Option<i128> {
    let orders = ["relaxed", "consume", "acquire", "release", "acq_rel", "seq_cst"];
    if let Some(name) = name.strip_prefix("memory_order_") {
        return orders.iter().position(|order| *order == name).map(|i| i as i128);
    }
    let name = name.strip_prefix("__ATOMIC_")?;
    orders.iter().position(|order| order.eq_ignore_ascii_case(name)).map(|i| i as i128)
}

fn order_of(number: i128) -> Option<Order> {
    Some(match number {
        0 => Order::Relaxed,
        1 => Order::Consume,
        2 => Order::Acquire,
        3 => Order::Release,
        4 => Order::AcqRel,
        5 => Order::SeqCst,
        _ => return None,
    })
}

/// The order of a failed compare-exchange that is given one order.
fn failure_order(success: Order) -> Order {
    match success {
        Order::AcqRel => Order::Acquire,
        Order::Release => Order::Relaxed,
        other => other,
    }
}

impl Parser<'_> {
    /// `memory_order::acquire`
    pub(super) fn scoped_order(&mut self, token: Token) -> Result<ExprId> {
        let span = self.span(token);
        match order_number(&format!("memory_order_{}", self.text(token))) {
            Some(number) => self.int(number, TypeId::INT, span),
            None => {
                let message = format!("`{}` is not a memory order", self.text(token));
                self.error("c::undeclared", span, message);
                Err(Failed)
            }
        }
    }

    /// The memory order that an argument says.
    fn order(&mut self, id: ExprId) -> Result<Order> {
        let number = self.constant(id);
        match number.and_then(order_of) {
            Some(order) => Ok(order),
            None => {
                let span = self.span_of(id);
                self.error_with_help(
                    "c::type",
                    span,
                    "this is not a memory order",
                    "write one of `memory_order_relaxed`, `memory_order_consume`, `memory_order_acquire`, \
                     `memory_order_release`, `memory_order_acq_rel`, `memory_order_seq_cst`",
                );
                Err(Failed)
            }
        }
    }

    fn order_or_default(&mut self, id: Option<ExprId>) -> Result<Order> {
        id.map_or(Ok(Order::SeqCst), |id| self.order(id))
    }

    /// A call of something known natively, with its name read.
    pub(super) fn native(&mut self, native: Native, name: &str, token: Token) -> Result<ExprId> {
        match native {
            Native::Op(op, orders) => {
                let start = self.arguments()?;
                self.check_count(op, orders, start, name, token)?;
                let place = self.target(self.expr_stack[start], token)?;
                self.operation_on(op, orders, place, start + 1, token)
            }
            Native::GnuCompareExchange => {
                let [pointer, expected, desired, weak, success, failure] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let expected = self.target(expected, token)?;
                let weak = self.constant(weak).is_some_and(|weak| weak != 0);
                let (success, failure) = (self.order(success)?, self.order(failure)?);
                self.compare_exchange(place, expected, desired, (success, failure), weak, token)
            }
            Native::ThreadFence => {
                let [order] = self.exactly(name, token)?;
                let order = self.order(order)?;
                self.push_atomic(Atomic::Fence { mark: Mark::Order(order) }, TypeId::VOID, token)
            }
            Native::FullFence => {
                let [] = self.exactly(name, token)?;
                self.push_atomic(Atomic::Fence { mark: Mark::Order(Order::SeqCst) }, TypeId::VOID, token)
            }
            Native::SignalFence => {
                // Orders a thread against its own signal handlers, which tests don't have.
                let [order] = self.exactly(name, token)?;
                self.order(order)?;
                self.nothing(token)
            }
            Native::Init => {
                let [pointer, value] = self.exactly(name, token)?;
                let place = self.target(pointer, token)?;
                let span = self.call_span(token);
                let stored = self.assign(place, value, span)?;
                self.push(ExprKind::Convert(stored), TypeId::VOID, span)
            }
            Native::IsLockFree => {
                let [_] = self.exactly(name, token)?;
                let span = self.call_span(token);
                self.int(1, TypeId::BOOL, span)
            }
            Native::KillDependency => {
                let [value] = self.exactly(name, token)?;
                let value = self.scalar(value, "`kill_dependency`")?;
                let (ty, span) = (self.ty(value), self.call_span(token));
                self.push(ExprKind::Detach(value), ty, span)
            }
            Native::First(1) => {
                let [value] = self.exactly(name, token)?;
                self.value(value)
            }
            Native::First(_) => {
                let [value, _] = self.exactly(name, token)?;
                self.value(value)
            }
            Native::Lock(op) => {
                let [pointer] = self.exactly(name, token)?;
                self.mutex(pointer, op, token)
            }
            Native::Mutex(op) => {
                let [pointer] = self.exactly(name, token)?;
                let locked = self.mutex(pointer, op, token)?;
                if op == LockOp::MutexTry { Ok(locked) } else { self.then_zero(locked, token) }
            }
            Native::MutexInit => {
                let [pointer, _] = self.exactly(name, token)?;
                self.target(pointer, token)?;
                let span = self.call_span(token);
                self.int(0, TypeId::INT, span)
            }
            Native::MutexDestroy => {
                let [pointer] = self.exactly(name, token)?;
                self.target(pointer, token)?;
                self.nothing(token)
            }
        }
    }

    fn call_span(&self, token: Token) -> Span {
        self.span_from(self.span(token))
    }

    fn push_atomic(&mut self, atomic: Atomic, ty: TypeId, token: Token) -> Result<ExprId> {
        let ty = self.unit.types.unqualified(ty);
        let span = self.call_span(token);
        self.push(ExprKind::Atomic(atomic), ty, span)
    }

    /// A call that does nothing.
    fn nothing(&mut self, token: Token) -> Result<ExprId> {
        let span = self.call_span(token);
        let zero = self.int(0, TypeId::INT, span)?;
        self.push(ExprKind::Convert(zero), TypeId::VOID, span)
    }

    fn then_zero(&mut self, left: ExprId, token: Token) -> Result<ExprId> {
        let span = self.call_span(token);
        let right = self.int(0, TypeId::INT, span)?;
        self.push(ExprKind::Comma { left, right }, TypeId::INT, span)
    }

    fn mutex(&mut self, pointer: ExprId, op: LockOp, token: Token) -> Result<ExprId> {
        let place = self.target(pointer, token)?;
        let ty = if op == LockOp::MutexTry { TypeId::INT } else { TypeId::VOID };
        self.push_atomic(Atomic::Lock { place, op }, ty, token)
    }

    /// How many arguments an operation takes behind its place, without orders.
    fn operands_of(op: Op) -> usize {
        match op {
            Op::Load | Op::TestAndSet | Op::Clear => 0,
            Op::Store | Op::Exchange | Op::Fetch(..) => 1,
            Op::CompareExchange { .. } => 2,
        }
    }

    /// Checks the number of arguments, which are on the stack from `start` on. In C they include the pointer to the
    /// place.
    fn check_count(&mut self, op: Op, orders: Orders, start: usize, name: &str, token: Token) -> Result<()> {
        let operands = Self::operands_of(op);
        let most_orders = if matches!(op, Op::CompareExchange { .. }) { 2 } else { 1 };
        let given = self.expr_stack.len() - start;
        let (least, most) = match orders {
            Orders::Implicit => (1 + operands, 1 + operands),
            Orders::Explicit => (1 + operands + most_orders, 1 + operands + most_orders),
            Orders::Optional => (operands, operands + most_orders),
        };
        if (least..=most).contains(&given) {
            return Ok(());
        }
        self.expr_stack.truncate(start);
        let most_named = crate::c::preprocess::count(most);
        let wanted = match most - least {
            0 => most_named,
            1 => format!("{least} or {most_named}"),
            _ => format!("{least} to {most_named}"),
        };
        self.wrong_count(name, &wanted, given, token)
    }

    /// An operation on a place; its other arguments are on the stack from `start` on, and are enough.
    fn operation_on(
        &mut self,
        op: Op,
        orders: Orders,
        place: ExprId,
        start: usize,
        token: Token,
    ) -> Result<ExprId> {
        let operands = Self::operands_of(op);
        let get = |parser: &Self, i: usize| parser.expr_stack.get(start + i).copied();
        let (first, second) = (get(self, 0), get(self, 1));
        let (order, failure) = (get(self, operands), get(self, operands + 1));
        self.expr_stack.truncate(start - usize::from(orders != Orders::Optional));
        let order_given = order.is_some();
        let order = self.order_or_default(order)?;
        let mark = Mark::Order(order);
        let ty = self.unit.types.unqualified(self.ty(place));
        match (op, first, second) {
            (Op::Load, ..) => self.push_atomic(Atomic::Load { place, mark }, ty, token),
            (Op::Store, Some(value), _) => {
                let value = self.convert(value, ty)?;
                self.push_atomic(Atomic::Store { place, value, mark }, TypeId::VOID, token)
            }
            (Op::Exchange, Some(value), _) => {
                let value = self.convert(value, ty)?;
                self.push_atomic(Atomic::Exchange { place, value, mark }, ty, token)
            }
            (Op::Fetch(op, returns), Some(value), _) => {
                let value = self.fetch_operand(op, place, value, token)?;
                self.push_atomic(Atomic::FetchOp { place, op, value, mark, returns }, ty, token)
            }
            (Op::TestAndSet, ..) => {
                let span = self.call_span(token);
                let value = self.int(1, ty, span)?;
                let old = self.push_atomic(Atomic::Exchange { place, value, mark }, ty, token)?;
                self.convert(old, TypeId::BOOL)
            }
            (Op::Clear, ..) => {
                let span = self.call_span(token);
                let value = self.int(0, ty, span)?;
                self.push_atomic(Atomic::Store { place, value, mark }, TypeId::VOID, token)
            }
            (Op::CompareExchange { weak }, Some(expected), Some(desired)) => {
                let failure = match failure {
                    Some(failure) => self.order(failure)?,
                    None if order_given => failure_order(order),
                    None => Order::SeqCst,
                };
                // C passes a pointer, C++ a reference.
                let expected = if orders == Orders::Optional {
                    self.writable(expected, self.span_of(expected))?;
                    expected
                } else {
                    self.target(expected, token)?
                };
                self.compare_exchange(place, expected, desired, (order, failure), weak, token)
            }
            _ => Err(Failed),
        }
    }

    fn compare_exchange(
        &mut self,
        place: ExprId,
        expected: ExprId,
        desired: ExprId,
        (success, failure): (Order, Order),
        weak: bool,
        token: Token,
    ) -> Result<ExprId> {
        let bits = |parser: &Self, id| parser.unit.types.scalar(parser.ty(id)).map(|scalar| scalar.bits);
        if bits(self, place) != bits(self, expected) {
            let (own, other) = (self.type_name(self.ty(place)), self.type_name(self.ty(expected)));
            let message = format!("the expected value is of type `{other}`, but the object of type `{own}`");
            let span = self.span_of(expected);
            self.error("c::type", span, message);
            return Err(Failed);
        }
        let desired = self.convert(desired, self.ty(place))?;
        let atomic = Atomic::CompareExchange { place, expected, desired, success, failure, weak };
        self.push_atomic(atomic, TypeId::BOOL, token)
    }

    /// What is added to a pointer is a number of elements.
    fn fetch_operand(&mut self, op: BinaryOp, place: ExprId, value: ExprId, token: Token) -> Result<ExprId> {
        let ty = self.ty(place);
        if !matches!(self.unit.types.kind(ty), TypeKind::Pointer(_)) {
            return self.convert(value, ty);
        }
        let span = self.call_span(token);
        let size = self.step(ty, span)?;
        let value = self.convert(value, TypeId::I64)?;
        if size == 1 || !matches!(op, BinaryOp::Add | BinaryOp::Sub) {
            return Ok(value);
        }
        let size = self.int(i128::from(size), TypeId::I64, span)?;
        self.binary(BinaryOp::Mul, value, size, span)
    }

    /// `object.name(…)` and `pointer->name(…)`, with the name read.
    pub(super) fn method(&mut self, object: ExprId, arrow: bool, name: Token, start: Span) -> Result<ExprId> {
        let text = self.text(name);
        let place = if arrow { self.dereference(object, start)? } else { object };
        let lock = match text {
            "lock" => Some(LockOp::MutexLock),
            "unlock" => Some(LockOp::MutexUnlock),
            "try_lock" => Some(LockOp::MutexTry),
            _ => None,
        };
        if let Some(op) = lock {
            let [] = self.exactly(text, name)?;
            self.writable(place, start)?;
            let ty = if op == LockOp::MutexTry { TypeId::INT } else { TypeId::VOID };
            let id = self.push_atomic(Atomic::Lock { place, op }, ty, name)?;
            if op != LockOp::MutexTry {
                return Ok(id);
            }
            // `try_lock` is true where `mtx_trylock` is zero.
            let span = self.call_span(name);
            return self.unary(crate::c::ast::UnaryOp::LogicalNot, id, span);
        }
        let op = match c11(text) {
            Some(Native::Op(op, Orders::Implicit)) => Some(op),
            _ if text == "test_and_set" => Some(Op::TestAndSet),
            _ if text == "clear" => Some(Op::Clear),
            _ => None,
        };
        let (Some(op), true) = (op, self.kind() == Kind::LeftParen) else {
            let span = self.span(name);
            let message = format!("`{}` has no function `{text}`", self.type_name(self.ty(place)));
            self.error("c::type", span, message);
            return Err(Failed);
        };
        if self.unit.types.scalar(self.ty(place)).is_none() || !self.is_place(place) {
            let span = self.span(name);
            let message = format!("`{text}` needs an atomic variable");
            self.error("c::type", span, message);
            return Err(Failed);
        }
        let start = self.arguments()?;
        self.check_count(op, Orders::Optional, start, text, name)?;
        self.operation_on(op, Orders::Optional, place, start, name)
    }
}
