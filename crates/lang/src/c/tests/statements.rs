use super::{check, check_with};
use expect_test::expect;

#[test]
fn loops() {
    check(
        "for (int i = 0; i < 3; i++) *x = i;",
        expect![[r#"
        P0(; i int) void
          for
            declare i: (i = 0)
          ; ([i] Lt 3):int; (i post+1)
            (*&x = [i])
    "#]],
    );
    check(
        "int i, j; for (i = 0, j = 1; ; ) { if (i) break; else continue; }",
        expect![[r#"
        P0(; i int, j int) void
          declare i:
          declare j:
          for
            ((void)(i = 0), (j = 1))
          ; ;
            block
              if [i]
                break
              else
                continue
    "#]],
    );
    check(
        "while (*x) ; do { *y = 1; } while (*x != 1);",
        expect![[r#"
        P0() void
          while [*&x]
            ;
          do
            block
              (*&y = 1)
          while ([*&x] Ne 1):int
    "#]],
    );
}

#[test]
fn switches_and_labels() {
    check(
        "switch (*b) { case 1: case 1 + 1: *x = 1; break; default: *x = 2; case 'a': ; }",
        expect![[r#"
            P0() void
              switch (int)[*&b]: 1 -> case0, 2 -> case1, 97 -> case3, else case2
                block
                  case0:
                  case1:
                  (*&x = 1)
                  break
                  case2:
                  (*&x = 2)
                  case3:
                  ;
        "#]],
    );
    check(
        "again: if (*x) goto out; goto again; out: return; end: ;",
        expect![[r#"
        P0() void
          again:
          if [*&x]
            goto out
          goto again
          out:
          return
          end:
          ;
    "#]],
    );
}

#[test]
fn helper_functions() {
    check_with(
        "static inline int add(int *a, long b) { *a += b; return *a; }\nvoid nothing(void) { return; }\n\
         int later(int v) { return v; }\n",
        "int r = add(x, 1); nothing(); r = later(*y);",
        expect![[r#"
            add(a int *, b int64_t) int
              (*[a] Add=int64_t [b])
              return [*[a]]
            nothing() void
              return
            later(v int) int
              return [v]
            P0(; r int) void
              declare r: (r = add(&x, 1:int64_t))
              nothing()
              (r = later([*&y]))
        "#]],
    );
    check_with(
        "int later(int v); int first(int v) { return later(v); } int later(int v) { return v + 1; }",
        "int r = first(1);",
        expect![[r#"
            later(v int) int
              return ([v] Add 1):int
            first(v int) int
              return later([v])
            P0(; r int) void
              declare r: (r = first(1))
        "#]],
    );
}

#[test]
fn barriers_for_the_compiler_do_nothing() {
    check(
        "asm volatile(\"\" ::: \"memory\"); __asm__ __volatile__ (\"\": : :\"memory\");",
        expect![[r#"
        P0() void
          ;
          ;
    "#]],
    );
}

#[test]
fn the_preprocessor_replaces() {
    check_with(
        "#include <stdatomic.h>\n#define N 3\n#define ADD(a, b) ((a) + (b))\n#define NEXT ADD(N, \\\n 1)\n",
        "int r = NEXT;\n#ifdef N\nr = ADD(ADD(1, 2), N);\n#else\nr = ;\n#endif\n#if 0\n ( \n#elif N\nr = 5;\n#endif\n",
        expect![[r#"
            P0(; r int) void
              declare r: (r = (3 Add 1):int)
              (r = ((1 Add 2):int Add 3):int)
              (r = 5)
        "#]],
    );
}
