//! What is sent.

use std::sync::Arc;

use genai_bench_core::sampler::{Sampler, TextEndpoint, TextSampler};
use genai_bench_core::tokenizer::Tokenizer;

use super::options::{Endpoint, Options};
use crate::failure::Failure;
use crate::tokenizer;

/// What makes requests, and what counts their tokens.
pub(crate) struct Workload {
    pub(crate) sampler: Arc<dyn Sampler>,
    pub(crate) tokenizer: Arc<dyn Tokenizer>,
}

/// Opens the tokenizer and picks its words.
pub(crate) fn build(options: &Options) -> Result<Workload, Failure> {
    let place = options.workload.model_tokenizer.as_deref();
    let tokenizer = tokenizer::open(place)?;
    if place.is_none() && !options.is_simulated() {
        eprintln!(
            "note: no --model-tokenizer: prompts have the wanted number of words, not of the model's tokens; \
             what the server counts is reported"
        );
    }
    let endpoint = match options.workload.endpoint {
        Endpoint::Chat => TextEndpoint::Chat,
        Endpoint::Completions => TextEndpoint::Completions,
    };
    let sampler = TextSampler::new(options.api_model(), Arc::clone(&tokenizer))
        .map_err(|it| Failure::option("model-tokenizer", it))?
        .with_endpoint(endpoint);
    Ok(Workload { sampler: Arc::new(sampler), tokenizer })
}
