//! Amazon Titan Text: a prompt, and what comes after it.
//!
//! Sources: "Amazon Titan Text models" in AWS's guide to Bedrock, and code of others that reads its chunks.

use bytes::Bytes;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::Usage;
use genai_bench_core::request::OutputLength;
use serde::Deserialize;

use super::super::extra_params::joined;
use super::super::{ExtraParams, finish_reason};
use super::ended;
use crate::wire::fields::Count;
use crate::wire::json;
use crate::wire::request::RequestBody;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

/// Asks for what comes after `prompt`.
pub(super) fn write_request(prompt: &str, output: OutputLength, extra_params: &ExtraParams) -> Bytes {
    let extra = joined(
        &extra_params.body,
        "textGenerationConfig",
        [
            ("maxTokenCount", output.limit().map(|it| it.0.into())),
            ("temperature", extra_params.temperature.clone()),
            ("topP", extra_params.top_p.clone()),
        ],
    );
    let mut body = RequestBody::new(&extra);
    body.set("inputText", prompt);
    body.finish()
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece<'a> {
    #[serde(borrow)]
    output_text: Option<Text<'a>>,
    input_text_token_count: Count,
    /// So far.
    total_output_text_token_count: Count,
    #[serde(borrow, default)]
    completion_reason: Text<'a>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    input_text_token_count: Count,
    #[serde(borrow)]
    results: Vec<Made<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made<'a> {
    token_count: Count,
    #[serde(borrow)]
    output_text: Text<'a>,
    #[serde(borrow, default)]
    completion_reason: Text<'a>,
}

/// Reads a chunk of a stream.
pub(super) fn read_event(json: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let piece: Piece<'_> = json::parse(json)?;
    let Some(text) = &piece.output_text else {
        events.skipped();
        return Ok(Progress::More);
    };
    events.text(text.as_str());
    report_usage(piece.input_text_token_count, piece.total_output_text_token_count, events);
    Ok(finish_reason::report(piece.completion_reason.as_str(), events))
}

/// Reads an answer in one piece.
pub(super) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Response<'_> = json::parse(body)?;
    let [made] = &*answer.results else {
        return Err(DecodeError::Malformed(format!("{} results instead of 1", answer.results.len()).into()));
    };
    events.text(made.output_text.as_str());
    report_usage(answer.input_text_token_count, made.token_count, events);
    ended(finish_reason::report(made.completion_reason.as_str(), events))
}

fn report_usage(input: Count, output: Count, events: &mut Events<'_>) {
    let usage = Usage { input: input.tokens(), output: output.tokens(), ..Usage::default() };
    if usage != Usage::default() {
        events.usage(usage);
    }
}
