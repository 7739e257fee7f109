//! Expressions.

use super::error::{ErrorKind, EvalError, Result};
use super::operators::{Ground, unexpected};
use super::scope::{Scope, State, Thunk};
use super::tree::Tree;
use super::value::{Closure, Enumeration, Member, Tag, Value};
use super::{Candidate, Environment, Primitive};
use crate::ast::{Binary, Binding, Check, Condition, Expr, ExprKind, Name, Pattern, Test};
use relation::Relation;
use rustc_hash::FxHashMap;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use syntax::Span;

/// The state of one run that all expressions share.
pub(crate) struct Interp<'m, 'e> {
    pub(crate) ground: Ground,
    pub(crate) candidate: &'e dyn Candidate,
    pub(crate) environment: &'e Environment<'e>,
    /// Predefined names that were looked up.
    predefined: RefCell<FxHashMap<String, Option<Value<'m>>>>,
    /// The enumeration that declares each tag.
    tags: RefCell<FxHashMap<&'m str, Rc<Enumeration>>>,
    /// All thunks that may hold a scope, so that none is dropped by a long recursion.
    thunks: RefCell<Vec<Rc<Thunk<'m>>>>,
    steps: Cell<u64>,
    /// How much work was done since the last time that the environment was asked whether to go on.
    work: Cell<u64>,
    /// Where the stack was when the run began.
    stack_base: usize,
}

/// How many bindings may wait to be computed, or be kept because one was.
const MAX_THUNKS: usize = 2_000_000;

/// So many words of a relation are as much work as a step.
const WORDS_A_STEP: u64 = 10_000;

/// After so much work the environment is asked whether to go on.
const WORK_A_QUESTION: u64 = 256;

/// A set of so many values may be more than there is memory for.
const LARGE_SET: usize = 1024;

/// What a value in a set takes beside its relation.
const VALUE_BYTES: u64 = 64;

/// What one step of an evaluation leads to.
enum Tail<'m> {
    /// The value.
    Done(Value<'m>),
    /// An expression that has the value.
    Next(&'m Expr),
}

/// How often `let rec` goes round before it is given up. A round without growth ends it, so that only bodies that
/// swing to and fro can come here.
const MAX_ROUNDS: usize = 10_000;

/// Where the stack is now.
fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}

impl<'m, 'e> Interp<'m, 'e> {
    pub(crate) fn new(candidate: &'e dyn Candidate, environment: &'e Environment<'e>) -> Interp<'m, 'e> {
        Interp {
            ground: Ground { n: candidate.universe(), events: candidate.events() },
            candidate,
            environment,
            predefined: RefCell::default(),
            tags: RefCell::default(),
            thunks: RefCell::default(),
            steps: Cell::new(0),
            work: Cell::new(0),
            stack_base: stack_address(),
        }
    }

    /// Counts a step, and fails when the run has gone too far or too deep.
    pub(crate) fn step(&self, span: Span) -> Result<()> {
        let limits = &self.environment.limits;
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > limits.steps {
            return Err(EvalError::limit(span, "the model takes too many steps"));
        }
        if self.thunks.borrow().len() > MAX_THUNKS {
            return Err(EvalError::limit(span, "the model binds too many names"));
        }
        if stack_address().abs_diff(self.stack_base) > limits.stack {
            return Err(EvalError::limit(span, "the model nests too deeply"));
        }
        // A step may be an operation on relations.
        let n = self.ground.n as u64;
        self.work.set(self.work.get() + 1 + n * n * n.div_ceil(64) / WORDS_A_STEP);
        if self.work.get() < WORK_A_QUESTION {
            return Ok(());
        }
        self.work.set(0);
        self.ask(span, 0)
    }

    /// Asks whether to go on with so many elements of a set of values.
    pub(crate) fn ask(&self, span: Span, elements: usize) -> Result<()> {
        let n = self.ground.n as u64;
        let bytes = elements as u64 * (VALUE_BYTES + n * n.div_ceil(64) * 8);
        (self.environment.watch)(bytes).map_err(|why| EvalError::interrupted(span, why))
    }

