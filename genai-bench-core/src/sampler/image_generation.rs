//! Prompts for image generation.

use std::sync::Arc;

use super::{SampleError, Sampler};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// The prompt length beside pictures or videos when the scenario has none: a sentence or two.
pub(super) const DEFAULT_PROMPT: Tokens = Tokens(32);

/// A sampler of requests for pictures of the drawn size.
#[derive(Clone, Debug)]
pub struct ImageGenerationSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
}

impl ImageGenerationSampler {
    /// Creates a sampler of requests to `model`, with prompts from `prompts`: of 32 tokens where the scenario has no
    /// length.
    pub fn new(model: impl Into<Arc<str>>, prompts: PromptBuilder) -> Self {
        Self { model: model.into(), prompts }
    }
}

impl Sampler for ImageGenerationSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Image { width, height, count, input, .. } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "pictures", shape: spec.shape });
        };
        let length = input.unwrap_or(DEFAULT_PROMPT);
        let prompt = self.prompts.build_for(spec, 0, length, rng)?.into();
        let input = Input::Images { prompt, size: Some((width, height)), count };
        Ok(Session::single(Turn::new(Request::new(Arc::clone(&self.model), input), Some(length))))
    }
}
