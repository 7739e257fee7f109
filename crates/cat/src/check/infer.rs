//! The kinds of expressions.

use super::types::{Function, NO_LOCAL, PRIMITIVES, Scope, Shape, Type};
use super::{Checker, Found};
use crate::ast::{Binding, Condition, Expr, ExprKind, Name, Pattern};
use crate::predefined::Kind;
use std::rc::Rc;
use syntax::{Diagnostic, Span};

impl<'m> Checker<'m, '_> {
    /// What an expression evaluates to.
    pub(super) fn infer(&mut self, scope: &Scope, expr: &'m Expr) -> Type<'m> {
        self.deeper(Type::Unknown, |checker| checker.infer_kind(scope, expr))
    }

    fn infer_kind(&mut self, scope: &Scope, expr: &'m Expr) -> Type<'m> {
        match &expr.kind {
            ExprKind::EmptyRelation => Type::Relation,
            ExprKind::Empty => Type::Empty,
            ExprKind::Universe => Type::Universe,
            ExprKind::Var(name) => self.variable(scope, name, expr.span),
            ExprKind::Tag(_) => Type::Tag,
            ExprKind::Explicit(elements) => self.explicit(scope, elements),
            ExprKind::Tuple(parts) => Type::Tuple(parts.iter().map(|part| self.infer(scope, part)).collect()),
            ExprKind::IdentityOn(set) => {
                let found = self.infer(scope, set);
                self.need_set(&found, set, "`[…]`");
                Type::Relation
            }
            ExprKind::Apply(function, argument) => self.apply(scope, function, argument, expr.span),
            ExprKind::Unary(operator, inner) => {
                let found = self.infer(scope, inner);
                self.unary(*operator, found, inner)
            }
            ExprKind::Binary(operator, left, right) => {
                let left_type = self.infer(scope, left);
                let right_type = self.infer(scope, right);
                self.binary(*operator, (left, left_type), (right, right_type), expr.span)
            }
            ExprKind::Let(bindings, body) => {
                let mut inner = local(scope);
                self.bind_all(&mut inner, bindings);
                self.infer(&inner, body)
            }
            ExprKind::LetRec(bindings, body) => {
                let mut inner = local(scope);
                let found = self.bind_rec(&mut inner, bindings);
                self.current.add(found);
                self.infer(&inner, body)
            }
            ExprKind::Fun(pattern, body) => {
                Type::Function(Rc::new(Function { pattern, body, scope: local(scope) }))
            }
            ExprKind::Try(first, second) => self.attempt(scope, first, second),
            ExprKind::If(condition, yes, no) => self.choose(scope, condition, yes, no),
            ExprKind::MatchTag(subject, clauses, default) => {
                self.subject(scope, subject);
                let bodies = clauses.iter().map(|(_, body)| body).chain(default.as_deref());
                let types: Vec<Type<'m>> =
                    bodies.map(|body| self.perhaps(|c| c.infer(scope, body))).collect();
                types.into_iter().reduce(Type::join).unwrap_or(Type::Unknown)
            }
            ExprKind::MatchSet { .. } => self.match_set(scope, expr),
        }
    }

    fn variable(&mut self, scope: &Scope, name: &'m str, span: Span) -> Type<'m> {
        let (slot, hops) = self.slot(scope, name);
        self.steps += hops;
        if let Some(slot) = slot {
            let slot = &self.slots[slot as usize];
            self.current.add(slot.found);
            return slot.value.clone();
        }
        if let Some((_, primitive)) = PRIMITIVES.iter().find(|(known, _)| *known == name) {
            return Type::Primitive(*primitive);
        }
        match (self.options.predefined)(name) {
            Some(Kind::Set) => Type::Set,
            Some(Kind::Relation) => Type::Relation,
            None if self.survey.is_made_by_tag(name) => Type::Unknown,
            None => {
                self.problem("cat::unbound-name", span, |checker| {
                    let error =
                        Diagnostic::error("cat::unbound-name", span, format!("nothing is called `{name}`"));
                    if checker.survey.is_bound(name) {
                        return error.with_help(
                            "it is defined elsewhere, but names are visible below their definition only",
                        );
                    }
                    error.with_suggestion(name, checker.visible_names(scope))
                });
                Type::Unknown
            }
        }
    }

    /// The names to suggest, nearest binding first.
    pub(super) fn visible_names(&self, scope: &Scope) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let mut at = scope.local;
        while let Some(slot) = self.slots.get(at as usize) {
            names.push(slot.name);
            at = slot.next;
        }
        // All slots, in the order of binding: those of the top level are among them.
        names.extend(self.slots.iter().map(|slot| slot.name));
        names.extend(self.options.predefined_names);
        names.extend(PRIMITIVES.iter().map(|(name, _)| *name));
        names
    }

    fn explicit(&mut self, scope: &Scope, elements: &'m [Expr]) -> Type<'m> {
        let types: Vec<Type<'m>> = elements.iter().map(|element| self.infer(scope, element)).collect();
        match types.into_iter().reduce(Type::join) {
            Some(Type::Event) => Type::Set,
            Some(Type::Pair) => Type::Relation,
            Some(Type::Set | Type::Relation | Type::Tag | Type::Values) => Type::Values,
            _ => Type::Unknown,
        }
    }

    fn apply(&mut self, scope: &Scope, function: &'m Expr, argument: &'m Expr, span: Span) -> Type<'m> {
        let function_type = self.infer(scope, function);
        let argument_type = self.infer(scope, argument);
        match function_type {
            Type::Unknown => Type::Unknown,
            Type::Function(function) => self.call(&function, argument_type, span),
            Type::Primitive(primitive) => {
                self.primitive(primitive, &argument_type, argument, &super::operators::quoted(function))
            }
            other => {
                self.not_a_function(&other, function);
                Type::Unknown
            }
        }
    }

    fn not_a_function(&mut self, found: &Type<'m>, function: &'m Expr) {
        let what = match found {
            Type::Procedure(_) => "a procedure, which is used with `call`",
            Type::Empty | Type::Universe => "a set",
            _ => found.shape().describe(),
        };
        let is_relation = found.shape() == Shape::Relation;
        self.problem("cat::not-a-function", function.span, |_| {
            let message = format!("{} is {what}, not a function", super::operators::quoted(function));
            let error = Diagnostic::error("cat::not-a-function", function.span, message);
            if is_relation { error.with_help("missing `;`?") } else { error }
        });
    }

    /// Runs a function, unless it already runs a few times.
    fn call(&mut self, function: &Rc<Function<'m>>, argument: Type<'m>, span: Span) -> Type<'m> {
        let body: *const () = std::ptr::from_ref(function.body).cast();
        if self.calls.iter().filter(|(_, running)| *running == body).count() >= 2 {
            return Type::Unknown;
        }
        self.calls.push((span, body));
        let mut inner = function.scope;
        let found = self.bind_pattern(&mut inner, function.pattern, argument, Found::default(), span);
        self.current.add(found);
        let result = self.infer(&inner, function.body);
        self.calls.pop();
        result
    }

    /// Binds what a pattern names; the result is what goes wrong if any of the names is used.
    fn bind_pattern(
        &mut self,
        scope: &mut Scope,
        pattern: &'m Pattern,
        value: Type<'m>,
        found: Found,
        span: Span,
    ) -> Found {
        let names = match pattern {
            Pattern::Name(name) => {
                self.bind_optional(scope, name, value, found);
                return found;
            }
            Pattern::Tuple(names) => names,
        };
        let (parts, mut whole) = self.apart(|checker| checker.split(names.len(), &value, span));
        whole.add(found);
        for (name, part) in names.iter().zip(parts) {
            self.bind_optional(scope, name, part, whole);
        }
        whole
    }

    pub(super) fn bind_parameters(
        &mut self,
        scope: &mut Scope,
        params: &'m Pattern,
        value: Type<'m>,
        span: Span,
    ) {
        let found = self.bind_pattern(scope, params, value, Found::default(), span);
        self.current.add(found);
    }

    fn bind_optional(&mut self, scope: &mut Scope, name: &'m Option<Name>, value: Type<'m>, found: Found) {
        match name {
            Some(name) => {
                self.bind(scope, &name.text, value, found);
            }
            None => self.anywhere.add(found),
        }
    }

    /// The parts of a tuple of `len`.
    fn split(&mut self, len: usize, value: &Type<'m>, span: Span) -> Vec<Type<'m>> {
        let found = match value {
            Type::Tuple(parts) if parts.len() == len => return parts.to_vec(),
            Type::Pair if len == 2 => return vec![Type::Event, Type::Event],
            Type::Tuple(parts) => format!("a tuple of {}", parts.len()),
            Type::Set | Type::Relation | Type::Event | Type::Tag => value.shape().describe().to_owned(),
            _ => return vec![Type::Unknown; len],
        };
        self.problem("cat::wrong-tuple", span, |_| {
            let message = format!("a tuple of {len} is needed here, but this is {found}");
            Diagnostic::error("cat::wrong-tuple", span, message)
        });
        vec![Type::Unknown; len]
    }

    /// `let a = … and b = …`
    pub(super) fn bind_all(&mut self, scope: &mut Scope, bindings: &'m [Binding]) {
        let outer = *scope;
        for binding in bindings {
            let (value, found) = self.apart(|checker| checker.infer(&outer, &binding.expr));
            self.look_inside(&value);
            self.bind_pattern(scope, &binding.pattern, value, found, binding.expr.span);
        }
    }

    /// Looks for what is wrong in a function of the model's own file, whatever it is applied to.
    fn look_inside(&mut self, value: &Type<'m>) {
        let Type::Function(function) = value else { return };
        if !self.calls.is_empty() || function.body.span.file != self.file {
            return;
        }
        let (_, found) = self.apart(|checker| checker.call(function, Type::Unknown, function.body.span));
        self.anywhere.add(found.doubtful());
    }

    /// `let rec a = … and b = …`; the result is what computing the values meets.
    pub(super) fn bind_rec(&mut self, scope: &mut Scope, bindings: &'m [Binding]) -> Found {
        let slots: Vec<Option<u32>> =
            bindings.iter().map(|binding| self.bind_empty(scope, binding)).collect();
        for (binding, slot) in bindings.iter().zip(&slots) {
            if let (ExprKind::Fun(pattern, body), Some(slot)) = (&binding.expr.kind, slot) {
                let function = Rc::new(Function { pattern, body, scope: local(scope) });
                self.slots[*slot as usize].value = Type::Function(function);
            }
        }
        let inner = *scope;
        let mut all = Found::default();
        for _ in 0..3 {
            for (binding, slot) in bindings.iter().zip(&slots) {
                if matches!(binding.expr.kind, ExprKind::Fun(..)) {
                    continue;
                }
                let (value, found) = self.apart(|checker| checker.infer(&inner, &binding.expr));
                all.add(found);
                if let Some(slot) = slot {
                    let slot = &mut self.slots[*slot as usize];
                    slot.value = std::mem::replace(&mut slot.value, Type::Unknown).join(value);
                }
            }
        }
        self.anywhere.add(all);
        for (binding, slot) in bindings.iter().zip(slots) {
            let Some(slot) = slot else { continue };
            if matches!(binding.expr.kind, ExprKind::Fun(..)) {
                let value = self.slots[slot as usize].value.clone();
                self.look_inside(&value);
            } else {
                self.slots[slot as usize].found = all;
            }
        }
        all
    }

    /// Binds the names of a recursive binding, and returns the slot if it is a single name.
    fn bind_empty(&mut self, scope: &mut Scope, binding: &'m Binding) -> Option<u32> {
        match &binding.pattern {
            Pattern::Name(name) => {
                let name = name.as_ref()?;
                Some(self.bind(scope, &name.text, Type::Empty, Found::default()))
            }
            Pattern::Tuple(names) => {
                for name in names {
                    self.bind_optional(scope, name, Type::Unknown, Found::default());
                }
                None
            }
        }
    }

    /// `try first with second`
    fn attempt(&mut self, scope: &Scope, first: &'m Expr, second: &'m Expr) -> Type<'m> {
        let anywhere = self.anywhere;
        let (first_type, found) = self.apart(|checker| checker.infer(scope, first));
        self.anywhere = anywhere;
        if found.certain != 0 {
            return self.infer(scope, second);
        }
        let (second_type, _) = self.apart(|checker| checker.infer(scope, second));
        self.anywhere = anywhere;
        if found.possible == 0 && !matches!(first_type, Type::Unknown) {
            return first_type;
        }
        first_type.join(second_type)
    }

    fn choose(&mut self, scope: &Scope, condition: &'m Condition, yes: &'m Expr, no: &'m Expr) -> Type<'m> {
        if let Some(chosen) = self.variant(condition) {
            return self.infer(scope, if chosen { yes } else { no });
        }
        if let Condition::Equal(a, b) | Condition::Subset(a, b) | Condition::In(a, b) = condition {
            self.infer(scope, a);
            self.infer(scope, b);
        }
        let yes = self.perhaps(|checker| checker.infer(scope, yes));
        let no = self.perhaps(|checker| checker.infer(scope, no));
        yes.join(no)
    }

    /// What a condition on variants comes to; `None` for other conditions.
    pub(super) fn variant(&self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Variant(name, _) => Some((self.options.variants)(name)),
            Condition::Not(inner) => Some(!self.variant(inner)?),
            Condition::And(a, b) => Some(self.variant(a)? & self.variant(b)?),
            Condition::Or(a, b) => Some(self.variant(a)? | self.variant(b)?),
            Condition::Equal(..) | Condition::Subset(..) | Condition::In(..) => None,
        }
    }

    /// The subject of a match on tags.
    pub(super) fn subject(&mut self, scope: &Scope, subject: &'m Expr) {
        let found = self.infer(scope, subject);
        if matches!(found, Type::Tag | Type::Unknown) {
            return;
        }
        self.problem("cat::wrong-kind", subject.span, |_| {
            let what = match found.shape() {
                Shape::Any | Shape::Values => "a set",
                shape => shape.describe(),
            };
            let message =
                format!("a match on tags needs a tag, but {} is {what}", super::operators::quoted(subject));
            Diagnostic::error("cat::wrong-kind", subject.span, message)
        });
    }

    fn match_set(&mut self, scope: &Scope, expr: &'m Expr) -> Type<'m> {
        let ExprKind::MatchSet { set, empty, before, element, rest, body } = &expr.kind else {
            return Type::Unknown;
        };
        let found = self.infer(scope, set);
        if matches!(found.shape(), Shape::Tuple | Shape::Function) || matches!(found, Type::Tag) {
            self.wrong_kind(&found, set, "a match on `{}` needs a set");
        }
        let empty = self.perhaps(|checker| checker.infer(scope, empty));
        let part = match &found {
            Type::Set | Type::Relation | Type::Values => found.clone(),
            _ => Type::Unknown,
        };
        let mut inner = local(scope);
        if let Some(before) = before {
            self.bind_optional(&mut inner, before, part.clone(), Found::default());
        }
        self.bind_optional(&mut inner, element, found.element(), Found::default());
        self.bind_optional(&mut inner, rest, part, Found::default());
        let body = self.perhaps(|checker| checker.infer(&inner, body));
        empty.join(body)
    }
}

/// The scope of what stands inside an expression.
fn local(scope: &Scope) -> Scope {
    debug_assert!(scope.is_global <= (scope.local == NO_LOCAL));
    Scope { is_global: false, ..*scope }
}
