//! Running a model on unknowns.

use super::graph::Graph;
use super::value::{Closure, Env, Lazy, Procedure, Thunk, Val, bind_lazy, contains, done, tag_sets};
use super::{Base, Choice, Fix, Node, NodeId, Orders, Plan, PlanCheck, Sort, analysis};
use crate::ast::{
    Binary, Binding, Check, Condition, Expr, ExprKind, Item, ItemKind, Model, Name, Pattern, Role, Unary,
};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use syntax::Span;

/// What a model is compiled for.
pub struct Request<'a> {
    /// What is run, in order, in one environment: the standard library, a bell file, the model.
    pub models: &'a [&'a Model],
    /// Whether there is a predefined set or relation of that name.
    pub predefined: &'a dyn Fn(&str) -> Option<Sort>,
    /// Whether that predefined set or relation is empty in every execution that the plan is for.
    pub empty: &'a dyn Fn(&str) -> bool,
    /// Whether a variant is on.
    pub variant: &'a dyn Fn(&str) -> bool,
    /// Names of checks and calls that are left out.
    pub skip: &'a [String],
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The model uses something that a plan can't say: the general evaluator has to run it.
    Unsupported {
        /// What.
        what: String,
        /// Where.
        span: Span,
    },
    /// The model is wrong.
    Model {
        /// How, as herd7 words it.
        message: String,
        /// Where.
        span: Span,
    },
}

pub(super) type Res<T> = Result<T, Failure>;

fn wrong<T>(span: Span, message: impl Into<String>) -> Res<T> {
    Err(Failure::Model { message: message.into(), span })
}

pub(super) fn unsupported<T>(span: Span, what: impl Into<String>) -> Res<T> {
    Err(Failure::Unsupported { what: what.into(), span })
}

/// How deeply calls, lazy bindings and expressions may nest.
const DEPTH: u32 = 400;

/// How many expressions may be evaluated.
const STEPS: u32 = 1_000_000;

/// Compiles a model.
///
/// # Errors
/// See [`Failure`].
pub fn build(request: &Request<'_>) -> Res<Plan> {
    let mut builder = Builder {
        request,
        graph: Graph::default(),
        fixes: Vec::new(),
        names: Vec::new(),
        name_ids: FxHashMap::default(),
        checks: Vec::new(),
        co: None,
        choices: Vec::new(),
        elements: 0,
        depth: 0,
        steps: 0,
    };
    let mut env = Env::default();
    for model in request.models {
        builder.items(&model.items, &mut env)?;
    }
    Ok(builder.finish())
}

const PRIMITIVES: &[&str] = &[
    "domain",
    "range",
    "fail",
    "tag2events",
    "tag2instrs",
    "as_transitive",
    "different-values",
    "same-oa",
    "at-least-one-writable",
    "oa-changes",
    "fromto",
    "classes-loc",
    "partition",
    "classes",
    "lift",
    "delift",
    "deliftinter",
    "linearisations",
    "bisimulation",
    "tag2scope",
    "tag2level",
    "tag2fenced",
    "loc2events",
];

pub(super) struct Builder<'a> {
    request: &'a Request<'a>,
    pub(super) graph: Graph,
    pub(super) fixes: Vec<Fix>,
    names: Vec<Arc<str>>,
    name_ids: FxHashMap<Arc<str>, u32>,
    pub(super) checks: Vec<PlanCheck>,
    pub(super) co: Option<Orders>,
    pub(super) choices: Vec<Choice>,
    /// How many unknown elements functions were run on.
    pub(super) elements: u32,
    depth: u32,
    steps: u32,
}

