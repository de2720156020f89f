//! The metrics of each turn of a session: later turns have longer prompts, more of which are in a server's cache.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Distribution, Metric, RequestMetrics};

/// The metrics of one turn of all sessions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TurnStats {
    /// The number of the turn, from 0.
    pub turn: u32,
    /// The number of answered requests.
    pub answered: u64,
    /// The distribution of each metric over the answered requests; times in seconds.
    pub stats: BTreeMap<Metric, Distribution>,
}

/// Returns the distribution of each metric over answered requests.
pub(super) fn distributions(answered: &[&RequestMetrics]) -> BTreeMap<Metric, Distribution> {
    let mut distributions = BTreeMap::new();
    for &metric in Metric::ALL {
        let values = answered.iter().filter_map(|request| metric.value(request));
        if let Some(distribution) = Distribution::from_values(values) {
            distributions.insert(metric, distribution);
        }
    }
    distributions
}

/// Returns the metrics of each turn, in order; empty when all sessions have one turn.
pub(super) fn by_turn(answered: &[&RequestMetrics]) -> Vec<TurnStats> {
    if answered.iter().all(|request| request.turn == 0) {
        return Vec::new();
    }
    let mut turns: BTreeMap<u32, Vec<&RequestMetrics>> = BTreeMap::new();
    for request in answered {
        turns.entry(request.turn).or_default().push(request);
    }
    turns
        .into_iter()
        .map(|(turn, requests)| TurnStats {
            turn,
            answered: requests.len() as u64,
            stats: distributions(&requests),
        })
        .collect()
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
            turns.iter().map(|turn| (turn.turn, turn.answered, turn.stats[&Metric::Ttft].mean)).collect();
        assert_eq!(means, [(0, 2, 0.02), (1, 1, 0.05)]);
    }

    #[test]
    fn sessions_of_one_turn_have_no_turn_metrics() {
        let requests = [request(0, 10), request(0, 30)];
        assert_eq!(by_turn(&requests.iter().collect::<Vec<_>>()), []);
    }
}
