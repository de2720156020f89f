//! Answers in one piece.

use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;
use genai_bench_core::failure::{DecodeError, Failure};

pub(crate) use super::json::parse;
use super::skim::Skim;
use super::sse::{LONGEST, TooLong};

/// Reads an answer that comes in one piece, when all of it is there.
pub(crate) struct WholeDecoder<F> {
    body: Vec<u8>,
    skim: Option<Skim>,
    read: F,
}

impl<F> WholeDecoder<F>
where
    F: FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
{
    /// A decoder whose body is read by `read`.
    pub(crate) fn boxed(read: F) -> Box<dyn Decoder> {
        Box::new(Self { body: Vec::new(), skim: None, read })
    }

    /// The same for a body of which only the outline is read: what is long in it is never kept.
    pub(crate) fn skimming(read: F) -> Box<dyn Decoder> {
        Box::new(Self { body: Vec::new(), skim: Some(Skim::default()), read })
    }
}

impl<F> Decoder for WholeDecoder<F>
where
    F: FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send,
{
    fn decode(&mut self, chunk: &[u8], _: &mut Events<'_>) -> Result<(), DecodeError> {
        if self.body.len() + chunk.len() > LONGEST {
            return Err(TooLong.into());
        }
        match &mut self.skim {
            Some(skim) => skim.feed(chunk, &mut self.body),
            None => self.body.extend_from_slice(chunk),
        }
        Ok(())
    }

    fn buffered_bytes(&self) -> usize {
        self.body.len()
    }

    fn finish(self: Box<Self>, events: &mut Events<'_>) -> Result<(), DecodeError> {
        let Self { body, read, .. } = *self;
        read(&body, events)?;
        events.unstreamed();
        Ok(())
    }
}

/// Reads an answer by `read`, unless it has an error `inside`, and nothing but that.
pub(crate) fn unless_refused(
    inside: fn(&[u8]) -> Option<Failure>,
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    move |body, events| match inside(body) {
        Some(failure) => {
            events.failed(failure);
            Ok(())
        }
        None => read(body, events),
    }
}

/// Reads an answer by `read`. Where that finds none, an error `inside` the body is why.
pub(crate) fn or_refused(
    inside: fn(&[u8]) -> Option<Failure>,
    read: impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static,
) -> impl FnOnce(&[u8], &mut Events<'_>) -> Result<(), DecodeError> + Send + 'static {
    move |body, events| {
        read(body, events).or_else(|error| {
            events.failed(inside(body).ok_or(error)?);
            Ok(())
        })
    }
}

/// Returns the error of a part that came whole: what is missing in it will not come.
pub(crate) fn expected_all(error: DecodeError) -> DecodeError {
    match error {
        DecodeError::Truncated => DecodeError::Malformed("an event that ends too early".into()),
        other => other,
    }
}

/// Tells of `came` things that are whole by themselves, if they are as many as were asked for: `asked`, where
/// that is known, or any.
pub(crate) fn tell_items(
    what: &str,
    came: usize,
    asked: Option<usize>,
    events: &mut Events<'_>,
) -> Result<(), DecodeError> {
    if came == 0 || asked.is_some_and(|it| it != came) {
        let asked = asked.map_or_else(|| "any".to_owned(), |it| it.to_string());
        return Err(DecodeError::Malformed(format!("{came} {what} instead of {asked}").into()));
    }
    for _ in 0..came {
        events.item();
    }
    Ok(())
}
