//! Sessions made from the conversations of a dataset.

use std::sync::Arc;

use super::dataset::ConversationSettings;
use super::{History, SampleError};
use crate::dataset::{Record, Utterance};
use crate::request::{Input, Message, OutputLength, Request, Role, Session, Turn};
use crate::tokenizer::Tokenizer;
use crate::units::Tokens;

/// The session of one conversation under construction.
///
/// A turn is sent before each message of the model: after each message of the user, and after the results of the tools
/// that the model called. Where the dataset has no output for a turn, the next turn holds the model's own. Calls of
/// tools are those of the dataset even where outputs are live, because the results that follow belong to them.
#[derive(Debug)]
pub(super) struct ConversationSession<'a> {
    model: &'a Arc<str>,
    tokenizer: &'a dyn Tokenizer,
    settings: ConversationSettings,
    record: &'a Record,
    output: OutputLength,
    messages: Vec<Message>,
    turns: Vec<Turn>,
    /// The length of all messages. `None` where one is an output that does not exist yet, or where tools are sent,
    /// which the server's template formats in its own way.
    length: Option<Tokens>,
    /// `true` while the last turn has no output among the messages.
    is_unanswered: bool,
}

impl<'a> ConversationSession<'a> {
    /// Creates the session of the conversation of `record`, whose outputs have the length `output`.
    pub(super) fn new(
        model: &'a Arc<str>,
        tokenizer: &'a dyn Tokenizer,
        settings: ConversationSettings,
        record: &'a Record,
        output: OutputLength,
    ) -> Self {
        let length = (!record.uses_tools()).then_some(Tokens(0));
        Self {
            model,
            tokenizer,
            settings,
            record,
            output,
            messages: Vec::new(),
            turns: Vec::new(),
            length,
            is_unanswered: false,
        }
    }

    /// Returns the turns of the session. Empty where the conversation has no message of the user.
    ///
    /// # Errors
    ///
    /// When the tokenizer fails.
    pub(super) fn turns(mut self) -> Result<Vec<Turn>, SampleError> {
        let messages = &self.record.conversation;
        for (number, utterance) in messages.iter().enumerate() {
            let next = messages.get(number + 1).map(|next| next.speaker);
            let asks = match utterance.speaker {
                Role::User => true,
                // Results of several calls are sent together.
                Role::Tool => next != Some(Role::Tool),
                _ => false,
            };
            if asks && self.turns.len() as u64 >= u64::from(self.settings.most_turns) {
                break;
            }
            self.add(utterance)?;
            if asks {
                self.add_turn();
            }
        }
        Ok(self.turns)
    }

    fn add(&mut self, utterance: &Utterance) -> Result<(), SampleError> {
        let is_live = self.settings.history == History::Live && utterance.tool_calls.is_empty();
        match utterance.speaker {
            Role::Assistant if is_live && self.is_unanswered => {
                self.add_reply();
                return Ok(());
            }
            Role::Assistant => self.is_unanswered = false,
            Role::User | Role::System if self.is_unanswered => self.add_reply(),
            _ => {}
        }
        if let Some(length) = &mut self.length {
            *length += self.tokenizer.count(&utterance.text)?;
        }
        let mut message = Message::new(utterance.speaker, Arc::clone(&utterance.text));
        message.tool_call_id.clone_from(&utterance.tool_call_id);
        self.messages.push(message.calling(utterance.tool_calls.iter().cloned()));
        Ok(())
    }

    /// Adds a placeholder for the model's output of the last turn.
    fn add_reply(&mut self) {
        if let Some(turn) = u32::try_from(self.turns.len()).unwrap_or(u32::MAX).checked_sub(1) {
            self.messages.push(Message::reply_to(turn));
            self.length = None;
            self.is_unanswered = false;
        }
    }

