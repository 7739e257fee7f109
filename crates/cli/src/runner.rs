//! What `run` and `check` share: a session, and what its diagnostics look like.

use crate::args::Simulation;
use crate::render::Render;
use crate::status::Status;
use crate::terminal::Terminal;
use batch::Session;
use batch::input::{Accept, Inputs};
use batch::judge::{INTERNAL, ModelId};
use syntax::Diagnostic;

/// A session with a renderer.
pub(crate) struct Runner {
    pub(crate) session: Session,
    render: Render,
    quiet: bool,
}

impl Runner {
    /// Begins a session. `Err` is why it can't: the named model has errors, which were printed.
    pub(crate) fn new(
        simulation: &Simulation,
        waits: bool,
        quiet: bool,
        terminal: &mut Terminal,
    ) -> std::io::Result<Result<Runner, Status>> {
        let settings = match simulation.settings(waits) {
            Ok(settings) => settings,
            Err(message) => {
                terminal.complain(&message);
                return Ok(Err(Status::UserError));
            }
        };
        let runner =
            Runner { session: Session::new(settings), render: Render::new(terminal.err_color), quiet };
        if !quiet {
            for message in simulation.unknown_variants() {
                terminal.message(&format!("warning: {message}\n"))?;
            }
        }
        let Some(model) = runner.session.load_model() else { return Ok(Ok(runner)) };
        let (diagnostics, usable) = runner.session.model_diagnostics(model);
        if usable {
            return Ok(Ok(runner));
        }
        terminal.message(&runner.text(&diagnostics, "", ""))?;
        Ok(Err(status_of(&diagnostics)))
    }

    /// The tests that were asked for.
    pub(crate) fn inputs(simulation: &Simulation) -> Inputs {
        Inputs::new(simulation.tests(), Accept { folders: true, dash: true })
    }

    /// Renders what is to be said about a test; nothing when only errors of the user's are wanted and there are none.
    pub(crate) fn diagnostics(&self, diagnostics: &[Diagnostic], file: &str, text: &str) -> String {
        if diagnostics.is_empty() || (self.quiet && !syntax::has_errors(diagnostics)) {
            return String::new();
        }
        self.text(diagnostics, file, text)
    }

    fn text(&self, diagnostics: &[Diagnostic], file: &str, text: &str) -> String {
        self.render.all(diagnostics, &self.session.sources(file, text))
    }

    /// What is to be said about a model. Said once, before the first test that uses it.
    pub(crate) fn introduce(&self, model: ModelId, said: &mut Vec<bool>) -> String {
        let at = model.index();
        if said.len() <= at {
            said.resize(at + 1, false);
        }
        if std::mem::replace(&mut said[at], true) {
            return String::new();
        }
        let (diagnostics, _) = self.session.model_diagnostics(model);
        if diagnostics.is_empty() || (self.quiet && !syntax::has_errors(&diagnostics)) {
            return String::new();
        }
        self.text(&diagnostics, "", "")
    }
}

/// What diagnostics make of the exit status.
pub(crate) fn status_of(diagnostics: &[Diagnostic]) -> Status {
    if diagnostics.iter().any(|diagnostic| diagnostic.code == INTERNAL) {
        Status::Internal
    } else if syntax::has_errors(diagnostics) {
        Status::UserError
    } else {
        Status::Ok
    }
}
