//! Errors of building prompts.

use crate::tokenizer::TokenizeError;

/// The error of a prompt that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PromptError {
    /// The tokenizer failed.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(#[from] TokenizeError),
    /// The tokenizer has no words to make prompts of.
    #[error("the tokenizer {0} has no words to make prompts of")]
    NoWords(String),
    /// No prompt of the wanted length was found.
    #[error("no prompt of exactly {wanted} tokens was found with the tokenizer {tokenizer}")]
    NoSuchLength {
        /// The requested length, in tokens.
        wanted: u64,
        /// The name of the tokenizer.
        tokenizer: String,
    },
    /// A corpus without any text.
    #[error("the dataset has no text to make prompts of: give one with at least one row that is not blank")]
    EmptyCorpus,
    /// A shared prefix that leaves no token to distinguish prompts.
    #[error(
        "a shared prefix of {prefix} tokens does not fit into a prompt of {total}: it must be shorter than the \
         prompt, so {} at most here",
        total.saturating_sub(1)
    )]
    PrefixTooLong {
        /// The length of the prefix, in tokens.
        prefix: u64,
        /// The length of the prompt, in tokens.
        total: u64,
    },
    /// Blocks of a trace that have no token.
    #[error(
        "blocks of 0 tokens cannot make a prompt: give how many tokens the blocks of the trace have, such as 512"
    )]
    EmptyBlocks,
}
