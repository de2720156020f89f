//! Mistral's older models: a prompt, and what comes after it. `DeepSeek` R1 is asked alike.
//!
//! Sources: "Mistral AI text completion" and "DeepSeek models" in AWS's guide to Bedrock.

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::OutputLength;
use serde::Deserialize;

use super::super::{ExtraParams, finish_reason};
use crate::wire::json;
use crate::wire::request::RequestBody;
use crate::wire::stream::Progress;
use crate::wire::text::Text;

/// Asks for what comes after `prompt`.
pub(super) fn write_request(prompt: &str, output: OutputLength, extra_params: &ExtraParams) -> Bytes {
    let mut body = RequestBody::new(&extra_params.body);
    body.set("prompt", prompt);
    if let Some(limit) = output.limit() {
        body.set("max_tokens", &limit);
    }
    extra_params.set_sampling(&mut body, "top_p");
    body.finish()
}

#[derive(Debug, Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    outputs: Option<Vec<Output<'a>>>,
}

#[derive(Debug, Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
}

/// Reads a chunk of a stream, or an answer in one piece.
pub(super) fn read_event(json: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let piece: Piece<'_> = json::parse(json)?;
    let Some(outputs) = &piece.outputs else {
        events.skipped();
        return Ok(Progress::More);
    };
    let mut progress = Progress::More;
    for output in outputs {
        events.text(output.text.as_str());
        if finish_reason::report(output.stop_reason.as_str(), events) == Progress::Finished {
            progress = Progress::Finished;
        }
    }
    Ok(progress)
}
