//! What cycles may be made of, for each architecture: fences, orders of accesses, atomic updates, dependencies.
//!
//! Tables of facts only. Fences stand in the order in which names of tests mention them.

use crate::edge::{Dep, Dir};

/// What tests are generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arch {
    /// 64-bit Arm.
    AArch64,
    /// 32-bit Arm.
    Arm,
    /// 32-bit x86.
    X86,
    /// 64-bit x86.
    X86_64,
    /// Power.
    Ppc,
    /// RISC-V.
    RiscV,
    /// MIPS.
    Mips,
    /// C11.
    C11,
    /// C as the Linux kernel writes it.
    Kernel,
    /// BPF.
    Bpf,
    /// LISA.
    Lisa,
}

/// A fence.
#[derive(Clone, Copy, Debug)]
pub struct Fence {
    /// Its name in edges.
    pub name: &'static str,
    /// The instruction or the statement.
    pub text: &'static str,
}

/// How an access is ordered.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Its name in edges.
    pub name: &'static str,
    /// Whether reads may have it.
    pub reads: bool,
    /// Whether writes may have it.
    pub writes: bool,
}

/// What an atomic update computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The new value is stored, whatever was there.
    Swap,
    /// The new value is stored if the expected one was there.
    Cas,
    /// A load and a conditional store.
    Pair,
    /// A sum.
    Add,
    /// Bits are set.
    Or,
    /// Bits are flipped.
    Xor,
}

/// An atomic update.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    /// Its name in edges.
    pub name: &'static str,
    /// What names of tests call it.
    pub short: &'static str,
    /// The mnemonic or function.
    pub text: &'static str,
    /// What it computes.
    pub op: Op,
    /// Whether the program sees the old value.
    pub used: bool,
}

/// Something that begins before an event and ends behind another.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// Its name in edges.
    pub name: &'static str,
    /// The statement that begins it.
    pub begin: &'static str,
    /// The statement that ends it.
    pub end: &'static str,
}

/// A type of locations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntType {
    /// Its name in C.
    pub name: &'static str,
    /// How wide it is.
    pub bits: u8,
    /// Whether it has a sign.
    pub signed: bool,
}

const fn int(name: &'static str, bits: u8, signed: bool) -> IntType {
    IntType { name, bits, signed }
}

impl IntType {
    /// All of them.
    pub const ALL: [IntType; 8] = [
        int("int8_t", 8, true),
        int("uint8_t", 8, false),
        int("int16_t", 16, true),
        int("uint16_t", 16, false),
        int("int32_t", 32, true),
        int("uint32_t", 32, false),
        int("int64_t", 64, true),
        int("uint64_t", 64, false),
    ];

    /// The type of that name.
    pub fn named(name: &str) -> Option<IntType> {
        IntType::ALL.into_iter().find(|ty| ty.name == name)
    }
}

/// A part of a location: its name, how many bytes, and where they start.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Its name in edges.
    pub name: &'static str,
    /// How many bytes.
    pub bytes: u8,
    /// Where.
    pub offset: u8,
}

const fn size(name: &'static str, bytes: u8, offset: u8) -> Size {
    Size { name, bytes, offset }
}

/// The parts of locations that accesses may have.
pub const SIZES: &[Size] = &[
    size("b0", 1, 0),
    size("b1", 1, 1),
    size("b2", 1, 2),
    size("b3", 1, 3),
    size("b4", 1, 4),
    size("b5", 1, 5),
    size("b6", 1, 6),
    size("b7", 1, 7),
    size("h0", 2, 0),
    size("h2", 2, 2),
    size("h4", 2, 4),
    size("h6", 2, 6),
    size("w0", 4, 0),
    size("w4", 4, 4),
    size("q0", 8, 0),
];

/// What cycles for one architecture may be made of.
#[derive(Debug)]
pub struct Vocabulary {
    /// The architecture.
    pub arch: Arch,
    /// The word in the first line of a litmus test.
    pub word: &'static str,
    /// Its fences.
    pub fences: &'static [Fence],
    /// The strongest of them.
    pub strongest: usize,
    /// Orders of accesses, in the order in which names of tests mention them.
    pub orders: &'static [Order],
    /// What an access has that says nothing, as [`crate::Access::order`] has it.
    pub default: u8,
    /// Whether names say the default order where the cycle does.
    pub says_default: bool,
    /// Its atomic updates.
    pub updates: &'static [Update],
    /// Its dependencies: names in edges.
    pub deps: &'static [(Dep, &'static str)],
    /// Its regions.
    pub regions: &'static [Region],
    /// Whether accesses of parts of locations are possible.
    pub sized: bool,
}

