//! Speech generation.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};
use serde::Deserialize;
use serde_json::Value;

use super::event::{self, Progress};
use super::usage::WireUsage;
use crate::wire::request::RequestBody;
use crate::wire::text::Text;
use crate::wire::{error, fields, json};

/// The default voice.
const VOICE: &str = "alloy";

/// Writes a request for speech with this `text`.
pub(super) fn write_request(body: &mut RequestBody<'_>, text: &str) -> &'static str {
    body.set("input", text);
    body.set("voice", VOICE);
    "audio/speech"
}

/// A decoder of raw audio, every byte of which is output. The format has no end mark: only the transport detects a
/// truncated answer.
#[derive(Debug, Default)]
pub(super) struct SoundDecoder {
    came: bool,
}

impl Decoder for SoundDecoder {
    fn decode(&mut self, chunk: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
        self.came |= !chunk.is_empty();
        events.audio(chunk.len());
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.came { Ok(()) } else { Err(DecodeError::Malformed("no sound in the answer".into())) }
    }
}

/// Reads text in place of audio: its content is the error.
pub(super) fn read_error(body: &[u8], events: &mut Events<'_>) -> Result<(), DecodeError> {
    let Ok(told) = json::value(body) else {
        let text = String::from_utf8_lossy(body);
        events.failed(Failure::in_band(format!("no sound but: {}", text.trim())));
        return Ok(());
    };
    let error = ["error", "detail"].iter().find_map(|it| told.get(it).filter(|it| !it.is_null()));
    events.failed(error::from_value(error.unwrap_or(&told)));
    Ok(())
}

/// Reads one event of audio that is streamed as events.
pub(super) fn read_event(name: &[u8], data: &[u8], events: &mut Events<'_>) -> Result<Progress, DecodeError> {
    let event: Event<'_> = json::parse(data)?;
    if let Some(error) = event.error.filter(error::is_error) {
        events.failed(error::from_value(&error));
        return Ok(Progress::Closed);
    }
    match &*event::name(name, event.name.as_str()) {
        "speech.audio.delta" => {
            events.audio(decoded_length(event.audio.as_str()));
            Ok(Progress::More)
        }
        "speech.audio.done" => {
            if let Some(usage) = event.usage {
                events.usage(usage.into());
            }
            events.done();
            Ok(Progress::Closed)
        }
        "" => Ok(event::unknown(data, events)),
        _ => {
            events.skipped();
            Ok(Progress::More)
        }
    }
}

#[derive(Debug, Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "type")]
    name: Text<'a>,
    #[serde(borrow, default)]
    audio: Text<'a>,
    #[serde(default, deserialize_with = "fields::object_or_none")]
    usage: Option<WireUsage>,
    error: Option<Value>,
}

/// Returns the number of bytes in this base64: 6 bits per character, padded or not.
pub(crate) fn decoded_length(base64: &str) -> usize {
    let characters = base64.trim_end_matches('=').len();
    characters / 4 * 3 + characters % 4 * 3 / 4
}

#[cfg(test)]
mod tests {
    use genai_bench_core::request::{Input, Request};
    use serde_json::json;

    use super::super::Dialect;
    use super::super::request::encoded;
    use super::*;

    #[test]
    fn a_text_is_spoken_in_any_voice() {
        let request = Request::new("m", Input::Speech { text: "Hello".into() });
        let expected = json!({"model": "m", "input": "Hello", "voice": "alloy"});
        assert_eq!(encoded(&request, &Dialect::openai()), ("audio/speech", expected));
        let extra = json!({"voice": "ash", "response_format": "pcm"});
        let dialect = Dialect { body: extra.as_object().unwrap().clone(), ..Dialect::openai() };
        let expected = json!({"model": "m", "input": "Hello", "voice": "ash", "response_format": "pcm"});
        assert_eq!(encoded(&request, &dialect).1, expected);
    }

    #[test]
    fn base64_is_measured_by_what_is_in_it() {
        // The examples of RFC 4648, § 10: "", "f", "fo", "foo", "foob".
        let of = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="].map(decoded_length);
        assert_eq!(of, [0, 1, 2, 3, 4]);
        assert_eq!(decoded_length("Zm9vYg"), 4);
    }
}
