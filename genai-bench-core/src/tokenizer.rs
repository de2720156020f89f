//! Tokenizers that count tokens on the client: for prompts of exact length, and for outputs whose server reports no
//! count.

use std::fmt;

use crate::units::Tokens;

#[cfg(feature = "tokenizers")]
mod added_tokens;
#[cfg(feature = "tokenizers")]
mod bounds;
#[cfg(feature = "chat-template")]
mod chat_template;
#[cfg(feature = "tokenizers")]
mod file;
mod fingerprint;
#[cfg(feature = "tokenizers")]
mod hugging_face;
#[cfg(feature = "kitoken")]
mod kitoken;
mod load;
#[cfg(feature = "chat-template")]
mod python_jinja;
#[cfg(feature = "kitoken")]
mod same_ids;
mod source;
#[cfg(feature = "tiktoken")]
mod tekken;
#[cfg(feature = "tiktoken")]
mod tiktoken;
#[cfg(any(feature = "tokenizers", feature = "tiktoken"))]
mod whole_words;
mod words;

#[cfg(feature = "chat-template")]
pub use chat_template::{ChatTemplate, ChatTemplateError};
#[cfg(feature = "tokenizers")]
pub use hugging_face::HuggingFace;
#[cfg(feature = "kitoken")]
pub use kitoken::Kitoken;
pub use load::{LoadTokenizerError, load};
#[cfg(feature = "tiktoken")]
pub use tekken::Tekken;
#[cfg(feature = "tiktoken")]
pub use tiktoken::{Tiktoken, UnknownVocabulary, Vocabulary};
pub use words::Words;

/// An encoder of text into tokens.
///
/// ```
/// use genai_bench_core::tokenizer::{TokenizeError, Tokenizer};
/// use genai_bench_core::units::Tokens;
///
/// /// Every character is a token.
/// #[derive(Debug)]
/// struct Characters;
///
/// impl Tokenizer for Characters {
///     fn name(&self) -> &str {
///         "characters"
///     }
///     fn fingerprint(&self) -> String {
///         "every character is its code point".to_owned() // it has no file whose hash would say more
///     }
///     fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
///         Ok(text.chars().map(u32::from).collect())
///     }
///     fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
///         let char_of = |&id| char::from_u32(id).ok_or_else(|| TokenizeError::new("no such character"));
///         ids.iter().map(char_of).collect()
///     }
///     fn words(&self) -> Vec<String> {
///         ('a'..='z').map(String::from).collect()
///     }
/// }
///
/// assert_eq!(Characters.count("héllo")?, Tokens(5));
/// # Ok::<(), TokenizeError>(())
/// ```
pub trait Tokenizer: fmt::Debug + Send + Sync + 'static {
    /// Returns the name of the tokenizer, for reports and errors.
    fn name(&self) -> &str;

    /// Returns a fingerprint of the tokenizer: two with the same fingerprint encode every text into the same tokens.
    /// Those of core return the SHA-256, in hexadecimal digits, of everything that decides their counts.
    fn fingerprint(&self) -> String;

    /// Returns the tokens of `text`, without any that mark its beginning or end.
    ///
    /// # Errors
    ///
    /// When the text cannot be cut.
    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError>;

    /// Returns the text of `ids`.
    ///
    /// # Errors
    ///
    /// When there is no such token.
    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError>;

    /// Returns words, without spaces, that are likely to be one token each after a space. Prompts of exact length are
    /// made of these, after a check.
    fn words(&self) -> Vec<String>;

    /// Returns the number of tokens, such as one that marks the beginning, that a server adds to a bare text. Tokens
    /// of a chat template are not included.
    fn added_tokens(&self) -> Tokens {
        Tokens(0)
    }

    /// Returns `true` if counts are only estimates for any real model, as with a tokenizer that splits at white space.
    fn is_estimate(&self) -> bool {
        false
    }

    /// Returns the number of tokens of `text`.
    ///
    /// # Errors
    ///
    /// When the text cannot be cut.
    fn count(&self, text: &str) -> Result<Tokens, TokenizeError> {
        self.encode(text).map(|it| Tokens(it.len() as u64))
    }
}

/// The error of a text that cannot be encoded, or of unknown tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TokenizeError(String);

impl TokenizeError {
    /// Creates an error with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

#[cfg(test)]
pub(crate) mod tests;
