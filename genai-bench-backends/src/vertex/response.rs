//! Responses of a model, as one event of a stream or unstreamed. Both have the same shape.

use genai_bench_core::backend::Events;

use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::record::FinishReason;
use serde::Deserialize;
use serde_json::Value;

use super::error;
use super::usage::WireUsage;
use crate::openai::decoded_length;
use crate::wire::stream::Progress;
use crate::wire::text::{Arguments, Text};
use crate::wire::tool_names::{CallId, ToolNames};
use crate::wire::{fields, json};

/// `GenerateContentResponse`, limited to the fields that are reported.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow, default)]
    prompt_feedback: Option<Feedback<'a>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage_metadata: Option<WireUsage>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(borrow, default)]
    content: Option<Content<'a>>,
    #[serde(borrow, default)]
    finish_reason: Text<'a>,
    #[serde(borrow, default)]
    finish_message: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(borrow, default)]
    function_call: Option<FunctionCall<'a>>,
    #[serde(borrow, default)]
    inline_data: Option<Blob<'a>>,
}

/// A file's data in base64.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob<'a> {
    #[serde(borrow, default)]
    mime_type: Text<'a>,
    #[serde(borrow, default)]
    data: Text<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCall<'a> {
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    name: Text<'a>,
    #[serde(borrow, default)]
    args: Arguments<'a>,
    #[serde(borrow, default)]
    partial_args: Arguments<'a>,
}

/// The safety feedback on a prompt that was refused.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback<'a> {
    #[serde(borrow, default)]
    block_reason: Text<'a>,
    #[serde(borrow, default)]
    block_reason_message: Text<'a>,
}

/// The output that an answer must contain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Expected {
    /// No output: the answer may be empty.
    #[default]
    Anything,
    /// A picture.
    Picture,
    /// Sound.
    Sound,
}

/// A reader of one answer, streamed or unstreamed.
#[derive(Debug, Default)]
pub(super) struct Reader {
    expected: Expected,
    /// `true` once output has arrived.
    came: bool,
    /// `true` once a tool has been called.
    called: bool,
    names: ToolNames,
    usage: WireUsage,
}

impl Reader {
    /// Creates a reader that fails an answer without the `expected` output.
    pub(super) fn expecting(expected: Expected) -> Self {
        Self { expected, ..Self::default() }
    }

    /// Reads one event of a stream.
    pub(super) fn read_event(
        &mut self,
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        Ok(self.report(json::parse(data)?, events))
    }

