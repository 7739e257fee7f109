//! Instructions: checks, bindings, procedures, and the choices of `with`.
//!
//! What is still to do is a list of frames, shared between the branches of `with`; so the rest of the model can be
//! run once for each choice, wherever the `with` stands.

use super::error::{EvalError, Result};
use super::interp::{Interp, bind_value, find_clause, no_clause};
use super::operators::unexpected;
use super::scope::{Scope, State};
use super::value::{Procedure, Value};
use super::{Completion, Summary};
use crate::ast::{Check, Expr, Item, ItemKind, Model, Name, Role};
use relation::Relation;
use std::rc::Rc;
use std::sync::Arc;
use syntax::Span;

/// How many frames may wait: nested includes, calls, `forall`, `match` and `if`.
const MAX_FRAMES: usize = 5_000;

/// Something that a model wants to show.
#[derive(Clone)]
pub(crate) struct Show<'m> {
    name: &'m Name,
    /// `None` where the name is what is shown.
    expr: Option<&'m Expr>,
    scope: Scope<'m>,
}

/// What one way through the model has come to.
#[derive(Clone)]
struct Path<'m> {
    scope: Scope<'m>,
    todo: Option<Rc<Frame<'m>>>,
    flags: Vec<Arc<str>>,
    undefined: bool,
    shows: Rc<Vec<Show<'m>>>,
}

struct Frame<'m> {
    what: Todo<'m>,
    below: Option<Rc<Frame<'m>>>,
    depth: usize,
}

#[derive(Clone)]
enum Todo<'m> {
    /// Instructions.
    Items(&'m [Item]),
    /// Go back to that scope.
    Restore(Scope<'m>),
    /// The rest of a `forall`: its body for the elements from that index on.
    Forall { name: &'m Name, elements: Rc<[Value<'m>]>, next: usize, body: &'m [Item], scope: Scope<'m> },
}

/// What an instruction leads to.
enum Step<'m> {
    /// To the next one.
    Next,
    /// To the end: the check of that name rejects the candidate.
    Reject(Option<Arc<str>>),
    /// To one way for each value of the name.
    Branch(&'m Name, Vec<Value<'m>>),
}

struct Runner<'r, 'm, 'v> {
    interp: &'r Interp<'m, 'r>,
    visit: &'v mut dyn FnMut(&Completion<'_, '_>),
    summary: Summary,
}

/// Runs models one after the other, as one.
pub(crate) fn run<'r, 'm>(
    interp: &'r Interp<'m, 'r>,
    models: &[&'m Model],
    visit: &mut dyn FnMut(&Completion<'_, '_>),
) -> Result<Summary> {
    let mut path = Path {
        scope: Scope::default(),
        todo: None,
        flags: Vec::new(),
        undefined: false,
        shows: Rc::default(),
    };
    for model in models.iter().rev() {
        path.push(Todo::Items(&model.items), Span::default())?;
    }
    let mut runner = Runner { interp, visit, summary: Summary::default() };
    runner.go(path)?;
    Ok(runner.summary)
}

/// The values of what is shown.
pub(crate) fn shown<'m>(interp: &Interp<'m, '_>, shows: &[Show<'m>]) -> Vec<(Arc<str>, Relation)> {
    let value = |show: &Show<'m>| {
        let value = match show.expr {
            Some(expr) => interp.eval(&show.scope, expr).ok()?,
            None => interp.lookup(&show.scope, &show.name.text, show.name.span).ok()?,
        };
        let relation = interp.ground.relation(&value, show.name.span).ok()?;
        Some((show.name.text.clone(), (*relation).clone()))
    };
    shows.iter().filter_map(value).collect()
}

impl<'m> Path<'m> {
    fn push(&mut self, what: Todo<'m>, span: Span) -> Result<()> {
        let below = self.todo.take();
        let depth = below.as_ref().map_or(0, |frame| frame.depth + 1);
        if depth > MAX_FRAMES {
            return Err(EvalError::limit(span, "calls nest too deeply"));
        }
        self.todo = Some(Rc::new(Frame { what, below, depth }));
        Ok(())
    }

