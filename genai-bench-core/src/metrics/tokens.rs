//! How many tokens a request had, and who says so.

use serde::{Deserialize, Serialize};

use crate::tokenizer::{TokenizeError, Tokenizer};
use crate::trace::Trace;
use crate::units::Tokens;

/// Who counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TokenSource {
    /// Nobody.
    #[default]
    None,
    /// The server.
    Usage,
    /// Our tokenizer, over the whole text.
    Tokenizer,
}

/// The tokens of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Tokens of the prompt.
    pub input: Option<Tokens>,
    /// Who counted them.
    pub input_source: TokenSource,
    /// Tokens of the output, reasoning included.
    pub output: Option<Tokens>,
    /// Who counted them.
    pub output_source: TokenSource,
    /// Tokens of the output that were reasoning.
    pub reasoning: Option<Tokens>,
    /// Tokens of the prompt that came from the server's cache.
    pub cached: Option<Tokens>,
}

impl TokenCounts {
    /// The counts of `trace`: the server's where it counted, else `tokenizer`'s.
    ///
    /// A server that reports 0 output tokens for an answer that has text did not count.
    ///
    /// # Errors
    ///
    /// When the tokenizer cannot cut the text.
    pub fn of(trace: &Trace, tokenizer: Option<&dyn Tokenizer>) -> Result<Self, TokenizeError> {
        let ours = |text: &str| match (text.is_empty(), tokenizer) {
            (true, _) => Ok(Some(Tokens(0))),
            (false, Some(tokenizer)) => tokenizer.count(text).map(Some),
            (false, None) => Ok(None),
        };
        let mut counts = Self { cached: trace.usage.cached, ..Self::default() };
        (counts.input, counts.input_source) = match (trace.usage.input, trace.input) {
            (Some(tokens), _) => (Some(tokens), TokenSource::Usage),
            (None, Some(tokens)) => (Some(tokens), TokenSource::Tokenizer),
            (None, None) => (None, TokenSource::None),
        };
        counts.reasoning = match trace.usage.reasoning {
            Some(tokens) if tokens.0 > 0 || trace.spoken.reasoning.is_empty() => Some(tokens),
            _ => ours(&trace.spoken.reasoning)?,
        };
        let reported = trace.usage.output.filter(|it| it.0 > 0 || trace.arrivals.is_empty());
        (counts.output, counts.output_source) = match (reported, trace.spoken.is_empty()) {
            (Some(tokens), _) => (Some(tokens), TokenSource::Usage),
            (None, true) if trace.arrivals.is_empty() => (Some(Tokens(0)), TokenSource::Tokenizer),
            (_, true) if !trace.has_tokens() => (None, TokenSource::None),
            (None, true) => (None, TokenSource::None),
            (None, false) => {
                let answer = ours(&trace.spoken.answer)?;
                let total =
                    answer.zip(ours(&trace.spoken.reasoning)?).map(|(answer, before)| answer + before);
                (total, if total.is_some() { TokenSource::Tokenizer } else { TokenSource::None })
            }
        };
        Ok(counts)
    }

    /// Tokens of prompt and output together, where both are known.
    #[must_use]
    pub fn total(&self) -> Option<Tokens> {
        Some(self.input? + self.output?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Usage;
    use crate::tokenizer::Words;
    use crate::trace::Spoken;

    fn said(answer: &str, reasoning: &str, usage: Usage) -> TokenCounts {
        let spoken = Spoken { answer: answer.into(), reasoning: reasoning.into() };
        let mut trace = Trace { spoken, usage, input: Some(Tokens(9)), ..Trace::default() };
        let mut events = crate::event::Events::arriving(crate::units::Offset::ZERO, &mut trace);
        events.item();
        TokenCounts::of(&trace, Some(&Words)).unwrap()
    }

    #[test]
    fn the_servers_counts_win() {
        let usage = Usage { input: Some(Tokens(12)), output: Some(Tokens(5)), ..Usage::default() };
        let counts = said("one two three", "", usage);
        assert_eq!((counts.input, counts.input_source), (Some(Tokens(12)), TokenSource::Usage));
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(5)), TokenSource::Usage));
        assert_eq!(counts.total(), Some(Tokens(17)));
    }

    #[test]
    fn without_them_the_whole_text_is_counted() {
        let counts = said("one two three", "hm well", Usage::default());
        assert_eq!((counts.input, counts.input_source), (Some(Tokens(9)), TokenSource::Tokenizer));
        assert_eq!((counts.output, counts.output_source), (Some(Tokens(5)), TokenSource::Tokenizer));
        assert_eq!(counts.reasoning, Some(Tokens(2)));
    }

    #[test]
    fn zero_tokens_for_an_answer_with_text_is_no_count() {
        // The Python tool's own case: usage of 0 is filled in from the text.
        let usage = Usage { input: Some(Tokens(6)), output: Some(Tokens(0)), ..Usage::default() };
        let counts = said("six whole words are in here", "and two", usage);
        assert_eq!((counts.input, counts.output), (Some(Tokens(6)), Some(Tokens(8))));
        assert_eq!(counts.reasoning, Some(Tokens(2)));
    }

    #[test]
    fn nobody_counting_is_no_count() {
        let trace =
            Trace { spoken: Spoken { answer: "text".into(), ..Spoken::default() }, ..Trace::default() };
        let counts = TokenCounts::of(&trace, None).unwrap();
        assert_eq!((counts.output, counts.output_source), (None, TokenSource::None));
    }
}
