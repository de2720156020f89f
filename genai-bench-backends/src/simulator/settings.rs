//! The settings of the simulator.

mod duration;
mod faults;
pub(super) mod latency;
mod slowdown;

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::faults::{Fault, Faults};
pub use self::latency::{Latency, ParseLatencyError};
pub use self::slowdown::Slowdown;
use crate::auth::Secret;

/// The default of [`Settings::max_connections`]: more than the 10,000 connections of the largest benchmarks.
/// With the largest head in each of them, they take half a gigabyte.
pub(super) const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::new(1 << 14).expect("16,384 is not zero");

/// The settings of a simulator. [`Settings::default`] is a small server whose sweep shows a knee near 16
/// requests in flight; [`Settings::instant`] responds as fast as it can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name that `GET /v1/models` lists. Requests may name any other model: the response repeats the
    /// name.
    pub model: String,
    /// Further names that `GET /v1/models` lists, such as those of adapters.
    pub models: Vec<String>,
    /// `true` if a request for a model that is not listed is refused with status 404.
    pub refuse_unknown_models: bool,
    /// The seed of everything random, together with the number of the request.
    pub seed: u64,
    /// The time from the start of a request to its first output, for an empty prompt on an idle server.
    pub ttft: Latency,
    /// The time that every 1,000 input tokens add to the time to the first output.
    #[serde(with = "duration")]
    pub prefill: Duration,
    /// The time between two chunks with output, on an idle server.
    pub itl: Latency,
    /// The growth of the latencies with the number of requests in flight.
    pub slowdown: Slowdown,
    /// The number of output tokens in one chunk; the last chunk may hold fewer.
    pub tokens_per_chunk: NonZeroU32,
    /// The number of reasoning tokens before the answer of a chat. They count as output: a request for fewer
    /// tokens than these gets no answer at all.
    pub reasoning_tokens: u32,
    /// The field that carries reasoning tokens.
    pub reasoning_field: ReasoningField,
    /// The chunks of a response that report the number of tokens.
    pub usage: UsageMode,
    /// The number of tokens that the chat template adds to the prompt of each chat and response.
    pub template_tokens: u32,
    /// The number of tokens of an image in a prompt.
    pub tokens_per_image: u32,
    /// The number of tokens of a video in a prompt.
    pub tokens_per_video: u32,
    /// The number of tokens of an audio recording in a prompt.
    pub tokens_per_audio: u32,
    /// The size of the prefix cache of prompts and answers, in tokens; 0 disables it. The longest cached
    /// prefix of a prompt costs no prefill, and usage reports its length.
    pub prefix_cache_tokens: u64,
    /// The number of tokens in a block of the prefix cache, which holds whole blocks.
    pub prefix_block_tokens: NonZeroU32,
    /// The number of dimensions of a vector, unless the request sets another.
    pub embedding_dimensions: NonZeroU32,
    /// The shape of the response to a rerank request.
    pub rerank_shape: RerankShape,
    /// The time to generate one image, on an idle server.
    pub image: Latency,
    /// The number of bytes of audio for a character of the input text.
    pub speech_bytes_per_character: NonZeroU32,
    /// The number of bytes of audio in one chunk; the last chunk may hold fewer.
    pub speech_chunk_bytes: NonZeroU32,
    /// The faults to inject, and their shares of all requests.
    pub faults: Faults,
    /// The key that all requests except those for `/health` must carry. It is never serialized.
    #[serde(skip_serializing)]
    pub api_key: Option<Secret>,
    /// `true` if the simulator may listen on an address that other machines can reach.
    pub allow_remote: bool,
    /// Further hosts that requests may name, besides loopback and the listening address. On an address that
    /// other machines can reach, any host is allowed while this list is empty.
    pub allowed_hosts: Vec<String>,
    /// The maximum number of connections served at the same time; others wait to be accepted.
    pub max_connections: NonZeroUsize,
    /// The maximum number of finished requests in the truth; the oldest are dropped first.
    pub truth_limit: NonZeroUsize,
    /// `true` if the truth holds a hash of the body of each request.
    pub body_hashes: bool,
}

/// Returns `number` as a setting that is never 0.
const fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("the setting is not zero")
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: "simulated".to_owned(),
            models: Vec::new(),
            refuse_unknown_models: false,
            seed: 0,
            ttft: Latency::LogNormal { mean: Duration::from_millis(20), sigma: 0.2 },
            prefill: Duration::from_millis(20),
            itl: Latency::LogNormal { mean: Duration::from_millis(5), sigma: 0.2 },
            slowdown: Slowdown::default(),
            tokens_per_chunk: NonZeroU32::MIN,
            reasoning_tokens: 0,
            reasoning_field: ReasoningField::default(),
            usage: UsageMode::default(),
            template_tokens: 0,
            tokens_per_image: 256,
            tokens_per_video: 1_024,
            tokens_per_audio: 256,
            prefix_cache_tokens: 0,
            prefix_block_tokens: const { at_least_one(16) },
            embedding_dimensions: const { at_least_one(16) },
            rerank_shape: RerankShape::default(),
            image: Latency::Fixed(Duration::from_millis(200)),
            speech_bytes_per_character: const { at_least_one(1_000) },
            speech_chunk_bytes: const { at_least_one(4_096) },
            faults: Faults::default(),
            api_key: None,
            allow_remote: false,
            allowed_hosts: Vec::new(),
            max_connections: MAX_CONNECTIONS,
            truth_limit: const { NonZeroUsize::new(100_000).expect("100,000 is not zero") },
            body_hashes: false,
        }
    }
}

