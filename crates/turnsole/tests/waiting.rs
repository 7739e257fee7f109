//! Loops that only wait: the same outcomes as with many rounds of them, without any bound.

use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::{FileId, SourceMap};
use turnsole::{Loader, Options, Report, Status, load_model, parse, simulate};

struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _: &str, _: Option<&str>) -> Option<(String, String)> {
        None
    }
}

fn judge(text: &str, model: &str, unroll: u32, await_loops: bool) -> Report {
    let (test, errors) = parse(FileId(0), text);
    assert!(errors.is_empty(), "{errors:?}");
    let options = Options { unroll, await_loops, ..Options::default() };
    let (model, errors) = load_model(&NoFiles, model, &options, &mut SourceMap::new());
    let model = model.unwrap_or_else(|| panic!("{errors:?}"));
    simulate(&test.unwrap(), &model, &options)
}

fn states(report: &Report) -> BTreeSet<Vec<Arc<str>>> {
    report.states.iter().map(|state| state.values.clone()).collect()
}

/// Outcomes are those of so many rounds, and nothing is cut.
#[track_caller]
fn same_outcomes(text: &str, models: &[&str], rounds: u32) {
    for model in models {
        let (long, short) = (judge(text, model, rounds, false), judge(text, model, 1, true));
        assert!(matches!(long.status, Status::Bounded { .. }), "{:?} {:?}", long.status, long.diagnostics);
        assert_eq!(short.status, Status::Complete, "{model}: {:?}", short.diagnostics);
        assert!(!short.states.is_empty());
        assert_eq!(states(&short), states(&long), "{model}");
        assert!(short.positive + short.negative <= long.positive + long.negative);
    }
}

const AARCH64: &[&str] = &["sc", "aarch64"];
const RISCV: &[&str] = &["sc", "riscv"];

#[test]
fn a_message_is_waited_for() {
    let test = |fence: &str| {
        format!(
            "AArch64 MP
{{ 0:X1=x; 0:X3=y; 1:X1=x; 1:X3=y; }}
 P0          | P1           ;
 MOV W0,#1   | L:           ;
 STR W0,[X1] | LDR W0,[X3]  ;
 {fence}     | CBZ W0,L     ;
 STR W0,[X3] | {fence}      ;
             | LDR W2,[X1]  ;
exists (1:X2=0)
"
        )
    };
    same_outcomes(&test("NOP"), AARCH64, 3);
    same_outcomes(&test("DMB SY"), AARCH64, 3);
}

#[test]
fn a_fence_in_the_loop_orders_nothing_if_the_loop_is_left_at_once() {
    let test = "AArch64 MP+fence-in-loop
{ 0:X1=x; 0:X3=y; 1:X1=x; 1:X3=y; }
 P0          | P1           ;
 MOV W0,#1   | B M          ;
 STR W0,[X1] | L:           ;
 DMB SY      | DMB SY       ;
 STR W0,[X3] | M:           ;
             | LDR W0,[X3]  ;
             | CBZ W0,L     ;
             | LDR W2,[X1]  ;
exists (1:X2=0)
";
    same_outcomes(test, AARCH64, 3);
}

#[test]
fn exclusive_pairs_are_retried() {
    let test = "AArch64 increments
{ 0:X1=x; 1:X1=x; }
 P0             | P1             ;
 L:             | L:             ;
 LDXR W0,[X1]   | LDXR W0,[X1]   ;
 ADD W2,W0,#1   | ADD W2,W0,#1   ;
 STXR W3,W2,[X1]| STXR W3,W2,[X1];
 CBNZ W3,L      | CBNZ W3,L      ;
locations [0:X0; 1:X0;]
exists (x=1)
";
    same_outcomes(test, AARCH64, 2);
    let test = "RISCV increments
{ 0:x6=x; 1:x6=x; }
 P0              | P1              ;
 L:              | L:              ;
 lr.w x5,0(x6)   | lr.w x5,0(x6)   ;
 addi x7,x5,1    | addi x7,x5,1    ;
 sc.w x8,x7,0(x6)| sc.w x8,x7,0(x6);
 bne x8,x0,L     | bne x8,x0,L     ;
locations [0:x5; 1:x5;]
exists (x=1)
";
    same_outcomes(test, RISCV, 2);
}

