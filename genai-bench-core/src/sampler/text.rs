//! Text requests: a prompt of exact length, and an output length.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{SampleError, Sampler};
use crate::prompt::{PromptBuilder, SharedPrefixes};
use crate::request::SessionSpec;
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::{Rng, Stream};
use crate::scenario::Shape;
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// The kind of a text request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TextEndpoint {
    /// A chat of one user message. The server adds its chat template.
    #[default]
    Chat,
    /// A bare text to continue.
    Completions,
}

/// The tokens that the server's chat template adds to a prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TemplateOverhead {
    /// The number of tokens.
    pub tokens: Tokens,
    /// `true` if the length in a scenario includes them: the prompt is shorter by as many, so that the server's count
    /// is the scenario's length.
    pub is_included: bool,
}

/// A sampler of text requests with prompts of exactly the drawn length.
#[derive(Clone, Debug)]
pub struct TextSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    endpoint: TextEndpoint,
    overhead: TemplateOverhead,
    /// The shared prefixes, and the seed that they are drawn by.
    shared: Option<(SharedPrefixes, u64)>,
    stream: bool,
}

impl TextSampler {
    /// Creates a sampler of streamed chat requests to `model`, counted by `tokenizer`.
    ///
    /// # Errors
    ///
    /// When the tokenizer has no words to make prompts of.
    pub fn new(model: impl Into<Arc<str>>, tokenizer: Arc<dyn Tokenizer>) -> Result<Self, SampleError> {
        Ok(Self::with_prompts(model, PromptBuilder::new(tokenizer)?))
    }

    /// Creates a sampler of streamed chat requests to `model`, with prompts from `prompts`.
    pub fn with_prompts(model: impl Into<Arc<str>>, prompts: PromptBuilder) -> Self {
        let (endpoint, overhead) = (TextEndpoint::default(), TemplateOverhead::default());
        Self { model: model.into(), prompts, endpoint, overhead, shared: None, stream: true }
    }

    /// Sets the kind of text request.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: TextEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Sets whether responses are streamed.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// Sets the tokens that the server's chat template adds, or its tokenizer to a bare prompt. A bare prompt that
    /// would have no token left has one.
    #[must_use]
    pub fn with_overhead(mut self, overhead: TemplateOverhead) -> Self {
        self.overhead = overhead;
        self
    }

    /// Sets shared prefixes for the prompts of a run, drawn by `seed`. Runs of different groups have different
    /// prefixes. A prompt that is drawn no longer than its prefix is made one token longer than it.
    #[must_use]
    pub fn with_shared_prefixes(mut self, prefixes: SharedPrefixes, seed: u64) -> Self {
        self.shared = Some((prefixes, seed));
        self
    }

    /// Returns the tokenizer that counts prompts.
    #[must_use]
    pub fn tokenizer(&self) -> &Arc<dyn Tokenizer> {
        self.prompts.tokenizer()
    }

    /// Returns the length of the prompt itself, and its length by the server's count.
    fn lengths(&self, input: Tokens) -> Result<(Tokens, Tokens), SampleError> {
        let TemplateOverhead { tokens, is_included } = self.overhead;
        if !is_included {
            return Ok((input, input + tokens));
        }
        match input.0.checked_sub(tokens.0) {
            Some(prompt) if prompt > 0 => Ok((Tokens(prompt), input)),
            // What a tokenizer adds to a bare prompt is not a person's wish: it makes no length impossible.
            _ if self.endpoint == TextEndpoint::Completions => Ok((Tokens(1), Tokens(1) + tokens)),
            _ => Err(SampleError::ShorterThanTemplate { input: input.0, template: tokens.0 }),
        }
    }

    /// Creates a prompt, and returns the number of its tokens that are shared with others.
    fn prompt(
        &self,
        length: Tokens,
        spec: &SessionSpec,
        rng: &mut Rng,
    ) -> Result<(String, Tokens), SampleError> {
        let has_prefix = |prefixes: &SharedPrefixes| prefixes.length().for_prompt(length) != Ok(Tokens(0));
        let Some((prefixes, seed)) = self.shared.as_ref().filter(|(prefixes, _)| has_prefix(prefixes)) else {
            return Ok((self.prompts.build_for(spec, 0, length, rng)?, Tokens(0)));
        };
        let group_seed = Rng::at(*seed, Stream::Content, spec.group, u64::MAX).below(u64::MAX);
        let prompt = self.prompts.build_with_prefix(prefixes, length, group_seed, spec.index, rng)?;
        Ok((prompt.text, prompt.prefix))
    }
}

