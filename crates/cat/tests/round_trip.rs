//! `parse(print(m))` is `m`, and nothing makes the parser or the checker panic.

use proptest::prelude::*;
use std::sync::Arc;
use syntax::{FileId, Span};
use turnsole_cat::{self as cat, ast::*};

fn name() -> impl Strategy<Value = Name> {
    prop::sample::select(vec!["r", "po-loc", "DMB.ISH", "x'", "_y", "f", "withco", "A-", "variants"])
        .prop_map(|text| Name { text: Arc::from(text), span: Span::default() })
}

fn tag() -> impl Strategy<Value = Name> {
    prop::sample::select(vec!["a", "rcu-lock", "let"])
        .prop_map(|text| Name { text: Arc::from(text), span: Span::default() })
}

fn pattern() -> impl Strategy<Value = Pattern> {
    prop::collection::vec(prop::option::of(name()), 0..4).prop_map(|mut names| {
        if names.len() == 1 { Pattern::Name(names.remove(0)) } else { Pattern::Tuple(names) }
    })
}

fn e(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn binding(expr: impl Strategy<Value = Expr>) -> impl Strategy<Value = Binding> {
    (pattern(), name(), pattern(), any::<bool>(), expr).prop_map(
        |(pattern, name, params, is_function, expr)| {
            let span = Span::default();
            if is_function {
                let expr = Arc::new(e(ExprKind::Fun(params, Arc::new(expr))));
                Binding { pattern: Pattern::Name(Some(name)), expr, is_function, span }
            } else {
                Binding { pattern, expr: Arc::new(expr), is_function, span }
            }
        },
    )
}

fn variants() -> impl Strategy<Value = Condition> {
    let leaf = "[a-z]{0,3}".prop_map(|name| Condition::Variant(name, Span::default()));
    leaf.prop_recursive(3, 8, 2, |inner| {
        let two = (inner.clone().prop_map(Box::new), inner.clone().prop_map(Box::new));
        prop_oneof![
            inner.prop_map(|c| Condition::Not(Box::new(c))),
            two.clone().prop_map(|(a, b)| Condition::And(a, b)),
            two.prop_map(|(a, b)| Condition::Or(a, b)),
        ]
    })
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        Just(e(ExprKind::EmptyRelation)),
        Just(e(ExprKind::Empty)),
        Just(e(ExprKind::Universe)),
        Just(e(ExprKind::Tuple(Vec::new()))),
        name().prop_map(|n| e(ExprKind::Var(n.text))),
        tag().prop_map(|n| e(ExprKind::Tag(n.text))),
    ];
    leaf.prop_recursive(5, 40, 4, |x| {
        let b = x.clone().prop_map(Box::new).boxed();
        let unary = prop::sample::select(vec![
            Unary::Complement,
            Unary::Star,
            Unary::Plus,
            Unary::Optional,
            Unary::Inverse,
        ]);
        let binary = prop::sample::select(vec![
            Binary::Union,
            Binary::Intersection,
            Binary::Difference,
            Binary::Sequence,
            Binary::Product,
            Binary::Add,
        ]);
        let bindings = prop::collection::vec(binding(x.clone()), 1..3).boxed();
        let condition = prop_oneof![
            (x.clone(), x.clone()).prop_map(|(l, r)| Condition::Equal(l, r)),
            (x.clone(), x.clone()).prop_map(|(l, r)| Condition::Subset(l, r)),
            (x.clone(), x.clone()).prop_map(|(l, r)| Condition::In(l, r)),
            variants(),
        ];
        let maybe = || prop::option::of(name());
        prop_oneof![
            4 => (unary, b.clone()).prop_map(|(o, x)| e(ExprKind::Unary(o, x))),
            6 => (binary, b.clone(), b.clone()).prop_map(|(o, l, r)| e(ExprKind::Binary(o, l, r))),
            1 => prop::collection::vec(x.clone(), 1..3).prop_map(|v| e(ExprKind::Explicit(v))),
            1 => prop::collection::vec(x.clone(), 2..4).prop_map(|v| e(ExprKind::Tuple(v))),
            1 => b.clone().prop_map(|x| e(ExprKind::IdentityOn(x))),
            1 => (name(), prop::collection::vec(x.clone(), 1..3)).prop_map(|(f, args)| {
                args.into_iter().fold(e(ExprKind::Var(f.text)), |f, a| {
                    e(ExprKind::Apply(Box::new(f), Box::new(a)))
                })
            }),
            1 => (bindings.clone(), b.clone(), any::<bool>()).prop_map(|(bindings, body, rec)| {
                e(if rec { ExprKind::LetRec(bindings, body) } else { ExprKind::Let(bindings, body) })
            }),
            1 => (pattern(), x.clone()).prop_map(|(p, x)| e(ExprKind::Fun(p, Arc::new(x)))),
            1 => (b.clone(), b.clone()).prop_map(|(l, r)| e(ExprKind::Try(l, r))),
            1 => (condition, b.clone(), b.clone())
                .prop_map(|(c, l, r)| e(ExprKind::If(Box::new(c), l, r))),
            1 => (b.clone(), prop::collection::vec((tag(), x.clone()), 1..3), prop::option::of(b.clone()))
                .prop_map(|(s, clauses, d)| e(ExprKind::MatchTag(s, clauses, d))),
            1 => (b.clone(), b.clone(), b.clone(), prop::option::of(maybe()), maybe(), maybe()).prop_map(
                |(set, empty, body, before, element, rest)| {
                    e(ExprKind::MatchSet { set, empty, before, element, rest, body })
                }
            ),
        ]
    })
}

