//! The text of chats and completions: the request, and the answer, complete before its first byte is
//! written.

mod stream;

use bytes::Bytes;

use self::stream::TextStream;
use crate::simulator::api::fields::Fields;
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::Output;
use crate::simulator::planned_response::{PlannedResponse, RequestContext, unix_seconds};
use crate::simulator::prompt::CachedTokens;
use crate::simulator::settings::UsageMode;
use crate::simulator::tokens::words;

/// The maximum number of tokens in one request.
const MAX_TOKENS: u64 = 1 << 20;

/// The number of output tokens of a request without a limit.
const DEFAULT_TOKENS: u64 = 16;

/// The options of a request for text.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Text {
    pub(super) output_tokens: u64,
    /// The number of reasoning tokens before the answer, within the limit of the output.
    pub(super) reasoning_tokens: u64,
    pub(super) include_usage: bool,
    pub(super) continuous_usage: bool,
}

impl Text {
    /// Parses the options of a text whose length is the first of the fields `limits` that is there.
    pub(super) fn read(
        fields: &Fields,
        limits: &[&'static str],
        reasoning_tokens: u64,
    ) -> Result<Self, ErrorResponse> {
        let limit = limits.iter().find(|name| fields.get(name).is_some()).or(limits.last());
        let output_tokens =
            limit.map_or(Ok(DEFAULT_TOKENS), |name| fields.number(name, 1..=MAX_TOKENS, DEFAULT_TOKENS))?;
        Ok(Self {
            output_tokens,
            reasoning_tokens: reasoning_tokens.min(output_tokens),
            include_usage: stream_option(fields, "include_usage"),
            continuous_usage: stream_option(fields, "continuous_usage_stats"),
        })
    }
}

/// Returns a member of `stream_options`; `false` where it is absent.
fn stream_option(fields: &Fields, name: &str) -> bool {
    fields.get("stream_options").and_then(|options| options.get(name)?.as_bool()).unwrap_or_default()
}

/// Constant JSON before and after a variable part.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Enclosing(pub(super) &'static str, pub(super) &'static str);

/// The constant JSON of one endpoint. Nothing is serialized while an answer is streamed: its chunks are
/// composed of these parts.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct TextFormat {
    /// The prefix of ids.
    pub(super) id: &'static str,
    /// The `object` of a chunk.
    pub(super) chunk_object: &'static str,
    /// The `object` of a response that is not streamed.
    pub(super) whole_object: &'static str,
    /// The choice in the first chunk, where there is one before the output.
    pub(super) role: Option<&'static str>,
    /// The choice in a chunk, around reasoning.
    pub(super) reasoning: Enclosing,
    /// The choice in a chunk, around text.
    pub(super) answer: Enclosing,
    /// The choice in the chunk with the finish reason.
    pub(super) finish: &'static str,
    /// The choice of a response that is not streamed, around the two below.
    pub(super) whole: Enclosing,
    /// The member of `whole` for reasoning, left out when there is none.
    pub(super) whole_reasoning: Enclosing,
    /// The member of `whole` for text.
    pub(super) whole_answer: Enclosing,
}

/// The usage member in the chunks of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChunkUsage {
    /// In no chunk.
    Absent,
    /// Only in a chunk of its own; it is `null` in the others.
    Last,
    /// In every chunk.
    Every,
}

/// One answer: its text and its format.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) shape: &'static TextFormat,
    /// The beginning of every JSON object of this answer, up to its choices.
    pub(super) head: String,
    pub(super) input_tokens: u64,
    /// The number of tokens, of which the first `reasoning_tokens` are reasoning.
    pub(super) output_tokens: u64,
    pub(super) reasoning_tokens: u64,
    pub(super) tokens_per_chunk: u64,
    pub(super) usage: ChunkUsage,
    /// The number of cached tokens, or `None` when prompts are not cached: then usage does not report it.
    pub(super) cached: Option<CachedTokens>,
}

impl Answer {
    pub(super) fn new(context: &RequestContext<'_>, shape: &'static TextFormat, text: Text) -> Self {
        let settings = context.settings;
        let usage = match settings.usage {
            UsageMode::EveryChunk => ChunkUsage::Every,
            UsageMode::Last if !context.stream || text.continuous_usage => ChunkUsage::Every,
            UsageMode::Last if text.include_usage => ChunkUsage::Last,
            UsageMode::Last | UsageMode::Never => ChunkUsage::Absent,
        };
        let object = if context.stream { shape.chunk_object } else { shape.whole_object };
        Self {
            shape,
            head: head(shape.id, context.number, object, context.model),
            input_tokens: context.input_tokens,
            output_tokens: text.output_tokens,
            reasoning_tokens: text.reasoning_tokens,
            tokens_per_chunk: u64::from(settings.tokens_per_chunk.get()),
            usage,
            cached: context.cached.clone(),
        }
    }

    /// Returns the response, streamed or in one piece as the request has it.
    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        if context.stream {
            return PlannedResponse::events(TextStream::new(self, context.fault));
        }
        let output =
            Output { tokens: self.output_tokens, reasoning_tokens: self.reasoning_tokens, audio_bytes: 0 };
        PlannedResponse::json(self.chunks(), output, move || self.whole())
    }

    /// Returns the number of chunks with output in a stream of the answer.
    pub(super) fn chunks(&self) -> u64 {
        let answer = self.output_tokens - self.reasoning_tokens;
        self.reasoning_tokens.div_ceil(self.tokens_per_chunk) + answer.div_ceil(self.tokens_per_chunk)
    }

    /// Returns the whole answer in one JSON object.
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

    /// Returns the member `usage`, after the first `written` tokens of output.
    pub(super) fn usage_after(&self, written: u64) -> String {
        let (input, total, reasoning) =
            (self.input_tokens, self.input_tokens + written, written.min(self.reasoning_tokens));
        let mut usage = format!(
            r#","usage":{{"prompt_tokens":{input},"completion_tokens":{written},"total_tokens":{total},"completion_tokens_details":{{"reasoning_tokens":{reasoning}}}}}"#
        );
        if let Some(cached) = &self.cached {
            usage.pop();
            usage += &format!(r#","prompt_tokens_details":{{"cached_tokens":{}}}}}"#, cached.get());
        }
        usage
    }
}

fn head(id: &str, number: u64, object: &str, model: &str) -> String {
    let created = unix_seconds();
    let model = serde_json::Value::from(model);
    format!(r#"{{"id":"{id}-{number}","object":"{object}","created":{created},"model":{model},"choices":["#)
}
