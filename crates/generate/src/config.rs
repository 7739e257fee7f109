//! Configuration files of diy7: `-option arguments` on each line, `#` before comments.

use crate::edge::Edge;
use crate::plan::{Observe, Observers};
use crate::search::{Mode, Wanted};
use crate::text::{Relaxation, What, read};
use crate::vocabulary::{Arch, IntType, Vocabulary};
use crate::write::{Condition, Style};
use syntax::{Diagnostic, FileId, Span};

/// A part of a text, with its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// The file.
    pub file: FileId,
    /// Where it starts.
    pub start: usize,
    /// What it says.
    pub text: String,
}

impl Piece {
    /// The whole of a file.
    pub fn whole(file: FileId, text: &str) -> Piece {
        Piece { file, start: 0, text: text.to_owned() }
    }

    fn span(&self) -> Span {
        Span::new(self.file, self.start, self.start + self.text.len())
    }
}

/// What a file, or a command line, asks for.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `-arch`
    pub arch: Option<Arch>,
    /// `-relax`: steps of which each cycle has one.
    pub relax: Vec<Piece>,
    /// `-safe`: other steps.
    pub safe: Vec<Piece>,
    /// `-rejectlist`: steps that no cycle has.
    pub reject: Vec<Piece>,
    /// `-varatom`: accesses that all events are varied over.
    pub accesses: Vec<Piece>,
    /// `-size`
    pub size: Option<usize>,
    /// `-exact`
    pub exact: bool,
    /// `-nprocs`
    pub threads: Option<usize>,
    /// `-eprocs`
    pub exact_threads: bool,
    /// `-mode`
    pub mode: Option<Mode>,
    /// `-mix`
    pub mix: bool,
    /// `-maxrelax`
    pub max_relax: Option<usize>,
    /// `-name`
    pub name: Option<String>,
    /// `-obs`
    pub observers: Option<Observers>,
    /// `-nooptcond`
    pub observe: Option<Observe>,
    /// `-cond`
    pub condition: Option<Condition>,
    /// `-type`
    pub ty: Option<IntType>,
    /// `-metadata`
    pub metadata: Option<bool>,
}

/// Options that change nothing here: where tests go, how they are printed, how much is said meanwhile.
const IGNORED: &[&str] = &[
    "-v",
    "-num",
    "-fmt",
    "-c",
    "-o",
    "-stdout",
    "-hexa",
    "-cycleonly",
    "-obstype",
    "-no",
    "-addret",
    "-neg",
    "-ua",
    "-unrollatomic",
    "-cpp",
    "-overload",
    "-optcoherence",
    "-minrelax",
    "-moreedges",
    "-realdep",
    "-lowercase",
];

/// Options that would change tests in ways that are not understood.
const REFUSED: &[&str] = &["-cumul", "-prefix", "-ins", "-choice", "-scope", "-bell", "-conf", "-docheck"];

const KNOWN: &[&str] = &[
    "-arch",
    "-relax",
    "-relaxlist",
    "-safe",
    "-safelist",
    "-rejectlist",
    "-reject",
    "-varatom",
    "-size",
    "-exact",
    "-nprocs",
    "-eprocs",
    "-mode",
    "-mix",
    "-maxrelax",
    "-name",
    "-obs",
    "-optcond",
    "-nooptcond",
    "-cond",
    "-oneloc",
    "-metadata",
    "-type",
    "-variant",
];

