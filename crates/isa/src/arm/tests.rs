//! Tests of the instruction set.

use super::{ARM, ARM_WIDE};
use crate::Isa;
use crate::testing::{
    assert_canonical, canonical, expects_error, expects_micros, expects_result, micros, run,
};
use execution::Value;
use expect_test::{Expect, expect};
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "NOP",
    "YIELD",
    "NOPEQ",
    "IT EQ",
    "ITTEE NE",
    "PLD [R0]",
    "PLDW [R0,#4]",
    "MOV R0,#1",
    "MOV R0,#-1",
    "MOVS R0,R1",
    "MOVEQ R0,#1",
    "MOVSNE R0,#1",
    "MVN R0,#0",
    "MOV R0,R1,LSL #2",
    "MOVW R0, #65535",
    "MOVT R0, #1",
    "MOVW R0, #:lower16:x",
    "MOVT R0, #:upper16:x+4",
    "MOVWEQ R1, #2",
    "LDR R0,=x",
    "LDR R0,=x+4",
    "LDR R0,=-5",
    "LDR R0,.LCPI0_0",
    "ADR R0,L",
    "ADD R0,R1,#2",
    "ADD R0,R1,R2",
    "ADDS R0,R1,R2",
    "ADDSEQ R0,R1,R2",
    "ADD R0,R1,R2,LSL #2",
    "ADD R0,R1,R2,ASR R3",
    "ADD R0,R1,R2,RRX",
    "ADC R0,R1,R2",
    "SUB R2,R1,#1",
    "SUBS R2,R1,#1",
    "SBCS R0,R1,R2",
    "RSB R0,R1,#0",
    "RSC R0,R1,R2",
    "AND R0,R1,#3",
    "AND R0, R1, R2",
    "BIC R0,R1,#3",
    "ORR R1,R2,#1",
    "ORN R0,R1,R2",
    "EOR R3,R1,R1",
    "CMP R0,#1",
    "CMP R0,R1",
    "CMPEQ R0,R1",
    "CMN R0,#1",
    "TST R0,#1",
    "TEQ R0,R1",
    "LSL R0,R1,#2",
    "LSLS R0,R1,R2",
    "LSR R0,R1,#32",
    "ASR R0,R1,#1",
    "ROR R0,R1,#8",
    "RRXS R0,R1",
    "MUL R0,R1,R2",
    "MULS R0,R1,R2",
    "MLA R0,R1,R2,R3",
    "MLS R0,R1,R2,R3",
    "SMMUL R0,R1,R2",
    "UMULL R0,R1,R2,R3",
    "SMLALS R0,R1,R2,R3",
    "UDIV R0,R1,R2",
    "SDIV R0,R1,R2",
    "CLZ R0,R1",
    "RBIT R0,R1",
    "REV R0,R1",
    "REV16 R0,R1",
    "REVSH R0,R1",
    "UXTB R0,R1",
    "SXTHEQ R0,R1",
    "UXTB R0,R1,ROR #8",
    "SXTAB R0,R1,R2",
    "UBFX R0,R1,#4,#8",
    "SBFX R0,R1,#0,#1",
    "BFI R0,R1,#8,#8",
    "BFC R0,#8,#8",
    "SADD16 R0,R1,R2",
    "USUB8 R0,R1,R2",
    "SEL R0,R1,R2",
    "LDR R0,[R1]",
    "LDR R0,[R1,#4]",
    "LDR R0,[R1,#-4]",
    "LDR R0,[R1,R2]",
    "LDR R0,[R1,-R2]",
    "LDR R2,[R1,R3,lsl #2]",
    "LDR R0,[R1,#4]!",
    "LDR R0,[R1],#4",
    "LDR R0,[R1],R2",
    "LDR R0,[R1,#:lower12:x]",
    "LDRNE R0,[R1]",
    "LDRB R0,[R1]",
    "LDRH R0,[R1]",
    "LDRSB R0,[R1]",
    "LDRSH R0,[R1,#2]",
    "LDREQ PC,[SP],#4",
    "STR R0,[R1]",
    "STREQ R0,[R1]",
    "STRB R0,[R1]",
    "STRH R0,[R1]",
    "STR LR,[SP,#-4]!",
    "LDRD R2, R3, [R1]",
    "STRD R2, R3, [R1,#8]",
    "LDM R0, {R1,R2,R3}",
    "LDMIB R0, {R1,R2}",
    "LDMDA R0!, {R1,R2}",
    "STM R0!, {R1,R2}",
    "STMDB SP!, {R4,LR}",
    "PUSH {R4,LR}",
    "POP {R4,PC}",
    "POPEQ {R4,PC}",
    "LDA R0,[R1]",
    "LDAB R0,[R1]",
    "STL R0,[R1]",
    "STLH R0,[R1]",
    "LDREX R0,[R1]",
    "LDREXB R0,[R1]",
    "LDREXD R2,R3,[R1]",
    "STREX R0,R1,[R2]",
    "STREXH R0,R1,[R2]",
    "STREXD R0,R2,R3,[R1]",
    "LDAEX R0,[R1]",
    "LDAEXD R2,R3,[R1]",
    "STLEX R0,R1,[R2]",
    "STLEXD R0,R2,R3,[R1]",
    "STREXEQ R0,R1,[R2]",
    "CLREX",
    "B L",
    "BEQ L",
    "BLS L",
    "BLT L",
    "BL L",
    "BLEQ L",
    "BX LR",
    "BXEQ LR",
    "BLX R3",
    "CBZ R0,L",
    "CBNZ R0,L",
    "B .+8",
    "DMB",
    "DMB ISH",
    "DMB ST",
    "DMBEQ ISHST",
    "DSB ISHLD",
    "ISB",
    "SVC #0",
    "UDF",
    ".word x",
    "LDR R0,[%a]",
    "ADD %a,%b,%a",
    "MOV R0,FP",
];

