//! Sessions of several turns.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{PromptBuilder, SampleError, Sampler, Wanted};
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// What the model is said to have answered before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// What it did answer: the server may have it in its cache.
    #[default]
    Live,
    /// What the workload says: every run sends the same, whatever was answered.
    Recorded,
}

/// How the turns of a session follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turns {
    /// How many turns a session has: each number is as likely as any other.
    pub count: RangeInclusive<u32>,
    /// How long the user thinks before each turn after the first.
    pub think: Duration,
    /// What the model is said to have answered before.
    pub history: History,
}

/// Makes chats of several turns: each adds a message of exactly the drawn length to all that was said before.
#[derive(Clone, Debug)]
pub struct DialogueSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    turns: Turns,
    stream: bool,
}

impl DialogueSampler {
    /// Chats with `model`, with messages from `prompts`.
    ///
    /// # Errors
    ///
    /// When there may be sessions without a turn, or the range of turns is empty.
    pub fn new(
        model: impl Into<Arc<str>>,
        prompts: PromptBuilder,
        turns: Turns,
    ) -> Result<Self, SampleError> {
        if *turns.count.start() < 1 || turns.count.is_empty() {
            let (from, to) = (turns.count.start(), turns.count.end());
            return Err(SampleError::NoTurns { from: *from, to: *to });
        }
        Ok(Self { model: model.into(), prompts, turns, stream: true })
    }

    /// Whether answers come piece by piece.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }
}

impl Sampler for DialogueSampler {
    fn sample(&self, wanted: &Wanted, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Text { input, output } = wanted.shape else {
            return Err(SampleError::WrongShape { sampler: "dialogue", shape: wanted.shape });
        };
        let count = rng.between(u64::from(*self.turns.count.start()), u64::from(*self.turns.count.end()));
        let mut messages: Vec<Message> = Vec::new();
        let mut turns = Vec::new();
        for turn in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            messages.push(Message::user(self.prompts.build(input, rng)?));
            // What was answered live may be longer or shorter than asked for: then only the server knows.
            let length = match self.turns.history {
                History::Live if turn > 0 => None,
                _ => Some(Tokens(input.0 * u64::from(turn + 1) + output.0 * u64::from(turn))),
            };
            let asked = Input::Chat { messages: messages.clone(), output: OutputLength::Exactly(output) };
            let mut request = Request::new(Arc::clone(&self.model), asked);
            request.stream = self.stream;
            let think = if turn == 0 { Duration::ZERO } else { self.turns.think };
            turns.push(Turn::new(request, length).after(think));
            messages.push(match self.turns.history {
                History::Live => Message::reply_to(turn),
                History::Recorded => Message::assistant(self.prompts.build(output, rng)?),
            });
        }
        Ok(Session::new(turns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Role;
    use crate::rng::Stream;
    use crate::tokenizer::Words;

    fn session(history: History, count: RangeInclusive<u32>, index: u64) -> Session {
        let turns = Turns { count, think: Duration::from_secs(2), history };
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let sampler = DialogueSampler::new("m", prompts, turns).unwrap();
        let wanted = Wanted::of(Shape::Text { input: Tokens(10), output: Tokens(5) });
        sampler.sample(&wanted, &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
    }

    fn messages(turn: &Turn) -> &[Message] {
        let Input::Chat { messages, .. } = &turn.request.input else { panic!("no chat") };
        messages
    }

    #[test]
    fn each_turn_begins_with_all_that_was_said_before() {
        let session = session(History::Recorded, 3..=3, 0);
        let [first, second, third] = &session.turns[..] else { panic!("{} turns", session.turns.len()) };
        assert_eq!(messages(second)[0], messages(first)[0]);
        assert_eq!(messages(third)[..3], *messages(second));
        assert_eq!(messages(third).len(), 5);
        assert_eq!([first, second, third].map(|it| it.input), [10, 25, 40].map(|it| Some(Tokens(it))));
        assert_eq!([first, second, third].map(|it| it.think.as_secs()), [0, 2, 2]);
    }

    #[test]
    fn a_live_history_has_places_for_answers() {
        let session = session(History::Live, 2..=2, 0);
        let last = messages(&session.turns[1]);
        assert_eq!((last[1].role, last[1].reply_to), (Role::Assistant, Some(0)));
        assert_eq!(session.turns[1].input, None);
    }

    #[test]
    fn every_number_of_turns_is_drawn() {
        let seen: std::collections::BTreeSet<usize> =
            (0..50).map(|index| session(History::Live, 2..=4, index).turns.len()).collect();
        assert_eq!(seen, [2, 3, 4].into());
    }
}
