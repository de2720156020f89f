//! Options for the load on the server, its limits and its timeouts.

use clap::Args;
use genai_bench_core::plan::{ExperimentSpec, Iteration};
use serde::{Deserialize, Serialize};

use crate::option_values;

#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct LoadOptions {
    /// Number of concurrent sessions, each with one request in flight; may be given several times, for a sweep. With
    /// --trace: the largest number of requests in flight, 4096 by default. Default: 1 2 4 8 16 32 64 128 256, one run
    /// each for every scenario; 1 8 48 for the simulated backend; 1 for embeddings and rerank, which vary --batch-size.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) num_concurrency: Vec<u32>,
    /// Number of documents in a request of embeddings or rerank; may be given several times, for a sweep. Default:
    /// 1 2 4 8 24 48 96, one run each for every scenario.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) batch_size: Vec<u32>,
    /// Parameter that a sweep of embeddings or rerank varies: num_concurrency or batch_size. Default: the one that is
    /// given several times, else batch_size. All other tasks vary num_concurrency.
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Iteration>)]
    pub(crate) iteration_type: Option<Iteration>,
    /// Maximum number of requests of a run.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "COUNT")]
    pub(crate) max_requests_per_run: Option<u64>,
    /// Maximum number of sessions of a run, for sessions of several turns.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "COUNT")]
    pub(crate) max_sessions_per_run: Option<u64>,
    /// Maximum time for which a run sends requests, in minutes; may be a fraction.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_minutes, value_name = "MINUTES")]
    pub(crate) max_time_per_run: Option<f64>,
    /// Number of sessions to start per second until all are running. Default: all at once.
    #[arg(long, allow_negative_numbers = true, value_name = "PER SECOND")]
    pub(crate) spawn_rate: Option<f64>,
    /// Share of a run at its beginning that is left out of the metrics, from 0 to less than 1.
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) warmup_ratio: f64,
    /// Share of a run at its end that is left out of the metrics, from 0 to less than 1.
    #[arg(long, allow_negative_numbers = true, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) cooldown_ratio: f64,
    /// Maximum time of a request, in seconds. Default: no limit.
    #[arg(long, allow_negative_numbers = true, value_name = "SECONDS")]
    pub(crate) request_timeout: Option<f64>,
    /// Maximum time without any data of an answer before the request fails, in seconds; 0 for no limit.
    #[arg(long, allow_negative_numbers = true, default_value_t = 120.0, value_name = "SECONDS")]
    pub(crate) stall_timeout: f64,
    /// Maximum number of retries of a request that was refused temporarily (408, 409, 429, 5xx) or got no connection,
    /// before any data of an answer arrived. The pause is the one that the server requests, else 0.5 s, doubled for each
    /// further retry. Latencies count from the first attempt, and the result counts the requests that were retried.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u32>, value_name = "COUNT")]
    pub(crate) retry: u32,
    /// Time that a run waits at its end for requests in flight, in seconds; 0 cancels them at once.
    #[arg(long, allow_negative_numbers = true, default_value_t = 60.0, value_name = "SECONDS")]
    pub(crate) drain_timeout: f64,
    /// Share of failed requests, more than 0 and less than 1, above which a run ends early and no further run starts.
    #[arg(long, allow_negative_numbers = true, value_name = "SHARE")]
    pub(crate) max_error_rate: Option<f64>,
    /// Start the remaining runs even if the server is gone, refuses all requests, or a run had more failures than
    /// --max-error-rate allows.
    #[arg(long)]
    pub(crate) keep_going: bool,
}

impl LoadOptions {
    /// Sets the fields of `spec` that do not change the requests: times, limits and the evaluation.
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