/// Other ways to write instructions.
const OTHERS: &[(&str, &str)] = &[
    ("ldr r0 , [ r1 , #4 ]", "LDR R0,[R1,#4]"),
    ("ldr.w ip, [r11]", "LDR R12,[R11]"),
    ("LDR R0,R1", "LDR R0,[R1]"),
    ("mov r0, 1", "MOV R0,#1"),
    ("mov r0, #0x10", "MOV R0,#16"),
    ("moveqs r0, #1", "MOVSEQ R0,#1"),
    ("adds r0, #1", "ADDS R0,R0,#1"),
    ("adds r0, r1", "ADDS R0,R0,R1"),
    ("add r1, pc", "ADD R1,R1,PC"),
    ("add r0, r1, lsl #2", "ADD R0,R0,R1,LSL #2"),
    ("addw r0, r1, #1", "ADD R0,R1,#1"),
    ("neg r0, r1", "RSB R0,R1,#0"),
    ("lsls r0, #2", "LSLS R0,R0,#2"),
    ("lsrs r0, r1", "LSRS R0,R0,R1"),
    ("mul r0, r1", "MUL R0,R0,R1"),
    ("movlo r0, #1", "MOVCC R0,#1"),
    ("movhs r0, #1", "MOVCS R0,#1"),
    ("b.n .L2", "B .L2"),
    ("bal .L2", "B .L2"),
    ("LDRD R4,[R1]", "LDRD R4, R5, [R1]"),
    ("ldrexd r2,[r1]", "LDREXD R2,R3,[R1]"),
    ("LDM R0, { R1, R2, R3 }", "LDM R0, {R1,R2,R3}"),
    ("ldmia r0!, {r4-r6,lr}", "LDM R0!, {R4,R5,R6,LR}"),
    ("ldmfd sp!, {r4,pc}", "LDM SP!, {R4,PC}"),
    ("stmfd sp!, {r4,lr}", "STMDB SP!, {R4,LR}"),
    ("DMB SY", "DMB"),
    ("isb sy", "ISB"),
    ("blx f", "BL f"),
    ("ANDEQ R0,R0,R0", "NOP"),
    (".long 5", ".word 5"),
    ("movw r0,:lower16:x", "MOVW R0, #:lower16:x"),
    ("movt r0,:upper16:(x-(.LPC0+8))", "MOVT R0, #:upper16:(x-(.LPC0+8))"),
    ("mcr p15,0,r0,c7,c10,5", "DMB"),
    ("mcr p15, #0, r0, c7, c10, #4", "DSB"),
    ("mcr p15,0,r0,c7,c5,4", "ISB"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&ARM, CANONICAL, OTHERS);
}

