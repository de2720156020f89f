//! What can be typed. Names are those of the Python tool; order means nothing, and nothing is asked for.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use genai_bench_backends::registry::ENTRIES;
use genai_bench_core::experiment::TimeUnit;
use genai_bench_core::plan::ExperimentSpec;
use genai_bench_core::task::Task;

use crate::failure::Failure;

/// The backend that needs no server.
pub(crate) const SIMULATED: &str = "simulated";
/// Levels of a sweep when none are given: the Python tool's.
const LEVELS: [u32; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/// Scenarios of text when none are given: the Python tool's.
const SCENARIOS: [&str; 5] =
    ["N(480,240)/(300,150)", "D(100,100)", "D(100,1000)", "D(2000,200)", "D(7800,200)"];

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten, next_help_heading = "Server")]
    pub(crate) server: ServerOptions,
    #[command(flatten, next_help_heading = "Workload")]
    pub(crate) workload: WorkloadOptions,
    #[command(flatten, next_help_heading = "Load")]
    pub(crate) load: LoadOptions,
    #[command(flatten, next_help_heading = "Results")]
    pub(crate) results: ResultOptions,
    /// Do not send a request first to see whether the server answers.
    #[arg(long, help_heading = "Server")]
    pub(crate) skip_preflight: bool,
    /// Open a connection for every request, as the Python tool does. Found out by itself where the server closes
    /// connections after each answer.
    #[arg(long, help_heading = "Server")]
    pub(crate) no_keep_alive: bool,
    /// How long a connection may take to be made, in seconds.
    #[arg(
        long,
        allow_negative_numbers = true,
        default_value_t = 10.0,
        value_name = "SECONDS",
        help_heading = "Server"
    )]
    pub(crate) connect_timeout: f64,
}

#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// What the server speaks.
    #[arg(long, value_parser = backend_names(), ignore_case = true)]
    pub(crate) api_backend: Option<String>,
    /// Where the server is, with or without /v1.
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: Option<String>,
    /// The key, if the server wants one. Else MODEL_API_KEY is used, and for openai also OPENAI_API_KEY.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,
    /// The same as --api-key.
    #[arg(long, value_name = "KEY")]
    pub(crate) model_api_key: Option<String>,
    /// The model to ask for.
    #[arg(long, value_name = "NAME")]
    pub(crate) api_model_name: Option<String>,
    /// A header added to every request. May be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<String>,
    /// A JSON object of fields added to every request, in place of ours where the name is the same.
    #[arg(long, value_name = "JSON")]
    pub(crate) additional_request_params: Option<String>,
    /// Ask for token counts on every chunk, where the server knows that: vLLM and SGLang do.
    #[arg(long)]
    pub(crate) continuous_usage_stats: bool,
    /// The field that names the largest number of output tokens: max_completion_tokens or max_tokens. By default
    /// the first for openai, the second for the others.
    #[arg(long, value_name = "FIELD", value_parser = ["max_completion_tokens", "max_tokens"])]
    pub(crate) length_field: Option<String>,
    /// Whether to send ignore_eos and min_tokens, so that answers have the wanted length. By default to vLLM and
    /// SGLang, not to openai.
    #[arg(long, value_name = "BOOL")]
    pub(crate) ignore_eos: Option<bool>,
    /// Settings of the simulated server, as a JSON object: see `genai-bench simulate --help`.
    #[arg(long, value_name = "JSON")]
    pub(crate) simulator_settings: Option<String>,
    /// What serves the model, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_engine: Option<String>,
    /// Its version, for the record.
    #[arg(long, value_name = "VERSION")]
    pub(crate) server_version: Option<String>,
    /// The GPUs it has, for the record.
    #[arg(long, value_name = "NAME")]
    pub(crate) server_gpu_type: Option<String>,
    /// How many GPUs it has, for the record.
    #[arg(long, value_name = "COUNT")]
    pub(crate) server_gpu_count: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct WorkloadOptions {
    /// The kind of work.
    #[arg(long, default_value_t = Task::TextToText, value_parser = str::parse::<Task>)]
    pub(crate) task: Task,
    /// Which kind of text request.
    #[arg(long, value_enum, default_value_t = Endpoint::Chat)]
    pub(crate) endpoint: Endpoint,
    /// How long prompts and answers are: D(in,out), N(mean_in,sd_in)/(mean_out,sd_out) or
    /// U(min_in,max_in)/(min_out,max_out), in tokens. May be given several times.
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) traffic_scenario: Vec<String>,
    /// A tokenizer.json or a folder that holds one; 'words' or nothing for the built-in tokenizer.
    #[arg(long, value_name = "PATH")]
    pub(crate) model_tokenizer: Option<String>,
    /// What all randomness comes from: the same seed sends the same requests.
    #[arg(long, allow_negative_numbers = true, default_value_t = 42)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct LoadOptions {
    /// How many requests at a time. May be given several times, for a sweep.
    #[arg(long, allow_negative_numbers = true, value_name = "COUNT")]
    pub(crate) num_concurrency: Vec<u32>,
    /// How many requests a run sends at most.
    #[arg(long, allow_negative_numbers = true, value_name = "COUNT")]
    pub(crate) max_requests_per_run: Option<u64>,
    /// How long a run sends at most, in minutes; fractions are fine.
    #[arg(long, allow_negative_numbers = true, value_name = "MINUTES")]
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
    /// How long a request may take, in seconds.
    #[arg(long, allow_negative_numbers = true, value_name = "SECONDS")]
    pub(crate) request_timeout: Option<f64>,
    /// For how long nothing may come of an answer, in seconds.
    #[arg(long, allow_negative_numbers = true, value_name = "SECONDS")]
    pub(crate) stall_timeout: Option<f64>,
    /// How long a run waits for what is still in flight at its end, in seconds.
    #[arg(long, allow_negative_numbers = true, default_value_t = 60.0, value_name = "SECONDS")]
    pub(crate) drain_timeout: f64,
}

