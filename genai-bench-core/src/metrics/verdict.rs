//! Whether to believe the numbers of a run. A new check is added to [`CHECKS`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::facts::{ClientHealth, RunFacts};
use super::{Metric, RunMetrics, TokenSource, WindowBasis};

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
struct Evidence<'a> {
    metrics: &'a RunMetrics,
    facts: &'a RunFacts,
    shortened: u64,
}

impl Evidence<'_> {
    /// Whether any answer is made of tokens, so that there is something to count.
    fn speaks(&self) -> bool {
        let mut answered = self.metrics.requests.iter().filter(|it| it.succeeded());
        answered.any(|it| it.items.is_none() && it.audio_bytes.is_none())
    }
}

type Finding = (VerdictLevel, String);
type Look = fn(&Evidence<'_>) -> Option<Finding>;

/// Every check, by name. One that has nothing to look at finds nothing.
const CHECKS: &[(&str, Look)] = &[
    ("error_rate", error_rate),
    ("retries", retries),
    ("sample_size", sample_size),
    ("steady_state", steady_state),
    ("send_lag", send_lag),
    ("sampler_starvation", sampler_starvation),
    ("event_loop", event_loop),
    ("token_counts", token_counts),
    ("output_length", output_length),
];

pub(super) fn judge(metrics: &RunMetrics, facts: &RunFacts, shortened: u64) -> Verdict {
    let evidence = Evidence { metrics, facts, shortened };
    let look = |&(name, check): &(&str, Look)| {
        let (level, finding) = check(&evidence)?;
        Some(Check { name: name.to_owned(), level, finding })
    };
    let checks: Vec<Check> = CHECKS.iter().filter_map(look).collect();
    let level = checks.iter().map(|it| it.level).max().unwrap_or_default();
    Verdict { level, checks }
}

/// Above `degraded` numbers are to be read with care, above `invalid` not at all.
fn above(value: f64, degraded: f64, invalid: f64) -> VerdictLevel {
    match value {
        it if it > invalid => VerdictLevel::Invalid,
        it if it > degraded => VerdictLevel::Degraded,
        _ => VerdictLevel::Valid,
    }
}

fn error_rate(it: &Evidence<'_>) -> Option<Finding> {
    let Some(rate) = it.metrics.error_rate() else {
        return Some((VerdictLevel::Invalid, "no request finished".to_owned()));
    };
    let kinds = it.metrics.failures.iter().map(|(kind, count)| format!("{count} {kind}")).collect::<Vec<_>>();
    let finding = format!("{} of {} requests failed", it.metrics.failed, it.metrics.finished());
    let finding = if kinds.is_empty() { finding } else { format!("{finding}: {}", kinds.join(", ")) };
    Some((above(rate, 0.0, 0.1), finding))
}

/// A time that holds a pause of ours is not the server's alone.
fn retries(it: &Evidence<'_>) -> Option<Finding> {
    let RunMetrics { retried, retries, .. } = *it.metrics;
    let finding = format!(
        "{retried} of {} requests were sent again, {retries} times together: their times count from the first time",
        it.metrics.requests.len()
    );
    (retried > 0).then_some((VerdictLevel::Degraded, finding))
}

fn sample_size(it: &Evidence<'_>) -> Option<Finding> {
    const FEW: u64 = 30;
    let answered = it.metrics.distribution(Metric::E2eLatency).map_or(0, |it| it.count);
    Some(match answered {
        0 => (VerdictLevel::Invalid, "no request was answered".to_owned()),
        few if few < FEW => (VerdictLevel::Degraded, format!("{few} answers are too few for percentiles")),
        some if some < 100 => {
            (VerdictLevel::Valid, format!("{some} answers: the p99 is the slowest or nearly so"))
        }
        enough => (VerdictLevel::Valid, format!("{enough} answers")),
    })
}

fn steady_state(it: &Evidence<'_>) -> Option<Finding> {
    let window = it.metrics.window.duration();
    Some(match it.metrics.window.basis {
        WindowBasis::Steady => (VerdictLevel::Valid, format!("steady for {window:.2?}")),
        WindowBasis::WholeRun => (
            VerdictLevel::Degraded,
            format!(
                "fewer than {} answers came while all slots were busy: figures are of the whole run",
                it.facts.slots
            ),
        ),
    })
}

/// The lag counts against the time to the first token: it is there that a late request looks like a slow server.
fn send_lag(it: &Evidence<'_>) -> Option<Finding> {
    let lag = it.metrics.distribution(Metric::SendLag)?.p99;
    let reference =
        it.metrics.distribution(Metric::Ttft).or(it.metrics.distribution(Metric::E2eLatency))?.p50;
    let finding =
        format!("p99 {:.3} ms between due and sent, median TTFT {:.1} ms", lag * 1e3, reference * 1e3);
    // Below a millisecond it is the timer's own grain, however fast the server is.
    let share = if lag < 0.001 { 0.0 } else { lag / reference };
    Some((above(share, 0.05, 0.25), finding))
}

fn sampler_starvation(it: &Evidence<'_>) -> Option<Finding> {
    let ClientHealth { sampler_waits, sampler_wait_ns, .. } = it.facts.client;
    let requests = it.metrics.requests.len() as u64;
    if requests == 0 {
        return None;
    }
    let waited = Duration::from_nanos(sampler_wait_ns);
    let share = sampler_waits as f64 / requests as f64;
    let finding = format!("{sampler_waits} of {requests} requests waited to be drawn, {waited:.1?} together");
    Some((above(share, 0.01, 0.2), finding))
}

fn event_loop(it: &Evidence<'_>) -> Option<Finding> {
    let ClientHealth { heartbeats, late_heartbeats, worst_stall_ns, .. } = it.facts.client;
    if heartbeats == 0 {
        return None;
    }
    let worst = Duration::from_nanos(worst_stall_ns);
    let share = late_heartbeats as f64 / heartbeats as f64;
    let late = ClientHealth::LATE;
    let finding =
        format!("late by more than {late:?} in {:.1} % of looks, {worst:.1?} at worst", share * 100.0);
    Some((above(share, 0.01, 0.1), finding))
}

fn token_counts(it: &Evidence<'_>) -> Option<Finding> {
    let counted = |source| it.metrics.output_sources.get(&source).copied().unwrap_or_default();
    if it.metrics.completed == 0 || !it.speaks() {
        return None;
    }
    Some(match (counted(TokenSource::None), counted(TokenSource::Tokenizer)) {
        (0, 0) => (VerdictLevel::Valid, "the server counted every output".to_owned()),
        (0, ours) => (VerdictLevel::Degraded, format!("{ours} outputs were counted by our tokenizer")),
        (nobody, _) => (VerdictLevel::Degraded, format!("{nobody} outputs were counted by nobody")),
    })
}

fn output_length(it: &Evidence<'_>) -> Option<Finding> {
    if it.metrics.completed == 0 || !it.speaks() {
        return None;
    }
    let share = it.shortened as f64 / it.metrics.completed as f64;
    let finding = format!("{} of {} answers are shorter than asked for", it.shortened, it.metrics.completed);
    Some((above(share, 0.01, 1.0), finding))
}
