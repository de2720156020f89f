//! Rows of a dataset that are sent more than once.

use std::fmt;

use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::DatasetSampler;

use super::prompt_starts::different_runs;

/// The number of rows of a dataset that the requests of a plan use, and the number of all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RepeatedRows {
    /// The number of rows that requests are made of.
    rows: u64,
    /// The number of rows of the dataset.
    all_rows: u64,
    /// The number of rows that requests use; `None` if only a time limits the number of requests.
    taken: Option<u64>,
}

impl RepeatedRows {
    /// Counts the rows that the requests of `plan` use from `sampler`; `None` if they use none, because every scenario has
    /// lengths of its own.
    pub(super) fn new(plan: &Plan, sampler: &DatasetSampler, all_rows: usize) -> Option<Self> {
        let sessions = plan.limit.max_sessions().map(u64::from);
        let mut repeats = None;
        for (shape, batch_size) in different_runs(plan) {
            let rows_per_request = sampler.rows_of_request(shape, batch_size);
            if rows_per_request == 0 {
                continue;
            }
            let rows = sampler.rows_used(shape) as u64;
            let taken = sessions.map(|sessions| sessions.saturating_mul(rows_per_request));
            let before = repeats.get_or_insert(Self { rows, all_rows: all_rows as u64, taken: Some(0) });
            before.rows = before.rows.min(rows);
            before.taken = before.taken.zip(taken).map(|(before, more)| before.saturating_add(more));
        }
        repeats
    }

    /// Returns the number of times that a row is sent again; `None` if it is not known before the runs.
    pub(crate) fn repeated(&self) -> Option<u64> {
        self.taken.map(|taken| taken.saturating_sub(self.rows))
    }

    /// Returns the number of rows of the dataset that no request uses.
    pub(crate) fn unused(&self) -> u64 {
        self.all_rows - self.rows
    }

    /// Returns `true` if rows are sent again or are not used.
    pub(crate) fn is_worth_a_note(&self) -> bool {
        self.repeated() != Some(0) || self.unused() > 0
    }
}

impl fmt::Display for RepeatedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows;
        if self.unused() > 0 {
            let all_rows = self.all_rows;
            write!(f, "of the dataset's {all_rows} rows the images of {rows} are used (--distinct-media); ")?;
        }
        match self.taken {
            Some(taken) if taken <= rows => write!(f, "requests take up to {taken} of these rows, each once"),
            Some(taken) => write!(
                f,
                "requests take up to {taken} rows, and the dataset has {rows}: rows are sent again, and a server may answer these from \
                 its prefix cache"
            ),
            None => write!(
                f,
                "the dataset has {rows} rows: requests beyond these send rows again, and a server may answer these from its \
                 prefix cache"
            ),
        }
    }
}