impl Arch {
    /// All of them.
    pub const ALL: [Arch; 11] = [
        Arch::AArch64,
        Arch::Arm,
        Arch::X86,
        Arch::X86_64,
        Arch::Ppc,
        Arch::RiscV,
        Arch::Mips,
        Arch::C11,
        Arch::Kernel,
        Arch::Bpf,
        Arch::Lisa,
    ];

    /// The name in command lines and configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Arch::C11 => "C",
            Arch::Kernel => "LKMM",
            _ => self.vocabulary().word,
        }
    }

    /// Whether locations may have types of their own.
    pub fn has_types(self) -> bool {
        self.vocabulary().sized || matches!(self, Arch::C11 | Arch::Kernel)
    }

    /// The architecture of that name, whatever the case of its letters.
    pub fn named(name: &str) -> Option<Arch> {
        let also = match name.to_ascii_lowercase().as_str() {
            "c11" | "cpp" => Some(Arch::C11),
            "kernel" | "linux" => Some(Arch::Kernel),
            "risc-v" => Some(Arch::RiscV),
            "power" => Some(Arch::Ppc),
            "x86-64" => Some(Arch::X86_64),
            "bell" => Some(Arch::Lisa),
            _ => None,
        };
        also.or_else(|| Arch::ALL.into_iter().find(|arch| arch.name().eq_ignore_ascii_case(name)))
    }

    /// What its cycles may be made of.
    pub fn vocabulary(self) -> &'static Vocabulary {
        match self {
            Arch::AArch64 => &AARCH64,
            Arch::Arm => &ARM,
            Arch::X86 => &X86,
            Arch::X86_64 => &X86_64,
            Arch::Ppc => &PPC,
            Arch::RiscV => &RISCV,
            Arch::Mips => &MIPS,
            Arch::C11 => &C11,
            Arch::Kernel => &KERNEL,
            Arch::Bpf => &BPF,
            Arch::Lisa => &LISA,
        }
    }
}

impl Vocabulary {
    /// Whether an event may have that order. 0 and 1 are always possible.
    pub fn allows(&self, order: u8, dir: Dir) -> bool {
        match self.orders.get(usize::from(order).wrapping_sub(1)) {
            Some(order) => match dir {
                Dir::R => order.reads,
                Dir::W => order.writes,
            },
            None => order == 0,
        }
    }

    /// The place of the order of that name, as [`crate::Access::order`] has it.
    pub fn order(&self, name: &str) -> Option<u8> {
        let found = self.orders.iter().position(|order| order.name == name);
        found.map(|index| index as u8 + 1).or_else(|| (name == "P").then_some(self.default))
    }

    /// What an event has with that order.
    pub(crate) fn order_of(&self, access: crate::edge::Access) -> &'static str {
        let order = if access.order == 0 { self.default } else { access.order };
        self.orders.get(usize::from(order).wrapping_sub(1)).map_or("", |order| order.name)
    }

    /// Whether an access is one that names mention.
    pub(crate) fn is_special(&self, access: crate::edge::Access) -> bool {
        access.size > 0 || (access.order != 0 && (self.says_default || access.order != self.default))
    }
}

const fn fence(name: &'static str, text: &'static str) -> Fence {
    Fence { name, text }
}

const fn both(name: &'static str) -> Order {
    Order { name, reads: true, writes: true }
}

const fn reads(name: &'static str) -> Order {
    Order { name, reads: true, writes: false }
}

const fn writes(name: &'static str) -> Order {
    Order { name, reads: false, writes: true }
}

const fn update(name: &'static str, short: &'static str, text: &'static str, op: Op, used: bool) -> Update {
    Update { name, short, text, op, used }
}

const DEPS: &[(Dep, &str)] = &[(Dep::Addr, "Addr"), (Dep::Data, "Data"), (Dep::Ctrl, "Ctrl")];

const ARM_DEPS: &[(Dep, &str)] =
    &[(Dep::Addr, "Addr"), (Dep::Data, "Data"), (Dep::Ctrl, "Ctrl"), (Dep::CtrlFence, "CtrlIsb")];

