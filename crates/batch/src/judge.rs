//! Reads and judges one test after the other, with each model loaded once.

use crate::crew::Crew;
use crate::input::{Input, Source};
use crate::library::Library;
use crate::panics;
use crate::read::{self, TEST_FILE};
use crate::variants;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use syntax::{Diagnostic, FileId, SourceMap, Span};
use turnsole::{Model, Options, Report};

/// What holds for all tests of a run.
#[derive(Clone, Default)]
pub struct Settings {
    /// The model; by default the one of each test's architecture.
    pub model: Option<String>,
    /// What decides answers. `unroll` and `stop` are set for each test.
    pub options: Options,
    /// The unrolling limit, if one was asked for.
    pub unroll: Option<u32>,
    /// How long one test may take.
    pub timeout: Option<Duration>,
    /// Where models are.
    pub library: Library,
    /// Judge tests under models that say that they are for another architecture.
    pub any_arch: bool,
    /// How many threads there may be.
    pub jobs: usize,
    /// Whether tests in the kernel's C are judged under the kernel's model unless another one is named.
    pub kernel_dialect: bool,
}

/// A run over many tests. Shared by its workers.
pub struct Session {
    settings: Settings,
    crew: Arc<Crew>,
    models: Mutex<Models>,
}

/// Every model that was loaded, and the files they were loaded from. File 0 stands for the test.
struct Models {
    sources: SourceMap,
    loaded: Vec<Loaded>,
}

struct Loaded {
    variants: Vec<String>,
    found: Found,
    diagnostics: Vec<Diagnostic>,
}

/// A model, if it can be used, and how it was asked for.
#[derive(Clone)]
struct Found {
    id: ModelId,
    name: Arc<str>,
    model: Option<Model>,
}

/// Names one of the models of a [`Session`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelId(usize);

impl ModelId {
    /// Counts from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// What a worker keeps from test to test.
#[derive(Default)]
pub struct Worker {
    text: String,
    workspace: turnsole::Workspace,
    last: Option<(Vec<String>, Found)>,
}

impl Worker {
    /// The text of the test that was read last.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A test that was read, or why not.
#[derive(Clone, Debug)]
pub struct Test {
    /// What messages call the file.
    pub file: String,
    /// The test, if it can be used.
    pub test: Option<litmus::Test>,
    /// What is to be said about the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// How one test is to be judged, where this differs from test to test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// The model, instead of that of the settings.
    pub model: Option<&'a str>,
    /// More variants.
    pub variants: &'a [String],
    /// The unrolling limit, instead of that of the settings.
    pub unroll: Option<u32>,
}

/// The answer to one test.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The report; `None` when the model can't be used or something went wrong.
    pub report: Option<Report>,
    /// Why there is no report, if the model is not to blame.
    pub failure: Option<Diagnostic>,
    /// The model that was used. What is to be said about it is said once: [`Session::model_diagnostics`].
    pub model: Option<ModelId>,
    /// The name by which that model was asked for.
    pub model_name: Option<Arc<str>>,
    /// Whether it is that of the kernel because the test calls the kernel's functions.
    pub by_dialect: bool,
    /// How long it took.
    pub elapsed: Duration,
}

/// The files that diagnostics of one test speak of.
pub struct Sources<'a> {
    name: &'a str,
    text: &'a str,
    models: MutexGuard<'a, Models>,
}

impl Sources<'_> {
    /// Name and text of a file. A text can be empty where nothing could be read.
    pub fn file(&self, id: FileId) -> (&str, &str) {
        if id == TEST_FILE || id.0 as usize >= self.models.sources.len() {
            return (self.name, self.text);
        }
        let file = self.models.sources.file(id);
        (&file.name, &file.text)
    }
}

impl Session {
    /// Nothing is loaded yet.
    pub fn new(mut settings: Settings) -> Session {
        let mut sources = SourceMap::new();
        sources.add("", "");
        let crew = Arc::new(Crew::new(settings.jobs));
        if crew.threads() > 1 {
            settings.options.helpers = Some(crew.clone());
        }
        Session { settings, crew, models: Mutex::new(Models { sources, loaded: Vec::new() }) }
    }

