//! What is left of a run that has ended: a path.

use super::State;
use crate::micro::Reg;
use crate::path::{Edge, Path};
use crate::term::{TermId, Terms};
use smallvec::SmallVec;
use std::sync::Arc;

impl State<'_> {
    /// The order of events of one instruction that follow from each other: the closure of its edges.
    fn order_inside(&self) -> Vec<Edge> {
        let mut edges: Vec<Edge> =
            self.iico_data.iter().chain(&self.iico_ctrl).chain(&self.iico_order).copied().collect();
        edges.sort_unstable();
        edges.dedup();
        let behind = |from: u32| {
            let start = edges.partition_point(|(source, _)| *source < from);
            edges[start..].iter().take_while(move |(source, _)| *source == from).map(|(_, to)| *to)
        };
        let mut order: Vec<Edge> = Vec::new();
        for (at, (first, _)) in edges.iter().enumerate() {
            if at > 0 && edges[at - 1].0 == *first {
                continue;
            }
            let mut reached: SmallVec<[u32; 8]> = SmallVec::from_slice(&[*first]);
            let mut next = 0;
            while let Some(from) = reached.get(next).copied() {
                next += 1;
                for to in behind(from) {
                    if !reached.contains(&to) {
                        reached.push(to);
                    }
                }
            }
            order.extend(reached[1..].iter().map(|to| (*first, *to)));
        }
        order
    }

    pub(super) fn into_path(self, terms: &Arc<Terms>, ordered_inside: bool) -> Path {
        let po_inside = if ordered_inside { self.order_inside() } else { Vec::new() };
        let mut registers: Vec<(Reg, TermId)> =
            self.registers.into_iter().map(|(reg, register)| (reg, register.term)).collect();
        registers.sort_unstable_by_key(|(reg, _)| *reg);
        Path {
            events: self.events,
            reads: self.reads,
            parts: Vec::new(),
            iico_data: self.iico_data,
            iico_ctrl: self.iico_ctrl,
            iico_order: self.iico_order,
            po_inside,
            rf_reg: self.rf_reg,
            addr: self.addr,
            data: self.data,
            ctrl: self.ctrl,
            constraints: self.constraints,
            either: SmallVec::new(),
            registers,
            cut: self.cut,
            failure: self.failure,
            terms: Arc::clone(terms),
        }
    }
}
