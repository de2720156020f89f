//! Prompts that begin alike, for servers that cache prefixes.

use std::num::NonZeroU32;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::option_values;

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
