use crate::Isa;
use crate::aarch64::AARCH64;
use crate::aarch64::tests::{canonical, check_error, check_micro};
use expect_test::expect;

/// What is written, and its canonical text where that differs by more than letters and blanks.
const FORMS: &[(&str, &str)] = &[
    ("LDR B0,[X1]", ""),
    ("LDR H1,[X1,#2]", ""),
    ("ldr s2,[x1,x2]", ""),
    ("LDR D31,[X1,X2,LSL #3]", ""),
    ("LDR Q0,[X1],#16", "LDR Q0,[X1]#16"),
    ("STR Q0,[SP,#-16]!", ""),
    ("ldr q0,[x8,:lo12:x]", ""),
    ("LDUR Q0,[X1,#-3]", ""),
    ("STUR D0,[X1]", ""),
    ("LDAPUR Q0,[X1,#16]", ""),
    ("STLUR S0,[X1]", ""),
    ("LDP S0,S1,[X2]", ""),
    ("stp q0, q1, [x0, 32]", "STP Q0,Q1,[X0,#32]"),
    ("LDNP D0,D1,[X2]", ""),
    ("LD1 {V0.B}[15],[X0]", ""),
    ("LD1 {V0.4S},[X0]", ""),
    ("ld1 { v0.16b }, [x0]", ""),
    ("LD1 {V0.2D,V1.2D},[X0],#32", "LD1 {V0.2D, V1.2D},[X0],#32"),
    ("LD1 {V30.8B-V1.8B},[X0]", "LD1 {V30.8B, V31.8B, V0.8B, V1.8B},[X0]"),
    ("ST1 {V0.S}[3],[X0],X1", "ST1 {V0.S}[3],[X0],X1"),
    ("LD2 {V0.S,V1.S}[0],[X0]", "LD2 {V0.S, V1.S}[0],[X0]"),
    ("LD2R {V0.8B,V1.8B},[X0]", "LD2R {V0.8B, V1.8B},[X0]"),
    ("ST3 {V0.4H-V2.4H},[SP]", "ST3 {V0.4H, V1.4H, V2.4H},[SP]"),
    ("LD4R {V0.1D-V3.1D},[X0]", "LD4R {V0.1D, V1.1D, V2.1D, V3.1D},[X0]"),
    ("LDAP1 {V0.D}[1],[X0]", ""),
    ("STL1 {V0.D}[0],[X0]", ""),
    ("MOV V0.16B,V1.16B", ""),
    ("MOV V0.B[3],W1", ""),
    ("mov v0.d[1], x1", ""),
    ("INS V0.S[1],V2.S[3]", ""),
    ("MOV B1,V0.8B[0]", ""),
    ("MOV W0,V0.S[1]", ""),
    ("MOV X0,V0.D[1]", ""),
    ("UMOV W0,V0.B[7]", ""),
    ("SMOV X0,V0.H[2]", ""),
    ("DUP V0.4S,W1", ""),
    ("DUP V0.2D,V1.D[1]", ""),
    ("FMOV S0,W1", ""),
    ("fmov d0, xzr", ""),
    ("FMOV X0,D1", ""),
    ("FMOV V0.D[1],X1", ""),
    ("FMOV D0,D1", ""),
    ("fmov s0, #1.0e+0", "FMOV S0,#1.0"),
    ("FMOV V0.2D,-0.5", "FMOV V0.2D,#-0.5"),
    ("MOVI V0.8B,#1", ""),
    ("MOVI D0,#255", ""),
    ("movi v0.2d, #0000000000000000", "MOVI V0.2D,#0"),
    ("movi v0.4s, 0x1, lsl 8", "MOVI V0.4S,#1,LSL #8"),
    ("MVNI V0.4S,#1,MSL #8", ""),
    ("ADD V2.8B,V0.8B,V1.8B", ""),
    ("SUB D0,D1,D2", ""),
    ("MUL V0.4S,V1.4S,V2.4S", ""),
    ("MLA V0.4S,V1.4S,V2.4S", ""),
    ("EOR V2.8B, V0.8B, V1.8B", ""),
    ("ORN V0.16B,V1.16B,V2.16B", ""),
    ("BSL V0.16B,V1.16B,V2.16B", ""),
    ("CMEQ V0.4S,V1.4S,V2.4S", ""),
    ("CMGT V0.4S,V1.4S,#0", ""),
    ("ADDP V0.4S,V1.4S,V2.4S", ""),
    ("ADDP D0,V1.2D", ""),
    ("ADDV S0,V1.4S", ""),
    ("UADDLV H0,V1.8B", ""),
    ("EXT V0.16B,V1.16B,V2.16B,#8", ""),
    ("ZIP1 V0.4S,V1.4S,V2.4S", ""),
    ("NOT V0.16B,V1.16B", ""),
    ("CNT V0.8B,V0.8B", ""),
    ("REV64 V0.4S,V1.4S", ""),
    ("XTN V0.4H,V1.4S", ""),
    ("SHL V0.2D,V1.2D,#3", ""),
    ("USHR D0,D1,#3", ""),
    ("SHRN V0.8B,V1.8H,#4", ""),
    ("USHLL V0.8H,V1.8B,#1", ""),
    ("SXTL V0.2D,V1.2S", ""),
];

