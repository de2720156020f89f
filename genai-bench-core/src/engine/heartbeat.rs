//! The delays of the client's own event loop, which limit the accuracy of time stamps.

use std::time::Duration;

use crate::clock;
use crate::metrics::ClientHealth;

/// The time between two heartbeats.
const PERIOD: Duration = Duration::from_millis(20);

/// Sleeps for one period after the other and records in `health` how late each wake-up was. Runs until it is dropped.
pub(super) async fn record_heartbeats(health: &mut ClientHealth) {
    let mut due = clock::now().into_tokio();
    loop {
        due += PERIOD;
        tokio::time::sleep_until(due).await;
        let now = clock::now().into_tokio();
        let late = now.saturating_duration_since(due);
        health.heartbeats += 1;
        health.late_heartbeats += u64::from(late > ClientHealth::LATE);
        health.worst_stall_ns = health.worst_stall_ns.max(u64::try_from(late.as_nanos()).unwrap_or(u64::MAX));
        if late > PERIOD {
            due = now; // the missed periods are one stall
        }
    }
}
