//! Drawing of sessions: pure functions of the plan, the sampler and the session's index.

use std::thread;

use crate::error::Error;
use crate::plan::{Plan, Run};
use crate::request::{Input, OutputLength, PREFLIGHT_GROUP, Session, Turn};
use crate::rng::{Rng, Stream};
use crate::sampler::{SampleError, Sampler};

use crate::request::SessionSpec;
use crate::scenario::Shape;
use crate::units::Tokens;

/// The number of preflight requests, which probe a server before the first run.
pub const PREFLIGHTS: u64 = 4;
/// The maximum output length of a preflight request, which keeps the start short.
const PREFLIGHT_OUTPUT: Tokens = Tokens(16);
/// The number of sessions that a thread draws before they are collected.
const STRETCH: u64 = 64;

/// Creates session `index` of `run`.
///
/// Lengths depend on the scenario and not on the load, so that levels of a sweep can be compared. Content depends on
/// the run's group, so that prompts of one run are not in the server's cache from another, unless the plan shares
/// prompts.
///
/// # Errors
///
/// When it cannot be made.
pub fn session(run: &Run, seed: u64, sampler: &dyn Sampler, index: u64) -> Result<Session, SampleError> {
    let (spec, mut rng) = session_spec(run, seed, index);
    sampler.sample(&spec, &mut rng)
}

/// Returns the specification of session `index` of `run`, and the random number generator for its content.
#[must_use]
pub fn session_spec(run: &Run, seed: u64, index: u64) -> (SessionSpec, Rng) {
    let shape = run.scenario.draw(&mut Rng::at(seed, Stream::Shape, run.scenario_number as u64, index));
    let group = run.content_group;
    let spec = SessionSpec { batch_size: run.level.batch_size, group, index, ..SessionSpec::new(shape) };
    // Another scenario under the same seed has other content: a server's cache would know the beginnings.
    (spec, Rng::at(seed ^ run.scenario_key, Stream::Content, group, index))
}

/// Returns a session like those of the plan's first run, but with content of its own and at most 16 output tokens.
/// `number` distinguishes preflight sessions. `None` for a plan without a scenario.
///
/// Where a scenario sets the length of prompts, the prompt of number 1 is half as long as that of number 0: from the
/// server's counts of both, the constant overhead of a chat template can be separated from a different tokenizer.
///
/// # Errors
///
/// When it cannot be made.
pub fn preflight(plan: &Plan, sampler: &dyn Sampler, number: u64) -> Result<Option<Session>, Error> {
    let Some((_, scenario)) = plan.scenarios.first() else { return Ok(None) };
    let draw = |place| scenario.draw(&mut Rng::at(plan.seed, Stream::Shape, PREFLIGHT_GROUP, place));
    let sample = |shape: Shape| {
        let shape = shape.with_output_at_most(PREFLIGHT_OUTPUT);
        let spec = SessionSpec { group: PREFLIGHT_GROUP, index: number, ..SessionSpec::new(shape) };
        sampler.sample(&spec, &mut Rng::at(plan.seed, Stream::Content, PREFLIGHT_GROUP, number))
    };
    let half = (number == 1).then(|| half_as_long(draw(0))).flatten();
    // A shared prefix or a chat template may leave no room for half of a prompt.
    let session = match half.map(sample) {
        Some(Ok(session)) => Ok(session),
        _ => sample(draw(number)),
    };
    let mut session = session.map_err(|source| Error::Sample { scenario: scenario.to_string(), source })?;
    // Rows of a dataset and recorded traffic have lengths of their own, whatever the shape.
    session.turns.iter_mut().for_each(|turn| limit_output(&mut turn.request.input));
    Ok(Some(session))
}

/// Returns the shape of a prompt of half the length; `None` where the shape does not set the length.
fn half_as_long(shape: Shape) -> Option<Shape> {
    match shape {
        Shape::Text { input, output } => Some(Shape::Text { input: Tokens((input.0 / 2).max(1)), output }),
        _ => None,
    }
}

fn limit_output(input: &mut Input) {
    let (Input::Chat { output, .. } | Input::Completion { output, .. }) = input else { return };
    if output.limit().is_none_or(|limit| limit > PREFLIGHT_OUTPUT) {
        *output = OutputLength::AtMost(PREFLIGHT_OUTPUT);
    }
}

/// Returns `true` if the outputs of the plan's first session have a maximum length. Without one, the model and the
/// server decide the length of a text.
///
/// # Errors
///
/// When the session cannot be made.
pub fn has_output_limit(plan: &Plan, sampler: &dyn Sampler) -> Result<bool, Error> {
    let Some(run) = plan.runs().into_iter().next() else { return Ok(true) };
    let session = session(&run, plan.seed, sampler, 0)
        .map_err(|source| Error::Sample { scenario: run.scenario.to_string(), source })?;
    Ok(!session.turns.iter().any(is_unlimited))
}

fn is_unlimited(turn: &Turn) -> bool {
    match &turn.request.input {
        Input::Chat { output, .. } | Input::Completion { output, .. } => output.limit().is_none(),
        _ => false,
    }
}

