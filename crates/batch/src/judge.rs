//! Reads and judges one test after the other, with each model loaded once.

use crate::crew::Crew;
use crate::input::{self, Input, Source};
use crate::library::Library;
use crate::panics;
use crate::read::{self, TEST_FILE};
use crate::variants;
use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use syntax::{Diagnostic, FileId, SourceMap, Span};
use turnsole::{Model, Options, Report, Simulation};

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
    workspace: Option<Box<turnsole::Workspace>>,
    last: Option<(Vec<String>, Found)>,
}

/// The text of a test, or why there is none.
pub struct Text {
    file: String,
    /// What a test without a name is called.
    stem: String,
    text: String,
    wrong: Option<Diagnostic>,
}

impl Text {
    /// As much of it as can be shown.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A test that was read, or why not.
#[derive(Clone, Debug)]
pub struct Test {
    /// What messages call the file.
    pub file: String,
    /// What of its text can be shown.
    pub text: String,
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

/// A question about a test.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Which test it is.
    pub number: usize,
    /// The test.
    pub test: &'a litmus::Test,
    /// How it is to be judged.
    pub ask: Ask<'a>,
}

/// Few tests are longer: one read is enough for their text, and one to see that there is no more.
const TYPICAL_BYTES: usize = 2048;

/// The answer to one test.
#[derive(Clone, Debug, Default)]
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

    /// Reads and parses a test.
    pub fn read(&self, input: Input) -> Test {
        self.parse(self.fetch(input))
    }

    /// Reads a test.
    pub fn fetch(&self, input: Input) -> Text {
        let Input { name, source } = input;
        let stem = match &source {
            Source::File(path) => path.file_stem(),
            _ => None,
        };
        let stem = stem.map_or_else(|| "stdin".to_owned(), |stem| input::text(stem).into_owned());
        let mut text = String::with_capacity(TYPICAL_BYTES);
        let wrong = fetch(&name, source, &mut text).err();
        Text { file: name, stem, text, wrong }
    }

    /// Parses a test that was read.
    pub fn parse(&self, text: Text) -> Test {
        let Text { file, stem, text, wrong } = text;
        match wrong {
            None => parse(file, stem, text),
            Some(diagnostic) => Test { file, text, test: None, diagnostics: vec![diagnostic] },
        }
    }

    /// Judges a test that was read.
    pub fn judge(&self, worker: &mut Worker, test: &litmus::Test, ask: Ask) -> Judged {
        let judged = self.judge_all(worker, &[Asked { number: 0, test, ask }], &|_| false);
        judged.into_iter().next().unwrap_or_default()
    }

    /// Answers several questions, stage by stage; they may be about several tests, each with its number. Once `over` says
    /// so of a moment, only those tests are judged to the end that were about to be anyway, and at least the first. The answers are
    /// those to the first questions, in their order.
    pub fn judge_all(
        &self,
        worker: &mut Worker,
        asked: &[Asked],
        over: &dyn Fn(Instant) -> bool,
    ) -> Vec<Judged> {
        let begun: Vec<Result<Begun<'_>, Box<Judged>>> =
            asked.iter().map(|asked| self.begin(worker, asked)).collect();
        let mut running: Vec<Running<'_>> =
            asked.iter().zip(&begun).map(|(asked, begun)| Running::new(asked, begun)).collect();
        let (mut going, mut now) = (true, Instant::now());
        while going {
            going = false;
            let mut at = 0;
            while at < running.len() {
                if !running[at].is_done() {
                    going |= running[at].advance(worker, &mut now);
                    if over(now) {
                        let last = running[at].number;
                        let first_later = running.iter().position(|later| later.number > last);
                        running.truncate(first_later.unwrap_or(running.len()));
                    }
                }
                at += 1;
            }
        }
        running.into_iter().map(Running::finish).collect()
    }

    /// Finds out how a question is to be answered.
    fn begin(&self, worker: &mut Worker, asked: &Asked<'_>) -> Result<Begun<'_>, Box<Judged>> {
        let Asked { test, ask, .. } = asked;
        let arch = test.arch.word();
        let named = ask.model.or(self.settings.model.as_deref());
        let kernel = match named {
            None if self.settings.kernel_dialect => turnsole::kernel_model(test),
            _ => None,
        };
        let (kernel, warning) = kernel.unzip();
        let Some(name) = named.or(kernel).or_else(|| self.settings.library.default_model(arch)) else {
            return Err(Box::new(Judged::failed(no_default_model(test))));
        };
        let clock = self.settings.timeout.map(Clock::new);
        let options = self.options(*ask, clock.as_ref());
        let found = self.model(worker, name, &options);
        if let Some(diagnostic) = found.model.as_ref().and_then(|model| self.wrong_arch(test, model)) {
            return Err(Box::new(Judged { failure: Some(diagnostic), ..Judged::under(&found) }));
        }
        Ok(Begun { clock, options, found, by_dialect: kernel.is_some(), warning: warning.flatten() })
    }

    /// The options for one test: those of the run, with what the question adds. What the test itself asks for
    /// (`Variant=`, `Unroll=`) is added by the simulator.
    fn options(&self, ask: Ask, clock: Option<&Arc<Clock>>) -> Cow<'_, Options> {
        let mut options = Cow::Borrowed(&self.settings.options);
        for variant in ask.variants {
            variants::add(&mut options.to_mut().variants, variant);
        }
        let unroll = ask.unroll.or(self.settings.unroll).unwrap_or(options.unroll);
        if unroll != options.unroll {
            options.to_mut().unroll = unroll;
        }
        if let Some(clock) = clock {
            let clock = Arc::clone(clock);
            options.to_mut().stop = Some(Arc::new(move || clock.is_over()));
        }
        options
    }

