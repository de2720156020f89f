//! Requests of a recorded trace, with its lengths and arrival times.

use std::ops::Range;
use std::sync::Arc;

use super::{SampleError, Sampler, TemplateOverhead, TextEndpoint};
use crate::prompt::PromptBuilder;
use crate::replay::TraceRow;
use crate::request::SessionSpec;
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::units::Tokens;

/// A sampler of the rows of a trace: each request has the recorded prompt length, output length and time. Blocks of
/// prompts that were the same in the recording are the same here. Rows that follow the output of the row before them
/// are turns of one session.
#[derive(Clone, Debug)]
pub struct ReplaySampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    rows: Arc<[TraceRow]>,
    /// The rows of each session.
    sessions: Arc<[Range<usize>]>,
    block: Tokens,
    endpoint: TextEndpoint,
    overhead: TemplateOverhead,
    seed: u64,
}

impl ReplaySampler {
    /// Creates a sampler of requests to `model` for `rows`, whose hashes stand for `block` tokens each; the text of a
    /// block is drawn by `seed`.
    pub fn new(
        model: impl Into<Arc<str>>,
        prompts: PromptBuilder,
        rows: impl Into<Arc<[TraceRow]>>,
        block: Tokens,
        seed: u64,
    ) -> Self {
        let (endpoint, overhead) = (TextEndpoint::default(), TemplateOverhead::default());
        let rows = rows.into();
        let sessions = sessions(&rows).into();
        Self { model: model.into(), prompts, rows, sessions, block, endpoint, overhead, seed }
    }

    /// Sets the kind of text request.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: TextEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Sets the tokens that the server's chat template adds. A request no longer than the template has a prompt of one
    /// token.
    #[must_use]
    pub fn with_overhead(mut self, overhead: TemplateOverhead) -> Self {
        self.overhead = overhead;
        self
    }

    /// Returns the length of the prompt itself, and its length by the server's count.
    fn lengths(&self, input: Tokens) -> (Tokens, Tokens) {
        let TemplateOverhead { tokens, is_included } = self.overhead;
        let prompt = if is_included { Tokens(input.0.saturating_sub(tokens.0).max(1)) } else { input };
        (prompt, prompt + tokens)
    }

    /// Creates a text of `length` tokens, from the blocks of `row` where it has any.
    fn text(&self, row: &TraceRow, length: Tokens, rng: &mut Rng) -> Result<String, SampleError> {
        if row.hash_ids.is_empty() {
            Ok(self.prompts.build(length, rng)?)
        } else {
            Ok(self.prompts.blocks(&row.hash_ids, self.block, length, self.seed, rng)?)
        }
    }

    /// Creates a preflight request with the lengths of `row` and a prompt that no run sends.
    fn before_the_runs(&self, row: &TraceRow, rng: &mut Rng) -> Result<Session, SampleError> {
        let (length, counted) = self.lengths(row.input);
        let prompt = self.prompts.build(length, rng)?;
        let request = self.request(prompt, OutputLength::AtMost(Tokens(1)));
        Ok(Session::single(Turn::new(request, Some(counted)).with_shared(self.overhead.tokens)))
    }

    fn request(&self, prompt: String, output: OutputLength) -> Request {
        let input = match self.endpoint {
            TextEndpoint::Chat => Input::Chat { messages: vec![Message::user(prompt)], output },
            TextEndpoint::Completions => Input::Completion { prompt: prompt.into(), output },
        };
        Request::new(Arc::clone(&self.model), input)
    }

    /// Creates a request that is complete in itself: the first of a session, or one whose prompt holds the
    /// conversation before.
    fn whole(&self, row: &TraceRow, rng: &mut Rng) -> Result<Turn, SampleError> {
        let (length, counted) = self.lengths(row.input);
        let request = self.request(self.text(row, length, rng)?, output(row));
        // Which of its blocks came before depends on the recording: any of them may have.
        let shared = if row.hash_ids.is_empty() { self.overhead.tokens } else { counted };
        Ok(Turn::new(request, Some(counted)).with_shared(shared))
    }