impl Builder<'_> {
    fn finish(self) -> Plan {
        let Graph { nodes, sorts, deps, inside, .. } = self.graph;
        let monotonicity = analysis::monotonicity(&nodes, &deps, &inside, &self.fixes);
        let mut checks = self.checks;
        for check in &mut checks {
            check.monotonicity = monotonicity[check.node.index()];
        }
        super::compact::compact(Plan {
            nodes,
            sorts,
            deps,
            inside,
            fixes: self.fixes,
            names: self.names,
            checks,
            co: self.co,
            choices: self.choices,
        })
    }

    fn items(&mut self, items: &[Item], env: &mut Env) -> Res<()> {
        items.iter().try_for_each(|item| self.item(item, env))
    }

    fn skipped(&self, name: Option<&Name>) -> bool {
        name.is_some_and(|name| self.request.skip.iter().any(|skip| **skip == *name.text))
    }

    fn item(&mut self, item: &Item, env: &mut Env) -> Res<()> {
        match &item.kind {
            ItemKind::Let(bindings) => self.bind_all(bindings, env),
            ItemKind::LetRec(_, Some(_)) => unsupported(item.span, "`let rec … when`"),
            ItemKind::LetRec(bindings, None) => self.bind_recursive(bindings, env, item.span),
            ItemKind::Check { check, role } => self.check(check, *role, env),
            ItemKind::Include { path, model } => match model {
                Some(model) => self.items(&model.items, env),
                None => wrong(item.span, format!("Cannot find file {path}")),
            },
            ItemKind::Show(..) | ItemKind::Unshow(_) | ItemKind::Debug(_) => Ok(()),
            ItemKind::Instructions(..) | ItemKind::Default(..) => Ok(()),
            ItemKind::Procedure { name, params, body, recursive } => {
                let procedure = Rc::new(Procedure {
                    params: params.clone(),
                    body: Arc::clone(body),
                    env: RefCell::new(env.clone()),
                });
                env.bind(&name.text, done(Val::Procedure(Rc::clone(&procedure))));
                if *recursive {
                    *procedure.env.borrow_mut() = env.clone();
                }
                Ok(())
            }
            ItemKind::Call { procedure, args, name } => {
                if self.skipped(name.as_ref()) || self.skipped(Some(procedure)) {
                    return Ok(());
                }
                self.call(procedure, args, env)
            }
            ItemKind::Enum(name, tags) => {
                let values = tags.iter().map(|tag| Val::Tag(Arc::clone(&tag.text))).collect();
                env.bind(&name.text, done(Val::Values(values)));
                Ok(())
            }
            ItemKind::Forall(name, set, body) => match self.eval(set, env)? {
                Val::Values(values) => values.into_iter().try_for_each(|value| {
                    let mut inner = env.clone();
                    inner.bind(&name.text, done(value));
                    self.items(body, &mut inner)
                }),
                Val::Empty => Ok(()),
                _ => unsupported(item.span, "`forall` over a set that depends on the execution"),
            },
            ItemKind::With(name, set) => self.with(name, set, env),
            ItemKind::Match(value, clauses, otherwise) => {
                let Val::Tag(tag) = self.eval(value, env)? else {
                    return wrong(value.span, "matching on non-tag value");
                };
                let clause = clauses.iter().find(|(name, _)| name.text == tag).map(|(_, body)| body);
                match clause.or(otherwise.as_ref()) {
                    Some(body) => self.items(body, env),
                    None => wrong(item.span, format!("pattern matching failed on value '{tag}")),
                }
            }
            ItemKind::If(condition, then, otherwise) => {
                let body = if self.condition(condition, env, item.span)? { then } else { otherwise };
                self.items(body, env)
            }
        }
    }

    fn call(&mut self, name: &Name, args: &Expr, env: &Env) -> Res<()> {
        let Val::Procedure(procedure) = self.lookup(&name.text, name.span, env)? else {
            return wrong(
                name.span,
                format!("procedure call on something that is no procedure: {}", name.text),
            );
        };
        let args = self.eval(args, env)?;
        let mut inner = procedure.env.borrow().clone();
        self.bind_pattern(&procedure.params, args, &mut inner, name.span)?;
        self.enter(name.span)?;
        let result = self.items(&procedure.body, &mut inner);
        self.depth -= 1;
        result
    }

    fn enter(&mut self, span: Span) -> Res<()> {
        self.depth += 1;
        self.steps += 1;
        if self.steps > STEPS || self.graph.is_too_large() {
            return unsupported(span, "functions that make the model too large");
        }
        if self.depth > DEPTH {
            self.depth = 0;
            return unsupported(span, "recursion that does not end without an execution");
        }
        Ok(())
    }

    fn check(&mut self, check: &Check, role: Role, env: &Env) -> Res<()> {
        if self.skipped(check.name.as_ref()) {
            return Ok(());
        }
        let value = self.eval(&check.expr, env)?;
        let sort = match (&value, check.test) {
            (Val::Node(node), _) => self.graph.sort(*node),
            _ => Sort::Relation,
        };
        if sort == Sort::Set && check.test != crate::ast::Test::Empty {
            return wrong(check.expr.span, "relation expected, set found");
        }
        let node = self.node(value, sort, check.expr.span)?;
        self.push_check(role, check.test, check.negated, node, check.name.as_ref());
        Ok(())
    }

    pub(super) fn push_check(
        &mut self,
        role: Role,
        test: crate::ast::Test,
        negated: bool,
        node: NodeId,
        name: Option<&Name>,
    ) {
        let name = name.map(|name| Arc::clone(&name.text));
        let monotonicity = analysis::Monotonicity::Unknown;
        self.checks.push(PlanCheck { role, test, negated, node, name, monotonicity, about_co: false });
    }

    fn bind_all(&mut self, bindings: &[Binding], env: &mut Env) -> Res<()> {
        let outer = env.clone();
        for binding in bindings {
            let value = Rc::new(RefCell::new(Thunk::Waiting(Arc::clone(&binding.expr), outer.clone())));
            bind_lazy(&binding.pattern, &value, env, binding.span);
        }
        Ok(())
    }

    fn bind_pattern(&mut self, pattern: &Pattern, value: Val, env: &mut Env, span: Span) -> Res<()> {
        match pattern {
            Pattern::Name(None) => {}
            Pattern::Name(Some(name)) => env.bind(&name.text, done(value)),
            Pattern::Tuple(names) => {
                let values = match value {
                    Val::Tuple(values) => values,
                    single => vec![single],
                };
                if values.len() != names.len() {
                    return wrong(span, "argument_mismatch");
                }
                for (name, value) in names.iter().zip(values) {
                    if let Some(name) = name {
                        env.bind(&name.text, done(value));
                    }
                }
            }
        }
        Ok(())
    }

    fn lookup(&mut self, name: &str, span: Span, env: &Env) -> Res<Val> {
        if let Some(lazy) = env.find(name) {
            return self.force(&lazy, span);
        }
        if let Some(primitive) = PRIMITIVES.iter().find(|primitive| **primitive == name) {
            return Ok(Val::Primitive(primitive));
        }
        let base = match name {
            "rf" => (Base::Rf, Sort::Relation),
            "loc" => (Base::Loc, Sort::Relation),
            "FW" => (Base::FinalWrites, Sort::Set),
            "id" => return Ok(Val::Node(self.graph.identity())),
            "pco" => return Ok(Val::Node(self.known_coherence())),
            _ => match (self.request.predefined)(name) {
                Some(sort) if (self.request.empty)(name) => return Ok(Val::Node(self.graph.empty(sort))),
                Some(sort) => return Ok(Val::Node(self.static_base(name, sort))),
                None => return wrong(span, format!("unbound var: {name}")),
            },
        };
        Ok(Val::Node(self.graph.base(base.0, base.1)))
    }

    pub(super) fn static_base(&mut self, name: &str, sort: Sort) -> NodeId {
        let names = &mut self.names;
        let id = *self.name_ids.entry(Arc::from(name)).or_insert_with_key(|name| {
            names.push(Arc::clone(name));
            names.len() as u32 - 1
        });
        self.graph.base(Base::Static(id), sort)
    }

    fn force(&mut self, lazy: &Lazy, span: Span) -> Res<Val> {
        let thunk = std::mem::replace(&mut *lazy.borrow_mut(), Thunk::Running);
        let result = match thunk {
            Thunk::Done(result) => result,
            Thunk::Running => return wrong(span, "a binding that needs itself"),
            Thunk::Waiting(expr, env) => self.eval(&expr, &env),
            Thunk::Part(whole, at, of, span) => self.force(&whole, span).and_then(|value| match value {
                Val::Tuple(values) if values.len() == of => Ok(values[at].clone()),
                _ => wrong(span, format!("a tuple of {of} expected")),
            }),
        };
        *lazy.borrow_mut() = Thunk::Done(result.clone());
        result
    }

    /// The node that a value is where a set or relation is wanted.
    pub(super) fn node(&mut self, value: Val, sort: Sort, span: Span) -> Res<NodeId> {
        match value {
            Val::Node(node) if self.graph.sort(node) == sort => Ok(node),
            Val::Empty => Ok(self.graph.empty(sort)),
            Val::Universe => Ok(self.graph.full(sort)),
            Val::Node(_) if sort == Sort::Set => wrong(span, "event set expected, relation found"),
            Val::Node(_) => wrong(span, "relation expected, event set found"),
            Val::Element(element) if sort == Sort::Set => Ok(element),
            Val::SinglePair(_) | Val::Pair(_) | Val::Class(_) => {
                unsupported(span, "an operation on an unknown pair or set")
            }
            Val::Relations(_) | Val::Families(_) | Val::Singles(_) | Val::Classes(_) => {
                unsupported(span, "an operation on a set of sets")
            }
            _ => wrong(span, "set or relation expected"),
        }
    }

    fn relation(&mut self, expr: &Expr, env: &Env) -> Res<NodeId> {
        let value = self.eval(expr, env)?;
        self.node(value, Sort::Relation, expr.span)
    }

    fn set(&mut self, expr: &Expr, env: &Env) -> Res<NodeId> {
        let value = self.eval(expr, env)?;
        self.node(value, Sort::Set, expr.span)
    }

    pub(super) fn eval(&mut self, expr: &Expr, env: &Env) -> Res<Val> {
        self.enter(expr.span)?;
        let result = self.eval_inner(expr, env);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    fn eval_inner(&mut self, expr: &Expr, env: &Env) -> Res<Val> {
        let span = expr.span;
        Ok(match &expr.kind {
            ExprKind::EmptyRelation => Val::Node(self.graph.empty(Sort::Relation)),
            ExprKind::Empty => Val::Empty,
            ExprKind::Universe => Val::Universe,
            ExprKind::Var(name) => self.lookup(name, span, env)?,
            ExprKind::Tag(tag) => Val::Tag(Arc::clone(tag)),
            ExprKind::Explicit(elements) => {
                let values = elements.iter().map(|e| self.eval(e, env)).collect::<Res<Vec<Val>>>()?;
                match &values[..] {
                    // A set of events may be the empty event set, which is not the empty set of sets.
                    [Val::Node(_)] => Val::Values(values),
                    [Val::Element(element)] => Val::Node(*element),
                    [Val::Pair(pairs)] => Val::SinglePair(*pairs),
                    _ if values.iter().all(|value| matches!(value, Val::Tag(_))) => Val::Values(values),
                    _ => return unsupported(span, "an explicit set of anything but tags"),
                }
            }
            ExprKind::Tuple(elements) => {
                Val::Tuple(elements.iter().map(|e| self.eval(e, env)).collect::<Res<Vec<Val>>>()?)
            }
            ExprKind::IdentityOn(set) => {
                let set = self.set(set, env)?;
                Val::Node(self.graph.identity_on(set))
            }
            ExprKind::Apply(function, argument) => self.apply(function, argument, env, span)?,
            ExprKind::Unary(op, a) => self.unary(*op, a, env)?,
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, env, span)?,
            ExprKind::Let(bindings, body) => {
                let mut inner = env.clone();
                self.bind_all(bindings, &mut inner)?;
                self.eval(body, &inner)?
            }
            ExprKind::LetRec(bindings, body) => {
                let mut inner = env.clone();
                self.bind_recursive(bindings, &mut inner, span)?;
                self.eval(body, &inner)?
            }
            ExprKind::Fun(params, body) => Val::Closure(Rc::new(Closure {
                params: params.clone(),
                body: Arc::clone(body),
                env: RefCell::new(env.clone()),
            })),
            ExprKind::Try(first, second) => match self.eval(first, env) {
                Err(Failure::Model { .. }) => self.eval(second, env)?,
                result => result?,
            },
            ExprKind::If(condition, then, otherwise) => {
                let branch = if self.condition(condition, env, span)? { then } else { otherwise };
                self.eval(branch, env)?
            }
            ExprKind::MatchTag(value, clauses, otherwise) => {
                let Val::Tag(tag) = self.eval(value, env)? else {
                    return wrong(value.span, "matching on non-tag value");
                };
                let clause = clauses.iter().find(|(name, _)| name.text == tag).map(|(_, body)| body);
                match clause.or(otherwise.as_deref()) {
                    Some(body) => self.eval(body, env)?,
                    None => return wrong(span, format!("pattern matching failed on value '{tag}")),
                }
            }
            ExprKind::MatchSet { set, empty, .. } => match self.eval(set, env)? {
                Val::Empty => self.eval(empty, env)?,
                Val::Node(node) if self.graph.is_empty(node) => self.eval(empty, env)?,
                _ => return unsupported(span, "matching on a set that depends on the execution"),
            },
        })
    }

    fn apply(&mut self, function: &Expr, argument: &Expr, env: &Env, span: Span) -> Res<Val> {
        let known = match &function.kind {
            ExprKind::Var(name) => &**name,
            _ => "",
        };
        let function = self.eval(function, env)?;
        let argument = self.eval(argument, env)?;
        match (known, &function, &argument) {
            ("map", Val::Closure(_), Val::Closure(_) | Val::Primitive(_)) => Ok(Val::Map(Rc::new(argument))),
            ("cross", Val::Closure(_), _) => self.cross(function, argument, span),
            _ => self.call_function(function, argument, span),
        }
    }

    pub(super) fn call_function(&mut self, function: Val, argument: Val, span: Span) -> Res<Val> {
        match function {
            Val::Closure(closure) => {
                let mut inner = closure.env.borrow().clone();
                self.bind_pattern(&closure.params, argument, &mut inner, span)?;
                self.eval(&closure.body, &inner)
            }
            Val::Map(function) => self.map(&function, argument, span),
            Val::Primitive(name) => self.call_primitive(name, argument, span),
            _ => wrong(span, "closure or primitive expected"),
        }
    }

    fn call_primitive(&mut self, name: &str, argument: Val, span: Span) -> Res<Val> {
        match name {
            "domain" => {
                let r = self.node(argument, Sort::Relation, span)?;
                Ok(Val::Node(self.graph.domain(r)))
            }
            "range" => {
                let r = self.node(argument, Sort::Relation, span)?;
                Ok(Val::Node(self.graph.range(r)))
            }
            // Only page table entries have output addresses, and no event is about one.
            "same-oa" => {
                self.node(argument, Sort::Relation, span)?;
                Ok(Val::Node(self.graph.empty(Sort::Relation)))
            }
            "oa-changes" | "at-least-one-writable" => match argument {
                Val::Tuple(values) => match &values[..] {
                    [Val::Empty, _] => Ok(Val::Empty),
                    [Val::Node(set), _] if *self.graph.node(*set) == Node::Empty(Sort::Set) => {
                        Ok(Val::Node(*set))
                    }
                    _ => unsupported(span, format!("the primitive `{name}`")),
                },
                _ => unsupported(span, format!("the primitive `{name}`")),
            },
            "different-values" => {
                let r = self.node(argument, Sort::Relation, span)?;
                let different = self.graph.base(Base::DifferentValues, Sort::Relation);
                Ok(Val::Node(self.graph.intersection(r, different)))
            }
            "as_transitive" => Ok(argument),
            "fail" => wrong(span, "explicit fail"),
            "tag2events" | "tag2instrs" => {
                let Val::Tag(tag) = argument else { return wrong(span, "tag expected") };
                let mut letters = tag.chars();
                let name: String =
                    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
                self.lookup(&name, span, &Env::default())
            }
            "classes-loc" | "partition" => {
                let set = self.node(argument, Sort::Set, span)?;
                Ok(if self.graph.is_empty(set) { Val::Empty } else { Val::Classes(set) })
            }
            "linearisations" => self.linearisations(argument, span),
            name => unsupported(span, format!("the primitive `{name}`")),
        }
    }

    fn unary(&mut self, op: Unary, a: &Expr, env: &Env) -> Res<Val> {
        let value = self.eval(a, env)?;
        let value = match (op, value) {
            (Unary::Complement, Val::Empty) => return Ok(Val::Universe),
            (Unary::Complement, Val::Universe) => return Ok(Val::Empty),
            (Unary::Complement, Val::Node(node)) => return Ok(Val::Node(self.graph.complement(node))),
            (Unary::Complement, Val::Values(_)) => {
                return unsupported(a.span, "the complement of a set of values");
            }
            (_, value) => value,
        };
        let node = self.node(value, Sort::Relation, a.span)?;
        Ok(Val::Node(match op {
            Unary::Star => self.graph.star(node),
            Unary::Plus => self.graph.plus(node),
            Unary::Optional => self.graph.optional(node),
            Unary::Inverse | Unary::Complement => self.graph.inverse(node),
        }))
    }

    fn binary(&mut self, op: Binary, a: &Expr, b: &Expr, env: &Env, span: Span) -> Res<Val> {
        match op {
            Binary::Sequence => {
                let (a, b) = (self.relation(a, env)?, self.relation(b, env)?);
                Ok(Val::Node(self.graph.sequence(a, b)))
            }
            Binary::Product => {
                let (a, b) = (self.set(a, env)?, self.set(b, env)?);
                Ok(Val::Node(self.graph.product(a, b)))
            }
            Binary::Add => {
                let (element, set) = (self.eval(a, env)?, self.eval(b, env)?);
                self.add(element, set, span)
            }
            Binary::Union | Binary::Intersection | Binary::Difference => {
                let (left, right) = (self.eval(a, env)?, self.eval(b, env)?);
                self.boolean(op, left, right, span)
            }
        }
    }

    fn boolean(&mut self, op: Binary, a: Val, b: Val, span: Span) -> Res<Val> {
        match (op, a, b) {
            (Binary::Union, Val::Empty, other) | (Binary::Union, other, Val::Empty) => Ok(other),
            (Binary::Union, Val::Universe, _) | (Binary::Union, _, Val::Universe) => Ok(Val::Universe),
            (Binary::Intersection, Val::Universe, other) | (Binary::Intersection, other, Val::Universe) => {
                Ok(other)
            }
            (Binary::Intersection, Val::Empty, _) | (Binary::Intersection, _, Val::Empty) => Ok(Val::Empty),
            (Binary::Difference, Val::Empty, _) | (Binary::Difference, _, Val::Universe) => Ok(Val::Empty),
            (Binary::Difference, other, Val::Empty) => Ok(other),
            (_, Val::Values(a), Val::Values(b)) => tag_sets(op, a, b, span),
            (_, a, b) => {
                let sort = match (&a, &b) {
                    (Val::Node(node), _) | (_, Val::Node(node)) => self.graph.sort(*node),
                    _ => return unsupported(span, "an operation on sets of values"),
                };
                let (a, b) = (self.node(a, sort, span)?, self.node(b, sort, span)?);
                Ok(Val::Node(match op {
                    Binary::Union => self.graph.union(a, b),
                    Binary::Intersection => self.graph.intersection(a, b),
                    _ => self.graph.difference(a, b),
                }))
            }
        }
    }

    fn condition(&mut self, condition: &Condition, env: &Env, span: Span) -> Res<bool> {
        Ok(match condition {
            Condition::Variant(name, _) => (self.request.variant)(name),
            Condition::Not(c) => !self.condition(c, env, span)?,
            Condition::And(a, b) => self.condition(a, env, span)? && self.condition(b, env, span)?,
            Condition::Or(a, b) => self.condition(a, env, span)? || self.condition(b, env, span)?,
            Condition::Equal(a, b) => match (self.eval(a, env)?, self.eval(b, env)?) {
                (Val::Tag(a), Val::Tag(b)) => a == b,
                (Val::Empty, Val::Empty) => true,
                (Val::Node(a), Val::Node(b)) if a == b => true,
                _ => return unsupported(span, "comparing values that depend on the execution"),
            },
            Condition::In(a, b) => match (self.eval(a, env)?, self.eval(b, env)?) {
                (Val::Tag(a), Val::Values(set)) => contains(&set, &a),
                (Val::Tag(_), Val::Empty) => false,
                _ => return unsupported(span, "`in` on values that depend on the execution"),
            },
            Condition::Subset(a, b) => match (self.eval(a, env)?, self.eval(b, env)?) {
                (Val::Empty, _) => true,
                (Val::Values(a), Val::Values(b)) => {
                    a.iter().all(|value| matches!(value, Val::Tag(tag) if contains(&b, tag)))
                }
                _ => return unsupported(span, "`subset` on values that depend on the execution"),
            },
        })
    }
}
