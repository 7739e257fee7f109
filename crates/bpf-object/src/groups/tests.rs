use super::feature::{Cpu, Feature, Release, features};
use super::jit::{Jit, Support};
use super::registry::{Class, DISPUTES, Group, Table, classify};
use super::{Needs, needs};
use crate::{Format, read};
use expect_test::expect;
use isa::bpf::Instruction;
use isa::bpf::bytes::{Endian, Slot, decode};
use syntax::FileId;

/// The rows of the registry, by group: the opcode, and what tells rows with one opcode apart.
const ROWS: &[(Group, &str)] = &[
    (
        Group::Base32,
        "04 05 06 0c 14 16 1c 1e 26 2e 36 3e 44 46 4c 4e 54 56 5c 5e 61 62 63 64 66 69 6a 6b 6c 6e 71 72 73 74 76 7c \
         7e 84 85/src0 85/src1 85/src2 95 a4 a6 ac ae b4 b6 bc bc/off8 bc/off16 be c4 c6 cc ce d4/imm16 d4/imm32 d6 \
         d7/imm16 d7/imm32 dc/imm16 dc/imm32 de",
    ),
    (
        Group::Base64,
        "07 0f 15 17 18/src0 18/src1 18/src2 18/src3 18/src4 18/src5 18/src6 1d 1f 25 2d 35 3d 45 47 4d 4f 55 57 5d \
         5f 65 67 6d 6f 75 77 79 7a 7b 7d 7f 87 a5 a7 ad af b5 b7 bd bf bf/off8 bf/off16 bf/off32 c5 c7 cd cf \
         d4/imm64 d5 d7/imm64 dc/imm64 dd",
    ),
    (Group::DivMul32, "24 2c 34 34/off1 3c 3c/off1 94 94/off1 9c 9c/off1"),
    (Group::DivMul64, "27 2f 37 37/off1 3f 3f/off1 97 97/off1 9f 9f/off1"),
    (
        Group::Atomic32,
        "c3/imm0 c3/imm1 c3/imm64 c3/imm65 c3/imm80 c3/imm81 c3/imm160 c3/imm161 c3/imm225 c3/imm241",
    ),
    (
        Group::Atomic64,
        "db/imm0 db/imm1 db/imm64 db/imm65 db/imm80 db/imm81 db/imm160 db/imm161 db/imm225 db/imm241",
    ),
    (Group::Packet, "20 28 30 40 48 50"),
];

/// What is in no row of the registry.
const OUTSIDE: &str = "81 89 91 c3/imm256 c3/imm272 cb/imm256 cb/imm272 d3/imm256 d3/imm272 db/imm256 db/imm272 e5 0d \
                       bf/off1 8d c2";

/// The instruction of a row.
fn instruction(row: &str) -> Instruction<'static> {
    let mut parts = row.split('/');
    let opcode = u8::from_str_radix(parts.next().unwrap(), 16).unwrap();
    let mut slot = Slot { opcode, ..Slot::default() };
    for part in parts {
        let (field, value) = part.split_at(3);
        match field {
            "src" => slot.src = value.parse().unwrap(),
            "off" => slot.offset = value.parse().unwrap(),
            _ => slot.imm = value.parse().unwrap(),
        }
    }
    let code = [slot.to_bytes(Endian::Little), [0; 8]].concat();
    decode(&code, Endian::Little).0[0]
        .instruction
        .clone()
        .unwrap_or_else(|problem| panic!("{row}: {problem:?}"))
}

#[test]
fn every_row_of_the_registry_has_its_group() {
    // The second half of `lddw` is a row of its own.
    let mut rows = 1;
    for (group, list) in ROWS {
        for row in list.split_whitespace() {
            rows += 1;
            let found = match classify(&instruction(row)) {
                Class::Agreed(group) => Some(group),
                Class::Disputed(dispute) => dispute.group(Table::Registry),
                Class::Unregistered(_) => None,
            };
            assert_eq!(found, Some(*group), "{row}");
        }
    }
    assert_eq!(rows, 168);
}

