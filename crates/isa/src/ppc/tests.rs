//! Tests of the instruction set.

use super::Ppc;
use crate::testing::{assert_canonical, canonical, expects_error, expects_micros, expects_result, run};
use execution::Value;
use expect_test::expect;
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nop",
    "sync",
    "lwsync",
    "isync",
    "eieio",
    "li r1,1",
    "li r4,-1",
    "lis r0,1",
    "lis r9,x@ha",
    "add r1,r2,r3",
    "add. r1,r2,r3",
    "sub r1,r2,r3",
    "subf r1,r2,r3",
    "and r1,r2,r3",
    "or r1,r2,r3",
    "xor r4,r3,r3",
    "xor. r4,r3,r3",
    "andc r1,r2,r3",
    "orc r1,r2,r3",
    "nand r1,r2,r3",
    "nor r1,r2,r3",
    "eqv r1,r2,r3",
    "mullw r1,r2,r3",
    "mulld r1,r2,r3",
    "mulhw r1,r2,r3",
    "mulhwu r1,r2,r3",
    "mulhd r1,r2,r3",
    "mulhdu r1,r2,r3",
    "divw r1,r2,r3",
    "divwu r1,r2,r3",
    "divd r1,r2,r3",
    "divdu r1,r2,r3",
    "slw r1,r2,r3",
    "srw r1,r2,r3",
    "sraw r1,r2,r3",
    "sld r1,r2,r3",
    "srd r1,r2,r3",
    "srad r1,r2,r3",
    "mr r1,r2",
    "mr. r1,r2",
    "not r1,r2",
    "neg r1,r2",
    "extsb r1,r2",
    "extsh r1,r2",
    "extsw r0, r1",
    "cntlzw r1,r2",
    "cntlzd r1,r2",
    "cnttzd r1,r2",
    "addi r4,r4,1",
    "addis r0,r0,1",
    "addis r9,r2,x@toc@ha",
    "addi r9,r9,x+4@toc@l",
    "addi r2,r2,.TOC.-.LCF0@l",
    "subi r1,r2,1",
    "addic r1,r2,-1",
    "addic. r1,r2,-1",
    "subfic r1,r2,1",
    "ori r1,r2,1",
    "oris r1,r2,1",
    "xori r1,r2,1",
    "xoris r1,r2,1",
    "andi. r1,r2,1",
    "andis. r1,r2,1",
    "mulli r1,r2,3",
    "srawi r1,r2,31",
    "sradi r1,r2,63",
    "rlwinm r3,r4,5, 0,31",
    "rlwinm. r3,r4,5, 0,31",
    "rlwimi r3,r4,4, 30,31",
    "clrlwi r1,r2,24",
    "clrrwi r1,r2,2",
    "slwi r1,r2,2",
    "srwi r1,r2,5",
    "rotlwi r1,r2,8",
    "rldicl r1,r2,0,32",
    "rldicr r1,r2,3,60",
    "rldic r1,r2,3,29",
    "rldimi r1,r2,32,0",
    "clrldi r11,r31,32",
    "clrrdi r1,r2,4",
    "sldi r1,r2,3",
    "srdi r1,r2,3",
    "rotldi r1,r2,3",
    "cmpw r1,r1",
    "cmpw cr7,r1,r2",
    "cmpd r1,r2",
    "cmplw r1,r2",
    "cmpld r1,r2",
    "cmpwi r1,0",
    "cmpwi cr1,r1,-1",
    "cmpdi r1,0",
    "cmplwi r0,2",
    "cmpldi r1,0",
    "lwz r3,0(r2)",
    "lwz r3,-4(r2)",
    "lwz r9,x@toc@l(r9)",
    "lwzx r4,r3,r5",
    "lwzu r3,4(r2)",
    "lwzux r3,r2,r4",
    "ld r3,8(r2)",
    "ldx r3,r2,r4",
    "ldu r3,8(r2)",
    "ldux r3,r2,r4",
    "lbz r3,0(r2)",
    "lbzx r3,r2,r4",
    "lhz r3,0(r2)",
    "lhzx r3,r2,r4",
    "lha r3,0(r2)",
    "lhax r3,r2,r4",
    "lwa r0,0(r1)",
    "lwax r2,r0,r1",
    "stw r1,0(r2)",
    "stwx r4,r3,r5",
    "stwu r1,4(r2)",
    "stwux r1,r2,r3",
    "std r1,0(r2)",
    "stdx r1,r2,r3",
    "stdu r1,8(r2)",
    "stb r1,0(r2)",
    "stbx r1,r2,r3",
    "sth r1,0(r2)",
    "sthx r1,r2,r3",
    "lmw r30,0(r1)",
    "stmw r30,0(r1)",
    "lwarx r1,r0,r2",
    "ldarx r1,r0,r2",
    "lbarx r1,r0,r2",
    "lqarx r2,r0,r4",
    "stqcx. r2,r0,r4",
    "lq r2,16(r4)",
    "plwz r3,x@PCREL(r0)",
    "pld r3,x@got@pcrel(r0)",
    "paddi r3,r0,x+4@PCREL",
    "mcrf cr7,cr0",
    "setbc r3,30",
    "lharx r1,r0,r2",
    "stwcx. r1,r0,r2",
    "stdcx. r1,r0,r2",
    "stbcx. r1,r0,r2",
    "sthcx. r1,r0,r2",
    "b L",
    "bl L",
    "beq  L",
    "bne  L",
    "blt  L",
    "bge  L",
    "bgt  L",
    "ble  L",
    "beq  cr7,L",
    "bne  .+4",
    "beqlr",
    "bnelr cr1",
    "bdnz L",
    "bdz L",
    "blr",
    "bctr",
    "bctrl",
    "mtlr r1",
    "mflr r1",
    "mtctr r1",
    "mfctr r1",
    "mfcr r1",
    "mtcrf 128,r1",
    "isel r1,r2,r3,6",
    "iseleq r1,r2,r3",
    "iselgt r1,r0,r3",
    "dcbf r0,r1",
    "icbi r0,r1",
    "trap",
    "stw r3,0(%a)",
];

