//! Extensions of Jinja that chat templates expect from Python's, as Hugging Face configures it.

use std::io::{self, Write};
use std::time::SystemTime;

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};
use serde::Serialize;
use serde_json::ser::Formatter;

/// The maximum indent of a level of JSON, in spaces: templates use 4.
const WIDEST_INDENT: usize = 16;

/// Adds the functions `raise_exception` and `strftime_now`, and the filter `tojson` with Python's output.
pub(super) fn add_to(environment: &mut Environment<'static>, now: SystemTime) {
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, format!("it refuses: {message}")))
    });
    environment.add_function("strftime_now", move |format: &str| strftime(now, format));
    environment.add_filter("tojson", to_json);
}

/// Removes `{% generation %}` blocks, which mark the parts that a model is trained on. They do not change the text,
/// and are not supported here.
pub(super) fn without_generation_blocks(source: &str) -> String {
    let mut rest = source;
    let mut text = String::with_capacity(source.len());
    while let Some(begin) = rest.find("{%") {
        let Some(length) = rest[begin + 2..].find("%}") else { break };
        let tag = &rest[begin..begin + length + 4];
        let name = tag[2..length + 2].trim_matches(['-', '+', ' ', '\t', '\n', '\r']);
        text.push_str(&rest[..begin]);
        match name {
            "generation" => text.push_str(&tag.replacen("generation", "if true", 1)),
            "endgeneration" => text.push_str(&tag.replacen("endgeneration", "endif", 1)),
            _ => text.push_str(tag),
        }
        rest = &rest[begin + length + 4..];
    }
    text + rest
}

fn invalid(function: &str, error: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{function}: {error}"))
}

/// Returns the date, in UTC, in a `format` of C's `strftime`.
fn strftime(now: SystemTime, format: &str) -> Result<String, Error> {
    let now = jiff::Timestamp::try_from(now)
        .map_err(|error| invalid("strftime_now", &error))?
        .to_zoned(jiff::tz::TimeZone::UTC);
    jiff::fmt::strtime::format(format, &now).map_err(|error| invalid("strftime_now", &error))
}

/// Returns the output of Python's `json.dumps(value, ensure_ascii=False)`, with the other arguments that templates
/// use: a space after each comma and colon, and only necessary escapes.
#[expect(clippy::needless_pass_by_value, reason = "a filter is given its arguments")]
fn to_json(value: &Value, options: Kwargs) -> Result<Value, Error> {
    let indent: Option<usize> = options.get("indent")?;
    let flag = |name| options.get::<Option<bool>>(name).map(Option::unwrap_or_default);
    let (ascii, sorted) = (flag("ensure_ascii")?, flag("sort_keys")?);
    let separators: Option<(String, String)> = separators(&options)?;
    options.assert_all_used()?;
    let mut json = serde_json::to_value(value).map_err(|error| invalid("tojson", &error))?;
    if sorted {
        json.sort_all_objects();
    }
    if indent.is_some_and(|width| width > WIDEST_INDENT) {
        let problem = format!("tojson: an indent of more than {WIDEST_INDENT} spaces");
        return Err(Error::new(ErrorKind::InvalidOperation, problem));
    }
    let indent = indent.map(|width| " ".repeat(width));
    let between = if indent.is_some() { "," } else { ", " };
    let (item, key) = separators.unwrap_or_else(|| (between.to_owned(), ": ".to_owned()));
    let mut bytes = Vec::new();
    let formatter = Python { item, key, indent, depth: 0, has_value: false };
    json.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
        .map_err(|error| invalid("tojson", &error))?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Value::from(if ascii { in_ascii(&text) } else { text }))
}

/// Returns the two separators, between items and after keys, if they are given.
fn separators(options: &Kwargs) -> Result<Option<(String, String)>, Error> {
    let Some(given) = options.get::<Option<Vec<String>>>("separators")? else { return Ok(None) };
    match <[String; 2]>::try_from(given) {
        Ok([item, key]) => Ok(Some((item, key))),
        Err(_) => Err(Error::new(ErrorKind::InvalidOperation, "tojson: separators are two texts")),
    }
}

/// Returns JSON in which all characters beyond ASCII, which only texts have, are escaped.
fn in_ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            let units = letter
                .encode_utf16(&mut [0; 2])
                .iter()
                .map(|unit| format!("\\u{unit:04x}"))
                .collect::<String>();
            text.push_str(&units);
        }
    }
    text
}

/// A formatter that writes `[1, 2]` and `{"a": 1}`, or each item on a line of its own.
struct Python {
    item: String,
    key: String,
    indent: Option<String>,
    depth: usize,
    /// `true` once the innermost list or object has an item.
    has_value: bool,
}

impl Python {
    fn begin<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(bracket)
    }

    fn end<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.has_value {
            self.new_line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn begin_item<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(self.item.as_bytes())?;
        }
        self.new_line(writer)
    }

    fn new_line<W: ?Sized + Write>(&self, writer: &mut W) -> io::Result<()> {
        let Some(indent) = &self.indent else { return Ok(()) };
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(indent.as_bytes()))
    }
}

impl Formatter for Python {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin_item(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.begin_item(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(self.key.as_bytes())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}
