//! Bell files.

use std::sync::Arc;
use syntax::{FileId, has_errors};
use turnsole_cat::bell::{Bell, Kind, collect, set_name};

fn read(text: &str) -> Bell {
    let (model, errors) = turnsole_cat::parse(FileId(0), text);
    assert!(errors.is_empty(), "{errors:?}");
    let (bell, diagnostics) = collect(&model, &|name| name == "new");
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    bell
}

const KERNEL: &str = "\"A kernel\"
enum Accesses = 'ONCE || 'RELEASE || 'ACQUIRE || 'MB
instructions R[Accesses]
instructions W[{'ONCE, 'RELEASE}]
instructions RMW[Accesses]
enum Fences = 'wmb || 'rcu-lock
instructions F[Fences]
if \"new\"
  instructions SRCU[{'srcu-lock}]
else
  instructions SRCU[Fences]
end
enum Sleepy = 'srcu-lock
let matched = let rec m = m | (Rcu-lock * Rcu-unlock) in m
let rec loop = loop | po
flag ~empty loop as looped
let Mb = MB \\ W
default W['ONCE]
";

#[test]
fn declarations_are_collected() {
    let bell =
        read(&KERNEL.replace("enum Sleepy = 'srcu-lock\n", "").replace("if", "enum Sleepy = 'srcu-lock\nif"));
    assert_eq!(bell.title.as_deref(), Some("A kernel"));
    assert_eq!(
        bell.tags().into_iter().collect::<Vec<_>>(),
        ["ACQUIRE", "MB", "ONCE", "RELEASE", "rcu-lock", "srcu-lock", "wmb"]
    );
    assert_eq!(bell.set_names(), ["ACQUIRE", "MB", "ONCE", "RELEASE", "Rcu-lock", "Srcu-lock", "Wmb"]);
    assert!(bell.allows(Kind::Read, &["ACQUIRE"]) && !bell.allows(Kind::Write, &["ACQUIRE"]));
    assert!(!bell.allows(Kind::Fence, &["mb"]) && !bell.allows(Kind::Fence, &["wmb", "wmb"]));
    assert!(bell.allows::<&str>(Kind::Branch, &[]) && !bell.allows(Kind::Branch, &["wmb"]));
    assert!(bell.allows::<&str>(Kind::Write, &[]) && !bell.allows::<&str>(Kind::Read, &[]));
    assert!(bell.allows_in_c(&["wmb"]) && bell.allows_in_c(&["MB"]) && !bell.allows_in_c(&["mb"]));
    assert_eq!(bell.default_annotations(Kind::Write), Some(&[Arc::from("ONCE")][..]));
    assert_eq!(bell.describe(Kind::Write), "W[{'ONCE, 'RELEASE}]");
    assert_eq!(bell.describe(Kind::Srcu), "SRCU['srcu-lock]");
    assert!(bell.scopes.is_none() && bell.regions.is_none());
}

#[test]
fn several_lines_for_one_kind_are_alternatives() {
    let bell =
        read("enum T = 'a || 'b || 'c\ninstructions R['a]\ninstructions R['b, {'a,'c}]\ninstructions F[_]\n");
    assert!(bell.allows(Kind::Read, &["a"]) && bell.allows(Kind::Read, &["b", "c"]));
    assert!(!bell.allows(Kind::Read, &["b"]) && !bell.allows(Kind::Read, &["b", "b"]));
    assert!(bell.allows(Kind::Fence, &["b"]));
    assert_eq!(bell.describe(Kind::Read), "R['a] or R['b, {'a, 'c}]");
}

#[test]
fn scopes_are_ordered() {
    let bell = read(
        "enum scopes = 'system || 'group || 'item
enum regions = 'local || 'global
let narrower t = match t with 'system -> {'group} || 'group -> {'item} end
let wider t = match t with 'item -> {'group} || 'group -> {'system} end
",
    );
    let scopes = bell.scopes.unwrap();
    let pairs: Vec<(&str, &str)> = scopes.narrower.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(pairs, [("group", "item"), ("system", "group")]);
    assert_eq!(bell.regions.unwrap().len(), 2);
    assert!(bell.levels.is_none());
}

fn code(text: &str) -> Vec<&'static str> {
    let (model, _) = turnsole_cat::parse(FileId(0), text);
    let (_, diagnostics) = collect(&model, &|_| false);
    assert!(has_errors(&diagnostics));
    diagnostics.into_iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn mistakes_have_codes() {
    assert_eq!(code("enum T = 'a\ninstructions READ['a]\n"), ["bell::kind"]);
    assert_eq!(code("enum T = 'a\ninstructions R['b]\n"), ["cat::unbound-name"]);
    assert_eq!(code("enum T = 'a\ninstructions R[0]\n"), ["bell::annotation"]);
    assert_eq!(code("enum T = 'a\ndefault R[T]\n"), ["bell::annotation"]);
    assert_eq!(code("enum scopes = 'a || 'b\nlet narrower t = {'a}\n"), ["bell::hierarchy"]);
}

#[test]
fn sets_have_a_capital() {
    assert_eq!(["rcu-lock", "ONCE", ""].map(set_name), ["Rcu-lock", "ONCE", ""]);
}
