//! Instructions as data.

use super::callee::Effect;
use syntax::Span;

/// A register: `r0` to `r10`, of which `w0` to `w10` are the lower halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Register<'a> {
    /// Its number, from 0 to 10.
    pub number: u8,
    /// The name without `%`, if the test leaves the choice to us.
    pub symbolic: Option<&'a str>,
}

impl Register<'static> {
    /// The register of that number, if there is one.
    #[must_use]
    pub fn new(number: u8) -> Option<Register<'static>> {
        (number <= 10).then_some(Register { number, symbolic: None })
    }

    /// `r0`: results of functions, and what a compare-exchange compares with.
    pub const RESULT: Register<'static> = Register { number: 0, symbolic: None };
    /// `r10`: the frame pointer, which can't be written.
    pub const FRAME: Register<'static> = Register { number: 10, symbolic: None };
}

/// Width of arithmetic and of comparisons. Results of 32 bits clear the upper half of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Width {
    /// 32 bits: classes `ALU` and `JMP32`, atomic operations on words.
    W32,
    /// 64 bits: classes `ALU64` and `JMP`, atomic operations on double words.
    W64,
}

impl Width {
    /// In bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Width::W32 => 32,
            Width::W64 => 64,
        }
    }

    /// As the size of an access.
    #[must_use]
    pub fn size(self) -> Size {
        match self {
            Width::W32 => Size::Word,
            Width::W64 => Size::Double,
        }
    }
}

/// Size of an access to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// `u8`, 1 byte.
    Byte,
    /// `u16`, 2 bytes.
    Half,
    /// `u32`, 4 bytes.
    Word,
    /// `u64`, 8 bytes.
    Double,
}

impl Size {
    /// All of them, from the smallest up.
    pub const ALL: [Size; 4] = [Size::Byte, Size::Half, Size::Word, Size::Double];

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u32 {
        match self {
            Size::Byte => 1,
            Size::Half => 2,
            Size::Word => 4,
            Size::Double => 8,
        }
    }

    /// In bits.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.bytes() * 8
    }
}

/// The second operand. Immediates are sign-extended to the width of the operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source<'a> {
    /// A register.
    Register(Register<'a>),
    /// A constant.
    Immediate(i32),
}

/// Arithmetic on two operands: `dst = dst op src`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AluOp {
    /// `+=`
    Add,
    /// `-=`
    Sub,
    /// `*=`
    Mul,
    /// `/=` of unsigned numbers; by zero, it is zero.
    Div,
    /// `s/=`: rounds towards zero; by zero, it is zero; the least number by −1 is itself.
    SignedDiv,
    /// `%=` of unsigned numbers; by zero, it is the first operand.
    Mod,
    /// `s%=`: has the sign of the first operand; by zero, it is the first operand; by −1, it is zero.
    SignedMod,
    /// `|=`
    Or,
    /// `&=`
    And,
    /// `^=`
    Xor,
    /// `<<=`; of the distance, the lower 6 bits count (5 bits if the width is 32).
    ShiftLeft,
    /// `>>=`, which brings in zeros.
    ShiftRight,
    /// `s>>=`, which brings in the sign.
    ShiftRightSigned,
}

impl AluOp {
    /// All of them, in the order of their codes.
    pub const ALL: [AluOp; 13] = [
        AluOp::Add,
        AluOp::Sub,
        AluOp::Mul,
        AluOp::Div,
        AluOp::SignedDiv,
        AluOp::Or,
        AluOp::And,
        AluOp::ShiftLeft,
        AluOp::ShiftRight,
        AluOp::Mod,
        AluOp::SignedMod,
        AluOp::Xor,
        AluOp::ShiftRightSigned,
    ];
}

/// What is done to the order of the bytes of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Swap {
    /// `r1 = le16 r1`: from the host's order to little endian. The host of our programs is little endian, so this
    /// only cuts off the upper bits.
    ToLittle,
    /// `r1 = be16 r1`: from the host's order to big endian.
    ToBig,
    /// `r1 = bswap16 r1`: whatever the host is.
    Always,
}

/// What a comparison asks of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Test {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&`: whether they have a bit in common.
    AnyBit,
    /// `>` of unsigned numbers.
    Greater,
    /// `>=` of unsigned numbers.
    GreaterEqual,
    /// `<` of unsigned numbers.
    Less,
    /// `<=` of unsigned numbers.
    LessEqual,
    /// `s>`
    SignedGreater,
    /// `s>=`
    SignedGreaterEqual,
    /// `s<`
    SignedLess,
    /// `s<=`
    SignedLessEqual,
}

impl Test {
    /// All of them, in the order of their codes.
    pub const ALL: [Test; 11] = [
        Test::Equal,
        Test::Greater,
        Test::GreaterEqual,
        Test::AnyBit,
        Test::NotEqual,
        Test::SignedGreater,
        Test::SignedGreaterEqual,
        Test::Less,
        Test::LessEqual,
        Test::SignedLess,
        Test::SignedLessEqual,
    ];
}

