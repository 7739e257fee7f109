use super::*;
use crate::micro::{Ev, LabelId, Port, Temp};
use crate::value::{BinaryOp, Value};
use crate::{Limits, Path, unfold};

const X: Tags = Tags::one(0);
const PASSIVE: Tags = Tags::one(1);

/// `reg := [addr]`
fn load(reg: u16, addr: i64, tags: Tags) -> Vec<Micro> {
    vec![
        Micro::Const { dst: Temp(0), value: Value::int(addr) },
        Micro::Load { dst: Temp(1), addr: Temp(0), width: 32, tags, ev: Ev(0) },
        Micro::WriteReg { src: Temp(1), reg: Reg(reg), ev: Ev(1) },
    ]
}

/// `[addr] := reg`
fn store(reg: u16, addr: i64, tags: Tags) -> Vec<Micro> {
    vec![
        Micro::Const { dst: Temp(0), value: Value::int(addr) },
        Micro::ReadReg { dst: Temp(1), reg: Reg(reg), port: Port::Data, ev: Ev(0) },
        Micro::Store { addr: Temp(0), value: Temp(1), width: 32, tags, ev: Ev(1) },
    ]
}

/// `reg := reg + 1`
fn increment(reg: u16) -> Vec<Micro> {
    vec![
        Micro::ReadReg { dst: Temp(0), reg: Reg(reg), port: Port::Plain, ev: Ev(0) },
        Micro::Const { dst: Temp(1), value: Value::ONE },
        Micro::Binary { dst: Temp(2), op: BinaryOp::Add, width: 32, a: Temp(0), b: Temp(1) },
        Micro::WriteReg { src: Temp(2), reg: Reg(reg), ev: Ev(1) },
    ]
}

/// Back to the only label if the register is zero.
fn if_zero(reg: u16) -> Vec<Micro> {
    vec![
        Micro::ReadReg { dst: Temp(0), reg: Reg(reg), port: Port::Plain, ev: Ev(0) },
        Micro::Const { dst: Temp(1), value: Value::ZERO },
        Micro::Binary { dst: Temp(2), op: BinaryOp::Eq, width: 32, a: Temp(0), b: Temp(1) },
        Micro::Branch { cond: Temp(2), target: LabelId(0), ev: Ev(1) },
    ]
}

/// Stores if the pairing allows, and says in `status` whether it did not.
fn store_exclusive(status: u16, reg: u16, addr: i64) -> Vec<Micro> {
    let result = |value| {
        [Micro::Const { dst: Temp(9), value }, Micro::WriteReg { src: Temp(9), reg: Reg(status), ev: Ev(9) }]
    };
    let success = store(reg, addr, X).into_iter().chain(result(Value::ONE)).collect();
    vec![Micro::Alt(vec![success, result(Value::ZERO).into_iter().collect()])]
}

/// The numbers of paths that end and that are cut, of a thread with a label.
fn paths(code: &[Vec<Micro>], label: u32, waiting: Option<Waiting>) -> (usize, usize) {
    let code: Vec<Instruction> = code
        .iter()
        .map(|micro| Instruction { micro: micro.clone().into(), ..Instruction::default() })
        .collect();
    let thread = Thread { code, labels: vec![("l".to_owned(), label)], ..Thread::default() };
    let limits = Limits {
        unroll: 2,
        steps: 1000,
        paths: 100,
        register_events: false,
        waiting,
        private: Vec::new(),
        constants: Vec::new(),
    };
    let paths: Vec<Path> = unfold(&[thread], 0, &[], &limits).unwrap();
    let cut = paths.iter().filter(|path| path.cut.is_some()).count();
    (paths.len() - cut, cut)
}

fn waiting(observed: &[u16]) -> Option<Waiting> {
    Some(Waiting { observed: observed.iter().map(|reg| Reg(*reg)).collect(), exclusive: X, passive: PASSIVE })
}

#[test]
fn a_spin_loop_goes_round_once() {
    let code = [load(0, 64, Tags::NONE), if_zero(0), load(1, 72, Tags::NONE)];
    assert_eq!(paths(&code, 0, None), (3, 1));
    assert_eq!(paths(&code, 0, waiting(&[0, 1])), (1, 0));
}

