//! Values of reads and of what is computed from them, as literals.
//!
//! What a read may return is found beforehand: see [`super::flow`].

use super::flow;
use super::sat::{Lit, Sat};
use execution::{BinaryOp, EventId, Structure, Term, TermId, UnaryOp, Value, VarId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// How many values a term may have, and how many combinations of its operands' values.
pub(super) const MAX_VALUES: usize = 512;
pub(super) const MAX_COMBINATIONS: usize = 1 << 13;

/// What a term may be: a value, or `None` where an operation has no result.
pub(super) type Element = Option<Value>;

/// The values that something may have, each with the literal that says so.
pub(super) type Domain = Vec<(Element, Lit)>;

/// A value that comes out of thin air.
pub(super) const FREE: Value = Value::Free(0);

/// A read, as far as values are concerned.
pub(super) struct Source<'r> {
    pub(super) thread: usize,
    pub(super) var: VarId,
    pub(super) width: u8,
    /// Its writers.
    pub(super) writers: &'r [(EventId, Lit)],
    /// Whether its thread goes that way.
    pub(super) active: Lit,
}

/// The values of all terms that matter.
#[derive(Default)]
pub(super) struct Values {
    /// By thread and variable.
    reads: Vec<Vec<Domain>>,
    terms: FxHashMap<(u32, TermId), Domain>,
}

impl Values {
    /// The values of a term; it must be one of the roots that [`Values::encode`] was given.
    pub(super) fn term(&self, thread: usize, term: TermId) -> &[(Element, Lit)] {
        self.terms.get(&(thread as u32, term)).map_or(&[], |domain| &domain[..])
    }

    /// The values of a read.
    pub(super) fn read(&self, thread: usize, var: VarId) -> &[(Element, Lit)] {
        &self.reads[thread][var.0 as usize]
    }

