//! What the checker finds, and what it lets pass.

use expect_test::{Expect, expect};
use std::sync::Arc;
use syntax::{Severity, SourceMap};
use turnsole_cat::predefined::Kind;
use turnsole_cat::{CheckOptions, Loader, check as check_model, load_text};

/// The built-in library of these tests.
const LIBRARY: &str = r#"
let emptyset = domain 0
let fencerel(s) = (po & (_ * s)) ; po
let X = try X with emptyset
procedure subset-of(a, b) = empty a \ b end
let map f = let rec image s = match s with {} -> {} || x ++ xs -> f x ++ image xs end in image
let co0 = loc & (W * W)
"#;

struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
        let text = match name {
            "cos.cat" => "with co from linearisations(W, co0) let fr = (rf^-1 ; co) \\ id",
            "wrong.cat" => "let never = nothing acyclic nothing",
            _ => return None,
        };
        Some((name.to_owned(), text.to_owned()))
    }
}

fn predefined(name: &str) -> Option<Kind> {
    match name {
        "W" | "R" | "M" | "F" | "IW" => Some(Kind::Set),
        "po" | "rf" | "loc" | "id" | "ext" | "int" | "po-loc" => Some(Kind::Relation),
        _ => None,
    }
}

fn found(text: &str) -> String {
    let mut sources = SourceMap::new();
    let (library, problems) = load_text(&NoFiles, "stdlib.cat", LIBRARY, &mut sources);
    assert!(problems.is_empty(), "{problems:?}");
    let prelude: Vec<Arc<_>> = library.into_iter().collect();
    let (model, problems) = load_text(&NoFiles, "m.cat", text, &mut sources);
    assert!(problems.is_empty(), "{text}: {problems:?}");
    let options = CheckOptions {
        predefined: &predefined,
        predefined_names: &["W", "R", "M", "F", "IW", "po", "rf", "loc", "id", "ext", "int", "po-loc"],
        variants: &|name| name == "on",
        known_variants: &["on", "off"],
        prelude: &prelude,
    };
    let mut out = String::new();
    for d in check_model(&model.expect("it is there"), &options) {
        let place = sources.position(d.span);
        let kind = if d.severity == Severity::Error { "error" } else { "warning" };
        out += &format!(
            "{}:{}:{} {kind} {}: {}",
            sources.file(d.span.file).name,
            place.line,
            place.column,
            d.code,
            d.message
        );
        if let Some(help) = d.help {
            out += &format!(" ({help})");
        }
        for (span, label) in d.labels {
            let place = sources.position(span);
            out += &format!(" [{}:{} {label}]", place.line, place.column);
        }
        out += "\n";
    }
    out
}

fn table(texts: &[&str], expect: Expect) {
    let mut out = String::new();
    for text in texts {
        out += &format!("{text}\n");
        for line in found(text).lines() {
            out += &format!("    {line}\n");
        }
    }
    expect.assert_eq(&out);
}

#[test]
fn what_is_right_passes() {
    for text in [
        "acyclic po | rf",
        "let ppo = po & (W * M) | fencerel(F) acyclic ppo; [W]",
        "include \"cos.cat\" acyclic po | rf | fr | co as sc",
        "let x = try nothing with po acyclic x",
        "let x = try (try nothing with W ; po) with rf acyclic x",
        "let x = if \"off\" then nothing else po acyclic x",
        "if \"off\" include \"missing\" end acyclic po",
        "if not \"on\" acyclic nothing else acyclic po end",
        "let rec r = po | r; r acyclic r",
        "let rec unmatched = W \\ range(matched) and matched = matched | [unmatched] ; po ; [R] acyclic matched",
        "let rec f s = match s with {} -> 0 || x ++ xs -> ({x} * xs) | f xs end acyclic f W",
        "enum T = 'a || 'b let f t = match t with 'a -> po || 'b -> rf end forall t in T do acyclic f t end",
        "call subset-of(po, rf)",
        "procedure p(a) = acyclic a end procedure q _ = call p(po) end call q()",
        "let (a, b) = (po, W) acyclic a ; [b]",
        "let f g = g po in empty f (domain)",
        "let a = map (fun x -> {x}) W empty a",
        "enum T = 'rcu-lock instructions F[T] flag ~empty Rcu-lock as there acyclic rcu-lock",
        "empty W empty po irreflexive _ ; po acyclic {}",
        "match 'a with 'a -> let x = po || _ -> let x = rf end enum T = 'a acyclic x",
        "acyclic (po | {}) ; ({} \\ po) ; (_ & po)",
        "show nothing, po show nothing as thing acyclic po",
        "let r = W * R | id in let s = [W & R]? acyclic (r ; s)^-1",
        "let _ab = R ++ {} in let p = (fun x -> x) in acyclic p po & ~(W * W)",
        "let f x = x empty f W acyclic f po",
        "with c from {po, rf} acyclic c",
        "with c from linearisations(W, co0) acyclic c",
        "let X = X | W let X = X empty X",
        "empty if W = R then W else R",
        "let c = if R subset W then po else W empty c",
        "let rfx = rf in acyclic rfx flag empty po as odd",
        "let _unused = po acyclic po",
        "let d = domain po empty d & range rf",
    ] {
        assert_eq!(found(text), "", "{text}");
    }
}

