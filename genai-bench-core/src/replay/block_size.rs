//! The block size of a recording: the number of tokens that a hash stands for.

use super::Finding;
use super::row::Row;
use crate::units::Tokens;

/// Hashes that do not fit the lengths of their rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The first such line.
    pub(super) line: u64,
    pub(super) problem: String,
}

/// The length of a row and the number of its hashes.
#[derive(Clone, Copy, Debug)]
struct Hashed {
    line: u64,
    input: u64,
    hashes: u64,
}

impl Hashed {
    fn new(row: &Row) -> Self {
        Self { line: row.line, input: row.input, hashes: row.hash_ids.len() as u64 }
    }

    /// Returns `true` if there is a hash for each block, the last of which may be shorter.
    fn fits(self, block: u64) -> bool {
        self.hashes == self.input.div_ceil(block)
    }

    /// Returns `true` if there is a hash for each full block.
    fn fits_full_blocks(self, block: u64) -> bool {
        self.hashes == self.input / block
    }
}

/// Returns the block size of a file whose format has blocks of `usual` tokens. Rows without hashes do not count.
///
/// It is the usual size if the hashes of all rows fit it: one for each block, or one for each full block. Otherwise it is the
/// only size that fits all rows, or the only power of 2 that does.
///
/// # Errors
///
/// The first row that does not fit, if no such size exists.
pub(super) fn settle(
    usual: Tokens,
    requested: Option<Tokens>,
    rows: &[Row],
) -> Result<(Tokens, Option<Finding>), Misfit> {
    let rows: Vec<Hashed> =
        rows.iter().map(Hashed::new).filter(|row| row.hashes > 0 && row.input > 0).collect();
    let block = requested.unwrap_or(usual);
    let mut misfits = rows.iter().filter(|row| !row.fits(block.0) && !row.fits_full_blocks(block.0));
    let Some(first) = misfits.next().copied() else {
        let full = rows.iter().filter(|row| !row.fits(block.0)).count() as u64;
        return Ok((block, (full > 0).then_some(Finding::FullBlocksOnly { rows: full, block })));
    };
    let misfits = 1 + misfits.count() as u64;
    if requested.is_some() {
        return Ok((block, Some(Finding::HashCounts { rows: misfits, first_line: first.line, block })));
    }
    let (least, most) = fitting_sizes(&rows);
    match only_size(least, most) {
        Some(found) => Ok((found, Some(Finding::BlockSize { found, usual }))),
        None => Err(Misfit { line: first.line, problem: problem(first, usual, misfits, (least, most)) }),
    }
}

/// Returns the smallest and the largest block size that fits all rows. If none does, the first is larger than the second.
fn fitting_sizes(rows: &[Hashed]) -> (u64, u64) {
    rows.iter().fold((1, u64::MAX), |(least, most), row| {
        let smallest = row.input.div_ceil(row.hashes);
        let largest = if row.hashes == 1 { u64::MAX } else { row.input.div_ceil(row.hashes - 1) - 1 };
        (least.max(smallest), most.min(largest))
    })
}

/// Returns the only size of a range, or its only power of 2.
fn only_size(least: u64, most: u64) -> Option<Tokens> {
    if least == most {
        return Some(Tokens(least));
    }
    let power = least.checked_next_power_of_two().filter(|power| *power <= most)?;
    let next_is_out = power.checked_mul(2).is_none_or(|next| next > most);
    next_is_out.then_some(Tokens(power))
}

/// Formats the problem of rows that do not fit, of which `first` is the first.
fn problem(first: Hashed, usual: Tokens, misfits: u64, (least, most): (u64, u64)) -> String {
    let Hashed { input, hashes, .. } = first;
    let needed = input.div_ceil(usual.0);
    let others = match (least, most) {
        (least, most) if least > most => "no block size fits all of them".to_owned(),
        (least, u64::MAX) => format!("any block size from {least} tokens on fits all of them"),
        (least, most) => format!("any block size from {least} to {most} tokens fits all of them"),
    };
    format!(
        "{hashes} hash_ids for {input} tokens: blocks of {usual} tokens, which this format has, would be {needed}. \
         {misfits} rows do not fit, and {others}"
    )
}

#[cfg(test)]
mod tests {
    use super::super::row::RowTime;
    use super::*;

    fn rows(lengths: &[(u64, u64)]) -> Vec<Row> {
        (1..).zip(lengths).map(|(line, (input, hashes))| row(line, *input, *hashes)).collect()
    }

    fn row(line: u64, input: u64, hashes: u64) -> Row {
        let (time, hash_ids) = (RowTime::Number(0.0), (0..hashes).collect());
        Row { line, time, input, output: 1, hash_ids, session: None }
    }

    fn settled(usual: u64, lengths: &[(u64, u64)]) -> String {
        match settle(Tokens(usual), None, &rows(lengths)) {
            Ok((block, None)) => format!("{block}"),
            Ok((block, Some(Finding::FullBlocksOnly { .. }))) => format!("{block}, full"),
            Ok((block, Some(_))) => format!("{block}, noted"),
            Err(misfit) => format!("line {}", misfit.line),
        }
    }

    #[test]
    fn the_block_size_is_the_usual_one_or_the_only_one_that_fits() {
        type Lengths = &'static [(u64, u64)];
        let cases: [(u64, Lengths, &str); 11] = [
            (512, &[(6_758, 14), (898, 2), (28, 1), (512, 1)], "512"),
            (512, &[(36, 0), (90, 1)], "512"),
            (512, &[], "512"),
            (512, &[(1_024, 2), (1_100, 2), (28, 0)], "512, full"),
            (512, &[(521, 33), (676, 43)], "16, noted"),
            (16, &[(6_758, 14), (2_290, 5)], "512, noted"),
            (512, &[(655, 3)], "256, noted"),
            (512, &[(300, 3), (260, 2)], "line 1"),
            (512, &[(6_758, 14), (90, 2)], "line 2"),
            (512, &[(6_955, 3), (6_472, 3)], "line 1"),
            (512, &[(10, 10)], "1, noted"),
        ];
        for (usual, lengths, expected) in cases {
            assert_eq!(settled(usual, lengths), expected, "{usual} {lengths:?}");
        }
    }

    #[test]
    fn a_given_size_is_used_and_misfits_are_counted() {
        let lengths = [(521, 33), (676, 43), (90, 9)];
        let settled = settle(Tokens(512), Some(Tokens(16)), &rows(&lengths));
        let finding = Finding::HashCounts { rows: 1, first_line: 3, block: Tokens(16) };
        assert_eq!(settled, Ok((Tokens(16), Some(finding))));
    }

    #[test]
    fn a_misfit_names_the_sizes_that_fit() {
        let problem = settle(Tokens(512), None, &rows(&[(300, 3), (260, 2)])).unwrap_err().problem;
        assert_eq!(
            problem,
            "3 hash_ids for 300 tokens: blocks of 512 tokens, which this format has, would be 1. 2 rows do not fit, \
             and any block size from 130 to 149 tokens fits all of them"
        );
    }
}
