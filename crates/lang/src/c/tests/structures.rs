use super::check_with;
use expect_test::expect;

#[test]
fn members_have_offsets() {
    check_with(
        "struct node { char c; int v[2]; struct node *next; spinlock_t lock; };\nstruct node n;\ntypedef struct node node_t;\n",
        "node_t *r = &n; r->v[1] = 2; r->next->c = n.v[0]; spin_lock(&n.lock); WRITE_ONCE(r->v[0], 1);",
        expect![[r#"
            global n: struct node
            P0(; r struct node *) void
              declare r: (r = &n)
              (*(&(*[r].4) + 4*1:int64_t) = 2)
              (*[*[r].16].0 = (int8_t)[*&(*&n.4)])
              Acquire(*&n.24)
              store{once}(*&(*[r].4), 1)
        "#]],
    );
}

#[test]
fn initialisers_are_assignments() {
    check_with(
        "enum colour { RED, GREEN = 5, BLUE };\nint shared = BLUE, *ptr = &shared, list[] = {1, [3] = 2};\n",
        "int a[3] = {1, 2}; struct { int a, b; } s = {.b = *x}; int m[2][2] = {{1}, 2, 3}; s.a = GREEN;",
        expect![[r#"
            global shared: int +0:int=Int(6)
            global ptr: int * +0:int *=Address(GlobalId(0), 0)
            global list: int[4] +0:int=Int(1) +12:int=Int(2)
            P0(; &a int[3], &s struct {…}, &m int[2][2]) void
              declare a: (*&(a) = 1); (*(&(a) + 4*1:int64_t) = 2); (*(&(a) + 4*2:int64_t) = 0)
              declare s: (s.0 = 0); (s.4 = [*&x])
              declare m: (*(int *)&(m) = 1); (*((int *)&(m) + 4*1:int64_t) = 0); (*(int *)(&(m) + 8*1:int64_t) = 2); (*((int *)(&(m) + 8*1:int64_t) + 4*1:int64_t) = 3)
              (s.0 = 5)
        "#]],
    );
}

#[test]
fn structures_are_copied_member_by_member() {
    check_with(
        "struct s { int a; struct { long b; } c; }; struct s g;",
        "struct s l = g; g = l;",
        expect![[r#"
            global g: struct s
            P0(; &l struct s) void
              declare l: (void)((l.0 = [*&g.0]), (l.8.0 = [*&g.8.0]))
              (void)((*&g.0 = [l.0]), (*&g.8.0 = [l.8.0]))
        "#]],
    );
}
