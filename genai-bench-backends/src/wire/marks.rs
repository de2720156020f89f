//! Events of a stream that hold nothing of an answer: end marks and signs of life.

/// Names of events that only keep a connection open, whatever their data is.
const HEARTBEATS: [&[u8]; 6] =
    [b"ping", b"heartbeat", b"keepalive", b"keep-alive", b"keep_alive", b"response.keepalive"];

/// Returns whether `data` is the end mark `[DONE]`, with blanks or quotes around it, in any case, or with anything
/// behind it: the openai Python SDK takes all data that begins with it for the end.
pub(crate) fn is_done(data: &[u8]) -> bool {
    const DONE: &[u8] = b"[DONE]";
    let data = data.trim_ascii();
    let data = data.strip_prefix(b"\"").unwrap_or(data).trim_ascii_start();
    data.get(..DONE.len()).is_some_and(|mark| mark.eq_ignore_ascii_case(DONE))
}

/// Returns whether an event only keeps the connection open: one that is named so, or whose data is blank. An event
/// that is named `error` is one even without data.
pub(crate) fn is_heartbeat(name: &[u8], data: &[u8]) -> bool {
    if name.is_empty() {
        return data.trim_ascii().is_empty();
    }
    let is_named = HEARTBEATS.iter().any(|heartbeat| name.eq_ignore_ascii_case(heartbeat));
    is_named || (name != b"error" && data.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_mark_may_have_blanks_and_quotes_around_it() {
        for data in ["[DONE]", " [DONE] ", "\"[DONE]\"", "\t\"[DONE]\" ", "[done]", "[DONE] ", "[DONE]\n"] {
            assert!(is_done(data.as_bytes()), "{data}");
        }
        for data in ["", "DONE", "[DON", "[\"DONE\"]", "{}", "[]", r#"{"text": "[DONE]"}"#] {
            assert!(!is_done(data.as_bytes()), "{data}");
        }
    }

    #[test]
    fn a_heartbeat_is_blank_or_named_so() {
        for (name, data) in [("", ""), ("", " \n "), ("ping", "{\"type\": 7"), ("PING", ""), ("message", "")]
        {
            assert!(is_heartbeat(name.as_bytes(), data.as_bytes()), "{name} {data}");
        }
        for (name, data) in [("", "{}"), ("error", ""), ("message", "ping"), ("pinged", "x")] {
            assert!(!is_heartbeat(name.as_bytes(), data.as_bytes()), "{name} {data}");
        }
    }
}
