//! A person's texts, read on from any of them.

use std::fmt;
use std::iter::{Cycle, Skip};
use std::slice::Iter;
use std::sync::Arc;

use crate::rng::Rng;

/// Bytes a token takes in most texts, to ask for about enough.
const BYTES_PER_TOKEN: usize = 4;

/// Texts that prompts are made of; blank ones are left out.
#[derive(Clone)]
pub(super) struct Corpus {
    texts: Arc<[Arc<str>]>,
    /// Which of them are not blank.
    used: Vec<usize>,
}

impl Corpus {
    pub(super) fn new(texts: Arc<[Arc<str>]>) -> Self {
        let used = (0..texts.len()).filter(|&it| !texts[it].trim().is_empty()).collect();
        Self { texts, used }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.used.is_empty()
    }

    /// Reads from a random text on, and from the first again after the last.
    pub(super) fn reader(&self, rng: &mut Rng) -> CorpusReader<'_> {
        let first = usize::try_from(rng.below(self.used.len() as u64)).unwrap_or_default();
        CorpusReader { texts: &self.texts, left: self.used.iter().cycle().skip(first), is_first: true }
    }
}

impl fmt::Debug for Corpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Corpus").field("texts", &self.used.len()).finish_non_exhaustive()
    }
}

/// Reads texts one after the other.
#[derive(Debug)]
pub(super) struct CorpusReader<'a> {
    texts: &'a [Arc<str>],
    left: Skip<Cycle<Iter<'a, usize>>>,
    is_first: bool,
}

impl CorpusReader<'_> {
    /// Adds whole texts to `text`, each on a line of its own, until about `tokens` tokens were added.
    pub(super) fn read_onto(&mut self, text: &mut String, tokens: u64) {
        let bytes = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN);
        let enough = text.len().saturating_add(bytes);
        while text.len() < enough {
            let Some(&next) = self.left.next() else { return };
            if !text.is_empty() {
                // What the text begins with, if anything, is a beginning of its line.
                text.push(if self.is_first { ' ' } else { '\n' });
            }
            text.push_str(self.texts[next].trim());
            self.is_first = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    #[test]
    fn texts_follow_one_another_and_begin_again() {
        let corpus = Corpus::new(Arc::new(["one", " \n", "two", "three"].map(Arc::from)));
        let mut text = String::new();
        corpus.reader(&mut Rng::at(1, Stream::Content, 0, 0)).read_onto(&mut text, 5);
        let round = ["one", "two", "three", "one", "two", "three", "one", "two"];
        let expected = (0..3).map(|first| round[first..].join("\n"));
        assert!(expected.into_iter().any(|it| it.starts_with(&text)), "{text}");
        assert!(text.len() >= 20);
    }

    #[test]
    fn a_text_that_was_begun_goes_on_in_its_line() {
        let corpus = Corpus::new(Arc::new([Arc::from("one")]));
        let mut text = "begun".to_owned();
        corpus.reader(&mut Rng::at(1, Stream::Content, 0, 0)).read_onto(&mut text, 2);
        assert_eq!(text, "begun one\none");
    }
}
