//! `turnsole generate`: litmus tests from cycles.

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Session, Settings};
use clap::{Args, ValueEnum};
use generate::{
    Arch, Condition, Config, Cross, Cycle, Cycles, Impossible, Mode, Observe, Observers, Piece, Writer,
};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, FileId};

const HELP: &str = "\
A cycle is a list of edges, each from an event to the next. The last leads back to the first event:
  turnsole generate --one 'PodWW Rfe PodRR Fre'                  the test MP
  turnsole generate --one 'DMB.SYdWW Rfe DpAddrdR Fre'           MP+dmb.sy+addr
  turnsole generate --arch C --one 'PodWW Rel Rfe Acq PodRR Fre' MP+porel+poacq…, in C11
All critical cycles of some edges, into a folder:
  turnsole generate --arch PPC --safe 'Pod** Syncd** Rfe Fre Coe' --mode critical --out tests
Tests that differ in one place:
  turnsole generate --cross 'PodWW,DMB.SYdWW' Rfe 'PodRR,DpAddrdR' Fre
See docs/generate.md for edges, and `--list` for those of an architecture.

Exit status:
  0   tests were written, or there are none
  2   an option, a cycle or a configuration file is wrong";

/// Options of `turnsole generate`.
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct GenerateArgs {
    /// What tests are for: AArch64, ARM, X86, X86_64, PPC, RISCV, MIPS, C, LKMM (C of the Linux kernel), BPF, LISA
    /// [default: AArch64].
    #[arg(short, long, value_name = "ARCH")]
    arch: Option<String>,

    /// Make the test of this cycle.
    #[arg(long, value_name = "CYCLE", num_args = 1.., conflicts_with_all = ["cross", "relax", "safe", "conf"])]
    one: Vec<String>,

    /// Make all tests that have one edge of each list: `A,B` `C` `D,E`.
    #[arg(long, value_name = "EDGES", num_args = 1.., conflicts_with_all = ["relax", "safe", "conf"])]
    cross: Vec<String>,

    /// Make all cycles that have an edge of this list, besides those of `--safe`.
    #[arg(long, value_name = "EDGES")]
    relax: Vec<String>,

    /// Edges of which all cycles are made. `*` stands for R and W, `[A,B]` for two edges that belong together.
    #[arg(long, value_name = "EDGES")]
    safe: Vec<String>,

    /// Make no cycle with these edges.
    #[arg(long, value_name = "EDGES")]
    reject: Vec<String>,

    /// Give each event each of these accesses: `Rlx Acq Rel Sc`.
    #[arg(long, value_name = "ACCESSES")]
    accesses: Vec<String>,

    /// A configuration file of diy7. Options of the command line come before it.
    #[arg(long, value_name = "FILE")]
    conf: Option<PathBuf>,

    /// The most edges [default: 6].
    #[arg(long, value_name = "N")]
    size: Option<usize>,

    /// Only cycles with as many edges as --size says.
    #[arg(long)]
    exact_size: bool,

    /// The most threads [default: 4].
    #[arg(long, value_name = "N")]
    threads: Option<usize>,

    /// Only cycles with as many threads as --threads says.
    #[arg(long)]
    exact_threads: bool,

    /// Which cycles are made [default: default].
    #[arg(long, value_enum)]
    mode: Option<ModeArg>,

    /// Let a cycle have several different edges of --relax.
    #[arg(long)]
    mix: bool,

    /// The most edges of --relax in a cycle.
    #[arg(long, value_name = "N")]
    max_relax: Option<usize>,

    /// What shows the order of three and more writes to a location [default: thread].
    #[arg(long, value_enum, value_name = "HOW")]
    observers: Option<ObserversArg>,

    /// Ask for all values, not only for those that decide.
    #[arg(long)]
    all_values: bool,

    /// Ask nothing, and list what is looked at.
    #[arg(long)]
    locations: bool,

    /// The type of locations: int8_t, uint8_t, … uint64_t. For C, LKMM, AArch64, RISCV and X86_64.
    #[arg(long = "type", value_name = "TYPE")]
    ty: Option<String>,

    /// Write no lines about the cycle.
    #[arg(long)]
    no_metadata: bool,

    /// What tests are called: this and a number, or this alone with --one.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Write a file for each test to this folder, and their names to `@all` in it.
    #[arg(short, long, value_name = "DIR", conflicts_with = "format")]
    out: Option<PathBuf>,

    /// How tests are written to the standard output.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Stop after so many tests.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    /// List the edges and accesses of the architecture, and make nothing.
    #[arg(long)]
    list: bool,

    /// Read cycles, one a line, from the standard input or from --one, and print their names and their least rotations.
    #[arg(long, conflicts_with_all = ["cross", "relax", "safe", "conf", "out"])]
    classify: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ModeArg {
    /// Cycles of which no part could be left out.
    Default,
    /// At most two accesses in a thread, of two locations.
    Critical,
    /// Like critical, with two accesses in each thread.
    Thin,
    /// One location: what coherence forbids.
    Uni,
    /// All cycles.
    Free,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ObserversArg {
    /// One more thread reads it.
    Thread,
    /// Threads that write it read it.
    Local,
    /// Nothing.
    None,
    /// Such tests are not made.
    Avoid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One test after the other.
    Text,
    /// A tar archive.
    Tar,
    /// One JSON object a line: name, cycle, test.
    Ndjson,
    /// Names and cycles only.
    Names,
}

/// Texts of the command line and of a file, as messages show them.
#[derive(Default)]
struct Texts {
    named: Vec<(String, String)>,
}

impl Texts {
    fn add(&mut self, name: &str, text: &str) -> Piece {
        self.named.push((name.to_owned(), text.to_owned()));
        Piece::whole(FileId(self.named.len() as u32 - 1), text)
    }

    fn all(&mut self, name: &str, texts: &[String]) -> Vec<Piece> {
        texts.iter().map(|text| self.add(name, text)).collect()
    }

    /// Says what is wrong.
    fn complain(&self, problem: &Diagnostic, terminal: &mut Terminal) -> io::Result<Status> {
        let (name, text) = self.named.get(problem.span.file.0 as usize).cloned().unwrap_or_default();
        let session = Session::new(Settings::default());
        // A message is about one text, and finds it under its first number.
        let mut problem = problem.clone();
        problem.span.file = FileId(0);
        problem.labels.iter_mut().for_each(|(span, _)| span.file = FileId(0));
        let render = Render::new(terminal.err_color);
        let message = render.all(&[problem], &session.sources(&name, &text));
        terminal.message(&message)?;
        Ok(Status::UserError)
    }
}

pub(crate) fn generate(args: &GenerateArgs, terminal: &mut Terminal) -> io::Result<Status> {
    let mut texts = Texts::default();
    let config = match config(args, &mut texts) {
        Ok(config) => config,
        Err(Problem::Text(problem)) => return texts.complain(&problem, terminal),
        Err(Problem::Message(message)) => {
            terminal.complain(&message);
            return Ok(Status::UserError);
        }
    };
    if args.list {
        return list(config.arch(), terminal);
    }
    if args.classify {
        return classify(args, config.arch(), terminal);
    }
    let listed = !config.safe.is_empty() || !config.relax.is_empty();
    if args.one.is_empty() && args.cross.is_empty() && args.conf.is_none() && !listed {
        terminal.complain("there is nothing to make tests from: give --one, --cross, --safe or --conf");
        return Ok(Status::UserError);
    }
    match cycles(args, &config, &mut texts) {
        Ok(cycles) => write(args, &config, cycles, terminal),
        Err(problem) => texts.complain(&problem, terminal),
    }
}

/// What is wrong: a place in a text, or something else.
enum Problem {
    Text(Box<Diagnostic>),
    Message(String),
}

impl From<Diagnostic> for Problem {
    fn from(problem: Diagnostic) -> Problem {
        Problem::Text(Box::new(problem))
    }
}

/// The configuration file, with what the command line says instead.
fn config(args: &GenerateArgs, texts: &mut Texts) -> Result<Config, Problem> {
    let mut config = Config::default();
    if let Some(path) = &args.conf {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Problem::Message(format!("can't read `{}`: {error}", path.display())))?;
        let file = texts.add(&path.to_string_lossy(), &text).file;
        config = Config::read(file, &text)?;
    }
    if let Some(name) = &args.arch {
        let file = texts.add("--arch", &format!("-arch {name}")).file;
        config.arch = Config::read(file, &format!("-arch {name}"))?.arch;
    }
    if let Some(name) = &args.ty {
        let file = texts.add("--type", &format!("-type {name}")).file;
        config.ty = Config::read(file, &format!("-type {name}"))?.ty;
    }
    if config.ty.is_some() && !config.arch().has_types() {
        let message = format!("locations of {} have one type only", config.arch().name());
        return Err(Problem::Message(message));
    }
    config.relax.extend(texts.all("--relax", &args.relax));
    config.safe.extend(texts.all("--safe", &args.safe));
    config.reject.extend(texts.all("--reject", &args.reject));
    config.accesses.extend(texts.all("--accesses", &args.accesses));
    config.size = args.size.or(config.size);
    config.threads = args.threads.or(config.threads);
    config.exact |= args.exact_size;
    config.exact_threads |= args.exact_threads;
    config.mix |= args.mix;
    config.max_relax = args.max_relax.or(config.max_relax);
    config.name = args.name.clone().or(config.name);
    config.mode = args.mode.map(Mode::from).or(config.mode);
    config.observers = args.observers.map(Observers::from).or(config.observers);
    config.observe = args.all_values.then_some(Observe::All).or(config.observe);
    config.condition = args.locations.then_some(Condition::Observe).or(config.condition);
    config.metadata = args.no_metadata.then_some(false).or(config.metadata);
    Ok(config)
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Mode {
        match mode {
            ModeArg::Default => Mode::Default,
            ModeArg::Critical => Mode::Critical,
            ModeArg::Thin => Mode::Thin,
            ModeArg::Uni => Mode::Uni,
            ModeArg::Free => Mode::Free,
        }
    }
}

impl From<ObserversArg> for Observers {
    fn from(observers: ObserversArg) -> Observers {
        match observers {
            ObserversArg::Thread => Observers::Thread,
            ObserversArg::Local => Observers::Local,
            ObserversArg::None => Observers::None,
            ObserversArg::Avoid => Observers::Avoid,
        }
    }
}

/// The cycles that are asked for.
fn cycles(
    args: &GenerateArgs,
    config: &Config,
    texts: &mut Texts,
) -> Result<Box<dyn Iterator<Item = Cycle>>, Diagnostic> {
    let arch = config.arch();
    if !args.one.is_empty() {
        let piece = texts.add("--one", &args.one.join(" "));
        let cycle = Cycle::parse(arch, piece.file, &piece.text)?;
        return Ok(Box::new(std::iter::once(cycle)));
    }
    if !args.cross.is_empty() {
        let pieces = texts.all("--cross", &args.cross);
        let places: Result<Vec<_>, Diagnostic> =
            pieces.iter().map(|piece| generate::relaxations(arch, piece)).collect();
        return Ok(Box::new(Cross::new(arch, places?)));
    }
    Ok(Box::new(Cycles::new(config.wanted()?)))
}

/// Where tests go.
enum Target<'a> {
    Folder(PathBuf, BufWriter<File>),
    Stream(&'a mut BufWriter<Stdout>, Format, bool),
}

#[derive(Serialize)]
struct Record<'a> {
    name: &'a str,
    arch: &'a str,
    cycle: &'a str,
    test: &'a str,
}

