//! Answers in text: one event of a stream of them, or one in one piece. They have the same shape.

use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;
use serde_json::Value;

use super::error;
use super::usage::WireUsage;
use crate::wire::stream::Progress;
use crate::wire::text::Text;
use crate::wire::whole;

/// `GenerateContentResponse`: what is told of it, and nothing else.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow, default)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(borrow, default)]
    prompt_feedback: Option<Feedback<'a>>,
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
    thought: Option<bool>,
    #[serde(borrow, default)]
    function_call: Option<FunctionCall<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionCall<'a> {
    #[serde(borrow, default)]
    name: Text<'a>,
    args: Option<Value>,
    partial_args: Option<Value>,
}

/// What was thought of the prompt, if it was not to be answered.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback<'a> {
    #[serde(borrow, default)]
    block_reason: Text<'a>,
    #[serde(borrow, default)]
    block_reason_message: Text<'a>,
}

/// Reads one event of a stream. `called` is whether a tool has been called in it.
pub(super) fn take(data: &[u8], called: &mut bool, events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let answer: Answer<'_> = whole::parse(data)?;
    Ok(answer.tell(called, events))
}

/// Reads an answer in one piece: one object, or all events of a stream in an array, as they come from a service
/// that was not asked for server-sent events.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let is_array = body.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'[');
    let answers: Vec<Answer<'_>> = if is_array { whole::parse(body)? } else { vec![whole::parse(body)?] };
    let (mut called, mut is_done) = (false, false);
    for answer in answers {
        match answer.tell(&mut called, events) {
            Progress::More => {}
            Progress::Finished => is_done = true,
            Progress::Closed => return Ok(()),
        }
    }
    if is_done { Ok(()) } else { Err(DecodeError::Malformed("an answer without a finishReason".into())) }
}

impl Answer<'_> {
    /// Tells `events` what it says, and how far the answer is with it.
    fn tell(self, called: &mut bool, events: &mut Events<'_>) -> Progress {
        if let Some(error) = self.error {
            events.failed(error::inside(&error));
            return Progress::Closed;
        }
        let candidates = self.candidates.unwrap_or_default();
        let feedback = self.prompt_feedback.filter(|it| !it.block_reason.as_str().is_empty());
        if candidates.is_empty() && self.usage_metadata.is_none() && feedback.is_none() {
            events.skipped();
        }
        for candidate in &candidates {
            candidate.tell(called, events);
        }
        if let Some(usage) = self.usage_metadata {
            events.usage(usage.into());
        }
        if let Some(feedback) = feedback {
            events.failed(feedback.failure());
            return Progress::Closed;
        }
        let ends = candidates.iter().any(|it| !it.finish_reason.as_str().is_empty());
        if ends { Progress::Finished } else { Progress::More }
    }
}

impl Candidate<'_> {
    fn tell(&self, called: &mut bool, events: &mut Events<'_>) {
        for part in self.content.iter().filter_map(|it| it.parts.as_ref()).flatten() {
            part.tell(called, events);
        }
        if let Some(reason) = finish_reason(self.finish_reason.as_str(), *called) {
            events.finished(reason);
        }
    }
}

impl Part<'_> {
    fn tell(&self, called: &mut bool, events: &mut Events<'_>) {
        match (&self.text, &self.function_call) {
            (Some(text), _) if self.thought == Some(true) => events.reasoning(text.as_str()),
            (Some(text), _) => events.text(text.as_str()),
            (None, Some(call)) => {
                *called = true;
                call.tell(events);
            }
            (None, None) => events.skipped(),
        }
    }
}

impl FunctionCall<'_> {
    /// A call comes whole, with or without arguments, or piece by piece.
    fn tell(&self, events: &mut Events<'_>) {
        match self.args.as_ref().or(self.partial_args.as_ref()) {
            Some(arguments) => events.tool_call(&arguments.to_string()),
            None if self.name.as_str().is_empty() => {}
            None => events.tool_call("{}"),
        }
    }
}

impl Feedback<'_> {
    fn failure(&self) -> Failure {
        let (reason, more) = (self.block_reason.as_str(), self.block_reason_message.as_str());
        let colon = if more.is_empty() { "" } else { ": " };
        Failure::in_band(format!("the prompt was blocked: {reason}{colon}{more}"))
    }
}

/// The reason under its common name; `None` while there is none. After a call to a tool the service says `STOP`.
fn finish_reason(word: &str, called: bool) -> Option<FinishReason> {
    Some(match word {
        "" => return None,
        "STOP" if called => FinishReason::ToolCalls,
        "STOP" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_have_their_common_names_and_new_ones_their_own() {
        assert_eq!(finish_reason("", false), None);
        assert_eq!(finish_reason("STOP", true), Some(FinishReason::ToolCalls));
        assert_eq!(finish_reason("MAX_TOKENS", true), Some(FinishReason::Length));
        assert_eq!(finish_reason("SPII", false), Some(FinishReason::ContentFilter));
        assert_eq!(finish_reason("CONTINUATION", false), Some(FinishReason::Other("CONTINUATION".into())));
    }
}
