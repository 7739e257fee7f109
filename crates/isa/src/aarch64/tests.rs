use super::AARCH64 as AArch64;
use crate::{Cell, Isa, assemble};
use execution::Symbols;
use execution::micro::{Micro, Reg, Tags, Thread};
use expect_test::{Expect, expect};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;
use syntax::{Diagnostic, FileId, Span};

fn read_cells(cells: &[&str]) -> (Thread, Vec<Diagnostic>) {
    let mut symbols = Symbols::new();
    let symbolic = BTreeMap::from([("p".to_owned(), Reg(21))]);
    let cells = cells.iter().map(|text| Cell { text, span: Span::new(FileId(0), 0, text.len()) });
    assemble(&AArch64, cells, &mut symbols, &symbolic)
}

/// Canonical text of one instruction; `L` is a label behind it.
pub(super) fn canonical(text: &str) -> Result<String, Diagnostic> {
    let (thread, mut diagnostics) = read_cells(&[text, "L: NOP"]);
    match diagnostics.pop() {
        Some(diagnostic) => Err(diagnostic),
        None => Ok(thread.code[0].text.to_string()),
    }
}

/// What is written, and its canonical text where that differs by more than letters and blanks.
const FORMS: &[(&str, &str)] = &[
    ("nop", ""),
    ("HINT #25", ""),
    ("YIELD", ""),
    ("BTI c", "BTI"),
    ("pacibsp", ""),
    ("xpaclri", ""),
    ("LDR X0,=5", "MOV X0,#5"),
    ("PRFM PLDL1KEEP,[X0]", ""),
    ("dmb ish", ""),
    ("DMB SY", ""),
    ("DMB OSHST", ""),
    ("DSB NSHLD", ""),
    ("ISB", ""),
    ("ISB SY", "ISB"),
    ("DC CVAU,X1", ""),
    ("IC IVAU,X1", ""),
    ("IC IALLU", ""),
    ("CLREX", ""),
    ("B L", ""),
    ("B .+4", ""),
    ("BL L", ""),
    ("BR X3", ""),
    ("BLR X3", ""),
    ("RET", ""),
    ("RET X3", ""),
    ("B.EQ L", ""),
    ("b.hs L", "B.CS L"),
    ("bne L", "B.NE L"),
    ("BLO L", "B.CC L"),
    ("CBZ W0,L", ""),
    ("CBNZ X0,L", ""),
    ("TBZ W0,#3,L", ""),
    ("tbnz x0,63,L", "TBNZ X0,#63,L"),
    ("SVC #0", ""),
    ("LDR W0,[X1]", ""),
    ("ldr wzr, [sp]", "LDR WZR,[SP]"),
    ("LDR X0,[X1,#8]", ""),
    ("LDR X0,[X1,0]", "LDR X0,[X1]"),
    ("LDR X0,[X1],#-8", "LDR X0,[X1]#-8"),
    ("STR W0,[X1,#4]!", ""),
    ("LDR W4,[X3,W0,SXTW]", ""),
    ("LDR W4,[X3,W0,UXTW #2]", ""),
    ("LDR X4,[X3,X0]", ""),
    ("LDR X4,[X3,X0,LSL 3]", "LDR X4,[X3,X0,LSL #3]"),
    ("LDR X4,[X3,X0,LSL #0]", "LDR X4,[X3,X0]"),
    ("LDR W0,[X%p]", ""),
    ("LDR W0,[x8,:lo12:x]", ""),
    ("ldr w0,[x8,#:lo12:x+4]", "LDR W0,[X8,:lo12:x+4]"),
    ("LDR X0,[X8,:got_lo12:x]", ""),
    ("LDR X0,=x", ""),
    ("LDRB W0,[X1]", ""),
    ("LDRSH X0,[X1,#2]", ""),
    ("LDRSW X0,[X1]", ""),
    ("LDUR W0,[X1,#4]", "LDUR W0, [X1,#4]"),
    ("STUR W0,[X1,#4]", ""),
    ("LDTR W0,[X1]", ""),
    ("LDAR X0,[X1]", ""),
    ("LDARB W0,[X1]", ""),
    ("LDAPR W0,[X1]", ""),
    ("LDAPURSW X0,[X1,#4]", ""),
    ("STLR WZR,[X1]", ""),
    ("STLURH W0,[X1,#2]", ""),
    ("LDXR W0,[X1]", ""),
    ("LDAXRB W0,[X1]", ""),
    ("STXR W2,W0,[X1]", ""),
    ("STLXRH W2,W0,[X1]", ""),
    ("LDP W0,W1,[X2,#8]", ""),
    ("LDP X0,X1,[X2],#16", "LDP X0,X1, [X2]#16"),
    ("stp x29, x30, [sp, -32]!", "STP X29,X30,[SP,#-32]!"),
    ("LDPSW X0,X1,[X2]", ""),
    ("LDNP X0,X1,[X2]", ""),
    ("LDIAPP X0,X1,[X2]", ""),
    ("STILP X0,X1,[X2,#-16]!", ""),
    ("LDXP X0,X1,[X2]", "LDXP W0,X1,[X2]"),
    ("STLXP W3,X0,X1,[X2]", ""),
    ("CAS W0,W1,[X2]", ""),
    ("casalb w0,w1,[x2]", ""),
    ("CASP X0,X1,X2,X3,[X4]", ""),
    ("SWPAL X0,XZR,[X2]", ""),
    ("LDADD W0,W1,[X2]", ""),
    ("ldclral x0,x1,[x2]", ""),
    ("LDUMAXAH W0,W1,[X2]", ""),
    ("STEORL W0,[X2]", ""),
    ("STSMINB W0,[X2]", ""),
    ("MOV W0,#1", ""),
    ("mov x0, -1", "MOV X0,#-1"),
    ("MOV X0,0x10", "MOV X0,#16"),
    ("MOV X0,SP", ""),
    ("MOV X0,%p", "MOV X0,X%p"),
    ("MOVZ W0,#1", ""),
    ("MOVK X0,#1,LSL #16", "MOVK X0,#1,,LSL #16"),
    ("MOVN W0,#0", ""),
    ("ADD X0,X1,#4", ""),
    ("add x0,x0,:lo12:x", "ADD X0,X0,:lo12:x"),
    ("ADD W0,W1,#1,LSL #12", ""),
    ("ADD X0,X1,W2,SXTW #2", ""),
    ("ADDS X0,X1,X2,ASR #3", ""),
    ("SUB SP,SP,#16", ""),
    ("ADC X0,X1,X2", ""),
    ("ORR W0,WZR,W1,ROR 3", "ORR W0,WZR,W1,ROR #3"),
    ("EON X0,X1,X2", ""),
    ("BICS W0,W1,W2", ""),
    ("CMP W0,#1", ""),
    ("CMN X0,X1", ""),
    ("SUBS WZR,W0,#1", "CMP W0,#1"),
    ("ANDS WZR,W0,#1", "TST W0,#1"),
    ("ORN W0,WZR,W1", "MVN W0,W1"),
    ("NEGS W0,W1", "SUBS W0,WZR,W1"),
    ("MSUB W0,W1,W2,WZR", "MNEG W0,W1,W2"),
    ("CSINC W0,WZR,WZR,EQ", "CSET W0,NE"),
    ("CSINV X0,XZR,XZR,LT", "CSETM X0,GE"),
    ("CSINC W0,W1,W1,HI", "CINC W0,W1,LS"),
    ("TST W0,#3", ""),
    ("NEG W0,W1", "SUB W0,WZR,W1"),
    ("MVN W0,W1", ""),
    ("LSL W0,W1,#3", ""),
    ("ROR X0,X1,X2", ""),
    ("UDIV W0,W1,W2", ""),
    ("SMAX W0,W1,#-3", ""),
    ("UBFM W0,W1,#3,#7", "UBFM X0,X1,#3,#7"),
    ("BFI X0,X1,#3,#7", ""),
    ("EXTR X0,X1,X2,#9", ""),
    ("SXTW X0,W1", ""),
    ("UXTB W0,W1", ""),
    ("RBIT X0,X1", ""),
    ("REV16 W0,W1", ""),
    ("CLZ W0,W1", ""),
    ("ABS X0,X1", ""),
    ("MUL W0,W1,W2", ""),
    ("MADD X0,X1,X2,X3", ""),
    ("SMULL X0,W1,W2", ""),
    ("UMSUBL X0,W1,W2,X3", ""),
    ("SMULH X0,X1,X2", ""),
    ("CSEL W0,W1,W2,EQ", ""),
    ("CSNEG X0,X1,X2,LT", ""),
    ("cset w0, hs", "CSET W0,CS"),
    ("CSETM X0,NE", ""),
    ("CINC W0,W1,GT", ""),
    ("CCMP W0,#3,#4,NE", ""),
    ("CCMN X0,X1,#15,AL", ""),
    ("ADR X0,L", ""),
    ("ADRP X0,x", ""),
    ("adrp x0, :got:x", "ADRP X0,:got:x"),
    ("MRS X0,NZCV", ""),
    ("MSR TPIDR_EL0,X0", ""),
];