    /// Creates a request that adds a message to `before`, after the model's output of turn `answered`.
    fn message(
        &self,
        row: &TraceRow,
        before: &Turn,
        answered: u32,
        rng: &mut Rng,
    ) -> Result<Turn, SampleError> {
        let Input::Chat { messages, .. } = &before.request.input else {
            let problem = "messages of a session need the chat endpoint".to_owned();
            return Err(SampleError::Source { source_name: "recording".to_owned(), problem });
        };
        let mut messages = messages.clone();
        messages.push(Message::reply_to(answered));
        messages.push(Message::user(self.text(row, row.input, rng)?));
        let input = Input::Chat { messages, output: output(row) };
        // What was answered may be longer or shorter than recorded: only the server knows the length.
        let turn = Turn::new(Request::new(Arc::clone(&self.model), input), None);
        Ok(turn.with_shared(Turn::WHOLE_PROMPT))
    }
}

/// Returns the output length of a row. A row recorded without an output has a limit, too.
fn output(row: &TraceRow) -> OutputLength {
    OutputLength::Exactly(row.output.max(Tokens(1)))
}

/// Returns the rows of each session: one that is sent at its arrival, and those that follow it.
fn sessions(rows: &[TraceRow]) -> Vec<Range<usize>> {
    let mut sessions: Vec<Range<usize>> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        match sessions.last_mut() {
            Some(session) if row.follow_up.is_some() => session.end = place + 1,
            _ => sessions.push(place..place + 1),
        }
    }
    sessions
}

impl Sampler for ReplaySampler {
    /// Creates session `spec.index`. A preflight request has the lengths of the first row, and a prompt that no run
    /// sends.
    fn sample(&self, spec: &SessionSpec, rng: &mut Rng) -> Result<Session, SampleError> {
        let place = usize::try_from(spec.index).ok();
        let session = place.and_then(|place| self.sessions.get(place)).or(self.sessions.first());
        let Some((first, further)) = session.and_then(|session| self.rows[session.clone()].split_first())
        else {
            let problem = "it has no such request".to_owned();
            return Err(SampleError::Source { source_name: "recording".to_owned(), problem });
        };
        if spec.group == crate::request::PREFLIGHT_GROUP {
            return Ok(self.before_the_runs(first, rng)?.arriving(first.arrival));
        }
        let mut turns = vec![self.whole(first, rng)?];
        for (row, answered) in further.iter().zip(0..) {
            let follow_up = row.follow_up.unwrap_or_default();
            let turn = match turns.last() {
                Some(before) if !follow_up.is_whole => self.message(row, before, answered, rng)?,
                _ => self.whole(row, rng)?,
            };
            turns.push(turn.after(follow_up.delay));
        }
        Ok(Session::new(turns).arriving(first.arrival))
    }

    fn sessions(&self) -> Option<u64> {
        Some(self.sessions.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::replay::FollowUp;
    use crate::rng::Stream;
    use crate::scenario::Shape;
    use crate::tokenizer::{Tokenizer, Words};

    fn row(arrival_s: u64, input: u64, hash_ids: &[u64]) -> TraceRow {
        TraceRow {
            arrival: Duration::from_secs(arrival_s),
            input: Tokens(input),
            output: Tokens(7),
            hash_ids: hash_ids.to_vec(),
            ..TraceRow::default()
        }
    }

    fn prompt(session: &Session) -> String {
        let Input::Chat { messages, output } = &session.turns[0].request.input else { panic!("no chat") };
        assert_eq!(*output, OutputLength::Exactly(Tokens(7)));
        messages[0].text.to_string()
    }

    #[test]
    fn lengths_times_and_shared_blocks_are_those_of_the_recording() {
        let rows = vec![row(0, 20, &[1, 2]), row(3, 25, &[1, 2, 3]), row(5, 12, &[])];
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let sampler = ReplaySampler::new("m", prompts, rows, Tokens(8), 1);
        let draw = |index| {
            let spec = SessionSpec { index, ..SessionSpec::new(Shape::Dataset) };
            sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
        };
        let sessions = [draw(0), draw(1), draw(2)];
        assert_eq!(sessions.each_ref().map(|it| it.arrival.unwrap().as_secs()), [0, 3, 5]);
        let prompts = sessions.each_ref().map(prompt);
        assert_eq!(prompts.each_ref().map(|it| Words.count(it).unwrap().0), [20, 25, 12]);
        let words = |it: &str, count| it.split(' ').take(count).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&prompts[0], 16), words(&prompts[1], 16), "two blocks are shared");
        assert_ne!(words(&prompts[0], 17), words(&prompts[1], 17), "what follows is not");
        assert_eq!(sampler.sessions(), Some(3));
    }

