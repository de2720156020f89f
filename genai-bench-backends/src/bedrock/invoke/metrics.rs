//! What the service itself counts, and how long it took, whatever the model says.

use genai_bench_core::event::{Events, Usage};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::trace::ServerTime;
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
    first_byte_latency: Option<f64>,
    invocation_latency: Option<f64>,
}

/// Tells of the counts and the times, which are in milliseconds, in a chunk, if there are any.
pub(super) fn tell(json: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    // Nothing is parsed twice but the last chunk.
    if memmem::find(json, FIELD.as_bytes()).is_none() {
        return Ok(());
    }
    if let Some(metrics) = whole::parse::<Last>(json)?.metrics {
        events.server_time(ServerTime::in_ms(metrics.first_byte_latency, metrics.invocation_latency));
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
