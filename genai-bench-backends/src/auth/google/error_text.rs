//! The reason for which there is no token, without secrets.

use std::error::Error;

use google_cloud_auth::errors::CredentialsError;
use serde_json::Value;

/// The suffixes that Google's crate appends to every text.
const PROSPECTS: [&str; 2] = [" but future attempts may succeed", " and future attempts will not succeed"];
/// The beginnings of quotes of a server or a program in the text, which may hold a token.
const QUOTES: [&str; 4] = [", body=<", ", stderr=<", "{", "b\""];

/// Returns the text of an error, and the server's reason from the fields that are meant for it.
pub(super) fn describe(error: &CredentialsError) -> String {
    let mut chain: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        chain.push(error);
        next = error.source();
    }
    // The errors around the last of these only report that it failed.
    let last = chain.iter().rposition(|it| it.is::<CredentialsError>()).unwrap_or_default();
    let mut parts: Vec<String> = Vec::new();
    for error in &chain[last..] {
        let part = if error.is::<serde_json::Error>() {
            "it is no JSON with a token".to_owned()
        } else {
            own_words(error)
        };
        if !part.is_empty() && !parts.iter().any(|it| it.contains(&part)) {
            parts.push(part);
        }
    }
    parts.extend(chain[last..].iter().find_map(|it| server_words(&it.to_string())));
    parts.join(": ")
}

/// Returns an error's text up to its quote, and without the query of URLs.
fn own_words(error: &dyn Error) -> String {
    let mut text = error.to_string();
    for prospect in PROSPECTS {
        text = text.replace(prospect, "");
    }
    let end = QUOTES.iter().filter_map(|it| text.find(it)).min().unwrap_or(text.len());
    text.truncate(end);
    if let Some(query) = text.find('?') {
        let rest = text[query..].find(')').map_or(text.len(), |it| query + it);
        text.replace_range(query..rest, "");
    }
    text.trim_end_matches([' ', ':', ',']).to_owned()
}

/// Returns the reason in a quoted response: `{"error": "invalid_grant", "error_description": "…"}` of OAuth
/// 2.0 (RFC 6749, section 5.2), or `{"error": {"status": …, "message": …}}` of Google's APIs.
fn server_words(text: &str) -> Option<String> {
    let quoted = text.get(text.find('{')?..=text.rfind('}')?)?;
    let json: Value = serde_json::from_str(quoted)
        .or_else(|_| serde_json::from_str(&quoted.replace("\\n", "").replace("\\\"", "\"")))
        .ok()?;
    let error = json.get("error")?;
    let fields = if error.is_object() {
        [error.get("status"), error.get("message")]
    } else {
        [Some(error), json.get("error_description")]
    };
    let words: Vec<&str> = fields.into_iter().flatten().filter_map(Value::as_str).collect();
    (!words.is_empty()).then(|| words.join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(text: &str) -> String {
        let inner = CredentialsError::from_msg(false, text);
        describe(&CredentialsError::new(true, "Request to fetch the token failed.", inner))
    }

    #[test]
    fn only_the_error_fields_of_a_response_are_quoted() {
        assert_eq!(
            text_of(
                r#"failed, body=<{"error": "invalid_grant", "error_description": "Bad.", "x": "SECRET"}>"#
            ),
            "failed: invalid_grant: Bad."
        );
        assert_eq!(
            text_of(
                r#"failed :b"{\n \"error\": {\"status\": \"PERMISSION_DENIED\", \"message\": \"No.\"}}""#
            ),
            "failed: PERMISSION_DENIED: No."
        );
        assert_eq!(text_of(r#"failed to read `t`, body=<{"token": "SECRET"}>"#), "failed to read `t`");
        assert_eq!(text_of("failed, body=<SECRET>"), "failed");
        assert_eq!(text_of("command execution failed, stderr=<SECRET>, code=1"), "command execution failed");
        assert_eq!(text_of("error for url (http://h/t?key=SECRET)"), "error for url (http://h/t)");
    }

    #[test]
    fn an_unparsable_response_is_not_quoted() {
        let wrong = serde_json::from_str::<u64>(r#""SECRET""#).unwrap_err();
        let text = describe(&CredentialsError::new(false, "failed", wrong));
        assert_eq!(text, "failed: it is no JSON with a token");
    }
}
