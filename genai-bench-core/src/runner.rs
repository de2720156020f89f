//! From a plan and a target to an experiment.

use std::convert::Infallible;
use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::{Outcomes, Prefetcher, RunState, Shutdown, drive};
use crate::error::{Error, catch_panic};
use crate::exchange::LiveCounts;
use crate::experiment::{Folder, Journal, RunEnd, RunHeader};
use crate::metrics::{MetricsCollector, RunEnding, RunFacts};
use crate::observe::Observer;
use crate::plan::{Load, Plan, Run};
use crate::recorder::{self, Live, Recorded};
use crate::report::{Experiment, RunReport, StopCause, StopReason};
use crate::sampler::Sampler;
use crate::target::Target;
use crate::tokenizer::Tokenizer;
use crate::units::{Offset, Tokens};

mod preflight;
mod spawn;

pub use preflight::PREFLIGHT_LIMIT;
pub use spawn::Running;

/// A runner of plans: the same code for the command line and for every program that embeds it.
///
/// # Threads
///
/// [`run`](Self::run) sends requests and stamps arriving bytes on the tokio runtime of its caller. Any other work on that
/// runtime delays the stamps and shows as latency of the server. A program that does other work, such as a service, uses
/// [`spawn`](Self::spawn), which has a thread and a runtime of its own. A runtime of one thread serves hundreds of streams.
/// Requests are drawn and the journal is written on separate threads in both cases.
///
/// ```
/// # use std::sync::Arc;
/// # use genai_bench_core::{plan::Plan, runner::Runner, sampler::Sampler, target::Target};
/// # fn example(target: Target, sampler: Arc<dyn Sampler>, plan: &Plan) {
/// let (stop, stopped) = tokio::sync::oneshot::channel::<()>(); // for a handler of signals
/// let runner = Runner::new(target, sampler).with_graceful_shutdown(async { drop(stopped.await) });
/// let experiment = runner.run(plan);
/// # drop((stop, experiment)); }
/// ```
pub struct Runner {
    target: Target,
    sampler: Arc<dyn Sampler>,
    tokenizer: Option<Arc<dyn Tokenizer>>,
    observer: Box<dyn Observer>,
    folder: Option<Folder>,
    shutdown: Shutdown,
    shutdown_signal: BoxFuture,
    template: Option<Tokens>,
}

/// The future that ends an experiment when it completes.
type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("target", &self.target)
            .field("sampler", &self.sampler)
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// Creates a runner that sends the sessions of `sampler` to `target`. The sampler can be owned or in an [`Arc`].
    #[must_use]
    pub fn new(target: Target, sampler: impl Sampler) -> Self {
        Self {
            target,
            sampler: Arc::new(sampler),
            tokenizer: None,
            observer: Box::new(()),
            folder: None,
            shutdown: Shutdown::default(),
            shutdown_signal: Box::pin(future::pending()),
            template: None,
        }
    }

    /// Sets the tokenizer that counts the output of answers for which the server reports no counts.
    #[must_use]
    pub fn with_tokenizer(mut self, tokenizer: impl Tokenizer) -> Self {
        self.tokenizer = Some(Arc::new(tokenizer));
        self
    }

    /// Sets the observer that receives the events of the experiment.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Sets the folder to which journals and results are written.
    #[must_use]
    pub fn with_folder(mut self, folder: Folder) -> Self {
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

    /// Sets a future that ends the experiment when it completes: no more requests are sent, those in flight are
    /// cancelled, and the metrics of what has finished are computed and saved.
    #[must_use]
    pub fn with_graceful_shutdown(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown_signal = Box::pin(signal);
        self
    }

    /// Runs every run of `plan`, one after the other. A run in which every request fails is a result, and the
    /// next one is started too, unless the failures show that the server is gone or there are more of them than
    /// the plan allows: then [`Experiment::stopped`] holds the reason.
    ///
    /// Dropping the future cancels the requests in flight; what had finished is in the journal of the folder, if there is
    /// one, and no report is computed.
    ///
    /// # Errors
    ///
    /// When a request cannot be made or the folder cannot be written. What has finished by then is in the
    /// folder.
    pub async fn run(mut self, plan: &Plan) -> Result<Experiment, Error> {
        let signal = std::mem::replace(&mut self.shutdown_signal, Box::pin(future::pending()));
        let shutdown = self.shutdown.clone();
        let requested = async move {
            signal.await;
            shutdown.request();
            future::pending::<Infallible>().await
        };
        tokio::select! {
            biased;
            never = requested => match never {},
            result = self.run_all(plan) => result,
        }
    }

    async fn run_all(mut self, plan: &Plan) -> Result<Experiment, Error> {
        let mut runs = Vec::new();
        let mut stopped = None;
        let planned = plan.runs();
        let last = planned.len().saturating_sub(1);
        for (number, run) in planned.into_iter().enumerate() {
            if self.shutdown.is_requested() {
                break;
            }
            let (report, state) = self.run_one(plan, run).await?;
            runs.push(report);
            let runs_not_started = last - number;
            let cause = stop_cause(&state.outcomes).filter(|_| runs_not_started > 0 && !plan.keep_going);
            if let Some(cause) = cause.filter(|_| !self.shutdown.is_requested()) {
                let last_failure = state.outcomes.last_failure();
                stopped = Some(StopReason { cause, runs_not_started, last_failure });
                break;
            }
        }
        Ok(Experiment { runs, interrupted: self.shutdown.is_requested(), stopped })
    }

    async fn run_one(&mut self, plan: &Plan, run: Run) -> Result<(RunReport, Arc<RunState>), Error> {
        let mut facts = facts(plan, &run, self.template);
        let journal = self.begin(plan, &run, facts)?;
        let sampler = Arc::clone(&self.sampler);
        let prefetcher = Prefetcher::start(&run, sampler, &self.target, plan.seed, plan.limit).await?;
        let mut observer = std::mem::replace(&mut self.observer, Box::new(()));
        catch_panic("observer", || observer.run_began(&run))?;
        let activity = Arc::new(LiveCounts::default());
        let live = Live::new(plan.limit, Arc::clone(&activity));
        let metrics = MetricsCollector::new(&facts).with_tokenizer(self.tokenizer.clone());
        let (traces, recorded) = recorder::start(journal, observer, live, metrics)?;

        let job = Arc::new(RunState::new(self.target.clone(), plan, prefetcher, activity));
        let driven = drive(&job, run.level.load, plan.limit, plan.drain, &self.shutdown, &traces).await;
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
