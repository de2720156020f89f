//! Claude: the Messages API, with its version in the body and the model and the streaming outside of it.
//!
//! Sources: "Anthropic Claude Messages API" in AWS's guide to Bedrock, and what boto3 was recorded to send.

use bytes::Bytes;
use genai_bench_core::request::{Message, OutputLength};

use super::super::ExtraParams;
use crate::anthropic;
use crate::wire::request::RequestBody;

/// The version for all models. Claude 4.7 and later also know 2026-10-21, which refuses `temperature` and `top_p`.
const VERSION: &str = "bedrock-2023-05-31";

/// Asks for the next message of a conversation.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn write_request(
    messages: &[Message],
    output: OutputLength,
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    if messages.iter().flat_map(|it| &it.media).any(|it| !it.url.starts_with("data:")) {
        return Err("a picture that lies elsewhere: it wants the picture itself");
    }
    let mut body = RequestBody::new(&extra_params.body);
    body.set("anthropic_version", VERSION);
    anthropic::write_request(&mut body, extra_params.system_message.as_deref(), messages, output)?;
    extra_params.set_sampling(&mut body, "top_p");
    Ok(body.finish())
}