fn check() -> impl Strategy<Value = Check> {
    let test = prop::sample::select(vec![Test::Acyclic, Test::Irreflexive, Test::Empty]);
    (test, any::<bool>(), expr().prop_map(Box::new), prop::option::of(name()))
        .prop_map(|(test, negated, expr, name)| Check { test, negated, expr, name })
}

fn item() -> impl Strategy<Value = ItemKind> {
    let role = prop::sample::select(vec![Role::Require, Role::Flag, Role::UndefinedUnless, Role::Assert]);
    let bindings = || prop::collection::vec(binding(expr()), 1..3);
    let names = || prop::collection::vec(name(), 1..3);
    let args = || prop::collection::vec(expr(), 0..3);
    let leaf = prop_oneof![
        3 => bindings().prop_map(ItemKind::Let),
        2 => (bindings(), prop::option::of(check())).prop_map(|(b, c)| ItemKind::LetRec(b, c)),
        5 => (check(), role).prop_map(|(check, role)| ItemKind::Check { check, role }),
        1 => "[a-z./-]{0,8}".prop_map(|path| ItemKind::Include { path, model: None }),
        1 => names().prop_map(|n| ItemKind::Show(n, None)),
        1 => (name(), expr()).prop_map(|(n, x)| ItemKind::Show(vec![n], Some(Box::new(x)))),
        1 => names().prop_map(ItemKind::Unshow),
        1 => (name(), expr(), prop::option::of(name()))
            .prop_map(|(procedure, args, name)| ItemKind::Call { procedure, args, name }),
        1 => (name(), expr()).prop_map(|(n, x)| ItemKind::With(n, x)),
        1 => expr().prop_map(ItemKind::Debug),
        1 => (name(), args()).prop_map(|(n, a)| ItemKind::Instructions(n, a)),
        1 => (name(), args()).prop_map(|(n, a)| ItemKind::Default(n, a)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        let body = || {
            prop::collection::vec(inner.clone(), 0..3).prop_map(|kinds| -> Arc<[Item]> {
                kinds.into_iter().map(|kind| Item { kind, span: Span::default() }).collect()
            })
        };
        prop_oneof![
            (name(), pattern(), body(), any::<bool>()).prop_map(|(name, params, body, recursive)| {
                ItemKind::Procedure { name, params, body, recursive }
            }),
            (name(), expr(), body()).prop_map(|(n, x, b)| ItemKind::Forall(n, x, b)),
            (expr(), prop::collection::vec((tag(), body()), 1..3), prop::option::of(body()))
                .prop_map(|(x, c, d)| ItemKind::Match(x, c, d)),
            (variants(), body(), body()).prop_map(|(c, yes, no)| ItemKind::If(c, yes, no)),
        ]
    })
}