impl Settings {
    /// Creates settings without latency and without a limit on the requests in flight, which leave only the
    /// cost of the client.
    #[must_use]
    pub fn instant() -> Self {
        Self {
            ttft: Latency::ZERO,
            prefill: Duration::ZERO,
            itl: Latency::ZERO,
            image: Latency::ZERO,
            slowdown: Slowdown::none(),
            ..Self::default()
        }
    }

    /// Checks that a server can be run with these settings.
    ///
    /// # Errors
    ///
    /// Returns the first setting with an invalid value.
    pub fn check(&self) -> Result<(), SettingsError> {
        for (name, latency) in [("ttft", &self.ttft), ("itl", &self.itl), ("image", &self.image)] {
            if !latency.is_valid() {
                return Err(SettingsError::Latency { name, latency: *latency });
            }
        }
        if !self.slowdown.is_valid() {
            return Err(SettingsError::Growth(self.slowdown.growth));
        }
        let (cache, block) = (self.prefix_cache_tokens, self.prefix_block_tokens.get());
        if (1..u64::from(block)).contains(&cache) {
            return Err(SettingsError::PrefixCache { cache, block });
        }
        check_faults(&self.faults)
    }
}

fn check_faults(faults: &Faults) -> Result<(), SettingsError> {
    for (_, name, percent) in faults.shares() {
        if !(0.0..=100.0).contains(&percent) {
            return Err(SettingsError::Percent { name, percent });
        }
    }
    let sum: f64 = faults.shares().iter().map(|(_, _, percent)| percent).sum();
    // Seven shares written in decimal may add up to slightly more than their exact sum.
    if sum > 100.0 + 1e-9 { Err(SettingsError::TooManyFaults(sum)) } else { Ok(()) }
}

/// A setting with an invalid value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A distribution with impossible parameters.
    #[error("{name} is {latency}: sigma must be finite and not negative")]
    Latency {
        /// The name of the setting.
        name: &'static str,
        /// The value of the setting.
        latency: Latency,
    },
    /// A growth that is negative or not finite.
    #[error("slowdown.growth is {0}: it must be finite and not negative")]
    Growth(f64),
    /// A prefix cache without room for one block.
    #[error("prefix_cache_tokens is {cache}, less than a block of {block} tokens: write 0 for no cache")]
    PrefixCache {
        /// The size of the cache, in tokens.
        cache: u64,
        /// The size of a block, in tokens.
        block: u32,
    },
    /// A share outside 0 to 100 percent.
    #[error("faults.{name} is {percent}: a percentage lies between 0 and 100")]
    Percent {
        /// The name of the fault.
        name: &'static str,
        /// Its share, in percent of requests.
        percent: f64,
    },
    /// Shares that add up to more than 100 percent.
    #[error("the faults add up to {0} percent: a request has one fault at most, so 100 is the limit")]
    TooManyFaults(f64),
}

/// The field of a chat's `delta` and `message` that carries reasoning text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReasoningField {
    /// `reasoning_content`, the older and more common spelling.
    #[default]
    #[serde(rename = "reasoning_content")]
    ReasoningContent,
    /// `reasoning`.
    #[serde(rename = "reasoning")]
    Reasoning,
}

/// The chunks of a response that report the number of tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageMode {
    /// As OpenAI does: in a chunk of its own after the last, if `stream_options.include_usage` requests it;
    /// in every chunk, if `stream_options.continuous_usage_stats` does; always when not streaming.
    #[default]
    Last,
    /// In every chunk and in one of its own after the last, requested or not.
    EveryChunk,
    /// Never, not even when requested.
    Never,
}

/// The shape of a response to `/v1/rerank`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerankShape {
    /// An object with `results` and `usage`, the response of vLLM.
    #[default]
    Object,
    /// A bare list, the response of SGLang.
    List,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_survive_json() {
        for settings in [Settings::default(), Settings::instant()] {
            settings.check().unwrap();
            let json = serde_json::to_string(&settings).unwrap();
            assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
        }
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let error = serde_json::from_str::<Settings>(r#"{"ttfft": "20ms"}"#).unwrap_err();
        assert!(error.to_string().contains("ttfft"), "{error}");
    }

    #[test]
    fn invalid_settings_are_refused() {
        let sigma = Latency::LogNormal { mean: Duration::from_millis(1), sigma: -1.0 };
        let error = Settings { itl: sigma, ..Settings::default() }.check().unwrap_err();
        assert!(matches!(error, SettingsError::Latency { name: "itl", .. }), "{error}");
        let mut settings = Settings::default();
        settings.slowdown.growth = f64::NAN;
        assert!(matches!(settings.check(), Err(SettingsError::Growth(_))));
        settings = Settings { prefix_cache_tokens: 15, ..Settings::default() };
        assert_eq!(settings.check(), Err(SettingsError::PrefixCache { cache: 15, block: 16 }));
        settings = Settings::default();
        settings.faults.cut = 101.0;
        assert!(matches!(settings.check(), Err(SettingsError::Percent { name: "cut", .. })));
        settings.faults = Faults { cut: 60.0, stall: 60.0, ..Faults::default() };
        assert_eq!(settings.check(), Err(SettingsError::TooManyFaults(120.0)));
    }

    #[test]
    fn the_key_is_never_serialized_or_printed() {
        let settings = Settings { api_key: Some("sesame".into()), ..Settings::default() };
        assert!(!format!("{settings:?}").contains("sesame"));
        assert!(!serde_json::to_string(&settings).unwrap().contains("sesame"));
    }
}
