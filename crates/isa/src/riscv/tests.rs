//! Tests of the instruction set.

use super::RiscV;
use crate::testing::{assert_canonical, canonical, expects_error, expects_micros, expects_result, run};
use execution::Value;
use expect_test::expect;
use proptest::prelude::*;

/// Instructions that are their own canonical text.
const CANONICAL: &[&str] = &[
    "nop",
    "pause",
    "li x1,1",
    "li x1,-1",
    "li x2,8070450532247928832",
    "la x1,x",
    "lla x1,x+4",
    "lui x1,4096",
    "lui x1,%hi(x)",
    "auipc x1,%pcrel_hi(x+4)",
    "auipc x1,%got_pcrel_hi(x)",
    "addi x1,x2,-1",
    "addi x1,x2,%lo(x)",
    "addi x1,x2,%pcrel_lo(.L0)",
    "slti x1,x2,3",
    "sltiu x1,x2,3",
    "andi x1,x2,3",
    "ori x1,x0,2",
    "xori x1,x2,-1",
    "slli x1,x2,32",
    "srli x1,x2,1",
    "srai x1,x2,1",
    "addiw x1,x2,1",
    "slliw x1,x2,1",
    "srliw x1,x2,1",
    "sraiw x1,x2,1",
    "add x10,x9,x7",
    "sub x1,x2,x3",
    "and x1,x2,x3",
    "or x1,x2,x3",
    "xor x7,x5,x5",
    "sll x1,x2,x3",
    "srl x1,x2,x3",
    "sra x1,x2,x3",
    "slt x1,x2,x3",
    "sltu x1,x2,x3",
    "addw x1,x2,x3",
    "subw x1,x0,x1",
    "sllw x1,x2,x3",
    "srlw x1,x2,x3",
    "sraw x1,x2,x3",
    "mul x1,x2,x3",
    "mulh x1,x2,x3",
    "mulhu x1,x2,x3",
    "mulhsu x1,x2,x3",
    "mulw x1,x2,x3",
    "div x1,x2,x3",
    "divu x1,x2,x3",
    "divw x1,x2,x3",
    "divuw x1,x2,x3",
    "rem x1,x2,x3",
    "remu x1,x2,x3",
    "remw x1,x2,x3",
    "remuw x1,x2,x3",
    "andn x1,x2,x3",
    "orn x1,x2,x3",
    "xnor x1,x2,x3",
    "min x1,x2,x3",
    "maxu x1,x2,x3",
    "rol x1,x2,x3",
    "ror x1,x2,x3",
    "rori x1,x2,5",
    "sh2add x1,x2,x3",
    "add.uw x1,x2,x3",
    "slli.uw x1,x2,2",
    "czero.eqz x1,x2,x3",
    "czero.nez x1,x2,x3",
    "mv x1,x2",
    "not x1,x2",
    "neg x1,x2",
    "negw x1,x2",
    "sext.b x1,x2",
    "sext.h x1,x2",
    "sext.w x1,x2",
    "zext.b x1,x2",
    "zext.h x1,x2",
    "zext.w x1,x2",
    "seqz x1,x2",
    "snez x1,x2",
    "sltz x1,x2",
    "sgtz x1,x2",
    "clz x1,x2",
    "ctz x1,x2",
    "rev8 x1,x2",
    "lb x1,0(x2)",
    "lbu x1,0(x2)",
    "lh x1,0(x2)",
    "lhu x1,0(x2)",
    "lw x1,-4(x2)",
    "lwu x1,0(x2)",
    "ld x1,8(x2)",
    "lw x1,%lo(x)(x2)",
    "lw x1,x+4",
    "lw.aq x1,0(x2)",
    "lw.aqrl x1,0(x2)",
    "ld.aq x1,0(x2)",
    "sb x1,0(x2)",
    "sh x1,0(x2)",
    "sw x1,0(x2)",
    "sd x1,0(x2)",
    "sw.rl x1,0(x2)",
    "sd.aqrl x1,0(x2)",
    "sw x1,x,x2",
    "lr.w x1,0(x2)",
    "lr.d.aq x1,0(x2)",
    "lr.w.aqrl x1,0(x2)",
    "sc.w x1,x2,0(x3)",
    "sc.d.rl x1,x2,0(x3)",
    "amoswap.w x1,x2,(x3)",
    "amoadd.w.aq x1,x2,(x3)",
    "amoand.d x1,x2,(x3)",
    "amoor.w.aqrl x5,x0,(x6)",
    "amoxor.w.rl x1,x2,(x3)",
    "amomin.w x1,x2,(x3)",
    "amomax.d x1,x2,(x3)",
    "amominu.w x1,x2,(x3)",
    "amomaxu.w x1,x2,(x3)",
    "amocas.w.aq x1,x2,(x3)",
    "amocas.b x1,x2,(x3)",
    "amocas.h.aqrl x1,x2,(x3)",
    "amocas.q.rl x2,x4,(x3)",
    "lb.aq x1,0(x2)",
    "lh.aqrl x1,0(x2)",
    "sb.rl x1,0(x2)",
    "sh.aqrl x1,0(x2)",
    "amoadd.b x1,x2,(x3)",
    "amoswap.h.rl x1,x2,(x3)",
    "beq x1,x2,L",
    "bne x1,x0,L",
    "blt x1,x2,L",
    "bge x1,x2,L",
    "bltu x1,x2,L",
    "bgeu x1,x2,L",
    "bgt x1,x2,L",
    "ble x1,x2,L",
    "bgtu x1,x2,L",
    "bleu x1,x2,L",
    "beqz x1,L",
    "bnez x1,L",
    "blez x1,L",
    "bgez x1,L",
    "bltz x1,L",
    "bgtz x1,L",
    "beq x1,x2,.+8",
    "j L",
    "tail L",
    "call L",
    "jal L",
    "jal x5,L",
    "jr x1",
    "jalr x5",
    "jalr x0,0(x5)",
    "ret",
    "fence",
    "fence rw,w",
    "fence iorw,ow",
    "fence r,rw",
    "fence.tso",
    "fence.i",
    "csrr x1,time",
    "ecall",
    "ebreak",
    "lw x1,0(%a)",
    "add %a,%b,%a",
];