    /// The model, from what the worker remembers if it can be.
    fn model(&self, worker: &mut Worker, name: &str, options: &Options) -> Found {
        if let Some((variants, found)) = &worker.last
            && *found.name == *name
            && *variants == options.variants
        {
            return found.clone();
        }
        let found = self.lock().get(name, options, &self.settings.library);
        worker.last = Some((options.variants.clone(), found.clone()));
        found
    }

    /// Why the model can't judge the test, if it is for another architecture.
    fn wrong_arch(&self, test: &litmus::Test, model: &Model) -> Option<Diagnostic> {
        fn family(arch: &str) -> &str {
            match arch {
                "X86_64" => "X86",
                "CPP" => "C",
                arch => arch,
            }
        }
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
    fn failed(diagnostic: Diagnostic) -> Judged {
        Judged { failure: Some(diagnostic), ..Judged::default() }
    }

    fn under(found: &Found) -> Judged {
        Judged { model: Some(found.id), model_name: Some(Arc::clone(&found.name)), ..Judged::default() }
    }
}

/// How a question is answered.
struct Begun<'s> {
    clock: Option<Arc<Clock>>,
    options: Cow<'s, Options>,
    found: Found,
    by_dialect: bool,
    warning: Option<Diagnostic>,
}

/// A question that is being answered.
struct Running<'a> {
    number: usize,
    clock: Option<&'a Clock>,
    simulation: Option<Simulation<'a>>,
    /// What is to be said about the choice of the model.
    warning: Option<&'a Diagnostic>,
    judged: Judged,
}

impl<'a> Running<'a> {
    fn new(asked: &Asked<'a>, begun: &'a Result<Begun<'_>, Box<Judged>>) -> Running<'a> {
        match begun {
            Ok(Begun { clock, options, found, by_dialect, warning }) => Running {
                number: asked.number,
                clock: clock.as_deref(),
                simulation: found.model.as_ref().map(|model| Simulation::new(asked.test, model, options)),
                warning: warning.as_ref(),
                judged: Judged { by_dialect: *by_dialect, ..Judged::under(found) },
            },
            Err(judged) => Running {
                number: asked.number,
                clock: None,
                simulation: None,
                warning: None,
                judged: (**judged).clone(),
            },
        }
    }

    fn is_done(&self) -> bool {
        self.simulation.is_none()
    }

    /// Does the next stage, which begins `now`; whether there are more. Stages are short, so the clock is read but once
    /// for each: when one ends, the next begins.
    fn advance(&mut self, worker: &mut Worker, now: &mut Instant) -> bool {
        let Some(simulation) = &mut self.simulation else { return false };
        if let Some(clock) = self.clock {
            clock.start(self.judged.elapsed);
        }
        // After a panic the memory would be in no known state: it stays behind.
        let mut workspace = worker.workspace.take().unwrap_or_default();
        let goes_on = match panics::catch(|| simulation.advance(&mut workspace)) {
            Ok(goes_on) => {
                worker.workspace = Some(workspace);
                if !goes_on {
                    self.judged.report = self.simulation.take().map(Simulation::into_report);
                    if let Some(report) = &mut self.judged.report {
                        report.diagnostics.extend(self.warning.cloned());
                    }
                }
                goes_on
            }
            Err(message) => {
                self.simulation = None;
                self.judged.failure = Some(internal(&message));
                false
            }
        };
        let start = std::mem::replace(now, Instant::now());
        self.judged.elapsed += now.duration_since(start);
        goes_on
    }

    fn finish(self) -> Judged {
        self.judged
    }
}

/// Tells when a test took too long. It stands still while others have their turn.
struct Clock {
    timeout: Duration,
    /// What was left when the current stage began, and when that was.
    left: Mutex<(Duration, Instant)>,
}

impl Clock {
    fn new(timeout: Duration) -> Arc<Clock> {
        Arc::new(Clock { timeout, left: Mutex::new((timeout, Instant::now())) })
    }

    /// Goes on, after so much was spent.
    fn start(&self, spent: Duration) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) =
            (self.timeout.saturating_sub(spent), Instant::now());
    }

    fn is_over(&self) -> bool {
        let (left, since) = *self.left.lock().unwrap_or_else(PoisonError::into_inner);
        since.elapsed() >= left
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

fn parse(file: String, stem: String, text: String) -> Test {
    if text.trim_ascii().is_empty() {
        let diagnostic = Diagnostic::error("input::empty", Span::default(), format!("`{file}` is empty"));
        return Test { file, text, test: None, diagnostics: vec![diagnostic] };
    }
    let (test, diagnostics) = match panics::catch(|| turnsole::parse(TEST_FILE, &text)) {
        Ok(parsed) => parsed,
        Err(message) => (None, vec![internal(&message)]),
    };
    let test = test.filter(|_| !syntax::has_errors(&diagnostics)).map(|mut test| {
        if test.name == "--" {
            test.name = stem;
        }
        test
    });
    Test { file, text, test, diagnostics }
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
