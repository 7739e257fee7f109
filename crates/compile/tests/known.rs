//! Known answers: what mappings that are in use keep, and what those that were wrong lose.

use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use syntax::{FileId, SourceMap};
use turnsole::{Loader, Model, Options, load_model};
use turnsole_compile::mapping::{Language, Mapping, SHIPPED, parse, shipped};
use turnsole_compile::session::{Candidate, Session, Tally};
use turnsole_compile::{kernel_macros, read};

struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &str, _: Option<&str>) -> Option<(String, String)> {
        None
    }
}

fn mapping(name: &str) -> Mapping {
    let mut files = 0;
    let mut include = |name: &str| {
        files += 1;
        Some((FileId(files), shipped(name)?.text.to_owned()))
    };
    let text = shipped(name).map_or("", |one| one.text);
    let (mapping, diagnostics) = parse(FileId(0), text, &mut include);
    mapping.unwrap_or_else(|| panic!("{name}: {diagnostics:?}"))
}

fn model(name: &str) -> Model {
    let (model, diagnostics) = load_model(&NoFiles, name, &Options::default(), &mut SourceMap::new());
    model.unwrap_or_else(|| panic!("{name}: {diagnostics:?}"))
}

fn test(text: &str) -> litmus::Test {
    let (test, diagnostics) = turnsole::parse(FileId(0), text);
    test.unwrap_or_else(|| panic!("{diagnostics:?}"))
}

/// Store buffering with an instruction in the middle.
fn store_buffering(middle: &str) -> String {
    format!(
        "BPF SB+{middle}
{{ 0:r1=x; 0:r2=y; 0:r5=s; 1:r1=y; 1:r2=x; 1:r5=t; }}
 P0                         | P1                         ;
 *(u32 *)(r1 + 0) = 1       | *(u32 *)(r1 + 0) = 1       ;
 {middle} | {middle} ;
 r0 = *(u32 *)(r2 + 0)      | r0 = *(u32 *)(r2 + 0)      ;
exists (0:r0=0 /\\ 1:r0=0)
"
    )
}

/// Message passing, written and read so.
fn message_passing(write: &str, read: &str) -> String {
    format!(
        "BPF MP
{{ 0:r1=x; 0:r2=y; 0:r3=1; 0:r5=s; 1:r1=y; 1:r2=x; 1:r5=t; }}
 P0                   | P1                    ;
 *(u32 *)(r1 + 0) = 1 | {read}                ;
 {write}              | r0 = *(u32 *)(r2 + 0) ;
exists (1:r4=1 /\\ 1:r0=0)
"
    )
}

/// The tests that show what was wrong with mappings, with their names.
fn tests() -> Vec<(&'static str, String)> {
    let fetch = "r4 = atomic_fetch_add((u64 *)(r5 + 0), r4)";
    vec![
        ("SB+fetches", store_buffering(fetch)),
        ("SB+xchgs", store_buffering("r4 = xchg_64(r5 + 0, r4)")),
        ("SB+cmpxchgs", store_buffering("r0 = cmpxchg_64(r5 + 0, r0, r4)")),
        ("SB+locks", store_buffering("lock *(u64 *)(r5 + 0) += r4")),
        (
            "MP+rel+acq",
            message_passing("store_release((u32 *)(r2 + 0), r3)", "r4 = load_acquire((u32 *)(r1 + 0))"),
        ),
        (
            "MP+fetch+acq",
            "BPF MP+fetch+acq
{ 0:r1=x; 0:r2=y; 0:r5=s; 1:r1=y; 1:r2=x; }
 P0                                         | P1                                 ;
 *(u32 *)(r1 + 0) = 1                       | r4 = load_acquire((u32 *)(r1 + 0)) ;
 r4 = atomic_fetch_add((u64 *)(r5 + 0), r4) | r0 = *(u32 *)(r2 + 0)              ;
 *(u32 *)(r2 + 0) = 1                       |                                    ;
exists (1:r4=1 /\\ 1:r0=0)
"
            .to_owned(),
        ),
        (
            "S+fetch-on-cycle+data",
            "BPF S+fetch-on-cycle+data
{ 0:r1=x; 0:r2=y; 0:r3=1; 1:r1=y; 1:r2=x; }
 P0                                         | P1                    ;
 *(u32 *)(r1 + 0) = 2                       | r4 = *(u32 *)(r1 + 0) ;
 r3 = atomic_fetch_add((u32 *)(r2 + 0), r3) | *(u32 *)(r2 + 0) = r4 ;
exists ([x]=2 /\\ 1:r4=1)
"
            .to_owned(),
        ),
    ]
}

