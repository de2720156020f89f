//! Conversations as they stand in cells.

use std::collections::VecDeque;
use std::sync::Arc;

use super::left_out::Change;
use super::message::{Said, said, said_in_pairs};
use super::record::Record;
use super::row::{Cell, Row};
use super::tools::WrittenCall;
use crate::request::{Role, ToolCall};

/// The names of columns that hold a conversation.
pub(super) const COLUMNS: [&str; 4] = ["conversations", "conversation", "messages", "turns"];

/// What one speaker says before another does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Utterance {
    /// Who speaks.
    pub speaker: Role,
    /// What is said.
    pub text: Arc<str>,
    /// The tools that the assistant calls.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool's text is the result of.
    pub tool_call_id: Option<Arc<str>>,
}

impl Utterance {
    /// What a speaker says.
    pub fn new(speaker: Role, text: impl Into<Arc<str>>) -> Self {
        Self { speaker, text: text.into(), tool_calls: Vec::new(), tool_call_id: None }
    }
}

/// The speakers of a list of plain texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextSpeakers {
    /// The user says all of them.
    User,
    /// The user and the assistant take turns.
    Alternating,
}

/// Reads a list of `{"from": ..., "value": ...}`, of `{"role": ..., "content": ...}`, of pairs such as
/// `{"input": ..., "output": ...}`, or of plain texts. Images and changes go to `record`. Empty where the user asks nothing.
///
/// Each message of the user stays one. Those of the assistant or the system after one of the same speaker are joined
/// by a blank line; what comes before the first question is left out.
pub(super) fn conversation_of(
    items: &[Cell],
    texts: TextSpeakers,
    row: &Row,
    record: &mut Record,
) -> Result<Vec<Utterance>, String> {
    let mut reading = Reading::default();
    for (number, item) in items.iter().enumerate() {
        let is_answer = texts == TextSpeakers::Alternating && number % 2 == 1;
        if let Some(pair) = said_in_pairs(item) {
            pair.into_iter().for_each(|said| reading.add(said, record));
            continue;
        }
        let said = match item {
            Cell::Text(text) if is_answer => Said::new(Role::Assistant, text.to_string()),
            _ => said(item, row, record)?,
        };
        reading.add(said, record);
    }
    let asks = |utterance: &Utterance| utterance.speaker == Role::User;
    if !reading.spoken.iter().any(asks) {
        return Ok(Vec::new());
    }
    count_unanswered(&reading.spoken, record);
    Ok(reading.spoken)
}

/// Counts the questions that follow another one, or the result of a tool, without an answer.
fn count_unanswered(spoken: &[Utterance], record: &mut Record) {
    let mut is_open = false;
    for utterance in spoken {
        match utterance.speaker {
            Role::User if is_open => record.changes.add(Change::UnansweredQuestion),
            Role::User | Role::Tool => is_open = true,
            Role::Assistant => is_open = false,
            Role::System => {}
        }
    }
}

/// A conversation that is read message by message.
#[derive(Debug, Default)]
struct Reading {
    spoken: Vec<Utterance>,
    has_begun: bool,
    /// The calls without a result.
    open_calls: VecDeque<Arc<str>>,
    /// The number of calls that were given an id.
    named_calls: u32,
}

impl Reading {
    fn add(&mut self, said: Said, record: &mut Record) {
        let is_blank = said.text.trim().is_empty() && said.calls.is_empty() && said.speaker != Role::Tool;
        let is_of_user = said.speaker == Role::User;
        self.has_begun |= is_of_user && (!is_blank || said.shows);
        if said.is_unread_call {
            record.changes.add(Change::CallAsText);
        }
        if is_blank {
            if !said.shows {
                record.changes.add(Change::BlankMessage);
            }
        } else if !self.has_begun && matches!(said.speaker, Role::Assistant | Role::Tool) {
            record.changes.add(Change::AnswerBeforeQuestion);
        } else {
            match said.speaker {
                Role::Tool => self.add_result(said, record),
                Role::User => self.spoken.push(Utterance::new(Role::User, said.text)),
                _ => self.add_or_join(said, record),
            }
        }
    }

    /// Adds the result of a call; that of no known call as a message of the user, because APIs refuse it otherwise.
    fn add_result(&mut self, said: Said, record: &mut Record) {
        let id = match &said.result_of {
            Some(id) => self.open_calls.iter().position(|open| open == id),
            None => (!self.open_calls.is_empty()).then_some(0),
        };
        if let Some(id) = id.and_then(|position| self.open_calls.remove(position)) {
            let result = Utterance::new(Role::Tool, said.text);
            self.spoken.push(Utterance { tool_call_id: Some(id), ..result });
        } else if said.text.trim().is_empty() {
            record.changes.add(Change::BlankMessage);
        } else {
            record.changes.add(Change::ResultAsText);
            self.spoken.push(Utterance::new(Role::User, said.text));
        }
    }

    /// Adds a message of the assistant or the system, or joins it to the one before.
    fn add_or_join(&mut self, said: Said, record: &mut Record) {
        let calls: Vec<ToolCall> = said.calls.into_iter().map(|call| self.named(call)).collect();
        self.open_calls.extend(calls.iter().map(|call| Arc::clone(&call.id)));
        match self.spoken.last_mut() {
            Some(before) if before.speaker == said.speaker => {
                if before.text.is_empty() {
                    before.text = said.text.into();
                } else if !said.text.is_empty() {
                    before.text = format!("{}\n\n{}", before.text, said.text).into();
                    record.changes.add(Change::JoinedMessage);
                }
                before.tool_calls.extend(calls);
            }
            _ => {
                let utterance = Utterance::new(said.speaker, said.text);
                self.spoken.push(Utterance { tool_calls: calls, ..utterance });
            }
        }
    }

    /// Gives a call an id where it has none.
    fn named(&mut self, call: WrittenCall) -> ToolCall {
        let id = call.id.unwrap_or_else(|| {
            self.named_calls += 1;
            format!("call_{}", self.named_calls).into()
        });
        ToolCall::new(id, call.name, call.arguments)
    }
}

#[cfg(test)]
mod tests;
