//! Printing a test and reading it again gives the same test.

use proptest::prelude::*;
use syntax::{FileId, Span};
use turnsole_litmus::*;

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,3}".prop_filter("words of the format", |word| {
        let reserved = [
            "not",
            "true",
            "false",
            "exists",
            "forall",
            "final",
            "locations",
            "filter",
            "observed",
            "cases",
            "with",
            "instr",
            "label",
            "fault",
            "scopes",
            "levels",
            "regions",
            "int",
            "void",
        ];
        !reserved.contains(&word.as_str())
    })
}

fn register() -> impl Strategy<Value = Place> {
    (0u32..3, prop_oneof!["X[0-9]{1,2}", "r[0-9]", "%[a-z]{1,3}", "\\$[0-9]"])
        .prop_map(|(thread, name)| Place::Reg { thread, name })
}

fn int() -> impl Strategy<Value = Int> {
    prop_oneof![
        any::<i64>().prop_map(|value| Int::new(value.into())),
        (-3i128..4).prop_map(Int::new),
        any::<u32>().prop_map(|value| Int { value: value.into(), text: Some(format!("0x{value:X}").into()) }),
    ]
}

fn leaf_value() -> BoxedStrategy<Literal> {
    prop_oneof![
        4 => int().prop_map(Literal::Int),
        4 => name().prop_map(Literal::Name),
        1 => "[a-z] [a-z]".prop_map(Literal::Name),
        1 => (name(), 0u64..5).prop_map(|(name, index)| Literal::Cell { name, index }),
        1 => (name(), -9i128..9).prop_map(|(name, offset)| Literal::Offset { name: name.into(), offset }),
        1 => (0u32..3, "L[0-9]{1,2}").prop_map(|(thread, name)| Literal::Label { thread, name }),
        1 => Just(Literal::Instruction("ADD X0,X0,#1".to_owned())),
        1 => Just(Literal::Instruction("NOP".to_owned())),
        1 => name().prop_map(|tag| Literal::Tags(vec![tag])),
        1 => prop::collection::vec(name(), 2..4).prop_map(Literal::Tags),
        1 => (name(), name())
            .prop_map(|(base, tag)| Literal::Tagged { base: Box::new(Literal::Name(base)), tag }),
    ]
    .boxed()
}

fn value() -> impl Strategy<Value = Literal> {
    leaf_value().prop_recursive(3, 12, 3, |inner| {
        let plain_arguments = prop::collection::vec(inner.clone(), 0..3);
        let field = (name(), prop::option::of(inner)).prop_map(|(name, value)| Field { name, value });
        prop_oneof![
            (name(), plain_arguments).prop_map(|(function, arguments)| Literal::Call { function, arguments }),
            prop::collection::vec(field, 1..3).prop_map(Literal::Record),
        ]
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        4 => register(),
        1 => "%[a-z]{1,3}".prop_map(Place::SymbolicReg),
        4 => name().prop_map(Place::Mem),
        1 => "[a-z] [a-z]".prop_map(Place::Mem),
        1 => (name(), 0u64..4).prop_map(|(name, index)| Place::Cell { name, index }),
        1 => name().prop_map(|name| Place::Deref(Box::new(Place::Mem(name)))),
        1 => name().prop_map(|name| Place::Special(Box::new(Literal::Call {
            function: "PTE".to_owned(),
            arguments: vec![Literal::Name(name)],
        }))),
        1 => name().prop_map(|name| Place::Special(Box::new(Literal::Offset { name: name.into(), offset: 8 }))),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    (0u32..3, prop::option::of("L[0-9]"), prop::option::of(name()), any::<bool>()).prop_map(
        |(thread, label, location, kind)| Fault {
            thread,
            label,
            location: location.map(Literal::Name),
            kind: kind.then(|| "MMU:Translation".to_owned()),
        },
    )
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        5 => value().prop_map(Operand::Literal),
        1 => prop::collection::vec(int().prop_map(Literal::Int), 1..3).prop_map(|cells| Operand::Literal(Literal::Vector(cells))),
        1 => name().prop_map(|name| Operand::Place(Place::Mem(name))),
        1 => "%[a-z]{1,3}".prop_map(|name| Operand::Place(Place::SymbolicReg(name))),
        1 => (0u32..3, "%[a-z]").prop_map(|(thread, name)| Operand::Place(Place::Reg { thread, name })),
    ]
}

fn atom() -> impl Strategy<Value = Prop> {
    let span = Span::default();
    let op = prop_oneof![Just(CompareOp::Eq), Just(CompareOp::Ne)];
    prop_oneof![
        6 => (place(), op, operand())
            .prop_map(move |(place, op, value)| Prop::Atom(Atom::Compare { place, op, value, span })),
        1 => fault().prop_map(move |fault| Prop::Atom(Atom::Fault { fault: Box::new(fault), span })),
        1 => prop_oneof![Just(Prop::True), Just(Prop::False)],
    ]
}

fn prop() -> impl Strategy<Value = Prop> {
    atom().prop_recursive(6, 40, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|prop| Prop::Not(Box::new(prop))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Prop::and),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Prop::or),
            (inner.clone(), inner).prop_map(|(a, b)| Prop::Implies(Box::new(a), Box::new(b))),
        ]
    })
}

