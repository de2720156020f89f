//! Bounds on the work of a `tokenizer.json`: the file is a program of small steps from an untrusted author.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

/// The maximum growth of a text by all steps together: those of well-known models make it 256 times as long at most,
/// and only for texts made of one rare letter.
const MOST_GROWTH: u64 = 4_096;
/// The maximum number of steps of a normalizer, a pre-tokenizer or a decoder: well-known models have 10.
const MOST_STEPS: u64 = 64;
/// The maximum number of bytes that a step adds to the front of a text, or a model to the ends of a word.
const MOST_AFFIX: usize = 256;
/// The maximum number of added tokens: well-known models have up to 150,000.
const MOST_ADDED: usize = 500_000;
/// The maximum size of all added tokens in bytes: they are compiled into an automaton that is many times as large.
const MOST_ADDED_BYTES: usize = 16 << 20;
/// The maximum number of letters of a word that is split into pieces of each length.
const LONGEST_WORD: u64 = 10_000;

/// The parts of a `tokenizer.json` that decide the work and the memory for a text.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parts<'a> {
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    decoder: Option<Value>,
    #[serde(borrow)]
    added_tokens: Vec<AddedToken<'a>>,
    #[serde(borrow)]
    model: Option<Model<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AddedToken<'a> {
    #[serde(borrow)]
    content: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Model<'a> {
    #[serde(borrow)]
    continuing_subword_prefix: Option<Cow<'a, str>>,
    #[serde(borrow)]
    end_of_word_suffix: Option<Cow<'a, str>>,
    max_input_chars_per_word: Option<u64>,
}

/// Checks a `tokenizer.json` before it is used. One that is not JSON, or of another structure, is left to its reader.
///
/// # Errors
///
/// When a short text could take all memory: the reason.
pub(super) fn check(json: &[u8]) -> Result<(), String> {
    let Ok(parts) = serde_json::from_slice::<Parts<'_>>(json) else { return Ok(()) };
    let into_tokens =
        growth_of(&[("normalizer", &parts.normalizer), ("pre_tokenizer", &parts.pre_tokenizer)])?;
    let into_text = growth_of(&[("decoder", &parts.decoder)])?;
    for (name, growth) in [("normalizer", into_tokens), ("decoder", into_text)] {
        if growth > MOST_GROWTH {
            return Err(format!(
                "its {name} can make a text {growth} times as long: {MOST_GROWTH} times is the most"
            ));
        }
    }
    let count = parts.added_tokens.len();
    let bytes: usize = parts.added_tokens.iter().map(|token| token.content.len()).sum();
    if count > MOST_ADDED || bytes > MOST_ADDED_BYTES {
        return Err(format!(
            "it has {count} added tokens of {bytes} bytes: {MOST_ADDED} of {MOST_ADDED_BYTES} bytes are the most"
        ));
    }
    parts.model.map_or(Ok(()), |model| check_model(&model))
}

fn check_model(model: &Model<'_>) -> Result<(), String> {
    let affixes = [
        ("continuing_subword_prefix", &model.continuing_subword_prefix),
        ("end_of_word_suffix", &model.end_of_word_suffix),
    ];
    for (name, affix) in affixes {
        let bytes = affix.as_ref().map_or(0, |affix| affix.len());
        if bytes > MOST_AFFIX {
            return Err(format!("{name} of its model has {bytes} bytes: {MOST_AFFIX} are the most"));
        }
    }
    match model.max_input_chars_per_word {
        Some(letters) if letters > LONGEST_WORD => {
            Err(format!("max_input_chars_per_word of its model is {letters}: {LONGEST_WORD} is the most"))
        }
        _ => Ok(()),
    }
}

/// Returns the maximum growth of a text by all of `parts`, as a factor.
fn growth_of(parts: &[(&str, &Option<Value>)]) -> Result<u64, String> {
    let mut growth = 1_u64;
    for (name, part) in parts {
        let mut steps = 0;
        let part = part.as_ref().map_or(Ok(1), |part| growth_of_step(part, &mut steps));
        growth = growth.saturating_mul(part.map_err(|problem| format!("its {name}: {problem}"))?);
    }
    Ok(growth)
}

