//! One answer, decided before its first byte is written.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use genai_bench_core::clock;

use super::ask::{Ask, Endpoint};
use super::settings::{Settings, UsageMode};
use super::shape::Shape;
use super::words::words;
use super::{chat, completions};

/// How the chunks of a stream speak of usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkUsage {
    /// Not at all.
    Absent,
    /// Only in a chunk of its own; the others say `null`.
    Last,
    /// All of them.
    Every,
}

/// One answer: what will be said, and in what shape.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) shape: &'static Shape,
    /// The beginning of every JSON object of this answer, up to its choices.
    pub(super) head: String,
    pub(super) input_tokens: u64,
    /// Tokens in all, of which the first `reasoning_tokens` are reasoning.
    pub(super) output_tokens: u64,
    pub(super) reasoning_tokens: u64,
    pub(super) tokens_per_chunk: u64,
    pub(super) usage: ChunkUsage,
}

impl Answer {
    pub(super) fn new(settings: &Settings, ask: &Ask, number: u64) -> Self {
        let (shape, reasoning) = match ask.endpoint {
            Endpoint::Chat => (chat::shape(settings.reasoning_field), u64::from(settings.reasoning_tokens)),
            Endpoint::Completions => (&completions::SHAPE, 0),
        };
        let usage = match settings.usage {
            UsageMode::EveryChunk => ChunkUsage::Every,
            UsageMode::Last if !ask.stream || ask.continuous_usage => ChunkUsage::Every,
            UsageMode::Last if ask.include_usage => ChunkUsage::Last,
            UsageMode::Last | UsageMode::Never => ChunkUsage::Absent,
        };
        let object = if ask.stream { shape.chunk_object } else { shape.whole_object };
        Self {
            shape,
            head: head(shape.id, number, object, &ask.model),
            input_tokens: ask.input_tokens,
            output_tokens: ask.output_tokens,
            reasoning_tokens: reasoning.min(ask.output_tokens),
            tokens_per_chunk: u64::from(settings.tokens_per_chunk.get()),
            usage,
        }
    }

    /// How many chunks with output a stream of it has.
    pub(super) fn chunks(&self) -> u64 {
        let answer = self.output_tokens - self.reasoning_tokens;
        self.reasoning_tokens.div_ceil(self.tokens_per_chunk) + answer.div_ceil(self.tokens_per_chunk)
    }

    /// All of it in one JSON object.
    pub(super) fn whole(&self) -> Bytes {
        let mut json = self.head.clone();
        json += self.shape.whole.0;
        if self.reasoning_tokens > 0 {
            json += self.shape.whole_reasoning.0;
            json.extend(words(0, self.reasoning_tokens));
            json += self.shape.whole_reasoning.1;
        }
        json += self.shape.whole_answer.0;
        json.extend(words(self.reasoning_tokens, self.output_tokens));
        json += self.shape.whole_answer.1;
        json += self.shape.whole.1;
        json += "]";
        if self.usage != ChunkUsage::Absent {
            json += &self.usage_after(self.output_tokens);
        }
        json += "}";
        Bytes::from(json)
    }

    /// The member `usage`, after the first `said` tokens of output.
    pub(super) fn usage_after(&self, said: u64) -> String {
        let (input, total, reasoning) =
            (self.input_tokens, self.input_tokens + said, said.min(self.reasoning_tokens));
        format!(
            r#","usage":{{"prompt_tokens":{input},"completion_tokens":{said},"total_tokens":{total},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}"#
        )
    }
}

fn head(id: &str, number: u64, object: &str, model: &str) -> String {
    let created = created();
    let model = serde_json::Value::from(model);
    format!(r#"{{"id":"{id}-{number}","object":"{object}","created":{created},"model":{model},"choices":["#)
}

/// The time of day, in seconds since 1970.
pub(super) fn created() -> u64 {
    clock::wall().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
