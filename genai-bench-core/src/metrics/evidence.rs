//! Sums over the answers of a run that only the verdict looks at.

use super::TokenCounts;
use super::facts::RunFacts;
use crate::record::RequestRecord;
use crate::units::Tokens;

/// The most tokens that a chat template adds to a prompt, where its length is not known.
pub(super) const LONGEST_TEMPLATE: Tokens = Tokens(100);

/// Sums over the answers of a run that only the verdict looks at.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    template: Option<Tokens>,
    /// Answers that are made of tokens.
    pub(super) text_answers: u64,
    /// Answers shorter than asked for.
    pub(super) shortened: u64,
    /// Answers that the server counted as longer than asked for.
    pub(super) overlong: u64,
    /// Answers without an output limit.
    pub(super) unlimited: u64,
    pub(super) input: InputLengths,
    pub(super) cache: CacheHits,
    /// Answers with reasoning that the server counted and never sent, and how many tokens that was.
    pub(super) hidden: (u64, u64),
}

/// Prompt lengths as the workload and the server count them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InputLengths {
    /// Prompts that both counted.
    pub(super) prompts: u64,
    /// Prompts whose two counts differ by more than can be explained.
    pub(super) different: u64,
    pub(super) expected_tokens: u64,
    pub(super) counted_tokens: u64,
}

/// Prompt tokens that the server found in its cache although the workload does not repeat them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CacheHits {
    /// Prompts of which the server reports the cached tokens.
    pub(super) reported: u64,
    /// Prompts of which more was cached than the workload repeats.
    pub(super) prompts: u64,
    pub(super) tokens: u64,
    /// Tokens of all prompts of which the cached tokens are reported.
    pub(super) input_tokens: u64,
}

impl Evidence {
    pub(super) fn new(facts: &RunFacts) -> Self {
        Self { template: facts.template, ..Self::default() }
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let is_text = record.items() == 0 && record.audio_bytes == 0;
        // What a template adds to further turns, and marks to each document of a batch, nobody has measured.
        if is_text && record.turn == 0 {
            self.add_lengths(record);
        }
        self.add_cache(record, counts);
        self.text_answers += u64::from(is_text);
        self.unlimited += u64::from(is_text && record.max_output_tokens.is_none());
        let is_short = |wanted: Tokens| counts.output.is_some_and(|output| output < wanted);
        self.shortened += u64::from(record.max_output_tokens.is_some_and(is_short));
        // A tokenizer of ours may count more than the model made.
        let is_long = record.usage.output.is_some_and(|output| record.exceeds_limit(output));
        self.overlong += u64::from(is_text && is_long);
        if let Some(hidden) = counts.hidden.filter(|hidden| hidden.0 > 0) {
            self.hidden = (self.hidden.0 + 1, self.hidden.1.saturating_add(hidden.0));
        }
    }

    fn add_lengths(&mut self, record: &RequestRecord) {
        let counted = record.usage.input.filter(|tokens| tokens.0 > 0);
        let (Some(expected), Some(counted)) = (record.input, counted) else { return };
        let expected = expected + self.template.unwrap_or_default();
        let allowed = if self.template.is_none() { LONGEST_TEMPLATE.0 } else { 0 };
        let missing = expected.0.saturating_sub(counted.0);
        let surplus = counted.0.saturating_sub(expected.0).saturating_sub(allowed);
        let input = &mut self.input;
        input.prompts += 1;
        // One token more or less is where the template and the text meet.
        input.different += u64::from(missing.max(surplus) > 1);
        input.expected_tokens = input.expected_tokens.saturating_add(expected.0);
        // What the template may explain is taken off.
        let explained = counted.0.saturating_sub(expected.0).min(allowed);
        input.counted_tokens = input.counted_tokens.saturating_add(counted.0 - explained);
    }

    fn add_cache(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let (Some(cached), Some(input)) = (counts.cached, counts.input) else { return };
        let repeated = record.shared.0.saturating_add(self.template.unwrap_or(LONGEST_TEMPLATE).0);
        let surplus = cached.0.saturating_sub(repeated);
        let cache = &mut self.cache;
        cache.reported += 1;
        cache.prompts += u64::from(surplus > 0);
        cache.tokens = cache.tokens.saturating_add(surplus);
        cache.input_tokens = cache.input_tokens.saturating_add(input.0);
    }
}