fn quantifier() -> impl Strategy<Value = Quantifier> {
    prop_oneof![
        Just(Quantifier::Exists),
        Just(Quantifier::NotExists),
        Just(Quantifier::Forall),
        Just(Quantifier::Final),
    ]
}

fn base_type() -> impl Strategy<Value = Type> {
    let base = prop_oneof![Just("int"), Just("uint64_t"), Just("unsigned long")];
    (any::<bool>(), base, 0u32..3).prop_map(|(atomic, base, pointers)| Type {
        atomic,
        base: base.to_owned(),
        pointers,
        array: None,
    })
}

fn binding() -> impl Strategy<Value = Binding> {
    let target =
        prop_oneof![register(), name().prop_map(Place::Mem), "%[a-z]{1,3}".prop_map(Place::SymbolicReg)];
    let span = Span::default();
    let scalar = (prop::option::of(base_type()), target, prop::option::of(value()))
        .prop_map(move |(ty, place, value)| Binding { ty, place, value, span });
    let array =
        (base_type(), name(), prop::collection::vec(int().prop_map(Literal::Int), 0..3), any::<bool>())
            .prop_map(move |(ty, name, values, given)| Binding {
                ty: Some(Type { array: Some(values.len() as u64), ..ty }),
                place: Place::Mem(name),
                value: given.then_some(Literal::Vector(values)),
                span,
            });
    prop_oneof![4 => scalar, 1 => array]
}

fn init() -> impl Strategy<Value = Vec<Binding>> {
    prop::collection::vec(binding(), 0..6).prop_map(|mut bindings| {
        let mut seen: Vec<Place> = Vec::new();
        bindings.retain(|binding| {
            let new = !seen.contains(&binding.place);
            seen.push(binding.place.clone());
            new
        });
        bindings
    })
}

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(String::new()),
        "L[0-9]:",
        "(L[0-9]: )?(MOV|LDR|add) [XWr][0-9],(#[0-9]|\\[X[0-9]\\]|%[a-z]{1,2})",
    ]
    .prop_map(|text| Cell { text, span: Span::default() })
}

fn assembly() -> impl Strategy<Value = Program> {
    (1usize..4, 0usize..5).prop_flat_map(|(columns, rows)| {
        let annotations = prop::collection::vec("[a-z]{1,3}", 0..2);
        let column = (annotations, prop::collection::vec(cell(), rows));
        prop::collection::vec(column, columns).prop_map(|columns| {
            let thread = |(id, (annotations, cells))| Thread {
                id,
                handler: false,
                annotations,
                span: Span::default(),
                cells,
            };
            Program::Asm((0u32..).zip(columns).map(thread).collect())
        })
    })
}

fn c_program() -> impl Strategy<Value = Program> {
    let param = (prop_oneof![Just("int*"), Just("volatile int*"), Just("atomic_int**")], name())
        .prop_map(|(ty, name)| Param { ty: ty.to_owned(), name, span: Span::default() });
    let body = prop_oneof![Just(" *x = 1; "), Just("\n\tif (*x) { f(*y); } // }\n"), Just("")];
    let returns = prop_oneof![Just(String::new()), Just("static void".to_owned())];
    let function = (returns, prop::collection::vec(param, 0..3), body);
    prop::collection::vec(function, 1..4).prop_map(|functions| {
        let functions = (0u32..)
            .zip(functions)
            .map(|(id, (returns, params, body))| Function {
                id,
                returns,
                name_span: Span::default(),
                params,
                body: Text { text: body.to_owned(), span: Span::default() },
            })
            .collect();
        let declaration = Text { text: "struct s { int a; };".to_owned(), span: Span::default() };
        Program::C(CProgram { functions, declarations: vec![declaration] })
    })
}

fn comments() -> impl Strategy<Value = Vec<Comment>> {
    let section = prop_oneof![
        Just(Section::Header),
        Just(Section::Init),
        Just(Section::Program),
        Just(Section::Condition),
    ];
    let comment = (section, "[ a-z|;{}\"\n]{0,9}").prop_map(|(section, text)| Comment {
        section,
        text,
        span: Span::default(),
    });
    prop::collection::vec(comment, 0..3).prop_map(|mut comments| {
        comments.sort_by_key(|comment| comment.section);
        comments
    })
}

