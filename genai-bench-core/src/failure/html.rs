//! HTML pages in error messages: proxies and gateways send one where an API would send JSON.

use std::borrow::Cow;

/// The number of characters that are kept of a page without a title.
const LONGEST_TEXT: usize = 200;
/// The beginnings of pages of HTML.
const BEGINNINGS: [&str; 2] = ["<!doctype html", "<html"];
/// Elements whose content is not text to read.
const UNREAD: [&str; 2] = ["script", "style"];

/// Returns `message` with a page of HTML in it cut to its title, or to the beginning of its text where it has none.
pub(super) fn without_pages(message: &str) -> Cow<'_, str> {
    // ASCII, so that places in it are places in the message.
    let lower = message.to_ascii_lowercase();
    let Some(start) = BEGINNINGS.iter().filter_map(|beginning| lower.find(beginning)).min() else {
        return Cow::Borrowed(message);
    };
    let (before, page) = message.split_at(start);
    let title = title(page, &lower[start..]);
    let summary = if title.is_empty() { text(page, &lower[start..]) } else { title };
    let summary = if summary.is_empty() { "a page of HTML without a text".to_owned() } else { summary };
    Cow::Owned(format!("{before}{summary}"))
}

/// Returns the title of `text`, or the beginning of its visible text, if `text` is an HTML page from its first
/// character on.
pub(crate) fn page_title(text: &str) -> Option<String> {
    let page =
        text.trim_start_matches(|character: char| character.is_whitespace() || character == '\u{feff}');
    let lower = page.to_ascii_lowercase();
    BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)).then(|| without_pages(page).into_owned())
}

fn title(page: &str, lower: &str) -> String {
    readable(title_content(page, lower).unwrap_or_default()).chars().take(LONGEST_TEXT).collect()
}

/// Returns the content of the first `title` element.
fn title_content<'a>(page: &'a str, lower: &str) -> Option<&'a str> {
    let tag = lower.find("<title")?;
    let start = tag + lower[tag..].find('>')? + 1;
    let end = lower[start..].find('<').map_or(page.len(), |length| start + length);
    Some(&page[start..end])
}

/// Returns the beginning of the visible text of the page.
fn text(page: &str, lower: &str) -> String {
    let (mut text, mut at) = (String::new(), 0);
    while let Some(length) = page[at..].find('<') {
        text.push_str(&page[at..at + length]);
        text.push(' ');
        at += length;
        let unread = UNREAD.iter().find(|name| {
            let after = lower[at + 1..].strip_prefix(**name);
            after.is_some_and(|after| {
                after.starts_with(|character: char| character == '>' || character.is_ascii_whitespace())
            })
        });
        let end = match unread {
            Some(name) => lower[at..].find(&format!("</{name}")).unwrap_or(page.len() - at),
            None => 0,
        };
        at += end;
        at = lower[at..].find('>').map_or(page.len(), |length| at + length + 1);
    }
    text.push_str(&page[at..]);
    readable(&text).chars().take(LONGEST_TEXT).collect()
}

/// Returns `text` with single spaces, and with the most common character references resolved.
fn readable(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let references =
        [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    references.iter().fold(words.join(" "), |text, (reference, character)| text.replace(reference, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_to_its_title() {
        let page = "<!DOCTYPE html>\n<html lang=\"en\"><head>\n<title id=\"t\">502 Bad\n Gateway &amp; more</title></head>\
            <body><h1>nginx</h1></body></html>";
        assert_eq!(without_pages(page), "502 Bad Gateway & more");
        assert_eq!(without_pages(&format!("no sound but: {page}")), "no sound but: 502 Bad Gateway & more");
        assert_eq!(without_pages("<HTML><HEAD><TITLE>Gone</TITLE>"), "Gone");
        assert_eq!(without_pages("<html><title>Ünterbrochen"), "Ünterbrochen");
    }

    #[test]
    fn a_page_without_a_title_is_cut_to_its_text() {
        let page = "<html><head><style>p { color: red }</style></head><body>\n<p>The server is\n <b>busy</b></p>\
            <script>if (a < b) {}</script> Try later</body></html>";
        assert_eq!(without_pages(page), "The server is busy Try later");
        let long = format!("<html><title> </title><body>{}", "é".repeat(1_000));
        assert_eq!(without_pages(&long), "é".repeat(LONGEST_TEXT));
        for empty in ["<html>", "<html", "<html><body><script>x", "<!doctype html><p"] {
            assert_eq!(without_pages(empty), "a page of HTML without a text", "{empty}");
        }
    }

    #[test]
    fn text_that_is_no_page_is_unchanged() {
        for message in ["", "slow down", "a < b", "{\"html\": \"<b>\"}", "<h1>no page</h1>"] {
            assert_eq!(without_pages(message), message);
        }
    }
}
