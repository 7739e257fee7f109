//! Which JITs of the kernel translate what.
//!
//! Source: the JITs in Linux 7.3 (`arch/*/net`), and for “since” the releases or the commits that brought it; for kfuncs
//! and arenas, which JITs define `bpf_jit_supports_kfunc_call` and `bpf_jit_supports_arena`. Where we do not know, that is
//! the answer.

use super::feature::{Feature, Release};

/// A JIT of the kernel, or its interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Jit {
    /// The interpreter, for kernels without `CONFIG_BPF_JIT_ALWAYS_ON`.
    Interpreter,
    /// `arch/x86`, 64 bits.
    X86_64,
    /// `arch/arm64`.
    Arm64,
    /// `arch/riscv`, 64 bits.
    Riscv64,
    /// `arch/powerpc`, 64 bits.
    Ppc64,
    /// `arch/s390`.
    S390,
    /// `arch/loongarch`.
    LoongArch,
    /// `arch/mips`, 64 bits.
    Mips64,
    /// `arch/sparc`.
    Sparc64,
    /// `arch/riscv`, 32 bits.
    Riscv32,
    /// `arch/powerpc`, 32 bits.
    Ppc32,
    /// `arch/arm`.
    Arm32,
    /// `arch/x86`, 32 bits.
    X86_32,
}

