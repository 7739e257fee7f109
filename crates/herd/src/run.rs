//! Runs the tests that the command line names.

use crate::config::{Config, Restrict};
use crate::message;
use crate::select::Selection;
use crate::text::{Extras, push_report};
use batch::group::{self, Command};
use batch::input::{Accept, Inputs};
use batch::judge::{Ask, INTERNAL, Judged, ModelId, Test};
use batch::{Session, Settings};
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read, Write};
use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use syntax::{Diagnostic, Severity};
use turnsole::{Report, Status};

/// All tests were run.
pub const OK: u8 = 0;
/// A test, or something else that the user gave, is wrong.
pub const USER_ERROR: u8 = 2;
/// A test was given up.
pub const LIMIT: u8 = 3;
/// A mistake of ours.
pub const INTERNAL_ERROR: u8 = 70;

/// Bytes that most answers fit in.
const TYPICAL_ANSWER: usize = 1024;

/// The streams that a run reads and writes.
pub struct Streams<'a> {
    /// Names of tests are read from here when there are no arguments.
    pub input: Box<dyn Read + Send>,
    /// Answers.
    pub out: &'a mut (dyn Write + Send),
    /// Everything else.
    pub err: &'a mut (dyn Write + Send),
}

/// Runs the tests and returns the exit status.
pub fn run(config: Config, streams: Streams) -> u8 {
    let selection = match Selection::new(&config) {
        Ok(selection) => selection,
        Err(message) => return fail(&message, streams.err),
    };
    // As the memory of workers: it goes with the process.
    let session = ManuallyDrop::new(Session::new(settings(&config)));
    if let Some(model) = session.load_model()
        && let (diagnostics, false) = session.model_diagnostics(model)
    {
        let sources = session.sources("", "");
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error) {
            fail(&message::bare(diagnostic, &sources), streams.err);
        }
        return USER_ERROR;
    }
    let accept = Accept { folders: false, dash: true };
    let inputs = match config.arguments.is_empty() {
        true => Inputs::from_list(streams.input, accept),
        false => Inputs::new(config.arguments.clone(), accept),
    };
    let judge = Judge { config: &config, selection: &selection, session: &session };
    let mut printer = Printer::new(&config, &session, streams.out, streams.err);
    group::run(&session, inputs, &judge, |done| printer.print(done));
    printer.finish()
}

/// What holds for all tests.
pub fn settings(config: &Config) -> Settings {
    let mut options = turnsole::Options {
        variants: config.variants.clone(),
        skip_checks: config.skip_checks.clone(),
        check_filter: config.check_filter,
        hexadecimal: config.hexa,
        byte_order: config.byte_order,
        bad_flag: config.bad_flag.clone(),
        companions: false,
        mixed_sizes: turnsole::MixedSizes::OnRequest,
        ..turnsole::Options::default()
    };
    options.bell.clone_from(&config.bell);
    options.macros.clone_from(&config.macros);
    Settings {
        model: config.model.clone(),
        options,
        unroll: config.unroll,
        timeout: config.timeout,
        library: config.library.clone(),
        any_arch: !config.arch_check,
        jobs: match config.jobs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            jobs => jobs,
        },
        kernel_dialect: false,
    }
}

/// Says why nothing can be run.
pub fn fail(message: &str, err: &mut dyn Write) -> u8 {
    // Nobody is left to tell when standard error can't be written.
    let _ = writeln!(err, "herd7: {message}");
    USER_ERROR
}

struct Judge<'a> {
    config: &'a Config,
    selection: &'a Selection,
    session: &'a Session,
}

/// What one test has to say.
#[derive(Default)]
struct Done {
    file: String,
    out: String,
    err: String,
    status: u8,
    model: Option<ModelId>,
    /// The name and the hash, for tests that have an answer.
    identity: Option<(String, String)>,
}

impl Command for Judge<'_> {
    /// Whether the test is to be judged.
    type Plan = bool;
    type Done = Done;

    fn plan(&self, test: &mut Test) -> bool {
        test.test.as_mut().is_some_and(|test| self.selection.apply(test))
    }

    fn asks<'p>(&self, plan: &'p bool) -> SmallVec<[Ask<'p>; 1]> {
        plan.then(Ask::default).into_iter().collect()
    }

    fn done(&self, test: Test, _: bool, judged: Vec<Judged>) -> Done {
        let Test { file, text, test, diagnostics } = test;
        let mut done = Done { file, ..Done::default() };
        if test.is_none() {
            // One error a test is what scripts expect; the first one is the cause of the others.
            self.say(&text, diagnostics.iter().take(1), &mut done);
        }
        let Some(Judged { report, failure, model, elapsed, .. }) = judged.into_iter().next() else {
            return done;
        };
        done.model = model;
        self.say(&text, failure.iter(), &mut done);
        match report {
            Some(report) => self.answer(&text, report, elapsed, &mut done),
            None if done.status == OK => done.status = USER_ERROR,
            None => {}
        }
        done
    }
}

