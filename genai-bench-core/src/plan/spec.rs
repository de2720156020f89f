//! The specification of an experiment, and the check that turns it into a plan.

use std::collections::HashSet;
use std::fmt::Display;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Iteration, Level, Limit, Load, Plan, Ramp, Trim};
use crate::exchange::{Retry, Timeouts};
use crate::rng::{Rng, Stream, fresh_seed};
use crate::scenario::{Notation, SharedScenario};
use crate::task::Task;
use crate::units::Rate;

/// An experiment as a user writes it. The fields have the names of the command line's options.
///
/// ```
/// # use genai_bench_core::plan::{ExperimentSpec, Plan};
/// let spec: ExperimentSpec = serde_json::from_str(
///     r#"{"traffic_scenario": ["D(100,20)"], "num_concurrency": [4], "max_requests_per_run": 40}"#,
/// )?;
/// let plan = Plan::try_from(spec)?;
/// assert_eq!(plan.limit.requests.unwrap().get(), 40);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ExperimentSpec {
    /// The kind of task.
    pub task: Task,
    /// The scenarios, in the notation of [`scenario`](crate::scenario).
    pub traffic_scenario: Vec<String>,
    /// The numbers of sessions in flight, one per level. With `replay`: one number, the maximum.
    pub num_concurrency: Vec<u32>,
    /// The numbers of documents in a request, one per level, for a task with batches; 1 when empty.
    pub batch_size: Vec<u32>,
    /// The quantity that the levels vary; the other one has at most one value.
    pub iteration_type: Iteration,
    /// `true` to start sessions at the recorded times of the workload instead of one after the other.
    pub replay: bool,
    /// `true` to send the same prompts in every run of a scenario.
    pub same_prompts: bool,
    /// The maximum number of requests that a run sends.
    pub max_requests_per_run: Option<u64>,
    /// The maximum number of sessions that a run starts.
    pub max_sessions_per_run: Option<u64>,
    /// The maximum time for which a run sends requests, in seconds.
    pub max_time_per_run_s: Option<f64>,
    /// The share of requests that is left out at the start of a run, from 0 to less than 1.
    pub warmup_ratio: f64,
    /// The share of requests that is left out at the end of a run, from 0 to less than 1.
    pub cooldown_ratio: f64,
    /// The number of slots that are opened per second; all at once when absent.
    pub spawn_rate: Option<f64>,
    /// The timeout of a whole request, in seconds; none when absent.
    pub request_timeout_s: Option<f64>,
    /// The timeout between two reads of an answer, in seconds; none when 0 or absent.
    pub stall_timeout_s: Option<f64>,
    /// The maximum number of times that a request is sent again when it failed before any output arrived.
    #[serde(skip_serializing_if = "is_zero")]
    pub retry: u32,
    /// The longest time that a run waits, at its end, for requests in flight, in seconds; 0 cancels them at once.
    pub drain_timeout_s: f64,
    /// The share of failed requests, between 0 and 1, above which a run ends early and no later run starts. It is
    /// checked when at least 20 requests have finished; with a limit on requests the run ends when the share can no
    /// longer fall below this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_error_rate: Option<f64>,
    /// `true` to start later runs even if the server is gone or a run had too many errors.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_going: bool,
    /// The seed of all random draws. When it is absent a fresh one is drawn, so that the prompts of an earlier
    /// experiment in a server's cache have no effect; the specification of a [`Plan`] has the seed that was drawn.
    pub seed: Option<u64>,
}

/// The default of [`ExperimentSpec::stall_timeout_s`]: longer than the pauses of a server under load, and short
/// enough to end a request to a server that hangs.
const STALL_TIMEOUT_S: f64 = 120.0;

