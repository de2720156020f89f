//! Batches of documents to embed.

use std::sync::Arc;

use super::{SampleError, Sampler};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// A sampler of batches of documents to embed, each of exactly the drawn length.
#[derive(Clone, Debug)]
pub struct EmbeddingsSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    /// The tokens that the server adds to each document.
    added: Tokens,
}

impl EmbeddingsSampler {
    /// Creates a sampler of requests to `model`, with documents from `prompts`.
    pub fn new(model: impl Into<Arc<str>>, prompts: PromptBuilder) -> Self {
        Self { model: model.into(), prompts, added: Tokens(0) }
    }

    /// Sets the number of tokens that the server adds to each document, such as those at its beginning and end.
    /// Documents are shortened by as many; one that would have no token left has one.
    #[must_use]
    pub fn with_added_tokens(mut self, added: Tokens) -> Self {
        self.added = added;
        self
    }
}

impl Sampler for EmbeddingsSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Embeddings { document } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "embeddings", shape: spec.shape });
        };
        let length = Tokens(document.0.saturating_sub(self.added.0).max(1));
        let texts = documents(&self.prompts, length, spec, rng)?;
        let input = Tokens((length + self.added).0 * u64::from(spec.batch_size.get()));
        let input_of = Input::Embeddings { texts, images: Vec::new() };
        Ok(Session::single(Turn::new(Request::new(Arc::clone(&self.model), input_of), Some(input))))
    }
}

/// Creates a batch of documents of one length.
pub(super) fn documents(
    prompts: &PromptBuilder,
    length: Tokens,
    spec: &SessionSpec,
    rng: &mut Rng,
) -> Result<Vec<Arc<str>>, SampleError> {
    (0..u64::from(spec.batch_size.get()))
        .map(|item| Ok(prompts.build_for(spec, item, length, rng)?.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::rng::Stream;
    use crate::tokenizer::{Tokenizer, Words};

    #[test]
    fn a_batch_has_different_documents_of_the_wanted_length() {
        let sampler = EmbeddingsSampler::new("m", PromptBuilder::new(Arc::new(Words)).unwrap());
        let shape = Shape::Embeddings { document: Tokens(64) };
        let spec = SessionSpec { batch_size: NonZeroU32::new(3).unwrap(), ..SessionSpec::new(shape) };
        let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
        let Input::Embeddings { texts, .. } = &session.turns[0].request.input else {
            panic!("no embeddings")
        };
        assert!(texts.iter().all(|it| Words.count(it) == Ok(Tokens(64))));
        assert!(texts.len() == 3 && texts[0] != texts[1]);
        assert_eq!(session.turns[0].input, Some(Tokens(192)));
    }

    #[test]
    fn what_the_server_adds_is_part_of_each_document() {
        let sampler = EmbeddingsSampler::new("m", PromptBuilder::new(Arc::new(Words)).unwrap());
        let sampler = sampler.with_added_tokens(Tokens(2));
        let drawn = |document| {
            let spec = SessionSpec {
                batch_size: NonZeroU32::new(3).unwrap(),
                ..SessionSpec::new(Shape::Embeddings { document: Tokens(document) })
            };
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
            let Input::Embeddings { texts, .. } = &session.turns[0].request.input else {
                panic!("no embeddings")
            };
            (Words.count(&texts[0]).unwrap().0, session.turns[0].input.unwrap().0)
        };
        assert_eq!((drawn(64), drawn(2)), ((62, 192), (1, 9)));
    }
}
