//! Edges as text: `PodWWPL`, `DpAddrdR`, `[Rfi,PodRR]`.
//!
//! Words are those of the diy tools, and mean the same: a kind, `d` or `s` for different or same locations, what both
//! events do, and how they access memory. `*` stands for any of reading and writing.

use crate::edge::{Access, Com, Dep, Dir, Edge, Kind, Reach, Span as Place};
use crate::vocabulary::{Arch, SIZES, Vocabulary};
use syntax::{Cursor, Diagnostic, FileId, Span};

/// Edges that stand for one step of a cycle.
pub type Relaxation = Vec<Edge>;

/// One word of a cycle or of a list.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it stands.
    pub span: Span,
    /// What it says.
    pub what: What,
}

/// What a word says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A step: one of these.
    Steps(Vec<Relaxation>),
    /// How the event between two steps accesses memory.
    Annotation(Access),
    /// A fence in front of the event between two steps.
    Insert(u8),
}

/// The most words in a cycle or a list.
const MAX_ITEMS: usize = 4096;

/// Reads words between blanks, commas and bars.
///
/// # Errors
/// The first word that is not one of this architecture.
pub fn read(arch: Arch, file: FileId, text: &str, base: usize) -> Result<Vec<Item>, Diagnostic> {
    let mut cursor = Cursor::with_base(file, text, base);
    let mut items = Vec::new();
    loop {
        cursor.eat_while(|c| c.is_whitespace() || matches!(c, ',' | '|'));
        if cursor.at_end() {
            return Ok(items);
        }
        let start = cursor.offset();
        let what = if cursor.eat("[") {
            What::Steps(composite(arch, &mut cursor, start)?)
        } else {
            let word = cursor.eat_while(is_part);
            if word.is_empty() {
                cursor.bump();
                let help = "edges stand between blanks or commas; `[A,B]` makes one step of two edges";
                let message = "this is no part of a cycle";
                return Err(
                    Diagnostic::error("generate::syntax", cursor.span_from(start), message).with_help(help)
                );
            }
            self::word(arch, word, cursor.span_from(start))?
        };
        items.push(Item { span: cursor.span_from(start), what });
        if items.len() > MAX_ITEMS {
            let message = format!("more than {MAX_ITEMS} edges");
            return Err(Diagnostic::error("generate::too-large", cursor.span_from(start), message));
        }
    }
}

fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '*' | '-' | '_')
}

/// `A,B]`, of edges only.
fn composite(arch: Arch, cursor: &mut Cursor, start: usize) -> Result<Vec<Relaxation>, Diagnostic> {
    let mut all: Vec<Relaxation> = vec![Vec::new()];
    loop {
        cursor.eat_while(|c| c.is_whitespace() || c == ',');
        if cursor.eat("]") {
            break;
        }
        let from = cursor.offset();
        let word = cursor.eat_while(is_part);
        if word.is_empty() {
            let message = "this `[` has no `]`";
            return Err(Diagnostic::error("generate::syntax", cursor.span_from(start), message));
        }
        let span = cursor.span_from(from);
        let What::Steps(steps) = self::word(arch, word, span)? else {
            let message = "only edges stand between brackets";
            return Err(Diagnostic::error("generate::syntax", span, message));
        };
        all = all
            .iter()
            .flat_map(|first| steps.iter().map(move |step| [&first[..], &step[..]].concat()))
            .filter(|step| fits(step))
            .collect();
        if all.len() > MAX_ITEMS {
            return Err(Diagnostic::error("generate::too-large", span, "too many alternatives"));
        }
        if all.is_empty() {
            let message = "this edge does not fit to the one before";
            return Err(Diagnostic::error("generate::open-cycle", span, message));
        }
    }
    if all.iter().any(Vec::is_empty) {
        let message = "nothing stands between these brackets";
        return Err(Diagnostic::error("generate::syntax", cursor.span_from(start), message));
    }
    Ok(all)
}

/// Whether each edge starts as the one before ends.
fn fits(step: &[Edge]) -> bool {
    step.windows(2).all(|pair| pair[0].tgt == pair[1].src && pair[0].b.merge(pair[1].a).is_some())
}

