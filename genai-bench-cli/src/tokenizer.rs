//! The tokenizer that was asked for.

use std::path::Path;
use std::sync::Arc;

use genai_bench_core::tokenizer::{HuggingFace, Tokenizer, Words};

use crate::failure::Failure;

/// The name of the built-in tokenizer.
pub(crate) const BUILT_IN: &str = "words";

/// Opens the tokenizer at `place`: a file, a folder, or the built-in one when nothing is said.
pub(crate) fn open(place: Option<&str>) -> Result<Arc<dyn Tokenizer>, Failure> {
    let Some(place) = place.filter(|it| *it != BUILT_IN) else { return Ok(Arc::new(Words)) };
    let path = Path::new(place);
    if !path.exists() {
        let problem = format!(
            "there is no '{place}': give a tokenizer.json, a folder that holds one, or '{BUILT_IN}' for the built-in one"
        );
        return Err(Failure::option("model-tokenizer", problem));
    }
    let opened = HuggingFace::open(path).map_err(|it| Failure::option("model-tokenizer", it))?;
    Ok(Arc::new(opened))
}