/// Other ways to write instructions.
const OTHERS: &[(&str, &str)] = &[
    ("hwsync", "sync"),
    ("sync 0", "sync"),
    ("sync 1", "lwsync"),
    ("beq L", "beq  L"),
    ("bne- L", "bne  L"),
    ("bne- 7,.+4", "bne  cr7,.+4"),
    ("bne- 0,$+4", "bne  .+4"),
    ("beq+ cr0,L", "beq  L"),
    ("bne 0,.L2", "bne  .L2"),
    ("cmpw 0,9,9", "cmpw r9,r9"),
    ("cmpd 7,3,3", "cmpd cr7,r3,r3"),
    ("cmpwi 0,3,1", "cmpwi r3,1"),
    ("cmpwi 3,1", "cmpwi r3,1"),
    ("cmpw cr0,r1,r2", "cmpw r1,r2"),
    ("plwz 3, x@PCREL(0), 1", "plwz r3,x@PCREL(r0)"),
    ("setnbcr 3,4*cr1+gt", "setnbcr r3,5"),
    ("lwz 9,x@toc@l(9)", "lwz r9,x@toc@l(r9)"),
    ("la 9,x@toc@l(9)", "addi r9,r9,x@toc@l"),
    ("addis 2,12,.TOC.-.LCF0@ha", "addis r2,r12,.TOC.-.LCF0@ha"),
    ("lwarx 10,0,9", "lwarx r10,r0,r9"),
    ("lwarx r10,0,r9,1", "lwarx r10,r0,r9"),
    ("lwz %r3,0(%r4)", "lwz r3,0(r4)"),
    ("isel r1,r2,r3,4*cr1+eq", "isel r1,r2,r3,6"),
    ("isel r1,r2,r3,eq", "isel r1,r2,r3,2"),
    ("rlwinm 9,9,0,0xff", "rlwinm r9,r9,0, 24,31"),
    ("rlwinm r9,r9,8,0xf000000f", "rlwinm r9,r9,8, 28,3"),
    ("mfocrf r3,128", "mfcr r3"),
    ("lwz r1, 0 (r2)", "lwz r1,0(r2)"),
    ("lwz r1,(r2)", "lwz r1,0(r2)"),
    ("li r1,0xff", "li r1,255"),
    ("extsw r0,r1", "extsw r0, r1"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&Ppc, CANONICAL, OTHERS);
}

