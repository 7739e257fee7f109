//! Folders of tests: how many a second.

use super::{cpu_seconds, ratio, time};
use crate::table;
use batch::group::{self, Command};
use batch::input::Accept;
use batch::judge::{Ask, Judged, Test};
use batch::{Inputs, Session};
use comfy_table::{Cell, CellAlignment};
use herd::text::{Extras, write_report};
use serde::Serialize;
use smallvec::SmallVec;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

/// What was measured for one folder, on one core. Reading files, parsing, judging and printing count.
#[derive(Serialize)]
pub(super) struct Measured {
    corpus: String,
    tests: usize,
    /// Tests with an answer.
    answered: usize,
    seconds: f64,
    /// Seconds of processor time, where the system tells them: of other use than `seconds` where other programs run.
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_seconds: Option<f64>,
    /// Of what judging a test took, once it was read.
    median_seconds: f64,
    p90_seconds: f64,
    p99_seconds: f64,
    max_seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    herd7_seconds: Option<f64>,
}

/// What is done with each test: it is judged, kernel C under the kernel's model, others under that of their
/// architecture; and printed, to nowhere.
struct Throughput;

/// Whether there was an answer, and how long it took.
struct Done {
    answered: bool,
    seconds: Option<f64>,
}

impl Command for Throughput {
    type Plan = Option<&'static str>;
    type Done = Done;

    fn plan(&self, test: &mut Test) -> Option<&'static str> {
        test.test.as_ref().and_then(turnsole::kernel_model).map(|(model, _)| model)
    }

    fn asks<'p>(&self, model: &'p Option<&'static str>) -> SmallVec<[Ask<'p>; 1]> {
        SmallVec::from_iter([Ask { model: *model, ..Ask::default() }])
    }

    fn done(&self, _: Test, _: Option<&'static str>, judged: Vec<Judged>) -> Done {
        let judged = judged.first();
        let report = judged.and_then(|judged| judged.report.as_ref());
        if let Some(report) = report {
            let mut out = Vec::new();
            // Writing to memory does not fail.
            let _ = write_report(&mut out, report, Extras::default());
        }
        let answered = report.is_some_and(turnsole::Report::has_answer);
        Done { answered, seconds: judged.map(|judged| judged.elapsed.as_secs_f64()) }
    }
}

/// Judges all tests of a folder. Nothing if there are none.
pub(super) fn measure(session: &Session, folder: &Path) -> Option<Measured> {
    let inputs = Inputs::new(vec![folder.to_path_buf()], Accept { folders: true, dash: false });
    let (mut times, mut answered) = (Vec::new(), 0);
    let (before, start) = (cpu_seconds(), Instant::now());
    group::run(session, inputs, &Throughput, |done: Done| {
        answered += usize::from(done.answered);
        times.extend(done.seconds);
        ControlFlow::Continue(())
    });
    let seconds = start.elapsed().as_secs_f64();
    let cpu_seconds = before.zip(cpu_seconds()).map(|(before, now)| now - before);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    (!times.is_empty()).then(|| Measured {
        tests: times.len(),
        answered,
        seconds,
        cpu_seconds,
        median_seconds: at(0.5),
        p90_seconds: at(0.9),
        p99_seconds: at(0.99),
        max_seconds: at(1.0),
        herd7_seconds: bench::figures::corpus(&name, times.len()),
        corpus: name,
    })
}

pub(super) fn table(all: &[Measured], color: bool) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut table = table::empty(color);
    table.set_header(["Corpus", "Tests", "Time", "CPU", "Tests/s", "Median", "p90", "p99", "herd7", "times"]);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for one in all {
        // herd7's figure is processor time.
        let ours = one.cpu_seconds.unwrap_or(one.seconds);
        let tests = match one.tests - one.answered {
            0 => one.tests.to_string(),
            without => format!("{} ({without} without answer)", one.tests),
        };
        let mut cells = vec![Cell::new(&one.corpus), right(tests)];
        cells.push(right(time(one.seconds)));
        cells.push(right(one.cpu_seconds.map(time).unwrap_or_default()));
        cells.push(right(format!("{:.0}", one.tests as f64 / ours)));
        let times = [one.median_seconds, one.p90_seconds, one.p99_seconds];
        cells.extend(times.map(|seconds| right(time(seconds))));
        cells.push(right(one.herd7_seconds.map(time).unwrap_or_default()));
        cells.push(right(one.herd7_seconds.map(|theirs| ratio(theirs, ours)).unwrap_or_default()));
        table.add_row(cells);
    }
    format!("{table}\n")
}
