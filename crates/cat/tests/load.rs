//! Models and what they include.

use expect_test::{Expect, expect};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::SourceMap;
use turnsole_cat::ast::{ItemKind, Model};
use turnsole_cat::{Loader, load};

/// Files in memory that counts how often each is asked for.
struct Files(BTreeMap<&'static str, String>, RefCell<Vec<String>>);

impl Loader for Files {
    fn load(&self, name: &str, from: Option<&str>) -> Option<(String, String)> {
        self.1.borrow_mut().push(format!("{} in {}", name, from.unwrap_or("nothing")));
        self.0.get(name).map(|text| (name.to_owned(), text.clone()))
    }
}

fn load_main(files: &[(&'static str, &str)]) -> (Option<Arc<Model>>, String, SourceMap) {
    let files =
        Files(files.iter().map(|(name, text)| (*name, (*text).to_owned())).collect(), RefCell::default());
    let mut sources = SourceMap::new();
    let (model, diagnostics) = load(&files, "main.cat", &mut sources);
    let mut out = String::new();
    for d in &diagnostics {
        let place = sources.position(d.span);
        let name = &sources.file(d.span.file).name;
        out += &format!("{name}:{}:{} {}: {} {:?}\n", place.line, place.column, d.code, d.message, d.help);
    }
    (model, out, sources)
}

fn check(files: &[(&'static str, &str)], expect: Expect) {
    expect.assert_eq(&load_main(files).1);
}

#[test]
fn includes_are_put_in_place_wherever_they_stand() {
    let (model, diagnostics, sources) = load_main(&[
        (
            "main.cat",
            "include \"a\" if \"v\" include \"a\" else include \"b\" end procedure p() = include \"a\" end",
        ),
        ("a", "include \"b\" let x = po"),
        ("b", "let y = po"),
    ]);
    assert_eq!(diagnostics, "");
    assert_eq!(sources.len(), 3, "each file is read once");
    let model = model.expect("it is there");
    let included = |kind: &ItemKind| match kind {
        ItemKind::Include { model: Some(model), .. } => model.clone(),
        other => panic!("{other:?}"),
    };
    let first = included(&model.items[0].kind);
    let ItemKind::If(_, yes, no) = &model.items[1].kind else { panic!() };
    let ItemKind::Procedure { body, .. } = &model.items[2].kind else { panic!() };
    assert!(Arc::ptr_eq(&first, &included(&yes[0].kind)));
    assert!(Arc::ptr_eq(&first, &included(&body[0].kind)));
    assert!(Arc::ptr_eq(&included(&first.items[0].kind), &included(&no[0].kind)));
}

#[test]
fn cycles_are_one_error() {
    check(
        &[
            ("main.cat", "let x = po include \"a\""),
            ("a", "include \"b\""),
            ("b", "\ninclude \"a\" include \"c\""),
            ("c", ""),
        ],
        expect![[r#"
            b:2:1 cat::include-cycle: `a` includes itself Some("the chain is a → b → a")
        "#]],
    );
    check(
        &[("main.cat", "include \"main.cat\"")],
        expect![[r#"
        main.cat:1:1 cat::include-cycle: `main.cat` includes itself Some("the chain is main.cat → main.cat")
    "#]],
    );
}

#[test]
fn missing_files() {
    let (model, diagnostics, _) = load_main(&[]);
    assert!(model.is_none());
    expect![[r#"
        main.cat:1:1 cat::missing-model: there is no model `main.cat` None
    "#]]
    .assert_eq(&diagnostics);
    let (model, diagnostics, _) = load_main(&[("main.cat", "include \"nowhere\"")]);
    assert_eq!(diagnostics, "");
    assert!(matches!(model.expect("it is there").items[0].kind, ItemKind::Include { model: None, .. }));
}

#[test]
fn errors_in_included_files_name_the_file() {
    check(
        &[("main.cat", "include \"a\" include \"a\""), ("a", "let = po")],
        expect![[r#"
        a:1:5 cat::unexpected-token: expected a name or `_`, found `=` None
    "#]],
    );
}

#[test]
fn endless_chains_stop() {
    struct Endless;
    impl Loader for Endless {
        fn load(&self, name: &str, _: Option<&str>) -> Option<(String, String)> {
            Some((name.to_owned(), format!("include \"{name}x\"")))
        }
    }
    let (_, diagnostics) = load(&Endless, "m", &mut SourceMap::new());
    assert_eq!(diagnostics.iter().map(|d| d.code).collect::<Vec<_>>(), ["cat::include-depth"]);
}
