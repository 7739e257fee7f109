//! `let rec`: fixpoints, and functions that call each other.

use super::build::{Builder, Failure, Res, unsupported};
use super::value::{Env, Val, bind_functions, done};
use super::{Deps, Fix, FixId, Node, NodeId, Sort};
use crate::ast::{Binding, ExprKind, Pattern};
use std::sync::Arc;
use syntax::Span;

impl Builder<'_> {
    pub(super) fn bind_recursive(&mut self, bindings: &[Binding], env: &mut Env, span: Span) -> Res<()> {
        let functions: Vec<&Binding> =
            bindings.iter().filter(|b| matches!(b.expr.kind, ExprKind::Fun(..))).collect();
        let values: Vec<&Binding> =
            bindings.iter().filter(|b| !matches!(b.expr.kind, ExprKind::Fun(..))).collect();
        if values.is_empty() {
            bind_functions(&functions, env);
            return Ok(());
        }
        let mut names = Vec::new();
        for binding in &values {
            match &binding.pattern {
                Pattern::Name(Some(name)) => names.push(Arc::clone(&name.text)),
                _ => return unsupported(binding.span, "`let rec` with a pattern"),
            }
        }
        if names.len() > 8 {
            return unsupported(span, "`let rec` with more than 8 bindings");
        }
        // Which bindings are sets is found out by trying, fewest first.
        let mut choices: Vec<u32> = (0..1 << names.len()).collect();
        choices.sort_by_key(|choice| choice.count_ones());
        let mut failure = None;
        for choice in choices {
            let sorts: Vec<Sort> = (0..names.len())
                .map(|i| if choice >> i & 1 == 1 { Sort::Set } else { Sort::Relation })
                .collect();
            match self.try_fixpoint(&names, &values, &functions, &sorts, env) {
                Ok(results) => {
                    for (name, node) in names.iter().zip(results) {
                        env.bind(name, done(Val::Node(node)));
                    }
                    bind_functions(&functions, env);
                    return Ok(());
                }
                Err(unsupported @ Failure::Unsupported { .. }) => return Err(unsupported),
                Err(wrong) => failure = failure.or(Some(wrong)),
            }
        }
        Err(failure.unwrap_or(Failure::Model { message: "no type fits this recursion".to_owned(), span }))
    }

    fn try_fixpoint(
        &mut self,
        names: &[Arc<str>],
        values: &[&Binding],
        functions: &[&Binding],
        sorts: &[Sort],
        env: &Env,
    ) -> Res<Vec<NodeId>> {
        let fix = FixId(self.fixes.len() as u32);
        self.fixes.push(Fix { vars: Vec::new(), bodies: Vec::new() });
        let vars: Vec<NodeId> =
            sorts.iter().enumerate().map(|(i, sort)| self.graph.variable(fix, i as u32, *sort)).collect();
        let mut inner = env.clone();
        for (name, var) in names.iter().zip(&vars) {
            inner.bind(name, done(Val::Node(*var)));
        }
        bind_functions(functions, &mut inner);
        let mut bodies = Vec::new();
        for (binding, sort) in values.iter().zip(sorts) {
            let value = self.eval(&binding.expr, &inner)?;
            bodies.push(self.node(value, *sort, binding.span)?);
        }
        let deps = bodies.iter().fold(Deps::NONE, |deps, body| deps.with(self.graph.deps[body.index()]));
        let mut inside: Vec<FixId> = Vec::new();
        for body in &bodies {
            for outer in self.graph.inside[body.index()].clone() {
                if outer != fix && !inside.contains(&outer) {
                    inside.push(outer);
                }
            }
        }
        let recursive = bodies.iter().any(|body| self.graph.inside[body.index()].contains(&fix));
        self.fixes[fix.0 as usize] = Fix { vars, bodies: bodies.clone() };
        if !recursive {
            return Ok(bodies);
        }
        if let Some(closure) = self.as_closure(fix) {
            return Ok(vec![closure]);
        }
        Ok((0..names.len()).map(|i| self.graph.fix(fix, i as u32, sorts[i], deps, inside.clone())).collect())
    }

    /// `let rec x = r | x; x`, in any order, is `r+`.
    fn as_closure(&mut self, fix: FixId) -> Option<NodeId> {
        let Fix { vars, bodies } = self.fixes[fix.0 as usize].clone();
        let ([var], [body]) = (&vars[..], &bodies[..]) else { return None };
        let mut parts = Vec::new();
        self.graph.union_parts(*body, &mut parts);
        let (recursive, rest): (Vec<NodeId>, Vec<NodeId>) =
            parts.into_iter().partition(|part| self.graph.inside[part.index()].contains(&fix));
        let [one] = recursive[..] else { return None };
        let is_square = matches!(self.graph.node(one), Node::Sequence(a, b) if a == var && b == var);
        is_square.then(|| {
            let base = self.graph.union_of(rest, Sort::Relation);
            self.graph.plus(base)
        })
    }
}
