//! What the parser accepts and refuses.

use expect_test::{Expect, expect};
use syntax::{FileId, SourceMap};
use turnsole_cat::{self as cat, parse, print_expr};

fn errors(text: &str) -> String {
    let (_, diagnostics) = parse(FileId(0), text);
    let mut sources = SourceMap::new();
    sources.add("m.cat", text);
    let mut out = String::new();
    for d in &diagnostics {
        let at = sources.position(d.span);
        out += &format!("{}:{} {}: {}", at.line, at.column, d.code, d.message);
        if let Some(help) = &d.help {
            out += &format!(" ({help})");
        }
        out += "\n";
    }
    out
}

fn check(text: &str, expect: Expect) {
    expect.assert_eq(&errors(text));
}

/// How an expression is grouped: everything but names in parentheses.
fn grouped(text: &str) -> String {
    use cat::ast::{ExprKind, ItemKind};
    let (model, diagnostics) = parse(FileId(0), &format!("let x = {text}"));
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
    let ItemKind::Let(bindings) = &model.items[0].kind else { panic!("{text}") };
    fn group(expr: &cat::ast::Expr) -> String {
        match &expr.kind {
            ExprKind::Binary(operator, a, b) => format!("({operator:?} {} {})", group(a), group(b)),
            ExprKind::Unary(operator, a) => format!("({operator:?} {})", group(a)),
            ExprKind::Apply(f, a) => format!("({} @ {})", group(f), group(a)),
            ExprKind::Tuple(parts) => format!("<{}>", parts.iter().map(group).collect::<Vec<_>>().join(", ")),
            ExprKind::IdentityOn(a) => format!("[{}]", group(a)),
            _ => print_expr(expr),
        }
    }
    group(&bindings[0].expr)
}

#[test]
fn operators_group_as_in_herd() {
    let table = [
        "a | b | c",
        "a ; b ; c",
        "a \\ b \\ c",
        "a & b & c",
        "a ++ b ++ c",
        "a ; b & c",
        "a \\ b ; c",
        "a | b ++ c ; d",
        "A * B & loc",
        "loc & A * B",
        "A \\ B * C",
        "~a | b",
        "~a & b",
        "~a^-1",
        "~~a",
        "a ; ~b ; c",
        "r+*",
        "r?^-1",
        "r^-1+",
        "r**",
        "r* * b",
        "r+ * b",
        "a * b^-1",
        "r* ; s",
        "r* & s",
        "(r*)",
        "[r*]",
        "f x y",
        "f(x, y) z+",
        "f [a] ; b",
        "f 'a {b}",
        "a, b ; c",
        "(a, b), c",
        "begin a | b end ; c",
        "x'",
        "_ * W",
        "()",
        "0",
        "a* [W]",
        "f _ 0",
        "_x",
        "_ ; _x",
    ];
    let mut out = String::new();
    for text in table {
        out += &format!("{text:16}{}\n", grouped(text));
    }
    expect![[r#"
        a | b | c       (Union a (Union b c))
        a ; b ; c       (Sequence a (Sequence b c))
        a \ b \ c       (Difference (Difference a b) c)
        a & b & c       (Intersection a (Intersection b c))
        a ++ b ++ c     (Add a (Add b c))
        a ; b & c       (Sequence a (Intersection b c))
        a \ b ; c       (Sequence (Difference a b) c)
        a | b ++ c ; d  (Union a (Add b (Sequence c d)))
        A * B & loc     (Intersection (Product A B) loc)
        loc & A * B     (Intersection loc (Product A B))
        A \ B * C       (Difference A (Product B C))
        ~a | b          (Union (Complement a) b)
        ~a & b          (Intersection (Complement a) b)
        ~a^-1           (Complement (Inverse a))
        ~~a             (Complement (Complement a))
        a ; ~b ; c      (Sequence a (Sequence (Complement b) c))
        r+*             (Star (Plus r))
        r?^-1           (Inverse (Optional r))
        r^-1+           (Plus (Inverse r))
        r**             (Star (Star r))
        r* * b          (Product (Star r) b)
        r+ * b          (Product (Plus r) b)
        a * b^-1        (Product a (Inverse b))
        r* ; s          (Sequence (Star r) s)
        r* & s          (Intersection (Star r) s)
        (r*)            (Star r)
        [r*]            [(Star r)]
        f x y           ((f @ x) @ y)
        f(x, y) z+      (Plus ((f @ <x, y>) @ z))
        f [a] ; b       (Sequence (f @ [a]) b)
        f 'a {b}        ((f @ 'a) @ {b})
        a, b ; c        <a, (Sequence b c)>
        (a, b), c       <<a, b>, c>
        begin a | b end ; c(Sequence (Union a b) c)
        x'              x'
        _ * W           (Product _ W)
        ()              <>
        0               0
        a* [W]          (Product a [W])
        f _ 0           ((f @ _) @ 0)
        _x              _x
        _ ; _x          (Sequence _ _x)
    "#]]
    .assert_eq(&out);
}

