//! What a decoder can say about a response, and where it says it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::trace::{Arrival, OutputKind, ServerTime, Trace};
use crate::units::{Offset, Tokens};

/// Where a [`Decoder`](crate::backend::Decoder) puts what it finds.
///
/// Every event is stamped with the arrival of the chunk being decoded. The stamp is fixed before the decoder
/// runs, and a decoder can neither read nor change it: only the harness can make an `Events`.
#[derive(Debug)]
pub struct Events<'a> {
    at: Offset,
    trace: &'a mut Trace,
}

impl<'a> Events<'a> {
    pub(crate) fn arriving(at: Offset, trace: &'a mut Trace) -> Self {
        Self { at, trace }
    }

    /// A piece of the answer. An empty piece is none.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.trace.answer_bytes += text.len() as u64;
            self.trace.spoken.answer.push_str(text);
            self.output(OutputKind::Text);
        }
    }

    /// A piece of the reasoning before the answer. An empty piece is none.
    pub fn reasoning(&mut self, text: &str) {
        if !text.is_empty() {
            self.trace.reasoning_bytes += text.len() as u64;
            self.trace.spoken.reasoning.push_str(text);
            self.output(OutputKind::Reasoning);
        }
    }

    /// Records a piece of a call to a tool: the function's name, or a piece of its arguments as JSON. Both are
    /// generated text. An empty piece is none.
    pub fn tool_call(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.trace.answer_bytes += piece.len() as u64;
            self.trace.spoken.answer.push_str(piece);
            self.output(OutputKind::ToolCall);
        }
    }

    /// A piece of sound of so many bytes. An empty piece is none.
    pub fn audio(&mut self, bytes: usize) {
        if bytes > 0 {
            self.trace.audio_bytes += bytes as u64;
            self.output(OutputKind::Audio);
        }
    }

    /// Something that is whole by itself: an embedding, a ranked document, an image.
    pub fn item(&mut self) {
        self.output(OutputKind::Item);
    }

    /// A picture that is not done yet: output, and nothing whole.
    pub fn draft(&mut self) {
        self.output(OutputKind::Draft);
    }

    /// The answer comes in one piece: nothing is known of when its tokens were made.
    pub fn whole(&mut self) {
        self.trace.came_whole = true;
    }

    /// The provider's own token counts so far. What a later report leaves out, an earlier one still tells.
    pub fn usage(&mut self, usage: Usage) {
        self.trace.usage.update(usage);
        self.trace.usage_at = Some(self.at);
        if let Some(output) = usage.output {
            self.trace.credit(self.at, output);
        }
    }

    /// How long the answer took by the server's own clock. What a later report leaves out, an earlier one still tells.
    pub fn server_time(&mut self, time: ServerTime) {
        self.trace.server_time.update(time);
    }

    /// Records the provider's reason for the end of the answer. The first reason stands, and the chunk that
    /// carries it ends the generation: the token that ends an answer has no text.
    pub fn finished(&mut self, reason: FinishReason) {
        if matches!(self.trace.finish, None | Some(FinishReason::Unstated)) {
            self.trace.finish = Some(reason.bounded());
            self.trace.finished_at = Some(self.at);
        }
    }

    /// Records the reason for an end that came before its report, as where a whole message repeats what the pieces
    /// before it said: the chunk that carries it ends no generation.
    pub fn finished_before(&mut self, reason: FinishReason) {
        if matches!(self.trace.finish, None | Some(FinishReason::Unstated)) {
            self.trace.finish = Some(reason.bounded());
        }
    }

    /// Records that the provider declared the answer complete without a reason, as `[DONE]` does. It ends no
    /// generation.
    pub fn done(&mut self) {
        self.trace.finish.get_or_insert(FinishReason::Unstated);
    }

    /// The provider reported an error inside a good response. The first one stands.
    pub fn failed(&mut self, failure: Failure) {
        self.trace.failure.get_or_insert(failure);
    }

    /// Something came that this decoder does not know, and left alone.
    pub fn skipped(&mut self) {
        self.trace.skipped += 1;
    }

    /// The server said that it is still there.
    pub fn kept_alive(&mut self) {
        self.trace.keep_alives += 1;
    }

    fn output(&mut self, kind: OutputKind) {
        match self.trace.arrivals.last_mut() {
            Some(last) if last.at == self.at && last.kind == kind => last.pieces += 1,
            _ => self.trace.arrivals.push(Arrival { at: self.at, kind, pieces: 1, tokens: None }),
        }
    }
}

