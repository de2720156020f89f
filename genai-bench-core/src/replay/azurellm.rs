//! Rows with a date and time, the tokens of the context, and the tokens that were generated.

use csv::StringRecord;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::row::{Row, RowTime};
use super::stamp::Stamp;
use super::table::Column;

/// The columns of a row.
pub(super) struct Columns {
    time: Column,
    input: Column,
    output: Column,
}

impl Columns {
    /// Returns the columns of a header, or the name of the first one that is missing.
    pub(super) fn find(header: &StringRecord) -> Result<Self, &'static str> {
        Ok(Self {
            time: Column::require(header, "TIMESTAMP")?,
            input: Column::require(header, "ContextTokens")?,
            output: Column::require(header, "GeneratedTokens")?,
        })
    }

    /// Parses a row.
    pub(super) fn row(&self, line: u64, row: &StringRecord) -> Result<Row, String> {
        let stamp = stamp(self.time.text(row)).ok_or_else(|| {
            format!(
                "'{}' is '{}': it must be a date and time, such as 2023-11-16 18:15:46.6805900",
                self.time.name,
                self.time.text(row)
            )
        })?;
        let (input, output) = (self.input.tokens(row)?, self.output.tokens(row)?);
        let time = RowTime::Date(stamp);
        Ok(Row { line, time, input, output, hash_ids: Vec::new(), session: None })
    }
}

/// Parses a date and time. Without a zone it is in UTC, in which no hour occurs twice.
fn stamp(text: &str) -> Option<Stamp> {
    let civil = || Some(text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    let time = text.parse::<Timestamp>().ok().or_else(civil)?;
    Stamp::from_nanos(time.as_nanosecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let nanos = |text| stamp(text).map(Stamp::since_earliest);
        let base = nanos("2023-11-16 18:15:46.6805900").unwrap();
        assert_eq!(nanos("2023-11-16T18:15:46.68059Z"), Some(base));
        assert_eq!(nanos("2023-11-16 18:15:46.680590+00:00"), Some(base));
        assert_eq!(nanos("2023-11-16 20:15:46.680590+02:00"), Some(base));
        let later = nanos("2023-11-17 00:00:00.0000001").unwrap() - base;
        assert_eq!(later.as_nanos(), 20_653_319_410_100);
        for wrong in ["", "18:15:46", "2023-13-16 18:15:46", "1700158546"] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }
}
