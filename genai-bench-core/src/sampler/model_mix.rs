//! Several models under one load, such as adapters of one base model.

use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{SampleError, Sampler};
use crate::request::Session;
use crate::request::SessionSpec;
use crate::rng::{Rng, Stream};

/// The models of sessions, and the share of each.
///
/// ```
/// # use genai_bench_core::sampler::ModelMix;
/// let mix: ModelMix = "base=3,adapter-a,adapter-b".parse()?; // three sessions in five ask for the base model
/// assert_eq!(mix.names().collect::<Vec<_>>(), ["base", "adapter-a", "adapter-b"]);
/// assert!("base=0".parse::<ModelMix>().is_err());
/// # Ok::<(), genai_bench_core::sampler::InvalidModelMix>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelMix {
    models: Vec<(Arc<str>, f64)>,
    order: MixOrder,
}

/// The order of models in a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MixOrder {
    /// At random, in proportion to their weights.
    #[default]
    Weighted,
    /// One after the other, session by session; weights are ignored.
    RoundRobin,
}

impl ModelMix {
    /// Creates a mix of models with their weights.
    ///
    /// # Errors
    ///
    /// When there is none, a name is empty, or a weight is not a finite number above 0.
    pub fn new(models: Vec<(Arc<str>, f64)>) -> Result<Self, InvalidModelMix> {
        if models.is_empty() {
            return Err(InvalidModelMix("no model is named".to_owned()));
        }
        for (name, weight) in &models {
            if name.is_empty() {
                return Err(InvalidModelMix("a name is empty: give NAME or NAME=WEIGHT".to_owned()));
            }
            if !(weight.is_finite() && *weight > 0.0) {
                return Err(InvalidModelMix(format!("the weight of {name} is {weight}: give more than 0")));
            }
        }
        Ok(Self { models, order: MixOrder::default() })
    }

    /// Sets the order of the models.
    #[must_use]
    pub fn in_order(mut self, order: MixOrder) -> Self {
        self.order = order;
        self
    }

    /// Returns the names of the models.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(|it| &*it.0)
    }

    /// Returns the model of session `index`.
    fn pick(&self, index: u64, rng: &mut Rng) -> &Arc<str> {
        if self.order == MixOrder::RoundRobin {
            let place = usize::try_from(index % self.models.len() as u64).unwrap_or_default();
            return &self.models[place].0;
        }
        let total: f64 = self.models.iter().map(|it| it.1).sum();
        let mut left = total * rng.share();
        for (name, weight) in &self.models {
            if left < *weight {
                return name;
            }
            left -= weight;
        }
        &self.models[self.models.len() - 1].0
    }
}

impl FromStr for ModelMix {
    type Err = InvalidModelMix;

    /// Parses `NAME` or `NAME=WEIGHT`, separated by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text.split(',').map(parse_model).collect::<Result<_, _>>()?)
    }
}

fn parse_model(text: &str) -> Result<(Arc<str>, f64), InvalidModelMix> {
    match text.trim().rsplit_once('=') {
        None => Ok((Arc::from(text.trim()), 1.0)),
        Some((name, weight)) => match weight.parse() {
            Ok(weight) => Ok((Arc::from(name), weight)),
            Err(_) => Err(InvalidModelMix(format!("'{weight}' is no weight: give NAME or NAME=WEIGHT"))),
        },
    }
}

/// The error of models that cannot be mixed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidModelMix(String);

/// A sampler that distributes the sessions of another sampler among several models. All turns of a session have the
/// same model.
#[derive(Clone, Debug)]
pub struct MixedModels {
    inner: Arc<dyn Sampler>,
    mix: ModelMix,
    seed: u64,
}

impl MixedModels {
    /// Creates a sampler of the sessions of `inner` for the models of `mix`, drawn by `seed`.
    #[must_use]
    pub fn new(inner: Arc<dyn Sampler>, mix: ModelMix, seed: u64) -> Self {
        Self { inner, mix, seed }
    }
}

impl Sampler for MixedModels {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let mut session = self.inner.sample(spec, rng)?;
        let model = self.mix.pick(spec.index, &mut Rng::at(self.seed, Stream::Model, spec.group, spec.index));
        for turn in &mut session.turns {
            turn.request.model = Arc::clone(model);
        }
        Ok(session)
    }

    fn sessions(&self) -> Option<u64> {
        self.inner.sessions()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn drawn(mix: &ModelMix, count: u64) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for index in 0..count {
            let model = mix.pick(index, &mut Rng::at(1, Stream::Model, 0, index));
            *counts.entry(model.to_string()).or_default() += 1;
        }
        counts
    }

    #[test]
    fn models_are_asked_for_as_often_as_their_weights_say() {
        let counts = drawn(&"a=3,b".parse().unwrap(), 10_000);
        assert!((7_350..7_650).contains(&counts["a"]), "{counts:?}");
        assert_eq!(counts["a"] + counts["b"], 10_000);
    }

    #[test]
    fn round_robin_is_exact() {
        let mix: ModelMix = "a=3,b,c".parse().unwrap();
        let counts = drawn(&mix.in_order(MixOrder::RoundRobin), 9);
        assert_eq!(counts.values().copied().collect::<Vec<_>>(), [3, 3, 3]);
    }

    #[test]
    fn what_cannot_be_mixed_is_refused() {
        for (text, hint) in [
            ("", "empty"),
            ("a,,b", "empty"),
            ("a=x", "no weight"),
            ("a=-1", "more than 0"),
            ("a=inf", "more than 0"),
        ] {
            let error = text.parse::<ModelMix>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
