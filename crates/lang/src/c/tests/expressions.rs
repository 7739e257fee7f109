use super::check;
use expect_test::expect;

#[test]
fn operators_bind_as_in_c() {
    check(
        "int r = 1 + 2 * 3 - 4 << 1 < 5 == 6 & 7 ^ 8 | 9 && 10 || 11;",
        expect![[r#"
        P0(; r int) void
          declare r: (r = ((((((((((1 Add (2 Mul 3):int):int Sub 4):int Shl 1):int Lt 5):int Eq 6):int And 7):int Xor 8):int Or 9):int && 10) || 11))
    "#]],
    );
    check(
        "int r = 1 - 2 - 3, q = r ? 1 : r ? 2 : 3; r = q = ~r;",
        expect![[r#"
        P0(; r int, q int) void
          declare r: (r = ((1 Sub 2):int Sub 3):int)
          declare q: (q = ([r] ? 1 : ([r] ? 2 : 3):int):int)
          (r = (q = Not([r])))
    "#]],
    );
    check(
        "int r = -*x + !*y; r = (*x)++ + ++*y; r = (*x)--;",
        expect![[r#"
        P0(; r int) void
          declare r: (r = (Neg([*&x]) Add LogicalNot([*&y])):int)
          (r = ((*&x post+1) Add (*&y pre+1)):int)
          (r = (*&x post-1))
    "#]],
    );
}

#[test]
fn widths_and_signs_are_kept() {
    check(
        "unsigned r = *b; r = *b + *w; long q = r; q = *b << 2; _Bool f = q; char c = 300;",
        expect![[r#"
        P0(; r unsigned int, q int64_t, f bool, c int8_t) void
          declare r: (r = (unsigned int)[*&b])
          (r = (unsigned int)((uint64_t)[*&b] Add [*&w]):uint64_t)
          declare q: (q = (int64_t)[r])
          (q = (int64_t)((int)[*&b] Shl 2):int)
          declare f: (f = (bool)[q])
          declare c: (c = 44:int8_t)
    "#]],
    );
    check(
        "*b += 1; *x <<= *w; *w |= *b; *b >>= 1;",
        expect![[r#"
        P0() void
          (*&b Add=int 1)
          (*&x Shl=int [*&w])
          (*&w Or=uint64_t (uint64_t)[*&b])
          (*&b Shr=int 1)
    "#]],
    );
    check(
        "int r = sizeof(int) + sizeof *w + sizeof(long*); r = (unsigned char)*x;",
        expect![[r#"
        P0(; r int) void
          declare r: (r = (int)((4:uint64_t Add 8:uint64_t):uint64_t Add 8:uint64_t):uint64_t)
          (r = (int)(uint8_t)[*&x])
    "#]],
    );
    check(
        "unsigned __int128 r = 0xffffffffffffffffffff; long q = 0777; q = 0b101 + 'a' + '\\n' + 10ul;",
        expect![[r#"
        P0(; r unsigned __int128, q int64_t) void
          declare r: (r = 1208925819614629174706175:unsigned __int128)
          declare q: (q = 511:int64_t)
          (q = (int64_t)((uint64_t)((5 Add 97):int Add 10):int Add 10:uint64_t):uint64_t)
    "#]],
    );
}

#[test]
fn pointers_know_what_they_point_to() {
    check(
        "int *r = *p; r++; r += 2; *r = r - *p; r = &r[2]; int q = r[1] + 2[r]; q = r == NULL;",
        expect![[r#"
        P0(; r int *, q int) void
          declare r: (r = [*&p])
          (r post+4)
          (r Add=int * (2:int64_t Mul 4:int64_t):int64_t)
          (*[r] = (int)([r] - [*&p])/4)
          (r = ([r] + 4*2:int64_t))
          declare q: (q = ([*([r] + 4*1:int64_t)] Add [*([r] + 4*2:int64_t)]):int)
          (q = ([r] Eq 0:int *):int)
    "#]],
    );
    check(
        "int **q = &*p; int *r = arr; q = p;",
        expect![[r#"
        P0(; q int **, r int *) void
          declare q: (q = &p)
          declare r: (r = &arr)
          (q = &p)
    "#]],
    );
    check(
        "int r; int *q = &r; *q = 1; *&r = 2;",
        expect![[r#"
        P0(; &r int, q int *) void
          declare r:
          declare q: (q = &(r))
          (*[q] = 1)
          (r = 2)
    "#]],
    );
    check(
        "intptr_t r = *x; int q = *(int *)r; q = *r; *x = y; q = *x ^ *p;",
        expect![[r#"
        P0(; r int64_t, q int) void
          declare r: (r = (int64_t)[*&x])
          declare q: (q = [*(int *)[r]])
          (q = (int)[*[r]])
          (*&x = (int)&y)
          (q = (int)((uint64_t)[*&x] Xor (uint64_t)[*&p]):uint64_t)
    "#]],
    );
}

#[test]
fn sequence_points_are_nodes() {
    check(
        "int r = (*x = 1, *y); r = *x && *y || !r; r = *x ? *y : 0;",
        expect![[r#"
        P0(; r int) void
          declare r: (r = ((void)(*&x = 1), [*&y]))
          (r = (([*&x] && [*&y]) || LogicalNot([r])))
          (r = ([*&x] ? [*&y] : 0):int)
    "#]],
    );
    check(
        "int r = ({ int q = *x; q + 1; });",
        expect![[r#"
        P0(; r int, q int) void
          declare r: (r = {declare q: (q = [*&x]); ([q] Add 1):int})
    "#]],
    );
}

#[test]
fn variables_of_one_name_beside_each_other_are_one() {
    check(
        "{ int r = 1; } { int r = 2; } { long r = 3; } int q; { int q = 4; }",
        expect![[r#"
        P0(; r int, r? int64_t, q int, q? int) void
          block
            declare r#0: (r#0 = 1)
          block
            declare r#0: (r#0 = 2)
          block
            declare r#1: (r#1 = 3:int64_t)
          declare q#2:
          block
            declare q#3: (q#3 = 4)
    "#]],
    );
    check(
        "if (*x) r1 = *y; else r1 = 2; int r2 = r1;",
        expect![[r#"
        P0(; r1 int, r2 int) void
          if [*&x]
            (r1 = [*&y])
          else
            (r1 = 2)
          declare r2: (r2 = [r1])
    "#]],
    );
}
