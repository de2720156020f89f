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
pub(super) fn options(options: &WorkloadOptions) -> Result<(), Failure> {
    let rules = [
        endpoint(options),
        lengths(options),
        prefixes_of(options),
        sessions(options),
        trace(options),
        overhead(options),
    ]
    .concat();
    let broken = rules.into_iter().find(|rule| rule.0);
    broken.map_or(Ok(()), |(_, option, problem)| Err(Failure::option(option, problem)))
}

fn endpoint(options: &WorkloadOptions) -> Vec<Rule> {
    let is_completions = options.endpoint == Endpoint::Completions;
    vec![
        (
            options.endpoint != Endpoint::Chat && !options.task.answers_in_text(),
            "endpoint",
            "only tasks that answer in text have this option: leave it out",
        ),
        (is_completions && !is_text(options), "endpoint", "completions take text only: give chat"),
    ]
}

fn lengths(options: &WorkloadOptions) -> Vec<Rule> {
    let has_source = has_trace(options) || options.dataset.is_given();
    vec![
        (
            !generates(options) && !has_source,
            "traffic-scenario",
            "'dataset' takes lengths from a dataset or a recording: give --dataset-path or --trace too",
        ),
        (
            !has_trace(options) && options.traffic_scenario.iter().any(|scenario| names_a_trace(scenario)),
            "traffic-scenario",
            "'trace:NAME' takes lengths from a recording: give --trace too",
        ),
        (
            has_trace(options) && options.traffic_scenario.iter().any(|scenario| !is_dataset(scenario)),
            "traffic-scenario",
            "a recording has its own lengths: leave it out, or --trace",
        ),
    ]
}

fn prefixes_of(options: &WorkloadOptions) -> Vec<Rule> {
    let option = if options.prefix.prefix_len.is_some() { "prefix-len" } else { "prefix-ratio" };
    let has_one = options.prefix.prefix_len.is_some() || options.prefix.prefix_ratio.is_some();
    let needs_one = "give --prefix-len or --prefix-ratio too";
    vec![
        (has_one && !is_text(options), option, "only prompts of text-to-text share prefixes"),
        (
            has_one && has_turns(options),
            option,
            "turns already share the history of their conversation: leave it out, or --turns",
        ),
        (
            has_one && has_trace(options),
            option,
            "a recording already defines what its prompts share: leave it out",
        ),
        (
            has_one && !generates(options),
            option,
            "rows of a dataset are sent as they are: give a scenario such as D(1000,100)",
        ),
        (!has_one && options.prefix.num_prefixes.get() > 1, "num-prefixes", needs_one),
        (!has_one && options.prefix.prefix_popularity != "uniform", "prefix-popularity", needs_one),
    ]
}

fn sessions(options: &WorkloadOptions) -> Vec<Rule> {
    let is_completions = options.endpoint == Endpoint::Completions;
    vec![
        (has_turns(options) && !is_text(options), "turns", "only text-to-text has several turns"),
        (has_turns(options) && is_completions, "turns", "completions have no turns: give --endpoint chat"),
        (
            has_turns(options) && has_trace(options),
            "turns",
            "the requests of a recording have no turns of their own: leave it out",
        ),
        (
            options.sessions.think_time != 0.0 && !has_turns(options) && !options.dataset.is_given(),
            "think-time",
            "sessions have one turn: give --turns too",
        ),
    ]
}

fn trace(options: &WorkloadOptions) -> Vec<Rule> {
    let trace = &options.trace;
    let has_format =
        trace.trace_format.is_some() || trace.trace_block_size.is_some() || trace.trace_time_unit.is_some();
    let has_options = has_format || trace.trace_speed != 1.0 || trace.trace_window.is_some();
    vec![
        (has_trace(options) && !is_text(options), "trace", "a recording is of text-to-text"),
        (
            has_trace(options) && options.dataset.is_given(),
            "trace",
            "a recording has its own prompts: leave out the dataset",
        ),
        (
            !has_trace(options) && has_options,
            "trace",
            "needed for the other --trace options: give the recording",
        ),
    ]
}

fn overhead(options: &WorkloadOptions) -> Vec<Rule> {
    let is_made_to_length = is_text(options) && (has_trace(options) || generates(options));
    vec![
        (
            options.prompt_overhead.is_some() && !is_made_to_length,
            "prompt-overhead",
            "only prompts of text-to-text that are made to a length can be made shorter: leave it out, or give a \
             scenario such as D(1000,100)",
        ),
        (
            options.prompt_overhead.as_deref() == Some("template")
                && options.endpoint == Endpoint::Completions,
            "prompt-overhead",
            "a bare prompt has no chat template around it: give 'auto', a number of tokens, or leave it out",
        ),
    ]
}

fn is_text(options: &WorkloadOptions) -> bool {
    options.task == Task::TextToText
}

fn has_turns(options: &WorkloadOptions) -> bool {
    options.sessions.turns.is_some()
}

fn has_trace(options: &WorkloadOptions) -> bool {
    options.trace.trace.is_some()
}

/// Returns `true` if a scenario takes lengths from a dataset or a recorded trace.
fn is_dataset(scenario: &str) -> bool {
    scenario.trim() == "dataset" || names_a_trace(scenario)
}

fn names_a_trace(scenario: &str) -> bool {
    scenario.trim().starts_with("trace:")
}

/// Returns `true` if a scenario has lengths of its own.
pub(super) fn has_lengths(options: &WorkloadOptions) -> bool {
    options.traffic_scenario.iter().any(|scenario| !is_dataset(scenario))
}

/// Returns `true` if every scenario has lengths of its own.
pub(super) fn generates(options: &WorkloadOptions) -> bool {
    !options.traffic_scenario.iter().any(|scenario| is_dataset(scenario))
}

/// Makes the first session of every run, to find mistakes before anything is sent or written.
pub(super) fn first_sessions(plan: &Plan, sampler: &dyn Sampler) -> Result<(), Failure> {
    for run in plan.runs() {
        let made = workload::session(&run, plan.seed, sampler, 0);
        made.map_err(|error| Failure::Usage(format!("--traffic-scenario {}: {error}", run.scenario_text)))?;
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
        let [shortest, longest] =
            [range.start(), range.end()].map(|length| length.0.saturating_sub(template));
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
