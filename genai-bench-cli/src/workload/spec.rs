//! The defaults of workload and load options, and the experiment that they specify.

use std::path::Path;

use genai_bench_core::plan::{ExperimentSpec, Iteration};
use genai_bench_core::rng::fresh_seed;
use genai_bench_core::scenario::TraceReplay;
use genai_bench_core::task::Task;

use super::options::WorkloadOptions;
use crate::console::note;
use crate::load_options::LoadOptions;

/// The default concurrencies of a sweep, as in the Python tool.
const LEVELS: [u32; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/// The default batch sizes of a sweep, as in the Python tool.
const BATCH_SIZES: [u32; 7] = [1, 2, 4, 8, 24, 48, 96];
/// The default for the maximum number of requests of a recording in flight: far more than servers accept.
const REPLAY_AT_MOST: u32 = 4_096;
/// The scenario of workloads that have lengths of their own.
const AS_GIVEN: &str = "dataset";

/// Formats the default scenarios of each task, for the end of the help.
pub(crate) fn default_scenarios() -> String {
    let width = Task::ALL.iter().map(|task| task.name().len()).max().unwrap_or_default();
    let mut lines = vec!["Default scenarios:".to_owned()];
    for task in Task::ALL {
        lines.push(format!("  {task:width$} {}", task.default_scenarios().join(" ")));
    }
    lines.join("\n")
}

/// Sets the scenarios, levels and the seed to their defaults if they are not given.
pub(crate) fn with_defaults(workload: &mut WorkloadOptions, load: &mut LoadOptions) {
    workload.seed.get_or_insert_with(fresh_seed);
    let scenarios = &mut workload.traffic_scenario;
    if let Some(trace) = &workload.trace.trace {
        // `dataset` and no scenario mean the same; results are filed by the name of the trace.
        if scenarios.iter().all(|scenario| scenario.trim() == AS_GIVEN) {
            *scenarios = vec![trace_scenario(trace)];
        }
    } else if scenarios.is_empty() {
        let rows = workload.dataset.is_given() && workload.task != Task::VideoTextToText;
        *scenarios = if rows {
            vec![AS_GIVEN.to_owned()]
        } else {
            workload.task.default_scenarios().iter().map(|&it| it.to_owned()).collect()
        };
    }
    clear_unused(workload.task, load);
    if workload.trace.trace.is_some() {
        if load.num_concurrency.is_empty() {
            load.num_concurrency = vec![REPLAY_AT_MOST];
        }
    } else if workload.task.takes_batches() {
        let varied = iteration(load);
        load.iteration_type = Some(varied);
        match varied {
            Iteration::NumConcurrency if load.num_concurrency.is_empty() => {
                load.num_concurrency = LEVELS.to_vec();
            }
            Iteration::BatchSize if load.batch_size.is_empty() => load.batch_size = BATCH_SIZES.to_vec(),
            _ => {}
        }
    } else if load.num_concurrency.is_empty() {
        load.num_concurrency = LEVELS.to_vec();
    }
    if load.num_concurrency.is_empty() {
        load.num_concurrency = vec![1];
    }
}

/// Clears the lists that have no effect, as in the Python tool, and prints a note for each: batch sizes of a task without
/// batches, and several concurrencies in a sweep of batch sizes.
fn clear_unused(task: Task, load: &mut LoadOptions) {
    if task.takes_batches() {
        if iteration(load) == Iteration::BatchSize && load.num_concurrency.len() > 1 {
            note(
                "--num-concurrency is not used: batch sizes are varied at a concurrency of 1; with --iteration-type \
                 num_concurrency and one --batch-size the concurrency is varied",
            );
            load.num_concurrency = vec![1];
        }
        return;
    }
    if load.iteration_type == Some(Iteration::BatchSize) {
        note(format!(
            "--iteration-type batch_size is not used: {task} takes no batches, the concurrency is varied"
        ));
        load.iteration_type = None;
    }
    if load.batch_size.iter().any(|size| *size != 1) {
        note(format!("--batch-size is not used: a request of {task} is not made of several documents"));
        load.batch_size.clear();
    }
}

/// Returns the scenario of the trace in a file, with the file's name without its extension.
fn trace_scenario(file: &Path) -> String {
    let name = file.file_stem().map(|stem| stem.to_string_lossy().replace(char::is_control, "_"));
    let scenario = name.and_then(|name| TraceReplay::new(&name).ok());
    scenario.map_or_else(|| AS_GIVEN.to_owned(), |scenario| scenario.to_string())
}

/// Returns the parameter that a sweep of batches varies: the given one, else the one with several values, else the batch
/// size, which the Python tool always varies.
fn iteration(load: &LoadOptions) -> Iteration {
    let by_lists = if load.num_concurrency.len() > 1 && load.batch_size.len() <= 1 {
        Iteration::NumConcurrency
    } else {
        Iteration::BatchSize
    };
    load.iteration_type.unwrap_or(by_lists)
}

/// Returns the specification of the experiment.
pub(crate) fn spec(workload: &WorkloadOptions, load: &LoadOptions) -> ExperimentSpec {
    let mut spec = ExperimentSpec::default();
    spec.task = workload.task;
    spec.traffic_scenario = workload.traffic_scenario.clone();
    spec.seed = workload.seed;
    spec.same_prompts = workload.same_prompts;
    spec.replay = workload.trace.trace.is_some();
    spec.num_concurrency = load.num_concurrency.clone();
    spec.batch_size = load.batch_size.clone();
    spec.iteration_type = load.iteration_type.unwrap_or_default();
    spec.max_requests_per_run = load.max_requests_per_run;
    spec.max_sessions_per_run = load.max_sessions_per_run;
    load.add_to(&mut spec);
    spec
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use genai_bench_core::plan::{Level, Plan};

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        workload: WorkloadOptions,
        #[command(flatten)]
        load: LoadOptions,
    }

    fn plan(typed: &[&str]) -> Plan {
        let words = ["x", "--max-requests-per-run", "5"].iter().chain(typed);
        let mut typed = Typed::parse_from(words);
        with_defaults(&mut typed.workload, &mut typed.load);
        Plan::try_from(spec(&typed.workload, &typed.load)).expect("a plan that makes sense")
    }

    fn levels(typed: &[&str]) -> (Iteration, Vec<u32>) {
        let plan = plan(typed);
        (plan.spec.iteration_type, plan.levels.iter().map(Level::value).collect())
    }

    #[test]
    fn embeddings_sweep_batches_unless_several_concurrencies_are_given() {
        const TASK: [&str; 2] = ["--task", "text-to-embeddings"];
        fn typed(more: &[&'static str]) -> (Iteration, Vec<u32>) {
            levels(&[&TASK[..], more].concat())
        }

        assert_eq!(typed(&[]), (Iteration::BatchSize, BATCH_SIZES.to_vec()));
        assert_eq!(typed(&["--num-concurrency", "4"]), (Iteration::BatchSize, BATCH_SIZES.to_vec()));
        let both = ["--num-concurrency", "1", "--num-concurrency", "4"];
        assert_eq!(typed(&both), (Iteration::NumConcurrency, vec![1, 4]));
        assert_eq!(
            typed(&["--iteration-type", "num_concurrency"]),
            (Iteration::NumConcurrency, LEVELS.to_vec())
        );
    }

    #[test]
    fn lists_that_the_python_tool_ignores_are_cleared() {
        let chat = levels(&["--batch-size", "4", "--iteration-type", "batch_size"]);
        assert_eq!(chat, (Iteration::NumConcurrency, LEVELS.to_vec()));
        let lists =
            ["--num-concurrency", "1", "--num-concurrency", "4", "--batch-size", "2", "--batch-size", "8"];
        let both = levels(&[&["--task", "text-to-embeddings"], &lists[..]].concat());
        assert_eq!(both, (Iteration::BatchSize, vec![2, 8]));
        let typed = ["--task", "text-to-rerank", "--iteration-type", "batch_size", "--batch-size", "8"];
        assert_eq!(levels(&[&typed[..], &lists[..4]].concat()), (Iteration::BatchSize, vec![8]));
    }

    #[test]
    fn the_help_names_the_default_levels() {
        use clap::CommandFactory;
        let help = Typed::command().render_long_help().to_string().replace('\n', " ");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let list = |numbers: &[u32]| numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(" ");
        for levels in [list(&LEVELS), list(&BATCH_SIZES)] {
            assert!(help.contains(&format!("Default: {levels}")), "{levels} is not in: {help}");
        }
    }

    fn text(typed: &[&str]) -> String {
        plan(typed).runs()[0].scenario_text.clone()
    }

    #[test]
    fn workloads_with_lengths_of_their_own_need_no_scenario() {
        assert_eq!(text(&["--dataset-path", "a.txt"]), "dataset");
        assert_eq!(text(&["--dataset-path", "a.txt", "--traffic-scenario", "D(1,2)"]), "D(1,2)");
        assert_eq!(text(&[]), "N(480,240)/(300,150)");
    }

    #[test]
    fn a_recording_is_replayed_once() {
        let plan = plan(&["--trace", "a.csv"]);
        assert_eq!((plan.runs().len(), plan.levels[0].value()), (1, REPLAY_AT_MOST));
    }

    #[test]
    fn a_trace_is_called_by_the_name_of_its_file() {
        assert_eq!(text(&["--trace", "/data/burst_gpt.v2.csv"]), "trace:burst_gpt.v2");
        assert_eq!(text(&["--trace", "a.csv", "--traffic-scenario", "dataset"]), "trace:a");
        assert_eq!(text(&["--trace", "a.csv", "--traffic-scenario", "trace:mine"]), "trace:mine");
        let title = plan(&["--trace", "a.csv"]).runs()[0].to_string();
        assert_eq!(title, "trace:a at recorded times, at most 4096 in flight");
    }
}