    #[test]
    fn the_template_is_part_of_what_was_recorded() {
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let overhead = TemplateOverhead { tokens: Tokens(8), is_included: true };
        let sampler = ReplaySampler::new("m", prompts, vec![row(0, 20, &[]), row(1, 5, &[])], Tokens(8), 1);
        let sampler = sampler.with_overhead(overhead);
        let lengths = |index| {
            let spec = SessionSpec { index, ..SessionSpec::new(Shape::Dataset) };
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, index)).unwrap();
            (Words.count(&prompt(&session)).unwrap().0, session.turns[0].input.unwrap().0)
        };
        assert_eq!((lengths(0), lengths(1)), ((12, 20), (1, 9)));
    }

    /// Returns a row that follows the one before it after 2 seconds.
    fn follow_up(input: u64, hash_ids: &[u64], is_whole: bool) -> TraceRow {
        let follow_up = Some(FollowUp { delay: Duration::from_secs(2), is_whole });
        TraceRow { follow_up, ..row(0, input, hash_ids) }
    }

    #[test]
    fn rows_that_follow_an_answer_are_turns_of_a_session() {
        let rows = vec![
            row(0, 10, &[]),
            follow_up(5, &[], false),
            row(3, 16, &[1, 2]),
            follow_up(20, &[1, 2, 3], true),
        ];
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let sampler = ReplaySampler::new("m", prompts, rows, Tokens(8), 1);
        assert_eq!(sampler.sessions(), Some(2));
        let [messages, whole] = [0, 1].map(|index| {
            let spec = SessionSpec { index, ..SessionSpec::new(Shape::Dataset) };
            sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
        });
        let think: Vec<u64> = messages.turns.iter().map(|turn| turn.think.as_secs()).collect();
        assert_eq!((think, messages.turns[1].input), (vec![0, 2], None));
        let Input::Chat { messages, .. } = &messages.turns[1].request.input else { panic!("no chat") };
        assert_eq!((messages.len(), messages[1].reply_to), (3, Some(0)));
        assert_eq!(Words.count(&messages[2].text).unwrap(), Tokens(5));
        let Input::Chat { messages, .. } = &whole.turns[1].request.input else { panic!("no chat") };
        assert_eq!((messages.len(), whole.turns[1].input), (1, Some(Tokens(20))));
        assert!(messages[0].text.starts_with(&prompt(&whole)), "it repeats the blocks before");
    }

    #[test]
    fn a_request_without_a_recorded_answer_has_a_limit() {
        let prompts = PromptBuilder::new(Arc::new(Words)).unwrap();
        let rows = vec![TraceRow { output: Tokens(0), ..row(0, 10, &[]) }];
        let sampler = ReplaySampler::new("m", prompts, rows, Tokens(8), 1);
        for group in [0, crate::request::PREFLIGHT_GROUP] {
            let spec = SessionSpec { group, ..SessionSpec::new(Shape::Dataset) };
            let session = sampler.sample(&spec, &mut Rng::at(1, Stream::Content, 0, 0)).unwrap();
            assert_eq!(session.turns[0].request.output().limit(), Some(Tokens(1)));
        }
    }
}
