//! `turnsole bpf`: programs in BPF.

mod dis;
mod groups;
mod lint;
mod slice;

use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::{Session, Settings, read};
use bpf_object::{Endian, Format, Function, Program};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use syntax::{Diagnostic, FileId, Span};

/// Larger files are no programs.
const MAX_BYTES: usize = 1 << 28;

/// Options of `turnsole bpf`.
#[derive(Args)]
pub(crate) struct BpfArgs {
    #[command(subcommand)]
    command: BpfCommand,
}

#[derive(Subcommand)]
enum BpfCommand {
    /// Say what a program needs: conformance groups of RFC 9669, -mcpu, a kernel, a JIT.
    Groups(groups::GroupsArgs),
    /// Print the instructions of a program in one of five syntaxes.
    Dis(dis::DisArgs),
    /// Make a litmus test of functions of a program: they are its threads, maps and variables its locations.
    Slice(slice::SliceArgs),
    /// Look for what may go wrong where several processors run a program: barriers that are none, missing releases.
    Lint(lint::LintArgs),
}

pub(crate) fn bpf(args: &BpfArgs, terminal: &mut Terminal) -> io::Result<Status> {
    match &args.command {
        BpfCommand::Groups(args) => groups::groups(args, terminal),
        BpfCommand::Dis(args) => dis::dis(args, terminal),
        BpfCommand::Slice(args) => slice::slice(args, terminal),
        BpfCommand::Lint(args) => lint::lint(args, terminal),
    }
}

/// Which program, and how it is written.
#[derive(Args)]
struct Input {
    /// The program: an ELF object, instructions as raw bytes, a hex dump, or text; `-` for the standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// What the file is.
    #[arg(long, value_enum, default_value_t = InputFormat::Auto, value_name = "FORMAT")]
    input: InputFormat,

    /// Look at these functions only.
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    function: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InputFormat {
    /// Guess: ELF objects start with a magic number, hex dumps and text are text, the rest is raw.
    Auto,
    /// An ELF object.
    Elf,
    /// Instructions of 8 bytes each, little endian.
    Raw,
    /// The same, big endian.
    RawBe,
    /// Hexadecimal digits: bytes, numbers of 64 bits, or a listing of objdump or bpftool.
    Hex,
    /// Text in any of the five syntaxes that `dis` prints, with labels.
    Text,
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// A program that was read, with what is wrong with it.
struct Loaded {
    name: String,
    /// The file's text, if it is text.
    text: String,
    program: Option<Program>,
    diagnostics: Vec<Diagnostic>,
}

impl Input {
    fn load(&self) -> Loaded {
        let name = if self.file == Path::new("-") {
            "(standard input)".to_owned()
        } else {
            self.file.display().to_string()
        };
        let bytes = match fetch(&self.file, &name) {
            Ok(bytes) => bytes,
            Err(error) => {
                let diagnostics = vec![error];
                return Loaded { name, text: String::new(), program: None, diagnostics };
            }
        };
        let format = match self.input {
            InputFormat::Auto => Format::guess(&bytes),
            InputFormat::Elf => Format::Elf,
            InputFormat::Raw => Format::Raw(Endian::Little),
            InputFormat::RawBe => Format::Raw(Endian::Big),
            InputFormat::Hex => Format::Hex,
            InputFormat::Text => Format::Text,
        };
        let stem = self.file.file_stem().map_or_else(|| "code".into(), |stem| stem.to_string_lossy());
        let stem = if stem == "-" { "code".into() } else { stem };
        let (program, diagnostics) = bpf_object::read(FileId(0), &stem, &bytes, format);
        let text = if matches!(format, Format::Hex | Format::Text) {
            String::from_utf8(bytes).unwrap_or_default()
        } else {
            String::new()
        };
        let mut loaded = Loaded { name, text, program, diagnostics };
        loaded.pick(&self.function);
        loaded
    }
}

impl Loaded {
    /// Leaves only the functions that the user asks for.
    fn pick(&mut self, names: &[String]) {
        let Some(program) = &mut self.program else { return };
        let mut unknown = Vec::new();
        for name in names {
            if program.function(name).is_none() {
                let message = format!("there is no function `{name}` in this program");
                let known = program.functions.iter().map(|function| &*function.name);
                let error = Diagnostic::error("bpf::unknown-function", Span::default(), message);
                let error = error.with_suggestion(name, known.clone());
                let list = || known.clone().take(20).collect::<Vec<_>>().join(", ");
                unknown.push(if error.help.is_some() {
                    error
                } else {
                    error.with_help(format!("it has {}", list()))
                });
            }
        }
        if !names.is_empty() {
            program.functions.retain(|function| names.contains(&function.name));
            let inside = |span: Span, function: &Function| {
                let start = function.lines.first().map_or(0, |line| line.span.start);
                let end = function.lines.last().map_or(0, |line| line.span.end);
                (start..end.max(start + 1)).contains(&span.start)
            };
            let functions = &program.functions;
            self.diagnostics.retain(|diagnostic| {
                diagnostic.span.end == 0 || functions.iter().any(|function| inside(diagnostic.span, function))
            });
        }
        self.diagnostics.append(&mut unknown);
    }

    /// Says what is wrong.
    fn complain(&self, diagnostics: &[Diagnostic], terminal: &mut Terminal) -> io::Result<Status> {
        let session = Session::new(Settings::default());
        let sources = session.sources(&self.name, &self.text);
        terminal.message(&Render::new(terminal.err_color).all(diagnostics, &sources))?;
        Ok(if syntax::has_errors(diagnostics) { Status::UserError } else { Status::Ok })
    }
}

fn fetch(path: &Path, name: &str) -> Result<Vec<u8>, Diagnostic> {
    if path != Path::new("-") {
        return read::read_bytes(path, name, MAX_BYTES);
    }
    let mut bytes = Vec::new();
    let error = match io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
        Ok(size) if size <= MAX_BYTES => return Ok(bytes),
        Ok(_) => "it is too large".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(Diagnostic::error("input::unreadable", Span::default(), format!("can't read {name}: {error}")))
}