impl Target<'_> {
    fn put(&mut self, name: &str, cycle: &Cycle, text: &str) -> io::Result<()> {
        match self {
            Target::Folder(folder, all) => {
                let file = format!("{}.litmus", name.replace('/', "_"));
                std::fs::write(folder.join(&file), text)?;
                writeln!(all, "{file}")
            }
            Target::Stream(out, Format::Text, first) => {
                if !std::mem::take(first) {
                    out.write_all(b"\n")?;
                }
                out.write_all(text.as_bytes())
            }
            Target::Stream(out, Format::Names, _) => {
                let mut edges = String::new();
                cycle.write_edges(&mut edges);
                writeln!(out, "{name}: {edges}")
            }
            Target::Stream(out, Format::Ndjson, _) => {
                let mut edges = String::new();
                cycle.write_edges(&mut edges);
                let record = Record { name, arch: cycle.arch().name(), cycle: &edges, test: text };
                serde_json::to_writer(&mut **out, &record)?;
                out.write_all(b"\n")
            }
            Target::Stream(out, Format::Tar, _) => tar_entry(out, &format!("{name}.litmus"), text.as_bytes()),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Target::Folder(_, mut all) => all.flush(),
            // An archive ends with two empty blocks.
            Target::Stream(out, Format::Tar, _) => out.write_all(&[0; 1024]),
            Target::Stream(..) => Ok(()),
        }
    }
}

