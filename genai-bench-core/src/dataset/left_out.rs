//! Reasons for leaving rows out, and kinds of changes to rows.

use std::collections::BTreeMap;

/// The reason why a row that can be read is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum LeftOut {
    /// The prompt is null.
    NullPrompt,
    /// The prompt is blank.
    BlankPrompt,
    /// The conversation has no message of the user.
    NoQuestion,
    /// The row has no image, and images are required.
    NoImage,
    /// A field of the template is empty, and such rows are left out by request.
    EmptyField,
    /// The row has definitions, calls or results of tools, which the backend cannot send.
    Tools,
}

impl LeftOut {
    /// Returns the name of the reason in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NullPrompt => "null_prompt",
            Self::BlankPrompt => "blank_prompt",
            Self::NoQuestion => "no_question",
            Self::NoImage => "no_image",
            Self::EmptyField => "empty_field",
            Self::Tools => "tools",
        }
    }

    /// Returns the reason as a phrase that follows a number of rows.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::NullPrompt => "whose prompt is null",
            Self::BlankPrompt => "whose prompt is blank",
            Self::NoQuestion => "without a question of the user",
            Self::NoImage => "without an image",
            Self::EmptyField => "with an empty field of the template",
            Self::Tools => "with definitions, calls or results of tools",
        }
    }
}

/// A change to the content of a row: a part that is left out or sent in another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Change {
    /// A message of the assistant or a tool before the first question is left out.
    AnswerBeforeQuestion,
    /// A message without text is left out.
    BlankMessage,
    /// A message of the assistant or the system is joined to the one before, of the same speaker, by a blank line.
    JoinedMessage,
    /// A question follows another one without a recorded answer. It is sent as a turn after the model's own answer.
    UnansweredQuestion,
    /// A text in a prompt column, or a Python literal, is read as a conversation.
    ReadAsConversation,
    /// A tool call that is no JSON is sent as text of the assistant.
    CallAsText,
    /// The result of a tool that belongs to no call is sent as a message of the user.
    ResultAsText,
    /// A system prompt column is not sent, because the conversation has a system message.
    UnusedSystem,
    /// A column `history`, `context` or `tools` is not sent, because it has an unknown form.
    UnreadColumn,
    /// An answer of 0 tokens is requested with 1.
    EmptyAnswer,
    /// The length of an answer is no whole number and is ignored.
    UnreadLength,
}

impl Change {
    /// Returns the name of the change in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AnswerBeforeQuestion => "answer_before_question",
            Self::BlankMessage => "blank_message",
            Self::JoinedMessage => "joined_message",
            Self::UnansweredQuestion => "unanswered_question",
            Self::ReadAsConversation => "read_as_conversation",
            Self::CallAsText => "call_as_text",
            Self::ResultAsText => "result_as_text",
            Self::UnusedSystem => "unused_system",
            Self::UnreadColumn => "unread_column",
            Self::EmptyAnswer => "empty_answer",
            Self::UnreadLength => "unread_length",
        }
    }

    /// Returns the change as a phrase that follows its number and a colon.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::AnswerBeforeQuestion => "messages before the first question, left out",
            Self::BlankMessage => "messages without text, left out",
            Self::JoinedMessage => {
                "messages of the assistant or the system after one of the same speaker, joined by a blank line"
            }
            Self::UnansweredQuestion => {
                "questions after another without a recorded answer between them, each sent as a turn after the model's \
                 own answer"
            }
            Self::ReadAsConversation => "texts of JSON or Python, read as conversations",
            Self::CallAsText => "tool calls that are no JSON, sent as text of the assistant",
            Self::ResultAsText => "tool results that belong to no call, sent as messages of the user",
            Self::UnusedSystem => {
                "columns of system prompts, not sent because the conversation has a system message of its own"
            }
            Self::UnreadColumn => "columns history, context or tools of an unknown form, not sent",
            Self::EmptyAnswer => "answers of 0 tokens, asked for with 1",
            Self::UnreadLength => "lengths of answers that are no whole number, not asked for",
        }
    }
}

/// The number of changes by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes(BTreeMap<Change, u64>);

impl Changes {
    /// Adds one change.
    pub(super) fn add(&mut self, change: Change) {
        *self.0.entry(change).or_default() += 1;
    }

    /// Adds the changes of a row.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (change, count) in other.iter() {
            *self.0.entry(change).or_default() += count;
        }
    }

    /// Returns the kinds that occur, each with its number.
    pub fn iter(&self) -> impl Iterator<Item = (Change, u64)> {
        self.0.iter().map(|(change, count)| (*change, *count))
    }

    /// Returns the number of changes of a kind.
    #[must_use]
    pub fn count(&self, change: Change) -> u64 {
        self.0.get(&change).copied().unwrap_or(0)
    }

    /// Returns `true` if nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The number of rows left out by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowsLeftOut(BTreeMap<LeftOut, u64>);

impl RowsLeftOut {
    /// Adds one row.
    pub(super) fn add(&mut self, reason: LeftOut) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// Returns the reasons that occur, each with its number of rows.
    pub fn iter(&self) -> impl Iterator<Item = (LeftOut, u64)> {
        self.0.iter().map(|(reason, count)| (*reason, *count))
    }

    /// Returns the number of rows that are left out for a reason.
    #[must_use]
    pub fn count(&self, reason: LeftOut) -> u64 {
        self.0.get(&reason).copied().unwrap_or(0)
    }

    /// Returns the number of all rows that are left out.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