/// Other ways to write instructions.
const OTHERS: &[(&str, &str)] = &[
    ("c.addi a1,1", "addi x11,x11,1"),
    ("c.addi4spn a1,sp,8", "addi x11,x2,8"),
    ("c.ldsp a1,8(sp)", "ld x11,8(x2)"),
    ("NOP", "nop"),
    ("MV a0, a1", "mv x10,x11"),
    ("move a0, a1", "move x10,x11"),
    ("lw t0 , 0 ( s0 )", "lw x5,0(x8)"),
    ("lw fp,(sp)", "lw x8,0(x2)"),
    ("li zero,0x10", "li x0,16"),
    ("li x1,0xffffffffffffffff", "li x1,-1"),
    ("add x1,x2,4", "addi x1,x2,4"),
    ("sll x1,x2,4", "slli x1,x2,4"),
    ("add a0,a0,%lo(x)", "addi x10,x10,%lo(x)"),
    ("lr.w x1,(x2)", "lr.w x1,0(x2)"),
    ("sc.w x11,x7,(x9)", "sc.w x11,x7,0(x9)"),
    ("amoswap.w.aq.rl x0,x5,(x6)", "amoswap.w.aqrl x0,x5,(x6)"),
    ("amoswap.w x10,x5,0(x6)", "amoswap.w x10,x5,(x6)"),
    ("lw.aq.rl x1,0(x2)", "lw.aqrl x1,0(x2)"),
    ("fence rw , rw", "fence rw,rw"),
    ("fence wr,r", "fence rw,r"),
    ("jalr x0,x5,0", "jalr x0,0(x5)"),
    ("jalr x1,x5,0", "jalr x5"),
    ("rdtime a0", "csrr x10,time"),
];

#[test]
fn canonical_text_is_stable() {
    assert_canonical(&RiscV, CANONICAL, OTHERS);
}

