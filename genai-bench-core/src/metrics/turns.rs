//! Each turn of a session by itself: later ones have longer prompts, and more of them in a server's cache.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Distribution, Metric, RequestMetrics};

/// What one turn of all sessions looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnStats {
    /// Which turn, from 0.
    pub turn: u32,
    /// How many requests were answered.
    pub answered: u64,
    /// The distribution of each metric over them; times in seconds.
    pub stats: BTreeMap<Metric, Distribution>,
}

/// The distribution of each metric over answered requests.
pub(super) fn distributions(answered: &[&RequestMetrics]) -> BTreeMap<Metric, Distribution> {
    let spread =
        |&metric: &Metric| Some((metric, Distribution::of(answered.iter().filter_map(|it| metric.of(it)))?));
    Metric::ALL.iter().filter_map(spread).collect()
}

/// Each turn by itself, in their order; nothing when there is only the first.
pub(super) fn by_turn(answered: &[&RequestMetrics]) -> Vec<TurnStats> {
    if answered.iter().all(|request| request.turn == 0) {
        return Vec::new();
    }
    let mut turns: BTreeMap<u32, Vec<&RequestMetrics>> = BTreeMap::new();
    for request in answered {
        turns.entry(request.turn).or_default().push(request);
    }
    let stats = |(turn, requests): (u32, Vec<&RequestMetrics>)| TurnStats {
        turn,
        answered: requests.len() as u64,
        stats: distributions(&requests),
    };
    turns.into_iter().map(stats).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn request(turn: u32, ttft_ms: u64) -> RequestMetrics {
        let mut request = RequestMetrics::default();
        (request.turn, request.ttft) = (turn, Some(Duration::from_millis(ttft_ms)).into());
        request
    }

    #[test]
    fn each_turn_has_its_own_distribution() {
        let requests = [request(0, 10), request(0, 30), request(1, 50)];
        let turns = by_turn(&requests.iter().collect::<Vec<_>>());
        let means: Vec<_> =
            turns.iter().map(|it| (it.turn, it.answered, it.stats[&Metric::Ttft].mean)).collect();
        assert_eq!(means, [(0, 2, 0.02), (1, 1, 0.05)]);
    }

    #[test]
    fn sessions_of_one_turn_have_no_turns() {
        let requests = [request(0, 10), request(0, 30)];
        assert_eq!(by_turn(&requests.iter().collect::<Vec<_>>()), []);
    }
}
