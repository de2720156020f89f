//! Whether to believe the numbers of a run. A new check is added to [`CHECKS`], and described in docs/verdict.md.

use serde::{Deserialize, Serialize};

use super::RunMetrics;
use super::evidence::Evidence;
use super::facts::RunFacts;

mod arrivals;
mod client;
mod requests;
mod tokens;
mod window;

/// Whether to believe the numbers of a run, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The worst of all checks.
    pub level: VerdictLevel,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// How far numbers can be believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictLevel {
    /// As they stand.
    #[default]
    Valid,
    /// With the reservation that the check names.
    Degraded,
    /// Not at all.
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

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Check {
    /// Its name.
    pub name: String,
    /// What came of it.
    pub level: VerdictLevel,
    /// What was seen, in a sentence.
    pub finding: String,
}

impl Verdict {
    /// The checks that did not pass, the worst first.
    #[must_use]
    pub fn reservations(&self) -> Vec<&Check> {
        let mut found: Vec<&Check> = self.checks.iter().filter(|it| it.level > VerdictLevel::Valid).collect();
        found.sort_by_key(|it| std::cmp::Reverse(it.level));
        found
    }
}

/// What the checks look at.
struct Subject<'a> {
    metrics: &'a RunMetrics,
    facts: &'a RunFacts,
    evidence: &'a Evidence,
}

/// The level of a check and its finding, in a sentence.
type Finding = (VerdictLevel, String);
type Look = fn(&Subject<'_>) -> Option<Finding>;

/// Every check, by name. One that has nothing to look at finds nothing.
const CHECKS: &[(&str, Look)] = &[
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

/// Runs every check.
pub(super) fn judge(metrics: &RunMetrics, facts: &RunFacts, evidence: &Evidence) -> Verdict {
    let subject = Subject { metrics, facts, evidence };
    let run_check = |&(name, look): &(&str, Look)| {
        let (level, finding) = look(&subject)?;
        Some(Check { name: name.to_owned(), level, finding })
    };
    let checks: Vec<Check> = CHECKS.iter().filter_map(run_check).collect();
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
