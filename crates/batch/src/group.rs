//! Tests in groups: all of a group are read, then parsed, then go through the stages of judging side by side. That takes
//! about a sixth less time than one test after the other, since the code of a stage stays in the processor's caches.
//!
//! Groups are small and of quick tests. If one turns out to hold slow ones, it is broken up: others can take them.

use crate::input::Source;
use crate::judge::{Ask, Asked, Judged, Session, Test, Text, Worker};
use crate::pool::{self, Worked};
use crate::{Input, Inputs};
use smallvec::SmallVec;
use std::mem::ManuallyDrop;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// How long a group may take until it is broken up.
const MOST: Duration = Duration::from_millis(20);

/// What a command does with each test.
pub trait Command: Sync {
    /// What is to be asked about a test, or known of it.
    type Plan;
    /// What there is to say about a test.
    type Done: Send;

    /// What is to be asked about a test that was read. It may change it.
    fn plan(&self, test: &mut Test) -> Self::Plan;

    /// The questions of a plan.
    fn asks<'p>(&self, plan: &'p Self::Plan) -> SmallVec<[Ask<'p>; 1]>;

    /// What there is to say, given the answers to the questions, in their order.
    fn done(&self, test: Test, plan: Self::Plan, judged: Vec<Judged>) -> Self::Done;
}

/// Does with all inputs what a command does, on the threads of the session; the results are emitted in the order of the
/// inputs. For programs: what the workers remember stays until the process ends.
pub fn run<C: Command>(
    session: &Session,
    inputs: Inputs,
    command: &C,
    mut emit: impl FnMut(C::Done) -> ControlFlow<()> + Send,
) {
    // What workers remember is much, and there are as many of them as threads in a run: the process, which is about to
    // end, gives all of it back at once.
    let state = || ManuallyDrop::new(Worker::default());
    if session.settings().options.memory.is_some() {
        // What is allowed is allowed for one test at a time.
        let work = |worker: &mut ManuallyDrop<Worker>, input: Input| {
            group(session, worker, command, vec![input]).done
        };
        return pool::run(inputs, session.crew(), state, work, |done| {
            done.into_iter().try_for_each(&mut emit)
        });
    }
    let work =
        |worker: &mut ManuallyDrop<Worker>, inputs: Vec<Input>| group(session, worker, command, inputs);
    pool::run_groups(inputs, session.crew(), state, work, emit);
}

/// Works on a group. What is not done within some time is given back.
fn group<C: Command>(
    session: &Session,
    worker: &mut Worker,
    command: &C,
    inputs: Vec<Input>,
) -> Worked<C::Done, Input> {
    let start = Instant::now();
    let is_alone = inputs.len() == 1;
    let mut again = inputs.clone();
    let texts: Vec<Text> = inputs.into_iter().map(|input| session.fetch(input)).collect();
    for (input, text) in again.iter_mut().zip(&texts) {
        // It can't be read a second time.
        if matches!(input.source, Source::Stdin) {
            input.source = Source::Text(text.text().to_owned());
        }
    }
    let mut tests: Vec<Test> = texts.into_iter().map(|text| session.parse(text)).collect();
    let plans: Vec<C::Plan> = tests.iter_mut().map(|test| command.plan(test)).collect();
    let over = |now: Instant| !is_alone && now.duration_since(start) > MOST;
    // The answers to each test; tests behind the first question without an answer have none.
    let answers = {
        let asks: Vec<SmallVec<[Ask<'_>; 1]>> = plans.iter().map(|plan| command.asks(plan)).collect();
        let mut asked = Vec::with_capacity(tests.len());
        for (number, (test, asks)) in tests.iter().zip(&asks).enumerate() {
            let Some(test) = &test.test else { continue };
            asked.extend(asks.iter().map(|ask| Asked { number, test, ask: *ask }));
        }
        let judged = session.judge_all(worker, &asked, &over);
        let count = asked.get(judged.len()).map_or(tests.len(), |asked| asked.number);
        let mut answers: Vec<Vec<Judged>> = (0..count).map(|_| Vec::with_capacity(1)).collect();
        for (judged, asked) in judged.into_iter().zip(&asked) {
            answers[asked.number].push(judged);
        }
        answers
    };
    let rest = again.split_off(answers.len());
    let done = tests.into_iter().zip(plans).zip(answers);
    let done = done.map(|((test, plan), judged)| command.done(test, plan, judged)).collect();
    Worked { done, rest }
}
