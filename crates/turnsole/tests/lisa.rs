//! LISA with bell files: annotations as sets, what is allowed, defaults, and groups of threads.

use syntax::{FileId, SourceMap};
use turnsole::{Loader, Observation, Options, Report, Status, load_model, parse, simulate};

const BELL: &str = r#"
"A bell file"
enum Accesses = 'once || 'acquire || 'release
enum Barriers = 'mb
enum scopes = 'system || 'work-group
let narrower(t) = match t with || 'system -> 'work-group || 'work-group -> {} end
instructions R[{'once, 'acquire}]
instructions W[{'once, 'release}]
instructions RMW[Accesses]
instructions F[Barriers]
default R['once]
"#;

/// Releases and acquires order within a work-group only, fences everywhere.
const MODEL: &str = r#"
"Scoped release and acquire"
include "cos.cat"
acyclic po-loc | rf | co | fr as coherence
empty rmw & (fre ; coe) as atomicity
let fenced = po & (_ * Mb) ; po
let near = work-group
let sw = [Release] ; (rfe & near) ; [Acquire]
let hb = (fenced | po ; [Release] | [Acquire] ; po | sw)+
acyclic fenced | rfe | fre | coe as fences
irreflexive hb ; (rfe | fre | coe) as order
let from-threads = [W \ IW] ; rfe
flag ~empty from-threads \ near as far
flag ~empty from-threads \ tag2scope 'system as outside
"#;

struct Files;

impl Loader for Files {
    fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
        let text = match name {
            "scoped.bell" => BELL,
            "scoped.cat" => MODEL,
            _ => return None,
        };
        Some((name.to_owned(), text.to_owned()))
    }
}

fn judge(text: &str) -> Report {
    let (test, errors) = parse(FileId(0), text);
    assert!(errors.is_empty(), "{errors:?}");
    let options = Options { bell: Some("scoped.bell".to_owned()), ..Options::default() };
    let (model, errors) = load_model(&Files, "scoped.cat", &options, &mut SourceMap::new());
    let model = model.unwrap_or_else(|| panic!("{errors:?}"));
    simulate(&test.unwrap(), &model, &options)
}

/// Message passing, with what stands between, and the groups of threads.
fn message_passing(writer: [&str; 2], reader: [&str; 2], sections: &str) -> Report {
    let rows = [
        "P0 | P1 ;".to_owned(),
        format!("w[once] x 1 | {} ;", reader[0]),
        format!("{} | {} ;", writer[0], reader[1]),
        format!("{} | ;", writer[1]),
    ];
    judge(&format!("LISA MP\n{{ x=0; y=0; }}\n{}\n{sections}\nexists (1:r1=1 /\\ 1:r2=0)", rows.join("\n")))
}

const RELEASE: [&str; 2] = ["w[release] y 1", ""];
const ACQUIRE: [&str; 2] = ["r[acquire] r1 y", "r[once] r2 x"];
const TOGETHER: &str = "scopes: (system (work-group P0 P1))";
const APART: &str = "scopes: (system (work-group P0) (work-group P1))";

fn errors(report: &Report) -> Vec<String> {
    report.diagnostics.iter().map(|one| format!("{}: {}", one.code, one.message)).collect()
}

#[test]
fn annotations_are_sets_and_scopes_are_relations() {
    let together = message_passing(RELEASE, ACQUIRE, TOGETHER);
    assert_eq!(
        (together.status.clone(), together.observation()),
        (Status::Complete, Some(Observation::Never))
    );
    assert_eq!(together.flags, Vec::<String>::new());
    let apart = message_passing(RELEASE, ACQUIRE, APART);
    assert_eq!(apart.observation(), Some(Observation::Sometimes));
    assert_eq!(apart.flags, ["far"]);
    let weak = message_passing(["w[once] y 1", ""], ACQUIRE, TOGETHER);
    assert_eq!(weak.observation(), Some(Observation::Sometimes));
}

#[test]
fn what_the_test_does_not_annotate_carries_the_default() {
    let report = message_passing(["f[mb]", "w[once] y 1"], ["r[] r1 y", "f[mb]"], TOGETHER);
    assert_eq!(errors(&report), Vec::<String>::new());
}

#[test]
fn what_the_bell_file_does_not_allow_is_an_error() {
    let report = message_passing(["w[acquire] y 1", ""], ["r[once,acquire] r1 y", "f[wmb]"], "");
    assert_eq!(
        errors(&report),
        [
            "turnsole::unknown-annotation: annotation error, instruction 'w[acquire] y 1' does not match the \
             declarations of W in the bell file",
            "turnsole::unknown-annotation: annotation error, instruction 'r[once,acquire] r1 y' does not match the \
             declarations of R in the bell file",
            "turnsole::unknown-annotation: annotation error, instruction 'f[wmb]' does not match the declarations of \
             F in the bell file",
        ]
    );
    // Writes have no default here.
    let report = message_passing(["w[] y 1", ""], ACQUIRE, "");
    assert_eq!(errors(&report).len(), 1);
}

#[test]
fn groups_that_make_no_sense_are_errors() {
    let error = |sections: &str| errors(&message_passing(RELEASE, ACQUIRE, sections)).join("; ");
    assert_eq!(
        error("scopes: (device P0)"),
        "turnsole::bad-groups: the bell file declares no `device` among its scopes"
    );
    assert_eq!(
        error("scopes: (system P7)"),
        "turnsole::bad-groups: `P7` is no thread of the test, or stands outside of all groups"
    );
    assert_eq!(error("scopes: (system P0"), "turnsole::bad-groups: a `)` is missing");
    assert_eq!(
        error("levels: (l1 P0)"),
        "turnsole::bad-groups: the bell file declares no `l1` among its levels"
    );
    assert_eq!(
        error("regions: x: shared"),
        "turnsole::unsupported-section: `regions` of memory are not supported yet"
    );
}

#[test]
fn fences_between_labels_are_not_simulated() {
    let report = message_passing(["f[mb] {L1} {L2}", "w[once] y 1"], ACQUIRE, "");
    assert_eq!(report.status, Status::Error);
    assert!(errors(&report).join(" ").contains("fences between labels are not simulated"));
}
