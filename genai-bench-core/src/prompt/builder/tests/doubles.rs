//! Tokenizers with unusual words.

use crate::tokenizer::{TokenizeError, Tokenizer};

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|&it| it.to_owned()).collect()
}

/// The text of `ids` is never asked for.
fn no_text() -> Result<String, TokenizeError> {
    Err(TokenizeError::new("these tokens have no text"))
}

/// Pairs of letters are tokens, spaces are dropped: a word has as many tokens as its length needs.
#[derive(Debug)]
pub(crate) struct Pairs;

impl Tokenizer for Pairs {
    fn name(&self) -> &'static str {
        "pairs"
    }
    fn fingerprint(&self) -> String {
        "pairs".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let pairs = |word: &str| {
            let pair = |it: &[u8]| it.iter().fold(0, |id, byte| id * 256 + u32::from(*byte));
            word.as_bytes().chunks(2).map(pair).collect::<Vec<_>>()
        };
        Ok(text.split_whitespace().flat_map(pairs).collect())
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        no_text()
    }
    fn words(&self) -> Vec<String> {
        owned(&["ab", "cd", "abc", "abcde", "x"])
    }
}

/// Repeated pairs merge, so that a joined text is shorter than its words are one by one.
#[derive(Debug)]
pub(crate) struct Odd;

impl Tokenizer for Odd {
    fn name(&self) -> &'static str {
        "odd"
    }
    fn fingerprint(&self) -> String {
        "odd".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let mut ids = Pairs.encode(text)?;
        ids.dedup();
        Ok(ids)
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        no_text()
    }
    fn words(&self) -> Vec<String> {
        owned(&["abcd", "cdab", "efgh"])
    }
}

/// Every character is a token, spaces too.
#[derive(Debug)]
pub(crate) struct Characters;

impl Tokenizer for Characters {
    fn name(&self) -> &'static str {
        "characters"
    }
    fn fingerprint(&self) -> String {
        "characters".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        Ok(text.chars().map(u32::from).collect())
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        no_text()
    }
    fn words(&self) -> Vec<String> {
        owned(&["the", "of", "and", "a"])
    }
}

/// Every byte is a token: some characters are several.
#[derive(Debug)]
pub(crate) struct Bytes;

impl Tokenizer for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }
    fn fingerprint(&self) -> String {
        "bytes".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        Ok(text.bytes().map(u32::from).collect())
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        no_text()
    }
    fn words(&self) -> Vec<String> {
        owned(&["你好", "世界", "道"])
    }
}

/// Every three letters and what is left of a word are tokens, and so is a space.
#[derive(Debug)]
pub(crate) struct Threes;

impl Tokenizer for Threes {
    fn name(&self) -> &'static str {
        "threes"
    }
    fn fingerprint(&self) -> String {
        "threes".to_owned()
    }
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let mut ids = Vec::new();
        for (number, word) in text.split(char::is_whitespace).enumerate() {
            if number > 0 {
                ids.push(0);
            }
            let letters: Vec<char> = word.chars().collect();
            let id = |it: &[char]| it.iter().fold(0, |id: u32, it| id.wrapping_mul(131) + u32::from(*it));
            ids.extend(letters.chunks(3).map(id));
        }
        Ok(ids)
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        no_text()
    }
    fn words(&self) -> Vec<String> {
        owned(&["abc", "defg", "hijkl"])
    }
}

/// Has no words at all.
#[derive(Debug)]
pub(crate) struct Mute;

impl Tokenizer for Mute {
    fn name(&self) -> &'static str {
        "mute"
    }
    fn fingerprint(&self) -> String {
        "mute".to_owned()
    }
    fn encode(&self, _: &str) -> Result<Vec<u32>, TokenizeError> {
        Ok(Vec::new())
    }
    fn decode(&self, _: &[u32]) -> Result<String, TokenizeError> {
        Ok(String::new())
    }
    fn words(&self) -> Vec<String> {
        Vec::new()
    }
}
