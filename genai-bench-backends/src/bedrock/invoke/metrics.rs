//! What the service itself counts, and how long it took, whatever the model says.

use genai_bench_core::event::{Events, Usage};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::trace::ServerTime;
use memchr::memmem;
use serde::Deserialize;

use super::super::usage;
use crate::wire::fields::{self, Count, Number};
use crate::wire::json;

/// On the last chunk.
const FIELD: &str = "amazon-bedrock-invocationMetrics";

#[derive(Debug, Deserialize)]
struct Last {
    #[serde(rename = "amazon-bedrock-invocationMetrics")]
    #[serde(default, deserialize_with = "fields::object_or_none")]
    metrics: Option<Metrics>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    input_token_count: Count,
    output_token_count: Count,
    cache_read_input_token_count: Count,
    cache_write_input_token_count: Count,
    first_byte_latency: Number,
    invocation_latency: Number,
}

/// Tells of the counts and the times, which are in milliseconds, in a chunk, if there are any.
pub(super) fn tell(json: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    // Nothing is parsed twice but the last chunk.
    if memmem::find(json, FIELD.as_bytes()).is_none() {
        return Ok(());
    }
    if let Some(metrics) = json::parse::<Last>(json)?.metrics {
        events.server_time(ServerTime::in_ms(
            metrics.first_byte_latency.get(),
            metrics.invocation_latency.get(),
        ));
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
            output: metrics.output_token_count.tokens(),
            reasoning: None,
            cached: cached.tokens(),
        }
    }
}
