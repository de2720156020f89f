//! One answer, decided before its first byte is written.

use std::time::UNIX_EPOCH;

use bytes::Bytes;
use genai_bench_core::clock;

use super::ask::Text;
use super::prefix_cache::CachedTokens;
use super::reply::{Call, Reply};
use super::script::{Output, Script};
use super::settings::UsageMode;
use super::shape::Shape;
use super::words::words;

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
    /// None when prompts are not cached: then usage says nothing of it.
    pub(super) cached: Option<CachedTokens>,
}

impl Answer {
    pub(super) fn new(call: &Call<'_>, shape: &'static Shape, text: Text) -> Self {
        let settings = call.settings;
        let usage = match settings.usage {
            UsageMode::EveryChunk => ChunkUsage::Every,
            UsageMode::Last if !call.stream || text.continuous_usage => ChunkUsage::Every,
            UsageMode::Last if text.include_usage => ChunkUsage::Last,
            UsageMode::Last | UsageMode::Never => ChunkUsage::Absent,
        };
        let object = if call.stream { shape.chunk_object } else { shape.whole_object };
        Self {
            shape,
            head: head(shape.id, call.number, object, call.model),
            input_tokens: call.input_tokens,
            output_tokens: text.output_tokens,
            reasoning_tokens: text.reasoning_tokens,
            tokens_per_chunk: u64::from(settings.tokens_per_chunk.get()),
            usage,
            cached: call.cached.clone(),
        }
    }

    /// The answer, streamed or whole as it was asked for.
    pub(super) fn reply(self, call: &Call<'_>) -> Reply {
        if call.stream {
            return Reply::events(Script::new(self, call.fault));
        }
        let output =
            Output { tokens: self.output_tokens, reasoning_tokens: self.reasoning_tokens, audio_bytes: 0 };
        Reply::json(self.chunks(), output, move || self.whole())
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
        let mut usage = format!(
            r#","usage":{{"prompt_tokens":{input},"completion_tokens":{said},"total_tokens":{total},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}"#
        );
        if let Some(cached) = &self.cached {
            usage.pop();
            usage += &format!(r#","prompt_tokens_details":{{"cached_tokens":{}}}}}"#, cached.get());
        }
        usage
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
