//! Tests of the instruction set.

mod texts;

use super::Bpf;
use crate::testing::{micros, read, result, run};
use execution::Value;
use expect_test::expect;

#[test]
fn micro_operations() {
    let texts = [
        "r1 = *(s16 *)(r2 + 8)",
        "lock *(u32 *)(r1 + 0) |= r2",
        "r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)",
        "r0 = cmpxchg32_32(r1 + 0, r0, r5)",
        "r1 = load_acquire((u32 *)(r2 + 0))",
        "store_release((u8 *)(r2 + 0), r1)",
        "if r1 & 5 goto L",
        "may_goto L",
        "call bpf_spin_lock",
        "call smp_mb",
    ];
    let lines: Vec<String> = texts.iter().map(|text| format!("{text}\n{}", micros(&Bpf, text))).collect();
    expect![[r#"
        r1 = *(s16 *)(r2 + 8)
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        Const { dst: t1, value: Int(8) }
        Binary { dst: t2, op: Add, width: 64, a: t0, b: t1 }
        Load { dst: t3, addr: t2, width: 16, tags: Tags(0), ev: e1 }
        Unary { dst: t4, op: SignExtend, width: 16, a: t3 }
        Unary { dst: t5, op: Mask, width: 64, a: t4 }
        WriteReg { src: t5, reg: r1, ev: e2 }

        lock *(u32 *)(r1 + 0) |= r2
        ReadReg { dst: t0, reg: r1, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r2, port: Data, ev: e1 }
        Update { dst: t2, addr: t0, width: 32, tags: X, ev: e2 }
        Binary { dst: t3, op: Or, width: 32, a: t2, b: t1 }
        SetUpdate { ev: e2, value: t3 }

        r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)
        ReadReg { dst: t0, reg: r1, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r2, port: Data, ev: e1 }
        Update { dst: t2, addr: t0, width: 64, tags: SC, ev: e2 }
        Binary { dst: t3, op: Add, width: 64, a: t2, b: t1 }
        SetUpdate { ev: e2, value: t3 }
        WriteReg { src: t2, reg: r2, ev: e3 }

        r0 = cmpxchg32_32(r1 + 0, r0, r5)
        ReadReg { dst: t0, reg: r1, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r0, port: Data, ev: e1 }
        ReadReg { dst: t2, reg: r5, port: Data, ev: e2 }
        way
          Load { dst: t3, addr: t0, width: 32, tags: Tags(12), ev: e3 }
          Unary { dst: t4, op: Mask, width: 32, a: t1 }
          Binary { dst: t5, op: Eq, width: 32, a: t3, b: t4 }
          Assume { cond: t5, is: true }
          Store { addr: t0, value: t2, width: 32, tags: Tags(12), ev: e4 }
          Edge { kind: Ctrl, from: e1, to: e4 }
          WriteReg { src: t3, reg: r0, ev: e5 }
        way
          Load { dst: t6, addr: t0, width: 32, tags: Failed, ev: e6 }
          Unary { dst: t7, op: Mask, width: 32, a: t1 }
          Binary { dst: t8, op: Eq, width: 32, a: t6, b: t7 }
          Assume { cond: t8, is: false }
          WriteReg { src: t6, reg: r0, ev: e7 }

        r1 = load_acquire((u32 *)(r2 + 0))
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        Load { dst: t1, addr: t0, width: 32, tags: AQ, ev: e1 }
        WriteReg { src: t1, reg: r1, ev: e2 }

        store_release((u8 *)(r2 + 0), r1)
        ReadReg { dst: t0, reg: r2, port: Addr, ev: e0 }
        ReadReg { dst: t1, reg: r1, port: Data, ev: e1 }
        Store { addr: t0, value: t1, width: 8, tags: RL, ev: e2 }

        if r1 & 5 goto L
        ReadReg { dst: t0, reg: r1, port: Plain, ev: e0 }
        Const { dst: t1, value: Int(5) }
        Binary { dst: t2, op: And, width: 64, a: t0, b: t1 }
        Const { dst: t3, value: Int(0) }
        Binary { dst: t4, op: Ne, width: 64, a: t2, b: t3 }
        Branch { cond: t4, target: LabelId(0), ev: e1 }

        may_goto L
        way
        way
          Jump { target: LabelId(0) }

        call bpf_spin_lock
        Const { dst: t0, value: Int(0) }
        ReadReg { dst: t1, reg: r1, port: Addr, ev: e0 }
        Update { dst: t2, addr: t1, width: 32, tags: Tags(65), ev: e1 }
        Unary { dst: t3, op: IsZero, width: 32, a: t2 }
        Assume { cond: t3, is: true }
        Const { dst: t4, value: Int(1) }
        SetUpdate { ev: e1, value: t4 }
        Const { dst: t5, value: Int(0) }
        WriteReg { src: t5, reg: r1, ev: e2 }
        WriteReg { src: t5, reg: r2, ev: e3 }
        WriteReg { src: t5, reg: r3, ev: e4 }
        WriteReg { src: t5, reg: r4, ev: e5 }
        WriteReg { src: t5, reg: r5, ev: e6 }
        WriteReg { src: t0, reg: r0, ev: e7 }

        call smp_mb
        Const { dst: t0, value: Int(0) }
        Fence { tags: MB, ev: e0 }
        Const { dst: t1, value: Int(0) }
        WriteReg { src: t1, reg: r1, ev: e1 }
        WriteReg { src: t1, reg: r2, ev: e2 }
        WriteReg { src: t1, reg: r3, ev: e3 }
        WriteReg { src: t1, reg: r4, ev: e4 }
        WriteReg { src: t1, reg: r5, ev: e5 }
        WriteReg { src: t0, reg: r0, ev: e6 }
    "#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn results_of_arithmetic() {
    let cases: &[(&str, i64)] = &[
        ("r0 = 7; r1 = 0; r0 /= r1", 0),
        ("r0 = 7; r1 = 0; r0 %= r1", 7),
        ("r0 = 0x1234567890 ll; r1 = 0; w0 %= w1", 0x34567890),
        ("r0 = -7; r0 s/= 2", -3),
        ("r0 = -7; r0 s%= 2", -1),
        ("r0 = -7; w0 s/= 2", 0xffff_fffd),
        ("r0 = -1; r0 /= 2", i64::MAX),
        ("r0 = -1; w0 /= 2", 0x7fff_ffff),
        ("r0 = -4; r0 /= -2", 0),
        ("r0 = 0x8000000000000000 ll; r0 s/= -1", i64::MIN),
        ("r0 = 0x8000000000000000 ll; r0 s%= -1", 0),
        ("w0 = 0x80000000; w0 s/= -1", 0x8000_0000),
        ("r0 = 1; r1 = 65; r0 <<= r1", 2),
        ("r0 = 1; r1 = 33; w0 <<= w1", 2),
        ("r0 = -8; r0 s>>= 1", -4),
        ("r0 = -8; w0 s>>= 1", 0xffff_fffc),
        ("r0 = -8; w0 >>= 1", 0x7fff_fffc),
        ("r0 = -1; w0 += 1", 0),
        ("r0 = -1; w0 = w0", 0xffff_ffff),
        ("w0 = -1", 0xffff_ffff),
        ("r0 = 5; r0 = -r0", -5),
        ("r0 = 5; w0 = -w0", 0xffff_fffb),
        ("r1 = 0x180; r0 = (s8)r1", -128),
        ("r1 = 0x180; w0 = (s8)w1", 0xffff_ff80),
        ("r1 = 0x8000; r0 = (s16)r1", -32768),
        ("r1 = 0x80000000 ll; r0 = (s32)r1", -0x8000_0000),
        ("r0 = 0x1122334455667788 ll; r0 = be16 r0", 0x8877),
        ("r0 = 0x1122334455667788 ll; r0 = bswap32 r0", 0x8877_6655),
        ("r0 = 0x1122334455667788 ll; r0 = bswap64 r0", 0x8877665544332211_u64 as i64),
        ("r0 = 0x1122334455667788 ll; r0 = le16 r0", 0x7788),
        ("r0 = 0x1122334455667788 ll; r0 = le64 r0", 0x1122334455667788),
        ("r0 = 6; r0 *= -7", -42),
        ("r0 = 6; r0 &= -2; r0 |= 9; r0 ^= 1", 14),
    ];
    for (program, expected) in cases {
        assert_eq!(result(&Bpf, program, "r0"), *expected, "{program}");
    }
}

#[test]
fn comparisons() {
    let taken = |first: i64, test: &str, second: i64| {
        let program = format!("r1 = {first}; r2 = {second}; r0 = 1; if {test} goto L; r0 = 0; L:");
        result(&Bpf, &program, "r0") == 1
    };
    assert!(!taken(-1, "r1 < r2", 5), "unsigned");
    assert!(taken(-1, "r1 s< r2", 5));
    assert!(taken(-1, "w1 > w2", 5));
    assert!(!taken(-1, "w1 s> w2", 5));
    assert!(taken(5, "r1 >= r2", 5) && taken(5, "r1 <= r2", 5));
    assert!(taken(5, "r1 s>= r2", 5) && taken(5, "r1 s<= r2", 5));
    assert!(taken(6, "r1 & r2", 2) && !taken(4, "r1 & r2", 2));
    assert!(taken(-1 << 31, "w1 s< 0", 0) && !taken(1 << 30, "r1 s< 0", 0));
    assert!(taken(-1, "r1 > -2", 0), "immediates are extended by their sign, then unsigned");
    assert!(taken(3, "r1 != r2", 4) && taken(3, "w1 == w2", 3));
}

#[test]
fn calls() {
    let program = "r6 = 1; r7 = 2; call F; r6 += r0; r0 = r6; exit; F: r6 = 40; r0 = r6; r0 += r7; exit";
    assert_eq!(result(&Bpf, program, "r0"), 43, "r6 to r9 are the caller's again");
    let nested = "r0 = 0; r6 = 100; call A; r0 += r6; exit; A: r6 = 10; call B; r0 += r6; exit; B: r6 = 1; r0 += r6; exit";
    assert_eq!(result(&Bpf, nested, "r0"), 111);
    let by_address = "r1 = code_addr(F) ll; callx r1; r0 += 1; exit; F: r0 = 41; exit";
    assert_eq!(result(&Bpf, by_address, "r0"), 42);
    let frames = "r6 = r10; call F; r6 -= r10; r0 += r6; exit; F: r0 = 0; exit";
    assert_eq!(result(&Bpf, frames, "r0"), 0, "the frame pointer is the caller's again");
}

#[test]
fn distances_count_slots() {
    let over_wide = "r0 = 1; goto +2; r0 = 0x123456789 ll; r0 += 1";
    assert_eq!(result(&Bpf, over_wide, "r0"), 2);
    let back = "r0 = 0; goto +2; r0 += 5; exit; goto -3";
    assert_eq!(result(&Bpf, back, "r0"), 5);
    let function = "r1 = code_addr(+3) ll; callx r1; exit; r0 = 7; exit";
    assert_eq!(result(&Bpf, function, "r0"), 7, "from behind the first slot");
    let leaves =
        |program| read(&Bpf, program).1.into_iter().map(|diagnostic| diagnostic.code).collect::<Vec<_>>();
    for program in ["goto +1; r0 = 1 ll; exit", "goto +5; exit", "goto -2; exit", "r0 = 1; goto -2147483648"]
    {
        assert_eq!(leaves(program), ["isa::undefined-label"], "{program}");
    }
}

#[test]
fn may_goto_goes_both_ways() {
    let ways = run(&Bpf, "r0 = 1; may_goto L; r0 = 2; L:", &["r0"]);
    assert_eq!(ways.concat(), [Value::int(2), Value::int(1)]);
}
