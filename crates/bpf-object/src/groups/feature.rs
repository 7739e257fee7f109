//! What instructions need of compilers, the kernel's verifier and its JITs.
//!
//! Sources: Linux 7.3 (Documentation/bpf, kernel/bpf/verifier.c) and the releases that its commits are in;
//! `-mcpu` as in LLVM's documentation and as clang 19 compiles; RFC 9669.

use isa::bpf::{AluOp, Callee, Instruction, Modify, Source, Swap, Test, Wide, Width};

/// Something that not every compiler, kernel or JIT has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// What the first kernels with eBPF have had.
    Base,
    /// Loads from packets.
    PacketLoad,
    /// Division and modulo of 64 bits without sign.
    WideDivision,
    /// Atomic addition without a result.
    AtomicAdd,
    /// Addresses in the value of a map: global variables.
    MapValue,
    /// Maps by index.
    MapIndex,
    /// Addresses of the kernel's variables.
    KernelVariable,
    /// Addresses of the program's functions.
    FunctionAddress,
    /// Calls of functions of the program.
    LocalCall,
    /// Calls of functions of the kernel that are no helpers.
    KernelCall,
    /// Comparisons `<` and `<=`.
    JumpLess,
    /// Arithmetic of 32 bits.
    Alu32,
    /// Comparisons of 32 bits.
    Jump32,
    /// Atomic operations other than addition, and all that fetch.
    Atomic,
    /// Atomic compare-exchanges, besides.
    CompareExchange,
    /// Stores of constants.
    StoreImmediate,
    /// Loads that extend the sign.
    SignedLoad,
    /// Moves that extend the sign.
    SignedMove,
    /// Byte swaps whatever the host's order is.
    ByteSwap,
    /// Signed division and modulo.
    SignedDivision,
    /// Jumps with a distance of 32 bits.
    LongJump,
    /// Load-acquire and store-release.
    AcquireRelease,
    /// Jumps to addresses out of a table.
    IndirectJump,
    /// Loops that the kernel bounds.
    MayGoto,
    /// Casts between address spaces.
    AddressSpaces,
    /// Calls of the compiler's library.
    LibraryCall,
    /// Calls of addresses.
    IndirectCall,
    /// The kernel's barrier against speculation.
    NoSpeculation,
}

/// A version of the instruction set as compilers know it: `-mcpu`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cpu {
    /// The first.
    V1,
    /// With `<` and `<=`.
    V2,
    /// With 32 bits and atomic operations.
    V3,
    /// With signed operations, long jumps, acquire and release.
    V4,
}

impl Cpu {
    /// As compilers call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Cpu::V1 => "v1",
            Cpu::V2 => "v2",
            Cpu::V3 => "v3",
            Cpu::V4 => "v4",
        }
    }
}