static AARCH64: Vocabulary = Vocabulary {
    arch: Arch::AArch64,
    word: "AArch64",
    fences: &[
        fence("ISB", "ISB"),
        fence("DMB.NSHLD", "DMB NSHLD"),
        fence("DMB.NSHST", "DMB NSHST"),
        fence("DMB.NSH", "DMB NSH"),
        fence("DMB.OSHLD", "DMB OSHLD"),
        fence("DMB.OSHST", "DMB OSHST"),
        fence("DMB.OSH", "DMB OSH"),
        fence("DMB.ISHLD", "DMB ISHLD"),
        fence("DMB.ISHST", "DMB ISHST"),
        fence("DMB.ISH", "DMB ISH"),
        fence("DMB.LD", "DMB LD"),
        fence("DMB.ST", "DMB ST"),
        fence("DMB.SY", "DMB SY"),
        fence("DSB.NSHLD", "DSB NSHLD"),
        fence("DSB.NSHST", "DSB NSHST"),
        fence("DSB.NSH", "DSB NSH"),
        fence("DSB.OSHLD", "DSB OSHLD"),
        fence("DSB.OSHST", "DSB OSHST"),
        fence("DSB.OSH", "DSB OSH"),
        fence("DSB.ISHLD", "DSB ISHLD"),
        fence("DSB.ISHST", "DSB ISHST"),
        fence("DSB.ISH", "DSB ISH"),
        fence("DSB.LD", "DSB LD"),
        fence("DSB.ST", "DSB ST"),
        fence("DSB.SY", "DSB SY"),
    ],
    strongest: 12,
    orders: &[
        both("P"),
        writes("L"),
        reads("A"),
        reads("Q"),
        both("X"),
        writes("XL"),
        reads("XA"),
        writes("Ex"),
        writes("ExA"),
        writes("ExL"),
        writes("ExAL"),
        writes("Ux"),
        writes("UxL"),
    ],
    default: 1,
    says_default: false,
    updates: &[
        update("LxSx", "lxsx", "", Op::Pair, true),
        update("Amo.Swp", "amo.swp", "SWP", Op::Swap, true),
        update("Amo.Cas", "amo.cas", "CAS", Op::Cas, true),
        update("Amo.LdAdd", "amo.ldadd", "LDADD", Op::Add, true),
        update("Amo.LdSet", "amo.ldset", "LDSET", Op::Or, true),
        update("Amo.LdEor", "amo.ldeor", "LDEOR", Op::Xor, true),
        update("Amo.StSwp", "amo.stswp", "SWP", Op::Swap, false),
        update("Amo.StAdd", "amo.stadd", "STADD", Op::Add, false),
        update("Amo.StSet", "amo.stset", "STSET", Op::Or, false),
        update("Amo.StEor", "amo.steor", "STEOR", Op::Xor, false),
    ],
    deps: ARM_DEPS,
    regions: &[],
    sized: true,
};

static ARM: Vocabulary = Vocabulary {
    arch: Arch::Arm,
    word: "ARM",
    fences: &[
        fence("ISB", "ISB"),
        fence("DMB", "DMB"),
        fence("DMB.ST", "DMB ST"),
        fence("DSB", "DSB"),
        fence("DSB.ST", "DSB ST"),
    ],
    strongest: 1,
    orders: &[both("P"), writes("L"), reads("A")],
    default: 1,
    says_default: false,
    updates: &[update("LxSx", "lxsx", "", Op::Pair, true)],
    deps: ARM_DEPS,
    regions: &[],
    sized: false,
};

static X86: Vocabulary = Vocabulary {
    arch: Arch::X86,
    word: "X86",
    fences: &[fence("MFence", "MFENCE"), fence("SFence", "SFENCE"), fence("LFence", "LFENCE")],
    strongest: 0,
    orders: &[both("P"), writes("A"), writes("Ex")],
    default: 1,
    says_default: false,
    updates: &[update("Rmw", "rmw", "XCHG", Op::Swap, true)],
    deps: &[],
    regions: &[],
    sized: false,
};

static X86_64: Vocabulary = Vocabulary {
    arch: Arch::X86_64,
    word: "X86_64",
    fences: &[fence("MFence", "mfence"), fence("SFence", "sfence"), fence("LFence", "lfence")],
    strongest: 0,
    orders: &[both("P"), writes("A"), writes("NT"), writes("Ex")],
    default: 1,
    says_default: false,
    updates: &[
        update("Rmw", "rmw", "xchg", Op::Swap, true),
        update("Xadd", "xadd", "xadd", Op::Add, true),
        update("Lock.Add", "lock.add", "add", Op::Add, false),
        update("Lock.Or", "lock.or", "or", Op::Or, false),
        update("Lock.Xor", "lock.xor", "xor", Op::Xor, false),
    ],
    deps: &[],
    regions: &[],
    sized: true,
};

