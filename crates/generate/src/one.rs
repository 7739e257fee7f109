//! One cycle from a text.

use crate::cycle::{Broken, Cycle, MAX_EDGES, MAX_THREADS};
use crate::edge::{Access, Edge};
use crate::text::{Item, What, read};
use crate::vocabulary::Arch;
use syntax::{Diagnostic, FileId, Span};

/// How many ways of reading words with `*` are tried.
const MAX_TRIES: usize = 100_000;

impl Cycle {
    /// Reads one cycle. Where words stand for several edges, the first that fit are taken.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(arch: Arch, file: FileId, text: &str) -> Result<Cycle, Diagnostic> {
        let items = read(arch, file, text, 0)?;
        let steps = steps(&items)?;
        let mut search = Search { arch, steps: &steps, tries: 0, best: None };
        let mut edges = Vec::new();
        if let Some(cycle) = search.go(0, &mut edges) {
            return Ok(cycle);
        }
        let whole = Span::new(file, 0, text.len());
        let (broken, spans) = search.best.unwrap_or((Broken::Empty, Vec::new()));
        Err(complain(broken, &spans, whole))
    }
}

/// A word that is an edge, with what stands between it and the word before.
struct Step<'a> {
    item: &'a Item,
    access: Access,
    insert: u8,
}

fn steps(items: &[Item]) -> Result<Vec<Step<'_>>, Diagnostic> {
    let mut steps: Vec<Step> = Vec::new();
    let (mut access, mut insert) = (Access::UNSAID, 0);
    for item in items {
        match &item.what {
            What::Annotation(said) => {
                access = access.merge(*said).ok_or_else(|| {
                    let message = "this event has another access already";
                    Diagnostic::error("generate::bad-annotation", item.span, message)
                })?;
            }
            What::Insert(fence) => insert = fence + 1,
            What::Steps(_) => {
                steps.push(Step { item, access, insert });
                (access, insert) = (Access::UNSAID, 0);
            }
        }
    }
    // What stands at the end is about the event where the cycle closes.
    if let Some(first) = steps.first_mut() {
        first.access = first.access.merge(access).unwrap_or(first.access);
        first.insert = first.insert.max(insert);
    }
    Ok(steps)
}

struct Search<'a> {
    arch: Arch,
    steps: &'a [Step<'a>],
    tries: usize,
    /// What was wrong with the choice that went furthest.
    best: Option<(Broken, Vec<Span>)>,
}

impl Search<'_> {
    fn go(&mut self, at: usize, edges: &mut Vec<(Edge, Span)>) -> Option<Cycle> {
        self.tries += 1;
        if self.tries > MAX_TRIES {
            return None;
        }
        let Some(step) = self.steps.get(at) else { return self.close(edges) };
        let What::Steps(alternatives) = &step.item.what else { return None };
        for alternative in alternatives {
            let length = edges.len();
            for (index, edge) in alternative.iter().enumerate() {
                let mut edge = *edge;
                if index == 0 {
                    edge.insert = step.insert;
                    let vocabulary = self.arch.vocabulary();
                    if let Some(access) = edge.a.merge(step.access)
                        && vocabulary.allows(access.order, edge.src)
                    {
                        edge.a = access;
                    } else {
                        self.note(Broken::Access(length), edges, step.item.span);
                        edges.truncate(length);
                        break;
                    }
                }
                edges.push((edge, step.item.span));
            }
            if edges.len() == length + alternative.len() && self.fits(length, edges) {
                let found = self.go(at + 1, edges);
                if found.is_some() {
                    return found;
                }
            }
            edges.truncate(length);
        }
        None
    }

    /// Whether the edge at `at` starts as the one before ends.
    fn fits(&mut self, at: usize, edges: &[(Edge, Span)]) -> bool {
        let Some(before) = at.checked_sub(1) else { return true };
        let ((before, _), (edge, span)) = (edges[before], edges[at]);
        let broken = if before.tgt != edge.src {
            Broken::Direction(at)
        } else if before.b.merge(edge.a).is_none() {
            Broken::Access(at)
        } else {
            return true;
        };
        self.note(broken, &edges[..at], span);
        false
    }

    fn note(&mut self, broken: Broken, edges: &[(Edge, Span)], span: Span) {
        if self.best.as_ref().is_none_or(|(_, spans)| spans.len() <= edges.len()) {
            let spans = edges.iter().map(|(_, span)| *span).chain([span]).collect();
            self.best = Some((broken, spans));
        }
    }

    fn close(&mut self, edges: &[(Edge, Span)]) -> Option<Cycle> {
        let list: Vec<Edge> = edges.iter().map(|(edge, _)| *edge).collect();
        match Cycle::new(self.arch, &list) {
            Ok(cycle) => Some(cycle),
            Err(broken) => {
                // What is wrong with a whole cycle says more than what is wrong with a part.
                self.best = Some((broken, edges.iter().map(|(_, span)| *span).collect()));
                None
            }
        }
    }
}

fn complain(broken: Broken, spans: &[Span], whole: Span) -> Diagnostic {
    let at = |index: usize| spans.get(index).copied().unwrap_or(whole);
    let before =
        |index: usize| if index == 0 { spans.last().copied() } else { spans.get(index - 1).copied() };
    let label = |error: Diagnostic, index: usize| match before(index) {
        Some(span) if span != at(index) => error.with_label(span, "the edge before"),
        _ => error,
    };
    match broken {
        Broken::Empty => Diagnostic::error("generate::syntax", whole, "there are no edges")
            .with_help("a cycle is a list of edges, such as `PodWW Rfe PodRR Fre`"),
        Broken::Long => {
            let message = format!("a cycle has at most {MAX_EDGES} edges and {MAX_THREADS} threads");
            Diagnostic::error("generate::too-large", whole, message)
        }
        Broken::Direction(index) => {
            let message =
                "this edge does not start with what the one before ends with: one is a read, one a write";
            let help = "Rf leads from W to R, Fr from R to W, Co from W to W; the last letters of other edges \
                        say what they lead from and to";
            label(Diagnostic::error("generate::open-cycle", at(index), message).with_help(help), index)
        }
        Broken::Access(index) => {
            let message =
                "this edge and the one before say different things about how their event accesses memory";
            label(Diagnostic::error("generate::bad-annotation", at(index), message), index)
        }
        Broken::Location(index) => {
            let message = "only this edge changes the location, so the cycle does not come back to the first";
            let help = "use edges with `d` at least twice, or with `s` only";
            Diagnostic::error("generate::location", at(index), message).with_help(help)
        }
        Broken::NoThreads => {
            let message = "no edge leads to another thread";
            let help = "use at least one of Rfe, Fre, Coe";
            Diagnostic::error("generate::one-thread", whole, message).with_help(help)
        }
        Broken::Detour(index) => {
            let message =
                "`Leave` and `Back` edges must come in turns, with no edge to another thread between";
            Diagnostic::error("generate::detour", at(index), message)
        }
    }
}
