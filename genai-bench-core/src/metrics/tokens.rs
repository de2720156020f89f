//! The token counts of a request and their origin.

use serde::{Deserialize, Serialize};

use crate::record::RequestRecord;
use crate::tokenizer::{TokenizeError, Tokenizer};
use crate::units::Tokens;

/// The origin of a token count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenSource {
    /// No count.
    #[default]
    None,
    /// The server's `usage`.
    Usage,
    /// The client's tokenizer, over the whole text.
    Tokenizer,
    /// The number of events, at the ratio of tokens to events of the answered requests.
    Events,
}

/// The minimum and maximum of the estimated bytes per token of reasoning, where the estimate is made from the tokens of
/// the answer.
const BYTES_PER_TOKEN: (f64, f64) = (2.0, 6.0);

/// The tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Tokens of the prompt.
    pub input: Option<Tokens>,
    /// The origin of the count of the prompt.
    pub input_source: TokenSource,
    /// Tokens of the output, streamed or not, including reasoning.
    pub output: Option<Tokens>,
    /// The origin of the count of the output.
    pub output_source: TokenSource,
    /// Tokens of the output that are reasoning. Absent without a count.
    pub reasoning: Option<Tokens>,
    /// Tokens of reasoning that the server counts but does not send. Absent where there is no reasoning.
    pub hidden: Option<Tokens>,
    /// Tokens of the prompt that came from the server's cache.
    pub cached: Option<Tokens>,
}

impl TokenCounts {
    /// Returns the token counts of `record`: the server's, or those of `tokenizer` where the server has none.
    ///
    /// A count of 0 tokens for a prompt, or for an answer with text, is no count.
    ///
    /// # Errors
    ///
    /// When the tokenizer cannot encode the text.
    pub fn from_record(
        record: &RequestRecord,
        tokenizer: Option<&dyn Tokenizer>,
    ) -> Result<Self, TokenizeError> {
        let (input, input_source) = input(record);
        let (output, output_source) = output(record, tokenizer)?;
        let reasoning = reasoning(record, tokenizer)?;
        let hidden = reasoning.map(|_| hidden(record, output)).filter(|_| record.usage.reasoning.is_some());
        Ok(Self {
            input,
            input_source,
            output,
            output_source,
            reasoning,
            hidden,
            cached: record.usage.cached,
        })
    }

    /// Returns the tokens of prompt and output together; `None` unless both have a count.
    #[must_use]
    pub fn total(&self) -> Option<Tokens> {
        Some(self.input? + self.output?)
    }

    /// Returns the output tokens that arrived: all but hidden reasoning.
    #[must_use]
    pub fn visible(&self) -> Option<Tokens> {
        Some(Tokens(self.output?.0.saturating_sub(self.hidden.unwrap_or_default().0)))
    }
}

fn input(record: &RequestRecord) -> (Option<Tokens>, TokenSource) {
    match (record.usage.input.filter(|tokens| tokens.0 > 0), record.input) {
        (Some(tokens), _) => (Some(tokens), TokenSource::Usage),
        (None, Some(tokens)) => (Some(tokens), TokenSource::Tokenizer),
        (None, None) => (None, TokenSource::None),
    }
}

fn output(
    record: &RequestRecord,
    tokenizer: Option<&dyn Tokenizer>,
) -> Result<(Option<Tokens>, TokenSource), TokenizeError> {
    // The count of an interrupted answer may not include its last part.
    let reported = if record.succeeded() { record.usage.output } else { record.counted_to_the_end() };
    let has_output = !record.arrivals.is_empty() || !record.output_text.is_empty();
    if let Some(tokens) = reported.filter(|tokens| tokens.0 > 0 || !has_output) {
        return Ok((Some(tokens), TokenSource::Usage));
    }
    if !has_output && record.succeeded() {
        return Ok((Some(Tokens(0)), TokenSource::Tokenizer));
    }
    let (answer, reasoning) =
        (count(&record.output_text.answer, tokenizer)?, count(&record.output_text.reasoning, tokenizer)?);
    match (record.output_text.is_empty(), answer.zip(reasoning)) {
        (false, Some((answer, reasoning))) => Ok((Some(answer + reasoning), TokenSource::Tokenizer)),
        _ => Ok((None, TokenSource::None)),
    }
}

fn reasoning(
    record: &RequestRecord,
    tokenizer: Option<&dyn Tokenizer>,
) -> Result<Option<Tokens>, TokenizeError> {
    let has_text = record.reasoning_bytes > 0 || !record.output_text.reasoning.is_empty();
    match record.usage.reasoning {
        Some(tokens) if tokens.0 > 0 || !has_text => Ok(Some(tokens)),
        _ if record.output_text.reasoning.is_empty() => Ok(None),
        _ => count(&record.output_text.reasoning, tokenizer),
    }
}

/// Returns the estimated tokens of reasoning that the server counts but does not send.
///
/// If no reasoning arrived, that is all of them. If some arrived, such as a summary, its tokens are estimated from the
/// length of the text and the bytes per token of the answer; if they are at least half of the count, nothing is hidden.
fn hidden(record: &RequestRecord, output: Option<Tokens>) -> Tokens {
    let counted = record.usage.reasoning.unwrap_or_default();
    if record.reasoning_bytes == 0 {
        return counted.min(output.unwrap_or(counted));
    }
    let answer_tokens = output.unwrap_or_default().0.saturating_sub(counted.0);
    let (min, max) = BYTES_PER_TOKEN;
    let bytes_per_token = record.answer_bytes as f64 / answer_tokens as f64;
    let bytes_per_token = if bytes_per_token.is_finite() { bytes_per_token.clamp(min, max) } else { max };
    let arrived = record.reasoning_bytes as f64 / bytes_per_token;
    if arrived >= counted.0 as f64 / 2.0 { Tokens(0) } else { Tokens(counted.0 - arrived.round() as u64) }
}

