//! From a plan and a target to an experiment.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Outcomes, Prefetcher, RunState, Stopper, drive};
use crate::error::{Error, catch_panic};
use crate::exchange::LiveCounts;
use crate::experiment::{Folder, Journal, RunEnd, RunHeader};
use crate::metrics::{MetricsCollector, RunEnding, RunFacts};
use crate::observe::{Observer, Silent};
use crate::plan::{Load, Plan, Run};
use crate::recorder::{self, Live, Recorded};
use crate::report::{Experiment, RunReport, StopCause, StopReason};
use crate::sampler::Sampler;
use crate::target::Target;
use crate::tokenizer::Tokenizer;
use crate::units::{Offset, Tokens};

mod preflight;

pub use preflight::PREFLIGHT_LIMIT;

/// Carries out plans: the same code for the command line and for every program that embeds it.
///
/// It runs on the tokio runtime of its caller, and stamps bytes there: nothing else should. A runtime of one
/// thread serves hundreds of streams; drawing requests and writing the journal have threads of their own.
pub struct Runner {
    target: Target,
    sampler: Arc<dyn Sampler>,
    tokenizer: Option<Arc<dyn Tokenizer>>,
    observer: Box<dyn Observer>,
    folder: Option<Folder>,
    stopper: Stopper,
    template: Option<Tokens>,
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("target", &self.target)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// Sends what `sampler` makes to `target`.
    #[must_use]
    pub fn new(target: Target, sampler: Arc<dyn Sampler>) -> Self {
        let observer = Box::new(Silent);
        let stopper = Stopper::default();
        Self { target, sampler, tokenizer: None, observer, folder: None, stopper, template: None }
    }

    /// Counts outputs by `tokenizer` where the server does not.
    #[must_use]
    pub fn counting_with(mut self, tokenizer: Arc<dyn Tokenizer>) -> Self {
        self.tokenizer = Some(tokenizer);
        self
    }

