//! Reads answers as they were described.

use std::sync::Arc;

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::{DecodeError, Failure};
use genai_bench_core::record::{FinishReason, Usage};
use serde::Deserialize;
use serde_json::Value;

use super::description::{Answer, Framing, Pointer};
use crate::wire::fields::Count;
use crate::wire::finish_reason::WireFinishReason;
use crate::wire::ndjson::Ndjson;
use crate::wire::sse::{Frame, LONGEST, Sse, TooLong};
use crate::wire::usage::output_tokens;
use crate::wire::{json, stream};

/// A decoder for one answer.
pub(super) fn decoder(answer: &Arc<Answer>) -> Box<dyn Decoder> {
    let body = match answer.framing {
        Framing::Sse => Body::Sse(Sse::default()),
        Framing::Ndjson => Body::Ndjson(Ndjson::default()),
        Framing::Json => Body::Json(Vec::new()),
        Framing::Bytes => Body::Bytes,
    };
    Box::new(AnswerDecoder {
        body,
        reader: Reader { answer: Arc::clone(answer), progress: Progress::Nothing },
    })
}

struct AnswerDecoder {
    body: Body,
    reader: Reader,
}

enum Body {
    Sse(Sse),
    Ndjson(Ndjson),
    Json(Vec<u8>),
    Bytes,
}

/// How far a stream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    Nothing,
    Something,
    /// It said why it ends. Token counts may follow.
    Finished,
    /// Whatever follows is no part of it.
    Closed,
}

struct Reader {
    answer: Arc<Answer>,
    progress: Progress,
}

impl Decoder for AnswerDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { body, reader } = self;
        match body {
            Body::Sse(sse) => sse.feed(chunk, |frame| reader.frame(frame, events)),
            Body::Ndjson(lines) => lines.feed(chunk, |line| reader.event(line, events)),
            Body::Json(json) => {
                if json.len() + chunk.len() > LONGEST {
                    return Err(TooLong.into());
                }
                json.extend_from_slice(chunk);
                Ok(())
            }
            Body::Bytes => {
                reader.reached(if chunk.is_empty() { Progress::Nothing } else { Progress::Something });
                events.audio(chunk.len());
                Ok(())
            }
        }
    }

    fn is_complete(&self) -> bool {
        self.reader.progress == Progress::Closed
    }

    fn buffered_bytes(&self) -> usize {
        match &self.body {
            Body::Sse(sse) => sse.buffered_bytes(),
            Body::Ndjson(lines) => lines.buffered_bytes(),
            Body::Json(json) => json.len(),
            Body::Bytes => 0,
        }
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { body, mut reader } = *self;
        // What the end cut off in the middle is not malformed but missing.
        let missing = |_: DecodeError| DecodeError::Truncated;
        match body {
            Body::Sse(sse) => sse.finish(|frame| reader.frame(frame, events)).map_err(missing)?,
            Body::Ndjson(lines) => lines.finish(|line| reader.event(line, events)).map_err(missing)?,
            Body::Json(json) => return reader.whole(&json, events),
            Body::Bytes => {}
        }
        let needed = match reader.answer.framing {
            Framing::Sse | Framing::Ndjson if reader.answer.is_marked() => Progress::Finished,
            _ => Progress::Something,
        };
        if reader.progress < needed { Err(DecodeError::Truncated) } else { Ok(()) }
    }
}

impl Reader {
    fn reached(&mut self, progress: Progress) {
        self.progress = self.progress.max(progress);
    }