/// Draws the first `count` sessions of `run` on this many threads, and calls `take` with each in order.
///
/// # Errors
///
/// When one of them cannot be made, or `take` fails.
pub fn draw<E: From<Error>>(
    run: &Run,
    seed: u64,
    sampler: &dyn Sampler,
    count: u64,
    threads: usize,
    mut take: impl FnMut(u64, Session) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.max(1);
    let failed = |source| Error::Sample { scenario: run.scenario.to_string(), source };
    let mut from = 0;
    while from < count {
        let stretches: Vec<_> = (0..threads as u64)
            .map(|it| (from + it * STRETCH).min(count)..(from + (it + 1) * STRETCH).min(count))
            .collect();
        from = stretches.last().map_or(count, |it| it.end);
        let drawn: Vec<Result<Vec<Session>, SampleError>> = thread::scope(|scope| {
            let drawing = stretches.iter().cloned().map(|stretch| {
                scope.spawn(move || stretch.map(|index| session(run, seed, sampler, index)).collect())
            });
            let drawing: Vec<_> = drawing.collect();
            drawing
                .into_iter()
                .map(|it| it.join().unwrap_or_else(|it| std::panic::resume_unwind(it)))
                .collect()
        });
        for (stretch, sessions) in stretches.into_iter().zip(drawn) {
            for (index, session) in stretch.zip(sessions.map_err(failed)?) {
                take(index, session)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::request::Request;
    use crate::sampler::{TemplateOverhead, TextSampler};
    use crate::tokenizer::Words;
    use crate::workload::ContentHash;

    fn hash(threads: usize, seed: u64) -> ContentHash {
        let plan =
            Plan::builder().scenario("N(50,10)/(20,5)").concurrency([1, 4]).requests(300).build().unwrap();
        let sampler = TextSampler::new("m", Arc::new(Words)).unwrap();
        let mut hash = ContentHash::default();
        for run in plan.runs() {
            draw::<Error>(&run, seed, &sampler, 300, threads, |index, session| {
                hash.add(run.content_group, index, &session);
                Ok(())
            })
            .unwrap();
        }
        hash
    }

    #[test]
    fn any_number_of_threads_draws_the_same() {
        let one = hash(1, 7).to_string();
        assert_eq!(one, hash(8, 7).to_string());
        assert_eq!(one, hash(3, 7).to_string());
        assert_ne!(one, hash(8, 8).to_string());
    }

    #[test]
    fn what_is_drawn_is_pinned() {
        // Whoever changes this changes every workload that was ever recorded by its seed. It is the same in debug
        // and release, and on every machine.
        assert_eq!(hash(2, 7).to_string(), PINNED);
    }

    /// A sampler whose requests have this output length, for any shape.
    #[derive(Debug)]
    struct Fixed(OutputLength);

    impl Sampler for Fixed {
        fn sample(&self, _: &SessionSpec, _: &mut Rng) -> Result<Session, SampleError> {
            let chat = Turn::new(Request::chat("m", "question", self.0), None);
            let completion = Turn::new(Request::completion("m", "question", self.0), None);
            Ok(Session::new(vec![chat, completion]))
        }
    }

    fn plan(scenario: &str) -> Plan {
        Plan::builder().scenario(scenario).concurrency([1]).requests(5).seed(7).build().unwrap()
    }

    #[test]
    fn a_preflight_has_a_short_answer_whatever_the_sampler() {
        use OutputLength::{AtMost, Exactly, Free};
        let short = AtMost(PREFLIGHT_OUTPUT);
        for (asked, sent) in [
            (Free, short),
            (AtMost(Tokens(4_073)), short),
            (Exactly(Tokens(17)), short),
            (Exactly(Tokens(16)), Exactly(Tokens(16))),
            (AtMost(Tokens(3)), AtMost(Tokens(3))),
        ] {
            let session = preflight(&plan("D(10,10)"), &Fixed(asked), 0).unwrap().unwrap();
            let outputs: Vec<OutputLength> = session.turns.iter().map(|it| it.request.output()).collect();
            assert_eq!(outputs, [sent, sent], "{asked:?}");
        }
    }

    #[test]
    fn a_run_knows_whether_its_answers_have_a_limit() {
        let has_limit = |output| has_output_limit(&plan("D(10,10)"), &Fixed(output)).unwrap();
        assert!(!has_limit(OutputLength::Free));
        assert!(has_limit(OutputLength::AtMost(Tokens(4_073))));
    }

    #[test]
    fn the_second_preflight_has_half_the_prompt_of_the_first() {
        let text = TextSampler::new("m", Arc::new(Words)).unwrap();
        let lengths = |scenario: &str, sampler: &TextSampler| {
            [0, 1].map(|number| {
                preflight(&plan(scenario), sampler, number).unwrap().unwrap().turns[0].input.unwrap().0
            })
        };
        assert_eq!(lengths("D(100,20)", &text), [100, 50]);
        assert_eq!(lengths("D(1,20)", &text), [1, 1]);
        let [first, second] = lengths("N(480,240)/(300,150)", &text);
        assert_eq!(second, first / 2);
        // Half of a prompt has no room for what prompts have in common: then it is as long as any other.
        let overhead = TemplateOverhead { tokens: Tokens(60), is_included: true };
        assert_eq!(lengths("D(100,20)", &text.with_overhead(overhead)), [100, 100]);
    }

    const PINNED: &str = "sha256:6faa50d27971dcc564b28b96f449a0ef00045eb6531a97c7655b15c849947c58";
}
