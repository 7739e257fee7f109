use super::{check, check_with};
use expect_test::expect;

#[test]
fn macros_become_primitives() {
    check(
        "int r = READ_ONCE(*x); WRITE_ONCE(*y, r + 1); smp_mb();",
        expect![[r#"
        P0(; r int) void
          declare r: (r = load{once}(*&x):int)
          store{once}(*&y, ([r] Add 1):int)
          fence{mb}
    "#]],
    );
    check(
        "smp_store_mb(*x, 1); if (atomic_inc_and_test(x)) spin_lock(s); atomic_andnot(1, x);",
        expect![[r#"
        P0() void
          block
            store{once}(*&x, 1)
            fence{mb}
          if (fetch{mb}(*&x Add 1) -> New Eq 0):int
            Acquire(*&s)
          fetch{}(*&x AndNot 1) -> Nothing
    "#]],
    );
    check(
        "int r = atomic_read(x); r = spin_trylock(s); srcu_read_unlock(s, r);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = load{once}(*&x):int)
          (r = Try(*&s))
          srcu{srcu-unlock}(*&s, [r])
    "#]],
    );
    check(
        "int r; r = READ_ONCE(r); WRITE_ONCE(*p, &*x);",
        expect![[r#"
        P0(; r int) void
          declare r:
          (r = load{once}(r):int)
          store{once}(*&p, &x)
    "#]],
    );
}

#[test]
fn arguments_are_operands_and_bodies_have_their_own_variables() {
    check(
        "int t = 2 * twice(*x); swap(x, &t);",
        expect![[r#"
        P0(; t int, t? int) void
          declare t#0: (t#0 = (2 Mul ([*&x] Add [*&x]):int):int)
          block
            declare t#1: (t#1 = [*&x])
            (*&x = [t#0])
            (t#0 = [t#1])
    "#]],
    );
    check(
        "for (;; smp_store_mb(*x, 1)) ;",
        expect![[r#"
        P0() void
          for
          ; ; {store{once}(*&x, 1); fence{mb}; }
            ;
    "#]],
    );
}

#[test]
fn primitives_work_in_threads() {
    check(
        "int r = __load{acquire,rcu-deref}(*x); __fence{before-atomic}; r = __cmpxchg{}(x, 1, 2); __atomic_op(x, -, 1);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = load{acquire,rcu-deref}(*&x):int)
          fence{before-atomic}
          (r = cmpxchg{}(*&x, 1, 2):int)
          fetch{}(*&x Sub 1) -> Nothing
    "#]],
    );
    check(
        "int r = __atomic_fetch_op{relaxed}(x, &, 3); r = __atomic_add_unless{mb}(x, 1, 2); __srcu{sync-srcu}(s);",
        expect![[r#"
        P0(; r int) void
          declare r: (r = fetch{relaxed}(*&x And 3) -> Old)
          (r = add_unless{mb}(*&x, 1, 2))
          srcu{sync-srcu}(*&s)
    "#]],
    );
}

#[test]
fn functions_of_the_test_hide_macros() {
    check_with(
        "int twice(int v) { return v; }",
        "int r = twice(1);",
        expect![[r#"
        twice(v int) int
          return [v]
        P0(; r int) void
          declare r: (r = twice(1))
    "#]],
    );
}