#[derive(Debug, Args)]
pub(crate) struct ResultOptions {
    /// The name of the folder for results; made of backend, model and time when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) experiment_folder_name: Option<String>,
    /// Where that folder is made.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) experiment_base_dir: Option<PathBuf>,
    /// What times in result files are counted in: s or ms.
    #[arg(long, default_value_t = TimeUnit::Seconds, value_parser = str::parse::<TimeUnit>)]
    pub(crate) metrics_time_unit: TimeUnit,
    /// The model's name for people; the last part of the tokenizer's or the model's own when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
}

/// Which kind of text request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Endpoint {
    /// A conversation: the server puts its chat template around the prompt.
    Chat,
    /// A bare text to continue.
    Completions,
}

fn backend_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ENTRIES.iter().map(|it| it.name))
}

impl Options {
    /// Fills in what was not said, or names every option that has to be.
    pub(crate) fn with_defaults(mut self) -> Result<Self, Failure> {
        if self.is_simulated() {
            self.sweep_a_few_seconds_each();
        }
        let limited = self.load.max_requests_per_run.is_some() || self.load.max_time_per_run.is_some();
        let missing: Vec<&str> = [
            (self.server.api_backend.is_none(), "--api-backend (such as openai, vllm, sglang or simulated)"),
            (self.server.api_model_name.is_none(), "--api-model-name (the model to ask for)"),
            (!limited, "--max-time-per-run (minutes) or --max-requests-per-run"),
        ]
        .into_iter()
        .filter_map(|(is_missing, option)| is_missing.then_some(option))
        .collect();
        if !missing.is_empty() {
            return Err(Failure::Usage(format!("these options are needed:\n  {}", missing.join("\n  "))));
        }
        if self.workload.traffic_scenario.is_empty() {
            self.workload.traffic_scenario = SCENARIOS.map(str::to_owned).to_vec();
        }
        if self.load.num_concurrency.is_empty() {
            self.load.num_concurrency = LEVELS.to_vec();
        }
        Ok(self)
    }

    /// The backend's name.
    pub(crate) fn backend(&self) -> &str {
        self.server.api_backend.as_deref().unwrap_or_default()
    }

    /// The model to ask for.
    pub(crate) fn api_model(&self) -> &str {
        self.server.api_model_name.as_deref().unwrap_or_default()
    }

    /// Whether the server is the simulator.
    pub(crate) fn is_simulated(&self) -> bool {
        self.backend().eq_ignore_ascii_case(SIMULATED)
    }

    /// What is to be run.
    pub(crate) fn spec(&self) -> ExperimentSpec {
        let mut spec = ExperimentSpec::default();
        spec.task = self.workload.task;
        spec.traffic_scenario = self.workload.traffic_scenario.clone();
        spec.num_concurrency = self.load.num_concurrency.clone();
        spec.max_requests_per_run = self.load.max_requests_per_run;
        spec.max_time_per_run_s = self.load.max_time_per_run.map(|minutes| minutes * 60.0);
        spec.warmup_ratio = self.load.warmup_ratio;
        spec.cooldown_ratio = self.load.cooldown_ratio;
        spec.spawn_rate = self.load.spawn_rate;
        spec.request_timeout_s = self.load.request_timeout;
        spec.stall_timeout_s = self.load.stall_timeout;
        spec.drain_timeout_s = self.load.drain_timeout;
        spec.seed = self.workload.seed;
        spec
    }

    /// The sweep of someone who wants to see what this is: short, with a knee in it.
    fn sweep_a_few_seconds_each(&mut self) {
        self.server.api_model_name.get_or_insert_with(|| SIMULATED.to_owned());
        if self.workload.traffic_scenario.is_empty() {
            self.workload.traffic_scenario = ["D(100,25)", "N(1000,200)/(25,5)"].map(str::to_owned).to_vec();
        }
        if self.load.num_concurrency.is_empty() {
            self.load.num_concurrency = vec![1, 8, 64];
        }
        if self.load.max_time_per_run.is_none() && self.load.max_requests_per_run.is_none() {
            self.load.max_time_per_run = Some(6.0 / 60.0);
        }
    }
}
