//! Chunks of a streamed answer, and whole answers. They differ in the name of one field.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::ServerTime;
use genai_bench_core::record::{FinishReason, Usage};
use memchr::memmem;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::delta::{Delta, SaidSoFar};
use super::event::{self, Progress};
use super::usage::WireUsage;
use crate::wire::fields::Count;
use crate::wire::finish_reason::WireFinishReason;
use crate::wire::stream::StreamDecoder;
use crate::wire::text::Text;
use crate::wire::tool_names::ToolNames;
use crate::wire::{error, fields, json};

/// A chunk or an answer of chat completions or of completions, limited to the fields that are read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireChunk<'a> {
    #[serde(borrow)]
    object: Text<'a>,
    #[serde(borrow)]
    choices: Option<Vec<Choice<'a>>>,
    #[serde(deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
    /// vLLM's own times, sent if it is configured so. Other servers may use the name for something else.
    metrics: Option<Value>,
    /// Azure's content filter results for the prompt, sent before any choice.
    prompt_filter_results: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice<'a> {
    index: Count,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    /// The message of an unstreamed answer. In a stream it repeats the deltas, or replaces them.
    #[serde(borrow)]
    message: Option<Delta<'a>>,
    /// The text of completions. Together sends it in chats too, as a copy of the delta.
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow)]
    finish_reason: WireFinishReason<'a>,
    /// The token counts of Moonshot.
    #[serde(deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    /// The error of OpenRouter for a choice with the finish reason `error`.
    error: Option<Value>,
}

/// A reader of the chunks of one streamed answer.
#[derive(Debug, Default)]
pub(super) struct ChunkReader {
    names: ToolNames,
    /// `true` once a delta, or the text of a completion, has brought a piece of the answer.
    has_pieces: bool,
    /// The texts of messages that replace deltas.
    said: Option<SaidSoFar>,
    /// `true` once tokens were counted in a field of the API's own.
    is_counted: bool,
}

/// Creates a decoder of a streamed answer, whose token counts may come behind `[DONE]`.
pub(super) fn stream() -> Box<dyn Decoder> {
    let mut reader = ChunkReader::default();
    let take = event::reading(move |_, data, events| reader.read_event(data, events));
    StreamDecoder::with_trailer(take, read_trailing_usage)
}

impl ChunkReader {
    /// Reads one chunk.
    pub(super) fn read_event(
        &mut self,
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        let mut chunk: WireChunk<'_> = json::parse(data)?;
        let usage = chunk.take_usage();
        let extension = if usage.is_none() { usage_of_extension(data) } else { None };
        if chunk.is_unknown() && usage.is_none() && extension.is_none() {
            return Ok(event::unknown(data, events));
        }
        let failure = chunk.error().map(error::from_value);
        let ends = chunk.choices.iter().flatten().any(|choice| !choice.finish_reason.as_str().is_empty());
        let is_whole = chunk.object.as_str() == "chat.completion";
        for choice in chunk.choices.into_iter().flatten() {
            self.report_choice(choice, is_whole, events);
        }
        self.is_counted |= usage.is_some();
        if let Some(usage) = usage.or(extension.filter(|_| !self.is_counted)) {
            events.usage(usage);
        }
        if let Some(metrics) = chunk.metrics {
            events.server_time(server_time(&metrics));
        }
        Ok(match failure {
            Some(failure) => {
                events.failed(failure);
                Progress::Closed
            }
            None if ends => Progress::Finished,
            None => Progress::More,
        })
    }

    fn report_choice(&mut self, choice: Choice<'_>, is_whole: bool, events: &mut Events<'_>) {
        let Choice { index, delta, message, text, finish_reason, .. } = choice;
        let reason = read_finish_reason(&finish_reason);
        let is_late = delta.is_none() && message.is_some() && self.has_pieces;
        let index = index.get().unwrap_or_default();
        let delta = delta.filter(|delta| !delta.is_empty());
        match (delta, message.filter(|message| !message.is_empty())) {
            (Some(delta), _) => {
                self.has_pieces = true;
                delta.report(index, &mut self.names, events);
            }
            (None, _) if !text.as_str().is_empty() => {
                self.has_pieces = true;
                events.text(text.as_str());
            }
            (None, Some(message)) if !self.has_pieces => {
                if self.said.is_none() && (is_whole || reason.is_some()) {
                    events.unstreamed();
                }
                let said = self.said.get_or_insert_default();
                message.report_message(index, said, &mut self.names, events);
            }
            _ => {}
        }
        match reason {
            // The message repeats an answer that ended with its last piece.
            Some(reason) if is_late => events.finished_before(reason),
            Some(reason) => events.finished(reason),
            None => {}
        }
    }
}

