//! Tests of the instruction set.

use super::S390x;
use crate::testing::{assert_canonical, canonical, expects_error, expects_result, micros};
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nopr",
    "lghi r1,-5",
    "lhi r1,5",
    "larl r1,x+8",
    "la r1,8(r2,r3)",
    "lgr r1,r2",
    "llgfr r1,r2",
    "agr r1,r2",
    "xgr r1,r1",
    "sgrk r1,r2,r3",
    "aghi r1,-1",
    "sllg r1,r2,3",
    "srlg r1,r2,0(r3)",
    "sra r1,5",
    "lg r1,0(r2)",
    "llgf r1,8(r2,r3)",
    "llgc r1,0(r2)",
    "stg r1,0(r2)",
    "sth r1,2(r2)",
    "mvghi 0(r2),1",
    "laag r1,r3,0(r2)",
    "laal r1,r3,0(r2)",
    "agsi 0(r2),1",
    "cs r1,r3,0(r2)",
    "csg r1,r3,8(r2)",
    "cgr r1,r2",
    "clgfi r1,5",
    "j L",
    "je L",
    "jnhe L",
    "brc 0,L",
    "cgrje r1,r2,L",
    "clgrjl r1,r2,L",
    "cgijne r1,0,L",
    "clgij r1,5,15,L",
    "brasl r14,L",
    "br r14",
    "bcr 15,0",
    "bcr 14,0",
];

/// A text and its canonical form.
const OTHERS: &[(&str, &str)] = &[
    ("lg %r1, 0(%r2)", "lg r1,0(r2)"),
    ("l %r1,4(%r0,%r2)", "l r1,4(r2)"),
    ("brc 4,L", "jl L"),
    ("jgz L", "je L"),
    ("cgrj r1,r2,8,L", "cgrje r1,r2,L"),
    ("bcr 15,%r14", "br r14"),
    ("bcr 15,%r0", "bcr 15,0"),
    ("BCR 0,0", "nopr"),
    ("stg %a,0(%b)", "stg %a,0(%b)"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&S390x, CANONICAL, OTHERS);
}

#[test]
fn errors() {
    let check = expects_error(&S390x);
    check(
        "lgx r1,0(r2)",
        expect!["isa::unknown-instruction at `lgx`: unknown instruction `lgx` (did you mean `lg`?)"],
    );
    check(
        "lg r1,0(r16)",
        expect![
            "isa::bad-operand at `r16`: expected a register, found `r16` (registers are r0…r15, or %r0…%r15)"
        ],
    );
    check(
        "laa r1,r2,0(r3,r4)",
        expect!["isa::bad-operand at `0(r3,r4)`: this instruction takes an address without index: `8(r2)`"],
    );
    check(
        "bcr 7,r5",
        expect!["isa::bad-operand at `7,r5`: conditional branches to registers are not supported"],
    );
}

#[track_caller]
fn check_micros(text: &str, expected: Expect) {
    expected.assert_eq(&micros(&S390x, text));
}

