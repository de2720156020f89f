//! Conversations of several turns.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

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
