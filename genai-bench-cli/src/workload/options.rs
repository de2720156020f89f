//! What is sent, as a person types it. The same options make a benchmark and a workload lock.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use genai_bench_core::task::Task;
use serde::{Deserialize, Serialize};

use super::hub::HubAccess;
use crate::option_values;

mod dataset;

pub(crate) use dataset::DatasetOptions;

/// What is sent.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct WorkloadOptions {
    /// The kind of work.
    #[arg(long, default_value_t = Task::TextToText, value_parser = str::parse::<Task>)]
    pub(crate) task: Task,
    /// Which kind of text request.
    #[arg(long, value_enum, default_value_t = Endpoint::Chat)]
    pub(crate) endpoint: Endpoint,
    /// How long, or how large, requests and answers are: D(in,out), N(mean_in,sd_in)/(mean_out,sd_out) or
    /// U(min_in,max_in)/(min_out,max_out) in tokens, E(document), R(document,query), I(width,height,count),
    /// V(width,height,frames), A(characters), or dataset. May be given several times. Default: 'dataset' where one is
    /// given, else the scenarios of the task that stand at the end of this help.
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) traffic_scenario: Vec<String>,
    /// A tokenizer.json or tekken.json, a folder that holds one, or the name of a model on the hub; o200k_base,
    /// cl100k_base, or 'words' are built in, the last one stands when nothing is said.
    #[arg(long, value_name = "PLACE")]
    pub(crate) model_tokenizer: Option<String>,
    /// What the server adds to each prompt, such as its chat template, in tokens: 'auto' asks the server, 'template'
    /// asks the tokenizer's own chat template, or a number. Prompts are then so much shorter, so that the server counts
    /// what the scenario says; with --turns the first message is so much shorter, and each further one by what the
    /// tokenizer's template adds for a turn, where that is known. When not given, prompts of chats themselves have the
    /// scenario's length, and those of completions are shorter by what the tokenizer adds to a text, such as a token
    /// that marks its beginning.
    #[arg(long, value_name = "TOKENS")]
    pub(crate) prompt_overhead: Option<String>,
    /// Send the same prompts in every run of a scenario. Otherwise no run finds its prompts in the server's cache.
    #[arg(long)]
    pub(crate) same_prompts: bool,
    /// Several models under one load, such as adapters: NAME or NAME=WEIGHT with commas between. In place of
    /// --api-model-name, session by session.
    #[arg(long, value_name = "MODELS")]
    pub(crate) model_mix: Option<String>,
    /// In which order the models of --model-mix take turns.
    #[arg(long, value_enum, default_value_t = MixOrderOption::Weighted)]
    pub(crate) model_mix_order: MixOrderOption,
    /// Seed of all randomness: the same seed sends the same requests again. A fresh one is drawn, printed and recorded
    /// when not given, so that no prompt is in the server's cache from an earlier benchmark.
    #[arg(long, allow_negative_numbers = true, value_name = "NUMBER")]
    pub(crate) seed: Option<u64>,
    /// Whether the hub is asked for what the options name; a lock does not say.
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
    /// The seed, which `with_defaults` has drawn where none was given.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or_default()
    }
}

/// A workload that has been locked, in place of all options above.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LockedOption {
    /// A file that `genai-bench workload make` wrote: it is sent again byte for byte, with its scenarios, levels and
    /// limits. --dataset-path, --dataset-config, --trace and --model-tokenizer beside it name other places of what it was made
    /// from.
    #[arg(long, value_name = "FILE", help_heading = "Workload", conflicts_with_all = LOCKED)]
    pub(crate) workload: Option<PathBuf>,
}

/// What a lock has decided already.
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

/// Which kind of text request.
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

/// In which order models take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MixOrderOption {
    /// By chance, as often as their weights say.
    Weighted,
    /// One after the other, session by session.
    RoundRobin,
}

