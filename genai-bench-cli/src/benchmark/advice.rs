//! Advice for a request that failed before the first run.

use genai_bench_core::failure::{Failure, FailureKind};
use genai_bench_core::plan::Plan;
use genai_bench_core::runner::Runner;
use serde_json::{Map, Value};

/// Words in messages of TLS libraries.
const TLS: [&str; 4] = ["tls", "ssl", "certificate", "handshake"];
/// Words in messages about a server that does not use TLS.
const NO_TLS: [&str; 3] = ["corrupt message", "invalidcontenttype", "wrong version number"];
/// The fields that every request needs.
const NEEDED: [&str; 8] =
    ["model", "messages", "prompt", "input", "stream", "contents", "query", "documents"];
/// The fields that an option leaves out or renames, with the advice that names the option.
const OPTIONS: [(&str, &str); 4] = [
    ("stream_options", "--no-stream-options leaves it out"),
    ("max_completion_tokens", "--length-field max_tokens sends the older name"),
    ("ignore_eos", "--ignore-eos false leaves it out"),
    ("min_tokens", "--ignore-eos false leaves it out"),
];

/// The parts of a failed request that advice depends on.
#[derive(Clone, Debug, Default)]
pub(crate) struct PreflightRequest {
    /// The URL of the request, without user and query.
    pub(super) url: String,
    /// The part of the URL that --api-base sets.
    base: String,
    /// The names of the fields of the body.
    fields: Vec<String>,
}

impl PreflightRequest {
    /// Reads the first preflight request to a server at `base`.
    pub(super) fn new(runner: &Runner, plan: &Plan, base: &str) -> Result<Self, crate::failure::Failure> {
        let Some(request) = runner.preflight_request(plan, 0)? else {
            return Ok(Self { url: base.to_owned(), base: base.to_owned(), fields: Vec::new() });
        };
        let uri = request.uri();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let url = format!("{}://{host}{}", uri.scheme_str().unwrap_or("http"), uri.path());
        let body = serde_json::from_slice::<Map<String, Value>>(request.body()).unwrap_or_default();
        Ok(Self { url, base: base.to_owned(), fields: body.into_iter().map(|(name, _)| name).collect() })
    }

    /// Returns the --api-base whose endpoint is at `location`, if that ends as the URL of the request does.
    fn base_at(&self, location: &str) -> Option<String> {
        let base = self.base.trim_end_matches('/');
        let endpoint = self.url.strip_prefix(base)?.trim_end_matches('/');
        let moved = location.trim_end_matches('/').strip_suffix(endpoint)?;
        (moved != base && !endpoint.is_empty() && moved.contains("://")).then(|| moved.to_owned())
    }

    /// Returns the longest name of an optional field that `message` contains.
    fn field_in(&self, message: &str) -> Option<&str> {
        let fields = self.fields.iter().map(String::as_str).filter(|field| !NEEDED.contains(field));
        fields.filter(|field| names(message, field)).max_by_key(|field| field.len())
    }
}

/// Returns `true` if `message` contains `field` as a whole word.
fn names(message: &str, field: &str) -> bool {
    message.match_indices(field).any(|(at, _)| {
        !message[..at].ends_with(is_word_part) && !message[at + field.len()..].starts_with(is_word_part)
    })
}

/// Returns `true` if a character can be part of the name of a field.
fn is_word_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Returns `true` if `message` contains one of these words.
fn mentions(message: &str, words: &[&str]) -> bool {
    words.iter().any(|word| message.contains(word))
}

/// Returns the advice for `failure`.
pub(crate) fn advice(failure: &Failure, request: &PreflightRequest) -> String {
    if let Some(location) = failure.redirect() {
        return match request.base_at(location) {
            Some(base) => format!("give --api-base {base}"),
            None => "give the --api-base under which the server answers without a redirect".to_owned(),
        };
    }
    let field = request.field_in(&failure.message).filter(|_| matches!(failure.status, Some(400 | 422)));
    if let Some(field) = field {
        let own = OPTIONS.iter().find(|(name, _)| *name == field).map(|(_, option)| (*option).to_owned());
        let option = own
            .unwrap_or_else(|| format!("--additional-request-params '{{\"{field}\": null}}' leaves it out"));
        return format!("the server's refusal names the field {field}: {option}");
    }
    general(failure).to_owned()
}

