//! Tests of the language.

use super::Lisa;
use crate::testing::{assert_canonical, canonical, expects_error, expects_micros, expects_result};
use crate::{AnnotatedKind, Annotations, Cache, Cell, assemble_annotated};
use execution::Symbols;
use execution::micro::Micro;
use expect_test::expect;
use proptest::prelude::*;
use std::collections::BTreeMap;
use syntax::{FileId, Span};

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nop",
    "r[] r1 x",
    "r[once] r1 x",
    "r[once,acquire] r1 r2",
    "r[] r1 x+4",
    "r[] r1 r2+r3",
    "w[release] x 1",
    "w[] r1 r2",
    "w[] x+4 -1",
    "w[] x y",
    "f[mb]",
    "f[rcu-lock]",
    "f[]",
    "f[fence] {L1} {L2,L3}",
    "rmw[] r1 (add r1 1) x",
    "rmw[acquire] r1 5 x",
    "b[] r1 L",
    "b[] L",
    "mov r1 5",
    "mov r1 r2",
    "mov r1 x",
    "mov r1 (eq r2 1)",
    "mov r1 (neq r2 r3)",
    "mov r1 (and r2 1)",
    "call[sync]",
    "r[] %a x",
];

/// Other ways to write instructions.
const OTHERS: &[(&str, &str)] = &[
    ("r [ once , acquire ] r1 x", "r[once,acquire] r1 x"),
    ("r['once] r1 x", "r[once] r1 x"),
    ("w[] x + 4 1", "w[] x+4 1"),
    ("f[fence]{L1}{L2}", "f[fence] {L1} {L2}"),
    ("mov r1 ( add r2  1 )", "mov r1 (add r2 1)"),
    ("mov r1 0x10", "mov r1 16"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&Lisa, CANONICAL, OTHERS);
}

#[test]
fn errors_say_where_and_what() {
    let check = expects_error(&Lisa);
    check(
        "x[] r1 y",
        expect!["isa::unknown-instruction at `x`: unknown instruction `x` (did you mean `r`?)"],
    );
    check("r r1 y", expect!["isa::bad-operand at `r1`: expected `[`, found `r1`"]);
    check(
        "r[] x y",
        expect!["isa::bad-operand at `x`: expected a register, found `x` (registers are r0…r127)"],
    );
    check("r[] r1 5", expect!["isa::bad-operand at `5`: expected a location or a register"]);
    check("r[] r1 x+y", expect!["isa::bad-operand at `y`: expected a number or a register"]);
    check("r[once r1 x", expect!["isa::bad-operand at `r1`: expected `]`, found `r1`"]);
    check(
        "mov r1 (mul r2 1)",
        expect![
            "isa::bad-operand at `mul`: expected an operation, found `mul` (operations are add sub and or xor eq neq)"
        ],
    );
    check(
        "mov r1 (add r2)",
        expect!["isa::bad-operand at `)`: expected a register, a number or a location, found `)`"],
    );
    check("call[]", expect!["isa::bad-operand at `call[]`: `call` takes one name, such as `call[sync]`"]);
    check(
        "r[] r200 x",
        expect!["isa::bad-operand at `r200`: expected a register, found `r200` (registers are r0…r127)"],
    );
}

