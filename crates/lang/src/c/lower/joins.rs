//! Where the ways of a branch meet again: immediate post-dominators.
//!
//! Source: Cooper, Harvey, Kennedy, A Simple, Fast Dominance Algorithm, 2001; on the reversed graph of instructions.

use execution::micro::{Instruction, LabelId, Micro, Thread};
use std::sync::Arc;

/// Gives every guard of the thread its join.
pub(super) fn set(thread: &mut Thread) {
    let is_guard = |micro: &Micro| matches!(micro, Micro::Guard { .. });
    if !thread.code.iter().any(|instruction| instruction.micro.iter().any(is_guard)) {
        return;
    }
    let joins = post_dominators(thread);
    let Thread { code, labels, .. } = thread;
    // Every join has a label: ways meet where a jump goes.
    let mut label_at: Vec<Option<LabelId>> = vec![None; code.len() + 1];
    for (id, (_, at)) in labels.iter().enumerate() {
        label_at[*at as usize].get_or_insert(LabelId(id as u16));
    }
    for (at, instruction) in code.iter_mut().enumerate() {
        for micro in Arc::make_mut(&mut instruction.micro) {
            if let Micro::Guard { join, .. } = micro {
                *join = *label_at[joins[at] as usize].get_or_insert_with(|| {
                    labels.push((String::new(), joins[at]));
                    LabelId(labels.len() as u16 - 1)
                });
            }
        }
    }
}

/// Where an instruction may continue; the end of the code is the position behind the last instruction.
fn successors(thread: &Thread, at: usize, instruction: &Instruction) -> [Option<usize>; 2] {
    let place = |label: &LabelId| Some(thread.labels[usize::from(label.0)].1 as usize);
    for micro in instruction.micro.iter() {
        match micro {
            Micro::Guard { target, .. } => return [Some(at + 1), place(target)],
            Micro::Jump { target } => return [place(target), None],
            _ => {}
        }
    }
    [Some(at + 1), None]
}

/// The immediate post-dominator of each instruction; the end of the code for those from which it is not reached.
fn post_dominators(thread: &Thread) -> Vec<u32> {
    let end = thread.code.len();
    let next: Vec<[Option<usize>; 2]> =
        thread.code.iter().enumerate().map(|(at, instruction)| successors(thread, at, instruction)).collect();
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); end + 1];
    for (at, targets) in next.iter().enumerate() {
        targets.iter().flatten().for_each(|target| before[*target].push(at));
    }
    let (order, rank) = postorder(&before, end);
    let mut dominator: Vec<Option<usize>> = vec![None; end + 1];
    dominator[end] = Some(end);
    loop {
        let mut changed = false;
        for node in order.iter().rev().copied().filter(|node| *node != end) {
            let mut known = next[node].iter().flatten().copied().filter(|to| dominator[*to].is_some());
            let Some(first) = known.next() else { continue };
            let joined = known.fold(first, |a, b| meet(a, b, &dominator, &rank));
            if dominator[node] != Some(joined) {
                dominator[node] = Some(joined);
                changed = true;
            }
        }
        if !changed {
            return dominator[..end].iter().map(|to| to.unwrap_or(end) as u32).collect();
        }
    }
}

/// The nodes from which the end is reached, in postorder of a walk from the end, and the position of each there.
fn postorder(before: &[Vec<usize>], end: usize) -> (Vec<usize>, Vec<usize>) {
    let mut order = Vec::new();
    let mut rank = vec![0; before.len()];
    let mut seen = vec![false; before.len()];
    let mut stack = vec![(end, 0)];
    seen[end] = true;
    while let Some((node, done)) = stack.pop() {
        match before[node].get(done) {
            Some(child) => {
                stack.push((node, done + 1));
                if !seen[*child] {
                    seen[*child] = true;
                    stack.push((*child, 0));
                }
            }
            None => {
                rank[node] = order.len();
                order.push(node);
            }
        }
    }
    (order, rank)
}

fn meet(mut a: usize, mut b: usize, dominator: &[Option<usize>], rank: &[usize]) -> usize {
    while a != b {
        let lower = if rank[a] < rank[b] { &mut a } else { &mut b };
        match dominator[*lower] {
            Some(up) if up != *lower => *lower = up,
            _ => return if rank[a] < rank[b] { b } else { a },
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use execution::micro::{Ev, Temp};

    /// A thread with a guard or a jump at each place that has a target.
    fn thread(code: &[Option<(bool, u32)>]) -> Thread {
        let mut thread = Thread::default();
        for target in code {
            let micro = target.map(|(is_guard, to)| {
                thread.labels.push((String::new(), to));
                let target = LabelId(thread.labels.len() as u16 - 1);
                match is_guard {
                    true => Micro::Guard { cond: Temp(0), target, join: target, ev: Ev(0) },
                    false => Micro::Jump { target },
                }
            });
            thread
                .code
                .push(Instruction { micro: Arc::new(micro.into_iter().collect()), ..Instruction::default() });
        }
        thread
    }

    /// Where the guard at a place joins.
    fn join(code: &[Option<(bool, u32)>], at: usize) -> Option<u32> {
        let mut thread = thread(code);
        set(&mut thread);
        thread.code[at].micro.iter().find_map(|micro| match micro {
            Micro::Guard { join, .. } => Some(thread.labels[usize::from(join.0)].1),
            _ => None,
        })
    }

    const GUARD: bool = true;
    const JUMP: bool = false;

    #[test]
    fn an_if_joins_behind_its_arms() {
        assert_eq!(join(&[Some((GUARD, 2)), None, None], 0), Some(2));
        let code = [Some((GUARD, 3)), None, Some((JUMP, 4)), None, None];
        assert_eq!(join(&code, 0), Some(4));
    }

    #[test]
    fn a_loop_joins_at_its_exit() {
        let code = [Some((GUARD, 3)), None, Some((JUMP, 0)), None];
        assert_eq!(join(&code, 0), Some(3));
    }

    #[test]
    fn an_arm_that_leaves_the_function_moves_the_join_to_the_end() {
        let code = [Some((GUARD, 2)), Some((JUMP, 3)), None];
        assert_eq!(join(&code, 0), Some(3));
    }

    #[test]
    fn loops_without_exit_join_at_the_end() {
        let code = [Some((GUARD, 2)), None, None, Some((JUMP, 3))];
        assert_eq!(join(&code, 0), Some(4));
    }
}
