//! Texts in five syntaxes.

use crate::bpf::instruction::*;
use crate::bpf::{Bpf, Syntax, Text, callee, parse};
use crate::testing::canonical;
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeMap;
use syntax::{FileId, Span};

fn read(text: &str) -> Result<Instruction<'_>, String> {
    let span = Span::new(FileId(0), 0, text.len());
    parse(text, span, &BTreeMap::new()).map_err(|diagnostic| format!("{text}: {}", diagnostic.message))
}

/// Where a label stands does not matter.
fn without_spans(instruction: Instruction<'_>) -> Instruction<'_> {
    let span = Span::new(FileId(0), 0, 0);
    let place = |target| match target {
        Target::Label(name, _) => Target::Label(name, span),
        offset => offset,
    };
    match instruction {
        Instruction::Jump { long, target } => Instruction::Jump { long, target: place(target) },
        Instruction::JumpIf { width, test, dst, src, target } => {
            Instruction::JumpIf { width, test, dst, src, target: place(target) }
        }
        Instruction::MayGoto { target } => Instruction::MayGoto { target: place(target) },
        Instruction::Call { callee: Callee::Local(target) } => {
            Instruction::Call { callee: Callee::Local(place(target)) }
        }
        Instruction::LoadWide { dst, value: Wide::Function(target) } => {
            Instruction::LoadWide { dst, value: Wide::Function(place(target)) }
        }
        other => other,
    }
}

/// An instruction in all five syntaxes, which read as the same.
fn in_all(text: &str) -> String {
    let instruction = read(text).unwrap();
    let mut lines = String::new();
    for (name, syntax) in Syntax::ALL {
        let printed = Text { instruction: &instruction, syntax }.to_string();
        assert_eq!(read(&printed).map(without_spans), Ok(without_spans(instruction)), "{name}: {printed}");
        lines += &format!("{printed}\n");
    }
    lines
}

fn check_all(texts: &[&str], expected: &Expect) {
    expected.assert_eq(&texts.iter().map(|text| in_all(text)).collect::<Vec<_>>().join("\n"));
}

#[test]
fn accesses_in_five_syntaxes() {
    check_all(
        &[
            "r0 = *(u64 *)(r1 + 0)",
            "w0 = *(u32 *)(r10 - 4)",
            "r0 = *(s32 *)(r1 + 0x8)",
            "*(u8 *)(r1 + 0x0) = w2",
            "*(u64 *)(r10 -8) = -1",
            "w2 = load_acquire((u16 *)(r1 + 0x2))",
            "store_release((u8 *)(r1 + 0x2), w2)",
            "r0 = *(u8 *)skb[0x4]",
            "r0 = *(u16 *)skb[r2]",
        ],
        &expect![[r#"
            r0 = *(u64 *)(r1 + 0)
            r0 = *(u64 *)(r1 + 0x0)
            r0=*(u64*)(r1+0)
            ldxdw %r0,[%r1+0]
            (79) r0 = *(u64 *)(r1 +0)

            r0 = *(u32 *)(r10 - 4)
            w0 = *(u32 *)(r10 - 0x4)
            r0=*(u32*)(r10-4)
            ldxw %r0,[%r10-4]
            (61) r0 = *(u32 *)(r10 -4)

            r0 = *(s32 *)(r1 + 8)
            r0 = *(s32 *)(r1 + 0x8)
            r0=*(s32*)(r1+8)
            ldxsw %r0,[%r1+8]
            (81) r0 = *(s32 *)(r1 +8)

            *(u8 *)(r1 + 0) = r2
            *(u8 *)(r1 + 0x0) = w2
            *(u8*)(r1+0)=r2
            stxb [%r1+0],%r2
            (73) *(u8 *)(r1 +0) = r2

            *(u64 *)(r10 - 8) = -1
            *(u64 *)(r10 - 0x8) = -0x1
            *(u64*)(r10-8)=-1
            stdw [%r10-8],-1
            (7a) *(u64 *)(r10 -8) = -1

            r2 = load_acquire((u16 *)(r1 + 2))
            w2 = load_acquire((u16 *)(r1 + 0x2))
            r2=load_acquire((u16*)(r1+2))
            ldacqh %r2,[%r1+2]
            (cb) r2 = load_acquire((u16 *)(r1 +2))

            store_release((u8 *)(r1 + 2), r2)
            store_release((u8 *)(r1 + 0x2), w2)
            store_release((u8*)(r1+2),r2)
            strelb [%r1+2],%r2
            (d3) store_release((u8 *)(r1 +2), r2)

            r0 = *(u8 *)skb[4]
            r0 = *(u8 *)skb[0x4]
            r0=*(u8*)skb[4]
            ldabsb 4
            (30) r0 = *(u8 *)skb[4]

            r0 = *(u16 *)skb[r2 + 0]
            r0 = *(u16 *)skb[r2 + 0x0]
            r0=*(u16*)skb[r2+0]
            ldindh %r2,0
            (48) r0 = *(u16 *)skb[r2 + 0]
        "#]],
    );
}

#[test]
fn atomics_in_five_syntaxes() {
    check_all(
        &[
            "lock *(u64 *)(r1 + 0x0) += r2",
            "lock *(u32 *)(r1 + 0x0) ^= w2",
            "r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)",
            "w2 = atomic_fetch_and((u32 *)(r1 + 0x0), w2)",
            "r2 = xchg_64(r1 + 0x0, r2)",
            "w2 = xchg32_32(r1 + 0x0, w2)",
            "r0 = cmpxchg_64(r1 + 0x0, r0, r2)",
            "w0 = cmpxchg32_32(r1 + 0x0, w0, w2)",
        ],
        &expect![[r#"
            lock *(u64 *)(r1 + 0) += r2
            lock *(u64 *)(r1 + 0x0) += r2
            lock *(u64*)(r1+0)+=r2
            aadd [%r1+0],%r2
            (db) lock *(u64 *)(r1 +0) += r2

            lock *(u32 *)(r1 + 0) ^= r2
            lock *(u32 *)(r1 + 0x0) ^= w2
            lock *(u32*)(r1+0)^=r2
            axor32 [%r1+0],%r2
            (c3) lock *(u32 *)(r1 +0) ^= r2

            r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)
            r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)
            r2=atomic_fetch_add((u64*)(r1+0),r2)
            afadd [%r1+0],%r2
            (db) r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)

            r2 = atomic_fetch_and((u32 *)(r1 + 0), r2)
            w2 = atomic_fetch_and((u32 *)(r1 + 0x0), w2)
            r2=atomic_fetch_and((u32*)(r1+0),r2)
            afand32 [%r1+0],%r2
            (c3) r2 = atomic_fetch_and((u32 *)(r1 +0), r2)

            r2 = xchg_64(r1 + 0, r2)
            r2 = xchg_64(r1 + 0x0, r2)
            r2=xchg_64(r1+0,r2)
            axchg [%r1+0],%r2
            (db) r2 = atomic64_xchg((u64 *)(r1 +0), r2)

            r2 = xchg_32_32(r1 + 0, r2)
            w2 = xchg32_32(r1 + 0x0, w2)
            r2=xchg32_32(r1+0,r2)
            axchg32 [%r1+0],%r2
            (c3) r2 = atomic_xchg((u32 *)(r1 +0), r2)

            r0 = cmpxchg_64(r1 + 0, r0, r2)
            r0 = cmpxchg_64(r1 + 0x0, r0, r2)
            r0=cmpxchg_64(r1+0,r0,r2)
            acmp [%r1+0],%r2
            (db) r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)

            r0 = cmpxchg32_32(r1 + 0, r0, r2)
            w0 = cmpxchg32_32(r1 + 0x0, w0, w2)
            r0=cmpxchg32_32(r1+0,r0,r2)
            acmp32 [%r1+0],%r2
            (c3) r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)
        "#]],
    );
}

