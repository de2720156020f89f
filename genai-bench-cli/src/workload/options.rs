//! Options for the workload, shared by `benchmark` and `workload make`.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use genai_bench_core::task::Task;
use serde::{Deserialize, Serialize};

use super::hub::HubAccess;
use crate::option_values;

mod dataset;

pub(crate) use dataset::DatasetOptions;

/// The options for the workload.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct WorkloadOptions {
    /// Task, which sets the types of input and output.
    #[arg(long, default_value_t = Task::TextToText, value_parser = str::parse::<Task>)]
    pub(crate) task: Task,
    /// API for text requests.
    #[arg(long, value_enum, default_value_t = Endpoint::Chat)]
    pub(crate) endpoint: Endpoint,
    /// Lengths or sizes of requests and answers: D(in,out), N(mean_in,sd_in)/(mean_out,sd_out) or
    /// U(min_in,max_in)/(min_out,max_out) in tokens, E(document), R(document,query), I(width,height,count),
    /// V(width,height,frames), A(characters), or dataset; may be given several times. Default: 'dataset' if one is given,
    /// else the scenarios of the task at the end of this help.
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) traffic_scenario: Vec<String>,
    /// Tokenizer of the model: a tokenizer.json or tekken.json, a folder that contains one, the name of a model on the hub,
    /// or one of the built-in o200k_base, cl100k_base and words. Default: words.
    #[arg(long, value_name = "PLACE")]
    pub(crate) model_tokenizer: Option<String>,
    /// Number of tokens that the server adds to each prompt, such as those of its chat template: a number, 'auto' to measure
    /// it with two requests, or 'template' to compute it from the tokenizer's chat template. Prompts are shortened by it, so
    /// that the server counts the length of the scenario; with --turns the first message is shortened by it, and each
    /// further one by the tokens that the tokenizer's template adds for a turn, if known. Default: prompts of chats have
    /// the scenario's length, and those of completions are shortened by the tokens that the tokenizer adds to a text, such
    /// as one that marks its beginning.
    #[arg(long, value_name = "TOKENS")]
    pub(crate) prompt_overhead: Option<String>,
    /// Send the same prompts in every run of a scenario. Default: every run has new prompts, which are not in the server's
    /// prefix cache.
    #[arg(long)]
    pub(crate) same_prompts: bool,
    /// Models for a mixed load, such as adapters: NAME or NAME=WEIGHT, separated by commas. Each session uses one of them in
    /// place of --api-model-name.
    #[arg(long, value_name = "MODELS")]
    pub(crate) model_mix: Option<String>,
    /// Order of the models of --model-mix.
    #[arg(long, value_enum, default_value_t = MixOrderOption::Weighted)]
    pub(crate) model_mix_order: MixOrderOption,
    /// Seed of all random numbers: the same seed sends the same requests again. Default: a new seed, which is printed and
    /// recorded, so that no prompt is in the server's cache from an earlier benchmark.
    #[arg(long, allow_negative_numbers = true, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// The permission to fetch files from the hub, which is not part of a lock.
    #[arg(skip)]
    #[serde(skip)]
    pub(crate) hub: HubAccess,
    #[command(flatten, next_help_heading = "Dataset")]
    #[serde(flatten)]
    pub(crate) dataset: DatasetOptions,
    #[command(flatten, next_help_heading = "Shared prefixes")]
    #[serde(flatten)]
    pub(crate) prefix: PrefixOptions,
    #[command(flatten, next_help_heading = "Sessions")]
    #[serde(flatten)]
    pub(crate) sessions: SessionOptions,
    #[command(flatten, next_help_heading = "Recorded traffic")]
    #[serde(flatten)]
    pub(crate) trace: TraceOptions,
    #[command(flatten, next_help_heading = "Pictures and videos")]
    #[serde(flatten)]
    pub(crate) media: MediaOptions,
}

impl WorkloadOptions {
    /// Returns the seed. `with_defaults` sets it if it is not given.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_default()
    }
}

/// The option for a locked workload, in place of all options above.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LockedOption {
    /// File from `genai-bench workload make`, to send its requests byte for byte, with its scenarios, levels and limits.
    /// --dataset-path, --dataset-config, --trace and --model-tokenizer then give other locations of its inputs.
    #[arg(long, value_name = "FILE", help_heading = "Workload", conflicts_with_all = LOCKED)]
    pub(crate) workload: Option<PathBuf>,
}

/// The options that a lock sets.
const LOCKED: [&str; 37] = [
    "task",
    "endpoint",
    "traffic_scenario",
    "prompt_overhead",
    "same_prompts",
    "model_mix",
    "model_mix_order",
    "seed",
    "dataset_format",
    "dataset_split",
    "dataset_prompt_column",
    "dataset_image_column",
    "dataset_rows",
    "skip_bad_rows",
    "prefix_len",
    "prefix_ratio",
    "num_prefixes",
    "prefix_popularity",
    "turns",
    "think_time",
    "history",
    "trace_format",
    "trace_speed",
    "trace_window",
    "trace_block_size",
    "trace_time_unit",
    "image_format",
    "image_quality",
    "video_format",
    "video_fps",
    "distinct_media",
    "num_concurrency",
    "batch_size",
    "iteration_type",
    "max_requests_per_run",
    "max_sessions_per_run",
    "api_model_name",
];