/// Token counts as the provider reports them: cumulative, for the whole request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, chat template included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Tokens>,
    /// Tokens of the output, reasoning included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Tokens>,
    /// Tokens of the output that were reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Tokens>,
    /// Tokens of the prompt that came from the server's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<Tokens>,
}

impl Usage {
    fn update(&mut self, newer: Self) {
        self.input = newer.input.or(self.input);
        self.output = newer.output.or(self.output);
        self.reasoning = newer.reasoning.or(self.reasoning);
        self.cached = newer.cached.or(self.cached);
    }
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The answer had the length that was asked for.
    Length,
    /// The model wants a tool to be called.
    ToolCalls,
    /// The provider held the rest back.
    ContentFilter,
    /// The answer is complete; the provider did not say why it ended.
    Unstated,
    /// The provider's own word.
    Other(String),
}

impl FinishReason {
    /// The longest word of a provider that is kept, in bytes.
    const LONGEST_WORD: usize = 100;

    /// Returns the same reason, the provider's own word cut to [`LONGEST_WORD`](Self::LONGEST_WORD): it stands in journals and
    /// reports.
    fn bounded(self) -> Self {
        match self {
            Self::Other(mut word) => {
                word.truncate(word.floor_char_boundary(Self::LONGEST_WORD));
                Self::Other(word)
            }
            other => other,
        }
    }
}

impl fmt::Display for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Unstated => "unstated",
            Self::Other(word) => word,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: u64, trace: &mut Trace) -> Events<'_> {
        Events::arriving(Offset::from_nanos(nanos), trace)
    }

    fn output(tokens: u64) -> Usage {
        Usage { output: Some(Tokens(tokens)), ..Usage::default() }
    }

    #[test]
    fn pieces_of_one_chunk_share_an_arrival() {
        let mut trace = Trace::default();
        let mut events = at(5, &mut trace);
        events.text("");
        events.text("a");
        events.text("b");
        at(9, &mut trace).text("c");
        let seen: Vec<_> = trace.arrivals.iter().map(|it| (it.at.as_nanos(), it.pieces)).collect();
        assert_eq!(seen, [(5, 2), (9, 1)]);
        assert_eq!(trace.spoken.answer, "abc");
    }

    #[test]
    fn usage_on_every_chunk_tells_how_many_tokens_each_brought() {
        let mut trace = Trace::default();
        for (nanos, total) in [(1, 1), (2, 4), (3, 5)] {
            let mut events = at(nanos, &mut trace);
            events.text("x");
            events.usage(output(total));
        }
        let tokens: Vec<_> = trace.arrivals.iter().map(|it| it.tokens.map(|it| it.0)).collect();
        assert_eq!(tokens, [Some(1), Some(3), Some(1)]);
    }

    #[test]
    fn usage_at_the_end_is_not_credited_to_the_last_chunk() {
        let mut trace = Trace::default();
        at(1, &mut trace).text("x");
        let mut events = at(2, &mut trace);
        events.text("y");
        events.usage(output(40));
        assert!(trace.arrivals.iter().all(|it| it.tokens.is_none()));
        assert_eq!(trace.usage.output, Some(Tokens(40)));
    }

    #[test]
    fn an_end_that_is_reported_late_ends_no_generation() {
        let mut trace = Trace::default();
        at(1, &mut trace).text("x");
        at(9, &mut trace).finished_before(FinishReason::Stop);
        assert_eq!((trace.finish.clone(), trace.finished_at), (Some(FinishReason::Stop), None));
        assert_eq!(trace.generation_end(), Some(Offset::from_nanos(1)));
        at(10, &mut trace).finished(FinishReason::Length);
        assert_eq!((trace.finish, trace.finished_at), (Some(FinishReason::Stop), None));
    }

    #[test]
    fn a_later_report_does_not_wipe_out_an_earlier_one() {
        let mut trace = Trace::default();
        at(1, &mut trace).usage(Usage { input: Some(Tokens(7)), ..Usage::default() });
        at(2, &mut trace).usage(output(3));
        assert_eq!((trace.usage.input, trace.usage.output), (Some(Tokens(7)), Some(Tokens(3))));
    }
}