#[test]
fn canonical_text() {
    for (written, expected) in FORMS {
        let printed = canonical(written).unwrap_or_else(|d| panic!("{written}: {}", d.message));
        if expected.is_empty() {
            assert!(printed.eq_ignore_ascii_case(written), "{written} is printed as {printed}");
        } else {
            assert_eq!(printed, *expected, "{written}");
        }
        assert_eq!(canonical(&printed).as_ref(), Ok(&printed), "read back from {written}");
    }
}

#[test]
fn digested_text() {
    let digested = |text: &str| AArch64.digested(text);
    assert_eq!(digested("ADR X0,L").as_deref(), Some("ADDR X0,L"));
    assert_eq!(digested("LDUR W0, [X1,#4]").as_deref(), Some("LDUR X0, [X1,#4]"));
    assert_eq!(digested("UXTB W0,W1").as_deref(), Some("UBFM X0,X1,#0,#7"));
    assert_eq!(digested("ADRP X0,x"), None);
}

#[test]
fn registers() {
    let name = |name: &str| AArch64.register(name).map(|reg| AArch64.registers()[reg.0 as usize]);
    assert_eq!(name("X0"), Some("X0"));
    assert_eq!(name("w30"), Some("X30"));
    assert_eq!(name("sp"), Some("SP"));
    assert_eq!(name("WZR"), Some("XZR"));
    assert_eq!(name("X31"), None);
    assert_eq!(name("TPIDR_EL0"), Some("TPIDR_EL0"));
    assert_eq!(AArch64.register_width("W1"), 32);
    assert_eq!(AArch64.register_width("X1"), 64);
    let hidden = &AArch64.registers()[super::register::N.0 as usize..];
    assert_eq!(hidden, ["N", "Z", "C", "V", "RESERVATION"]);
    assert!(AArch64.tags().len() <= 128);
}

