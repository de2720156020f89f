//! Sums over the answers of a run that only the verdict uses.

use super::TokenCounts;
use super::facts::RunFacts;
use crate::record::RequestRecord;
use crate::units::Tokens;

/// The maximum number of tokens that a chat template of unknown length may add to a prompt.
pub(super) const MAX_TEMPLATE: Tokens = Tokens(100);

/// Sums over the answers of a run that only the verdict uses.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    template: Option<Tokens>,
    /// Answers that consist of tokens.
    pub(super) text_answers: u64,
    /// Answers shorter than their output limit.
    pub(super) shortened: u64,
    /// Answers whose count by the server is above their output limit.
    pub(super) overlong: u64,
    /// Answers without an output limit.
    pub(super) unlimited: u64,
    pub(super) input: InputLengths,
    pub(super) cache: CacheHits,
    /// Answers with reasoning that the server counts but does not send.
    pub(super) hidden_answers: u64,
    /// Tokens of reasoning that the server counts but does not send.
    pub(super) hidden_tokens: u64,
}

/// Prompt lengths as the workload and the server count them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InputLengths {
    /// Prompts with both counts.
    pub(super) prompts: u64,
    /// Prompts whose two counts differ by more than the chat template explains.
    pub(super) different: u64,
    pub(super) expected_tokens: u64,
    pub(super) counted_tokens: u64,
}

/// Prompt tokens that the server found in its cache although the workload does not repeat them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CacheHits {
    /// Prompts whose cached tokens the server reports.
    pub(super) reported: u64,
    /// Prompts with more cached tokens than the workload repeats.
    pub(super) prompts: u64,
    pub(super) tokens: u64,
    /// Tokens of all prompts whose cached tokens the server reports.
    pub(super) input_tokens: u64,
}

impl Evidence {
    pub(super) fn new(facts: &RunFacts) -> Self {
        Self { template: facts.template, ..Self::default() }
    }

    /// Adds an answer.
    pub(super) fn add(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let is_text = record.items() == 0 && record.audio_bytes == 0;
        // The tokens that a template adds to later turns and to each document of a batch are unknown.
        if is_text && record.turn == 0 {
            self.add_lengths(record);
        }
        self.add_cache(record, counts);
        self.text_answers += u64::from(is_text);
        self.unlimited += u64::from(is_text && record.max_output_tokens.is_none());
        let is_short = record.max_output_tokens.zip(counts.output).is_some_and(|(max, output)| output < max);
        self.shortened += u64::from(is_short);
        // The client's tokenizer may count more tokens than the model generated, so only the server's count is used.
        let is_long = record.usage.output.is_some_and(|output| record.exceeds_limit(output));
        self.overlong += u64::from(is_text && is_long);
        if let Some(hidden) = counts.hidden.filter(|hidden| hidden.0 > 0) {
            self.hidden_answers += 1;
            self.hidden_tokens = self.hidden_tokens.saturating_add(hidden.0);
        }
    }

    fn add_lengths(&mut self, record: &RequestRecord) {
        let counted = record.usage.input.filter(|tokens| tokens.0 > 0);
        let (Some(expected), Some(counted)) = (record.input, counted) else { return };
        let expected = expected + self.template.unwrap_or_default();
        let allowed = if self.template.is_none() { MAX_TEMPLATE.0 } else { 0 };
        let missing = expected.0.saturating_sub(counted.0);
        let surplus = counted.0.saturating_sub(expected.0).saturating_sub(allowed);
        let input = &mut self.input;
        input.prompts += 1;
        // The count may differ by one token where the template and the text meet.
        input.different += u64::from(missing.max(surplus) > 1);
        input.expected_tokens = input.expected_tokens.saturating_add(expected.0);
        // Tokens that the template may explain are not counted.
        let explained = counted.0.saturating_sub(expected.0).min(allowed);
        input.counted_tokens = input.counted_tokens.saturating_add(counted.0 - explained);
    }

    fn add_cache(&mut self, record: &RequestRecord, counts: &TokenCounts) {
        let (Some(cached), Some(input)) = (counts.cached, counts.input) else { return };
        let repeated = record.shared.0.saturating_add(self.template.unwrap_or(MAX_TEMPLATE).0);
        let surplus = cached.0.saturating_sub(repeated);
        let cache = &mut self.cache;
        cache.reported += 1;
        cache.prompts += u64::from(surplus > 0);
        cache.tokens = cache.tokens.saturating_add(surplus);
        cache.input_tokens = cache.input_tokens.saturating_add(input.0);
    }
}
