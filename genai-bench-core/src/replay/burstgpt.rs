//! Rows of the BurstGPT traces: seconds, request tokens, response tokens, and in later files the conversation.

use std::collections::HashMap;

use csv::StringRecord;

use super::row::{Row, RowTime};
use super::table::Column;

/// The columns of a row, with the conversations so far.
pub(super) struct Columns {
    time: Column,
    input: Column,
    output: Column,
    session: Option<Column>,
    sessions: HashMap<String, u64>,
}

impl Columns {
    /// Returns the columns of a header, or the name of the first one that is missing.
    pub(super) fn find(header: &StringRecord) -> Result<Self, &'static str> {
        Ok(Self {
            time: Column::require(header, "Timestamp")?,
            input: Column::require(header, "Request tokens")?,
            output: Column::require(header, "Response tokens")?,
            session: Column::find(header, "Session ID"),
            sessions: HashMap::new(),
        })
    }

    /// Parses a row.
    pub(super) fn row(&mut self, line: u64, row: &StringRecord) -> Result<Row, String> {
        let seconds = self.time.number(row)?;
        if !seconds.is_finite() {
            return Err(format!("'{}' is '{seconds:?}': it must be a number of seconds", self.time.name));
        }
        let (input, output) = (self.input.tokens(row)?, self.output.tokens(row)?);
        let session = self.session.map(|column| column.text(row)).filter(|name| !name.is_empty());
        let session = session.map(|name| self.session_number(name));
        let time = RowTime::Number(seconds);
        Ok(Row { line, time, input, output, hash_ids: Vec::new(), session })
    }

    /// Returns the number of a conversation, in the order in which conversations first appear.
    fn session_number(&mut self, name: &str) -> u64 {
        if let Some(number) = self.sessions.get(name) {
            return *number;
        }
        let number = self.sessions.len() as u64;
        self.sessions.insert(name.to_owned(), number);
        number
    }
}
