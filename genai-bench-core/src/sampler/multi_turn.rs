//! Sessions of several turns.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{SampleError, Sampler, TemplateOverhead};
use crate::prompt::PromptBuilder;
use crate::request::SessionSpec;
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::scenario::Shape;
use crate::units::Tokens;

/// The source of earlier outputs in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum History {
    /// The model's own outputs, which the server may have in its cache.
    #[default]
    Live,
    /// The outputs of the workload: every run sends the same, independent of the responses.
    Recorded,
}

/// The settings for the turns of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turns {
    /// The range of the number of turns, uniformly distributed.
    pub count: RangeInclusive<u32>,
    /// The think time before each turn after the first.
    pub think: Duration,
    /// The source of earlier outputs in the conversation.
    pub history: History,
}

/// A sampler of chats of several turns: each turn adds a message of exactly the drawn length to the conversation
/// before.
#[derive(Clone, Debug)]
pub struct MultiTurnSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    turns: Turns,
    overhead: TemplateOverhead,
    /// The number of tokens that the template adds for each further turn: around the output and the next message.
    turn_overhead: Option<Tokens>,
    stream: bool,
}

impl MultiTurnSampler {
    /// Creates a sampler of chats with `model`, with messages from `prompts`.
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
        let overhead = TemplateOverhead::default();
        Ok(Self { model: model.into(), prompts, turns, overhead, turn_overhead: None, stream: true })
    }

    /// Sets the tokens that the server's chat template adds: `overhead` to a request of a single message, and
    /// `per_turn` for each further turn, that is around an output and the message after it, where that is known.
    ///
    /// Where the overhead is part of the scenario's length, the first message is shorter by it, and each further one
    /// by `per_turn`: the server then counts exactly the messages and outputs of the scenario.
    #[must_use]
    pub fn with_overhead(mut self, overhead: TemplateOverhead, per_turn: Option<Tokens>) -> Self {
        (self.overhead, self.turn_overhead) = (overhead, per_turn);
        self
    }

    /// Sets whether responses are streamed.
    #[must_use]
    pub fn with_stream(mut self, stream: bool) -> Self {
        self.stream = stream;
        self
    }

    /// Returns the tokens that the template adds in `turn`; `None` where they are not known.
    fn added_in(&self, turn: u32) -> Option<Tokens> {
        match (turn, self.turn_overhead) {
            (0, _) => Some(self.overhead.tokens),
            (_, Some(tokens)) => Some(tokens),
            // Nothing is known of any template: what is counted is the messages alone.
            (_, None) => Some(Tokens(0)).filter(|_| self.overhead == TemplateOverhead::default()),
        }
    }

    /// Returns the length of the message of `turn`, whose length in the scenario is `input`.
    fn message_length(&self, turn: u32, input: Tokens) -> Result<Tokens, SampleError> {
        let inside =
            if self.overhead.is_included { self.added_in(turn).unwrap_or_default() } else { Tokens(0) };
        match input.0.checked_sub(inside.0) {
            Some(length) if length > 0 => Ok(Tokens(length)),
            _ => Err(SampleError::ShorterThanTemplate { input: input.0, template: inside.0 }),
        }
    }

    /// Returns the server's count for the prompt of `turn`; `None` where it is not known.
    fn counted(&self, turn: u32, input: Tokens, output: Tokens) -> Option<Tokens> {
        if self.turns.history == History::Live && turn > 0 {
            // What was answered live may be longer or shorter than requested: then only the server knows.
            return None;
        }
        let mut counted = output.0 * u64::from(turn);
        for earlier in 0..=turn {
            let added = self.added_in(earlier)?;
            counted += input.0 + if self.overhead.is_included { 0 } else { added.0 };
        }
        Some(Tokens(counted))
    }
}

impl Sampler for MultiTurnSampler {
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let Shape::Text { input, output } = spec.shape else {
            return Err(SampleError::WrongShape { sampler: "dialogue", shape: spec.shape });
        };
        let count = rng.between(u64::from(*self.turns.count.start()), u64::from(*self.turns.count.end()));
        let mut messages: Vec<Message> = Vec::new();
        let mut turns = Vec::new();
        for turn in 0..u32::try_from(count).unwrap_or(u32::MAX) {
            let length = self.message_length(turn, input)?;
            // Later messages follow a beginning that no other session has.
            let message = match turn {
                0 => self.prompts.build_for(spec, 0, length, rng)?,
                _ => self.prompts.build(length, rng)?,
            };
            messages.push(Message::user(message));
            let length = self.counted(turn, input, output);
            let chat = Input::Chat { messages: messages.clone(), output: OutputLength::Exactly(output) };
            let mut request = Request::new(Arc::clone(&self.model), chat);
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

    fn sampler(history: History, count: RangeInclusive<u32>) -> MultiTurnSampler {
        let turns = Turns { count, think: Duration::from_secs(2), history };
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        MultiTurnSampler::new("m", prompts, turns).unwrap()
    }

    fn session(history: History, count: RangeInclusive<u32>, index: u64) -> Session {
        let sampler = sampler(history, count);
        let spec = SessionSpec::new(Shape::Text { input: Tokens(10), output: Tokens(5) });
        sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
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

    /// Returns the lengths of the user's messages in the last turn, and the count of each turn.
    fn lengths(is_included: bool, per_turn: Option<u64>) -> (Vec<u64>, Vec<Option<u64>>) {
        let overhead = TemplateOverhead { tokens: Tokens(4), is_included };
        let sampler = sampler(History::Recorded, 3..=3).with_overhead(overhead, per_turn.map(Tokens));
        let spec = SessionSpec::new(Shape::Text { input: Tokens(10), output: Tokens(5) });
        let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
        let user = messages(&session.turns[2]).iter().filter(|message| message.role == Role::User);
        let words = user.map(|message| message.text.split(' ').count() as u64).collect();
        (words, session.turns.iter().map(|turn| turn.input.map(|tokens| tokens.0)).collect())
    }

    #[test]
    fn the_template_is_part_of_each_turn_that_it_is_known_of() {
        assert_eq!(lengths(true, Some(3)), (vec![6, 7, 7], vec![Some(10), Some(25), Some(40)]));
        assert_eq!(lengths(true, None), (vec![6, 10, 10], vec![Some(10), None, None]));
        assert_eq!(lengths(false, Some(3)), (vec![10, 10, 10], vec![Some(14), Some(32), Some(50)]));
        assert_eq!(lengths(false, None), (vec![10, 10, 10], vec![Some(14), None, None]));
    }

    #[test]
    fn a_message_without_room_for_the_template_is_refused() {
        let overhead = TemplateOverhead { tokens: Tokens(10), is_included: true };
        let sampler = sampler(History::Live, 1..=1).with_overhead(overhead, None);
        let spec = SessionSpec::new(Shape::Text { input: Tokens(10), output: Tokens(5) });
        let error = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap_err();
        assert_eq!(error, SampleError::ShorterThanTemplate { input: 10, template: 10 });
    }

    #[test]
    fn every_number_of_turns_is_drawn() {
        let seen: std::collections::BTreeSet<usize> =
            (0..50).map(|index| session(History::Live, 2..=4, index).turns.len()).collect();
        assert_eq!(seen, [2, 3, 4].into());
    }
}