#[test]
fn compare_and_swap_is_retried() {
    let test = "AArch64 increments
{ 0:X1=x; 1:X1=x; }
 P0             | P1             ;
 L:             | L:             ;
 LDR W0,[X1]    | LDR W0,[X1]    ;
 ADD W2,W0,#1   | ADD W2,W0,#1   ;
 MOV W4,W0      | MOV W4,W0      ;
 CAS W4,W2,[X1] | CAS W4,W2,[X1] ;
 CMP W4,W0      | CMP W4,W0      ;
 B.NE L         | B.NE L         ;
locations [0:X0; 1:X0;]
exists (x=1)
";
    same_outcomes(test, AARCH64, 1);
}

#[test]
fn a_lock_is_waited_for() {
    let test = "AArch64 spinlock
{ 0:X1=l; 0:X5=x; 1:X1=l; 1:X5=x; }
 P0              | P1              ;
 MOV W2,#1       | MOV W2,#1       ;
 L:              | L:              ;
 LDAXR W0,[X1]   | LDAXR W0,[X1]   ;
 CBNZ W0,L       | CBNZ W0,L       ;
 STXR W3,W2,[X1] | STXR W3,W2,[X1] ;
 CBNZ W3,L       | CBNZ W3,L       ;
 LDR W4,[X5]     | LDR W4,[X5]     ;
 ADD W4,W4,#1    | ADD W4,W4,#1    ;
 STR W4,[X5]     | STR W4,[X5]     ;
 STLR WZR,[X1]   | STLR WZR,[X1]   ;
~exists (x=1)
";
    same_outcomes(test, AARCH64, 2);
}

#[test]
fn the_variant_switches_it_on() {
    let test = "AArch64 wait
Variant=await
{ 0:X1=x; 1:X1=x; }
 P0          | P1          ;
 MOV W0,#1   | L:          ;
 STR W0,[X1] | LDR W0,[X1] ;
             | CBZ W0,L    ;
forall (1:X0=1)
";
    let report = judge(test, "sc", 2, false);
    assert_eq!((report.status, report.positive, report.negative), (Status::Complete, 1, 0));
}

#[test]
fn the_kernels_loops_wait() {
    let message = "C MP
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_store_release(y, 1); }
P1(int *x, int *y) {
  int r = 0;
  while (r == 0)
    r = smp_load_acquire(y);
  int s = READ_ONCE(*x);
}
exists (1:s=0)
";
    same_outcomes(message, &["linux-kernel"], 3);
    same_outcomes(&message.replace("smp_load_acquire(y)", "READ_ONCE(*y)"), &["linux-kernel"], 3);
    let lock = "C lock
{}
P0(int *l, int *x) {
  while (cmpxchg_acquire(l, 0, 1) != 0) ;
  int r = READ_ONCE(*x);
  WRITE_ONCE(*x, r + 1);
  smp_store_release(l, 0);
}
P1(int *l, int *x) {
  while (cmpxchg_acquire(l, 0, 1) != 0) ;
  int r = READ_ONCE(*x);
  WRITE_ONCE(*x, r + 1);
  smp_store_release(l, 0);
}
locations [0:r; 1:r]
exists (x=1)
";
    same_outcomes(lock, &["linux-kernel"], 2);
    let tries = "C trylock
{}
P0(spinlock_t *l, int *x) { spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l); }
P1(spinlock_t *l, int *x) { while (!spin_trylock(l)) ; int r = READ_ONCE(*x); spin_unlock(l); }
exists (1:r=0)
";
    same_outcomes(tries, &["linux-kernel"], 2);
}

