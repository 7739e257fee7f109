//! What C becomes, and what is said about C that is wrong.

mod atomics;
mod dump;
mod errors;
mod expressions;
mod macros;
mod statements;
mod structures;

use expect_test::Expect;
use syntax::{FileId, Span};

use crate::c::{GlobalSource, Macros, Parameter, Piece, Source, ThreadSource};

/// Parameters that every test thread has.
const PARAMETERS: &[(&str, &str)] = &[
    ("int*", "x"),
    ("int*", "y"),
    ("int**", "p"),
    ("atomic_int*", "a"),
    ("spinlock_t*", "s"),
    ("uint8_t*", "b"),
    ("uint64_t*", "w"),
    ("int*", "arr"),
];

const DEF: &str = "
READ_ONCE(X) __load{once}(X)
WRITE_ONCE(X,V) { __store{once}(X,V); }
smp_mb() { __fence{mb}; }
smp_store_mb(X,V) { __store{once}(X,V); __fence{mb}; }
atomic_read(X) READ_ONCE(*X)
atomic_inc_and_test(X) __atomic_op_return{mb}(X,+,1) == 0
atomic_andnot(V,X) { __atomic_op(X,&~,V); }
spin_lock(X) { __lock(X); }
spin_trylock(X) __trylock(X)
srcu_read_unlock(X,V) { __srcu{srcu-unlock}(X,V); }
twice(X) X + X
swap(X,Y) { int t = *X; *X = *Y; *Y = t; }
self(X) self(X) + 1
";

/// Text from which pieces are cut, so that spans are right.
fn piece(text: &str, base: usize) -> Piece<'_> {
    Piece { text, span: Span::new(FileId(0), base, base + text.len()) }
}

/// Reads declarations and the body of a thread; shows the tree or what is wrong.
fn read(declarations: &str, body: &str) -> String {
    let (macros, errors) = Macros::parse(FileId(1), DEF);
    assert!(errors.is_empty(), "{errors:?}");
    let span = Span::default();
    let parameters = PARAMETERS.iter().map(|(ty, name)| Parameter { ty, name, span }).collect();
    let base = declarations.len();
    let thread = ThreadSource { id: 0, name_span: span, parameters, body: piece(body, base) };
    let global = GlobalSource { name: "arr", base: "int", atomic: false, pointers: 0, array: Some(4), span };
    let source = Source {
        globals: vec![global],
        declarations: vec![piece(declarations, 0)],
        threads: vec![thread],
        registers: Vec::new(),
    };
    let (unit, diagnostics) = crate::c::parse(&source, &macros);
    if diagnostics.is_empty() {
        let text = dump::dump(&unit);
        let boring =
            |line: &&str| !PARAMETERS.iter().any(|(_, name)| line.starts_with(&format!("global {name}:")));
        return text.lines().filter(boring).map(|line| format!("{line}\n")).collect();
    }
    let all = format!("{declarations}{body}");
    let mut out = String::new();
    for diagnostic in diagnostics {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        let place = all.get(start..end).unwrap_or("(outside)");
        out.push_str(&format!("{} `{place}`: {}\n", diagnostic.code, diagnostic.message));
        if let Some(help) = diagnostic.help {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    out
}

/// Checks the body of a thread.
fn check(body: &str, expected: Expect) {
    expected.assert_eq(&read("", body));
}

/// Checks declarations and the body of a thread.
fn check_with(declarations: &str, body: &str, expected: Expect) {
    expected.assert_eq(&read(declarations, body));
}