#[test]
fn interlocked_accesses() {
    check_micros(
        "laag r1,r3,0(r2)",
        expect![[r#"
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r3, port: Data, ev: e1 }
        Load { dst: t2, addr: t0, width: 64, tags: X, ev: e2 }
        Binary { dst: t3, op: Add, width: 64, a: t2, b: t1 }
        Store { addr: t0, value: t3, width: 64, tags: X, ev: e3 }
        Const { dst: t4, value: Int(0) }
        Binary { dst: t5, op: Eq, width: 64, a: t3, b: t4 }
        Binary { dst: t6, op: LtSigned, width: 64, a: t3, b: t4 }
        Const { dst: t7, value: Int(0) }
        Const { dst: t8, value: Int(1) }
        Const { dst: t9, value: Int(2) }
        IfThenElse { dst: t10, cond: t6, then: t8, otherwise: t9 }
        IfThenElse { dst: t11, cond: t5, then: t7, otherwise: t10 }
        WriteReg { src: t11, reg: cc, ev: e4 }
        WriteReg { src: t2, reg: r1, ev: e5 }
    "#]],
    );
    check_micros(
        "cs r1,r3,0(r2)",
        expect![[r#"
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r1, port: Data, ev: e1 }
        ReadReg { dst: t2, reg: r3, port: Data, ev: e2 }
        Unary { dst: t3, op: Mask, width: 32, a: t1 }
        way
          Load { dst: t4, addr: t0, width: 32, tags: Tags(3), ev: e3 }
          Binary { dst: t5, op: Eq, width: 32, a: t4, b: t3 }
          Assume { cond: t5, is: true }
          Store { addr: t0, value: t2, width: 32, tags: Tags(3), ev: e4 }
          Edge { kind: Ctrl, from: e3, to: e4 }
          Const { dst: t6, value: Int(1) }
          Binary { dst: t7, op: Xor, width: 8, a: t5, b: t6 }
          WriteReg { src: t7, reg: cc, ev: e5 }
        way
          Load { dst: t8, addr: t0, width: 32, tags: Tags(3), ev: e6 }
          Binary { dst: t9, op: Eq, width: 32, a: t8, b: t3 }
          Assume { cond: t9, is: false }
          Const { dst: t10, value: Int(1) }
          Binary { dst: t11, op: Xor, width: 8, a: t9, b: t10 }
          WriteReg { src: t11, reg: cc, ev: e7 }
          WriteReg { src: t8, reg: r1, ev: e8 }
    "#]],
    );
    check_micros(
        "bcr 14,0",
        expect![[r#"
        Fence { tags: SERIAL, ev: e0 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&S390x, "r2");
    check("lghi r2,-5", -5);
    check("lhi r2,-1", 0xffff_ffff);
    check("lghi r3,-1; llgfr r2,r3", 0xffff_ffff);
    check("lhi r3,-1; lgfr r2,r3", -1);
    check("lghi r2,3; lghi r3,5; sgr r2,r3", -2);
    check("lghi r4,3; lghi r3,5; agrk r2,r4,r3", 8);
    check("lghi r2,6; lghi r3,3; ngr r2,r3", 2);
    check("lghi r3,1; sllg r2,r3,33", 0x2_0000_0000);
    check("lghi r3,-16; lghi r4,2; srag r2,r3,0(r4)", -4);
    check("lhi r2,-1; srl r2,28", 15);
    check("lghi r3,5; lcgr r2,r3", -5);
    check("lghi r3,5; la r2,3(r3)", 8);
    check("lghi r3,0xff; lgbr r2,r3", -1);
}

#[test]
fn control_flow() {
    let check = expects_result(&S390x, "r2");
    check("lghi r2,1; j L; lghi r2,2; L: nopr", 1);
    check("lghi r3,3; L: aghi r2,1; aghi r3,-1; jne L", 3);
    check("lghi r2,1; lghi r3,-1; cgij r3,0,4,L; lghi r2,2; L: nopr", 1);
    check("lghi r2,1; lghi r3,-1; clgijl r3,0,L; lghi r2,2; L: nopr", 2);
    check("lghi r2,1; lghi r3,4; cgr r2,r3; jhe L; lghi r2,7; L: nopr", 7);
    check("lghi r2,1; ltgr r2,r2; jh L; lghi r2,7; L: nopr", 1);
    check("lghi r2,1; br r14; lghi r2,2", 1);
    check("brasl r14,F; aghi r2,10; j E; F: aghi r2,1; br r14; E: nopr", 11);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&S390x, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        operands in "(r[0-9]|%r1[0-5]|-?[0-9]{1,2}|L|[0-9]\\(r[0-9]\\))(,(r[0-9]|[0-9]{1,2}|L|[0-9]\\(r[0-9]\\)|8\\(r1,r2\\))){0,3}",
    ) {
        if let Ok(text) = canonical(&S390x, &format!("{mnemonic} {operands}")) {
            prop_assert_eq!(canonical(&S390x, &text), Ok(text));
        }
    }
}