/// Counts the tokens of `text`; `None` without a tokenizer.
fn count(text: &str, tokenizer: Option<&dyn Tokenizer>) -> Result<Option<Tokens>, TokenizeError> {
    match tokenizer {
        _ if text.is_empty() => Ok(Some(Tokens(0))),
        Some(tokenizer) => tokenizer.count(text).map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{OutputText, Usage};
    use crate::tokenizer::Words;

    fn counts(answer: &str, reasoning: &str, usage: Usage) -> TokenCounts {
        let output_text = OutputText { answer: answer.into(), reasoning: reasoning.into() };
        let mut record =
            RequestRecord { output_text, usage, input: Some(Tokens(9)), ..RequestRecord::default() };
        let mut events = crate::backend::Events::new(crate::units::Offset::ZERO, &mut record);
        events.item();
        TokenCounts::from_record(&record, Some(&Words)).unwrap()
    }

    #[test]
    fn the_counts_of_the_server_have_precedence() {
        let usage = Usage { input: Some(Tokens(12)), output: Some(Tokens(5)), ..Usage::default() };
        let counts = counts("one two three", "", usage);
        assert_eq!((counts.input, counts.input_source), (Some(Tokens(12)), TokenSource::Usage));
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(5)), TokenSource::Usage));
        assert_eq!(counts.total(), Some(Tokens(17)));
    }

    #[test]
    fn text_without_usage_is_counted_by_the_tokenizer() {
        let counts = counts("one two three", "hm well", Usage::default());
        assert_eq!((counts.input, counts.input_source), (Some(Tokens(9)), TokenSource::Tokenizer));
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(5)), TokenSource::Tokenizer));
        assert_eq!(counts.reasoning, Some(Tokens(2)));
    }

    #[test]
    fn zero_tokens_for_an_answer_with_text_is_no_count() {
        // A test case of the Python tool: a usage of 0 is replaced by the count of the text.
        let usage = Usage { input: Some(Tokens(6)), output: Some(Tokens(0)), ..Usage::default() };
        let counts = counts("six whole words are in here", "and two", usage);
        assert_eq!((counts.input, counts.output), (Some(Tokens(6)), Some(Tokens(8))));
        assert_eq!(counts.reasoning, Some(Tokens(2)));
    }

    #[test]
    fn text_without_usage_and_tokenizer_has_no_count() {
        let record = RequestRecord {
            output_text: OutputText { answer: "text".into(), ..OutputText::default() },
            ..RequestRecord::default()
        };
        let counts = TokenCounts::from_record(&record, None).unwrap();
        assert_eq!((counts.output, counts.output_source), (None, TokenSource::None));
    }

    #[test]
    fn zero_tokens_of_a_prompt_is_no_count() {
        let usage = Usage { input: Some(Tokens(0)), output: Some(Tokens(5)), ..Usage::default() };
        let counts = counts("one two three", "", usage);
        assert_eq!((counts.input, counts.input_source), (Some(Tokens(9)), TokenSource::Tokenizer));
    }

    #[test]
    fn reasoning_without_a_count_is_absent() {
        let usage = Usage { input: Some(Tokens(12)), output: Some(Tokens(5)), ..Usage::default() };
        assert_eq!(counts("one two three", "", usage).reasoning, None);
        let with_reasoning = Usage { reasoning: Some(Tokens(0)), ..usage };
        let counts = counts("one two three", "", with_reasoning);
        assert_eq!((counts.reasoning, counts.hidden), (Some(Tokens(0)), Some(Tokens(0))));
    }

    #[test]
    fn reasoning_that_never_arrived_is_hidden() {
        let usage = Usage { output: Some(Tokens(208)), reasoning: Some(Tokens(200)), ..Usage::default() };
        let counts = counts("one two three", "", usage);
        assert_eq!((counts.output, counts.hidden), (Some(Tokens(208)), Some(Tokens(200))));
        assert_eq!(counts.visible(), Some(Tokens(8)));
    }

    #[test]
    fn reasoning_beyond_a_summary_is_hidden() {
        let usage = Usage { output: Some(Tokens(1_010)), reasoning: Some(Tokens(1_000)), ..Usage::default() };
        for (reasoning_bytes, hidden) in [(400, 900), (4_000, 0)] {
            let record =
                RequestRecord { usage, answer_bytes: 40, reasoning_bytes, ..RequestRecord::default() };
            // Four bytes per token, as in the answer.
            let counts = TokenCounts::from_record(&record, None).unwrap();
            assert_eq!(counts.hidden, Some(Tokens(hidden)), "{reasoning_bytes}");
        }
    }

    #[test]
    fn an_early_usage_is_no_count_of_an_interrupted_answer() {
        let at = crate::units::Offset::from_nanos;
        let mut record =
            RequestRecord { failure: Some(crate::failure::Failure::cancelled()), ..RequestRecord::default() };
        let early = Usage { output: Some(Tokens(1)), ..Usage::default() };
        crate::backend::Events::new(at(1), &mut record).usage(early);
        crate::backend::Events::new(at(2), &mut record).text("one two three");
        let counts = TokenCounts::from_record(&record, Some(&Words)).unwrap();
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(3)), TokenSource::Tokenizer));
        let running = Usage { output: Some(Tokens(5)), ..Usage::default() };
        crate::backend::Events::new(at(3), &mut record).usage(running);
        let counts = TokenCounts::from_record(&record, Some(&Words)).unwrap();
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(5)), TokenSource::Usage));
    }
}
