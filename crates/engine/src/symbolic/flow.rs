//! Which values each read may return: what its writers may store, which hangs on what other reads may return.
//!
//! Reads that may pass values to each other in a circle are looked at together, in rounds. A value that some execution has goes
//! through no more of them than are gone through together, so as many rounds find it, and what would be found after that
//! is left out. Reads that may pass a value on in a circle unchanged may return one that nothing determines, too.

use super::values::{Element, FREE, MAX_COMBINATIONS, MAX_VALUES, Source, binary, closure, too_many, unary};
use execution::{EventId, Structure, Term, TermId, Value, VarId};
use rustc_hash::FxHashMap;

/// After so many reads that were looked at, somebody is asked whether to give up.
const READS_A_QUESTION: usize = 32;

/// What each read may return, by thread and variable, sorted. `owners` are the threads that the ways belong to.
pub(super) fn possible(
    s: &Structure<'_>,
    sources: &[Source<'_>],
    owners: &[usize],
    gives_up: &dyn Fn() -> bool,
) -> Result<Vec<Vec<Vec<Value>>>, String> {
    let may = s.paths().iter().map(|path| vec![Vec::new(); path.reads.len()]).collect();
    let terms = s.paths().iter().map(|_| FxHashMap::default()).collect();
    let mut flow = Flow { s, sources, may, terms };
    for at in in_circles(s, sources) {
        flow.may[sources[at].thread][sources[at].var.0 as usize].push(FREE);
    }
    let mut looked_at = 0;
    for component in components(&passed_on(s, sources)) {
        let roots = flow.stored_terms(&component);
        let mut changed = true;
        for _ in 0..gone_together(sources, owners, &component) {
            looked_at += component.len();
            if looked_at >= READS_A_QUESTION {
                looked_at = 0;
                if gives_up() {
                    return Err(too_many());
                }
            }
            flow.evaluate(&roots)?;
            changed = flow.add(&component)?;
            if !changed {
                break;
            }
        }
        if changed {
            flow.evaluate(&roots)?;
        }
    }
    Ok(flow.may)
}

/// What is known of values so far.
struct Flow<'f, 'p> {
    s: &'f Structure<'p>,
    sources: &'f [Source<'f>],
    may: Vec<Vec<Vec<Value>>>,
    /// By way: what terms may be.
    terms: Vec<FxHashMap<TermId, Vec<Element>>>,
}

impl Flow<'_, '_> {
    /// The terms, by way, that hang on what some reads return and decide on it, or decide on it and are not known; each
    /// after its parts.
    fn stored_terms(&self, component: &[usize]) -> Vec<(usize, Vec<TermId>)> {
        let writers = component.iter().flat_map(|at| self.sources[*at].writers);
        let mut stored: Vec<(usize, TermId)> =
            writers.filter_map(|(writer, _)| self.s.stored_term(*writer)).collect();
        stored.retain(|(way, term)| !self.terms[*way].contains_key(term));
        stored.sort_unstable();
        stored.dedup();
        let by_way = stored.chunk_by(|a, b| a.0 == b.0).map(|same| {
            let roots: Vec<TermId> = same.iter().map(|(_, term)| *term).collect();
            let mut terms = closure(self.s, same[0].0, &roots);
            terms.retain(|term| !self.terms[same[0].0].contains_key(term));
            (same[0].0, terms)
        });
        by_way.collect()
    }

    fn evaluate(&mut self, roots: &[(usize, Vec<TermId>)]) -> Result<(), String> {
        for (way, ids) in roots {
            for id in ids {
                let all = possible_term(self.s, *way, *id, &self.terms[*way], &self.may[*way])?;
                self.terms[*way].insert(*id, all);
            }
        }
        Ok(())
    }

    /// Has reads return what may be stored by now. Whether there is something new.
    fn add(&mut self, component: &[usize]) -> Result<bool, String> {
        let mut changed = false;
        for at in component {
            let source = &self.sources[*at];
            let known = &mut self.may[source.thread][source.var.0 as usize];
            let before = known.len();
            for (writer, _) in source.writers {
                if let Some(value) = self.s.known_stored(*writer) {
                    add(known, value.masked(source.width));
                } else if let Some((way, term)) = self.s.stored_term(*writer) {
                    let stored = self.terms[way].get(&term).into_iter().flatten().flatten();
                    stored.for_each(|value| add(known, value.masked(source.width)));
                }
            }
            changed |= known.len() > before;
            if known.len() > MAX_VALUES {
                return Err(too_many());
            }
        }
        Ok(changed)
    }
}

fn add(known: &mut Vec<Value>, value: Value) {
    if let Err(at) = known.binary_search(&value) {
        known.insert(at, value);
    }
}

/// How many of some reads are gone through together: of each thread those of the way that has most of them.
fn gone_together(sources: &[Source<'_>], owners: &[usize], component: &[usize]) -> usize {
    if let [_] = component {
        return 1;
    }
    let mut by_way: Vec<(usize, usize)> = Vec::new();
    for at in component {
        let way = sources[*at].thread;
        match by_way.iter_mut().find(|(known, _)| *known == way) {
            Some((_, count)) => *count += 1,
            None => by_way.push((way, 1)),
        }
    }
    let mut by_thread: FxHashMap<usize, usize> = FxHashMap::default();
    for (way, count) in by_way {
        let most = by_thread.entry(owners[way]).or_default();
        *most = count.max(*most);
    }
    by_thread.values().sum()
}

/// For each read, those whose values its writers may pass on to it, changed or not.
fn passed_on(s: &Structure<'_>, sources: &[Source<'_>]) -> Vec<Vec<usize>> {
    let number: FxHashMap<(usize, VarId), usize> =
        sources.iter().enumerate().map(|(at, source)| ((source.thread, source.var), at)).collect();
    let mut by_writer: FxHashMap<EventId, Vec<usize>> = FxHashMap::default();
    let mut read_by = |writer: EventId| -> Vec<usize> {
        let of = |(way, term): (usize, TermId)| {
            let parts = closure(s, way, &[term]).into_iter();
            let read = |id: TermId| match s.paths()[way].terms.get(id) {
                Term::Var { var, .. } => number.get(&(way, var)).copied(),
                _ => None,
            };
            parts.filter_map(read).collect()
        };
        by_writer.entry(writer).or_insert_with(|| s.stored_term(writer).map(of).unwrap_or_default()).clone()
    };
    let mut from = Vec::with_capacity(sources.len());
    for source in sources {
        let mut all: Vec<usize> = source.writers.iter().flat_map(|(writer, _)| read_by(*writer)).collect();
        all.sort_unstable();
        all.dedup();
        from.push(all);
    }
    from
}

