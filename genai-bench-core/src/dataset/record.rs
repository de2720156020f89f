//! The content of a row that a workload sends.

use std::fs;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::conversation::Utterance;
use super::image::ImageSource;
use super::left_out::Changes;
use crate::request::{Role, ToolCall};

/// The content of a row that is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The prompt. Of a row that has only a conversation, the first message of the user.
    pub prompt: Option<Arc<str>>,
    /// The images.
    pub images: Vec<ImageSource>,
    /// The messages of the conversation; empty where the row has none.
    pub conversation: Vec<Utterance>,
    /// The number of tokens of the answer, where the dataset has it.
    pub output_tokens: Option<u64>,
    /// The definitions of tools that the model may call in the conversation.
    pub tools: Arc<[Value]>,
    /// The changes to the content of the row.
    pub changes: Changes,
}

impl Record {
    /// Returns the first message of the user.
    pub(super) fn first_question(&self) -> Option<Arc<str>> {
        let question = self.conversation.iter().find(|utterance| utterance.speaker == Role::User);
        question.map(|utterance| utterance.text.clone())
    }

    /// Returns `true` if the conversation has definitions, calls or results of tools.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        !self.tools.is_empty()
            || self
                .conversation
                .iter()
                .any(|utterance| utterance.speaker == Role::Tool || !utterance.tool_calls.is_empty())
    }

    /// Returns `true` if the conversation has more to send than one message of the user.
    #[must_use]
    pub fn is_more_than_a_prompt(&self) -> bool {
        let sent = self.conversation.iter().filter(|utterance| utterance.speaker != Role::Assistant);
        !self.tools.is_empty() || sent.count() > 1
    }

    /// Returns the approximate memory of the record, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        let prompt = self.prompt.as_ref().map_or(0, |prompt| prompt.len());
        let texts = self.conversation.iter().map(|utterance| utterance.text.len());
        let messages: usize = texts.map(|length| length + size_of::<Utterance>() + 16).sum();
        let calls = self.conversation.iter().flat_map(|utterance| &utterance.tool_calls);
        let calls: usize = calls.map(|call| call.text_len() + size_of::<ToolCall>()).sum();
        let tools: usize = self.tools.iter().map(|tool| 2 * tool.to_string().len()).sum();
        let images = self.images.iter().map(size_of_image);
        let images: usize = images.map(|length| length + size_of::<ImageSource>() + 16).sum();
        (size_of::<Self>() + prompt + messages + calls + tools + images) as u64
    }

    /// Adds the content of the record to a digest. Each part is preceded by its kind and length, so that different records
    /// have different digests.
    pub(super) fn digest(&self, into: &mut Sha256) {
        let mut part = |kind: u8, bytes: &[u8]| {
            into.update([kind]);
            into.update((bytes.len() as u64).to_le_bytes());
            into.update(bytes);
        };
        part(b'r', b"");
        if let Some(prompt) = &self.prompt {
            part(b'p', prompt.as_bytes());
        }
        for image in &self.images {
            match image {
                ImageSource::Url(url) => part(b'u', url.as_bytes()),
                ImageSource::Bytes(bytes) => part(b'b', bytes),
                // The file is not read for this, and its folder may differ from machine to machine.
                ImageSource::File(path) => {
                    part(b'f', path.file_name().unwrap_or_default().as_encoded_bytes());
                    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
                    part(b'l', &size.to_le_bytes());
                }
            }
        }
        for tool in &*self.tools {
            part(b'd', tool.to_string().as_bytes());
        }
        for Utterance { speaker, text, tool_calls, tool_call_id } in &self.conversation {
            let kind = match speaker {
                Role::System => b's',
                Role::User => b'q',
                Role::Assistant => b'a',
                Role::Tool => b'w',
            };
            part(kind, text.as_bytes());
            for call in tool_calls {
                part(b'c', call.id.as_bytes());
                part(b'n', call.name.as_bytes());
                part(b'g', call.arguments.as_bytes());
            }
            if let Some(id) = tool_call_id {
                part(b'i', id.as_bytes());
            }
        }
        if let Some(tokens) = self.output_tokens {
            part(b'o', &tokens.to_le_bytes());
        }
    }
}

fn size_of_image(image: &ImageSource) -> usize {
    match image {
        ImageSource::Url(url) => url.len(),
        ImageSource::Bytes(bytes) => bytes.len(),
        ImageSource::File(path) => path.as_os_str().len(),
    }
}
