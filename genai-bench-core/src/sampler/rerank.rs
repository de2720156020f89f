//! Queries, each with a batch of documents to rank.

use std::sync::Arc;

use super::embeddings::documents;
use super::{SampleError, Sampler};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// A sampler of queries with batches of documents to rank, each of exactly the drawn length.
#[derive(Clone, Debug)]
pub struct RerankSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
}

impl RerankSampler {
    /// Creates a sampler of requests to `model`, with queries and documents from `prompts`.
    pub fn new(model: impl Into<Arc<str>>, prompts: PromptBuilder) -> Self {
        Self { model: model.into(), prompts }
    }
}

impl Sampler for RerankSampler {
    /// Creates one request. Its query counts once, as in the Python tool: a server that reads the query with each
    /// document reports more in its usage.
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Rerank { document, query } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "rerank", shape: spec.shape });
        };
        let input = Tokens(document.0 * u64::from(spec.batch_size.get()) + query.0);
        let query = self.prompts.build_for(spec, u64::from(spec.batch_size.get()), query, rng)?.into();
        let documents = documents(&self.prompts, document, spec, rng)?;
        let request = Request::new(Arc::clone(&self.model), Input::Rerank { query, documents });
        Ok(Session::single(Turn::new(request, Some(input))))
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::rng::Stream;
    use crate::tokenizer::{Tokenizer, Words};

    #[test]
    fn a_query_and_its_documents_have_the_wanted_lengths() {
        let sampler = RerankSampler::new("m", PromptBuilder::new(Arc::new(Words)).unwrap());
        let shape = Shape::Rerank { document: Tokens(50), query: Tokens(7) };
        let spec = SessionSpec { batch_size: NonZeroU32::new(4).unwrap(), ..SessionSpec::new(shape) };
        let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
        let Input::Rerank { query, documents } = &session.turns[0].request.input else { panic!("no rerank") };
        assert_eq!((Words.count(query), documents.len()), (Ok(Tokens(7)), 4));
        assert!(documents.iter().all(|it| Words.count(it) == Ok(Tokens(50))));
        assert_eq!(session.turns[0].input, Some(Tokens(207)));
    }

    #[test]
    fn queries_and_documents_begin_at_different_places() {
        let words: Vec<String> = (0..40).map(|number| format!("w{number}")).collect();
        let texts: Arc<[Arc<str>]> = Arc::new([words.join(" ").into()]);
        let prompts =
            PromptBuilder::new(Arc::new(Words)).unwrap().with_corpus(texts, 1).with_runs(1, Some(40));
        let sampler = RerankSampler::new("m", prompts);
        let shape = Shape::Rerank { document: Tokens(4), query: Tokens(4) };
        let mut seen = std::collections::BTreeSet::new();
        for index in 0..10 {
            let spec =
                SessionSpec { batch_size: NonZeroU32::new(3).unwrap(), index, ..SessionSpec::new(shape) };
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, index)).unwrap();
            let Input::Rerank { query, documents } = &session.turns[0].request.input else {
                panic!("no rerank")
            };
            seen.insert(Arc::clone(query));
            seen.extend(documents.iter().cloned());
        }
        assert_eq!(seen.len(), 40, "{seen:?}");
    }
}