static PPC: Vocabulary = Vocabulary {
    arch: Arch::Ppc,
    word: "PPC",
    fences: &[
        fence("ISync", "isync"),
        fence("Eieio", "eieio"),
        fence("LwSync", "lwsync"),
        fence("Sync", "sync"),
    ],
    strongest: 3,
    orders: &[both("P")],
    default: 1,
    says_default: false,
    updates: &[update("LxSx", "lxsx", "", Op::Pair, true)],
    deps: &[(Dep::Addr, "Addr"), (Dep::Data, "Data"), (Dep::Ctrl, "Ctrl"), (Dep::CtrlFence, "CtrlIsync")],
    regions: &[],
    sized: false,
};

static RISCV: Vocabulary = Vocabulary {
    arch: Arch::RiscV,
    word: "RISCV",
    fences: &[
        fence("Fence.i", "fence.i"),
        fence("Fence.r.r", "fence r,r"),
        fence("Fence.r.w", "fence r,w"),
        fence("Fence.r.rw", "fence r,rw"),
        fence("Fence.w.r", "fence w,r"),
        fence("Fence.w.w", "fence w,w"),
        fence("Fence.w.rw", "fence w,rw"),
        fence("Fence.rw.r", "fence rw,r"),
        fence("Fence.rw.w", "fence rw,w"),
        fence("Fence.rw.rw", "fence rw,rw"),
        fence("Fence.tso", "fence.tso"),
    ],
    strongest: 9,
    orders: &[
        both("P"),
        reads("Aq"),
        writes("Rl"),
        both("AR"),
        both("X"),
        reads("XAq"),
        writes("XRl"),
        writes("Ex"),
        writes("ExRl"),
        writes("ExAR"),
    ],
    default: 1,
    says_default: false,
    updates: &[
        update("Rmw", "rmw", "amoswap", Op::Swap, true),
        update("LxSx", "lxsx", "", Op::Pair, true),
        update("Amo.Add", "amo.add", "amoadd", Op::Add, true),
        update("Amo.Or", "amo.or", "amoor", Op::Or, true),
        update("Amo.Xor", "amo.xor", "amoxor", Op::Xor, true),
        update("Amo.StSwap", "amo.stswap", "amoswap", Op::Swap, false),
        update("Amo.StAdd", "amo.stadd", "amoadd", Op::Add, false),
        update("Amo.StOr", "amo.stor", "amoor", Op::Or, false),
        update("Amo.StXor", "amo.stxor", "amoxor", Op::Xor, false),
    ],
    deps: &[(Dep::Addr, "Addr"), (Dep::Data, "Data"), (Dep::Ctrl, "Ctrl"), (Dep::CtrlFence, "CtrlFenceI")],
    regions: &[],
    sized: true,
};

static MIPS: Vocabulary = Vocabulary {
    arch: Arch::Mips,
    word: "MIPS",
    fences: &[fence("Sync", "sync")],
    strongest: 0,
    orders: &[both("P")],
    default: 1,
    says_default: false,
    updates: &[update("LxSx", "lxsx", "", Op::Pair, true)],
    deps: DEPS,
    regions: &[],
    sized: false,
};

