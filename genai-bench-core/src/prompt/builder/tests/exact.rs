//! Tests that every one of a thousand prompts has its exact length.

use super::*;
use crate::tokenizer::tests::trained;
use crate::tokenizer::{HuggingFace, Tiktoken, Vocabulary};

/// The number of prompts of each length. Unoptimised tokenizers are slow: fewer of the longest.
const PROMPTS: [(u64, u64); 3] = [(100, 1_000), (1_000, 1_000), (8_000, 20)];

fn assert_none_is_off(tokenizer: impl Tokenizer) {
    let builder = builder(tokenizer);
    assert!(builder.joins_words(), "{} has {} words", builder.tokenizer().name(), builder.pool.len());
    for (length, prompts) in PROMPTS {
        let off = (0..prompts).filter(|&index| {
            let prompt = builder.build(Tokens(length), &mut rng(index)).unwrap();
            builder.tokenizer().count(&prompt).unwrap() != Tokens(length)
        });
        assert_eq!(
            off.count(),
            0,
            "of {prompts} prompts of {length} tokens by {}",
            builder.tokenizer().name()
        );
    }
    for length in 1..10 {
        assert_exact(&builder, &builder.build(Tokens(length), &mut rng(length)).unwrap(), length);
    }
}

#[test]
fn none_is_off_with_o200k_base() {
    assert_none_is_off(Tiktoken::new(Vocabulary::O200kBase));
}

#[test]
fn none_is_off_with_byte_level_pairs() {
    let folder = tempfile::tempdir().unwrap();
    assert_none_is_off(HuggingFace::open(&trained::byte_level(folder.path())).unwrap());
}

#[test]
fn none_is_off_with_metaspace() {
    let folder = tempfile::tempdir().unwrap();
    assert_none_is_off(HuggingFace::open(&trained::metaspace(folder.path())).unwrap());
}

#[test]
fn none_is_off_with_word_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let builder = builder(HuggingFace::open(&trained::word_piece(folder.path())).unwrap());
    assert!(builder.joins_words());
    for length in (0..20).chain([100, 1_000]) {
        assert_exact(&builder, &builder.build(Tokens(length), &mut rng(length)).unwrap(), length);
    }
}

#[test]
fn texts_and_prefixes_are_exact_with_trained_vocabularies() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [trained::byte_level, trained::metaspace, trained::word_piece].map(|it| it(folder.path()));
    for path in paths {
        let builder = builder(HuggingFace::open(&path).unwrap());
        assert_shared(&builder, 20, 60);
        let builder = builder.with_corpus(texts(), 1);
        for length in (0..40).chain([100, 500]) {
            let prompt = builder.build(Tokens(length), &mut rng(length)).unwrap();
            assert_exact(&builder, &prompt, length);
        }
        assert_shared(&builder, 20, 60);
    }
}
