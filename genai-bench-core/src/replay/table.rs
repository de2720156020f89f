//! Columns of CSV, found by their names, and what is in them.

use csv::StringRecord;

/// A row and the place of a column in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    place: usize,
}

impl Column {
    /// The column of that name, wherever it stands.
    pub(super) fn find(header: &StringRecord, name: &'static str) -> Option<Self> {
        header.iter().position(|it| it == name).map(|place| Self { name, place })
    }

    /// What is in it.
    pub(super) fn text<'a>(&self, row: &'a StringRecord) -> &'a str {
        row.get(self.place).unwrap_or_default()
    }

    /// A number of tokens. Files that went through a table of floats have `472.0` for 472.
    pub(super) fn tokens(&self, row: &StringRecord) -> Result<u64, String> {
        let text = self.text(row);
        let digits = text.strip_suffix(".0").unwrap_or(text);
        digits.parse().map_err(|_| format!("'{}' is '{text}': a whole number of tokens is needed", self.name))
    }

    /// A number of seconds.
    pub(super) fn number(&self, row: &StringRecord) -> Result<f64, String> {
        let text = self.text(row);
        text.parse().map_err(|_| format!("'{}' is '{text}': a number is needed", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_name_and_says_what_is_wrong_in_it() {
        let header = StringRecord::from(vec!["a", "b"]);
        let column = Column::find(&header, "b").unwrap();
        assert!(Column::find(&header, "c").is_none());
        let tokens = |text| column.tokens(&StringRecord::from(vec!["1", text]));
        assert_eq!((tokens("472"), tokens("472.0")), (Ok(472), Ok(472)));
        for wrong in ["", "-1", "1.5", "many"] {
            assert_eq!(tokens(wrong), Err(format!("'b' is '{wrong}': a whole number of tokens is needed")));
        }
    }
}
