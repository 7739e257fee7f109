use super::*;
use crate::footprint::{Mix, Object};
use crate::micro::{Ev, Instruction, Micro, Reg, Temp, Thread};
use crate::{Limits, unfold};

const X: SymbolId = SymbolId(0);
const P: SymbolId = SymbolId(1);

fn at(offset: i64) -> Value {
    Value::Addr { symbol: X, offset }
}

/// An instruction that loads or stores at a known address. What was loaded last is stored.
fn access(store: bool, address: Value, width: u8) -> Instruction {
    let (addr, value) = (Temp(0), Temp(1));
    let (reg, tags) = (Reg(0), Tags::NONE);
    let mut micro = vec![Micro::Const { dst: addr, value: address }];
    if store {
        micro.push(Micro::ReadReg { dst: value, reg, port: Default::default(), ev: Ev(0) });
        micro.push(Micro::Store { addr, value, width, tags, ev: Ev(1) });
    } else {
        micro.push(Micro::Load { dst: value, addr, width, tags, ev: Ev(0) });
        micro.push(Micro::WriteReg { src: value, reg, ev: Ev(1) });
    }
    Instruction { micro: micro.into(), ..Instruction::default() }
}

/// Loads a pointer at `P`, and a value of `width` bits from where it points to.
fn chase(width: u8) -> Vec<Instruction> {
    let tags = Tags::NONE;
    let pointer = Value::Addr { symbol: P, offset: 0 };
    let micro = vec![
        Micro::Const { dst: Temp(0), value: pointer },
        Micro::Load { dst: Temp(1), addr: Temp(0), width: 64, tags, ev: Ev(0) },
        Micro::Load { dst: Temp(2), addr: Temp(1), width, tags, ev: Ev(1) },
    ];
    vec![Instruction { micro: micro.into(), ..Instruction::default() }]
}

fn paths(code: Vec<Instruction>) -> Vec<Arc<Vec<Path>>> {
    let limits = Limits {
        unroll: 2,
        steps: 100,
        paths: 100,
        register_events: false,
        waiting: None,
        private: Vec::new(),
        constants: Vec::new(),
    };
    let threads = [Thread { code, ..Thread::default() }];
    vec![Arc::new(unfold(&threads, 0, &[], &limits).unwrap())]
}

fn memory(pointer: Value) -> InitialMemory {
    let pointer = (Value::Addr { symbol: P, offset: 0 }, pointer);
    InitialMemory { locations: vec![(at(0), Value::Int(0x8877_6655_4433_2211)), pointer] }
}

fn object(symbol: SymbolId) -> Object {
    Object { cells: if symbol == X { vec![(0, 64), (8, 64)] } else { vec![(0, 64)] }, sized: true }
}

fn footprints(paths: &[Arc<Vec<Path>>]) -> Footprints {
    Footprints::new(paths, &memory(Value::ZERO), false)
}

fn triples(pieces: &Pieces) -> Vec<(i64, u8, u8)> {
    pieces.iter().map(|piece| (piece.offset, piece.low, piece.width)).collect()
}

#[test]
fn accesses_are_cut_where_others_start_or_end() {
    let paths = paths(vec![access(false, at(0), 64), access(true, at(4), 16), access(false, at(0), 8)]);
    let footprints = footprints(&paths);
    let cuts = Cuts::new(&footprints, &object, ByteOrder::Little, false);
    assert_eq!(triples(&cuts.pieces(X, 0, 8)), [(0, 0, 8), (1, 8, 24), (4, 32, 16), (6, 48, 16)]);
    assert_eq!(triples(&cuts.pieces(X, 4, 2)), [(0, 0, 16)]);
    assert_eq!(triples(&cuts.pieces(X, 8, 8)), [(0, 0, 64)]);
    let cuts = Cuts::new(&footprints, &object, ByteOrder::Big, false);
    assert_eq!(triples(&cuts.pieces(X, 0, 8)), [(0, 56, 8), (1, 32, 24), (4, 16, 16), (6, 0, 16)]);
    let memory = cuts.memory(&footprints, &memory(Value::ZERO), &object);
    assert_eq!(memory.value(at(0)), Value::Int(0x88));
    assert_eq!(memory.value(at(4)), Value::Int(0x4433));
}

