//! Prompts of an exact number of tokens, of random words or of given texts, with or without a shared prefix.

mod builder;
mod corpus;
mod error;
mod exact_length;
mod prefix_cache;
mod prefixed_prompt;
mod shared_prefixes;
mod token_blocks;
mod unique_markers;
mod word_pool;

pub use builder::PromptBuilder;
pub use error::PromptError;
pub use shared_prefixes::{Popularity, PrefixLength, PrefixSpecError, SharedPrefixes, SharedPrompt};