    /// A thunk that this run takes care of.
    pub(crate) fn thunk(&self, state: State<'m>) -> Rc<Thunk<'m>> {
        let thunk = Thunk::new(state);
        self.thunks.borrow_mut().push(thunk.clone());
        thunk
    }

    /// How many thunks there are, for [`Interp::sweep`].
    pub(crate) fn mark(&self) -> usize {
        self.thunks.borrow().len()
    }

    /// Drops the thunks made since `mark` that nothing else holds, newest first: each holds only older ones.
    pub(crate) fn sweep(&self, mark: usize) {
        let young = self.thunks.borrow_mut().split_off(mark);
        let mut kept = Vec::new();
        for thunk in young.into_iter().rev() {
            if Rc::strong_count(&thunk) == 1 { thunk.clear() } else { kept.push(thunk) }
        }
        self.thunks.borrow_mut().extend(kept.into_iter().rev());
    }

    /// Drops all thunks, even those that hold each other.
    fn clear(&self) {
        for thunk in self.thunks.take().into_iter().rev() {
            thunk.clear();
        }
    }

    /// Declares the tags of an enumeration.
    pub(crate) fn declare(&self, name: &Name, tags: &'m [Name]) -> Value<'m> {
        let texts = tags.iter().map(|t| t.text.clone()).collect();
        let of = Rc::new(Enumeration { name: name.text.clone(), tags: texts });
        tags.iter().for_each(|t| {
            self.tags.borrow_mut().insert(&t.text, of.clone());
        });
        Value::collection(super::value::Type::Tag(of.clone()), all_tags(&of).into_iter().collect())
    }

    /// The value of a name.
    pub(crate) fn lookup(&self, scope: &Scope<'m>, name: &str, span: Span) -> Result<Value<'m>> {
        match scope.get(name) {
            Some(thunk) => self.force(thunk, span),
            None => self.predefined(name).ok_or_else(|| EvalError::unbound(name, span)),
        }
    }

    /// The value of a name that no model binds.
    pub(crate) fn predefined(&self, name: &str) -> Option<Value<'m>> {
        if let Some(known) = self.predefined.borrow().get(name) {
            return known.clone();
        }
        let relation = || self.candidate.relation(name).map(Value::relation);
        let value = (self.candidate.set(name).map(Value::set))
            .or_else(relation)
            .or_else(|| (name == "id").then(|| Value::relation(self.ground.identity())))
            .or_else(|| Primitive::named(name).map(Value::Primitive));
        self.predefined.borrow_mut().insert(name.to_owned(), value.clone());
        value
    }

    /// The value of a thunk, computed now if it was not needed before.
    pub(crate) fn force(&self, thunk: &Rc<Thunk<'m>>, span: Span) -> Result<Value<'m>> {
        match &*thunk.0.borrow() {
            State::Done(value) => return Ok(value.clone()),
            State::Failed(error) => return Err(error.clone()),
            State::Running => return Err(EvalError::of_type(span, "the value depends on itself")),
            State::Delayed(..) | State::Part(..) => {}
        }
        let result = match thunk.0.replace(State::Running) {
            State::Delayed(expr, scope) => self.eval(&scope, expr),
            State::Part(whole, index, len, span) => self.part(&whole, index, len, span),
            State::Running | State::Done(_) | State::Failed(_) => unreachable!("looked at above"),
        };
        thunk.0.replace(match &result {
            Ok(value) => State::Done(value.clone()),
            Err(error) => State::Failed(error.clone()),
        });
        result
    }

    fn part(&self, whole: &Rc<Thunk<'m>>, index: usize, len: usize, span: Span) -> Result<Value<'m>> {
        let parts = parts(&self.force(whole, span)?, len, span)?;
        Ok(parts[index].clone())
    }

    /// The value of an expression.
    pub(crate) fn eval(&self, scope: &Scope<'m>, expr: &'m Expr) -> Result<Value<'m>> {
        self.step(expr.span)?;
        let span = expr.span;
        match &expr.kind {
            ExprKind::EmptyRelation => Ok(Value::relation(Relation::empty(self.ground.n))),
            ExprKind::Empty => Ok(Value::Empty),
            ExprKind::Universe => Ok(Value::Universe),
            ExprKind::Var(name) => self.lookup(scope, name, span),
            ExprKind::Tag(tag) => self.tag(tag, span),
            ExprKind::Explicit(items) => self.ground.explicit(self.eval_all(scope, items)?, span),
            ExprKind::Tuple(items) => Ok(Value::tuple(self.eval_all(scope, items)?)),
            ExprKind::IdentityOn(set) => {
                let set = self.ground.set(&self.eval(scope, set)?, set.span)?;
                Ok(Value::relation(Relation::identity_on(&set)))
            }
            ExprKind::Unary(op, operand) => self.ground.unary(*op, &self.eval(scope, operand)?, span),
            ExprKind::Binary(op, a, b) => self.binary(scope, *op, a, b, span),
            ExprKind::Fun(params, body) => {
                let closure = Closure { params, body, group: None, scope: scope.clone() };
                Ok(Value::Function(Rc::new(closure)))
            }
            _ => self.eval_tail(scope.clone(), expr),
        }
    }

    /// The value of an expression whose last step is another expression. Goes from one to the next in a loop, so
    /// that a function which ends by calling itself needs no stack.
    fn eval_tail(&self, mut scope: Scope<'m>, mut expr: &'m Expr) -> Result<Value<'m>> {
        loop {
            match self.tail_step(&mut scope, expr)? {
                Tail::Done(value) => return Ok(value),
                Tail::Next(next) => expr = next,
            }
            self.step(expr.span)?;
        }
    }

    fn tail_step(&self, scope: &mut Scope<'m>, expr: &'m Expr) -> Result<Tail<'m>> {
        let span = expr.span;
        Ok(Tail::Next(match &expr.kind {
            ExprKind::Apply(function, argument) => {
                let function = self.eval(scope, function)?;
                let argument = self.eval(scope, argument)?;
                return self.call(&function, argument, scope, span);
            }
            ExprKind::Let(bindings, body) => {
                *scope = self.bind_all(scope, bindings);
                body
            }
            ExprKind::LetRec(bindings, body) => {
                // There is no check that could fail.
                *scope = self.bind_rec(scope, bindings, None)?.unwrap_or_default();
                body
            }
            ExprKind::Try(first, second) => match self.eval(scope, first) {
                Err(error) if !matches!(error.kind, ErrorKind::Limit | ErrorKind::Interrupted(_)) => second,
                result => return result.map(Tail::Done),
            },
            ExprKind::If(condition, yes, no) => {
                if self.condition(scope, condition)? {
                    yes
                } else {
                    no
                }
            }
            ExprKind::MatchTag(subject, clauses, default) => {
                let tag = self.eval(scope, subject)?;
                let clause = find_clause(&tag, clauses, subject.span)?;
                clause.or(default.as_deref()).ok_or_else(|| no_clause(&tag, span))?
            }
            ExprKind::MatchSet { set, empty, before, element, rest, body } => {
                let subject = self.eval(scope, set)?;
                let pattern = (before.as_ref(), element.as_ref(), rest.as_ref());
                match self.split(scope, &subject, pattern, set.span)? {
                    Some(inner) => {
                        *scope = inner;
                        body
                    }
                    None => empty,
                }
            }
            _ => return self.eval(scope, expr).map(Tail::Done),
        }))
    }

    /// The function called on a value: the value of a primitive, or the body to go on with in its scope.
    fn call(
        &self,
        function: &Value<'m>,
        argument: Value<'m>,
        scope: &mut Scope<'m>,
        span: Span,
    ) -> Result<Tail<'m>> {
        match function {
            Value::Function(closure) => {
                let mut inner = closure.scope.clone();
                if let Some(group) = &closure.group {
                    inner = close_group(inner, group);
                }
                *scope = bind_value(&inner, closure.params, argument, span)?;
                Ok(Tail::Next(closure.body))
            }
            Value::Primitive(primitive) => {
                let value = self.primitive(*primitive, &argument, span)?;
                self.check_size(&value, span)?;
                Ok(Tail::Done(value))
            }
            _ => Err(unexpected(function, "a function", span)),
        }
    }

