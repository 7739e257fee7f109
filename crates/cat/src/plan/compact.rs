//! Leaving out what no check needs: unused definitions, and attempts that came to nothing.

use super::{Choice, Node, NodeId, Plan};

/// The plan with the operations that its checks need, in the same order.
pub(super) fn compact(plan: Plan) -> Plan {
    let mut needed = vec![false; plan.nodes.len()];
    let mut todo: Vec<NodeId> =
        plan.checks.iter().map(|check| check.node).chain(plan.choice_nodes()).collect();
    while let Some(node) = todo.pop() {
        if std::mem::replace(&mut needed[node.index()], true) {
            continue;
        }
        todo.extend(plan.node(node).operands());
        if let Node::Fix(fix, _) = plan.node(node) {
            let fix = &plan.fixes[fix.0 as usize];
            todo.extend(fix.bodies.iter().chain(&fix.vars));
        }
    }
    let mut names = vec![NodeId(u32::MAX); plan.nodes.len()];
    let kept: Vec<usize> = (0..plan.nodes.len()).filter(|i| needed[*i]).collect();
    for (new, old) in kept.iter().enumerate() {
        names[*old] = NodeId(new as u32);
    }
    let renamed = |node: NodeId| names[node.index()];
    let mut result = Plan {
        nodes: kept.iter().map(|i| plan.nodes[*i].map(renamed)).collect(),
        sorts: kept.iter().map(|i| plan.sorts[*i]).collect(),
        deps: kept.iter().map(|i| plan.deps[*i]).collect(),
        inside: kept.iter().map(|i| plan.inside[*i].clone()).collect(),
        ..plan
    };
    for check in &mut result.checks {
        check.node = renamed(check.node);
    }
    if let Some(co) = &mut result.co {
        (co.set, co.order) = (renamed(co.set), renamed(co.order));
    }
    for choice in &mut result.choices {
        let (a, b) = match choice {
            Choice::Orders(orders) => (&mut orders.set, &mut orders.order),
            Choice::Pairs { of, from } => (of, from),
        };
        (*a, *b) = (renamed(*a), renamed(*b));
    }
    for fix in &mut result.fixes {
        let is_needed = fix.vars.iter().any(|var| needed[var.index()]);
        if !is_needed {
            // Nothing refers to it; its number stays taken.
            fix.vars.clear();
            fix.bodies.clear();
        }
        fix.vars.iter_mut().chain(&mut fix.bodies).for_each(|node| *node = renamed(*node));
    }
    result
}

impl Node {
    /// The same operation on other operands.
    fn map(self, f: impl Fn(NodeId) -> NodeId) -> Node {
        use Node::*;
        match self {
            Base(_) | Empty(_) | Full(_) | Identity | Var(..) | Fix(..) => self,
            IdentityOn(a) => IdentityOn(f(a)),
            Complement(a) => Complement(f(a)),
            Plus(a) => Plus(f(a)),
            Inverse(a) => Inverse(f(a)),
            Domain(a) => Domain(f(a)),
            Range(a) => Range(f(a)),
            Product(a, b) => Product(f(a), f(b)),
            Union(a, b) => Union(f(a), f(b)),
            Intersection(a, b) => Intersection(f(a), f(b)),
            Difference(a, b) => Difference(f(a), f(b)),
            Sequence(a, b) => Sequence(f(a), f(b)),
            RestrictDomain(a, b) => RestrictDomain(f(a), f(b)),
            RestrictRange(a, b) => RestrictRange(f(a), f(b)),
        }
    }
}
