//! What a person can set on the simulator.

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

/// The connections that are served at the same time, unless the settings say otherwise: more than the largest benchmarks
/// open, which is 10,000. With a head of the largest size in each they take half a gigabyte.
pub(super) const MAX_CONNECTIONS: NonZeroUsize = NonZeroUsize::new(1 << 14).expect("16,384 is not zero");

/// Everything a person can set. [`Settings::default`] is a small server whose sweep shows a knee near 16
/// requests in flight; [`Settings::instant`] answers as fast as it can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name that `GET /v1/models` lists. Requests may name any other: it is echoed.
    pub model: String,
    /// Further names that it lists, such as those of adapters.
    pub models: Vec<String>,
    /// Whether a request for a model that is not listed is refused with status 404.
    pub refuse_unknown_models: bool,
    /// Everything random follows from it and from the number of the request.
    pub seed: u64,
    /// From the start of a request to its first output, for an empty prompt on an idle server.
    pub ttft: Latency,
    /// What every 1,000 input tokens add to the time to the first output.
    #[serde(with = "duration")]
    pub prefill: Duration,
    /// Between two chunks with output, on an idle server.
    pub itl: Latency,
    /// How all of this grows with the number of requests in flight.
    pub slowdown: Slowdown,
    /// Output tokens in one chunk; the last chunk may hold fewer.
    pub tokens_per_chunk: NonZeroU32,
    /// Reasoning tokens before the answer of a chat. They count as output: a request for fewer tokens
    /// than these gets no answer at all.
    pub reasoning_tokens: u32,
    /// The field that carries them.
    pub reasoning_field: ReasoningField,
    /// When the server says how many tokens there were.
    pub usage: UsageMode,
    /// What the chat template adds to each chat and response, in tokens of its prompt.
    pub template_tokens: u32,
    /// What a picture is in a prompt, in tokens.
    pub tokens_per_image: u32,
    /// What a video is in a prompt, in tokens.
    pub tokens_per_video: u32,
    /// What a recording of sound is in a prompt, in tokens.
    pub tokens_per_audio: u32,
    /// How much of the prompts and answers so far the server remembers, in tokens; 0 is nothing. The longest
    /// beginning of a prompt that it remembers costs no prefill, and usage reports its length.
    pub prefix_cache_tokens: u64,
    /// It remembers whole blocks of so many tokens.
    pub prefix_block_tokens: NonZeroU32,
    /// The length of a vector, unless the request says otherwise.
    pub embedding_dimensions: NonZeroU32,
    /// The shape in which documents that were put in order are answered.
    pub rerank_shape: RerankShape,
    /// What it takes to make one picture, on an idle server.
    pub image: Latency,
    /// Bytes of sound for a character that is spoken.
    pub speech_bytes_per_character: NonZeroU32,
    /// Bytes of sound in one chunk; the last chunk may hold fewer.
    pub speech_chunk_bytes: NonZeroU32,
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// The key that all requests but those for `/health` must bring. It is never written out again.
    #[serde(skip_serializing)]
    pub api_key: Option<Secret>,
    /// Whether it may listen on an address that other machines can reach.
    pub allow_remote: bool,
    /// Further hosts that requests may name, besides those of loopback and the address that it listens on. Where it listens
    /// on an address that other machines can reach, any host may be named unless there is one here.
    pub allowed_hosts: Vec<String>,
    /// The largest number of connections that are served at the same time; others wait to be accepted.
    pub max_connections: NonZeroUsize,
    /// How many finished requests it remembers the truth of; the oldest are forgotten first.
    pub truth_limit: NonZeroUsize,
    /// Whether the truth holds a hash of the body of each request.
    pub body_hashes: bool,
}

/// `number`, for a setting that is never 0.
const fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).expect("it is not zero")
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
    /// No latency at all and no limit on the requests in flight: what is left is the cost of the client.
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

    /// Whether a server can be run with these.
    ///
    /// # Errors
    ///
    /// The first setting that makes no sense.
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
    // Seven shares written in decimal may add up to a hair more than they should.
    if sum > 100.0 + 1e-9 { Err(SettingsError::TooManyFaults(sum)) } else { Ok(()) }
}

/// A setting that makes no sense.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A distribution with impossible parameters.
    #[error("{name} is {latency}: sigma must be finite and not negative")]
    Latency {
        /// The setting.
        name: &'static str,
        /// Its value.
        latency: Latency,
    },
    /// A slowdown that is no slowdown.
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
    /// A share outside of 0 to 100.
    #[error("faults.{name} is {percent}: a percentage lies between 0 and 100")]
    Percent {
        /// The fault.
        name: &'static str,
        /// Its share, in percent of requests.
        percent: f64,
    },
    /// More faults than requests.
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

/// When the server says how many tokens there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageMode {
    /// As the original: in a chunk of its own after the last, if `stream_options.include_usage` asks for it;
    /// in every chunk, if `stream_options.continuous_usage_stats` does; always when not streaming.
    #[default]
    Last,
    /// In every chunk and in one of its own after the last, asked for or not.
    EveryChunk,
    /// Never, not even when asked.
    Never,
}

/// The shape of an answer to `/v1/rerank`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RerankShape {
    /// An object with `results` and `usage`, as vLLM answers.
    #[default]
    Object,
    /// A bare list, as SGLang answers.
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
    fn what_makes_no_sense_is_refused() {
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
    fn the_key_is_written_nowhere() {
        let settings = Settings { api_key: Some("sesame".into()), ..Settings::default() };
        assert!(!format!("{settings:?}").contains("sesame"));
        assert!(!serde_json::to_string(&settings).unwrap().contains("sesame"));
    }
}
