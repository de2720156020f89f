//! The number of tokens that the server adds to each prompt, from the requests before the first run.

use genai_bench_core::record::RequestRecord;
use genai_bench_core::units::Tokens;

/// The length of a prompt in tokens, as counted on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    /// The length by the workload.
    expected: u64,
    /// The length by the server.
    counted: u64,
}

impl Counted {
    fn from_record(record: &RequestRecord) -> Option<Self> {
        let counted = record.usage.input.filter(|tokens| tokens.0 > 0)?;
        Some(Self { expected: record.input?.0, counted: counted.0 })
    }
}

/// Returns the number of tokens that the server's chat template adds to a prompt of any length: those that the server
/// counts beyond the length by the workload. `None` if it cannot be determined.
///
/// If both prompts are longer by the same number, that number is returned. If they are not, the server counts with another
/// tokenizer: the result is then the value of the line through both at an empty prompt, if its slope is possible for a
/// tokenizer. A server that reports the same number for each prompt does not count.
pub(super) fn template_share(first: &RequestRecord, second: &RequestRecord) -> Option<Tokens> {
    from_counts(Counted::from_record(first)?, Counted::from_record(second)?)
}

/// The range of the number of tokens of another tokenizer for one of the workload's.
const TOKENS_PER_TOKEN: std::ops::RangeInclusive<f64> = 0.5..=4.0;

/// Returns the value at length 0 of the line through two prompts of different lengths; 0 if it is negative.
fn from_counts(first: Counted, second: Counted) -> Option<Tokens> {
    let run = second.expected as f64 - first.expected as f64;
    let slope = (second.counted as f64 - first.counted as f64) / run;
    let at_zero = first.counted as f64 - slope * first.expected as f64;
    // Prompts of one length cannot distinguish a template from another tokenizer: their slope is not a number.
    TOKENS_PER_TOKEN.contains(&slope).then(|| Tokens(at_zero.round().max(0.0) as u64))
}

#[cfg(test)]
mod tests {
    use genai_bench_core::record::Usage;

    use super::*;

    fn share(first: (u64, u64), second: (u64, u64)) -> Option<u64> {
        from_counts(prompt(first), prompt(second)).map(|tokens| tokens.0)
    }

    fn prompt((expected, counted): (u64, u64)) -> Counted {
        Counted { expected, counted }
    }

    #[test]
    fn a_template_adds_the_same_to_both_prompts() {
        assert_eq!(share((10, 18), (50, 58)), Some(8));
        assert_eq!(share((10, 10), (50, 50)), Some(0));
    }

    #[test]
    fn a_server_that_reports_one_number_for_all_does_not_count() {
        assert_eq!(share((20, 20), (10, 20)), None);
        assert_eq!(share((20, 10), (10, 20)), None);
    }

    #[test]
    fn another_tokenizer_is_not_taken_for_a_template() {
        assert_eq!(share((10, 25), (50, 93)), Some(8), "1.7 tokens each, and 8");
        assert_eq!(share((50, 93), (10, 25)), Some(8));
        assert_eq!(share((100, 80), (200, 160)), Some(0), "0.8 tokens each");
        assert_eq!(share((100, 90), (200, 200)), Some(0), "never less than nothing");
    }

    #[test]
    fn prompts_of_one_length_give_no_template_share() {
        assert_eq!(share((50, 58), (50, 60)), None);
        assert_eq!(share((50, 58), (50, 58)), None);
    }

    #[test]
    fn without_both_counts_nothing_is_known() {
        fn record(input: Option<u64>, counted: Option<u64>) -> RequestRecord {
            let mut record = RequestRecord::default();
            record.input = input.map(Tokens);
            record.usage = Usage { input: counted.map(Tokens), ..Usage::default() };
            record
        }

        let whole = record(Some(10), Some(18));
        assert_eq!(template_share(&whole, &record(Some(20), Some(28))), Some(Tokens(8)));
        assert_eq!(template_share(&whole, &record(Some(20), None)), None);
        assert_eq!(template_share(&record(None, Some(18)), &whole), None);
    }
}
