//! Advice for a request that failed before the sweep.

use genai_bench_core::failure::{Failure, FailureKind};

/// Words in messages of TLS libraries.
const TLS: [&str; 4] = ["tls", "ssl", "certificate", "handshake"];
/// Words in messages about a peer that does not speak TLS at all.
const NO_TLS: [&str; 3] = ["corrupt message", "invalidcontenttype", "wrong version number"];

/// Returns what to do about `failure`.
pub(super) fn advice(failure: &Failure) -> &'static str {
    let message = failure.message.to_lowercase();
    let mentions = |words: &[&str]| words.iter().any(|word| message.contains(word));
    match (failure.kind, failure.status) {
        (FailureKind::NotSent, _) => "nothing was sent",
        (FailureKind::Connect | FailureKind::ConnectionLost, None) if mentions(&NO_TLS) => {
            "the server was reached and does not speak TLS: give --api-base with http://"
        }
        (FailureKind::Connect | FailureKind::ConnectionLost, None) if mentions(&TLS) => {
            "the server was reached and TLS failed: this machine must trust its certificate (SSL_CERT_FILE names a \
             file of more certificates), and the certificate must be of the host in --api-base"
        }
        (FailureKind::Connect, _) => "is the server running, and is --api-base right?",
        (_, Some(401 | 403)) => "give the right key with --api-key",
        (_, Some(404)) => "is --api-base right, and does the server know --api-model-name?",
        (_, Some(400)) if message.contains("https") => "the server speaks TLS: give --api-base with https://",
        (_, Some(400 | 422)) => "the server does not take such a request: see --additional-request-params",
        (FailureKind::ConnectionLost, None) => {
            "the connection broke before an answer: is --api-base the right address, and is it http:// or https://?"
        }
        _ => "the server does not answer such a request",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice_for(kind: FailureKind, status: Option<u16>, message: &str) -> &'static str {
        advice(&Failure::new(kind, message).with_status(status))
    }

    #[test]
    fn a_tls_failure_does_not_ask_whether_the_server_is_running() {
        for message in [
            "error trying to connect: invalid peer certificate: UnknownIssuer",
            "TLS: no cipher in common",
            "connect: received fatal alert: HandshakeFailure",
        ] {
            let advice = advice_for(FailureKind::Connect, None, message);
            assert!(advice.contains("certificate") && !advice.contains("running"), "{message}: {advice}");
        }
        let plain = "TLS: received corrupt message of type InvalidContentType";
        assert!(advice_for(FailureKind::Connect, None, plain).contains("http://"));
    }

    #[test]
    fn a_refused_connection_asks_whether_the_server_is_running() {
        assert!(
            advice_for(FailureKind::Connect, None, "Connection refused (os error 111)").contains("running")
        );
    }

    #[test]
    fn a_connection_that_broke_asks_for_the_scheme() {
        let message = "connection closed before message completed";
        assert!(advice_for(FailureKind::ConnectionLost, None, message).contains("https://"));
    }

    #[test]
    fn a_server_that_wants_tls_is_not_sent_other_parameters() {
        let page = "Client sent an HTTP request to an HTTPS server.";
        assert!(advice_for(FailureKind::Status, Some(400), page).contains("https://"));
        assert!(
            advice_for(FailureKind::Status, Some(400), "unknown field")
                .contains("--additional-request-params")
        );
    }
}
