//! What files and folders are called: the Python tool's names, which its loader looks for.

use std::time::Duration;

use crate::plan::{Level, Run};
use crate::task::Task;

/// The name of an experiment folder that was given none.
///
/// ```
/// # use genai_bench_core::experiment::folder_name;
/// # use genai_bench_core::task::Task;
/// let name = folder_name("acme", Some("Engine"), Some("1.0"), Task::TextToText, "m-1", "20240314_150926");
/// assert_eq!(name, "acme_Engine_1.0_text-to-text_m-1_20240314_150926");
/// let name = folder_name("acme", None, None, Task::TextToText, "m-1", "20240314_150926");
/// assert_eq!(name, "acme_text-to-text_m-1_20240314_150926");
/// ```
#[must_use]
pub fn folder_name(
    backend: &str,
    engine: Option<&str>,
    engine_version: Option<&str>,
    task: Task,
    model: &str,
    local_time: &str,
) -> String {
    let parts = [Some(backend), engine, engine_version, Some(task.name()), Some(model), Some(local_time)];
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    parts.join("_").replace(['/', '\\'], "_")
}

/// The name of the result file of a run that took `elapsed`.
pub(super) fn run_file(scenario: &str, task: Task, level: &Level, elapsed: Duration) -> String {
    let seconds = (elapsed.as_secs_f64().round() as u64).max(1);
    let (iteration, value) = (level.iteration, level.value());
    format!("{}_{task}_{iteration}_{value}_time_{seconds}s.json", sanitised(scenario))
}

/// What the name of a journal begins with.
pub(super) const JOURNAL: &str = "journal_";

/// The name of the journal of a run. It lies beside the result files: the Python tool takes a folder that has
/// folders in it for many experiments.
pub(super) fn journal(run: &Run) -> String {
    format!(
        "{JOURNAL}{:03}_{}_{}_{}.jsonl",
        run.number,
        sanitised(&run.scenario_text),
        run.level.iteration,
        run.level.value()
    )
}

/// A scenario as part of a file name.
fn sanitised(scenario: &str) -> String {
    let kept = scenario.chars().filter(|it| !matches!(it, '(' | ')' | ' '));
    kept.map(|it| if matches!(it, '/' | ',' | '\\') { '_' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Iteration;

    #[test]
    fn a_run_file_is_called_as_the_python_tool_calls_it() {
        let level = Level::closed(4);
        let name = |scenario, ms| run_file(scenario, Task::TextToText, &level, Duration::from_millis(ms));
        assert_eq!(name("D(100,20)", 2_100), "D100_20_text-to-text_num_concurrency_4_time_2s.json");
        assert_eq!(
            name("N(480,240)/(300,150)", 3),
            "N480_240_300_150_text-to-text_num_concurrency_4_time_1s.json"
        );
        let batches = Level { iteration: Iteration::BatchSize, ..level };
        let name = run_file("E(64)", Task::TextToEmbeddings, &batches, Duration::from_secs(9));
        assert_eq!(name, "E64_text-to-embeddings_batch_size_1_time_9s.json");
    }
}
