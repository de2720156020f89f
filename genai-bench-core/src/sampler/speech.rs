//! Texts for speech synthesis.

use std::sync::Arc;

use super::{SampleError, Sampler};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// A sampler of texts of exactly the drawn number of characters, to be converted to speech.
#[derive(Clone, Debug)]
pub struct SpeechSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
}

impl SpeechSampler {
    /// Creates a sampler of requests to `model`, with texts from `prompts`.
    pub fn new(model: impl Into<Arc<str>>, prompts: PromptBuilder) -> Self {
        Self { model: model.into(), prompts }
    }

    /// Creates a text of this many characters: words, the last one cut off, and no space at the end.
    fn text(&self, characters: u64, of: &SessionSpec, rng: &mut Rng) -> Result<String, SampleError> {
        let target = usize::try_from(characters).unwrap_or(usize::MAX);
        let mut text = String::new();
        let mut length = 0;
        while length < target {
            if length > 0 {
                text.push(' ');
            }
            // A word has four letters and a space, or so.
            let words = Tokens((target - length).div_ceil(5) as u64);
            let more = match length {
                0 => self.prompts.build_for(of, 0, words, rng)?,
                _ => self.prompts.build(words, rng)?,
            };
            text.push_str(&more);
            length = text.chars().count();
        }
        let end = text.char_indices().nth(target).map_or(text.len(), |(at, _)| at);
        text.truncate(end);
        if text.ends_with(char::is_whitespace) {
            text.pop();
            text.push('.');
        }
        Ok(text)
    }
}

impl Sampler for SpeechSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Speech { characters } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "speech", shape: spec.shape });
        };
        let text = self.text(characters, spec, rng)?.into();
        let request = Request::new(Arc::clone(&self.model), Input::Speech { text });
        Ok(Session::single(Turn::new(request, None)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;
    use crate::tokenizer::Words;

    #[test]
    fn texts_have_exactly_so_many_characters() {
        let sampler = SpeechSampler::new("m", PromptBuilder::new(Arc::new(Words)).unwrap());
        for characters in 1..200 {
            let text = sampler
                .text(
                    characters,
                    &SessionSpec::new(Shape::Speech { characters }),
                    &mut Rng::at(1, Stream::Content, 0, characters),
                )
                .unwrap();
            assert_eq!(text.chars().count() as u64, characters);
            assert_eq!(text.trim(), text);
        }
    }
}
