//! Helper functions for atomics that compilers call where they may not use LSE instructions: `__aarch64_ldadd4_acq_rel`
//! and its kin. A call of one is the LSE instruction that it stands for, on the registers of the calling convention.
//!
//! LLVM and GCC, “out-of-line atomics”. Deviations:
//! 1. The link register and the two registers that the linker may use keep their values.
//! 2. The order `sync` is `acq_rel` with a full barrier behind.

use super::instruction::{Atomic, FETCH_OPS, FetchOp};
use super::lower::Lower;
use super::operand::{Address, BranchTarget, Indexing, Offset};
use super::register::{Gpr, Register, Width};
use super::tag;
use execution::micro::Tags;

/// A helper function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Intrinsic {
    operation: Operation,
    atomic: Atomic,
    /// Width of the registers.
    width: Width,
    /// Whether it works on pairs of registers.
    pair: bool,
    /// Whether a full barrier follows.
    barrier: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    CompareSwap,
    Swap,
    Fetch(FetchOp),
}

/// The helper function that a branch goes to, if it goes to one.
pub(super) fn find(target: &BranchTarget<'_>) -> Option<Intrinsic> {
    let BranchTarget::Label(name, _) = target else { return None };
    let (what, order) = name.strip_prefix("__aarch64_")?.split_once('_')?;
    let digits = what.find(|c: char| c.is_ascii_digit())?;
    let (operation, size) = what.split_at(digits);
    let operation = match operation {
        "cas" => Operation::CompareSwap,
        "swp" => Operation::Swap,
        fetch => {
            let name = fetch.strip_prefix("ld")?;
            Operation::Fetch(*FETCH_OPS.iter().find(|op| op.name.eq_ignore_ascii_case(name))?)
        }
    };
    let (bits, width, pair) = match (size, operation) {
        ("1", _) => (8, Width::W, false),
        ("2", _) => (16, Width::W, false),
        ("4", _) => (0, Width::W, false),
        ("8", _) => (0, Width::X, false),
        ("16", Operation::CompareSwap) => (0, Width::X, true),
        _ => return None,
    };
    let (acquire, release, barrier) = match order {
        "relax" => (false, false, false),
        "acq" => (true, false, false),
        "rel" => (false, true, false),
        "acq_rel" => (true, true, false),
        "sync" => (true, true, true),
        _ => return None,
    };
    Some(Intrinsic { operation, atomic: Atomic { bits, acquire, release }, width, pair, barrier })
}

impl Lower<'_, '_> {
    /// A call of a helper function; without a link it is the last thing that the caller does.
    pub(super) fn intrinsic(&mut self, intrinsic: Intrinsic, link: bool) {
        let register = |number: u8| Register { gpr: Gpr(number), width: intrinsic.width, symbolic: None };
        let address = |number: u8| Address {
            base: Register { gpr: Gpr(number), width: Width::X, symbolic: None },
            offset: Offset::Immediate(0),
            indexing: Indexing::Offset,
        };
        let atomic = intrinsic.atomic;
        match intrinsic.operation {
            Operation::CompareSwap if intrinsic.pair => {
                let [expected, new] = [[0, 1], [2, 3]].map(|pair| pair.map(register));
                self.compare_swap(atomic, &expected, &new, &address(4));
            }
            Operation::CompareSwap => self.compare_swap(atomic, &[register(0)], &[register(1)], &address(2)),
            Operation::Swap => self.swap(atomic, register(0), register(0), &address(1)),
            Operation::Fetch(op) => self.fetch(op, atomic, register(0), Some(register(0)), &address(1)),
        }
        if intrinsic.barrier {
            self.fence(tag::find("DMB.ISH").map_or(Tags::NONE, Tags::one));
        }
        if !link {
            self.jump_back(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::AARCH64 as AArch64;
    use crate::testing::micros;
    use expect_test::expect;

    #[test]
    fn a_call_is_the_instruction_that_it_stands_for() {
        let instruction = |text: &str| micros(&AArch64, text);
        assert_eq!(instruction("bl __aarch64_ldadd4_acq_rel"), instruction("ldaddal w0,w0,[x1]"));
        assert_eq!(instruction("bl __aarch64_ldclr8_relax"), instruction("ldclr x0,x0,[x1]"));
        assert_eq!(instruction("bl __aarch64_ldset1_acq"), instruction("ldsetab w0,w0,[x1]"));
        assert_eq!(instruction("bl __aarch64_swp2_rel"), instruction("swplh w0,w0,[x1]"));
        assert_eq!(instruction("bl __aarch64_cas4_acq"), instruction("casa w0,w1,[x2]"));
        assert_eq!(instruction("bl __aarch64_cas16_acq_rel"), instruction("caspal x0,x1,x2,x3,[x4]"));
        let sync = instruction("ldeoral w0,w0,[x1]") + "Fence { tags: DMB.ISH, ev: e5 }\n";
        assert_eq!(instruction("bl __aarch64_ldeor4_sync"), sync);
        expect![[r#"
            ReadReg { dst: t0, reg: X1, port: Addr, ev: e0 }
            ReadReg { dst: t1, reg: X0, port: Data, ev: e1 }
            Load { dst: t2, addr: t0, width: 32, tags: X, ev: e2 }
            Store { addr: t0, value: t1, width: 32, tags: X, ev: e3 }
            Edge { kind: Order, from: e2, to: e3 }
            WriteReg { src: t2, reg: X0, ev: e4 }
            ReadReg { dst: t3, reg: X30, port: Plain, ev: e5 }
            Const { dst: t4, value: Int(0) }
            Binary { dst: t5, op: Eq, width: 64, a: t3, b: t4 }
            way
              Assume { cond: t5, is: true }
              Halt
            way
              Assume { cond: t5, is: false }
              Commit { target: t3, ev: e6 }
              JumpTo { target: t3 }
        "#]]
        .assert_eq(&instruction("b __aarch64_swp4_relax"));
    }
}
