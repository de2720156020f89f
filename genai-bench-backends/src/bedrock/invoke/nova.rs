//! Amazon Nova: the body of Converse with a version, and its events by their names.
//!
//! Sources: "Complete request schema" in AWS's guide to Nova, and code of others that reads its chunks.

use bytes::Bytes;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Message, OutputLength};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::event::{WireDelta, WireMetadata, WireStart, WireStop};
use super::super::{ExtraParams, request};
use crate::wire::json;
use crate::wire::stream::Progress;

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
    let mut extra_params = extra_params.clone();
    extra_params.body.entry("schemaVersion").or_insert_with(|| Value::from("messages-v1"));
    request::write_request(messages, output, &extra_params)
}

/// An event, in the field of its name.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named<'a> {
    message_start: Option<IgnoredAny>,
    #[serde(borrow)]
    content_block_start: Option<WireStart<'a>>,
    #[serde(borrow)]
    content_block_delta: Option<WireDelta<'a>>,
    content_block_stop: Option<IgnoredAny>,
    #[serde(borrow)]
    message_stop: Option<WireStop<'a>>,
    metadata: Option<WireMetadata>,
}

/// Reads a chunk of a stream.
pub(super) fn read_event(json: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let named: Named<'_> = json::parse(json)?;
    let mut is_known = named.message_start.is_some() || named.content_block_stop.is_some();
    if let Some(start) = named.content_block_start {
        start.report(events);
        is_known = true;
    }
    if let Some(delta) = named.content_block_delta {
        delta.report(events);
        is_known = true;
    }
    if let Some(metadata) = named.metadata {
        metadata.report(events);
        is_known = true;
    }
    if let Some(stop) = named.message_stop {
        return Ok(stop.report(events));
    }
    if !is_known {
        events.skipped();
    }
    Ok(Progress::More)
}