/// Prompts that begin alike.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct PrefixOptions {
    /// How many tokens prompts have in common at their beginning.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<u64>, value_name = "TOKENS", conflicts_with = "prefix_ratio")]
    pub(crate) prefix_len: Option<u64>,
    /// Which share of each prompt is in common, from 0 to less than 1.
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) prefix_ratio: Option<f64>,
    /// How many different beginnings there are.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<NonZeroU32>, value_name = "COUNT", default_value = "1")]
    pub(crate) num_prefixes: NonZeroU32,
    /// How often each is used: uniform, or zipf(EXPONENT) for a few that are used most.
    #[arg(long, value_name = "NAME", default_value = "uniform")]
    pub(crate) prefix_popularity: String,
}

/// Conversations of several turns.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct SessionOptions {
    /// How many turns a conversation has: a number, or a range such as 2-8. The scenario says how long each message
    /// and each answer is.
    #[arg(long, value_name = "COUNT")]
    pub(crate) turns: Option<String>,
    /// How long the user thinks before each turn after the first, in seconds.
    #[arg(long, value_name = "SECONDS", allow_negative_numbers = true, default_value_t = 0.0)]
    pub(crate) think_time: f64,
    /// What the model is said to have answered before: what it did answer, or what the workload or dataset says.
    #[arg(long, value_enum, default_value_t = HistoryOption::Live)]
    pub(crate) history: HistoryOption,
}

/// What the model is said to have answered before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HistoryOption {
    /// What it did answer.
    Live,
    /// What the workload or dataset says.
    Recorded,
}

/// Recorded traffic.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct TraceOptions {
    /// A recording to send again at its times and lengths: JSONL of Mooncake, of agents in Mooncake's fields or of
    /// Bailian, the CSV of the Azure LLM traces or of BurstGPT, or JSONL with arrival_s, input and output. Results are
    /// filed as trace:NAME, by the name of the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Format of the recording: mooncake, mooncake-agentic, bailian, azure, burstgpt or plain. Found out from its first
    /// line when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) trace_format: Option<String>,
    /// How many times as fast as it was.
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true, default_value_t = 1.0)]
    pub(crate) trace_speed: f64,
    /// Which part of the recording, in seconds from its beginning: FROM-TO.
    #[arg(long, value_name = "FROM-TO")]
    pub(crate) trace_window: Option<String>,
    /// Number of tokens that each of the hash_ids stands for. When not given, 512, for bailian 16, or the one that
    /// fits the lengths of all rows.
    #[arg(long, value_name = "TOKENS")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_block_size: Option<NonZeroU64>,
    /// Unit of the times of the recording: s or ms. When not given, that of its format: ms for mooncake and
    /// mooncake-agentic, s for the others.
    #[arg(long, value_name = "UNIT")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trace_time_unit: Option<String>,
}

/// Pictures and videos to look at.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct MediaOptions {
    /// How pictures are written.
    #[arg(long, value_enum, default_value_t = ImageFormat::Jpeg)]
    pub(crate) image_format: ImageFormat,
    /// The quality of JPEG pictures, from 1 to 100.
    #[arg(long, value_name = "QUALITY", default_value_t = 85, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub(crate) image_quality: u8,
    /// How videos are put into files. jpeg-frames is a list of pictures, which some servers read.
    #[arg(long, value_enum, default_value_t = VideoFormat::Mp4)]
    pub(crate) video_format: VideoFormat,
    /// How many frames a second videos are shown at.
    #[arg(long, value_name = "FRAMES", allow_negative_numbers = true, default_value_t = 2.0)]
    pub(crate) video_fps: f64,
    /// How many different pictures or videos of one size are made, before the run.
    #[arg(long, allow_negative_numbers = true, value_parser = option_values::parse_whole::<usize>, value_name = "COUNT", default_value_t = 64)]
    pub(crate) distinct_media: usize,
}

/// How pictures are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ImageFormat {
    /// With loss, as cameras do.
    Jpeg,
    /// Without loss.
    Png,
}

/// How videos are put into files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum VideoFormat {
    /// Motion JPEG in MP4.
    Mp4,
    /// Motion JPEG in AVI.
    Avi,
    /// JPEG pictures with commas between.
    JpegFrames,
}
