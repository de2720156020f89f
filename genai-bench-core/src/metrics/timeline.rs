//! How many tokens came when.

use std::time::Duration;

use crate::units::Offset;

/// How finely time is cut.
const STEP_NANOS: u64 = 10_000_000;

/// Amounts by the time at which they came, in steps of 10 ms: an hour is 3 MB, whatever came in it.
///
/// A step includes its end and not its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Timeline(Vec<f64>);

impl Timeline {
    /// Adds an amount that came at `at`.
    pub(super) fn add(&mut self, at: Offset, amount: f64) {
        let step =
            usize::try_from(at.as_nanos().div_ceil(STEP_NANOS).saturating_sub(1)).unwrap_or(usize::MAX);
        if step >= self.0.len() {
            self.0.resize(step + 1, 0.0);
        }
        self.0[step] += amount;
    }

    /// How much came after `from` and until `to`. A step that lies only partly inside counts by that part.
    pub(super) fn between(&self, from: Offset, to: Offset) -> f64 {
        let step = Duration::from_nanos(STEP_NANOS).as_secs_f64();
        let (from, to) = (from.as_secs_f64() / step, to.as_secs_f64() / step);
        let first = from.floor().max(0.0) as usize;
        let inside = self.0.iter().enumerate().skip(first).take_while(|(index, _)| (*index as f64) < to);
        inside
            .map(|(index, amount)| {
                let (begin, end) = ((index as f64).max(from), ((index + 1) as f64).min(to));
                amount * (end - begin).clamp(0.0, 1.0)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Offset {
        Offset::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn what_came_at_the_end_of_a_window_is_inside_it() {
        let mut timeline = Timeline::default();
        timeline.add(at(0), 1.0);
        timeline.add(at(100), 2.0);
        timeline.add(at(200), 4.0);
        assert_eq!(timeline.between(at(0), at(100)), 3.0);
        assert_eq!(timeline.between(at(100), at(200)), 4.0);
        assert_eq!(timeline.between(at(0), at(1_000)), 7.0);
    }

    #[test]
    fn a_step_that_is_cut_counts_by_its_part() {
        let mut timeline = Timeline::default();
        timeline.add(at(15), 8.0);
        assert_eq!(timeline.between(at(0), at(15)), 4.0);
        assert_eq!(timeline.between(at(15), at(99)), 4.0);
    }
}
