//! Programs out of objects and hex dumps, and what is wrong with damaged ones.

use bpf_object::{DataKind, Endian, Format, Program, Reference, read};
use expect_test::{Expect, expect};
use std::fmt::Write;
use syntax::{Diagnostic, FileId};

fn data(name: &str) -> Vec<u8> {
    match name {
        "ring.o" => include_bytes!("data/ring.o").to_vec(),
        "ring-be.o" => include_bytes!("data/ring-be.o").to_vec(),
        "gnu.o" => include_bytes!("data/gnu.o").to_vec(),
        "calls.o" => include_bytes!("data/calls.o").to_vec(),
        "calls.dump" => include_bytes!("data/calls.dump").to_vec(),
        "calls.gas" => include_bytes!("data/calls.gas").to_vec(),
        "calls.s" => include_bytes!("data/calls.s").to_vec(),
        _ => include_bytes!("data/forms.hex").to_vec(),
    }
}

fn good(name: &str) -> Program {
    let bytes = data(name);
    let (program, diagnostics) = read(FileId(0), "forms", &bytes, Format::guess(&bytes));
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    program.unwrap()
}

/// What was understood.
fn describe(program: &Program) -> String {
    let mut text = String::new();
    for data in &program.data {
        let kind = match &data.kind {
            DataKind::Map(kind) => format!("map of kind {kind:?}"),
            DataKind::Variable(bytes) => format!("variable {bytes:?}"),
        };
        let scalars: Vec<String> = data
            .scalars
            .iter()
            .map(|scalar| format!("{}+{}:{}", scalar.name, scalar.offset, scalar.size))
            .collect();
        writeln!(text, "{}: {kind}, {} bytes ({})", data.name, data.size, scalars.join(" ")).unwrap();
    }
    for function in &program.functions {
        writeln!(text, "{} in {} at {}", function.name, function.section, function.offset).unwrap();
        for line in function.lines.iter().filter(|line| line.reference.is_some()) {
            let what = match line.reference.as_ref().unwrap() {
                Reference::Data(position, offset) => format!("{}{offset:+}", program.data[*position].name),
                Reference::Function(name) => format!("function {name}"),
                Reference::Kernel(name) => format!("kernel's {name}"),
                Reference::Section(name, offset) => format!("section {name}{offset:+}"),
            };
            let source = line.source.as_ref().map_or(String::new(), |source| {
                format!(" ({}:{}:{} `{}`)", source.file, source.line, source.column, source.text)
            });
            writeln!(text, "  {}: {what}{source}", line.decoded.index).unwrap();
        }
    }
    text
}

