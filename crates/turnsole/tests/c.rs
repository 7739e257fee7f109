//! Tests in C, from text to report.

use expect_test::{Expect, expect};
use syntax::{FileId, SourceMap};
use turnsole::{Loader, Options, Report};

/// Finds nothing: only what is embedded is used.
struct Nothing;

impl Loader for Nothing {
    fn load(&self, _: &str, _: Option<&str>) -> Option<(String, String)> {
        None
    }
}

fn judged(model: &str, variant: Option<&str>, text: &str) -> Report {
    let options =
        Options { variants: variant.into_iter().map(str::to_owned).collect(), ..Options::default() };
    let (model, errors) = turnsole::load_model(&Nothing, model, &options, &mut SourceMap::new());
    assert_eq!(errors, Vec::new());
    let (test, errors) = turnsole::parse(FileId(0), text);
    assert_eq!(errors, Vec::new());
    let (Some(model), Some(test)) = (model, test) else { panic!("no model or no test") };
    turnsole::simulate(&test, &model, &options)
}

fn check(report: &Report, expected: Expect) {
    let mut text = String::new();
    for state in &report.states {
        let cells = report.columns.iter().zip(&state.values).map(|(name, value)| format!("{name}={value};"));
        text += &format!("{} : {}\n", cells.collect::<Vec<_>>().join(" "), state.witnesses);
    }
    for diagnostic in &report.diagnostics {
        let span = diagnostic.span;
        text += &format!("{} {}..{}: {}\n", diagnostic.code, span.start, span.end, diagnostic.message);
    }
    expected.assert_eq(&text);
}

#[test]
fn structures_and_arrays_in_states() {
    let text = "C T\n{struct s p={1}; int a[2];}\nstruct s { int n; struct s *next; int *q; };\n\
         P0(struct s *p, int *a) { p->next = p; p->q = &a[1]; a[1] = -1; int b[2] = {5, 6}; }\n\
         locations [p; a; p.next; 0:b;]\nexists (p.n=1)\n";
    check(
        &judged("sc.cat", None, text),
        expect![[r#"
        0:b={5,6}; a={0,-1}; p={1,p,a[1]}; p.n=1; p.next=p; : 1
    "#]],
    );
}

#[test]
fn unsigned_and_signed_values() {
    let text = "C T\n{}\nP0(uint8_t *x, int8_t *y) { *x = -1; *y = 255; unsigned r = -1; }\n\
         exists (x=255 /\\ y=-1 /\\ 0:r=4294967295)\n";
    let report = judged("sc.cat", None, text);
    assert_eq!(report.positive, 1);
    check(
        &report,
        expect![[r#"
        0:r=4294967295; [x]=255; [y]=-1; : 1
    "#]],
    );
}

#[test]
fn updates_are_one_event_or_two() {
    let text = "C T\n{}\nP0(atomic_int *x) { atomic_fetch_add(x, 1); }\n\
         P1(atomic_int *x) { atomic_fetch_add(x, 1); }\nforall (x=2)\n";
    check(
        &judged("rc11.cat", None, text),
        expect![[r#"
        [x]=2; : 2
    "#]],
    );
    check(
        &judged("rc11.cat", Some("normw"), text),
        expect![[r#"
        [x]=2; : 2
    "#]],
    );
}

#[test]
fn undefined_behaviour_has_a_place() {
    let text = "C T\n{}\nP0(int *x) { *x = 1; }\nP1(int *x) { int r = 10 / *x; }\nexists (1:r=10)\n";
    check(
        &judged("sc.cat", None, text),
        expect![[r#"
        turnsole::execution 47..58: undefined behaviour: division by zero
    "#]],
    );
}

#[test]
fn undefined_behaviour_counts_only_where_the_model_accepts_it() {
    let text = "C T\n{int x=1;}\nP0(int *x) { *x = 2; *x = 0; }\nP1(int *x) {\n\
         int r0 = *x;\nint r1 = 0;\nif (r0 == 2) r1 = 10 / (*x - 1); }\nexists (1:r1=10)\n";
    // Coherence forbids that the second read sees the initial 1.
    check(
        &judged("sc.cat", None, text),
        expect![[r#"
        1:r1=-10; : 1
        1:r1=0; : 2
        1:r1=10; : 1
    "#]],
    );
}

#[test]
fn variables_that_are_not_there() {
    let text = "C T\n{}\nP0(int *x) { int r1 = *x; }\nexists (0:r11=0)\n";
    check(
        &judged("sc.cat", None, text),
        expect![[r#"
        0:r11=0; : 1
        turnsole::unknown-variable 43..50: thread 0 has no variable `r11`: it is taken to be 0
    "#]],
    );
}

#[test]
fn recursion() {
    let text =
        "C T\n{}\nint f(int n) { return n ? f(n - 1) : 0; }\nP0(int *x) { *x = f(3); }\nexists (x=0)\n";
    check(
        &judged("sc.cat", None, text),
        expect![[r#"
        c::recursion 33..41: `f` calls itself
    "#]],
    );
}
