//! What one row of a dataset is to a workload.

use std::fs;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::conversation::Utterance;
use super::image::ImageSource;
use super::left_out::Changes;
use crate::request::{Role, ToolCall};

/// A row, read for what it asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// What is asked. Of a row that is only a conversation: what the user says first.
    pub prompt: Option<Arc<str>>,
    /// What is shown.
    pub images: Vec<ImageSource>,
    /// What is said in turn, if the row is a conversation.
    pub conversation: Vec<Utterance>,
    /// How many tokens the answer had, where the dataset says so.
    pub output_tokens: Option<u64>,
    /// The definitions of tools that the model may call, if the row is a conversation.
    pub tools: Arc<[Value]>,
    /// What of the row is sent in another way than it says.
    pub changes: Changes,
}

impl Record {
    /// What the user says first.
    pub(super) fn first_question(&self) -> Option<Arc<str>> {
        self.conversation.iter().find(|it| it.speaker == Role::User).map(|it| it.text.clone())
    }

    /// Returns whether the conversation defines or calls tools, or has a result of one.
    #[must_use]
    pub fn uses_tools(&self) -> bool {
        let is_of_tools =
            |utterance: &Utterance| utterance.speaker == Role::Tool || !utterance.tool_calls.is_empty();
        !self.tools.is_empty() || self.conversation.iter().any(is_of_tools)
    }

    /// Returns whether the conversation has more to send than one message of the user.
    #[must_use]
    pub fn is_more_than_a_prompt(&self) -> bool {
        let sent = self.conversation.iter().filter(|utterance| utterance.speaker != Role::Assistant);
        !self.tools.is_empty() || sent.count() > 1
    }

    /// How much memory it takes, about.
    pub(super) fn bytes(&self) -> u64 {
        let prompt = self.prompt.as_ref().map_or(0, |it| it.len());
        let spoken: usize =
            self.conversation.iter().map(|it| it.text.len() + size_of::<Utterance>() + 16).sum();
        let calls = self.conversation.iter().flat_map(|it| &it.tool_calls);
        let called: usize = calls.map(|call| call.text_len() + size_of::<ToolCall>()).sum();
        let defined: usize = self.tools.iter().map(|tool| 2 * tool.to_string().len()).sum();
        let shown: usize =
            self.images.iter().map(|it| size_of::<ImageSource>() + 16 + size_of_image(it)).sum();
        (size_of::<Self>() + prompt + spoken + called + defined + shown) as u64
    }

    /// Puts all that it says into a digest. Every part is preceded by its kind and length, so that no two
    /// records are the same to it.
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
                // Its content is not read for this: where it lies does not matter, what it is called does.
                ImageSource::File(path) => {
                    part(b'f', path.file_name().unwrap_or_default().as_encoded_bytes());
                    let size = fs::metadata(path).map_or(0, |it| it.len());
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
