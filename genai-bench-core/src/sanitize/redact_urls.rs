//! Redaction of credentials in URLs.

/// The replacement for a hidden part.
const STARS: &str = "***";
/// The separator between the scheme of a URL and its host.
const AFTER_SCHEME: &str = "://";
/// Query parameters whose values are shown: they name versions and formats. All others are hidden, even if
/// [`is_secret_name`](crate::is_secret_name) is `false` for them: signed URLs have signatures under names of one
/// letter.
const OPEN_PARAMETERS: [&str; 3] = ["alt", "api-version", "beta"];

/// Returns `text` with stars for the user, the password and the values of the query of every URL in it: signed URLs
/// carry their credential in the query.
///
/// ```
/// use genai_bench_core::redact_urls;
///
/// let text = "cannot reach https://me:pass@host/v1?api-version=2&sig=abc, try again";
/// assert_eq!(redact_urls(text), "cannot reach https://***@host/v1?api-version=2&sig=***, try again");
/// ```
#[must_use]
pub fn redact_urls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(AFTER_SCHEME) {
        let (before, after) = rest.split_at(at + AFTER_SCHEME.len());
        shown.push_str(before);

        let (url, after) = after.split_at(after.find(ends_url).unwrap_or(after.len()));
        push_redacted(&mut shown, url);
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// Returns `true` if a character ends a URL in a text.
fn ends_url(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | '<' | '>' | '`' | ',' | ';' | ')' | '}')
}

/// Appends a URL without its scheme, with its credentials redacted.
fn push_redacted(shown: &mut String, url: &str) {
    let (authority, path) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
    match authority.rfind('@') {
        Some(end) => shown.extend([STARS, &authority[end..]]),
        None => shown.push_str(authority),
    }
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    shown.push_str(path);
    let Some(query) = query else { return };
    for (number, parameter) in query.split('&').enumerate() {
        shown.push(if number == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, value)) if OPEN_PARAMETERS.contains(&name) => shown.extend([name, "=", value]),
            Some((name, _)) => shown.extend([name, "=", STARS]),
            None => shown.push_str(STARS),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::is_secret_name;

    #[test]
    fn no_parameter_that_is_shown_is_a_secret_by_its_name() {
        assert_eq!(OPEN_PARAMETERS.into_iter().find(|name| is_secret_name(name)), None);
    }

    #[test]
    fn users_and_queries_are_hidden_and_the_rest_is_shown() {
        for (text, shown) in [
            ("no URL: a@b?c=d", "no URL: a@b?c=d"),
            ("http://host/a@b", "http://host/a@b"),
            (
                "'https://a:b@h/x?y=z' and s3://u@b/k, no more",
                "'https://***@h/x?y=***' and s3://***@b/k, no more",
            ),
            ("https://h?token", "https://h?***"),
            ("https://h/?alt=sse&key=AIza", "https://h/?alt=sse&key=***"),
            ("https://a:b", "https://a:b"),
        ] {
            assert_eq!(redact_urls(text), shown);
        }
    }
}
