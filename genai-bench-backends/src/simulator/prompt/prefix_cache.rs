//! A cache of the prefixes of prompts, as inference servers have one.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blocks::PromptBlocks;
use crate::simulator::settings::Settings;

/// The most recently used blocks, up to a number of them.
///
/// Within one text the last block counts as used first: the end of a text leaves the cache before its
/// beginning, without which the end could not be found.
#[derive(Debug)]
pub(in crate::simulator) struct PrefixCache {
    block_tokens: u64,
    most_blocks: usize,
    used: Mutex<UsedBlocks>,
}

#[derive(Debug, Default)]
struct UsedBlocks {
    /// The last use of each block, as a number of uses.
    when: HashMap<u64, u64>,
    /// The blocks in the order of their last uses.
    order: BTreeMap<u64, u64>,
    uses: u64,
}

impl PrefixCache {
    /// Creates the cache of a server with these settings, if it caches prompts.
    pub(in crate::simulator) fn new(settings: &Settings) -> Option<Arc<Self>> {
        let block_tokens = u64::from(settings.prefix_block_tokens.get());
        let most_blocks = usize::try_from(settings.prefix_cache_tokens / block_tokens).unwrap_or(usize::MAX);
        let used = Mutex::default();
        (most_blocks > 0).then(|| Arc::new(Self { block_tokens, most_blocks, used }))
    }

    /// Returns the number of tokens of a text that the cache holds, from its beginning.
    fn look_up(&self, blocks: &[u64]) -> u64 {
        let mut used = self.lock();
        let held = blocks.iter().take_while(|it| used.when.contains_key(it)).count();
        used.touch(&blocks[..held]);
        held as u64 * self.block_tokens
    }

    fn insert(&self, blocks: &[u64]) {
        let mut used = self.lock();
        used.touch(blocks);
        while used.when.len() > self.most_blocks {
            let (_, oldest) = used.order.pop_first().expect("every block has a last use");
            used.when.remove(&oldest);
        }
    }

    pub(in crate::simulator) fn clear(&self) {
        *self.lock() = UsedBlocks::default();
    }

    fn lock(&self) -> MutexGuard<'_, UsedBlocks> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UsedBlocks {
    fn touch(&mut self, blocks: &[u64]) {
        for block in blocks.iter().rev() {
            self.uses += 1;
            if let Some(before) = self.when.insert(*block, self.uses) {
                self.order.remove(&before);
            }
            self.order.insert(self.uses, *block);
        }
    }
}

/// The number of tokens of one prompt that the cache held: 0 until the prompt begins to be read.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct CachedTokens(Arc<AtomicU64>);

impl CachedTokens {
    pub(in crate::simulator) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The entry of one prompt and its answer in the cache.
#[derive(Debug)]
pub(in crate::simulator) struct CachedPrompt {
    cache: Arc<PrefixCache>,
    prompt: PromptBlocks,
    pub(in crate::simulator) cached: CachedTokens,
}

impl CachedPrompt {
    pub(in crate::simulator) fn new(cache: &Arc<PrefixCache>, prompt: PromptBlocks) -> Self {
        Self { cache: Arc::clone(cache), prompt, cached: CachedTokens::default() }
    }

    /// Looks up the prompt as it begins to be read, and returns the number of its tokens that are cached.
    pub(in crate::simulator) fn look_up(&self) -> u64 {
        let cached = self.cache.look_up(self.prompt.blocks());
        self.cached.0.store(cached, Ordering::Relaxed);
        cached
    }

    /// Inserts the prompt, which has been read.
    pub(in crate::simulator) fn insert_prompt(&self) {
        self.cache.insert(self.prompt.blocks());
    }

    /// Inserts the answer of `tokens` tokens.
    pub(in crate::simulator) fn insert_answer(&mut self, tokens: u64) {
        self.prompt.push_answer(tokens);
        self.cache.insert(self.prompt.blocks());
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn cache(prefix_cache_tokens: u64) -> Arc<PrefixCache> {
        let prefix_block_tokens = NonZeroU32::new(4).unwrap();
        let settings = Settings { prefix_cache_tokens, prefix_block_tokens, ..Settings::instant() };
        PrefixCache::new(&settings).unwrap()
    }

    #[test]
    fn the_inserted_prefix_is_found() {
        let cache = cache(100);
        assert_eq!(cache.look_up(&[1, 2, 3]), 0);
        cache.insert(&[1, 2, 3]);
        let held =
            [&[1, 2, 3][..], &[1, 2, 3, 4], &[1, 2, 9], &[1], &[9, 2], &[]].map(|it| cache.look_up(it));
        assert_eq!(held, [12, 12, 8, 4, 0, 0]);
        cache.clear();
        assert_eq!(cache.look_up(&[1, 2, 3]), 0);
    }

    #[test]
    fn the_least_recently_used_goes_first_and_ends_go_before_beginnings() {
        let cache = cache(16); // four blocks
        cache.insert(&[1, 2]);
        cache.insert(&[1, 3]);
        cache.insert(&[5, 6]);
        assert_eq!([&[1, 2][..], &[1, 3], &[5, 6]].map(|it| cache.look_up(it)), [4, 8, 8]);
        cache.look_up(&[5, 6]);
        cache.insert(&[7]);
        assert_eq!([&[5, 6][..], &[7], &[1, 3]].map(|it| cache.look_up(it)), [8, 4, 4]);
        cache.insert(&[11, 12, 13, 14, 15, 16]);
        assert_eq!(cache.look_up(&[11, 12, 13, 14, 15, 16]), 16, "as much of its beginning as there is room");
        assert_eq!(cache.lock().when.len(), 4);
        assert_eq!(cache.lock().order.len(), 4);
    }
}
