//! What is read from well-formed files, shown by printing it again.

use expect_test::{Expect, expect};
use syntax::FileId;
use turnsole_litmus::{
    Arch, Form, Literal, Numbers, Operand, Outcome, Place, Program, Quantifier, Style, Test, expectations,
    parse,
};

fn read(input: &str) -> Test {
    let (test, errors) = parse(FileId(0), input);
    assert_eq!(errors, Vec::new());
    test.unwrap_or_else(|| panic!("no test and no error"))
}

fn check(input: &str, expected: Expect) {
    expected.assert_eq(&read(input).to_string());
}

const LITTLE: &str = "AArch64 T\n{}\n P0 ;\n NOP ;\n";

fn condition(text: &str, expected: &str) {
    let test = read(&format!("{LITTLE}{text}"));
    assert_eq!(test.condition.to_string(), expected, "for {text}");
    let again = read(&format!("{LITTLE}{}", test.condition));
    assert_eq!(again.condition.to_string(), expected);
}

#[test]
fn every_part_of_a_test() {
    check(
        "AArch64 MP+dmb.sy (MPdmb) \"DMB.SYdWW Rfe\"\n(* run: expect=Never *)\nOrig=DMB.SYdWW Rfe\nPrefetch=0:x=F,1:x=T\n\
         anything else (* and more *)\n\n{ int x=0; (* both *) int y;\n 0:X1 = x; 1:X1=&x;0:X3=y; }\n\
         (* the threads *)\nP0|P1 ;\nMOV W0,#1|LDR W0,[X1] (* first *);\nSTR W0,[X1]|L0: L1:LDR W2,[X3];\n|;\n\
         locations[x;0:X0 int*;]\nfilter 1:X0=1\n~ exists (1:X0=1 /\\ 1:X2=0);\nwith SC: forall; TSO: ~exists;\n\
         << trailing words",
        expect![[r#"
            AArch64 MP+dmb.sy (MPdmb)
            "DMB.SYdWW Rfe"
            Orig=DMB.SYdWW Rfe
            Prefetch=0:x=F,1:x=T
            anything else
            (* run: expect=Never *)
            (* and more *)
            {
            (* both *)
            int x=0; int y;
            0:X1=x;
            1:X1=x;
            0:X3=y;
            }
            (* the threads *)
            (* first *)
             P0          | P1                 ;
             MOV W0,#1   | LDR W0,[X1]        ;
             STR W0,[X1] | L0: L1:LDR W2,[X3] ;
                         |                    ;
            locations [x; 0:X0 int*;]
            filter (1:X0=1)
            ~exists (1:X0=1 /\ 1:X2=0)
            with SC: forall; TSO: ~exists;
            << trailing words
        "#]],
    );
}

#[test]
fn compact_and_untidy_files() {
    check(
        "X86 SB {x=0;y=0};P0|P1;mov [x],1|mov [y],1;final (P0:EAX = 0)",
        expect![[r#"
        X86 SB
        {
        x=0; y=0;
        }
         P0        | P1        ;
         mov [x],1 | mov [y],1 ;
        final (0:EAX=0)
    "#]],
    );
    check(
        "PPC t\n\"\"\n{\n}\n(* a | b ; c *)\nP0;\nli r1,1 ;\n;\nexists r=1\n",
        expect![[r#"
        PPC t
        ""
        {
        }
        (* a | b ; c *)
         P0      ;
         li r1,1 ;
                 ;
        exists ([r]=1)
    "#]],
    );
    check(
        "LISA t\n{}\nP0 | P1 ;\nr[] r1 x | w[a] x 1 ;\nscopes: (system (cta 0 1))\nexists 0:r1=1",
        expect![[r#"
        LISA t
        {
        }
         P0       | P1       ;
         r[] r1 x | w[a] x 1 ;
        scopes: (system (cta 0 1))
        exists (0:r1=1)
    "#]],
    );
    check(
        "AArch64 t\n{}\nP0:a,b | P0.F | P1 ;\nNOP|NOP|NOP;\n",
        expect![[r#"
        AArch64 t
        {
        }
         P0:a,b | P0.F | P1  ;
         NOP    | NOP  | NOP ;
        forall (true)
    "#]],
    );
}

#[test]
fn initial_states() {
    check(
        "AArch64 t\n{ x; int y; int z=-5; uint64_t *p=&x; *q=x; _Atomic int a=0x1F; _Atomic(long) b; unsigned  long c=1;\n\
         int v[2]={1,2}; int w[3]; [m]=1; 0:X0=v[1]; P1:X1=x; int64_t *1:X2=v; 0:%sym=1; %all=x; 0:$2=1;\n\
         0:X5=instr:\"ADD X0,X0,#1\"; 0:X6=NOP; 0:X7=1:L0; 0:X8=label:\"P1:L1\"; atomic_t n=ATOMIC_INIT(3);\n\
         PTE(x)=(oa:PA(y), valid:0, attrs:(Normal, iWB)); [PTE(y)]=(af:0); 0:X9=x:green; tag(x)=:red; 0:X10=x+16; SS(x,2)={1,2};\n\
         0:X11=pac(x,da,0); long long int 0:X12; `odd name`=`other name`; 0:X13=(1,2) }\nP0;\nNOP;\n",
        expect![[r#"
            AArch64 t
            {
            x; int y; int z=-5; uint64_t *p=x; *q=x; _Atomic int a=0x1F; _Atomic long b; unsigned long c=1; int v[2]={1,2}; int w[3]; m=1;
            0:X0=v[1];
            1:X1=x; int64_t *1:X2=v;
            0:%sym=1;
            %all=x;
            0:$2=1; 0:X5=instr:"ADD X0,X0,#1"; 0:X6=NOP; 0:X7=1:L0; 0:X8=1:L1;
            atomic_t n=3; PTE(x)=(oa:PA(y), valid:0, attrs:(Normal, iWB)); PTE(y)=(af:0);
            0:X9=x:green;
            tag(x)=:red;
            0:X10=x+16;
            SS(x,2)={1,2};
            0:X11=pac(x,da,0); long long int 0:X12;
            `odd name`=`other name`;
            0:X13=(1, 2);
            }
             P0  ;
             NOP ;
            forall (true)
        "#]],
    );
}

#[test]
fn c_programs() {
    check(
        "C T\n{ atomic_int x = 0; }\n// one\nvoid P0 (atomic_int* x,volatile int  * y) {\n\tint r0 = f(*x); /* } */ if (r0 == '}') { }\n}\n\
         /* two */ (* three *)\nstruct s { int a; };\nP1(atomic_int** x) // four\n{ }\nlocations [0:r0]\nexists (0:r0=1) // five\n",
        expect![[r#"
            C T
            {
            atomic_int x=0;
            }
            (* three *)
            struct s { int a; };

            void P0(atomic_int* x, volatile int* y) {
            	int r0 = f(*x); /* } */ if (r0 == '}') { }
            }

            P1(atomic_int** x) { }

            locations [0:r0;]
            exists (0:r0=1)
        "#]],
    );
}

#[test]
fn programs_that_are_not_read() {
    check(
        "JAVA T\n{ x=0; }\nThread0 { x.set(1); // exists\n }\nexists (x=1)",
        expect![[r#"
        JAVA T
        {
        x=0;
        }
        Thread0 { x.set(1); // exists
         }
        exists ([x]=1)
    "#]],
    );
}

#[test]
fn operators_bind_as_documented() {
    condition("exists x=1 /\\ y=2 \\/ z=3", "exists ([x]=1 /\\ [y]=2 \\/ [z]=3)");
    condition("forall x=1 /\\ (y=2 \\/ y=1) \\/ x=2", "forall ([x]=1 /\\ ([y]=2 \\/ [y]=1) \\/ [x]=2)");
    condition("exists a=1 /\\ b=2 => c=3", "exists ([a]=1 /\\ ([b]=2 => [c]=3))");
    condition("exists (a=1 /\\ b=2) => c=3 => d=4", "exists (([a]=1 /\\ [b]=2) => ([c]=3 => [d]=4))");
    condition("~exists ~x=1 /\\ not y=2", "~exists (not ([x]=1) /\\ not ([y]=2))");
    condition("exists ((a=1 /\\ b=1) /\\ (c=1))", "exists ([a]=1 /\\ [b]=1 /\\ [c]=1)");
    condition("exists true \\/ false", "exists (true \\/ false)");
    condition("exists ()", "exists (true)");
    condition("", "forall (true)");
    condition("not exists (x=1)", "~exists ([x]=1)");
    condition("observed x=1; y=2 /\\ z=3;", "exists ([x]=1 \\/ [y]=2 /\\ [z]=3)");
}

#[test]
fn atoms() {
    condition("exists 0: X1 == 0x10", "exists (0:X1=0x10)");
    condition("exists P1:r1 != -3 /\\ x <> 1", "exists (1:r1!=-3 /\\ [x]!=1)");
    condition("exists x[1]=2 /\\ v={1, 2}", "exists (x[1]=2 /\\ v={1,2})");
    condition("exists *p=1 /\\ x=[y] /\\ 0:X0=*p", "exists ( *p=1 /\\ [x]=[y] /\\ 0:X0=*p)");
    condition("exists 0:X0=&x /\\ 0:X1=x[2]", "exists (0:X0=x /\\ 0:X1=x[2])");
    condition("exists 0:r1=1:r2 /\\ 0:$2=1:$3", "exists (0:r1=1:r2 /\\ 0:$2=1:$3)");
    condition("exists %r=1", "exists (%r=1)");
    condition("exists fault(P0:L0, x, MMU:Translation)", "exists (fault(P0:L0,x,MMU:Translation))");
    condition("exists Fault(P0,SupervisorCall)", "exists (fault(P0,SupervisorCall))");
    condition("exists ~fault(0,x)", "exists (not (fault(P0,x)))");
    condition("exists [PTE(x)]=(oa:PA(y), valid:1)", "exists (PTE(x)=(oa:PA(y), valid:1))");
    condition("exists 0:X0=instr:\"B .+4\"", "exists (0:X0=instr:\"B .+4\")");
    condition("exists x=-0x5 /\\ y=007", "exists ([x]=-0x5 /\\ [y]=007)");
}

#[test]
fn logs_have_their_own_style() {
    let test = read(&format!("{LITTLE}final 0:rax!=0xFFFFFFFF /\\ 0:rbx=0:L0 /\\ 0:rcx=1:rax"));
    let register = |_: u32, name: &str| match name {
        "rax" => Some("RAX"),
        "rbx" => Some("RBX"),
        "rcx" => Some("RCX"),
        _ => None,
    };
    let style =
        |numbers| test.condition.styled(Style { register: &register, numbers, form: Form::Log }).to_string();
    assert_eq!(
        style(Numbers::Decimal { bits: 32 }),
        "exists (not (0:RAX=-1) /\\ 0:RBX=label:\"P0:L0\" /\\ 0:RCX=1:RAX)"
    );
    assert_eq!(
        style(Numbers::Hexadecimal { bits: 64 }),
        "exists (not (0:RAX=0xffffffff) /\\ 0:RBX=label:\"P0:L0\" /\\ 0:RCX=1:RAX)"
    );
}

#[test]
fn cells_keep_their_places() {
    let input = "AArch64 t\n{}\n P0 (* c *) | P1 ;\n L0:  NOP | ;\n MOV (* x *) W0,#1 | L1: ;\n";
    let test = read(input);
    let Program::Asm(threads) = &test.program else { panic!("assembly") };
    let texts: Vec<&str> =
        threads.iter().flat_map(|thread| &thread.cells).map(|cell| cell.text.as_str()).collect();
    assert_eq!(texts, ["L0:  NOP", "MOV   W0,#1", "", "L1:"]);
    let cell = &threads[0].cells[0];
    assert_eq!(&input[cell.span.start as usize..cell.span.end as usize], "L0:  NOP");
    assert_eq!(cell.split_labels(), (vec!["L0"], "NOP"));
    assert_eq!(threads[1].cells[1].split_labels(), (vec!["L1"], ""));
    assert_eq!(test.thread_count(), 2);
}

#[test]
fn the_tree_says_what_was_written() {
    let test = read("ARM t\nTTHM=HA\n{ 0:R0=x; }\n P0 ;\n NOP ;\nforall 0:R1=0:L");
    assert_eq!(test.arch, Arch::Arm);
    assert_eq!(test.metadata("tthm"), Some("HA"));
    assert_eq!(test.init[0].place, Place::Reg { thread: 0, name: "R0".to_owned() });
    assert_eq!(test.init[0].value, Some(Literal::Name("x".to_owned())));
    assert_eq!(test.condition.quantifier, Quantifier::Forall);
    let mut operands = Vec::new();
    test.condition.prop.for_each_atom(&mut |atom| {
        if let turnsole_litmus::Atom::Compare { value, .. } = atom {
            operands.push(value.clone());
        }
    });
    assert_eq!(operands, [Operand::Literal(Literal::Label { thread: 0, name: "L".to_owned() })]);
}

#[test]
fn directives() {
    let test = read(
        "AArch64 t\n(* run: model=sc expect=Never states=3 positive=0 negative=3 flag=none *)\n\
         (*\n * Result: Sometimes DATARACE\n *)\n{}\n(*run: variant=mixed,memtag unroll=3 flag=a,b*)\n P0 ;\n NOP ;\n",
    );
    let (found, errors) = expectations(&test);
    assert_eq!(errors, Vec::new());
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].model.as_deref(), Some("sc"));
    assert_eq!(found[0].outcome, Some(Outcome::Never));
    assert_eq!((found[0].states, found[0].positive, found[0].negative), (Some(3), Some(0), Some(3)));
    assert_eq!(found[0].flags, Some(vec![]));
    assert_eq!(found[1].outcome, Some(Outcome::Sometimes));
    assert_eq!(found[1].flags, Some(vec!["data-race".to_owned()]));
    assert_eq!(found[2].variants, ["mixed", "memtag"]);
    assert_eq!(found[2].unroll, Some(3));
    assert_eq!(found[2].flags, Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn lines_of_the_preprocessor_are_declarations() {
    let test = read(
        "C T\n{ }\n#define N 10\n#define TWICE(n) \\\n  ((n) + (n))\nP0(int *x) { *x = N; }\nexists (x=10)\n",
    );
    let Program::C(program) = &test.program else { panic!("not in C") };
    let declarations: Vec<&str> = program.declarations.iter().map(|text| text.text.as_str()).collect();
    assert_eq!(declarations, ["#define N 10", "#define TWICE(n) \\\n  ((n) + (n))"]);
    assert_eq!(program.functions.len(), 1);
    assert_eq!(read(&test.to_string()).to_string(), test.to_string());
}
