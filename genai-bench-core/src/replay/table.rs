//! Columns of a CSV file.

use csv::StringRecord;

/// A column, by its name and its position in a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    place: usize,
}

impl Column {
    /// Returns the column of a name, if the header has it.
    pub(super) fn find(header: &StringRecord, name: &'static str) -> Option<Self> {
        header.iter().position(|found| found == name).map(|place| Self { name, place })
    }

    /// Returns the column of a name, or the name if the header lacks it.
    pub(super) fn require(header: &StringRecord, name: &'static str) -> Result<Self, &'static str> {
        Self::find(header, name).ok_or(name)
    }

    /// Returns the text of a row in this column.
    pub(super) fn text<'a>(&self, row: &'a StringRecord) -> &'a str {
        row.get(self.place).unwrap_or_default()
    }

    /// Parses a number of tokens. Tables of floats have `472.0` for 472.
    pub(super) fn tokens(&self, row: &StringRecord) -> Result<u64, String> {
        let text = self.text(row);
        let digits = text.strip_suffix(".0").unwrap_or(text);
        digits
            .parse()
            .map_err(|_| format!("'{}' is '{text}': it must be a whole number of tokens", self.name))
    }

    /// Parses a number.
    pub(super) fn number(&self, row: &StringRecord) -> Result<f64, String> {
        let text = self.text(row);
        text.parse().map_err(|_| format!("'{}' is '{text}': it must be a number", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_named_in_errors() {
        let header = StringRecord::from(vec!["a", "b"]);
        let column = Column::find(&header, "b").unwrap();
        assert!(Column::find(&header, "c").is_none());
        for text in ["472", "472.0"] {
            assert_eq!(column.tokens(&StringRecord::from(vec!["1", text])), Ok(472));
        }
        for text in ["", "-1", "1.5", "many"] {
            let expected = Err(format!("'b' is '{text}': it must be a whole number of tokens"));
            assert_eq!(column.tokens(&StringRecord::from(vec!["1", text])), expected);
        }
    }
}
