//! Families of tests: time over their number.

use super::{cpu_seconds, ratio, time};
use crate::table;
use batch::judge::{Ask, Judged};
use batch::{Input, Session, Worker, input::Source};
use bench::families::{Family, Language, test};
use bench::figures::{self, Tool};
use bench::plot::{Series, Stroke, svg};
use comfy_table::{Cell, CellAlignment};
use serde::{Serialize, Serializer};
use std::path::Path;
use std::time::{Duration, Instant};
use turnsole::Status;

/// A test is judged again until that has passed, and the shortest time counts; long ones longer.
const REPEAT: Duration = Duration::from_millis(30);
const REPEAT_LONG: Duration = Duration::from_millis(200);
const MOST_REPETITIONS: u32 = 50;

/// So many seconds make a test long.
const LONG: f64 = 1e-3;

/// So many seconds of processor time are told with some precision: the system counts it in ticks.
const PRECISE: f64 = 0.04;

/// What was measured for one family in one language.
#[derive(Serialize)]
pub(super) struct Measured {
    #[serde(serialize_with = "name_of_family")]
    family: Family,
    about: &'static str,
    #[serde(serialize_with = "name_of_language")]
    language: Language,
    model: &'static str,
    points: Vec<Point>,
}

fn name_of_family<S: Serializer>(family: &Family, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(family.name())
}

fn name_of_language<S: Serializer>(language: &Language, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(language.name())
}

/// What was measured for one test. Reading, parsing and judging count; loading the model does not. Seconds are the
/// shortest of several, or of processor time on average where that is less.
#[derive(Serialize)]
struct Point {
    n: usize,
    /// `complete`, or why there is no answer.
    status: &'static str,
    seconds: f64,
    states: usize,
    /// If they were counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    executions: Option<u64>,
    candidates: u64,
    engine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    herd7_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    genmc_seconds: Option<f64>,
}

impl Point {
    fn is_complete(&self) -> bool {
        self.status == "complete"
    }

    fn per_execution(&self) -> Option<f64> {
        let executions = self.executions.filter(|executions| *executions > 0)?;
        Some(self.seconds / executions as f64)
    }
}

/// Judges the tests of a family one after the other, up to the first that has no answer.
pub(super) fn measure(session: &Session, family: Family, language: Language, max: usize) -> Option<Measured> {
    let mut worker = Worker::default();
    let known = Tool::ALL.map(|tool| figures::family(family, language, tool));
    let mut points = Vec::new();
    for n in 2..=max {
        let text = test(family, language, n)?;
        let mut point = measure_test(session, &mut worker, language, n, &text)?;
        let figure = |tool: usize| known[tool].iter().find(|figure| figure.n == n).map(|one| one.seconds);
        (point.herd7_seconds, point.genmc_seconds) = (figure(0), figure(1));
        let go_on = point.is_complete();
        points.push(point);
        if !go_on {
            break;
        }
    }
    Some(Measured { family, about: family.about(), language, model: language.model(), points })
}

fn measure_test(
    session: &Session,
    worker: &mut Worker,
    language: Language,
    n: usize,
    text: &str,
) -> Option<Point> {
    let mut best: Option<Point> = None;
    if n == 2 {
        // The model may have to be loaded.
        judge(session, worker, language, text)?;
    }
    let (begin, before, mut rounds) = (Instant::now(), cpu_seconds(), 0);
    while rounds < MOST_REPETITIONS {
        let is_long = best.as_ref().is_some_and(|best| best.seconds > LONG);
        if best.is_some() && begin.elapsed() > if is_long { REPEAT_LONG } else { REPEAT } {
            break;
        }
        rounds += 1;
        let start = Instant::now();
        let judged = judge(session, worker, language, text)?;
        let seconds = start.elapsed().as_secs_f64();
        let report = judged.report.as_ref()?;
        if best.as_ref().is_none_or(|best| seconds < best.seconds) {
            let counted = report.has_answer() && report.asked == turnsole::Asked::Counts;
            best = Some(Point {
                n,
                status: status(&report.status),
                seconds,
                states: report.states.len(),
                executions: counted.then_some(report.positive + report.negative),
                candidates: report.candidates,
                engine: report.engine,
                herd7_seconds: None,
                genmc_seconds: None,
            });
        }
    }
    // Where other programs run, processor time says more.
    let took = before.zip(cpu_seconds()).map(|(before, now)| now - before);
    if let (Some(best), Some(took)) = (&mut best, took.filter(|took| *took > PRECISE))
        && best.is_complete()
    {
        best.seconds = best.seconds.min(took / f64::from(rounds));
    }
    best
}

