//! Meta's Llama: a prompt, and what comes after it.
//!
//! Source: "Meta Llama models" in AWS's guide to Bedrock.

use bytes::Bytes;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::Usage;
use genai_bench_core::request::OutputLength;
use serde::Deserialize;

use super::super::{ExtraParams, finish_reason};
use crate::wire::fields::Count;
use crate::wire::json;
use crate::wire::request::RequestBody;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

/// Asks for what comes after `prompt`.
pub(super) fn write_request(prompt: &str, output: OutputLength, extra_params: &ExtraParams) -> Bytes {
    let mut body = RequestBody::new(&extra_params.body);
    body.set("prompt", prompt);
    if let Some(limit) = output.limit() {
        body.set("max_gen_len", &limit);
    }
    extra_params.set_sampling(&mut body, "top_p");
    body.finish()
}

#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    generation: Option<Text<'a>>,
    /// On the first piece.
    prompt_token_count: Count,
    /// So far.
    generation_token_count: Count,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
}

/// Reads a chunk of a stream, or an answer in one piece.
pub(super) fn read_event(json: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let piece: Piece<'_> = json::parse(json)?;
    let Some(text) = &piece.generation else {
        events.skipped();
        return Ok(Progress::More);
    };
    events.text(text.as_str());
    let usage = Usage {
        input: piece.prompt_token_count.tokens(),
        output: piece.generation_token_count.tokens(),
        ..Usage::default()
    };
    if usage != Usage::default() {
        events.usage(usage);
    }
    Ok(finish_reason::report(piece.stop_reason.as_str(), events))
}