/// Returns the maximum growth of a text by a step, or by each step of a sequence, as a factor, and counts steps.
fn growth_of_step(step: &Value, steps: &mut u64) -> Result<u64, String> {
    *steps += 1;
    if *steps > MOST_STEPS {
        return Err(format!("more than {MOST_STEPS} steps"));
    }
    match step["type"].as_str().unwrap_or_default() {
        "Sequence" => {
            let lists = ["normalizers", "pretokenizers", "decoders"].map(|name| step[name].as_array());
            let mut growth = 1_u64;
            for step in lists.into_iter().flatten().flatten() {
                growth = growth.saturating_mul(growth_of_step(step, steps)?);
            }
            Ok(growth)
        }
        "Replace" => {
            let content = step["content"].as_str().map_or(0, str::len) as u64;
            let pattern = step["pattern"]["String"].as_str().map_or(0, str::len) as u64;
            // A regular expression, or an empty text, may be found at every place.
            Ok(if pattern == 0 { content + 1 } else { content.div_ceil(pattern).max(1) })
        }
        "Prepend" => match step["prepend"].as_str().map_or(0, str::len) {
            bytes if bytes > MOST_AFFIX => {
                Err(format!("Prepend of {bytes} bytes: {MOST_AFFIX} are the most"))
            }
            _ => Ok(1),
        },
        "Precompiled" => Ok(longest_entry(step["precompiled_charsmap"].as_str().unwrap_or_default()).max(1)),
        // Each byte becomes a letter of two bytes at most.
        "ByteLevel" => Ok(2),
        // A space becomes a letter.
        "Metaspace" => Ok(4),
        _ => Ok(1),
    }
}

/// Returns the length in bytes of the longest replacement of a letter in a map of sentencepiece, which has the length
/// of a trie, the trie, and the replacements with a NUL after each.
fn longest_entry(map: &str) -> u64 {
    let Ok(bytes) = STANDARD.decode(map) else { return 1 };
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else { return 1 };
    let texts = rest.get(u32::from_le_bytes(*length) as usize..).unwrap_or_default();
    texts.split(|byte| *byte == 0).map(<[u8]>::len).max().unwrap_or(1) as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(json: &Value) -> Result<(), String> {
        check(json.to_string().as_bytes())
    }

    fn charsmap(texts: &[u8]) -> Value {
        let map = STANDARD.encode([&4_u32.to_le_bytes()[..], &[0; 4], texts].concat());
        json!({"type": "Precompiled", "precompiled_charsmap": map})
    }

    fn replace(pattern: &str, content: &str) -> Value {
        json!({"type": "Replace", "pattern": {"String": pattern}, "content": content})
    }

    #[test]
    fn steps_of_well_known_models_are_within_bounds() {
        let regex = json!({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"});
        let normalizers = json!([{"type": "NFKC"}, {"type": "Prepend", "prepend": "▁"}, replace(" ", "▁"), regex, charsmap(&[b'x'; 33])]);
        let tokenizer = json!({
            "normalizer": {"type": "Sequence", "normalizers": normalizers},
            "pre_tokenizer": {"type": "Metaspace", "replacement": "▁"},
            "decoder": {"type": "Sequence", "decoders": [replace("▁", " "), {"type": "Fuse"}]},
            "added_tokens": [{"content": "<s>"}],
            "model": {"type": "WordPiece", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
        });
        assert_eq!(checked(&tokenizer), Ok(()));
        assert_eq!(check(b"no JSON"), Ok(()));
        assert_eq!(check(br#"{"normalizer": null, "model": {"continuing_subword_prefix": null}}"#), Ok(()));
    }

    #[test]
    fn steps_that_multiply_a_text_are_refused() {
        let long = "x".repeat(5_000);
        let nested =
            |step: &Value| json!({"type": "Sequence", "normalizers": [step, step, step, step, step]});
        let thrice = nested(&nested(&nested(&replace("a", "aa"))));
        for (normalizer, problem) in [
            (replace("a", &long), "5000 times"),
            (replace("", &long), "5001 times"),
            (json!({"type": "Replace", "pattern": {"Regex": "$"}, "content": long}), "5001 times"),
            (nested(&replace("a", &long[..8])), "32768 times"),
            (thrice, "more than 64 steps"),
            (
                nested(
                    &json!({"type": "Sequence", "normalizers": [{"type": "ByteLevel"}, {"type": "ByteLevel"}, {"type": "ByteLevel"}]}),
                ),
                "32768 times",
            ),
            (json!({"type": "Prepend", "prepend": long}), "Prepend of 5000 bytes"),
            (charsmap(long.as_bytes()), "5000 times"),
        ] {
            let refused = checked(&json!({"normalizer": normalizer})).unwrap_err();
            assert!(refused.contains(problem), "{refused}");
        }
        let decoder = json!({"type": "Sequence", "decoders": [replace("", &long)]});
        assert!(checked(&json!({"decoder": decoder})).unwrap_err().contains("its decoder"));
    }

    #[test]
    fn models_and_added_tokens_without_measure_are_refused() {
        let long = "x".repeat(5_000);
        for model in [
            json!({"end_of_word_suffix": long}),
            json!({"continuing_subword_prefix": long}),
            json!({"max_input_chars_per_word": 1_000_000_000}),
        ] {
            assert!(checked(&json!({"model": model})).is_err());
        }
        let many = format!("{{\"added_tokens\": [{}{{}}]}}", "{},".repeat(MOST_ADDED));
        assert!(check(many.as_bytes()).unwrap_err().contains("500001 added tokens"));
    }
}
