//! Examples, properties over re-chunking, and comparison with two established parsers.

use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::{FutureExt, StreamExt, stream};
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Event(String, String),
    Comment,
    Stray,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn seen(frame: Frame<'_>) -> Seen {
    match frame {
        Frame::Event { name, data } => Seen::Event(text(name), text(data)),
        Frame::Comment => Seen::Comment,
        Frame::Stray => Seen::Stray,
    }
}

/// Returns the frames in `chunks`, and those that the end of the stream adds.
fn read(chunks: &[&[u8]]) -> (Vec<Seen>, Vec<Seen>) {
    let (mut during, mut after) = (Vec::new(), Vec::new());
    let mut sse = Sse::default();
    for chunk in chunks {
        sse.feed(chunk, |it| {
            during.push(seen(it));
            Ok::<(), TooLong>(())
        })
        .unwrap();
    }
    sse.finish(|it| {
        after.push(seen(it));
        Ok::<(), TooLong>(())
    })
    .unwrap();
    (during, after)
}

fn event(name: &str, data: &str) -> Seen {
    Seen::Event(name.into(), data.into())
}

#[test]
fn lines_end_in_three_ways() {
    for ending in ["\n", "\r", "\r\n"] {
        let body = "data: a|data: b||event: n|data:c|||: ping||data||".replace('|', ending);
        let expected = vec![event("", "a\nb"), event("n", "c"), Seen::Comment, event("", "")];
        assert_eq!(read(&[body.as_bytes()]), (expected, vec![]), "{ending:?}");
    }
}

#[test]
fn a_lone_carriage_return_does_not_wait_for_the_next_byte() {
    let (during, _) = read(&[b"data: a\r\r"]);
    assert_eq!(during, [event("", "a")]);
}

#[test]
fn an_event_without_its_blank_line_comes_at_the_end() {
    for body in ["data: a\n\ndata: b", "data: a\n\ndata: b\n"] {
        assert_eq!(read(&[body.as_bytes()]), (vec![event("", "a")], vec![event("", "b")]));
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_field() {
    assert_eq!(read(&[b"\xef\xbb", b"\xbfdata: a\n\n"]).0, [event("", "a")]);
}

#[test]
fn an_event_with_a_name_and_no_data_is_none() {
    assert_eq!(read(&[b"event: ping\n\ndata: a\n\n"]).0, [event("", "a")]);
}

#[test]
fn what_is_no_field_is_told_of() {
    assert_eq!(read(&[b"{\"error\": 1}\nwhat\n\n"]).0, [Seen::Stray, Seen::Stray]);
}

#[test]
fn a_line_without_end_is_refused_before_it_fills_the_memory() {
    let mut sse = Sse::default();
    let piece = vec![b'x'; 1 << 20];
    let outcomes: Vec<_> = (0..66).map(|_| sse.feed(&piece, |_| Ok::<(), TooLong>(()))).collect();
    assert_eq!(outcomes.iter().position(Result::is_err), Some(64));
}

/// Generates bodies of the characters that matter to the format, and few others.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        Just("data:"),
        Just("data: "),
        Just("data"),
        Just("event: "),
        Just("id: 1"),
        Just("retry: 2"),
        Just(":"),
        Just("\n"),
        Just("\r"),
        Just("\r\n"),
        Just("\n\n"),
        Just("\r\r"),
        Just("\r\n\r\n"),
        Just("x"),
        Just("é☃"),
        Just("{\"a\": 1}"),
        Just(" "),
        Just("[DONE]"),
    ];
    (any::<bool>(), prop::collection::vec(token, 0..40)).prop_map(|(mark, tokens)| {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{}", tokens.concat()).into_bytes()
    })
}

/// Returns the same bytes in chunks of the given lengths, repeated in a cycle.
fn cut<'a>(body: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    let mut rest = body;
    for length in lengths.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, after) = rest.split_at((*length).min(rest.len()));
        chunks.push(chunk);
        rest = after;
    }
    chunks
}

/// Returns the events that a browser would dispatch: those completed by a blank line.
fn events((during, _): (Vec<Seen>, Vec<Seen>)) -> Vec<(String, String)> {
    let event = |it| if let Seen::Event(name, data) = it { Some((name, data)) } else { None };
    during.into_iter().filter_map(event).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn chunks_carry_no_meaning(body in bodies(), lengths in prop::collection::vec(1..9usize, 1..6)) {
        prop_assert_eq!(read(&cut(&body, &lengths)), read(&[&body]));
    }

    // The other parser panics on a byte order mark, so its input has none.
    #[test]
    fn eventsource_stream_sees_the_same(body in bodies()) {
        let body = witnessed(body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&body));
        let source = stream::iter([Ok::<_, std::convert::Infallible>(body.clone())]).eventsource();
        let all = source.map(|it| it.expect("utf-8")).collect::<Vec<_>>().now_or_never();
        let theirs = all.expect("the whole body is there").into_iter().map(|it| (it.event, it.data));
        prop_assert_eq!(filled(events(read(&[&body]))), filled(theirs));
    }

    #[test]
    fn sseer_sees_the_same(body in bodies()) {
        let body = witnessed(&body);
        let source = sseer::EventStream::new(stream::iter([Ok::<_, std::convert::Infallible>(Bytes::from(body.clone()))]));
        let all = source.map(|it| it.expect("utf-8")).collect::<Vec<_>>().now_or_never();
        let theirs = all.expect("the whole body is there").into_iter().map(|it| (it.event.to_string(), it.data.to_string()));
        prop_assert_eq!(filled(events(read(&[&body]))), filled(theirs));
    }
}

/// Returns the body with one more line: the other parsers read the byte behind a carriage return before they end the
/// line.
fn witnessed(body: &[u8]) -> Vec<u8> {
    [body, b"\n:\n"].concat()
}

/// Returns the events in the form that all three parsers share: named "message" if without a name, and only those with
/// data.
fn filled(events: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
    let named =
        |(name, data): (String, String)| (if name.is_empty() { "message".to_owned() } else { name }, data);
    events.into_iter().filter(|it| !it.1.is_empty()).map(named).collect()
}
