//! What a person can set on the simulator.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::faults::Faults;
use super::latency::Latency;
use super::load::Slowdown;
use crate::auth::Secret;

/// Everything a person can set. [`Settings::default`] is a small server whose sweep shows a knee near 16
/// requests in flight; [`Settings::instant`] answers as fast as it can.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The name that `GET /v1/models` lists. Requests may name any other: it is echoed.
    pub model: String,
    /// Everything random follows from it and from the number of the request.
    pub seed: u64,
    /// From the start of a request to its first output, for an empty prompt on an idle server.
    pub ttft: Latency,
    /// What every 1,000 input tokens add to the time to the first output.
    #[serde(with = "super::duration")]
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
    /// What goes wrong, and how often.
    pub faults: Faults,
    /// The key that requests under `/v1` must bring. It is never written out again.
    #[serde(skip_serializing)]
    pub api_key: Option<Secret>,
    /// Whether it may listen on an address that other machines can reach.
    pub allow_remote: bool,
    /// How many finished requests it remembers the truth of; the oldest are forgotten first.
    pub truth_limit: NonZeroUsize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: "simulated".to_owned(),
            seed: 0,
            ttft: Latency::LogNormal { mean: Duration::from_millis(20), sigma: 0.2 },
            prefill: Duration::from_millis(20),
            itl: Latency::LogNormal { mean: Duration::from_millis(5), sigma: 0.2 },
            slowdown: Slowdown::default(),
            tokens_per_chunk: NonZeroU32::MIN,
            reasoning_tokens: 0,
            reasoning_field: ReasoningField::default(),
            usage: UsageMode::default(),
            faults: Faults::default(),
            api_key: None,
            allow_remote: false,
            truth_limit: const { NonZeroUsize::new(100_000).expect("100,000 is not zero") },
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
        for (name, latency) in [("ttft", &self.ttft), ("itl", &self.itl)] {
            if !latency.is_valid() {
                return Err(SettingsError::Latency { name, latency: *latency });
            }
        }
        if !self.slowdown.is_valid() {
            return Err(SettingsError::Growth(self.slowdown.growth));
        }
        self.faults.check()
    }
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