/// An atomic operation on memory that computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AtomicOp {
    /// `+=`
    Add,
    /// `|=`
    Or,
    /// `&=`
    And,
    /// `^=`
    Xor,
}

impl AtomicOp {
    /// All of them, in the order of their codes.
    pub const ALL: [AtomicOp; 4] = [AtomicOp::Add, AtomicOp::Or, AtomicOp::And, AtomicOp::Xor];
}

/// What an atomic read-modify-write instruction does with the value in memory, `src` and its registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Modify {
    /// `lock *(u64 *)(r1 + 0) += r2`: atomic, but it orders nothing and gives no result.
    Update(AtomicOp),
    /// `r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)`: `src` gets the old value. Orders everything.
    Fetch(AtomicOp),
    /// `r2 = xchg_64(r1 + 0, r2)`: `src` gets the old value. Orders everything.
    Exchange,
    /// `r0 = cmpxchg_64(r1 + 0, r0, r2)`: stores `src` if `r0` was in memory; `r0` gets the old value. Orders everything
    /// if it stores.
    CompareExchange,
}

impl Modify {
    /// All of them.
    pub const ALL: [Modify; 10] = [
        Modify::Update(AtomicOp::Add),
        Modify::Fetch(AtomicOp::Add),
        Modify::Update(AtomicOp::Or),
        Modify::Fetch(AtomicOp::Or),
        Modify::Update(AtomicOp::And),
        Modify::Fetch(AtomicOp::And),
        Modify::Update(AtomicOp::Xor),
        Modify::Fetch(AtomicOp::Xor),
        Modify::Exchange,
        Modify::CompareExchange,
    ];
}

/// Where a jump goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target<'a> {
    /// So many slots of 8 bytes from the one behind the (first) slot of this instruction.
    Offset(i32),
    /// A label of the thread, and where it is written.
    Label(&'a str, Span),
}

/// What `lddw` loads: 64 bits, or something that the loader puts into their place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wide<'a> {
    /// `r1 = 0x1122334455667788 ll`
    Number(u64),
    /// The map that has this file descriptor.
    Map {
        /// File descriptor.
        fd: i32,
    },
    /// An address in the value of the map that has this file descriptor.
    MapValue {
        /// File descriptor.
        fd: i32,
        /// Distance in bytes from the start of the value.
        offset: i32,
    },
    /// The address of a variable of the kernel.
    Variable {
        /// Its type in BTF.
        btf: i32,
        /// File descriptor of the BTF object of a module; 0 for the kernel itself.
        module: i32,
    },
    /// The address of a function of the program, for callbacks.
    Function(Target<'a>),
    /// The map of this index in the array of maps that goes with the program.
    MapIndex {
        /// Index.
        index: i32,
    },
    /// An address in the value of the map of this index.
    MapIndexValue {
        /// Index.
        index: i32,
        /// Distance in bytes from the start of the value.
        offset: i32,
    },
    /// The address of something with a name: `r1 = x ll`, in text only.
    Symbol {
        /// The global name.
        name: &'a str,
        /// Distance in bytes from its start.
        offset: i64,
    },
}