#[test]
fn the_digest_has_blanks_elsewhere() {
    assert_eq!(ARM.digested("MOVW R0, #1").as_deref(), Some("MOVWR0, #1"));
    assert_eq!(ARM.digested("MOVWEQ R0, #1").as_deref(), Some("MOVWEQR0, #1"));
    assert_eq!(ARM.digested("MOVTEQ R0, #1").as_deref(), Some("MOVT EQR0, #1"));
    assert_eq!(ARM.digested("MOVT R0, #1"), None);
    assert_eq!(ARM.digested("MOV R0,#1"), None);
}

#[test]
fn errors_say_where_and_what() {
    let check = expects_error(&ARM);
    check(
        "ldrx r0,[r1]",
        expect!["isa::unknown-instruction at `ldrx`: unknown instruction `ldrx` (did you mean `LDR`?)"],
    );
    check(
        "LDR R16,[R1]",
        expect![
            "isa::bad-operand at `R16`: expected a register, found `R16` (registers are R0…R12, SP, LR, PC)"
        ],
    );
    check(
        "LDR R0,[x]",
        expect!["isa::bad-operand at `x`: expected a register, found `x` (registers are R0…R12, SP, LR, PC)"],
    );
    check(
        "LDREX R0,[R1,#4]",
        expect!["isa::bad-operand at `[R1,#4]`: this access takes an address without offset, such as `[R0]`"],
    );
    check(
        "DMB LDX",
        expect![
            "isa::bad-operand at `LDX`: expected an option of the barrier, found `LDX` (options are SY LD ST ISH ISHLD ISHST OSH OSHLD OSHST NSH NSHLD NSHST)"
        ],
    );
    check(
        "ADD R0,R1,R2,LSX #2",
        expect!["isa::bad-operand at `LSX`: expected a shift such as `LSL #2`, found `LSX`"],
    );
    check("ADD R0,R1,R2,LSL #40", expect!["isa::bad-operand at `40`: `40` is not between 0 and 31"]);
    check(
        "LDREXD R14,[R1]",
        expect!["isa::bad-operand at ``: there is no register behind LR to pair it with"],
    );
    check("IT XX", expect!["isa::bad-operand at `XX`: expected a condition such as `EQ`, found `XX`"]);
    check("MOVW R0,#65536", expect!["isa::bad-operand at `65536`: `65536` is not between 0 and 65535"]);
    check("LDR R0,[R1,#5000]", expect!["isa::bad-operand at `5000`: `5000` is not between -4095 and 4095"]);
    check("BLS", expect!["isa::bad-operand at ``: expected a label at the end of the instruction"]);
    check("UXTB R0,R1,ROR #3", expect!["isa::bad-operand at `#3`: the rotation must be 8, 16 or 24"]);
    check("LDR R0,[%c]", expect!["isa::unknown-register at `%c`: no register is left for `%c`"]);
    check(
        "MCR p15,0,R0,c8,c7,0",
        expect![
            "isa::bad-operand at `p15,0,R0,c8,c7,0`: no other coprocessor operations than barriers are known (barriers are `p15,0,R0,c7,c10,5` (DMB), `…,c10,4` (DSB) and `…,c5,4` (ISB))"
        ],
    );
    check("ISB ISH", expect!["isa::bad-operand at `ISH`: the only option of `ISB` is `SY`"]);
}

