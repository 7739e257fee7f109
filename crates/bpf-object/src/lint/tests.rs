use super::lint;
use crate::{Format, read};
use expect_test::{Expect, expect};
use isa::bpf::bytes::{Endian, encode};
use isa::bpf::{AtomicOp, Instruction, Modify, Register, Size, Source, Target, Test, Wide, Width};
use std::fmt::Write;
use syntax::FileId;

fn r(number: u8) -> Register<'static> {
    Register::new(number).unwrap()
}

fn load(dst: u8, base: u8) -> Instruction<'static> {
    Instruction::Load { size: Size::Word, signed: false, dst: r(dst), base: r(base), offset: 0 }
}

fn acquire(dst: u8, base: u8) -> Instruction<'static> {
    Instruction::LoadAcquire { size: Size::Word, dst: r(dst), base: r(base), offset: 0 }
}

fn store(base: u8) -> Instruction<'static> {
    Instruction::Store { size: Size::Word, base: r(base), offset: 0, src: Source::Immediate(1) }
}

fn release(base: u8, src: u8) -> Instruction<'static> {
    Instruction::StoreRelease { size: Size::Word, base: r(base), offset: 0, src: r(src) }
}

fn atomic(modify: Modify, base: u8, offset: i16, src: u8) -> Instruction<'static> {
    Instruction::Atomic { width: Width::W64, modify, base: r(base), offset, src: r(src) }
}

fn mov(dst: u8, number: i32) -> Instruction<'static> {
    Instruction::Move { width: Width::W64, dst: r(dst), src: Source::Immediate(number) }
}

fn unless_zero(dst: u8, offset: i32) -> Instruction<'static> {
    let src = Source::Immediate(0);
    Instruction::JumpIf {
        width: Width::W64,
        test: Test::NotEqual,
        dst: r(dst),
        src,
        target: Target::Offset(offset),
    }
}

/// A function that starts with the addresses of `x` in `r1` and `y` in `r2`, as a listing.
fn function(name: &str, body: &[Instruction<'static>]) -> String {
    let mut text = format!("0000000000000000 <{name}>:\n");
    let mut emit = |instruction: &Instruction<'_>, symbol: Option<&str>| {
        let (first, second) = encode(instruction).unwrap();
        let bytes = std::iter::once(first).chain(second).flat_map(|slot| slot.to_bytes(Endian::Little));
        let bytes: Vec<String> = bytes.map(|byte| format!("{byte:02x}")).collect();
        writeln!(text, "0:\t{}\tcode", bytes.join(" ")).unwrap();
        if let Some(symbol) = symbol {
            writeln!(text, "\t\t0:  R_BPF_64_64\t{symbol}").unwrap();
        }
    };
    for (register, symbol) in [(1, "x"), (2, "y")] {
        emit(&Instruction::LoadWide { dst: r(register), value: Wide::Number(0) }, Some(symbol));
    }
    body.iter().for_each(|instruction| emit(instruction, None));
    emit(&Instruction::Exit, None);
    text
}

