//! Walking over the tree.

use super::ast::{Atomic, ExprId, ExprKind, StmtId, StmtKind, Unit};

/// Visits the operands of an expression, in the order in which they are written. Statements inside a
/// [`ExprKind::Block`] are not visited.
pub fn operands(unit: &Unit, kind: ExprKind, visit: &mut impl FnMut(ExprId)) {
    match kind {
        ExprKind::Int(_) | ExprKind::Address(_) | ExprKind::Local(_) => {}
        ExprKind::Deref(one)
        | ExprKind::Read(one)
        | ExprKind::AddressOf(one)
        | ExprKind::Convert(one)
        | ExprKind::Detach(one)
        | ExprKind::Field { place: one, .. }
        | ExprKind::IncDec { place: one, .. }
        | ExprKind::Unary { value: one, .. } => visit(one),
        ExprKind::Assign { place: a, value: b }
        | ExprKind::CompoundAssign { place: a, value: b, .. }
        | ExprKind::Binary { left: a, right: b, .. }
        | ExprKind::PointerAdd { pointer: a, index: b, .. }
        | ExprKind::PointerDifference { left: a, right: b, .. }
        | ExprKind::LogicalAnd { left: a, right: b }
        | ExprKind::LogicalOr { left: a, right: b }
        | ExprKind::Comma { left: a, right: b } => {
            visit(a);
            visit(b);
        }
        ExprKind::Conditional { cond, then, otherwise } => {
            visit(cond);
            visit(then);
            visit(otherwise);
        }
        ExprKind::Call { arguments, .. } => unit.expr_list(arguments).iter().for_each(|id| visit(*id)),
        ExprKind::Block { value, .. } => value.into_iter().for_each(visit),
        ExprKind::Atomic(atomic) => atomic_operands(atomic, visit),
    }
}

fn atomic_operands(atomic: Atomic, visit: &mut impl FnMut(ExprId)) {
    match atomic {
        Atomic::Load { place, .. } | Atomic::Lock { place, .. } => visit(place),
        Atomic::Store { place, value, .. }
        | Atomic::Exchange { place, value, .. }
        | Atomic::FetchOp { place, value, .. } => {
            visit(place);
            visit(value);
        }
        Atomic::CompareExchange { place, expected, desired, .. }
        | Atomic::Cmpxchg { place, expected, desired, .. } => {
            visit(place);
            visit(expected);
            visit(desired);
        }
        Atomic::AddUnless { place, add, unless, .. } => {
            visit(place);
            visit(add);
            visit(unless);
        }
        Atomic::Fence { .. } => {}
        Atomic::Srcu { place, value, .. } => {
            visit(place);
            value.into_iter().for_each(visit);
        }
    }
}

/// Visits the expressions and the statements directly inside a statement.
pub fn parts(unit: &Unit, kind: StmtKind, expr: &mut impl FnMut(ExprId), stmt: &mut impl FnMut(StmtId)) {
    match kind {
        StmtKind::Empty
        | StmtKind::Label(_)
        | StmtKind::Goto(_)
        | StmtKind::Break
        | StmtKind::Continue
        | StmtKind::Return(None) => {}
        StmtKind::Expr(id) | StmtKind::Return(Some(id)) => expr(id),
        StmtKind::Declare { init, .. } => unit.expr_list(init).iter().for_each(|id| expr(*id)),
        StmtKind::Block(list) => unit.stmt_list(list).iter().for_each(|id| stmt(*id)),
        StmtKind::If { cond, then, otherwise } => {
            expr(cond);
            stmt(then);
            otherwise.into_iter().for_each(stmt);
        }
        StmtKind::While { cond, body } => {
            expr(cond);
            stmt(body);
        }
        StmtKind::DoWhile { body, cond } => {
            stmt(body);
            expr(cond);
        }
        StmtKind::For { init, cond, step, body } => {
            init.into_iter().for_each(&mut *stmt);
            cond.into_iter().for_each(&mut *expr);
            stmt(body);
            step.into_iter().for_each(expr);
        }
        StmtKind::Switch { value, body, .. } => {
            expr(value);
            stmt(body);
        }
    }
}