#[test]
fn what_is_copied_is_copied_piece_by_piece() {
    let all = paths(vec![access(false, at(0), 64), access(true, at(8), 64), access(true, at(0), 32)]);
    let footprints = footprints(&all);
    let cuts = Cuts::new(&footprints, &object, ByteOrder::Little, false);
    let cut = &cuts.paths(&footprints, &all[0], Tags::NONE)[0];
    // The cells at 8 is accessed as a whole: one piece. That at 0 is two.
    assert_eq!(cut.events.iter().map(|event| event.width).collect::<Vec<_>>(), [32, 32, 64, 32]);
    assert_eq!((&cut.reads[..], &cut.parts[..]), (&[0, 1][..], &[(0, 2)][..]));
    let stored = cut.events[3].stored().unwrap();
    assert_eq!(cut.terms.copied(stored), Some(VarId(0)));
    let values = |var: VarId| Some(Value::Int(if var.0 == 0 { 0x1111_2222 } else { 0x3333_4444 }));
    let whole = cut.terms.eval(cut.events[2].stored().unwrap(), &values);
    assert_eq!(whole, Ok(Some(Value::Int(0x3333_4444_1111_2222))));
    // Both halves of the load flow into the whole store.
    assert_eq!(cut.data, [(0, 2), (1, 2), (0, 3), (1, 3)]);
}

#[test]
fn sizes_are_mixed_where_accesses_differ_and_meet() {
    let mix = |code: Vec<Instruction>, pointer: Value| {
        let (paths, memory) = (paths(code), memory(pointer));
        Footprints::new(&paths, &memory, false).mix(&object, &memory, ByteOrder::Little)
    };
    assert_eq!(mix(vec![access(false, at(0), 64), access(true, at(8), 64)], Value::ZERO), Mix::No);
    assert_eq!(mix(vec![access(true, at(0), 64), access(false, at(4), 32)], Value::ZERO), Mix::Certain);
    assert_eq!(mix(vec![access(true, at(4), 64)], Value::ZERO), Mix::Certain);
    // Half of a scalar that is not zero.
    assert_eq!(mix(vec![access(true, at(0), 32)], Value::ZERO), Mix::Certain);
    assert_eq!(mix(vec![access(true, at(8), 32)], Value::ZERO), Mix::No);
    // A pointer to half of a scalar, and one to another place.
    assert_eq!(mix(chase(32), at(0)), Mix::Possible);
    assert_eq!(mix(chase(64), at(0)), Mix::No);
    assert_eq!(mix(chase(32), at(8)), Mix::No);
}

#[test]
fn accesses_fit_their_objects() {
    let misfit = |address: Value, width: u8, aligned: bool| {
        let paths = paths(vec![access(false, address, width)]);
        footprints(&paths).misfit(&object, aligned, true).map(|misfit| misfit.outside)
    };
    assert_eq!(misfit(at(8), 64, true), None);
    assert_eq!(misfit(at(2), 32, true), Some(false));
    assert_eq!(misfit(at(2), 32, false), None);
    assert_eq!(misfit(at(12), 64, false), Some(true));
    assert_eq!(misfit(at(-1), 8, true), Some(true));
}

#[test]
fn unaligned_accesses_come_apart() {
    let all = paths(vec![access(false, at(1), 32)]);
    let footprints = footprints(&all);
    let cuts = Cuts::new(&footprints, &object, ByteOrder::Little, true);
    let cut = &cuts.paths(&footprints, &all[0], Tags::NONE)[0];
    assert_eq!((cut.events.len(), cut.parts.len()), (4, 0));
}
