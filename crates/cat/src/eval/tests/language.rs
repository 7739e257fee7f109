//! The constructs of the language, one by one.

use super::*;

/// Two threads: events 0 1 2 and 3 4, then the initial writes 5 of x and 6 of y.
fn toy() -> Toy {
    Toy::new(&[&["W x 1", "F", "W y 1"], &["R y 1", "R x 0"]])
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(result_of(&toy(), text), expected, "{text}");
}

#[track_caller]
fn expression(text: &str, expected: &str) {
    check(&format!("let result = {text}"), expected);
}

#[test]
fn constants_and_operators() {
    expression("W", "{0, 2, 5, 6}");
    expression("rf", "{(2, 3), (5, 4)}");
    expression("{}", "{}");
    expression("_", "_");
    expression("0", "{}");
    expression("~W", "{1, 3, 4}");
    expression("~{}", "_");
    expression("~(_ * M) & [F]", "{(1, 1)}");
    expression("[R]", "{(3, 3), (4, 4)}");
    expression("R * IW", "{(3, 5), (3, 6), (4, 5), (4, 6)}");
    expression("W \\ IW | R", "{0, 2, 3, 4}");
    expression("po ; [R]", "{(3, 4)}");
    expression("rf^-1", "{(3, 2), (4, 5)}");
    expression("(rf | po)+ & (F * R)", "{(1, 3), (1, 4)}");
    expression("[F]*", "{(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)}");
    expression("([F] ; po)? \\ id", "{(1, 2)}");
    expression("{}?", "{(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)}");
    expression("W & _", "{0, 2, 5, 6}");
    expression("_ \\ W", "{1, 3, 4}");
    expression("_ | W", "_");
    expression("W & {}", "{}");
    expression("domain rf", "{2, 5}");
    expression("range rf", "{3, 4}");
    expression("po | W", "error: `|` can't combine a relation and a set of events");
    expression("W ; po", "error: expected a relation, found a set of events");
    expression("nowhere", "error: unbound var: nowhere");
}

#[test]
fn lets_are_lazy_and_lexical() {
    check("let bad = nowhere let result = F", "{1}");
    check("let bad = nowhere let result = try bad with F", "{1}");
    check("let a = R let f x = a & x let a = W let result = f M", "{3, 4}");
    check("let R = R & {} let result = R", "{}");
    check("let (a, b) = (R, W) let result = a", "{3, 4}");
    check("let (a, _) = (R, nowhere) let result = a", "error: unbound var: nowhere");
    check("let (a, b) = (R, W, F) let result = a", "error: expected a tuple of 2, found a tuple of 3");
    check("let a = R and b = W let result = let a = b and b = a in a", "{0, 2, 5, 6}");
    check("let swap (a, b) = (b, a) let (x, y) = swap (R, F) let result = x", "{1}");
    check("let const a = fun b -> a let result = const R W", "{3, 4}");
    check("let f x = R let result = f nowhere", "error: unbound var: nowhere");
    check("let f () = R let result = f ()", "{3, 4}");
    check("let f (a, b) = a let result = f R", "error: expected a tuple of 2, found a set of events");
    check("let result = R R", "error: expected a function, found a set of events");
}

#[test]
fn recursion() {
    check("let rec r = po | (r ; r) let result = r & (W * W)", "{(0, 2)}");
    check("let rec a = rf | b and b = a ; po let result = b", "{(2, 4)}");
    // An inner `let rec` and a function between values.
    check("let rec f r = r | s and s = f rf | (s ; po) let result = s & (W * M)", "{(2, 3), (2, 4), (5, 4)}");
    check(
        "let rec size s = match s with {} -> {} || x ++ rest -> {x} | size rest end let result = size W",
        "{0, 2, 5, 6}",
    );
    // Not monotone: the second sees what the first has just become.
    check("let rec left = W \\ taken and taken = IW let result = left", "{0, 2}");
    check("let rec a = R \\ b and b = a let result = (a, b)", "[{}, {}]");
    check("let rec a = F | a and b = a let result = (a, b)", "[{1}, {1}]");
    check("let rec a = W | a when empty a & IW as ok let result = a", "");
    check("let rec a = W | a when empty a & R as ok let result = a", "{0, 2, 5, 6}");
}

