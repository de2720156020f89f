//! Prompts are of exactly the length that was asked for, whatever the tokenizer.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::*;
use crate::rng::Stream;
use crate::sampler::{Popularity, PrefixLength, SharedPrefixes};
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

/// A builder for each tokenizer: with whole words, with some, and with none.
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

fn assert_exact(builder: &PromptBuilder, text: &str, wanted: u64) {
    let tokens = builder.tokenizer().count(text).unwrap();
    assert_eq!(tokens, Tokens(wanted), "{}: {text:?}", builder.tokenizer().name());
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
        let builder = builder.with_corpus(texts());
        for length in (0..40).chain([100, 333]) {
            let prompt = builder.build(Tokens(length), &mut rng(length)).unwrap();
            assert_exact(&builder, &prompt, length);
            if length > 20 {
                let begins =
                    |it: &Arc<str>| prompt.starts_with(&*it.trim().chars().take(5).collect::<String>());
                assert!(texts().iter().filter(|it| !it.trim().is_empty()).any(begins), "{prompt:?}");
            }
        }
    }
}

#[test]
fn a_corpus_without_a_text_is_refused() {
    for empty in [Arc::from([]), Arc::from([Arc::from(" \n")])] {
        let builder = builder(Words).with_corpus(empty);
        assert_eq!(builder.build(Tokens(5), &mut rng(0)), Err(SampleError::EmptyCorpus));
    }
}

#[test]
fn a_tokenizer_without_words_is_refused() {
    let refused = PromptBuilder::new(Arc::new(Mute)).unwrap_err();
    assert_eq!(refused, SampleError::NoWords("mute".into()));
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
        assert_shared(&builder.with_corpus(texts()), 30, 50);
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
fn prefixes_of_a_share_are_rounded_down_and_none_is_an_ordinary_prompt() {
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
    assert_eq!(error, SampleError::PrefixTooLong { prefix: 10, total: 10 });
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
    assert_eq!(refused, Err(SampleError::EmptyBlocks));
}

#[test]
fn blocks_are_words_also_when_prompts_are_a_corpus() {
    let of = |builder: &PromptBuilder| builder.blocks(&[3], Tokens(8), Tokens(8), 1, &mut rng(0)).unwrap();
    let builder = builder(Words);
    assert_eq!(of(&builder.clone().with_corpus(texts())), of(&builder));
}