#[test]
fn arithmetic_in_five_syntaxes() {
    check_all(
        &[
            "r1 = r2",
            "w1 = 5",
            "r1 += -8",
            "w1 s/= w2",
            "r1 s%= 3",
            "r1 s>>= r2",
            "r1 = -r1",
            "w1 = (s8)w2",
            "r1 = (s32)r2",
            "r1 = be16 r1",
            "r1 = le64 r1",
            "r1 = bswap32 r1",
            "r1 = 0x1122334455667788 ll",
            "r1 = x+4 ll",
            "r1 = map_by_fd(5) ll",
            "r1 = map_val(map_by_idx(5))+8 ll",
            "r1 = var_addr(7) ll",
            "r1 = code_addr(F) ll",
            "r1 = addr_space_cast(r2, 0x0, 0x1)",
        ],
        &expect![[r#"
            r1 = r2
            r1 = r2
            r1=r2
            mov %r1,%r2
            (bf) r1 = r2

            w1 = 5
            w1 = 0x5
            w1=5
            mov32 %r1,5
            (b4) w1 = 5

            r1 += -8
            r1 += -0x8
            r1+=-8
            add %r1,-8
            (07) r1 += -8

            w1 s/= w2
            w1 s/= w2
            w1s/=w2
            sdiv32 %r1,%r2
            (3c) w1 s/= w2

            r1 s%= 3
            r1 s%= 0x3
            r1s%=3
            smod %r1,3
            (97) r1 s%= 3

            r1 s>>= r2
            r1 s>>= r2
            r1s>>=r2
            arsh %r1,%r2
            (cf) r1 s>>= r2

            r1 = -r1
            r1 = -r1
            r1=-r1
            neg %r1
            (87) r1 = -r1

            w1 = (s8)w2
            w1 = (s8)w2
            w1=(s8)w2
            movs32 %r1,%r2,8
            (bc) w1 = (s8)w2

            r1 = (s32)r2
            r1 = (s32)r2
            r1=(s32)r2
            movs %r1,%r2,32
            (bf) r1 = (s32)r2

            r1 = be16 r1
            r1 = be16 r1
            r1=be16 r1
            endbe %r1,16
            (dc) r1 = be16 r1

            r1 = le64 r1
            r1 = le64 r1
            r1=le64 r1
            endle %r1,64
            (d4) r1 = le64 r1

            r1 = bswap32 r1
            r1 = bswap32 r1
            r1=bswap32 r1
            bswap %r1,32
            (d7) r1 = bswap32 r1

            r1 = 1234605616436508552 ll
            r1 = 0x1122334455667788 ll
            r1=0x1122334455667788 ll
            lddw %r1,0x1122334455667788
            (18) r1 = 0x1122334455667788

            r1 = x+4 ll
            r1 = x+4 ll
            r1=x+4 ll
            lddw %r1,x+4
            (18) r1 = x+4

            r1 = map_by_fd(5) ll
            r1 = map_by_fd(5) ll
            r1=map_by_fd(5) ll
            lddw %r1,map_by_fd(5)
            (18) r1 = map[fd:5]

            r1 = map_val(map_by_idx(5))+8 ll
            r1 = map_val(map_by_idx(5))+8 ll
            r1=map_val(map_by_idx(5))+8 ll
            lddw %r1,map_val(map_by_idx(5))+8
            (18) r1 = map[idx:5][0]+8

            r1 = var_addr(7) ll
            r1 = var_addr(7) ll
            r1=var_addr(7) ll
            lddw %r1,var_addr(7)
            (18) r1 = var_addr(7)

            r1 = code_addr(F) ll
            r1 = code_addr(F) ll
            r1=code_addr(F) ll
            lddw %r1,code_addr(F)
            (18) r1 = code_addr(F)

            r1 = addr_space_cast(r2, 0, 1)
            r1 = addr_space_cast(r2, 0x0, 0x1)
            r1=addr_space_cast(r2,0,1)
            addr_space_cast %r1,%r2,0,1
            (bf) r1 = addr_space_cast(r2, 0, 1)
        "#]],
    );
}

#[test]
fn jumps_in_five_syntaxes() {
    check_all(
        &[
            "if w1 s< 0x5 goto +0x13 <L1>",
            "if r1 & r2 goto L",
            "goto pc-5",
            "gotol 21",
            "may_goto pc+3",
            "gotox r1",
            "call 5",
            "call bpf_spin_lock#93",
            "call pc+3",
            "call F",
            "call bpf_rcu_read_lock",
            "call kernel-function#70",
            "callx r3",
            "exit",
            "nospec",
        ],
        &expect![[r#"
            if w1 s< 5 goto +19
            if w1 s< 0x5 goto +0x13
            if w1s<5 goto 19
            jslt32 %r1,5,19
            (c6) if w1 s< 5 goto pc+19

            if r1 & r2 goto L
            if r1 & r2 goto L
            if r1&r2 goto L
            jset %r1,%r2,L
            (4d) if r1 & r2 goto L

            goto -5
            goto -0x5
            goto -5
            ja -5
            (05) goto pc-5

            gotol +21
            gotol +0x15
            gotol 21
            jal 21
            (06) gotol pc+21

            may_goto +3
            may_goto +0x3
            may_goto 3
            may_goto 3
            (e5) may_goto pc+3

            gotox r1
            gotox r1
            gotox r1
            gotox %r1
            (0d) gotox r1

            call 5
            call 0x5
            call 5
            call 5
            (85) call bpf_ktime_get_ns#5

            call 93
            call 0x5d
            call 93
            call 93
            (85) call bpf_spin_lock#93

            call +3
            call +0x3
            call +3
            call +3
            (85) call pc+3

            call F
            call F
            call F
            call F
            (85) call F

            call bpf_rcu_read_lock
            call bpf_rcu_read_lock
            call bpf_rcu_read_lock
            call bpf_rcu_read_lock
            (85) call bpf_rcu_read_lock

            call kfunc(70)
            call kfunc(70)
            call kfunc(70)
            call kfunc(70)
            (85) call kernel-function#70

            callx r3
            callx r3
            callx r3
            callx %r3
            (8d) callx r3

            exit
            exit
            exit
            exit
            (95) exit

            nospec
            nospec
            nospec
            nospec
            (c2) nospec
        "#]],
    );
}

#[test]
fn what_assemblers_write_without_blanks() {
    let pairs = [
        ("r1s>>=2", "r1 s>>= 2"),
        ("if w1s<5 goto 19", "if w1 s< 5 goto +19"),
        ("r0=*(u16*)skb[r2+4]", "r0 = *(u16 *)skb[r2 + 4]"),
        ("r1=-1", "r1 = -1"),
        ("r1=-r1", "r1 = -r1"),
        ("r1 = *(u32*) (r2 + -4)", "r1 = *(u32 *)(r2 - 4)"),
        ("ldxdw r0, [r1]", "r0 = *(u64 *)(r1 + 0)"),
        ("JEQ32 %r1, 0x10, lab", "if w1 == 16 goto lab"),
        ("(18) r1 = map[id:21][0]+8", "r1 = map_val(map_by_fd(21))+8 ll"),
        ("(18) r2 = 0xffff888012345678", "r2 = -131391334099336 ll"),
        ("(55) if r1 != 0xffffffff goto pc+1", "if r1 != -1 goto +1"),
        ("r0 = cmpxchg_64 (r2 + 0, r0, r6)", "r0 = cmpxchg_64(r2 + 0, r0, r6)"),
        ("r3 = atomic_fetch_add((u32*)(r2 + 0), r1)", "r3 = atomic_fetch_add((u32 *)(r2 + 0), r1)"),
        ("%a = *(u32 *)(%b + 0)", "%a = *(u32 *)(%b + 0)"),
    ];
    for (text, expected) in pairs {
        assert_eq!(canonical(&Bpf, text).as_deref(), Ok(expected));
    }
}

#[test]
fn bad_instructions() {
    let texts = [
        "r1 = *(u32 *)(r11 + 0)",
        "r12 = 1",
        "r1 = r11",
        "r1 += w2",
        "r10 = 1",
        "r1 ~= 5",
        "r1 = 4294967296",
        "r1 = *(u31 *)(r2 + 0)",
        "r1 = *(u32 *)(r2 + 40000)",
        "w1 = *(u64 *)(r2 + 0)",
        "w1 = *(s8 *)(r2 + 0)",
        "*(u64 *)(r1 + 0) = w2",
        "lock *(u8 *)(r1 + 0) += r2",
        "lock *(u64 *)(r1 + 0) -= r2",
        "r1 = cmpxchg_64(r2 + 0, r0, r3)",
        "r0 = cmpxchg_64(r2 + 0, r1, r3)",
        "r1 = be16 r2",
        "r1 = foo(r2)",
        "r1 = y",
        "if r1 =! 5 goto L",
        "if r1 == 5 got L",
        "goto",
        "call bpf_spin_lok",
        "ldxx %r1,[%r2+0]",
        "frobnicate",
        "exit 5",
        "r1 = -r2",
        "",
    ];
    let lines: Vec<String> = texts
        .iter()
        .map(|text| canonical(&Bpf, text).map_or_else(|error| error, |read| format!("READ AS {read}")))
        .collect();
    expect![[r#"
        isa::unknown-register at `r11`: there is no register `r11` (registers are r0…r10, and w0…w10 for their lower halves)
        isa::unknown-register at `r12`: there is no register `r12` (registers are r0…r10, and w0…w10 for their lower halves)
        isa::unknown-register at `r11`: there is no register `r11` (registers are r0…r10, and w0…w10 for their lower halves)
        isa::bad-operand at `w2`: the other operand has 64 bits: both are `r` registers or none is
        isa::bad-operand at `r10 =`: `r10`, the frame pointer, can't be written
        isa::bad-operand at `~`: expected an operator such as `=` or `+=`, found `~` (operators are = += -= *= /= s/= %= s%= |= &= ^= <<= >>= s>>=)
        isa::bad-operand at `4294967296`: `4294967296` does not fit into 32 bits with a sign (longer constants are loaded by `r1 = 0x123456789 ll`)
        isa::bad-operand at `u31`: expected a type: u8, u16, u32, u64, s8, s16 or s32, found `u31`
        isa::bad-operand at `+ 40000`: `40000` is not between -32768 and 32767
        isa::bad-operand at `*(u64 *)(r2 + 0)`: a value of 64 bits does not fit a `w` register
        isa::bad-operand at `*(s8 *)(r2 + 0)`: loads extend the sign of `s8`, `s16` or `s32` to an `r` register
        isa::bad-operand at `w2`: a `w` register has no 64 bits to store
        isa::bad-operand at `*(u8 *)(r1 + 0)`: atomic updates are of `u32` or `u64`
        isa::bad-operand at `-`: expected `+=`, `|=`, `&=` or `^=`, found `-`
        isa::bad-operand at `r1 = cmpxchg_64(r2 + 0, r0, r3`: a compare-exchange compares with `r0`, and gives its result to `r0`
        isa::bad-operand at `r1, r3`: a compare-exchange compares with `r0`, and gives its result to `r0`
        isa::bad-operand at `be16 r2`: the bytes of an `r` register are swapped in its place
        isa::bad-operand at `foo(`: `foo` is not known here (known are map_by_fd, map_by_idx, map_val, var_addr, code_addr, load_acquire, atomic_fetch_add, xchg_64, cmpxchg_64, addr_space_cast and their kin)
        isa::bad-operand at `y`: expected a register, a number, or an access to memory, found `y` (the address of something with a name is loaded by `r1 = x ll`)
        isa::bad-operand at `=`: expected a comparison, found `=` (comparisons are == != < <= > >= s< s<= s> s>= &)
        isa::bad-operand at `got`: expected `goto`, found `got`
        isa::bad-operand at ``: expected a label at the end of the instruction
        isa::unknown-function at `bpf_spin_lok`: it is not known what `bpf_spin_lok` does to memory (did you mean `bpf_spin_lock`?)
        isa::unknown-instruction at `ldxx`: unknown instruction `ldxx` (did you mean `ldxb`?)
        isa::unknown-instruction at `frobnicate`: unknown instruction `frobnicate`
        isa::bad-operand at `5`: expected the end of the instruction, found `5`
        isa::bad-operand at `r2`: a register can only be negated in its place
        nothing
    "#]].assert_eq(&(lines.join("\n") + "\n"));
}

fn register() -> impl Strategy<Value = Register<'static>> {
    (0u8..=10).prop_map(|number| Register { number, symbolic: None })
}

fn written() -> impl Strategy<Value = Register<'static>> {
    (0u8..10).prop_map(|number| Register { number, symbolic: None })
}

fn source() -> impl Strategy<Value = Source<'static>> {
    prop_oneof![register().prop_map(Source::Register), any::<i32>().prop_map(Source::Immediate)]
}

fn width() -> impl Strategy<Value = Width> {
    prop_oneof![Just(Width::W32), Just(Width::W64)]
}

fn size() -> impl Strategy<Value = Size> {
    prop::sample::select(&Size::ALL[..])
}

fn target() -> impl Strategy<Value = Target<'static>> {
    prop_oneof![any::<i32>().prop_map(Target::Offset), Just(Target::Label("L1", Span::new(FileId(0), 0, 0)))]
}

fn wide() -> impl Strategy<Value = Wide<'static>> {
    prop_oneof![
        any::<u64>().prop_map(Wide::Number),
        any::<i32>().prop_map(|fd| Wide::Map { fd }),
        any::<(i32, i32)>().prop_map(|(fd, offset)| Wide::MapValue { fd, offset }),
        any::<(i32, i32)>().prop_map(|(btf, module)| Wide::Variable { btf, module }),
        any::<i32>().prop_map(|index| Wide::MapIndex { index }),
        any::<(i32, i32)>().prop_map(|(index, offset)| Wide::MapIndexValue { index, offset }),
        any::<i64>().prop_map(|offset| Wide::Symbol { name: "x", offset }),
        target().prop_map(Wide::Function),
    ]
}

fn callee() -> impl Strategy<Value = Callee<'static>> {
    prop_oneof![
        any::<i32>().prop_map(|id| Callee::Helper(id & i32::MAX)),
        target().prop_map(Callee::Local),
        any::<(i32, i16)>().prop_map(|(btf, module)| Callee::Kernel { btf, module }),
        Just(Callee::Named("bpf_rcu_read_lock")),
        (prop::sample::select(&callee::Effect::ALL[..]), any::<i32>())
            .prop_map(|((_, effect), result)| { Callee::Declared { name: "bpf_foo", effect, result } }),
        register().prop_map(Callee::Register),
    ]
}