#[test]
fn sets_of_values() {
    expression("{R, W}", "{{0, 2, 5, 6}, {3, 4}}");
    expression("{po, rf} & {rf}", "{{(2, 3), (5, 4)}}");
    expression("{{R}, {}}", "{{}, {{3, 4}}}");
    expression("{R, po}", "error: a set can't hold both a set of events and a relation");
    expression("{_}", "error: a set can't hold functions, procedures or `_`");
    expression("R ++ {}", "{{3, 4}}");
    expression("{} ++ {R}", "{{}, {3, 4}}");
    expression("match R with {} -> 0 || x ++ xs -> (x, x) ++ 0 end", "{(3, 3)}");
    expression("match W with {} -> {} || before | x ++ after -> after end", "{6}");
    expression("match W with || x ++ xs -> xs || {} -> {} end", "{2, 5, 6}");
    expression("match rf with {} -> {} || x ++ xs -> xs end", "{(5, 4)}");
    expression("match {R, W} with {} -> {} || x ++ xs -> x end", "{0, 2, 5, 6}");
    expression("match W & R with {} -> F || x ++ xs -> xs end", "{1}");
    expression("map (fun e -> {e}) R", "{{3}, {4}}");
    expression("map (fun e -> e) R", "{3, 4}");
    expression("map domain {po, rf}", "{{0, 1, 3}, {2, 5}}");
}

#[test]
fn enumerations() {
    let with = |text: &str| format!("enum Color = 'red || 'green || 'blue {text}");
    check(&with("let result = Color"), "{'blue, 'green, 'red}");
    check(&with("let result = Color \\ 'red"), "{'blue, 'green}");
    check(&with("let result = ~{'red}"), "{'blue, 'green}");
    check(&with("let result = ~~Color"), "{'blue, 'green, 'red}");
    check(&with("let result = 'red | 'blue"), "{'blue, 'red}");
    check(&with("let result = match 'red with || 'red -> R || _ -> W end"), "{3, 4}");
    check(&with("let result = match 'blue with || 'red -> R || _ -> W end"), "{0, 2, 5, 6}");
    check(&with("let result = match 'blue with || 'red -> R end"), "error: no clause matches 'blue");
    check("let result = 'red", "error: unbound var: 'red");
    check(
        "enum A = 'a enum B = 'b let result = 'a | 'b",
        "error: `|` can't combine a tag of `A` and a tag of `B`",
    );
    check("enum L = 'x || 'y let result = loc2events 'x", "{0, 4, 5}");
}

#[test]
fn conditions() {
    expression("if R = R then F else {}", "{1}");
    expression("if R subset M then F else {}", "{1}");
    expression("if {} subset R then F else {}", "{1}");
    expression("if M subset R then {} else F", "{1}");
    expression("if {} = (R & W) then F else {}", "{1}");
    expression("if R in {R, W} then F else {}", "{1}");
    expression("if R in {W} then {} else F", "{1}");
    expression("if R = po then F else {}", "error: can't compare a set of events and a relation");
    expression(
        "if R = _ then F else {}",
        "error: can't compare a set of events and something empty or universal",
    );
    expression("if \"on\" || not \"off\" && \"off\" then {} else F", "{1}");
    expression("try (try fail R with nowhere) with F", "{1}");
}

#[test]
fn primitives() {
    expression("classes-loc M", "{{0, 4, 5}, {2, 3, 6}}");
    expression("partition W", "{{0, 5}, {2, 6}}");
    expression("classes rf", "{{2, 3}, {4, 5}}");
    expression("linearisations(R, 0)", "{{(3, 4)}, {(4, 3)}}");
    expression("linearisations(R, po)", "{{(3, 4)}}");
    expression("linearisations(R, po | po^-1)", "{}");
    expression("linearisations({}, po)", "{{}}");
    expression("different-values loc & (W * R)", "{(0, 4), (6, 3)}");
    expression("oa-changes(W, rf | po & (F * _))", "{2, 5}");
    expression("oa-changes(_, po)", "{1, 3}");
    expression("at-least-one-writable(W, rf)", "{}");
    expression("delift(lift(classes-loc M, rf)) & (F | R) * R", "{(3, 3), (4, 4)}");
    expression("deliftinter(po, lift(classes-loc M, po))", "{(0, 2), (3, 4)}");
    expression("linearisations(classes-loc W, lift(classes-loc W, po))", "{{([0, 5], [2, 6])}}");
    expression(
        "bisimulation(po, (M * M) & loc)",
        "{(2, 2), (2, 6), (3, 3), (4, 4), (4, 5), (5, 4), (5, 5), (6, 2), (6, 6)}",
    );
    expression("fromto F", "{(0, 2)}");
    expression("if as_transitive (po & (M * F) | po & (F * M)) = po then F else {}", "{}");
    expression("if as_transitive po = po then F else {}", "{1}");
    expression("fail F", "error: `fail` is called on {1}");
}

