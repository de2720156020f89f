//! Slices of splits in the notation of Hugging Face's `datasets`.

use std::ops::Range;
use std::path::PathBuf;
use std::str::FromStr;

/// A split of a dataset and a range of its rows: `train`, `train[:1000]`, `train[10%:20%]`, `train[-50:]`.
///
/// ```
/// use genai_bench_core::dataset::SplitSlice;
///
/// let slices = SplitSlice::parse_sum("train[:1000]+test[50%:]")?;
/// assert_eq!(slices[0].split, "train");
/// assert_eq!(slices[1].rows.within(30), 15..30);
/// # Ok::<(), genai_bench_core::dataset::SliceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitSlice {
    /// The name of the split.
    pub split: String,
    /// The rows that are read.
    pub rows: RowSlice,
}

/// Files and a range of their rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The files or folders, whose rows are numbered across all of them.
    pub paths: Vec<PathBuf>,
    /// The rows that are read.
    pub rows: RowSlice,
}

impl Part {
    /// Creates a part of files.
    #[must_use]
    pub fn new(paths: impl Into<Vec<PathBuf>>, rows: RowSlice) -> Self {
        Self { paths: paths.into(), rows }
    }
}

/// A range of rows, whose ends may be open, counted from the last row, or percentages of all rows. The default is all rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSlice {
    from: Option<Boundary>,
    to: Option<Boundary>,
}

/// An end of a range of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Boundary {
    /// A number of rows, counted from the last one if it is negative.
    Rows(i64),
    /// A percentage of all rows, rounded to the closest row.
    Percent(i64),
}

/// An error of parsing a split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("split '{text}': {problem}; write a slice as in train[:1000], train[10%:20%] or train[-50:]")]
pub struct SliceError {
    text: String,
    problem: &'static str,
}

impl SplitSlice {
    /// Parses splits that are joined by `+`.
    ///
    /// # Errors
    ///
    /// If one of them is not in this notation.
    pub fn parse_sum(text: &str) -> Result<Vec<Self>, SliceError> {
        text.split('+').map(str::parse).collect()
    }
}

impl FromStr for SplitSlice {
    type Err = SliceError;

    fn from_str(text: &str) -> Result<Self, SliceError> {
        let whole = text.trim();
        parse_slice(whole).map_err(|problem| SliceError { text: whole.to_owned(), problem })
    }
}

fn parse_slice(text: &str) -> Result<SplitSlice, &'static str> {
    let (text, rounding) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((before, rounding)) => (before, rounding),
        None => (text, "closest"),
    };
    if rounding != "closest" {
        return Err("the rounding must be 'closest'");
    }
    let (split, slice) = match text.split_once('[') {
        Some((split, slice)) => (split, Some(slice)),
        None => (text, None),
    };
    if split.is_empty() || split.contains(']') {
        return Err("the name of the split is missing");
    }
    let rows = match slice {
        Some(slice) => slice.strip_suffix(']').ok_or("']' is missing").and_then(RowSlice::parse)?,
        None => RowSlice::default(),
    };
    Ok(SplitSlice { split: split.to_owned(), rows })
}

impl RowSlice {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let (from, to) = text.split_once(':').ok_or("':' is missing")?;
        let slice = Self { from: Boundary::parse(from)?, to: Boundary::parse(to)? };
        match (slice.from, slice.to) {
            (Some(Boundary::Rows(_)), Some(Boundary::Percent(_)))
            | (Some(Boundary::Percent(_)), Some(Boundary::Rows(_))) => {
                Err("one end is a number of rows and the other one a percentage")
            }
            _ => Ok(slice),
        }
    }

    /// Returns `true` if these are all rows.
    #[must_use]
    pub fn is_all(self) -> bool {
        self == Self::default()
    }

    /// Returns the range, if it does not depend on the number of all rows.
    pub(super) fn absolute(self) -> Option<Range<u64>> {
        let from = self.from.map_or(Some(0), Boundary::absolute)?;
        Some(from..self.to.map_or(Some(u64::MAX), Boundary::absolute)?)
    }

    /// Returns the range among `count` rows, as `datasets.load_dataset` chooses it.
    #[must_use]
    pub fn within(self, count: u64) -> Range<u64> {
        let from = self.from.map_or(0, |from| from.within(count));
        from..self.to.map_or(count, |to| to.within(count))
    }
}