#[test]
fn errors_say_where_and_what() {
    let check = expects_error(&Ppc);
    check(
        "lwzz r1,0(r2)",
        expect!["isa::unknown-instruction at `lwzz`: unknown instruction `lwzz` (did you mean `lwz`?)"],
    );
    check(
        "stwcx r1,r0,r2",
        expect!["isa::unknown-instruction at `stwcx`: unknown instruction `stwcx` (did you mean `stwcx.`?)"],
    );
    check(
        "andi r1,r2,1",
        expect!["isa::unknown-instruction at `andi`: unknown instruction `andi` (did you mean `andi.`?)"],
    );
    check(
        "lwz r32,0(r1)",
        expect!["isa::bad-operand at `r32`: expected a register, found `r32` (registers are r0…r31)"],
    );
    check(
        "lwz r1,99999(r2)",
        expect!["isa::bad-operand at `99999`: `99999` is not between -32768 and 32767"],
    );
    check("lwz r1", expect!["isa::bad-operand at ``: expected `,` at the end of the instruction"]);
    check(
        "lwz r1,x(r2)",
        expect![
            "isa::bad-operand at `x`: not a part of an address that we know (supported are @ha @l @toc@ha @toc@l)"
        ],
    );
    check("lwz r1,0(%c)", expect!["isa::unknown-register at `%c`: no register is left for `%c`"]);
    check("ori r1,r2,-1", expect!["isa::bad-operand at `-1`: `-1` is not between 0 and 65535"]);
    check(
        "cmpw r9,r1,r2",
        expect![
            "isa::bad-operand at `r9`: expected a field of the condition register, cr0 to cr7, found `r9`"
        ],
    );
    check(
        "isel r1,r2,r3,32",
        expect!["isa::bad-operand at `32`: not a bit of the condition register, such as `4*cr1+eq`"],
    );
    check("rlwinm r1,r2,0,5", expect!["isa::bad-operand at `5`: a mask must be one run of bits"]);
    check("sync 2", expect!["isa::bad-operand at `2`: `2` is not between 0 and 1"]);
    check(
        "bne .+6",
        expect!["isa::bad-operand at `.+6`: instructions are 4 bytes long, so branches go multiples of 4"],
    );
}

