//! Responses without a readable answer, by their heads: unsuccessful, redirected, compressed.

use http::header::{CONTENT_ENCODING, LOCATION};
use http::response::Parts;
use http::uri::Uri;

use super::body_start::compression;
use crate::backend::Backend;
use crate::failure::{Failure, FailureKind};

/// Returns the failure for an unsuccessful response to a request for `uri`.
pub(super) fn read(backend: &dyn Backend, head: &Parts, body: &[u8], uri: &Uri) -> Failure {
    if let Some(coding) = coding_of(head).or_else(|| compression(body)) {
        let message =
            format!("a message that is compressed ({coding}), although the request did not accept it");
        return with_location(Failure::refused(head, message), head, uri);
    }
    with_location(backend.failure(head, body), head, uri)
}

/// Returns the failure for a successful response whose body is compressed.
///
/// The body is not read: a decompressor buffers bytes until a block is complete, so the timestamps would be those of
/// blocks.
pub(super) fn compressed(coding: &str) -> Failure {
    let message = format!(
        "a compressed body ({coding}), although the request did not accept it: compression delays tokens, so genai-bench \
         does not read it; switch it off in the server or in the proxy before it"
    );
    Failure::new(FailureKind::Malformed, message)
}

/// Returns the content coding of a body, unless it is `identity`.
pub(super) fn coding_of(head: &Parts) -> Option<&str> {
    let codings = head.headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
    (!codings.is_empty() && !codings.eq_ignore_ascii_case("identity")).then_some(codings)
}

/// Adds the target address of a redirect. It is never followed: the request carries credentials for `uri` alone.
fn with_location(failure: Failure, head: &Parts, uri: &Uri) -> Failure {
    let location = head.headers.get(LOCATION).filter(|_| head.status.is_redirection());
    let Some(location) = location.and_then(|value| value.to_str().ok()) else { return failure };
    failure.with_redirect(&shown(location, uri))
}

/// Returns a location as an absolute address without user, password, query and fragment, which may hold secrets.
fn shown(location: &str, request_uri: &Uri) -> String {
    let location = location.split(['?', '#']).next().unwrap_or_default();
    let scheme = request_uri.scheme_str().unwrap_or("http");
    let authority = request_uri.authority().map_or("", |authority| without_user(authority.as_str()));
    if let Some(rest) = location.strip_prefix("//") {
        return format!("{scheme}://{}", without_user_in(rest));
    }
    match location.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", without_user_in(rest)),
        None if location.starts_with('/') => format!("{scheme}://{authority}{location}"),
        None => location.to_owned(),
    }
}

/// Returns the part of an address behind its scheme, without user and password.
fn without_user_in(rest: &str) -> String {
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    format!("{}{path}", without_user(authority))
}

fn without_user(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_from(location: &str) -> String {
        shown(location, &Uri::from_static("https://user@llm.example:8443/v1/chat/completions?k=1"))
    }

    #[test]
    fn a_location_is_shown_as_an_absolute_address_without_secrets() {
        for (location, expected) in [
            ("https://me:pw@there.example/v1?key=secret#top", "https://there.example/v1"),
            ("http://there.example?key=secret", "http://there.example"),
            ("//there.example/v1", "https://there.example/v1"),
            ("/v1/chat/completions/", "https://llm.example:8443/v1/chat/completions/"),
            ("completions/", "completions/"),
        ] {
            assert_eq!(shown_from(location), expected);
        }
    }

    #[test]
    fn a_redirect_keeps_its_location_and_the_text_of_the_server() {
        let response = http::Response::builder().status(307).header("location", "https://there.example/v1");
        let (head, ()) = response.body(()).unwrap().into_parts();
        let uri = Uri::from_static("http://here.example/v1");
        let failure = with_location(Failure::refused(&head, "moved"), &head, &uri);
        assert_eq!(failure.message, "redirected to https://there.example/v1, which is not followed: moved");
        assert_eq!(failure.redirect(), Some("https://there.example/v1"));
        assert_eq!((failure.kind, failure.status), (FailureKind::Status, Some(307)));
    }

    #[test]
    fn only_a_coding_that_changes_bytes_is_one() {
        let coding = |value: &'static str| {
            let response = http::Response::builder().header(CONTENT_ENCODING, value);
            coding_of(&response.body(()).unwrap().into_parts().0).map(str::to_owned)
        };
        assert_eq!(coding("br").as_deref(), Some("br"));
        assert_eq!((coding("identity"), coding("")), (None, None));
    }
}