/// Larger files are refused.
const MAX_BYTES: usize = 1 << 20;

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn read(file: FileId, text: &str) -> Result<Config, Diagnostic> {
        let mut config = Config::default();
        if text.len() > MAX_BYTES {
            let span = Span::new(file, 0, 0);
            return Err(Diagnostic::error("generate::too-large", span, "the file is larger than 1 MiB"));
        }
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let used = line.find('#').map_or(line, |at| &line[..at]);
            let begin = start + used.len() - used.trim_start().len();
            if !used.trim().is_empty() {
                config.line(file, used.trim(), begin)?;
            }
            start += line.len();
        }
        Ok(config)
    }

    fn line(&mut self, file: FileId, line: &str, start: usize) -> Result<(), Diagnostic> {
        let end = line.find(char::is_whitespace).unwrap_or(line.len());
        let (option, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let begin = start + line.len() - rest.len();
        let (begin, rest) = match rest.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
            Some(inner) => (begin + 1, inner),
            None => (begin, rest),
        };
        let piece = Piece { file, start: begin, text: rest.to_owned() };
        let span = Span::new(file, start, start + option.len());
        match option {
            "-arch" => {
                self.arch = Some(Arch::named(rest).ok_or_else(|| {
                    let names = Arch::ALL.map(Arch::name);
                    let message = format!("there is no architecture `{rest}`");
                    let help = format!("architectures: {}", names.join(", "));
                    let error = Diagnostic::error("generate::unknown-option", piece.span(), message);
                    let error = error.with_suggestion(rest, names);
                    if error.help.is_some() { error } else { error.with_help(help) }
                })?);
            }
            "-relax" | "-relaxlist" => self.relax.push(piece),
            "-safe" | "-safelist" => self.safe.push(piece),
            "-rejectlist" | "-reject" => self.reject.push(piece),
            "-varatom" => self.accesses.push(piece),
            "-size" => self.size = Some(number(&piece)?),
            "-nprocs" => self.threads = Some(number(&piece)?),
            "-maxrelax" => self.max_relax = Some(number(&piece)?),
            "-exact" => self.exact = switch(&piece)?,
            "-eprocs" => self.exact_threads = switch(&piece)?,
            "-mix" => self.mix = switch(&piece)?,
            "-metadata" => self.metadata = Some(switch(&piece)?),
            "-type" => {
                let types = IntType::ALL.map(|ty| (ty.name, ty));
                self.ty = if rest == "int" { None } else { Some(one_of(&piece, &types)?) };
            }
            "-oneloc" => self.mode = Some(Mode::Uni),
            "-optcond" => self.observe = Some(Observe::Needed),
            "-nooptcond" => self.observe = Some(Observe::All),
            "-name" => self.name = Some(rest.to_owned()),
            "-mode" => self.mode = Some(one_of(&piece, &Mode::ALL)?),
            "-obs" => self.observers = Some(one_of(&piece, &OBSERVERS)?),
            "-cond" => self.condition = Some(one_of(&piece, &CONDITIONS)?),
            "-variant" if matches!(rest, "mixed" | "MixedDisjoint" | "MixedStrictOverlap" | "NoVolatile") => {
            }
            _ if IGNORED.contains(&option) => {}
            _ if REFUSED.contains(&option) || option == "-variant" => {
                let message = format!("`{line}` is not supported");
                return Err(Diagnostic::error("generate::unsupported-option", span, message));
            }
            _ => {
                let message = format!("there is no option `{option}`");
                let known = KNOWN.iter().chain(IGNORED).chain(REFUSED).copied();
                let error = Diagnostic::error("generate::unknown-option", span, message);
                return Err(error.with_suggestion(option, known));
            }
        }
        Ok(())
    }

    /// The architecture.
    pub fn arch(&self) -> Arch {
        self.arch.unwrap_or(Arch::AArch64)
    }

    /// The search that is asked for.
    ///
    /// # Errors
    /// The first step that is not one of the architecture, or what can't be right about the sizes.
    pub fn wanted(&self) -> Result<Wanted, Diagnostic> {
        let arch = self.arch();
        let vocabulary = arch.vocabulary();
        let accesses = self.accesses(vocabulary)?;
        let lists = |pieces: &[Piece]| {
            let mut all = Vec::new();
            for piece in pieces {
                all.extend(relaxations(arch, piece)?);
            }
            Ok(if accesses.is_empty() { all } else { vary(vocabulary, &all, &accesses) })
        };
        let mut wanted = Wanted::new(arch, lists(&self.safe)?);
        wanted.relax = lists(&self.relax)?;
        for piece in &self.reject {
            wanted.reject.extend(relaxations(arch, piece)?);
        }
        wanted.size = self.size.unwrap_or(wanted.size);
        wanted.threads = self.threads.unwrap_or(wanted.threads);
        wanted.exact_size = self.exact;
        wanted.exact_threads = self.exact_threads;
        wanted.mode = self.mode.unwrap_or_default();
        wanted.mix = self.mix;
        wanted.max_relax = self.max_relax.unwrap_or(usize::MAX);
        self.check(&wanted)?;
        Ok(wanted)
    }

    /// What can't be right.
    fn check(&self, wanted: &Wanted) -> Result<(), Diagnostic> {
        let span = self.relax.iter().chain(&self.safe).next().map_or(Span::default(), Piece::span);
        if wanted.relax.is_empty() && wanted.safe.is_empty() {
            let message = "there are no steps to make cycles from";
            let help = "name some with --relax or --safe";
            return Err(Diagnostic::error("generate::nothing", span, message).with_help(help));
        }
        let steps = || wanted.relax.iter().chain(&wanted.safe).flatten();
        if !steps().any(Edge::is_external) {
            let message = "no step leads to another thread";
            let help = "add some of Rfe, Fre, Coe";
            return Err(Diagnostic::error("generate::one-thread", span, message).with_help(help));
        }
        if wanted.size < 2 || wanted.threads == 0 {
            let message = "a cycle has 2 edges and 1 thread at least";
            return Err(Diagnostic::error("generate::nothing", span, message));
        }
        if wanted.size > crate::MAX_EDGES || wanted.threads > crate::MAX_THREADS {
            let message =
                format!("a cycle has at most {} edges and {} threads", crate::MAX_EDGES, crate::MAX_THREADS);
            return Err(Diagnostic::error("generate::too-large", span, message));
        }
        Ok(())
    }

    fn accesses(&self, vocabulary: &Vocabulary) -> Result<Vec<crate::Access>, Diagnostic> {
        let mut accesses = Vec::new();
        for piece in &self.accesses {
            let no_access = |span| {
                let help = format!("accesses: {}", vocabulary.access_names().join(", "));
                Diagnostic::error("generate::bad-annotation", span, "this is no access").with_help(help)
            };
            let items = read(vocabulary.arch, piece.file, &piece.text, piece.start);
            for item in items.map_err(|error| no_access(error.span))? {
                let What::Annotation(access) = item.what else { return Err(no_access(item.span)) };
                if !accesses.contains(&access) {
                    accesses.push(access);
                }
            }
        }
        Ok(accesses)
    }

    /// How tests are written.
    pub fn style(&self) -> Style {
        Style {
            observe: self.observe.unwrap_or_default(),
            observers: self.observers.unwrap_or_default(),
            condition: self.condition.unwrap_or_default(),
            ty: self.ty,
            metadata: self.metadata.unwrap_or(true),
        }
    }
}

