//! Draws sessions: pure functions of the plan, the sampler and a place.

use std::thread;

use crate::error::Error;
use crate::plan::{Plan, Run};
use crate::request::Session;
use crate::rng::{Rng, Stream};
use crate::sampler::{SampleError, Sampler, Wanted};
use crate::units::Tokens;

/// How many requests are there to find out how a server behaves, before the first run.
pub const PREFLIGHTS: u64 = 4;
/// The group of such requests: no run's.
pub(crate) const PREFLIGHT_GROUP: u64 = u64::MAX;
/// How long the answer to one is at most: nobody wants to wait for a long one before the start.
const PREFLIGHT_OUTPUT: Tokens = Tokens(16);
/// How many sessions a thread draws before all of them are handed on.
const STRETCH: u64 = 64;

/// Session `index` of `run`.
///
/// Lengths depend on the scenario and not on the load, so that levels of a sweep compare; what is said depends
/// on the run's group, so that no run finds its prompts in a server's cache unless a person wants it to.
///
/// # Errors
///
/// When it cannot be made.
pub fn session(run: &Run, seed: u64, sampler: &dyn Sampler, index: u64) -> Result<Session, SampleError> {
    let shape = run.scenario.draw(&mut Rng::at(seed, Stream::Shape, run.scenario_number as u64, index));
    let group = run.content_group;
    let wanted = Wanted { batch_size: run.level.batch_size, group, index, ..Wanted::of(shape) };
    // Another scenario under the same seed has other content: a server's cache would know the beginnings.
    sampler.sample(&wanted, &mut Rng::at(seed ^ run.scenario_key, Stream::Content, group, index))
}

/// A session like those of the plan's first run, but none of its own, with short answers; `number` tells one
/// from the next. `None` for a plan without a scenario.
///
/// # Errors
///
/// When it cannot be made.
pub fn preflight(plan: &Plan, sampler: &dyn Sampler, number: u64) -> Result<Option<Session>, Error> {
    let Some((_, scenario)) = plan.scenarios.first() else { return Ok(None) };
    let drawn = scenario.draw(&mut Rng::at(plan.seed, Stream::Shape, PREFLIGHT_GROUP, number));
    let shape = drawn.with_output_at_most(PREFLIGHT_OUTPUT);
    let wanted = Wanted { group: PREFLIGHT_GROUP, index: number, ..Wanted::of(shape) };
    let mut rng = Rng::at(plan.seed, Stream::Content, PREFLIGHT_GROUP, number);
    let session = sampler.sample(&wanted, &mut rng);
    session.map(Some).map_err(|source| Error::Sample { scenario: scenario.to_string(), source })
}

/// Draws the first `count` sessions of `run` by so many threads, and hands them on in order.
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
    use crate::sampler::TextSampler;
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

    const PINNED: &str = "sha256:6faa50d27971dcc564b28b96f449a0ef00045eb6531a97c7655b15c849947c58";
}