#[test]
fn errors_say_where_and_what() {
    let check = expects_error(&RiscV);
    check(
        "amoad.w x1,x2,(x3)",
        expect![
            "isa::unknown-instruction at `amoad.w`: unknown instruction `amoad.w` (did you mean `amoadd.w`?)"
        ],
    );
    check(
        "lw x32,0(x1)",
        expect![
            "isa::bad-operand at `x32`: expected a register, found `x32` (registers are x0…x31, or zero ra sp gp tp t0…t6 s0…s11 a0…a7)"
        ],
    );
    check("lw x1", expect!["isa::bad-operand at ``: expected `,` at the end of the instruction"]);
    check(
        "lw x1,0(x2) x3",
        expect!["isa::bad-operand at `x3`: expected the end of the instruction, found `x3`"],
    );
    check("lw x1,%c", expect!["isa::bad-operand at `%`: expected a number, found `%`"]);
    check(
        "amocas.q x1,x2,(x3)",
        expect!["isa::bad-operand at `x1,x2,`: pairs of registers start with an even one"],
    );
    check("lw %c,0(x1)", expect!["isa::unknown-register at `%c`: no register is left for `%c`"]);
    check(
        "lr.w x1,4(x2)",
        expect![
            "isa::bad-operand at `4(x2)`: atomic accesses take an address without offset, such as `(x5)`"
        ],
    );
    check(
        "lr.b x1,(x2)",
        expect!["isa::unknown-instruction at `lr.b`: unknown instruction `lr.b` (did you mean `lr.w`?)"],
    );
    check(
        "sw x1,x",
        expect![
            "isa::bad-operand at ``: expected `,` at the end of the instruction (a store to a global needs a register for its address: `sw a0,x,t0`)"
        ],
    );
    check(
        "fence rx,w",
        expect![
            "isa::bad-operand at `rx`: expected kinds of accesses, found `rx` (write some of the letters `iorw`: input, output, reads, writes)"
        ],
    );
    check(
        "auipc x1,%lo(x)",
        expect!["isa::bad-operand at `%lo(x)`: `%lo` is a low part; `auipc` takes a high one"],
    );
    check(
        "auipc x1,%tls_gd_pcrel_hi(x)",
        expect![
            "isa::bad-operand at `%tls_gd_pcrel_hi`: relocation `%tls_gd_pcrel_hi` is not supported (supported are %hi %lo %pcrel_hi %pcrel_lo %got_pcrel_hi)"
        ],
    );
    check("lui x1,1048576", expect!["isa::bad-operand at `1048576`: `1048576` has more than 20 bits"]);
    check(
        "add.aq x1,x2,x3",
        expect![
            "isa::unknown-instruction at `add.aq`: unknown instruction `add.aq` (did you mean `add.uw`?)"
        ],
    );
}

