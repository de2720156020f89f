//! `/v1/responses`: text, in the format of OpenAI's newer API.

mod stream;

use bytes::Bytes;
use serde_json::{Value, json};

use self::stream::TextStream;
use crate::simulator::api::fields::{Fields, wrong};
use crate::simulator::api::messages;
use crate::simulator::api::text::Text;
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::Output;
use crate::simulator::pieces::{FaultPieces, WithFault};
use crate::simulator::planned_response::unix_seconds;
use crate::simulator::planned_response::{PlannedResponse, RequestContext};
use crate::simulator::prompt::CachedTokens;
use crate::simulator::prompt::Prompt;
use crate::simulator::settings::{Settings, UsageMode};
use crate::simulator::tokens::words;

pub(super) fn read(fields: &Fields, settings: &Settings, prompt: &mut Prompt) -> Result<Text, ErrorResponse> {
    prompt.constant(settings.template_tokens);
    if fields.get("instructions").is_some() {
        prompt.role("system");
        prompt.text(fields.text("instructions")?);
    }
    match fields.get("input") {
        Some(Value::String(text)) => {
            prompt.role("user");
            prompt.text(text);
        }
        Some(Value::Array(_)) => messages::read(fields, "input", prompt)?,
        _ => return Err(wrong("input", "a text or an array of messages")),
    }
    prompt.role("assistant");
    Text::read(fields, &["max_output_tokens"], settings.reasoning_tokens.into())
}

/// One response. It always has the status `completed`, as if the model had ended at the maximum number of
/// tokens.
#[derive(Clone, Debug)]
pub(super) struct Response {
    model: String,
    number: u64,
    created: u64,
    input_tokens: u64,
    output_tokens: u64,
    reasoning_tokens: u64,
    tokens_per_chunk: u64,
    usage: bool,
    /// The number of cached tokens, 0 when prompts are not cached.
    cached: CachedTokens,
}

impl Response {
    pub(super) fn new(context: &RequestContext<'_>, text: Text) -> Self {
        Self {
            model: context.model.to_owned(),
            number: context.number,
            created: unix_seconds(),
            input_tokens: context.input_tokens,
            output_tokens: text.output_tokens,
            reasoning_tokens: text.reasoning_tokens,
            tokens_per_chunk: context.settings.tokens_per_chunk.get().into(),
            usage: context.settings.usage != UsageMode::Never,
            cached: context.cached.clone().unwrap_or_default(),
        }
    }

    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        let chunks = self.chunks();
        if context.stream {
            let strikes = FaultPieces { error, garbage: "data: {this is not json\n\n" };
            return PlannedResponse::events(WithFault::new(
                TextStream::new(self),
                context.fault,
                chunks.div_ceil(2),
                strikes,
            ));
        }
        let output =
            Output { tokens: self.output_tokens, reasoning_tokens: self.reasoning_tokens, audio_bytes: 0 };
        PlannedResponse::json(chunks, output, move || Bytes::from(self.completed().to_string()))
    }

    fn chunks(&self) -> u64 {
        let answer = self.output_tokens - self.reasoning_tokens;
        self.reasoning_tokens.div_ceil(self.tokens_per_chunk) + answer.div_ceil(self.tokens_per_chunk)
    }

    /// Returns the complete response object.
    fn completed(&self) -> Value {
        let mut output = Vec::new();
        if self.reasoning_tokens > 0 {
            output.push(self.reasoning(true));
        }
        output.push(self.message(true));
        self.object("completed", &output, self.usage.then(|| self.usage()).as_ref())
    }

    /// Returns the response object.
    fn object(&self, status: &str, output: &[Value], usage: Option<&Value>) -> Value {
        json!({
            "id": format!("resp_{}", self.number),
            "object": "response",
            "created_at": self.created,
            "status": status,
            "model": self.model,
            "output": output,
            "usage": usage,
            "error": null,
            "incomplete_details": null,
        })
    }

    /// Returns the item for the reasoning, with its text if `is_complete`.
    fn reasoning(&self, is_complete: bool) -> Value {
        let content: Vec<Value> = is_complete.then(|| self.reasoning_part()).into_iter().collect();
        json!({"id": self.reasoning_id(), "type": "reasoning", "summary": [], "content": content})
    }

    /// Returns the item for the answer, with its text if `is_complete`.
    fn message(&self, is_complete: bool) -> Value {
        let content: Vec<Value> =
            is_complete.then(|| Self::text_part(&self.answer_text())).into_iter().collect();
        let status = if is_complete { "completed" } else { "in_progress" };
        json!({
            "id": self.message_id(),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": content,
        })
    }

    fn reasoning_part(&self) -> Value {
        json!({"type": "reasoning_text", "text": self.reasoning_text()})
    }

    fn text_part(text: &str) -> Value {
        json!({"type": "output_text", "text": text, "annotations": []})
    }

    fn reasoning_text(&self) -> String {
        words(0, self.reasoning_tokens).collect()
    }

    fn answer_text(&self) -> String {
        words(self.reasoning_tokens, self.output_tokens).collect()
    }

    fn reasoning_id(&self) -> String {
        format!("rs_{}", self.number)
    }

    fn message_id(&self) -> String {
        format!("msg_{}", self.number)
    }

    fn usage(&self) -> Value {
        json!({
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": self.cached.get()},
            "output_tokens": self.output_tokens,
            "output_tokens_details": {"reasoning_tokens": self.reasoning_tokens},
            "total_tokens": self.input_tokens + self.output_tokens,
        })
    }
}

/// Returns the error event after `sequence` other events.
fn error(sequence: u64) -> Bytes {
    let mut data = json!({"type": "error", "sequence_number": sequence});
    if let (Some(data), Value::Object(members)) =
        (data.as_object_mut(), ErrorResponse::server_error().members())
    {
        data.extend(members.into_iter().filter(|(name, _)| name != "type"));
    }
    Bytes::from(format!("event: error\ndata: {data}\n\n"))
}
