//! Whether options go together, and whether they go with the plan: before anything is sent.

use genai_bench_core::plan::Plan;
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::sampler::{Sampler, SharedPrefixes, TemplateOverhead};
use genai_bench_core::scenario::Shape;
use genai_bench_core::task::Task;
use genai_bench_core::units::Tokens;
use genai_bench_core::workload;

use super::{Endpoint, WorkloadOptions};
use crate::failure::Failure;

/// How many lengths of a scenario are looked at, to find the shortest prompt.
const MOST_LOOKED_AT: u64 = 100_000;

/// Refuses what would otherwise be ignored.
pub(super) fn options(it: &WorkloadOptions) -> Result<(), Failure> {
    let is_text = it.task == Task::TextToText;
    let has_turns = it.sessions.turns.is_some();
    let has_trace = it.trace.trace.is_some();
    let has_prefix = it.prefix.prefix_len.is_some() || it.prefix.prefix_ratio.is_some();
    let prefix = if it.prefix.prefix_len.is_some() { "prefix-len" } else { "prefix-ratio" };
    let has_lengths = |text: &String| text.trim() != "dataset";
    let generates = it.traffic_scenario.iter().all(has_lengths);
    let rules: [(bool, &str, &str); 17] = [
        (
            it.endpoint != Endpoint::Chat && !it.task.answers_in_text(),
            "endpoint",
            "it is of tasks that answer in text",
        ),
        (
            it.endpoint == Endpoint::Completions && it.task != Task::TextToText,
            "endpoint",
            "completions take text only: give chat",
        ),
        (has_prefix && !is_text, prefix, "only prompts of text-to-text share prefixes"),
        (
            has_prefix && has_turns,
            prefix,
            "turns of a session share what was said before: leave it out, or --turns",
        ),
        (has_prefix && has_trace, prefix, "a recording says itself what its prompts share"),
        (
            has_prefix && !generates,
            prefix,
            "rows of a dataset are sent as they are: give a scenario such as D(1000,100)",
        ),
        (
            !has_prefix && it.prefix.num_prefixes.get() > 1,
            "num-prefixes",
            "give --prefix-len or --prefix-ratio too",
        ),
        (
            !has_prefix && it.prefix.prefix_popularity != "uniform",
            "prefix-popularity",
            "give --prefix-len or --prefix-ratio too",
        ),
        (has_turns && !is_text, "turns", "only text-to-text has several turns"),
        (
            has_turns && it.endpoint == Endpoint::Completions,
            "turns",
            "completions have no turns: give --endpoint chat",
        ),
        (has_turns && has_trace, "turns", "each request of a recording is sent by itself"),
        (
            it.sessions.think_time != 0.0 && !has_turns && !it.dataset.is_given(),
            "think-time",
            "sessions have one turn: give --turns too",
        ),
        (has_trace && !is_text, "trace", "a recording is of text-to-text"),
        (has_trace && it.dataset.is_given(), "trace", "it makes its own prompts: leave out the dataset"),
        (
            !has_trace
                && (it.trace.trace_speed != 1.0
                    || it.trace.trace_format.is_some()
                    || it.trace.trace_window.is_some()),
            "trace",
            "name the recording that --trace-speed, --trace-format or --trace-window is of",
        ),
        (
            it.prompt_overhead.is_some() && (!is_text || has_turns || has_trace || !generates),
            "prompt-overhead",
            "only prompts of text-to-text that are made for a scenario, one turn each, can be made shorter",
        ),
        (
            it.prompt_overhead.is_some() && it.endpoint == Endpoint::Completions,
            "prompt-overhead",
            "a bare prompt has no chat template around it: leave it out",
        ),
    ];
    let broken = rules.into_iter().find(|it| it.0);
    broken.map_or(Ok(()), |(_, option, problem)| Err(Failure::option(option, problem)))
}

/// Makes the first session of every run, so that a mistake shows before anything is sent or written.
pub(super) fn first_sessions(plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    for run in plan.runs() {
        let made = workload::session(&run, plan.seed, sampler, 0);
        made.map_err(|it| Failure::Usage(format!("--traffic-scenario {}: {it}", run.scenario_text)))?;
    }
    Ok(())
}

/// Whether every prompt of the plan has room for its prefix.
pub(super) fn prefixes(
    plan: &Plan,
    prefixes: &SharedPrefixes,
    overhead: TemplateOverhead,
) -> Result<(), Failure> {
    let inside = if overhead.is_included { overhead.tokens.0 } else { 0 };
    for (number, (text, scenario)) in plan.scenarios.iter().enumerate() {
        let count = plan.limit.most_sessions().map_or(MOST_LOOKED_AT, u64::from).min(MOST_LOOKED_AT);
        let input = |index| match scenario.draw(&mut Rng::at(plan.seed, Stream::Shape, number as u64, index))
        {
            Shape::Text { input, .. } => Some(input.0.saturating_sub(inside)),
            _ => None,
        };
        let Some(shortest) = (0..count).filter_map(input).min() else { continue };
        if let Err(problem) = prefixes.length().of(Tokens(shortest)) {
            let problem = format!("the shortest prompt of {text} has {shortest} tokens: {problem}");
            return Err(Failure::option("prefix-len", problem));
        }
    }
    Ok(())
}