#[test]
fn what_herd_refuses_is_refused() {
    let table = [
        "r^+",
        "~r+",
        "~r*",
        "~a * b",
        "A*B*C",
        "A*B+",
        "A*B?",
        "a * ~b",
        "r ; let y = a in y",
        "r | if a = b then c else d",
        "(fun r -> r) x",
        "[W] po",
        "po 1",
        "r - s",
        "r ^ 2",
        "fun x->x",
        "(a",
        "{a, (b}",
        "[a)",
        "try a",
        "if a then b else c",
        "if a = b then c",
        "match a with end",
        "match a with 'x -> b",
        "match a with _ -> b || 'x -> c end",
        "match a with {} -> b end",
        "match a with {} -> b || {} -> c end",
        "fun (x, y) z -> x",
        "empty",
        "'",
        "\"s\"",
        "{let y = a in y}",
        "a,",
        "",
        "let y = a",
        "a b |",
    ];
    let mut out = String::new();
    for text in table {
        let found = errors(&format!("let x = {text}\nlet z = 0"));
        assert!(!found.is_empty(), "{text} was accepted");
        out += &format!("{text}\n    {}", found.replace('\n', "\n    ").trim_end_matches(' '));
    }
    expect![[r#"
        r^+
            1:11 cat::unexpected-token: expected `-1`, found `+` (the inverse is `^-1`; closures have no `^`: `r+` and `r*`)
        ~r+
            1:11 cat::ambiguous-operator: `+` binds as tightly as the `~` before it, so this can be read in two ways (add parentheses)
        ~r*
            1:11 cat::ambiguous-operator: `*` binds as tightly as the `~` before it, so this can be read in two ways (add parentheses)
        ~a * b
            1:12 cat::ambiguous-operator: `*` binds as tightly as the `~` before it, so this can be read in two ways (add parentheses)
        A*B*C
            1:12 cat::ambiguous-operator: `*` binds as tightly as the `*` before it, so this can be read in two ways (add parentheses)
        A*B+
            1:12 cat::ambiguous-operator: `+` binds as tightly as the `*` before it, so this can be read in two ways (add parentheses)
        A*B?
            1:12 cat::ambiguous-operator: `?` binds as tightly as the `*` before it, so this can be read in two ways (add parentheses)
        a * ~b
            1:11 cat::ambiguous-operator: `*` directly before `~` can be read in two ways (put the part from `~` on in parentheses, as in `a * (~b)`)
        r ; let y = a in y
            1:13 cat::unexpected-token: expected an expression, found `let` (put the part from `let` on in parentheses)
        r | if a = b then c else d
            1:13 cat::unexpected-token: expected an expression, found `if` (put the part from `if` on in parentheses)
        (fun r -> r) x
            1:22 cat::missing-operator: there is no operator between this expression and the one before it (missing `;`?)
        [W] po
            1:13 cat::missing-operator: there is no operator between this expression and the one before it (missing `;`?)
        po 1
            1:12 cat::unknown-character: `1` means nothing here (the only number is `0`, the empty relation)
        r - s
            1:11 cat::unknown-character: `-` means nothing here (set difference is written `\`, and the inverse `^-1`)
        r ^ 2
            1:13 cat::unknown-character: `2` means nothing here (the only number is `0`, the empty relation)
            2:1 cat::unexpected-token: expected `-1`, found `let` (the inverse is `^-1`; closures have no `^`: `r+` and `r*`)
        fun x->x
            1:14 cat::unknown-character: `-` belongs to the name before it, so this is no arrow (put a space before `->`)
        (a
            2:1 cat::unexpected-token: expected `)` or an operator, found `let`
        {a, (b}
            1:15 cat::unexpected-token: expected `)` or an operator, found `}`
        [a)
            1:11 cat::unexpected-token: expected `]` or an operator, found `)`
        try a
            2:1 cat::unexpected-token: expected `with` or an operator, found `let`
        if a then b else c
            1:14 cat::unexpected-token: expected `=`, `subset`, `in` or an operator, found `then`
        if a = b then c
            2:1 cat::unexpected-token: expected `else` or an operator, found `let`
        match a with end
            1:22 cat::unexpected-token: expected a clause: a tag, `{}`, or `x ++ xs`, found `end`
        match a with 'x -> b
            2:1 cat::unexpected-token: expected `||`, `end` or an operator, found `let`
        match a with _ -> b || 'x -> c end
            1:29 cat::unexpected-token: expected `end`, found `||` (the clause for `_` comes last)
        match a with {} -> b end
            1:30 cat::unexpected-token: expected `||` and the second clause, found `end`
        match a with {} -> b || {} -> c end
            1:33 cat::unexpected-token: expected the clause `x ++ xs -> …`, found `{`
        fun (x, y) z -> x
            1:20 cat::unexpected-token: expected `->`, found `z`
        empty
            1:9 cat::unexpected-token: expected an expression, found `empty` (`empty` is a test; the empty set is `{}` or `emptyset`)
        '
            1:9 cat::unknown-character: `\'` means nothing here (a tag is a quote and a name, as in `'acquire`)
            2:10 cat::unexpected-token: expected `in`, `and` or an operator, found the end of the file
        "s"
            1:9 cat::unexpected-token: expected an expression, found `"s"`
        {let y = a in y}
            1:10 cat::unexpected-token: expected an expression, found `let` (put the part from `let` on in parentheses)
        a,
            2:1 cat::unexpected-token: expected an expression, found `let`

            2:10 cat::unexpected-token: expected `in`, `and` or an operator, found the end of the file
        let y = a
            2:1 cat::unexpected-token: expected `in`, `and` or an operator, found `let`
        a b |
            2:1 cat::unexpected-token: expected an expression, found `let`
    "#]].assert_eq(&out);
}

#[test]
fn all_instructions_are_read() {
    let text = r#"LKMM "a title"
catdep
(* a (* nested *) comment *) // and another
# and a third
include "stdlib.cat"
enum T = || 'a || 'b-c
let x, _ = (po, rf) in
let (y) = 0 and f _ = {} and g() = _ and h(a, b) = {a, b}
let rec r = x | r; r when ~acyclic r as Loop in
acyclic r
~empty r as B
flag irreflexive r as C
undefined_unless empty r as D
assert ~empty r
show x
show x, y
show x as y
show x | r as y
unshow x, y
procedure p(a, b) = acyclic a | b let c = a end
procedure rec q x = if "v" && not ("w" || variant "u") call q(x) else end end
call p(x, r) as E
call q 0
forall t in T do match t with 'a -> show x || _ -> end end
with co from co-orders
debug try x with y
let m = match t with || 'a -> x || 'b-c -> y end
let n = match s with {} -> 0 || x ++ xs -> n end
let o = match s with xs | x ++ _ -> n || {} -> 0 end
let c = if x = y then let z = a in z else if x in y then 0 else if x subset y then {} else if "v" then _ else x
instructions R[{'a, 'b-c}, T, _]
instructions F[]
default W['a]
"#;
    check(text, expect![[""]]);
    let (model, _) = parse(FileId(0), text);
    assert_eq!(model.title.as_deref(), Some("a title"));
    assert_eq!(model.first_word.as_ref().map(|w| &*w.text), Some("LKMM"));
    assert!(model.catdep);
    expect![[r#"
        LKMM "a title"
        catdep

        include "stdlib.cat"
        enum T = 'a || 'b-c
        let (x, _) = (po, rf)
        let y = 0
          and f _ = {}
          and g() = _
          and h(a, b) = {a, b}
        let rec r = x | r; r when ~acyclic r as Loop
        acyclic r
        ~empty r as B
        flag irreflexive r as C
        undefined_unless empty r as D
        assert ~empty r
        show x
        show x, y
        show x as y
        show x | r as y
        unshow x, y
        procedure p(a, b) =
          acyclic a | b
          let c = a
        end
        procedure rec q x =
          if "v" && not ("w" || "u")
            call q(x)
          end
        end
        call p(x, r) as E
        call q 0
        forall t in T do
          match t with
          || 'a ->
            show x
          || _ ->
          end
        end
        with co from co-orders
        debug try x with y
        let m = match t with 'a -> x || 'b-c -> y end
        let n = match s with {} -> 0 || x ++ xs -> n end
        let o = match s with {} -> 0 || xs | x ++ _ -> n end
        let c = if x = y then let z = a in z else if x in y then 0 else if x subset y then {} else if "v" then _ else x
        instructions R[{'a, 'b-c}, T, _]
        instructions F[]
        default W['a]
    "#]].assert_eq(&cat::print(&model));
}

#[test]
fn titles() {
    let title = |text: &str| {
        let (model, diagnostics) = parse(FileId(0), text);
        format!(
            "{:?} {:?} {} {}",
            model.first_word.map(|w| w.text),
            model.title,
            model.items.len(),
            diagnostics.len()
        )
    };
    let out: Vec<_> =
        ["A B let x = 0", "A \"b\" let x = 0", "A let x = 0", "\"b\" let x = 0", "let x = 0", "", "A"]
            .into_iter()
            .map(title)
            .collect();
    expect![[r#"
        Some("A") Some("B") 1 0
        Some("A") Some("b") 1 0
        Some("A") Some("A") 1 0
        None Some("b") 1 0
        None None 1 0
        None None 0 0
        Some("A") Some("A") 0 0"#]]
    .assert_eq(&out.join("\n"));
}

#[test]
fn reading_goes_on_after_an_error() {
    check(
        "let a = b +\nlet c = ] d\nacyclic a |\nprocedure p(x) =\n  empty x ;\n  show x\nend\nlett x = y\nenum T = a\nacyclic x as\n",
        expect![[r#"
            2:9 cat::unexpected-token: expected an expression, found `]`
            4:1 cat::unexpected-token: expected an expression, found `procedure`
            6:3 cat::unexpected-token: expected an expression, found `show`
            8:1 cat::unexpected-token: expected an instruction, found `lett` (did you mean `let`?)
            9:10 cat::unexpected-token: expected a tag such as `'acquire`, found `a`
            11:1 cat::unexpected-token: expected a name, found the end of the file
        "#]],
    );
}

