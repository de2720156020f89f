//! Keeps what we are known by out of what is written down.

use http::{HeaderMap, HeaderValue};

use crate::failure::Failure;

/// The length in characters from which a credential is looked for in texts. Servers that check no key are given `x`, `EMPTY`
/// or `test`: in a message such a text is a part of other words, and taking it out would hide nothing and spoil the message.
const SHORTEST_SEARCHED: usize = 8;

/// The credentials of one request: the values of its headers that are marked as sensitive.
///
/// A server may repeat in a message what it was sent, and messages are written down.
pub(super) struct Secrets(Vec<HeaderValue>);

impl Secrets {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.values().filter(|it| it.is_sensitive()).cloned().collect())
    }

    /// The failure with stars for secrets: whole values, and the part behind a scheme such as `Bearer`.
    pub(super) fn hidden_in(&self, mut failure: Failure) -> Failure {
        for value in self.0.iter().filter_map(|it| it.to_str().ok()) {
            let credential = value.split_once(' ').map_or(value, |(_, credential)| credential);
            let is_searched = |secret: &&str| secret.chars().count() >= SHORTEST_SEARCHED;
            let value = Some(value).filter(|_| is_searched(&credential));
            for secret in value.into_iter().chain([credential]).filter(is_searched) {
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

    fn hidden(key: &str, failure: Failure) -> Failure {
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).unwrap();
        value.set_sensitive(true);
        headers.insert("authorization", value);
        headers.insert("x-plain", HeaderValue::from_static("plain text"));
        Secrets::of(&headers).hidden_in(failure)
    }

    #[test]
    fn what_a_server_repeats_is_hidden() {
        let failure = Failure::in_band("'sk-12345' is wrong, and so is Bearer sk-12345, plain text");
        let failure = hidden("sk-12345", failure.with_code(Some("no-sk-12345")));
        assert_eq!(failure.code.as_deref(), Some("no-***"));
        assert_eq!(failure.message, "'***' is wrong, and so is ***, plain text");
    }

    #[test]
    fn a_short_key_is_not_taken_out_of_words() {
        for key in ["k", "x", "test", "EMPTY", "sk-1234"] {
            let message = format!("unknown path /x, a test with EMPTY text, Bearer {key}");
            assert_eq!(hidden(key, Failure::in_band(message.clone())).message, message, "{key}");
        }
    }
}
