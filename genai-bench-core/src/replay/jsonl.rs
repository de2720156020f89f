//! Recordings of a line of JSON for each request, whose rows stand for themselves.

use std::collections::BTreeSet;

use super::Finding;
use super::fields::Fields;
use super::format::AGENTIC;
use super::row::{Row, RowTime};

/// A reader of the lines of Mooncake, and the names of the fields that it does not use.
#[derive(Debug, Default)]
pub(super) struct Mooncake {
    unused: BTreeSet<String>,
}

impl Mooncake {
    /// Reads a line as published with Mooncake.
    pub(super) fn row(&mut self, line: u64, text: &[u8]) -> Result<Row, String> {
        let mut fields = Fields::parse(text)?;
        let time = RowTime::Number(fields.number("timestamp")?);
        let (input, output) = (fields.tokens("input_length")?, fields.tokens("output_length")?);
        for name in fields.rest() {
            if AGENTIC.contains(&name) {
                return Err(format!("'{name}' is a field of mooncake-agentic: name that as the format"));
            }
            self.unused.insert(name.to_owned());
        }
        Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session: None })
    }

    pub(super) fn findings(self) -> Option<Finding> {
        (!self.unused.is_empty()).then_some(Finding::UnusedFields(self.unused))
    }
}

/// Reads a line of the format of this project.
pub(super) fn plain(line: u64, text: &[u8]) -> Result<Row, String> {
    let mut fields = Fields::parse(text)?;
    let time = RowTime::Number(fields.number("arrival_s")?);
    let (input, output) = (fields.tokens("input")?, fields.tokens("output")?);
    let session = fields
        .take("session")
        .map(|value| value.as_u64().ok_or_else(|| format!("'session' is {value}: a whole number is needed")));
    let session = session.transpose()?;
    if let Some(name) = fields.rest().next() {
        return Err(format!(
            "unknown field '{name}': arrival_s, input, output, hash_ids and session are known"
        ));
    }
    Ok(Row { line, time, input, output, hash_ids: fields.hash_ids, session })
}