    /// Finds what may be, and says with clauses how it hangs together. `roots` are the terms that matter, by thread.
    pub(super) fn encode(
        sat: &mut Sat<'_>,
        s: &Structure<'_>,
        sources: &[Source<'_>],
        roots: &[Vec<TermId>],
        owners: &[usize],
    ) -> Result<Values, String> {
        let needed: Vec<Vec<TermId>> = roots.iter().enumerate().map(|(t, all)| closure(s, t, all)).collect();
        let may = flow::possible(s, sources, owners, &|| sat.gives_up())?;
        let mut values = Values { reads: Vec::new(), terms: FxHashMap::default() };
        values.reads = s.paths().iter().map(|path| vec![Vec::new(); path.reads.len()]).collect();
        for source in sources {
            let domain = read_domain(sat, s, source, &may[source.thread][source.var.0 as usize]);
            values.reads[source.thread][source.var.0 as usize] = domain;
        }
        for (thread, terms) in needed.iter().enumerate() {
            for term in terms {
                let domain = values.term_domain(sat, s, thread, *term)?;
                values.terms.insert((thread as u32, *term), domain);
            }
        }
        for source in sources {
            values.link(sat, s, source);
        }
        Ok(values)
    }

    /// A read returns what its writer stores.
    fn link(&self, sat: &mut Sat<'_>, s: &Structure<'_>, source: &Source<'_>) {
        let domain = self.read(source.thread, source.var);
        let find = |value: Value| domain.iter().find(|(known, _)| *known == Some(value)).map(|(_, lit)| *lit);
        for (writer, rf) in source.writers {
            if let Some(value) = s.known_stored(*writer) {
                let literal = find(value.masked(source.width)).unwrap_or(!sat.yes());
                sat.clause([!*rf, literal]);
            } else if let Some((thread, term)) = s.stored_term(*writer) {
                for (value, stored) in self.term(thread, term) {
                    let returned = value.and_then(|value| find(value.masked(source.width)));
                    sat.clause([!*rf, !*stored, returned.unwrap_or(!sat.yes())]);
                }
            }
        }
    }

    fn term_domain(
        &self,
        sat: &mut Sat<'_>,
        s: &Structure<'_>,
        thread: usize,
        id: TermId,
    ) -> Result<Domain, String> {
        let yes = sat.yes();
        let of = |term: TermId| self.term(thread, term);
        let mut ways: Vec<(Element, SmallVec<[Lit; 3]>)> = Vec::new();
        match s.paths()[thread].terms.get(id) {
            Term::Const(value) => return Ok(vec![(Some(value), yes)]),
            Term::Illegal => return Ok(vec![(None, yes)]),
            Term::Var { var, width } => {
                let domain = self.read(thread, var).iter();
                ways.extend(
                    domain
                        .map(|(value, lit)| (value.map(|v| v.masked(width)), SmallVec::from_slice(&[*lit]))),
                );
            }
            Term::Unary(op, width, a) => {
                ways.extend(
                    of(a).iter().map(|(a, lit)| (unary(op, width, *a), SmallVec::from_slice(&[*lit]))),
                );
            }
            Term::Binary(op, width, a, b) => {
                if of(a).len() * of(b).len() > MAX_COMBINATIONS {
                    return Err(too_many());
                }
                for (a, of_a) in of(a) {
                    for (b, of_b) in of(b) {
                        // Whether two values out of thin air are equal is left open.
                        if !(*a == Some(FREE) && *b == Some(FREE)) {
                            ways.push((binary(op, width, *a, *b), SmallVec::from_slice(&[*of_a, *of_b])));
                        }
                    }
                }
                if of(a).iter().any(|(a, _)| *a == Some(FREE)) && of(b).iter().any(|(b, _)| *b == Some(FREE))
                {
                    let known: Vec<Element> = ways.iter().map(|(value, _)| *value).collect();
                    let open = [None, Some(Value::ZERO), Some(Value::ONE)];
                    let missing = open.into_iter().filter(|value| !known.contains(value));
                    // Ways that nothing asks for, and nothing forbids.
                    ways.extend(missing.map(|value| (value, SmallVec::from_slice(&[!yes, !yes]))));
                }
            }
            Term::IfThenElse(cond, then, otherwise) => {
                for (value, of_cond) in of(cond) {
                    let Some(value) = value else {
                        ways.push((None, SmallVec::from_slice(&[*of_cond])));
                        continue;
                    };
                    let taken = if value.is_true() { then } else { otherwise };
                    let taken = of(taken).iter();
                    ways.extend(taken.map(|(value, lit)| (*value, SmallVec::from_slice(&[*of_cond, *lit]))));
                }
            }
        }
        combine(sat, &ways)
    }
}

pub(super) fn too_many() -> String {
    "a value could be too many things".to_owned()
}

/// The values of something that comes about in these ways, of which at most one is gone.
pub(super) fn combine(sat: &mut Sat<'_>, ways: &[(Element, SmallVec<[Lit; 3]>)]) -> Result<Domain, String> {
    let yes = sat.yes();
    let mut values: Vec<Element> = ways.iter().map(|(value, _)| *value).collect();
    values.sort_unstable();
    values.dedup();
    if values.len() > MAX_VALUES {
        return Err(too_many());
    }
    if let [value] = values[..] {
        return Ok(vec![(value, yes)]);
    }
    let mut by_value: Vec<Vec<&[Lit]>> = vec![Vec::new(); values.len()];
    for (value, literals) in ways {
        if let Ok(at) = values.binary_search(value) {
            by_value[at].push(literals);
        }
    }
    let mut domain = Domain::with_capacity(values.len());
    let mut all_alias = true;
    for (value, ways) in values.into_iter().zip(by_value) {
        let literal = match ways[..] {
            [[literal]] => *literal,
            _ => {
                all_alias = false;
                let literal = sat.fresh();
                for way in ways {
                    sat.clause(way.iter().map(|needed| !*needed).chain([literal]));
                }
                literal
            }
        };
        domain.push((value, literal));
    }
    if !all_alias {
        let literals: Vec<Lit> = domain.iter().map(|(_, literal)| *literal).collect();
        sat.at_most_one(&literals);
    }
    Ok(domain)
}

/// The literals of a read's values. Where all writers store known values, they are those of the writers.
fn read_domain(sat: &mut Sat<'_>, s: &Structure<'_>, source: &Source<'_>, may: &[Value]) -> Domain {
    if let [only] = may {
        return vec![(Some(*only), sat.yes())];
    }
    let stored: Option<Vec<(Value, Lit)>> = source
        .writers
        .iter()
        .map(|(writer, rf)| Some((s.known_stored(*writer)?.masked(source.width), *rf)))
        .collect();
    let mut domain = Domain::with_capacity(may.len());
    for value in may {
        let storing: Option<Vec<Lit>> = stored
            .as_ref()
            .map(|stored| stored.iter().filter(|(known, _)| known == value).map(|(_, rf)| *rf).collect());
        let literal = match storing.as_deref() {
            Some([rf]) => *rf,
            Some(all) => {
                let literal = sat.fresh();
                sat.clause(all.iter().copied().chain([!literal]));
                literal
            }
            None => sat.fresh(),
        };
        domain.push((Some(*value), literal));
    }
    let literals: Vec<Lit> = domain.iter().map(|(_, literal)| *literal).collect();
    sat.clause(literals.iter().copied().chain([!source.active]));
    if stored.is_none() || literals.len() < source.writers.len() {
        sat.at_most_one(&literals);
    }
    domain
}

pub(super) fn unary(op: UnaryOp, width: u8, a: Element) -> Element {
    op.apply(width, a?).ok()
}

pub(super) fn binary(op: BinaryOp, width: u8, a: Element, b: Element) -> Element {
    op.apply(width, a?, b?).ok()
}

/// The terms that some terms are made of, each after its parts.
pub(super) fn closure(s: &Structure<'_>, thread: usize, roots: &[TermId]) -> Vec<TermId> {
    let terms = &s.paths()[thread].terms;
    let mut seen: Vec<TermId> = Vec::new();
    let mut todo = roots.to_vec();
    while let Some(id) = todo.pop() {
        let Err(at) = seen.binary_search(&id) else { continue };
        seen.insert(at, id);
        match terms.get(id) {
            Term::Const(_) | Term::Var { .. } | Term::Illegal => {}
            Term::Unary(_, _, a) => todo.push(a),
            Term::Binary(_, _, a, b) => todo.extend([a, b]),
            Term::IfThenElse(a, b, c) => todo.extend([a, b, c]),
        }
    }
    seen
}
