//! The contents of a prompt, counted while they are parsed.

mod blocks;
mod prefix_cache;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use self::blocks::PromptBlocks;
pub(super) use self::prefix_cache::{CachedPrompt, CachedTokens, PrefixCache};
use super::settings::Settings;
use super::tokens;

/// The number of images, videos and recordings in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaCount {
    /// The number of images.
    pub images: u32,
    /// The number of videos.
    pub videos: u32,
    /// The number of audio recordings.
    pub audios: u32,
}

/// A kind of content other than text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Image,
    Video,
    Audio,
}

/// A prompt: its number of tokens, and its blocks when prompts are cached.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) tokens: u64,
    pub(super) media: MediaCount,
    /// The number of tokens of an image, a video and a recording.
    media_tokens: [u32; 3],
    /// The blocks of the prompt, or `None` when prompts are not cached.
    blocks: Option<PromptBlocks>,
}

impl Prompt {
    /// Creates an empty prompt for `model`, with blocks if it may be `cached` and the server caches prompts.
    pub(super) fn new(settings: &Settings, model: &str, cached: bool) -> Self {
        let cached = cached && settings.prefix_cache_tokens > 0;
        Self {
            tokens: 0,
            media: MediaCount::default(),
            media_tokens: [settings.tokens_per_image, settings.tokens_per_video, settings.tokens_per_audio],
            blocks: cached.then(|| PromptBlocks::new(model, settings.prefix_block_tokens)),
        }
    }

    /// Begins a message of `role`. A role is no token, but the same words in another role make another
    /// prompt.
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

    /// Adds tokens that are the same in every request.
    pub(super) fn constant(&mut self, tokens: u32) {
        self.tokens += u64::from(tokens);
        if let Some(blocks) = &mut self.blocks {
            (0..tokens).for_each(|_| blocks.push(b""));
        }
    }

    /// Adds an image, video or recording; `source` is its URL or its data.
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

    /// Takes the blocks out of the prompt, when prompts are cached.
    pub(super) fn take_blocks(&mut self) -> Option<PromptBlocks> {
        self.blocks.take()
    }
}
