//! Checks of token counts: who counted, and whether lengths are those that were asked for.

use super::{Finding, Subject, VerdictLevel, above, percent};
use crate::metrics::TokenSource;

pub(super) fn token_counts(subject: &Subject<'_>) -> Option<Finding> {
    let metrics = subject.metrics;
    let counted = |source| metrics.output_sources.get(&source).copied().unwrap_or_default();
    if subject.evidence.text_answers == 0 {
        return None;
    }
    Some(match (counted(TokenSource::None), counted(TokenSource::Tokenizer)) {
        (0, 0) => (VerdictLevel::Valid, "the server counted every output".to_owned()),
        (0, ours) => (
            VerdictLevel::Degraded,
            format!("{ours} outputs were counted by the client's tokenizer, not the server"),
        ),
        (nobody, _) => (VerdictLevel::Degraded, format!("{nobody} outputs were counted by nobody")),
    })
}

/// Reasoning that is never sent is in the TTFT, and in no time per token.
pub(super) fn hidden_reasoning(subject: &Subject<'_>) -> Option<Finding> {
    let (answers, tokens) = subject.evidence.hidden;
    let finding = format!(
        "{answers} of {} answers have reasoning that the server counted and never sent, {tokens} tokens together: it is \
         in their TTFT and in the output throughput; TPOT is over the tokens that arrived",
        subject.metrics.completed
    );
    (answers > 0).then_some((VerdictLevel::Degraded, finding))
}

/// Prompts of another length are another workload.
pub(super) fn input_length(subject: &Subject<'_>) -> Option<Finding> {
    let input = subject.evidence.input;
    if input.prompts == 0 || input.expected_tokens == 0 {
        return None;
    }
    let (expected, counted) = (input.expected_tokens as f64, input.counted_tokens as f64);
    let off = (counted - expected).abs() / expected;
    let finding = match subject.evidence.input.different {
        0 => format!("the server counted all {} prompts as long as the scenario asks for", input.prompts),
        different => format!(
            "the server counted {different} of {} prompts as longer or shorter than the scenario asks for, {:.1} tokens \
             instead of {:.1} on average ({:+.1} %): give the model's own tokenizer with --model-tokenizer",
            input.prompts,
            counted / input.prompts as f64,
            expected / input.prompts as f64,
            (counted - expected) / expected * 100.0
        ),
    };
    Some((above(off, 0.02, 0.5), finding))
}

pub(super) fn output_length(subject: &Subject<'_>) -> Option<Finding> {
    let (answers, evidence) = (subject.metrics.completed, subject.evidence);
    if evidence.text_answers == 0 {
        return None;
    }
    if evidence.unlimited == evidence.text_answers {
        return Some((
            VerdictLevel::Valid,
            "answers had no limit: their lengths are the model's own".to_owned(),
        ));
    }
    let share = |count: u64| count as f64 / answers as f64;
    if evidence.overlong > 0 {
        let finding = format!(
            "{} of {answers} answers are longer than asked for, and {} are shorter: the server does not know the field that \
             limits them; see --length-field",
            evidence.overlong, evidence.shortened
        );
        return Some((above(share(evidence.overlong.max(evidence.shortened)), 0.01, 1.0), finding));
    }
    let finding = format!("{} of {answers} answers are shorter than asked for", evidence.shortened);
    Some((above(share(evidence.shortened), 0.01, 1.0), finding))
}

/// A prompt that is in the server's cache before it is sent is measured without its prefill.
pub(super) fn prompt_cache(subject: &Subject<'_>) -> Option<Finding> {
    let cache = subject.evidence.cache;
    if cache.reported == 0 || subject.facts.repeats_prompts {
        return None;
    }
    let share = cache.tokens as f64 / cache.input_tokens.max(1) as f64;
    let finding = match cache.prompts {
        0 => "no prompt was in the server's cache beyond what the workload repeats".to_owned(),
        prompts => format!(
            "{prompts} of {} prompts were in the server's cache in part although the workload does not repeat them, {} \
             of all prompt tokens: TTFT and input throughput are those of a warm cache; use another --seed, more rows, \
             or empty the cache",
            cache.reported,
            percent(share)
        ),
    };
    Some((above(share, 0.01, 1.0), finding))
}