    /// The function applied to a value.
    pub(crate) fn apply(&self, function: &Value<'m>, argument: Value<'m>, span: Span) -> Result<Value<'m>> {
        let mut scope = Scope::default();
        match self.call(function, argument, &mut scope, span)? {
            Tail::Done(value) => Ok(value),
            Tail::Next(body) => self.eval(&scope, body),
        }
    }

    fn eval_all(&self, scope: &Scope<'m>, items: &'m [Expr]) -> Result<Vec<Value<'m>>> {
        items.iter().map(|item| self.eval(scope, item)).collect()
    }

    /// Long chains of one operator lean to the right, and are gone through in a loop.
    fn binary(
        &self,
        scope: &Scope<'m>,
        op: Binary,
        a: &'m Expr,
        mut b: &'m Expr,
        span: Span,
    ) -> Result<Value<'m>> {
        let mut value = self.eval(scope, a)?;
        if matches!(op, Binary::Union | Binary::Intersection | Binary::Sequence) {
            while let ExprKind::Binary(next, first, rest) = &b.kind
                && *next == op
            {
                value = self.ground.binary(op, &value, &self.eval(scope, first)?, span)?;
                b = rest;
            }
        }
        let value = self.ground.binary(op, &value, &self.eval(scope, b)?, span)?;
        self.check_size(&value, span)?;
        Ok(value)
    }

    /// Fails when a set of values has become too large.
    pub(crate) fn check_size(&self, value: &Value<'m>, span: Span) -> Result<()> {
        match value {
            Value::Collection(c) if c.elements.len() > self.environment.limits.elements => {
                Err(EvalError::limit(span, format!("a set has more than {} elements", c.elements.len() - 1)))
            }
            Value::Collection(c) if c.elements.len() >= LARGE_SET => self.ask(span, c.elements.len()),
            _ => Ok(()),
        }
    }

    /// The tag of that text, if an enumeration declares it.
    pub(crate) fn tag(&self, text: &Arc<str>, span: Span) -> Result<Value<'m>> {
        match self.tags.borrow().get(&**text) {
            Some(of) => Ok(Value::Tag(Tag { of: of.clone(), text: text.clone() })),
            None => Err(EvalError::unbound(&format!("'{text}"), span)),
        }
    }

    /// The scope with non-recursive bindings; their expressions see `scope` only.
    pub(crate) fn bind_all(&self, scope: &Scope<'m>, bindings: &'m [Binding]) -> Scope<'m> {
        let mut inner = scope.clone();
        for binding in bindings {
            let thunk = self.thunk(State::Delayed(&binding.expr, scope.clone()));
            inner = self.bind_thunk(inner, &binding.pattern, thunk, binding.span);
        }
        inner
    }

    fn bind_thunk(
        &self,
        mut scope: Scope<'m>,
        pattern: &'m Pattern,
        thunk: Rc<Thunk<'m>>,
        span: Span,
    ) -> Scope<'m> {
        match pattern {
            Pattern::Name(None) => scope,
            Pattern::Name(Some(name)) => scope.with(&name.text, thunk),
            Pattern::Tuple(names) => {
                for (i, name) in names.iter().enumerate() {
                    if let Some(name) = name {
                        let part = self.thunk(State::Part(thunk.clone(), i, names.len(), span));
                        scope = scope.with(&name.text, part);
                    }
                }
                scope
            }
        }
    }

    /// The scope with recursive bindings, or `None` when the `when` check fails.
    ///
    /// Functions alone are simply mutually recursive. Other values start as `{}` and are computed round by round in
    /// the order written, each seeing the new values of those before it, until no value grows; functions between
    /// them see the values of the last finished round.
    pub(crate) fn bind_rec(
        &self,
        scope: &Scope<'m>,
        bindings: &'m [Binding],
        check: Option<&'m Check>,
    ) -> Result<Option<Scope<'m>>> {
        let group: Rc<[Member<'m>]> = bindings.iter().filter_map(member).collect();
        let values: Vec<&'m Binding> = bindings.iter().filter(|b| member(b).is_none()).collect();
        if values.is_empty() {
            return Ok(Some(close_group(scope.clone(), &group)));
        }
        let mut current = vec![Value::Empty; values.len()];
        let mut inner =
            close_group(values.iter().fold(scope.clone(), |s, b| bind_empty(&s, &b.pattern)), &group);
        for _ in 0..MAX_ROUNDS {
            let mut grew = false;
            for (binding, old) in values.iter().zip(&mut current) {
                let new = self.eval(&inner, &binding.expr)?;
                grew |= !self.is_stable(&new, old, binding.span)?;
                inner = bind_value(&inner, &binding.pattern, new.clone(), binding.span)?;
                *old = new;
            }
            // From the outer scope, so that the functions of this round do not hold those of the last.
            let mut round = scope.clone();
            for (binding, value) in values.iter().zip(&current) {
                round = bind_value(&round, &binding.pattern, value.clone(), binding.span)?;
            }
            inner = close_group(round, &group);
            if let Some(check) = check
                && !self.is_skipped(check.name.as_ref())
                && !self.holds(&inner, check)?
            {
                return Ok(None);
            }
            if !grew {
                return Ok(Some(inner));
            }
        }
        Err(EvalError::limit(bindings[0].span, format!("`let rec` does not settle in {MAX_ROUNDS} rounds")))
    }

    /// Whether the new value of a recursive binding is no larger than the old one.
    fn is_stable(&self, new: &Value<'m>, old: &Value<'m>, span: Span) -> Result<bool> {
        match (new, old) {
            (Value::Empty, _) | (_, Value::Universe) => Ok(true),
            (Value::Universe, _) => Ok(false),
            _ => self.ground.subset(new, old, span),
        }
    }

    /// Whether a check or call of that name is not to be run.
    pub(crate) fn is_skipped(&self, name: Option<&Name>) -> bool {
        name.is_some_and(|name| self.environment.skip_checks.iter().any(|skip| **skip == *name.text))
    }

    /// Whether a check holds.
    pub(crate) fn holds(&self, scope: &Scope<'m>, check: &'m Check) -> Result<bool> {
        let value = self.eval(scope, &check.expr)?;
        let span = check.expr.span;
        let holds = match check.test {
            Test::Acyclic => self.ground.is_acyclic(&value, span)?,
            Test::Irreflexive => self.ground.is_irreflexive(&value, span)?,
            Test::Empty => self.ground.is_empty(&value, span)?,
        };
        Ok(holds != check.negated)
    }

    /// Whether a condition holds.
    pub(crate) fn condition(&self, scope: &Scope<'m>, condition: &'m Condition) -> Result<bool> {
        self.step(condition_span(condition))?;
        match condition {
            Condition::Equal(a, b) => self.ground.equal(&self.eval(scope, a)?, &self.eval(scope, b)?, a.span),
            Condition::Subset(a, b) => {
                self.ground.subset(&self.eval(scope, a)?, &self.eval(scope, b)?, a.span)
            }
            Condition::In(a, b) => self.ground.member(&self.eval(scope, a)?, &self.eval(scope, b)?, a.span),
            Condition::Variant(name, _) => Ok((self.environment.variants)(name)),
            Condition::Not(c) => Ok(!self.condition(scope, c)?),
            Condition::And(a, b) => Ok(self.condition(scope, a)? && self.condition(scope, b)?),
            Condition::Or(a, b) => Ok(self.condition(scope, a)? || self.condition(scope, b)?),
        }
    }

    /// The scope for the second clause of a set match; `None` for the empty set.
    ///
    /// `x ++ xs` takes the least element; `xs | x ++ ys` the middle one, so that a function which goes both ways
    /// only nests as deep as the logarithm of the size.
    fn split(
        &self,
        scope: &Scope<'m>,
        subject: &Value<'m>,
        (before, element, rest): (Option<&'m Option<Name>>, Option<&'m Name>, Option<&'m Name>),
        span: Span,
    ) -> Result<Option<Scope<'m>>> {
        if !matches!(subject, Value::Universe | Value::Tuple(_)) && self.ground.is_empty(subject, span)? {
            return Ok(None);
        }
        let middle = |len: usize| if before.is_some() { len / 2 } else { 0 };
        let (low, x, high) = match subject {
            Value::Event(_) | Value::Set(_) => {
                let set = self.ground.set(subject, span)?;
                let at = set.iter().nth(middle(set.len())).unwrap_or(0);
                let part = |test: &dyn Fn(usize) -> bool| {
                    Value::set(relation::Set::of(self.ground.n, |i| set.contains(i) && test(i)))
                };
                (part(&|i| i < at), Value::Event(at), part(&|i| i > at))
            }
            Value::Pair(..) | Value::Relation(_) => {
                let pairs: Vec<_> = self.ground.relation(subject, span)?.iter().collect();
                let at = middle(pairs.len());
                let part = |pairs: &[(usize, usize)]| {
                    Value::relation(Relation::from_pairs(self.ground.n, pairs.iter().copied()))
                };
                (part(&pairs[..at]), Value::Pair(pairs[at].0, pairs[at].1), part(&pairs[at + 1..]))
            }
            _ => {
                let c = self.ground.collection(subject, span)?;
                let split = if before.is_some() {
                    c.elements.middle().map(|(low, x, high)| (low.clone(), x.clone(), high.clone()))
                } else {
                    c.elements.split_first().map(|(x, rest)| (Tree::default(), x, rest))
                };
                let Some((low, x, high)) = split else { return Ok(None) };
                (Value::collection(c.of.clone(), low), x, Value::collection(c.of.clone(), high))
            }
        };
        let mut scope = scope.clone();
        for (name, value) in [(before.and_then(Option::as_ref), low), (element, x), (rest, high)] {
            if let Some(name) = name {
                scope = scope.with_value(&name.text, value);
            }
        }
        Ok(Some(scope))
    }
}

