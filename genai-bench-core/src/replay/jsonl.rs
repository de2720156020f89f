//! Rows of Mooncake traces and of the plain format: a line of JSON for each request, independent of other lines.

use std::collections::BTreeSet;

use super::Finding;
use super::fields::Fields;
use super::format::AGENTIC;
use super::row::{Row, RowTime};

/// A parser of the lines of a Mooncake trace, with the names of the fields that are not used.
#[derive(Debug, Default)]
pub(super) struct Mooncake {
    unused: BTreeSet<String>,
}

impl Mooncake {
    /// Parses a line.
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        let time = RowTime::Number(fields.number("timestamp")?);
        let (input, output) = (fields.tokens("input_length")?, fields.tokens("output_length")?);
        for name in fields.rest() {
            if AGENTIC.contains(&name) {
                return Err(format!(
                    "'{name}' is a field of the format mooncake-agentic: give that as the format"
                ));
            }
            self.unused.insert(name.to_owned());
        }
        Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session: None })
    }

    /// Returns the finding on all lines.
    pub(super) fn findings(self) -> Option<Finding> {
        (!self.unused.is_empty()).then_some(Finding::UnusedFields(self.unused))
    }
}

/// Parses a line of the format of this project.
pub(super) fn plain(line: u64, text: &[u8]) -> Result<Row, String> {
    let mut fields = Fields::parse(text)?;
    let time = RowTime::Number(fields.number("arrival_s")?);
    let (input, output) = (fields.tokens("input")?, fields.tokens("output")?);
    let session = fields.remove("session").map(|value| {
        value.as_u64().ok_or_else(|| format!("'session' is {value}: it must be a whole number"))
    });
    let session = session.transpose()?;
    if let Some(name) = fields.rest().next() {
        return Err(format!(
            "unknown field '{name}': the fields are arrival_s, input, output, hash_ids and session"
        ));
    }
    Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session })
}