    fn add_turn(&mut self) {
        let input = Input::Chat { messages: self.messages.clone(), output: self.output };
        let request = Request::new(Arc::clone(self.model), input).with_tools(Arc::clone(&self.record.tools));
        let turn = Turn::new(request, self.length);
        let is_first = self.turns.is_empty();
        self.turns.push(if is_first { turn } else { turn.after(self.settings.think) });
        self.is_unanswered = true;
    }
}

/// Creates a session of `turns`.
///
/// # Errors
///
/// When there is none.
pub(super) fn session(turns: Vec<Turn>) -> Result<Session, SampleError> {
    if turns.is_empty() {
        let problem = "a conversation of the dataset asks nothing".to_owned();
        return Err(SampleError::Source { source_name: "dataset".to_owned(), problem });
    }
    Ok(Session::new(turns))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::dataset::{Format, Mapping, Rows};
    use crate::tokenizer::Words;

    /// Returns the turns of a JSON row, each as its messages in short form.
    fn turns(json: &'static str, history: History) -> Vec<String> {
        let mut rows = Rows::read("a.jsonl".as_ref(), Format::Jsonl, move |_| Ok(json.as_bytes())).unwrap();
        let row = rows.next().unwrap().unwrap();
        let record = Mapping::default().record(&row).unwrap().record().unwrap();
        let settings = ConversationSettings { history, think: Duration::ZERO, most_turns: 9 };
        let model = "m".into();
        let session = ConversationSession::new(&model, &Words, settings, &record, OutputLength::Free);
        session.turns().unwrap().iter().map(in_short).collect()
    }

    fn in_short(turn: &Turn) -> String {
        let Input::Chat { messages, .. } = &turn.request.input else { panic!("no chat") };
        let message = |it: &Message| {
            let speaker = format!("{:?}", it.role).to_lowercase();
            let calls: String =
                it.tool_calls.iter().map(|call| format!("{}#{}", call.name, call.id)).collect();
            match (it.reply_to, &it.tool_call_id) {
                (Some(turn), _) => format!("<{turn}>"),
                (None, Some(id)) => format!("{speaker}#{id}:{}", it.text),
                (None, None) => format!("{speaker}:{}{calls}", it.text),
            }
        };
        let messages: Vec<String> = messages.iter().map(message).collect();
        let length = turn.input.map_or("?".to_owned(), |length| length.0.to_string());
        format!("{} ={length}", messages.join(" "))
    }

    const TOOLS: &str = r#"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": null,
        "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": "{}"}},
        {"id": "y", "function": {"name": "g", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "y", "content": "2"}, {"role": "tool", "tool_call_id": "x", "content": "1"},
        {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]}"#;

    #[test]
    fn questions_of_one_speaker_are_turns_after_the_models_answers() {
        for history in [History::Live, History::Recorded] {
            let expected = ["user:one two =2", "user:one two <0> user:three =?"];
            assert_eq!(turns(r#"{"turns": ["one two", "three"]}"#, history), expected);
        }
    }

    #[test]
    fn a_question_without_a_recorded_answer_follows_the_models_own() {
        const ROW: &str = r#"{"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"},
            {"from": "human", "value": "c"}, {"from": "human", "value": "d"}]}"#;
        let row = Box::leak(ROW.replace('\n', " ").into_boxed_str());
        let recorded = turns(row, History::Recorded);
        assert_eq!(
            recorded[1..],
            ["user:a assistant:b user:c =3", "user:a assistant:b user:c <1> user:d =?"]
        );
        let live = turns(row, History::Live);
        assert_eq!(live[2], "user:a <0> user:c <1> user:d =?");
    }

    #[test]
    fn tool_calls_are_recorded_and_their_results_start_a_turn() {
        let row = Box::leak(TOOLS.replace('\n', " ").into_boxed_str());
        let called = "user:a assistant:f#xg#y tool#y:2 tool#x:1";
        for (history, answer) in [(History::Live, "<1>"), (History::Recorded, "assistant:b")] {
            let expected =
                ["user:a =?".to_owned(), format!("{called} =?"), format!("{called} {answer} user:c =?")];
            assert_eq!(turns(row, history), expected);
        }
    }
}
