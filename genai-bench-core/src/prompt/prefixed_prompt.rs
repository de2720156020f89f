//! Prompts that begin with a shared prefix and differ in the token after it.

use std::sync::Arc;

use super::corpus::Start;
use super::prefix_cache::Prefix;
use super::unique_markers::UniqueMarkers;
use super::{PromptBuilder, PromptError, SharedPrefixes, SharedPrompt};
use crate::rng::{Rng, Stream};
use crate::units::Tokens;

/// The seed of the words of prefixes, independent of all other draws under the same seed: "prefix" in ASCII.
const PREFIXES: u64 = 0x7072_6566_6978;
/// The seed of the markers of prefixes: "marks" in ASCII.
const MARKS: u64 = 0x6d_6172_6b73;
/// The maximum number of draws of a text whose tokens change when more text follows.
const ATTEMPTS: usize = 16;

impl PromptBuilder {
    /// Builds a prompt of exactly `total` tokens that begins with one of the `prefixes` of its group.
    ///
    /// Prompts of the same `group_seed`, prefix number and length of prefix share these tokens and their bytes, and no
    /// more: the token that follows depends on `index`. It differs for each `index` in
    /// `0..`[`distinct_suffixes`](Self::distinct_suffixes); beyond that, prompts differ in several tokens together. A
    /// prefix of 0 tokens is an ordinary prompt. With a corpus, prefixes begin with four random words.
    ///
    /// ```
    /// # use std::num::NonZeroU32;
    /// # use std::sync::Arc;
    /// # use genai_bench_core::rng::{Rng, Stream};
    /// # use genai_bench_core::prompt::{Popularity, PrefixLength, PromptBuilder, SharedPrefixes};
    /// # use genai_bench_core::tokenizer::{Tokenizer, Words};
    /// # use genai_bench_core::units::Tokens;
    /// let builder = PromptBuilder::new(Arc::new(Words))?;
    /// let one = SharedPrefixes::new(PrefixLength::Ratio(0.5), NonZeroU32::MIN, Popularity::Uniform)?;
    /// let prompt = |index| {
    ///     let mut rng = Rng::at(42, Stream::Content, 0, index);
    ///     builder.build_with_prefix(&one, Tokens(100), 7, index, &mut rng)
    /// };
    /// let (a, b) = (Words.encode(&prompt(0)?.text)?, Words.encode(&prompt(1)?.text)?);
    /// assert_eq!(a[..50], b[..50]);
    /// assert_ne!(a[50], b[50]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the prefix is not shorter than the prompt, or no such prompt was found.
    pub fn build_with_prefix(
        &self,
        prefixes: &SharedPrefixes,
        total: Tokens,
        group_seed: u64,
        index: u64,
        rng: &mut Rng,
    ) -> Result<SharedPrompt, PromptError> {
        let length = prefixes.length().for_prompt(total)?;
        let prefix_number = prefixes.draw(rng);
        let shared = |text| SharedPrompt { text, prefix: length, prefix_number };
        if length.0 == 0 {
            return self.build(total, rng).map(shared);
        }
        let prefix = self.prefix(group_seed, prefix_number, length.0)?;
        let first = Rng::at(group_seed, Stream::Content, MARKS, u64::from(prefix_number)).below(u64::MAX);
        let marks = self.marks()?;
        let room = total.0 - length.0;
        let numbers = marks.spell(index, first).take(usize::try_from(room).unwrap_or(usize::MAX));
        if !self.joins_words() {
            let spelled: Vec<&str> = numbers.map(|it| marks.get(it)).collect();
            return self.searched(&prefix, &spelled, total.0, rng).map(shared);
        }
        let mut text = String::with_capacity(prefix.text.len() + usize::try_from(room * 8).unwrap_or(0));
        text.push_str(&prefix.text);
        let mut left = room;
        for number in numbers {
            text.push_str(marks.get(number));
            left -= 1;
        }
        self.pool.draw_onto(&mut text, left, rng);
        Ok(shared(text))
    }

    /// Returns the number of prompts with the same prefix that differ in the one token after it.
    ///
    /// # Errors
    ///
    /// When the tokenizer fails.
    pub fn distinct_suffixes(&self) -> Result<u64, PromptError> {
        Ok(self.marks()?.len())
    }

    fn marks(&self) -> Result<UniqueMarkers<'_>, PromptError> {
        UniqueMarkers::new(&self.fit_words(), self.prefixes.own_marks())
    }

    /// Builds prefix `number` of a group. With words of one token each, a shorter one is the beginning of a longer
    /// one.
    fn prefix(&self, group_seed: u64, number: u32, length: u64) -> Result<Arc<Prefix>, PromptError> {
        self.prefixes.get((group_seed, number, length), || {
            let mut rng = Rng::at(group_seed, Stream::Content, PREFIXES, u64::from(number));
            if self.joins_words() {
                return Ok(Prefix { text: self.pool.draw(length, &mut rng), ids: Vec::new() });
            }
            let marks = self.marks()?;
            for _ in 0..ATTEMPTS {
                // Random words first: at a place of the texts two prefixes could be the same.
                let text = self.build_from(Start::Anywhere, Tokens(length), &mut rng)?;
                let ids = self.tokenizer().encode(&text)?;
                if self.keeps_its_tokens(&text, &ids, &marks)? {
                    return Ok(Prefix { text, ids });
                }
            }
            Err(self.not_found(length))
        })
    }

    /// Returns `true` if the tokens of a prefix do not change when a marker follows.
    fn keeps_its_tokens(
        &self,
        text: &str,
        ids: &[u32],
        marks: &UniqueMarkers<'_>,
    ) -> Result<bool, PromptError> {
        for mark in marks.worth_trying() {
            let longer = self.tokenizer().encode(&format!("{text}{mark}"))?;
            if longer.len() <= ids.len() || !longer.starts_with(ids) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Builds a prompt that begins with the tokens of `prefix`, then with those of `marks`, by search.
    fn searched(
        &self,
        prefix: &Prefix,
        marks: &[&str],
        total: u64,
        rng: &mut Rng,
    ) -> Result<String, PromptError> {
        let mut head = prefix.text.clone();
        let mut begins: Vec<u32> = Vec::new();
        for mark in marks {
            let longer = format!("{head}{mark}");
            let ids = self.tokenizer().encode(&longer)?;
            // A mark that changes the one before it says less than none.
            if ids.len() as u64 > total || !ids.starts_with(&begins) {
                break;
            }
            if begins.is_empty() {
                if ids.len() <= prefix.ids.len() || !ids.starts_with(&prefix.ids) {
                    return Err(self.not_found(total));
                }
                begins = ids[..=prefix.ids.len()].to_vec();
            }
            head = longer;
        }
        if begins.is_empty() {
            return Err(self.not_found(total));
        }
        for _ in 0..ATTEMPTS {
            let text = self.fit(Start::Anywhere).fit(&head, head.len(), total, rng)?;
            if self.tokenizer().encode(&text)?.starts_with(&begins) {
                return Ok(text);
            }
        }
        Err(self.not_found(total))
    }

    fn not_found(&self, wanted: u64) -> PromptError {
        PromptError::NoSuchLength { wanted, tokenizer: self.tokenizer().name().to_owned() }
    }
}