fn instruction() -> impl Strategy<Value = Instruction<'static>> {
    let narrow = || prop::sample::select(&[Size::Byte, Size::Half, Size::Word][..]);
    prop_oneof![
        (width(), prop::sample::select(&AluOp::ALL[..]), written(), source())
            .prop_map(|(width, op, dst, src)| Instruction::Alu { width, op, dst, src }),
        (width(), written()).prop_map(|(width, dst)| Instruction::Negate { width, dst }),
        (width(), written(), source()).prop_map(|(width, dst, src)| Instruction::Move { width, dst, src }),
        (prop::sample::select(&[Size::Byte, Size::Half][..]), width(), written(), register())
            .prop_map(|(from, width, dst, src)| Instruction::MoveSigned { width, from, dst, src }),
        (written(), register(), any::<(u16, u16)>())
            .prop_map(|(dst, src, (to, from))| Instruction::CastAddress { dst, src, to, from }),
        (
            prop::sample::select(&[Swap::ToLittle, Swap::ToBig, Swap::Always][..]),
            prop::sample::select(&[Size::Half, Size::Word, Size::Double][..]),
            written()
        )
            .prop_map(|(swap, size, dst)| Instruction::SwapBytes { swap, size, dst }),
        (written(), wide()).prop_map(|(dst, value)| Instruction::LoadWide { dst, value }),
        (size(), any::<bool>(), written(), register(), any::<i16>()).prop_map(
            |(size, signed, dst, base, offset)| {
                let signed = signed && size != Size::Double;
                Instruction::Load { size, signed, dst, base, offset }
            }
        ),
        (size(), written(), register(), any::<i16>())
            .prop_map(|(size, dst, base, offset)| Instruction::LoadAcquire { size, dst, base, offset }),
        (narrow(), prop::option::of(register()), any::<i32>())
            .prop_map(|(size, index, offset)| Instruction::LoadPacket { size, index, offset }),
        (size(), register(), any::<i16>(), source())
            .prop_map(|(size, base, offset, src)| Instruction::Store { size, base, offset, src }),
        (size(), register(), any::<i16>(), register())
            .prop_map(|(size, base, offset, src)| Instruction::StoreRelease { size, base, offset, src }),
        (width(), prop::sample::select(&Modify::ALL[..]), register(), any::<i16>(), written()).prop_map(
            |(width, modify, base, offset, src)| Instruction::Atomic { width, modify, base, offset, src }
        ),
        (any::<bool>(), target()).prop_map(|(long, target)| Instruction::Jump { long, target }),
        (width(), prop::sample::select(&Test::ALL[..]), register(), source(), target()).prop_map(
            |(width, test, dst, src, target)| Instruction::JumpIf { width, test, dst, src, target }
        ),
        target().prop_map(|target| Instruction::MayGoto { target }),
        register().prop_map(|dst| Instruction::JumpRegister { dst }),
        callee().prop_map(|callee| Instruction::Call { callee }),
        Just(Instruction::Exit),
        Just(Instruction::NoSpeculation),
    ]
}

