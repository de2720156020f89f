//! One event of a streamed answer.

use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;
use serde::Deserialize;

use super::response::Block;
use super::usage::Counts;
use super::{error, finish_reason, response};
use crate::wire::stream::{self, Progress};
use crate::wire::text::Text;
use crate::wire::{fields, json, top_level_error};

/// The types of events.
const KNOWN: [&str; 8] = [
    "content_block_delta",
    "content_block_start",
    "content_block_stop",
    "error",
    "message_delta",
    "message_start",
    "message_stop",
    "ping",
];

/// Reads the events of one answer, by what is in their data: framings that have no names carry the same.
#[derive(Debug, Default)]
pub(crate) struct EventReader {
    counts: Counts,
    /// Whether a message has begun.
    has_begun: bool,
}

/// What is told of all events, and nothing else.
#[derive(Debug, Default, Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    content_block: Option<Block<'a>>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    message: Option<Started>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<Counts>,
}

/// What an event adds to a block, or says of the end of the answer.
#[derive(Debug, Deserialize)]
struct Delta<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    #[serde(borrow)]
    thinking: Option<Text<'a>>,
    #[serde(borrow)]
    partial_json: Option<Text<'a>>,
    #[serde(borrow, default)]
    stop_reason: Text<'a>,
}

#[derive(Debug, Deserialize)]
struct Started {
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<Counts>,
}

impl EventReader {
    /// Reads the event of this name. One of another name than the provider's is left alone, whatever its data is,
    /// as the provider's own client leaves it.
    pub(super) fn read_named_event(
        &mut self,
        name: &[u8],
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        if stream::is_end_mark(data) {
            events.done();
            return Ok(Progress::Closed);
        }
        let name = std::str::from_utf8(name).unwrap_or_default();
        match Event::read(data) {
            Ok(event) if event.kind.as_str().is_empty() && KNOWN.contains(&name) => {
                self.report_event(Event { kind: name.into(), ..event }, data, events)
            }
            Ok(event) => self.report_event(event, data, events),
            Err(_) if !matches!(name, "" | "message") && !KNOWN.contains(&name) => {
                events.skipped();
                Ok(Progress::More)
            }
            Err(error) => Err(error),
        }
    }

    /// Reads the event with this data. An answer is complete when it has been said to be, or an error came.
    pub(crate) fn read_event(
        &mut self,
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        self.report_event(Event::read(data)?, data, events)
    }

    fn report_event(
        &mut self,
        event: Event<'_>,
        data: &[u8],
        events: &mut Events<'_>,
    ) -> Result<Progress, DecodeError> {
        self.has_begun |= event.kind.as_str() == "message_start";
        match event.kind.as_str() {
            "content_block_delta" => required(event.delta, "delta")?.report(events)?,
            "content_block_start" => required(event.content_block, "content_block")?.report_start(events),
            "content_block_stop" => {}
            "ping" => events.kept_alive(),
            "message_start" => {
                // Nothing has been put out yet, so the number that stands for it says nothing.
                self.counts
                    .update(required(event.message, "message")?.usage.unwrap_or_default().without_output());
                events.usage(self.counts.into());
            }
            "message_delta" => {
                if let Some(counts) = event.usage {
                    self.counts.update(counts);
                    events.usage(self.counts.into());
                }
                let delta = required(event.delta, "delta")?;
                if let Some(reason) = finish_reason::reason(delta.stop_reason.as_str()) {
                    events.finished(reason);
                }
            }
            "message_stop" => {
                events.done();
                return Ok(Progress::Closed);
            }
            "error" => {
                events.failed(error::from_body(data));
                return Ok(Progress::Closed);
            }
            // Of what stands between: an answer in one piece, in the place of events.
            "message" if !self.has_begun => {
                response::read(data, events)?;
                events.unstreamed();
                return Ok(Progress::Closed);
            }
            "" => match top_level_error::read(data) {
                Some(failure) => {
                    events.failed(failure);
                    return Ok(Progress::Closed);
                }
                None => return Err(DecodeError::Malformed("an event that does not say its type".into())),
            },
            _ => events.skipped(),
        }
        Ok(Progress::More)
    }
}

