//! How late the client's own event loop is: a stamp can be no better than this.

use std::time::Duration;

use crate::clock;
use crate::metrics::ClientHealth;

/// How often the event loop is looked at.
const PERIOD: Duration = Duration::from_millis(20);

/// Sleeps again and again, and notes in `health` how much too late it was woken. Runs until it is dropped.
pub(super) async fn beat(health: &mut ClientHealth) {
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
            due = now; // what was missed is one stall, not many
        }
    }
}
