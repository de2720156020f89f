//! The most that one client can take of the server.

use std::num::NonZeroUsize;
use std::time::Duration;

/// The time in which the head of a request has to come, from the end of the request before it: a connection that sends a
/// byte now and then would hold its place for ever. Clients close connections that carry no request after some seconds.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// The time in which the body of a request has to come: at the largest size, a megabyte a second.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(60);
/// The largest head of a request, in bytes. Keys have some thousands at most, and other servers take 8 or 16 KiB.
pub(super) const LARGEST_HEAD: usize = 32 << 10;
/// The largest body of a request, in bytes: some pictures or a short video, as base64.
pub(super) const LARGEST_BODY: usize = 64 << 20;
/// The most bytes of the bodies of all requests that are being read or parsed: each of the most connections may have one of
/// 64 KiB, and sixteen one of the largest size.
pub(super) const MOST_BODY_BYTES: u64 = 1 << 30;
/// The connections that are served at the same time, unless the settings say otherwise: more than the largest benchmarks
/// open, which is 10,000. With a head of the largest size in each they take half a gigabyte.
pub(super) const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::new(1 << 14).expect("16,384 is not zero");