#[test]
fn canonical_text() {
    for (written, expected) in FORMS {
        let printed = canonical(written).unwrap_or_else(|d| panic!("{written}: {}", d.message));
        if expected.is_empty() {
            let bare = |text: &str| text.replace(' ', "").to_ascii_uppercase();
            assert_eq!(bare(&printed), bare(written));
        } else {
            assert_eq!(printed, *expected, "{written}");
        }
        assert_eq!(canonical(&printed).as_ref(), Ok(&printed), "read back from {written}");
    }
}

#[test]
fn registers() {
    let name = |name: &str| AARCH64.register(name).map(|reg| AARCH64.registers()[reg.0 as usize]);
    assert_eq!(name("V0.4S"), Some("V0"));
    assert_eq!(name("q31"), Some("V31"));
    assert_eq!(name("V32"), None);
    assert_eq!(name("V0.S"), None);
    assert_eq!(name("V0.3S"), None);
    assert_eq!(AARCH64.register_width("V0"), 128);
    assert_eq!(AARCH64.register_width("H2"), 16);
    assert_eq!(AARCH64.register_lanes("V0.4S"), Some((4, 32)));
    assert_eq!(AARCH64.register_lanes("V0"), None);
}

#[test]
fn errors() {
    check_error(
        "LDR V0,[X1]",
        expect!["isa::bad-operand: expected a register B0…, H0…, S0…, D0… or Q0…, found `V0` at `V0`"],
    );
    check_error("LDP Q0,Q1,[X0],Q2", expect!["isa::bad-operand: expected a number, found `Q2` at `Q2`"]);
    check_error(
        "LDP S0,D1,[X0]",
        expect!["isa::bad-operand: pairs are of two registers S, D or Q at `S0,D1,`"],
    );
    check_error(
        "LD2 {V0.4S},[X0]",
        expect!["isa::bad-operand: the list has 1 registers, and should have 2 at `{V0.4S}`"],
    );
    check_error(
        "LD1 {V0.4S,V2.4S},[X0]",
        expect![
            "isa::bad-operand: a list has up to four registers in a row, with the same lanes at `,V2.4S`"
        ],
    );
    check_error(
        "LD1 {V0.4S,V1.2D},[X0]",
        expect![
            "isa::bad-operand: a list has up to four registers in a row, with the same lanes at `,V1.2D`"
        ],
    );
    check_error(
        "LD1 {V0.4S},[X0,#4]",
        expect![
            "isa::bad-operand: this instruction takes a base register only, and moves it afterwards: `[X0],#16` at `[X0,#4]`"
        ],
    );
    check_error("LD1 {V0.S}[4],[X0]", expect!["isa::bad-operand: `4` is not between 0 and 3 at `4`"]);
    check_error(
        "LDAP1 {V0.S}[1],[X0]",
        expect!["isa::bad-operand: this instruction takes a lane D: `{V0.D}[0]` at `{V0.S}[1]`"],
    );
    check_error(
        "MOV V0,V1.4S",
        expect![
            "isa::bad-operand: a vector register needs lanes at `V0` (say which lanes: `V0.4S`, `V0.S[1]`)"
        ],
    );
    check_error("FMOV S0,X1", expect!["isa::bad-operand: `X1` can't be copied to `S0` by `FMOV` at `X1`"]);
    check_error(
        "ADD V0.4S,V1.4S,V2.2D",
        expect![
            "isa::bad-operand: the operands must be vectors with the same lanes, or all registers D at `V0.4S,V1.4S,V2.2D`"
        ],
    );
    check_error(
        "FMOV S0,#1.0.0",
        expect!["isa::bad-operand: `1.0.0` is not a floating-point number at `1.0.0`"],
    );
    check_error(
        "STLUR S0,[X1,X2]",
        expect!["isa::bad-operand: this instruction takes no index register at `[X1,X2]`"],
    );
    check_error(
        "MOVL V0.4S,#1",
        expect![
            "isa::unknown-instruction: unknown AArch64 instruction `MOVL` at `MOVL` (did you mean `MOV`?)"
        ],
    );
}

