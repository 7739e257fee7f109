//! What programs become.

use super::*;
use crate::c::{Macros, Parameter, Piece, Source, ThreadSource, parse};
use execution::micro::{Micro, Thread};
use expect_test::{Expect, expect};
use std::fmt::Write;
use syntax::FileId;

const MACROS: &str = "
READ_ONCE(X) __load{ONCE}(X)
WRITE_ONCE(X,V) { __store{ONCE}(X,V); }
smp_mb() { __fence{mb}; }
xchg(X,V) __xchg{MB}(X,V)
cmpxchg(X,V,W) __cmpxchg{MB}(X,V,W)
atomic_add(V,X) { __atomic_op{NORETURN}(X,+,V); }
old_xchg(X,V) __xchg{mb}(X,V)
old_acquire(X,V) __xchg{acquire}(X,V)
atomic_add_unless(X,V,W) __atomic_add_unless{MB}(X,V,W)
spin_lock(X) { __lock(X); }
spin_unlock(X) { __unlock(X); }
spin_trylock(X) __trylock(X)
spin_is_locked(X) __islocked(X)
";

fn lowered(declarations: &str, params: &[(&str, &str)], body: &str, settings: &Settings<'_>) -> String {
    let span = |text: &str| Span::new(FileId(0), 0, text.len());
    let parameters = params.iter().map(|(ty, name)| Parameter { ty, name, span: span("") }).collect();
    let thread = ThreadSource {
        id: 0,
        name_span: span("P0"),
        parameters,
        body: Piece { text: body, span: span(body) },
    };
    let source = Source {
        declarations: vec![Piece { text: declarations, span: span(declarations) }],
        threads: vec![thread],
        ..Source::default()
    };
    let (macros, errors) = Macros::parse(FileId(1), MACROS);
    assert_eq!(errors, Vec::new());
    let (unit, errors) = parse(&source, &macros);
    assert_eq!(errors, Vec::new());
    let mut symbols = Symbols::new();
    let (lowered, errors) = lower(&unit, settings, &mut symbols);
    match lowered {
        Some(lowered) => {
            lowered.program.threads.iter().map(|thread| show(thread, &lowered.program, &symbols)).collect()
        }
        None => errors.iter().map(|error| format!("{}: {}\n", error.code, error.message)).collect(),
    }
}

/// A thread as text: one line for each instruction.
fn show(thread: &Thread, program: &Program, symbols: &Symbols) -> String {
    let mut out = String::new();
    let printer = Printer { thread, program, symbols };
    for (at, instruction) in thread.code.iter().enumerate() {
        let _ = writeln!(out, "{at}: {}", printer.list(&instruction.micro));
    }
    out
}

struct Printer<'a> {
    thread: &'a Thread,
    program: &'a Program,
    symbols: &'a Symbols,
}

