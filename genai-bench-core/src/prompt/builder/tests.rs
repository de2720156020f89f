//! Tests that prompts have exactly the requested length with any tokenizer.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::*;
use crate::prompt::{Popularity, PrefixLength, SharedPrefixes};
use crate::rng::Stream;
use crate::tokenizer::Words;

mod doubles;
#[cfg(all(feature = "tokenizers", feature = "tiktoken"))]
mod exact;

use doubles::{Bytes, Characters, Mute, Odd, Pairs, Threes};

fn rng(index: u64) -> Rng {
    Rng::at(1, Stream::Content, 0, index)
}

fn builder(tokenizer: impl Tokenizer) -> PromptBuilder {
    PromptBuilder::new(Arc::new(tokenizer)).unwrap()
}

/// Returns a builder for each tokenizer: with whole words, with some, and with none.
fn builders() -> Vec<PromptBuilder> {
    vec![builder(Words), builder(Pairs), builder(Odd), builder(Characters), builder(Bytes), builder(Threes)]
}

fn texts() -> Arc<[Arc<str>]> {
    let texts = [
        "It was the best of times, it was the worst of times,",
        "   ",
        "Il était une fois… 1,234 ‘naïve’ cafés;\n\tdans un pays très lointain.",
        "道可道，非常道。名可名，非常名。无名天地之始；有名万物之母。",
        "for (i = 0; i < n; i++) { total += x[i]; }",
    ];
    Arc::new(texts.map(Arc::from))
}

fn assert_exact(builder: &PromptBuilder, text: &str, expected: u64) {
    let tokens = builder.tokenizer().count(text).unwrap();
    assert_eq!(tokens, Tokens(expected), "{}: {text:?}", builder.tokenizer().name());
}

#[test]
fn every_length_is_exact_with_every_tokenizer() {
    for builder in builders() {
        for length in (0..40).chain([100, 333, 1_000]) {
            let prompt = builder.build(Tokens(length), &mut rng(length)).unwrap();
            assert_exact(&builder, &prompt, length);
            assert!(!prompt.ends_with(char::is_whitespace), "servers take it away: {prompt:?}");
        }
    }
}

#[test]
fn words_of_one_token_are_joined_and_others_are_searched_for() {
    let joined: Vec<bool> = builders().iter().map(PromptBuilder::joins_words).collect();
    assert_eq!(joined, [true, true, false, false, false, false]);
}

#[test]
fn prompts_of_a_corpus_are_its_texts_at_every_length() {
    for builder in builders() {
        let builder = builder.with_corpus(texts(), 1);
        for length in (0..40).chain([100, 333]) {
            let prompt = builder.build(Tokens(length), &mut rng(length)).unwrap();
            assert_exact(&builder, &prompt, length);
            if length > 20 {
                let begun: String = prompt.chars().take(5).collect();
                assert!(texts().join("\n").contains(begun.trim()), "{prompt:?}");
            }
        }
    }
}

/// Returns rows of 100 words each, none of which is in another row.
fn rows(count: usize) -> Arc<[Arc<str>]> {
    let word = |row: usize, word: usize| format!("r{row}w{word}");
    let row = |row: usize| (0..100).map(|it| word(row, it)).collect::<Vec<_>>().join(" ");
    (0..count).map(|number| row(number).into()).collect()
}

fn spec(group: u64, index: u64) -> SessionSpec {
    let shape = crate::scenario::Shape::Text { input: Tokens(1), output: Tokens(1) };
    SessionSpec { group, index, ..SessionSpec::new(shape) }
}

#[test]
fn requests_of_a_sweep_share_no_beginning() {
    let builder = builder(Words).with_corpus(rows(20), 1);
    for (prompts_per_run, runs) in [(Some(300), 3), (None, 3)] {
        let builder = builder.clone().with_runs(runs, prompts_per_run);
        let mut openings = std::collections::HashSet::new();
        for group in 0..runs {
            for index in 0..300 {
                let prompt = builder.build_for(&spec(group, index), 0, Tokens(60), &mut rng(index));
                let prompt = prompt.unwrap();
                assert_exact(&builder, &prompt, 60);
                let words: Vec<&str> = prompt.split_whitespace().take(8).collect();
                assert!(openings.insert(words.join(" ")), "run {group}, request {index}: {words:?}");
            }
        }
    }
}

#[test]
fn all_rows_come_before_one_comes_again() {
    let builder = builder(Words).with_corpus(rows(20), 1).with_runs(2, Some(10));
    let row = |group, index| {
        let prompt = builder.build_for(&spec(group, index), 0, Tokens(5), &mut rng(index)).unwrap();
        prompt[..prompt.find('w').unwrap()].to_owned()
    };
    let rows = (0..2).flat_map(|group| (0..10).map(move |index| (group, index)));
    let rows: std::collections::HashSet<String> = rows.map(|(group, index)| row(group, index)).collect();
    assert_eq!(rows.len(), 20);
}

