//! Rates over the last few seconds, in little memory.

use std::collections::VecDeque;
use std::time::Duration;

/// The time over which a rate is taken.
pub(super) const SPAN: Duration = Duration::from_secs(3);
/// The length of a slot of time.
const SLOT: Duration = Duration::from_millis(100);
/// The number of slots in a span.
const SLOTS: u64 = 30;

/// Counts of the last three seconds, in slots of 100 ms: its size does not depend on the rate.
#[derive(Debug, Default)]
pub(super) struct RecentCount {
    /// The number of a slot since the start of the run, and the count in it.
    slots: VecDeque<(u64, u64)>,
    total: u64,
}

impl RecentCount {
    /// Adds a count at this time since the start of the run; times do not decrease.
    pub(super) fn add(&mut self, elapsed: Duration, count: u64) {
        let number = number_of(elapsed);
        self.total += count;
        match self.slots.back_mut() {
            Some((last, held)) if *last == number => *held += count,
            _ => self.slots.push_back((number, count)),
        }
        self.forget_before(number);
    }

    /// Returns the rate a second at this time since the start of the run.
    pub(super) fn per_second(&mut self, elapsed: Duration) -> f64 {
        let number = number_of(elapsed);
        self.forget_before(number);
        // The oldest slot is whole and the newest is not: together they cover at most the span.
        let within_slot = elapsed.saturating_sub(SLOT.mul_f64(number as f64));
        let covered = (SPAN - SLOT + within_slot).min(elapsed).max(SLOT);
        self.total as f64 / covered.as_secs_f64()
    }

    fn forget_before(&mut self, number: u64) {
        while let Some((_, count)) = self.slots.pop_front_if(|(oldest, _)| *oldest + SLOTS <= number) {
            self.total -= count;
        }
    }
}

fn number_of(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_nanos() / SLOT.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_the_last_seconds_whatever_came_before() {
        let mut recent = RecentCount::default();
        for ms in 0..10_000 {
            recent.add(Duration::from_millis(ms), if ms < 5_000 { 7 } else { 2 });
        }
        let rate = recent.per_second(Duration::from_secs(10));
        assert!((rate - 2_000.0).abs() < 1e-6, "{rate}");
        assert!(recent.slots.len() <= 30, "a million a second need no more room");
        assert_eq!(recent.per_second(Duration::from_secs(20)), 0.0);
    }

    #[test]
    fn a_rate_at_the_start_is_of_the_time_that_has_passed() {
        let mut recent = RecentCount::default();
        recent.add(Duration::from_millis(200), 5);
        assert_eq!(recent.per_second(Duration::from_millis(500)), 10.0);
        assert_eq!(RecentCount::default().per_second(Duration::ZERO), 0.0);
    }
}
