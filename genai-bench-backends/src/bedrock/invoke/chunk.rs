//! What a model says, wrapped in events that are the same for all.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::metrics;
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
    pub(super) fn take(
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
        metrics::tell(&self.inside, events)?;
        Ok(progress)
    }
}
