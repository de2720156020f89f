//! What a model says, wrapped in events that are the same for all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::ServerTime;
use genai_bench_core::record::Usage;
use memchr::memmem;
use serde::Deserialize;

use super::super::usage;
use crate::wire::fields::{self, Count, Number};
use crate::wire::json;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

/// Reads chunks, whose insides are read by `F`.
pub(super) struct Reader<F> {
    take: F,
    /// The inside of the last chunk, so that its memory is used again.
    inside: Vec<u8>,
}

#[derive(Debug, Deserialize)]
struct Chunk<'a> {
    /// JSON in base64.
    #[serde(borrow)]
    bytes: Option<Text<'a>>,
}

impl<F> Reader<F>
where
    F: FnMut(&[u8], &mut Events<'_>) -> Result<Progress, DecodeError>,
{
    pub(super) fn new(take: F) -> Self {
        Self { take, inside: Vec::new() }
    }

    /// Reads one event.
    pub(super) fn read_event(
        &mut self,
        kind: &str,
        payload: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        let malformed = |what: String| DecodeError::Malformed(what.into());
        let chunk: Option<Chunk<'_>> = match kind {
            "chunk" => Some(json::parse(payload)?),
            _ => None,
        };
        let Some(bytes) = chunk.and_then(|it| it.bytes) else {
            events.skipped();
            return Ok(Progress::More);
        };
        self.inside.clear();
        let decoded = STANDARD.decode_vec(bytes.as_str(), &mut self.inside);
        decoded.map_err(|it| malformed(format!("a chunk that is no base64: {it}")))?;
        let progress = (self.take)(&self.inside, events)?;
        report_metrics(&self.inside, events)?;
        Ok(progress)
    }
}

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
pub(super) fn report_metrics(json: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
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