#[test]
fn micro_operations() {
    let check = expects_micros(&Lisa);
    check(
        "r[once] r1 x",
        expect![[r#"
        Const { dst: t0, value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(8), ev: e0 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        WriteReg { src: t3, reg: r1, ev: e1 }
    "#]],
    );
    check(
        "w[] r1+r2 r3",
        expect![[r#"
        ReadReg { dst: t0, reg: r1, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r2, port: Addr, ev: e1 }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        ReadReg { dst: t3, reg: r3, port: Data, ev: e2 }
        Store { addr: t2, value: t3, width: 32, tags: Tags(0), ev: e3 }
    "#]],
    );
    check(
        "rmw[] r1 (add r1 1) x",
        expect![[r#"
        Const { dst: t0, value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(3), ev: e0 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        Const { dst: t4, value: Int(1) }
        Binary { dst: t5, op: Add, width: 64, a: t3, b: t4 }
        Store { addr: t0, value: t5, width: 32, tags: Tags(3), ev: e1 }
        Edge { kind: Order, from: e0, to: e1 }
        WriteReg { src: t3, reg: r1, ev: e2 }
    "#]],
    );
    check(
        "rmw[] r1 r2 x",
        expect![[r#"
        Const { dst: t0, value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(3), ev: e0 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        ReadReg { dst: t4, reg: r2, port: Data, ev: e1 }
        Store { addr: t0, value: t4, width: 32, tags: Tags(3), ev: e2 }
        Edge { kind: Order, from: e0, to: e2 }
        WriteReg { src: t3, reg: r1, ev: e3 }
    "#]],
    );
    check(
        "f[mb]; call[mb]",
        expect![[r#"
        Fence { tags: Tags(12), ev: e0 }
        Fence { tags: Tags(12), ev: e0 }
    "#]],
    );
    check(
        "b[] r1 L; L:",
        expect![[r#"
        ReadReg { dst: t0, reg: r1, port: Plain, ev: e0 }
        Branch { cond: t0, target: LabelId(0), ev: e1 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&Lisa, "r0");
    check("mov r0 -5", -5);
    check("mov r1 6; mov r0 (add r1 1)", 7);
    check("mov r1 6; mov r0 (sub r1 7)", -1);
    check("mov r1 6; mov r0 (and r1 3)", 2);
    check("mov r1 6; mov r0 (or r1 1)", 7);
    check("mov r1 6; mov r0 (xor r1 3)", 5);
    check("mov r1 6; mov r0 (eq r1 6)", 1);
    check("mov r1 6; mov r0 (neq r1 6)", 0);
    check("mov r1 x; mov r2 x; mov r0 (eq r1 r2)", 1);
    check("mov r1 1; b[] r1 L; mov r0 1; L: nop", 0);
    check("b[] r1 L; mov r0 1; L: nop", 1);
}

#[test]
fn annotations_are_sets_with_a_capital() {
    let texts = ["r[once] r1 x", "w[rcu-lock] x 1", "f[]", "r[] r1 x"];
    let span = Span::new(FileId(0), 0, 0);
    let mut annotations = Annotations {
        defaults: vec![(AnnotatedKind::Read, vec!["plain".to_owned()])],
        ..Annotations::default()
    };
    let cells = texts.iter().map(|text| Cell { text, span });
    let (symbols, names, cache) = (&mut Symbols::new(), &BTreeMap::new(), &mut Cache::default());
    let (thread, diagnostics) = assemble_annotated(&Lisa, cells, symbols, names, &mut annotations, cache);
    assert_eq!(diagnostics, []);
    assert_eq!(annotations.sets, ["Once", "Rcu-lock", "Plain"]);
    let noted: Vec<_> =
        annotations.instructions.iter().map(|one| (one.kind, one.annotations.len())).collect();
    use AnnotatedKind::{Fence, Read, Write};
    assert_eq!(noted, [(Read, 1), (Write, 1), (Fence, 0), (Read, 0)]);
    let tags = |micro: &Micro| match micro {
        Micro::Load { tags, .. } | Micro::Store { tags, .. } | Micro::Fence { tags, .. } => Some(tags.0),
        _ => None,
    };
    let all: Vec<u128> = thread.code.iter().flat_map(|one| one.micro.iter()).filter_map(tags).collect();
    assert_eq!(all, [0b1000, 0b10000, 0b100, 0b10_0000]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&Lisa, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        text in "(r|w|rmw|f|b|mov|call)(\\[(once|a-b|)\\])? (r[0-9]|x|5|\\(add r1 1\\)|L)( (r[0-9]|x\\+4|-?[0-9]|\\(eq x r1\\)))?( x)?",
    ) {
        if let Ok(text) = canonical(&Lisa, &text) {
            prop_assert_eq!(canonical(&Lisa, &text), Ok(text));
        }
    }
}