fn word(arch: Arch, word: &str, span: Span) -> Result<What, Diagnostic> {
    let vocabulary = arch.vocabulary();
    if let Some(access) = access(vocabulary, word) {
        return Ok(What::Annotation(access));
    }
    if let Some(index) = vocabulary.fences.iter().position(|fence| fence.name == word) {
        return Ok(What::Insert(index as u8));
    }
    if let Some(steps) = detour(word) {
        return Ok(What::Steps(steps));
    }
    if let Some(steps) = cumulative(vocabulary, word) {
        return Ok(What::Steps(steps));
    }
    match edges(vocabulary, word) {
        Ok(edges) if !edges.is_empty() => Ok(What::Steps(edges.into_iter().map(|edge| vec![edge]).collect())),
        Ok(_) => {
            let message = format!("`{word}` has an access that its events can't have");
            let help = format!("accesses: {}", names(vocabulary));
            Err(Diagnostic::error("generate::bad-annotation", span, message).with_help(help))
        }
        Err(()) => Err(unknown(vocabulary, word, span)),
    }
}

fn names(vocabulary: &Vocabulary) -> String {
    let mut names: Vec<String> = Vec::new();
    for order in vocabulary.orders {
        let who = match (order.reads, order.writes) {
            (true, false) => " (reads)",
            (false, true) => " (writes)",
            _ => "",
        };
        names.push(format!("{}{who}", order.name));
    }
    names.join(", ")
}

fn unknown(vocabulary: &Vocabulary, word: &str, span: Span) -> Diagnostic {
    let message = format!("{} has no edge `{word}`", vocabulary.arch.name());
    let known = vocabulary.edge_names();
    let error = Diagnostic::error("generate::unknown-edge", span, message)
        .with_suggestion(word, known.iter().map(String::as_str));
    match error.help {
        Some(_) => error,
        None => error
            .with_help(format!("`turnsole generate --arch {} --list` lists them", vocabulary.arch.name())),
    }
}

/// Two steps through a thread of its own.
fn detour(word: &str) -> Option<Vec<Relaxation>> {
    let (leave, back) = match word.strip_prefix("Detour")? {
        "R" | "RR" => (Com::Fr, Com::Rf),
        "W" | "WR" => (Com::Co, Com::Rf),
        "RW" => (Com::Fr, Com::Co),
        "WW" => (Com::Co, Com::Co),
        _ => return None,
    };
    Some(vec![vec![Edge::com(leave, Reach::Leave), Edge::com(back, Reach::Back)]])
}

/// A fence with a read from another thread before it (`AC`), behind it (`BC`), or both (`ABC`).
fn cumulative(vocabulary: &Vocabulary, word: &str) -> Option<Vec<Relaxation>> {
    let (before, after, rest) =
        [("ABC", true, true), ("AC", true, false), ("BC", false, true)]
            .into_iter()
            .find_map(|(prefix, before, after)| Some((before, after, word.strip_prefix(prefix)?)))?;
    let edges = edges(vocabulary, rest).ok()?;
    let rf = Edge::com(Com::Rf, Reach::Ext);
    let step = |edge: Edge| {
        let first = before.then_some(rf);
        let last = after.then_some(rf);
        first.into_iter().chain([edge]).chain(last).collect::<Relaxation>()
    };
    Some(edges.into_iter().map(step).filter(|step| fits(step)).collect())
}

/// All edges that a word stands for; none if its accesses are impossible.
fn edges(vocabulary: &Vocabulary, word: &str) -> Result<Vec<Edge>, ()> {
    if let Some(found) = communication(vocabulary, word) {
        return found;
    }
    if let Some(rest) = word.strip_prefix("Po")
        && let Some(found) = spanned(vocabulary, Kind::Po, rest)
    {
        return found;
    }
    if let Some(found) = dependency(vocabulary, word) {
        return found;
    }
    let mut fences: Vec<usize> = (0..vocabulary.fences.len()).collect();
    fences.sort_by_key(|index| std::cmp::Reverse(vocabulary.fences[*index].name.len()));
    for index in fences {
        if let Some(rest) = word.strip_prefix(vocabulary.fences[index].name)
            && let Some(found) = spanned(vocabulary, Kind::Fence(index as u8), rest)
        {
            return found;
        }
    }
    if let Some(rest) = word.strip_prefix("Fence")
        && let Some(found) = spanned(vocabulary, Kind::Fence(vocabulary.strongest as u8), rest)
    {
        return found;
    }
    for (index, region) in vocabulary.regions.iter().enumerate() {
        if let Some(rest) = word.strip_prefix(region.name)
            && let Some(found) = spanned(vocabulary, Kind::Region(index as u8), rest)
        {
            return found;
        }
    }
    update(vocabulary, word).unwrap_or(Err(()))
}

