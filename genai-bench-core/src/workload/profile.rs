//! Statistics of a workload, gathered without sending it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::metrics::Distribution;
use crate::request::{Input, Session};

/// The widest bar of a histogram, in characters.
const WIDEST: u64 = 40;
/// The maximum number of bars in a histogram.
const BARS: u64 = 12;

/// Counts and length distributions of a workload, gathered session by session.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The number of sessions.
    pub sessions: u64,
    /// The number of requests.
    pub requests: u64,
    /// The lengths of prompts in tokens, where known.
    pub input: LengthHistogram,
    /// The maximum or exact lengths of outputs in tokens, where set.
    pub output: LengthHistogram,
    /// The number of turns of each session.
    pub turns: LengthHistogram,
    /// The number of documents, pictures or videos of each request that has any.
    pub items: LengthHistogram,
    /// The arrival of the last session, for a workload with arrival times.
    pub last_arrival: Option<Duration>,
    /// The number of requests to each model.
    pub models: BTreeMap<String, u64>,
}

impl Profile {
    /// Adds a session.
    pub fn add(&mut self, session: &Session) {
        self.sessions += 1;
        self.turns.add(session.turns.len() as u64);
        self.last_arrival = self.last_arrival.max(session.arrival);
        for turn in &session.turns {
            self.requests += 1;
            turn.input.into_iter().for_each(|it| self.input.add(it.0));
            turn.request.output().limit().into_iter().for_each(|it| self.output.add(it.0));
            Some(items(&turn.request.input))
                .filter(|it| *it > 0)
                .into_iter()
                .for_each(|it| self.items.add(it));
            *self.models.entry(turn.request.model.to_string()).or_default() += 1;
        }
    }
}

/// Returns the number of documents, pictures or videos in a request.
fn items(input: &Input) -> u64 {
    let count = match input {
        Input::Chat { messages, .. } => messages.iter().map(|it| it.media.len()).sum(),
        Input::Embeddings { texts, images } => texts.len() + images.len(),
        Input::Rerank { documents, .. } => documents.len(),
        _ => 0,
    };
    count as u64
}

/// The number of occurrences of each length. `Display` draws the histogram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LengthHistogram(BTreeMap<u64, u64>);

impl LengthHistogram {
    /// Adds one length.
    pub fn add(&mut self, length: u64) {
        *self.0.entry(length).or_default() += 1;
    }

    /// Returns `true` if no length was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the distribution of all lengths.
    #[must_use]
    pub fn distribution(&self) -> Option<Distribution> {
        let each = self.0.iter().flat_map(|(length, count)| (0..*count).map(|_| *length as f64));
        Distribution::from_values(each)
    }

    /// Returns equal ranges of lengths, each as first length, last length and number of lengths.
    fn bars(&self) -> Vec<(u64, u64, u64)> {
        let (Some((&low, _)), Some((&high, _))) = (self.0.first_key_value(), self.0.last_key_value()) else {
            return Vec::new();
        };
        let width = (high - low + 1).div_ceil(BARS);
        let bar = |from: u64| (from, from + width - 1, self.0.range(from..from + width).map(|it| it.1).sum());
        (0..).map(|it| low + it * width).take_while(|from| *from <= high).map(bar).collect()
    }
}

impl fmt::Display for LengthHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bars = self.bars();
        let most = bars.iter().map(|it| it.2).max().unwrap_or(1).max(1);
        for (from, to, count) in bars {
            let range = if from == to { from.to_string() } else { format!("{from}-{to}") };
            let bar = "#".repeat(usize::try_from((count * WIDEST).div_ceil(most)).unwrap_or(0));
            writeln!(f, "  {range:>13}  {count:>8}  {bar}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_cover_every_length_once() {
        let mut histogram = LengthHistogram::default();
        (10..=100).for_each(|it| histogram.add(it));
        let bars = histogram.bars();
        assert_eq!(bars.iter().map(|it| it.2).sum::<u64>(), 91);
        assert!(bars.len() <= 12 && bars[0].0 == 10 && bars.last().unwrap().1 >= 100);
        assert_eq!(histogram.distribution().map(|it| it.p50), Some(55.0));
    }

    #[test]
    fn one_length_is_one_bar() {
        let mut histogram = LengthHistogram::default();
        (0..5).for_each(|_| histogram.add(7));
        assert_eq!(histogram.to_string(), format!("  {:>13}  {:>8}  {}\n", 7, 5, "#".repeat(40)));
        assert!(LengthHistogram::default().to_string().is_empty());
    }
}
