//! `/v1/audio/speech`: audio, while it is generated.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::json;

use crate::simulator::api::fields::Fields;
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::{FaultPieces, WithFault};
use crate::simulator::pieces::{Output, Piece};
use crate::simulator::planned_response::{Body, PlannedResponse, RequestContext};
use crate::simulator::prompt::Prompt;
use crate::simulator::settings::{Settings, UsageMode};

/// The number of characters that count as one token.
const CHARACTERS_PER_TOKEN: u64 = 4;

/// The audio formats. The first is the default.
const FORMATS: [&str; 6] = ["mp3", "opus", "aac", "flac", "wav", "pcm"];
const MEDIA_TYPES: [&str; 6] =
    ["audio/mpeg", "audio/opus", "audio/aac", "audio/flac", "audio/wav", "audio/pcm"];

/// A request for speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) struct Speech {
    bytes: u64,
    chunk_bytes: u64,
    media_type: &'static str,
    /// `true` if the audio is in events, and not the body itself.
    events: bool,
}

impl Speech {
    /// Parses the request. Its prompt is counted in characters: the text is not read word by word.
    pub(super) fn read(
        fields: &Fields,
        settings: &Settings,
        prompt: &mut Prompt,
    ) -> Result<Self, ErrorResponse> {
        let characters = fields.text("input")?.chars().count() as u64;
        prompt.tokens += characters.div_ceil(CHARACTERS_PER_TOKEN);
        let format = fields.choice("response_format", &FORMATS)?;
        let media_type = FORMATS.iter().zip(MEDIA_TYPES).find(|(it, _)| **it == format).map(|(_, it)| it);
        Ok(Self {
            bytes: characters * u64::from(settings.speech_bytes_per_character.get()),
            chunk_bytes: settings.speech_chunk_bytes.get().into(),
            media_type: media_type.unwrap_or(MEDIA_TYPES[0]),
            events: fields.choice("stream_format", &["audio", "sse"])? == "sse",
        })
    }

    pub(super) fn reply(self, context: &RequestContext<'_>) -> PlannedResponse {
        let chunks = self.bytes.div_ceil(self.chunk_bytes);
        let usage = json!({
            "input_tokens": context.input_tokens,
            "output_tokens": chunks,
            "total_tokens": context.input_tokens + chunks,
        });
        let done = match context.settings.usage {
            UsageMode::Never => json!({"type": "speech.audio.done"}),
            _ => json!({"type": "speech.audio.done", "usage": usage}),
        };
        let sound = Sound { speech: self, made: 0, done: self.events.then(|| event(&done.to_string())) };
        let strikes = if self.events {
            FaultPieces { error: |_| event(&error()), garbage: "data: {this is not json\n\n" }
        } else {
            FaultPieces { error: |_| error().into(), garbage: "{this is no sound" }
        };
        let pieces = WithFault::new(sound, context.fault, chunks / 2, strikes);
        if self.events {
            return PlannedResponse::events(pieces);
        }
        PlannedResponse { content_type: self.media_type, body: Body::Pieces(Box::new(pieces)) }
    }
}

fn error() -> String {
    ErrorResponse::server_error().json()
}

fn event(data: &str) -> Bytes {
    Bytes::from(format!("data: {data}\n\n"))
}

/// The pieces of one response. The audio is silence, and so every byte of it is 0.
#[derive(Clone, Debug)]
struct Sound {
    speech: Speech,
    /// The number of bytes so far.
    made: u64,
    /// The piece after the audio.
    done: Option<Bytes>,
}

impl Iterator for Sound {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let audio_bytes = self.speech.chunk_bytes.min(self.speech.bytes - self.made);
        if audio_bytes == 0 {
            return self.done.take().map(Piece::silent);
        }
        let sound = vec![0; usize::try_from(audio_bytes).expect("a chunk has at most 4 GiB")];
        let bytes = if self.speech.events {
            event(&format!(r#"{{"type":"speech.audio.delta","audio":"{}"}}"#, STANDARD.encode(sound)))
        } else {
            Bytes::from(sound)
        };
        let first = self.made == 0;
        self.made += audio_bytes;
        Some(Piece::with(Output { tokens: 1, audio_bytes, ..Output::default() }, first, bytes))
    }
}
