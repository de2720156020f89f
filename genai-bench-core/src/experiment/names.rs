//! The names of files and folders: those of the Python tool, which its loader expects.

use std::time::Duration;

use crate::plan::{Level, Load, Run};
use crate::task::Task;

/// Returns the default name of an experiment folder.
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
    let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    portable(&parts.join("_"))
}

/// Returns the name of the result file of a run that took `elapsed`.
pub(super) fn run_file(scenario: &str, task: Task, level: &Level, elapsed: Duration) -> String {
    let seconds = (elapsed.as_secs_f64().round() as u64).max(1);
    // The Python tool finds result files by their end, `_concurrency_N_time_Ns.json`: it stays for a replay too.
    let replay = if is_replay(level) { "_replay" } else { "" };
    let (scenario, iteration, value) = (sanitised(scenario), level.iteration, level.value());
    format!("{scenario}_{task}{replay}_{iteration}_{value}_time_{seconds}s.json")
}

/// The beginning of the names of journals.
pub(super) const JOURNAL: &str = "journal_";

/// Returns the name of the journal of a run. Journals are beside the result files, because the Python tool reads a
/// folder with subfolders as several experiments.
pub(super) fn journal(run: &Run) -> String {
    let (number, scenario, level) = (run.number, sanitised(&run.scenario_text), &run.level);
    if is_replay(level) {
        return format!("{JOURNAL}{number:03}_{scenario}_replay.jsonl");
    }
    format!("{JOURNAL}{number:03}_{scenario}_{}_{}.jsonl", level.iteration, level.value())
}

/// Returns `true` if the load is a replay, for which the number of the level is only the maximum in flight.
fn is_replay(level: &Level) -> bool {
    matches!(level.load, Load::Replay { .. })
}

/// Returns a scenario as part of a file name.
fn sanitised(scenario: &str) -> String {
    let kept: String = scenario.chars().filter(|character| !matches!(character, '(' | ')' | ' ')).collect();
    portable(&kept)
}

/// Returns a name that is valid in every file system and needs no quotes in a shell: other characters become
/// underscores, and the name neither begins with a dot (a hidden file) nor ends with a dot or a space (dropped by
/// Windows).
fn portable(name: &str) -> String {
    let name = name.replace(is_unportable, "_");
    let end = name.trim_end_matches(['.', ' ']);
    let begin = end.trim_start_matches('.');
    format!("{}{begin}{}", "_".repeat(end.len() - begin.len()), "_".repeat(name.len() - end.len()))
}

/// Returns `true` if a file system refuses a character in names, or a shell needs quotes for it.
fn is_unportable(character: char) -> bool {
    character.is_control()
        || matches!(character, '/' | '\\' | ',' | ':' | '<' | '>' | '"' | '|' | '?' | '*' | '\'')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Iteration;

    #[test]
    fn a_run_file_has_the_name_that_the_python_tool_uses() {
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

    #[test]
    fn a_replay_is_named_by_its_trace_and_found_by_the_python_tool() {
        let max_in_flight = std::num::NonZeroU32::new(4_096).unwrap();
        let level = Level::new(Load::Replay { max_in_flight });
        let name = run_file("trace:burst 1", Task::TextToText, &level, Duration::from_secs(9));
        assert_eq!(name, "trace_burst1_text-to-text_replay_num_concurrency_4096_time_9s.json");
        let plan = crate::plan::Plan::builder().scenario("trace:burst 1").replay(4_096).requests(1).build();
        assert_eq!(journal(&plan.unwrap().runs()[0]), "journal_000_trace_burst1_replay.jsonl");
    }

    #[test]
    fn names_have_no_characters_that_file_systems_refuse() {
        let name = |model: &str| folder_name("acme", None, None, Task::TextToText, model, "t");
        assert_eq!(name("llama3:8b"), "acme_text-to-text_llama3_8b_t");
        assert_eq!(name("a/b\\c<d>e\"f|g?h*i\nj"), "acme_text-to-text_a_b_c_d_e_f_g_h_i_j_t");
        assert_eq!(sanitised("trace:..hidden. . "), "trace_..hidden__");
        assert_eq!((portable("..a"), portable("a. ")), ("__a".to_owned(), "a__".to_owned()));
        assert_eq!(portable("N480_240"), "N480_240");
    }
}
