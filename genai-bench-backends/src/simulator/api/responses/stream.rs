//! The events of a streamed response.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::Response;
use crate::simulator::pieces::{Output, Piece};
use crate::simulator::tokens::words;

/// The events of one response, in order. The opening ones come before its prompt is read, as the role of a
/// chat does.
#[derive(Clone, Debug)]
pub(super) struct TextStream {
    response: Response,
    stage: Stage,
    written: u64,
    sequence: u64,
    /// The events to yield before the stage is continued.
    ready: VecDeque<Piece>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Opening,
    Reasoning,
    Answer,
    Over,
}

impl TextStream {
    pub(super) fn new(response: Response) -> Self {
        Self { response, stage: Stage::Opening, written: 0, sequence: 0, ready: VecDeque::new() }
    }

    /// Queues an event without output.
    fn event(&mut self, kind: &str, mut data: Value) {
        data["type"] = kind.into();
        data["sequence_number"] = self.sequence.into();
        self.sequence += 1;
        self.ready.push_back(Piece::silent(format!("event: {kind}\ndata: {data}\n\n")));
    }

    fn open(&mut self) {
        let response = self.response.object("in_progress", &[], None);
        self.event("response.created", json!({"response": response}));
        self.event("response.in_progress", json!({"response": response}));
        if self.response.reasoning_tokens > 0 {
            self.stage = Stage::Reasoning;
            let item = self.response.reasoning(false);
            self.event("response.output_item.added", json!({"output_index": 0, "item": item}));
        } else {
            self.open_answer();
        }
    }

    fn close_reasoning(&mut self) {
        let (id, text) = (self.response.reasoning_id(), self.response.reasoning_text());
        let done = json!({"item_id": id, "output_index": 0, "content_index": 0, "text": text});
        self.event("response.reasoning_text.done", done);
        let item = self.response.reasoning(true);
        self.event("response.output_item.done", json!({"output_index": 0, "item": item}));
        self.open_answer();
    }

    fn open_answer(&mut self) {
        self.stage = Stage::Answer;
        let (index, item) = (self.answer_index(), self.response.message(false));
        self.event("response.output_item.added", json!({"output_index": index, "item": item}));
        let part = self.in_answer("part", Response::text_part(""));
        self.event("response.content_part.added", part);
    }

    fn close_answer(&mut self) {
        self.stage = Stage::Over;
        let text = self.response.answer_text();
        let part = Response::text_part(&text);
        let done = self.in_answer("text", text.into());
        self.event("response.output_text.done", done);
        let done = self.in_answer("part", part);
        self.event("response.content_part.done", done);
        let (index, item) = (self.answer_index(), self.response.message(true));
        self.event("response.output_item.done", json!({"output_index": index, "item": item}));
        let response = self.response.completed();
        self.event("response.completed", json!({"response": response}));
    }

    /// Returns the index of the answer, which comes after the reasoning, if there is any.
    fn answer_index(&self) -> u64 {
        u64::from(self.response.reasoning_tokens > 0)
    }

    fn in_answer(&self, name: &str, value: Value) -> Value {
        let id = self.response.message_id();
        let mut data = json!({"item_id": id, "output_index": self.answer_index(), "content_index": 0});
        data[name] = value;
        data
    }

    /// Returns the event with the next words, up to `end`.
    fn delta(&mut self, end: u64) -> Piece {
        let from = self.written;
        self.written = end.min(from + self.response.tokens_per_chunk);
        let tokens = self.written - from;
        let (kind, index, id, reasoning_tokens) = match self.stage {
            Stage::Reasoning => ("response.reasoning_text.delta", 0, self.response.reasoning_id(), tokens),
            _ => ("response.output_text.delta", self.answer_index(), self.response.message_id(), 0),
        };
        let text: String = words(from, self.written).collect();
        let sequence = self.sequence;
        self.sequence += 1;
        let bytes = format!(
            "event: {kind}\ndata: {{\"type\":\"{kind}\",\"item_id\":\"{id}\",\"output_index\":{index},\
             \"content_index\":0,\"delta\":\"{text}\",\"sequence_number\":{sequence}}}\n\n"
        );
        Piece::with(Output { tokens, reasoning_tokens, audio_bytes: 0 }, from == 0, bytes)
    }
}

impl Iterator for TextStream {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(piece);
            }
            match self.stage {
                Stage::Opening => self.open(),
                Stage::Reasoning if self.written < self.response.reasoning_tokens => {
                    return Some(self.delta(self.response.reasoning_tokens));
                }
                Stage::Reasoning => self.close_reasoning(),
                Stage::Answer if self.written < self.response.output_tokens => {
                    return Some(self.delta(self.response.output_tokens));
                }
                Stage::Answer => self.close_answer(),
                Stage::Over => return None,
            }
        }
    }
}
