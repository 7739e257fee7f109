//! What formatting does to tests.

use expect_test::{Expect, expect};
use syntax::FileId;
use turnsole_litmus::{format, parse};

fn check(text: &str, expected: Expect) {
    let formatted = format(FileId(0), text).unwrap();
    expected.assert_eq(&formatted);
    assert_eq!(format(FileId(0), &formatted).unwrap(), formatted, "formatting again changes it");
}

#[test]
fn assembly() {
    check(
        "(* licence *)\n\nAArch64   MP+x (tex)  (* why *)\n\n\n\"PodWW  Rfe\"\nOrig = PodWW\n(* a\n   b *)\nfree text\n\n\
         { x=0;y = 0; (* the flag *)\n0:X1=x;   0:X3=y\n; (* readers *)\n\n1:X1=y; uint64_t 1:X3=x; int v[2]={1, 2};}\n\n\
         P0|P1:a;\n\n (* first *) MOV   W0,#1|LDR W0, [X1]; (* end *)\nSTR\tW0,[X1] (* in *) |;\n\
         L: |   LDR W2,[X3];\n(* last *)\nlocations [x;y;]  filter (x=1)\n\nexists ((0:X0=1)/\\ not (1:X2 == 0x0))\n\
         (* so *) << tail  \n",
        expect![[r#"
            (* licence *)

            AArch64 MP+x (tex) (* why *)

            "PodWW  Rfe"
            Orig=PodWW
            (* a
               b *)
            free text

            {
            x=0; y=0; (* the flag *)
            0:X1=x; 0:X3=y;
            (* readers *)

            1:X1=y; uint64_t 1:X3=x;
            int v[2]={1,2};
            }
             P0                   | P1:a         ;

            (* first *)
             MOV W0,#1            | LDR W0, [X1] ; (* end *)
             STR W0,[X1] (* in *) |              ;
             L:                   | LDR W2,[X3]  ;
            (* last *)
            locations [x; y;]
            filter (x=1)
            exists (0:X0=1 /\ not (1:X2=0x0))
            (* so *)
            << tail
        "#]],
    );
}

#[test]
fn c() {
    check(
        "C MP\n{}\n\n\n// first\nP0(int *x,   int *y)\n{\n\tWRITE_ONCE(*x,  1);\n}\n/* second */\nstatic void\nP1(int *x) { int r0 = *x; }\n\
         exists (1:r0=1 (* one *) /\\ x=1)",
        expect![[r#"
            C MP
            {}

            // first
            P0(int *x, int *y)
            {
            	WRITE_ONCE(*x,  1);
            }
            /* second */
            static void P1(int *x) { int r0 = *x; }
            exists (1:r0=1 (* one *) /\ x=1)
        "#]],
    );
}

#[test]
fn little() {
    check(
        "X86 SB\n{ }\nP0;\nNOP;\n",
        expect![[r#"
        X86 SB
        {}
         P0  ;
         NOP ;
    "#]],
    );
    check(
        "BPF T\n{ 0:r0=x (* a *) ; };\n\n P0 ;\n r1 = *(u64 *)(r0 + 0) ;\nforall(true)",
        expect![[r#"
        BPF T
        {
        0:r0=x; (* a *)
        }
         P0                    ;
         r1 = *(u64 *)(r0 + 0) ;
        forall (true)
    "#]],
    );
    check(
        "LISA T\n{x=0}\n P0 ;\n w[once] x 1 ;\nscopes: (system 0)\n\nexists x=1 (* yes *)\n",
        expect![[r#"
        LISA T
        {
        x=0;
        }
         P0          ;
         w[once] x 1 ;
        scopes: (system 0)

        exists (x=1) (* yes *)
    "#]],
    );
}

#[test]
fn long_lines_are_broken() {
    let init: Vec<String> = (0..30).map(|at| format!("0:X{at}=x{at}")).collect();
    let atoms: Vec<String> = (0..12).map(|at| format!("0:X{at}={at}")).collect();
    check(
        &format!("AArch64 T\n{{{}}}\nP0;\nNOP;\nexists {} \\/ x=1\n", init.join(";"), atoms.join(" /\\ ")),
        expect![[r#"
            AArch64 T
            {
            0:X0=x0; 0:X1=x1; 0:X2=x2; 0:X3=x3; 0:X4=x4; 0:X5=x5; 0:X6=x6; 0:X7=x7; 0:X8=x8; 0:X9=x9; 0:X10=x10;
            0:X11=x11; 0:X12=x12; 0:X13=x13; 0:X14=x14; 0:X15=x15; 0:X16=x16; 0:X17=x17; 0:X18=x18; 0:X19=x19;
            0:X20=x20; 0:X21=x21; 0:X22=x22; 0:X23=x23; 0:X24=x24; 0:X25=x25; 0:X26=x26; 0:X27=x27; 0:X28=x28;
            0:X29=x29;
            }
             P0  ;
             NOP ;
            exists (0:X0=0 /\ 0:X1=1 /\ 0:X2=2 /\ 0:X3=3 /\ 0:X4=4 /\ 0:X5=5 /\ 0:X6=6 /\ 0:X7=7 /\ 0:X8=8 /\ 0:X9=9 /\ 0:X10=10 /\ 0:X11=11 \/
                    x=1)
        "#]],
    );
}

#[test]
fn what_is_wrong_is_said() {
    let errors = format(FileId(0), "AArch64 MP\n{\n").unwrap_err();
    assert_eq!(errors[0].code, "litmus::unclosed");
    let errors = format(FileId(0), "AArch64 MP\n(* open\n{}\nP0;\nNOP;\n").unwrap_err();
    assert_eq!(errors[0].code, "litmus::unterminated-comment");
}

/// The programs of C tests are part of their hashes, blanks and all.
#[test]
fn bodies_stay() {
    let text = "C T\n{}\nP0(int *x)   {  *x =   1; \r\n\n // end\n}\n";
    let formatted = format(FileId(0), text).unwrap();
    let body = |text: &str| match parse(FileId(0), text).0.unwrap().program {
        turnsole_litmus::Program::C(program) => program.functions[0].body.text.clone(),
        _ => String::new(),
    };
    assert_eq!(body(text), body(&formatted));
}
