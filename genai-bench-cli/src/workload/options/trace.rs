//! Recorded traffic.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

/// Recorded traffic.
#[derive(Clone, Debug, Args, Serialize, Deserialize)]
pub(crate) struct TraceOptions {
    /// A recording to send again at its times and lengths: Mooncake JSONL, the CSV of the Azure LLM traces or of
    /// BurstGPT, or JSONL with arrival_s, input and output. Results are filed as trace:NAME, by the name of the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// What the recording is: mooncake, azure, burstgpt or plain. Found out by itself when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) trace_format: Option<String>,
    /// How many times as fast as it was.
    #[arg(long, value_name = "FACTOR", allow_negative_numbers = true, default_value_t = 1.0)]
    pub(crate) trace_speed: f64,
    /// Which part of the recording, in seconds from its beginning: FROM-TO.
    #[arg(long, value_name = "FROM-TO")]
    pub(crate) trace_window: Option<String>,
}
