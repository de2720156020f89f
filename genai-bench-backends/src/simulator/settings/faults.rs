//! Faults that are injected on purpose.

use serde::{Deserialize, Serialize};

use crate::simulator::random::{Purpose, RandomNumbers};

/// The share of each fault, in percent of requests. A request has one fault at most.
///
/// The fault of a request follows from the seed and the number of the request alone: request 17 has the same
/// fault in every run with the same settings, whatever the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Percent of requests answered with [`Fault::RateLimited`].
    pub rate_limited: f64,
    /// Percent of requests answered with [`Fault::ServerError`].
    pub server_error: f64,
    /// Percent of requests with a [`Fault::Stall`].
    pub stall: f64,
    /// Percent of requests with a [`Fault::Cut`].
    pub cut: f64,
    /// Percent of requests with an [`Fault::ErrorEvent`].
    pub error_event: f64,
    /// Percent of requests with [`Fault::Garbage`].
    pub garbage: f64,
    /// Percent of requests with an [`Fault::EarlyEnd`].
    pub early_end: f64,
    /// The position of a cut, in bytes of the body; `null` is a random one. Past the end of the body it is
    /// at its end: all bytes arrive, and only the chunk that ends the body is missing. When not streaming,
    /// the last byte is missing.
    pub cut_after_bytes: Option<u64>,
}

/// A fault of a request. In JSON it is its name, such as `"rate_limited"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Status 429 with `Retry-After: 1`.
    RateLimited,
    /// Status 500.
    ServerError,
    /// The headers and the first chunk, then silence until the client goes away. When not streaming: the
    /// headers, then silence.
    Stall,
    /// The connection is dropped within the body: in the middle of a line, of a character, or before the first
    /// byte.
    Cut,
    /// Halfway through the output an error object, then `[DONE]` where streams end with it. When not
    /// streaming: an error object with status 200. Within audio that is not in events: the bytes of the
    /// error object.
    ErrorEvent,
    /// Halfway through the output an event that is no JSON, and then the rest. When not streaming: a body that
    /// is no JSON.
    Garbage,
    /// The body ends as HTTP requires, but halfway through the output.
    EarlyEnd,
    /// No fault of the server: the client closed the connection before the end.
    ClientGone,
}

impl Faults {
    /// Returns each fault with its name and its share, in percent of requests.
    pub(in crate::simulator) fn shares(&self) -> [(Fault, &'static str, f64); 7] {
        [
            (Fault::RateLimited, "rate_limited", self.rate_limited),
            (Fault::ServerError, "server_error", self.server_error),
            (Fault::Stall, "stall", self.stall),
            (Fault::Cut, "cut", self.cut),
            (Fault::ErrorEvent, "error_event", self.error_event),
            (Fault::Garbage, "garbage", self.garbage),
            (Fault::EarlyEnd, "early_end", self.early_end),
        ]
    }

    /// Returns the fault of request `number`, if it has one.
    pub(in crate::simulator) fn strike(&self, seed: u64, number: u64) -> Option<Fault> {
        let mut left = 100.0 * RandomNumbers::new(seed, number, Purpose::RequestFault).fraction();
        for (fault, _, percent) in self.shares() {
            if left < percent {
                return Some(fault);
            }
            left -= percent;
        }
        None
    }

    /// Returns the number of bytes after which the body of request `number` is cut, out of `length`.
    pub(in crate::simulator) fn cut_at(&self, seed: u64, number: u64, length: u64) -> u64 {
        let position = self.cut_after_bytes;
        position.unwrap_or_else(|| RandomNumbers::new(seed, number, Purpose::Cut).below(length)).min(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_configured_share() {
        let faults = Faults { rate_limited: 10.0, cut: 20.0, early_end: 30.0, ..Faults::default() };
        let fates: Vec<_> = (0..20_000).map(|number| faults.strike(7, number)).collect();
        let share = |fault| fates.iter().filter(|it| **it == fault).count() as f64 / 200.0;
        assert!((share(Some(Fault::RateLimited)) - 10.0).abs() < 1.0);
        assert!((share(Some(Fault::Cut)) - 20.0).abs() < 1.0);
        assert!((share(Some(Fault::EarlyEnd)) - 30.0).abs() < 1.0);
        assert!((share(None) - 40.0).abs() < 1.0);
        assert_eq!(fates, (0..20_000).map(|number| faults.strike(7, number)).collect::<Vec<_>>());
        assert_ne!(fates, (0..20_000).map(|number| faults.strike(8, number)).collect::<Vec<_>>());
    }

    #[test]
    fn shares_of_0_and_100_percent_are_exact() {
        let all = Faults { stall: 100.0, ..Faults::default() };
        assert!((0..10_000).all(|number| all.strike(3, number) == Some(Fault::Stall)));
        assert!((0..10_000).all(|number| Faults::default().strike(3, number).is_none()));
    }

    #[test]
    fn cuts_fall_anywhere_before_the_end() {
        let faults = Faults { cut: 100.0, ..Faults::default() };
        let places: std::collections::BTreeSet<_> =
            (0..1_000).map(|number| faults.cut_at(1, number, 20)).collect();
        assert_eq!(places, (0..20).collect());
        let exact = Faults { cut_after_bytes: Some(25), ..faults };
        assert_eq!([exact.cut_at(1, 0, 100), exact.cut_at(1, 1, 20)], [25, 20]);
    }
}
