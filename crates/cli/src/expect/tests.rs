use super::*;
use turnsole::State;

fn report(kind: turnsole::Kind, positive: u64, negative: u64, flags: &[&str], status: Status) -> Report {
    Report {
        name: "T".to_owned(),
        arch: "AArch64".to_owned(),
        model: "M".to_owned(),
        engine: "enumerate",
        engine_reason: std::borrow::Cow::Borrowed(""),
        asked: turnsole::Asked::Counts,
        hash: String::new(),
        kind,
        condition: "exists ([x]=1)".to_owned(),
        status,
        columns: vec!["[x]".to_owned()],
        states: (positive > 0)
            .then(|| State { values: vec!["1".into()], witnesses: positive, satisfies: true })
            .into_iter()
            .chain((negative > 0).then(|| State {
                values: vec!["0".into()],
                witnesses: negative,
                satisfies: false,
            }))
            .collect(),
        positive,
        negative,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        undefined: false,
        candidates: 0,
        diagnostics: Vec::new(),
    }
}

fn simple(positive: u64, negative: u64) -> Report {
    report(turnsole::Kind::Allowed, positive, negative, &[], Status::Complete)
}

fn cut(positive: u64, negative: u64) -> Report {
    let status = Status::Bounded { unroll: 2, at: Vec::new() };
    report(turnsole::Kind::Allowed, positive, negative, &[], status)
}

/// The cases of a test with these comments.
fn cases(comments: &str) -> Vec<Case> {
    let text = format!("AArch64 T\n{comments}\n{{}}\n P0 ;\n NOP ;\nexists ([x]=1)\n");
    let (test, diagnostics) = litmus::parse(syntax::FileId(0), &text);
    assert_eq!(diagnostics, []);
    Expectations::default().cases(&test.unwrap()).0
}

fn outcome(comments: &str, report: &Report) -> Outcome {
    cases(comments)[0].compare(report)
}

#[test]
fn directives_name_models_and_counts() {
    let cases =
        cases("(* run: model=sc.cat variant=mixed expect=Never *)\n(* run: expect=Sometimes negative=3 *)");
    assert_eq!(cases.iter().map(|case| case.label.as_str()).collect::<Vec<_>>(), ["sc.cat, mixed", "run"]);
    assert_eq!(cases[0].ask().model, Some("sc.cat"));
    assert_eq!(cases[0].compare(&simple(0, 3)), Outcome::Pass);
    assert_eq!(
        cases[0].compare(&simple(1, 3)),
        Outcome::Fail(vec!["expected Never, found Sometimes 1 : 3".to_owned()])
    );
    assert_eq!(
        cases[1].compare(&simple(1, 2)),
        Outcome::Fail(vec!["negative: expected 3, found 2".to_owned()])
    );
}

#[test]
fn result_lines_are_read_as_the_kernels_scripts_do() {
    let racy = |positive, negative| {
        report(turnsole::Kind::Allowed, positive, negative, &["data-race"], Status::Complete)
    };
    assert_eq!(outcome("(* Result: Never *)", &simple(0, 3)), Outcome::Pass);
    assert!(matches!(outcome("(* Result: Never *)", &simple(0, 0)), Outcome::Fail(_)));
    assert_eq!(outcome("(* Result: DEADLOCK *)", &simple(0, 0)), Outcome::Pass);
    assert_eq!(outcome("(* Result: Never DATARACE *)", &racy(1, 3)), Outcome::Forgiven);
    assert!(matches!(outcome("(* Result: Never DATARACE *)", &simple(0, 3)), Outcome::Fail(_)));
    assert!(matches!(outcome("(* Result: Never *)", &racy(0, 3)), Outcome::Fail(_)));
    assert!(cases("(* Result: Maybe *)").is_empty());
}

#[test]
fn cut_loops_leave_some_things_open() {
    assert!(matches!(outcome("(* run: expect=Never *)", &cut(0, 3)), Outcome::Unknown(_)));
    assert_eq!(outcome("(* run: expect=Never unroll=2 *)", &cut(0, 3)), Outcome::Pass);
    assert_eq!(outcome("(* run: expect=Sometimes *)", &cut(1, 3)), Outcome::Pass);
    assert!(matches!(outcome("(* run: expect=Never *)", &cut(1, 3)), Outcome::Fail(_)));
}

#[test]
fn kinds_follow_what_can_be_observed() {
    let case = |kind| Case { label: String::new(), expect: Expect::Kind(kind) };
    assert_eq!(case(litmus::Kind::Allowed).compare(&simple(1, 0)), Outcome::Pass);
    assert_eq!(case(litmus::Kind::Forbidden).compare(&simple(0, 1)), Outcome::Pass);
    assert!(matches!(case(litmus::Kind::Forbidden).compare(&simple(1, 1)), Outcome::Fail(_)));
    let required = report(turnsole::Kind::Required, 2, 0, &[], Status::Complete);
    assert_eq!(case(litmus::Kind::Required).compare(&required), Outcome::Pass);
}

#[test]
fn logs_are_compared_at_levels() {
    let log = "Test T Allowed\nStates 2\n[x]=0;\n[x]=1;\nOk\nWitnesses\nPositive: 1 Negative: 3\n\
               Condition exists ([x]=1)\nObservation T Sometimes 1 3\n\n";
    let entry = litmus::read_log(log).remove(0);
    let case = |level| Case { label: String::new(), expect: Expect::Log(Box::new(entry.clone()), level) };
    assert_eq!(case(Level::Counts).compare(&simple(1, 3)), Outcome::Pass);
    assert_eq!(
        case(Level::Counts).compare(&simple(1, 2)),
        Outcome::Fail(vec!["executions: expected 1 : 3, found 1 : 2".to_owned()])
    );
    assert_eq!(case(Level::States).compare(&simple(1, 2)), Outcome::Pass);
    assert_eq!(
        case(Level::States).compare(&simple(1, 0)),
        Outcome::Fail(vec![
            "observation: expected Sometimes, found Always".to_owned(),
            "missing states: [x]=0".to_owned()
        ])
    );
}