#[test]
fn a_small_dataset_is_extended_by_random_opening_words() {
    let builder = builder(Words).with_corpus(rows(1), 1);
    assert_eq!(builder.places(), Some(100));
    let prompt = |index| {
        builder.build_for(&spec(0, index), 0, Tokens(20), &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
    };
    let of_row = |prompt: &str| prompt.split_whitespace().filter(|it| it.starts_with("r0w")).count();
    assert_eq!((of_row(&prompt(99)), of_row(&prompt(100))), (20, 16));
    assert_ne!(prompt(100), prompt(200));
    let preflight = builder.build_for(&spec(PREFLIGHT_GROUP, 0), 0, Tokens(20), &mut rng(0)).unwrap();
    assert_eq!(of_row(&preflight), 16);
}

#[test]
fn prompts_of_a_corpus_end_on_its_own_words() {
    for builder in [builder(Words), builder(Pairs)] {
        let builder = builder.with_corpus(rows(30), 1);
        for length in [8, 16, 32, 100] {
            for index in 0..20 {
                let prompt = builder.build_for(&spec(0, index), 0, Tokens(length), &mut rng(index)).unwrap();
                let foreign = prompt.split_whitespace().filter(|it| !it.starts_with('r')).count();
                // A word of two tokens may leave one over.
                assert!(foreign <= 1, "{length} tokens by {}: {prompt}", builder.tokenizer().name());
            }
        }
    }
}

#[test]
fn a_corpus_without_a_text_is_refused() {
    for empty in [Arc::from([]), Arc::from([Arc::from(" \n")])] {
        let builder = builder(Words).with_corpus(empty, 1);
        assert_eq!(builder.build(Tokens(5), &mut rng(0)), Err(PromptError::EmptyCorpus));
    }
}

#[test]
fn a_tokenizer_without_words_is_refused() {
    let refused = PromptBuilder::new(Arc::new(Mute)).unwrap_err();
    assert_eq!(refused, PromptError::NoWords("mute".into()));
}

#[test]
fn the_same_numbers_give_the_same_prompt_and_others_another() {
    let prompt = |builder: &PromptBuilder, index| builder.build(Tokens(30), &mut rng(index)).unwrap();
    for builder in builders() {
        let (a, b) = (prompt(&builder, 5), prompt(&builder, 6));
        assert_eq!(a, prompt(&builder, 5));
        assert_ne!(a, b, "{:?}", builder.tokenizer());
    }
}

fn prefixes(length: PrefixLength, count: u32) -> SharedPrefixes {
    SharedPrefixes::new(length, NonZeroU32::new(count).unwrap(), Popularity::Uniform).unwrap()
}

/// Checks prompts of `total` tokens that share `prefix` of them, made by `builder`.
fn assert_shared(builder: &PromptBuilder, prefix: u64, total: u64) {
    let spec = prefixes(PrefixLength::Tokens(Tokens(prefix)), 3);
    let prompts = builder.distinct_suffixes().unwrap().min(60);
    let mut groups: [Vec<(String, Vec<u32>)>; 3] = Default::default();
    for index in 0..prompts {
        let made = builder.build_with_prefix(&spec, Tokens(total), 9, index, &mut rng(index)).unwrap();
        assert_exact(builder, &made.text, total);
        assert_eq!(made.prefix, Tokens(prefix));
        let ids = builder.tokenizer().encode(&made.text).unwrap();
        groups[made.prefix_number as usize].push((made.text, ids));
    }
    let at = usize::try_from(prefix).unwrap();
    for group in &groups {
        for (number, (text, ids)) in group.iter().enumerate() {
            let (first_text, first) = &group[0];
            assert_eq!(ids[..at], first[..at], "{text:?} {first_text:?}");
            let same = text.bytes().zip(first_text.bytes()).take_while(|it| it.0 == it.1).count();
            let shared = builder.tokenizer().encode(&text[..text.floor_char_boundary(same)]).unwrap();
            assert!(shared.len() >= at, "the same bytes give the same tokens: {text:?}");
            assert!(group[..number].iter().all(|it| it.1[at] != ids[at]), "the next token differs: {text:?}");
        }
    }
    let [a, b, _] = &groups;
    if let (Some(a), Some(b)) = (a.first(), b.first()) {
        assert_ne!(a.1[..at], b.1[..at], "other prefixes are other tokens");
    }
}

#[test]
fn prompts_share_exactly_their_prefix() {
    for builder in builders() {
        for (prefix, total) in [(20, 40), (30, 31)] {
            assert_shared(&builder, prefix, total);
        }
    }
    for builder in [builder(Words), builder(Pairs), builder(Characters), builder(Threes)] {
        assert_shared(&builder.with_corpus(texts(), 1), 30, 50);
    }
}

#[test]
fn more_prompts_than_words_are_told_apart_by_two_tokens() {
    let builder = builder(Pairs);
    let words = builder.distinct_suffixes().unwrap();
    assert_eq!(words, 3, "then this tests little");
    let spec = prefixes(PrefixLength::Tokens(Tokens(4)), 1);
    let tails = (0..words * words).map(|index| {
        let made = builder.build_with_prefix(&spec, Tokens(9), 9, index, &mut rng(index)).unwrap();
        Pairs.encode(&made.text).unwrap()[4..6].to_vec()
    });
    let distinct: std::collections::HashSet<Vec<u32>> = tails.collect();
    assert_eq!(distinct.len() as u64, words * words);
}

#[test]
fn prefix_ratios_are_rounded_down_and_zero_has_no_prefix() {
    let builder = builder(Words);
    let share = |ratio, total| {
        let spec = prefixes(PrefixLength::Ratio(ratio), 1);
        builder.build_with_prefix(&spec, Tokens(total), 9, 0, &mut rng(0)).unwrap()
    };
    assert_eq!(share(0.5, 11).prefix, Tokens(5));
    let none = share(0.5, 1);
    assert_eq!((none.prefix, builder.tokenizer().count(&none.text).unwrap()), (Tokens(0), Tokens(1)));
    // A shorter prefix of words is the beginning of a longer one, so that a share of any length is found again.
    let (short, long) = (share(0.5, 20).text, share(0.5, 40).text);
    let words = |text: &str| text.split(' ').take(10).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&short), words(&long));
}

