//! The tokens that a server adds to a bare text when it encodes it.

use std::path::Path;

use serde::Deserialize;
use tokenizers::PostProcessor;
use tokenizers::processors::PostProcessorWrapper;

use crate::files::byte_order_mark;
use crate::units::Tokens;

/// The classes whose post-processor is derived from the settings, not from the `tokenizer.json`.
const BY_SETTINGS: [&str; 3] = ["Llama", "CodeLlama", "Gemma"];

/// The part of a `tokenizer.json` that adds tokens.
#[derive(Default, Deserialize)]
struct PostProcessed {
    #[serde(default)]
    post_processor: Option<PostProcessorWrapper>,
}

/// The settings of a `tokenizer_config.json` that add tokens.
#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    tokenizer_class: Option<String>,
    #[serde(default)]
    add_bos_token: Option<bool>,
    #[serde(default)]
    add_eos_token: Option<bool>,
}

/// Returns the number of tokens that the tokenizer in `folder`, whose `tokenizer.json` is `json`, adds to a text: as
/// transformers does, and with it the servers that count completions and embeddings.
pub(super) fn added_tokens(json: &[u8], folder: &Path) -> Tokens {
    let config = std::fs::read(folder.join("tokenizer_config.json")).unwrap_or_default();
    // Settings that cannot be read say nothing; whoever needs the chat template is told.
    let settings: Settings = serde_json::from_slice(byte_order_mark::strip(&config)).unwrap_or_default();
    if let Some(tokens) = by_settings(&settings) {
        return tokens;
    }
    let processed: PostProcessed = serde_json::from_slice(json).unwrap_or_default();
    Tokens(processed.post_processor.map_or(0, |processor| processor.added_tokens(false)) as u64)
}

/// Returns the number of tokens that the settings add; `None` where they do not decide it.
fn by_settings(settings: &Settings) -> Option<Tokens> {
    let class = settings.tokenizer_class.as_deref()?;
    let family = class.strip_suffix("Fast").unwrap_or(class).strip_suffix("Tokenizer")?;
    if !BY_SETTINGS.contains(&family) || settings.add_bos_token.or(settings.add_eos_token).is_none() {
        return None;
    }
    let (begins, ends) = (settings.add_bos_token.unwrap_or(true), settings.add_eos_token.unwrap_or(false));
    Some(Tokens(u64::from(begins) + u64::from(ends)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGINNING: &str = r#"{"model": 1, "post_processor": {"type": "TemplateProcessing", "single": [
        {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [
        {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}}}}"#;
    const BERT: &str =
        r#"{"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]}}"#;
    const BYTES: &str = r#"{"post_processor": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": true}}"#;

    #[test]
    fn tokens_are_added_by_the_post_processor_or_by_the_settings() {
        let cases = [
            (BEGINNING, "", 1),
            (BEGINNING, r#"{"tokenizer_class": "PreTrainedTokenizerFast", "add_bos_token": true}"#, 1),
            (BEGINNING, r#"{"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": false}"#, 0),
            (BEGINNING, r#"{"tokenizer_class": "LlamaTokenizer"}"#, 1),
            (BERT, "", 2),
            (BYTES, "", 0),
            (BYTES, "\u{feff}{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": true}", 1),
            (
                BYTES,
                r#"{"tokenizer_class": "GemmaTokenizer", "add_bos_token": true, "add_eos_token": true}"#,
                2,
            ),
            (BYTES, r#"{"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": false}"#, 0),
            (r#"{"post_processor": null}"#, "", 0),
            ("{}", "", 0),
        ];
        for (json, config, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            if !config.is_empty() {
                std::fs::write(folder.path().join("tokenizer_config.json"), config).unwrap();
            }
            assert_eq!(added_tokens(json.as_bytes(), folder.path()).0, expected, "{json} {config}");
        }
    }
}