impl Drop for Interp<'_, '_> {
    fn drop(&mut self) {
        self.clear();
    }
}

/// All tags of an enumeration.
pub(crate) fn all_tags<'m>(of: &Rc<Enumeration>) -> Vec<Value<'m>> {
    of.tags.iter().map(|text| Value::Tag(Tag { of: of.clone(), text: text.clone() })).collect()
}

/// The clause for a tag, if there is one.
pub(crate) fn find_clause<'c, T>(
    tag: &Value<'_>,
    clauses: &'c [(Name, T)],
    span: Span,
) -> Result<Option<&'c T>> {
    match tag {
        Value::Tag(tag) => Ok(clauses.iter().find(|(name, _)| name.text == tag.text).map(|(_, body)| body)),
        _ => Err(unexpected(tag, "a tag", span)),
    }
}

/// The error that no clause fits.
pub(crate) fn no_clause(tag: &Value<'_>, span: Span) -> Box<EvalError> {
    EvalError::of_type(span, format!("no clause matches {tag:?}"))
}

fn member(binding: &Binding) -> Option<Member<'_>> {
    match (&binding.pattern, &binding.expr.kind) {
        (Pattern::Name(Some(name)), ExprKind::Fun(params, body)) => {
            Some(Member { name: &name.text, params, body })
        }
        _ => None,
    }
}

