//! Names of fields, headers and parameters whose values are secrets.

/// Texts that mark a secret wherever they stand in a name.
const PARTS: [&str; 5] = ["secret", "passw", "passphrase", "credential", "cookie"];
/// Texts that mark a secret at the end of a word of a name: `accessToken`, `X-Api-Key`, `apikey`.
const WORD_ENDS: [&str; 12] = [
    "token",
    "key",
    "keys",
    "auth",
    "authorization",
    "sig",
    "signature",
    "cred",
    "creds",
    "pwd",
    "bearer",
    "jwt",
];
/// Names that follow these rules and hold no secret: special tokens of vocabularies, names of kinds and of cached
/// prompts.
const EXCEPTIONS: [&str; 11] = [
    "bos_token",
    "cached_token",
    "cls_token",
    "eos_token",
    "mask_token",
    "pad_token",
    "prompt_cache_key",
    "sep_token",
    "stop_token",
    "token_type",
    "unk_token",
];
/// The last word of names that hold numbers of a vocabulary, such as `stop_token_ids`.
const NUMBERS: &str = "ids";

/// Returns `true` if the name of a field, a header or a parameter marks its value as a secret.
///
/// The rule covers kinds of names in any spelling (`access_token`, `accessToken`, `X-Access-Token`), with exceptions
/// for names of inference APIs that only look similar.
///
/// ```
/// use genai_bench_core::is_secret_name;
///
/// assert!(is_secret_name("X-Api-Key") && is_secret_name("accessToken"));
/// assert!(!is_secret_name("max_tokens") && !is_secret_name("tokenizer"));
/// ```
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if EXCEPTIONS.contains(&lower.as_str()) {
        return false;
    }
    if PARTS.iter().any(|part| lower.contains(part)) {
        return true;
    }
    let words = words(name);
    words.last().is_none_or(|last| last != NUMBERS) && words.iter().any(|word| is_secret_word(word))
}

/// Returns `true` if a word of a name marks a secret. Numbers behind it are ignored: `token2`.
fn is_secret_word(word: &str) -> bool {
    let word = word.trim_end_matches(|character: char| character.is_ascii_digit());
    WORD_ENDS.iter().any(|end| word.ends_with(end))
}

/// Returns the words of a name in small letters: `accessToken`, `access-token` and `access_token` have the same.
fn words(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut was_small = false;
    for character in name.chars() {
        if character.is_uppercase() && was_small {
            spaced.push(' ');
        }
        was_small = character.is_lowercase() || character.is_ascii_digit();
        spaced.push(if character.is_alphanumeric() { character.to_ascii_lowercase() } else { ' ' });
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_recognized_in_any_spelling() {
        for name in [
            "apiKey",
            "API_KEYS",
            "X-Api-Key",
            "x-apikey",
            "key2",
            "access_token",
            "accessToken",
            "x-my-token",
            "hf_token",
            "clientSecret",
            "sas_sig",
            "X-Amz-Signature",
            "Set-Cookie",
            "userPassword",
            "db_pwd",
            "pass_phrase_passphrase",
            "aws_credentials",
            "creds",
            "proxyAuth",
            "Authorization",
            "Proxy-Authorization",
            "bearer",
            "id_jwt",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn names_that_only_look_like_secrets_are_not() {
        for name in [
            "max_tokens",
            "max_completion_tokens",
            "min_tokens",
            "maxOutputTokens",
            "token_type",
            "tokenizer",
            "tokenize",
            "keep_alive",
            "author",
            "authors",
            "stop_token_ids",
            "eos_token",
            "Mask_Token",
            "design",
            "keyword",
            "keyboard",
            "top_k",
            "prompt_cache_key",
            "signal",
            "passage",
            "content-type",
            "x-request-id",
            "",
            "-",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