pub(super) fn check_error(text: &str, expected: Expect) {
    let message = match canonical(text) {
        Ok(printed) => format!("read as {printed}"),
        Err(d) => {
            let place = &text[d.span.start as usize..d.span.end as usize];
            let help = d.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{}: {} at `{place}`{help}", d.code, d.message)
        }
    };
    expected.assert_eq(&message);
}

#[test]
fn errors() {
    check_error(
        "LRD W0,[X1]",
        expect!["isa::unknown-instruction: unknown AArch64 instruction `LRD` at `LRD` (did you mean `LDR`?)"],
    );
    check_error(
        "LDADDLA W0,W1,[X2]",
        expect![
            "isa::unknown-instruction: unknown AArch64 instruction `LDADDLA` at `LDADDLA` (did you mean `LDADDA`?)"
        ],
    );
    check_error(
        "LDR W0,[W1]",
        expect!["isa::bad-operand: `W1` can't hold an address at `W1` (write the X register, or SP)"],
    );
    check_error("LDR W0 [X1]", expect!["isa::bad-operand: expected `,`, found `[` at `[`"]);
    check_error("LDR W0,[X1", expect!["isa::bad-operand: expected `]` at the end of the instruction at ``"]);
    check_error(
        "LDAR W0,[X1,#4]",
        expect!["isa::bad-operand: this instruction takes a base register only: `[X…]` at `[X1,#4]`"],
    );
    check_error("ADD W0,X1,#1", expect!["isa::bad-operand: `X1` and `W0` have different widths at `X1,`"]);
    check_error("ADD X0,X1,W2", expect!["isa::bad-operand: `W2` and `X1` have different widths at `W2`"]);
    check_error(
        "ADD X0,X1,X2,FOO",
        expect!["isa::bad-operand: expected a shift or an extension, found `FOO` at `FOO`"],
    );
    check_error(
        "MOV X0,#99999999999999999999",
        expect![
            "isa::bad-operand: `99999999999999999999` is not a number of at most 64 bits at `#99999999999999999999`"
        ],
    );
    check_error(
        "MOV X31,#1",
        expect![
            "isa::bad-operand: expected a register, found `X31` at `X31` (registers are W0…W30, X0…X30, SP, WZR, XZR)"
        ],
    );
    check_error("TBZ W0,#32,L", expect!["isa::bad-operand: `32` is not between 0 and 31 at `#32`"]);
    check_error(
        "CSEL W0,W1,W2,QQ",
        expect![
            "isa::bad-operand: expected a condition, found `QQ` at `QQ` (conditions are EQ NE CS CC MI PL VS VC HI LS GE LT GT LE AL)"
        ],
    );
    check_error(
        "DMB FOO",
        expect![
            "isa::bad-operand: `FOO` is not a kind of barrier at `FOO` (kinds are SY LD ST ISH ISHLD ISHST OSH OSHLD OSHST NSH NSHLD NSHST)"
        ],
    );
    check_error(
        "CASP W1,W2,W4,W5,[X6]",
        expect!["isa::bad-operand: `W1,W2` is not an even register and its successor at `W1,W2,`"],
    );
    check_error(
        "MRS X0,TPIDR_EL9",
        expect![
            "isa::unknown-register: unknown system register `TPIDR_EL9` at `TPIDR_EL9` (did you mean `TPIDR_EL0`?)"
        ],
    );
    check_error("LDR W0,[X%q]", expect!["isa::unknown-register: no register is left for `%q` at `X%q`"]);
    check_error(
        "NOP NOP",
        expect!["isa::bad-operand: expected the end of the instruction, found `NOP` at `NOP`"],
    );
    check_error(
        "B K",
        expect!["isa::undefined-label: label `K` is not defined in this thread at `K` (did you mean `L`?)"],
    );
    check_error("B .+12", expect!["isa::undefined-label: the branch leaves the thread's code at `.+12`"]);
    check_error(
        "B .+2",
        expect!["isa::bad-operand: instructions are 4 bytes long, so branches go multiples of 4 at `.+2`"],
    );
}