/// A release of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release(pub u16, pub u16);

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl Feature {
    /// All of them.
    pub const ALL: [Feature; 28] = [
        Feature::Base,
        Feature::PacketLoad,
        Feature::WideDivision,
        Feature::AtomicAdd,
        Feature::MapValue,
        Feature::MapIndex,
        Feature::KernelVariable,
        Feature::FunctionAddress,
        Feature::LocalCall,
        Feature::KernelCall,
        Feature::JumpLess,
        Feature::Alu32,
        Feature::Jump32,
        Feature::Atomic,
        Feature::CompareExchange,
        Feature::StoreImmediate,
        Feature::SignedLoad,
        Feature::SignedMove,
        Feature::ByteSwap,
        Feature::SignedDivision,
        Feature::LongJump,
        Feature::AcquireRelease,
        Feature::IndirectJump,
        Feature::MayGoto,
        Feature::AddressSpaces,
        Feature::LibraryCall,
        Feature::IndirectCall,
        Feature::NoSpeculation,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Feature::Base => "basic instructions",
            Feature::PacketLoad => "loads from packets",
            Feature::WideDivision => "64-bit division and modulo",
            Feature::AtomicAdd => "atomic addition",
            Feature::MapValue => "global variables",
            Feature::MapIndex => "maps by index",
            Feature::KernelVariable => "variables of the kernel",
            Feature::FunctionAddress => "addresses of functions",
            Feature::LocalCall => "calls of functions of the program",
            Feature::KernelCall => "calls of kfuncs",
            Feature::JumpLess => "comparisons with < and <=",
            Feature::Alu32 => "32-bit arithmetic",
            Feature::Jump32 => "32-bit comparisons",
            Feature::Atomic => "atomic operations that fetch, and others than addition",
            Feature::CompareExchange => "atomic compare-exchanges",
            Feature::StoreImmediate => "stores of constants",
            Feature::SignedLoad => "sign-extending loads",
            Feature::SignedMove => "sign-extending moves",
            Feature::ByteSwap => "unconditional byte swaps",
            Feature::SignedDivision => "signed division and modulo",
            Feature::LongJump => "long jumps (gotol)",
            Feature::AcquireRelease => "load-acquire and store-release",
            Feature::IndirectJump => "indirect jumps (gotox)",
            Feature::MayGoto => "bounded loops (may_goto)",
            Feature::AddressSpaces => "casts between address spaces",
            Feature::LibraryCall => "calls of the compiler's library",
            Feature::IndirectCall => "indirect calls (callx)",
            Feature::NoSpeculation => "barriers against speculation (nospec)",
        }
    }

    /// A short name that does not change, for programs.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Feature::Base => "base",
            Feature::PacketLoad => "packet-load",
            Feature::WideDivision => "wide-division",
            Feature::AtomicAdd => "atomic-add",
            Feature::MapValue => "map-value",
            Feature::MapIndex => "map-index",
            Feature::KernelVariable => "kernel-variable",
            Feature::FunctionAddress => "function-address",
            Feature::LocalCall => "local-call",
            Feature::KernelCall => "kfunc-call",
            Feature::JumpLess => "jump-less",
            Feature::Alu32 => "alu32",
            Feature::Jump32 => "jmp32",
            Feature::Atomic => "atomic",
            Feature::CompareExchange => "compare-exchange",
            Feature::StoreImmediate => "store-immediate",
            Feature::SignedLoad => "signed-load",
            Feature::SignedMove => "signed-move",
            Feature::ByteSwap => "bswap",
            Feature::SignedDivision => "signed-division",
            Feature::LongJump => "gotol",
            Feature::AcquireRelease => "acquire-release",
            Feature::IndirectJump => "gotox",
            Feature::MayGoto => "may-goto",
            Feature::AddressSpaces => "address-space-cast",
            Feature::LibraryCall => "library-call",
            Feature::IndirectCall => "callx",
            Feature::NoSpeculation => "nospec",
        }
    }

    /// The first `-mcpu` with which compilers make it by themselves.
    #[must_use]
    pub fn cpu(self) -> Cpu {
        match self {
            Feature::JumpLess => Cpu::V2,
            Feature::Alu32 | Feature::Jump32 | Feature::Atomic | Feature::CompareExchange => Cpu::V3,
            Feature::StoreImmediate
            | Feature::SignedLoad
            | Feature::SignedMove
            | Feature::ByteSwap
            | Feature::SignedDivision
            | Feature::LongJump
            | Feature::AcquireRelease
            | Feature::IndirectJump => Cpu::V4,
            _ => Cpu::V1,
        }
    }

    /// The first release of Linux whose verifier accepts it; `None` if none does.
    #[must_use]
    pub fn kernel(self) -> Option<Release> {
        Some(match self {
            Feature::Base
            | Feature::PacketLoad
            | Feature::WideDivision
            | Feature::AtomicAdd
            | Feature::Alu32
            | Feature::StoreImmediate => Release(3, 18),
            Feature::JumpLess => Release(4, 14),
            Feature::LocalCall => Release(4, 16),
            Feature::Jump32 => Release(5, 1),
            Feature::MapValue => Release(5, 2),
            Feature::KernelVariable => Release(5, 10),
            Feature::Atomic | Feature::CompareExchange => Release(5, 12),
            Feature::KernelCall | Feature::FunctionAddress => Release(5, 13),
            Feature::MapIndex => Release(5, 14),
            Feature::SignedLoad
            | Feature::SignedMove
            | Feature::ByteSwap
            | Feature::SignedDivision
            | Feature::LongJump => Release(6, 6),
            Feature::MayGoto | Feature::AddressSpaces => Release(6, 9),
            Feature::AcquireRelease => Release(6, 15),
            Feature::IndirectJump => Release(6, 19),
            Feature::LibraryCall | Feature::IndirectCall | Feature::NoSpeculation => return None,
        })
    }

    /// What else there is to know, for people.
    #[must_use]
    pub fn note(self) -> Option<&'static str> {
        match self {
            Feature::AcquireRelease => {
                Some("compilers make them from LLVM 21 on; in Linux since 6.15, not in RFC 9669")
            }
            Feature::IndirectJump => Some("compilers make them from LLVM 22 on; not in RFC 9669"),
            Feature::MayGoto => Some("in assembly with any -mcpu, from LLVM 19 on; not in RFC 9669"),
            Feature::AddressSpaces => Some(
                "compilers make them with any -mcpu, from LLVM 19 on, for `address_space(1)`; not in RFC 9669",
            ),
            Feature::LibraryCall => Some(
                "the compiler has no instruction for an operation, and no kernel has the function that it calls",
            ),
            Feature::IndirectCall => Some("no kernel accepts them; the private group `callx` of some tools"),
            Feature::NoSpeculation => Some("the verifier puts them in; programs can't have them"),
            _ => None,
        }
    }
}

