//! The number of runs of an experiment, and the longest time that they can take.

use std::time::Duration;

use genai_bench_core::plan::{Iteration, Plan};

/// Formats the number of runs and their limits in a line, such as "45 runs (5 scenarios x 9 concurrencies) of at most 11
/// min each: at most 8 h 15 min".
pub(super) fn describe(plan: &Plan) -> String {
    let count = plan.scenarios.len() * plan.levels.len();
    let runs = if count == 1 { "1 run".to_owned() } else { format!("{count} runs ({})", factors(plan)) };
    let mut limits = Vec::new();
    limits.extend(plan.limit.requests.map(|requests| plural(requests.get(), "request")));
    limits.extend(plan.limit.sessions.map(|sessions| plural(sessions.get(), "session")));
    let longest = plan.limit.time.map(|time| time.saturating_add(plan.drain));
    limits.extend(longest.map(rounded));
    if limits.is_empty() {
        return runs;
    }
    let each = if count == 1 { "" } else { " each" };
    let limits = limits.join(" or ");
    let total = longest.filter(|_| count > 1).map(|time| rounded(time.saturating_mul(clamped(count))));
    let total = total.map_or_else(String::new, |time| format!(": at most {time}"));
    format!("{runs} of at most {limits}{each}{total}")
}

/// Formats the numbers of scenarios and of levels; a number of 1 is left out.
fn factors(plan: &Plan) -> String {
    let levels = match plan.spec.iteration_type {
        Iteration::NumConcurrency => "concurrencies",
        Iteration::BatchSize => "batch sizes",
    };
    let counts = [(plan.scenarios.len(), "scenarios"), (plan.levels.len(), levels)];
    let several = counts.into_iter().filter(|(count, _)| *count > 1);
    several.map(|(count, name)| format!("{count} {name}")).collect::<Vec<_>>().join(" x ")
}

fn plural(count: u64, name: &str) -> String {
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

fn clamped(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Formats a time in its two largest units, with seconds rounded up.
fn rounded(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (large, small) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3_600 => ((seconds / 60, "min"), (seconds % 60, "s")),
        _ => ((seconds / 3_600, "h"), (seconds % 3_600 / 60, "min")),
    };
    let rest = if small.0 == 0 { String::new() } else { format!(" {} {}", small.0, small.1) };
    format!("{} {}{rest}", large.0, large.1)
}

#[cfg(test)]
mod tests {
    use genai_bench_core::plan::ExperimentSpec;

    use super::*;

    fn described(change: impl FnOnce(&mut ExperimentSpec)) -> String {
        let mut spec = ExperimentSpec::default();
        spec.traffic_scenario = vec!["D(1,1)".to_owned()];
        spec.num_concurrency = vec![1];
        change(&mut spec);
        describe(&Plan::try_from(spec).expect("a plan"))
    }

    #[test]
    fn the_longest_time_is_that_of_all_runs_together() {
        let sweep = described(|spec| {
            spec.traffic_scenario = (1..6).map(|length| format!("D({length},1)")).collect();
            spec.num_concurrency = (1..10).collect();
            spec.max_time_per_run_s = Some(600.0);
        });
        assert_eq!(
            sweep,
            "45 runs (5 scenarios x 9 concurrencies) of at most 11 min each: at most 8 h 15 min"
        );
        let both = described(|spec| {
            spec.num_concurrency = vec![1, 8];
            (spec.max_requests_per_run, spec.max_time_per_run_s) = (Some(100), Some(5.5));
        });
        assert_eq!(
            both,
            "2 runs (2 concurrencies) of at most 100 requests or 1 min 6 s each: at most 2 min 11 s"
        );
    }

    #[test]
    fn no_time_is_shown_without_a_limit_of_time() {
        let some = described(|spec| {
            (spec.num_concurrency, spec.max_requests_per_run) = (vec![1, 2, 4], Some(3));
        });
        assert_eq!(some, "3 runs (3 concurrencies) of at most 3 requests each");
        assert_eq!(described(|spec| spec.max_requests_per_run = Some(1)), "1 run of at most 1 request");
        assert_eq!(described(|spec| spec.replay = true), "1 run");
    }
}
