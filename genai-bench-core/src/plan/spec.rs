//! What a person writes, and the check that makes a plan of it.

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

/// An experiment as a person writes it. Names are those of the command line's options.
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
    /// The kind of work.
    pub task: Task,
    /// The shapes of requests, in the language of [`scenario`](crate::scenario).
    pub traffic_scenario: Vec<String>,
    /// How many sessions at a time, level by level. For recorded times: how many at most, one number.
    pub num_concurrency: Vec<u32>,
    /// How many documents in a request, level by level, for a task that takes batches; 1 when empty.
    pub batch_size: Vec<u32>,
    /// Which of the two is varied; the other one has one value at most.
    pub iteration_type: Iteration,
    /// Whether sessions start when the workload says, and not when one before them has ended.
    pub replay: bool,
    /// Whether every run of a scenario sends the same prompts.
    pub same_prompts: bool,
    /// How many requests a run sends at most.
    pub max_requests_per_run: Option<u64>,
    /// How many sessions a run starts at most.
    pub max_sessions_per_run: Option<u64>,
    /// How long a run sends at most.
    pub max_time_per_run_s: Option<f64>,
    /// Which share of requests is left out at the beginning.
    pub warmup_ratio: f64,
    /// Which share of requests is left out at the end.
    pub cooldown_ratio: f64,
    /// How many slots are opened a second; all at once when absent.
    pub spawn_rate: Option<f64>,
    /// How long a request may take.
    pub request_timeout_s: Option<f64>,
    /// For how long nothing of an answer may come, in seconds; 0 or nothing waits for ever.
    pub stall_timeout_s: Option<f64>,
    /// How often a request that failed, before anything of an answer came, is sent again at most.
    #[serde(skip_serializing_if = "is_zero")]
    pub retry: u32,
    /// How long a run waits for what is still in flight at its end, in seconds; 0 gives it up at once.
    pub drain_timeout_s: f64,
    /// The share of failed requests, between 0 and 1, above which a run ends early and no later run starts: when at
    /// least 20 requests have finished, and the share cannot get below this any more where the number of requests is
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_error_rate: Option<f64>,
    /// `true` to start later runs although the server is gone, or although a run had too many errors.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_going: bool,
    /// The seed that all randomness comes from. A fresh one is drawn when it is absent, so that no experiment finds the
    /// prompts of an earlier one in a server's cache; the specification of a [`Plan`] has the one that was drawn.
    pub seed: Option<u64>,
}

/// The default of [`ExperimentSpec::stall_timeout_s`]: longer than servers under load keep silent, and short enough
/// that a server that hangs does not hold up a run for ever.
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

/// A specification that contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct PlanError {
    /// Which field of [`ExperimentSpec`] is wrong.
    pub field: &'static str,
    /// What is wrong with it, and what would be right.
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
        check(spec, &Language::default())
    }
}

/// How scenarios are read.
#[derive(Clone, Debug, Default)]
pub(super) struct Language {
    /// Scenarios that are not made from their text.
    pub(super) custom: Vec<(String, SharedScenario)>,
    /// How any other is read.
    pub(super) notation: Notation,
}

