//! Which part of a recording is replayed, and how fast.

use std::time::Duration;

use super::{Recording, ReplayError, TraceRow};

/// Which part of a recording is replayed, and how fast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selection {
    /// How many times as fast as it was: finite and above 0. At 2 the gaps between requests are half as long, and so
    /// are delays after answers.
    pub speed: f64,
    /// From when to when, counted from the first arrival as it was recorded. A request that came at the end is not
    /// in it. All of the recording when absent.
    pub window: Option<(Duration, Duration)>,
    /// How many requests at most, from the beginning of the window on.
    pub limit: Option<u64>,
}

/// All of it, as fast as it was.
impl Default for Selection {
    fn default() -> Self {
        Self { speed: 1.0, window: None, limit: None }
    }
}

impl Selection {
    fn check(&self) -> Result<(), ReplayError> {
        let wrong = |field, problem| Err(ReplayError::Selection { field, problem });
        if !(self.speed.is_finite() && self.speed > 0.0) {
            return wrong("speed", format!("{} is no speed: give a finite number above 0", self.speed));
        }
        if let Some((begin, end)) = self.window
            && begin >= end
        {
            return wrong("window", format!("{begin:?} to {end:?} is empty: it has to end after it begins"));
        }
        if self.limit == Some(0) {
            return wrong("limit", "0 requests are none: give 1 or more".to_owned());
        }
        Ok(())
    }
}

impl Recording {
    /// The requests that are replayed. Their arrivals count from the beginning of the window, and are divided by the
    /// speed: a request that came a minute after a window began is sent half a minute after the run begins at
    /// speed 2.
    ///
    /// # Errors
    ///
    /// When the selection contradicts itself or selects nothing.
    pub fn select(&self, selection: &Selection) -> Result<Vec<TraceRow>, ReplayError> {
        selection.check()?;
        let (begin, end) = selection.window.unwrap_or((Duration::ZERO, Duration::MAX));
        let place = |time: Duration| self.rows.partition_point(|it| it.arrival < time);
        let rows = &self.rows[place(begin)..place(end)];
        let most = selection.limit.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        let rows = &rows[..rows.len().min(most)];
        if rows.is_empty() {
            let (path, span) = (self.path.clone(), self.span());
            return Err(ReplayError::NothingSelected { path, begin, end, span });
        }
        let replayed = |row: &TraceRow| {
            let arrival = faster(row.arrival - begin, selection.speed)?;
            let mut row = TraceRow { arrival, ..row.clone() };
            if let Some(follow_up) = &mut row.follow_up {
                follow_up.delay = faster(follow_up.delay, selection.speed)?;
            }
            Ok(row)
        };
        rows.iter().map(replayed).collect()
    }
}

fn faster(time: Duration, speed: f64) -> Result<Duration, ReplayError> {
    if speed == 1.0 {
        return Ok(time);
    }
    Duration::try_from_secs_f64(time.as_secs_f64() / speed).map_err(|_| ReplayError::Selection {
        field: "speed",
        problem: format!("at {speed} it would never end: give a larger number"),
    })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::replay::{BLOCK, Skipped, TraceFormat};
    use crate::units::Tokens;

    /// Requests at 0, 10, 20, ... 90 seconds.
    fn ten() -> Recording {
        let row = |it: u64| TraceRow {
            arrival: Duration::from_secs(it * 10),
            input: Tokens(it + 1),
            hash_ids: vec![it],
            ..TraceRow::default()
        };
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

    fn window(begin: u64, end: u64) -> Selection {
        let window = Some((Duration::from_secs(begin), Duration::from_secs(end)));
        Selection { window, ..Selection::default() }
    }

    fn selected(selection: &Selection) -> Vec<(f64, u64)> {
        let rows = ten().select(selection).unwrap();
        rows.iter().map(|it| (it.arrival.as_secs_f64(), it.hash_ids[0])).collect()
    }

    fn refused(selection: &Selection) -> String {
        ten().select(selection).unwrap_err().to_string()
    }

    #[test]
    fn without_wishes_all_of_it_is_replayed_as_it_was() {
        assert_eq!(ten().select(&Selection::default()).unwrap(), ten().rows);
    }

    #[test]
    fn a_window_has_its_beginning_and_not_its_end_and_time_counts_from_its_beginning() {
        assert_eq!(selected(&window(20, 40)), [(0.0, 2), (10.0, 3)]);
        assert_eq!(selected(&window(15, 40)), [(5.0, 2), (15.0, 3)]);
    }

    #[test]
    fn speed_is_applied_after_the_window_and_the_limit_counts_from_its_beginning() {
        let selection = Selection { speed: 4.0, limit: Some(2), ..window(15, 90) };
        assert_eq!(selected(&selection), [(1.25, 2), (3.75, 3)]);
        assert_eq!(
            selected(&Selection { speed: 0.5, limit: Some(99), ..window(80, 99) }),
            [(0.0, 8), (20.0, 9)]
        );
    }

    #[test]
    fn a_selection_of_nothing_says_what_there_is() {
        let error = refused(&window(95, 120));
        assert_eq!(
            error,
            "window: no request of day.jsonl came from 95s to 120s: the first came at 0s, the last at 90s"
        );
        assert!(refused(&window(11, 20)).contains("the last at 90s"));
    }

    #[test]
    fn a_contradiction_is_refused_by_the_name_of_its_field() {
        for speed in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(refused(&Selection { speed, ..Selection::default() }).starts_with("speed: "));
        }
        let endless = refused(&Selection { speed: 1e-300, ..Selection::default() });
        assert!(endless.contains("it would never end"), "{endless}");
        assert_eq!(refused(&window(9, 9)), "window: 9s to 9s is empty: it has to end after it begins");
        assert!(
            refused(&Selection { limit: Some(0), ..Selection::default() }).starts_with("limit: 0 requests")
        );
    }
}