    /// The threads of the run.
    pub fn crew(&self) -> &Crew {
        &self.crew
    }

    /// What holds for all tests.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Loads the model of the settings, if there is one, so that a mistake in it is found before the first test.
    pub fn load_model(&self) -> Option<ModelId> {
        let name = self.settings.model.as_deref()?;
        let mut models = self.lock();
        Some(models.get(name, &self.settings.options, &self.settings.library).id)
    }

    /// The variants that a model asks for.
    pub fn named_variants(&self, id: ModelId) -> Vec<String> {
        let models = self.lock();
        models.loaded[id.0].found.model.as_ref().map(Model::named_variants).unwrap_or_default()
    }

    /// What is to be said about a model, and whether it can be used.
    pub fn model_diagnostics(&self, id: ModelId) -> (Vec<Diagnostic>, bool) {
        let models = self.lock();
        let loaded = &models.loaded[id.0];
        (loaded.diagnostics.clone(), loaded.found.model.is_some())
    }

    /// The files that diagnostics speak of; for those of a test give its name and text. Keep it only for a moment.
    pub fn sources<'a>(&'a self, name: &'a str, text: &'a str) -> Sources<'a> {
        Sources { name, text, models: self.lock() }
    }

    /// Reads and parses a test. `stdin` is what `-` stands for.
    pub fn read(&self, worker: &mut Worker, input: Input) -> Test {
        let Input { name, source } = input;
        let stem = match &source {
            Source::File(path) => path.file_stem(),
            _ => None,
        };
        let stem = stem.map_or_else(|| "stdin".to_owned(), |stem| stem.to_string_lossy().into_owned());
        match fetch(&name, source, &mut worker.text) {
            Ok(()) => parse(name, stem, &worker.text),
            Err(diagnostic) => Test { file: name, test: None, diagnostics: vec![diagnostic] },
        }
    }

    /// Judges a test that was read.
    pub fn judge(&self, worker: &mut Worker, test: &litmus::Test, ask: Ask) -> Judged {
        let start = Instant::now();
        let arch = test.arch.word();
        let named = ask.model.or(self.settings.model.as_deref());
        let kernel = match named {
            None if self.settings.kernel_dialect => turnsole::kernel_model(test),
            _ => None,
        };
        let (kernel, warning) = kernel.unzip();
        let Some(name) = named.or(kernel).or_else(|| turnsole::default_model(arch)) else {
            return Judged::failed(no_default_model(test), start);
        };
        let options = self.options(ask, start);
        let found = self.model(worker, name, &options);
        let mut judged = Judged {
            report: None,
            failure: None,
            model: Some(found.id),
            model_name: Some(Arc::clone(&found.name)),
            by_dialect: kernel.is_some(),
            elapsed: Duration::ZERO,
        };
        if let Some(model) = &found.model {
            if let Some(diagnostic) = self.wrong_arch(test, model) {
                return Judged { failure: Some(diagnostic), ..judged };
            }
            // After a panic the memory would be in no known state: it stays behind.
            let mut workspace = std::mem::take(&mut worker.workspace);
            let judge = || {
                let report = turnsole::simulate_in(&mut workspace, test, model, &options);
                (report, std::mem::take(&mut workspace))
            };
            match panics::catch(judge) {
                Ok((mut report, workspace)) => {
                    report.diagnostics.extend(warning.flatten());
                    judged.report = Some(report);
                    worker.workspace = workspace;
                }
                Err(message) => judged.failure = Some(internal(&message)),
            }
        }
        worker.last = Some((options.variants, found));
        judged.elapsed = start.elapsed();
        judged
    }

    /// The options for one test: those of the run, with what the question adds. What the test itself asks for
    /// (`Variant=`, `Unroll=`) is added by the simulator.
    fn options(&self, ask: Ask, start: Instant) -> Options {
        let mut options = self.settings.options.clone();
        for variant in ask.variants {
            variants::add(&mut options.variants, variant);
        }
        options.unroll = ask.unroll.or(self.settings.unroll).unwrap_or(options.unroll);
        if let Some(timeout) = self.settings.timeout {
            options.stop = Some(Arc::new(move || start.elapsed() >= timeout));
        }
        options
    }

    /// The model, from what the worker remembers if it can be.
    fn model(&self, worker: &mut Worker, name: &str, options: &Options) -> Found {
        match worker.last.take() {
            Some((variants, found)) if *found.name == *name && variants == options.variants => found,
            _ => self.lock().get(name, options, &self.settings.library),
        }
    }

    /// Why the model can't judge the test, if it is for another architecture.
    fn wrong_arch(&self, test: &litmus::Test, model: &Model) -> Option<Diagnostic> {
        let family = |arch: &str| match arch {
            "X86_64" => "X86".to_owned(),
            "CPP" => "C".to_owned(),
            arch => arch.to_owned(),
        };
        let (own, theirs) = (test.arch.word(), model.arch()?);
        if self.settings.any_arch || family(own) == family(theirs) {
            return None;
        }
        let message = format!("Architecture mismatch between test and model ({own} vs. {theirs})");
        Some(Diagnostic::error("model::architecture", test.name_span, message).with_help(
            "choose another model, or switch this check off with `--any-arch` (`-archcheck false` of herd7)",
        ))
    }

    fn lock(&self) -> MutexGuard<'_, Models> {
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Models {
    fn get(&mut self, name: &str, options: &Options, library: &Library) -> Found {
        let known = |loaded: &&Loaded| *loaded.found.name == *name && loaded.variants == options.variants;
        if let Some(loaded) = self.loaded.iter().find(known) {
            return loaded.found.clone();
        }
        let result = panics::catch(|| turnsole::load_model(library, name, options, &mut self.sources));
        let (model, diagnostics) = result.unwrap_or_else(|message| (None, vec![internal(&message)]));
        let found = Found { id: ModelId(self.loaded.len()), name: Arc::from(name), model };
        self.loaded.push(Loaded { variants: options.variants.clone(), found: found.clone(), diagnostics });
        found
    }
}

