//! One chunk of a streamed answer, or a whole answer: they differ in the name of one field.

use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::trace::ServerTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::error;
use super::stream::{self, Progress};
use super::text::Text;
use super::usage::WireUsage;
use super::whole;
use crate::wire::lenient;
use crate::wire::reason::Reason;

/// A chunk or an answer of chat completions or of completions: what is told of all four, and nothing else.
#[derive(Debug, Deserialize)]
struct WireChunk<'a> {
    #[serde(borrow, default)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(default, deserialize_with = "lenient::object")]
    usage: Option<WireUsage>,
    error: Option<Value>,
    /// Of vLLM, if it is told to: its own times. Others may mean something else by the name.
    metrics: Option<Value>,
    /// Of Azure: what its filters say of the prompt, before there is any choice.
    prompt_filter_results: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
struct Choice<'a> {
    #[serde(borrow, alias = "message")]
    delta: Option<Delta<'a>>,
    /// Of completions. Together has it in chats too, where it says what the delta says.
    #[serde(borrow, default)]
    text: Text<'a>,
    #[serde(borrow, default)]
    finish_reason: Reason<'a>,
    /// Of OpenRouter: why this choice ends with the reason `error`.
    error: Option<Value>,
}

/// What a chunk adds to an answer, or all of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Delta<'a> {
    #[serde(borrow, default)]
    content: Text<'a>,
    /// Of vLLM, and of others under the older name that follows.
    #[serde(borrow, default)]
    reasoning: Text<'a>,
    #[serde(borrow, default)]
    reasoning_content: Text<'a>,
    #[serde(borrow, default)]
    refusal: Text<'a>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
}

#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

#[derive(Debug, Deserialize)]
struct Function<'a> {
    #[serde(borrow, default)]
    arguments: Text<'a>,
}

/// Reads one chunk of a stream.
pub(super) fn take(data: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let chunk: WireChunk<'_> = whole::parse(data)?;
    if chunk.is_unknown() {
        return Ok(stream::unknown(data, events));
    }
    let ends = chunk.choices.iter().flatten().any(|choice| !choice.finish_reason.word().is_empty());
    let progress = match (chunk.error(), ends) {
        (Some(_), _) => Progress::Closed,
        (None, true) => Progress::Finished,
        (None, false) => Progress::More,
    };
    chunk.tell(events);
    Ok(progress)
}

/// Reads an answer in one piece.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: WireChunk<'_> = whole::parse(body)?;
    if answer.error().is_none() && answer.choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(DecodeError::Malformed("no choices in the answer".into()));
    }
    answer.tell(events);
    Ok(())
}

impl WireChunk<'_> {
    /// Returns the error of the whole answer or of one of its choices.
    fn error(&self) -> Option<&Value> {
        let of_choices = self.choices.iter().flatten().map(|choice| &choice.error);
        let mut errors = of_choices.chain([&self.error]).flatten();
        errors.find(|error| error::is_some(error))
    }

    /// Returns whether nothing is known of what the chunk holds.
    fn is_unknown(&self) -> bool {
        let has_choices = self.choices.as_ref().is_some_and(|choices| !choices.is_empty());
        let says_more =
            self.usage.is_some() || self.metrics.is_some() || self.prompt_filter_results.is_some();
        !has_choices && !says_more && self.error().is_none()
    }

    /// Tells `events` what the chunk says.
    fn tell(self, events: &mut Events<'_>) {
        let failure = self.error().map(error::inside);
        for choice in self.choices.iter().flatten() {
            choice.tell(events);
        }
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        if let Some(metrics) = self.metrics {
            events.server_time(server_time(&metrics));
        }
        if let Some(failure) = failure {
            events.failed(failure);
        }
    }
}

impl Choice<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        match &self.delta {
            Some(delta) if !delta.is_empty() => delta.tell(events),
            _ => events.text(self.text.as_str()),
        }
        if let Some(reason) = finish_reason(&self.finish_reason) {
            events.finished(reason);
        }
    }
}

impl ToolCall<'_> {
    fn arguments(&self) -> &str {
        self.function.as_ref().map_or("", |it| it.arguments.as_str())
    }
}

impl Delta<'_> {
    /// The reasoning. Where a server sends both names, both hold the same.
    fn reasoning(&self) -> &str {
        let names = [&self.reasoning, &self.reasoning_content].map(Text::as_str);
        names.into_iter().find(|it| !it.is_empty()).unwrap_or_default()
    }

    fn calls(&self) -> impl Iterator<Item = &str> {
        self.tool_calls.iter().flatten().map(ToolCall::arguments)
    }

    fn is_empty(&self) -> bool {
        let texts = [self.content.as_str(), self.reasoning(), self.refusal.as_str()];
        texts.into_iter().chain(self.calls()).all(str::is_empty)
    }

    pub(crate) fn tell(&self, events: &mut Events<'_>) {
        events.reasoning(self.reasoning());
        events.text(self.content.as_str());
        events.text(self.refusal.as_str());
        self.calls().for_each(|it| events.tool_call(it));
    }
}

/// Reads vLLM's own times. What is no number is left out.
fn server_time(metrics: &Value) -> ServerTime {
    let ms = |name: &str| metrics.get(name).and_then(Value::as_f64);
    ServerTime::in_ms(ms("time_to_first_token_ms"), None)
        .with_phases_in_ms(ms("queue_time_ms"), ms("generation_time_ms"))
}

/// The reason under its common name; `None` while there is none.
fn finish_reason(reason: &Reason<'_>) -> Option<FinishReason> {
    Some(match reason.word() {
        "" => return None,
        "stop" | "eos" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(reason.full()),
    })
}
