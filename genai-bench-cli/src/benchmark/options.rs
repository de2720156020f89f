//! The options of `genai-bench benchmark`. Their names are those of the Python tool, and their order has no effect.

use std::path::PathBuf;

use clap::Args;
use genai_bench_core::experiment::TimeUnit;
use genai_bench_core::task::Task;

use crate::failure::Failure;
use crate::load_options::LoadOptions;
use crate::workload::{self, LockedOption, WorkloadOptions};

mod python_tool;
mod server;

pub(crate) use python_tool::PythonToolOptions;
pub(crate) use server::ServerOptions;

/// The name of the backend that needs no server.
pub(crate) const SIMULATED: &str = "simulated";

/// The options of `genai-bench benchmark`.
#[derive(Debug, Args)]
#[command(after_help = workload::default_scenarios())]
pub(crate) struct Options {
    #[command(flatten, next_help_heading = "Server")]
    pub(crate) server: ServerOptions,
    #[command(flatten, next_help_heading = "Workload")]
    pub(crate) workload: WorkloadOptions,
    #[command(flatten)]
    pub(crate) locked: LockedOption,
    #[command(flatten, next_help_heading = "Load")]
    pub(crate) load: LoadOptions,
    #[command(flatten, next_help_heading = "Results")]
    pub(crate) results: ResultOptions,
    /// Do not send requests before the first run to test the server.
    #[arg(long, help_heading = "Server")]
    pub(crate) skip_preflight: bool,
    /// Maximum time to wait until the server is ready, in seconds: a request is sent every second until the port is open
    /// and the status of the answer is none of 502, 503, 504 and 529. The preflight follows, unless --skip-preflight is
    /// given.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, help_heading = "Server")]
    pub(crate) wait_for_server: Option<f64>,
    /// Open a connection for every request, as the Python tool does. Set automatically if the server closes connections
    /// after each answer.
    #[arg(long, help_heading = "Server")]
    pub(crate) no_keep_alive: bool,
    /// Maximum time to open a connection, in seconds.
    #[arg(
        long,
        allow_negative_numbers = true,
        default_value_t = 10.0,
        value_name = "SECONDS",
        help_heading = "Server"
    )]
    pub(crate) connect_timeout: f64,
    #[command(flatten, next_help_heading = "Options of the Python tool without effect")]
    pub(crate) python_tool: PythonToolOptions,
}

impl Options {
    /// Sets options that are not given to their defaults.
    ///
    /// # Errors
    ///
    /// Returns an error that names all missing options that have no default.
    pub(crate) fn with_defaults(mut self) -> Result<Self, Failure> {
        let is_locked = self.locked.workload.is_some();
        if self.is_simulated() && !is_locked {
            self.sweep_a_few_seconds_each();
        }
        let load = &self.load;
        let limits = [load.max_requests_per_run, load.max_sessions_per_run];
        let has_limit = limits.iter().any(Option::is_some) || load.max_time_per_run.is_some();
        let has_model = self.server.backend.api_model_name.is_some() || self.workload.model_mix.is_some();
        let ends_by_itself = is_locked || self.workload.trace.trace.is_some();
        let missing: Vec<&str> = [
            (
                self.server.backend.api_backend.is_none(),
                "--api-backend (such as openai, vllm, sglang or simulated)",
            ),
            (!has_model && !is_locked, "--api-model-name (the name of the model in requests)"),
            (!has_limit && !ends_by_itself, "--max-time-per-run (minutes) or --max-requests-per-run"),
        ]
        .into_iter()
        .filter_map(|(is_missing, option)| is_missing.then_some(option))
        .collect();
        if !missing.is_empty() {
            return Err(Failure::Usage(format!("these options are needed:\n  {}", missing.join("\n  "))));
        }
        workload::with_defaults(&mut self.workload, &mut self.load);
        Ok(self)
    }

    /// Returns the name of the backend.
    pub(crate) fn backend(&self) -> &str {
        self.server.backend.api_backend.as_deref().unwrap_or_default()
    }

    /// Returns the name of the model in requests.
    pub(crate) fn api_model(&self) -> &str {
        self.server.backend.api_model_name.as_deref().unwrap_or_default()
    }

    /// Returns `true` if the server is the simulator.
    pub(crate) fn is_simulated(&self) -> bool {
        self.backend().eq_ignore_ascii_case(SIMULATED)
    }

    /// Sets the defaults for the simulator: a short sweep that includes an overloaded server.
    fn sweep_a_few_seconds_each(&mut self) {
        self.server.backend.api_model_name.get_or_insert_with(|| SIMULATED.to_owned());
        let is_text = self.workload.task == Task::TextToText;
        let has_lengths = self.workload.dataset.is_given() || self.workload.trace.trace.is_some();
        if self.workload.traffic_scenario.is_empty() && is_text && !has_lengths {
            self.workload.traffic_scenario = ["D(100,25)", "N(1000,200)/(25,5)"].map(str::to_owned).to_vec();
        }
        let takes_batches = self.workload.task.takes_batches();
        if self.load.num_concurrency.is_empty() && !takes_batches && self.workload.trace.trace.is_none() {
            self.load.num_concurrency = vec![1, 8, 48];
        }
        let load = &self.load;
        let limits = [load.max_requests_per_run, load.max_sessions_per_run];
        if load.max_time_per_run.is_none() && limits.iter().all(Option::is_none) {
            self.load.max_time_per_run = Some(6.0 / 60.0);
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ResultOptions {
    /// Name of the folder for results. Default: a name of backend, model and time.
    #[arg(long, value_name = "NAME")]
    pub(crate) experiment_folder_name: Option<String>,
    /// Folder in which the folder for results is created. Default: the working directory.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) experiment_base_dir: Option<PathBuf>,
    /// Folder for the log file genai_bench.log; an existing file is appended to. GENAI_BENCH_LOGGING_LEVEL sets the level:
    /// DEBUG, INFO (default), WARNING, ERROR or CRITICAL.
    #[arg(long, value_name = "DIR")]
    pub(crate) log_dir: Option<PathBuf>,
    /// Unit of times in result files: s or ms.
    #[arg(long, default_value_t = TimeUnit::Seconds, value_parser = str::parse::<TimeUnit>)]
    pub(crate) metrics_time_unit: TimeUnit,
    /// Display name of the model. Default: the last part of --api-model-name.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
}
