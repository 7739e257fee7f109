//! Models that go on for too long, too deep or too wide get an error.

use super::super::Interruption;
use super::*;

#[track_caller]
fn limit(text: &str) {
    let environment = Environment {
        limits: super::super::Limits { steps: 200_000, elements: 1_000, ..Default::default() },
        ..Environment::default()
    };
    let toy = Toy::new(&[&["W x 1", "W x 2", "W x 3", "W x 4"], &["W x 5", "W x 6", "W x 7", "W x 8"]]);
    let error = run(&[&model(text)], &toy, &environment, &mut |_| {}).expect_err("a limit");
    assert_eq!(error.kind, ErrorKind::Limit, "{error}");
}

#[test]
fn endless_recursion() {
    limit("let rec f x = f x empty f W");
    limit("let rec f x = f x ; f x empty f W");
    limit("let rec f x = try f x with f x empty f W");
    limit("procedure rec p() = call p() end call p()");
    limit("procedure rec p() = call p() empty {} end call p()");
}

#[test]
fn fixpoints_that_do_not_settle() {
    let swap =
        "match W with {} -> 0 || x ++ xs -> match xs with {} -> 0 || y ++ ys -> {(x, y), (y, x)} end end";
    let first = "match W with {} -> {} || x ++ xs -> {x} end";
    limit(&format!(
        "let swap = {swap} let rec c = if c = {{}} then {first} else range ([c] ; swap) ~empty c"
    ));
}

#[test]
fn sets_that_grow_too_large() {
    limit("empty linearisations(W, 0)");
}

#[test]
fn long_chains_of_bindings() {
    let mut text = String::from("let a = W\n");
    for _ in 0..5_000 {
        text.push_str("let a = a | a\nlet f x = a\nprocedure p() = empty a end\n");
    }
    let model = model(&text);
    let toy = Toy::new(&[&["W x 1"]]);
    let summary = run(&[&model], &toy, &Environment::default(), &mut |_| {}).expect("nothing is computed");
    assert_eq!(summary.accepted, 1);
    text.push_str("~empty a");
    limit(&text);
}

#[test]
fn who_waits_no_longer_says_so() {
    for why in [Interruption::Stopped, Interruption::OutOfMemory] {
        let environment = Environment { watch: &|_| Err(why), ..Environment::default() };
        let toy = Toy::new(&[&["W x 1", "W x 2", "W x 3"], &["W x 4", "W x 5", "W x 6"]]);
        for text in ["let rec f x = try f x with f x empty f W", "empty linearisations(W, 0)"] {
            let error = run(&[&model(text)], &toy, &environment, &mut |_| {}).expect_err("an interruption");
            assert_eq!(error.kind, ErrorKind::Interrupted(why), "{text}");
        }
    }
}

#[test]
fn sets_say_what_they_take() {
    let most = std::cell::Cell::new(0);
    let watch = |bytes: u64| {
        most.set(most.get().max(bytes));
        Ok(())
    };
    let environment = Environment { watch: &watch, ..Environment::default() };
    let toy = Toy::new(&[&["W x 1", "W x 2", "W x 3"], &["W x 4", "W x 5", "W x 6"]]);
    run(&[&model("empty po & linearisations(W, po)")], &toy, &environment, &mut |_| {})
        .expect_err("a type error");
    // Twenty interleavings of six writes, each a relation over seven events.
    assert!(most.get() >= 20 * 7 * 8, "{}", most.get());
}
