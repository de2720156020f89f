//! The detection of TLS failures among those of the connection.

use std::error::Error;
use std::io;

/// Returns `true` if `error` is caused by TLS: by a certificate, or by a server without TLS.
pub(super) fn is_cause(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(it) = cause {
        if it.is::<rustls::Error>() || it.downcast_ref::<io::Error>().is_some_and(is_in) {
            return true;
        }
        cause = it.source();
    }
    false
}

/// Returns `true` if an I/O error wraps one of TLS: the cause in it is not among its sources.
fn is_in(error: &io::Error) -> bool {
    let is_of_rustls = error.get_ref().is_some_and(|inner| {
        inner.is::<rustls::Error>() || inner.downcast_ref::<io::Error>().is_some_and(is_in)
    });
    // The error of tokio-rustls for a connection that ends in the middle of a handshake.
    is_of_rustls
        || (error.kind() == io::ErrorKind::UnexpectedEof && error.to_string().contains("tls handshake"))
}