impl Boundary {
    fn parse(text: &str) -> Result<Option<Self>, &'static str> {
        const PROBLEM: &str = "an end of the slice is not a whole number";
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        // Python's numbers may have underscores in them.
        let (number, is_percent) = text.strip_suffix('%').map_or((text, false), |number| (number, true));
        let number: i64 = number.replace('_', "").parse().map_err(|_| PROBLEM)?;
        match is_percent {
            true if number.abs() > 100 => Err("a percentage is above 100"),
            true => Ok(Some(Self::Percent(number))),
            false => Ok(Some(Self::Rows(number))),
        }
    }

    /// Returns the row, if it does not depend on the number of all rows.
    fn absolute(self) -> Option<u64> {
        match self {
            Self::Rows(rows) => u64::try_from(rows).ok(),
            Self::Percent(_) => None,
        }
    }

    /// Returns the row among `count` rows.
    fn within(self, count: u64) -> u64 {
        let rows = match self {
            Self::Rows(rows) => i128::from(rows),
            Self::Percent(percent) => hundredths(i128::from(percent) * i128::from(count)),
        };
        let rows = if rows < 0 { (rows + i128::from(count)).max(0) } else { rows };
        u64::try_from(rows).unwrap_or(u64::MAX).min(count)
    }
}

/// Returns a hundredth, rounded to the closest whole number, with ties to even as in Python's `round`.
fn hundredths(number: i128) -> i128 {
    let (whole, rest) = (number.div_euclid(100), number.rem_euclid(100));
    whole + i128::from(rest > 50 || (rest == 50 && whole % 2 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str, count: u64) -> Range<u64> {
        let slice: SplitSlice = text.parse().unwrap();
        assert_eq!(slice.split, "train");
        slice.rows.within(count)
    }

    #[test]
    fn slices_are_those_of_the_python_library() {
        // Worked out by the rules of `_rel_to_abs_instr` in datasets' arrow_reader.py.
        for (text, count, rows) in [
            ("train", 9, 0..9),
            ("train[:3]", 9, 0..3),
            ("train[:1_000]", 9, 0..9),
            ("train[100:200]", 150, 100..150),
            ("train[-5:]", 9, 4..9),
            ("train[:-5]", 9, 0..4),
            ("train[-50:]", 9, 0..9),
            ("train[10%:20%]", 205, 20..41),
            ("train[:50%]", 5, 0..2),
            ("train[:50%]", 7, 0..4),
            ("train[-10%:]", 95, 85..95),
            ("train[:10%](closest)", 15, 0..2),
            ("train[:]", 4, 0..4),
        ] {
            assert_eq!(range(text, count), rows, "{text} of {count}");
        }
    }

    #[test]
    fn a_range_of_rows_from_the_first_needs_no_count() {
        for (text, range) in [
            ("train[2:5]", Some(2..5)),
            ("train[2:]", Some(2..u64::MAX)),
            ("train[-2:]", None),
            ("train[:1%]", None),
        ] {
            assert_eq!(text.parse::<SplitSlice>().unwrap().rows.absolute(), range, "{text}");
        }
    }

    #[test]
    fn malformed_slices_are_errors_with_an_example() {
        for text in
            ["train[:x]", "train[5]", "train[:5", "[:5]", "train[:101%]", "train[1:5%]", "train[:9%](up)"]
        {
            let error = text.parse::<SplitSlice>().unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("train[:1000]"), "{error}");
        }
        assert!(SplitSlice::parse_sum("train+").is_err());
    }

    #[test]
    fn splits_can_be_added() {
        let sum = SplitSlice::parse_sum("train[:2] + test").unwrap();
        assert_eq!(sum.iter().map(|slice| &*slice.split).collect::<Vec<_>>(), ["train", "test"]);
    }
}
