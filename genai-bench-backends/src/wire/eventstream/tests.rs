//! Botocore's examples, properties over re-chunking, and comparison with AWS's own encoder and decoder.

use aws_smithy_eventstream::frame::{DecodedFrame, MessageFrameDecoder, write_message_to};
use aws_smithy_types::event_stream as aws;
use proptest::prelude::*;

use super::*;

/// Name and value of each header, and the payload.
type Seen = (Vec<(String, String)>, Vec<u8>);

fn seen(message: Message<'_>) -> Seen {
    let headers = message.headers().map(|(name, value)| (name.to_owned(), format!("{value:?}")));
    (headers.collect(), message.payload().to_vec())
}

/// Returns the messages in `chunks`, and `Ok` if the chunks end with a complete message.
fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<(Vec<Seen>, Result<(), Cut>), Malformed> {
    let (mut stream, mut all) = (EventStream::default(), Vec::new());
    for chunk in chunks {
        stream.feed(chunk, |message| {
            all.push(seen(message));
            Ok::<(), Malformed>(())
        })?;
    }
    Ok((all, stream.finish()))
}

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../fixtures/bedrock/", $name, ".eventstream")).as_slice()
    };
}

#[test]
fn messages_are_read_as_botocore_reads_them() {
    let (messages, end) = read([fixture!("converse_text")]).unwrap();
    let names: Vec<_> = messages.iter().map(|it| it.0[0].1.as_str()).collect();
    let deltas = [r#"Text("contentBlockDelta")"#; 2];
    let expected = [
        &[r#"Text("messageStart")"#][..],
        &deltas,
        &[r#"Text("contentBlockStop")"#, r#"Text("messageStop")"#, r#"Text("metadata")"#],
    ];
    assert_eq!((names, end), (expected.concat(), Ok(())));
    let payload = r#"{"contentBlockIndex":0,"delta":{"text":"lo ☃"},"p":"abcdefghijklmnopqrstuvwxyz"}"#;
    assert_eq!(std::str::from_utf8(&messages[2].1), Ok(payload));
}

#[test]
fn every_kind_of_header_is_read() {
    let mut stream = EventStream::default();
    let mut seen = 0;
    let told = |message: Message<'_>| {
        seen += 1;
        let expected = [
            ("t", Value::Bool(true)),
            ("f", Value::Bool(false)),
            ("b", Value::Integer(-1)),
            ("s", Value::Integer(-300)),
            ("i", Value::Integer(70_000)),
            ("l", Value::Integer(-5_000_000_000)),
            ("bin", Value::Bytes(b"\0\xff")),
            ("str", Value::Text("é")),
            ("ts", Value::Timestamp(1_795_420_800_000)),
            ("u", Value::Uuid([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])),
        ];
        assert_eq!(message.headers().collect::<Vec<_>>(), expected);
        assert_eq!((message.text("str"), message.text("t")), (Some("é"), None));
        assert_eq!(message.payload(), b"payload");
        Ok::<(), Malformed>(())
    };
    stream.feed(fixture!("all_header_types"), told).unwrap();
    assert_eq!(seen, 1);
}

#[test]
fn what_is_broken_is_refused_and_says_why() {
    for (body, problem) in [
        (fixture!("malformed_prelude_crc_wrong"), "a prelude has the checksum ca2c4665, and says cb2c4665"),
        (fixture!("malformed_message_crc_wrong"), "a message has the checksum 5fbf09fc, and says 5fbf09fd"),
        (
            fixture!("malformed_payload_or_header_bit_flipped"),
            "a message has the checksum a21c1fd9, and says 5fbf09fc",
        ),
        (fixture!("malformed_payload_over_24MiB"), "a payload of 26214384 bytes, 25165824 at most"),
        (fixture!("malformed_headers_over_128KiB"), "headers of 150000 bytes, 131072 at most"),
        (fixture!("malformed_duplicate_header"), "the header \":event-type\" twice"),
    ] {
        let whole = read([body]).unwrap_err();
        assert_eq!(whole.to_string(), format!("no event stream: {problem}"));
        assert_eq!(read(body.chunks(1)), Err(whole), "{problem}");
    }
}

#[test]
fn a_length_that_cannot_be_is_refused() {
    let prelude = [0, 0, 0, 15, 0, 0, 0, 0];
    let body = [&prelude[..], &crc32fast::hash(&prelude).to_be_bytes()].concat();
    let error = read([&*body]).unwrap_err().to_string();
    assert_eq!(error, "no event stream: a message of 15 bytes with headers of 0");
}

#[test]
fn a_message_that_is_not_whole_is_told_of() {
    assert_eq!(read([fixture!("malformed_truncated")]), Ok((vec![], Err(Cut))));
    assert_eq!(read([]), Ok((vec![], Ok(()))));
}

fn any_value() -> impl Strategy<Value = aws::HeaderValue> {
    use aws::HeaderValue as Of;
    prop_oneof![
        any::<bool>().prop_map(Of::Bool),
        any::<i8>().prop_map(Of::Byte),
        any::<i16>().prop_map(Of::Int16),
        any::<i32>().prop_map(Of::Int32),
        any::<i64>().prop_map(Of::Int64),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(|it| Of::ByteArray(it.into())),
        "\\PC{0,20}".prop_map(|it| Of::String(it.into())),
        any::<u128>().prop_map(Of::Uuid),
    ]
}

fn any_message() -> impl Strategy<Value = aws::Message> {
    let headers = prop::collection::btree_map("[:a-zé-]{1,12}", any_value(), 0..5);
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    (headers, payload).prop_map(|(headers, payload)| {
        let message = aws::Message::new(payload);
        headers.into_iter().fold(message, |it, (name, value)| it.add_header(aws::Header::new(name, value)))
    })
}

/// Returns the headers and the payload of a message of AWS's own types.
fn theirs(message: &aws::Message) -> Seen {
    use aws::HeaderValue as Of;
    let value = |it: &Of| match it {
        Of::Bool(it) => format!("{:?}", Value::Bool(*it)),
        Of::Byte(it) => format!("{:?}", Value::Integer((*it).into())),
        Of::Int16(it) => format!("{:?}", Value::Integer((*it).into())),
        Of::Int32(it) => format!("{:?}", Value::Integer((*it).into())),
        Of::Int64(it) => format!("{:?}", Value::Integer(*it)),
        Of::ByteArray(it) => format!("{:?}", Value::Bytes(it)),
        Of::String(it) => format!("{:?}", Value::Text(it.as_str())),
        Of::Uuid(it) => format!("{:?}", Value::Uuid(it.to_be_bytes())),
        other => panic!("no such header is made: {other:?}"),
    };
    let headers = message.headers().iter().map(|it| (it.name().as_str().to_owned(), value(it.value())));
    (headers.collect(), message.payload().to_vec())
}

/// Returns the same bytes in chunks of the given lengths, repeated in a cycle.
fn cut<'a>(body: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let (mut chunks, mut rest) = (Vec::new(), body);
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

proptest! {
    #[test]
    fn what_aws_writes_is_read_however_it_is_cut(
        messages in prop::collection::vec(any_message(), 0..4),
        lengths in prop::collection::vec(1..60_usize, 1..6),
    ) {
        let mut body = Vec::new();
        for message in &messages {
            write_message_to(message, &mut body).unwrap();
        }
        let expected = (messages.iter().map(theirs).collect(), Ok(()));
        prop_assert_eq!(read([&*body]), Ok(expected));
        prop_assert_eq!(read(cut(&body, &lengths)), read([&*body]));
    }

    #[test]
    fn a_byte_that_changes_on_the_way_never_passes(
        message in any_message(),
        place in any::<prop::sample::Index>(),
        change in 1..=u8::MAX,
    ) {
        let mut body = Vec::new();
        write_message_to(&message, &mut body).unwrap();
        let place = place.index(body.len());
        body[place] ^= change;
        prop_assert!(read([&*body]).is_err());
        let theirs = MessageFrameDecoder::new().decode_frame(&mut &*body);
        prop_assert!(!matches!(theirs, Ok(DecodedFrame::Complete(_))));
    }

    #[test]
    fn nothing_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), headers in 0..300_u32) {
        // Valid checksums, so that headers of any bytes are parsed.
        let mut message = (body.len() as u32 + 16).to_be_bytes().to_vec();
        message.extend(headers.to_be_bytes());
        message.extend(crc32fast::hash(&message).to_be_bytes());
        message.extend(&body);
        message.extend(crc32fast::hash(&message).to_be_bytes());
        let _ = read([&*message]);
        let _ = read([&*body]);
    }
}