#[test]
fn checks_and_flags() {
    let judge = |text: &str| {
        let mut seen = Vec::new();
        let model = model(text);
        let skip = ["skipped".to_owned()];
        let environment = Environment { skip_checks: &skip, ..Environment::default() };
        let outcome = run(&[&model], &toy(), &environment, &mut |c| {
            seen.push(format!("{:?}{}", c.flags(), if c.undefined() { " undefined" } else { "" }));
        });
        match outcome {
            Ok(_) => seen.join("\n"),
            Err(error) => format!("stopped: {error}"),
        }
    };
    assert_eq!(
        judge("acyclic po ~empty rf irreflexive rf flag ~empty rf as seen flag empty rf as unseen"),
        "[\"seen\"]"
    );
    assert_eq!(judge("empty rf as nothing"), "");
    assert_eq!(judge("empty rf as skipped"), "[]");
    assert_eq!(judge("undefined_unless empty rf"), "[] undefined");
    assert_eq!(judge("assert empty rf as fine"), "stopped: fine assertion failed, check input test");
    assert_eq!(judge("flag ~empty nowhere as a"), "stopped: unbound var: nowhere");
    assert_eq!(judge("acyclic po | po^-1"), "");
    assert_eq!(
        judge("procedure p(r, s) = empty r & s let W = R end call p(rf, po) flag ~empty W & R as W"),
        "[]"
    );
    assert_eq!(judge("procedure p(r) = empty r end call p(rf)"), "");
    assert_eq!(judge("procedure p(r) = empty r end call p(rf) as skipped"), "[]");
    assert_eq!(judge("forall e in W do empty [e] ; rf end"), "");
    assert_eq!(judge("forall e in W do empty [e] ; po^-1 & rf end flag ~empty W as W"), "[\"W\"]");
    assert_eq!(judge("if \"x\" empty rf else flag ~empty rf as rf end"), "[\"rf\"]");
    assert_eq!(
        judge(
            "enum E = 'a || 'b forall t in E do match t with || 'a -> flag ~empty W as a || _ -> flag ~empty W as b end end"
        ),
        "[\"a\", \"b\"]"
    );
    assert_eq!(judge("procedure rec p(s) = forall e in s do call p(s \\ {e}) end end call p(W)"), "[]");
}

#[test]
fn with_runs_the_rest_once_for_each_choice() {
    check("with s from {R, W, F} let result = s", "{0, 2, 5, 6}\n{1}\n{3, 4}");
    check("with s from {R, W} with t from {R, W} empty s & t let result = s", "{0, 2, 5, 6}\n{3, 4}");
    check("with s from {} let result = s", "");
    check(
        "include \"cross.cat\" with s from cross {{po, rf}, {[R], [F]}} empty s & id \\ (F * F) let result = s & id",
        "{(1, 1)}\n{(1, 1)}",
    );
    check(
        "procedure p() = with s from {R, W} flag ~empty s as s end call p() let result = try s with F",
        "{1}\n{1}",
    );
    check("include \"cos.cat\" let result = fr", "{(4, 0)}");
}

#[test]
fn what_is_shown() {
    let model = model("show rf, po unshow po show po & (W * W) as ww show nowhere as bad");
    let mut shown = Vec::new();
    let result = run(&[&model], &toy(), &Environment::default(), &mut |c| {
        shown = c.shown().into_iter().map(|(name, r)| format!("{name} {}", r.len())).collect();
    });
    assert!(result.is_ok());
    assert_eq!(shown, ["rf 2", "ww 1"]);
}
