//! Text as chats and completions have it: what is asked for, and the answer, decided before its first byte is written.

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

/// The most tokens one request may ask for.
const MAX_TOKENS: u64 = 1 << 20;

/// The output of a request that does not say how much it wants, in tokens.
const DEFAULT_TOKENS: u64 = 16;

/// How a text is wanted.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Text {
    pub(super) output_tokens: u64,
    /// The reasoning before the answer, of as many tokens if there is room.
    pub(super) reasoning_tokens: u64,
    pub(super) include_usage: bool,
    pub(super) continuous_usage: bool,
}

impl Text {
    /// A text whose length is the first of the fields `limits` that is there.
    pub(super) fn read(
        fields: &Fields,
        limits: &[&'static str],
        reasoning_tokens: u64,
    ) -> Result<Self, ErrorResponse> {
        let limit = limits.iter().find(|name| fields.get(name).is_some()).or(limits.last());
        let output_tokens =
            limit.map_or(Ok(DEFAULT_TOKENS), |name| fields.number(name, 1..=MAX_TOKENS, DEFAULT_TOKENS))?;
        let options = fields.get("stream_options");
        let option = |name| options.and_then(|it| it.get(name)?.as_bool()).unwrap_or_default();
        Ok(Self {
            output_tokens,
            reasoning_tokens: reasoning_tokens.min(output_tokens),
            include_usage: option("include_usage"),
            continuous_usage: option("continuous_usage_stats"),
        })
    }
}

/// Constant JSON before and after something that varies.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct Enclosing(pub(super) &'static str, pub(super) &'static str);

/// The constant JSON of one endpoint. Nothing is serialised while an answer is streamed: its chunks are put
/// together from these.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator) struct TextFormat {
    /// What ids begin with.
    pub(super) id: &'static str,
    /// The `object` of a chunk.
    pub(super) chunk_object: &'static str,
    /// The `object` of an answer that is not streamed.
    pub(super) whole_object: &'static str,
    /// The choice in the first chunk, where there is one before the output.
    pub(super) role: Option<&'static str>,
    /// The choice in a chunk, around reasoning.
    pub(super) reasoning: Enclosing,
    /// The choice in a chunk, around text.
    pub(super) answer: Enclosing,
    /// The choice in the chunk that says why the answer ended.
    pub(super) finish: &'static str,
    /// The choice of an answer that is not streamed, around the two below.
    pub(super) whole: Enclosing,
    /// Its member for reasoning, left out when there is none.
    pub(super) whole_reasoning: Enclosing,
    /// Its member for text.
    pub(super) whole_answer: Enclosing,
}

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
    pub(super) shape: &'static TextFormat,
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

    /// The answer, streamed or whole as it was asked for.
    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        if context.stream {
            return PlannedResponse::events(TextStream::new(self, context.fault));
        }
        let output =
            Output { tokens: self.output_tokens, reasoning_tokens: self.reasoning_tokens, audio_bytes: 0 };
        PlannedResponse::json(self.chunks(), output, move || self.whole())
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
    let created = unix_seconds();
    let model = serde_json::Value::from(model);
    format!(r#"{{"id":"{id}-{number}","object":"{object}","created":{created},"model":{model},"choices":["#)
}
