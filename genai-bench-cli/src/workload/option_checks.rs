//! Checks that options are consistent with each other and with the plan, before anything is sent.

use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::{Sampler, TemplateOverhead};

use genai_bench_core::prompt::SharedPrefixes;
use genai_bench_core::task::Task;
use genai_bench_core::workload;

use super::{Endpoint, WorkloadOptions};
use crate::failure::Failure;

/// A condition that must not hold, the option that is wrong, and the advice.
type Rule = (bool, &'static str, &'static str);

/// Checks that no option is given that would have no effect.
pub(super) fn options(it: &WorkloadOptions) -> Result<(), Failure> {
    let rules = [endpoint(it), lengths(it), prefixes_of(it), sessions(it), trace(it), overhead(it)].concat();
    let broken = rules.into_iter().find(|it| it.0);
    broken.map_or(Ok(()), |(_, option, problem)| Err(Failure::option(option, problem)))
}

fn endpoint(it: &WorkloadOptions) -> Vec<Rule> {
    let is_completions = it.endpoint == Endpoint::Completions;
    vec![
        (
            it.endpoint != Endpoint::Chat && !it.task.answers_in_text(),
            "endpoint",
            "only tasks that answer in text have it: leave it out",
        ),
        (is_completions && !is_text(it), "endpoint", "completions take text only: give chat"),
    ]
}

fn lengths(it: &WorkloadOptions) -> Vec<Rule> {
    let has_source = has_trace(it) || it.dataset.is_given();
    vec![
        (
            !generates(it) && !has_source,
            "traffic-scenario",
            "'dataset' takes lengths from a dataset or a recording: give --dataset-path or --trace too",
        ),
        (
            !has_trace(it) && it.traffic_scenario.iter().any(|it| names_a_trace(it)),
            "traffic-scenario",
            "'trace:NAME' takes lengths from a recording: give --trace too",
        ),
        (
            has_trace(it) && it.traffic_scenario.iter().any(|it| !is_dataset(it)),
            "traffic-scenario",
            "a recording has its own lengths: leave it out, or --trace",
        ),
    ]
}

fn prefixes_of(it: &WorkloadOptions) -> Vec<Rule> {
    let option = if it.prefix.prefix_len.is_some() { "prefix-len" } else { "prefix-ratio" };
    let has_one = it.prefix.prefix_len.is_some() || it.prefix.prefix_ratio.is_some();
    let needs_one = "give --prefix-len or --prefix-ratio too";
    vec![
        (has_one && !is_text(it), option, "only prompts of text-to-text share prefixes"),
        (
            has_one && has_turns(it),
            option,
            "turns already share the history of their conversation: leave it out, or --turns",
        ),
        (
            has_one && has_trace(it),
            option,
            "a recording already defines what its prompts share: leave it out",
        ),
        (
            has_one && !generates(it),
            option,
            "rows of a dataset are sent as they are: give a scenario such as D(1000,100)",
        ),
        (!has_one && it.prefix.num_prefixes.get() > 1, "num-prefixes", needs_one),
        (!has_one && it.prefix.prefix_popularity != "uniform", "prefix-popularity", needs_one),
    ]
}

fn sessions(it: &WorkloadOptions) -> Vec<Rule> {
    let is_completions = it.endpoint == Endpoint::Completions;
    vec![
        (has_turns(it) && !is_text(it), "turns", "only text-to-text has several turns"),
        (has_turns(it) && is_completions, "turns", "completions have no turns: give --endpoint chat"),
        (
            has_turns(it) && has_trace(it),
            "turns",
            "the requests of a recording have no turns of their own: leave it out",
        ),
        (
            it.sessions.think_time != 0.0 && !has_turns(it) && !it.dataset.is_given(),
            "think-time",
            "sessions have one turn: give --turns too",
        ),
    ]
}

fn trace(it: &WorkloadOptions) -> Vec<Rule> {
    let trace = &it.trace;
    let has_format =
        trace.trace_format.is_some() || trace.trace_block_size.is_some() || trace.trace_time_unit.is_some();
    let has_options = has_format || trace.trace_speed != 1.0 || trace.trace_window.is_some();
    vec![
        (has_trace(it) && !is_text(it), "trace", "a recording is of text-to-text"),
        (
            has_trace(it) && it.dataset.is_given(),
            "trace",
            "a recording has its own prompts: leave out the dataset",
        ),
        (!has_trace(it) && has_options, "trace", "needed for the other --trace options: give the recording"),
    ]
}

fn overhead(it: &WorkloadOptions) -> Vec<Rule> {
    let is_made_to_length = is_text(it) && (has_trace(it) || generates(it));
    vec![
        (
            it.prompt_overhead.is_some() && !is_made_to_length,
            "prompt-overhead",
            "only prompts of text-to-text that are made to a length can be made shorter: leave it out, or give a \
             scenario such as D(1000,100)",
        ),
        (
            it.prompt_overhead.as_deref() == Some("template") && it.endpoint == Endpoint::Completions,
            "prompt-overhead",
            "a bare prompt has no chat template around it: give 'auto', a number of tokens, or leave it out",
        ),
    ]
}

fn is_text(it: &WorkloadOptions) -> bool {
    it.task == Task::TextToText
}

fn has_turns(it: &WorkloadOptions) -> bool {
    it.sessions.turns.is_some()
}

fn has_trace(it: &WorkloadOptions) -> bool {
    it.trace.trace.is_some()
}

/// Returns `true` if a scenario takes lengths from a dataset or a recorded trace.
fn is_dataset(scenario: &str) -> bool {
    scenario.trim() == "dataset" || names_a_trace(scenario)
}

fn names_a_trace(scenario: &str) -> bool {
    scenario.trim().starts_with("trace:")
}

/// Returns `true` if a scenario has lengths of its own.
pub(super) fn has_lengths(it: &WorkloadOptions) -> bool {
    it.traffic_scenario.iter().any(|it| !is_dataset(it))
}

/// Returns `true` if every scenario has lengths of its own.
pub(super) fn generates(it: &WorkloadOptions) -> bool {
    !it.traffic_scenario.iter().any(|it| is_dataset(it))
}

/// Makes the first session of every run, to find mistakes before anything is sent or written.
pub(super) fn first_sessions(plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    for run in plan.runs() {
        let made = workload::session(&run, plan.seed, sampler, 0);
        made.map_err(|it| Failure::Usage(format!("--traffic-scenario {}: {it}", run.scenario_text)))?;
    }
    Ok(())
}

/// Checks that the shortest prompt of each scenario, as documented, is longer than its prefix.
///
/// As in the Python tool this is the length of D, the minimum of U, and the mean less three standard deviations of N. The few
/// prompts that a distribution draws below it are lengthened.
pub(super) fn prefixes(
    plan: &Plan,
    prefixes: &SharedPrefixes,
    overhead: TemplateOverhead,
) -> Result<(), Failure> {
    let template = if overhead.is_included { overhead.tokens.0 } else { 0 };
    let prefix = prefixes.shortest_prompt().0.saturating_sub(1);
    for (text, scenario) in &plan.scenarios {
        let Some(range) = scenario.input_range() else { continue };
        let [shortest, longest] = [range.start(), range.end()].map(|it| it.0.saturating_sub(template));
        // A prompt without a token after the prefix would be the same as all others.
        let most = shortest.min(longest.saturating_sub(1));
        if prefix > most {
            let problem = format!(
                "{prefix} tokens, but prompts of {text} may have only {shortest}, and one token has to differ: give at \
                 most {most}"
            );
            return Err(Failure::option("prefix-len", problem));
        }
    }
    Ok(())
}