#[test]
fn what_is_outside_the_registry_is_in_no_group() {
    let mut text = String::new();
    for row in OUTSIDE.split_whitespace() {
        text += &match classify(&instruction(row)) {
            Class::Agreed(group) => format!("{row}: {group:?}\n"),
            Class::Disputed(dispute) => format!("{row}: {:?}\n", dispute.groups),
            Class::Unregistered(feature) => format!("{row}: {feature:?}\n"),
        };
    }
    expect![[r#"
        81: [None, Some(Base32), Some(Base64)]
        89: [None, Some(Base32), Some(Base64)]
        91: [None, Some(Base32), Some(Base64)]
        c3/imm256: AcquireRelease
        c3/imm272: AcquireRelease
        cb/imm256: AcquireRelease
        cb/imm272: AcquireRelease
        d3/imm256: AcquireRelease
        d3/imm272: AcquireRelease
        db/imm256: AcquireRelease
        db/imm272: AcquireRelease
        e5: MayGoto
        0d: IndirectJump
        bf/off1: AddressSpaces
        8d: IndirectCall
        c2: NoSpeculation
    "#]]
    .assert_eq(&text);
}

#[test]
fn disputes_are_about_few_opcodes() {
    let rows = ROWS.iter().flat_map(|(_, list)| list.split_whitespace()).chain(OUTSIDE.split_whitespace());
    let mut disputed = [const { Vec::new() }; 2];
    for row in rows {
        if let Class::Disputed(dispute) = classify(&instruction(row)) {
            let position = DISPUTES.iter().position(|known| *known == dispute).unwrap();
            disputed[position].push(row);
        }
    }
    assert_eq!(disputed, [vec!["81", "89", "91"], vec!["1f", "6d", "87"]]);
}

#[test]
fn versions_and_kernels() {
    let mut text = String::new();
    let rows = ROWS.iter().flat_map(|(_, list)| list.split_whitespace()).chain(OUTSIDE.split_whitespace());
    let mut by_features: std::collections::BTreeMap<Vec<Feature>, Vec<&str>> =
        std::collections::BTreeMap::new();
    for row in rows {
        by_features.entry(features(&instruction(row))).or_default().push(row);
    }
    for (features, rows) in by_features {
        let cpu = features.iter().map(|feature| feature.cpu()).max().unwrap_or(Cpu::V1);
        let keys: Vec<&str> = features.iter().map(|feature| feature.key()).collect();
        text += &format!("{} {}: {}\n", cpu.name(), keys.join("+"), rows.join(" "));
    }
    expect![[r#"
        v1 : 05 61 63 69 6b 71 73 85/src0 95 d4/imm16 d4/imm32 dc/imm16 dc/imm32 07 0f 15 17 18/src0 18/src1 1d 1f 25 2d 35 3d 45 47 4d 4f 55 57 5d 5f 65 67 6d 6f 75 77 79 7b 7d 7f 87 a7 af b7 bf c7 cf d4/imm64 dc/imm64 27 2f
        v1 packet-load: 20 28 30 40 48 50
        v1 wide-division: 37 3f 97 9f
        v1 atomic-add: c3/imm0 db/imm0
        v1 map-value: 18/src2
        v1 map-index: 18/src5 18/src6
        v1 kernel-variable: 18/src3
        v1 function-address: 18/src4
        v1 local-call: 85/src1
        v1 kfunc-call: 85/src2
        v2 jump-less: a5 ad b5 bd c5 cd d5 dd
        v3 jump-less+jmp32: a6 ae b6 be c6 ce d6 de
        v3 alu32: 04 0c 14 1c 44 4c 54 5c 64 6c 74 7c 84 a4 ac b4 bc c4 cc 24 2c 34 3c 94 9c
        v3 jmp32: 16 1e 26 2e 36 3e 46 4e 56 5e 66 6e 76 7e
        v3 atomic: c3/imm1 c3/imm64 c3/imm65 c3/imm80 c3/imm81 c3/imm160 c3/imm161 c3/imm225 db/imm1 db/imm64 db/imm65 db/imm80 db/imm81 db/imm160 db/imm161 db/imm225
        v3 atomic+compare-exchange: c3/imm241 db/imm241
        v4 store-immediate: 62 6a 72 7a
        v4 signed-load: 81 89 91
        v4 signed-move: bf/off8 bf/off16 bf/off32
        v4 signed-move+alu32: bc/off8 bc/off16
        v4 bswap: d7/imm16 d7/imm32 d7/imm64
        v4 signed-division: 37/off1 3f/off1 97/off1 9f/off1
        v4 signed-division+alu32: 34/off1 3c/off1 94/off1 9c/off1
        v4 gotol: 06
        v4 acquire-release: c3/imm256 c3/imm272 cb/imm256 cb/imm272 d3/imm256 d3/imm272 db/imm256 db/imm272
        v4 gotox: 0d
        v1 may-goto: e5
        v1 address-space-cast: bf/off1
        v1 callx: 8d
        v1 nospec: c2
    "#]].assert_eq(&text);
}

fn of_hex(dump: &str) -> Needs {
    let (program, diagnostics) = read(FileId::default(), "test", dump.as_bytes(), Format::Hex);
    let program = program.unwrap_or_else(|| panic!("{diagnostics:?}"));
    needs(&program.functions, &program.data)
}

#[test]
fn groups_include_others() {
    // r0 = 0; r0 *= 5; lock *(u64 *)(r1 + 0) += r0; w0 = 0; exit
    let needs =
        of_hex("b700000000000000 2700000005000000 db01000000000000 b400000000000000 9500000000000000");
    assert_eq!(needs.groups(Table::Registry), [Group::Base64, Group::DivMul64, Group::Atomic64]);
    assert!(needs.is_agreed());
    assert_eq!((needs.cpu(), needs.kernel()), (Cpu::V3, Ok((Release(3, 18), Feature::Base))));
}

#[test]
fn both_answers_are_given() {
    // w0 = 0; r1 = *(s8 *)(r1 + 0); exit
    let needs = of_hex("b400000000000000 9111000000000000 9500000000000000");
    assert!(!needs.is_agreed());
    let answers = Table::ALL.map(|table| needs.groups(table));
    assert_eq!(answers, [vec![Group::Base32], vec![Group::Base32], vec![Group::Base64]]);
    assert_eq!(needs.disputes().count(), 1);
}

#[test]
fn jits_answer_for_everything() {
    // r1 = load_acquire((u64 *)(r1 + 0)); lock *(u32 *)(r1 + 0) += r2; exit
    let needs = of_hex("db11000000010000 c321000000000000 9500000000000000");
    let answer = |jit| needs.jit(jit).0;
    assert_eq!(answer(Jit::X86_64), Support::Since(Release(6, 15)));
    assert_eq!(answer(Jit::S390), Support::Commit("898343edde47", "2026-07"));
    assert!(matches!(answer(Jit::Mips64), Support::No(_)));
    assert_eq!(needs.jit(Jit::Mips64).1, Feature::AcquireRelease);
}

#[test]
fn narrow_atomics_are_translated_in_32_bits() {
    let narrow = of_hex("c321000001000000");
    let wide = of_hex("db21000001000000");
    assert_eq!(narrow.jit(Jit::Ppc32).0, Support::Since(Release(5, 13)));
    assert!(matches!(wide.jit(Jit::Ppc32).0, Support::No(_)));
    assert_eq!((narrow.cpu_of_clang(), wide.cpu_of_clang()), (None, Some(Cpu::V1)));
}

#[test]
fn calls_of_the_compilers_library_are_no_kfuncs() {
    let listing = "0: 85 10 00 00 ff ff ff ff\tcall -1\n  0: R_BPF_INSN_DISP32\t__sync_fetch_and_or_8\n";
    assert_eq!(of_hex(listing).kernel(), Err(Feature::LibraryCall));
    assert_eq!(
        of_hex(&listing.replace("__sync_fetch_and_or_8", "bpf_foo")).kernel(),
        Ok((Release(5, 13), Feature::KernelCall))
    );
}

#[test]
fn what_no_kernel_accepts_is_said() {
    let needs = of_hex("8d01000000000000");
    assert_eq!(needs.kernel(), Err(Feature::IndirectCall));
    assert!(matches!(needs.jit(Jit::X86_64).0, Support::No(_)));
}
