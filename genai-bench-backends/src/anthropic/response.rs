//! An answer in one piece.

use genai_bench_core::event::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::block::Block;
use super::usage::Counts;
use super::{error, finish_reason};
use crate::wire::text::Text;
use crate::wire::{fields, json};

#[derive(Debug, Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    content: Option<Vec<Block<'a>>>,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<Counts>,
}

/// Reads an answer in one piece.
pub(crate) fn read(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let answer: Answer<'_> = json::parse(body)?;
    if answer.kind.as_str() == "error" {
        events.failed(error::inside(body));
        return Ok(());
    }
    let malformed = |what: &'static str| DecodeError::Malformed(what.into());
    let blocks = answer.content.ok_or_else(|| malformed("no content in the answer"))?;
    let reason = finish_reason::reason(answer.stop_reason.as_str());
    let reason = reason.ok_or_else(|| malformed("an answer that has not ended"))?;
    for block in &blocks {
        block.tell(events);
    }
    if let Some(counts) = answer.usage {
        events.usage(counts.into());
    }
    events.finished(reason);
    Ok(())
}