#[test]
fn accesses() {
    let check = expects_micros(&Ppc);
    check(
        "lwzx r4,r3,r5",
        expect![[r#"
        ReadReg { dst: t0, reg: r3, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r5, port: Addr, ev: e1 }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 32, tags: Tags(0), ev: e2 }
        WriteReg { src: t3, reg: r4, ev: e3 }
    "#]],
    );
    check(
        "lwax r4,r0,r5",
        expect![[r#"
        Const { dst: t0, value: Int(0) }
        ReadReg { dst: t1, reg: r5, port: Addr, ev: e0 }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 32, tags: Tags(0), ev: e1 }
        Unary { dst: t4, op: SignExtend, width: 32, a: t3 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: r4, ev: e2 }
    "#]],
    );
    check(
        "stwu r1,4(r2)",
        expect![[r#"
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        ReadReg { dst: t3, reg: r1, port: Data, ev: e1 }
        Store { addr: t2, value: t3, width: 32, tags: Tags(0), ev: e2 }
        WriteReg { src: t2, reg: r2, ev: e3 }
    "#]],
    );
    check(
        "sync; lwsync; eieio; isync",
        expect![[r#"
        Fence { tags: SYNC, ev: e0 }
        Fence { tags: LWSYNC, ev: e0 }
        Fence { tags: EIEIO, ev: e0 }
        Fence { tags: ISYNC, ev: e0 }
    "#]],
    );
}

#[test]
fn reservations() {
    let check = expects_micros(&Ppc);
    check(
        "lwarx r1,r0,r2",
        expect![[r#"
        Const { dst: t0, value: Int(0) }
        ReadReg { dst: t1, reg: r2, port: Addr, ev: e0 }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 32, tags: Tags(3), ev: e1 }
        WriteReg { src: t3, reg: r1, ev: e2 }
        Detach { dst: t4, src: t2 }
        WriteReg { src: t4, reg: reservation, ev: e3 }
    "#]],
    );
    check(
        "stwcx. r1,r0,r2",
        expect![[r#"
        ReadReg { dst: t0, reg: reservation, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Const { dst: t2, value: Int(0) }
        ReadReg { dst: t3, reg: r2, port: Addr, ev: e1 }
        Binary { dst: t4, op: Add, width: 64, a: t2, b: t3 }
        way
          Binary { dst: t5, op: Eq, width: 64, a: t0, b: t4 }
          Assume { cond: t5, is: true }
          ReadReg { dst: t6, reg: r1, port: Data, ev: e2 }
          Store { addr: t4, value: t6, width: 32, tags: Tags(3), ev: e3 }
          WriteReg { src: t1, reg: reservation, ev: e4 }
          Const { dst: t7, value: Int(2) }
          WriteReg { src: t7, reg: cr0, ev: e5 }
        way
          WriteReg { src: t1, reg: reservation, ev: e6 }
          WriteReg { src: t1, reg: cr0, ev: e7 }
    "#]],
    );
}

#[test]
fn comparisons_and_branches() {
    let check = expects_micros(&Ppc);
    check(
        "cmpwi cr1,r3,0; bne cr1,L; L:",
        expect![[r#"
        ReadReg { dst: t0, reg: r3, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Binary { dst: t2, op: Eq, width: 32, a: t0, b: t1 }
        Binary { dst: t3, op: LtSigned, width: 32, a: t0, b: t1 }
        Const { dst: t4, value: Int(8) }
        Const { dst: t5, value: Int(4) }
        Const { dst: t6, value: Int(2) }
        IfThenElse { dst: t7, cond: t3, then: t4, otherwise: t5 }
        IfThenElse { dst: t8, cond: t2, then: t6, otherwise: t7 }
        WriteReg { src: t8, reg: cr1, ev: e1 }
        ReadReg { dst: t0, reg: cr1, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(2) }
        Binary { dst: t2, op: And, width: 4, a: t0, b: t1 }
        Unary { dst: t3, op: IsZero, width: 4, a: t2 }
        Branch { cond: t3, target: LabelId(0), ev: e1 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&Ppc, "r3");
    check("li r3,-1", -1);
    check("lis r3,1", 0x1_0000);
    check("lis r3,-32768", -0x8000_0000);
    check("lis r3,0x8000", -0x8000_0000);
    check("li r0,5; addi r3,r0,1", 1);
    check("li r0,5; li r4,0; add r3,r0,r4", 5);
    check("li r4,5; addis r3,r4,1", 0x1_0005);
    check("li r4,5; subi r3,r4,7", -2);
    check("li r4,5; subfic r3,r4,7", 2);
    check("li r4,5; li r5,7; sub r3,r4,r5", -2);
    check("li r4,5; li r5,7; subf r3,r4,r5", 2);
    check("li r4,6; li r5,3; andc r3,r4,r5", 4);
    check("li r4,6; li r5,3; orc r3,r4,r5", -2);
    check("li r4,6; li r5,3; nand r3,r4,r5", -3);
    check("li r4,6; li r5,3; nor r3,r4,r5", -8);
    check("li r4,6; li r5,3; eqv r3,r4,r5", -6);
    check("li r4,-3; li r5,5; mullw r3,r4,r5", -15);
    check("lis r4,1; lis r5,1; mullw r3,r4,r5", 1 << 32);
    check("lis r4,1; lis r5,1; mulhwu r3,r4,r5", 1);
    check("li r4,-7; li r5,2; divw r3,r4,r5", -3);
    check("li r4,1; li r5,32; slw r3,r4,r5", 0);
    check("li r4,1; li r5,64; slw r3,r4,r5", 1);
    check("li r4,-1; li r5,1; srw r3,r4,r5", 0x7fff_ffff);
    check("li r4,-2; li r5,40; sraw r3,r4,r5", -1);
    check("li r4,1; li r5,33; sld r3,r4,r5", 1 << 33);
    check("li r4,-8; sradi r3,r4,1", -4);
    check("li r4,255; extsb r3,r4", -1);
    check("li r4,-1; clrldi r3,r4,32", 0xffff_ffff);
    check("li r4,1; cntlzw r3,r4", 31);
    check("li r4,8; cnttzw r3,r4", 3);
    check("li r4,3; ori r3,r4,0xffff", 0xffff);
    check("li r4,3; xoris r3,r4,1", 0x1_0003);
    check("li r4,7; mulli r3,r4,-3", -21);
    check("li r4,-1; rlwinm r3,r4,4,30,31", 3);
    check("li r4,-1; rlwinm r3,r4,16,0,15", 0xffff_0000);
    check("li r4,1; rlwinm r3,r4,0,31,0", 0x1_0000_0001);
    check("li r4,1; slwi r3,r4,31", 0x8000_0000);
    check("li r4,-1; srwi r3,r4,28", 15);
    check("li r4,0xabc; clrlwi r3,r4,24", 0xbc);
    check("li r4,0xabc; clrrwi r3,r4,4", 0xab0);
    check("lis r4,0x1234; rotlwi r3,r4,8", 0x3400_0012);
    check("li r4,5; sldi r3,r4,4", 80);
    check("li r4,80; srdi r3,r4,4", 5);
    check("li r4,-1; rldicl r3,r4,8,56", 255);
    check("li r4,1; rldicr r3,r4,4,59", 16);
    check("li r4,1; li r3,1; rldimi r3,r4,32,0", 0x1_0000_0001);
    check("li r3,-1; li r4,0; rlwimi r3,r4,0,24,31", -256);
}

#[test]
fn conditions() {
    let check = expects_result(&Ppc, "r3");
    check("li r4,-1; cmpwi r4,1; mfcr r3", 0x8000_0000);
    check("li r4,-1; cmplwi r4,1; mfcr r3", 0x4000_0000);
    check("li r4,1; cmpdi cr7,r4,1; mfcr r3", 2);
    check("li r4,5; addic. r4,r4,-5; mfcr r3", 0x2000_0000);
    check("li r4,2; mtcrf 1,r4; beq cr7,L; li r3,1; L: nop", 0);
    check("li r4,1; li r5,2; cmpw r4,r5; isellt r3,r4,r5", 1);
    check("li r4,1; li r5,2; cmpw cr1,r4,r5; isel r3,r4,r5,4*cr1+gt", 2);
    check("li r4,1; cmpwi r4,1; iseleq r3,r0,r4", 0);
}

#[test]
fn addresses() {
    let value = |program: &str| run(&Ppc, program, &["r3"])[0][0];
    let Value::Addr { symbol, .. } = value("lis r3,x@ha") else { panic!("no address") };
    let x = |offset: i64| Value::Addr { symbol, offset };
    assert_eq!(value("lis r9,x@ha; addi r3,r9,x@l"), x(0));
    assert_eq!(
        value("addis r2,r12,.TOC.-f@ha; addi r2,r2,.TOC.-f@l; addis r9,r2,x+4@toc@ha; addi r3,r9,x+4@toc@l"),
        x(4)
    );
}

#[test]
fn control_flow() {
    let check = expects_result(&Ppc, "r3");
    check("li r4,1; cmpw r4,r4; beq L; li r3,1; L: nop", 0);
    check("li r4,1; cmpwi 7,r4,0; bne- 7,.+8; li r3,1", 0);
    check("li r4,3; mtctr r4; L: addi r3,r3,2; bdnz L", 6);
    check("li r3,1; blr; li r3,2", 1);
    check("bl F; addi r3,r3,10; b E; F: addi r3,r3,1; blr; E: nop", 11);
    check("li r3,1; cmpwi r3,1; beqlr; li r3,2", 1);
    check("li r3,1; cmpwi r3,1; bnelr; li r3,2", 2);
}

#[test]
fn a_store_conditional_without_reservation_fails() {
    let code = |rest: &str| format!("lis r2,x@ha; {rest}; mfcr r3");
    let ways = |rest: &str| run(&Ppc, &code(rest), &["r3"]).concat();
    let (success, failure) = (Value::Int(0x2000_0000), Value::ZERO);
    assert_eq!(ways("stwcx. r1,r0,r2"), [failure]);
    assert_eq!(ways("lwarx r1,r0,r2; stwcx. r1,r0,r2"), [success, failure]);
    assert_eq!(ways("lis r4,y@ha; lwarx r1,r0,r2; stwcx. r1,r0,r4"), [failure]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&Ppc, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        suffix in "\\.?",
        operands in "(r[0-9]|cr[0-7]|-?[0-9]{1,3}|L|x@ha|[0-9]\\(r1\\))(,(r[0-9]|[0-9]{1,2}|L|x@toc@ha|0\\(r1\\)|\\(2\\))){0,4}",
    ) {
        if let Ok(text) = canonical(&Ppc, &format!("{mnemonic}{suffix} {operands}")) {
            prop_assert_eq!(canonical(&Ppc, &text), Ok(text));
        }
    }
}