/// What an instruction needs, without what every instruction needs.
#[must_use]
pub fn features(instruction: &Instruction<'_>) -> Vec<Feature> {
    match *instruction {
        Instruction::Alu { width: Width::W64, op: AluOp::Div | AluOp::Mod, .. } => {
            vec![Feature::WideDivision]
        }
        Instruction::Alu { width, op, .. } => {
            let signed = matches!(op, AluOp::SignedDiv | AluOp::SignedMod);
            both(signed.then_some(Feature::SignedDivision), width)
        }
        Instruction::Negate { width, .. } | Instruction::Move { width, .. } => both(None, width),
        Instruction::MoveSigned { width, .. } => both(Some(Feature::SignedMove), width),
        Instruction::CastAddress { .. } => vec![Feature::AddressSpaces],
        Instruction::SwapBytes { swap: Swap::Always, .. } => vec![Feature::ByteSwap],
        Instruction::LoadWide { value, .. } => address(value).into_iter().collect(),
        Instruction::Load { signed: true, .. } => vec![Feature::SignedLoad],
        Instruction::LoadAcquire { .. } | Instruction::StoreRelease { .. } => vec![Feature::AcquireRelease],
        Instruction::LoadPacket { .. } => vec![Feature::PacketLoad],
        Instruction::Store { src: Source::Immediate(_), .. } => vec![Feature::StoreImmediate],
        Instruction::Atomic { modify: Modify::Update(isa::bpf::AtomicOp::Add), .. } => {
            vec![Feature::AtomicAdd]
        }
        Instruction::Atomic { modify: Modify::CompareExchange, .. } => {
            vec![Feature::Atomic, Feature::CompareExchange]
        }
        Instruction::Atomic { .. } => vec![Feature::Atomic],
        Instruction::Jump { long: true, .. } => vec![Feature::LongJump],
        Instruction::JumpIf { width, test, .. } => {
            let less =
                matches!(test, Test::Less | Test::LessEqual | Test::SignedLess | Test::SignedLessEqual);
            let narrow = (width == Width::W32).then_some(Feature::Jump32);
            less.then_some(Feature::JumpLess).into_iter().chain(narrow).collect()
        }
        Instruction::MayGoto { .. } => vec![Feature::MayGoto],
        Instruction::JumpRegister { .. } => vec![Feature::IndirectJump],
        Instruction::Call { callee } => call(callee).into_iter().collect(),
        Instruction::NoSpeculation => vec![Feature::NoSpeculation],
        Instruction::Load { .. }
        | Instruction::Store { .. }
        | Instruction::SwapBytes { .. }
        | Instruction::Jump { .. }
        | Instruction::Exit => Vec::new(),
    }
}

fn both(feature: Option<Feature>, width: Width) -> Vec<Feature> {
    feature.into_iter().chain((width == Width::W32).then_some(Feature::Alu32)).collect()
}

fn address(value: Wide<'_>) -> Option<Feature> {
    match value {
        Wide::Number(_) | Wide::Map { .. } | Wide::Symbol { .. } => None,
        Wide::MapValue { .. } => Some(Feature::MapValue),
        Wide::Variable { .. } => Some(Feature::KernelVariable),
        Wide::Function(_) => Some(Feature::FunctionAddress),
        Wide::MapIndex { .. } | Wide::MapIndexValue { .. } => Some(Feature::MapIndex),
    }
}

fn call(callee: Callee<'_>) -> Option<Feature> {
    match callee {
        Callee::Helper(_) | Callee::Named(_) | Callee::Declared { .. } => None,
        Callee::Local(_) => Some(Feature::LocalCall),
        Callee::Kernel { .. } => Some(Feature::KernelCall),
        Callee::Register(_) => Some(Feature::IndirectCall),
    }
}
