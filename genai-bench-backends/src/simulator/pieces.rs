//! The pieces of a body, in order, and the wait before each.

use bytes::Bytes;

use super::settings::Fault;

/// The wait before a piece is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    /// No wait.
    Nothing,
    /// The wait for the first output: prefill and the first step.
    First,
    /// The wait for the next output: one more step.
    Next,
}

/// An amount of output, in its units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Output {
    /// The number of tokens, reasoning included.
    pub(super) tokens: u64,
    /// The number of tokens that are reasoning.
    pub(super) reasoning_tokens: u64,
    /// The number of bytes of audio.
    pub(super) audio_bytes: u64,
}

/// The pieces of a body, in order.
pub(super) trait Pieces: Iterator<Item = Piece> + Send {
    /// Returns the length of all remaining pieces, in bytes.
    fn length(&self) -> u64;
}

impl<I: Iterator<Item = Piece> + Clone + Send> Pieces for I {
    fn length(&self) -> u64 {
        self.clone().map(|piece| piece.bytes.len() as u64).sum()
    }
}

/// The bytes that are handed to the socket at once.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) bytes: Bytes,
    pub(super) wait: Wait,
    /// The amount of output in the piece, if it has any.
    pub(super) output: Option<Output>,
    /// `true` if the fault of the request is injected with this piece.
    pub(super) strikes: bool,
}

impl Piece {
    /// Creates a piece without output, written right after the one before it.
    pub(super) fn silent(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { bytes, wait: Wait::Nothing, output: None, strikes: false }
    }

    /// Creates a piece with output: the first of its response, or a further one.
    pub(super) fn with(output: Output, first: bool, bytes: impl Into<Bytes>) -> Self {
        let wait = if first { Wait::First } else { Wait::Next };
        Self { wait, output: Some(output), ..Self::silent(bytes) }
    }

    /// Creates a piece that replaces the expected one.
    pub(super) fn strike(bytes: impl Into<Bytes>) -> Self {
        Self { strikes: true, ..Self::silent(bytes) }
    }
}

/// Pieces with a fault that is injected after a number of those with output.
#[derive(Clone, Debug)]
pub(super) struct WithFault<I> {
    pieces: I,
    fault: Option<Fault>,
    /// The number of pieces with output until the fault.
    left: u64,
    /// The number of pieces so far.
    given: u64,
    strikes: FaultPieces,
    over: bool,
}

/// The pieces that replace the expected ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct FaultPieces {
    /// The last piece, an error after this number of other pieces.
    pub(super) error: fn(u64) -> Bytes,
    /// A piece that cannot be parsed. The response continues after it.
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