/// Whether a JIT translates something, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// Since that release, or longer.
    Since(Release),
    /// Since that commit, of that month.
    Commit(&'static str, &'static str),
    /// Yes; since when, we do not know.
    Yes,
    /// In part; the rest is refused.
    Partly(&'static str),
    /// We do not know.
    Unknown,
    /// No: why not.
    No(&'static str),
}

impl Jit {
    /// All of them.
    pub const ALL: [Jit; 13] = [
        Jit::Interpreter,
        Jit::X86_64,
        Jit::Arm64,
        Jit::Riscv64,
        Jit::Ppc64,
        Jit::S390,
        Jit::LoongArch,
        Jit::Mips64,
        Jit::Sparc64,
        Jit::Riscv32,
        Jit::Ppc32,
        Jit::Arm32,
        Jit::X86_32,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Jit::Interpreter => "interpreter",
            Jit::X86_64 => "x86-64",
            Jit::Arm64 => "arm64",
            Jit::Riscv64 => "riscv64",
            Jit::Ppc64 => "ppc64",
            Jit::S390 => "s390x",
            Jit::LoongArch => "loongarch64",
            Jit::Mips64 => "mips64",
            Jit::Sparc64 => "sparc64",
            Jit::Riscv32 => "riscv32",
            Jit::Ppc32 => "ppc32",
            Jit::Arm32 => "arm32",
            Jit::X86_32 => "x86-32",
        }
    }

    /// The release that it came with.
    #[must_use]
    pub fn release(self) -> Release {
        match self {
            Jit::Interpreter | Jit::Arm64 => Release(3, 18),
            Jit::X86_64 => Release(3, 16),
            Jit::S390 => Release(4, 1),
            Jit::Ppc64 => Release(4, 8),
            Jit::Sparc64 => Release(4, 12),
            Jit::Arm32 => Release(4, 14),
            Jit::X86_32 => Release(4, 18),
            Jit::Riscv64 => Release(5, 1),
            Jit::Riscv32 => Release(5, 7),
            Jit::Ppc32 => Release(5, 13),
            Jit::Mips64 => Release(5, 16),
            Jit::LoongArch => Release(6, 1),
        }
    }

    /// Whether it translates what needs the feature.
    #[must_use]
    pub fn support(self, feature: Feature) -> Support {
        let verifier = feature.kernel().map(|release| release.max(self.release()));
        let Some(since) = verifier else { return Support::No("no kernel accepts it in a program") };
        match feature {
            // The verifier rewrites these before a JIT sees them.
            Feature::Base
            | Feature::PacketLoad
            | Feature::MapValue
            | Feature::MapIndex
            | Feature::KernelVariable
            | Feature::MayGoto
            | Feature::AtomicAdd
            | Feature::StoreImmediate
            | Feature::Alu32
            | Feature::JumpLess => self.old(feature, since),
            Feature::WideDivision => self.wide_division(since),
            Feature::Jump32 => self.jump32(since),
            Feature::LocalCall | Feature::FunctionAddress => self.local_call(since),
            Feature::KernelCall => self.kernel_call(since),
            Feature::Atomic => self.atomic(since),
            Feature::CompareExchange => self.compare_exchange(since),
            Feature::SignedLoad
            | Feature::SignedMove
            | Feature::ByteSwap
            | Feature::SignedDivision
            | Feature::LongJump => self.version_4(since),
            Feature::AcquireRelease => self.acquire_release(since),
            Feature::IndirectJump => self.indirect_jump(since),
            Feature::AddressSpaces => self.address_spaces(since),
            Feature::LibraryCall | Feature::IndirectCall | Feature::NoSpeculation => Support::Unknown,
        }
    }

    fn old(self, feature: Feature, since: Release) -> Support {
        match (self, feature) {
            (Jit::Arm32 | Jit::X86_32, Feature::AtomicAdd) => Support::No(NO_ATOMICS),
            (Jit::Riscv32 | Jit::Ppc32, Feature::AtomicAdd) => Support::Partly(ONLY_WORDS),
            _ => Support::Since(since),
        }
    }

    fn wide_division(self, since: Release) -> Support {
        match self {
            Jit::Riscv32 | Jit::X86_32 => Support::No("it would take a loop on a machine of 32 bits"),
            Jit::Arm32 => Support::Since(Release(6, 7)),
            Jit::Ppc32 => Support::Unknown,
            _ => Support::Since(since),
        }
    }

    fn jump32(self, since: Release) -> Support {
        match self {
            Jit::Sparc64 => Support::Unknown,
            _ => Support::Since(since),
        }
    }

    fn local_call(self, since: Release) -> Support {
        match self {
            Jit::Interpreter | Jit::X86_64 | Jit::Arm64 | Jit::Ppc64 | Jit::S390 | Jit::Sparc64 => {
                Support::Since(since)
            }
            Jit::Riscv64 | Jit::Ppc32 | Jit::LoongArch => Support::Since(since),
            Jit::Mips64 | Jit::Riscv32 | Jit::Arm32 | Jit::X86_32 => Support::Unknown,
        }
    }

    fn kernel_call(self, since: Release) -> Support {
        match self {
            Jit::Interpreter => Support::No("functions of the kernel are called by JITs only"),
            Jit::X86_64 => Support::Since(since),
            Jit::Arm64 => Support::Since(since.max(Release(5, 18))),
            Jit::Riscv64 => Support::Commit("d40c3847b485", "2023-02"),
            Jit::S390 => Support::Commit("63d7b53ab59f", "2023-01"),
            Jit::Ppc64 | Jit::Ppc32 | Jit::LoongArch => Support::Yes,
            Jit::Mips64 | Jit::Sparc64 | Jit::Riscv32 | Jit::Arm32 | Jit::X86_32 => Support::Unknown,
        }
    }

    fn atomic(self, since: Release) -> Support {
        match self {
            Jit::Interpreter | Jit::X86_64 | Jit::S390 => Support::Since(since),
            Jit::Arm64 => Support::Since(Release(5, 18)),
            Jit::Riscv64 => Support::Since(Release(5, 19)),
            Jit::Ppc64 => Support::Since(Release(6, 0)),
            Jit::LoongArch | Jit::Mips64 => Support::Since(since),
            Jit::Riscv32 | Jit::Ppc32 => Support::Partly(ONLY_WORDS),
            Jit::Sparc64 => {
                Support::No("of atomic operations, only additions without a result are translated")
            }
            Jit::Arm32 | Jit::X86_32 => Support::No(NO_ATOMICS),
        }
    }

    fn compare_exchange(self, since: Release) -> Support {
        match self {
            Jit::Riscv32 => Support::No("compare-exchanges are refused"),
            _ => self.atomic(since),
        }
    }

    fn version_4(self, since: Release) -> Support {
        match self {
            Jit::Interpreter | Jit::X86_64 | Jit::Arm64 | Jit::Riscv64 => Support::Since(since),
            Jit::S390 | Jit::LoongArch | Jit::Arm32 => Support::Since(Release(6, 7)),
            Jit::Ppc64 => Support::Since(Release(6, 11)),
            Jit::Mips64 | Jit::Sparc64 | Jit::Riscv32 | Jit::Ppc32 | Jit::X86_32 => Support::Unknown,
        }
    }

    fn acquire_release(self, since: Release) -> Support {
        match self {
            Jit::Interpreter | Jit::X86_64 | Jit::Arm64 => Support::Since(since),
            Jit::Riscv64 => Support::Commit("8afd3170d511", "2025-05"),
            Jit::Ppc64 => Support::Commit("cf2a6de32cab", "2025-07"),
            Jit::LoongArch => Support::Commit("ee823fe7c12f", "2026-04"),
            Jit::S390 => Support::Commit("898343edde47", "2026-07"),
            Jit::Arm32 | Jit::X86_32 => Support::No(NO_ATOMICS),
            Jit::Mips64 | Jit::Sparc64 | Jit::Riscv32 | Jit::Ppc32 => {
                Support::No("load-acquire and store-release are not translated")
            }
        }
    }

    fn indirect_jump(self, since: Release) -> Support {
        match self {
            Jit::X86_64 => Support::Since(since),
            _ => Support::Unknown,
        }
    }

    fn address_spaces(self, since: Release) -> Support {
        match self {
            Jit::Interpreter => Support::No("arenas need a JIT"),
            Jit::X86_64 => Support::Since(since),
            Jit::Arm64 | Jit::Riscv64 => Support::Since(Release(6, 10)),
            Jit::Ppc64 | Jit::S390 => Support::Yes,
            _ => Support::Unknown,
        }
    }
}

const NO_ATOMICS: &str =
    "atomic operations are not translated; the interpreter runs the program, if the kernel has it";
const ONLY_WORDS: &str = "atomic operations of 32 bits only; those of 64 bits are refused";
