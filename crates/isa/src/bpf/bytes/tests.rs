use super::{Decoded, Endian, Slot, Unencodable, decode, encode};
use crate::bpf::{
    AluOp, Callee, Instruction, Modify, Register, Size, Source, Swap, Target, Test, Wide, Width,
};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use proptest::sample::select;
use syntax::Span;

fn register() -> impl Strategy<Value = Register<'static>> {
    (0u8..=10).prop_map(|number| Register { number, symbolic: None })
}

fn width() -> impl Strategy<Value = Width> {
    select(vec![Width::W32, Width::W64])
}

fn size() -> impl Strategy<Value = Size> {
    select(Size::ALL.to_vec())
}

fn source() -> impl Strategy<Value = Source<'static>> {
    prop_oneof![register().prop_map(Source::Register), any::<i32>().prop_map(Source::Immediate)]
}

fn short() -> impl Strategy<Value = Target<'static>> {
    any::<i16>().prop_map(|offset| Target::Offset(offset.into()))
}

fn long() -> impl Strategy<Value = Target<'static>> {
    any::<i32>().prop_map(Target::Offset)
}

fn arithmetic() -> impl Strategy<Value = Instruction<'static>> {
    let swap = select(vec![Swap::ToLittle, Swap::ToBig, Swap::Always]);
    let sizes = select(vec![Size::Half, Size::Word, Size::Double]);
    let extended = select(vec![
        (Width::W32, Size::Byte),
        (Width::W32, Size::Half),
        (Width::W64, Size::Byte),
        (Width::W64, Size::Half),
        (Width::W64, Size::Word),
    ]);
    prop_oneof![
        (width(), select(AluOp::ALL.to_vec()), register(), source())
            .prop_map(|(width, op, dst, src)| Instruction::Alu { width, op, dst, src }),
        (width(), register()).prop_map(|(width, dst)| Instruction::Negate { width, dst }),
        (width(), register(), source()).prop_map(|(width, dst, src)| Instruction::Move { width, dst, src }),
        (extended, register(), register()).prop_map(|((width, from), dst, src)| Instruction::MoveSigned {
            width,
            from,
            dst,
            src
        }),
        (register(), register(), any::<u16>(), any::<u16>())
            .prop_map(|(dst, src, to, from)| Instruction::CastAddress { dst, src, to, from }),
        (swap, sizes, register()).prop_map(|(swap, size, dst)| Instruction::SwapBytes { swap, size, dst }),
    ]
}

fn memory() -> impl Strategy<Value = Instruction<'static>> {
    let access = || (size(), register(), register(), any::<i16>());
    let small = || select(vec![Size::Byte, Size::Half, Size::Word]);
    prop_oneof![
        access().prop_map(|(size, dst, base, offset)| Instruction::Load {
            size,
            signed: false,
            dst,
            base,
            offset
        }),
        (small(), register(), register(), any::<i16>()).prop_map(|(size, dst, base, offset)| {
            Instruction::Load { size, signed: true, dst, base, offset }
        }),
        access().prop_map(|(size, dst, base, offset)| Instruction::LoadAcquire { size, dst, base, offset }),
        access().prop_map(|(size, base, src, offset)| Instruction::StoreRelease { size, base, offset, src }),
        (size(), register(), any::<i16>(), source())
            .prop_map(|(size, base, offset, src)| Instruction::Store { size, base, offset, src }),
        (small(), proptest::option::of(register()), any::<i32>())
            .prop_map(|(size, index, offset)| Instruction::LoadPacket { size, index, offset }),
        (width(), select(Modify::ALL.to_vec()), register(), any::<i16>(), register()).prop_map(
            |(width, modify, base, offset, src)| Instruction::Atomic { width, modify, base, offset, src }
        ),
        Just(Instruction::NoSpeculation),
        (register(), wide()).prop_map(|(dst, value)| Instruction::LoadWide { dst, value }),
    ]
}

fn wide() -> impl Strategy<Value = Wide<'static>> {
    let pair = || (any::<i32>(), any::<i32>());
    prop_oneof![
        any::<u64>().prop_map(Wide::Number),
        any::<i32>().prop_map(|fd| Wide::Map { fd }),
        pair().prop_map(|(fd, offset)| Wide::MapValue { fd, offset }),
        pair().prop_map(|(btf, module)| Wide::Variable { btf, module }),
        long().prop_map(Wide::Function),
        any::<i32>().prop_map(|index| Wide::MapIndex { index }),
        pair().prop_map(|(index, offset)| Wide::MapIndexValue { index, offset }),
    ]
}