/// Reads the token counts behind the end of an answer, and nothing else.
pub(super) fn read_trailing_usage(data: &[u8], events: &mut Events<'_>) {
    let chunk = json::parse::<WireChunk<'_>>(data).ok();
    if let Some(usage) = chunk.and_then(|mut chunk| chunk.take_usage()) {
        events.usage(usage);
    }
}

/// Reads an unstreamed answer.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let mut answer: WireChunk<'_> = json::parse(body)?;
    let failure = answer.error().map(error::from_value);
    if failure.is_none() && answer.choices.as_ref().is_none_or(Vec::is_empty) {
        return Err(DecodeError::Malformed("no choices in the answer".into()));
    }
    let usage = answer.take_usage().or_else(|| usage_of_extension(body));
    let mut names = ToolNames::default();
    for choice in answer.choices.into_iter().flatten() {
        choice.report_whole(&mut names, events);
    }
    if let Some(usage) = usage {
        events.usage(usage);
    }
    if let Some(metrics) = answer.metrics {
        events.server_time(server_time(&metrics));
    }
    if let Some(failure) = failure {
        events.failed(failure);
    }
    Ok(())
}

impl WireChunk<'_> {
    /// Returns the error of the whole answer or of one of its choices.
    fn error(&self) -> Option<&Value> {
        let of_choices = self.choices.iter().flatten().map(|choice| &choice.error);
        let mut errors = of_choices.chain([&self.error]).flatten();
        errors.find(|error| error::is_error(error))
    }

    /// Returns `true` if no field of the chunk is known, token counts aside.
    fn is_unknown(&self) -> bool {
        let has_choices = self.choices.as_ref().is_some_and(|choices| !choices.is_empty());
        let says_more = self.metrics.is_some() || self.prompt_filter_results.is_some();
        !has_choices && !says_more && self.error().is_none()
    }

    /// Removes and returns the token counts: the chunk's own, or those of a choice, a delta or a message.
    fn take_usage(&mut self) -> Option<Usage> {
        let own = self.usage.take().map(Usage::from);
        let of_choices = self.choices.iter_mut().flatten().filter_map(Choice::take_usage);
        own.into_iter().chain(of_choices).find(|usage| *usage != Usage::default())
    }
}

impl Choice<'_> {
    fn take_usage(&mut self) -> Option<Usage> {
        let own = self.usage.take().map(Usage::from);
        let deltas = [&mut self.delta, &mut self.message].into_iter().flatten();
        own.into_iter().chain(deltas.filter_map(Delta::take_usage)).find(|usage| *usage != Usage::default())
    }

    /// Reports a choice of an unstreamed answer.
    fn report_whole(self, names: &mut ToolNames, events: &mut Events<'_>) {
        let index = self.index.get().unwrap_or_default();
        match self.message.or(self.delta).filter(|message| !message.is_empty()) {
            Some(message) => message.report(index, names, events),
            None => events.text(self.text.as_str()),
        }
        if let Some(reason) = read_finish_reason(&self.finish_reason) {
            events.finished(reason);
        }
    }
}

/// Returns the token counts in a gateway's own field, such as `x_groq`.
fn usage_of_extension(data: &[u8]) -> Option<Usage> {
    // Only a chunk with such a field is parsed twice.
    memmem::find(data, b"\"x_")?;
    let Value::Object(fields) = json::value(data).ok()? else { return None };
    let extensions = fields.iter().filter(|(name, _)| name.starts_with("x_"));
    let usages = extensions.filter_map(|(_, extension)| extension.get("usage"));
    let usages = usages.filter_map(|usage| WireUsage::deserialize(usage).ok()).map(Usage::from);
    usages.into_iter().find(|usage| *usage != Usage::default())
}

/// Parses vLLM's own times. Values that are no numbers are ignored.
fn server_time(metrics: &Value) -> ServerTime {
    ServerTime::in_ms(number(metrics, "time_to_first_token_ms"), None)
        .with_phases_in_ms(number(metrics, "queue_time_ms"), number(metrics, "generation_time_ms"))
}

fn number(metrics: &Value, name: &str) -> Option<f64> {
    metrics.get(name)?.as_f64()
}

/// Returns the finish reason, `None` while there is none.
fn read_finish_reason(reason: &WireFinishReason<'_>) -> Option<FinishReason> {
    Some(match reason.as_str() {
        "" => return None,
        "stop" | "eos" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(reason.with_message()),
    })
}