/// Returns the advice for a failure of this kind that does not depend on the request.
fn general(failure: &Failure) -> &'static str {
    let message = failure.message.to_lowercase();
    match (failure.kind, failure.status) {
        (FailureKind::NotSent, _) => "nothing was sent",
        (FailureKind::Connect | FailureKind::ConnectionLost, None) if mentions(&message, &NO_TLS) => {
            "the server was reached and does not use TLS: give --api-base with http://"
        }
        (FailureKind::Connect | FailureKind::ConnectionLost, None) if mentions(&message, &TLS) => {
            "the server was reached and TLS failed: this machine must trust its certificate (SSL_CERT_FILE names a \
             file of additional certificates), and the certificate must be for the host in --api-base"
        }
        (FailureKind::Connect, _) => {
            "is the server running, and is --api-base right? --wait-for-server SECONDS waits for one that starts"
        }
        (FailureKind::RateLimited, _) => {
            "the server limits the rate of requests: try again later, or give --retry COUNT to send such requests again"
        }
        (FailureKind::Unavailable, _) => {
            "the server is overloaded or loads its model: --wait-for-server SECONDS waits until it is ready"
        }
        (FailureKind::Timeout | FailureKind::Stalled, _) => {
            "the server was reached and did not answer in time: is it loading its model, or busy with other requests? A \
             request before the first run has 120 s, or --request-timeout and --stall-timeout if these are shorter"
        }
        (_, Some(401 | 403)) => "give the right key with --api-key",
        (_, Some(404)) => "is --api-base right, and does the server know --api-model-name?",
        (_, Some(502 | 504)) => {
            "a gateway answered in place of the server: is the server behind it running? --wait-for-server SECONDS waits \
             for it"
        }
        (_, Some(400)) if message.contains("https") => "the server uses TLS: give --api-base with https://",
        (_, Some(400 | 422)) => "the server does not accept this request: see --additional-request-params",
        (FailureKind::ConnectionLost, None) => {
            "the connection broke before an answer: is --api-base the right address, and is it http:// or https://?"
        }
        (FailureKind::AnswerTooLong, _) => {
            "the answer is too long or has no end: is --api-base the address of the API?"
        }
        (FailureKind::Malformed, _) if message.contains("html page") => {
            "is --api-base the address of the API, and not of a web page?"
        }
        (FailureKind::Malformed | FailureKind::EmptyAnswer | FailureKind::Truncated, _) => {
            "the answer is not in the format of this backend: is --api-backend right?"
        }
        _ => "the server did not answer this request",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> PreflightRequest {
        let fields = ["model", "messages", "stream_options", "temperature", "ignore_eos"];
        PreflightRequest {
            url: "http://here.example/v1/chat/completions".to_owned(),
            base: "http://here.example".to_owned(),
            fields: fields.map(str::to_owned).to_vec(),
        }
    }

    fn advice_for(kind: FailureKind, status: Option<u16>, message: &str) -> String {
        advice(&Failure::new(kind, message).with_status(status), &request())
    }

    #[test]
    fn a_redirect_gives_the_base_that_the_server_names() {
        fn redirected(location: &str) -> String {
            let message = format!("redirected to {location}, which is not followed: moved");
            advice_for(FailureKind::Status, Some(307), &message)
        }

        let there = redirected("https://there.example/compat/v1/chat/completions");
        assert_eq!(there, "give --api-base https://there.example/compat");
        assert_eq!(
            redirected("https://here.example/v1/chat/completions/"),
            "give --api-base https://here.example"
        );
        for other in ["https://there.example/login", "http://here.example/v1/chat/completions/"] {
            assert!(redirected(other).contains("without a redirect"), "{other}");
        }
    }

    #[test]
    fn a_field_that_the_server_names_can_be_left_out() {
        fn refused(status: u16, message: &str) -> String {
            advice_for(FailureKind::Status, Some(status), message)
        }

        assert!(refused(400, "unknown field 'stream_options'").contains("--no-stream-options"));
        assert!(refused(422, "Extra inputs: temperature").contains(r#"'{"temperature": null}'"#));
        assert!(refused(400, "ignore_eos is not permitted").contains("--ignore-eos false"));
        for other in ["model not found", "temperatures are too high", "no"] {
            assert!(refused(400, other).contains("does not accept this request"), "{other}");
        }
        assert!(!refused(500, "stream_options").contains("--no-stream-options"));
    }

    #[test]
    fn a_busy_server_gets_other_advice_than_one_that_refuses() {
        assert!(advice_for(FailureKind::RateLimited, Some(429), "slow down").contains("--retry"));
        for status in [503, 529] {
            let advice = advice_for(FailureKind::Unavailable, Some(status), "Loading model");
            assert!(advice.contains("--wait-for-server"), "{advice}");
        }
        assert!(advice_for(FailureKind::Timeout, None, "not finished").contains("in time"));
        assert_eq!(
            advice_for(FailureKind::Status, Some(500), "oops"),
            "the server did not answer this request"
        );
    }

    #[test]
    fn advice_for_a_tls_failure_is_about_certificates() {
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
    fn advice_for_a_refused_connection_is_to_check_the_server() {
        assert!(
            advice_for(FailureKind::Connect, None, "Connection refused (os error 111)").contains("running")
        );
    }

    #[test]
    fn advice_for_a_lost_connection_names_the_scheme() {
        let message = "connection closed before message completed";
        assert!(advice_for(FailureKind::ConnectionLost, None, message).contains("https://"));
    }

    #[test]
    fn advice_for_a_server_that_requires_tls_names_https() {
        let page = "Client sent an HTTP request to an HTTPS server.";
        assert!(advice_for(FailureKind::Status, Some(400), page).contains("https://"));
        assert!(
            advice_for(FailureKind::Status, Some(400), "unknown field")
                .contains("--additional-request-params")
        );
    }
}