    fn frame(&mut self, frame: Frame<'_>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        match frame {
            _ if self.progress == Progress::Closed => Ok(()),
            Frame::Comment => {
                events.kept_alive();
                Ok(())
            }
            Frame::Event { name, data } if stream::is_heartbeat(name, data) => {
                events.kept_alive();
                Ok(())
            }
            Frame::Event { name, .. }
                if self.answer.event.as_ref().is_some_and(|it| it.as_bytes() != name) =>
            {
                events.skipped();
                Ok(())
            }
            Frame::Event { data, .. } => self.event(data, events),
            Frame::Stray => {
                events.skipped();
                Ok(())
            }
        }
    }

    /// One event or line of a stream.
    fn event(&mut self, data: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.progress == Progress::Closed {
            return Ok(());
        }
        if self.answer.end.as_ref().is_some_and(|end| is_end(end.as_bytes(), data)) {
            self.reached(Progress::Closed);
            events.done();
            return Ok(());
        }
        let value = json::value(data).map_err(stream::truncated_as_malformed)?;
        if !self.report(&value, events) {
            events.skipped();
        }
        Ok(())
    }

    /// An answer in one piece: what was described has to be in it.
    fn whole(&mut self, json: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        let value = json::value(json)?;
        self.report(&value, events);
        if self.progress != Progress::Closed {
            for pointer in [&self.answer.text, &self.answer.items].into_iter().flatten() {
                if pointer.find_in(&value).is_none() {
                    let place = pointer.as_str();
                    return Err(DecodeError::Malformed(
                        format!("there is nothing at {place} in the answer").into(),
                    ));
                }
            }
        }
        events.unstreamed();
        Ok(())
    }

    /// Tells of all that is there; `false` when that is nothing.
    fn report(&mut self, value: &Value, events: &mut Events<'_>) -> bool {
        let answer = Arc::clone(&self.answer);
        if let Some(error) = at(&answer.error, value) {
            let message = error.get("message").unwrap_or(error);
            events.failed(Failure::in_band(
                message.as_str().map_or_else(|| message.to_string(), str::to_owned),
            ));
            self.reached(Progress::Closed);
            return true;
        }
        let text = |pointer| at(pointer, value).and_then(Value::as_str);
        let count = |pointer| at(pointer, value).map(Count::from_json).unwrap_or_default();
        let (said, thought) = (text(&answer.text), text(&answer.reasoning));
        events.reasoning(thought.unwrap_or_default());
        events.text(said.unwrap_or_default());
        let items = at(&answer.items, value).and_then(Value::as_array).map_or(0, Vec::len);
        (0..items).for_each(|_| events.item());
        let (input, completion) = (count(&answer.input_tokens), count(&answer.output_tokens));
        let reasoning = count(&answer.reasoning_tokens);
        let usage = Usage {
            input: input.tokens(),
            output: output_tokens(input, completion, reasoning, Count::default()),
            reasoning: reasoning.tokens(),
            cached: count(&answer.cached_tokens).tokens(),
        };
        let is_counted = usage != Usage::default();
        if is_counted {
            events.usage(usage);
        }
        let reason = at(&answer.finish_reason, value).and_then(|it| WireFinishReason::deserialize(it).ok());
        let reason = reason.filter(|reason| !reason.as_str().is_empty());
        if let Some(reason) = &reason {
            events.finished(finish_reason(reason));
            self.reached(Progress::Finished);
        }
        let told = said.is_some() || thought.is_some() || items > 0 || is_counted || reason.is_some();
        if told {
            self.reached(Progress::Something);
        }
        told
    }
}

/// Returns whether `data` is the end mark `end`, blanks aside. `[DONE]` may also have quotes around it.
fn is_end(end: &[u8], data: &[u8]) -> bool {
    data == end || data.trim_ascii() == end.trim_ascii() || (end == b"[DONE]" && stream::is_end_mark(data))
}

fn at<'a>(pointer: &Option<Pointer>, value: &'a Value) -> Option<&'a Value> {
    pointer.as_ref()?.find_in(value)
}

/// The reason under its common name.
fn finish_reason(reason: &WireFinishReason<'_>) -> FinishReason {
    match reason.as_str().to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "stop_sequence" => FinishReason::Stop,
        "length" | "max_tokens" => FinishReason::Length,
        _ => FinishReason::Other(reason.with_message()),
    }
}
