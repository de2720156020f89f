//! What a decoder can say about a response, and where it says it.

use crate::failure::Failure;
use crate::record::{Arrival, OutputKind, RequestRecord, ServerTime};
use crate::record::{FinishReason, Usage};
use crate::units::Offset;

/// Where a [`Decoder`](crate::backend::Decoder) puts what it finds.
///
/// Every event is stamped with the arrival of the chunk being decoded. The stamp is fixed before the decoder
/// runs, and a decoder can neither read nor change it: only the harness can make an `Events`.
#[derive(Debug)]
pub struct Events<'a> {
    at: Offset,
    record: &'a mut RequestRecord,
}

impl<'a> Events<'a> {
    pub(crate) fn new(at: Offset, record: &'a mut RequestRecord) -> Self {
        Self { at, record }
    }

    /// A piece of the answer. An empty piece is none.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.record.answer_bytes += text.len() as u64;
            self.record.output_text.answer.push_str(text);
            self.output(OutputKind::Text);
        }
    }

    /// A piece of the reasoning before the answer. An empty piece is none.
    pub fn reasoning(&mut self, text: &str) {
        if !text.is_empty() {
            self.record.reasoning_bytes += text.len() as u64;
            self.record.output_text.reasoning.push_str(text);
            self.output(OutputKind::Reasoning);
        }
    }

    /// Records a piece of a call to a tool: the function's name, or a piece of its arguments as JSON. Both are
    /// generated text. An empty piece is none.
    pub fn tool_call(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.record.answer_bytes += piece.len() as u64;
            self.record.output_text.answer.push_str(piece);
            self.output(OutputKind::ToolCall);
        }
    }

    /// A piece of sound of so many bytes. An empty piece is none.
    pub fn audio(&mut self, bytes: usize) {
        if bytes > 0 {
            self.record.audio_bytes += bytes as u64;
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
    pub fn unstreamed(&mut self) {
        self.record.unstreamed = true;
    }

    /// The provider's own token counts so far. What a later report leaves out, an earlier one still tells.
    pub fn usage(&mut self, usage: Usage) {
        self.record.usage.update(usage);
        self.record.usage_at = Some(self.at);
        if let Some(output) = usage.output {
            self.record.credit(self.at, output);
        }
    }

    /// How long the answer took by the server's own clock. What a later report leaves out, an earlier one still tells.
    pub fn server_time(&mut self, time: ServerTime) {
        self.record.server_time.update(time);
    }

    /// Records the provider's reason for the end of the answer. The first reason stands, and the chunk that
    /// carries it ends the generation: the token that ends an answer has no text.
    pub fn finished(&mut self, reason: FinishReason) {
        if matches!(self.record.finish, None | Some(FinishReason::Unstated)) {
            self.record.finish = Some(reason.bounded());
            self.record.finished_at = Some(self.at);
        }
    }

    /// Records the reason for an end that came before its report, as where a whole message repeats what the pieces
    /// before it said: the chunk that carries it ends no generation.
    pub fn finished_before(&mut self, reason: FinishReason) {
        if matches!(self.record.finish, None | Some(FinishReason::Unstated)) {
            self.record.finish = Some(reason.bounded());
        }
    }

    /// Records that the provider declared the answer complete without a reason, as `[DONE]` does. It ends no
    /// generation.
    pub fn done(&mut self) {
        self.record.finish.get_or_insert(FinishReason::Unstated);
    }

    /// The provider reported an error inside a good response. The first one stands.
    pub fn failed(&mut self, failure: Failure) {
        self.record.failure.get_or_insert(failure);
    }

    /// Something came that this decoder does not know, and left alone.
    pub fn skipped(&mut self) {
        self.record.skipped += 1;
    }

    /// The server said that it is still there.
    pub fn kept_alive(&mut self) {
        self.record.keep_alives += 1;
    }

    fn output(&mut self, kind: OutputKind) {
        match self.record.arrivals.last_mut() {
            Some(last) if last.at == self.at && last.kind == kind => last.pieces += 1,
            _ => self.record.arrivals.push(Arrival { at: self.at, kind, pieces: 1, tokens: None }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Tokens;

    fn at(nanos: u64, record: &mut RequestRecord) -> Events<'_> {
        Events::new(Offset::from_nanos(nanos), record)
    }

    fn output(tokens: u64) -> Usage {
        Usage { output: Some(Tokens(tokens)), ..Usage::default() }
    }

    #[test]
    fn pieces_of_one_chunk_share_an_arrival() {
        let mut record = RequestRecord::default();
        let mut events = at(5, &mut record);
        events.text("");
        events.text("a");
        events.text("b");
        at(9, &mut record).text("c");
        let seen: Vec<_> = record.arrivals.iter().map(|it| (it.at.as_nanos(), it.pieces)).collect();
        assert_eq!(seen, [(5, 2), (9, 1)]);
        assert_eq!(record.output_text.answer, "abc");
    }

    #[test]
    fn usage_on_every_chunk_tells_how_many_tokens_each_brought() {
        let mut record = RequestRecord::default();
        for (nanos, total) in [(1, 1), (2, 4), (3, 5)] {
            let mut events = at(nanos, &mut record);
            events.text("x");
            events.usage(output(total));
        }
        let tokens: Vec<_> = record.arrivals.iter().map(|it| it.tokens.map(|it| it.0)).collect();
        assert_eq!(tokens, [Some(1), Some(3), Some(1)]);
    }

    #[test]
    fn usage_at_the_end_is_not_credited_to_the_last_chunk() {
        let mut record = RequestRecord::default();
        at(1, &mut record).text("x");
        let mut events = at(2, &mut record);
        events.text("y");
        events.usage(output(40));
        assert!(record.arrivals.iter().all(|it| it.tokens.is_none()));
        assert_eq!(record.usage.output, Some(Tokens(40)));
    }

    #[test]
    fn an_end_that_is_reported_late_ends_no_generation() {
        let mut record = RequestRecord::default();
        at(1, &mut record).text("x");
        at(9, &mut record).finished_before(FinishReason::Stop);
        assert_eq!((record.finish.clone(), record.finished_at), (Some(FinishReason::Stop), None));
        assert_eq!(record.generation_end(), Some(Offset::from_nanos(1)));
        at(10, &mut record).finished(FinishReason::Length);
        assert_eq!((record.finish, record.finished_at), (Some(FinishReason::Stop), None));
    }

    #[test]
    fn a_later_report_does_not_wipe_out_an_earlier_one() {
        let mut record = RequestRecord::default();
        at(1, &mut record).usage(Usage { input: Some(Tokens(7)), ..Usage::default() });
        at(2, &mut record).usage(output(3));
        assert_eq!((record.usage.input, record.usage.output), (Some(Tokens(7)), Some(Tokens(3))));
    }
}