impl Sampler for TextSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Text { input, output } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "text", shape: spec.shape });
        };
        let (drawn, counted) = self.lengths(input)?;
        let shortest = self.shared.as_ref().map_or(drawn, |(prefixes, _)| prefixes.shortest_prompt());
        let length = drawn.max(shortest);
        let counted = counted + Tokens(length.0 - drawn.0);
        let (prompt, prefix) = self.prompt(length, spec, rng)?;
        let output = OutputLength::Exactly(output);
        let input = match self.endpoint {
            TextEndpoint::Chat => Input::Chat { messages: vec![Message::user(prompt)], output },
            TextEndpoint::Completions => Input::Completion { prompt: prompt.into(), output },
        };
        let mut request = Request::new(Arc::clone(&self.model), input);
        request.stream = self.stream;
        let shared = prefix + self.overhead.tokens;
        Ok(Session::single(Turn::new(request, Some(counted)).with_shared(shared)))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::prompt::{Popularity, PrefixLength};
    use crate::tokenizer::Words;

    fn session(overhead: TemplateOverhead) -> Result<Session, SampleError> {
        let sampler = TextSampler::new("m", Arc::new(Words)).unwrap().with_overhead(overhead);
        let spec = SessionSpec::new(Shape::Text { input: Tokens(10), output: Tokens(5) });
        sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0))
    }

    fn words(session: &Session) -> Tokens {
        let Input::Chat { messages, .. } = &session.turns[0].request.input else { panic!("no chat") };
        Words.count(&messages[0].text).unwrap()
    }

    #[test]
    fn a_template_is_on_top_of_the_scenario_or_in_it() {
        let on_top = session(TemplateOverhead { tokens: Tokens(4), is_included: false }).unwrap();
        assert_eq!((words(&on_top), on_top.turns[0].input), (Tokens(10), Some(Tokens(14))));
        let inside = session(TemplateOverhead { tokens: Tokens(4), is_included: true }).unwrap();
        assert_eq!((words(&inside), inside.turns[0].input), (Tokens(6), Some(Tokens(10))));
    }

    #[test]
    fn a_prompt_has_room_for_its_prefix_and_a_token_more() {
        let length = PrefixLength::Tokens(Tokens(12));
        let prefixes = SharedPrefixes::new(length, NonZeroU32::MIN, Popularity::Uniform).unwrap();
        let sampler = TextSampler::new("m", Arc::new(Words)).unwrap().with_shared_prefixes(prefixes, 1);
        for (drawn, made) in [(10, 13), (12, 13), (13, 13), (14, 14)] {
            let spec = SessionSpec::new(Shape::Text { input: Tokens(drawn), output: Tokens(5) });
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
            assert_eq!((words(&session), session.turns[0].input), (Tokens(made), Some(Tokens(made))));
        }
    }

    #[test]
    fn a_scenario_that_is_shorter_than_the_template_is_refused() {
        let error = session(TemplateOverhead { tokens: Tokens(10), is_included: true }).unwrap_err();
        assert_eq!(error, SampleError::ShorterThanTemplate { input: 10, template: 10 });
    }

    #[test]
    fn a_bare_prompt_has_room_for_what_the_tokenizer_adds() {
        let overhead = TemplateOverhead { tokens: Tokens(1), is_included: true };
        let sampler = TextSampler::new("m", Arc::new(Words)).unwrap();
        let sampler = sampler.with_endpoint(TextEndpoint::Completions).with_overhead(overhead);
        for (drawn, made, counted) in [(300, 299, 300), (2, 1, 2), (1, 1, 2)] {
            let spec = SessionSpec::new(Shape::Text { input: Tokens(drawn), output: Tokens(5) });
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
            let Input::Completion { prompt, .. } = &session.turns[0].request.input else {
                panic!("no prompt")
            };
            assert_eq!(
                (Words.count(prompt), session.turns[0].input),
                (Ok(Tokens(made)), Some(Tokens(counted)))
            );
        }
    }
}