#[test]
fn loops_of_c11_wait() {
    let test = "C lock
{}
P0(atomic_int *l, int *x) {
  int zero = 0;
  while (!atomic_compare_exchange_strong_explicit(l, &zero, 1, memory_order_acquire, memory_order_relaxed))
    zero = 0;
  int r = *x;
  *x = r + 1;
  atomic_store_explicit(l, 0, memory_order_release);
}
P1(atomic_int *l, int *x) {
  do { int r = atomic_exchange_explicit(l, 1, memory_order_acquire); } while (0);
  while (atomic_load_explicit(l, memory_order_relaxed) != 0) ;
}
exists (x=1)
";
    same_outcomes(test, &["rc11"], 2);
}

/// A thread of a few accesses, some of them in loops. Registers 6 and 7 hold addresses, 8 and 9 numbers.
fn random_thread(random: &mut impl FnMut(usize) -> usize) -> Vec<String> {
    let mut lines = Vec::new();
    for at in 0..=random(2) {
        let (place, label, reg) = (["X6", "X7"][random(2)], format!("L{at}"), format!("W{at}"));
        let fence = ["NOP", "DMB SY", "DMB LD", "ISB"][random(4)];
        let jump = ["CBZ", "CBNZ"][random(2)];
        let load = ["LDR", "LDAR"][random(2)];
        match random(6) {
            0 => lines.push(format!("STR W{},[{place}]", 8 + random(2))),
            1 => lines.push(format!("LDR {reg},[{place}]")),
            2 | 3 => {
                lines.push(format!("{label}: {load} {reg},[{place}]"));
                lines.push(fence.to_owned());
                lines.push(format!("{jump} {reg},{label}"));
            }
            4 => {
                lines.push(format!("{label}: LDXR {reg},[{place}]"));
                lines.push(format!("ADD W4,{reg},#1"));
                lines.push(format!("STXR W5,W4,[{place}]"));
                lines.push(format!("CBNZ W5,{label}"));
            }
            // The exit is in the middle, and what was read before is kept.
            _ => {
                lines.push(format!("{label}: LDR W3,[{place}]"));
                lines.push(format!("{jump} W3,M{at}"));
                lines.push(format!("LDR {reg},[X7]"));
                lines.push(format!("B {label}"));
                lines.push(format!("M{at}: {fence}"));
            }
        }
    }
    lines
}

fn random_test(seed: u64) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let threads = [random_thread(&mut random), random_thread(&mut random)];
    let rows = threads[0].len().max(threads[1].len());
    let cell = |thread: usize, row: usize| threads[thread].get(row).map_or("", String::as_str);
    let rows: String = (0..rows).map(|row| format!(" {} | {} ;\n", cell(0, row), cell(1, row))).collect();
    let registers: String = (0..2).map(|p| format!("{p}:X6=x; {p}:X7=y; {p}:X8=1; {p}:X9=2; ")).collect();
    format!(
        "AArch64 random\n{{ {registers}}}\n P0 | P1 ;\n{rows}locations [0:X0; 0:X1; 0:X2; 1:X0; 1:X1; 1:X2; x; y]\nexists (true)\n"
    )
}

#[test]
fn random_loops_have_the_outcomes_of_many_rounds() {
    let (mut waited, mut with_outcomes) = (0, 0);
    for seed in 0..80 {
        let text = random_test(seed);
        for model in AARCH64 {
            let long = judge(&text, model, 3, false);
            let short = judge(&text, model, 1, true);
            assert!(long.has_answer() && short.has_answer(), "{text}\n{:?}", long.diagnostics);
            if short.status == Status::Complete && long.status != Status::Complete {
                assert_eq!(states(&short), states(&long), "{model}\n{text}");
                waited += 1;
                with_outcomes += u32::from(!short.states.is_empty());
            } else {
                assert!(states(&short).is_subset(&states(&long)), "{model}\n{text}");
            }
        }
    }
    assert!(waited > 40 && with_outcomes > 20, "{waited} {with_outcomes}");
}