fn tags(tags: Tags) -> String {
    let names = AArch64.tags().iter().enumerate().filter(|(i, _)| tags.has(*i));
    names.map(|(_, name)| format!(" {name}")).collect()
}

fn show(micros: &[Micro], depth: usize, out: &mut String) {
    let name = |reg: &Reg| AArch64.registers()[reg.0 as usize];
    for micro in micros {
        let indent = "  ".repeat(depth);
        let line = match micro {
            Micro::Const { dst, value } => format!("t{} := {value:?}", dst.0),
            Micro::Unary { dst, op, width, a } => format!("t{} := {op:?}.{width} t{}", dst.0, a.0),
            Micro::Binary { dst, op, width, a, b } => {
                format!("t{} := {op:?}.{width} t{} t{}", dst.0, a.0, b.0)
            }
            Micro::ReadReg { dst, reg, port, ev } => {
                format!("e{} t{} := {} {port:?}", ev.0, dst.0, name(reg))
            }
            Micro::WriteReg { src, reg, ev } => format!("e{} {} := t{}", ev.0, name(reg), src.0),
            Micro::Load { dst, addr, width, tags: t, ev } => {
                format!("e{} t{} := mem{width}[t{}]{}", ev.0, dst.0, addr.0, tags(*t))
            }
            Micro::Store { addr, value, width, tags: t, ev } => {
                format!("e{} mem{width}[t{}] := t{}{}", ev.0, addr.0, value.0, tags(*t))
            }
            Micro::Fence { tags: t, ev } => format!("e{} fence{}", ev.0, tags(*t)),
            Micro::Pick { cond, ev } => format!("e{} pick t{}", ev.0, cond.0),
            Micro::Assume { cond, is } => format!("assume t{} {is}", cond.0),
            Micro::Edge { kind, from, to } => format!("{kind:?} e{} e{}", from.0, to.0),
            Micro::Alt(ways) => {
                for way in ways {
                    writeln!(out, "{indent}way").unwrap();
                    show(way, depth + 1, out);
                }
                continue;
            }
            other => format!("{other:?}"),
        };
        writeln!(out, "{indent}{line}").unwrap();
    }
}