#[test]
fn slips_get_help() {
    let table = [
        "acylic po",
        "x = po",
        "call p x",
        "let f a b = a",
        "procedure p(x) = enum T = 'a end",
        "let let = a",
        "if \"v\" then show x end",
        "if po show x end",
        "include stdlib.cat",
        "(* never closed",
        "show \"x",
        "let x = a → b",
        "with x in s",
        "let x = 'a and 2",
    ];
    let mut out = String::new();
    for text in table {
        out += &format!("{text}\n    {}", errors(text).replace('\n', "\n    ").trim_end_matches(' '));
    }
    expect![[r#"
        acylic po
            x = po
            1:3 cat::unexpected-token: expected an instruction, found `=` (what is before it was read as part of the instruction above; definitions start with `let`)
        call p x
            1:8 cat::unexpected-token: expected `(`, found `x` (put the argument in parentheses: `call p(x)`)
        let f a b = a
            1:9 cat::unexpected-token: expected `=`, found `b` (a function takes one parameter or a tuple: `let f(a, b) = …`)
        procedure p(x) = enum T = 'a end
            1:18 cat::unexpected-token: expected an instruction, found `enum` (`enum` may not stand inside another instruction)
        let let = a
            1:5 cat::unexpected-token: expected a name or `_`, found `let` (`let` is a reserved word)
        if "v" then show x end
            1:8 cat::unexpected-token: expected an instruction, found `then`
        if po show x end
            1:4 cat::unexpected-token: expected a variant in quotes, such as `"vmsa"`, found `po`
            1:14 cat::unexpected-token: expected an instruction, found `end`
        include stdlib.cat
            1:9 cat::unexpected-token: expected a file name in quotes, found `stdlib.cat`
        (* never closed
            1:1 cat::unterminated-comment: this comment does not end (comments nest: every `(*` needs its own `*)`)
        show "x
            1:6 cat::unterminated-string: this string does not end
            1:8 cat::unexpected-token: expected an expression, found the end of the file
        let x = a → b
            1:11 cat::unknown-character: `→` means nothing here
        with x in s
            1:8 cat::unexpected-token: expected `from`, found `in`
        let x = 'a and 2
            1:16 cat::unknown-character: `2` means nothing here (the only number is `0`, the empty relation)
            1:17 cat::unexpected-token: expected a name or `_`, found the end of the file
    "#]].assert_eq(&out);
}

#[test]
fn deep_nesting_is_refused_and_long_chains_too() {
    let code = |text: &str| {
        let (_, diagnostics) = parse(FileId(0), text);
        let mut codes: Vec<_> = diagnostics.iter().map(|d| d.code).collect();
        codes.dedup();
        codes.join(" ")
    };
    let n = 20_000;
    for text in [
        format!("let x = {}a{}", "(".repeat(n), ")".repeat(n)),
        format!("let x = {}a", "~".repeat(n)),
        format!("let x = a{}", "+ ".repeat(n)),
        format!("let x = a{}", " | a".repeat(n)),
        format!("let x = a{}", " \\ a".repeat(n)),
        format!("let x = f{}", " a".repeat(n)),
        format!("let x = {}a", "fun x -> ".repeat(n)),
        format!("let x = {}a", "let y = a in ".repeat(n)),
        "procedure p(x) = ".repeat(n),
        format!("if {} \"a\" end", "not ".repeat(n)),
        format!("if \"a\" {} end", "&& \"a\" ".repeat(n)),
        format!("let x = if {}\"a\" then b else c", "(".repeat(n)),
        format!("let x = {}", "{".repeat(n)),
        format!("let x = {}", "if a in ".repeat(n)),
        format!("let x = {}", "match a with 'a -> ".repeat(n)),
    ] {
        assert!(code(&text).contains("cat::too-deep"), "{}: {}", &text[..40], code(&text));
    }
    assert_eq!(code(&format!("let x = {}a{}", "(".repeat(100), ")".repeat(100))), "");
    assert_eq!(code(&format!("let x = a{}", " | a".repeat(300))), "");
}