impl Printer<'_> {
    fn list(&self, micro: &[Micro]) -> String {
        micro.iter().map(|micro| self.micro(micro)).collect::<Vec<_>>().join("; ")
    }

    fn place(&self, label: LabelId) -> u32 {
        self.thread.labels[usize::from(label.0)].1
    }

    fn tags(&self, tags: Tags) -> String {
        let names = self.program.tags.iter().enumerate().filter(|(i, _)| tags.has(*i)).map(|(_, name)| name);
        names.collect::<Vec<_>>().join(" ")
    }

    fn reg(&self, reg: Reg) -> &str {
        self.program.registers.get(reg.0.into()).unwrap_or("?")
    }

    fn value(&self, value: Value) -> String {
        match value {
            Value::Int(number) => number.to_string(),
            Value::Addr { symbol, offset: 0 } => format!("&{}", self.symbols.name(symbol)),
            Value::Addr { symbol, offset } => format!("&{}{offset:+}", self.symbols.name(symbol)),
            other => format!("{other:?}"),
        }
    }

    fn micro(&self, micro: &Micro) -> String {
        match micro {
            Micro::Const { dst, value } => format!("t{} = {}", dst.0, self.value(*value)),
            Micro::Unary { dst, op, width, a } => format!("t{} = {op:?}{width} t{}", dst.0, a.0),
            Micro::Binary { dst, op, width, a, b } => {
                format!("t{} = t{} {op:?}{width} t{}", dst.0, a.0, b.0)
            }
            Micro::IfThenElse { dst, cond, then, otherwise } => {
                format!("t{} = t{} ? t{} : t{}", dst.0, cond.0, then.0, otherwise.0)
            }
            Micro::Detach { dst, src } => format!("t{} = detach t{}", dst.0, src.0),
            Micro::ReadReg { dst, reg, .. } => format!("t{} = {}", dst.0, self.reg(*reg)),
            Micro::WriteReg { src, reg, .. } => format!("{} = t{}", self.reg(*reg), src.0),
            Micro::Load { dst, addr, width, tags, ev } => {
                format!("e{}: t{} = R[{}]{width} t{}", ev.0, dst.0, self.tags(*tags), addr.0)
            }
            Micro::Store { addr, value, width, tags, ev } => {
                format!("e{}: W[{}]{width} t{} t{}", ev.0, self.tags(*tags), addr.0, value.0)
            }
            Micro::Update { dst, addr, width, tags, ev } => {
                format!("e{}: t{} = U[{}]{width} t{}", ev.0, dst.0, self.tags(*tags), addr.0)
            }
            Micro::SetUpdate { ev, value } => format!("e{} writes t{}", ev.0, value.0),
            Micro::Located { addr, tags, ev } => format!("e{}: L[{}] t{}", ev.0, self.tags(*tags), addr.0),
            Micro::Fence { tags, ev } => format!("e{}: F[{}]", ev.0, self.tags(*tags)),
            Micro::Guard { cond, target, join, .. } => {
                format!("if t{} goto {}, join {}", cond.0, self.place(*target), self.place(*join))
            }
            Micro::Jump { target } => format!("goto {}", self.place(*target)),
            Micro::Alt(ways) => {
                let ways: Vec<String> = ways.iter().map(|way| self.list(way)).collect();
                format!("either ({})", ways.join(") or ("))
            }
            Micro::Assume { cond, is } => format!("assume {}t{}", if *is { "" } else { "not " }, cond.0),
            Micro::Edge { from, to, .. } => format!("e{} before e{}", from.0, to.0),
            Micro::Fail { message } => format!("fail: {message}"),
            other => format!("{other:?}"),
        }
    }
}

fn check(params: &[(&str, &str)], body: &str, expected: Expect) {
    let settings = Settings { kernel_updates: KernelUpdates::Tags, ..Settings::default() };
    expected.assert_eq(&lowered("", params, body, &settings));
}

fn check_old(params: &[(&str, &str)], body: &str, expected: Expect) {
    expected.assert_eq(&lowered("", params, body, &Settings::default()));
}

const X: &[(&str, &str)] = &[("int*", "x")];
const XY: &[(&str, &str)] = &[("int*", "x"), ("int*", "y")];
const A: &[(&str, &str)] = &[("atomic_int*", "a")];
const V: &[(&str, &str)] = &[("atomic_t*", "v")];
const L: &[(&str, &str)] = &[("spinlock_t*", "l")];

