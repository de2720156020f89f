//! What the service itself counts, whatever the model says.
//!
//! Its latencies are left alone: there is no place for a server's own times in a trace.

use genai_bench_core::event::{Events, Usage};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::units::Tokens;
use memchr::memmem;
use serde::Deserialize;

use super::super::usage;
use crate::wire::whole;

/// On the last chunk.
const FIELD: &str = "amazon-bedrock-invocationMetrics";

#[derive(Debug, Deserialize)]
struct Last {
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    metrics: Option<Metrics>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    input_token_count: Option<u64>,
    output_token_count: Option<u64>,
    cache_read_input_token_count: Option<u64>,
    cache_write_input_token_count: Option<u64>,
}

/// Tells of the counts in a chunk, if there are any.
pub(super) fn tell(json: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    // Nothing is parsed twice but the last chunk.
    if memmem::find(json, FIELD.as_bytes()).is_none() {
        return Ok(());
    }
    if let Some(metrics) = whole::parse::<Last>(json)?.metrics {
        events.usage(metrics.into());
    }
    Ok(())
}

impl From<Metrics> for Usage {
    fn from(metrics: Metrics) -> Self {
        let cached = metrics.cache_read_input_token_count;
        Self {
            input: usage::whole_prompt(
                metrics.input_token_count,
                cached,
                metrics.cache_write_input_token_count,
            ),
            output: metrics.output_token_count.map(Tokens),
            reasoning: None,
            cached: cached.map(Tokens),
        }
    }
}
