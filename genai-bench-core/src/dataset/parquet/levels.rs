//! The numbers of elements of the rows of a page, from its repetition levels.

use ::parquet::basic::Encoding;
use ::parquet::column::page::Page;

/// A counter of the elements of rows over the pages of a column.
#[derive(Debug)]
pub(super) struct RowLengths {
    /// The number of bits of a level.
    width: u32,
    /// The number of elements so far of the current row.
    current: u64,
}

impl RowLengths {
    /// Creates a counter for a column with repetition levels up to `max_level`.
    pub(super) fn new(max_level: i16) -> Self {
        Self { width: i16::BITS - max_level.leading_zeros(), current: 0 }
    }

    /// Reads the levels of a page and returns the number of elements of its longest row.
    pub(super) fn longest_in(&mut self, page: &Page) -> Result<u64, String> {
        let (levels, count) = match page {
            Page::DataPage { buf, num_values, rep_level_encoding, .. } => {
                if *rep_level_encoding != Encoding::RLE {
                    return Err(format!("levels in the encoding {rep_level_encoding:?}"));
                }
                let (length, rest) = buf.split_first_chunk::<4>().ok_or("levels that are cut off")?;
                let length = u32::from_le_bytes(*length) as usize;
                (rest.get(..length).ok_or("levels that are cut off")?, *num_values)
            }
            Page::DataPageV2 { buf, num_values, rep_levels_byte_len, .. } => {
                (buf.get(..*rep_levels_byte_len as usize).ok_or("levels that are cut off")?, *num_values)
            }
            Page::DictionaryPage { .. } => return Ok(0),
        };
        self.longest(levels, u64::from(count))
    }

    /// Reads `count` levels: runs of the same level, and bit-packed groups of 8 levels. Level 0 begins a row.
    fn longest(&mut self, mut levels: &[u8], mut count: u64) -> Result<u64, String> {
        let mut longest = self.current;
        while count > 0 {
            let head = unsigned(&mut levels)?;

            if head & 1 == 0 {
                let run = (head >> 1).min(count);
                let value =
                    levels.split_off(..bytes(u64::from(self.width))?).ok_or("levels that are cut off")?;
                if value.iter().all(|byte| *byte == 0) {
                    self.current = u64::from(run > 0);
                } else {
                    self.current += run;
                }
                longest = longest.max(self.current);
                // An empty run would make the loop endless.
                count -= if run == 0 { return Err("an empty run of levels".to_owned()) } else { run };
            } else {
                let values = (head >> 1).saturating_mul(8).min(count);
                let bits = values.saturating_mul(u64::from(self.width));
                let length = bytes(bits)?.min(levels.len());
                let packed = levels.split_off(..length).ok_or("levels that are cut off")?;
                if values == 0 || (packed.len() as u64 * 8) < bits {
                    return Err("levels that are cut off".to_owned());
                }
                for value in 0..values {
                    let is_first = self.bits(packed, value).all(|bit| !bit);
                    self.current = if is_first { 1 } else { self.current + 1 };
                    longest = longest.max(self.current);
                }
                count -= values;
            }
        }
        Ok(longest)
    }

    /// Returns the bits of a level.
    fn bits<'a>(&self, packed: &'a [u8], value: u64) -> impl Iterator<Item = bool> + use<'a> {
        let first = usize::try_from(value).unwrap_or(0) * self.width as usize;
        (first..first + self.width as usize).map(|bit| packed[bit / 8] >> (bit % 8) & 1 == 1)
    }
}

/// Returns the number of bytes that hold `bits`.
fn bytes(bits: u64) -> Result<usize, String> {
    usize::try_from(bits.div_ceil(8)).map_err(|_| "levels that are cut off".to_owned())
}

/// Reads an unsigned number of variable length.
fn unsigned(bytes: &mut &[u8]) -> Result<u64, String> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = bytes.split_off_first().ok_or("levels that are cut off")?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err("a run of more levels than there are".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_in_runs_and_in_bits() {
        let mut lengths = RowLengths::new(1);
        // A run of 3 rows, then a run of 5 further elements of the last one.
        assert_eq!(lengths.longest(&[3 << 1, 0, 5 << 1, 1], 8), Ok(6));
        // The row goes on in the next page: 8 levels in bits, of which the fourth begins a row.
        assert_eq!(lengths.longest(&[1 << 1 | 1, 0b1111_0111], 8), Ok(9));
        assert_eq!(lengths.longest(&[0x80, 0x80, 0x80, 0x80, 0x10, 1], 1 << 31), Ok(5 + (1 << 31)));
        assert!(RowLengths::new(1).longest(&[0, 1], 8).is_err());
        assert!(RowLengths::new(3).longest(&[0xff, 1], 800).is_err());
    }
}
