//! Parsing of conversations from cells.

use std::collections::VecDeque;
use std::sync::Arc;

use super::left_out::Change;
use super::message::{ParsedMessage, parse_message, parse_pair};
use super::record::Record;
use super::row::{Cell, Row};
use super::tools::WrittenCall;
use crate::request::{Role, ToolCall};

/// The names of columns that hold a conversation.
pub(super) const COLUMNS: [&str; 4] = ["conversations", "conversation", "messages", "turns"];

/// A message of a conversation in a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Utterance {
    /// The role of the speaker.
    pub speaker: Role,
    /// The text.
    pub text: Arc<str>,
    /// The tools that the assistant calls.
    pub tool_calls: Vec<ToolCall>,
    /// The id of the call whose result the text of a tool is.
    pub tool_call_id: Option<Arc<str>>,
}

impl Utterance {
    /// Creates a message without tool calls.
    pub fn new(speaker: Role, text: impl Into<Arc<str>>) -> Self {
        Self { speaker, text: text.into(), tool_calls: Vec::new(), tool_call_id: None }
    }
}

/// The speakers of the texts of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextSpeakers {
    /// All texts are the user's.
    User,
    /// The texts are the user's and the assistant's in turn.
    Alternating,
}

/// Parses a list of `{"from": ..., "value": ...}`, of `{"role": ..., "content": ...}`, of pairs such as
/// `{"input": ..., "output": ...}`, or of plain texts. Images and changes are added to `record`. Returns an empty list if
/// there is no message of the user.
///
/// Consecutive messages of the assistant or the system are joined by a blank line, those of the user are not. Messages of the
/// assistant or a tool before the first question are left out.
pub(super) fn conversation_of(
    items: &[Cell],
    texts: TextSpeakers,
    row: &Row,
    record: &mut Record,
) -> Result<Vec<Utterance>, String> {
    let mut conversation = Conversation::default();
    for (number, item) in items.iter().enumerate() {
        let is_answer = texts == TextSpeakers::Alternating && number % 2 == 1;
        if let Some(pair) = parse_pair(item) {
            pair.into_iter().for_each(|message| conversation.add(message, record));
            continue;
        }
        let message = match item {
            Cell::Text(text) if is_answer => ParsedMessage::new(Role::Assistant, text.to_string()),
            _ => parse_message(item, row, record)?,
        };
        conversation.add(message, record);
    }
    let utterances = conversation.utterances;
    if !utterances.iter().any(|utterance| utterance.speaker == Role::User) {
        return Ok(Vec::new());
    }
    count_unanswered(&utterances, record);
    Ok(utterances)
}

/// Counts the questions that follow another question, or the result of a tool, without an answer between them.
fn count_unanswered(utterances: &[Utterance], record: &mut Record) {
    let mut is_open = false;
    for utterance in utterances {
        match utterance.speaker {
            Role::User if is_open => record.changes.add(Change::UnansweredQuestion),
            Role::User | Role::Tool => is_open = true,
            Role::Assistant => is_open = false,
            Role::System => {}
        }
    }
}

/// A conversation that is built message by message.
#[derive(Debug, Default)]
struct Conversation {
    utterances: Vec<Utterance>,
    /// `true` after the first question.
    has_begun: bool,
    /// The ids of the calls without a result.
    open_calls: VecDeque<Arc<str>>,
    /// The number of calls that were given an id.
    named_calls: u32,
}

impl Conversation {
    /// Adds a message, or counts why it is left out.
    fn add(&mut self, message: ParsedMessage, record: &mut Record) {
        let is_blank =
            message.text.trim().is_empty() && message.calls.is_empty() && message.speaker != Role::Tool;
        let is_of_user = message.speaker == Role::User;
        self.has_begun |= is_of_user && (!is_blank || message.has_images);
        if message.is_unread_call {
            record.changes.add(Change::CallAsText);
        }
        if is_blank {
            if !message.has_images {
                record.changes.add(Change::BlankMessage);
            }
        } else if !self.has_begun && matches!(message.speaker, Role::Assistant | Role::Tool) {
            record.changes.add(Change::AnswerBeforeQuestion);
        } else {
            match message.speaker {
                Role::Tool => self.add_result(message, record),
                Role::User => self.utterances.push(Utterance::new(Role::User, message.text)),
                _ => self.add_or_join(message, record),
            }
        }
    }

    /// Adds the result of a call. A result of no known call becomes a message of the user, because APIs refuse it otherwise.
    fn add_result(&mut self, message: ParsedMessage, record: &mut Record) {
        let id = match &message.result_of {
            Some(id) => self.open_calls.iter().position(|open| open == id),
            None => (!self.open_calls.is_empty()).then_some(0),
        };
        if let Some(id) = id.and_then(|position| self.open_calls.remove(position)) {
            let result = Utterance::new(Role::Tool, message.text);
            self.utterances.push(Utterance { tool_call_id: Some(id), ..result });
        } else if message.text.trim().is_empty() {
            record.changes.add(Change::BlankMessage);
        } else {
            record.changes.add(Change::ResultAsText);
            self.utterances.push(Utterance::new(Role::User, message.text));
        }
    }

    /// Adds a message of the assistant or the system, or joins it to the previous one of the same speaker.
    fn add_or_join(&mut self, message: ParsedMessage, record: &mut Record) {
        let calls: Vec<ToolCall> = message.calls.into_iter().map(|call| self.with_id(call)).collect();
        self.open_calls.extend(calls.iter().map(|call| Arc::clone(&call.id)));
        match self.utterances.last_mut() {
            Some(before) if before.speaker == message.speaker => {
                if before.text.is_empty() {
                    before.text = message.text.into();
                } else if !message.text.is_empty() {
                    before.text = format!("{}\n\n{}", before.text, message.text).into();
                    record.changes.add(Change::JoinedMessage);
                }
                before.tool_calls.extend(calls);
            }
            _ => {
                let utterance = Utterance::new(message.speaker, message.text);
                self.utterances.push(Utterance { tool_calls: calls, ..utterance });
            }
        }
    }

    /// Returns a call with its id, or with a new one where it has none.
    fn with_id(&mut self, call: WrittenCall) -> ToolCall {
        let id = call.id.unwrap_or_else(|| {
            self.named_calls += 1;
            format!("call_{}", self.named_calls).into()
        });
        ToolCall::new(id, call.name, call.arguments)
    }
}

#[cfg(test)]
mod tests;