#[test]
fn groups_share_nothing() {
    let builder = builder(Words);
    let spec = prefixes(PrefixLength::Tokens(Tokens(20)), 1);
    let text = |group| builder.build_with_prefix(&spec, Tokens(40), group, 0, &mut rng(0)).unwrap().text;
    assert_ne!(text(1)[..60], text(2)[..60]);
}

#[test]
fn a_prefix_that_leaves_no_room_is_refused() {
    let builder = builder(Words);
    let spec = prefixes(PrefixLength::Tokens(Tokens(10)), 1);
    let error = builder.build_with_prefix(&spec, Tokens(10), 9, 0, &mut rng(0)).unwrap_err();
    assert_eq!(error, PromptError::PrefixTooLong { prefix: 10, total: 10 });
}

#[test]
fn blocks_of_the_same_ids_are_the_same_bytes() {
    for builder in builders() {
        let replay = |ids: &[u64], total, index| {
            let text = builder.blocks(ids, Tokens(16), Tokens(total), 42, &mut rng(index)).unwrap();
            assert_exact(&builder, &text, total);
            text
        };
        let (a, b) = (replay(&[7, 8, 9], 48, 1), replay(&[7, 8, 5], 60, 2));
        let same = a.bytes().zip(b.bytes()).take_while(|it| it.0 == it.1).count();
        let shared = builder.tokenizer().count(&a[..a.floor_char_boundary(same)]).unwrap().0;
        assert!(shared >= 28, "{}: {shared} of 32 tokens", builder.tokenizer().name());
        if builder.joins_words() {
            let ids = |text: &str| builder.tokenizer().encode(text).unwrap();
            assert_eq!(ids(&a)[..32], ids(&b)[..32]);
            let (cut, whole) = (replay(&[7, 8], 24, 3), replay(&[7, 8], 32, 4));
            assert!(whole.starts_with(&cut), "a part of a block is its beginning");
            assert_ne!(replay(&[7], 40, 5), replay(&[7], 40, 6), "what is beyond the ids is its own");
        }
    }
}

#[test]
fn blocks_without_a_token_are_refused() {
    let refused = builder(Words).blocks(&[1], Tokens(0), Tokens(5), 1, &mut rng(0));
    assert_eq!(refused, Err(PromptError::EmptyBlocks));
}

#[test]
fn blocks_are_words_also_when_prompts_are_a_corpus() {
    let of = |builder: &PromptBuilder| builder.blocks(&[3], Tokens(8), Tokens(8), 1, &mut rng(0)).unwrap();
    let builder = builder(Words);
    assert_eq!(of(&builder.clone().with_corpus(texts(), 1)), of(&builder));
}
