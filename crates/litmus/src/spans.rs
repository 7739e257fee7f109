//! Forgetting spans.

use syntax::Span;

use crate::ast::{Atom, Program, Prop, Test, Text};

/// Sets every span of the test to the default.
pub(crate) fn clear(test: &mut Test) {
    let none = Span::default();
    test.name_span = none;
    test.metadata.iter_mut().for_each(|line| line.span = none);
    texts(&mut test.remarks);
    texts(&mut test.sections);
    test.comments.iter_mut().for_each(|comment| comment.span = none);
    test.init.iter_mut().for_each(|binding| binding.span = none);
    program(&mut test.program);
    test.locations.iter_mut().for_each(|item| item.span = none);
    if let Some(filter) = &mut test.filter {
        prop(filter);
    }
    test.condition.span = none;
    prop(&mut test.condition.prop);
}

fn texts(texts: &mut [Text]) {
    texts.iter_mut().for_each(|text| text.span = Span::default());
}

fn program(program: &mut Program) {
    let none = Span::default();
    match program {
        Program::Asm(threads) => {
            for thread in threads {
                thread.span = none;
                thread.cells.iter_mut().for_each(|cell| cell.span = none);
            }
        }
        Program::C(program) => {
            texts(&mut program.declarations);
            for function in &mut program.functions {
                function.name_span = none;
                function.body.span = none;
                function.params.iter_mut().for_each(|param| param.span = none);
            }
        }
        Program::Raw(text) => text.span = none,
    }
}

fn prop(p: &mut Prop) {
    match p {
        Prop::True | Prop::False => {}
        Prop::Atom(Atom::Compare { span, .. } | Atom::Fault { span, .. }) => *span = Span::default(),
        Prop::Not(inner) => prop(inner),
        Prop::And(props) | Prop::Or(props) => props.iter_mut().for_each(prop),
        Prop::Implies(left, right) => {
            prop(left);
            prop(right);
        }
    }
}
