//! What is put on the server, and for how long.

use clap::Args;
use genai_bench_core::plan::{ExperimentSpec, Iteration};
use serde::{Deserialize, Serialize};

use crate::option_values;

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct LoadOptions {
    /// How many sessions at a time, each with one request in flight. May be given several times, for a sweep. With
    /// --trace: how many are in flight at most, 4096 when not given. Default: 1 2 4 8 16 32 64 128 256, one run each for
    /// every scenario; 1 8 48 for the simulated backend; 1 for embeddings and rerank, which vary --batch-size.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) num_concurrency: Vec<u32>,
    /// How many documents in a request, of embeddings and rerank. May be given several times, for a sweep. Default:
    /// 1 2 4 8 24 48 96, one run each for every scenario.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) batch_size: Vec<u32>,
    /// What a sweep of embeddings or rerank varies: num_concurrency or batch_size. By default the one that is given
    /// several times, else batch_size. All other tasks vary num_concurrency.
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Iteration>)]
    pub(crate) iteration_type: Option<Iteration>,
    /// How many requests a run sends at most.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "COUNT")]
    pub(crate) max_requests_per_run: Option<u64>,
    /// How many sessions a run starts at most, when a session has several turns.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "COUNT")]
    pub(crate) max_sessions_per_run: Option<u64>,
    /// How long a run sends at most, in minutes; fractions are fine.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_minutes, value_name = "MINUTES")]
    pub(crate) max_time_per_run: Option<f64>,
    /// How many slots are opened a second; all at once when not given.
    #[arg(long, allow_negative_numbers = true, value_name = "PER SECOND")]
    pub(crate) spawn_rate: Option<f64>,
    /// Which share of a run is left out of its metrics at the beginning, from 0 to less than 1.
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) warmup_ratio: f64,
    /// Which share of a run is left out of its metrics at the end, from 0 to less than 1.
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) cooldown_ratio: f64,
    /// Time that a request may take, in seconds; any time when not given.
    #[arg(long, allow_negative_numbers = true, value_name = "SECONDS")]
    pub(crate) request_timeout: Option<f64>,
    /// Time for which nothing of an answer may come before the request is given up, in seconds; 0 waits for ever.
    #[arg(long, allow_negative_numbers = true, default_value_t = 120.0, value_name = "SECONDS")]
    pub(crate) stall_timeout: f64,
    /// How often a request is sent again that was refused for the time being (408, 409, 429, 5xx), or that found no
    /// connection, before anything of an answer came. The pause is what the server asks for, else 0.5 s, and twice as
    /// long each further time. Times count from the first attempt, and the result says how many were sent again.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) retry: u32,
    /// Time that a run waits for what is still in flight at its end, in seconds; 0 gives it up at once.
    #[arg(long, allow_negative_numbers = true, default_value_t = 60.0, value_name = "SECONDS")]
    pub(crate) drain_timeout: f64,
    /// Share of failed requests, more than 0 and less than 1, above which a run ends early and no later one is started.
    #[arg(long, allow_negative_numbers = true, value_name = "SHARE")]
    pub(crate) max_error_rate: Option<f64>,
    /// Start the remaining runs although the server is gone, refuses everything, or a run had more failures than
    /// --max-error-rate allows.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

impl LoadOptions {
    /// Puts what says nothing of what is sent, only of how long and how it is looked at, into `spec`.
    pub(crate) fn add_to(&self, spec: &mut ExperimentSpec) {
        spec.max_time_per_run_s = self.max_time_per_run.map(|minutes| minutes * 60.0);
        spec.warmup_ratio = self.warmup_ratio;
        spec.cooldown_ratio = self.cooldown_ratio;
        spec.spawn_rate = self.spawn_rate;
        spec.request_timeout_s = self.request_timeout;
        spec.stall_timeout_s = Some(self.stall_timeout);
        spec.retry = self.retry;
        spec.drain_timeout_s = self.drain_timeout;
        spec.max_error_rate = self.max_error_rate;
        spec.keep_going = self.keep_going;
    }
}