/// Makes a plan of `spec`.
pub(super) fn check(mut spec: ExperimentSpec, language: &Language) -> Result<Plan, PlanError> {
    let seed = *spec.seed.get_or_insert_with(fresh_seed);
    let seconds = |field, value: Option<f64>| value.map(|it| duration(field, it)).transpose();
    Ok(Plan {
        task: spec.task,
        scenarios: scenarios(&spec, language)?,
        levels: levels(&spec)?,
        limit: limit(&spec)?,
        ramp: ramp(&spec)?,
        trim: trim(&spec)?,
        drain: duration_or_zero("drain_timeout_s", spec.drain_timeout_s)?,
        patience: Timeouts {
            request: seconds("request_timeout_s", spec.request_timeout_s)?,
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

fn scenarios(spec: &ExperimentSpec, language: &Language) -> Result<Vec<(String, SharedScenario)>, PlanError> {
    const FIELD: &str = "traffic_scenario";
    if spec.traffic_scenario.is_empty() {
        return Err(PlanError::new(FIELD, "at least one is needed, such as D(100,100)"));
    }
    let mut seen = HashSet::new();
    let mut read = |text: &String| {
        let (name, scenario) = match language.custom.iter().find(|it| it.0 == *text) {
            Some((name, scenario)) => (name.clone(), scenario.clone()),
            None => language
                .notation
                .parse(text)
                .map(|it| (it.to_string(), it))
                .map_err(|it| PlanError::new(FIELD, it.to_string()))?,
        };
        if !spec.task.takes(&scenario.draw(&mut Rng::at(spec.seed.unwrap_or_default(), Stream::Shape, 0, 0)))
        {
            let takes = spec.task.default_scenarios().first().copied().unwrap_or("dataset");
            let problem = format!("{text} is no scenario of {}: give one such as {takes}", spec.task);
            return Err(PlanError::new(FIELD, problem));
        }
        if seen.insert(name) { Ok((text.clone(), scenario)) } else { Err(twice(FIELD, text)) }
    };
    spec.traffic_scenario.iter().map(&mut read).collect()
}

/// Results are filed by scenario and level: one of two with the same name would be written over the other.
fn twice(field: &'static str, value: impl Display) -> PlanError {
    PlanError::new(field, format!("{value} is given twice: give it once, or make another experiment of it"))
}

/// The levels of a sweep. A result is filed by one number, so only one of the two lists may have several.
fn levels(spec: &ExperimentSpec) -> Result<Vec<Level>, PlanError> {
    let slots = counts("num_concurrency", &spec.num_concurrency, "requests at a time")?;
    let batches = if spec.batch_size.is_empty() {
        vec![NonZeroU32::MIN]
    } else {
        counts("batch_size", &spec.batch_size, "documents in a request")?
    };
    if !spec.task.takes_batches() {
        if batches != [NonZeroU32::MIN] {
            let problem = format!("{} takes no batches: leave it out", spec.task);
            return Err(PlanError::new("batch_size", problem));
        }
        if spec.iteration_type == Iteration::BatchSize {
            let problem = format!("{} takes no batches: give num_concurrency", spec.task);
            return Err(PlanError::new("iteration_type", problem));
        }
    }
    let one_only = |field, list: &[NonZeroU32], why: &str| match list {
        [_] => Ok(()),
        _ => Err(PlanError::new(field, format!("{why}: give one number"))),
    };
    match spec.iteration_type {
        Iteration::NumConcurrency => {
            one_only("batch_size", &batches, "iteration_type num_concurrency varies the other one")?;
        }
        Iteration::BatchSize => {
            one_only("num_concurrency", &slots, "iteration_type batch_size varies the other one")?;
        }
    }
    if spec.replay {
        one_only("num_concurrency", &slots, "recorded times are replayed once")?;
    }
    let load = |slots| {
        if spec.replay { Load::Replay { at_most: slots } } else { Load::Closed { concurrency: slots } }
    };
    let level = |slots, batch_size| Level { load: load(slots), batch_size, iteration: spec.iteration_type };
    Ok(slots.iter().flat_map(|&slots| batches.iter().map(move |&batch| level(slots, batch))).collect())
}

/// A list of numbers, none of them 0 and none twice.
fn counts(field: &'static str, list: &[u32], of: &str) -> Result<Vec<NonZeroU32>, PlanError> {
    if list.is_empty() {
        return Err(PlanError::new(field, "at least one level is needed, such as 1"));
    }
    let mut seen = HashSet::new();
    let count = |&level: &u32| match NonZeroU32::new(level) {
        Some(_) if !seen.insert(level) => Err(twice(field, level)),
        Some(count) => Ok(count),
        None => Err(PlanError::new(field, format!("0 {of} are none: give 1 or more"))),
    };
    list.iter().map(count).collect()
}

fn limit(spec: &ExperimentSpec) -> Result<Limit, PlanError> {
    let count = |field, value: Option<u64>, what: &str| {
        let none = || PlanError::new(field, format!("a run of 0 {what} measures nothing: give 1 or more"));
        value.map(|it| NonZeroU64::new(it).ok_or_else(none)).transpose()
    };
    let limit = Limit {
        requests: count("max_requests_per_run", spec.max_requests_per_run, "requests")?,
        sessions: count("max_sessions_per_run", spec.max_sessions_per_run, "sessions")?,
        time: spec.max_time_per_run_s.map(|it| duration("max_time_per_run_s", it)).transpose()?,
    };
    if limit == Limit::default() && !spec.replay {
        return Err(PlanError::new(
            "max_requests_per_run",
            "a run needs a limit: a number of requests, a time, or both",
        ));
    }
    Ok(limit)
}

fn ramp(spec: &ExperimentSpec) -> Result<Ramp, PlanError> {
    let wrong = |it| PlanError::new("spawn_rate", format!("{it} is no rate: give more than 0 a second"));
    let spawn_rate = spec.spawn_rate.map(|it| Rate::per_second(it).ok_or_else(|| wrong(it))).transpose()?;
    Ok(Ramp { spawn_rate })
}

fn trim(spec: &ExperimentSpec) -> Result<Trim, PlanError> {
    for (field, ratio) in [("warmup_ratio", spec.warmup_ratio), ("cooldown_ratio", spec.cooldown_ratio)] {
        if !(0.0..1.0).contains(&ratio) {
            return Err(PlanError::new(
                field,
                format!("{ratio} is no share of a run: give 0 or more, and less than 1"),
            ));
        }
    }
    let Trim { warmup_ratio, cooldown_ratio } =
        Trim { warmup_ratio: spec.warmup_ratio, cooldown_ratio: spec.cooldown_ratio };
    if warmup_ratio + cooldown_ratio >= 1.0 {
        let problem = format!(
            "with warmup_ratio it leaves nothing of a run: {warmup_ratio} + {cooldown_ratio} must be less than 1"
        );
        return Err(PlanError::new("cooldown_ratio", problem));
    }
    Ok(Trim { warmup_ratio, cooldown_ratio })
}

fn max_error_rate(spec: &ExperimentSpec) -> Result<Option<f64>, PlanError> {
    match spec.max_error_rate {
        Some(rate) if !(rate > 0.0 && rate < 1.0) => {
            let problem = format!("{rate} is no such share of requests: give more than 0 and less than 1");
            Err(PlanError::new("max_error_rate", problem))
        }
        rate => Ok(rate),
    }
}

/// Returns the stall timeout; 0 switches it off.
fn stall_timeout(spec: &ExperimentSpec) -> Result<Option<Duration>, PlanError> {
    let Some(seconds) = spec.stall_timeout_s else { return Ok(None) };
    Ok(Some(duration_or_zero("stall_timeout_s", seconds)?).filter(|time| !time.is_zero()))
}

fn duration_or_zero(field: &'static str, seconds: f64) -> Result<Duration, PlanError> {
    let wrong = |_| PlanError::new(field, format!("{seconds} is no time: give 0 or more seconds"));
    Duration::try_from_secs_f64(seconds).map_err(wrong)
}

fn duration(field: &'static str, seconds: f64) -> Result<Duration, PlanError> {
    let wrong = || PlanError::new(field, format!("{seconds} is no time: give more than 0"));
    let duration = Duration::try_from_secs_f64(seconds).map_err(|_| wrong())?;
    if duration.is_zero() { Err(wrong()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> ExperimentSpec {
        ExperimentSpec {
            traffic_scenario: vec!["D(10,10)".into()],
            num_concurrency: vec![1],
            max_requests_per_run: Some(1),
            ..ExperimentSpec::default()
        }
    }

    #[test]
    fn batches_are_swept_at_one_concurrency_and_concurrency_at_one_batch_size() {
        let spec = |iteration_type, batch_size: &[u32], num_concurrency: &[u32]| ExperimentSpec {
            task: Task::TextToEmbeddings,
            traffic_scenario: vec!["E(10)".into()],
            iteration_type,
            batch_size: batch_size.to_vec(),
            num_concurrency: num_concurrency.to_vec(),
            ..good()
        };
        let values = |spec: ExperimentSpec| {
            let plan = Plan::try_from(spec).map_err(|it| it.field)?;
            Ok(plan.levels.iter().map(Level::value).collect::<Vec<u32>>())
        };
        assert_eq!(values(spec(Iteration::BatchSize, &[1, 8], &[4])), Ok(vec![1, 8]));
        assert_eq!(values(spec(Iteration::NumConcurrency, &[16], &[1, 2])), Ok(vec![1, 2]));
        assert_eq!(values(spec(Iteration::BatchSize, &[1, 8], &[1, 4])), Err("num_concurrency"));
    }

    #[test]
    fn a_contradiction_is_refused_by_the_name_of_its_field() {
        type Spoil = fn(&mut ExperimentSpec);
        let cases: [(&str, Spoil); 24] = [
            ("traffic_scenario", |it| it.traffic_scenario = vec!["Q(1)".into()]),
            ("traffic_scenario", |it| it.traffic_scenario.clear()),
            ("traffic_scenario", |it| {
                it.traffic_scenario = ["N(9,2)/(9,1)", "N(9,2,9,1)"].map(Into::into).into();
            }),
            ("num_concurrency", |it| it.num_concurrency = vec![4, 1, 4]),
            ("num_concurrency", |it| it.num_concurrency = vec![4, 0]),
            ("num_concurrency", |it| it.num_concurrency.clear()),
            ("traffic_scenario", |it| it.traffic_scenario = vec!["E(10)".into()]),
            ("batch_size", |it| it.batch_size = vec![8]),
            ("batch_size", |it| {
                (it.task, it.batch_size) = (Task::TextToEmbeddings, vec![1, 8]);
                it.traffic_scenario = vec!["E(10)".into()];
            }),
            ("iteration_type", |it| it.iteration_type = Iteration::BatchSize),
            ("max_sessions_per_run", |it| it.max_sessions_per_run = Some(0)),
            ("max_requests_per_run", |it| it.max_requests_per_run = Some(0)),
            ("max_requests_per_run", |it| it.max_requests_per_run = None),
            ("max_time_per_run_s", |it| it.max_time_per_run_s = Some(-1.0)),
            ("warmup_ratio", |it| it.warmup_ratio = 1.0),
            ("cooldown_ratio", |it| (it.warmup_ratio, it.cooldown_ratio) = (0.6, 0.5)),
            ("spawn_rate", |it| it.spawn_rate = Some(0.0)),
            ("request_timeout_s", |it| it.request_timeout_s = Some(f64::NAN)),
            ("request_timeout_s", |it| it.request_timeout_s = Some(0.0)),
            ("stall_timeout_s", |it| it.stall_timeout_s = Some(-1.0)),
            ("max_error_rate", |it| it.max_error_rate = Some(0.0)),
            ("max_error_rate", |it| it.max_error_rate = Some(1.0)),
            ("max_error_rate", |it| it.max_error_rate = Some(f64::NAN)),
            ("drain_timeout_s", |it| it.drain_timeout_s = f64::INFINITY),
        ];
        for (field, spoil) in cases {
            let mut spec = good();
            spoil(&mut spec);
            assert_eq!(Plan::try_from(spec).unwrap_err().field, field);
        }
    }

    #[test]
    fn runs_go_through_each_load_for_each_scenario() {
        let spec = ExperimentSpec {
            traffic_scenario: vec!["D(1,2)".into(), "D(3,4)".into()],
            num_concurrency: vec![1, 8],
            ..good()
        };
        let runs = Plan::try_from(spec).unwrap().runs();
        let seen: Vec<String> =
            runs.iter().map(|it| format!("{} {} {it}", it.number, it.scenario_number)).collect();
        assert_eq!(
            seen,
            [
                "0 0 D(1,2) at concurrency 1",
                "1 0 D(1,2) at concurrency 8",
                "2 1 D(3,4) at concurrency 1",
                "3 1 D(3,4) at concurrency 8"
            ]
        );
    }

    #[test]
    fn a_stall_times_out_after_two_minutes_unless_switched_off() {
        let stall = |text: &str| {
            let spec = format!(
                r#"{{"traffic_scenario": ["D(1,1)"], "num_concurrency": [1], "max_requests_per_run": 1{text}}}"#
            );
            Plan::try_from(serde_json::from_str::<ExperimentSpec>(&spec).unwrap()).unwrap().patience.stall
        };
        assert_eq!(stall(""), Some(Duration::from_secs(120)));
        assert_eq!(stall(r#", "stall_timeout_s": 0"#), None);
        assert_eq!(stall(r#", "stall_timeout_s": null"#), None);
        assert_eq!(stall(r#", "stall_timeout_s": 0.5"#), Some(Duration::from_millis(500)));
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let error = serde_json::from_str::<ExperimentSpec>(r#"{"num_concurency": [1]}"#).unwrap_err();
        assert!(error.to_string().contains("num_concurency"), "{error}");
    }
}
