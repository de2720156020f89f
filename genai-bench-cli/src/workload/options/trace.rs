//! Recorded traffic.

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

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