const OBSERVERS: [(&str, Observers); 6] = [
    ("accept", Observers::Thread),
    ("force", Observers::Thread),
    ("thread", Observers::Thread),
    ("local", Observers::Local),
    ("avoid", Observers::Avoid),
    ("none", Observers::None),
];

const CONDITIONS: [(&str, Condition); 2] = [("cycle", Condition::Cycle), ("observe", Condition::Observe)];

fn one_of<T: Copy>(piece: &Piece, known: &[(&'static str, T)]) -> Result<T, Diagnostic> {
    let found = known.iter().find(|(name, _)| *name == piece.text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let message = format!("`{}` is none of {}", piece.text, names.join(", "));
        Diagnostic::error("generate::unknown-option", piece.span(), message)
            .with_suggestion(&piece.text, names)
    })
}

fn number(piece: &Piece) -> Result<usize, Diagnostic> {
    piece.text.parse().map_err(|_| {
        let message = format!("`{}` is no number", piece.text);
        Diagnostic::error("generate::unknown-option", piece.span(), message)
    })
}

fn switch(piece: &Piece) -> Result<bool, Diagnostic> {
    match piece.text.as_str() {
        "true" | "" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("`{other}` is neither `true` nor `false`");
            Err(Diagnostic::error("generate::unknown-option", piece.span(), message))
        }
    }
}

/// The steps of a list.
///
/// # Errors
/// The first word that is no step.
pub fn relaxations(arch: Arch, piece: &Piece) -> Result<Vec<Relaxation>, Diagnostic> {
    let mut all = Vec::new();
    for item in read(arch, piece.file, &piece.text, piece.start)? {
        match item.what {
            What::Steps(steps) => all.extend(steps),
            What::Annotation(_) | What::Insert(_) => {
                let message = "in a list of steps, accesses and fences are parts of edges";
                let help = "write `PodWWPL` or `DMB.SYdWW`";
                return Err(Diagnostic::error("generate::syntax", item.span, message).with_help(help));
            }
        }
    }
    Ok(all)
}

/// The steps with each of the accesses for each event that has none yet.
fn vary(vocabulary: &Vocabulary, steps: &[Relaxation], accesses: &[crate::Access]) -> Vec<Relaxation> {
    let mut all = Vec::new();
    for step in steps {
        let mut varied: Vec<Relaxation> = vec![Vec::new()];
        for edge in step {
            let choices = |access: crate::Access, dir| {
                let open = access.is_unsaid();
                let possible =
                    accesses.iter().copied().filter(|access| open && vocabulary.allows(access.order, dir));
                let choices: Vec<_> = possible.collect();
                if choices.is_empty() { vec![access] } else { choices }
            };
            let (firsts, seconds) = (choices(edge.a, edge.src), choices(edge.b, edge.tgt));
            let edges: Vec<Edge> =
                firsts.iter().flat_map(|a| seconds.iter().map(|b| Edge { a: *a, b: *b, ..*edge })).collect();
            let fits = |before: &Relaxation, edge: &Edge| {
                before.last().is_none_or(|last| last.b.merge(edge.a).is_some())
            };
            varied = varied
                .iter()
                .flat_map(|before| {
                    edges
                        .iter()
                        .filter(|edge| fits(before, edge))
                        .map(move |edge| [&before[..], &[*edge]].concat())
                })
                .collect();
        }
        all.extend(varied);
    }
    all
}
