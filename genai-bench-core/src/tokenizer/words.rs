//! The built-in tokenizer, for which a word is a token. It needs no file.

use super::{TokenizeError, Tokenizer, fingerprint};
use crate::units::Tokens;

/// A tokenizer for which every word between white space is a token.
///
/// It counts as the simulator does. For a real model it is an estimate: prompts have the requested number of words,
/// and the number of tokens is that reported by the server.
///
/// ```
/// # use genai_bench_core::tokenizer::{Tokenizer, Words};
/// # use genai_bench_core::units::Tokens;
/// assert_eq!(Words.count("a word  is a token\n"), Ok(Tokens(5)));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Words;

/// Short words that are one token in most vocabularies, too.
const LEXICON: &str = "
the of and to in is that for it as was with be by on not he his but at are this have from or had an they
which one you were her all she there would their we him been has when who will more no if out so said what
up its about into than them can only other new some could time these two may then do first any my now such
like our over man me even most made after also did many before must through back years where much your way
well down should because each just those people how too little state good very make world still own see men
work long get here between both life being under never day same another know while last might us great old
year off come since against go came right used take three states himself few house use during without again
place around however home small found thought went say part once general high upon school every does got
united left number course war until always away something fact though water less public put think almost
hand enough far took head yet government system better set told nothing night end why called find going look
asked later knew point next program city business give group toward young days let room word side given";

/// Returns the index of `word` in the lexicon; the maximum for any other word.
fn word_id(lexicon: &[&str], word: &str) -> u32 {
    let index = lexicon.iter().position(|known| *known == word);
    index.and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::MAX)
}

impl Tokenizer for Words {
    fn name(&self) -> &'static str {
        "words"
    }

    fn fingerprint(&self) -> String {
        fingerprint::from_parts(LEXICON.split_whitespace().map(str::as_bytes))
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
        let lexicon: Vec<&str> = LEXICON.split_whitespace().collect();
        Ok(text.split_whitespace().map(|word| word_id(&lexicon, word)).collect())
    }

    fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
        let lexicon: Vec<&str> = LEXICON.split_whitespace().collect();
        let words: Option<Vec<&str>> = ids.iter().map(|id| lexicon.get(*id as usize).copied()).collect();
        words.map(|it| it.join(" ")).ok_or_else(|| TokenizeError::new("a token outside the built-in words"))
    }

    fn words(&self) -> Vec<String> {
        LEXICON.split_whitespace().map(str::to_owned).collect()
    }

    fn is_estimate(&self) -> bool {
        true
    }

    fn count(&self, text: &str) -> Result<Tokens, TokenizeError> {
        Ok(Tokens(text.split_whitespace().count() as u64))
    }
}
