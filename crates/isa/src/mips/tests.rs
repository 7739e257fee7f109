//! Tests of the instruction set.

use super::Mips;
use crate::testing::{
    assert_canonical, canonical, expects_error, expects_micros, expects_result, result, run,
};
use execution::Value;
use expect_test::expect;
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nop",
    "ssnop",
    ".set noreorder",
    ".set nomacro",
    "pref 0,0($4)",
    "synci 0($4)",
    "li $2,1",
    "li $2,-1",
    "dli $2,81985529216486895",
    "la $2,x",
    "dla $2,x+4",
    "lui $4,1",
    "lui $4,%hi(x)",
    "lui $4,%highest(x)",
    "lui $1,%hi(%neg(%gp_rel(P0)))",
    "daddiu $1,$1,%lo(%neg(%gp_rel(P0)))",
    "daddiu $4,$4,%higher(x)",
    "daddiu $4,$4,%lo(x+4)",
    "addu $2,$3,$4",
    "add $2,$3,$4",
    "subu $2,$3,$4",
    "daddu $2,$3,$4",
    "dsubu $2,$3,$4",
    "and $2,$3,$4",
    "or $2,$3,$4",
    "xor $2,$3,$4",
    "nor $2,$3,$4",
    "slt $2,$3,$4",
    "sltu $2,$3,$4",
    "mul $2,$3,$4",
    "seleqz $2,$3,$4",
    "sllv $2,$3,$4",
    "dsrav $2,$3,$4",
    "addiu $2,$3,-1",
    "daddiu $2,$3,2",
    "slti $2,$3,1",
    "sltiu $2,$3,1",
    "andi $2,$3,255",
    "ori $2,$0,1",
    "xori $2,$3,1",
    "sll $2,$3,2",
    "sra $2,$3,2",
    "dsll $4,$5,1",
    "dsll32 $4,$5,0",
    "dsrl $4,$5,32",
    "rotr $4,$5,8",
    "move $2,$3",
    "not $2,$3",
    "negu $2,$3",
    "seb $2,$3",
    "seh $2,$3",
    "wsbh $2,$3",
    "clz $2,$3",
    "dclo $2,$3",
    "movn $2,$3,$4",
    "movz $2,$3,$4",
    "dext $2,$3,4,8",
    "ins $2,$3,8,8",
    "mult $2,$3",
    "dmultu $2,$3",
    "muh $2,$3,$4",
    "dmodu $2,$3,$4",
    "div $0,$2,$3",
    "div $2,$3,$4",
    "mflo $2",
    "mfhi $2",
    "mtlo $2",
    "lb $2,0($3)",
    "lbu $2,0($3)",
    "lh $2,0($3)",
    "lhu $2,0($3)",
    "lw $2,-4($3)",
    "lwu $2,0($3)",
    "ld $2,8($3)",
    "ld $2,%got_disp(x)($28)",
    "lw $2,%lo(x)($2)",
    "lw $2,x+4",
    "sb $2,0($3)",
    "sh $2,0($3)",
    "sw $2,0($3)",
    "sd $2,0($3)",
    "sw $2,x",
    "ll $2,0($3)",
    "lld $2,0($3)",
    "sc $2,0($3)",
    "scd $2,8($3)",
    "sync",
    "sync_wmb",
    "sync_mb",
    "sync_acquire",
    "sync_release",
    "sync_rmb",
    "b L",
    "bal L",
    "j L",
    "jal L",
    "bc L",
    "beq $2,$3,L",
    "bne $2,$0,L",
    "beql $2,$3,L",
    "bnec $2,$3,L",
    "bltu $2,$3,L",
    "beqz $2,L",
    "bnez $2,L",
    "blez $2,L",
    "bgtz $2,L",
    "bltz $2,L",
    "bgez $2,L",
    "bgezal $0,L",
    "beqzc $2,L",
    "jr $31",
    "jalr $25",
    "jalr $2,$25",
    "teq $4,$0,7",
    "syscall",
    "break 7",
    "lw $2,0(%a)",
    "addu %a,%b,%a",
];

