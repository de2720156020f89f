//! Pictures that come as a stream of events: drafts of each, and then itself.

use genai_bench_core::event::{Events, FinishReason};
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;
use serde_json::Value;

use super::super::event::{self, Progress};
use super::super::usage::WireUsage;
use crate::wire::text::Text;
use crate::wire::{error, fields, json};

/// What reads the events of a stream of `asked` pictures; of one, where it is not known how many were asked for.
pub(in super::super) fn reader(
    asked: Option<usize>,
) -> impl FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static {
    let mut missing = asked.unwrap_or(1);
    move |name, data, events| {
        let event: Event<'_> = json::parse(data)?;
        if let Some(error) = event.error.filter(error::is_error) {
            events.failed(error::from_value(&error));
            return Ok(Progress::Closed);
        }
        match &*event::name(name, event.name.as_str()) {
            "image_generation.partial_image" => events.draft(),
            "image_generation.completed" => {
                events.item();
                if let Some(usage) = event.usage {
                    events.usage(usage.into());
                }
                missing = missing.saturating_sub(1);
                if missing == 0 {
                    events.finished(FinishReason::Stop);
                    return Ok(Progress::Finished);
                }
            }
            "" => return Ok(event::unknown(data, events)),
            _ => events.skipped(),
        }
        Ok(Progress::More)
    }
}

#[derive(Debug, Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    name: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}