type Found = Result<Vec<Edge>, ()>;

fn communication(vocabulary: &Vocabulary, word: &str) -> Option<Found> {
    if let Some(rest) = word.strip_prefix("Hat") {
        return Some(accesses(vocabulary, &[Edge::com(Com::Hat, Reach::Ext)], rest));
    }
    let (com, rest) = [("Rf", Com::Rf), ("Fr", Com::Fr), ("Co", Com::Co), ("Ws", Com::Co)]
        .into_iter()
        .find_map(|(name, com)| Some((com, word.strip_prefix(name)?)))?;
    let (reach, rest) =
        [("Leave", Reach::Leave), ("Back", Reach::Back), ("e", Reach::Ext), ("i", Reach::Int)]
            .into_iter()
            .find_map(|(name, reach)| Some((reach, rest.strip_prefix(name)?)))?;
    Some(accesses(vocabulary, &[Edge::com(com, reach)], rest))
}

fn dependency(vocabulary: &Vocabulary, word: &str) -> Option<Found> {
    let word = word.strip_prefix("Dp").unwrap_or(word);
    let mut deps = vocabulary.deps.to_vec();
    deps.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    for (dep, name) in deps {
        let Some(rest) = word.strip_prefix(name) else { continue };
        let Some((place, rest)) = place(rest) else { continue };
        let Some((tgts, rest)) = dirs(rest) else { continue };
        let edges: Vec<Edge> = tgts
            .iter()
            .filter(|tgt| dep != Dep::Data || **tgt == Dir::W)
            .map(|tgt| Edge::new(Kind::Dep(dep), place, Dir::R, *tgt))
            .collect();
        return Some(if edges.is_empty() { Err(()) } else { accesses(vocabulary, &edges, rest) });
    }
    None
}

/// `dRW`, `sW*`, with accesses.
fn spanned(vocabulary: &Vocabulary, kind: Kind, rest: &str) -> Option<Found> {
    let (place, rest) = place(rest)?;
    let (srcs, rest) = dirs(rest)?;
    let (tgts, rest) = dirs(rest)?;
    let edges: Vec<Edge> =
        srcs.iter().flat_map(|src| tgts.iter().map(|tgt| Edge::new(kind, place, *src, *tgt))).collect();
    Some(accesses(vocabulary, &edges, rest))
}

fn place(rest: &str) -> Option<(Place, &str)> {
    let same = rest.strip_prefix('s').map(|rest| (Place::Same, rest));
    same.or_else(|| rest.strip_prefix('d').map(|rest| (Place::Diff, rest)))
}

fn dirs(rest: &str) -> Option<(&'static [Dir], &str)> {
    let found: &'static [Dir] = match rest.bytes().next()? {
        b'R' => &[Dir::R],
        b'W' => &[Dir::W],
        b'*' => &[Dir::R, Dir::W],
        _ => return None,
    };
    Some((found, &rest[1..]))
}

fn update(vocabulary: &Vocabulary, word: &str) -> Option<Found> {
    let mut names: Vec<(&str, usize)> =
        vocabulary.updates.iter().enumerate().map(|(index, update)| (update.name, index)).collect();
    if !names.is_empty() {
        // What an architecture has only one of goes by these names, too.
        names.extend([("Rmw", 0), ("Exch", 0)]);
    }
    names.sort_by_key(|(name, index)| (std::cmp::Reverse(name.len()), *index));
    let (rest, index) =
        names.into_iter().find_map(|(name, index)| Some((word.strip_prefix(name)?, index)))?;
    Some(accesses(vocabulary, &[Edge::new(Kind::Update(index as u8), Place::Same, Dir::R, Dir::W)], rest))
}

/// The edges with the accesses that `rest` says, of those that may have them.
fn accesses(vocabulary: &Vocabulary, edges: &[Edge], rest: &str) -> Found {
    if rest.is_empty() {
        return Ok(edges.to_vec());
    }
    let (a, b) = (1..rest.len())
        .filter(|at| rest.is_char_boundary(*at))
        .find_map(|at| Some((access(vocabulary, &rest[..at])?, access(vocabulary, &rest[at..])?)))
        .ok_or(())?;
    let with = |edge: &Edge| Edge { a, b, ..*edge };
    let possible = |edge: &Edge| vocabulary.allows(a.order, edge.src) && vocabulary.allows(b.order, edge.tgt);
    Ok(edges.iter().filter(|edge| possible(edge)).map(with).collect())
}