#[test]
fn mappings_of_bpf() {
    let tests: Vec<(&str, litmus::Test)> =
        tests().into_iter().map(|(name, text)| (name, test(&text))).collect();
    let models = BTreeMap::from([(Language::Bpf, model("bpf.cat"))]);
    let mut session = Session::new(&Options::default(), models);
    let mut table = String::new();
    for one in SHIPPED.iter().filter(|one| one.name.starts_with("bpf-")) {
        let mapping = mapping(one.name);
        let target = model(turnsole::default_model(mapping.target.word()).unwrap());
        let mut broken = Vec::new();
        for (name, test) in &tests {
            let judged = session.judge(test, Language::Bpf).unwrap();
            let mut candidate =
                Candidate { mapping: mapping.clone(), model: target.clone(), tally: Tally::default() };
            session.enter(&mut candidate, &judged, 0);
            assert!(candidate.tally.unknown.is_empty(), "{} {name}: {:?}", one.name, candidate.tally.unknown);
            if candidate.tally.broken > 0 {
                broken.push(*name);
            }
        }
        // The JIT for MIPS is in use, and wrong under a model that lets stores pass each other.
        assert_eq!(!broken.is_empty(), one.wrong || one.name == "bpf-mips64", "{}: {broken:?}", one.name);
        let lost = if broken.is_empty() { "nothing".to_owned() } else { broken.join(" ") };
        table += &format!("{} loses {lost}\n", one.name);
    }
    expect![[r#"
        bpf-x86-64 loses nothing
        bpf-arm64-lse loses nothing
        bpf-arm64-llsc loses nothing
        bpf-riscv64 loses nothing
        bpf-riscv64-zacas loses nothing
        bpf-ppc64 loses nothing
        bpf-ppc32 loses nothing
        bpf-s390x loses nothing
        bpf-loongarch loses nothing
        bpf-mips64 loses SB+fetches SB+xchgs SB+cmpxchgs S+fetch-on-cycle+data
        bpf-interpreter-x86-64 loses nothing
        bpf-interpreter-arm64-lse loses nothing
        bpf-interpreter-arm64-llsc loses nothing
        bpf-interpreter-riscv64 loses nothing
        bpf-interpreter-ppc64 loses nothing
        bpf-ppc64-no-sync loses SB+fetches SB+xchgs SB+cmpxchgs MP+fetch+acq S+fetch-on-cycle+data
        bpf-ppc64-trailing-sync loses S+fetch-on-cycle+data
        bpf-ppc64-lwsync-isync loses SB+fetches SB+xchgs SB+cmpxchgs
        bpf-riscv64-relaxed loses SB+fetches SB+xchgs MP+fetch+acq S+fetch-on-cycle+data
        bpf-arm64-lse-relaxed loses SB+fetches SB+xchgs SB+cmpxchgs MP+fetch+acq S+fetch-on-cycle+data
        bpf-arm64-lse-acquire loses SB+fetches SB+xchgs SB+cmpxchgs MP+fetch+acq S+fetch-on-cycle+data
        bpf-arm64-lse-release loses SB+fetches SB+xchgs SB+cmpxchgs MP+fetch+acq
        bpf-arm64-lse-plain loses MP+rel+acq MP+fetch+acq
        bpf-x86-64-no-lock loses SB+fetches SB+cmpxchgs
        bpf-s390x-no-serialisation loses SB+fetches
        bpf-loongarch-no-barrier loses SB+fetches SB+xchgs MP+fetch+acq S+fetch-on-cycle+data
    "#]]
    .assert_eq(&table);
}

#[track_caller]
fn translated(name: &str, language: Language, text: &str, expected: Expect) {
    let test = test(text);
    let source = read(&test, language, &kernel_macros()).unwrap_or_else(|error| panic!("{error:?}"));
    let translated = source.translate(&mapping(name)).unwrap_or_else(|error| panic!("{error:?}"));
    expected.assert_eq(&translated.test.to_string());
    // It reads back.
    let (_, diagnostics) = turnsole::parse(FileId(0), &translated.test.to_string());
    assert_eq!(diagnostics, []);
}

#[test]
fn bpf_in_other_words() {
    let text = "BPF all
{ 0:r1=x; 0:r2=y; 0:r0=7; }
 P0                                         ;
 w3 = 5                                     ;
 r3 <<= r0                                  ;
 w3 s>>= 2                                  ;
 if w3 s< 9 goto L                          ;
 r4 = *(s16 *)(r1 + 2)                      ;
 *(u8 *)(r1 + 1) = r3                       ;
 r5 = atomic_fetch_and((u64 *)(r2 + 8), r3) ;
 L: r0 = cmpxchg32_32(r2 + 0, r0, r3)       ;
 exit                                       ;
exists (0:r0=0 /\\ 0:r5=1)
";
    translated(
        "bpf-x86-64",
        Language::Bpf,
        text,
        expect![[r#"
            X86_64 all
            {
            int64_t 0:rdi=x; int64_t 0:rsi=y; int64_t 0:rax=7; int64_t 0:r8;
            }
             P0                            ;
             movq $5,%rdx                  ;
             movq $63,%r13                 ;
             andq %rax,%r13                ;
             movq %rcx,%r10                ;
             movq %rdx,%r11                ;
             movq %r13,%rcx                ;
             shlq %cl,%r11                 ;
             movq %r10,%rcx                ;
             movq %r11,%rdx                ;
             movq $2,%rbx                  ;
             movq $31,%r13                 ;
             andq %rbx,%r13                ;
             movslq %edx,%rdx              ;
             movq %rcx,%r10                ;
             movq %rdx,%r11                ;
             movq %r13,%rcx                ;
             sarq %cl,%r11                 ;
             movq %r10,%rcx                ;
             movq %r11,%rdx                ;
             movl %edx,%edx                ;
             movq $9,%rbx                  ;
             movslq %edx,%r13              ;
             movslq %ebx,%rbx              ;
             cmpq %rbx,%r13                ;
             jl B0                         ;
             movswq 2(%rdi),%rcx           ;
             movb %dl,1(%rdi)              ;
             movq %rdx,%r8                 ;
             movq %rsi,%r13                ;
             addq $8,%r13                  ;
             movq %rax,%r10                ;
             movq %r13,%r12                ;
             movq %r8,%r9                  ;
             L1: movq (%r12),%rax          ;
             movq %rax,%r11                ;
             andq %r9,%r11                 ;
             lock cmpxchgq %r11,(%r12)     ;
             jne L1                        ;
             movq %rax,%r11                ;
             movq %r10,%rax                ;
             movq %r11,%r8                 ;
             B0: lock cmpxchgl %edx,(%rsi) ;
             movl %eax,%eax                ;
             jmp B1                        ;
             B1:                           ;
            exists (0:rax=0 /\ 0:r8=1)
        "#]],
    );
    translated(
        "bpf-riscv64",
        Language::Bpf,
        text,
        expect![[r#"
        RISCV all
        {
        int64_t 0:x10=x; int64_t 0:x11=y; int64_t 0:x15=7; int64_t 0:x14;
        }
         P0                          ;
         li x12,5                    ;
         li x23,63                   ;
         and x23,x23,x15             ;
         sll x12,x12,x23             ;
         li x22,2                    ;
         li x23,31                   ;
         and x23,x23,x22             ;
         sext.w x12,x12              ;
         sra x12,x12,x23             ;
         slli x12,x12,32             ;
         srli x12,x12,32             ;
         li x22,9                    ;
         sext.w x23,x12              ;
         sext.w x22,x22              ;
         blt x23,x22,B0              ;
         lh x13,2(x10)               ;
         sb x12,1(x10)               ;
         mv x14,x12                  ;
         mv x23,x11                  ;
         addi x23,x23,8              ;
         amoand.d.aqrl x14,x14,(x23) ;
         B0: sext.w x6,x15           ;
         L1: lr.w x15,(x11)          ;
         bne x6,x15,L2               ;
         sc.w.rl x7,x12,(x11)        ;
         bnez x7,L1                  ;
         fence rw,rw                 ;
         L2: slli x15,x15,32         ;
         srli x15,x15,32             ;
         j B1                        ;
         B1:                         ;
        exists (0:x15=0 /\ 0:x14=1)
    "#]],
    );
}

#[test]
fn c_in_other_words() {
    let kernel = "C kernel
{ atomic_t v; }
P0(int *x, int *y, atomic_t *v)
{
	int r0 = READ_ONCE(*x);
	int r1;
	if (r0 == 1 && !(r0 > 5)) {
		smp_wmb();
		WRITE_ONCE(*y, r0 + 1);
	}
	r1 = atomic_add_return_acquire(2, v);
	smp_store_release(y, r1 == r0);
}
exists (0:r0=1 /\\ 0:r1=2 /\\ y=2)
";
    translated(
        "linux-riscv64",
        Language::Kernel,
        kernel,
        expect![[r#"
        RISCV kernel
        {
        int v;
        0:x15=x; 0:x10=y; 0:x11=v; int 0:x12; int 0:x13;
        }
         P0                   ;
         lw x12,0(x15)        ;
         li x14,1             ;
         bne x12,x14,B1       ;
         li x9,5              ;
         blt x9,x12,B1        ;
         fence w,w            ;
         li x18,1             ;
         mv x19,x12           ;
         add x19,x19,x18      ;
         sext.w x19,x19       ;
         sw x19,0(x10)        ;
         B1: li x14,2         ;
         mv x5,x14            ;
         amoadd.w x9,x5,(x11) ;
         fence r,rw           ;
         mv x18,x9            ;
         add x18,x18,x14      ;
         sext.w x18,x18       ;
         mv x13,x18           ;
         mv x14,x13           ;
         xor x14,x14,x12      ;
         li x9,0              ;
         sub x9,x9,x14        ;
         or x9,x9,x14         ;
         li x18,63            ;
         srl x9,x9,x18        ;
         li x19,1             ;
         xor x9,x9,x19        ;
         fence rw,w           ;
         sw x9,0(x10)         ;
        exists (0:x12=1 /\ 0:x13=2 /\ [y]=2)
    "#]],
    );
    let c11 = "C c11
{ [x]=0; }
P0(atomic_int *x, int *d)
{
	int e = 0;
	while (!atomic_compare_exchange_strong_explicit(x, &e, 1, memory_order_acquire, memory_order_relaxed))
		e = 0;
	*d += 1;
	atomic_store_explicit(x, 0, memory_order_release);
}
exists (d=1)
";
    translated(
        "c11-arm64-lse",
        Language::C11,
        c11,
        expect![[r#"
            AArch64 c11
            {
            int x=0;
            0:X7=x; 0:X0=d; int 0:X1;
            }
             P0               ;
             MOV X1,#0        ;
             B1: MOV X2,#1    ;
             MOV X9,X1        ;
             CASA W9,W2,[X7]  ;
             SXTW X3,W9       ;
             MOV X4,#1        ;
             CMP X3,X1        ;
             B.EQ B4          ;
             MOV X1,X3        ;
             MOV X4,#0        ;
             B4: CBNZ X4,B3   ;
             MOV X1,#0        ;
             B2: B B1         ;
             B3: MOV X2,#1    ;
             LDRSW X3,[X0,#0] ;
             MOV X4,X3        ;
             ADD X4,X4,X2     ;
             SXTW X4,W4       ;
             STR W4,[X0,#0]   ;
             MOV X2,#0        ;
             STLR W2,[X7]     ;
            exists ([d]=1)
        "#]],
    );
}

#[test]
fn what_is_not_translated() {
    let say =
        |language, text: &str| read(&test(text), language, &kernel_macros()).map(|_| ()).unwrap_err().reason;
    let c = |body: &str| format!("C test\n{{ }}\nP0(int *x)\n{{\n{body}\n}}\nexists (x=1)\n");
    let mut all = String::new();
    for body in
        ["synchronize_rcu();", "int a[2]; a[0] = 1;", "switch (*x) { case 1: break; }", "int r = *x / 2;"]
    {
        all += &format!("{body}: {}\n", say(Language::Kernel, &c(body)));
    }
    let bpf = |line: &str| format!("BPF test\n{{ 0:r1=x; }}\n P0 ;\n {line} ;\nexists (0:r0=1)\n");
    for line in ["r0 /= r1", "call bpf_spin_lock", "r0 = be16 r0"] {
        all += &format!("{line}: {}\n", say(Language::Bpf, &bpf(line)));
    }
    all += &say(Language::Bpf, &c(""));
    expect![[r#"
        synchronize_rcu();: grace periods are an algorithm, not an instruction
        int a[2]; a[0] = 1;: variables in memory are not translated
        switch (*x) { case 1: break; }: `switch` is not translated
        int r = *x / 2;: this operation is not translated
        r0 /= r1: divisions are not translated
        call bpf_spin_lock: this instruction is not translated
        r0 = be16 r0: this instruction is not translated
        the test is written in C, not in BPF"#]]
    .assert_eq(&all);
}