/// The API for text requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Endpoint {
    /// A conversation: the server puts its chat template around the prompt.
    Chat,
    /// A bare text to continue.
    Completions,
    /// A conversation by the Responses API.
    Responses,
}

/// The order of the models of a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MixOrderOption {
    /// Random, in proportion to their weights.
    Weighted,
    /// One after the other, one session each.
    RoundRobin,
}

/// The options for prompts with shared prefixes.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct PrefixOptions {
    /// Number of tokens at the beginning of prompts that they share.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "TOKENS", conflicts_with = "prefix_ratio")]
    pub(crate) prefix_len: Option<u64>,
    /// Share of each prompt that is the shared prefix, from 0 to less than 1.
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) prefix_ratio: Option<f64>,
    /// Number of different prefixes.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<NonZeroU32>, value_name = "COUNT", default_value = "1")]
    pub(crate) num_prefixes: NonZeroU32,
    /// Distribution of the prefixes over requests: uniform, or zipf(EXPONENT) for a few that are used most.
    #[arg(long, value_name = "NAME", default_value = "uniform")]
    pub(crate) prefix_popularity: String,
}

/// The options for conversations of several turns.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct SessionOptions {
    /// Number of turns of a conversation: a number, or a range such as 2-8. The scenario sets the length of each message
    /// and each answer.
    #[arg(long, value_name = "COUNT")]
    pub(crate) turns: Option<String>,
    /// Think time of the user before each turn after the first, in seconds.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, default_value_t = 0.0)]
    pub(crate) think_time: f64,
    /// Source of the model's earlier answers in the history: the answers of the server, or those of the workload or dataset.
    #[arg(long, value_enum, default_value_t = HistoryOption::Live)]
    pub(crate) history: HistoryOption,
}

/// The source of the model's earlier answers in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HistoryOption {
    /// The answers of the server.
    Live,
    /// The answers of the workload or dataset.
    Recorded,
}

/// The options for recorded traffic.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct TraceOptions {
    /// Recording to replay with its times and lengths: JSONL of Mooncake, of agents in Mooncake's fields or of
    /// Bailian, CSV of the Azure LLM traces or of BurstGPT, or JSONL with arrival_s, input and output. The scenario of the
    /// results is trace:NAME, by the name of the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Format of the recording: mooncake, mooncake-agentic, bailian, azure, burstgpt or plain. Default: detected from its
    /// first line.
    #[arg(long, value_name = "NAME")]
    pub(crate) trace_format: Option<String>,
    /// Speed of the replay relative to the recording.
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true, default_value_t = 1.0)]
    pub(crate) trace_speed: f64,
    /// Part of the recording to replay, in seconds from its beginning: FROM-TO.
    #[arg(long, value_name = "FROM-TO")]
    pub(crate) trace_window: Option<String>,
    /// Number of tokens per entry of hash_ids. Default: 512, for bailian 16, or the one that fits the lengths of all rows.
    #[arg(long, value_name = "TOKENS")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_block_size: Option<NonZeroU64>,
    /// Unit of the times of the recording: s or ms. Default: that of its format, ms for mooncake and mooncake-agentic, s for
    /// the others.
    #[arg(long, value_name = "UNIT")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_time_unit: Option<String>,
}

/// The options for images and videos in prompts.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct MediaOptions {
    /// File format of images.
    #[arg(long, value_enum, default_value_t = ImageFormat::Jpeg)]
    pub(crate) image_format: ImageFormat,
    /// Quality of JPEG images, from 1 to 100.
    #[arg(long, value_name = "QUALITY", default_value_t = 85, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) image_quality: u8,
    /// File format of videos. jpeg-frames is a list of images, which some servers read.
    #[arg(long, value_enum, default_value_t = VideoFormat::Mp4)]
    pub(crate) video_format: VideoFormat,
    /// Frame rate of videos, in frames per second.
    #[arg(long, value_name = "FRAMES", allow_negative_numbers = true, default_value_t = 2.0)]
    pub(crate) video_fps: f64,
    /// Number of different images or videos of one size, which are generated before the run.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<usize>, value_name = "COUNT", default_value_t = 64)]
    pub(crate) distinct_media: usize,
}

/// The file format of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImageFormat {
    /// Lossy, as from cameras.
    Jpeg,
    /// Lossless.
    Png,
}

/// The file format of videos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VideoFormat {
    /// Motion JPEG in MP4.
    Mp4,
    /// Motion JPEG in AVI.
    Avi,
    /// JPEG images, separated by commas.
    JpegFrames,
}
