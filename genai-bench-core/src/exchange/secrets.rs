//! Keeps what we are known by out of what is written down.

use http::{HeaderMap, HeaderValue};

use crate::failure::Failure;

/// The credentials of one request: the values of its headers that are marked as sensitive.
///
/// A server may say what it was sent, and the harness writes down what a server says.
pub(super) struct Secrets(Vec<HeaderValue>);

impl Secrets {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.values().filter(|it| it.is_sensitive()).cloned().collect())
    }

    /// The failure with stars for secrets: whole values, and the part behind a scheme such as `Bearer`.
    pub(super) fn hidden_in(&self, mut failure: Failure) -> Failure {
        for value in self.0.iter().filter_map(|it| it.to_str().ok()) {
            let credential = value.split_once(' ').map_or(value, |(_, credential)| credential);
            for secret in [value, credential].into_iter().filter(|it| !it.is_empty()) {
                hide(secret, &mut failure.message);
                failure.code.iter_mut().chain(&mut failure.request_id).for_each(|it| hide(secret, it));
                failure.rate_limits.values_mut().for_each(|it| hide(secret, it));
            }
        }
        failure
    }
}

fn hide(secret: &str, text: &mut String) {
    if text.contains(secret) {
        *text = text.replace(secret, "***");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_repeats_is_hidden() {
        let mut headers = HeaderMap::new();
        let mut key = HeaderValue::from_static("Bearer sk-123");
        key.set_sensitive(true);
        headers.insert("authorization", key);
        headers.insert("x-plain", HeaderValue::from_static("plain"));
        let failure = Failure::in_band("'sk-123' is wrong, and so is Bearer sk-123, plain and simple");
        let failure = Secrets::of(&headers).hidden_in(failure.with_code(Some("no-sk-123")));
        assert_eq!(failure.code.as_deref(), Some("no-***"));
        assert_eq!(failure.message, "'***' is wrong, and so is ***, plain and simple");
    }
}
