//! The five ways to write BPF.

/// How instructions are written. All of them are read; this says which is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// As herd7 prints litmus tests: `r1 = *(u32 *)(r2 + 8)`. The canonical one.
    #[default]
    Litmus,
    /// As LLVM's assembler and `llvm-objdump`: `w1 = *(u32 *)(r2 + 0x8)`.
    Llvm,
    /// As the GNU assembler's `pseudoc` dialect: `r1=*(u32*)(r2+8)`.
    PseudoC,
    /// As the GNU assembler's normal dialect: `ldxw %r1,[%r2+8]`.
    Gas,
    /// As the kernel's verifier and `bpftool prog dump xlated`: `(61) r1 = *(u32 *)(r2 +8)`.
    Kernel,
}

impl Syntax {
    /// All of them, with the names by which command lines know them.
    pub const ALL: [(&'static str, Syntax); 5] = [
        ("litmus", Syntax::Litmus),
        ("llvm", Syntax::Llvm),
        ("pseudoc", Syntax::PseudoC),
        ("gas", Syntax::Gas),
        ("kernel", Syntax::Kernel),
    ];

    /// The one of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Syntax> {
        Syntax::ALL.iter().find(|(known, _)| *known == name).map(|(_, syntax)| *syntax)
    }
}
