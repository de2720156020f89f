//! Requests of a recording, at its times and of its lengths.

use std::sync::Arc;

use super::{PromptBuilder, SampleError, Sampler, TemplateOverhead, TextEndpoint, Wanted};
use crate::replay::TraceRow;
use crate::request::{Input, Message, OutputLength, Request, Session, Turn};
use crate::rng::Rng;
use crate::units::Tokens;

/// Makes a request for every row of a recording: as long as it was, its answer as long as it was, at its time. Where
/// the recording knows which blocks of prompts were the same, they are the same here.
#[derive(Clone, Debug)]
pub struct RecordedSampler {
    model: Arc<str>,
    prompts: PromptBuilder,
    rows: Arc<[TraceRow]>,
    block: Tokens,
    endpoint: TextEndpoint,
    overhead: TemplateOverhead,
    seed: u64,
}

impl RecordedSampler {
    /// Requests to `model` for `rows`, whose hashes stand for `block` tokens each; the text of a block is drawn by
    /// `seed`.
    pub fn new(
        model: impl Into<Arc<str>>,
        prompts: PromptBuilder,
        rows: impl Into<Arc<[TraceRow]>>,
        block: Tokens,
        seed: u64,
    ) -> Self {
        let (endpoint, overhead) = (TextEndpoint::default(), TemplateOverhead::default());
        Self { model: model.into(), prompts, rows: rows.into(), block, endpoint, overhead, seed }
    }

    /// Another kind of text request.
    #[must_use]
    pub fn with_endpoint(mut self, endpoint: TextEndpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// Takes into account what the server's chat template adds. A request that is no longer than the template has a
    /// prompt of one token.
    #[must_use]
    pub fn with_overhead(mut self, overhead: TemplateOverhead) -> Self {
        self.overhead = overhead;
        self
    }

    /// How long the prompt itself is, and how long it is for the server.
    fn lengths(&self, input: Tokens) -> (Tokens, Tokens) {
        let TemplateOverhead { tokens, is_included } = self.overhead;
        let prompt = if is_included { Tokens(input.0.saturating_sub(tokens.0).max(1)) } else { input };
        (prompt, prompt + tokens)
    }
}

impl Sampler for RecordedSampler {
    /// A request before the runs has the lengths of the first row, and nothing in common with any.
    fn sample(&self, wanted: &Wanted, rng: &mut Rng) -> Result<Session, SampleError> {
        let row = usize::try_from(wanted.index).ok().and_then(|it| self.rows.get(it)).or(self.rows.first());
        let Some(row) = row else {
            let problem = "it has no such request".to_owned();
            return Err(SampleError::Source { source_name: "recording".to_owned(), problem });
        };
        let is_of_a_run = wanted.group != crate::workload::PREFLIGHT_GROUP;
        let (length, counted) = self.lengths(row.input);
        let prompt = if row.hash_ids.is_empty() || !is_of_a_run {
            self.prompts.build(length, rng)?
        } else {
            self.prompts.blocks(&row.hash_ids, self.block, length, self.seed, rng)?
        };
        let output = match row.output {
            Tokens(0) => OutputLength::Free,
            _ if !is_of_a_run => OutputLength::AtMost(Tokens(1)),
            tokens => OutputLength::Exactly(tokens),
        };
        let input = match self.endpoint {
            TextEndpoint::Chat => Input::Chat { messages: vec![Message::user(prompt)], output },
            TextEndpoint::Completions => Input::Completion { prompt: prompt.into(), output },
        };
        // Which of its blocks came before depends on the recording: any of them may have.
        let repeats_blocks = is_of_a_run && !row.hash_ids.is_empty();
        let shared = if repeats_blocks { counted } else { self.overhead.tokens };
        let turn = Turn::new(Request::new(Arc::clone(&self.model), input), Some(counted)).with_shared(shared);
        Ok(Session::single(turn).arriving(row.arrival))
    }

    fn sessions(&self) -> Option<u64> {
        Some(self.rows.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rng::Stream;
    use crate::scenario::Shape;
    use crate::tokenizer::{Tokenizer, Words};

    fn row(arrival_s: u64, input: u64, hash_ids: &[u64]) -> TraceRow {
        TraceRow {
            arrival: Duration::from_secs(arrival_s),
            input: Tokens(input),
            output: Tokens(7),
            hash_ids: hash_ids.to_vec(),
            session: None,
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
        let sampler = RecordedSampler::new("m", prompts, rows, Tokens(8), 1);
        let draw = |index| {
            let wanted = Wanted { index, ..Wanted::of(Shape::Dataset) };
            sampler.sample(&wanted, &mut Rng::at(1, Stream::Content, 0, index)).unwrap()
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
        let sampler = RecordedSampler::new("m", prompts, vec![row(0, 20, &[]), row(1, 5, &[])], Tokens(8), 1);
        let sampler = sampler.with_overhead(overhead);
        let lengths = |index| {
            let wanted = Wanted { index, ..Wanted::of(Shape::Dataset) };
            let session = sampler.sample(&wanted, &mut Rng::at(1, Stream::Content, 0, index)).unwrap();
            (Words.count(&prompt(&session)).unwrap().0, session.turns[0].input.unwrap().0)
        };
        assert_eq!((lengths(0), lengths(1)), ((12, 20), (1, 9)));
    }
}