#[test]
fn accesses() {
    check_micro(
        "LDR S0,[X1]",
        expect![[r#"
        e0 t0 := X1 Addr
        e1 t1 := mem32[t0]
        e2 V0 := t1
    "#]],
    );
    check_micro(
        "STR Q0,[X1,#16]!",
        expect![[r#"
        e0 t0 := X1 Addr
        t1 := Int(16)
        t2 := Add.64 t0 t1
        e1 t3 := V0 Data
        t4 := Int(8)
        t5 := Add.64 t2 t4
        t6 := Mask.64 t3
        t7 := Int(64)
        t8 := ShrLogical.128 t3 t7
        t9 := Mask.64 t8
        e2 mem64[t2] := t6
        e3 mem64[t5] := t9
        e4 X1 := t2
    "#]],
    );
    check_micro(
        "LD2 {V0.S,V1.S}[1],[X0]",
        expect![[r#"
        e0 t0 := X0 Addr
        e1 t1 := mem32[t0]
        t2 := Int(4)
        t3 := Add.64 t0 t2
        e2 t4 := mem32[t3]
        e3 t5 := V0 Plain
        t6 := Int(18446744069414584320)
        t7 := AndNot.128 t5 t6
        t8 := Int(32)
        t9 := Shl.128 t1 t8
        t10 := Or.128 t7 t9
        e4 V0 := t10
        e5 t11 := V1 Plain
        t12 := Int(18446744069414584320)
        t13 := AndNot.128 t11 t12
        t14 := Int(32)
        t15 := Shl.128 t4 t14
        t16 := Or.128 t13 t15
        e6 V1 := t16
    "#]],
    );
    check_micro(
        "ST1 {V0.2D},[X0],X1",
        expect![[r#"
        e0 t0 := X0 Addr
        e1 t1 := X1 Addr
        t2 := Add.64 t0 t1
        e2 t3 := V0 Data
        t4 := Mask.64 t3
        e3 mem64[t0] := t4
        t5 := Int(8)
        t6 := Add.64 t0 t5
        t7 := Int(64)
        t8 := ShrLogical.128 t3 t7
        t9 := Mask.64 t8
        e4 mem64[t6] := t9
        e5 X0 := t2
    "#]],
    );
    check_micro(
        "LDAP1 {V0.D}[0],[X0]",
        expect![[r#"
        e0 t0 := X0 Addr
        e1 t1 := mem64[t0] Q
        e2 t2 := V0 Plain
        t3 := Int(18446744073709551615)
        t4 := AndNot.128 t2 t3
        t5 := Int(0)
        t6 := Shl.128 t1 t5
        t7 := Or.128 t4 t6
        e3 V0 := t7
    "#]],
    );
}

#[test]
fn copies() {
    check_micro(
        "MOV V0.D[1],X1",
        expect![[r#"
        e0 t0 := X1 Plain
        e1 t1 := V0 Plain
        t2 := Int(340282366920938463444927863358058659840)
        t3 := AndNot.128 t1 t2
        t4 := Int(64)
        t5 := Shl.128 t0 t4
        t6 := Or.128 t3 t5
        e2 V0 := t6
    "#]],
    );
    check_micro(
        "DUP V0.2D,X1",
        expect![[r#"
        e0 t0 := X1 Plain
        t1 := Int(64)
        t2 := Shl.128 t0 t1
        t3 := Or.128 t0 t2
        e1 V0 := t3
    "#]],
    );
}
