//! The part of a recording that is replayed, and its speed.

use std::time::Duration;

use super::{Recording, ReplayError, TraceRow};

/// The part of a recording that is replayed, and its speed. The default is the whole recording at its own speed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// The speed as a multiple of the recorded one: finite and above 0. At 2 the gaps between requests are half as long, and
    /// so are delays after answers.
    pub speed: f64,
    /// The beginning and the end of the part, in recorded time from the first arrival. A request that arrived at the end is
    /// not in it. The whole recording if absent.
    pub window: Option<(Duration, Duration)>,
    /// The maximum number of requests, from the beginning of the window on.
    pub limit: Option<u64>,
}

impl Default for Selection {
    fn default() -> Self {
        Self { speed: 1.0, window: None, limit: None }
    }
}

impl Selection {
    fn check(&self) -> Result<(), ReplayError> {
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return Err(invalid("speed", format!("{}: it must be a finite number above 0", self.speed)));
        }
        if let Some((begin, end)) = self.window
            && begin >= end
        {
            return Err(invalid(
                "window",
                format!("{begin:?} to {end:?} is empty: it must end after it begins"),
            ));
        }
        if self.limit == Some(0) {
            return Err(invalid("limit", "0: it must be at least 1".to_owned()));
        }
        Ok(())
    }
}

impl Recording {
    /// Returns the requests that are replayed. Their arrivals count from the beginning of the window and are divided by the
    /// speed: at speed 2, a request that arrived a minute after the window began is sent half a minute after the run begins.
    ///
    /// # Errors
    ///
    /// If the selection contradicts itself or selects no request.
    pub fn select(&self, selection: &Selection) -> Result<Vec<TraceRow>, ReplayError> {
        selection.check()?;
        let (begin, end) = selection.window.unwrap_or((Duration::ZERO, Duration::MAX));
        let rows = &self.rows[self.first_at(begin)..self.first_at(end)];
        let limit = selection.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let rows = &rows[..rows.len().min(limit)];
        if rows.is_empty() {
            let (path, span) = (self.path.clone(), self.span());
            return Err(ReplayError::NothingSelected { path, begin, end, span });
        }
        rows.iter().map(|row| replayed(row, begin, selection.speed)).collect()
    }

    /// Returns the index of the first row that arrived at `time` or later.
    fn first_at(&self, time: Duration) -> usize {
        self.rows.partition_point(|row| row.arrival < time)
    }
}

/// Returns a row with its times counted from `begin` and divided by `speed`.
fn replayed(row: &TraceRow, begin: Duration, speed: f64) -> Result<TraceRow, ReplayError> {
    let mut row = TraceRow { arrival: divided(row.arrival - begin, speed)?, ..row.clone() };
    if let Some(follow_up) = &mut row.follow_up {
        follow_up.delay = divided(follow_up.delay, speed)?;
    }
    Ok(row)
}

fn divided(time: Duration, speed: f64) -> Result<Duration, ReplayError> {
    if speed == 1.0 {
        return Ok(time);
    }
    Duration::try_from_secs_f64(time.as_secs_f64() / speed)
        .map_err(|_| invalid("speed", format!("{speed}: the replay would never end: give a larger number")))
}

fn invalid(field: &'static str, problem: String) -> ReplayError {
    ReplayError::Selection { field, problem }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::replay::{BLOCK, Skipped, TraceFormat};
    use crate::units::Tokens;

    /// Requests at 0, 10, 20, ... 90 seconds.
    fn ten() -> Recording {
        Recording {
            path: PathBuf::from("day.jsonl"),
            format: TraceFormat::Plain,
            rows: (0..10).map(row).collect(),
            skipped: Skipped::default(),
            findings: Vec::new(),
            block: BLOCK,
            fingerprint: String::new(),
        }
    }

    fn row(number: u64) -> TraceRow {
        TraceRow {
            arrival: Duration::from_secs(number * 10),
            input: Tokens(number + 1),
            hash_ids: vec![number],
            ..TraceRow::default()
        }
    }

    fn window(begin: u64, end: u64) -> Selection {
        let window = Some((Duration::from_secs(begin), Duration::from_secs(end)));
        Selection { window, ..Selection::default() }
    }

    fn selected(selection: &Selection) -> Vec<(f64, u64)> {
        let rows = ten().select(selection).unwrap();
        rows.iter().map(|row| (row.arrival.as_secs_f64(), row.hash_ids[0])).collect()
    }

    fn refused(selection: &Selection) -> String {
        ten().select(selection).unwrap_err().to_string()
    }

    #[test]
    fn the_default_selection_is_the_whole_recording() {
        assert_eq!(ten().select(&Selection::default()).unwrap(), ten().rows);
    }

    #[test]
    fn a_window_is_half_open_and_time_counts_from_its_beginning() {
        assert_eq!(selected(&window(20, 40)), [(0.0, 2), (10.0, 3)]);
        assert_eq!(selected(&window(15, 40)), [(5.0, 2), (15.0, 3)]);
    }

    #[test]
    fn speed_and_limit_apply_after_the_window() {
        let selection = Selection { speed: 4.0, limit: Some(2), ..window(15, 90) };
        assert_eq!(selected(&selection), [(1.25, 2), (3.75, 3)]);
        assert_eq!(
            selected(&Selection { speed: 0.5, limit: Some(99), ..window(80, 99) }),
            [(0.0, 8), (20.0, 9)]
        );
    }

    #[test]
    fn an_empty_selection_is_an_error_with_the_span() {
        let error = refused(&window(95, 120));
        assert_eq!(
            error,
            "window: no request of day.jsonl arrived from 95s to 120s: the first arrived at 0s, the last at 90s"
        );
        assert!(refused(&window(11, 20)).contains("the last at 90s"));
    }

    #[test]
    fn invalid_selections_are_errors_that_name_the_field() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(refused(&Selection { speed, ..Selection::default() }).starts_with("speed: "));
        }
        let endless = refused(&Selection { speed: 1e-300, ..Selection::default() });
        assert!(endless.contains("the replay would never end"), "{endless}");
        assert_eq!(refused(&window(9, 9)), "window: 9s to 9s is empty: it must end after it begins");
        assert_eq!(
            refused(&Selection { limit: Some(0), ..Selection::default() }),
            "limit: 0: it must be at least 1"
        );
    }
}