    fn pop(&mut self) -> Option<Todo<'m>> {
        let frame = self.todo.take()?;
        self.todo = frame.below.clone();
        Some(frame.what.clone())
    }
}

impl<'r, 'm> Runner<'r, 'm, '_> {
    /// Follows a path to its end, or to the ends of all its branches.
    fn go(&mut self, mut path: Path<'m>) -> Result<()> {
        while let Some(todo) = path.pop() {
            let step = match todo {
                Todo::Restore(scope) => {
                    path.scope = scope;
                    Step::Next
                }
                Todo::Items([]) => Step::Next,
                Todo::Items([first, rest @ ..]) => {
                    if !rest.is_empty() {
                        path.push(Todo::Items(rest), first.span)?;
                    }
                    self.item(&mut path, first)?
                }
                Todo::Forall { name, elements, next, body, scope } => {
                    path.scope = scope.clone();
                    if let Some(value) = elements.get(next).cloned() {
                        path.scope = scope.with_value(&name.text, value);
                        path.push(Todo::Forall { name, elements, next: next + 1, body, scope }, name.span)?;
                        path.push(Todo::Items(body), name.span)?;
                    }
                    Step::Next
                }
            };
            match step {
                Step::Next => {}
                Step::Reject(name) => {
                    *self.summary.rejected.entry(name).or_default() += 1;
                    return Ok(());
                }
                Step::Branch(name, values) => return self.branch(&path, name, values),
            }
        }
        self.accept(path);
        Ok(())
    }

    fn branch(&mut self, path: &Path<'m>, name: &'m Name, values: Vec<Value<'m>>) -> Result<()> {
        if values.is_empty() {
            *self.summary.rejected.entry(None).or_default() += 1;
        }
        for value in values {
            self.interp.step(name.span)?;
            let mark = self.interp.mark();
            let mut path = path.clone();
            path.scope = path.scope.with_value(&name.text, value);
            self.go(path)?;
            self.interp.sweep(mark);
        }
        Ok(())
    }

    fn accept(&mut self, path: Path<'m>) {
        self.summary.accepted += 1;
        let mut flags = path.flags;
        flags.sort();
        flags.dedup();
        (self.visit)(&Completion {
            interp: self.interp,
            scope: &path.scope,
            flags,
            undefined: path.undefined,
            shows: (*path.shows).clone(),
        });
    }

    fn item(&mut self, path: &mut Path<'m>, item: &'m Item) -> Result<Step<'m>> {
        self.interp.step(item.span)?;
        match &item.kind {
            ItemKind::Let(bindings) => path.scope = self.interp.bind_all(&path.scope, bindings),
            ItemKind::LetRec(bindings, check) => {
                match self.interp.bind_rec(&path.scope, bindings, check.as_ref())? {
                    Some(scope) => path.scope = scope,
                    None => {
                        let name = check.as_ref().and_then(|c| c.name.as_ref());
                        return Ok(Step::Reject(name.map(|n| n.text.clone())));
                    }
                }
            }
            ItemKind::Check { check, role } => return self.check(path, check, *role, item.span),
            ItemKind::Include { model: Some(model), .. } => {
                path.push(Todo::Items(&model.items), item.span)?
            }
            ItemKind::Include { path: file, model: None } => {
                return Err(EvalError::failure(item.span, format!("the file `{file}` was not loaded")));
            }
            ItemKind::Show(names, expr) => {
                let shows = Rc::make_mut(&mut path.shows);
                shows.retain(|show| names.iter().all(|name| name.text != show.name.text));
                let show = |name| Show { name, expr: expr.as_deref(), scope: path.scope.clone() };
                shows.extend(names.iter().map(show));
            }
            ItemKind::Unshow(names) => {
                Rc::make_mut(&mut path.shows)
                    .retain(|show| names.iter().all(|name| name.text != show.name.text));
            }
            ItemKind::Procedure { name, params, body, recursive } => {
                let (scope, recursive) = (path.scope.clone(), *recursive);
                let procedure = Procedure { name: &name.text, params, body, recursive, scope };
                let state = State::Done(Value::Procedure(Rc::new(procedure)));
                path.scope = path.scope.with(&name.text, self.interp.thunk(state));
            }
            ItemKind::Call { procedure, args, name } => {
                self.call(path, procedure, args, name.as_ref(), item.span)?;
            }
            ItemKind::Enum(name, tags) => {
                let all = self.interp.declare(name, tags);
                path.scope = path.scope.with_value(&name.text, all);
            }
            ItemKind::Forall(name, set, body) => {
                let elements = self.elements(&self.interp.eval(&path.scope, set)?, set.span)?.into();
                let scope = path.scope.clone();
                path.push(Todo::Forall { name, elements, next: 0, body, scope }, item.span)?;
            }
            ItemKind::With(name, set) => {
                let value = self.interp.eval(&path.scope, set)?;
                let choices = self.interp.ground.collection(&value, set.span)?;
                return Ok(Step::Branch(name, choices.elements.iter().cloned().collect()));
            }
            ItemKind::Match(subject, clauses, default) => {
                let tag = self.interp.eval(&path.scope, subject)?;
                let Some(body) = find_clause(&tag, clauses, subject.span)?.or(default.as_ref()) else {
                    return Err(no_clause(&tag, item.span));
                };
                path.push(Todo::Items(body), item.span)?;
            }
            ItemKind::If(condition, yes, no) => {
                let chosen = if self.interp.condition(&path.scope, condition)? { yes } else { no };
                path.push(Todo::Items(chosen), item.span)?;
            }
            // Bell declarations mean nothing while a model runs, and nothing prints here.
            ItemKind::Instructions(..) | ItemKind::Default(..) | ItemKind::Debug(_) => {}
        }
        Ok(Step::Next)
    }

    fn check(&self, path: &mut Path<'m>, check: &'m Check, role: Role, span: Span) -> Result<Step<'m>> {
        if self.interp.is_skipped(check.name.as_ref()) {
            return Ok(Step::Next);
        }
        let holds = self.interp.holds(&path.scope, check)?;
        let name = check.name.as_ref().map(|name| name.text.clone());
        match role {
            Role::Require if !holds => return Ok(Step::Reject(name)),
            Role::Flag if holds => path.flags.extend(name),
            Role::UndefinedUnless if !holds => path.undefined = true,
            Role::Assert if !holds => return Err(EvalError::assertion(span, name)),
            _ => {}
        }
        Ok(Step::Next)
    }

    fn call(
        &self,
        path: &mut Path<'m>,
        name: &'m Name,
        args: &'m Expr,
        label: Option<&'m Name>,
        span: Span,
    ) -> Result<()> {
        if self.interp.is_skipped(label) || self.interp.is_skipped(Some(name)) {
            return Ok(());
        }
        let callee = self.interp.lookup(&path.scope, &name.text, name.span)?;
        let Value::Procedure(procedure) = &callee else {
            return Err(unexpected(&callee, "a procedure", name.span));
        };
        let argument = self.interp.eval(&path.scope, args)?;
        let mut scope = procedure.scope.clone();
        if procedure.recursive {
            scope = scope.with_value(procedure.name, callee.clone());
        }
        let scope = bind_value(&scope, procedure.params, argument, args.span)?;
        let caller = std::mem::replace(&mut path.scope, scope);
        path.push(Todo::Restore(caller), span)?;
        path.push(Todo::Items(procedure.body), span)
    }

    fn elements(&self, value: &Value<'m>, span: Span) -> Result<Vec<Value<'m>>> {
        match value {
            Value::Event(_) | Value::Set(_) => {
                Ok(self.interp.ground.set(value, span)?.iter().map(Value::Event).collect())
            }
            Value::Pair(..) | Value::Relation(_) => {
                let relation = self.interp.ground.relation(value, span)?;
                Ok(relation.iter().map(|(i, j)| Value::Pair(i, j)).collect())
            }
            _ => Ok(self.interp.ground.collection(value, span)?.elements.iter().cloned().collect()),
        }
    }
}
