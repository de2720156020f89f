//! The detection of connections closed by the peer among the reasons for a missing response.

use std::error::Error;
use std::io::{self, ErrorKind};

/// Returns `true` if `error` is caused by a connection that was closed or reset.
pub(super) fn is_cause(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(it) = cause {
        if it.downcast_ref::<hyper::Error>().is_some_and(is_end_of_connection)
            || it.downcast_ref::<io::Error>().is_some_and(is_end)
        {
            return true;
        }
        cause = it.source();
    }
    false
}

fn is_end_of_connection(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || error.is_canceled() || error.is_closed()
}

fn is_end(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::UnexpectedEof
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_closed_or_reset_connection_is_a_cause() {
        for kind in [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof] {
            assert!(is_cause(&io::Error::from(kind)), "{kind}");
        }
        for kind in [ErrorKind::TimedOut, ErrorKind::InvalidData, ErrorKind::HostUnreachable] {
            assert!(!is_cause(&io::Error::from(kind)), "{kind}");
        }
    }
}