/// Other ways to write instructions.
const OTHERS: &[(&str, &str)] = &[
    ("MOVE $v0 , $v1", "move $2,$3"),
    ("move v0, v1", "move $2,$3"),
    ("lw a0,($sp)", "lw $4,0($29)"),
    ("lw $s8,0($fp)", "lw $30,0($30)"),
    ("addu $2,$3,4", "addiu $2,$3,4"),
    ("addu $2,4", "addiu $2,$2,4"),
    ("addu $2,$3", "addu $2,$2,$3"),
    ("and $2,$3,0xff", "andi $2,$3,255"),
    ("sll $2,$3,$4", "sllv $2,$3,$4"),
    ("sll $2,3", "sll $2,$2,3"),
    ("not $2", "not $2,$2"),
    ("div $2,$3", "div $0,$2,$3"),
    ("jalr $31,$25", "jalr $25"),
    ("jal $25", "jalr $25"),
    ("j $31", "jr $31"),
    ("sync 0", "sync"),
    ("sync 0x10", "sync_mb"),
    ("sync 4", "sync_wmb"),
    ("addiu $sp,$sp,-16", "addiu $29,$29,-16"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&Mips, CANONICAL, OTHERS);
}

#[test]
fn errors_say_where_and_what() {
    let check = expects_error(&Mips);
    check(
        "lww $2,0($3)",
        expect!["isa::unknown-instruction at `lww`: unknown instruction `lww` (did you mean `lw`?)"],
    );
    check(
        "lw $32,0($3)",
        expect![
            "isa::bad-operand at `$32`: expected a register, found `$32` (registers are $0…$31, or zero at v0 v1 a0…a7 t0…t9 s0…s8 k0 k1 gp sp fp ra)"
        ],
    );
    check("lw $2", expect!["isa::bad-operand at ``: expected `,` at the end of the instruction"]);
    check(
        "lw $2,%tprel(x)($3)",
        expect![
            "isa::bad-operand at `%tprel`: relocation `%tprel` is not supported (supported are %hi %lo %highest %higher %got_disp %got_page %got_ofst %got %gp_rel)"
        ],
    );
    check(
        "dsubu $2,$3,4",
        expect![
            "isa::bad-operand at `4`: expected a register, found `4` (registers are $0…$31, or zero at v0 v1 a0…a7 t0…t9 s0…s8 k0 k1 gp sp fp ra)"
        ],
    );
    check(
        "sync 5",
        expect![
            "isa::bad-operand at `5`: `5` is no kind of `sync` (kinds are 0, 4 (wmb), 16 (mb), 17 (acquire), 18 (release), 19 (rmb))"
        ],
    );
    check(
        "addiu $2,$3,70000",
        expect!["isa::bad-operand at `70000`: `70000` is not between -32768 and 65535"],
    );
    check("dext $2,$3,60,8", expect!["isa::bad-operand at `8`: `8` is not between 1 and 4"]);
    check("lw $2,0(%c)", expect!["isa::unknown-register at `%c`: no register is left for `%c`"]);
    check("lui $1,%hi(%neg(x))", expect!["isa::bad-operand at ``: expected `%gp_rel(`"]);
    check(
        ".set noreorder; b L; b L; L: nop",
        expect![
            "isa::bad-delay-slot at `b L`: a branch in the delay slot of another (this is a delay slot because of `.set noreorder`)"
        ],
    );
    check(
        ".set noreorder; nop; jr $31",
        expect![
            "isa::bad-delay-slot at `jr $31`: the code ends where the delay slot of this branch should be"
        ],
    );
}

