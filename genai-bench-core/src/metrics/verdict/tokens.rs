//! Checks of token counts: their origins, and the lengths of prompts and answers.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::metrics::TokenSource;

/// Checks that the server counted all outputs.
pub(super) fn token_counts(subject: &Subject<'_>) -> Option<Finding> {
    if subject.evidence.text_answers == 0 {
        return None;
    }
    let [uncounted, by_tokenizer] = [TokenSource::None, TokenSource::Tokenizer]
        .map(|source| subject.metrics.output_sources.get(&source).copied().unwrap_or_default());
    Some(match (uncounted, by_tokenizer) {
        (0, 0) => (VerdictLevel::Valid, "the server counted every output".to_owned()),
        (0, _) => (
            VerdictLevel::Degraded,
            format!("{by_tokenizer} outputs were counted by the client's tokenizer, not the server"),
        ),
        _ => (VerdictLevel::Degraded, format!("{uncounted} outputs have no token count")),
    })
}

/// Checks for reasoning that the server does not send: its time is in the TTFT and not in the TPOT.
pub(super) fn hidden_reasoning(subject: &Subject<'_>) -> Option<Finding> {
    let (answers, tokens) = (subject.evidence.hidden_answers, subject.evidence.hidden_tokens);
    let finding = format!(
        "{answers} of {} answers have reasoning that the server counted and never sent, {tokens} tokens in total: it is \
         in their TTFT and in the output throughput; TPOT is over the tokens that arrived",
        subject.metrics.completed
    );
    (answers > 0).then_some((VerdictLevel::Degraded, finding))
}

/// Checks the server's counts of prompts against the lengths of the scenario.
pub(super) fn input_length(subject: &Subject<'_>) -> Option<Finding> {
    let input = subject.evidence.input;
    if input.prompts == 0 || input.expected_tokens == 0 {
        return None;
    }
    let (expected, counted) = (input.expected_tokens as f64, input.counted_tokens as f64);
    let deviation = (counted - expected).abs() / expected;
    let finding = match subject.evidence.input.different {
        0 => format!("the server's counts of all {} prompts are those of the scenario", input.prompts),
        different => format!(
            "the server counted {different} of {} prompts as longer or shorter than in the scenario, {:.1} tokens \
             instead of {:.1} on average ({:+.1} %): give the model's own tokenizer with --model-tokenizer",
            input.prompts,
            counted / input.prompts as f64,
            expected / input.prompts as f64,
            (counted - expected) / expected * 100.0
        ),
    };
    Some((above(deviation, 0.02, 0.5), finding))
}

/// Checks the lengths of answers against their limits.
pub(super) fn output_length(subject: &Subject<'_>) -> Option<Finding> {
    let (answers, evidence) = (subject.metrics.completed, subject.evidence);
    if evidence.text_answers == 0 {
        return None;
    }
    if evidence.unlimited == evidence.text_answers {
        return Some((
            VerdictLevel::Valid,
            "answers have no limit: the model determines their lengths".to_owned(),
        ));
    }
    let share = evidence.overlong.max(evidence.shortened) as f64 / answers as f64;
    let finding = if evidence.overlong > 0 {
        format!(
            "{} of {answers} answers are longer than requested, and {} are shorter: the server does not know the field \
             that limits them; see --length-field",
            evidence.overlong, evidence.shortened
        )
    } else {
        format!("{} of {answers} answers are shorter than requested", evidence.shortened)
    };
    Some((above(share, 0.01, 1.0), finding))
}

/// Checks for prompts that are in the server's cache before they are sent: their TTFT does not include the prefill.
pub(super) fn prompt_cache(subject: &Subject<'_>) -> Option<Finding> {
    let cache = subject.evidence.cache;
    if cache.reported == 0 || subject.facts.repeats_prompts {
        return None;
    }
    let share = cache.tokens as f64 / cache.input_tokens.max(1) as f64;
    let finding = match cache.prompts {
        0 => "the server's cache held no tokens of prompts other than those that the workload repeats"
            .to_owned(),
        prompts => format!(
            "parts of {prompts} of {} prompts that the workload does not repeat were in the server's cache, {} of all \
             prompt tokens: TTFT and input throughput are those of a warm cache; use another --seed, more rows, or \
             empty the cache",
            cache.reported,
            percent(share)
        ),
    };
    Some((above(share, 0.01, 1.0), finding))
}
