//! Text requests: a prompt of exact length, and how long its answer should be.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{PromptBuilder, SampleError, Sampler, Wanted};
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// Which kind of text request is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TextEndpoint {
    /// A conversation of one user message. The server puts its chat template around it.
    #[default]
    Chat,
    /// A bare text to continue.
    Completions,
}

/// Makes text requests with prompts of exactly the drawn length.
#[derive(Clone, Debug)]
pub struct TextSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    endpoint: TextEndpoint,
    stream: bool,
}

impl TextSampler {
    /// Streamed chat requests to `model`, counted by `tokenizer`.
    ///
    /// # Errors
    ///
    /// When the tokenizer has no words to make prompts of.
    pub fn new(model: impl Into<Arc<str>>, tokenizer: Arc<dyn Tokenizer>) -> Result<Self, SampleError> {
        let prompts = PromptBuilder::new(tokenizer)?;
        Ok(Self { model: model.into(), prompts, endpoint: TextEndpoint::default(), stream: true })
    }

    /// Another kind of text request.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: TextEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Whether answers come piece by piece.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// The tokenizer that prompts are counted by.
    #[must_use]
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        self.prompts.tokenizer()
    }

    fn request(&self, prompt: String, output: Tokens) -> Request {
        let output = OutputLength::Exactly(output);
        let input = match self.endpoint {
            TextEndpoint::Chat => Input::Chat { messages: vec![Message::user(prompt)], output },
            TextEndpoint::Completions => Input::Completion { prompt: prompt.into(), output },
        };
        let request = Request::new(Arc::clone(&self.model), input);
        if self.stream { request } else { request.unstreamed() }
    }
}

impl Sampler for TextSampler {
    fn sample(&self, wanted: &Wanted, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Text { input, output } = wanted.shape else {
            return Err(SampleError::WrongShape { sampler: "text", shape: wanted.shape });
        };
        let prompt = self.prompts.build(input, rng)?;
        Ok(Session::single(Turn::new(self.request(prompt, output), Some(input))))
    }
}
