//! Rows with seconds, the tokens of the request and of the response, and perhaps the conversation.

use std::collections::HashMap;

use csv::StringRecord;

use super::row::{Row, RowTime};
use super::table::Column;

/// Where things are in a row, and the conversations so far.
pub(super) struct Columns {
    time: Column,
    input: Column,
    output: Column,
    session: Option<Column>,
    sessions: HashMap<String, u64>,
}

impl Columns {
    /// Finds them, or says which is missing.
    pub(super) fn find(header: &StringRecord) -> Result<Self, &'static str> {
        let find = |name| Column::find(header, name).ok_or(name);
        Ok(Self {
            time: find("Timestamp")?,
            input: find("Request tokens")?,
            output: find("Response tokens")?,
            session: find("Session ID").ok(),
            sessions: HashMap::new(),
        })
    }

    pub(super) fn row(&mut self, line: u64, row: &StringRecord) -> Result<Row, String> {
        let seconds = self.time.number(row)?;
        if !seconds.is_finite() {
            return Err(format!("'{}' is '{seconds:?}': seconds are needed", self.time.name));
        }
        let (input, output) = (self.input.tokens(row)?, self.output.tokens(row)?);
        let session = self.session.map(|it| it.text(row)).filter(|it| !it.is_empty());
        let session = session.map(|it| self.number_of(it));
        let time = RowTime::Number(seconds);
        Ok(Row { line, time, input, output, hash_ids: Vec::new(), session })
    }

    /// The number of the conversation of that name: its place among those that have been seen.
    fn number_of(&mut self, name: &str) -> u64 {
        if let Some(number) = self.sessions.get(name) {
            return *number;
        }
        let number = self.sessions.len() as u64;
        self.sessions.insert(name.to_owned(), number);
        number
    }
}
