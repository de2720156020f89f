//! Recorded answers, and what they mean.

use std::sync::Arc;

use crate::backend::Backend;
use crate::record::ServerTime;
use crate::record::{FinishReason, Usage};
use crate::request::Request;

/// A backend and its recordings.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The backend under test.
    pub backend: Arc<dyn Backend>,
    /// What it must understand.
    pub cassettes: Vec<Cassette>,
}

/// A recorded response body, byte for byte. It is never edited to make a test pass.
#[derive(Clone, Debug)]
pub struct Cassette {
    /// A name for the recording.
    pub name: &'static str,
    /// Where it comes from, and when it was made.
    pub origin: &'static str,
    /// What it shows.
    pub role: Role,
    /// What was asked.
    pub request: Request,
    /// The `Content-Type` of the response.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static [u8],
    /// What it means.
    pub expected: Expected,
}

/// What a recording shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A complete answer.
    Answer,
    /// A complete answer with something in it that the backend does not know.
    Unknown,
    /// A complete answer in which nothing says where it ends or what its pieces are, such as plain sound: each
    /// chunk of it is output, its end is that of the response, and only the transport can tell a cut.
    Unmarked,
    /// An answer that is not the provider's format.
    Broken,
    /// An error inside a good response.
    ErrorInside,
}

/// What a recording means.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The answer.
    pub answer: &'static str,
    /// The reasoning before it.
    pub reasoning: &'static str,
    /// How many things came that are whole by themselves.
    pub items: u64,
    /// How much sound came.
    pub audio_bytes: u64,
    /// The provider's token counts.
    pub usage: Usage,
    /// How long it took by the server's own clock.
    pub server_time: ServerTime,
    /// Why it ended.
    pub finish: Option<FinishReason>,
    /// The status and a part of the message of an error inside it.
    pub error: Option<(Option<u16>, &'static str)>,
}