#[test]
fn accesses() {
    let check = expects_micros(&RiscV);
    check(
        "lw.aq x1,4(x2)",
        expect![[r#"
        ReadReg { dst: t0, reg: x2, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(4) }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 32, tags: Acq, ev: e1 }
        Unary { dst: t4, op: SignExtend, width: 32, a: t3 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: x1, ev: e2 }
    "#]],
    );
    check(
        "lbu x0,(x2)",
        expect![[r#"
        ReadReg { dst: t0, reg: x2, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 8, tags: Tags(0), ev: e1 }
    "#]],
    );
    check(
        "sw x0,(x2)",
        expect![[r#"
        ReadReg { dst: t0, reg: x2, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Store { addr: t0, value: t1, width: 32, tags: Tags(0), ev: e1 }
    "#]],
    );
}

#[test]
fn reservations() {
    let check = expects_micros(&RiscV);
    check(
        "lr.w x1,(x2)",
        expect![[r#"
        ReadReg { dst: t0, reg: x2, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: EX, ev: e1 }
        Unary { dst: t2, op: SignExtend, width: 32, a: t1 }
        Unary { dst: t3, op: Mask, width: 64, a: t2 }
        WriteReg { src: t3, reg: x1, ev: e2 }
        Detach { dst: t4, src: t0 }
        WriteReg { src: t4, reg: reservation, ev: e3 }
    "#]],
    );
    check(
        "sc.w x1,x2,(x3)",
        expect![[r#"
        ReadReg { dst: t0, reg: reservation, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        way
          ReadReg { dst: t2, reg: x3, port: Addr, ev: e1 }
          ReadReg { dst: t3, reg: x2, port: Data, ev: e2 }
          Binary { dst: t4, op: Eq, width: 64, a: t0, b: t2 }
          Assume { cond: t4, is: true }
          Store { addr: t2, value: t3, width: 32, tags: EX, ev: e3 }
          WriteReg { src: t1, reg: reservation, ev: e4 }
          WriteReg { src: t1, reg: x1, ev: e5 }
          Edge { kind: Data, from: e3, to: e5 }
        way
          WriteReg { src: t1, reg: reservation, ev: e6 }
          Const { dst: t5, value: Int(1) }
          WriteReg { src: t5, reg: x1, ev: e7 }
    "#]],
    );
}

#[test]
fn atomic_operations() {
    let check = expects_micros(&RiscV);
    check(
        "amoadd.w x1,x2,(x3)",
        expect![[r#"
        ReadReg { dst: t0, reg: x3, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: x2, port: Data, ev: e1 }
        Update { dst: t2, addr: t0, width: 32, tags: X, ev: e2 }
        Binary { dst: t3, op: Add, width: 32, a: t2, b: t1 }
        SetUpdate { ev: e2, value: t3 }
        Unary { dst: t4, op: SignExtend, width: 32, a: t2 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: x1, ev: e3 }
    "#]],
    );
    check(
        "amoswap.d x0,x2,(x3)",
        expect![[r#"
        ReadReg { dst: t0, reg: x3, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: x2, port: Data, ev: e1 }
        Update { dst: t2, addr: t0, width: 64, tags: X, ev: e2 }
        SetUpdate { ev: e2, value: t1 }
    "#]],
    );
    check(
        "amocas.d x1,x2,(x3)",
        expect![[r#"
        ReadReg { dst: t0, reg: x3, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: x2, port: Data, ev: e1 }
        ReadReg { dst: t2, reg: x1, port: Data, ev: e2 }
        way
          Update { dst: t3, addr: t0, width: 64, tags: X, ev: e3 }
          Binary { dst: t4, op: Eq, width: 64, a: t3, b: t2 }
          Assume { cond: t4, is: true }
          SetUpdate { ev: e3, value: t1 }
          WriteReg { src: t3, reg: x1, ev: e4 }
        way
          Load { dst: t5, addr: t0, width: 64, tags: X, ev: e5 }
          Binary { dst: t6, op: Eq, width: 64, a: t5, b: t2 }
          Assume { cond: t6, is: false }
          WriteReg { src: t5, reg: x1, ev: e6 }
    "#]],
    );
}

#[test]
fn wide_compare_and_swap() {
    let check = expects_micros(&RiscV);
    check(
        "amocas.q x2,x4,(x6)",
        expect![[r#"
        ReadReg { dst: t0, reg: x6, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: x4, port: Data, ev: e1 }
        ReadReg { dst: t2, reg: x5, port: Data, ev: e2 }
        Const { dst: t3, value: Int(64) }
        Binary { dst: t4, op: Shl, width: 128, a: t2, b: t3 }
        Binary { dst: t5, op: Or, width: 128, a: t1, b: t4 }
        ReadReg { dst: t6, reg: x2, port: Data, ev: e3 }
        ReadReg { dst: t7, reg: x3, port: Data, ev: e4 }
        Const { dst: t8, value: Int(64) }
        Binary { dst: t9, op: Shl, width: 128, a: t7, b: t8 }
        Binary { dst: t10, op: Or, width: 128, a: t6, b: t9 }
        way
          Update { dst: t11, addr: t0, width: 128, tags: X, ev: e5 }
          Binary { dst: t12, op: Eq, width: 128, a: t11, b: t10 }
          Assume { cond: t12, is: true }
          SetUpdate { ev: e5, value: t5 }
          Unary { dst: t13, op: Mask, width: 64, a: t11 }
          Const { dst: t14, value: Int(64) }
          Binary { dst: t15, op: ShrLogical, width: 128, a: t11, b: t14 }
          WriteReg { src: t13, reg: x2, ev: e6 }
          WriteReg { src: t15, reg: x3, ev: e7 }
        way
          Load { dst: t16, addr: t0, width: 128, tags: X, ev: e8 }
          Binary { dst: t17, op: Eq, width: 128, a: t16, b: t10 }
          Assume { cond: t17, is: false }
          Unary { dst: t18, op: Mask, width: 64, a: t16 }
          Const { dst: t19, value: Int(64) }
          Binary { dst: Temp(20), op: ShrLogical, width: 128, a: t16, b: t19 }
          WriteReg { src: t18, reg: x2, ev: e9 }
          WriteReg { src: Temp(20), reg: x3, ev: e10 }
    "#]],
    );
}

#[test]
fn fences_and_branches() {
    let check = expects_micros(&RiscV);
    check(
        "fence rw,w",
        expect![[r#"
        Fence { tags: Fence.rw.w, ev: e0 }
    "#]],
    );
    check(
        "fence iorw,ow",
        expect![[r#"
        Fence { tags: Fence.rw.w, ev: e0 }
    "#]],
    );
    check(
        "fence",
        expect![[r#"
        Fence { tags: Fence.rw.rw, ev: e0 }
    "#]],
    );
    check(
        "fence i,o",
        expect![[r#"
        Fence { tags: Tags(0), ev: e0 }
    "#]],
    );
    check(
        "fence.tso; fence.i",
        expect![[r#"
        Fence { tags: Fence.tso, ev: e0 }
        Fence { tags: Fence.i, ev: e0 }
    "#]],
    );
    check(
        "bgez x1,L; L:",
        expect![[r#"
        ReadReg { dst: t0, reg: x1, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(0) }
        Binary { dst: t2, op: LeSigned, width: 64, a: t1, b: t0 }
        Branch { cond: t2, target: LabelId(0), ev: e1 }
    "#]],
    );
}

#[test]
fn arithmetic() {
    let check = expects_result(&RiscV, "a0");
    check("li a0,-5", -5);
    check("lui a0,1", 4096);
    check("lui a0,0x80000", -0x8000_0000);
    check("li a1,6; addi a0,a1,-7", -1);
    check("li a1,0x7fffffff; addiw a0,a1,1", -0x8000_0000);
    check("li a1,0x7fffffff; addi a0,a1,1", 0x8000_0000);
    check("li a1,1; subw a0,x0,a1", -1);
    check("li a1,-1; srli a0,a1,60", 15);
    check("li a1,-16; srai a0,a1,2", -4);
    check("li a1,-1; srliw a0,a1,28", 15);
    check("li a1,0x80000000; sraiw a0,a1,31", -1);
    check("li a1,1; li a2,65; sll a0,a1,a2", 2);
    check("li a1,1; li a2,33; sllw a0,a1,a2", 2);
    check("li a1,-1; li a2,1; slt a0,a1,a2", 1);
    check("li a1,-1; li a2,1; sltu a0,a1,a2", 0);
    check("li a1,3; sltiu a0,a1,-1", 1);
    check("li a1,-7; li a2,2; div a0,a1,a2", -3);
    check("li a1,-7; li a2,2; rem a0,a1,a2", -1);
    check("li a1,7; div a0,a1,x0", -1);
    check("li a1,7; divuw a0,a1,x0", -1);
    check("li a1,7; rem a0,a1,x0", 7);
    check("li a1,-1; li a2,-1; mulh a0,a1,a2", 0);
    check("li a1,-1; li a2,-1; mulhu a0,a1,a2", -2);
    check("li a1,-1; li a2,-1; mulhsu a0,a1,a2", -1);
    check("li a1,2; li a2,-1; mulhsu a0,a1,a2", 1);
    check("li a1,0x80000000; li a2,2; mulw a0,a1,a2", 0);
    check("li a1,6; li a2,3; andn a0,a1,a2", 4);
    check("li a1,6; li a2,3; orn a0,a1,a2", -2);
    check("li a1,6; li a2,3; xnor a0,a1,a2", -6);
    check("li a1,-1; li a2,1; min a0,a1,a2", -1);
    check("li a1,-1; li a2,1; minu a0,a1,a2", 1);
    check("li a1,1; li a2,1; rol a0,a1,a2", 2);
    check("li a1,1; rori a0,a1,1", i64::MIN);
    check("li a1,3; li a2,100; sh2add a0,a1,a2", 112);
    check("li a1,-1; li a2,1; add.uw a0,a1,a2", 0x1_0000_0000);
    check("li a1,5; li a2,0; czero.eqz a0,a1,a2", 0);
    check("li a1,5; li a2,0; czero.nez a0,a1,a2", 5);
    check("li a1,5; mv a0,a1", 5);
    check("li a1,5; not a0,a1", -6);
    check("li a1,5; neg a0,a1", -5);
    check("li a1,0xff; sext.b a0,a1", -1);
    check("li a1,0x18000; sext.h a0,a1", -0x8000);
    check("li a1,0x180000000; sext.w a0,a1", -0x8000_0000);
    check("li a1,-1; zext.b a0,a1", 255);
    check("li a1,-1; zext.w a0,a1", 0xffff_ffff);
    check("seqz a0,x0", 1);
    check("li a1,-3; sgtz a0,a1", 0);
    check("li a1,-3; sltz a0,a1", 1);
    check("li a1,1; clz a0,a1", 63);
    check("li a1,8; ctz a0,a1", 3);
    check("li a1,1; rev8 a0,a1", 1 << 56);
    check("li x0,7; mv a0,x0", 0);
}

#[test]
fn addresses() {
    let value = |program: &str| run(&RiscV, program, &["a0"])[0][0];
    let x = |offset: i64| match value("la a0,x") {
        Value::Addr { symbol, .. } => Value::Addr { symbol, offset },
        other => other,
    };
    assert_eq!(value("lui a5,%hi(x+4); addi a0,a5,%lo(x+4)"), x(4));
    assert_eq!(value(".L0: auipc a5,%pcrel_hi(x+4); addi a0,a5,%pcrel_lo(.L0)"), x(4));
    assert_eq!(value("lla a1,x+7; andi a0,a1,-4"), x(4));
    assert_eq!(value("lla a1,x+7; andi a0,a1,3"), Value::Int(3));
    assert_eq!(value("la a1,x; snez a0,a1"), Value::ONE);
}

#[test]
fn control_flow() {
    let check = expects_result(&RiscV, "a0");
    check("li a0,1; j L; li a0,2; L: nop", 1);
    check("li a1,3; L: addi a0,a0,1; addi a1,a1,-1; bnez a1,L", 3);
    check("li a0,1; beq x0,x0,.+8; li a0,2", 1);
    check("li a0,1; bltu a0,x0,L; li a0,2; L: nop", 2);
    check("li a0,1; ret; li a0,2", 1);
    check("call F; addi a0,a0,10; j E; F: addi a0,a0,1; ret; E: nop", 11);
    check("jal x5,F; addi a0,a0,10; j E; F: addi a0,a0,1; jr x5; E: nop", 11);
}

#[test]
fn a_store_conditional_without_reservation_fails() {
    assert_eq!(run(&RiscV, "la x2,x; sc.w a0,x0,(x2)", &["a0"]), [[Value::ONE]]);
    let ways = run(&RiscV, "la x2,x; lr.w x3,(x2); sc.w a0,x0,(x2)", &["a0", "x0"]);
    assert_eq!(ways, [[Value::ZERO; 2], [Value::ONE, Value::ZERO]]);
    let other = run(&RiscV, "la x2,x; la x4,y; lr.w x3,(x2); sc.w a0,x0,(x4)", &["a0"]);
    assert_eq!(other, [[Value::ONE]]);
    let twice = run(&RiscV, "la x2,x; lr.w x3,(x2); sc.w a1,x0,(x2); sc.w a0,x0,(x2)", &["a0"]);
    assert_eq!(twice, [[Value::ONE], [Value::ONE]]);
}

proptest! {
    #[test]
    fn nothing_panics(text in "\\PC{0,40}") {
        let _ = canonical(&RiscV, &text);
    }

    #[test]
    fn what_is_printed_is_read_again(
        mnemonic in proptest::sample::select(super::mnemonic::all().collect::<Vec<_>>()),
        suffix in "(\\.aq|\\.rl|\\.aqrl)?",
        operands in "(x[0-9]|a[0-7]|-?[0-9]{1,3}|L|x|%lo\\(x\\)|[0-9]\\(x1\\)|\\(x2\\)|rw)(,(x[0-9]|[0-9]{1,3}|L|%hi\\(x\\)|0\\(x1\\)|\\(x2\\)|w)){0,2}",
    ) {
        if let Ok(text) = canonical(&RiscV, &format!("{mnemonic}{suffix} {operands}")) {
            prop_assert_eq!(canonical(&RiscV, &text), Ok(text));
        }
    }
}
