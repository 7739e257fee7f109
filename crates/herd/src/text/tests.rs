use super::*;
use expect_test::{Expect, expect};
use std::sync::Arc;

fn report(kind: Kind, status: Status) -> Report {
    let state = |values: [&str; 3], witnesses, satisfies| State {
        values: values.map(Arc::from).to_vec(),
        witnesses,
        satisfies,
    };
    Report {
        name: "MP".to_owned(),
        arch: "AArch64".to_owned(),
        model: "M".to_owned(),
        engine: "enumerate",
        engine_reason: std::borrow::Cow::Borrowed(""),
        asked: turnsole::Asked::Counts,
        hash: "0123456789abcdef0123456789abcdef".to_owned(),
        kind,
        condition: "exists (0:X0=1)".to_owned(),
        status,
        columns: ["0:X0", "[x]", "~fault(P0,x)"].map(str::to_owned).to_vec(),
        states: vec![state(["0", "1", ""], 2, false), state(["1", "2", "Fault(P0:L0,x,TagCheck)"], 1, true)],
        positive: 1,
        negative: 2,
        flags: vec!["data-race".to_owned()],
        undefined: false,
        candidates: 7,
        diagnostics: Vec::new(),
    }
}

fn check(report: &Report, extras: Extras, expected: Expect) {
    let mut out = Vec::new();
    write_report(&mut out, report, extras).unwrap();
    expected.assert_eq(&String::from_utf8(out).unwrap());
}

#[test]
fn everything_is_printed() {
    let extras = Extras { time: Some(Duration::from_millis(1234)), candidates: true, decided: false };
    check(
        &report(Kind::Allowed, Status::Complete),
        extras,
        expect![[r"
            Test MP Allowed
            States 2
            0:X0=0; [x]=1;  ~fault(P0,x);
            0:X0=1; [x]=2;  Fault(P0:L0,x,TagCheck);
            Ok
            Witnesses
            Positive: 1 Negative: 2
            Flag data-race
            Condition exists (0:X0=1)
            Observation MP Sometimes 1 2
            Time MP 1.23
            Candidates MP 7
            Hash=0123456789abcdef0123456789abcdef

        "]],
    );
}

#[test]
fn witnesses_of_a_forbidden_outcome_are_those_without_it() {
    let status = Status::Bounded { unroll: 2, at: vec!["L0".to_owned()] };
    let report = Report {
        states: Vec::new(),
        flags: Vec::new(),
        hash: String::new(),
        ..report(Kind::Forbidden, status)
    };
    check(
        &report,
        Extras::default(),
        expect![[r"
            Test MP Forbidden
            States 0
            Loop No
            Witnesses
            Positive: 2 Negative: 1
            Condition exists (0:X0=1)
            Observation MP Sometimes 1 2

        "]],
    );
}

#[test]
fn undefined_programs_have_no_verdict() {
    let (flags, states) = (vec!["*undef*".to_owned()], Vec::new());
    let report = Report { undefined: true, flags, states, ..report(Kind::Required, Status::Complete) };
    check(
        &report,
        Extras { decided: true, ..Extras::default() },
        expect![[r"
            Test MP Required
            States 0
            Undef
            Witnesses
            Positive: 1 Negative: 2
            Flag *undef*
            Condition exists (0:X0=1)
            Observation MP Sometimes 1 2
            Hash=0123456789abcdef0123456789abcdef

        "]],
    );
}

#[test]
fn without_an_answer_nothing_is_printed() {
    check(&report(Kind::Allowed, Status::Timeout), Extras::default(), expect![[""]]);
}
