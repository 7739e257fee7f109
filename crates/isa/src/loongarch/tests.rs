//! Tests of the instruction set.

use super::LoongArch;
use crate::testing::{assert_canonical, canonical, expects_error, expects_result, micros, run};
use execution::Value;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nop",
    "li.w $r4,1",
    "li.d $r4,-1",
    "lu12i.w $r4,4096",
    "la.local $r4,x",
    "la.global $r4,x+4",
    "move $r4,$r5",
    "ext.w.b $r4,$r5",
    "add.w $r4,$r5,$r6",
    "sub.d $r4,$r0,$r6",
    "nor $r4,$r5,$r6",
    "orn $r4,$r5,$r6",
    "maskeqz $r4,$r5,$r6",
    "addi.d $r4,$r5,-1",
    "slli.w $r4,$r5,3",
    "alsl.d $r4,$r5,$r6,2",
    "bstrpick.d $r4,$r5,31,0",
    "bstrins.w $r4,$r5,7,4",
    "ld.bu $r4,$r5,0",
    "ldptr.d $r4,$r5,8",
    "ldx.w $r4,$r5,$r6",
    "st.w $r4,$r5,-4",
    "stx.d $r4,$r5,$r6",
    "ll.w $r4,$r5,0",
    "sc.d $r4,$r5,8",
    "llacq.w $r4,$r5",
    "screl.d $r4,$r5",
    "amadd.w $r4,$r5,$r6",
    "amswap_db.b $r4,$r5,$r6",
    "ammax_db.wu $r0,$r5,$r6",
    "ammin.du $r0,$r5,$r6",
    "amcas_db.d $r4,$r5,$r6",
    "dbar 0",
    "dbar 1792",
    "ibar 0",
    "beq $r4,$r5,L",
    "bltu $r4,$r5,L",
    "beqz $r4,L",
    "blez $r4,.+8",
    "b L",
    "bl L",
    "jirl $r1,$r4,0",
    "jr $r1",
    "ret",
    "syscall 0",
];

/// A text and its canonical form.
const OTHERS: &[(&str, &str)] = &[
    ("ld.w  $a0, $a1, 0x10", "ld.w $r4,$r5,16"),
    ("AMADD.W $zero, $t0, $s8, 0", "amadd.w $r0,$r12,$r31"),
    ("move fp,sp", "move $r22,$r3"),
    ("st.w %a,%b,0", "st.w %a,%b,0"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&LoongArch, CANONICAL, OTHERS);
}

