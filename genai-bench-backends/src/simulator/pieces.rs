//! The pieces that a body is made of, in order, and what comes before each.

use bytes::Bytes;

use super::settings::Fault;

/// What is waited for before a piece is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// Nothing.
    Nothing,
    /// The first output: prefill and the first step.
    First,
    /// The next output: one more step.
    Next,
}

/// Output, in the measures it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Output {
    /// Tokens, reasoning included.
    pub(super) tokens: u64,
    /// Those of them that are reasoning.
    pub(super) reasoning_tokens: u64,
    /// Bytes of sound.
    pub(super) audio_bytes: u64,
}

/// The pieces of a body, in order.
pub(super) trait Pieces: Iterator<Item = Piece> + Send {
    /// The length of all pieces that are left, in bytes.
    fn length(&self) -> u64;
}

impl<I: Iterator<Item = Piece> + Clone + Send> Pieces for I {
    fn length(&self) -> u64 {
        self.clone().map(|piece| piece.bytes.len() as u64).sum()
    }
}

/// What is handed to the socket at once.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    pub(super) wait: Wait,
    /// What of the output is in it, if any is.
    pub(super) output: Option<Output>,
    /// With this piece the fault of the request has struck.
    pub(super) strikes: bool,
}

impl Piece {
    /// A piece without output, written as soon as the one before it.
    pub(super) fn silent(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { bytes, wait: Wait::Nothing, output: None, strikes: false }
    }

    /// A piece with output: the first of its answer, or another.
    pub(super) fn with(output: Output, first: bool, bytes: impl Into<Bytes>) -> Self {
        let wait = if first { Wait::First } else { Wait::Next };
        Self { wait, output: Some(output), ..Self::silent(bytes) }
    }

    /// A piece that replaces what should have come.
    pub(super) fn strike(bytes: impl Into<Bytes>) -> Self {
        Self { strikes: true, ..Self::silent(bytes) }
    }
}

/// Pieces, and a fault that strikes after so many of those with output.
#[derive(Clone, Debug)]
pub(super) struct WithFault<I> {
    pieces: I,
    fault: Option<Fault>,
    /// Pieces with output until it strikes.
    left: u64,
    /// Pieces so far.
    given: u64,
    strikes: FaultPieces,
    over: bool,
}

/// What comes in place of what should have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaultPieces {
    /// The error after so many pieces. It is the last.
    pub(super) error: fn(u64) -> Bytes,
    /// What nobody can read. The answer goes on after it.
    pub(super) garbage: &'static str,
}

impl<I> WithFault<I> {
    pub(super) fn new(pieces: I, fault: Option<Fault>, after: u64, strikes: FaultPieces) -> Self {
        Self { pieces, fault, left: after, given: 0, strikes, over: false }
    }

    fn strike(&mut self) -> Option<Piece> {
        match self.fault.take()? {
            Fault::ErrorEvent => {
                self.over = true;
                Some(Piece::strike((self.strikes.error)(self.given)))
            }
            Fault::Garbage => Some(Piece::strike(self.strikes.garbage)),
            Fault::EarlyEnd => {
                self.over = true;
                None
            }
            _ => None,
        }
    }
}

impl<I: Iterator<Item = Piece>> Iterator for WithFault<I> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.left == 0
            && let Some(piece) = self.strike()
        {
            return Some(piece);
        }
        let piece = if self.over { None } else { self.pieces.next() }?;
        self.given += 1;
        self.left = self.left.saturating_sub(u64::from(piece.output.is_some()));
        Some(piece)
    }
}