/// One file of an archive, as POSIX has it. A name for which a header has no room goes before it, as GNU does.
fn tar_entry(out: &mut dyn Write, name: &str, text: &[u8]) -> io::Result<()> {
    if name.len() > TAR_NAME {
        tar_block(out, "././@LongLink", b'L', &[name.as_bytes(), b"\0"].concat())?;
    }
    tar_block(out, name, b'0', text)
}

/// How long a name may be in a header.
const TAR_NAME: usize = 100;

fn tar_block(out: &mut dyn Write, name: &str, kind: u8, text: &[u8]) -> io::Result<()> {
    const BLOCK: usize = 512;
    let mut header = [0_u8; BLOCK];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    let name = name.as_bytes();
    put(0, &name[..name.len().min(TAR_NAME)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", text.len()).as_bytes());
    put(136, b"00000000000\0");
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.write_all(&header)?;
    out.write_all(text)?;
    out.write_all(&[0; BLOCK][..(BLOCK - text.len() % BLOCK) % BLOCK])
}

fn write(
    args: &GenerateArgs,
    config: &Config,
    cycles: Box<dyn Iterator<Item = Cycle>>,
    terminal: &mut Terminal,
) -> io::Result<Status> {
    let one = !args.one.is_empty();
    let mut target = match &args.out {
        Some(folder) => match folder_target(folder) {
            Ok(target) => target,
            Err(error) => {
                terminal.complain(&format!("can't write to `{}`: {error}", folder.display()));
                return Ok(Status::UserError);
            }
        },
        None => Target::Stream(&mut terminal.out, args.format, true),
    };
    let mut writer = Writer::new(config.style());
    let (mut name, mut text) = (String::new(), String::new());
    let (mut written, mut left_out) = (0_u64, 0_u64);
    for cycle in cycles {
        if args.limit.is_some_and(|limit| written >= limit) {
            break;
        }
        name.clear();
        text.clear();
        match &config.name {
            Some(base) if one => name.push_str(base),
            Some(base) => name.push_str(&format!("{base}{written:03}")),
            None => cycle.write_name(&mut name),
        }
        match writer.write(&cycle, &name, &mut text) {
            Ok(()) => {
                target.put(&name, &cycle, &text)?;
                written += 1;
            }
            Err(reason) if one => {
                drop(target);
                terminal.complain(&why(reason, &cycle));
                return Ok(Status::UserError);
            }
            Err(_) => left_out += 1,
        }
    }
    target.finish()?;
    if args.out.is_some() {
        terminal.message(&format!("{written} tests\n"))?;
    }
    if left_out > 0 {
        terminal.message(&format!(
            "{left_out} cycles have no test: they need registers or values that there are not\n"
        ))?;
    }
    Ok(Status::Ok)
}

fn folder_target<'a>(folder: &Path) -> io::Result<Target<'a>> {
    std::fs::create_dir_all(folder)?;
    let all = BufWriter::new(File::create(folder.join("@all"))?);
    Ok(Target::Folder(folder.to_owned(), all))
}

/// Why there is no test of a cycle.
fn why(reason: Impossible, cycle: &Cycle) -> String {
    let edge = |index: usize| {
        let mut text = String::new();
        if let Some(edge) = cycle.edges().get(index) {
            cycle.arch().vocabulary().write_edge(edge, &mut text);
        }
        text
    };
    match reason {
        Impossible::Observers => "the order of writes can't be seen from the final values".to_owned(),
        Impossible::Value(index) => {
            let before = (index + cycle.edges().len() - 1) % cycle.edges().len();
            format!("`{}` can't write a value that nothing else writes", edge(before))
        }
        Impossible::Instruction(index) => {
            format!(
                "there is no instruction for `{}` here, or it can't follow the edge before it",
                edge(index)
            )
        }
        Impossible::Registers => format!("{} has too few registers for this cycle", cycle.arch().name()),
    }
}

fn list(arch: Arch, terminal: &mut Terminal) -> io::Result<Status> {
    let vocabulary = arch.vocabulary();
    for name in vocabulary.edge_names() {
        writeln!(terminal.out, "{name}")?;
    }
    writeln!(terminal.out, "\nAccesses: {}", vocabulary.access_names().join(" "))?;
    Ok(Status::Ok)
}

/// Names and least rotations of cycles, one a line. A line may begin with a name and a colon.
fn classify(args: &GenerateArgs, arch: Arch, terminal: &mut Terminal) -> io::Result<Status> {
    let mut status = Status::Ok;
    let lines: Box<dyn Iterator<Item = io::Result<String>>> = if args.one.is_empty() {
        Box::new(io::stdin().lock().lines())
    } else {
        Box::new(std::iter::once(Ok(args.one.join(" "))))
    };
    for line in lines {
        let line = line?;
        let text = line.split_once(": ").map_or(line.as_str(), |(_, cycle)| cycle).trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match Cycle::parse(arch, FileId(0), text) {
            Ok(cycle) => {
                let mut edges = String::new();
                cycle.write_canonical(&mut edges);
                writeln!(terminal.out, "{}: {edges}", cycle.name())?;
            }
            Err(problem) => {
                let texts = Texts { named: vec![("cycle".to_owned(), text.to_owned())] };
                status = texts.complain(&problem, terminal)?;
            }
        }
    }
    Ok(status)
}
