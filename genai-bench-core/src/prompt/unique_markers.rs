//! Short texts that tell prompts apart by the first token after what they share.

use std::collections::HashSet;
use std::sync::OnceLock;

use super::PromptError;
use super::exact_length::ExactLength;
use super::word_pool::WordPool;
use crate::rng::{Rng, Stream};

/// How long the text is that marks are tried on, in tokens.
const TRIED_ON: u64 = 8;
/// And how many such texts there are.
const TEXTS: u64 = 16;
/// How many words are tried.
const MOST_WORDS: u64 = 256;
/// How many marks are enough for a tokenizer without words of one token.
const ENOUGH: usize = 128;
/// How many words of one token are tried on a prefix: they are alike.
const ENOUGH_WORDS: u64 = 4;
/// How many marks a number is spelled with at least, so that all numbers below the square of what one mark can
/// tell are told apart by two.
const FEWEST: usize = 2;

/// Texts that begin with different tokens when they follow another text.
pub(super) enum UniqueMarkers<'a> {
    /// Words that are one token each.
    Words(&'a WordPool),
    /// What was found for a tokenizer without such words.
    Found(&'a [String]),
}

impl<'a> UniqueMarkers<'a> {
    /// The marks of a tokenizer; what had to be looked for is kept in `found`.
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

    /// A mark, with the space before it if it has one. Numbers wrap around.
    pub(super) fn get(&self, number: u64) -> &'a str {
        match self {
            Self::Words(pool) => pool.spaced(number),
            Self::Found(found) => &found[usize::try_from(number % found.len() as u64).unwrap_or_default()],
        }
    }

    /// The marks that may change the tokens of what they follow: any of those that had to be looked for.
    pub(super) fn worth_trying(&self) -> impl Iterator<Item = &'a str> {
        let count = match self {
            Self::Words(pool) => ENOUGH_WORDS.min(pool.len() as u64),
            Self::Found(found) => found.len() as u64,
        };
        (0..count).map(|it| self.get(it))
    }

    /// The marks that `index` is spelled with: its digits, the lowest first, each moved on by `first`.
    pub(super) fn spell(&self, index: u64, first: u64) -> impl Iterator<Item = u64> + use<> {
        let base = self.len();
        let digits = move |left: &u64| (base > 1 && *left >= base).then(|| left / base);
        let needed = std::iter::successors(Some(index), digits).count().max(FEWEST);
        let quotients = std::iter::successors(Some(index), move |left| Some(left / base));
        quotients.take(needed).map(move |it| (it % base + first % base) % base)
    }
}

/// Marks for a tokenizer without words of one token: the most that follow any of a few texts.
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

/// What can follow `base` as another token each: of one token if there are such, else of more.
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