/// `A`, `w0`, `A.w0`.
fn access(vocabulary: &Vocabulary, name: &str) -> Option<Access> {
    if let Some(order) = vocabulary.order(name) {
        return Some(Access { order, size: 0 });
    }
    if !vocabulary.sized {
        return None;
    }
    let size = |name: &str| SIZES.iter().position(|size| size.name == name).map(|index| index as u8 + 1);
    if let Some(size) = size(name) {
        return Some(Access { order: vocabulary.default, size });
    }
    let (order, part) = name.split_once('.')?;
    Some(Access { order: vocabulary.order(order)?, size: size(part)? })
}

impl Vocabulary {
    /// All edges without accesses, by name.
    pub fn edge_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for com in ["Rf", "Fr", "Co"] {
            names.extend(["e", "i", "Leave", "Back"].map(|reach| format!("{com}{reach}")));
        }
        names.extend(["Hat", "Wse", "Wsi"].map(str::to_owned));
        let mut spanned = |name: &str| {
            for place in ["d", "s"] {
                names.extend(["RR", "RW", "WR", "WW"].map(|dirs| format!("{name}{place}{dirs}")));
            }
        };
        spanned("Po");
        self.fences.iter().for_each(|fence| spanned(fence.name));
        spanned("Fence");
        self.regions.iter().for_each(|region| spanned(region.name));
        for (dep, name) in self.deps {
            for place in ["d", "s"] {
                let targets: &[&str] = if *dep == Dep::Data { &["W"] } else { &["R", "W"] };
                names.extend(targets.iter().map(|tgt| format!("Dp{name}{place}{tgt}")));
            }
        }
        names.extend(self.updates.iter().map(|update| update.name.to_owned()));
        names.extend(["DetourR", "DetourW", "DetourRW", "DetourWW"].map(str::to_owned));
        names
    }

    /// The names of all accesses.
    pub fn access_names(&self) -> Vec<&'static str> {
        let sizes: &[_] = if self.sized { SIZES } else { &[] };
        self.orders.iter().map(|order| order.name).chain(sizes.iter().map(|size| size.name)).collect()
    }

    /// Writes an access.
    pub(crate) fn write_access(&self, access: Access, out: &mut String) {
        let size = usize::from(access.size).checked_sub(1).map(|index| SIZES[index].name);
        let order = self.order_of(access);
        let usual = access.order == 0 || access.order == self.default;
        match size {
            Some(size) if usual => out.push_str(size),
            Some(size) => {
                out.push_str(order);
                out.push('.');
                out.push_str(size);
            }
            None => out.push_str(order),
        }
    }

    /// Whether names of edges with these accesses say so.
    pub(crate) fn says(&self, edge: &Edge) -> bool {
        self.is_special(edge.a) || self.is_special(edge.b)
    }

    /// Writes an edge as cycles have it.
    pub fn write_edge(&self, edge: &Edge, out: &mut String) {
        if let Some(insert) = usize::from(edge.insert).checked_sub(1) {
            out.push_str(self.fences[insert].name);
            out.push(' ');
        }
        let place = if edge.span == Place::Same { 's' } else { 'd' };
        let mut dirs = false;
        match edge.kind {
            Kind::Com(com, reach) => {
                out.push_str(com.name());
                if com != Com::Hat {
                    out.push_str(match reach {
                        Reach::Int => "i",
                        Reach::Ext => "e",
                        Reach::Leave => "Leave",
                        Reach::Back => "Back",
                    });
                }
            }
            Kind::Update(index) => out.push_str(self.updates[usize::from(index)].name),
            Kind::Fence(index) => {
                out.push_str(self.fences[usize::from(index)].name);
                dirs = true;
            }
            Kind::Region(index) => {
                out.push_str(self.regions[usize::from(index)].name);
                dirs = true;
            }
            Kind::Po => {
                out.push_str("Po");
                dirs = true;
            }
            Kind::Dep(dep) => {
                out.push_str("Dp");
                out.push_str(self.dep_name(dep));
                out.push(place);
                out.push(edge.tgt.letter());
            }
        }
        if dirs {
            out.push(place);
            out.push(edge.src.letter());
            out.push(edge.tgt.letter());
        }
        if self.says(edge) {
            self.write_access(edge.a, out);
            self.write_access(edge.b, out);
        }
    }

    pub(crate) fn dep_name(&self, dep: Dep) -> &'static str {
        self.deps.iter().find(|(known, _)| *known == dep).map_or("", |(_, name)| name)
    }
}