fn control() -> impl Strategy<Value = Instruction<'static>> {
    let callee = prop_oneof![
        any::<i32>().prop_map(Callee::Helper),
        long().prop_map(Callee::Local),
        (any::<i32>(), any::<i16>()).prop_map(|(btf, module)| Callee::Kernel { btf, module }),
        register().prop_map(Callee::Register),
    ];
    prop_oneof![
        short().prop_map(|target| Instruction::Jump { long: false, target }),
        long().prop_map(|target| Instruction::Jump { long: true, target }),
        (width(), select(Test::ALL.to_vec()), register(), source(), short()).prop_map(
            |(width, test, dst, src, target)| Instruction::JumpIf { width, test, dst, src, target }
        ),
        short().prop_map(|target| Instruction::MayGoto { target }),
        register().prop_map(|dst| Instruction::JumpRegister { dst }),
        callee.prop_map(|callee| Instruction::Call { callee }),
        Just(Instruction::Exit),
    ]
}

fn endian() -> impl Strategy<Value = Endian> {
    select(vec![Endian::Little, Endian::Big])
}

/// The bytes of an instruction.
fn bytes(instruction: &Instruction<'_>, endian: Endian) -> Vec<u8> {
    let (first, second) = encode(instruction).unwrap();
    std::iter::once(first).chain(second).flat_map(|slot| slot.to_bytes(endian)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_encoded_decodes_to_the_same(
        instruction in prop_oneof![arithmetic(), memory(), control()],
        endian in endian(),
    ) {
        let (decoded, problem) = decode(&bytes(&instruction, endian), endian);
        prop_assert_eq!(problem, None);
        prop_assert_eq!(decoded.len(), 1);
        prop_assert_eq!(decoded[0].slots(), instruction.slots());
        prop_assert_eq!(&decoded[0].instruction, &Ok(instruction));
    }

    #[test]
    fn what_decodes_encodes_to_the_same_bytes(
        opcode in any::<u8>(), registers in any::<u8>(), offset in prop_oneof![Just(0i16), any::<i16>()],
        imm in prop_oneof![Just(0i32), 0i32..=0x111, any::<i32>()], next in any::<i32>(), endian in endian(),
    ) {
        let (dst, src) = (registers & 15, registers >> 4);
        let slots = [Slot { opcode, dst, src, offset, imm }, Slot { imm: next, ..Slot::default() }];
        let code = slots.map(|slot| slot.to_bytes(endian)).concat();
        let (decoded, _) = decode(&code, endian);
        if let Ok(instruction) = &decoded[0].instruction {
            // The register of `callx` has two places.
            prop_assume!(!matches!(instruction, Instruction::Call { callee: Callee::Register(_) }));
            prop_assert_eq!(&bytes(instruction, endian)[..], &code[..8 * instruction.slots()]);
        }
    }
}

/// Every opcode that is the first of an instruction for some value of the other fields.
#[test]
fn opcodes() {
    let valid = |opcode: u8| {
        let fields = [0, 1, 16, 0x100].into_iter().flat_map(|imm| [0, 1].map(|offset| (imm, offset)));
        fields.into_iter().any(|(imm, offset)| {
            let slot = Slot { opcode, imm, offset, ..Slot::default() };
            let code = [slot.to_bytes(Endian::Little), [0; 8]].concat();
            decode(&code, Endian::Little).0[0].instruction.is_ok()
        })
    };
    let mut text = String::new();
    for class in 0..8 {
        let of_class: Vec<String> = (0..32u8)
            .map(|code| code << 3 | class)
            .filter(|opcode| valid(*opcode))
            .map(|o| format!("{o:02x}"))
            .collect();
        text += &format!("class {class}: {}\n", of_class.join(" "));
    }
    expect![[r#"
        class 0: 18 20 28 30 40 48 50
        class 1: 61 69 71 79 81 89 91
        class 2: 62 6a 72 7a c2
        class 3: 63 6b 73 7b c3 cb d3 db
        class 4: 04 0c 14 1c 24 2c 34 3c 44 4c 54 5c 64 6c 74 7c 84 94 9c a4 ac b4 bc c4 cc d4 dc
        class 5: 05 0d 15 1d 25 2d 35 3d 45 4d 55 5d 65 6d 75 7d 85 8d 95 a5 ad b5 bd c5 cd d5 dd e5
        class 6: 06 16 1e 26 2e 36 3e 46 4e 56 5e 66 6e 76 7e a6 ae b6 be c6 ce d6 de
        class 7: 07 0f 17 1f 27 2f 37 3f 47 4f 57 5f 67 6f 77 7f 87 97 9f a7 af b7 bf c7 cf d7
    "#]]
    .assert_eq(&text);
}

/// Decodes slots that are written as hex digits.
fn hex(text: &str) -> Vec<Decoded> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    let code: Vec<u8> = digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    decode(&code, Endian::Little).0
}

fn problems(dumps: &[&str], expected: Expect) {
    let mut text = String::new();
    for dump in dumps {
        let problem = hex(dump).remove(0).instruction.expect_err(dump);
        let diagnostic = problem.at(Span::default());
        text += &format!("{dump}\n  {}: {}\n", diagnostic.code, diagnostic.message);
        if let Some(help) = diagnostic.help {
            text += &format!("  help: {help}\n");
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn what_is_no_instruction_is_said() {
    problems(
        &[
            "00 00 0000 00000000",
            "ff 00 0000 00000000",
            "8c 00 0000 00000000",
            "df 00 0000 10000000",
            "0e 00 0000 00000000",
            "99 21 0000 00000000",
            "39 21 0000 00000000",
            "e3 21 0000 00000000",
            "bf 21 ffff 00000000",
            "cb 21 0000 00000000",
            "db 21 0000 02000000",
            "db 21 0000 11010000",
            "07 0b 0000 01000000",
            "0f b1 0000 00000000",
            "07 21 0000 01000000",
            "0f 21 0000 01000000",
            "07 01 0100 01000000",
            "37 01 0200 01000000",
            "bf 21 0700 00000000",
            "bc 21 2000 00000000",
            "d4 01 0000 08000000",
            "95 00 0000 01000000",
            "85 30 0000 01000000",
            "85 00 0200 01000000",
            "18 70 0000 00000000 00 00 0000 00000000",
            "18 10 0000 00000000 00 00 0000 01000000",
            "18 01 0000 00000000 00 01 0000 01000000",
            "18 01 0000 00000000",
            "18 01 0000 00000000 95 00 0000 00000000",
        ],
        expect![[r#"
            00 00 0000 00000000
              bpf::invalid-opcode: there is no instruction with the opcode 0x00
              help: 0x00 is the opcode of the second half of `lddw` only: is this data?
            ff 00 0000 00000000
              bpf::invalid-opcode: there is no instruction with the opcode 0xff
            8c 00 0000 00000000
              bpf::invalid-opcode: there is no instruction with the opcode 0x8c
            df 00 0000 10000000
              bpf::invalid-opcode: there is no instruction with the opcode 0xdf
            0e 00 0000 00000000
              bpf::invalid-opcode: there is no instruction with the opcode 0x0e
            99 21 0000 00000000
              bpf::invalid-opcode: there is no instruction with the opcode 0x99
            39 21 0000 00000000
              bpf::invalid-opcode: opcode 0x39 is a load that may fault, which the kernel makes for itself
              help: give the program as it is before it is loaded
            e3 21 0000 00000000
              bpf::invalid-opcode: opcode 0xe3 is an atomic operation on an arena, which the kernel makes for itself
              help: give the program as it is before it is loaded
            bf 21 ffff 00000000
              bpf::invalid-opcode: opcode 0xbf is a move of the address of data of the processor, which the kernel makes for itself
              help: give the program as it is before it is loaded
            cb 21 0000 00000000
              bpf::invalid-opcode: opcode 0xcb: there is no atomic read-modify-write of 16 bits
            db 21 0000 02000000
              bpf::reserved-field: opcode 0xdb: no atomic operation has the number 0x2
            db 21 0000 11010000
              bpf::reserved-field: opcode 0xdb: no atomic operation has the number 0x111
            07 0b 0000 01000000
              bpf::bad-register: opcode 0x07: there is no register r11
              help: registers are r0 to r10
            0f b1 0000 00000000
              bpf::bad-register: opcode 0x0f: there is no register r11
              help: registers are r0 to r10
            07 21 0000 01000000
              bpf::reserved-field: opcode 0x07: the field `src` is not used and must be 0, not 2
            0f 21 0000 01000000
              bpf::reserved-field: opcode 0x0f: the field `imm` is not used and must be 0, not 1
            07 01 0100 01000000
              bpf::reserved-field: opcode 0x07: the field `offset` is not used and must be 0, not 1
            37 01 0200 01000000
              bpf::reserved-field: opcode 0x37: the offset of a division is 0 or 1 (signed), not 2
            bf 21 0700 00000000
              bpf::reserved-field: opcode 0xbf: no move has the offset 7
            bc 21 2000 00000000
              bpf::reserved-field: opcode 0xbc: no move has the offset 32
            d4 01 0000 08000000
              bpf::reserved-field: opcode 0xd4: bytes are swapped in 16, 32 or 64 bits, not in 8
            95 00 0000 01000000
              bpf::reserved-field: opcode 0x95: the field `imm` is not used and must be 0, not 1
            85 30 0000 01000000
              bpf::reserved-field: opcode 0x85: there is no call of the kind 3
            85 00 0200 01000000
              bpf::reserved-field: opcode 0x85: the field `offset` is not used and must be 0, not 2
            18 70 0000 00000000 00 00 0000 00000000
              bpf::reserved-field: opcode 0x18: there is no `lddw` of the kind 7
            18 10 0000 00000000 00 00 0000 01000000
              bpf::reserved-field: opcode 0x18: the second constant of this `lddw` is 0, not 1
            18 01 0000 00000000 00 01 0000 01000000
              bpf::reserved-field: opcode 0x18: the second half of `lddw` has more than a constant
            18 01 0000 00000000
              bpf::truncated: the second half of `lddw` is missing
            18 01 0000 00000000 95 00 0000 00000000
              bpf::truncated: the second half of `lddw` is missing
        "#]],
    );
}

#[test]
fn the_rest_is_read_behind_what_is_wrong() {
    let decoded = hex("ff00000000000000 1801000000000000 9500000000000000");
    let good: Vec<(usize, bool)> = decoded.iter().map(|one| (one.index, one.instruction.is_ok())).collect();
    assert_eq!(good, [(0, false), (1, false), (2, true)]);
}

#[test]
fn half_a_slot_is_said() {
    let (decoded, problem) = decode(&[0x95, 0, 0, 0, 0, 0, 0, 0, 0x95], Endian::Little);
    assert_eq!(decoded.len(), 1);
    assert_eq!(problem.unwrap().code, "bpf::truncated");
}

#[test]
fn what_has_no_bytes_is_said() {
    let label = Target::Label("L", Span::default());
    let far = Target::Offset(40_000);
    let dst = Register::RESULT;
    let symbol = Wide::Symbol { name: "x", offset: 0 };
    for (instruction, why) in [
        (Instruction::Jump { long: true, target: label }, Unencodable::Name),
        (Instruction::Jump { long: false, target: far }, Unencodable::TooFar),
        (Instruction::LoadWide { dst, value: symbol }, Unencodable::Name),
        (Instruction::Call { callee: Callee::Named("bpf_spin_lock") }, Unencodable::Name),
        (
            Instruction::Load { size: Size::Double, signed: true, dst, base: dst, offset: 0 },
            Unencodable::NoSuchInstruction,
        ),
        (
            Instruction::MoveSigned { width: Width::W32, from: Size::Word, dst, src: dst },
            Unencodable::NoSuchInstruction,
        ),
        (
            Instruction::SwapBytes { swap: Swap::Always, size: Size::Byte, dst },
            Unencodable::NoSuchInstruction,
        ),
        (
            Instruction::LoadPacket { size: Size::Double, index: None, offset: 0 },
            Unencodable::NoSuchInstruction,
        ),
    ] {
        assert_eq!(encode(&instruction), Err(why), "{instruction:?}");
    }
}

#[test]
fn acquire_has_its_address_in_the_second_register() {
    let [acquire, release] = ["db 21 0800 00010000", "db 21 0800 10010000"].map(|dump| hex(dump).remove(0));
    let [one, two] = [1, 2].map(|number| Register::new(number).unwrap());
    assert_eq!(
        acquire.instruction,
        Ok(Instruction::LoadAcquire { size: Size::Double, dst: one, base: two, offset: 8 })
    );
    assert_eq!(
        release.instruction,
        Ok(Instruction::StoreRelease { size: Size::Double, base: one, offset: 8, src: two })
    );
}