impl<'a> Event<'a> {
    /// Reads an event. One that is not known may have anything under names that are.
    fn read(data: &'a [u8]) -> Result<Self, DecodeError> {
        #[derive(Deserialize)]
        struct Outline<'a> {
            #[serde(borrow, default, rename = "type")]
            kind: Text<'a>,
        }
        json::parse(data).or_else(|error| match json::parse::<Outline<'_>>(data) {
            Ok(it) if !KNOWN.contains(&it.kind.as_str()) => Ok(Self { kind: it.kind, ..Self::default() }),
            _ => Err(error),
        })
    }
}

impl Delta<'_> {
    /// Tells of a piece of a block.
    fn report(&self, events: &mut Events<'_>) -> Result<(), DecodeError> {
        match self.kind.as_str() {
            "text_delta" => events.text(required(self.text.as_ref(), "text")?.as_str()),
            "thinking_delta" => events.reasoning(required(self.thinking.as_ref(), "thinking")?.as_str()),
            "input_json_delta" => {
                events.tool_call(required(self.partial_json.as_ref(), "partial_json")?.as_str());
            }
            // About the output, but no output.
            "signature_delta" | "citations_delta" => {}
            _ => events.skipped(),
        }
        Ok(())
    }
}

/// What a known event must have.
fn required<T>(field: Option<T>, name: &str) -> Result<T, DecodeError> {
    field.ok_or_else(|| DecodeError::Malformed(format!("an event without its {name}").into()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use genai_bench_core::clock::Epoch;
    use genai_bench_core::conformance::ScriptedTransport;
    use genai_bench_core::exchange::{Timeouts, exchange};
    use genai_bench_core::record::Usage;
    use genai_bench_core::record::{OutputKind, RequestRecord};
    use genai_bench_core::request::{OutputLength, Request};
    use genai_bench_core::target::Target;
    use genai_bench_core::units::Tokens;

    use super::super::entry;
    use crate::entry::Settings;

    /// What becomes of a stream of which an event comes every second.
    async fn play(stream: &'static str) -> RequestRecord {
        let events = stream.split_inclusive("\n\n").map(|it| Bytes::from_static(it.as_bytes()));
        let transport =
            ScriptedTransport::paced(events, Duration::from_secs(1)).with_head(200, "text/event-stream");
        let backend = entry::build(&Settings::default()).unwrap().backend;
        let target = Target::new(backend, Arc::new(transport));
        let request = Request::chat("m", "Hello", OutputLength::Free);
        let mut record = RequestRecord::default();
        exchange(&target, &request, Timeouts::default(), Epoch::start(), &mut record).await;
        record
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_output_is_the_first_piece_and_a_ping_is_a_sign_of_life() {
        let record = play(include_str!("../../fixtures/anthropic/messages.sse")).await;
        let seen: Vec<_> =
            record.arrivals.iter().map(|it| (it.at.as_nanos() / 1_000_000_000, it.kind)).collect();
        // Before it came the beginnings of the message and of a block, and a ping; between them, a signature.
        assert_eq!(seen, [(4, OutputKind::Reasoning), (8, OutputKind::Text)]);
        assert_eq!((record.keep_alives, record.skipped, record.failure), (1, 0, None));
        assert!(record.arrivals.iter().all(|it| it.tokens.is_none()), "what came at the end is of no piece");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_breaks_off_has_a_prompt_but_no_count_of_its_output() {
        let whole = include_str!("../../fixtures/anthropic/messages.sse");
        let record = play(whole.split_once("event: message_delta").unwrap().0).await;
        let expected = Usage { input: Some(Tokens(25)), cached: Some(Tokens(0)), ..Usage::default() };
        assert_eq!(record.usage, expected);
        assert_eq!(record.failure.unwrap().message, "the body ended early");
    }
}