/// What a call calls. Arguments are in `r1` to `r5`, which calls destroy; `r0` gets the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Callee<'a> {
    /// A helper function of the kernel, by number.
    Helper(i32),
    /// A function of the program.
    Local(Target<'a>),
    /// A function of the kernel, by its type in BTF.
    Kernel {
        /// Its type in BTF.
        btf: i32,
        /// Index of the BTF object of a module in the array that goes with the program; 0 for the kernel itself.
        module: i16,
    },
    /// A helper or a function of the kernel by name, in text only: `call bpf_spin_lock`.
    Named(&'a str),
    /// A function of which the test says what it does and returns: `call bpf_foo with full-barrier = 1`.
    Declared {
        /// Its name.
        name: &'a str,
        /// What it does to memory.
        effect: Effect,
        /// Its result.
        result: i32,
    },
    /// `callx r3`, which no kernel accepts.
    Register(Register<'a>),
}

/// An instruction.
///
/// Operands have the roles that they have in the text, not the places that they have in the bytes: `dst` is always
/// written, `base` is always the address, `src` is always what goes to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Instruction<'a> {
    /// `r1 += r2`, `w1 s>>= 3`
    Alu {
        /// Width of the computation.
        width: Width,
        /// What is computed.
        op: AluOp,
        /// First operand and result.
        dst: Register<'a>,
        /// Second operand.
        src: Source<'a>,
    },
    /// `r1 = -r1`
    Negate {
        /// Width of the computation.
        width: Width,
        /// Operand and result.
        dst: Register<'a>,
    },
    /// `r1 = r2`, `w1 = 5`
    Move {
        /// How much is moved.
        width: Width,
        /// Result.
        dst: Register<'a>,
        /// What is moved.
        src: Source<'a>,
    },
    /// `r1 = (s8)r2`, `w1 = (s16)w2`
    MoveSigned {
        /// How far the sign is extended.
        width: Width,
        /// How much of `src` is moved: less than `width`.
        from: Size,
        /// Result.
        dst: Register<'a>,
        /// What is moved.
        src: Register<'a>,
    },
    /// `r1 = addr_space_cast(r2, 0x0, 0x1)`: a pointer into another address space.
    CastAddress {
        /// Result.
        dst: Register<'a>,
        /// What is cast.
        src: Register<'a>,
        /// The address space of the result.
        to: u16,
        /// The address space of `src`.
        from: u16,
    },
    /// `r1 = be16 r1`
    SwapBytes {
        /// Which way.
        swap: Swap,
        /// How many of the lower bits; the rest becomes zero. Not [`Size::Byte`].
        size: Size,
        /// Operand and result.
        dst: Register<'a>,
    },
    /// `r1 = 0x1122334455667788 ll`, the only instruction of two slots.
    LoadWide {
        /// Result.
        dst: Register<'a>,
        /// What is loaded.
        value: Wide<'a>,
    },
    /// `r1 = *(u32 *)(r2 + 8)`, `r1 = *(s32 *)(r2 + 8)`
    Load {
        /// How much is read.
        size: Size,
        /// Whether the sign is extended to 64 bits; else the rest is zero. Not with [`Size::Double`].
        signed: bool,
        /// Result.
        dst: Register<'a>,
        /// Address.
        base: Register<'a>,
        /// Distance in bytes from `base`.
        offset: i16,
    },
    /// `r1 = load_acquire((u32 *)(r2 + 8))`
    LoadAcquire {
        /// How much is read; the rest of `dst` becomes zero.
        size: Size,
        /// Result.
        dst: Register<'a>,
        /// Address.
        base: Register<'a>,
        /// Distance in bytes from `base`.
        offset: i16,
    },
    /// `r0 = *(u32 *)skb[4]`, `r0 = *(u16 *)skb[r2 + 4]`: from the packet that `r6` points to, in network order. Destroys
    /// `r1` to `r5`; ends the program if the packet is too short. Historical.
    LoadPacket {
        /// How much is read. Not [`Size::Double`].
        size: Size,
        /// What is added to the offset.
        index: Option<Register<'a>>,
        /// Distance in bytes from the start of the packet.
        offset: i32,
    },
    /// `*(u32 *)(r1 + 8) = r2`, `*(u32 *)(r1 + 8) = 5`
    Store {
        /// How much is written.
        size: Size,
        /// Address.
        base: Register<'a>,
        /// Distance in bytes from `base`.
        offset: i16,
        /// What is written.
        src: Source<'a>,
    },
    /// `store_release((u32 *)(r1 + 8), r2)`
    StoreRelease {
        /// How much is written.
        size: Size,
        /// Address.
        base: Register<'a>,
        /// Distance in bytes from `base`.
        offset: i16,
        /// What is written.
        src: Register<'a>,
    },
    /// `lock *(u64 *)(r1 + 0) += r2`, `r2 = atomic_fetch_add((u64 *)(r1 + 0), r2)`, `r2 = xchg_64(r1 + 0, r2)`,
    /// `r0 = cmpxchg_64(r1 + 0, r0, r2)`. Results of 32 bits clear the upper half of the register.
    Atomic {
        /// Width of the location.
        width: Width,
        /// What is done.
        modify: Modify,
        /// Address.
        base: Register<'a>,
        /// Distance in bytes from `base`.
        offset: i16,
        /// Operand, and result of those that fetch.
        src: Register<'a>,
    },
    /// `goto L`, `gotol L`
    Jump {
        /// Whether the distance has 32 bits in the bytes (`gotol`); else 16.
        long: bool,
        /// Where to.
        target: Target<'a>,
    },
    /// `if r1 s< r2 goto L`, `if w1 & 5 goto L`
    JumpIf {
        /// How much is compared.
        width: Width,
        /// What is asked.
        test: Test,
        /// First operand.
        dst: Register<'a>,
        /// Second operand.
        src: Source<'a>,
        /// Where to, if so.
        target: Target<'a>,
    },
    /// `may_goto L`: goes there once a counter that the program can't see has run out.
    MayGoto {
        /// Where to.
        target: Target<'a>,
    },
    /// `gotox r1`: to an address out of a jump table.
    JumpRegister {
        /// The address.
        dst: Register<'a>,
    },
    /// `call 5`, `call L`
    Call {
        /// What is called.
        callee: Callee<'a>,
    },
    /// `exit`: returns to the caller, or ends the program.
    Exit,
    /// `nospec`: the barrier against speculation that the verifier puts in; programs can't have it.
    NoSpeculation,
}

impl Instruction<'_> {
    /// How many slots of 8 bytes it takes.
    #[must_use]
    pub fn slots(&self) -> usize {
        if matches!(self, Instruction::LoadWide { .. }) { 2 } else { 1 }
    }
}
