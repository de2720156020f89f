//! What chat templates expect of the Jinja they were written for: Python's, as Hugging Face sets it up.

use std::time::SystemTime;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

/// Adds the functions `raise_exception` and `strftime_now`, and the filter `tojson` that writes as Python does.
pub(super) fn add_to(environment: &mut Environment<'static>, now: SystemTime) {
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, format!("it refuses: {message}")))
    });
    environment.add_function("strftime_now", move |format: &str| strftime(now, format));
    environment.add_filter("tojson", to_json);
}

/// `{% generation %}` marks what a model learns from. It changes nothing of the text, and is not known here.
pub(super) fn without_generation_blocks(source: &str) -> String {
    let mut rest = source;
    let mut text = String::with_capacity(source.len());
    while let Some(begin) = rest.find("{%") {
        let Some(length) = rest[begin..].find("%}") else { break };
        let tag = &rest[begin..begin + length + 2];
        let name = tag[2..length].trim_matches(['-', '+', ' ', '\t', '\n', '\r']);
        text.push_str(&rest[..begin]);
        match name {
            "generation" => text.push_str(&tag.replacen("generation", "if true", 1)),
            "endgeneration" => text.push_str(&tag.replacen("endgeneration", "endif", 1)),
            _ => text.push_str(tag),
        }
        rest = &rest[begin + length + 2..];
    }
    text + rest
}

/// The date, in UTC: `format` is that of C's `strftime`.
fn strftime(now: SystemTime, format: &str) -> Result<String, Error> {
    let wrong = |it: jiff::Error| Error::new(ErrorKind::InvalidOperation, format!("strftime_now: {it}"));
    let now = jiff::Timestamp::try_from(now).map_err(wrong)?.to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::strtime::format(format, &now).map_err(wrong)
}

/// Python's `json.dumps(value, ensure_ascii=False)`: a space after each comma and colon, and nothing escaped
/// that need not be.
#[expect(clippy::needless_pass_by_value, reason = "a filter is given its arguments")]
fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    for name in ["ensure_ascii", "sort_keys"] {
        if options.get::<Option<bool>>(name)? == Some(true) {
            let problem = format!("tojson({name}=true) is not known here");
            return Err(Error::new(ErrorKind::InvalidOperation, problem));
        }
    }
    options.assert_all_used()?;
    let mut bytes = Vec::new();
    let written = match indent {
        Some(width) => {
            let width = " ".repeat(width);
            write(&mut bytes, value, PrettyFormatter::with_indent(width.as_bytes()))
        }
        None => write(&mut bytes, value, Spaced(CompactFormatter)),
    };
    let failed = |it: serde_json::Error| Error::new(ErrorKind::InvalidOperation, format!("tojson: {it}"));
    written.map_err(failed)?;
    Ok(Value::from(String::from_utf8_lossy(&bytes).into_owned()))
}

fn write(bytes: &mut Vec<u8>, value: &Value, formatter: impl Formatter) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(bytes, formatter))
}

/// Writes `[1, 2]` and `{"a": 1}`.
struct Spaced(CompactFormatter);

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}