fn check(functions: &[(&str, &[Instruction<'static>])], expected: Expect) {
    let listing: String = functions.iter().map(|(name, body)| function(name, body)).collect();
    let (program, diagnostics) = read(FileId(0), "code", listing.as_bytes(), Format::Hex);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let mut text = String::new();
    for found in lint(&program.unwrap()) {
        writeln!(text, "{}: {}", found.code, found.message).unwrap();
        assert!(found.help.is_some());
    }
    expected.assert_eq(&text);
}

const ADD: Modify = Modify::Update(AtomicOp::Add);
const FETCH_OR: Modify = Modify::Fetch(AtomicOp::Or);

#[test]
fn atomics_without_fetch_are_no_barriers() {
    check(
        &[
            ("stack", &[mov(3, 0), atomic(ADD, 10, -8, 3)]),
            ("nothing", &[mov(3, -1), atomic(Modify::Update(AtomicOp::And), 1, 0, 3)]),
            ("counter", &[mov(3, 1), atomic(ADD, 1, 0, 3)]),
            ("good", &[mov(3, 0), atomic(FETCH_OR, 10, -8, 3)]),
        ],
        expect![[r#"
            bpf::unordered-atomic: in `stack`, instruction 5 (offset 0x28): an atomic operation on the stack, which no other thread sees, can only be meant as a barrier, but without FETCH it orders nothing
            bpf::unordered-atomic: in `nothing`, instruction 5 (offset 0x60): an atomic operation that changes nothing can only be meant as a barrier, but without FETCH it orders nothing
        "#]],
    );
}

#[test]
fn failed_compare_exchanges_order_nothing() {
    let exchange = || [mov(0, 0), mov(3, 1), atomic(Modify::CompareExchange, 1, 0, 3)];
    let code = |rest: &[Instruction<'static>]| [&exchange()[..], rest].concat();
    check(
        &[
            ("unasked", &code(&[load(4, 2)])),
            ("fails", &code(&[unless_zero(0, 1), Instruction::Exit, load(4, 2)])),
            // What clang makes of it: success as 0 or 1.
            (
                "indirect",
                &code(&[mov(5, 0), unless_zero(0, 1), mov(5, 1), unless_zero(5, 1), load(4, 2), mov(0, 0)]),
            ),
            ("succeeds", &code(&[unless_zero(0, 1), load(4, 2)])),
            ("again", &code(&[unless_zero(0, -3), load(4, 2)])),
            ("same", &code(&[unless_zero(0, 1), Instruction::Exit, load(4, 1)])),
            ("fenced", &code(&[atomic(FETCH_OR, 10, -8, 5), load(4, 2)])),
            ("stores", &code(&[unless_zero(0, 1), Instruction::Exit, store(2)])),
        ],
        expect![[r#"
            bpf::failed-cmpxchg: in `unasked`, instruction 6 (offset 0x30): the code behind this compare-exchange loads from elsewhere and nothing asks whether it succeeded: one that fails orders nothing
            bpf::failed-cmpxchg: in `fails`, instruction 6 (offset 0x78): the code behind this compare-exchange loads from elsewhere where it fails: one that fails orders nothing
            bpf::failed-cmpxchg: in `indirect`, instruction 6 (offset 0xd0): the code behind this compare-exchange loads from elsewhere where it fails: one that fails orders nothing
        "#]],
    );
}

#[test]
fn acquire_wants_release() {
    check(
        &[("one", &[acquire(3, 1)]), ("two", &[mov(3, 1), store(1)])],
        expect![[r#"
        bpf::unpaired-acquire: in `one`, instruction 4 (offset 0x20): `x` is loaded with acquire, but stored without release by `two` at 5
    "#]],
    );
    check(
        &[("one", &[acquire(3, 1)])],
        expect![[r#"
        bpf::unpaired-acquire: in `one`, instruction 4 (offset 0x20): `x` is loaded with acquire, but nothing in this program stores to it with release
    "#]],
    );
    check(
        &[("one", &[load(3, 1)]), ("two", &[mov(3, 1), release(1, 3)])],
        expect![[r#"
        bpf::unpaired-release: in `two`, instruction 5 (offset 0x58): `x` is stored with release, but loaded without acquire by `one` at 4
    "#]],
    );
    check(&[("one", &[acquire(3, 1)]), ("two", &[mov(3, 1), release(1, 3)])], expect![[r#""#]]);
    check(&[("one", &[acquire(3, 1)]), ("two", &[atomic(FETCH_OR, 1, 0, 3)])], expect![[r#""#]]);
}

#[test]
fn message_passing_is_right_on_x86_only() {
    let send: &[_] = &[store(1), store(2)];
    check(
        &[("send", send), ("receive", &[load(3, 2), load(4, 1)])],
        expect![[r#"
            bpf::x86-only: in `send`, instruction 5 (offset 0x28): the store of `y` may come before the store of `x` (`send` at 4) everywhere but on x86, and `receive` at 5 can see it
            bpf::x86-only: in `receive`, instruction 5 (offset 0x60): the load of `x` may come before the load of `y` (`receive` at 4) everywhere but on x86, and `send` at 5 can see it
        "#]],
    );
    let send: &[_] = &[mov(3, 1), store(1), release(2, 3)];
    check(&[("send", send), ("receive", &[acquire(3, 2), load(4, 1)])], expect![[r#""#]]);
}

#[test]
fn store_buffering_is_wrong_on_x86_too() {
    let one: &[_] = &[store(1), load(3, 2)];
    let two: &[_] = &[store(2), load(3, 1)];
    check(&[("one", one), ("two", two)], expect![[r#""#]]);
    // With a locked operation between them, x86 is right and others are not.
    let one: &[_] = &[mov(4, 0), store(1), atomic(ADD, 10, -8, 4), load(3, 2)];
    let two: &[_] = &[mov(4, 0), store(2), atomic(FETCH_OR, 10, -8, 4), load(3, 1)];
    check(
        &[("one", one), ("two", two)],
        expect![[r#"
            bpf::unordered-atomic: in `one`, instruction 6 (offset 0x30): an atomic operation on the stack, which no other thread sees, can only be meant as a barrier, but without FETCH it orders nothing
            bpf::x86-only: in `one`, instruction 7 (offset 0x38): the load of `y` may come before the store of `x` (`one` at 5) everywhere but on x86, and `two` at 7 can see it
        "#]],
    );
}

#[test]
fn dependencies_order_stores() {
    // Load buffering: a store behind a branch on what was loaded, and one of what was loaded.
    let one: &[_] = &[load(3, 1), unless_zero(3, 1), Instruction::Exit, store(2)];
    let data = Instruction::Store { size: Size::Word, base: r(1), offset: 0, src: Source::Register(r(3)) };
    let two: &[_] = &[load(3, 2), data];
    check(&[("one", one), ("two", two)], expect![[r#""#]]);
    let none: &[_] = &[load(3, 2), store(1)];
    check(
        &[("one", one), ("none", none)],
        expect![[r#"
            bpf::x86-only: in `none`, instruction 5 (offset 0x70): the store of `x` may come before the load of `y` (`none` at 4) everywhere but on x86, and `one` at 7 can see it
        "#]],
    );
}