fn model() -> impl Strategy<Value = Model> {
    let items = prop::collection::vec(
        prop_oneof![
            8 => item(),
            1 => (name(), prop::collection::vec(tag(), 1..3)).prop_map(|(n, t)| ItemKind::Enum(n, t)),
        ],
        0..5,
    );
    let title = prop_oneof![
        Just((None, None)),
        name().prop_map(|n| (Some(n.text.to_string()), Some(n))),
        "[a-z ]{0,6}".prop_map(|t| (Some(t), None)),
        ("[a-z ]{0,6}", name()).prop_map(|(t, n)| (Some(t), Some(n))),
    ];
    (title, any::<bool>(), items).prop_map(|((title, first_word), catdep, kinds)| Model {
        title,
        first_word,
        catdep,
        items: kinds.into_iter().map(|kind| Item { kind, span: Span::default() }).collect(),
    })
}

/// A model as text without its spans.
fn without_spans(model: &Model) -> String {
    let text = format!("{model:?}");
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        let (before, after) = rest.split_at(at);
        out += before;
        rest = &after[after.find('}').map_or(0, |end| end + 1)..];
    }
    out + rest
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn printed_models_parse_to_the_same_model(model in model()) {
        let text = cat::print(&model);
        let (parsed, diagnostics) = cat::parse(FileId(0), &text);
        prop_assert!(diagnostics.is_empty(), "{text}\n{diagnostics:?}");
        prop_assert_eq!(without_spans(&parsed), without_spans(&model), "{}", text);
    }

    #[test]
    fn formatted_models_are_the_same(model in model()) {
        let text = cat::print(&model);
        let formatted = cat::format(FileId(0), &text);
        let formatted = formatted.map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{text}")))?;
        let (parsed, diagnostics) = cat::parse(FileId(0), &formatted);
        prop_assert!(diagnostics.is_empty(), "{formatted}\n{diagnostics:?}");
        prop_assert_eq!(without_spans(&parsed), without_spans(&model), "{}", formatted);
        prop_assert_eq!(cat::format(FileId(0), &formatted), Ok(formatted));
    }

    #[test]
    fn the_checker_copes_with_everything(model in model()) {
        let options = cat::CheckOptions {
            predefined: &|name| (name == "r").then_some(cat::predefined::Kind::Relation),
            predefined_names: &["r"],
            variants: &|name| name.len() % 2 == 0,
            known_variants: &[],
            prelude: &[],
        };
        // From text, so that places differ.
        let (model, _) = cat::parse(FileId(0), &cat::print(&model));
        let first = cat::check(&model, &options);
        prop_assert_eq!(first, cat::check(&model, &options));
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = cat::parse(FileId(0), &String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_tokens_make_the_parser_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "let", "rec", "and", "when", "acyclic", "empty", "show", "as", "fun", "in", "flag", "include", "variant",
            "begin", "end", "procedure", "call", "enum", "match", "with", "forall", "from", "do", "try", "if", "then",
            "else", "subset", "catdep", "instructions", "default", "not", "x", "f", "'a", "\"s\"", "0", "_", "-1",
            "(", ")", "{", "}", "[", "]", "|", "||", "&", "&&", "*", "~", "+", "++", "^", "\\", "?", "=", ";", ",",
            "->", "\n", "\n", "(*", "*)", "é",
        ]), 0..60)
    ) {
        let text = words.join(" ");
        let (model, diagnostics) = cat::parse(FileId(0), &text);
        if let Err(errors) = cat::format(FileId(0), &text) {
            prop_assert!(errors.iter().all(|error| error.code != "cat::format"), "{}", text);
        }
        if diagnostics.is_empty() {
            let printed = cat::print(&model);
            let (again, diagnostics) = cat::parse(FileId(0), &printed);
            prop_assert!(diagnostics.is_empty(), "{printed}\n{diagnostics:?}");
            prop_assert_eq!(without_spans(&again), without_spans(&model), "{}", printed);
        }
    }
}
