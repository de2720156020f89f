//! What a prompt is made of, counted as it is read.

mod blocks;
mod prefix_cache;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use self::blocks::PromptBlocks;
pub(super) use self::prefix_cache::{CachedPrompt, CachedTokens, PrefixCache};
use super::settings::Settings;
use super::tokens;

/// How many things other than text a request showed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaCount {
    /// Pictures.
    pub images: u32,
    /// Videos.
    pub videos: u32,
    /// Recordings of sound.
    pub audios: u32,
}

/// Something in a prompt that is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Image,
    Video,
    Audio,
}

/// A prompt: how many tokens it has, and its blocks when prompts are cached.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) tokens: u64,
    pub(super) media: MediaCount,
    /// Tokens of a picture, a video and a recording.
    media_tokens: [u32; 3],
    /// None when prompts are not cached.
    blocks: Option<PromptBlocks>,
}

impl Prompt {
    /// An empty prompt for `model`, which may be `cached` if the server does that.
    pub(super) fn new(settings: &Settings, model: &str, cached: bool) -> Self {
        let cached = cached && settings.prefix_cache_tokens > 0;
        Self {
            tokens: 0,
            media: MediaCount::default(),
            media_tokens: [settings.tokens_per_image, settings.tokens_per_video, settings.tokens_per_audio],
            blocks: cached.then(|| PromptBlocks::new(model, settings.prefix_block_tokens)),
        }
    }

    /// Who speaks from here on. It is no token, but the same words of another speaker are another prompt.
    pub(super) fn role(&mut self, role: &str) {
        if let Some(blocks) = &mut self.blocks {
            blocks.mark(role);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        match &mut self.blocks {
            None => self.tokens += tokens::count(text),
            Some(blocks) => {
                for word in text.split_whitespace() {
                    blocks.push(word.as_bytes());
                    self.tokens += 1;
                }
            }
        }
    }

    pub(super) fn ids(&mut self, ids: &[Value]) {
        self.tokens += ids.len() as u64;
        if let Some(blocks) = &mut self.blocks {
            ids.iter().filter_map(Value::as_u64).for_each(|id| blocks.push(&id.to_le_bytes()));
        }
    }

    /// So many tokens that are the same in every request.
    pub(super) fn constant(&mut self, tokens: u32) {
        self.tokens += u64::from(tokens);
        if let Some(blocks) = &mut self.blocks {
            (0..tokens).for_each(|_| blocks.push(b""));
        }
    }

    /// A picture, video or recording; `source` is its URL or all of it.
    pub(super) fn medium(&mut self, medium: Medium, source: &str) {
        let (count, tokens) = match medium {
            Medium::Image => (&mut self.media.images, self.media_tokens[0]),
            Medium::Video => (&mut self.media.videos, self.media_tokens[1]),
            Medium::Audio => (&mut self.media.audios, self.media_tokens[2]),
        };
        *count += 1;
        self.tokens += u64::from(tokens);
        if let Some(blocks) = &mut self.blocks {
            blocks.mark(source);
            (0..tokens).for_each(|_| blocks.push(b""));
        }
    }

    /// Its blocks, when prompts are cached.
    pub(super) fn take_blocks(&mut self) -> Option<PromptBlocks> {
        self.blocks.take()
    }
}
