use super::{Options, slice};
use crate::{Format, read};
use expect_test::{Expect, expect};
use syntax::FileId;

fn check(program: &str, options: &Options, expected: Expect) {
    let (program, diagnostics) = read(FileId(0), "code", program.as_bytes(), Format::Text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let (test, diagnostics) = slice(&program.unwrap(), options);
    let mut text = test.unwrap_or_default();
    for found in diagnostics {
        text += &format!("{}: {}\n", found.code, found.message);
    }
    expected.assert_eq(&text);
}

fn threads(names: &[&str]) -> Options {
    let threads = names.iter().map(|name| (*name).to_owned()).collect();
    Options { name: "T".to_owned(), threads, ..Options::default() }
}

#[test]
fn addresses_are_given_at_the_start() {
    check(
        "send:
            r1 = x ll
            r3 = 5
            *(u32 *)(r1 + 4) = 1
            r2 = 1
            store_release((u32 *)(r1 + 8), r2)
            r0 = 0
            exit
        receive:
            r1 = x ll
            w0 = load_acquire((u32 *)(r1 + 8))
            w2 = *(u32 *)(r1 + 4)
            exit",
        &threads(&["send", "receive"]),
        expect![[r#"
            BPF T
            (* Functions send, receive *)
            {
              uint32_t x_4=0;
              uint32_t x_8=0;
              0:r9=x_4;
              0:r8=x_8;
              1:r9=x_4;
              1:r8=x_8;
            }
             P0                                 | P1                                 ;
             *(u32 *)(r9 + 0) = 1               | r0 = load_acquire((u32 *)(r8 + 0)) ;
             r2 = 1                             | r2 = *(u32 *)(r9 + 0)              ;
             store_release((u32 *)(r8 + 0), r2) |                                    ;
            locations [1:r0; 1:r2; x_4; x_8;]
            exists (true)
        "#]],
    );
}

#[test]
fn what_decides_about_accesses_stays() {
    check(
        "one:
            r1 = x ll
            r2 = y ll
            r3 = *(u64 *)(r1 + 0)
            if r3 != 0 goto L1
            r4 = 7
            goto L2
        L1:
            r4 = 8
            *(u64 *)(r2 + 0) = r4
        L2:
            r0 = 0
            exit",
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint64_t x=0;
              uint64_t y=0;
              0:r9=x;
              0:r8=y;
            }
             P0                    ;
             r3 = *(u64 *)(r9 + 0) ;
             if r3 != 0 goto L1    ;
             goto L2               ;
             L1: r4 = 8            ;
             *(u64 *)(r8 + 0) = r4 ;
             L2: exit              ;
            locations [0:r3; x; y;]
            exists (true)
        "#]],
    );
}

#[test]
fn arrays_stay_whole() {
    check(
        "one:
            r1 = x ll
            r2 = y ll
            r3 = *(u64 *)(r1 + 0)
            r3 <<= 3
            r2 += r3
            r0 = *(u64 *)(r2 + 0)
            exit",
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint64_t x=0;
              uint64_t y=0;
              0:r9=x;
            }
             P0                    ;
             r2 = y ll             ;
             r3 = *(u64 *)(r9 + 0) ;
             r3 <<= 3              ;
             r2 += r3              ;
             r0 = *(u64 *)(r2 + 0) ;
            locations [0:r0; 0:r3; x; y;]
            exists (true)
        "#]],
    );
}

#[test]
fn locks_and_calls() {
    check(
        "one:
            r6 = 3
            r1 = l ll
            call bpf_spin_lock
            r1 = x ll
            r2 = *(u64 *)(r1 + 0)
            r2 += 1
            *(u64 *)(r1 + 0) = r2
            r1 = l ll
            call bpf_spin_unlock
            call bpf_ktime_get_ns
            call bpf_get_prandom_u32
            r7 = r0
            call strange
            call other
            r0 += r7
            exit
        other:
            r1 = x ll
            r0 = *(u64 *)(r1 + 0)
            exit",
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint32_t l=0;
              uint64_t x=0;
              0:r9=l;
              0:r8=x;
            }
             P0                        ;
             r1 = r9                   ;
             call bpf_spin_lock        ;
             r2 = *(u64 *)(r8 + 0)     ;
             r2 += 1                   ;
             *(u64 *)(r8 + 0) = r2     ;
             r1 = r9                   ;
             call bpf_spin_unlock      ;
             r0 = 0                    ;
             r7 = r0                   ;
             call F1                   ;
             r0 += r7                  ;
             exit                      ;
             F1: r0 = *(u64 *)(r8 + 0) ;
             exit                      ;
            locations [0:r0; 0:r2; l; x;]
            exists (true)
            bpf::left-out: in `one`, instruction 15 (offset 0x78): this calls `strange`: it is taken to do nothing, with the result 0
            bpf::left-out: in `one`, instruction 13 (offset 0x68): this calls `bpf_get_prandom_u32`: its result is taken to be 0
        "#]],
    );
}

