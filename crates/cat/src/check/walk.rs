//! Visits everything in a model.

use crate::ast::{Condition, Expr, ExprKind, Item, ItemKind, Model};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Calls `visit` for each instruction of a model and of the files it includes, each file once, outer ones first.
pub(super) fn each_item<'m>(model: &'m Model, visit: &mut dyn FnMut(&'m Item)) {
    items(&model.items, &mut FxHashSet::default(), visit);
}

fn items<'m>(list: &'m [Item], seen: &mut FxHashSet<*const Model>, visit: &mut dyn FnMut(&'m Item)) {
    for item in list {
        visit(item);
        match &item.kind {
            ItemKind::Include { model: Some(model), .. } if seen.insert(Arc::as_ptr(model)) => {
                items(&model.items, seen, visit);
            }
            ItemKind::Procedure { body, .. } | ItemKind::Forall(_, _, body) => items(body, seen, visit),
            ItemKind::Match(_, clauses, default) => {
                for body in clauses.iter().map(|(_, body)| body).chain(default) {
                    items(body, seen, visit);
                }
            }
            ItemKind::If(_, yes, no) => {
                items(yes, seen, visit);
                items(no, seen, visit);
            }
            _ => {}
        }
    }
}

/// Calls `visit` for the expressions of one instruction, without those of the instructions inside it.
pub(super) fn each_expr<'m>(item: &'m Item, visit: &mut dyn FnMut(&'m Expr)) {
    match &item.kind {
        ItemKind::Let(bindings) | ItemKind::LetRec(bindings, None) => {
            bindings.iter().for_each(|binding| expr(&binding.expr, visit));
        }
        ItemKind::LetRec(bindings, Some(check)) => {
            bindings.iter().for_each(|binding| expr(&binding.expr, visit));
            expr(&check.expr, visit);
        }
        ItemKind::Check { check, .. } => expr(&check.expr, visit),
        ItemKind::Show(_, shown) => shown.iter().for_each(|e| expr(e, visit)),
        ItemKind::Call { args: e, .. }
        | ItemKind::Forall(_, e, _)
        | ItemKind::With(_, e)
        | ItemKind::Match(e, ..)
        | ItemKind::Debug(e) => expr(e, visit),
        ItemKind::Instructions(_, annotations) | ItemKind::Default(_, annotations) => {
            annotations.iter().for_each(|e| expr(e, visit));
        }
        ItemKind::Include { .. }
        | ItemKind::Unshow(_)
        | ItemKind::Procedure { .. }
        | ItemKind::Enum(..)
        | ItemKind::If(..) => {}
    }
}

/// Calls `visit` for an expression and all in it, outer ones first.
pub(super) fn expr<'m>(e: &'m Expr, visit: &mut dyn FnMut(&'m Expr)) {
    visit(e);
    match &e.kind {
        ExprKind::EmptyRelation
        | ExprKind::Empty
        | ExprKind::Universe
        | ExprKind::Var(_)
        | ExprKind::Tag(_) => {}
        ExprKind::Explicit(parts) | ExprKind::Tuple(parts) => parts.iter().for_each(|part| expr(part, visit)),
        ExprKind::IdentityOn(inner) | ExprKind::Unary(_, inner) => expr(inner, visit),
        ExprKind::Apply(a, b) | ExprKind::Binary(_, a, b) | ExprKind::Try(a, b) => {
            expr(a, visit);
            expr(b, visit);
        }
        ExprKind::Let(bindings, body) | ExprKind::LetRec(bindings, body) => {
            bindings.iter().for_each(|binding| expr(&binding.expr, visit));
            expr(body, visit);
        }
        ExprKind::Fun(_, body) => expr(body, visit),
        ExprKind::If(condition, yes, no) => {
            if let Condition::Equal(a, b) | Condition::Subset(a, b) | Condition::In(a, b) = &**condition {
                expr(a, visit);
                expr(b, visit);
            }
            expr(yes, visit);
            expr(no, visit);
        }
        ExprKind::MatchTag(subject, clauses, default) => {
            expr(subject, visit);
            clauses.iter().for_each(|(_, body)| expr(body, visit));
            default.iter().for_each(|body| expr(body, visit));
        }
        ExprKind::MatchSet { set, empty, body, .. } => {
            expr(set, visit);
            expr(empty, visit);
            expr(body, visit);
        }
    }
}

/// Calls `visit` for each variant that a condition names.
pub(super) fn variants<'m>(condition: &'m Condition, visit: &mut dyn FnMut(&'m str, syntax::Span)) {
    match condition {
        Condition::Variant(name, span) => visit(name, *span),
        Condition::Not(inner) => variants(inner, visit),
        Condition::And(a, b) | Condition::Or(a, b) => {
            variants(a, visit);
            variants(b, visit);
        }
        Condition::Equal(..) | Condition::Subset(..) | Condition::In(..) => {}
    }
}
