//! What expressions do beside having a value. Each is looked at once: macros share subtrees.

use crate::c::ast::{Atomic, BinaryOp, ExprId, ExprKind, Local, Unit};

/// What an expression does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Effects {
    /// Makes events of memory, writes a variable, or may be undefined.
    pub(super) acts: bool,
    /// Has a sequence point that splits it into several instructions.
    pub(super) splits: bool,
}

impl Effects {
    fn or(self, other: Effects) -> Effects {
        Effects { acts: self.acts || other.acts, splits: self.splits || other.splits }
    }

    const ACTS: Effects = Effects { acts: true, splits: false };
    const SPLITS: Effects = Effects { acts: true, splits: true };
}

/// The effects of all expressions of a unit. Those that are known are remembered.
#[derive(Debug)]
pub(super) struct Table(Vec<Option<Effects>>);

impl Table {
    pub(super) fn new(unit: &Unit) -> Table {
        Table(vec![None; unit.exprs.len()])
    }

    /// The effects of an expression in a function with these variables. Those that are nested too deep are taken to
    /// have all effects.
    pub(super) fn get(&mut self, unit: &Unit, locals: &[Local], id: ExprId) -> Effects {
        self.look(unit, locals, id, 0)
    }

    fn look(&mut self, unit: &Unit, locals: &[Local], id: ExprId, depth: u32) -> Effects {
        let at = id.0 as usize;
        if let Some(known) = self.0[at] {
            return known;
        }
        if depth > super::MAX_NESTING {
            return Effects::SPLITS;
        }
        let effects = self.compute(unit, locals, id, depth + 1);
        self.0[at] = Some(effects);
        effects
    }

    fn compute(&mut self, unit: &Unit, locals: &[Local], id: ExprId, depth: u32) -> Effects {
        let mut all = |ids: &[ExprId]| {
            ids.iter().fold(Effects::default(), |effects, id| effects.or(self.look(unit, locals, *id, depth)))
        };
        match unit.expr(id).kind {
            ExprKind::Int(_) | ExprKind::Address(_) | ExprKind::Local(_) => Effects::default(),
            ExprKind::Deref(inner)
            | ExprKind::Field { place: inner, .. }
            | ExprKind::AddressOf(inner)
            | ExprKind::Unary { value: inner, .. }
            | ExprKind::Convert(inner)
            | ExprKind::Detach(inner) => all(&[inner]),
            ExprKind::Read(place) => match unit.expr(place).kind {
                ExprKind::Local(local) if !locals[local.0 as usize].address_taken => Effects::default(),
                _ => all(&[place]).or(Effects::ACTS),
            },
            ExprKind::Assign { place, value } | ExprKind::CompoundAssign { place, value, .. } => {
                all(&[place, value]).or(Effects::ACTS)
            }
            ExprKind::IncDec { place, .. } => all(&[place]).or(Effects::ACTS),
            ExprKind::Binary { op, left, right } => {
                let may_fail = matches!(op, BinaryOp::Div | BinaryOp::Rem | BinaryOp::Shl | BinaryOp::Shr)
                    && !matches!(unit.expr(right).kind, ExprKind::Int(_));
                all(&[left, right]).or(Effects { acts: may_fail, splits: false })
            }
            ExprKind::PointerAdd { pointer: a, index: b, .. }
            | ExprKind::PointerDifference { left: a, right: b, .. } => all(&[a, b]),
            ExprKind::LogicalAnd { left, right } | ExprKind::LogicalOr { left, right } => {
                let right = all(&[right]);
                all(&[left]).or(right).or(Effects { acts: false, splits: right.acts })
            }
            ExprKind::Comma { left, right } => {
                let left = all(&[left]);
                left.or(all(&[right])).or(Effects { acts: false, splits: left.acts })
            }
            ExprKind::Conditional { cond, then, otherwise } => {
                let known = |id| matches!(unit.expr(id).kind, ExprKind::Int(_) | ExprKind::Address(_));
                let splits = !(known(then) && known(otherwise));
                all(&[cond, then, otherwise]).or(Effects { acts: splits, splits })
            }
            ExprKind::Call { .. } | ExprKind::Block { .. } => Effects::SPLITS,
            ExprKind::Atomic(atomic) => operands(atomic)
                .into_iter()
                .flatten()
                .fold(Effects::ACTS, |effects, id| effects.or(all(&[id]))),
        }
    }
}

/// The operands of an atomic operation.
fn operands(atomic: Atomic) -> [Option<ExprId>; 3] {
    match atomic {
        Atomic::Load { place, .. } | Atomic::Lock { place, .. } => [Some(place), None, None],
        Atomic::Store { place, value, .. }
        | Atomic::Exchange { place, value, .. }
        | Atomic::FetchOp { place, value, .. } => [Some(place), Some(value), None],
        Atomic::CompareExchange { place, expected, desired, .. }
        | Atomic::Cmpxchg { place, expected, desired, .. } => [Some(place), Some(expected), Some(desired)],
        Atomic::AddUnless { place, add, unless, .. } => [Some(place), Some(add), Some(unless)],
        Atomic::Fence { .. } => [None; 3],
        Atomic::Srcu { place, value, .. } => [Some(place), value, None],
    }
}
