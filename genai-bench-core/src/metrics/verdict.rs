//! The verdict on the metrics of a run. A new check is added to [`CHECKS`] and described in docs/verdict.md.

use serde::{Deserialize, Serialize};

use super::RunMetrics;
use super::evidence::Evidence;
use super::facts::RunFacts;

mod arrivals;
mod client;
mod requests;
mod tokens;
mod window;

/// The verdict on the metrics of a run, with its checks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The worst level of all checks.
    pub level: VerdictLevel,
    /// The checks that apply to the run.
    pub checks: Vec<Check>,
}

/// The validity of metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictLevel {
    /// The metrics are valid.
    #[default]
    Valid,
    /// The metrics are valid with the reservation in the finding.
    Degraded,
    /// The metrics are not valid.
    Invalid,
}

impl std::fmt::Display for VerdictLevel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Valid => "valid",
            Self::Degraded => "degraded",
            Self::Invalid => "invalid",
        })
    }
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Check {
    /// The name of the check.
    pub name: String,
    /// The level.
    pub level: VerdictLevel,
    /// The finding, in a sentence.
    pub finding: String,
}

impl Verdict {
    /// Returns the checks that did not pass, the worst first.
    #[must_use]
    pub fn reservations(&self) -> Vec<&Check> {
        let mut reservations: Vec<&Check> =
            self.checks.iter().filter(|check| check.level > VerdictLevel::Valid).collect();
        reservations.sort_by_key(|check| std::cmp::Reverse(check.level));
        reservations
    }
}

/// The input of the checks.
struct Subject<'a> {
    metrics: &'a RunMetrics,
    facts: &'a RunFacts,
    evidence: &'a Evidence,
}

/// The level of a check and its finding, in a sentence.
type Finding = (VerdictLevel, String);
/// The function of a check. Returns `None` if the check does not apply to the run.
type CheckFn = fn(&Subject<'_>) -> Option<Finding>;

/// All checks, by name.
const CHECKS: &[(&str, CheckFn)] = &[
    ("ending", requests::ending),
    ("error_rate", requests::error_rate),
    ("cancelled", requests::cancelled),
    ("retries", requests::retries),
    ("sample_size", window::sample_size),
    ("steady_state", window::steady_state),
    ("window_length", window::window_length),
    ("send_lag", client::send_lag),
    ("sampler_starvation", client::sampler_starvation),
    ("event_loop", client::event_loop),
    ("recorder", client::recorder),
    ("connections", arrivals::connections),
    ("open_bodies", arrivals::open_bodies),
    ("bundling", arrivals::bundling),
    ("token_counts", tokens::token_counts),
    ("hidden_reasoning", tokens::hidden_reasoning),
    ("input_length", tokens::input_length),
    ("output_length", tokens::output_length),
    ("prompt_cache", tokens::prompt_cache),
];

/// Returns the verdict of all checks.
pub(super) fn judge(metrics: &RunMetrics, facts: &RunFacts, evidence: &Evidence) -> Verdict {
    let subject = Subject { metrics, facts, evidence };
    let mut checks = Vec::new();
    for (name, check) in CHECKS {
        if let Some((level, finding)) = check(&subject) {
            checks.push(Check { name: (*name).to_owned(), level, finding });
        }
    }
    let level = checks.iter().map(|check| check.level).max().unwrap_or_default();
    Verdict { level, checks }
}

/// Returns the level of a value that degrades a run above one limit and invalidates it above another.
fn above(value: f64, degraded: f64, invalid: f64) -> VerdictLevel {
    match value {
        value if value > invalid => VerdictLevel::Invalid,
        value if value > degraded => VerdictLevel::Degraded,
        _ => VerdictLevel::Valid,
    }
}

/// Returns a share as a percentage with one digit.
fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
