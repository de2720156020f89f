//! Framings of streams: where chunks end must not change what is read.

use genai_bench_backends::wire::eventstream::{EventStream, Malformed};
use genai_bench_backends::wire::sse::{Frame, Sse, TooLong};

use crate::cuts::chunks;

/// Reads server-sent events in one chunk and in many.
pub(crate) fn sse(data: &[u8]) {
    let Some((seed, body)) = data.split_first() else { return };
    assert_eq!(events(&[body]), events(&chunks(body, *seed)));
}

/// Returns what a stream holds, each frame with its kind in front.
fn events(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    let mut note = |frame: Frame<'_>| {
        seen.push(match frame {
            Frame::Event { name, data } => [b"event ", name, b" ", data].concat(),
            Frame::Comment => b"comment".to_vec(),
            Frame::Stray => b"stray".to_vec(),
        });
        Ok::<(), TooLong>(())
    };
    let mut sse = Sse::default();
    for chunk in chunks {
        sse.feed(chunk, &mut note).expect("no input is as long as the longest event");
    }
    sse.finish(&mut note).expect("no input is as long as the longest event");
    seen
}

/// Reads AWS's event streams in one chunk and in many: the bytes as they are, and as messages with valid checksums.
pub(crate) fn event_stream(data: &[u8]) {
    let Some((seed, body)) = data.split_first() else { return };
    let whole = messages(&[body]);
    assert_eq!(whole, messages(&chunks(body, *seed)));
    let framed = with_checksums(body);
    assert_eq!(messages(&[&framed]), messages(&chunks(&framed, *seed)));
}

/// Returns the messages of a stream, and the error that ended it.
fn messages(chunks: &[&[u8]]) -> (Vec<String>, Option<String>) {
    let mut seen = Vec::new();
    let mut stream = EventStream::default();
    for chunk in chunks {
        let fed = stream.feed(chunk, |message| {
            let headers: Vec<_> = message.headers().collect();
            let kind = message.text(":event-type");
            seen.push(format!("{kind:?} {headers:?} {:?}", message.payload()));
            Ok::<(), Malformed>(())
        });
        if let Err(error) = fed {
            return (seen, Some(error.to_string()));
        }
    }
    let end = stream.finish().err().map(|cut| cut.to_string());
    (seen, end)
}

/// Returns `body` as messages whose lengths and checksums are right: a byte says how long the headers of each are, the next
/// one how long its payload is.
fn with_checksums(mut body: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let [headers, payload, rest @ ..] = body {
        let (headers, rest) = rest.split_at(usize::from(*headers).min(rest.len()));
        let (payload, rest) = rest.split_at(usize::from(*payload).min(rest.len()));
        let length = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes();
        let mut message = [length(16 + headers.len() + payload.len()), length(headers.len())].concat();
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message.extend(headers);
        message.extend(payload);
        message.extend(crc32fast::hash(&message).to_be_bytes());
        stream.extend(message);
        body = rest;
    }
    stream
}