impl Default for ExperimentSpec {
    fn default() -> Self {
        Self {
            task: Task::TextToText,
            traffic_scenario: Vec::new(),
            num_concurrency: Vec::new(),
            batch_size: Vec::new(),
            iteration_type: Iteration::default(),
            replay: false,
            same_prompts: false,
            max_requests_per_run: None,
            max_sessions_per_run: None,
            max_time_per_run_s: None,
            warmup_ratio: 0.0,
            cooldown_ratio: 0.0,
            spawn_rate: None,
            request_timeout_s: None,
            stall_timeout_s: Some(STALL_TIMEOUT_S),
            retry: 0,
            drain_timeout_s: 60.0,
            max_error_rate: None,
            keep_going: false,
            seed: None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// The error of an invalid specification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct PlanError {
    /// The name of the field of [`ExperimentSpec`] that is wrong.
    pub field: &'static str,
    /// The problem, and the values that are valid.
    pub problem: String,
}

impl PlanError {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}

impl TryFrom<ExperimentSpec> for Plan {
    type Error = PlanError;

    fn try_from(spec: ExperimentSpec) -> Result<Self, PlanError> {
        build_plan(spec, &ScenarioSource::default())
    }
}

/// The source of the scenarios of a plan.
#[derive(Clone, Debug, Default)]
pub(super) struct ScenarioSource {
    /// The scenarios that are found by name.
    pub(super) custom: Vec<(String, SharedScenario)>,
    /// The notation of all others.
    pub(super) notation: Notation,
}

impl ScenarioSource {
    /// Returns the scenario of `text`, with the name by which duplicates are found.
    fn find(&self, text: &str) -> Result<(String, SharedScenario), PlanError> {
        if let Some((name, scenario)) = self.custom.iter().find(|(name, _)| name == text) {
            return Ok((name.clone(), scenario.clone()));
        }
        let scenario =
            self.notation.parse(text).map_err(|error| PlanError::new(SCENARIO_FIELD, error.to_string()))?;
        Ok((scenario.to_string(), scenario))
    }
}

/// Builds the plan of `spec`.
pub(super) fn build_plan(mut spec: ExperimentSpec, source: &ScenarioSource) -> Result<Plan, PlanError> {
    let seed = *spec.seed.get_or_insert_with(fresh_seed);
    Ok(Plan {
        task: spec.task,
        scenarios: scenarios(&spec, source)?,
        levels: levels(&spec)?,
        limit: limit(&spec)?,
        ramp: ramp(&spec)?,
        trim: trim(&spec)?,
        drain: duration_or_zero("drain_timeout_s", spec.drain_timeout_s)?,
        timeouts: Timeouts {
            request: duration("request_timeout_s", spec.request_timeout_s)?,
            stall: stall_timeout(&spec)?,
        },
        retry: Retry { max_retries: spec.retry },
        max_error_rate: max_error_rate(&spec)?,
        keep_going: spec.keep_going,
        seed,
        same_prompts: spec.same_prompts,
        spec,
    })
}

/// The field of a scenario's errors.
const SCENARIO_FIELD: &str = "traffic_scenario";

fn scenarios(
    spec: &ExperimentSpec,
    source: &ScenarioSource,
) -> Result<Vec<(String, SharedScenario)>, PlanError> {
    if spec.traffic_scenario.is_empty() {
        return Err(PlanError::new(SCENARIO_FIELD, "at least one scenario is required, such as D(100,100)"));
    }
    let mut seen = HashSet::new();
    let mut scenarios = Vec::new();
    for text in &spec.traffic_scenario {
        let (name, scenario) = source.find(text)?;
        check_task(spec, text, &scenario)?;
        if !seen.insert(name) {
            return Err(duplicate(SCENARIO_FIELD, text));
        }
        scenarios.push((text.clone(), scenario));
    }
    Ok(scenarios)
}

/// Checks that the task has requests of the shapes of `scenario`.
fn check_task(spec: &ExperimentSpec, text: &str, scenario: &SharedScenario) -> Result<(), PlanError> {
    let mut rng = Rng::at(spec.seed.unwrap_or_default(), Stream::Shape, 0, 0);
    if spec.task.takes(&scenario.draw(&mut rng)) {
        return Ok(());
    }
    let example = spec.task.default_scenarios().first().copied().unwrap_or("dataset");
    let problem = format!("{text} is not a scenario for {}: use one such as {example}", spec.task);
    Err(PlanError::new(SCENARIO_FIELD, problem))
}

/// Returns the error of a value that is given twice. Results are saved by scenario and level: the second of two with
/// the same name would overwrite the first.
fn duplicate(field: &'static str, value: impl Display) -> PlanError {
    PlanError::new(field, format!("{value} is given twice: give it once, or use a second experiment for it"))
}

/// Returns the levels of a sweep. A result is saved by one number, so only one of the two lists may have several.
fn levels(spec: &ExperimentSpec) -> Result<Vec<Level>, PlanError> {
    let slots = counts("num_concurrency", &spec.num_concurrency)?;
    let batches = if spec.batch_size.is_empty() {
        vec![NonZeroU32::MIN]
    } else {
        counts("batch_size", &spec.batch_size)?
    };
    if !spec.task.takes_batches() {
        if batches != [NonZeroU32::MIN] {
            let problem = format!("{} has no batches: leave out batch_size", spec.task);
            return Err(PlanError::new("batch_size", problem));
        }
        if spec.iteration_type == Iteration::BatchSize {
            let problem = format!("{} has no batches: use num_concurrency", spec.task);
            return Err(PlanError::new("iteration_type", problem));
        }
    }
    match spec.iteration_type {
        Iteration::NumConcurrency => {
            check_single("batch_size", &batches, "iteration_type is num_concurrency")?;
        }
        Iteration::BatchSize => {
            check_single("num_concurrency", &slots, "iteration_type is batch_size")?;
        }
    }
    if spec.replay {
        check_single("num_concurrency", &slots, "recorded times are replayed once")?;
    }
    let mut levels = Vec::new();
    for &slots in &slots {
        let load = if spec.replay {
            Load::Replay { max_in_flight: slots }
        } else {
            Load::Closed { concurrency: slots }
        };
        let level = |&batch_size| Level { load, batch_size, iteration: spec.iteration_type };
        levels.extend(batches.iter().map(level));
    }
    Ok(levels)
}

/// Checks that `list` has one number.
fn check_single(field: &'static str, list: &[NonZeroU32], reason: &str) -> Result<(), PlanError> {
    match list {
        [_] => Ok(()),
        _ => Err(PlanError::new(field, format!("{reason}: give one number"))),
    }
}

/// Returns the numbers of `list`, none of them 0 and none twice.
fn counts(field: &'static str, list: &[u32]) -> Result<Vec<NonZeroU32>, PlanError> {
    if list.is_empty() {
        return Err(PlanError::new(field, "at least one number is required, such as 1"));
    }
    let mut counts = Vec::new();
    for &number in list {
        let count = NonZeroU32::new(number)
            .ok_or_else(|| PlanError::new(field, format!("must be at least 1, not {number}")))?;
        if counts.contains(&count) {
            return Err(duplicate(field, number));
        }
        counts.push(count);
    }
    Ok(counts)
}

fn limit(spec: &ExperimentSpec) -> Result<Limit, PlanError> {
    let limit = Limit {
        requests: max_count("max_requests_per_run", spec.max_requests_per_run)?,
        sessions: max_count("max_sessions_per_run", spec.max_sessions_per_run)?,
        time: duration("max_time_per_run_s", spec.max_time_per_run_s)?,
    };
    if limit == Limit::default() && !spec.replay {
        return Err(PlanError::new(
            "max_requests_per_run",
            "a run must have a limit: a number of requests, a time, or both",
        ));
    }
    Ok(limit)
}

fn max_count(field: &'static str, count: Option<u64>) -> Result<Option<NonZeroU64>, PlanError> {
    let Some(count) = count else { return Ok(None) };
    match NonZeroU64::new(count) {
        None => Err(PlanError::new(field, format!("must be at least 1, not {count}"))),
        count => Ok(count),
    }
}

fn ramp(spec: &ExperimentSpec) -> Result<Ramp, PlanError> {
    let Some(per_second) = spec.spawn_rate else { return Ok(Ramp::default()) };
    match Rate::per_second(per_second) {
        None => {
            Err(PlanError::new("spawn_rate", format!("must be more than 0 per second, not {per_second}")))
        }
        spawn_rate => Ok(Ramp { spawn_rate }),
    }
}

fn trim(spec: &ExperimentSpec) -> Result<Trim, PlanError> {
    for (field, ratio) in [("warmup_ratio", spec.warmup_ratio), ("cooldown_ratio", spec.cooldown_ratio)] {
        if !(0.0..1.0).contains(&ratio) {
            return Err(PlanError::new(field, format!("must be at least 0 and less than 1, not {ratio}")));
        }
    }
    let trim = Trim { warmup_ratio: spec.warmup_ratio, cooldown_ratio: spec.cooldown_ratio };
    if trim.warmup_ratio + trim.cooldown_ratio >= 1.0 {
        let problem = format!(
            "warmup_ratio + cooldown_ratio must be less than 1, not {} + {}",
            trim.warmup_ratio, trim.cooldown_ratio
        );
        return Err(PlanError::new("cooldown_ratio", problem));
    }
    Ok(trim)
}

fn max_error_rate(spec: &ExperimentSpec) -> Result<Option<f64>, PlanError> {
    match spec.max_error_rate {
        Some(rate) if !(rate > 0.0 && rate < 1.0) => {
            Err(PlanError::new("max_error_rate", format!("must be more than 0 and less than 1, not {rate}")))
        }
        rate => Ok(rate),
    }
}

/// Returns the stall timeout; `None` for 0 seconds.
fn stall_timeout(spec: &ExperimentSpec) -> Result<Option<Duration>, PlanError> {
    let Some(seconds) = spec.stall_timeout_s else { return Ok(None) };
    Ok(Some(duration_or_zero("stall_timeout_s", seconds)?).filter(|time| !time.is_zero()))
}

fn duration_or_zero(field: &'static str, seconds: f64) -> Result<Duration, PlanError> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| PlanError::new(field, format!("must be at least 0 seconds, not {seconds}")))
}

fn duration(field: &'static str, seconds: Option<f64>) -> Result<Option<Duration>, PlanError> {
    let Some(seconds) = seconds else { return Ok(None) };
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(Some(duration)),
        _ => Err(PlanError::new(field, format!("must be more than 0 seconds, not {seconds}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid() -> ExperimentSpec {
        ExperimentSpec {
            traffic_scenario: vec!["D(10,10)".into()],
            num_concurrency: vec![1],
            max_requests_per_run: Some(1),
            ..ExperimentSpec::default()
        }
    }

    #[test]
    fn a_sweep_varies_batch_size_or_concurrency_and_not_both() {
        assert_eq!(embedding_levels(Iteration::BatchSize, &[1, 8], &[4]), Ok(vec![1, 8]));
        assert_eq!(embedding_levels(Iteration::NumConcurrency, &[16], &[1, 2]), Ok(vec![1, 2]));
        assert_eq!(embedding_levels(Iteration::BatchSize, &[1, 8], &[1, 4]), Err("num_concurrency"));
    }

    /// Returns the values of the levels, or the field that is wrong.
    fn embedding_levels(
        iteration_type: Iteration,
        batch_size: &[u32],
        num_concurrency: &[u32],
    ) -> Result<Vec<u32>, &'static str> {
        let spec = ExperimentSpec {
            task: Task::TextToEmbeddings,
            traffic_scenario: vec!["E(10)".into()],
            iteration_type,
            batch_size: batch_size.to_vec(),
            num_concurrency: num_concurrency.to_vec(),
            ..valid()
        };
        let plan = Plan::try_from(spec).map_err(|error| error.field)?;
        Ok(plan.levels.iter().map(Level::value).collect())
    }

    #[test]
    fn an_invalid_value_is_an_error_that_names_its_field() {
        type Change = fn(&mut ExperimentSpec);
        let cases: [(&str, Change); 24] = [
            ("traffic_scenario", |spec| spec.traffic_scenario = vec!["Q(1)".into()]),
            ("traffic_scenario", |spec| spec.traffic_scenario.clear()),
            ("traffic_scenario", |spec| {
                spec.traffic_scenario = ["N(9,2)/(9,1)", "N(9,2,9,1)"].map(Into::into).into();
            }),
            ("num_concurrency", |spec| spec.num_concurrency = vec![4, 1, 4]),
            ("num_concurrency", |spec| spec.num_concurrency = vec![4, 0]),
            ("num_concurrency", |spec| spec.num_concurrency.clear()),
            ("traffic_scenario", |spec| spec.traffic_scenario = vec!["E(10)".into()]),
            ("batch_size", |spec| spec.batch_size = vec![8]),
            ("batch_size", |spec| {
                (spec.task, spec.batch_size) = (Task::TextToEmbeddings, vec![1, 8]);
                spec.traffic_scenario = vec!["E(10)".into()];
            }),
            ("iteration_type", |spec| spec.iteration_type = Iteration::BatchSize),
            ("max_sessions_per_run", |spec| spec.max_sessions_per_run = Some(0)),
            ("max_requests_per_run", |spec| spec.max_requests_per_run = Some(0)),
            ("max_requests_per_run", |spec| spec.max_requests_per_run = None),
            ("max_time_per_run_s", |spec| spec.max_time_per_run_s = Some(-1.0)),
            ("warmup_ratio", |spec| spec.warmup_ratio = 1.0),
            ("cooldown_ratio", |spec| (spec.warmup_ratio, spec.cooldown_ratio) = (0.6, 0.5)),
            ("spawn_rate", |spec| spec.spawn_rate = Some(0.0)),
            ("request_timeout_s", |spec| spec.request_timeout_s = Some(f64::NAN)),
            ("request_timeout_s", |spec| spec.request_timeout_s = Some(0.0)),
            ("stall_timeout_s", |spec| spec.stall_timeout_s = Some(-1.0)),
            ("max_error_rate", |spec| spec.max_error_rate = Some(0.0)),
            ("max_error_rate", |spec| spec.max_error_rate = Some(1.0)),
            ("max_error_rate", |spec| spec.max_error_rate = Some(f64::NAN)),
            ("drain_timeout_s", |spec| spec.drain_timeout_s = f64::INFINITY),
        ];
        for (field, change) in cases {
            let mut spec = valid();
            change(&mut spec);
            assert_eq!(Plan::try_from(spec).unwrap_err().field, field);
        }
    }

    #[test]
    fn runs_are_each_level_of_each_scenario() {
        let spec = ExperimentSpec {
            traffic_scenario: vec!["D(1,2)".into(), "D(3,4)".into()],
            num_concurrency: vec![1, 8],
            ..valid()
        };
        let runs = Plan::try_from(spec).unwrap().runs();
        let described: Vec<String> =
            runs.iter().map(|run| format!("{} {} {run}", run.number, run.scenario_number)).collect();
        assert_eq!(
            described,
            [
                "0 0 D(1,2) at concurrency 1",
                "1 0 D(1,2) at concurrency 8",
                "2 1 D(3,4) at concurrency 1",
                "3 1 D(3,4) at concurrency 8"
            ]
        );
    }

    #[test]
    fn the_stall_timeout_is_two_minutes_unless_switched_off() {
        assert_eq!(planned_stall_timeout(""), Some(Duration::from_secs(120)));
        assert_eq!(planned_stall_timeout(r#", "stall_timeout_s": 0"#), None);
        assert_eq!(planned_stall_timeout(r#", "stall_timeout_s": null"#), None);
        assert_eq!(planned_stall_timeout(r#", "stall_timeout_s": 0.5"#), Some(Duration::from_millis(500)));
    }

    fn planned_stall_timeout(fields: &str) -> Option<Duration> {
        let spec = format!(
            r#"{{"traffic_scenario": ["D(1,1)"], "num_concurrency": [1], "max_requests_per_run": 1{fields}}}"#
        );
        let spec: ExperimentSpec = serde_json::from_str(&spec).unwrap();
        Plan::try_from(spec).unwrap().timeouts.stall
    }

    #[test]
    fn an_unknown_field_is_an_error_that_names_it() {
        let error = serde_json::from_str::<ExperimentSpec>(r#"{"num_concurency": [1]}"#).unwrap_err();
        assert!(error.to_string().contains("num_concurency"), "{error}");
    }
}
