//! One chunk of a streamed answer, or a whole answer: they differ in the name of one field.

use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::trace::ServerTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::error;
use super::stream::Progress;
use super::text::Text;
use super::usage::WireUsage;
use super::whole;
use crate::wire::lenient;

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
    finish_reason: Text<'a>,
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
    let ends = chunk.choices.iter().flatten().any(|it| !it.finish_reason.as_str().is_empty());
    let progress = match (&chunk.error, ends) {
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
    if answer.error.is_none() && answer.choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(DecodeError::Malformed("no choices in the answer".into()));
    }
    answer.tell(events);
    Ok(())
}

impl WireChunk<'_> {
    /// Tells `events` what the chunk says.
    fn tell(self, events: &mut Events<'_>) {
        if let Some(error) = self.error {
            return events.failed(error::inside(&error));
        }
        let choices = self.choices.unwrap_or_default();
        let says_more =
            self.usage.is_some() || self.metrics.is_some() || self.prompt_filter_results.is_some();
        if choices.is_empty() && !says_more {
            return events.skipped();
        }
        for choice in &choices {
            choice.tell(events);
        }
        if let Some(usage) = self.usage {
            events.usage(usage.into());
        }
        if let Some(metrics) = self.metrics {
            let first_token_ms = metrics.get("time_to_first_token_ms").and_then(Value::as_f64);
            events.server_time(ServerTime::in_ms(first_token_ms, None));
        }
    }
}

impl Choice<'_> {
    fn tell(&self, events: &mut Events<'_>) {
        match &self.delta {
            Some(delta) if !delta.is_empty() => delta.tell(events),
            _ => events.text(self.text.as_str()),
        }
        if let Some(reason) = finish_reason(self.finish_reason.as_str()) {
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

/// The reason under its common name; `None` while there is none.
fn finish_reason(word: &str) -> Option<FinishReason> {
    Some(match word {
        "" => return None,
        "stop" | "eos" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    })
}