impl Judged {
    fn failed(diagnostic: Diagnostic, start: Instant) -> Judged {
        Judged {
            report: None,
            failure: Some(diagnostic),
            model: None,
            model_name: None,
            by_dialect: false,
            elapsed: start.elapsed(),
        }
    }
}

fn fetch(name: &str, source: Source, text: &mut String) -> Result<(), Diagnostic> {
    match source {
        Source::File(path) => read::read_file(&path, name, text),
        Source::Stdin => read::read_stream(&mut std::io::stdin().lock(), "the standard input", text),
        Source::Text(given) => {
            *text = given;
            Ok(())
        }
        Source::Missing(diagnostic) => {
            text.clear();
            Err(diagnostic)
        }
    }
}

fn parse(file: String, stem: String, text: &str) -> Test {
    if text.trim_ascii().is_empty() {
        let diagnostic = Diagnostic::error("input::empty", Span::default(), format!("`{file}` is empty"));
        return Test { file, test: None, diagnostics: vec![diagnostic] };
    }
    let (test, diagnostics) = match panics::catch(|| turnsole::parse(TEST_FILE, text)) {
        Ok(parsed) => parsed,
        Err(message) => (None, vec![internal(&message)]),
    };
    let test = test.filter(|_| !syntax::has_errors(&diagnostics)).map(|mut test| {
        if test.name == "--" {
            test.name = stem;
        }
        test
    });
    Test { file, test, diagnostics }
}

fn no_default_model(test: &litmus::Test) -> Diagnostic {
    let message = format!("there is no default model for {} tests", test.arch.word());
    Diagnostic::error("model::no-default", test.name_span, message)
        .with_help("name a model with the option `--model` (`-model` of herd7)")
}

/// The code of diagnostics about mistakes of ours.
pub const INTERNAL: &str = "internal::panic";

fn internal(message: &str) -> Diagnostic {
    Diagnostic::error(INTERNAL, Span::default(), format!("internal error: {message}"))
        .with_help("this is a mistake in Turnsole; please report it with the test")
}

/// The name of a file without folders and extension.
pub fn stem(path: &str) -> &str {
    Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path)
}
