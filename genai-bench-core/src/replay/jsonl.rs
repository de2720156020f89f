//! Recordings of a line of JSON for each request.

use serde::Deserialize;

use super::read::Row;
use super::stamp::Stamp;

/// A line as published with Mooncake. What else is in it is left out.
#[derive(Deserialize)]
struct MooncakeLine {
    timestamp: f64,
    input_length: u64,
    output_length: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
}

/// A line of our own format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainLine {
    arrival_s: f64,
    input: u64,
    output: u64,
    #[serde(default)]
    hash_ids: Vec<u64>,
    session: Option<u64>,
}

/// What a line of Mooncake says.
pub(super) fn mooncake(line: &[u8]) -> Result<Row, String> {
    let MooncakeLine { timestamp, input_length, output_length, hash_ids } = parse(line)?;
    let stamp = Stamp::from_units(timestamp, 1_000_000)
        .ok_or_else(|| format!("timestamp {timestamp:?} is out of range: give milliseconds"))?;
    Ok(Row { stamp, input: input_length, output: output_length, hash_ids, session: None })
}

/// What a line of our own format says.
pub(super) fn plain(line: &[u8]) -> Result<Row, String> {
    let PlainLine { arrival_s, input, output, hash_ids, session } = parse(line)?;
    let stamp = Stamp::from_units(arrival_s, 1_000_000_000)
        .ok_or_else(|| format!("arrival_s {arrival_s:?} is out of range: give seconds"))?;
    Ok(Row { stamp, input, output, hash_ids, session })
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| {
        // To the parser this line is a file of its own.
        let what = error.to_string().replace(" at line 1 column ", " at column ");
        if error.is_eof() { format!("the line is cut off: {what}") } else { what }
    })
}
