//! The events of a streamed text.

use bytes::Bytes;

use super::{Answer, ChunkUsage, Enclosing};
use crate::simulator::error_response::ErrorResponse;
use crate::simulator::pieces::{Output, Piece};
use crate::simulator::settings::Fault;
use crate::simulator::tokens::words;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Role,
    Output,
    Finish,
    Usage,
    Done,
    Over,
}

/// The events of a streamed answer.
#[derive(Clone, Debug)]
pub(super) struct TextStream {
    answer: Answer,
    fault: Option<Fault>,
    stage: Stage,
    written: u64,
}

impl TextStream {
    /// Creates the events of `answer`; `fault` is injected after half of its output.
    pub(super) fn new(answer: Answer, fault: Option<Fault>) -> Self {
        Self { answer, fault, stage: Stage::Role, written: 0 }
    }

    fn interruption(&mut self) -> Option<Piece> {
        if self.written < self.answer.output_tokens.div_ceil(2) {
            return None;
        }
        match self.fault.take()? {
            Fault::ErrorEvent => {
                self.stage = Stage::Done;
                Some(Piece::strike(format!("data: {}\n\n", ErrorResponse::server_error().json())))
            }
            Fault::Garbage => Some(Piece::strike("data: {this is not json\n\n")),
            Fault::EarlyEnd => {
                self.stage = Stage::Over;
                None
            }
            _ => None,
        }
    }

    fn output(&mut self) -> Piece {
        let (from, reasoning) = (self.written, self.answer.reasoning_tokens);
        let (end, around) = if from < reasoning {
            (reasoning, self.answer.shape.reasoning)
        } else {
            (self.answer.output_tokens, self.answer.shape.answer)
        };
        self.written = end.min(from + self.answer.tokens_per_chunk);
        let tokens = self.written - from;
        let reasoning_tokens = if from < reasoning { tokens } else { 0 };
        let output = Output { tokens, reasoning_tokens, audio_bytes: 0 };
        Piece::with(output, from == 0, self.event(around, from))
    }

    /// Returns an event with the words from `from` to the current position inside `around`.
    fn event(&self, around: Enclosing, from: u64) -> Bytes {
        let head = &self.answer.head;
        let words_capacity = 16 * usize::try_from(self.written - from).unwrap_or_default();
        let mut text =
            String::with_capacity(head.len() + around.0.len() + around.1.len() + words_capacity + 32);
        text += "data: ";
        text += head;
        text += around.0;
        text.extend(words(from, self.written));
        text += around.1;
        text += "]";
        match self.answer.usage {
            ChunkUsage::Absent => {}
            ChunkUsage::Last => text += r#","usage":null"#,
            ChunkUsage::Every => text += &self.answer.usage_after(self.written),
        }
        text += "}\n\n";
        Bytes::from(text)
    }

    fn constant(&self, choice: &'static str) -> Piece {
        Piece::silent(self.event(Enclosing(choice, ""), self.written))
    }

    fn usage(&self) -> Piece {
        let (head, usage) = (&self.answer.head, self.answer.usage_after(self.written));
        Piece::silent(format!("data: {head}]{usage}}}\n\n"))
    }
}

impl Iterator for TextStream {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            match self.stage {
                Stage::Role => {
                    self.stage = Stage::Output;
                    if let Some(role) = self.answer.shape.role {
                        return Some(self.constant(role));
                    }
                }
                Stage::Output => match self.interruption() {
                    Some(piece) => return Some(piece),
                    None if self.stage == Stage::Over => {}
                    None if self.written < self.answer.output_tokens => return Some(self.output()),
                    None => self.stage = Stage::Finish,
                },
                Stage::Finish => {
                    self.stage = Stage::Usage;
                    return Some(self.constant(self.answer.shape.finish));
                }
                Stage::Usage => {
                    self.stage = Stage::Done;
                    if self.answer.usage != ChunkUsage::Absent {
                        return Some(self.usage());
                    }
                }
                Stage::Done => {
                    self.stage = Stage::Over;
                    return Some(Piece::silent("data: [DONE]\n\n"));
                }
                Stage::Over => return None,
            }
        }
    }
}
