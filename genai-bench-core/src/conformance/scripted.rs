//! A transport that plays a script, for tests and examples without a network.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;

use crate::transport::{Answer, Chunk, ChunkStream, Connection, Transport, TransportError};

/// A transport that answers every request with the same script.
///
/// On a runtime with paused time, the measured durations are exactly those of the script.
///
/// ```
/// use std::time::Duration;
/// use genai_bench_core::conformance::{ScriptedTransport, Step};
///
/// let transport = ScriptedTransport::new([
///     Step::Wait(Duration::from_millis(20)),
///     Step::Bytes("data: hello\n\n".into()),
/// ]);
/// # drop(transport);
/// ```
#[derive(Clone, Debug)]
pub struct ScriptedTransport {
    status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    head_after: Duration,
    steps: Vec<Step>,
}

/// A step of a response body.
#[derive(Clone, Debug)]
pub enum Step {
    /// A pause.
    Wait(Duration),
    /// A chunk of these bytes.
    Bytes(Bytes),
    /// A broken connection.
    Break,
    /// An endless pause.
    Hang,
}

impl ScriptedTransport {
    /// Creates a transport that answers with status 200 and an event stream of these steps.
    #[must_use]
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            status: 200,
            content_type: "text/event-stream",
            headers: Vec::new(),
            head_after: Duration::ZERO,
            steps: steps.into_iter().collect(),
        }
    }

    /// Creates a transport that answers with chunks, each `gap` after the one before.
    #[must_use]
    pub fn paced(chunks: impl IntoIterator<Item = Bytes>, gap: Duration) -> Self {
        Self::new(chunks.into_iter().flat_map(|chunk| [Step::Wait(gap), Step::Bytes(chunk)]))
    }

    /// Sets the status and the content type.
    #[must_use]
    pub fn with_head(mut self, status: u16, content_type: &'static str) -> Self {
        (self.status, self.content_type) = (status, content_type);
        self
    }

    /// Adds a response header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sets the delay of the response head.
    #[must_use]
    pub fn headed_after(mut self, time: Duration) -> Self {
        self.head_after = time;
        self
    }

    fn body(&self) -> ChunkStream {
        Box::pin(stream::unfold(self.steps.clone().into_iter(), |mut rest| async move {
            loop {
                match rest.next()? {
                    Step::Wait(time) => tokio::time::sleep(time).await,
                    Step::Bytes(bytes) => return Some((Ok(Chunk::from(bytes)), rest)),
                    Step::Break => {
                        return Some((Err(TransportError::Lost("as the script says".to_owned())), rest));
                    }
                    Step::Hang => std::future::pending().await,
                }
            }
        }))
    }
}

#[async_trait]
impl Transport for ScriptedTransport {
    async fn send(&self, _: http::Request<Bytes>) -> Result<Answer, TransportError> {
        if !self.head_after.is_zero() {
            tokio::time::sleep(self.head_after).await;
        }
        let head = http::Response::builder().status(self.status).header("content-type", self.content_type);
        let head = self.headers.iter().fold(head, |head, (name, value)| head.header(*name, *value));
        let (head, ()) =
            head.body(()).map_err(|error| TransportError::Refused(error.to_string()))?.into_parts();
        Ok(Answer::new(head, self.body(), Connection::Reused))
    }
}
