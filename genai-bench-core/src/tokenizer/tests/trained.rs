//! Small tokenizers, trained by the library that defines their format.

use std::path::{Path, PathBuf};

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::wordlevel::{WordLevel, WordLevelTrainer};
use tokenizers::models::wordpiece::{WordPiece, WordPieceTrainer};
use tokenizers::models::{ModelWrapper, TrainerWrapper};
use tokenizers::normalizers::{BertNormalizer, Prepend, Replace, Sequence as Normalizers};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::whitespace::WhitespaceSplit;
use tokenizers::{AddedToken, SplitDelimiterBehavior, Tokenizer};

use crate::rng::{Rng, Stream};

/// The pattern by which current byte-level vocabularies split text into words.
const WORDS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const VOCABULARY: usize = 3_000;

/// Returns texts of words of syllables, alone on a line and after others.
fn texts() -> Vec<String> {
    let mut rng = Rng::at(1, Stream::Content, 0, 0);
    let syllables =
        ["ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sha", "ter", "ing", "wo", "xy"];
    let mut word = || (0..rng.between(1, 3)).map(|_| syllables[rng.below(15) as usize]).collect::<String>();
    let words: Vec<String> = (0..800).map(|_| word()).collect();
    let mut texts = words.clone();
    texts.push(words.join(" "));
    texts.push(format!("x {}", words.join(" ")));
    texts.push("12 + 34 = 46; (a[0] != b) { return \"c\"; }\n\n    // Füße 你好".to_owned());
    texts
}

fn train(
    model: impl Into<ModelWrapper>,
    trainer: impl Into<TrainerWrapper>,
    prepare: fn(&mut Tokenizer),
) -> Tokenizer {
    let mut tokenizer = Tokenizer::new(model);
    prepare(&mut tokenizer);
    tokenizer.train(&mut trainer.into(), texts().into_iter()).unwrap();
    tokenizer
}

fn save(tokenizer: &Tokenizer, folder: &Path, name: &str) -> PathBuf {
    let folder = if name.is_empty() { folder.to_owned() } else { folder.join(name) };
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("tokenizer.json");
    tokenizer.save(&path, false).unwrap();
    path
}

fn bpe() -> BpeTrainer {
    let mut builder = BpeTrainer::builder().show_progress(false).vocab_size(VOCABULARY).min_frequency(1);
    builder = builder.initial_alphabet(ByteLevel::alphabet().into_iter().collect());
    builder.build()
}

fn cut_into_words(tokenizer: &mut Tokenizer) {
    let pattern = SplitPattern::Regex(WORDS.to_owned());
    let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false).unwrap();
    let bytes = ByteLevel::new(false, false, false);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![split.into(), bytes.into()])));
    tokenizer.with_decoder(Some(bytes));
    tokenizer.add_special_tokens([AddedToken::from("<|im_start|>", true)]).unwrap();
}

/// Creates a byte-pair tokenizer, with words split by a pattern, in `folder` itself.
pub(crate) fn byte_level(folder: &Path) -> PathBuf {
    save(&train(BPE::default(), bpe(), cut_into_words), folder, "")
}

/// Creates a tokenizer that writes spaces as `▁`, also before the first word, and falls back to bytes for unknown
/// text.
pub(crate) fn metaspace(folder: &Path) -> PathBuf {
    let bytes: Vec<AddedToken> =
        (0..=255).map(|it| AddedToken::from(format!("<0x{it:02X}>"), false)).collect();
    let mut trainer = BpeTrainer::builder().show_progress(false).vocab_size(VOCABULARY).min_frequency(1);
    trainer = trainer.special_tokens([vec![AddedToken::from("<unk>", true)], bytes].concat());
    let model =
        BPE::builder().byte_fallback(true).fuse_unk(true).unk_token("<unk>".to_owned()).build().unwrap();
    let tokenizer = train(model, trainer.build(), |tokenizer| {
        let parts = vec![Prepend::new("▁".to_owned()).into(), Replace::new(" ", "▁").unwrap().into()];
        tokenizer.with_normalizer(Some(Normalizers::new(parts))).unwrap();
        // Training needs words; reading does not.
        let split =
            Split::new(SplitPattern::String("▁".to_owned()), SplitDelimiterBehavior::MergedWithNext, false);
        tokenizer.with_pre_tokenizer(Some(split.unwrap()));
    });
    let path = save(&tokenizer, folder, "metaspace");
    let mut written: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    written["pre_tokenizer"] = serde_json::Value::Null;
    written["added_tokens"].as_array_mut().unwrap().truncate(1);
    written["decoder"] = serde_json::json!({"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0},
    ]});
    std::fs::write(&path, written.to_string()).unwrap();
    path
}

/// Creates a tokenizer of word pieces: those that do not begin a word are marked `##`.
pub(crate) fn word_piece(folder: &Path) -> PathBuf {
    let trainer = WordPieceTrainer::builder().show_progress(false).vocab_size(VOCABULARY).min_frequency(1);
    let trainer = trainer.special_tokens(vec![AddedToken::from("[UNK]", true)]).build();
    let tokenizer = train(WordPiece::default(), trainer, |tokenizer| {
        tokenizer.with_normalizer(Some(BertNormalizer::default())).unwrap();
        tokenizer.with_pre_tokenizer(Some(BertPreTokenizer));
    });
    save(&tokenizer, folder, "word_piece")
}

/// Creates a tokenizer of whole words only.
pub(crate) fn word_level(folder: &Path) -> PathBuf {
    let trainer = WordLevelTrainer::builder().show_progress(false).build().unwrap();
    let tokenizer = train(WordLevel::default(), trainer, |tokenizer| {
        tokenizer.with_pre_tokenizer(Some(WhitespaceSplit));
    });
    save(&tokenizer, folder, "word_level")
}
