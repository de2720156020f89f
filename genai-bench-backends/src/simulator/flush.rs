//! A connection that counts its flushes to the socket.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::{Read, ReadBufCursor, Write};

/// The number of flushes of one connection. A body whose bytes must arrive before it breaks the connection
/// waits for one: the HTTP library drops buffered bytes when a body fails.
#[derive(Debug, Default)]
pub(super) struct Flushes(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    count: u64,
    waiting: Option<Waker>,
}

impl Flushes {
    pub(super) fn count(&self) -> u64 {
        self.lock().count
    }

    /// Returns `Ready` once there was a flush after the first `seen`.
    pub(super) fn poll_after(&self, seen: u64, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.count > seen {
            return Poll::Ready(());
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(super) fn flushed(&self) {
        let mut state = self.lock();
        state.count += 1;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that counts its flushes. Hyper flushes it only once its own buffer is empty.
#[derive(Debug)]
pub(super) struct CountedFlushes<C> {
    connection: C,
    flushes: Arc<Flushes>,
}

impl<C> CountedFlushes<C> {
    pub(super) fn new(connection: C, flushes: Arc<Flushes>) -> Self {
        Self { connection, flushes }
    }
}

impl<C: Read + Unpin> Read for CountedFlushes<C> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, into)
    }
}

impl<C: Write + Unpin> Write for CountedFlushes<C> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.connection).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.flushes.flushed();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write_vectored(cx, slices)
    }
}