#[test]
fn accesses() {
    let check = expects_micros(&Mips);
    check(
        "lw $2,4($3)",
        expect![[r#"
        ReadReg { dst: t0, reg: $3, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 32, tags: Tags(0), ev: e1 }
        Unary { dst: t4, op: SignExtend, width: 32, a: t3 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: $2, ev: e2 }
    "#]],
    );
    check(
        "lbu $0,0($3)",
        expect![[r#"
        ReadReg { dst: t0, reg: $3, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 8, tags: Tags(0), ev: e1 }
    "#]],
    );
    check(
        "sw $0,0($3)",
        expect![[r#"
        ReadReg { dst: t0, reg: $3, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Store { addr: t0, value: t1, width: 32, tags: Tags(0), ev: e1 }
    "#]],
    );
    check(
        "ll $2,0($3)",
        expect![[r#"
        ReadReg { dst: t0, reg: $3, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: Tags(3), ev: e1 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        WriteReg { src: t3, reg: $2, ev: e2 }
        Detach { dst: t4, src: t0 }
        WriteReg { src: t4, reg: $res, ev: e3 }
    "#]],
    );
    check(
        "sc $2,0($3)",
        expect![[r#"
        ReadReg { dst: t0, reg: $res, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        way
          ReadReg { dst: t2, reg: $3, port: Addr, ev: e1 }
          ReadReg { dst: t3, reg: $2, port: Data, ev: e2 }
          Binary { dst: t4, op: Eq, width: 64, a: t0, b: t2 }
          Assume { cond: t4, is: true }
          Store { addr: t2, value: t3, width: 32, tags: Tags(3), ev: e3 }
          WriteReg { src: t1, reg: $res, ev: e4 }
          Const { dst: t5, value: Int(1) }
          WriteReg { src: t5, reg: $2, ev: e5 }
        way
          WriteReg { src: t1, reg: $res, ev: e6 }
          WriteReg { src: t1, reg: $2, ev: e7 }
    "#]],
    );
}

#[test]
fn fences_and_branches() {
    let check = expects_micros(&Mips);
    check(
        "sync; sync_wmb; sync_acquire",
        expect![[r#"
        Fence { tags: SYNC, ev: e0 }
        Fence { tags: SYNC.WMB, ev: e0 }
        Fence { tags: SYNC.ACQUIRE, ev: e0 }
    "#]],
    );
    check(
        "bne $2,$3,L; L:",
        expect![[r#"
        ReadReg { dst: t0, reg: $2, port: Plain, ev: e0 }
        ReadReg { dst: t1, reg: $3, port: Plain, ev: e1 }
        Binary { dst: t2, op: Ne, width: 64, a: t0, b: t1 }
        Branch { cond: t2, target: LabelId(0), ev: e2 }
    "#]],
    );
    check(
        ".set noreorder; bnez $2,L; sw $3,0($4); L:",
        expect![[r#"
        ReadReg { dst: t0, reg: $2, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Binary { dst: t2, op: Ne, width: 64, a: t0, b: t1 }
        WriteReg { src: t2, reg: $taken, ev: e1 }
        ReadReg { dst: t0, reg: $4, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: $3, port: Data, ev: e1 }
        Store { addr: t0, value: t1, width: 32, tags: Tags(0), ev: e2 }
        ReadReg { dst: t2, reg: $taken, port: Plain, ev: e3 }
        Const { dst: t3, value: Int(0) }
        WriteReg { src: t3, reg: $taken, ev: e4 }
        Branch { cond: t2, target: LabelId(0), ev: e5 }
    "#]],
    );
    check(
        ".set noreorder; jr $31; nop",
        expect![[r#"
        ReadReg { dst: t0, reg: $31, port: Plain, ev: e0 }
        WriteReg { src: t0, reg: $target, ev: e1 }
        Const { dst: t1, value: Int(1) }
        WriteReg { src: t1, reg: $taken, ev: e2 }
        ReadReg { dst: t0, reg: $taken, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        WriteReg { src: t1, reg: $taken, ev: e1 }
        ReadReg { dst: t2, reg: $target, port: Plain, ev: e2 }
        way
          Assume { cond: t0, is: true }
          Const { dst: t3, value: Int(0) }
          Binary { dst: t4, op: Ne, width: 64, a: t2, b: t3 }
          way
            Assume { cond: t4, is: true }
            Commit { target: t2, ev: e3 }
            JumpTo { target: t2 }
          way
            Assume { cond: t4, is: false }
            Halt
        way
          Assume { cond: t0, is: false }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&Mips, "v0");
    check("li $2,-5", -5);
    check("lui $2,1", 0x10000);
    check("lui $2,0x8000", -0x8000_0000);
    check("ori $2,$0,0xffff", 0xffff);
    check("li $3,0x7fffffff; addiu $2,$3,1", -0x8000_0000);
    check("li $3,0x7fffffff; daddiu $2,$3,1", 0x8000_0000);
    check("li $3,1; subu $2,$0,$3", -1);
    check("li $3,6; li $4,3; nor $2,$3,$4", -8);
    check("li $3,-1; li $4,1; slt $2,$3,$4", 1);
    check("li $3,-1; li $4,1; sltu $2,$3,$4", 0);
    check("li $3,3; sltiu $2,$3,-1", 1);
    check("li $3,1; sll $2,$3,31", -0x8000_0000);
    check("li $3,1; dsll $2,$3,31", 0x8000_0000);
    check("li $3,1; dsll32 $2,$3,1", 1 << 33);
    check("li $3,-1; srl $2,$3,28", 15);
    check("li $3,-16; sra $2,$3,2", -4);
    check("li $3,-1; dsrl32 $2,$3,28", 15);
    check("li $3,1; li $4,33; sllv $2,$3,$4", 2);
    check("li $3,1; rotr $2,$3,1", -0x8000_0000);
    check("li $3,5; not $2,$3", -6);
    check("li $3,5; negu $2,$3", -5);
    check("li $3,0xff; seb $2,$3", -1);
    check("li $3,0x8000; seh $2,$3", -0x8000);
    check("li $3,0x01020304; wsbh $2,$3", 0x0201_0403);
    check("li $3,1; clz $2,$3", 31);
    check("li $3,-1; dclo $2,$3", 64);
    check("li $2,1; li $3,7; li $4,0; movz $2,$3,$4", 7);
    check("li $2,1; li $3,7; li $4,0; movn $2,$3,$4", 1);
    check("li $3,7; li $4,0; seleqz $2,$3,$4", 7);
    check("li $3,7; li $4,0; selnez $2,$3,$4", 0);
    check("li $3,0xabcd; dext $2,$3,4,8", 0xbc);
    check("li $2,0xabcd; li $3,5; ins $2,$3,4,8", 0xa05d);
    check("li $3,6; li $4,7; mul $2,$3,$4", 42);
    check("li $3,-1; li $4,2; mult $3,$4; mfhi $2", -1);
    check("li $3,-1; li $4,2; mult $3,$4; mflo $2", -2);
    check("li $3,-1; li $4,2; multu $3,$4; mfhi $2", 1);
    check("li $3,-1; dmultu $3,$3; mfhi $2", -2);
    check("li $3,-7; li $4,2; div $0,$3,$4; mflo $2", -3);
    check("li $3,-7; li $4,2; div $0,$3,$4; mfhi $2", -1);
    check("li $3,-7; li $4,2; teq $4,$0,7; div $2,$3,$4", -3);
    check("li $3,5; mtlo $3; mflo $2", 5);
    check("li $0,7; move $2,$0", 0);
}

#[test]
fn addresses() {
    let value = |program: &str| run(&Mips, program, &["v0"])[0][0];
    let x = |offset: i64| match value("dla $2,x") {
        Value::Addr { symbol, .. } => Value::Addr { symbol, offset },
        other => other,
    };
    assert_eq!(value("lui $3,%hi(x+4); addiu $2,$3,%lo(x+4)"), x(4));
    let halves = "lui $2,%highest(x+4); lui $1,%hi(x+4); daddiu $2,$2,%higher(x+4); dsll $2,$2,32; \
                  daddu $2,$2,$1; daddiu $2,$2,%lo(x+4)";
    assert_eq!(value(halves), x(4));
    let quarters = "lui $2,%highest(x+4); daddiu $2,$2,%higher(x+4); dsll $2,$2,16; daddiu $2,$2,%hi(x+4); \
                    dsll $2,$2,16; daddiu $2,$2,%lo(x+4)";
    assert_eq!(value(quarters), x(4));
    let table = "lui $1,%hi(%neg(%gp_rel(P0))); daddu $1,$1,$25; daddiu $1,$1,%lo(%neg(%gp_rel(P0))); \
                 ld $2,%got_disp(x)($1)";
    assert_eq!(value(table), x(0));
    assert_eq!(value("ld $1,%got_page(x+4)($28); daddiu $2,$1,%got_ofst(x+4)"), x(4));
    assert_eq!(value("dla $3,x; li $4,-4; daddu $2,$3,$4"), x(-4));
    assert_eq!(value("dla $3,x+7; li $4,-4; and $2,$3,$4"), x(4));
    assert_eq!(value("dla $3,x+7; andi $2,$3,3"), Value::Int(3));
}

#[test]
fn control_flow() {
    let check = expects_result(&Mips, "v0");
    check("li $2,1; b L; li $2,2; L: nop", 1);
    check("li $3,3; L: addiu $2,$2,1; addiu $3,$3,-1; bnez $3,L", 3);
    check("li $3,3; 1: addiu $2,$2,1; addiu $3,$3,-1; bnez $3,1b; nop", 3);
    check("li $2,1; beqz $0,1f; li $2,2; 1: nop", 1);
    check("li $2,1; jr $31; li $2,2", 1);
    check("jal F; addiu $2,$2,10; b E; F: addiu $2,$2,1; jr $31; E: nop", 11);
    check("li $3,1; bgtu $3,$0,L; li $2,1; L: nop", 0);
}

#[test]
fn delay_slots() {
    let check = |program: &str, expected: i64| {
        let program = format!(".set noreorder; {program}");
        assert_eq!(result(&Mips, &program, "v0"), expected, "{program}");
    };
    check("b L; addiu $2,$2,1; addiu $2,$2,10; L: nop", 1);
    check("beqz $0,L; addiu $2,$2,1; addiu $2,$2,10; L: nop", 1);
    check("bnez $0,L; addiu $2,$2,1; addiu $2,$2,10; L: nop", 11);
    // The branch decides before the delay slot is executed.
    check("li $3,1; bnez $3,L; li $3,0; li $2,5; L: addu $2,$2,$3", 0);
    check("jr $31; li $2,1; li $2,2", 1);
    check("jal F; addiu $2,$2,1; addiu $2,$2,10; b E; nop; F: jr $31; addiu $2,$2,100; E: nop", 111);
    check("beqzl $0,L; addiu $2,$2,1; addiu $2,$2,10; L: nop", 1);
    check("bnezl $0,L; addiu $2,$2,1; addiu $2,$2,10; L: nop", 10);
    check("li $3,3; L: addiu $3,$3,-1; bnez $3,L; addiu $2,$2,1", 3);
    // Who jumps into a delay slot does not branch there.
    check("b M; nop; b L; M: addiu $2,$2,1; addiu $2,$2,10; L: nop", 11);
    check("bc L; addiu $2,$2,1; L: nop", 0);
    check(".set reorder; b L; addiu $2,$2,1; L: nop", 0);
}

#[test]
fn a_store_conditional_without_reservation_fails() {
    let ways = |program: &str| run(&Mips, program, &["v0"]);
    assert_eq!(ways("dla $3,x; li $2,7; sc $2,0($3)"), [[Value::ZERO]]);
    assert_eq!(ways("dla $3,x; ll $4,0($3); sc $2,0($3)"), [[Value::ONE], [Value::ZERO]]);
    assert_eq!(ways("dla $3,x; dla $5,y; ll $4,0($3); sc $2,0($5)"), [[Value::ZERO]]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&Mips, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        operands in "(\\$[0-9]|a[0-7]|-?[0-9]{1,2}|L|x)(,(\\$[0-9]|[0-9]{1,2}|L|x|%hi\\(x\\)|0\\(\\$1\\)|\\(\\$2\\)|%got_disp\\(x\\)\\(\\$3\\))){0,3}",
    ) {
        if let Ok(text) = canonical(&Mips, &format!("{mnemonic} {operands}")) {
            prop_assert_eq!(canonical(&Mips, &text), Ok(text));
        }
    }
}
