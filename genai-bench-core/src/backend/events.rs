//! The events that a decoder reports about a response, and the sink that records them.

use crate::failure::Failure;
use crate::record::{Arrival, OutputKind, RequestRecord, ServerTime};
use crate::record::{FinishReason, Usage};
use crate::units::Offset;

/// The sink in which a [`Decoder`](crate::backend::Decoder) records what it finds in a response.
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

    /// Records a piece of the answer. An empty piece is ignored.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.record.answer_bytes += text.len() as u64;
            self.record.output_text.answer.push_str(text);
            self.output(OutputKind::Text);
        }
    }

    /// Records a piece of the reasoning before the answer. An empty piece is ignored.
    pub fn reasoning(&mut self, text: &str) {
        if !text.is_empty() {
            self.record.reasoning_bytes += text.len() as u64;
            self.record.output_text.reasoning.push_str(text);
            self.output(OutputKind::Reasoning);
        }
    }

    /// Records a piece of a call to a tool: the function's name, or a piece of its arguments as JSON. Both are
    /// generated text. An empty piece is ignored.
    pub fn tool_call(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.record.answer_bytes += piece.len() as u64;
            self.record.output_text.answer.push_str(piece);
            self.output(OutputKind::ToolCall);
        }
    }

    /// Records a piece of audio of `bytes` bytes. An empty piece is ignored.
    pub fn audio(&mut self, bytes: usize) {
        if bytes > 0 {
            self.record.audio_bytes += bytes as u64;
            self.output(OutputKind::Audio);
        }
    }

    /// Records a complete item: an embedding, a ranked document, an image.
    pub fn item(&mut self) {
        self.output(OutputKind::Item);
    }

    /// Records a preview of an image: output, but not a complete item.
    pub fn draft(&mut self) {
        self.output(OutputKind::Draft);
    }

    /// Records that the answer comes in one piece, so that the times of its tokens are unknown.
    pub fn unstreamed(&mut self) {
        self.record.unstreamed = true;
    }

    /// Records the provider's token counts so far. A count that a later report leaves out keeps its earlier value.
    pub fn usage(&mut self, usage: Usage) {
        self.record.usage.update(usage);
        self.record.usage_at = Some(self.at);
        if let Some(output) = usage.output {
            self.record.credit(self.at, output);
        }
    }

    /// Records the times that the server measured itself. A time that a later report leaves out keeps its earlier
    /// value.
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

    /// Records the reason for an end that came before its report, as where a complete message repeats the pieces
    /// before it: the chunk that carries it does not end the generation.
    pub fn finished_before(&mut self, reason: FinishReason) {
        if matches!(self.record.finish, None | Some(FinishReason::Unstated)) {
            self.record.finish = Some(reason.bounded());
        }
    }

    /// Records that the provider declared the answer complete without a reason, as `[DONE]` does. It does not end the
    /// generation.
    pub fn done(&mut self) {
        self.record.finish.get_or_insert(FinishReason::Unstated);
    }

    /// Records an error that the provider reported inside a successful response. The first one stands.
    pub fn failed(&mut self, failure: Failure) {
        self.record.failure.get_or_insert(failure);
    }

    /// Counts a part of the response that the decoder does not know and ignores.
    pub fn skipped(&mut self) {
        self.record.skipped += 1;
    }

    /// Counts a keep-alive message of the server.
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
    fn usage_on_every_chunk_gives_each_chunk_a_token_count() {
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
    fn a_later_report_does_not_erase_an_earlier_one() {
        let mut record = RequestRecord::default();
        at(1, &mut record).usage(Usage { input: Some(Tokens(7)), ..Usage::default() });
        at(2, &mut record).usage(output(3));
        assert_eq!((record.usage.input, record.usage.output), (Some(Tokens(7)), Some(Tokens(3))));
    }
}
