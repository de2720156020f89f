//! The output tokens of servers that count reasoning apart from the completion.
//!
//! `OpenAI` includes reasoning tokens in `completion_tokens`. xAI, Gemini behind some gateways and some models of OCI
//! exclude them. The other counts show which rule applies.

use genai_bench_core::units::Tokens;

use super::fields::Count;

/// Returns the number of output tokens, reasoning included.
///
/// The completion excludes reasoning where the `total` is the sum of all three, or where there is more reasoning than
/// completion.
pub(crate) fn output_tokens(
    input: Count,
    completion: Count,
    reasoning: Count,
    total: Count,
) -> Option<Tokens> {
    let completion = completion.get()?;
    let Some(reasoning) = reasoning.get() else { return Some(Tokens(completion)) };
    let sum = completion + reasoning;
    let total_is_sum = input.get().zip(total.get()).is_some_and(|(input, total)| total == input + sum);
    let is_apart = reasoning > completion || total_is_sum;
    Some(Tokens(if is_apart { sum } else { completion }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasoning_counts_as_output_once() {
        let count = |number: Option<u64>| number.map_or(Count::default(), |it| Count::from_json(&it.into()));
        for (input, completion, reasoning, total, output) in [
            // OpenAI's rule, with and without a total.
            (Some(9), Some(12), Some(4), Some(21), Some(12)),
            (Some(9), Some(12), Some(4), None, Some(12)),
            (Some(9), Some(12), Some(12), Some(21), Some(12)),
            // The rule of xAI.
            (Some(9), Some(12), Some(4), Some(25), Some(16)),
            (Some(9), Some(2), Some(200), Some(211), Some(202)),
            // More reasoning than completion is no part of it, whatever the total excludes.
            (Some(9), Some(2), Some(200), None, Some(202)),
            (Some(9), Some(2), Some(200), Some(11), Some(202)),
            (None, Some(12), Some(4), Some(25), Some(12)),
            (Some(9), Some(12), None, Some(21), Some(12)),
            (Some(9), Some(12), Some(0), Some(21), Some(12)),
            (Some(9), None, Some(4), Some(13), None),
        ] {
            let read = output_tokens(count(input), count(completion), count(reasoning), count(total));
            assert_eq!(read, output.map(Tokens), "{input:?} {completion:?} {reasoning:?} {total:?}");
        }
    }
}
