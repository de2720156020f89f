//! The blocks of a text, each identified by the hash of the text up to its end.

use std::num::NonZeroU32;

use crate::simulator::random::mix;
use crate::simulator::tokens::word;

/// A text cut into blocks of equal numbers of tokens. Two texts share a block if everything before its end
/// is the same.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct PromptBlocks {
    block_tokens: u32,
    /// The hash of the text so far.
    state: u64,
    /// The number of tokens after the last whole block.
    rest: u32,
    /// The whole blocks.
    blocks: Vec<u64>,
}

impl PromptBlocks {
    /// Creates an empty text for `model`: models share no blocks.
    pub(in crate::simulator) fn new(model: &str, block_tokens: NonZeroU32) -> Self {
        let state = mix(hash(model.as_bytes()));
        Self { block_tokens: block_tokens.get(), state, rest: 0, blocks: Vec::new() }
    }

    /// Adds something that is no token but makes the text after it a different one.
    pub(in crate::simulator) fn mark(&mut self, mark: &str) {
        // The hash is rotated, so that a mark differs from a token with the same word.
        self.state = mix(self.state.rotate_left(1) ^ hash(mark.as_bytes()));
    }

    /// Adds one token.
    pub(in crate::simulator) fn push(&mut self, token: &[u8]) {
        self.state = mix(self.state ^ hash(token));
        self.rest += 1;
        if self.rest == self.block_tokens {
            self.rest = 0;
            self.blocks.push(self.state);
        }
    }

    /// Adds an answer of `tokens` tokens.
    pub(in crate::simulator) fn push_answer(&mut self, tokens: u64) {
        (0..tokens).for_each(|index| self.push(word(index).as_bytes()));
    }

    pub(in crate::simulator) fn blocks(&self) -> &[u64] {
        &self.blocks
    }
}

/// Returns the 64-bit FNV-1a hash (Fowler, Noll and Vo).
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(model: &str, text: &str) -> Vec<u64> {
        let mut chain = PromptBlocks::new(model, NonZeroU32::new(2).unwrap());
        for word in text.split(' ') {
            match word.strip_prefix('#') {
                Some(mark) => chain.mark(mark),
                None => chain.push(word.as_bytes()),
            }
        }
        chain.blocks
    }

    #[test]
    fn texts_share_the_blocks_before_their_difference() {
        let whole = chain("m", "a b c d e");
        assert_eq!(whole.len(), 2, "half a block is none");
        assert_eq!(chain("m", "a b c d x y"), [whole[0], whole[1], chain("m", "a b c d x y")[2]]);
        assert_eq!(chain("m", "a b x d")[0], whole[0]);
        for other in ["b a c d", "x b c d", "a #b c d", "#a a b c d", "a #c b c d"] {
            assert_ne!(chain("m", other)[0], whole[0], "{other}");
        }
        assert_ne!(chain("m", "x b c d")[1], whole[1], "the same block after another one is not the same");
        assert_ne!(chain("n", "a b"), chain("m", "a b"));
    }
}