pub(super) fn check_micro(text: &str, expected: Expect) {
    let (thread, diagnostics) = read_cells(&[text, "L: NOP"]);
    assert!(diagnostics.is_empty());
    let mut out = String::new();
    show(&thread.code[0].micro, 0, &mut out);
    expected.assert_eq(&out);
}

#[test]
fn loads_and_stores() {
    check_micro(
        "LDR W0,[X1,W2,SXTW]",
        expect![[r#"
        e0 t0 := X1 Addr
        e1 t1 := X2 Addr
        t2 := SignExtend.32 t1
        t3 := Mask.64 t2
        t4 := Add.64 t0 t3
        e2 t5 := mem32[t4]
        e3 X0 := t5
    "#]],
    );
    check_micro(
        "LDRSB X0,[X1],#1",
        expect![[r#"
        e0 t0 := X1 Addr
        t1 := Int(1)
        t2 := Add.64 t0 t1
        e1 t3 := mem8[t0]
        t4 := SignExtend.8 t3
        t5 := Mask.64 t4
        e2 X0 := t5
        e3 X1 := t2
    "#]],
    );
    check_micro(
        "STLR W0,[X1]",
        expect![[r#"
        e0 t0 := X1 Addr
        e1 t1 := X0 Data
        e2 mem32[t0] := t1 L
    "#]],
    );
    check_micro(
        "LDP X0,X1,[SP,#16]",
        expect![[r#"
        e0 t0 := SP Addr
        t1 := Int(16)
        t2 := Add.64 t0 t1
        t3 := Int(8)
        t4 := Add.64 t2 t3
        e1 t5 := mem64[t2]
        e2 t6 := mem64[t4]
        e3 X0 := t5
        e4 X1 := t6
    "#]],
    );
    check_micro(
        "LDR WZR,[X1]",
        expect![[r#"
        e0 t0 := X1 Addr
        e1 t1 := mem32[t0]
    "#]],
    );
}

#[test]
fn exclusives() {
    check_micro(
        "LDAXR W0,[X1]",
        expect![[r#"
        e0 t0 := X1 Addr
        e1 t1 := mem32[t0] EX A
        e2 X0 := t1
        e3 RESERVATION := t0
    "#]],
    );
    check_micro(
        "STXR W2,W0,[X1]",
        expect![[r#"
        way
          e0 t0 := X1 Addr
          e1 t1 := X0 Data
          e2 t2 := RESERVATION Plain
          t3 := Eq.64 t2 t0
          assume t3 true
          e3 mem32[t0] := t1 EX
          Ctrl e2 e3
          t4 := Int(0)
          e4 X2 := t4
          t5 := Int(0)
          e5 RESERVATION := t5
        way
          t6 := Int(1)
          e6 X2 := t6
          t7 := Int(0)
          e7 RESERVATION := t7
    "#]],
    );
}

#[test]
fn atomics() {
    check_micro(
        "LDADDAL W0,W1,[X2]",
        expect![[r#"
        e0 t0 := X2 Addr
        e1 t1 := X0 Data
        e2 t2 := mem32[t0] X A
        t3 := Add.32 t2 t1
        e3 mem32[t0] := t3 X L
        e4 X1 := t2
    "#]],
    );
    check_micro(
        "STADD W0,[X2]",
        expect![[r#"
        e0 t0 := X2 Addr
        e1 t1 := X0 Data
        e2 t2 := mem32[t0] X NoRet
        t3 := Add.32 t2 t1
        e3 mem32[t0] := t3 X
    "#]],
    );
    check_micro(
        "SWPA W0,W1,[X2]",
        expect![[r#"
        e0 t0 := X2 Addr
        e1 t1 := X0 Data
        e2 t2 := mem32[t0] X A
        e3 mem32[t0] := t1 X
        Order e2 e3
        e4 X1 := t2
    "#]],
    );
    check_micro(
        "CASA W0,W1,[X2]",
        expect![[r#"
        way
          e0 t0 := X2 Addr
          e1 t1 := X0 Data
          e2 t2 := mem32[t0] X A
          t3 := Eq.32 t2 t1
          e3 pick t3
          assume t3 true
          e4 t4 := X1 Data
          e5 mem32[t0] := t4 X
          Ctrl e3 e5
          e6 X0 := t2
        way
          e7 t5 := X2 Addr
          e8 t6 := X0 Data
          e9 t7 := mem32[t5] X A
          t8 := Eq.32 t7 t6
          e10 pick t8
          assume t8 true
          e11 t9 := X1 Data
          e12 mem32[t5] := t9 X
          Ctrl e10 e12
          t10 := Mask.32 t6
          e13 X0 := t10
          Ctrl e10 e13
        way
          e14 t11 := X2 Addr
          e15 t12 := X0 Data
          e16 t13 := mem32[t11] A
          t14 := Eq.32 t13 t12
          e17 pick t14
          assume t14 false
          e18 X0 := t13
        way
          e19 t15 := X2 Addr
          e20 t16 := X0 Data
          e21 t17 := mem32[t15] X A
          t18 := Eq.32 t17 t16
          e22 pick t18
          assume t18 false
          e23 mem32[t15] := t17 X
          Ctrl e22 e23
          e24 X0 := t17
    "#]],
    );
}

#[test]
fn branches_and_choices() {
    check_micro(
        "CBNZ W0,L",
        expect![[r#"
        e0 t0 := X0 Plain
        t1 := Int(0)
        t2 := Ne.32 t0 t1
        Branch { cond: Temp(2), target: LabelId(0), ev: Ev(1) }
    "#]],
    );
    check_micro(
        "B.LE L",
        expect![[r#"
        e0 t0 := Z Plain
        e1 t1 := N Plain
        e2 t2 := V Plain
        t3 := Eq.1 t1 t2
        t4 := IsZero.1 t0
        t5 := And.1 t3 t4
        t6 := IsZero.1 t5
        Branch { cond: Temp(6), target: LabelId(0), ev: Ev(3) }
    "#]],
    );
    check_micro(
        "CSEL W0,W1,W2,EQ",
        expect![[r#"
        e0 t0 := Z Plain
        e1 pick t0
        way
          assume t0 true
          e2 t1 := X1 Plain
          Ctrl e1 e2
          t2 := Mask.32 t1
          e3 X0 := t2
        way
          assume t0 false
          e4 t3 := X2 Plain
          Ctrl e1 e4
          t4 := Mask.32 t3
          e5 X0 := t4
    "#]],
    );
    check_micro(
        "CSET W0,EQ",
        expect![[r#"
        e0 t0 := Z Plain
        t1 := IsZero.1 t0
        e1 pick t1
        way
          assume t1 true
          t2 := Int(0)
          t3 := Mask.32 t2
          e2 X0 := t3
          Ctrl e1 e2
        way
          assume t1 false
          t4 := Int(0)
          t5 := Int(1)
          t6 := Add.32 t4 t5
          e3 X0 := t6
          Ctrl e1 e3
    "#]],
    );
    check_micro(
        "BL L",
        expect![[r#"
        NextAddress { dst: Temp(0) }
        e0 X30 := t0
        Jump { target: LabelId(0) }
    "#]],
    );
    check_micro(
        "RET",
        expect![[r#"
        e0 t0 := X30 Plain
        t1 := Int(0)
        t2 := Eq.64 t0 t1
        way
          assume t2 true
          Halt
        way
          assume t2 false
          Commit { target: Temp(0), ev: Ev(1) }
          JumpTo { target: Temp(0) }
    "#]],
    );
}

#[test]
fn arithmetic() {
    check_micro(
        "EOR W0,W1,W1",
        expect![[r#"
        e0 t0 := X1 Plain
        e1 t1 := X1 Plain
        t2 := Xor.32 t0 t1
        e2 X0 := t2
    "#]],
    );
    check_micro(
        "CMP W0,#1",
        expect![[r#"
        e0 t0 := X0 Plain
        t1 := Int(1)
        t2 := Sub.32 t0 t1
        t3 := Int(31)
        t4 := ShrLogical.32 t2 t3
        t5 := Eq.32 t0 t1
        t6 := LeUnsigned.32 t1 t0
        t7 := LtSigned.32 t0 t1
        t8 := Xor.1 t4 t7
        e1 N := t4
        e2 Z := t5
        e3 C := t6
        e4 V := t8
    "#]],
    );
    check_micro(
        "UBFM W0,W1,#24,#7",
        expect![[r#"
        e0 t0 := X1 Plain
        t1 := Int(0)
        t2 := ShrLogical.32 t0 t1
        t3 := Mask.8 t2
        t4 := Int(8)
        t5 := Shl.32 t3 t4
        e1 X0 := t5
    "#]],
    );
    check_micro(
        "ADRP X0,x+4",
        expect![[r#"
        t0 := Addr { symbol: SymbolId(0), offset: 0 }
        e0 X0 := t0
    "#]],
    );
    check_micro(
        "ADD X0,X0,:lo12:x+4",
        expect![[r#"
        e0 t0 := X0 Plain
        t1 := Int(4)
        t2 := Add.64 t0 t1
        e1 X0 := t2
    "#]],
    );
    check_micro(
        "DMB ISHLD",
        expect![[r#"
        e0 fence DMB.ISHLD
    "#]],
    );
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = canonical(&text);
    }

    #[test]
    fn any_operands_are_read_or_refused(form in 0..FORMS.len(), operands in "[WXS#\\[\\],!:%.+a-z0-9 -]{0,24}") {
        let mnemonic = FORMS[form].0.split(' ').next().unwrap_or_default();
        if let Ok(printed) = canonical(&format!("{mnemonic} {operands}")) {
            prop_assert_eq!(canonical(&printed), Ok(printed));
        }
    }
}