#[test]
fn unbound_names() {
    table(
        &[
            "acyclic po-lok",
            "let x = nothing let y = x acyclic y | x",
            "let x = nothing acyclic po",
            "let f r = nothing acyclic po | f po",
            "let f r = nothing acyclic po let g = f",
            "acyclic try nothing with also-nothing",
            "let x = if W = R then nothing else po acyclic x",
            "include \"wrong.cat\"",
            "include \"missing\"",
            "call nothing(po)",
            "call subset-off(po, rf)",
            "call fencerel(F)",
            "procedure p(x) = acyclic nothing end acyclic po",
            "if \"on\" acyclic nothing end",
            "let rec a = b | po and b = nothing acyclic a",
            "let rec a = po | nothing when acyclic a",
            "acyclic (let x = po in y)",
            "acyclic x let x = po",
        ],
        expect![[r#"
            acyclic po-lok
                m.cat:1:9 error cat::unbound-name: nothing is called `po-lok` (did you mean `po-loc`?)
            let x = nothing let y = x acyclic y | x
                m.cat:1:9 error cat::unbound-name: nothing is called `nothing`
            let x = nothing acyclic po
                m.cat:1:9 warning cat::unbound-name: nothing is called `nothing`
            let f r = nothing acyclic po | f po
                m.cat:1:11 error cat::unbound-name: nothing is called `nothing`
            let f r = nothing acyclic po let g = f
                m.cat:1:11 warning cat::unbound-name: nothing is called `nothing`
                m.cat:1:34 warning cat::unused-binding: `g` is never used
            acyclic try nothing with also-nothing
                m.cat:1:26 error cat::unbound-name: nothing is called `also-nothing`
            let x = if W = R then nothing else po acyclic x
                m.cat:1:23 warning cat::unbound-name: nothing is called `nothing`
            include "wrong.cat"
                wrong.cat:1:29 error cat::unbound-name: nothing is called `nothing`
            include "missing"
                m.cat:1:1 error cat::missing-include: the file `missing` to include was not found
            call nothing(po)
                m.cat:1:6 error cat::unbound-procedure: there is no procedure `nothing`
            call subset-off(po, rf)
                m.cat:1:6 error cat::unbound-procedure: there is no procedure `subset-off` (did you mean `subset-of`?)
            call fencerel(F)
                m.cat:1:6 error cat::unbound-procedure: there is no procedure `fencerel` (`fencerel` is defined, but not with `procedure`)
            procedure p(x) = acyclic nothing end acyclic po
                m.cat:1:11 warning cat::unused-binding: `p` is never called
                m.cat:1:26 warning cat::unbound-name: nothing is called `nothing`
            if "on" acyclic nothing end
                m.cat:1:17 error cat::unbound-name: nothing is called `nothing`
            let rec a = b | po and b = nothing acyclic a
                m.cat:1:28 error cat::unbound-name: nothing is called `nothing`
            let rec a = po | nothing when acyclic a
                m.cat:1:18 error cat::unbound-name: nothing is called `nothing`
            acyclic (let x = po in y)
                m.cat:1:24 error cat::unbound-name: nothing is called `y` (did you mean `x`?)
            acyclic x let x = po
                m.cat:1:9 error cat::unbound-name: nothing is called `x` (it is defined elsewhere, but names are visible below their definition only)
        "#]],
    );
}

#[test]
fn wrong_kinds() {
    table(
        &[
            "acyclic W ; po",
            "acyclic po | W",
            "empty po \\ W",
            "let x = R in acyclic x+",
            "acyclic [po]",
            "let ppo = [W]* [R] acyclic ppo",
            "acyclic po* [R]",
            "acyclic po * W",
            "acyclic W",
            "acyclic domain W",
            "acyclic po rf",
            "acyclic fencerel(po)",
            "call subset-of(po)",
            "call subset-of(po, W)",
            "let (a, b) = (po, rf, id) acyclic a",
            "let f(a, b) = a | b acyclic f(po, rf, id)",
            "let f(a, b) = a | b acyclic f po",
            "empty fencerel | po",
            "empty ~fencerel",
            "empty subset-of po",
            "enum T = 'a empty T | W",
            "match po with 'a -> show po || _ -> end acyclic po",
            "let r = match domain with {} -> 0 || x ++ xs -> po end acyclic r",
            "let f x = x ; W acyclic po let g = f",
            "forall x in W do acyclic x end",
        ],
        expect![[r#"
            acyclic W ; po
                m.cat:1:9 error cat::wrong-kind: `;` needs a relation, but `W` is a set of events (the identity on it is `[W]`)
            acyclic po | W
                m.cat:1:9 error cat::mixed-kinds: `|` needs two values of one kind, but `po` is a relation and `W` is a set of events (the identity on a set is `[…]`, and `s * _` relates it to everything) [1:9 a relation] [1:14 a set of events]
            empty po \ W
                m.cat:1:7 error cat::mixed-kinds: `\` needs two values of one kind, but `po` is a relation and `W` is a set of events (the identity on a set is `[…]`, and `s * _` relates it to everything) [1:7 a relation] [1:12 a set of events]
            let x = R in acyclic x+
                m.cat:1:22 error cat::wrong-kind: `+` needs a relation, but `x` is a set of events (the identity on it is `[x]`)
            acyclic [po]
                m.cat:1:10 error cat::wrong-kind: `[…]` needs a set of events, but `po` is a relation (a set is made of a relation by `domain` and `range`)
            let ppo = [W]* [R] acyclic ppo
                m.cat:1:11 error cat::wrong-kind: `*` makes a relation of two sets, but `[W]` is a relation (missing `;`? `r* [S]` reads as the product of `r` and `[S]`) [1:11 a relation]
            acyclic po* [R]
                m.cat:1:9 error cat::wrong-kind: `*` makes a relation of two sets, but `po` is a relation (missing `;`? `r* [S]` reads as the product of `r` and `[S]`) [1:9 a relation]
            acyclic po * W
                m.cat:1:9 error cat::wrong-kind: `*` makes a relation of two sets, but `po` is a relation [1:9 a relation]
            acyclic W
                m.cat:1:9 error cat::wrong-kind: `acyclic` needs a relation, but `W` is a set of events (the identity on it is `[W]`)
            acyclic domain W
                m.cat:1:9 error cat::wrong-kind: `acyclic` needs a relation, but `domain W` is a set of events (the identity on it is `[domain W]`)
                m.cat:1:16 error cat::wrong-kind: `domain` needs a relation, but `W` is a set of events (the identity on it is `[W]`)
            acyclic po rf
                m.cat:1:9 error cat::not-a-function: `po` is a relation, not a function (missing `;`?)
            acyclic fencerel(po)
                m.cat:1:9 error cat::wrong-kind: `*` makes a relation of two sets, but `s` is a relation [3:25 here, in what is called]
            call subset-of(po)
                m.cat:1:15 error cat::wrong-tuple: a tuple of 2 is needed here, but this is a relation
            call subset-of(po, W)
                m.cat:1:1 error cat::mixed-kinds: `\` needs two values of one kind, but `a` is a relation and `b` is a set of events (the identity on a set is `[…]`, and `s * _` relates it to everything) [5:35 here, in what is called]
            let (a, b) = (po, rf, id) acyclic a
                m.cat:1:14 error cat::wrong-tuple: a tuple of 2 is needed here, but this is a tuple of 3
            let f(a, b) = a | b acyclic f(po, rf, id)
                m.cat:1:29 error cat::wrong-tuple: a tuple of 2 is needed here, but this is a tuple of 3
            let f(a, b) = a | b acyclic f po
                m.cat:1:29 error cat::wrong-tuple: a tuple of 2 is needed here, but this is a relation
            empty fencerel | po
                m.cat:1:7 error cat::wrong-kind: `|` needs sets or relations, but `fencerel` is a function
            empty ~fencerel
                m.cat:1:8 error cat::wrong-kind: `~` needs a set or a relation, but `fencerel` is a function
            empty subset-of po
                m.cat:1:7 error cat::not-a-function: `subset-of` is a procedure, which is used with `call`, not a function
            enum T = 'a empty T | W
                m.cat:1:19 error cat::mixed-kinds: `|` needs two values of one kind, but `T` is a tag or a set of tags, sets or relations and `W` is a set of events [1:19 a tag or a set of tags, sets or relations] [1:23 a set of events]
            match po with 'a -> show po || _ -> end acyclic po
                m.cat:1:7 error cat::wrong-kind: a match on tags needs a tag, but `po` is a relation
            let r = match domain with {} -> 0 || x ++ xs -> po end acyclic r
                m.cat:1:15 error cat::wrong-kind: a match on `{}` needs a set, but `domain` is a function
            let f x = x ; W acyclic po let g = f
                m.cat:1:15 warning cat::wrong-kind: `;` needs a relation, but `W` is a set of events (the identity on it is `[W]`)
                m.cat:1:32 warning cat::unused-binding: `g` is never used
            forall x in W do acyclic x end
                m.cat:1:26 warning cat::wrong-kind: `acyclic` needs a relation, but `x` is a set of events (the identity on it is `[x]`)
        "#]],
    );
}

#[test]
fn doubtful_text() {
    table(
        &[
            "let x = po let y, z = (po, po) procedure p() = end acyclic po",
            "let x = po let y, z = (po, po) acyclic z",
            "flag ~empty po",
            "enum T = 'a || 'b let f t = match t with 'a -> po end acyclic f 'b",
            "enum T = 'acquire || 'b acyclic (match 'aquire with 'b -> po || _ -> rf end)",
            "enum T = 'a || 'b enum U = 'c acyclic (match 'a with 'a -> po || 'c -> rf end)",
            "enum T = 'a || 'b match 'a with 'a -> show po end acyclic po",
            "let x = if \"of\" then W else po acyclic x if \"ON\" || \"onn\" show x end",
        ],
        expect![[r#"
            let x = po let y, z = (po, po) procedure p() = end acyclic po
                m.cat:1:16 warning cat::unused-binding: `y` and what is bound with it are never used
                m.cat:1:42 warning cat::unused-binding: `p` is never called
            let x = po let y, z = (po, po) acyclic z
            flag ~empty po
                m.cat:1:1 warning cat::unnamed-flag: this flag has no name, so nothing shows that it was raised (add `as` and a name)
            enum T = 'a || 'b let f t = match t with 'a -> po end acyclic f 'b
                m.cat:1:29 warning cat::missing-clause: there is no clause for `'b` (add a clause `_ -> …`)
            enum T = 'acquire || 'b acyclic (match 'aquire with 'b -> po || _ -> rf end)
                m.cat:1:40 warning cat::unknown-tag: no enum has the tag `'aquire` (did you mean `acquire`?)
            enum T = 'a || 'b enum U = 'c acyclic (match 'a with 'a -> po || 'c -> rf end)
                m.cat:1:66 warning cat::wrong-tag: `'c` is no tag of `T`, as the other clauses are
            enum T = 'a || 'b match 'a with 'a -> show po end acyclic po
                m.cat:1:19 warning cat::missing-clause: there is no clause for `'b` (add a clause `_ -> …`)
            let x = if "of" then W else po acyclic x if "ON" || "onn" show x end
                m.cat:1:12 warning cat::unknown-variant: there is no variant `of`, so it is always off (did you mean `on`?)
                m.cat:1:53 warning cat::unknown-variant: there is no variant `onn`, so it is always off (did you mean `on`?)
        "#]],
    );
}

#[test]
fn nothing_runs_away() {
    let chain: String = (1..3000).map(|i| format!("let x{i} = x{} | po\n", i - 1)).collect();
    assert_eq!(found(&format!("let x0 = po {chain} acyclic x2999")), "");
    let calls: String = (1..60).map(|i| format!("let f{i} x = f{} (f{} x)\n", i - 1, i - 1)).collect();
    assert_eq!(found(&format!("let f0 x = x {calls} acyclic f59 po")), "");
    assert_eq!(found("let rec f x = f (f (f x)) | g x and g x = f (g x) acyclic f po"), "");
    assert_eq!(found("procedure rec p(x) = call p(x) call p(x) end call p(po)"), "");
    assert_eq!(found("let d f = f f in empty d (d)"), "");
}