proptest! {
    /// What is printed in any syntax reads back as the same.
    #[test]
    fn round_trip(instruction in instruction()) {
        for (_, syntax) in Syntax::ALL {
            let text = Text { instruction: &instruction, syntax }.to_string();
            prop_assert_eq!(read(&text).map(without_spans), Ok(instruction), "{}", text);
        }
    }

    /// Whatever is read can be printed, and nothing panics.
    #[test]
    fn any_text(text in "[rw%*()u0-9sl =+<>-]{0,30}") {
        if let Ok(instruction) = read(&text) {
            let printed = instruction.to_string();
            prop_assert_eq!(read(&printed).map(without_spans), Ok(without_spans(instruction)));
        }
    }
}

#[test]
fn what_other_tools_write() {
    let same =
        |theirs: &str, ours: &str| assert_eq!(read(theirs).map(without_spans), read(ours).map(without_spans));
    // LLVM's assembly; GNU's tools before 2.41.
    same("r1 = w2", "w1 = w2");
    same("ldxw %r2,[%fp+-4]", "r2 = *(u32 *)(r10 - 4)");
    same("xadddw [%r1+0],%r0", "lock *(u64 *)(r1 + 0) += r0");
    same("xaddw [%r1+8],%r0", "lock *(u32 *)(r1 + 8) += r0");
    // What the kernel adds to the names of functions.
    same("(85) call pc+7#bpf_prog_6deef7357e7b4530_F", "call +7");
    assert_eq!(
        read("(85) call __htab_map_lookup_elem#212345"),
        Ok(Instruction::Call { callee: Callee::Named("__htab_map_lookup_elem") })
    );
    assert_eq!(
        read("call bpf_foo with full-barrier = -1"),
        Ok(Instruction::Call {
            callee: Callee::Declared { name: "bpf_foo", effect: callee::Effect::FullBarrier, result: -1 }
        })
    );
    assert!(read("call bpf_foo with barrier").is_err());
}