static C11: Vocabulary = Vocabulary {
    arch: Arch::C11,
    word: "C",
    fences: &[
        fence("FenceRlx", "atomic_thread_fence(memory_order_relaxed);"),
        fence("FenceCon", "atomic_thread_fence(memory_order_consume);"),
        fence("FenceAcq", "atomic_thread_fence(memory_order_acquire);"),
        fence("FenceRel", "atomic_thread_fence(memory_order_release);"),
        fence("FenceAR", "atomic_thread_fence(memory_order_acq_rel);"),
        fence("FenceSc", "atomic_thread_fence(memory_order_seq_cst);"),
    ],
    strongest: 5,
    orders: &[
        both("Na"),
        both("Rlx"),
        reads("Con"),
        reads("Acq"),
        writes("Rel"),
        both("Sc"),
        writes("ExRlx"),
        writes("ExRel"),
        writes("ExAR"),
        writes("ExSc"),
        writes("UxRlx"),
        writes("UxRel"),
        writes("UxAR"),
        writes("UxSc"),
    ],
    default: 1,
    says_default: false,
    updates: &[
        update("Exch", "exch", "atomic_exchange_explicit", Op::Swap, true),
        update("Cas", "cas", "atomic_compare_exchange_strong_explicit", Op::Cas, true),
        update("Fetch.Add", "fetch.add", "atomic_fetch_add_explicit", Op::Add, true),
        update("Fetch.Or", "fetch.or", "atomic_fetch_or_explicit", Op::Or, true),
        update("Fetch.Xor", "fetch.xor", "atomic_fetch_xor_explicit", Op::Xor, true),
        update("St.Exch", "st.exch", "atomic_exchange_explicit", Op::Swap, false),
        update("St.Add", "st.add", "atomic_fetch_add_explicit", Op::Add, false),
        update("St.Or", "st.or", "atomic_fetch_or_explicit", Op::Or, false),
        update("St.Xor", "st.xor", "atomic_fetch_xor_explicit", Op::Xor, false),
    ],
    deps: DEPS,
    regions: &[],
    sized: false,
};

static KERNEL: Vocabulary = Vocabulary {
    arch: Arch::Kernel,
    word: "C",
    fences: &[
        fence("FenceBarrier", "barrier();"),
        fence("FenceMb", "smp_mb();"),
        fence("FenceRmb", "smp_rmb();"),
        fence("FenceWmb", "smp_wmb();"),
        fence("FenceSync-rcu", "synchronize_rcu();"),
        fence("FenceSync-rcu-exp", "synchronize_rcu_expedited();"),
        fence("FenceSync-srcu", "synchronize_srcu(ss);"),
        fence("FenceUnlock-lock", "spin_unlock(lk);\nspin_lock(lk);"),
    ],
    strongest: 1,
    orders: &[
        reads("Acquire"),
        writes("Assign"),
        reads("Deref"),
        writes("Ex"),
        writes("ExRelaxed"),
        writes("ExRelease"),
        both("Locked"),
        writes("Mb"),
        both("Once"),
        both("P"),
        writes("Release"),
        writes("Ux"),
    ],
    default: 9,
    says_default: true,
    updates: &[
        update("Xchg", "xchg", "xchg", Op::Swap, true),
        update("Cmpxchg", "cmpxchg", "cmpxchg", Op::Cas, true),
        update("Fetch.Add", "fetch.add", "atomic_fetch_add", Op::Add, true),
        update("St.Add", "st.add", "atomic_add", Op::Add, false),
        update("St.Xchg", "st.xchg", "xchg", Op::Swap, false),
    ],
    deps: DEPS,
    regions: &[
        Region { name: "Rscs", begin: "rcu_read_lock();", end: "rcu_read_unlock();" },
        Region { name: "Srscs", begin: "int ssi = srcu_read_lock(ss);", end: "srcu_read_unlock(ss, ssi);" },
        Region { name: "Lock", begin: "spin_lock(lk);", end: "spin_unlock(lk);" },
    ],
    sized: false,
};

static BPF: Vocabulary = Vocabulary {
    arch: Arch::Bpf,
    word: "BPF",
    fences: &[
        fence("FenceFetch", "r4 = atomic_fetch_add((u64*)(r5 + 0), r4)"),
        fence("FenceLock", "lock *(u64*)(r5 + 0) += r4"),
    ],
    strongest: 0,
    orders: &[both("P"), reads("Acq"), writes("Rel"), writes("Ex"), writes("Lock")],
    default: 1,
    says_default: false,
    updates: &[
        update("Fetch.Add", "fetch.add", "atomic_fetch_add", Op::Add, true),
        update("Lock.Add", "lock.add", "", Op::Add, false),
    ],
    deps: DEPS,
    regions: &[],
    sized: false,
};

static LISA: Vocabulary = Vocabulary {
    arch: Arch::Lisa,
    word: "LISA",
    fences: &[
        fence("Fence", "f[]"),
        fence("FenceMb", "f[mb]"),
        fence("FenceRmb", "f[rmb]"),
        fence("FenceWmb", "f[wmb]"),
    ],
    strongest: 1,
    orders: &[both("P"), both("Once"), reads("Acquire"), writes("Release")],
    default: 1,
    says_default: false,
    updates: &[update("Rmw", "rmw", "rmw", Op::Swap, true)],
    deps: DEPS,
    regions: &[],
    sized: false,
};