#[test]
fn what_is_counted_is_not_waiting() {
    let code = [load(0, 64, Tags::NONE), increment(2), if_zero(0), load(1, 72, Tags::NONE)];
    // The counter is needed for the next round, even if nobody asks for it at the end.
    assert_eq!(paths(&code, 0, waiting(&[])), (3, 1));
    // Set before it is used in each round.
    let reset = vec![
        Micro::Const { dst: Temp(0), value: Value::ZERO },
        Micro::WriteReg { src: Temp(0), reg: Reg(2), ev: Ev(0) },
    ];
    let code = [reset, load(0, 64, Tags::NONE), increment(2), if_zero(0)];
    assert_eq!(paths(&code, 0, waiting(&[2])), (1, 0));
}

#[test]
fn a_register_that_is_kept_is_observed() {
    // Register 1 is written in some rounds only: with what an earlier round wrote, it is a different outcome.
    let keep = vec![
        Micro::ReadReg { dst: Temp(0), reg: Reg(0), port: Port::Plain, ev: Ev(0) },
        Micro::Alt(vec![vec![Micro::WriteReg { src: Temp(0), reg: Reg(1), ev: Ev(1) }], vec![]]),
    ];
    let code = [load(0, 64, Tags::NONE), keep, if_zero(0)];
    assert_eq!(paths(&code, 0, waiting(&[])), (2, 0));
    let (done, cut) = paths(&code, 0, waiting(&[1]));
    assert!(done > 2 && cut > 0);
}

#[test]
fn writes_are_not_waiting() {
    let code = [load(0, 64, Tags::NONE), store(3, 72, Tags::NONE), if_zero(0)];
    assert_eq!(paths(&code, 0, waiting(&[0])), paths(&code, 0, None));
}

#[test]
fn failed_retries_are_waiting() {
    let code = [load(0, 64, X), store_exclusive(1, 2, 64), if_zero(1)];
    assert_eq!(paths(&code, 0, None), (3, 1));
    assert_eq!(paths(&code, 0, waiting(&[0])), (1, 0));
}

#[test]
fn a_load_exclusive_for_the_next_round_is_not_waiting() {
    // The store is paired with the load of the round before.
    let code = [load(0, 64, X), store_exclusive(1, 2, 64), load(0, 64, X), if_zero(1)];
    assert_eq!(paths(&code, 1, waiting(&[0])), (3, 1));
}

#[test]
fn only_passive_events_with_a_location_are_waiting() {
    let look = |tags| {
        vec![
            Micro::Const { dst: Temp(0), value: Value::int(64) },
            Micro::Located { addr: Temp(0), tags, ev: Ev(0) },
        ]
    };
    let code = |tags| [look(tags), load(0, 64, Tags::NONE), if_zero(0)];
    assert_eq!(paths(&code(PASSIVE), 0, waiting(&[0])), (1, 0));
    assert_eq!(paths(&code(Tags::NONE), 0, waiting(&[0])), (3, 1));
}

#[test]
fn an_endless_loop_has_no_path() {
    let code = [vec![Micro::Jump { target: LabelId(0) }]];
    assert_eq!(paths(&code, 0, None), (0, 1));
    assert_eq!(paths(&code, 0, waiting(&[])), (0, 0));
}

#[test]
fn a_loop_can_be_left_at_its_head() {
    // l: if (r0 != 0) goto out; r0 = x; goto l; out:
    let zero = vec![
        Micro::ReadReg { dst: Temp(0), reg: Reg(0), port: Port::Plain, ev: Ev(0) },
        Micro::Guard { cond: Temp(0), target: LabelId(1), join: LabelId(1), ev: Ev(1) },
    ];
    let code = [zero, load(0, 64, Tags::NONE), vec![Micro::Jump { target: LabelId(0) }]];
    let code = code.map(|micro| Instruction { micro: micro.into(), ..Instruction::default() }).to_vec();
    let labels = vec![("l".to_owned(), 0), ("out".to_owned(), 3)];
    let thread = Thread { code, labels, ..Thread::default() };
    let limits = Limits {
        unroll: 2,
        steps: 1000,
        paths: 100,
        register_events: false,
        waiting: waiting(&[0]),
        private: Vec::new(),
        constants: Vec::new(),
    };
    let paths = unfold(&[thread], 0, &[], &limits).unwrap();
    assert_eq!(paths.len(), 1);
    assert!(paths[0].cut.is_none());
}
