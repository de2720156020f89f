//! Lets a fault strike in the middle of an answer.

use bytes::Bytes;

use super::faults::Fault;
use super::script::Piece;

/// Pieces, and a fault that strikes after so many of those with output.
#[derive(Clone, Debug)]
pub(super) struct Halfway<I> {
    pieces: I,
    fault: Option<Fault>,
    /// Pieces with output until it strikes.
    left: u64,
    /// Pieces so far.
    given: u64,
    strikes: Strikes,
    over: bool,
}

/// What comes in place of what should have come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strikes {
    /// The error after so many pieces. It is the last.
    pub(super) error: fn(u64) -> Bytes,
    /// What nobody can read. The answer goes on after it.
    pub(super) garbage: &'static str,
}

impl<I> Halfway<I> {
    pub(super) fn new(pieces: I, fault: Option<Fault>, after: u64, strikes: Strikes) -> Self {
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

impl<I: Iterator<Item = Piece>> Iterator for Halfway<I> {
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