#[test]
fn one_statement_is_one_instruction() {
    check(
        XY,
        "int r = *x + *y; *x = r;",
        expect![[r#"
        0: t0 = &x; e0: t1 = R[NA]32 t0; t2 = &y; e1: t3 = R[NA]32 t2; t4 = t1 Add32 t3; r = t4
        1: t0 = &x; t1 = r; e1: W[NA]32 t0 t1
    "#]],
    );
}

#[test]
fn widths_and_signs() {
    check(
        &[("uint8_t*", "x"), ("long*", "y")],
        "*y = *x << 3; *x = *y; int r = (signed char)*x < 0;",
        expect![[r#"
            0: t0 = &y; t1 = &x; e0: t2 = R[NA]8 t1; t3 = 3; t4 = t2 Shl32 t3; t5 = SignExtend32 t4; t6 = Mask64 t5; e1: W[NA]64 t0 t6
            1: t0 = &x; t1 = &y; e0: t2 = R[NA]64 t1; t3 = Mask8 t2; e1: W[NA]8 t0 t3
            2: t0 = &x; e0: t1 = R[NA]8 t0; t2 = SignExtend8 t1; t3 = Mask32 t2; t4 = 0; t5 = t3 LtSigned32 t4; r = t5
        "#]],
    );
}

#[test]
fn short_circuits_split_only_where_something_happens() {
    check(
        X,
        "int a; int b; int r = a && b;",
        expect![[r#"
        0: t0 = a; t1 = b; t2 = 0; t3 = t0 Ne32 t2; t4 = 0; t5 = t1 Ne32 t4; t6 = t3 And32 t5; r = t6
    "#]],
    );
    check(
        X,
        "int a; int r = 5 + (a && *x);",
        expect![[r#"
        0: t0 = a; t1 = IsZero32 t0; if t1 goto 4, join 5
        1: t0 = &x; e0: t1 = R[NA]32 t0; t2 = IsZero32 t1; if t2 goto 4, join 5
        2: t0 = 1; #0 = t0
        3: goto 5
        4: t0 = 0; #0 = t0
        5: t0 = #0; t1 = 5; t2 = t1 Add32 t0; r = t2
    "#]],
    );
    check(
        X,
        "int a; if (a || *x) *x = 1;",
        expect![[r#"
        0: t0 = a; t1 = 0; t2 = t0 Ne32 t1; if t2 goto 2, join 3
        1: t0 = &x; e0: t1 = R[NA]32 t0; t2 = IsZero32 t1; if t2 goto 3, join 3
        2: t0 = &x; t1 = 1; e0: W[NA]32 t0 t1
    "#]],
    );
}

#[test]
fn branches_join_where_their_ways_meet() {
    check(
        X,
        "int a; if (a) *x = 1; else *x = 2; *x = 3;",
        expect![[r#"
        0: t0 = a; t1 = IsZero32 t0; if t1 goto 3, join 4
        1: t0 = &x; t1 = 1; e0: W[NA]32 t0 t1
        2: goto 4
        3: t0 = &x; t1 = 2; e0: W[NA]32 t0 t1
        4: t0 = &x; t1 = 3; e0: W[NA]32 t0 t1
    "#]],
    );
    check(
        X,
        "int a; if (a) return; *x = 3;",
        expect![[r#"
        0: t0 = a; t1 = IsZero32 t0; if t1 goto 2, join 3
        1: goto 3
        2: t0 = &x; t1 = 3; e0: W[NA]32 t0 t1
    "#]],
    );
    check(
        X,
        "while (*x) *x = 1; *x = 2;",
        expect![[r#"
        0: t0 = &x; e0: t1 = R[NA]32 t0; t2 = IsZero32 t1; if t2 goto 3, join 3
        1: t0 = &x; t1 = 1; e0: W[NA]32 t0 t1
        2: goto 0
        3: t0 = &x; t1 = 2; e0: W[NA]32 t0 t1
    "#]],
    );
    check(
        X,
        "do { if (*x) break; *x = 1; } while (*x);",
        expect![[r#"
        0: t0 = &x; e0: t1 = R[NA]32 t0; t2 = IsZero32 t1; if t2 goto 2, join 4
        1: goto 4
        2: t0 = &x; t1 = 1; e0: W[NA]32 t0 t1
        3: t0 = &x; e0: t1 = R[NA]32 t0; t2 = 0; t3 = t1 Ne32 t2; if t3 goto 0, join 4
    "#]],
    );
}

#[test]
fn switches() {
    check(
        X,
        "switch (*x) { case 1: *x = 10; case 2: *x = 20; break; default: *x = 30; }",
        expect![[r#"
        0: t0 = &x; e0: t1 = R[NA]32 t0; #0 = t1
        1: t0 = #0; t1 = 1; t2 = t0 Eq32 t1; if t2 goto 4, join 8
        2: t0 = #0; t1 = 2; t2 = t0 Eq32 t1; if t2 goto 5, join 8
        3: goto 7
        4: t0 = &x; t1 = 10; e0: W[NA]32 t0 t1
        5: t0 = &x; t1 = 20; e0: W[NA]32 t0 t1
        6: goto 8
        7: t0 = &x; t1 = 30; e0: W[NA]32 t0 t1
    "#]],
    );
}

#[test]
fn conditional_expressions() {
    check(
        X,
        "int a; int r = a ? 1 : 2;",
        expect![[r#"
        0: t0 = a; t1 = 0; t2 = t0 Ne32 t1; t3 = detach t2; t4 = 1; t5 = 2; t6 = t3 ? t4 : t5; r = t6
    "#]],
    );
    check(
        X,
        "int a; int r = a ? *x : 2;",
        expect![[r#"
        0: t0 = a; t1 = IsZero32 t0; if t1 goto 3, join 4
        1: t0 = &x; e0: t1 = R[NA]32 t0; #0 = t1
        2: goto 4
        3: t0 = 2; #0 = t0
        4: t0 = #0; r = t0
    "#]],
    );
}

#[test]
fn updates_of_c11() {
    check(
        A,
        "int r = atomic_fetch_add_explicit(a, 2, memory_order_acquire);",
        expect![[r#"
        0: t0 = &a; t1 = 2; e0: t2 = U[A ACQ RMW X]32 t0; t3 = t2 Add32 t1; e0 writes t3; r = t2
    "#]],
    );
    check(
        A,
        "(*a)++;",
        expect![[r#"
        0: t0 = &a; t1 = 1; e0: t2 = U[A RMW SC X]32 t0; t3 = t2 Add32 t1; e0 writes t3
    "#]],
    );
    let settings = Settings { split_updates: true, ..Settings::default() };
    let split = lowered("", A, "atomic_exchange(a, 2);", &settings);
    expect![[r#"
        0: t0 = &a; t1 = 2; e0: t2 = R[A RMW SC X]32 t0; e1: W[A RMW SC X]32 t0 t1; e0 before e1
    "#]]
    .assert_eq(&split);
}

#[test]
fn compare_exchange() {
    check(
        A,
        "int e = 1; int r = atomic_compare_exchange_strong_explicit(a, &e, 2, memory_order_acq_rel, memory_order_relaxed);",
        expect![[r#"
            0: t0 = 1; e = t0
            1: t0 = &a; t1 = 2; t3 = e; either (e1: t2 = U[A ACQ_REL RMW X]32 t0; t5 = t2 Eq32 t3; assume t5; e1 writes t1; t6 = t2 Xor64 t2; t7 = 1; t4 = t6 Or64 t7) or (e2: t2 = R[A RLX]32 t0; t8 = t2 Eq32 t3; assume not t8; e = t2; t9 = t2 Xor64 t2; t10 = 0; t4 = t9 Or64 t10); r = t4
        "#]],
    );
    check(
        &[("atomic_int*", "a"), ("int*", "e")],
        "atomic_compare_exchange_weak(a, e, 2);",
        expect![[r#"
            0: t0 = &a; t1 = &e; t2 = 2; e0: t4 = R[NA]32 t1; either (e1: t3 = U[A RMW SC X]32 t0; e0 before e1; t6 = t3 Eq32 t4; assume t6; e1 writes t2; t7 = t3 Xor64 t3; t8 = 1; t5 = t7 Or64 t8) or (e2: t3 = R[A SC]32 t0; e0 before e2; e3: W[NA]32 t1 t3; t9 = t3 Xor64 t3; t10 = 0; t5 = t9 Or64 t10)
        "#]],
    );
}

#[test]
fn updates_of_the_kernel() {
    check(
        X,
        "int r = xchg(x, 1);",
        expect![[r#"
        0: t0 = &x; t1 = 1; e0: t2 = R[RMW X MB]32 t0; e1: W[RMW X MB]32 t0 t1; e0 before e1; r = t2
    "#]],
    );
    check(
        X,
        "int r = cmpxchg(x, 1, 2);",
        expect![[r#"
        0: t0 = &x; t1 = 1; t2 = 2; either (e0: t3 = R[RMW X MB]32 t0; t5 = t3 Eq32 t1; assume t5; e1: W[RMW X MB]32 t0 t2; e0 before e1; t6 = t3 Xor64 t3; t7 = 1; t4 = t6 Or64 t7) or (e2: t3 = R[RMW X MB]32 t0; t8 = t3 Eq32 t1; assume not t8; t9 = t3 Xor64 t3; t10 = 0; t4 = t9 Or64 t10); r = t3
    "#]],
    );
    check(
        V,
        "atomic_add(2, v);",
        expect![[r#"
        0: t0 = &v; t1 = 2; e0: t2 = R[RMW X NORETURN]32 t0; t3 = t2 Add32 t1; e1: W[RMW X NORETURN]32 t0 t3; e0 before e1
    "#]],
    );
    check(
        V,
        "int r = atomic_add_unless(v, 2, 3);",
        expect![[r#"
        0: t0 = &v; t1 = 2; t2 = 3; either (e0: t3 = R[RMW X MB]32 t0; t5 = t3 Eq32 t2; assume not t5; t6 = t3 Add32 t1; e1: W[RMW X MB]32 t0 t6; e0 before e1; t7 = t3 Xor64 t3; t8 = 1; t4 = t7 Or64 t8) or (e2: t3 = R[RMW X MB]32 t0; t9 = t3 Eq32 t2; assume t9; t10 = t3 Xor64 t3; t11 = 0; t4 = t10 Or64 t11); r = t4
    "#]],
    );
    check_old(
        X,
        "int r = old_xchg(x, 1);",
        expect![[r#"
        0: t0 = &x; t1 = 1; e0: F[Mb]; e1: t2 = R[RMW X Once]32 t0; e2: W[RMW X Once]32 t0 t1; e1 before e2; e3: F[Mb]; e0 before e1; e2 before e3; r = t2
    "#]],
    );
    check_old(
        X,
        "int r = old_acquire(x, 1);",
        expect![[r#"
        0: t0 = &x; t1 = 1; e0: t2 = R[RMW X Acquire]32 t0; e1: W[RMW X Once]32 t0 t1; e0 before e1; r = t2
    "#]],
    );
}

#[test]
fn locks_of_the_kernel() {
    check(
        L,
        "spin_lock(l); spin_unlock(l);",
        expect![[r#"
        0: t0 = &l; e0: L[LKR] t0; e1: L[LKW] t0; e0 before e1; t1 = 0
        1: t0 = &l; e0: L[UL] t0; t1 = 0
    "#]],
    );
    check(
        L,
        "int r = spin_trylock(l); int s = spin_is_locked(l);",
        expect![[r#"
        0: t0 = &l; either (e0: L[LKR] t0; e1: L[LKW] t0; e0 before e1; t1 = 1) or (e2: L[LF] t0; t1 = 0); r = t1
        1: t0 = &l; either (e0: L[RL] t0; t1 = 1) or (e1: L[RU] t0; t1 = 0); s = t1
    "#]],
    );
}

#[test]
fn addresses_of_variables_make_them_memory() {
    check(
        X,
        "int a = 1; int *p = &a; *p = 2;",
        expect![[r#"
        0: t0 = &0:a; t1 = 1; e0: W[NA]32 t0 t1
        1: t0 = &0:a; p = t0
        2: t0 = p; t1 = 2; e1: W[NA]32 t0 t1
    "#]],
    );
    check(
        X,
        "int a[2]; int i = 1; a[i] = 2;",
        expect![[r#"
        0: t0 = 1; i = t0
        1: t0 = &0:a; t1 = i; t2 = SignExtend32 t1; t3 = Mask64 t2; t4 = 4; t5 = t3 Mul64 t4; t6 = t0 Add64 t5; t7 = 2; e1: W[NA]32 t6 t7
    "#]],
    );
}

#[test]
fn calls_are_expanded() {
    let functions = "int f(int n) { if (n) return 1; return n + 1; }";
    let settings = Settings::default();
    expect![[r#"
        0: t0 = 3; #0 = t0
        1: t0 = #0; t1 = IsZero32 t0; if t1 goto 4, join 6
        2: t0 = 1; #1 = t0
        3: goto 6
        4: t0 = #0; t1 = 1; t2 = t0 Add32 t1; #1 = t2
        5: goto 6
        6: t0 = #1; #2 = t0; t1 = &x; e2: t2 = R[NA]32 t1; #3 = t2
        7: t0 = #3; t1 = IsZero32 t0; if t1 goto 10, join 12
        8: t0 = 1; #4 = t0
        9: goto 12
        10: t0 = #3; t1 = 1; t2 = t0 Add32 t1; #4 = t2
        11: goto 12
        12: t0 = #4; t1 = #2; t2 = t1 Add32 t0; t3 = &x; e2: W[NA]32 t3 t2
    "#]]
    .assert_eq(&lowered(functions, X, "*x = f(3) + f(*x);", &settings));
}

#[test]
fn recursion_is_an_error() {
    let functions = "int f(int n) { return f(n); }";
    expect![[r#"
        c::recursion: `f` calls itself
    "#]]
    .assert_eq(&lowered(functions, X, "*x = f(3);", &Settings::default()));
}

#[test]
fn undefined_behaviour_is_a_way_of_its_own() {
    check(
        X,
        "int r = 1 / *x; int s = 1 / 0; int t = 1 << *x;",
        expect![[r#"
        0: t0 = 1; t1 = &x; e0: t2 = R[NA]32 t1; either (assume t2) or (assume not t2; fail: undefined behaviour: division by zero); t3 = t0 DivSigned32 t2; r = t3
        1: t0 = 1; t1 = 0; fail: undefined behaviour: division by zero; t2 = t0 DivSigned32 t1; s = t2
        2: t0 = 1; t1 = &x; e0: t2 = R[NA]32 t1; t3 = 32; t4 = t2 LtUnsigned32 t3; either (assume t4) or (assume not t4; fail: undefined behaviour: shift by a negative distance, or by the width or more); t5 = t0 Shl32 t2; t = t5
    "#]],
    );
}

#[test]
fn much_code_is_refused() {
    let mut functions = "int f0(int n) { return n + 1; }\n".to_owned();
    for i in 1..20 {
        let _ = writeln!(functions, "int f{i}(int n) {{ return f{}(n) + f{}(n); }}", i - 1, i - 1);
    }
    expect![[r#"
        c::too-complex: the thread is too large once macros and functions are expanded
    "#]]
    .assert_eq(&lowered(&functions, X, "*x = f19(3);", &Settings::default()));
}
