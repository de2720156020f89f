//! Conversations through `InvokeModel`, whose bodies and chunks are the models' own.
//!
//! Sources: the inference parameters of each maker in AWS's guide to Bedrock; what is said beside them of chunks, where
//! the guide shows none, is from code of others.

use bytes::Bytes;
use genai_bench_core::backend::Decoder;
use genai_bench_core::backend::Events;

use genai_bench_core::failure::DecodeError;
use genai_bench_core::record::ServerTime;
use genai_bench_core::record::Usage;
use genai_bench_core::request::{Input, Request};

use super::event::StreamDecoder;
use super::{ExtraParams, Family};
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
pub(super) fn write_request(
    family: Family,
    request: &Request,
    extra_params: &ExtraParams,
) -> Result<Bytes, &'static str> {
    let output = request.output();
    let prompt = || prompt::from_input(family, &request.input, extra_params.system_message.as_deref());
    match family {
        Family::Llama3 | Family::Llama4 => return Ok(llama::write_request(&prompt()?, output, extra_params)),
        Family::DeepSeekR1 | Family::Mistral => {
            return Ok(mistral::write_request(&prompt()?, output, extra_params));
        }
        Family::Titan => return Ok(titan::write_request(&prompt()?, output, extra_params)),
        _ => {}
    }
    let Input::Chat { messages, .. } = &request.input else {
        return Err("completions by this model: it has conversations only");
    };
    match family {
        Family::Anthropic => anthropic::write_request(messages, output, extra_params),
        Family::Cohere => cohere::write_request(messages, output, extra_params),
        Family::Nova => nova::write_request(messages, output, extra_params),
        Family::OpenAi => chat::write_request(messages, "max_completion_tokens", output, extra_params),
        Family::Stability => Err("conversations with this model: it makes pictures"),
        _ => chat::write_request(messages, "max_tokens", output, extra_params),
    }
}

/// A decoder of a streamed answer.
pub(super) fn streamed(family: Family) -> Box<dyn Decoder> {
    fn reading(
        take: impl FnMut(&[u8], &mut Events<'_>) -> Result<Progress, DecodeError> + Send + 'static,
    ) -> Box<dyn Decoder> {
        let mut reader = event::Reader::new(take);
        StreamDecoder::boxed(move |kind, payload, events| reader.read_event(kind, payload, events))
    }
    match family {
        Family::Anthropic => {
            let mut reader = EventReader::default();
            reading(move |json, events| reader.read_event(json, events))
        }
        Family::Cohere => reading(cohere::read_event),
        Family::Llama3 | Family::Llama4 => reading(llama::read_event),
        Family::Mistral => reading(mistral::read_event),
        Family::Nova => reading(nova::read_event),
        Family::Titan => reading(titan::read_event),
        // Stability's models are never asked for text.
        Family::Chat | Family::DeepSeekR1 | Family::OpenAi | Family::Stability => {
            let mut reader = chat::Reader::default();
            reading(move |json, events| reader.read_event(json, events))
        }
    }
}

/// A decoder of an answer in one piece, whose head told of `usage` and `time`: the service's counts win over the model's.
pub(super) fn whole(family: Family, usage: Usage, time: ServerTime) -> Box<dyn Decoder> {
    UnstreamedDecoder::boxed(move |body, events| {
        match family {
            Family::Anthropic => crate::anthropic::read(body, events)?,
            Family::Cohere => cohere::read(body, events)?,
            Family::Llama3 | Family::Llama4 => ended(llama::read_event(body, events)?)?,
            Family::Mistral => ended(mistral::read_event(body, events)?)?,
            Family::Nova => super::response::read(body, events)?,
            Family::Titan => titan::read(body, events)?,
            Family::Chat | Family::DeepSeekR1 | Family::OpenAi | Family::Stability => {
                ended(chat::Reader::default().read_event(body, events)?)?;
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
