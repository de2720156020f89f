//! Markers: short texts that make prompts differ in the first token after a shared prefix.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::PromptError;
use super::exact_length::ExactLength;
use super::word_pool::WordPool;
use crate::rng::{Rng, Stream};

/// The length of the texts that markers are tried on, in tokens.
const TRIED_ON: u64 = 8;
/// The number of texts that markers are tried on.
const TEXTS: u64 = 16;
/// The maximum number of words to try.
const MOST_WORDS: u64 = 256;
/// The sufficient number of markers for a tokenizer without words of one token.
const ENOUGH: usize = 128;
/// The number of one-token words to try on a prefix: they behave alike.
const ENOUGH_WORDS: u64 = 4;
/// The minimum number of markers that an index is encoded with, so that all indices below the square of the number of
/// markers differ within two.
const FEWEST: usize = 2;

/// Texts that begin with different tokens when they follow another text.
pub(super) enum UniqueMarkers<'a> {
    /// Words that are one token each.
    Words(&'a WordPool),
    /// Texts found for a tokenizer without such words.
    Found(&'a [String]),
}

impl<'a> UniqueMarkers<'a> {
    /// Creates the markers of a tokenizer; those found by search are cached in `found`.
    pub(super) fn new(fit: &ExactLength<'a>, found: &'a OnceLock<Vec<String>>) -> Result<Self, PromptError> {
        if fit.pool.is_exact() {
            return Ok(Self::Words(fit.pool));
        }
        if let Some(found) = found.get() {
            return Ok(Self::Found(found));
        }
        let looked_for = look_for(fit)?;
        if looked_for.is_empty() {
            return Err(PromptError::NoWords(fit.tokenizer.name().to_owned()));
        }
        Ok(Self::Found(found.get_or_init(|| looked_for)))
    }

    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Words(pool) => pool.len() as u64,
            Self::Found(found) => found.len() as u64,
        }
    }

    /// Returns a marker, with the space before it if it has one. Numbers wrap around.
    pub(super) fn get(&self, number: u64) -> &'a str {
        match self {
            Self::Words(pool) => pool.spaced(number),
            Self::Found(found) => &found[usize::try_from(number % found.len() as u64).unwrap_or_default()],
        }
    }

    /// Returns the markers that may change the tokens before them: all of those found by search, a few of the words.
    pub(super) fn worth_trying(&self) -> impl Iterator<Item = &'a str> {
        let count = match self {
            Self::Words(pool) => ENOUGH_WORDS.min(pool.len() as u64),
            Self::Found(found) => found.len() as u64,
        };
        (0..count).map(|it| self.get(it))
    }

    /// Returns the markers that encode `index`: its digits, the lowest first, each shifted by `first`.
    pub(super) fn spell(&self, index: u64, first: u64) -> impl Iterator<Item = u64> + use<> {
        let base = self.len();
        let digits = move |left: &u64| (base > 1 && *left >= base).then(|| left / base);
        let needed = std::iter::successors(Some(index), digits).count().max(FEWEST);
        let quotients = std::iter::successors(Some(index), move |left| Some(left / base));
        quotients.take(needed).map(move |it| (it % base + first % base) % base)
    }
}

/// Returns markers for a tokenizer without words of one token: the largest set for any of a few texts.
fn look_for(fit: &ExactLength<'_>) -> Result<Vec<String>, PromptError> {
    let mut most = Vec::new();
    for index in 0..TEXTS {
        let base = fit.fit("", 0, TRIED_ON, &mut Rng::at(0, Stream::Content, 0, index))?;
        let marks = following(fit, &base)?;
        if marks.len() > most.len() {
            most = marks;
        }
    }
    Ok(most)
}

/// Returns texts that follow `base` with a different token each: of one token if there are any, else of more.
fn following(fit: &ExactLength<'_>, base: &str) -> Result<Vec<String>, PromptError> {
    let ids = fit.tokenizer.encode(base)?;
    let words = || (0..MOST_WORDS.min(fit.pool.len() as u64)).map(|it| fit.pool.spaced(it));
    let letters = ('a'..='z').chain('A'..='Z').chain('0'..='9').map(String::from);
    let glued = words().map(|it| it[1..].to_owned());
    let (mut short, mut long, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    for candidate in words().map(str::to_owned).chain(letters).chain(glued) {
        let longer = fit.tokenizer.encode(&format!("{base}{candidate}"))?;
        if longer.len() > ids.len() && longer.starts_with(&ids) {
            let is_short = longer.len() == ids.len() + 1;
            if is_short && seen.insert(longer[ids.len()]) {
                short.push(candidate);
            } else if !is_short {
                long.push((longer[ids.len()], candidate));
            }
        }
    }
    if short.len() < 2 {
        short.extend(long.into_iter().filter(|it| seen.insert(it.0)).map(|it| it.1));
    }
    short.truncate(ENOUGH);
    Ok(short)
}
