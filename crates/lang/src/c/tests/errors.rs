use super::{check, check_with};
use expect_test::expect;

#[test]
fn names() {
    check_with(
        "int late(int);",
        "int r = late(1);",
        expect![[r#"
        c::undeclared `late(1)`: `late` is declared, but has no body
    "#]],
    );
    check(
        "int r = z; q->v = 1; WRITE_ONCE(*xx, 1);",
        expect![[r#"
        c::undeclared `z`: `z` is not declared
          help: declare it here (`int z;`) or, if threads share it, as a parameter (`int *z`)
        c::undeclared `q`: `q` is not declared
          help: declare it here (`int q;`) or, if threads share it, as a parameter (`int *q`)
        c::undeclared `xx`: `xx` is not declared
          help: declare it here (`int xx;`) or, if threads share it, as a parameter (`int *xx`)
    "#]],
    );
    check(
        "smp_memb(); READ_ONE(*x); foo_t *r; goto nowhere;",
        expect![[r#"
        c::unknown-macro `smp_memb`: Unknown macro smp_memb
          help: did you mean `smp_mb`?
        c::unknown-macro `READ_ONE`: Unknown macro READ_ONE
          help: did you mean `READ_ONCE`?
        c::undeclared `foo_t`: the type `foo_t` is not declared
          help: say what it is with `typedef`, or write a type of C
        c::undeclared `nowhere`: there is no label `nowhere`
    "#]],
    );
    check(
        "x(1); self(1); foo_t r; int q = arr2; q = *x++;",
        expect![[r#"
        c::type `x`: `x` is a variable, not a function
        c::recursive-macro `self(1)`: the macro `self` uses itself
          help: a macro can use others, but not itself
        c::undeclared `foo_t`: the type `foo_t` is not declared
          help: say what it is with `typedef`, or write a type of C
        c::undeclared `arr2`: `arr2` is not declared
          help: did you mean `arr`?
        c::type `x++`: `x` is the address of a shared variable and can't change
          help: write `*x` for the variable, or copy `x` to a variable
    "#]],
    );
}

#[test]
fn arguments() {
    check(
        "READ_ONCE(*x, 1); atomic_load(); atomic_store(a); atomic_load_explicit(a);",
        expect![[r#"
        c::argument-count `READ_ONCE(*x, 1)`: `READ_ONCE` takes 1 argument, but 2 are given
        c::argument-count `atomic_load()`: `atomic_load` takes 1 argument, but 0 are given
        c::argument-count `atomic_store(a)`: `atomic_store` takes 2 arguments, but 1 is given
        c::argument-count `atomic_load_explicit(a)`: `atomic_load_explicit` takes 2 arguments, but 1 is given
    "#]],
    );
    check(
        "atomic_compare_exchange_strong(a, x); a->load(memory_order_relaxed, 1); __load{once}();",
        expect![[r#"
        c::argument-count `atomic_compare_exchange_strong(a, x)`: `atomic_compare_exchange_strong` takes 3 arguments, but 2 are given
        c::argument-count `load(memory_order_relaxed, 1)`: `load` takes 0 or 1 argument, but 2 are given
        c::argument-count `__load{once}()`: `__load` takes 1 argument, but 0 are given
    "#]],
    );
    check_with(
        "int f(int a, int b) { return a + b; }",
        "int r = f(1);",
        expect![[r#"
        c::argument-count `f(1)`: `f` takes 2 arguments, but 1 is given
    "#]],
    );
    check(
        "int r = atomic_load_explicit(a, *x); atomic_store_explicit(a, 1, 77);",
        expect![[r#"
        c::type `*x`: this is not a memory order
          help: write one of `memory_order_relaxed`, `memory_order_consume`, `memory_order_acquire`, `memory_order_release`, `memory_order_acq_rel`, `memory_order_seq_cst`
        c::type `77`: this is not a memory order
          help: write one of `memory_order_relaxed`, `memory_order_consume`, `memory_order_acquire`, `memory_order_release`, `memory_order_acq_rel`, `memory_order_seq_cst`
    "#]],
    );
}

#[test]
fn types() {
    check(
        "x = y; 1 = 2; *x + 1 = 3; int r = **x; r = &1; r = x * 2; r = -x;",
        expect![[r#"
        c::type `x = y`: `x` is the address of a shared variable and can't change
          help: write `*x` for the variable, or copy `x` to a variable
        c::type `1 = 2`: this can't be assigned to
        c::type `*x + 1 = 3`: this can't be assigned to
        c::type `&1`: `&` needs a variable, a member or what a pointer points to
        c::type `x`: `*` needs integers, and this is a pointer
          help: cast it to `intptr_t`
        c::type `x`: `-` needs integers, and this is a pointer
          help: cast it to `intptr_t`
    "#]],
    );
    check(
        "int r; long r; void v; int r = smp_mb();",
        expect![[r#"
        c::type `r`: `r` is declared already, with another type
        c::type `v`: nothing can have the type `void`
        c::type `smp_mb()`: this has no value
    "#]],
    );
    check_with(
        "struct s { int a; }; struct t; struct s g;",
        "g.b = 1; x->a = 1; struct t u; int r = g; r = g + 1; atomic_load(&g); if (g) ;",
        expect![[r#"
            c::type `g.b`: `struct s` has no member `b`
              help: did you mean `a`?
            c::type `x->a`: `int` has no members
            c::type `u`: nothing says what is in `struct t`
            c::unsupported `g`: a structure as a value is not supported
              help: read its members one by one, or use a pointer to it
            c::unsupported `g`: a structure as a value is not supported
              help: read its members one by one, or use a pointer to it
            c::type `atomic_load`: `struct s` can't be accessed as a whole
              help: access a member or an element
            c::unsupported `g`: a structure as a value is not supported
              help: read its members one by one, or use a pointer to it
        "#]],
    );
    check_with(
        "atomic_int v; void f(void) { return 1; } int h(void) { return; }",
        "atomic_store(v, 1); int r = f();",
        expect![[r#"
        c::type `return 1;`: this function returns nothing
        c::type `return;`: this function returns a value of type `int`
        c::type `v`: this needs the address of a variable, not its value
          help: write `&v`
        c::type `f()`: this has no value
    "#]],
    );
    check(
        "&x; &READ_ONCE(*x); a.load(); s->load();",
        expect![[r#"
        c::type `&x`: a parameter of a thread is an address already
          help: leave the `&` away
        c::type `&READ_ONCE(*x)`: `&` needs a variable, a member or what a pointer points to
        c::type `load`: `load` needs an atomic variable
    "#]],
    );
}

#[test]
fn syntax() {
    check(
        "int r = ; int q = (1 + 2; r = q",
        expect![[r#"
        c::syntax `;`: expected an expression, found `;`
        c::syntax `;`: expected `)`, found `;`
        c::syntax ``: expected `;`, found the end
    "#]],
    );
    check(
        "if (1) { *x = 1;",
        expect![[r#"
        c::syntax ``: expected `}`, found the end
    "#]],
    );
    check(
        "} int r;",
        expect![[r#"
        c::syntax `}`: this `}` closes nothing
    "#]],
    );
    check(
        "int r = 08; r = 1.5; r = 1x; r = 'ab'; r = \"s\"; r = 0xfffffffffffffffffffffffffffffffff;",
        expect![[r#"
        c::syntax `08`: `08` is not a number
        c::unsupported `1.5`: floating-point numbers are not supported
          help: use integers
        c::syntax `1x`: `1x` is not a number
        c::syntax `'ab'`: 'ab' is not one character of ASCII
        c::unsupported `"s"`: a string is not supported
          help: use numbers
        c::syntax `0xfffffffffffffffffffffffffffffffff`: `0xfffffffffffffffffffffffffffffffff` does not fit into 128 bits
    "#]],
    );
    check(
        "break; case 1: ; switch (*x) { case 1: case 1: default: default: continue; } l: l: ;",
        expect![[r#"
        c::bad-statement `break`: `break` stands outside of a loop or a `switch`
        c::bad-statement `case 1:`: this stands outside of a `switch`
        c::bad-statement `default:`: this `switch` has a `default` already
        c::bad-statement `continue`: `continue` stands outside of a loop
        c::bad-statement `case 1:`: there are two cases for 1
        c::bad-statement `l`: the label `l` is defined already
    "#]],
    );
    check(
        "unsigned float r; long char q; int a[0]; int c[]; int d[-1]; int e[*x];",
        expect![[r#"
        c::unsupported `float`: floating-point numbers are not supported
          help: use integers
        c::syntax `long char`: these words make no type
        c::type `0`: an array has 1 to 1048576 elements, not 0
        c::type `c`: nothing says how long this array is
        c::type `-1`: an array has 1 to 1048576 elements, not -1
        c::type `*x`: the length of an array must be a constant
    "#]],
    );
    check_with(
        "#if 1\n#foo\n#define X(a) #a\n",
        "\n#else\n#if 1 + 1\n#endif\n#error no\n",
        expect![[r#"
        c::bad-directive `foo`: `#foo` is not supported
          help: supported are `#define`, `#undef`, `#if`, `#ifdef`, `#ifndef`, `#elif`, `#else`, `#endif`
        c::bad-directive `#`: the operators `#` and `##` are not supported
        c::bad-directive `#`: this condition has no `#endif`
        c::bad-directive `else`: `#else` without `#if`
        c::bad-directive `if`: this condition is not supported
          help: write a number, the name of a constant, or `defined(NAME)`, possibly behind `!`
        c::bad-directive `error`: the test says `#error`
    "#]],
    );
    check_with(
        "#define F(a) a\n",
        "int r = F(1, 2); r = F(1;",
        expect![[r#"
        c::argument-count `F`: `F` takes 1 argument, but 2 are given
        c::syntax `F`: the arguments of `F` do not end
        c::syntax `;`: expected an expression, found `;`
        c::syntax ``: expected an expression, found the end
    "#]],
    );
}

#[test]
fn what_is_not_supported() {
    check(
        "union u { int a; } r; float f; static int q; int (*g)(int); asm(\"mfence\"); goto *x;",
        expect![[r#"
        c::unsupported `union`: a union is not supported
          help: use a structure, or one variable for each member
        c::unsupported `float`: floating-point numbers are not supported
          help: use integers
        c::unsupported `static int`: `static` in a function is not supported
          help: declare it beside the threads, or in the initial state, if it is shared
        c::unsupported `(`: a pointer to a function is not supported
          help: call the function by its name
        c::unsupported `asm`: assembly in C is not supported
          help: write the assembly test for that architecture, or the operation in C
        c::unsupported `goto`: a computed `goto` is not supported
          help: use `switch`
    "#]],
    );
    check(
        "struct { int a : 3; } r; struct s { int a[]; }; int q = *x ?: 1; (struct t){1}; x[0](1);",
        expect![[r#"
        c::unsupported `a`: a bit-field is not supported
          help: use a member of its own
        c::unsupported `a`: an array without length is not supported
          help: give it a length
        c::unsupported `*x`: `?:` without its middle is not supported
          help: write the condition a second time
        c::unsupported `(`: a compound literal is not supported
          help: declare a variable with that initialiser
        c::unsupported `x`: a call through an expression is not supported
          help: call a function by its name
    "#]],
    );
    check_with(
        "struct s { int a; }; struct s f(void); int g(struct s v); int h(int a, ...);",
        ";",
        expect![[r#"
        c::unsupported `f`: a structure as the value of a function is not supported
          help: return what is needed of it, or fill it through a pointer
        c::unsupported `v`: a structure as a parameter is not supported
          help: pass a pointer to it
        c::unsupported `...`: a variable number of arguments is not supported
          help: name every parameter
    "#]],
    );
    check(
        "switch (*x) { case 1 ... 2: ; } printf(\"hello\"); extern int z;",
        expect![[r#"
        c::unsupported `...`: a range of cases is not supported
          help: write one `case` for each value
        c::unknown-macro `printf`: Unknown macro printf
          help: define it: as a function of the test, with `#define`, or in a macro file
        c::unsupported `extern int`: `extern` in a function is not supported
          help: shared variables are parameters of the threads (`int *x`)
    "#]],
    );
}

#[test]
fn what_is_too_much() {
    check(
        &format!("int r = {}", "(".repeat(5000)),
        expect![[r#"
        c::too-complex `(`: this is nested more than 100 levels deep
    "#]],
    );
    check(
        &format!("*x = 1{};", "+1".repeat(220)),
        expect![[r#"
        c::too-complex `1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1`: this expression is too large
    "#]],
    );
    check_with(
        "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\n#define C(x) B(B(B(x)))\n",
        "C(;)",
        expect![[r#"
            c::too-complex `A`: `A` expands to too much
        "#]],
    );
}