/// Binds the functions of a recursive group, closed over `scope`.
fn close_group<'m>(scope: Scope<'m>, group: &Rc<[Member<'m>]>) -> Scope<'m> {
    let mut inner = scope.clone();
    for Member { name, params, body } in group.iter() {
        let closure = Closure { params, body, group: Some(group.clone()), scope: scope.clone() };
        inner = inner.with_value(name, Value::Function(Rc::new(closure)));
    }
    inner
}

fn bind_empty<'m>(scope: &Scope<'m>, pattern: &'m Pattern) -> Scope<'m> {
    let names = match pattern {
        Pattern::Name(name) => std::slice::from_ref(name),
        Pattern::Tuple(names) => names,
    };
    let bind = |scope: Scope<'m>, name: &'m Name| scope.with_value(&name.text, Value::Empty);
    names.iter().flatten().fold(scope.clone(), bind)
}

/// The scope with a pattern matched against a value.
pub(crate) fn bind_value<'m>(
    scope: &Scope<'m>,
    pattern: &'m Pattern,
    value: Value<'m>,
    span: Span,
) -> Result<Scope<'m>> {
    match pattern {
        Pattern::Name(None) => Ok(scope.clone()),
        Pattern::Name(Some(name)) => Ok(scope.with_value(&name.text, value)),
        Pattern::Tuple(names) => {
            let mut scope = scope.clone();
            for (name, value) in names.iter().zip(parts(&value, names.len(), span)?) {
                if let Some(name) = name {
                    scope = scope.with_value(&name.text, value);
                }
            }
            Ok(scope)
        }
    }
}

/// The value as a tuple of so many parts.
pub(crate) fn parts<'m>(value: &Value<'m>, len: usize, span: Span) -> Result<Vec<Value<'m>>> {
    match value {
        _ if len == 1 => Ok(vec![value.clone()]),
        Value::Pair(i, j) if len == 2 => Ok(vec![Value::Event(*i), Value::Event(*j)]),
        Value::Tuple(parts) if parts.len() == len => Ok(parts.to_vec()),
        _ => Err(EvalError::of_type(span, format!("expected a tuple of {len}, found {}", value.type_of()))),
    }
}

fn condition_span(condition: &Condition) -> Span {
    match condition {
        Condition::Equal(a, _) | Condition::Subset(a, _) | Condition::In(a, _) => a.span,
        Condition::Variant(_, span) => *span,
        // Their parts are stepped through in their turn.
        Condition::Not(_) | Condition::And(..) | Condition::Or(..) => Span::default(),
    }
}
