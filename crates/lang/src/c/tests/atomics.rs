use super::check;
use expect_test::expect;

#[test]
fn loads_and_stores() {
    check(
        "int r = atomic_load(a); atomic_store(a, 1);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = load{SeqCst}(*&a):int)
          store{SeqCst}(*&a, 1)
    "#]],
    );
    check(
        "int r = atomic_load_explicit(a, memory_order_acquire); \
         atomic_store_explicit(a, r, std::memory_order_release);",
        expect![[r#"
            P0(; r int) void
              declare r: (r = load{Acquire}(*&a):int)
              store{Release}(*&a, [r])
        "#]],
    );
    check(
        "int r = a->load(std::memory_order::relaxed); (*a).store(r); auto q = a->exchange(1);",
        expect![[r#"
        P0(; r int, q int) void
          declare r: (r = load{Relaxed}(*&a):int)
          store{SeqCst}(*&a, [r])
          declare q: (q = xchg{SeqCst}(*&a, 1):int)
    "#]],
    );
    check(
        "int r = __atomic_load_n(x, __ATOMIC_ACQUIRE); __atomic_store_n(x, 1, __ATOMIC_RELEASE);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = load{Acquire}(*&x):int)
          store{Release}(*&x, 1)
    "#]],
    );
}

#[test]
fn updates() {
    check(
        "int r = atomic_fetch_add(a, 1) + atomic_exchange_explicit(a, 2, memory_order_relaxed); \
         atomic_fetch_xor_explicit(a, 3, memory_order_acq_rel); r = a->fetch_sub(1, std::memory_order_seq_cst);",
        expect![[r#"
            P0(; r int) void
              declare r: (r = (fetch{SeqCst}(*&a Add 1) -> Old Add xchg{Relaxed}(*&a, 2):int):int)
              fetch{AcqRel}(*&a Xor 3) -> Old
              (r = fetch{SeqCst}(*&a Sub 1) -> Old)
        "#]],
    );
    check(
        "int r = (*a)++; ++*a; *a += 2; *a -= r; *a <<= 1;",
        expect![[r#"
        P0(; r int) void
          declare r: (r = fetch{SeqCst}(*&a Add 1) -> Old)
          fetch{SeqCst}(*&a Add 1) -> New
          fetch{SeqCst}(*&a Add 2) -> New
          fetch{SeqCst}(*&a Sub [r]) -> New
          (*&a Shl=int 1)
    "#]],
    );
    check(
        "int r = __atomic_add_fetch(x, 1, __ATOMIC_SEQ_CST);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = fetch{SeqCst}(*&x Add 1) -> New)
    "#]],
    );
}

#[test]
fn compare_exchange() {
    check(
        "int r = 0; _Bool f = atomic_compare_exchange_strong(a, &r, 1); \
         f = atomic_compare_exchange_weak_explicit(a, y, 2, memory_order_acq_rel, memory_order_acquire);",
        expect![[r#"
            P0(; r int, f bool) void
              declare r: (r = 0)
              declare f: (f = cas{SeqCst,SeqCst}(*&a, r, 1))
              (f = weak cas{AcqRel,Acquire}(*&a, *&y, 2))
        "#]],
    );
    check(
        "int r = 0; bool f = a->compare_exchange_weak(r, 1, std::memory_order_release); \
         f = __atomic_compare_exchange_n(x, &r, 2, 1, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);",
        expect![[r#"
            P0(; r int, f bool) void
              declare r: (r = 0)
              declare f: (f = weak cas{Release,Relaxed}(*&a, r, 1))
              (f = weak cas{SeqCst,Relaxed}(*&x, r, 2))
        "#]],
    );
}

#[test]
fn fences_flags_and_mutexes() {
    check(
        "atomic_thread_fence(memory_order_seq_cst); __sync_synchronize(); atomic_signal_fence(memory_order_acquire);",
        expect![[r#"
        P0() void
          fence{SeqCst}
          fence{SeqCst}
          (void)0
    "#]],
    );
    check(
        "atomic_flag f; bool r = atomic_flag_test_and_set(a); atomic_flag_clear_explicit(a, memory_order_release);",
        expect![[r#"
        P0(; f _Atomic bool, r bool) void
          declare f:
          declare r: (r = (bool)xchg{SeqCst}(*&a, 1):int)
          store{Release}(*&a, 0)
    "#]],
    );
    check(
        "lock(s); unlock(s); if (mtx_lock(s) == thrd_success) mtx_unlock(s); if (s->try_lock()) s->unlock();",
        expect![[r#"
        P0() void
          MutexLock(*&s)
          MutexUnlock(*&s)
          if ((MutexLock(*&s), 0) Eq 0):int
            (MutexUnlock(*&s), 0)
          if LogicalNot(MutexTry(*&s))
            MutexUnlock(*&s)
    "#]],
    );
    check(
        "atomic_init(a, 1); int r = kill_dependency(*x); r = atomic_is_lock_free(a);",
        expect![[r#"
        P0(; r int) void
          (void)(*&a = 1)
          declare r: (r = detach([*&x]))
          (r = 1)
    "#]],
    );
}
