//! Recorded answers and their expected contents.

use std::sync::Arc;

use crate::backend::Backend;
use crate::record::ServerTime;
use crate::record::{FinishReason, Usage};
use crate::request::Request;

/// A backend under test and its recordings.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The backend under test.
    pub backend: Arc<dyn Backend>,
    /// The recordings that it must decode.
    pub cassettes: Vec<Cassette>,
}

/// A recorded response body, byte for byte. It is never edited to make a test pass.
#[derive(Clone, Debug)]
pub struct Cassette {
    /// A name for the recording.
    pub name: &'static str,
    /// The origin and date of the recording.
    pub origin: &'static str,
    /// The kind of recording.
    pub role: Role,
    /// The request.
    pub request: Request,
    /// The `Content-Type` of the response.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static [u8],
    /// The expected content.
    pub expected: Expected,
}

/// The kind of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A complete answer.
    Answer,
    /// A complete answer with parts that the backend does not know.
    Unknown,
    /// A complete answer without marks of its end or its pieces, such as raw audio: each chunk is output, its end is
    /// that of the response, and only the transport can detect a cut.
    Unmarked,
    /// An answer that is not the provider's format.
    Broken,
    /// An error inside a successful response.
    ErrorInside,
}

/// The expected content of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The answer.
    pub answer: &'static str,
    /// The reasoning before it.
    pub reasoning: &'static str,
    /// The number of complete items.
    pub items: u64,
    /// The length of the audio, in bytes.
    pub audio_bytes: u64,
    /// The provider's token counts.
    pub usage: Usage,
    /// The times that the server reported.
    pub server_time: ServerTime,
    /// The finish reason.
    pub finish: Option<FinishReason>,
    /// The status and a part of the message of an error inside it.
    pub error: Option<(Option<u16>, &'static str)>,
}