impl Judge<'_> {
    fn answer(&self, text: &str, mut report: Report, elapsed: std::time::Duration, done: &mut Done) {
        let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
        self.say(text, errors.take(1), done);
        let file = &done.file;
        match &report.status {
            Status::Complete => {}
            Status::Bounded { at, .. } => {
                let place = at.first().map(|at| format!(" at {at}")).unwrap_or_default();
                done.err += &format!(
                    "Warning: File \"{file}\": unrolling limit exceeded{place}, legal outcomes may be missing.\n"
                );
            }
            Status::Timeout => {
                done.err += &format!("Warning: File \"{file}\": timeout\n");
                done.status = worst(done.status, LIMIT);
            }
            Status::OutOfMemory { .. } => {
                done.err += &format!("Warning: File \"{file}\": out of memory\n");
                done.status = worst(done.status, LIMIT);
            }
            Status::LimitExceeded { what } => {
                done.err += &format!("Warning: File \"{file}\": limit exceeded: {what}\n");
                done.status = worst(done.status, LIMIT);
            }
            Status::Error => done.status = worst(done.status, USER_ERROR),
        }
        if !report.has_answer() || self.hidden(&report) {
            return;
        }
        self.config.speed.restrict(&mut report);
        let extras = Extras {
            time: Some(elapsed),
            candidates: self.config.candidates,
            decided: self.config.speed != crate::speed::Speed::False,
        };
        done.out.reserve(TYPICAL_ANSWER);
        push_report(&mut done.out, &report, extras);
        // Without a hash nobody knows whether two tests of one name are the same.
        done.identity = Some((report.name, report.hash)).filter(|(_, hash)| !hash.is_empty());
    }

    /// Whether options say that this answer is not printed.
    fn hidden(&self, report: &Report) -> bool {
        let executions = report.positive + report.negative;
        let states = report.states.len() as u64;
        let satisfying = report.states.iter().filter(|state| state.satisfies).count() as u64;
        match self.config.restrict {
            _ if report.undefined && !self.config.bad_execs => true,
            Restrict::No => false,
            Restrict::NonAmbiguous => executions != states,
            Restrict::CondOne => report.positive != satisfying,
        }
    }

    fn say<'d>(&self, text: &str, diagnostics: impl Iterator<Item = &'d Diagnostic>, done: &mut Done) {
        for diagnostic in diagnostics {
            let sources = self.session.sources(&done.file, text);
            let line = message::line(diagnostic, &sources);
            drop(sources);
            done.err += &line;
            let status = if diagnostic.code == INTERNAL { INTERNAL_ERROR } else { USER_ERROR };
            done.status = worst(done.status, status);
        }
    }
}

/// Prints answers in order, and remembers what must be remembered from test to test.
struct Printer<'a> {
    config: &'a Config,
    session: &'a Session,
    out: io::BufWriter<&'a mut (dyn Write + Send)>,
    err: &'a mut (dyn Write + Send),
    /// Hash and file of every test that was printed, by name.
    seen: BTreeMap<String, (String, String)>,
    models_said: Vec<bool>,
    status: u8,
    broken: Option<io::Error>,
}

impl<'a> Printer<'a> {
    fn new(
        config: &'a Config,
        session: &'a Session,
        out: &'a mut (dyn Write + Send),
        err: &'a mut (dyn Write + Send),
    ) -> Printer<'a> {
        Printer {
            config,
            session,
            out: io::BufWriter::with_capacity(1 << 16, out),
            err,
            seen: BTreeMap::new(),
            models_said: Vec::new(),
            status: OK,
            broken: None,
        }
    }

    fn print(&mut self, mut done: Done) -> ControlFlow<()> {
        if let Some(model) = done.model {
            self.introduce(model, &mut done);
        }
        if let Some((name, hash)) = done.identity.take() {
            match self.seen.get(&name) {
                Some((known, _)) if *known == hash => return ControlFlow::Continue(()),
                Some((_, file)) => {
                    done.out.clear();
                    done.err = format!(
                        "Warning: File \"{}\": Different hashes for test {name} (previous file {file}) (User error)\n",
                        done.file
                    );
                    done.status = USER_ERROR;
                }
                None => {
                    self.seen.insert(name, (hash, done.file));
                }
            }
        }
        self.status = worst(self.status, done.status);
        if let Err(error) = self.write(done.out.as_bytes(), &done.err) {
            self.broken = Some(error);
            return ControlFlow::Break(());
        }
        match self.config.exit && done.status == USER_ERROR {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    /// What is to be said about a model is said before the first answer under it.
    fn introduce(&mut self, model: ModelId, done: &mut Done) {
        let at = model.index();
        if self.models_said.len() <= at {
            self.models_said.resize(at + 1, false);
        }
        if !std::mem::replace(&mut self.models_said[at], true) {
            let (diagnostics, _) = self.session.model_diagnostics(model);
            let sources = self.session.sources("", "");
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            let text: String = errors.map(|diagnostic| message::line(diagnostic, &sources)).collect();
            done.err.insert_str(0, &text);
        }
    }

    /// Keeps the order of answers and messages where both go to one file.
    fn write(&mut self, out: &[u8], err: &str) -> io::Result<()> {
        self.out.write_all(out)?;
        if !err.is_empty() && !self.config.quiet {
            self.out.flush()?;
            self.err.write_all(err.as_bytes())?;
        }
        Ok(())
    }

    fn finish(mut self) -> u8 {
        let result = match self.broken.take() {
            Some(error) => Err(error),
            None => self.out.flush(),
        };
        match result {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                fail(&format!("can't write: {error}"), self.err)
            }
            // Whoever reads has seen enough.
            Err(_) => OK,
            Ok(()) => self.status,
        }
    }
}

/// Mistakes of ours are worst, then those of users, then limits.
fn worst(left: u8, right: u8) -> u8 {
    let rank = |status| match status {
        OK => 0,
        LIMIT => 1,
        USER_ERROR => 2,
        _ => 3,
    };
    if rank(left) >= rank(right) { left } else { right }
}
