//! The credentials of a request, which are redacted from the texts of its answer before these are written.

use std::fmt;

use http::HeaderMap;

use super::{OutputText, RequestRecord};
use crate::failure::Failure;
use crate::record::FinishReason;

/// The minimum length of a credential to search for, in characters. Servers that check no key get `x`, `EMPTY` or
/// `test`: such a text is part of other words, so redacting it would hide nothing and garble the message.
const SHORTEST_SEARCHED: usize = 8;
/// The minimum length of the beginning of a credential to search for at the end of a text, in characters: the text
/// may have been cut in the middle of the credential.
const SHORTEST_BEGINNING: usize = 4;
/// The replacement for a credential.
const STARS: &str = "***";

/// The credentials of one request: the values of its headers that are marked as sensitive.
///
/// A server may repeat the request in any text, and texts are written to files. They are searched on the thread that
/// records them, not on the one that timestamps chunks: until then the credentials stay beside the texts.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct SentCredentials(Vec<String>);

impl fmt::Debug for SentCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SentCredentials({STARS})")
    }
}

/// Formats lengths only: a text may repeat a credential and is searched for it only when it is recorded.
impl fmt::Debug for OutputText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { answer, reasoning } = self;
        write!(
            formatter,
            "OutputText {{ answer: {} bytes, reasoning: {} bytes }}",
            answer.len(),
            reasoning.len()
        )
    }
}

impl SentCredentials {
    /// Creates the list from whole header values and their parts behind a scheme such as `Bearer`.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let mut secrets = Vec::new();
        for value in headers.values().filter(|value| value.is_sensitive()).filter_map(|it| it.to_str().ok()) {
            let credential = value.split_once(' ').map_or(value, |(_, credential)| credential);
            if credential.chars().count() >= SHORTEST_SEARCHED {
                // The longer one first: what is left of it is found as the shorter one.
                secrets.extend([value.to_owned(), credential.to_owned()]);
                secrets.dedup();
            }
        }
        Self(secrets)
    }

    /// Returns the failure with credentials replaced by stars.
    pub(crate) fn hidden_in(&self, mut failure: Failure) -> Failure {
        self.hide(&mut failure.message);
        failure.code.iter_mut().chain(&mut failure.request_id).for_each(|text| self.hide(text));
        failure.rate_limits.values_mut().for_each(|text| self.hide(text));
        failure
    }

    /// Replaces credentials in a text by stars.
    pub(crate) fn hide(&self, text: &mut String) {
        for secret in &self.0 {
            hide_beginnings(secret, text);
        }
    }
}

impl RequestRecord {
    /// Replaces the credentials of the request by stars in every recorded text of the server, and drops the list.
    pub(crate) fn hide_credentials(&mut self) {
        let credentials = std::mem::take(&mut self.credentials);
        if let Some(FinishReason::Other(word)) = &mut self.finish {
            credentials.hide(word);
        }
        credentials.hide(&mut self.output_text.answer);
        credentials.hide(&mut self.output_text.reasoning);
    }
}

/// Replaces a credential by stars, and its beginning where the text ends: messages are cut, and a cut may leave most
/// of a credential.
fn hide_beginnings(secret: &str, text: &mut String) {
    let searched = beginning(secret, SHORTEST_SEARCHED);
    let mut hidden = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(searched) {
        let found = &rest[at..];
        let same =
            found.char_indices().zip(secret.chars()).take_while(|((_, shown), hidden)| shown == hidden);
        let length = same.last().map_or(0, |((last, shown), _)| last + shown.len_utf8());
        hidden.push_str(&rest[..at]);
        hidden.push_str(STARS);
        rest = &found[length..];
    }
    // One pass: a server may repeat a credential a million times.
    if !hidden.is_empty() {
        hidden.push_str(rest);
        *text = hidden;
    }
    // The cut may leave even less; the sign of a cut is no part of it.
    let shown = text.trim_end_matches('…').len();
    let cut = (SHORTEST_BEGINNING..SHORTEST_SEARCHED).rev().map(|length| beginning(secret, length));
    if let Some(left) = cut.filter(|left| text[..shown].ends_with(left)).map(str::len).next() {
        text.replace_range(shown - left..shown, STARS);
    }
}

/// Returns the first `characters` characters of a text.
fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn credentials(value: &str) -> SentCredentials {
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::try_from(value).unwrap();
        value.set_sensitive(true);
        headers.insert("authorization", value);
        headers.insert("x-plain", HeaderValue::from_static("plain text"));
        SentCredentials::from_headers(&headers)
    }

    fn hidden(key: &str, failure: Failure) -> Failure {
        credentials(&format!("Bearer {key}")).hidden_in(failure)
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

    #[test]
    fn a_key_that_was_cut_is_hidden_wherever_the_cut_is() {
        let key = "sk-0123456789abcdef0123456789abc";
        for padding in Failure::LONGEST_MESSAGE - 40..=Failure::LONGEST_MESSAGE {
            let failure = Failure::in_band(format!("{}{key} and more", "x".repeat(padding)));
            let message = hidden(key, failure).message;
            assert!(!message.contains(&key[..SHORTEST_BEGINNING]), "{padding}: {message}");
        }
        let cut_in_the_middle = format!("an answer that begins '{}' is no JSON", &key[..12]);
        let message = hidden(key, Failure::in_band(cut_in_the_middle)).message;
        assert_eq!(message, "an answer that begins '***' is no JSON");
    }

    #[test]
    fn a_key_that_is_repeated_a_million_times_is_hidden_in_one_pass() {
        let mut record =
            RequestRecord { credentials: credentials("Bearer sk-12345678"), ..RequestRecord::default() };
        record.output_text.answer = "sk-12345678 ".repeat(1_000_000);
        record.hide_credentials();
        assert_eq!(record.output_text.answer, "*** ".repeat(1_000_000));
    }

    #[test]
    fn every_text_that_is_kept_is_searched() {
        let finish = Some(FinishReason::Other("stopped by sk-12345".to_owned()));
        let mut record =
            RequestRecord { finish, credentials: credentials("Bearer sk-12345"), ..RequestRecord::default() };
        record.output_text.answer = "your key is sk-12345".to_owned();
        record.output_text.reasoning = "the key was sk-12345".to_owned();
        record.hide_credentials();
        assert_eq!(record.finish, Some(FinishReason::Other("stopped by ***".to_owned())));
        assert_eq!(
            (&*record.output_text.answer, &*record.output_text.reasoning),
            ("your key is ***", "the key was ***")
        );
        assert_eq!(record.credentials, SentCredentials::default(), "nothing is left to search for");
    }

    #[test]
    fn texts_that_are_not_searched_yet_are_not_shown() {
        let mut record =
            RequestRecord { credentials: credentials("Bearer sk-12345"), ..RequestRecord::default() };
        record.output_text.answer = "your key is sk-12345".to_owned();
        record.output_text.reasoning = "the key was sk-12345".to_owned();
        let shown = format!("{record:?}");
        assert!(shown.contains("answer: 20 bytes") && !shown.contains("sk-12345"), "{shown}");
    }
}
