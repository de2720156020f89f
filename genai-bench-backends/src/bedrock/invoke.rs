//! Conversations through `InvokeModel`, whose bodies and chunks are the models' own.
//!
//! Sources: the inference parameters of each maker in AWS's guide to Bedrock; what is said beside them of chunks, where
//! the guide shows none, is from code of others.

use bytes::Bytes;
use genai_bench_core::backend::Decoder;
use genai_bench_core::event::{Events, Usage};
use genai_bench_core::failure::DecodeError;
use genai_bench_core::request::{Input, Request};
use genai_bench_core::trace::ServerTime;

use super::event::StreamDecoder;
use super::{Extras, Family};
use crate::anthropic::EventReader;
use crate::wire::stream::Progress;
use crate::wire::unstreamed::UnstreamedDecoder;

mod anthropic;
mod chat;
mod cohere;
mod event;
mod llama;
mod mistral;
mod nova;
mod prompt;
mod titan;

/// Asks a model of `family`.
///
/// # Errors
///
/// What cannot be asked.
pub(super) fn ask(family: Family, request: &Request, extras: &Extras) -> Result<Bytes, &'static str> {
    let output = request.output();
    let prompt = || prompt::of(family, &request.input, extras.system_message.as_deref());
    match family {
        Family::Llama3 | Family::Llama4 => return Ok(llama::ask(&prompt()?, output, extras)),
        Family::DeepSeekR1 | Family::Mistral => return Ok(mistral::ask(&prompt()?, output, extras)),
        Family::Titan => return Ok(titan::ask(&prompt()?, output, extras)),
        _ => {}
    }
    let Input::Chat { messages, .. } = &request.input else {
        return Err("completions by this model: it has conversations only");
    };
    match family {
        Family::Anthropic => anthropic::ask(messages, output, extras),
        Family::Cohere => cohere::ask(messages, output, extras),
        Family::Nova => nova::ask(messages, output, extras),
        Family::OpenAi => chat::ask(messages, "max_completion_tokens", output, extras),
        Family::Stability => Err("conversations with this model: it makes pictures"),
        _ => chat::ask(messages, "max_tokens", output, extras),
    }
}

/// A decoder of a streamed answer.
pub(super) fn streamed(family: Family) -> Box<dyn Decoder> {
    fn reading(
        take: impl FnMut(&[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
    ) -> Box<dyn Decoder> {
        let mut reader = event::Reader::new(take);
        StreamDecoder::boxed(move |kind, payload, events| reader.take(kind, payload, events))
    }
    match family {
        Family::Anthropic => {
            let mut reader = EventReader::default();
            reading(move |json, events| reader.take(json, events))
        }
        Family::Cohere => reading(cohere::take),
        Family::Llama3 | Family::Llama4 => reading(llama::take),
        Family::Mistral => reading(mistral::take),
        Family::Nova => reading(nova::take),
        Family::Titan => reading(titan::take),
        // Stability's models are never asked for text.
        Family::Chat | Family::DeepSeekR1 | Family::OpenAi | Family::Stability => {
            let mut reader = chat::Reader::default();
            reading(move |json, events| reader.take(json, events))
        }
    }
}

/// A decoder of an answer in one piece, whose head told of `usage` and `time`: the service's counts win over the model's.
pub(super) fn whole(family: Family, usage: Usage, time: ServerTime) -> Box<dyn Decoder> {
    UnstreamedDecoder::boxed(move |body, events| {
        match family {
            Family::Anthropic => crate::anthropic::read(body, events)?,
            Family::Cohere => cohere::read(body, events)?,
            Family::Llama3 | Family::Llama4 => ended(llama::take(body, events)?)?,
            Family::Mistral => ended(mistral::take(body, events)?)?,
            Family::Nova => super::response::read(body, events)?,
            Family::Titan => titan::read(body, events)?,
            Family::Chat | Family::DeepSeekR1 | Family::OpenAi | Family::Stability => {
                ended(chat::Reader::default().take(body, events)?)?;
            }
        }
        events.server_time(time);
        if usage != Usage::default() {
            events.usage(usage);
        }
        Ok(())
    })
}

/// Of models whose answers in one piece look like the chunks of a stream.
fn ended(progress: Progress) -> Result<(), DecodeError> {
    match progress {
        Progress::More => Err(DecodeError::Malformed("an answer that does not say why it ends".into())),
        Progress::Finished | Progress::Closed => Ok(()),
    }
}
