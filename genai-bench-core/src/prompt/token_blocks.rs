//! Prompts made of numbered blocks, for traces that record the blocks that requests share.

use super::{PromptBuilder, PromptError};
use crate::rng::{Rng, Stream};
use crate::units::Tokens;

/// The seed of the words of blocks, independent of all other draws under the same seed: "block" in ASCII.
const BLOCKS: u64 = 0x62_6c6f_636b;

impl PromptBuilder {
    /// Builds a text of exactly `total` tokens, whose consecutive blocks of `block` tokens are determined by `ids`.
    ///
    /// The words of a block are a function of `seed` and its id, so prompts that begin with the same ids begin
    /// with the same bytes. The last block is cut to what is left of `total`; what `total` has beyond the ids
    /// is filled with words of `rng`. Blocks are words, whatever else prompts are made of.
    ///
    /// With a vocabulary without whole words, blocks begin and end within a few tokens of where they should;
    /// With a vocabulary without whole words, blocks begin and end within a few tokens of their position; the total is
    /// exact.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use genai_bench_core::rng::{Rng, Stream};
    /// # use genai_bench_core::prompt::PromptBuilder;
    /// # use genai_bench_core::tokenizer::{Tokenizer, Words};
    /// # use genai_bench_core::units::Tokens;
    /// let builder = PromptBuilder::new(Arc::new(Words))?;
    /// let replay = |ids: &[u64], total| builder.blocks(ids, Tokens(16), Tokens(total), 42, &mut Rng::at(1, Stream::Content, 0, total));
    /// let (a, b) = (replay(&[7, 8, 9], 40)?, replay(&[7, 8, 5], 48)?);
    /// let words = |text: &str, count| text.split(' ').take(count).collect::<Vec<_>>().join(" ");
    /// assert_eq!(words(&a, 32), words(&b, 32));
    /// assert_eq!(Words.count(&a)?, Tokens(40));
    /// # Ok::<(), genai_bench_core::prompt::PromptError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When `block` is 0, or no such text was found.
    pub fn blocks(
        &self,
        ids: &[u64],
        block: Tokens,
        total: Tokens,
        seed: u64,
        rng: &mut Rng,
    ) -> Result<String, PromptError> {
        if block.0 == 0 {
            return Err(PromptError::EmptyBlocks);
        }
        let is_exact = self.pool.is_exact();
        let (mut text, mut left) = (String::new(), total.0);
        for id in ids {
            if left == 0 {
                break;
            }
            let length = if is_exact { block.0.min(left) } else { block.0 };
            let words = self.block(*id, length, seed)?;
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&words);
            left = left.saturating_sub(length);
        }
        if is_exact {
            self.pool.draw_onto(&mut text, left, rng);
            return Ok(text);
        }
        if total.0 == 0 { Ok(text) } else { self.fit_words().fit(&text, 0, total.0, rng) }
    }

    /// Returns the words of block `id`. A shorter block is the beginning of a longer one.
    fn block(&self, id: u64, length: u64, seed: u64) -> Result<String, PromptError> {
        let mut rng = Rng::at(seed, Stream::Content, BLOCKS, id);
        if self.pool.is_exact() {
            return Ok(self.pool.draw(length, &mut rng));
        }
        self.fit_words().fit("", 0, length, &mut rng)
    }
}