fn observable() -> impl Strategy<Value = Observable> {
    let span = Span::default();
    let scalar = (place(), prop::option::of(base_type().prop_map(|ty| Type { atomic: false, ..ty })))
        .prop_map(move |(place, ty)| Observable { item: Observed::Place(place), ty, span });
    let fault = fault().prop_map(move |fault| Observable { item: Observed::Fault(fault), ty: None, span });
    prop_oneof![4 => scalar, 1 => fault]
}

prop_compose! {
    fn test()(
        (arch, program) in prop_oneof![
            3 => (Just(Arch::AArch64), assembly()),
            1 => (Just(Arch::C), c_program()),
        ],
        name in "[A-Za-z0-9+._/-]{1,12}",
        texname in prop::option::of("[A-Za-z ]{0,5}"),
        doc in prop::option::of("[A-Za-z ;{}(*]{0,9}"),
        metadata in prop::collection::vec(("[A-Z][a-z]{0,5}", "([A-Za-z0-9:=,{]([A-Za-z0-9:=,{ ]{0,6}[a-z])?)?"), 0..3),
        comments in comments(),
        init in init(),
        locations in prop::collection::vec(observable(), 0..3),
        filter in prop::option::of(prop()),
        quantifier in quantifier(),
        prop in prop(),
        kinds in prop::collection::vec((name(), prop_oneof![Just(Quantifier::Exists), Just(Quantifier::NotExists)]), 0..2),
        tail in prop::option::of("[a-z]{1,5}"),
    ) -> Test {
        let span = Span::default();
        Test {
            arch,
            name,
            name_span: span,
            texname,
            doc,
            metadata: metadata.into_iter().map(|(key, value)| Metadata { key, value, span }).collect(),
            remarks: Vec::new(),
            comments,
            init,
            program,
            sections: Vec::new(),
            locations,
            filter,
            condition: Condition { quantifier, prop, span, kinds },
            tail,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_printed_test_reads_back(test in test()) {
        let printed = test.to_string();
        let (read, errors) = parse(FileId(0), &printed);
        prop_assert!(errors.is_empty(), "{errors:?}\n{printed}");
        let mut read = read.ok_or_else(|| TestCaseError::fail("no test"))?;
        read.clear_spans();
        prop_assert_eq!(&read, &test, "{}", printed);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn a_formatted_test_is_the_same(test in test()) {
        let formatted = format(FileId(0), &test.to_string());
        let formatted = formatted.map_err(|errors| TestCaseError::fail(format!("{errors:?}\n{test}")))?;
        let (read, errors) = parse(FileId(0), &formatted);
        prop_assert!(errors.is_empty(), "{errors:?}\n{formatted}");
        let mut read = read.ok_or_else(|| TestCaseError::fail("no test"))?;
        read.clear_spans();
        prop_assert_eq!(read.to_string(), test.to_string(), "{}", formatted);
        prop_assert_eq!(format(FileId(0), &formatted), Ok(formatted));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = parse(FileId(0), &text);
    }

    #[test]
    fn no_broken_test_makes_the_reader_panic(
        test in test(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[(){}\\[\\]*|;:=~\"'`/\\\\\u{e9}a0 \n]{0,3}"), 1..4),
    ) {
        let mut text: Vec<char> = test.to_string().chars().collect();
        for (at, insert) in cuts {
            let at = at.index(text.len());
            let _: Vec<char> = text.splice(at..(at + 1).min(text.len()), insert.chars()).collect();
            if text.is_empty() {
                break;
            }
        }
        let text: String = text.into_iter().collect();
        let (test, errors) = parse(FileId(0), &text);
        for error in &errors {
            let span = error.span;
            prop_assert!(text.get(span.start as usize..span.end as usize).is_some(), "{error:?}\n{text}");
        }
        if let Some(test) = test {
            let _ = expectations(&test);
            let _ = test.to_string();
        }
        // Whatever can be formatted is the same test, and stays as it is the second time.
        if let Ok(formatted) = format(FileId(0), &text) {
            prop_assert_eq!(format(FileId(0), &formatted), Ok(formatted), "{}", text);
        }
    }

    #[test]
    fn small_files_never_panic(text in "[ -~\n]{0,200}") {
        let _ = read_log(&format!("Test a Allowed\n{text}"));
        let _ = read_kinds(FileId(0), &text);
        let _ = read_conditions(FileId(0), &text);
        let _ = read_renames(FileId(0), &text);
        let _ = (read_list(&text), read_names(&text));
    }
}
