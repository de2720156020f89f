//! Streamed answers.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::DecodeError;

use super::sse::{Frame, Sse};

/// Names of events that only keep a connection open, whatever their data.
const HEARTBEATS: [&[u8]; 6] =
    [b"ping", b"heartbeat", b"keepalive", b"keep-alive", b"keep_alive", b"response.keepalive"];

/// A decoder of an answer that arrives as server-sent events.
///
/// The answer is complete when an event has ended it. A function of an event's name, empty if it has none, and of its
/// data decides the meaning of the event.
pub(crate) struct StreamDecoder<F> {
    sse: Sse,
    state: State<F>,
}

/// The progress of an answer after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Not ended.
    More,
    /// Ended by a finish reason. Token counts may follow.
    Finished,
    /// Closed: the rest of the stream is no part of the answer.
    Closed,
}

struct State<F> {
    read_event: F,
    /// Reads the data of an event behind the end of the answer.
    read_trailer: fn(&[u8], &mut Events<'_>),
    progress: Progress,
}

impl<F> StreamDecoder<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
{
    /// Creates a decoder whose events are read by `read_event`, from name and data.
    pub(crate) fn boxed(read_event: F) -> Box<dyn Decoder> {
        Self::with_trailer(read_event, |_, _| ())
    }

    /// Creates a decoder for an API whose servers send token counts behind the end of the answer, which are read by
    /// `read_trailer`.
    pub(crate) fn with_trailer(read_event: F, read_trailer: fn(&[u8], &mut Events<'_>)) -> Box<dyn Decoder> {
        let state = State { read_event, read_trailer, progress: Progress::More };
        Box::new(Self { sse: Sse::default(), state })
    }
}

impl<F> Decoder for StreamDecoder<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, state } = self;
        sse.feed(chunk, |frame| state.read_frame(frame, events))
    }

    fn is_complete(&self) -> bool {
        self.state.progress == Progress::Closed
    }

    fn buffered_bytes(&self) -> usize {
        self.sse.buffered_bytes()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { sse, mut state } = *self;
        // An event that the end of the stream cuts off is missing, not malformed.
        sse.finish(|frame| state.read_frame(frame, events))
            .map_err(|_: DecodeError| DecodeError::Truncated)?;
        if state.progress == Progress::More { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

impl<F> State<F>
where
    F: FnMut(&[u8], &[u8], &mut Events<'_>) -> Result<Progress, DecodeError>,
{
    fn read_frame(&mut self, frame: Frame<'_>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.progress == Progress::Closed {
            if let Frame::Event { data, .. } = frame {
                (self.read_trailer)(data, events);
            }
            return Ok(());
        }
        match frame {
            Frame::Comment => events.kept_alive(),
            Frame::Stray => events.skipped(),
            Frame::Event { name, data } if is_heartbeat(name, data) => events.kept_alive(),
            Frame::Event { name, data } => {
                let progress = (self.read_event)(name, data, events).map_err(truncated_as_malformed)?;
                if progress != Progress::More {
                    self.progress = progress;
                }
            }
        }
        Ok(())
    }
}

/// Converts the error of a part that arrived whole: its missing end will not follow.
pub(crate) fn truncated_as_malformed(error: DecodeError) -> DecodeError {
    match error {
        DecodeError::Truncated => DecodeError::Malformed("an event that ends too early".into()),
        other => other,
    }
}

/// Returns `true` if `data` is the end mark `[DONE]`, with blanks or quotes around it, in any case, or with anything
/// behind it: the openai Python SDK accepts all data that begins with it.
pub(crate) fn is_end_mark(data: &[u8]) -> bool {
    const DONE: &[u8] = b"[DONE]";
    let data = data.trim_ascii();
    let data = data.strip_prefix(b"\"").unwrap_or(data).trim_ascii_start();
    data.get(..DONE.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(DONE))
}

/// Returns `true` if an event only keeps the connection open: its name says so, or its data is blank. An event named
/// `error` is an error even without data.
pub(crate) fn is_heartbeat(name: &[u8], data: &[u8]) -> bool {
    if name.is_empty() {
        return data.trim_ascii().is_empty();
    }
    let is_named = HEARTBEATS.iter().any(|heartbeat| name.eq_ignore_ascii_case(heartbeat));
    is_named || (name != b"error" && data.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_mark_may_have_blanks_and_quotes_around_it() {
        for data in ["[DONE]", " [DONE] ", "\"[DONE]\"", "\t\"[DONE]\" ", "[done]", "[DONE] ", "[DONE]\n"] {
            assert!(is_end_mark(data.as_bytes()), "{data}");
        }
        for data in ["", "DONE", "[DON", "[\"DONE\"]", "{}", "[]", r#"{"text": "[DONE]"}"#] {
            assert!(!is_end_mark(data.as_bytes()), "{data}");
        }
    }

    #[test]
    fn a_heartbeat_is_blank_or_named_so() {
        for (name, data) in [("", ""), ("", " \n "), ("ping", "{\"type\": 7"), ("PING", ""), ("message", "")]
        {
            assert!(is_heartbeat(name.as_bytes(), data.as_bytes()), "{name} {data}");
        }
        for (name, data) in [("", "{}"), ("error", ""), ("message", "ping"), ("pinged", "x")] {
            assert!(!is_heartbeat(name.as_bytes(), data.as_bytes()), "{name} {data}");
        }
    }
}
