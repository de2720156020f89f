//! The bodies of requests, with a limit on each and on all of them together.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Buf;
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::Body;

use super::error_response::ErrorResponse;

/// The timeout of reading the body of a request: a megabyte a second at the largest size.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest body of a request, in bytes: some images or a short video, as base64.
pub(super) const LARGEST_BODY: usize = 64 << 20;
/// The maximum number of bytes in the bodies of all requests being read or parsed: each of the connections
/// may have one of 64 KiB, and sixteen of them one of the largest size.
const MOST_BODY_BYTES: u64 = 1 << 30;

/// The number of bytes of all bodies that a server holds.
#[derive(Debug, Default)]
pub(super) struct HeldBodies(AtomicU64);

/// A complete body. Its bytes count among those that the server holds until it is dropped.
#[derive(Debug)]
pub(super) struct HeldBody {
    bytes: Vec<u8>,
    held: Arc<HeldBodies>,
}

impl HeldBodies {
    /// Reads a body to its end.
    ///
    /// # Errors
    ///
    /// Returns a response for a body that does not arrive in time or is too large, and when all bodies
    /// together are too large.
    pub(super) async fn read<B>(self: &Arc<Self>, body: B) -> Result<HeldBody, ErrorResponse>
    where
        B: Body + Unpin,
        B::Error: std::fmt::Display,
    {
        let reading = tokio::time::timeout(BODY_TIMEOUT, self.collect(body)).await;
        reading.unwrap_or_else(|_| {
            let message = format!("The body did not come within {} seconds.", BODY_TIMEOUT.as_secs());
            Err(ErrorResponse::status(StatusCode::REQUEST_TIMEOUT, message))
        })
    }

    async fn collect<B>(self: &Arc<Self>, mut body: B) -> Result<HeldBody, ErrorResponse>
    where
        B: Body + Unpin,
        B::Error: std::fmt::Display,
    {
        let mut whole = HeldBody { bytes: Vec::new(), held: Arc::clone(self) };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                let message = format!("The body could not be read: {error}.");
                ErrorResponse::status(StatusCode::BAD_REQUEST, message)
            })?;
            // Trailers are of no use here.
            if let Ok(data) = frame.into_data() {
                whole.extend(data)?;
            }
        }
        Ok(whole)
    }
}

impl HeldBody {
    fn extend(&mut self, mut data: impl Buf) -> Result<(), ErrorResponse> {
        let added = data.remaining();
        if self.bytes.len() + added > LARGEST_BODY {
            let message = format!("The body is larger than {} MiB.", LARGEST_BODY >> 20);
            return Err(ErrorResponse::status(StatusCode::PAYLOAD_TOO_LARGE, message));
        }
        let others = self.held.0.fetch_add(added as u64, Ordering::Relaxed);
        if others + added as u64 > MOST_BODY_BYTES {
            self.held.0.fetch_sub(added as u64, Ordering::Relaxed);
            let message = format!(
                "The bodies of all requests in flight are larger than {} MiB together: send fewer at a time, or smaller ones.",
                MOST_BODY_BYTES >> 20
            );
            return Err(ErrorResponse::status(StatusCode::SERVICE_UNAVAILABLE, message));
        }
        self.bytes.reserve(added);
        while data.has_remaining() {
            let chunk = data.chunk();
            self.bytes.extend_from_slice(chunk);
            let read = chunk.len();
            data.advance(read);
        }
        Ok(())
    }
}

impl std::ops::Deref for HeldBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldBody {
    fn drop(&mut self) {
        self.held.0.fetch_sub(self.bytes.len() as u64, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::Full;

    use super::*;

    fn full(bytes: usize) -> Full<Bytes> {
        Full::new(Bytes::from(vec![b'x'; bytes]))
    }

    fn status(read: Result<HeldBody, ErrorResponse>) -> StatusCode {
        read.map_or_else(|refusal| refusal.response().status(), |_| StatusCode::OK)
    }

    #[tokio::test]
    async fn all_bodies_together_are_bounded_until_they_are_dropped() {
        let held = Arc::new(HeldBodies::default());
        held.0.store(MOST_BODY_BYTES - 10, Ordering::Relaxed);
        let first = held.read(full(6)).await.unwrap();
        assert_eq!(&*first, b"xxxxxx");
        assert_eq!(status(held.read(full(5)).await), StatusCode::SERVICE_UNAVAILABLE);
        let second = held.read(full(4)).await;
        drop(first);
        assert_eq!(status(held.read(full(6)).await), StatusCode::OK);
        drop(second);
        assert_eq!(held.0.load(Ordering::Relaxed), MOST_BODY_BYTES - 10, "what was refused is not held");
    }

    #[tokio::test]
    async fn one_body_is_bounded() {
        let held = Arc::new(HeldBodies::default());
        assert_eq!(status(held.read(full(LARGEST_BODY)).await), StatusCode::OK);
        assert_eq!(status(held.read(full(LARGEST_BODY + 1)).await), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(held.0.load(Ordering::Relaxed), 0);
    }
}
