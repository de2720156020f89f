//! A cache of prompts' beginnings, as servers keep one: what was read before is not read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::blocks::PromptBlocks;
use crate::simulator::settings::Settings;

/// The blocks that were used last, up to a number of them.
///
/// Of one text the last block counts as used first: an end leaves the cache before its beginning, without which
/// it could not be found.
#[derive(Debug)]
pub(in crate::simulator) struct PrefixCache {
    block_tokens: u64,
    most_blocks: usize,
    used: Mutex<UsedBlocks>,
}

#[derive(Debug, Default)]
struct UsedBlocks {
    /// When each block was last used, in uses.
    when: HashMap<u64, u64>,
    /// The block of each use that was the last of its block.
    order: BTreeMap<u64, u64>,
    uses: u64,
}

impl PrefixCache {
    /// The cache of a server with these settings, if it has one.
    pub(in crate::simulator) fn new(settings: &Settings) -> Option<Arc<Self>> {
        let block_tokens = u64::from(settings.prefix_block_tokens.get());
        let most_blocks = usize::try_from(settings.prefix_cache_tokens / block_tokens).unwrap_or(usize::MAX);
        let used = Mutex::default();
        (most_blocks > 0).then(|| Arc::new(Self { block_tokens, most_blocks, used }))
    }

    /// How many tokens of a text it holds, from its beginning.
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

/// How many tokens of one prompt the cache held. Known when the prompt begins to be read, 0 until then.
#[derive(Clone, Debug, Default)]
pub(in crate::simulator) struct CachedTokens(Arc<AtomicU64>);

impl CachedTokens {
    pub(in crate::simulator) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// One prompt and its answer, on their way through the cache.
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

    /// The prompt begins to be read: so many of its tokens need not be.
    pub(in crate::simulator) fn look_up(&self) -> u64 {
        let cached = self.cache.look_up(self.prompt.blocks());
        self.cached.0.store(cached, Ordering::Relaxed);
        cached
    }

    /// The prompt has been read.
    pub(in crate::simulator) fn insert_prompt(&self) {
        self.cache.insert(self.prompt.blocks());
    }

    /// It has been answered with so many tokens.
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
    fn it_holds_the_beginning_that_was_put_in() {
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
    fn what_was_not_used_for_longest_goes_first_and_ends_before_beginnings() {
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