#[test]
fn errors() {
    let check = expects_error(&LoongArch);
    check(
        "ld.x $r4,$r5,0",
        expect!["isa::unknown-instruction at `ld.x`: unknown instruction `ld.x` (did you mean `ld.w`?)"],
    );
    check(
        "ld.w $r4,$r32,0",
        expect![[
            r#"isa::bad-operand at `$r32`: expected a register, found `$r32` (registers are $r0…$r31, or $zero $ra $tp $sp $a0…$a7 $t0…$t8 $fp $s0…$s9)"#
        ]],
    );
    check("dbar", expect![[r#"isa::bad-operand at ``: expected a number at the end of the instruction"#]]);
    check(
        "amor.b $r4,$r5,$r6",
        expect![
            "isa::unknown-instruction at `amor.b`: unknown instruction `amor.b` (did you mean `amor.w`?)"
        ],
    );
}

#[track_caller]
fn check_micros(text: &str, expected: Expect) {
    expected.assert_eq(&micros(&LoongArch, text));
}

#[test]
fn atomic_accesses() {
    check_micros(
        "amadd_db.w $r4,$r5,$r6",
        expect![[r#"
        ReadReg { dst: t0, reg: $r6, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: $r5, port: Data, ev: e1 }
        Update { dst: t2, addr: t0, width: 32, tags: Tags(5), ev: e2 }
        Binary { dst: t3, op: Add, width: 32, a: t2, b: t1 }
        SetUpdate { ev: e2, value: t3 }
        Unary { dst: t4, op: SignExtend, width: 32, a: t2 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: $r4, ev: e3 }
    "#]],
    );
    check_micros(
        "ll.w $r4,$r5,0",
        expect![[r#"
        ReadReg { dst: t0, reg: $r5, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: EX, ev: e1 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        WriteReg { src: t3, reg: $r4, ev: e2 }
        Detach { dst: t4, src: t0 }
        WriteReg { src: t4, reg: reservation, ev: e3 }
    "#]],
    );
    check_micros(
        "dbar 20",
        expect![[r#"
        Fence { tags: DBAR.r.rw, ev: e0 }
    "#]],
    );
    check_micros(
        "dbar 18",
        expect![[r#"
        Fence { tags: DBAR.rw.w, ev: e0 }
    "#]],
    );
    check_micros(
        "dbar 0x700",
        expect![[r#"
        Fence { tags: DBAR.same, ev: e0 }
    "#]],
    );
    check_micros(
        "dbar 31",
        expect![[r#"
        Fence { tags: Tags(0), ev: e0 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&LoongArch, "$r4");
    check("li.d $a0,-5", -5);
    check("li.w $a0,0x80000000", -0x8000_0000);
    check("lu12i.w $a0,1; ori $a0,$a0,5", 4101);
    check("li.w $a1,0x7fffffff; addi.w $a0,$a1,1", -0x8000_0000);
    check("li.w $a1,0x7fffffff; addi.d $a0,$a1,1", 0x8000_0000);
    check("li.w $a1,1; li.w $a2,33; sll.w $a0,$a1,$a2", 2);
    check("li.w $a1,6; li.w $a2,3; andn $a0,$a1,$a2", 4);
    check("li.w $a1,6; li.w $a2,3; orn $a0,$a1,$a2", -2);
    check("li.w $a1,6; nor $a0,$a1,$zero", -7);
    check("li.w $a1,5; maskeqz $a0,$a1,$zero", 0);
    check("li.w $a1,5; masknez $a0,$a1,$zero", 5);
    check("li.w $a1,3; li.w $a2,100; alsl.d $a0,$a1,$a2,2", 112);
    check("li.d $a1,-1; bstrpick.d $a0,$a1,31,0", 0xffff_ffff);
    check("li.d $a1,0xabc; bstrpick.w $a0,$a1,7,4", 0xb);
    check("li.d $a0,0xabc; li.w $a1,1; bstrins.d $a0,$a1,7,4", 0xa1c);
    check("li.w $a1,0xff; ext.w.b $a0,$a1", -1);
    check("li.w $a1,-7; li.w $a2,2; div.w $a0,$a1,$a2", -3);
    check("li.w $a1,-7; li.w $a2,2; mod.d $a0,$a1,$a2", -1);
    check("li.w $zero,7; move $a0,$zero", 0);
}

#[test]
fn control_flow() {
    let check = expects_result(&LoongArch, "$r4");
    check("li.w $a0,1; b L; li.w $a0,2; L: nop", 1);
    check("li.w $a1,3; L: addi.w $a0,$a0,1; addi.w $a1,$a1,-1; bnez $a1,L", 3);
    check("li.w $a0,1; bltu $a0,$zero,L; li.w $a0,2; L: nop", 2);
    check("li.w $a0,1; ret; li.w $a0,2", 1);
    check("bl F; addi.w $a0,$a0,10; b E; F: addi.w $a0,$a0,1; jr $ra; E: nop", 11);
}

#[test]
fn a_store_conditional_without_reservation_fails() {
    let ways = |program: &str| run(&LoongArch, program, &["$r4"]);
    assert_eq!(ways("la $r5,x; li.w $r4,7; sc.w $r4,$r5,0"), [[Value::ZERO]]);
    assert_eq!(ways("la $r5,x; ll.w $r6,$r5,0; sc.w $r4,$r5,0"), [[Value::ONE], [Value::ZERO]]);
    assert_eq!(ways("la $r5,x; la $r7,y; ll.w $r6,$r5,0; sc.w $r4,$r7,0"), [[Value::ZERO]]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&LoongArch, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        operands in "(\\$r[0-9]|\\$a[0-7]|-?[0-9]{1,2}|L|x)(,(\\$r[0-9]|[0-9]{1,2}|L|x)){0,3}",
    ) {
        if let Ok(text) = canonical(&LoongArch, &format!("{mnemonic} {operands}")) {
            prop_assert_eq!(canonical(&LoongArch, &text), Ok(text));
        }
    }
}
