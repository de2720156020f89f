//! Rows of a dataset that are sent more than once.

use std::fmt;

use genai_bench_core::plan::Plan;
use genai_bench_core::sampler::DatasetSampler;

use super::prompt_starts::different_runs;

/// How many rows of a dataset the requests of a plan take, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RepeatedRows {
    /// The number of rows that requests are made of.
    rows: u64,
    /// The number of rows of the dataset.
    all_rows: u64,
    /// The number of rows that requests take; `None` where a time limits the number of requests.
    taken: Option<u64>,
}

impl RepeatedRows {
    /// Counts the rows that the requests of `plan` take from `sampler`; `None` where they take none, because every scenario
    /// says how long its requests are.
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

    /// Returns how many of the rows that requests take were sent before; `None` where it is not known before the runs.
    pub(crate) fn repeated(&self) -> Option<u64> {
        self.taken.map(|taken| taken.saturating_sub(self.rows))
    }

    /// Returns the number of rows that no request is made of, though the dataset has them.
    pub(crate) fn unused(&self) -> u64 {
        self.all_rows - self.rows
    }

    /// Whether there is something to tell.
    pub(crate) fn is_worth_a_note(&self) -> bool {
        self.repeated() != Some(0) || self.unused() > 0
    }
}

impl fmt::Display for RepeatedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows;
        if self.unused() > 0 {
            let all_rows = self.all_rows;
            write!(
                f,
                "of the dataset's {all_rows} rows the pictures of {rows} are used (--distinct-media); "
            )?;
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