    /// Tells `observer` how it goes.
    #[must_use]
    pub fn observed_by(mut self, observer: Box<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Writes journals and results to `folder`.
    #[must_use]
    pub fn writing_to(mut self, folder: Folder) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Sets how many tokens the server's chat template adds to a prompt beyond the workload's own count, where that
    /// was measured: it is kept with the facts of every run.
    #[must_use]
    pub fn with_template(mut self, tokens: Option<Tokens>) -> Self {
        self.template = tokens;
        self
    }

    /// What ends the experiment from outside, such as a signal handler.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Carries out every run of `plan`, one after the other. A run in which every request fails is a result, and the
    /// next one is carried out too, unless the failures show that the server is gone or there are more of them than
    /// the plan allows: then [`Experiment::stopped`] holds the reason.
    ///
    /// # Errors
    ///
    /// When a request cannot be made or the folder cannot be written. What has finished by then is in the
    /// folder.
    pub async fn run(mut self, plan: &Plan) -> Result<Experiment, Error> {
        let mut runs = Vec::new();
        let mut stopped = None;
        let planned = plan.runs();
        let last = planned.len().saturating_sub(1);
        for (number, run) in planned.into_iter().enumerate() {
            if self.stopper.is_stopped() {
                break;
            }
            let (report, job) = self.run_one(plan, run).await?;
            runs.push(report);
            let runs_not_started = last - number;
            let cause = stop_cause(&job.outcomes).filter(|_| runs_not_started > 0 && !plan.keep_going);
            if let Some(cause) = cause.filter(|_| !self.stopper.is_stopped()) {
                let last_failure = job.outcomes.last_failure();
                stopped = Some(StopReason { cause, runs_not_started, last_failure });
                break;
            }
        }
        Ok(Experiment { runs, interrupted: self.stopper.is_stopped(), stopped })
    }

    async fn run_one(&mut self, plan: &Plan, run: Run) -> Result<(RunReport, Arc<RunState>), Error> {
        let mut facts = facts(plan, &run, self.template);
        let journal = self.begin(plan, &run, facts)?;
        let sampler = Arc::clone(&self.sampler);
        let prefetcher = Prefetcher::start(&run, sampler, &self.target, plan.seed, plan.limit).await?;
        let mut observer = std::mem::replace(&mut self.observer, Box::new(Silent));
        catch_panic("observer", || observer.run_began(&run))?;
        let activity = Arc::new(LiveCounts::default());
        let live = Live::new(plan.limit, Arc::clone(&activity));
        let metrics = MetricsCollector::new(&facts).with_tokenizer(self.tokenizer.clone());
        let (traces, recorded) = recorder::start(journal, observer, live, metrics)?;

        let job = Arc::new(RunState::new(self.target.clone(), plan, prefetcher, activity));
        let driven = drive(&job, run.level.load, plan.limit, plan.drain, &self.stopper, &traces).await;
        let elapsed = job.epoch.now().since(Offset::ZERO).unwrap_or_default();
        facts.slot_emptied = job.emptied_at();
        facts.ending = job.ending();

        drop(traces);
        // Whatever has gone wrong, what has finished by then is written first.
        let recorded = recorded.await.map_err(|_| Error::Lost("recorder thread"))??;
        facts.client = driven?;
        job.prefetcher.check()?;
        Ok((self.finish(run, recorded, elapsed, facts)?, job))
    }

    fn begin(&self, plan: &Plan, run: &Run, facts: RunFacts) -> Result<Option<Journal>, Error> {
        let header = RunHeader {
            journal_version: 1,
            number: run.number,
            scenario: run.scenario_text.clone(),
            task: plan.task,
            level: run.level,
            facts,
        };
        self.folder.as_ref().map(|folder| folder.begin(run, &header)).transpose()
    }

    /// Counts and computes, now that nothing is measured any more, and saves the result.
    fn finish(
        &mut self,
        run: Run,
        recorded: Box<Recorded>,
        elapsed: Duration,
        facts: RunFacts,
    ) -> Result<RunReport, Error> {
        let Recorded { metrics, journal, mut observer } = *recorded;
        let interrupted = facts.ending == RunEnding::Interrupted;
        journal.map_or(Ok(()), |it| it.end(&RunEnd { elapsed, facts, interrupted }))?;
        let failed = |source| Error::Sample { scenario: run.scenario.to_string(), source };
        let metrics = catch_panic("counting of tokens", || metrics.finish(&facts))?;
        let metrics = metrics.map_err(|it| failed(it.into()))?;
        let save = |folder: &Folder| folder.save(&run.scenario_text, &run.level, elapsed, &metrics);
        let file = self.folder.as_ref().map(save).transpose()?.flatten();
        let report = RunReport { run, elapsed, metrics, file };
        catch_panic("observer", || observer.run_ended(&report))?;
        self.observer = observer;
        Ok(report)
    }
}

/// Returns the reason why runs after one with these outcomes would be of no use, if there is one.
fn stop_cause(outcomes: &Outcomes) -> Option<StopCause> {
    if outcomes.server_is_gone() {
        Some(StopCause::ServerGone)
    } else {
        outcomes.has_too_many_errors().then_some(StopCause::TooManyErrors)
    }
}

/// What is known of a run before it begins.
fn facts(plan: &Plan, run: &Run, template: Option<Tokens>) -> RunFacts {
    let (slots, ramp_ended) = match run.level.load {
        Load::Closed { concurrency } => (concurrency.get(), plan.ramp.opens(concurrency.get() - 1)),
        // Its load is what was recorded from the first request on, however few they are.
        Load::Replay { .. } => (1, Duration::ZERO),
    };
    RunFacts {
        slots,
        warmup_ratio: plan.trim.warmup_ratio,
        cooldown_ratio: plan.trim.cooldown_ratio,
        ramp_ended: Offset::from_duration(ramp_ended),
        template,
        // The first level of a scenario is the first to send its prompts.
        repeats_prompts: plan.same_prompts && plan.levels.first() != Some(&run.level),
        ..RunFacts::default()
    }
}