    /// Reads an unstreamed answer: one object, or all events of a stream in an array, which a service sends when
    /// server-sent events are not requested.
    pub(super) fn read(mut self, body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let is_array = body.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'[');
        let answers: Vec<Response<'_>> = if is_array { json::parse(body)? } else { vec![json::parse(body)?] };
        let mut is_done = false;
        for answer in answers {
            match self.report(answer, events) {
                Progress::More => {}
                Progress::Finished => is_done = true,
                Progress::Closed => return Ok(()),
            }
        }
        if is_done { Ok(()) } else { Err(DecodeError::Malformed("an answer without a finishReason".into())) }
    }

    /// Reports the content of `answer` to `events`, and returns the progress of the whole.
    fn report(&mut self, answer: Response<'_>, events: &mut Events<'_>) -> Progress {
        if let Some(error) = answer.error {
            events.failed(error::from_value(&error));
            return Progress::Closed;
        }
        let candidates = answer.candidates.unwrap_or_default();
        let feedback = answer.prompt_feedback.filter(|it| !it.block_reason.as_str().is_empty());
        if candidates.is_empty() && answer.usage_metadata.is_none() && feedback.is_none() {
            events.skipped();
        }
        for part in candidates.iter().flat_map(Candidate::parts) {
            self.report_part(part, events);
        }
        if let Some(usage) = answer.usage_metadata {
            events.usage(self.usage.update(usage));
        }
        if let Some(feedback) = feedback {
            events.failed(feedback.failure());
            return Progress::Closed;
        }
        let end = candidates.iter().find(|it| !it.finish_reason.as_str().is_empty());
        end.map_or(Progress::More, |it| self.report_end(it, events))
    }

    fn report_part(&mut self, part: &Part<'_>, events: &mut Events<'_>) {
        let is_thought = part.thought == Some(true);
        match (&part.text, &part.function_call, &part.inline_data) {
            (Some(text), ..) if is_thought => events.reasoning(text.as_str()),
            (Some(text), ..) => events.text(text.as_str()),
            (None, Some(call), _) => {
                self.called = true;
                call.report(&mut self.names, events);
            }
            (None, None, Some(blob)) if !is_thought => self.report_blob(blob, events),
            _ => events.skipped(),
        }
    }

    fn report_blob(&mut self, blob: &Blob<'_>, events: &mut Events<'_>) {
        let (kind, data) = (blob.mime_type.as_str(), blob.data.as_str());
        if data.is_empty() {
            events.skipped();
        } else if kind.starts_with("image/") {
            self.came |= self.expected == Expected::Picture;
            events.item();
        } else if kind.starts_with("audio/") {
            self.came |= self.expected == Expected::Sound;
            events.audio(decoded_length(data));
        } else {
            events.skipped();
        }
    }

    fn report_end(&self, candidate: &Candidate<'_>, events: &mut Events<'_>) -> Progress {
        let reason = finish_reason(candidate.finish_reason.as_str(), self.called);
        events.finished(reason);
        let missing = match self.expected {
            Expected::Picture if !self.came => "no picture",
            Expected::Sound if !self.came => "no sound",
            _ => return Progress::Finished,
        };
        events.failed(told(missing, &candidate.finish_reason, &candidate.finish_message));
        Progress::Closed
    }
}

impl<'a> Candidate<'a> {
    fn parts(&self) -> impl Iterator<Item = &Part<'a>> {
        self.content.iter().filter_map(|it| it.parts.as_ref()).flatten()
    }
}

impl FunctionCall<'_> {
    /// Reports a call. It arrives whole, with or without arguments, or in pieces with its name in the first.
    fn report(&self, names: &mut ToolNames, events: &mut Events<'_>) {
        // Each part is a separate call unless it has an id.
        let name = match self.id.as_str() {
            "" => self.name.as_str(),
            id => names.unreported(CallId::new(0, None, id), self.name.as_str()),
        };
        events.tool_call(name);
        let arguments = [&self.args, &self.partial_args].map(Arguments::as_str);
        events.tool_call(arguments.into_iter().find(|text| !text.is_empty()).unwrap_or_default());
    }
}

impl Feedback<'_> {
    fn failure(&self) -> Failure {
        told("the prompt was blocked", &self.block_reason, &self.block_reason_message)
    }
}

/// Creates the failure of an answer that was refused, from a description, the service's word and its further text.
fn told(what: &str, word: &Text<'_>, more: &Text<'_>) -> Failure {
    let (word, more) = (word.as_str(), more.as_str());
    let colon = if more.is_empty() { "" } else { ": " };
    Failure::in_band(format!("{what}: {word}{colon}{more}")).with_code(Some(word))
}

/// Returns the finish reason for the service's word. After a tool call the service sends `STOP`.
fn finish_reason(word: &str, called: bool) -> FinishReason {
    match word {
        "STOP" if called => FinishReason::ToolCalls,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "ESCALATION"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_their_common_names_and_new_ones_their_own() {
        assert_eq!(finish_reason("STOP", true), FinishReason::ToolCalls);
        assert_eq!(finish_reason("MAX_TOKENS", true), FinishReason::Length);
        assert_eq!(finish_reason("SPII", false), FinishReason::ContentFilter);
        assert_eq!(finish_reason("CONTINUATION", false), FinishReason::Other("CONTINUATION".into()));
    }
}
