//! Errors of building prompts.

use crate::tokenizer::TokenizeError;

/// A prompt that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(#[from] TokenizeError),
    /// The tokenizer has no words that prompts could be made of.
    #[error("the tokenizer {0} has no words to make prompts of")]
    NoWords(String),
    /// No prompt of the wanted length was found.
    #[error("no prompt of exactly {wanted} tokens was found with the tokenizer {tokenizer}")]
    NoSuchLength {
        /// How long it should be.
        wanted: u64,
        /// By which tokenizer.
        tokenizer: String,
    },
    /// Prompts should be made of texts, but there is none.
    #[error("the dataset has no text to make prompts of: give one with at least one row that is not blank")]
    EmptyCorpus,
    /// A shared prefix leaves no room for what tells prompts apart.
    #[error(
        "a shared prefix of {prefix} tokens does not fit into a prompt of {total}: it must be shorter than the \
         prompt, so {} at most here",
        total.saturating_sub(1)
    )]
    PrefixTooLong {
        /// How long the prefix should be, in tokens.
        prefix: u64,
        /// How long the prompt should be, in tokens.
        total: u64,
    },
    /// Blocks of a trace without any token.
    #[error(
        "blocks of 0 tokens cannot make a prompt: give how many tokens the blocks of the trace have, such as 512"
    )]
    EmptyBlocks,
}