#[test]
fn accesses() {
    let check = expects_micros(&ARM);
    check(
        "LDRSB R0,[R1,#-4]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(18446744073709551612) }
        Binary { dst: t2, op: Add, width: 32, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 8, tags: Tags(0), ev: e1 }
        Unary { dst: t4, op: SignExtend, width: 8, a: t3 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        Unary { dst: t6, op: Mask, width: 32, a: t5 }
        WriteReg { src: t6, reg: R0, ev: e2 }
    "#]],
    );
    check(
        "LDR R0,[R1],#4",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 32, a: t0, b: t1 }
        Load { dst: t3, addr: t0, width: 32, tags: Tags(0), ev: e1 }
        WriteReg { src: t2, reg: R1, ev: e2 }
        WriteReg { src: t3, reg: R0, ev: e3 }
    "#]],
    );
    check(
        "STL R0,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: R0, port: Data, ev: e1 }
        Store { addr: t0, value: t1, width: 32, tags: L, ev: e2 }
    "#]],
    );
    check(
        "LDRD R2,R3,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 32, a: t0, b: t1 }
        Load { dst: t3, addr: t0, width: 32, tags: Tags(0), ev: e1 }
        Load { dst: t4, addr: t2, width: 32, tags: Tags(0), ev: e2 }
        WriteReg { src: t3, reg: R2, ev: e3 }
        WriteReg { src: t4, reg: R3, ev: e4 }
    "#]],
    );
    check(
        "LDM R0!, {R1,R2}",
        expect![[r#"
        ReadReg { dst: t0, reg: R0, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(0), ev: e1 }
        Const { dst: t2, value: Int(4) }
        Binary { dst: t3, op: Add, width: 32, a: t0, b: t2 }
        Load { dst: t4, addr: t3, width: 32, tags: Tags(0), ev: e2 }
        Const { dst: t5, value: Int(8) }
        Binary { dst: t6, op: Add, width: 32, a: t0, b: t5 }
        WriteReg { src: t6, reg: R0, ev: e3 }
        WriteReg { src: t1, reg: R1, ev: e4 }
        WriteReg { src: t4, reg: R2, ev: e5 }
    "#]],
    );
}

#[test]
fn exclusive_accesses() {
    let check = |isa: &dyn Isa, text: &str, expected: Expect| expected.assert_eq(&micros(isa, text));
    check(
        &ARM,
        "LDREX R0,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(3), ev: e1 }
        WriteReg { src: t0, reg: RESADDR, ev: e2 }
        WriteReg { src: t1, reg: R0, ev: e3 }
    "#]],
    );
    check(
        &ARM,
        "STLEX R0,R1,[R2]",
        expect![[r#"
        way
          ReadReg { dst: t0, reg: R2, port: Addr, ev: e0 }
          ReadReg { dst: t1, reg: R1, port: Data, ev: e1 }
          ReadReg { dst: t2, reg: RESADDR, port: Plain, ev: e2 }
          Binary { dst: t3, op: Eq, width: 32, a: t2, b: t0 }
          Assume { cond: t3, is: true }
          Store { addr: t0, value: t1, width: 32, tags: Tags(11), ev: e3 }
          Edge { kind: Ctrl, from: e2, to: e3 }
          Const { dst: t4, value: Int(0) }
          WriteReg { src: t4, reg: R0, ev: e4 }
          Const { dst: t5, value: Int(0) }
          WriteReg { src: t5, reg: RESADDR, ev: e5 }
        way
          Const { dst: t6, value: Int(1) }
          WriteReg { src: t6, reg: R0, ev: e6 }
          Const { dst: t7, value: Int(0) }
          WriteReg { src: t7, reg: RESADDR, ev: e7 }
    "#]],
    );
    check(
        &ARM,
        "LDREXD R2,R3,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 32, a: t0, b: t1 }
        Load { dst: t3, addr: t0, width: 32, tags: Tags(3), ev: e1 }
        Load { dst: t4, addr: t2, width: 32, tags: Tags(3), ev: e2 }
        WriteReg { src: t0, reg: RESADDR, ev: e3 }
        WriteReg { src: t3, reg: R2, ev: e4 }
        WriteReg { src: t4, reg: R3, ev: e5 }
    "#]],
    );
    check(
        &ARM_WIDE,
        "LDREXD R2,R3,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 64, tags: Tags(3), ev: e1 }
        Unary { dst: t2, op: Mask, width: 32, a: t1 }
        Const { dst: t3, value: Int(32) }
        Binary { dst: t4, op: ShrLogical, width: 64, a: t1, b: t3 }
        WriteReg { src: t0, reg: RESADDR, ev: e2 }
        WriteReg { src: t2, reg: R2, ev: e3 }
        WriteReg { src: t4, reg: R3, ev: e4 }
    "#]],
    );
    check(
        &ARM_WIDE,
        "STREXD R0,R2,R3,[R1]",
        expect![[r#"
        way
          ReadReg { dst: t0, reg: R1, port: Addr, ev: e0 }
          ReadReg { dst: t1, reg: R2, port: Data, ev: e1 }
          ReadReg { dst: t2, reg: R3, port: Data, ev: e2 }
          ReadReg { dst: t3, reg: RESADDR, port: Plain, ev: e3 }
          Binary { dst: t4, op: Eq, width: 32, a: t3, b: t0 }
          Assume { cond: t4, is: true }
          Const { dst: t5, value: Int(32) }
          Binary { dst: t6, op: Shl, width: 64, a: t2, b: t5 }
          Binary { dst: t7, op: Or, width: 64, a: t1, b: t6 }
          Store { addr: t0, value: t7, width: 64, tags: Tags(3), ev: e4 }
          Edge { kind: Ctrl, from: e3, to: e4 }
          Const { dst: t8, value: Int(0) }
          WriteReg { src: t8, reg: R0, ev: e5 }
          Const { dst: t9, value: Int(0) }
          WriteReg { src: t9, reg: RESADDR, ev: e6 }
        way
          Const { dst: t10, value: Int(1) }
          WriteReg { src: t10, reg: R0, ev: e7 }
          Const { dst: t11, value: Int(0) }
          WriteReg { src: t11, reg: RESADDR, ev: e8 }
    "#]],
    );
}

#[test]
fn conditional_instructions() {
    let check = expects_micros(&ARM);
    check(
        "MOVEQ R0,#1",
        expect![[r#"
        ReadReg { dst: t0, reg: Z, port: Plain, ev: e0 }
        Pick { cond: t0, ev: e1 }
        way
          Assume { cond: t0, is: true }
          Const { dst: t1, value: Int(1) }
          WriteReg { src: t1, reg: R0, ev: e2 }
          Edge { kind: Ctrl, from: e1, to: e2 }
        way
          Assume { cond: t0, is: false }
    "#]],
    );
    check(
        "STRNE R0,[R1]",
        expect![[r#"
        ReadReg { dst: t0, reg: Z, port: Plain, ev: e0 }
        Unary { dst: t1, op: IsZero, width: 1, a: t0 }
        Pick { cond: t1, ev: e1 }
        way
          Assume { cond: t1, is: true }
          ReadReg { dst: t2, reg: R1, port: Addr, ev: e2 }
          ReadReg { dst: t3, reg: R0, port: Data, ev: e3 }
          Store { addr: t2, value: t3, width: 32, tags: Tags(0), ev: e4 }
          Edge { kind: Ctrl, from: e1, to: e2 }
          Edge { kind: Ctrl, from: e1, to: e3 }
          Edge { kind: Ctrl, from: e1, to: e4 }
        way
          Assume { cond: t1, is: false }
    "#]],
    );
    check(
        "BXEQ LR",
        expect![[r#"
        ReadReg { dst: t0, reg: Z, port: Plain, ev: e0 }
        Commit { target: t0, ev: e1 }
        way
          Assume { cond: t0, is: true }
          ReadReg { dst: t1, reg: LR, port: Plain, ev: e2 }
          Const { dst: t2, value: Int(0) }
          Binary { dst: t3, op: Ne, width: 64, a: t1, b: t2 }
          way
            Assume { cond: t3, is: true }
            Commit { target: t1, ev: e3 }
            JumpTo { target: t1 }
          way
            Assume { cond: t3, is: false }
            Halt
          Edge { kind: Ctrl, from: e1, to: e2 }
          Edge { kind: Ctrl, from: e1, to: e3 }
        way
          Assume { cond: t0, is: false }
    "#]],
    );
    check(
        "BNE L; L:",
        expect![[r#"
        ReadReg { dst: t0, reg: Z, port: Plain, ev: e0 }
        Unary { dst: t1, op: IsZero, width: 1, a: t0 }
        Branch { cond: t1, target: LabelId(0), ev: e1 }
    "#]],
    );
}

#[test]
fn the_program_counter_is_not_known() {
    for text in ["LDR R0,[PC,#8]", "ADD R0,PC,#8", "CMP PC,R0", "SUB R0,R1,PC"] {
        assert!(micros(&ARM, text).contains("Fail"), "{text}");
    }
    assert!(!micros(&ARM, "ADD R0,PC,R0").contains("Fail"));
    assert!(!micros(&ARM, "ADD R0,R0,PC").contains("Fail"));
    assert!(!micros(&ARM, "LDR R0,[PC,R0]").contains("Fail"));
}

#[test]
fn fences() {
    let check = expects_micros(&ARM);
    check(
        "DMB; DMB ISH; DMB ST; DSB; DSB ISHST; ISB",
        expect![[r#"
        Fence { tags: DMB, ev: e0 }
        Fence { tags: DMB.ISH, ev: e0 }
        Fence { tags: DMB.ST, ev: e0 }
        Fence { tags: DSB, ev: e0 }
        Fence { tags: DSB.ISHST, ev: e0 }
        Fence { tags: ISB, ev: e0 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&ARM, "R0");
    check("MOV R0,#-5", 0xffff_fffb);
    check("MVN R0,#0", 0xffff_ffff);
    check("MOVW R0,#0xbeef; MOVT R0,#0xdead", 0xdead_beef);
    check("MOV R0,#-1; MOVT R0,#1", 0x1_ffff);
    check("LDR R0,=0x12345678", 0x1234_5678);
    check("MOV R1,#6; SUB R0,R1,#7", 0xffff_ffff);
    check("MOV R1,#6; RSB R0,R1,#7", 1);
    check("MOV R1,#6; MOV R2,#3; BIC R0,R1,R2", 4);
    check("MOV R1,#6; MOV R2,#3; ORN R0,R1,R2", 0xffff_fffe);
    check("MOV R1,#1; MOV R2,#3; ADD R0,R1,R2,LSL #4", 49);
    check("MOV R1,#1; MOV R2,#-16; ADD R0,R1,R2,ASR #2", 0xffff_fffd);
    check("MOV R1,#3; MOV R2,#33; LSL R0,R1,R2", 0);
    check("MOV R1,#3; ROR R0,R1,#1", 0x8000_0001);
    // Carries through two words.
    check("MOV R1,#-1; ADDS R2,R1,#1; MOV R3,#5; ADC R0,R3,#0", 6);
    check("MOV R1,#0; SUBS R2,R1,#1; MOV R3,#5; SBC R0,R3,#0", 4);
    check("MOV R1,#0; CMP R1,#1; MOV R3,#5; RSC R0,R3,#7", 1);
    check("MOV R1,#3; LSRS R2,R1,#1; MOV R0,#0; RRX R0,R0", 0x8000_0000);
    check("MOV R1,#3; MOVS R2,R1,LSL #31; ADC R0,R1,#0", 4);
    check("MOV R1,#-1; ASRS R2,R1,#4; ADC R0,R1,#1", 1);
    check("MOV R1,#1; MOV R3,#0; CMP R1,#0; LSLS R2,R1,R3; ADC R0,R1,#0", 2);
    check("MOV R1,#6; MOV R2,#7; MUL R0,R1,R2", 42);
    check("MOV R1,#6; MOV R2,#7; MOV R3,#1; MLA R0,R1,R2,R3", 43);
    check("MOV R1,#6; MOV R2,#7; MOV R3,#50; MLS R0,R1,R2,R3", 8);
    check("MOV R1,#-1; UMULL R2,R0,R1,R1", 0xffff_fffe);
    check("MOV R1,#-1; SMULL R0,R2,R1,R1", 1);
    check("MOV R1,#-1; SMULL R2,R0,R1,R1", 0);
    check("MOV R1,#-1; MOV R0,#1; MOV R2,#0; UMLAL R2,R0,R1,R1", 0xffff_ffff);
    check("MOV R1,#-7; MOV R2,#2; SDIV R0,R1,R2", 0xffff_fffd);
    check("MOV R1,#7; MOV R2,#0; UDIV R0,R1,R2", 0);
    check("MOV R1,#1; CLZ R0,R1", 31);
    check("MOV R1,#1; RBIT R0,R1", 0x8000_0000);
    check("LDR R1,=0x01020304; REV R0,R1", 0x0403_0201);
    check("LDR R1,=0x01020304; REV16 R0,R1", 0x0201_0403);
    check("LDR R1,=0x00000080; REVSH R0,R1", 0xffff_8000);
    check("LDR R1,=0x1ff; UXTB R0,R1", 0xff);
    check("LDR R1,=0x80ff; SXTH R0,R1", 0xffff_80ff);
    check("LDR R1,=0x8001; SXTB R0,R1,ROR #8", 0xffff_ff80);
    check("LDR R1,=0x8001; MOV R2,#1; SXTAH R0,R2,R1", 0xffff_8002);
    check("LDR R1,=0xabcd; UBFX R0,R1,#4,#8", 0xbc);
    check("LDR R1,=0xabcd; SBFX R0,R1,#4,#8", 0xffff_ffbc);
    check("LDR R0,=0xabcd; MOV R1,#5; BFI R0,R1,#4,#8", 0xa05d);
    check("LDR R0,=0xabcd; BFC R0,#4,#8", 0xa00d);
    check("LDR R1,=0xffff0001; LDR R2,=0x00010002; SADD16 R0,R1,R2", 0x0000_0003);
    check("LDR R1,=0x01020304; LDR R2,=0x01010105; USUB8 R0,R1,R2", 0x0001_02ff);
    // Each half is taken from the first where the sum is not negative.
    check(
        "LDR R1,=0x8000ffff; LDR R2,=0x1; SADD16 R3,R1,R2; LDR R4,=0x11112222; LDR R5,=0x33334444; SEL R0,R4,R5",
        0x3333_2222,
    );
    check(
        "LDR R1,=0x01020304; LDR R2,=0x01010105; USUB8 R3,R1,R2; LDR R4,=-1; MOV R5,#0; SEL R0,R4,R5",
        0xffff_ff00,
    );
    check("LDR R1,=0xff01; LDR R2,=0x0101; UADD8 R3,R1,R2; LDR R4,=-1; MOV R5,#0; SEL R0,R4,R5", 0xff00);
}

#[test]
fn conditions() {
    let check = expects_result(&ARM, "R0");
    let after = |a: i64, b: i64, condition: &str, expected: bool| {
        let program = format!("LDR R1,={a}; LDR R2,={b}; CMP R1,R2; MOV{condition} R0,#1");
        check(&program, i64::from(expected));
    };
    for (a, b) in [(1, 2), (2, 2), (3, 2), (-1, 2), (2, -1), (-0x8000_0000, 1)] {
        let (ua, ub) = (a as u32, b as u32);
        after(a, b, "EQ", a == b);
        after(a, b, "NE", a != b);
        after(a, b, "LO", ua < ub);
        after(a, b, "HS", ua >= ub);
        after(a, b, "HI", ua > ub);
        after(a, b, "LS", ua <= ub);
        after(a, b, "LT", a < b);
        after(a, b, "GE", a >= b);
        after(a, b, "GT", a > b);
        after(a, b, "LE", a <= b);
        after(a, b, "MI", (a.wrapping_sub(b) as i32) < 0);
    }
    check("MOV R1,#1; CMP R1,#1; ITE EQ; MOVEQ R0,#1; MOVNE R0,#2", 1);
    check("MOV R1,#1; TST R1,#2; MOVEQ R0,#1; MOVNE R0,#2", 1);
    check("MOV R1,#1; TEQ R1,#1; MOVEQ R0,#1", 1);
    check("MOV R1,#-1; CMN R1,#1; MOVEQ R0,#1", 1);
    check("LDR R1,=0x7fffffff; ADDS R2,R1,#1; MOVVS R0,#1", 1);
    check("MOV R1,#2; MOVS R1,R1; ADDNE R0,R1,#1", 3);
    check("LDR R1,=x; CMP R1,#0; MOVNE R0,#1", 1);
    check("LDR R1,=x; LDR R2,=x; CMP R1,R2; MOVEQ R0,#1", 1);
    check("LDR R1,=x; LDR R2,=y; TEQ R1,R2; MOVNE R0,#1", 1);
}

#[test]
fn addresses() {
    let value = |program: &str| run(&ARM, program, &["R0"])[0][0];
    let x = |offset: i64| match value("LDR R0,=x") {
        Value::Addr { symbol, .. } => Value::Addr { symbol, offset },
        other => other,
    };
    assert_eq!(value("MOVW R0,#:lower16:x+4; MOVT R0,#:upper16:x+4"), x(4));
    assert_eq!(value("LDR R1,=x; SUB R0,R1,#4"), x(-4));
    assert_eq!(value("LDR R1,=x; MOV R2,#-4; ADD R0,R1,R2"), x(-4));
    assert_eq!(value("LDR R1,=x+7; BIC R0,R1,#3"), x(4));
    assert_eq!(value("LDR R1,=x+7; AND R0,R1,#3"), Value::Int(3));
    let relative = "MOVW R0,:lower16:(x-(.P+8)); MOVT R0,:upper16:(x-(.P+8)); .P: ADD R0,PC,R0";
    assert_eq!(value(relative), x(0));
    // Words among the code, relative to the program counter or not.
    assert_eq!(value("LDR R0,.L1; BX LR; .L1: .word x+4"), x(4));
    assert_eq!(value("LDR R0,.L1+4; BX LR; .L1: .long 5; .long x"), x(0));
    assert_eq!(value("LDR R0,.L1; .P: ADD R0,PC,R0; BX LR; .L1: .long x-(.P+8)"), x(0));
    assert_eq!(value("LDR R0,.L1; BX LR; .L1: .word 7"), Value::Int(7));
    assert_eq!(value("LDR R0,.L1; BX LR; .L1: .word x-4"), x(-4));
}

#[test]
fn control_flow() {
    let check = expects_result(&ARM, "R0");
    check("MOV R0,#1; B L; MOV R0,#2; L: NOP", 1);
    check("MOV R1,#3; L: ADD R0,R0,#1; SUBS R1,R1,#1; BNE L", 3);
    check("MOV R1,#3; 1: ADD R0,R0,#1; SUBS R1,R1,#1; BNE 1b; CBZ R1,1f; MOV R0,#9; 1: NOP", 3);
    check("MOV R0,#1; CBZ R1,L; MOV R0,#2; L: NOP", 1);
    check("MOV R0,#1; CBNZ R1,L; MOV R0,#2; L: NOP", 2);
    check("MOV R0,#1; BX LR; MOV R0,#2", 1);
    check("MOV R0,#1; MOV PC,LR; MOV R0,#2", 1);
    check("MOV R0,#1; POP {R4,PC}; MOV R0,#2", 1);
    check("PUSH {R4,LR}; MOV R0,#1; POP {R4,LR}; ADD R0,R0,#1", 2);
    check("MOV R0,#1; CMP R0,#1; BXEQ LR; MOV R0,#2", 1);
    check("MOV R0,#1; CMP R0,#2; BXEQ LR; MOV R0,#2", 2);
    check("BL F; ADD R0,R0,#10; B E; F: ADD R0,R0,#1; BX LR; E: NOP", 11);
    check("MOV R1,#1; CMP R1,#1; BLEQ F; ADD R0,R0,#10; B E; F: ADD R0,R0,#1; BX LR; E: NOP", 11);
    check("ADR R1,F; BLX R1; ADD R0,R0,#10; B E; F: ADD R0,R0,#1; BX LR; E: NOP", 11);
    check("ADR R1,F; MOV LR,PC; MOV PC,R1; ADD R0,R0,#10; B E; F: ADD R0,R0,#1; BX LR; E: NOP", 11);
}

#[test]
fn a_store_exclusive_without_reservation_fails() {
    let ways = |program: &str| run(&ARM, program, &["R0"]);
    assert_eq!(ways("LDR R2,=x; STREX R0,R1,[R2]"), [[Value::ONE]]);
    assert_eq!(ways("LDR R2,=x; LDREX R3,[R2]; STREX R0,R1,[R2]"), [[Value::ZERO], [Value::ONE]]);
    assert_eq!(ways("LDR R2,=x; LDREX R3,[R2]; CLREX; STREX R0,R1,[R2]"), [[Value::ONE]]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&ARM, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        suffix in "(S)?(EQ|NE|LO|AL)?",
        operands in "(R[0-9]|SP|#?-?[0-9]{1,3}|L|x|\\{R1,R4-R6\\}|EQ|ISH)(,(R[0-9]|PC|#[0-9]{1,3}|LSL #[0-9]|L|=x|\\[R1\\]|\\[R1,#4\\]!|\\[R1\\],R2|\\[R1,-R2,ASR #3\\]|\\{R1,PC\\}|#:lower16:x)){0,3}",
    ) {
        if let Ok(text) = canonical(&ARM, &format!("{mnemonic}{suffix} {operands}")) {
            prop_assert_eq!(canonical(&ARM, &text), Ok(text));
        }
    }
}