#[test]
fn an_object_has_functions_data_and_references() {
    expect![[r#"
        turn: variable [7, 0, 0, 0], 4 bytes (+0:4)
        slots: map of kind Some(2), 16 bytes (data+0:8 ready+8:4 seen+12:4)
        hits: variable [], 8 bytes (+0:8)
        owner: variable [], 4 bytes (+0:4)
        busy in .text at 0
          0: hits+0 (./ring.c:56:9 `return *(volatile u64 *)counter + turn;`)
          3: turn+0 (./ring.c:56:36 `return *(volatile u64 *)counter + turn;`)
        send in raw_tp/send at 0
          4: slots+0 (./ring.c:35:22 `struct slot *slot = lookup(&slots, &key);`)
        receive in raw_tp/receive at 0
          4: slots+0 (./ring.c:46:22 `struct slot *slot = lookup(&slots, &key);`)
        count in raw_tp/count at 0
          0: kernel's bpf_rcu_read_lock (./ring.c:61:2 `bpf_rcu_read_lock();`)
          2: hits+0 (./ring.c:62:2 `__sync_fetch_and_add(&hits, 1);`)
          6: owner+0 (./ring.c:63:6 `if (__sync_val_compare_and_swap(&owner, 0, 1) != 0)`)
          14: turn+0 (./ring.c:64:10 `return *(volatile u32 *)&turn;`)
          18: kernel's bpf_rcu_read_unlock (./ring.c:65:2 `bpf_rcu_read_unlock();`)
          19: function busy (./ring.c:66:9 `return busy(&hits);`)
    "#]]
    .assert_eq(&describe(&good("ring.o")));
}

#[test]
fn big_endian_objects_have_the_same_instructions() {
    let instructions = |program: &Program| -> Vec<String> {
        let lines = program.functions.iter().flat_map(|function| &function.lines);
        lines.map(|line| format!("{:?}", line.decoded.instruction)).collect()
    };
    let (little, big) = (good("ring.o"), good("ring-be.o"));
    assert_eq!((little.endian, big.endian), (Endian::Little, Endian::Big));
    assert_eq!(instructions(&little), instructions(&big));
}

/// What calls and addresses refer to, in order, and how many instructions each function has.
fn references(program: &Program) -> String {
    let mut functions: Vec<_> = program.functions.iter().collect();
    functions.sort_by_key(|function| &function.name);
    let mut text = String::new();
    for function in functions {
        write!(text, "{} in {}, {} instructions:", function.name, function.section, function.lines.len())
            .unwrap();
        for reference in function.lines.iter().filter_map(|line| line.reference.as_ref()) {
            match reference {
                Reference::Data(position, offset) => {
                    write!(text, " {}{offset:+}", program.data[*position].name).unwrap();
                }
                other => write!(text, " {other:?}").unwrap(),
            }
        }
        text += "\n";
    }
    text
}

#[test]
fn calls_of_other_sections_are_found_in_objects_listings_and_assembly() {
    let object = references(&good("calls.o"));
    expect![[r#"
        add in raw_tp/add, 11 instructions: Function("twice") Function("sum") total+0
        sum in .text, 12 instructions:
        twice in .text, 3 instructions:
    "#]]
    .assert_eq(&object);
    for form in ["calls.dump", "calls.gas", "calls.s"] {
        assert_eq!(references(&good(form)), object, "{form}");
    }
}

#[test]
fn the_values_of_symbols_are_not_added_twice_in_objects_of_gnu() {
    expect![[r#"
        add in raw_tp/add, 11 instructions: Function("more") first+0 Function("twice") second+0
        more in .text, 5 instructions: second+0
        twice in .text, 3 instructions:
    "#]]
    .assert_eq(&references(&good("gnu.o")));
}

#[test]
fn labels_of_compilers_begin_no_function() {
    let listing = "0000000000000000 <f>:\n\
        0: 15 01 01 00 00 00 00 00\t if r1 == 0 goto +1 <LBB0_2>\n\
        1: b7 00 00 00 00 00 00 00\t r0 = 0\n\
        0000000000000010 <LBB0_2>:\n\
        2: 95 00 00 00 00 00 00 00\t exit\n";
    let text = "f:\n.Ltmp0:\n  if r1 == 0 goto LBB0_2\n.Ltmp1:\n  r0 = 0\nLBB0_2:\n  exit\n";
    for form in [listing, text] {
        let (program, diagnostics) = read(FileId(0), "t", form.as_bytes(), Format::guess(form.as_bytes()));
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        assert_eq!(references(&program.unwrap()), "f in t, 3 instructions:\n");
    }
}

#[test]
fn hex_dumps_have_many_forms() {
    let program = good("forms.hex");
    expect![[r#"
        hits: variable [], 0 bytes ()
        forms in forms at 0
        send in raw_tp/send at 0
          0: hits+8
          3: kernel's bpf_rcu_read_lock
        receive in raw_tp/send at 40
    "#]]
    .assert_eq(&describe(&program));
    let one = &program.functions[0].lines;
    assert_eq!(one.len(), 7);
    assert!(one.iter().all(|line| line.decoded.slot == one[0].decoded.slot), "{one:#?}");
}

fn bad(bytes: &[u8], format: Format) -> Vec<Diagnostic> {
    let (program, diagnostics) = read(FileId(0), "code", bytes, format);
    assert!(program.is_some() || !diagnostics.is_empty());
    diagnostics
}

fn errors(cases: &[(&str, Vec<u8>)], expected: Expect) {
    let mut text = String::new();
    for (what, bytes) in cases {
        writeln!(text, "{what}").unwrap();
        for error in bad(bytes, Format::guess(bytes)) {
            writeln!(text, "  {} {}..{}: {}", error.code, error.span.start, error.span.end, error.message)
                .unwrap();
        }
    }
    expected.assert_eq(&text);
}

/// An object with other bytes at a place.
fn with(at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut object = data("ring.o");
    object[at..at + bytes.len()].copy_from_slice(bytes);
    object
}

/// Where the code of `send` is in the object.
fn code_of_send() -> usize {
    let object = good("ring.o");
    object.function("send").unwrap().lines[0].span.start as usize
}

#[test]
fn each_mistake_is_one_clear_error() {
    let send = code_of_send();
    errors(
        &[
            ("nothing", Vec::new()),
            ("ELF header only", data("ring.o")[..64].to_vec()),
            ("half an ELF header", data("ring.o")[..40].to_vec()),
            ("half an object", data("ring.o")[..2000].to_vec()),
            ("x86-64", with(18, &[62, 0])),
            ("unknown machine", with(18, &[9, 9])),
            ("32 bits", with(4, &[1])),
            ("invalid opcode", with(send, &[0xff])),
            ("jump outside", with(send + 7 * 8 + 2, &[100])),
            ("jump into lddw", with(send + 7 * 8 + 2, &[0xfd, 0xff])),
            ("relocation of what refers to nothing", with(send + 4 * 8, &[0xb7])),
            ("three bytes", vec![0xb7, 0, 0]),
            ("text", b"hello world\n".to_vec()),
            ("half an instruction in hex", b"b7000000".to_vec()),
            ("comments only", b"# nothing\n".to_vec()),
            ("a jump outside in hex", b"0500 ffff 0000 0000\n0500 ff7f 0000 0000".to_vec()),
            ("an instruction that the disassembler did not know", b"r0 = 1\n<unknown>\nexit\n".to_vec()),
            ("a call outside in hex", b"8510 0000 0500 0000".to_vec()),
        ],
        expect![[r#"
            nothing
              bpf::no-code 0..0: the file is empty
            ELF header only
              bpf::bad-object 0..0: this ELF file is cut off or damaged: Invalid ELF section header offset/size/alignment
            half an ELF header
              bpf::bad-object 0..0: this ELF file is cut off or damaged: Invalid ELF header size or alignment
            half an object
              bpf::bad-object 0..0: this ELF file is cut off or damaged: Invalid ELF section header offset/size/alignment
            x86-64
              bpf::wrong-machine 0..0: this object is for x86-64, not for BPF
            unknown machine
              bpf::wrong-machine 0..0: this object is for machine 2313, not for BPF
            32 bits
              bpf::wrong-machine 0..0: this object is for a machine of 32 bits, not for BPF
            invalid opcode
              bpf::invalid-opcode 128..136: in `send`, instruction 0 (offset 0x0): there is no instruction with the opcode 0xff
            jump outside
              bpf::bad-jump 184..192: in `send`, instruction 7 (offset 0x38): the jump by +100 does not lead to an instruction of the function
            jump into lddw
              bpf::bad-jump 184..192: in `send`, instruction 7 (offset 0x38): the jump by -3 does not lead to an instruction of the function
            relocation of what refers to nothing
              bpf::invalid-opcode 168..176: in `send`, instruction 5 (offset 0x28): there is no instruction with the opcode 0x00
              bpf::bad-relocation 160..168: in `send`, instruction 4 (offset 0x20): a relocation is of an instruction that refers to nothing
            three bytes
              bpf::truncated 0..3: in section `code`: the code is 3 bytes long, which is no multiple of 8
            text
              isa::unknown-instruction 0..5: unknown instruction `hello`
            half an instruction in hex
              bpf::truncated 0..8: in section `code`: the code is 4 bytes long, which is no multiple of 8
            comments only
              bpf::no-code 0..0: there are no instructions in this text
            a jump outside in hex
              bpf::bad-jump 20..39: in `code`, instruction 1 (offset 0x8): the jump by +32767 does not lead to an instruction of the function
            an instruction that the disassembler did not know
              isa::unknown-instruction 7..16: the disassembler did not know this instruction
            a call outside in hex
              bpf::bad-jump 0..19: in `code`, instruction 0 (offset 0x0): the call by +5 does not lead to a function of the section
        "#]],
    );
}

#[test]
fn truncated_objects_are_said_to_be() {
    let object = data("ring.o");
    for length in 4..object.len() {
        let errors = bad(&object[..length], Format::Elf);
        assert_eq!(errors.len(), 1, "{length} {errors:#?}");
        assert_eq!(errors[0].code, "bpf::bad-object", "{length}");
    }
}