/// The strongly connected components of a graph, each after those that its edges lead to: R. Tarjan, *Depth-first search and
/// linear graph algorithms*, 1972, without recursion.
fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let n = edges.len();
    let (mut order, mut low) = (vec![usize::MAX; n], vec![0; n]);
    let mut done = vec![false; n];
    let (mut next, mut open, mut result) = (0, Vec::new(), Vec::new());
    for start in 0..n {
        let mut path = if order[start] == usize::MAX { vec![(start, 0)] } else { Vec::new() };
        while let Some((node, edge)) = path.last_mut() {
            let node = *node;
            if *edge == 0 {
                (order[node], low[node]) = (next, next);
                next += 1;
                open.push(node);
            }
            let Some(to) = edges[node].get(*edge).copied() else {
                path.pop();
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
                if low[node] == order[node] {
                    let from = open.iter().rposition(|known| *known == node).unwrap_or(0);
                    let component = open.split_off(from);
                    component.iter().for_each(|member| done[*member] = true);
                    result.push(component);
                }
                continue;
            };
            *edge += 1;
            if order[to] == usize::MAX {
                path.push((to, 0));
            } else if !done[to] {
                low[node] = low[node].min(order[to]);
            }
        }
    }
    result
}

fn possible_term(
    s: &Structure<'_>,
    thread: usize,
    id: TermId,
    known: &FxHashMap<TermId, Vec<Element>>,
    reads: &[Vec<Value>],
) -> Result<Vec<Element>, String> {
    let of = |term: TermId| known.get(&term).map_or(&[][..], |all| &all[..]);
    let mut all: Vec<Element> = match s.paths()[thread].terms.get(id) {
        Term::Const(value) => vec![Some(value)],
        Term::Illegal => vec![None],
        Term::Var { var, width } => {
            reads[var.0 as usize].iter().map(|value| Some(value.masked(width))).collect()
        }
        Term::Unary(op, width, a) => of(a).iter().map(|a| unary(op, width, *a)).collect(),
        Term::Binary(op, width, a, b) => {
            if of(a).len() * of(b).len() > MAX_COMBINATIONS {
                return Err(too_many());
            }
            let pairs = of(a).iter().flat_map(|a| of(b).iter().map(move |b| (*a, *b)));
            let free = |(a, b): (Element, Element)| a == Some(FREE) && b == Some(FREE);
            let any_free = pairs.clone().any(free);
            let open: &[Element] = if any_free { &[None, Some(Value::ZERO), Some(Value::ONE)] } else { &[] };
            pairs.map(|(a, b)| binary(op, width, a, b)).chain(open.iter().copied()).collect()
        }
        Term::IfThenElse(cond, then, otherwise) => {
            let is = |truth: bool| of(cond).iter().any(|c| c.is_some_and(|c| c.is_true() == truth));
            let then: &[Element] = if is(true) { of(then) } else { &[] };
            let otherwise: &[Element] = if is(false) { of(otherwise) } else { &[] };
            let illegal = of(cond).iter().filter(|c| c.is_none());
            then.iter().chain(otherwise).chain(illegal).copied().collect()
        }
    };
    all.sort_unstable();
    all.dedup();
    if all.len() > MAX_VALUES { Err(too_many()) } else { Ok(all) }
}

/// The reads that may get their own value back, passed on unchanged by other reads and writes.
fn in_circles(s: &Structure<'_>, sources: &[Source<'_>]) -> Vec<usize> {
    let number: FxHashMap<(usize, VarId), usize> =
        sources.iter().enumerate().map(|(at, source)| ((source.thread, source.var), at)).collect();
    let copied = |writer: EventId| {
        let (thread, term) = s.stored_term(writer)?;
        number.get(&(thread, s.paths()[thread].terms.copied(term)?)).copied()
    };
    let from: Vec<Vec<usize>> = sources
        .iter()
        .map(|source| source.writers.iter().filter_map(|(writer, _)| copied(*writer)).collect())
        .collect();
    if from.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let reaches_itself = |start: &usize| {
        let mut seen = vec![false; sources.len()];
        let mut todo = from[*start].clone();
        while let Some(at) = todo.pop() {
            if at == *start {
                return true;
            }
            if !std::mem::replace(&mut seen[at], true) {
                todo.extend(&from[at]);
            }
        }
        false
    };
    (0..sources.len()).filter(reaches_itself).collect()
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn components_come_after_what_they_hang_on() {
        // 0 and 1 in a circle that hangs on 2; 3 hangs on all; 4 on itself.
        let edges = [vec![1], vec![0, 2], vec![], vec![0, 2], vec![4]];
        let mut found = components(&edges);
        found.iter_mut().for_each(|component| component.sort_unstable());
        assert_eq!(found, [vec![2], vec![0, 1], vec![3], vec![4]]);
    }
}