#[test]
fn the_user_says_what_is_not_known() {
    let options = Options {
        arguments: vec!["x".to_owned(), "y".to_owned()],
        results: vec![("bpf_ktime_get_ns".to_owned(), 5)],
        condition: Some("exists (0:r0=5)".to_owned()),
        ..threads(&["one"])
    };
    let program = "one:
            *(u32 *)(r1 + 0) = 1
            r6 = *(u32 *)(r2 + 0)
            call bpf_ktime_get_ns
            r0 += r6
            exit";
    check(
        program,
        &options,
        expect![[r#"
        BPF T
        (* Functions one *)
        {
          uint32_t x=0;
          uint32_t y=0;
          0:r9=x;
          0:r8=y;
        }
         P0                    ;
         *(u32 *)(r9 + 0) = 1  ;
         r6 = *(u32 *)(r8 + 0) ;
         r0 = 5                ;
         r0 += r6              ;
        locations [0:r0; 0:r6; x; y;]
        exists (0:r0=5)
    "#]],
    );
    check(
        program,
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint32_t context_0[1]={0};
              0:r1=context_0;
            }
             P0                    ;
             *(u32 *)(r1 + 0) = 1  ;
             r6 = *(u32 *)(r2 + 0) ;
             r0 = 0                ;
             r0 += r6              ;
            locations [0:r0; 0:r6;]
            exists (true)
            bpf::unknown-address: in `one`, instruction 1 (offset 0x8): it is not known what this accesses
            bpf::left-out: in `one`, instruction 2 (offset 0x10): this calls `bpf_ktime_get_ns`: its result is taken to be 0
        "#]],
    );
}

#[test]
fn the_stack_is_kept_where_it_orders() {
    check(
        "one:
            *(u64 *)(r10 - 8) = 5
            r1 = 0
            lock *(u64 *)(r10 - 16) |= r1
            r1 = 0
            r1 = atomic_fetch_or((u64 *)(r10 - 16), r1)
            exit
        two:
            *(u64 *)(r10 - 8) = 5
            r1 = x ll
            *(u64 *)(r1 + 0) = 5
            exit",
        &threads(&["one", "two"]),
        expect![[r#"
            BPF T
            (* Functions one, two *)
            {
              uint64_t x=0;
              1:r9=x;
            }
             P0                                          | P1                   ;
             r1 = 0                                      | *(u64 *)(r9 + 0) = 5 ;
             lock *(u64 *)(r10 - 16) |= r1               |                      ;
             r1 = 0                                      |                      ;
             r1 = atomic_fetch_or((u64 *)(r10 - 16), r1) |                      ;
            locations [0:r0; 1:r0; x;]
            exists (true)
        "#]],
    );
}

#[test]
fn unknown_functions_are_said() {
    check(
        "one:\n exit",
        &threads(&["two"]),
        expect![[r#"
        bpf::unknown-function: there is no function `two` in this program
    "#]],
    );
}

#[test]
fn the_context_is_memory_of_the_threads_own() {
    check(
        ".section raw_tp/x
        one:
            r2 = *(u64 *)(r1 + 8)
            r3 = x ll
            *(u64 *)(r3 + 0) = r2
            exit",
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint64_t x=0;
              0:r9=x;
              uint64_t context_0[2]={0,0};
              0:r1=context_0;
            }
             P0                    ;
             r2 = *(u64 *)(r1 + 8) ;
             *(u64 *)(r9 + 0) = r2 ;
            locations [0:r0; x;]
            exists (true)
        "#]],
    );
}

#[test]
fn registers_run_out() {
    let mut program = "one:\n".to_owned();
    // Every register holds something to the end.
    for number in 0..=9 {
        program += &format!("r{number} = {number}\n");
    }
    for number in (0..=9).rev() {
        if number != 1 {
            program += &format!("r1 += r{number}\n");
        }
    }
    program += "r2 = x ll\n*(u64 *)(r2 + 0) = r1\nr3 = y ll\n*(u64 *)(r3 + 0) = r1\nexit";
    check(
        &program,
        &threads(&["one"]),
        expect![[r#"
            BPF T
            (* Functions one *)
            {
              uint64_t x=0;
              uint64_t y=0;
            }
             P0                    ;
             r0 = 0                ;
             r1 = 1                ;
             r2 = 2                ;
             r3 = 3                ;
             r4 = 4                ;
             r5 = 5                ;
             r6 = 6                ;
             r7 = 7                ;
             r8 = 8                ;
             r9 = 9                ;
             r1 += r9              ;
             r1 += r8              ;
             r1 += r7              ;
             r1 += r6              ;
             r1 += r5              ;
             r1 += r4              ;
             r1 += r3              ;
             r1 += r2              ;
             r1 += r0              ;
             r2 = x ll             ;
             *(u64 *)(r2 + 0) = r1 ;
             r3 = y ll             ;
             *(u64 *)(r3 + 0) = r1 ;
            locations [x; y;]
            exists (true)
        "#]],
    );
}