fn judge(session: &Session, worker: &mut Worker, language: Language, text: &str) -> Option<Judged> {
    let input = Input { name: "bench".to_owned(), source: Source::Text(text.to_owned()) };
    let test = session.read(input).test?;
    Some(session.judge(worker, &test, Ask { model: Some(language.model()), ..Ask::default() }))
}

fn status(status: &Status) -> &'static str {
    match status {
        Status::Complete => "complete",
        Status::Bounded { .. } => "bounded",
        Status::Timeout => "timeout",
        Status::OutOfMemory { .. } => "memory",
        Status::LimitExceeded { .. } => "limit",
        Status::Error => "error",
    }
}

/// A line for each point that can be compared, and for the last two of each family; or for all.
pub(super) fn table(all: &[Measured], every: bool, color: bool) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut table = table::empty(color);
    table.set_header([
        "Family",
        "Language",
        "N",
        "States",
        "Executions",
        "Time",
        "Each",
        "herd7",
        "times",
        "GenMC",
        "times",
    ]);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    for measured in all {
        let last = measured.points.iter().rposition(Point::is_complete).unwrap_or(0);
        for (at, point) in measured.points.iter().enumerate() {
            let compared = point.herd7_seconds.is_some() || point.genmc_seconds.is_some();
            if !(every || compared || at >= last) {
                continue;
            }
            let complete = point.is_complete();
            let (states, took) = match complete {
                true => (point.states.to_string(), time(point.seconds)),
                false => (String::new(), point.status.to_owned()),
            };
            let number = point.executions.map(|executions| executions.to_string());
            let mut cells = vec![
                Cell::new(measured.family),
                Cell::new(measured.language),
                right(point.n.to_string()),
                right(states),
                right(number.unwrap_or_default()),
                right(took),
                right(point.per_execution().map(time).unwrap_or_default()),
            ];
            for theirs in [point.herd7_seconds, point.genmc_seconds] {
                let factor = theirs.filter(|_| complete).map(|theirs| ratio(theirs, point.seconds));
                cells
                    .extend([right(theirs.map(time).unwrap_or_default()), right(factor.unwrap_or_default())]);
            }
            table.add_row(cells);
        }
    }
    format!("{table}\n")
}

/// Writes a plot for each family.
pub(super) fn plot(all: &[Measured], folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for family in Family::ALL {
        let mut series = Vec::new();
        for measured in all.iter().filter(|measured| measured.family == family) {
            let color = Language::ALL.iter().position(|known| *known == measured.language).unwrap_or(0);
            let points = measured.points.iter().filter(|point| point.is_complete());
            let points = points.map(|point| (point.n, point.seconds)).collect();
            series.push(Series { name: measured.language.to_string(), color, stroke: Stroke::Solid, points });
            for (tool, stroke) in [(Tool::Herd7, Stroke::Dashed), (Tool::GenMc, Stroke::Dotted)] {
                let figures = figures::family(family, measured.language, tool);
                let points = figures.iter().map(|figure| (figure.n, figure.seconds)).collect();
                let name = format!("{}, {}", measured.language, tool.name());
                series.push(Series { name, color, stroke, points });
            }
        }
        let title = format!("{}: {}", family.name(), family.about());
        if let (Some(text), false) = (svg(&title, &series), series.is_empty()) {
            std::fs::write(folder.join(format!("{}.svg", family.name())), text)?;
        }
    }
    Ok(())
}
