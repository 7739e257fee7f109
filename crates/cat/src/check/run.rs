//! Instructions.

use super::types::{Procedure, Scope, Shape, Type};
use super::{Checker, Found};
use crate::ast::{Check, Expr, Item, ItemKind, Name, Pattern, Test};
use std::rc::Rc;
use std::sync::Arc;
use syntax::{Diagnostic, Span};

impl<'m> Checker<'m, '_> {
    /// Runs instructions one after the other.
    pub(super) fn run_items(&mut self, scope: &mut Scope, items: &'m [Item]) {
        self.deeper((), |checker| {
            for item in items {
                checker.deeper((), |checker| checker.run_item(scope, item));
            }
        });
    }

    fn run_item(&mut self, scope: &mut Scope, item: &'m Item) {
        match &item.kind {
            ItemKind::Let(bindings) => self.bind_all(scope, bindings),
            ItemKind::LetRec(bindings, check) => {
                let found = self.bind_rec(scope, bindings);
                if let Some(check) = check {
                    self.current.add(found);
                    self.check_test(scope, check);
                }
            }
            ItemKind::Check { check, .. } => self.check_test(scope, check),
            ItemKind::Include { path, model } => match model {
                Some(model) => self.run_items(scope, &model.items),
                None => self.missing_include(path, item.span),
            },
            // What fails here is left out of the picture, or not done at all.
            ItemKind::Show(..) | ItemKind::Unshow(_) | ItemKind::Debug(_) => {}
            ItemKind::Procedure { name, params, body, recursive } => {
                self.bind_procedure(scope, name, params, body, *recursive, item.span);
            }
            ItemKind::Call { procedure, args, .. } => self.call_procedure(scope, procedure, args, item.span),
            ItemKind::Enum(name, _) => {
                self.bind(scope, &name.text, Type::Values, Found::default());
            }
            ItemKind::Forall(name, set, body) => {
                let set = self.infer(scope, set);
                let mut inner = Scope { is_global: false, ..*scope };
                self.bind(&mut inner, &name.text, set.element(), Found::default());
                self.perhaps(|checker| checker.run_items(&mut inner, body));
            }
            ItemKind::With(name, set) => {
                self.infer(scope, set);
                self.bind(scope, &name.text, Type::Unknown, Found::default());
            }
            ItemKind::Match(subject, clauses, default) => {
                self.subject(scope, subject);
                for body in clauses.iter().map(|(_, body)| body).chain(default) {
                    self.run_branch(scope, body);
                }
            }
            ItemKind::If(condition, yes, no) => {
                let chosen = if self.variant(condition).unwrap_or(false) { yes } else { no };
                self.run_items(scope, chosen);
            }
            ItemKind::Instructions(_, annotations) | ItemKind::Default(_, annotations) => {
                for annotation in annotations {
                    self.infer(scope, annotation);
                }
            }
        }
    }

    fn check_test(&mut self, scope: &Scope, check: &'m Check) {
        let found = self.infer(scope, &check.expr);
        let (who, fits) = match check.test {
            Test::Acyclic => {
                ("`acyclic` needs a relation", matches!(found.shape(), Shape::Any | Shape::Relation))
            }
            Test::Irreflexive => {
                ("`irreflexive` needs a relation", matches!(found.shape(), Shape::Any | Shape::Relation))
            }
            Test::Empty => {
                let is_wrong = matches!(found.shape(), Shape::Function | Shape::Tuple);
                ("`empty` needs a set or a relation", !is_wrong)
            }
        };
        if !fits {
            self.wrong_kind(&found, &check.expr, who);
        }
    }

    fn missing_include(&mut self, path: &str, span: Span) {
        self.problem("cat::missing-include", span, |_| {
            let message = format!("the file `{path}` to include was not found");
            Diagnostic::error("cat::missing-include", span, message)
        });
    }

    fn bind_procedure(
        &mut self,
        scope: &mut Scope,
        name: &'m Name,
        params: &'m Pattern,
        body: &'m Arc<[Item]>,
        recursive: bool,
        span: Span,
    ) {
        let outer = Scope { is_global: false, ..*scope };
        let make = |scope| Type::Procedure(Rc::new(Procedure { params, body, scope }));
        let slot = self.bind(scope, &name.text, make(outer), Found::default());
        if recursive {
            self.slots[slot as usize].value = make(Scope { is_global: false, ..*scope });
        }
        if self.calls.is_empty() && name.span.file == self.file {
            let value = self.slots[slot as usize].value.clone();
            if let Type::Procedure(procedure) = value {
                let run = |checker: &mut Self| checker.run_procedure(&procedure, Type::Unknown, span, span);
                let ((), found) = self.apart(run);
                self.anywhere.add(found.doubtful());
            }
        }
    }

    fn call_procedure(&mut self, scope: &Scope, name: &'m Name, args: &'m Expr, span: Span) {
        let (slot, hops) = self.slot(scope, &name.text);
        self.steps += hops;
        let value = slot.map(|slot| {
            let slot = &self.slots[slot as usize];
            self.current.add(slot.found);
            slot.value.clone()
        });
        let argument = self.infer(scope, args);
        match value {
            Some(Type::Procedure(procedure)) => self.run_procedure(&procedure, argument, span, args.span),
            Some(Type::Unknown) => {}
            _ => self.problem("cat::unbound-procedure", name.span, |checker| {
                let message = format!("there is no procedure `{}`", name.text);
                let error = Diagnostic::error("cat::unbound-procedure", name.span, message);
                let is_procedure = |slot: &&super::Slot<'m>| matches!(slot.value, Type::Procedure(_));
                let known = checker.slots.iter().filter(is_procedure).map(|slot| slot.name);
                if slot.is_some() {
                    error.with_help(format!("`{}` is defined, but not with `procedure`", name.text))
                } else {
                    error.with_suggestion(&name.text, known)
                }
            }),
        }
    }

    fn run_procedure(&mut self, procedure: &Procedure<'m>, argument: Type<'m>, span: Span, args: Span) {
        let body: *const () = procedure.body.as_ptr().cast();
        if self.calls.iter().filter(|(_, running)| *running == body).count() >= 2 {
            return;
        }
        self.calls.push((span, body));
        let mut inner = procedure.scope;
        self.bind_parameters(&mut inner, procedure.params, argument, args);
        self.run_items(&mut inner, procedure.body);
        self.calls.pop();
    }

    /// Runs instructions that may be skipped; what they bind is known afterwards, but not to what.
    fn run_branch(&mut self, scope: &mut Scope, body: &'m [Item]) {
        let mut inner = Scope { is_global: false, ..*scope };
        self.perhaps(|checker| checker.run_items(&mut inner, body));
        let mut names = Vec::new();
        let mut at = inner.local;
        while at != scope.local
            && let Some(slot) = self.slots.get(at as usize)
        {
            names.push(slot.name);
            at = slot.next;
        }
        for name in names {
            self.bind(scope, name, Type::Unknown, Found::default());
        }
    }
}
