//! Forms of instructions, their canonical text, their micro-operations.

use super::{X86, X86_64};
use crate::{Cell, Isa, assemble};
use execution::micro::{Instruction, Micro, Reg};
use execution::{Limits, Path, Symbols, Term, Value, unfold};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeMap;
use syntax::{Diagnostic, FileId, Span};

/// Reads one instruction. Its labels are defined nowhere, which does not matter here.
fn read(isa: &dyn Isa, text: &str) -> Result<Instruction, Diagnostic> {
    let mut symbols = Symbols::new();
    let symbolic = BTreeMap::from([("sym".to_owned(), Reg(4)), ("P0_x".to_owned(), Reg(5))]);
    let span = Span::new(FileId(0), 0, text.len());
    let (thread, diagnostics) = assemble(isa, std::iter::once(Cell { text, span }), &mut symbols, &symbolic);
    let mut serious = diagnostics.into_iter().filter(|diagnostic| diagnostic.code != "isa::undefined-label");
    match (serious.next(), thread.code.into_iter().next()) {
        (None, Some(instruction)) => Ok(instruction),
        (None, None) => Err(Diagnostic::error("isa::nothing", span, "no instruction")),
        (Some(diagnostic), _) => Err(diagnostic),
    }
}

/// Each text and its canonical form, which must be read back as the same instruction.
fn check_texts(isa: &dyn Isa, table: &[(&str, &str)]) {
    for (text, canonical) in table {
        let first = read(isa, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(&*first.text, *canonical, "{text}");
        let again = read(isa, canonical).unwrap_or_else(|error| panic!("{canonical}: {error:?}"));
        assert_eq!(&*again.text, *canonical);
        assert_eq!(again.micro, first.micro, "{text} and {canonical}");
    }
}

#[test]
fn x86_texts() {
    check_texts(
        &X86,
        &[
            ("mov [x], 1", "MOV [x],$1"),
            ("MOV [x],$-1", "MOV [x],$-1"),
            ("mov EAX,[y]", "MOV EAX,[y]"),
            ("mov eax, ebx", "MOV EAX,EBX"),
            ("mov EAX,[EBX]", "MOV EAX,[EBX]"),
            ("mov EAX,(EBX)", "MOV EAX,[EBX]"),
            ("mov eax,[ebx+ecx*4-8]", "MOV EAX,[EBX+ECX*4-8]"),
            ("mov eax,[x+4]", "MOV EAX,[x+4]"),
            ("mov eax,[ecx*2]", "MOV EAX,[ECX*2]"),
            ("mov eax,[ecx+ebx]", "MOV EAX,[ECX+EBX]"),
            ("mov eax,x", "MOV EAX,[x]"),
            ("mov BYTE PTR [x],5", "MOV BYTE PTR [x],$5"),
            ("mov al,[x]", "MOV AL,[x]"),
            ("mov eax,OFFSET x", "MOV EAX,OFFSET x"),
            ("mov %sym,[x]", "MOV %sym,[x]"),
            ("xchg [x],eax", "XCHG [x],EAX"),
            ("xchg EAX,[x]", "XCHG EAX,[x]"),
            ("uxch [x],eax", "UNLOCKED XCHG [x],EAX"),
            ("cmp eax,$1", "CMP  EAX,$1"),
            ("inc [x]", "INC  [x]"),
            ("LOCK DEC [x]", "LOCK; DEC  [x]"),
            ("lock; inc [x]", "LOCK; INC  [x]"),
            ("lock cmpxchg [x],ebx", "LOCK; CMPXCHG [x],EBX"),
            ("mov %eax,(x)", "MOV [x],EAX"),
            ("add $2,%eax", "ADD EAX,$2"),
            ("lock xadd [x],ebx", "LOCK; XADD [x],EBX"),
            ("add eax,[x]", "ADD EAX,[x]"),
            ("addb [x],1", "ADDB [x],$1"),
            ("cmovc eax,[x]", "CMOVC EAX,[x]"),
            ("setnb [x]", "SETNB [x]"),
            ("setae al", "SETNB AL"),
            ("movzx eax,al", "MOVZX EAX,AL"),
            ("movsx eax,WORD PTR [x]", "MOVSX EAX,WORD PTR [x]"),
            ("jmp L0", "JMP L0"),
            ("jz L0", "JE L0"),
            ("jlt L0", "JL L0"),
            ("mfence", "MFENCE"),
            ("Lfence", "LFENCE"),
            ("sfence", "SFENCE"),
            ("nop", "NOP"),
            ("cwde", "CWDE"),
            ("cdq", "CDQ"),
            ("idiv ecx", "IDIV ECX"),
            ("push eax", "PUSH EAX"),
            ("imul eax,ebx,3", "IMUL EAX,EBX,$3"),
        ],
    );
}

#[test]
fn x86_64_texts() {
    check_texts(
        &X86_64,
        &[
            ("movl $2,(x)", "movl $2,(x)"),
            ("MOVQ %RBX,(x)", "movq %rbx,(x)"),
            ("mov (y),%eax", "mov (y),%eax"),
            ("mov [y],eax", "mov %eax,(y)"),
            ("movl [y],eax", "movl (y),%eax"),
            ("movl [y],%eax", "movl (y),%eax"),
            ("lea rcx,[rax+rax*2]", "lea (%rax, %rax,2),%rcx"),
            ("imul rax,rcx,3", "imul $3,%rcx,%rax"),
            ("movq r8(%rip),%rax", "movq r8(%rip),%rax"),
            ("movl $0x10,%ecx", "movl $16,%ecx"),
            ("movq 0(%rax,%rbx,8),%rcx", "movq (%rax, %rbx,8),%rcx"),
            ("movl -4(%rsp),%eax", "movl -4(%rsp),%eax"),
            ("movl 4[%rax],%eax", "movl 4(%rax),%eax"),
            ("movl x(%rip),%eax", "movl x(%rip),%eax"),
            ("movl x+4(%rip),%eax", "movl x+4(%rip),%eax"),
            ("movl 4+x(%rip),%eax", "movl x+4(%rip),%eax"),
            ("movl x,%eax", "movl (x),%eax"),
            ("movl x(,%rax,4),%ebx", "movl x(, %rax,4),%ebx"),
            ("movl (%rax,%rbx),%ebx", "movl (%rax, %rbx,1),%ebx"),
            ("movq x@GOTPCREL(%rip),%rax", "movq x@GOTPCREL(%rip),%rax"),
            ("movq $x,%rax", "movq $x,%rax"),
            ("movabsq $81985529216486895,%rax", "movq $81985529216486895,%rax"),
            ("mov DWORD PTR [rdi+rax*4+8],5", "movl $5,8(%rdi, %rax,4)"),
            ("mov eax,DWORD PTR x[rip]", "mov x(%rip),%eax"),
            ("movl (%P0_x),%eax", "movl (%P0_x),%eax"),
            ("movl $1,%sym", "movl $1,%sym"),
            ("xchgl (y),%eax", "xchgl (y),%eax"),
            ("xchg %eax,(y)", "xchg %eax,(y)"),
            ("uxchl (y),%eax", "uxchl (y),%eax"),
            ("lock addl $0,(%rdi)", "lock; addl $0,(%rdi)"),
            ("lock orq $0,(%rsp)", "lock; orq $0,(%rsp)"),
            ("lock cmpxchgl %ecx,(x)", "lock; cmpxchgl (x),%ecx"),
            ("cmpxchg (x),%ecx", "cmpxchg (x),%ecx"),
            ("lock cmpxchg16b (%rdi)", "lock; cmpxchg16b (%rdi)"),
            ("cmpxchg8b x(%rip)", "cmpxchg8b x(%rip)"),
            ("lock xaddl %eax,(x)", "lock; xaddl %eax,(x)"),
            ("lock btsl $3,(x)", "lock; btsl $3,(x)"),
            ("btq %rax,%rbx", "btq %rax,%rbx"),
            ("cmovc (x),%eax", "cmovc %eax,(x)"),
            ("cmovnel %eax,%ebx", "cmovnel %eax,%ebx"),
            ("cmovll %eax,%ebx", "cmovll %eax,%ebx"),
            ("andl $1,%eax", "andl $1,%eax"),
            ("adcq %rax,%rbx", "adcq %rax,%rbx"),
            ("shll $4,%eax", "shll $4,%eax"),
            ("sarl %cl,%edx", "sarl %cl,%edx"),
            ("shrl %eax", "shrl $1,%eax"),
            ("movzbl %al,%eax", "movzbl %al,%eax"),
            ("movslq (x),%rax", "movslq (x),%rax"),
            ("movsbw (x),%ax", "movsbw (x),%ax"),
            ("cltq", "cltq"),
            ("cwtl", "cwtl"),
            ("cbtw", "cbtw"),
            ("cqo", "cqto"),
            ("idivl %ecx", "idivl %ecx"),
            ("divq (x)", "divq (x)"),
            ("leaq 4(%rax,%rbx,2),%rcx", "leaq 4(%rax, %rbx,2),%rcx"),
            ("imull $3,%eax,%ebx", "imull $3,%eax,%ebx"),
            ("imulq %rax,%rbx", "imulq %rax,%rbx"),
            ("mull %ecx", "mull %ecx"),
            ("notb (x)", "notb (x)"),
            ("testl %eax,%eax", "testl %eax,%eax"),
            ("sete %al", "sete %al"),
            ("setnb %al", "setnb %al"),
            ("jnb .L2", "jae .L2"),
            ("jmp *%rax", "jmp *%rax"),
            ("call f@PLT", "call f"),
            ("retq", "ret"),
            ("rep ret", "ret"),
            ("pushq %rbp", "push %rbp"),
            ("popq %rbp", "pop %rbp"),
            ("leave", "leave"),
            ("movnti %eax,(x)", "movnti %eax,(x)"),
            ("movntiq %rax,(x)", "movntiq %rax,(x)"),
            ("movntdqa (x),%xmm0", "movntdqa (x),xmm0"),
            ("movd %xmm0,%eax", "movd xmm0,%eax"),
            ("movq %xmm0,%rax", "movq xmm0,%rax"),
            ("clflush (x)", "clflush (x)"),
            ("clflushopt (%rax)", "clflushopt (%rax)"),
            ("clwb (x)", "clwb (x)"),
            ("endbr64", "NOP"),
            ("NOPL %cs:0(%rax,%eax,0)", "NOP"),
            ("movl %cs:4(%rax),%ebx", "movl 4(%rax),%ebx"),
            ("incb (x)", "incb (x)"),
            ("movb %ah,%bl", "movb %ah,%bl"),
            ("movl (5),%eax", "movl (5),%eax"),
        ],
    );
}

fn check_errors(isa: &dyn Isa, table: &[(&str, &str)], expected: Expect) {
    let mut shown = String::new();
    for (text, code) in table {
        let error = read(isa, text).expect_err(text);
        assert_eq!(error.code, *code, "{text}: {error:?}");
        let place = &text[error.span.start as usize..error.span.end as usize];
        let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
        shown.push_str(&format!("{text}: {} at `{place}`{help}\n", error.message));
    }
    expected.assert_eq(&shown);
}

#[test]
fn errors() {
    check_errors(
        &X86_64,
        &[
            ("movv %eax,%ebx", "isa::unknown-instruction"),
            ("mfencel", "isa::unknown-instruction"),
            ("lock", "isa::bad-operand"),
            ("lock movl $1,(x)", "isa::bad-prefix"),
            ("lock addl $1,%eax", "isa::bad-prefix"),
            ("movl $1", "isa::bad-operand"),
            ("movl (x),(y)", "isa::bad-operand"),
            ("movl %eax,$1", "isa::bad-operand"),
            ("movl $1,%eaxx", "isa::unknown-register"),
            ("movl $99999999999999999999,%eax", "isa::bad-operand"),
            ("movl $1,%fs:8", "isa::bad-operand"),
            ("movl (%rax,%rbx,3),%eax", "isa::bad-operand"),
            ("movl (%rax,%eax", "isa::bad-operand"),
            ("movl $1,(x) y", "isa::bad-operand"),
            ("shll %eax,%ebx", "isa::bad-operand"),
            ("jmp", "isa::bad-operand"),
            ("jmp L0 L1", "isa::bad-operand"),
            ("jmp %rax,%rbx", "isa::bad-operand"),
            ("jmp rax", "isa::bad-operand"),
            ("call *%rax", "isa::bad-operand"),
            ("movl x@TLSGD(%rip),%eax", "isa::bad-operand"),
            ("mfence $1", "isa::bad-operand"),
        ],
        expect![[r#"
            movv %eax,%ebx: unknown instruction `movv` at `movv` (did you mean `mov`?)
            mfencel: unknown instruction `mfencel` at `mfencel` (did you mean `mfence`?)
            lock: expected an instruction at ``
            lock movl $1,(x): `lock` needs an instruction that reads and writes memory at `lock movl $1,(x)`
            lock addl $1,%eax: `lock` needs an instruction that reads and writes memory at `lock addl $1,%eax`
            movl $1: expected 2 operands, found 1 at `movl $1`
            movl (x),(y): at most one operand can be in memory at `movl (x),(y)`
            movl %eax,$1: the destination is a register or a place in memory at `$1` (write the destination last)
            movl $1,%eaxx: unknown register `%eaxx` at `%eaxx`
            movl $99999999999999999999,%eax: `99999999999999999999` is not a number of at most 64 bits at `$99999999999999999999`
            movl $1,%fs:8: segment `fs` is not supported at `%fs`
            movl (%rax,%rbx,3),%eax: the factor of an index is 1, 2, 4 or 8 at `%rbx,3`
            movl (%rax,%eax: expected `)` at ``
            movl $1,(x) y: expected `,` or the end of the instruction at `y`
            shll %eax,%ebx: the distance of a shift is a number or `cl` at `%eax`
            jmp: expected a label at ``
            jmp L0 L1: expected the end of the instruction at `L`
            jmp %rax,%rbx: expected 1 operand, found 2 at `jmp %rax,%rbx`
            jmp rax: expected a label at `rax` (write `*` before a register that holds the target)
            call *%rax: only `jmp` can have its target in a register at `*%rax`
            movl x@TLSGD(%rip),%eax: relocation `@TLSGD` is not supported at `@TLSGD`
            mfence $1: expected 0 operands, found 1 at `mfence $1`
        "#]],
    );
    check_errors(
        &X86,
        &[
            ("xadd $1,$2", "isa::bad-operand"),
            ("mov %rax,1", "isa::unknown-register"),
            ("movzx eax,[x]", "isa::bad-operand"),
        ],
        expect![[r#"
            xadd $1,$2: the destination is a register or a place in memory at `$2` (write the destination first)
            mov %rax,1: unknown register `%rax` at `%rax`
            movzx eax,[x]: the width of the source is not known at `[x]` (write `BYTE PTR` or `WORD PTR` before it)
        "#]],
    );
}

fn micro(isa: &dyn Isa, text: &str) -> String {
    let instruction = read(isa, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let mut shown = String::new();
    show(&instruction.micro, 0, &mut shown);
    shown
}

fn show(micros: &[Micro], depth: usize, shown: &mut String) {
    for micro in micros {
        let indent = "  ".repeat(depth);
        match micro {
            Micro::Alt(ways) => {
                for way in ways {
                    shown.push_str(&format!("{indent}way\n"));
                    show(way, depth + 1, shown);
                }
            }
            other => shown.push_str(&format!("{indent}{other:?}\n")),
        }
    }
}

#[test]
fn micro_operations() {
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: Temp(1), addr: Temp(0), width: 32, tags: Tags(0), ev: Ev(0) }
        WriteReg { src: Temp(1), reg: Reg(0), ev: Ev(1) }
    "#]]
    .assert_eq(&micro(&X86, "MOV EAX,[x]"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(2), port: Addr, ev: Ev(0) }
        Const { dst: Temp(1), value: Int(4) }
        Binary { dst: Temp(2), op: Add, width: 64, a: Temp(0), b: Temp(1) }
        Const { dst: Temp(3), value: Int(1) }
        Store { addr: Temp(2), value: Temp(3), width: 32, tags: Tags(0), ev: Ev(1) }
    "#]]
    .assert_eq(&micro(&X86_64, "movl $1,4(%rax)"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(2), port: Plain, ev: Ev(0) }
        Const { dst: Temp(1), value: Int(8) }
        Binary { dst: Temp(2), op: ShrLogical, width: 64, a: Temp(0), b: Temp(1) }
        Unary { dst: Temp(3), op: Mask, width: 8, a: Temp(2) }
        ReadReg { dst: Temp(4), reg: Reg(3), port: Plain, ev: Ev(1) }
        Const { dst: Temp(5), value: Int(18446744073709551360) }
        Binary { dst: Temp(6), op: And, width: 64, a: Temp(4), b: Temp(5) }
        Binary { dst: Temp(7), op: Or, width: 64, a: Temp(6), b: Temp(3) }
        WriteReg { src: Temp(7), reg: Reg(3), ev: Ev(2) }
    "#]]
    .assert_eq(&micro(&X86_64, "movb %ah,%bl"));
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: Temp(1), addr: Temp(0), width: 32, tags: Tags(8), ev: Ev(0) }
        ReadReg { dst: Temp(2), reg: Reg(0), port: Data, ev: Ev(1) }
        Store { addr: Temp(0), value: Temp(2), width: 32, tags: Tags(8), ev: Ev(2) }
        Edge { kind: Data, from: Ev(0), to: Ev(2) }
        WriteReg { src: Temp(1), reg: Reg(0), ev: Ev(3) }
    "#]]
    .assert_eq(&micro(&X86, "XCHG [x],EAX"));
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: Temp(1), addr: Temp(0), width: 32, tags: Tags(8), ev: Ev(0) }
        Const { dst: Temp(2), value: Int(1) }
        Binary { dst: Temp(3), op: Add, width: 32, a: Temp(1), b: Temp(2) }
        Store { addr: Temp(0), value: Temp(3), width: 32, tags: Tags(8), ev: Ev(1) }
        Unary { dst: Temp(4), op: IsZero, width: 32, a: Temp(3) }
        WriteReg { src: Temp(4), reg: Reg(26), ev: Ev(2) }
        Const { dst: Temp(5), value: Int(31) }
        Binary { dst: Temp(6), op: ShrLogical, width: 32, a: Temp(3), b: Temp(5) }
        WriteReg { src: Temp(6), reg: Reg(27), ev: Ev(3) }
        WriteReg { src: Temp(3), reg: Reg(30), ev: Ev(4) }
        Const { dst: Temp(7), value: Int(2147483648) }
        Binary { dst: Temp(8), op: Eq, width: 32, a: Temp(3), b: Temp(7) }
        WriteReg { src: Temp(8), reg: Reg(29), ev: Ev(5) }
    "#]]
    .assert_eq(&micro(&X86_64, "lock incl (x)"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(2), port: Plain, ev: Ev(0) }
        Const { dst: Temp(1), value: Int(1) }
        Binary { dst: Temp(2), op: Sub, width: 32, a: Temp(0), b: Temp(1) }
        Binary { dst: Temp(3), op: Eq, width: 32, a: Temp(0), b: Temp(1) }
        WriteReg { src: Temp(3), reg: Reg(26), ev: Ev(1) }
        Const { dst: Temp(4), value: Int(31) }
        Binary { dst: Temp(5), op: ShrLogical, width: 32, a: Temp(2), b: Temp(4) }
        WriteReg { src: Temp(5), reg: Reg(27), ev: Ev(2) }
        WriteReg { src: Temp(2), reg: Reg(30), ev: Ev(3) }
        Binary { dst: Temp(6), op: LtUnsigned, width: 32, a: Temp(0), b: Temp(1) }
        WriteReg { src: Temp(6), reg: Reg(28), ev: Ev(4) }
        Binary { dst: Temp(7), op: LtSigned, width: 32, a: Temp(0), b: Temp(1) }
        Binary { dst: Temp(8), op: Xor, width: 1, a: Temp(7), b: Temp(5) }
        WriteReg { src: Temp(8), reg: Reg(29), ev: Ev(5) }
    "#]]
    .assert_eq(&micro(&X86_64, "cmpl $1,%eax"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(26), port: Plain, ev: Ev(0) }
        ReadReg { dst: Temp(1), reg: Reg(27), port: Plain, ev: Ev(1) }
        ReadReg { dst: Temp(2), reg: Reg(29), port: Plain, ev: Ev(2) }
        Binary { dst: Temp(3), op: Xor, width: 1, a: Temp(1), b: Temp(2) }
        Binary { dst: Temp(4), op: Or, width: 1, a: Temp(0), b: Temp(3) }
        Unary { dst: Temp(5), op: IsZero, width: 1, a: Temp(4) }
        Branch { cond: Temp(5), target: LabelId(0), ev: Ev(3) }
    "#]]
    .assert_eq(&micro(&X86_64, "jg L"));
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        Load { dst: Temp(1), addr: Temp(0), width: 32, tags: Tags(8), ev: Ev(0) }
        ReadReg { dst: Temp(2), reg: Reg(2), port: Plain, ev: Ev(1) }
        Binary { dst: Temp(3), op: Sub, width: 32, a: Temp(2), b: Temp(1) }
        Binary { dst: Temp(4), op: Eq, width: 32, a: Temp(2), b: Temp(1) }
        WriteReg { src: Temp(4), reg: Reg(26), ev: Ev(2) }
        Const { dst: Temp(5), value: Int(31) }
        Binary { dst: Temp(6), op: ShrLogical, width: 32, a: Temp(3), b: Temp(5) }
        WriteReg { src: Temp(6), reg: Reg(27), ev: Ev(3) }
        WriteReg { src: Temp(3), reg: Reg(30), ev: Ev(4) }
        Binary { dst: Temp(7), op: LtUnsigned, width: 32, a: Temp(2), b: Temp(1) }
        WriteReg { src: Temp(7), reg: Reg(28), ev: Ev(5) }
        Binary { dst: Temp(8), op: LtSigned, width: 32, a: Temp(2), b: Temp(1) }
        Binary { dst: Temp(9), op: Xor, width: 1, a: Temp(8), b: Temp(6) }
        WriteReg { src: Temp(9), reg: Reg(29), ev: Ev(6) }
        ReadReg { dst: Temp(10), reg: Reg(4), port: Data, ev: Ev(7) }
        way
          Assume { cond: Temp(4), is: true }
          Store { addr: Temp(0), value: Temp(10), width: 32, tags: Tags(8), ev: Ev(8) }
          Edge { kind: Data, from: Ev(0), to: Ev(8) }
        way
          Assume { cond: Temp(4), is: false }
          Store { addr: Temp(0), value: Temp(1), width: 32, tags: Tags(8), ev: Ev(9) }
          Edge { kind: Data, from: Ev(0), to: Ev(9) }
          WriteReg { src: Temp(1), reg: Reg(2), ev: Ev(10) }
    "#]]
    .assert_eq(&micro(&X86_64, "lock cmpxchgl %ecx,(x)"));
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        ReadReg { dst: Temp(1), reg: Reg(2), port: Data, ev: Ev(0) }
        Store { addr: Temp(0), value: Temp(1), width: 32, tags: Tags(16), ev: Ev(1) }
    "#]]
    .assert_eq(&micro(&X86_64, "movnti %eax,(x)"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(2), port: Addr, ev: Ev(0) }
        Fence { tags: Tags(64), ev: Ev(1) }
    "#]]
    .assert_eq(&micro(&X86_64, "clflushopt (%rax)"));
    expect![[r#"
        Const { dst: Temp(0), value: Addr { symbol: SymbolId(0), offset: 0 } }
        WriteReg { src: Temp(0), reg: Reg(2), ev: Ev(0) }
    "#]]
    .assert_eq(&micro(&X86_64, "movq x@GOTPCREL(%rip),%rax"));
    expect![[r#"
        ReadReg { dst: Temp(0), reg: Reg(0), port: Plain, ev: Ev(0) }
        way
          Assume { cond: Temp(0), is: false }
          Halt
        way
          Assume { cond: Temp(0), is: true }
          Const { dst: Temp(1), value: Int(0) }
          WriteReg { src: Temp(1), reg: Reg(0), ev: Ev(1) }
          JumpTo { target: Temp(0) }
    "#]]
    .assert_eq(&micro(&X86_64, "ret"));
}

/// Runs code without memory on a thread whose registers start as given, and returns the last values.
fn run(isa: &'static dyn Isa, code: &str, start: &[(&str, i64)]) -> Vec<BTreeMap<&'static str, u128>> {
    let cells: Vec<Cell<'_>> = code.split(';').map(|text| Cell { text, span: Span::default() }).collect();
    let mut symbols = Symbols::new();
    let (thread, diagnostics) = assemble(isa, cells.into_iter(), &mut symbols, &BTreeMap::new());
    assert_eq!(diagnostics, []);
    let start: Vec<(Reg, Value)> =
        start.iter().map(|(name, value)| (isa.register(name).expect(name), Value::int(*value))).collect();
    let limits = Limits {
        unroll: 2,
        steps: 100,
        paths: 100,
        register_events: true,
        waiting: None,
        private: Vec::new(),
        constants: Vec::new(),
    };
    let paths = unfold(std::slice::from_ref(&thread), 0, &start, &limits).expect(code);
    paths.iter().map(|path| registers(isa, path)).collect()
}

fn registers(isa: &dyn Isa, path: &Path) -> BTreeMap<&'static str, u128> {
    let value = |term| match path.terms.get(term) {
        Term::Const(Value::Int(bits)) => Some(bits),
        _ => None,
    };
    let named = |(reg, term): &(Reg, _)| Some((isa.registers()[reg.0 as usize], value(*term)?));
    path.registers.iter().filter_map(named).collect()
}

/// The last value of one register after code that has one way.
fn result(code: &str, start: &[(&str, i64)], register: &str) -> u128 {
    let ways = run(&X86_64, code, start);
    assert_eq!(ways.len(), 1, "{code}");
    ways[0].get(register).copied().unwrap_or(0)
}

#[test]
fn parts_of_registers() {
    let start = [("rax", 0x1122_3344_5566_7788)];
    assert_eq!(result("movl $-1,%eax", &start, "rax"), 0xffff_ffff);
    assert_eq!(result("movw $-1,%ax", &start, "rax"), 0x1122_3344_5566_ffff);
    assert_eq!(result("movb $-1,%al", &start, "rax"), 0x1122_3344_5566_77ff);
    assert_eq!(result("movb $-1,%ah", &start, "rax"), 0x1122_3344_5566_ff88);
    assert_eq!(result("movq $-1,%rax", &start, "rax"), u128::from(u64::MAX));
    assert_eq!(result("movl %eax,%ebx", &start, "rbx"), 0x5566_7788);
    assert_eq!(result("movzbl %ah,%ebx", &start, "rbx"), 0x77);
    assert_eq!(result("movsbl %al,%ebx", &start, "rbx"), 0xffff_ff88);
    assert_eq!(result("movsbq %al,%rbx", &start, "rbx"), 0xffff_ffff_ffff_ff88);
    assert_eq!(result("movslq %eax,%rbx", &start, "rbx"), 0x5566_7788);
    assert_eq!(result("cltq", &[("rax", 0x8000_0000)], "rax"), 0xffff_ffff_8000_0000);
    assert_eq!(result("xchg %al,%ah", &start, "rax"), 0x1122_3344_5566_8877);
    assert_eq!(result("movd %eax,%xmm1; movq %xmm1,%rbx", &start, "rbx"), 0x5566_7788);
}

#[test]
fn arithmetic() {
    let start = [("rax", 7), ("rbx", 5), ("rcx", 1)];
    let value = |code: &str, register: &str| result(code, &start, register);
    assert_eq!(value("addl %ebx,%eax", "rax"), 12);
    assert_eq!(value("subl %eax,%ebx", "rbx"), 0xffff_fffe);
    assert_eq!(value("negl %eax", "rax"), 0xffff_fff9);
    assert_eq!(value("notq %rax", "rax"), u128::from(!7_u64));
    assert_eq!(value("imull %ebx,%eax", "rax"), 35);
    assert_eq!(value("imull $-2,%ebx,%eax", "rax"), 0xffff_fff6);
    assert_eq!(value("movl $-1,%eax; mull %ebx", "rdx"), 4);
    assert_eq!(value("movl $-1,%eax; imull %ebx", "rdx"), 0xffff_ffff);
    assert_eq!(value("movl $-7,%eax; cltd; movl $2,%ecx; idivl %ecx", "rax"), 0xffff_fffd);
    assert_eq!(value("movl $-7,%eax; cltd; movl $2,%ecx; idivl %ecx", "rdx"), 0xffff_ffff);
    assert_eq!(value("movl $0,%edx; divl %ebx", "rdx"), 2);
    assert_eq!(value("movw $515,%ax; divb %bl", "rax"), 0x0067);
    assert_eq!(value("movb $-1,%al; cbtw", "rax"), 0xffff);
    assert_eq!(value("leal 1(%rax,%rbx,4),%edx", "rdx"), 28);
    assert_eq!(value("shll $3,%eax", "rax"), 56);
    assert_eq!(value("sarl %cl,%eax", "rax"), 3);
    assert_eq!(value("rorb $1,%al", "rax"), 0x83);
    assert_eq!(value("rolb $1,%al", "rax"), 14);
    assert_eq!(value("xaddl %eax,%ebx", "rax"), 5);
    assert_eq!(value("xaddl %eax,%ebx", "rbx"), 12);
    assert_eq!(value("subl $8,%eax; adcl $0,%ebx", "rbx"), 6);
    assert_eq!(value("subl $8,%eax; sbbl $0,%ebx", "rbx"), 4);
    assert_eq!(value("subl $8,%eax; sbbl %edx,%edx", "rdx"), 0xffff_ffff);
    assert_eq!(value("btsl $4,%eax", "rax"), 23);
    assert_eq!(value("btrl %ecx,%eax", "rax"), 5);
    assert_eq!(value("btcq $0,%rax", "rax"), 6);
    assert_eq!(value("cmpl $7,%eax; cmovel %ebx,%eax", "rax"), 5);
    assert_eq!(value("cmpl $8,%eax; cmovel %ebx,%eax", "rax"), 7);
    assert_eq!(value("call F; jmp E; F: movl $9,%edx; ret; E: incl %edx", "rdx"), 10);
    assert_eq!(value("movl $1,%edx; ret; movl $2,%edx", "rdx"), 1);
    assert_eq!(value("movl $5,%eax; cmpxchg %ecx,%ebx", "rbx"), 1);
    assert_eq!(value("cmpxchg %ecx,%ebx", "rax"), 5);
}

/// All conditions after comparing, against what they mean on numbers.
#[test]
fn conditions() {
    let numbers = [0, 1, 2, -1, 127, -128, 128, 255, i64::from(i32::MIN), i64::from(i32::MAX)];
    for (a, b) in numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))) {
        let (sa, sb, ua, ub) = (a as i32, b as i32, a as u32, b as u32);
        let meanings = [
            ("e", ua == ub),
            ("ne", ua != ub),
            ("b", ua < ub),
            ("ae", ua >= ub),
            ("be", ua <= ub),
            ("a", ua > ub),
            ("l", sa < sb),
            ("ge", sa >= sb),
            ("le", sa <= sb),
            ("g", sa > sb),
            ("s", sa.wrapping_sub(sb) < 0),
            ("ns", sa.wrapping_sub(sb) >= 0),
            ("o", sa.overflowing_sub(sb).1),
            ("no", !sa.overflowing_sub(sb).1),
            ("p", (sa.wrapping_sub(sb) as u8).count_ones().is_multiple_of(2)),
            ("np", !(sa.wrapping_sub(sb) as u8).count_ones().is_multiple_of(2)),
        ];
        for (name, holds) in meanings {
            let code = format!("cmpl %ebx,%eax; set{name} %cl; j{name} L; movl $1,%edx; L:");
            let ways = run(&X86_64, &code, &[("rax", a), ("rbx", b)]);
            assert_eq!(ways.len(), 1);
            let shown = (ways[0]["rcx"], ways[0].get("rdx").copied().unwrap_or(0));
            assert_eq!(shown, (holds.into(), (!holds).into()), "{a} {name} {b}");
        }
    }
}

/// Flags of the other instructions: ZF, SF, CF, OF.
#[test]
fn flags() {
    let flags = |code: &str, a: i64, b: i64| {
        let ways = run(&X86_64, code, &[("rax", a), ("rbx", b), ("rcx", 4)]);
        ["zf", "sf", "cf", "of"].map(|flag| ways[0].get(flag).copied().unwrap_or(0))
    };
    assert_eq!(flags("addb %bl,%al", 0x7f, 1), [0, 1, 0, 1]);
    assert_eq!(flags("addb %bl,%al", 0xff, 1), [1, 0, 1, 0]);
    assert_eq!(flags("addl %ebx,%eax", 0x8000_0000, 0x8000_0000), [1, 0, 1, 1]);
    assert_eq!(flags("subb %bl,%al", 0x80, 1), [0, 0, 0, 1]);
    assert_eq!(flags("incb %al", 0x7f, 0), [0, 1, 0, 1]);
    assert_eq!(flags("decb %al", 0x80, 0), [0, 0, 0, 1]);
    assert_eq!(flags("negl %eax", 1, 0), [0, 1, 1, 0]);
    assert_eq!(flags("negb %al", 0x80, 0), [0, 1, 1, 1]);
    assert_eq!(flags("testl %eax,%eax", 0, 0), [1, 0, 0, 0]);
    assert_eq!(flags("xorl %ebx,%eax", -1, 0), [0, 1, 0, 0]);
    assert_eq!(flags("shlb $1,%al", 0xc0, 0), [0, 1, 1, 0]);
    assert_eq!(flags("shrb $1,%al", 0x81, 0), [0, 0, 1, 1]);
    assert_eq!(flags("sarb %cl,%al", 0x88, 0), [0, 1, 1, 0]);
    assert_eq!(flags("shlb $0,%al", 0x81, 0), [0, 0, 0, 0]);
    assert_eq!(flags("imulb %bl", 0x7f, 2), [0, 0, 1, 1]);
    assert_eq!(flags("mulb %bl", 0x7f, 2), [0, 0, 0, 0]);
    assert_eq!(flags("btl $3,%eax", 8, 0), [0, 0, 1, 0]);
    assert_eq!(flags("stop: cmpl %eax,%eax; incl %eax", -1, 0), [1, 0, 0, 0]);
}

#[test]
fn thirty_two_bits() {
    let ways = run(&X86, "mov eax,-1; mov al,1; add eax,ebx", &[("EBX", 0x100)]);
    assert_eq!(ways[0]["EAX"], 1);
    assert_eq!(ways[0]["CF"], 1);
}

#[test]
fn what_the_trait_says() {
    assert_eq!(X86_64.register_width("%ax"), 16);
    assert_eq!(X86_64.register_width("RAX"), 64);
    assert_eq!(X86.register_width("EAX"), 32);
    assert_eq!(X86_64.register("r8d"), X86_64.register("R8"));
    assert_eq!(X86.register("ECX"), Some(Reg(2)));
    assert_eq!(X86_64.general_registers().count(), 15);
    assert_eq!(X86.general_registers().count(), 7);
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = read(&X86, &text);
        let _ = read(&X86_64, &text);
    }

    #[test]
    fn no_text_of_the_right_words_panics(
        words in proptest::collection::vec(
            prop_oneof![
                Just("mov"), Just("movl"), Just("lock"), Just("xchg"), Just("cmpxchg"), Just("shl"), Just("imul"),
                Just("%eax"), Just("%sym"), Just("EAX"), Just("$1"), Just("-4"), Just("x"), Just("("), Just(")"),
                Just("["), Just("]"), Just(","), Just("+"), Just("*"), Just("8"), Just("ptr"), Just("dword"),
                Just("%cs:"), Just("@GOTPCREL"), Just("offset"), Just("movzx"), Just("setb"), Just("bts"),
            ],
            0..9,
        ),
        blank in prop_oneof![Just(""), Just(" ")],
    ) {
        let text = words.join(blank);
        for isa in [&X86 as &dyn Isa, &X86_64] {
            if let Ok(first) = read(isa, &text) {
                let again = read(isa, &first.text);
                prop_assert_eq!(again.map(|again| again.text), Ok(first.text));
            }
        }
    }
}

#[test]
fn long_texts_are_read_in_one_go() {
    for part in ["lock ", "%cs:", "dword ptr ", "(", "x+", "*"] {
        let text = format!("movl {}", part.repeat(100_000));
        assert!(read(&X86_64, &text).is_err());
    }
}
