//! Comparison of two readers of one tokenizer.

use super::Tokenizer;

/// Prose, code, other scripts, digits, and every kind of white space: texts on which readers were found to differ.
pub(super) const SAMPLES: [&str; 11] = [
    "The quick brown fox jumps over the lazy dog; it doesn't care, and they've said they'll do it again. \
     \"Why?\" she asked. 'Tis 5 o'clock -- isn't it? I'm sure we'd know. IT'S LOUD, THEY'RE NOT.",
    "fn main() {\n    let mut total: u64 = 0;\n\tfor (i, x) in xs.iter().enumerate() {\n\t\ttotal += x * i as u64;\n    }\n\
     \n\n    println!(\"{total:>8.3}\"); // done\r\n}\r\n",
    "def f(a, *, b=None):\n    return {\"k\": [1, 2.5e-10, -3], 'v': a**b if b is not None else 0x1F}\n\n\n\n# end",
    "0 12 345 6789 12345678901234567890 3.14159 1,000,000 1e9 v1.2.3 2024-02-29T23:59:59Z ½ ² ٣٤٥ Ⅻ",
    "Füße, naïve café, Ångström, coöperate, e\u{301}te\u{301} (decomposed), ﬁne ﬂow, Ω≈ç√∫, İstanbul ıIiİ, ẞß",
    "你好，世界！这是一个测试。日本語のテキストとカタカナ、ひらがな。 한국어 텍스트입니다. ภาษาไทยไม่มีช่องว่าง",
    "Привет, мир! Γειά σου Κόσμε. שלום עולם מה שלומך مرحبا بالعالم كيف حالك नमस्ते दुनिया",
    "emoji 🙂🙃👍🏽👨‍👩‍👧‍👦🇩🇪 and symbols ™©®… “quotes” ‘single’ – — • → ∀x∈ℝ $5 €10 #tag @name a/b\\c <b>&amp;</b> <|im_start|> </s> [CLS]",
    "  leading, trailing   and    long     runs      of spaces   \t\t tabs \t \n \n\n newlines \r\n\r\n \u{a0}no-break\u{2003}em\u{200b}zero ",
    "▁ Ġ Ċ <unk> <0x0A> ## ##ing \u{fffd} \u{feff}mark snake_case camelCase HTTPServer x86_64 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    // Where a vocabulary has entries of several `▁`, a text's own do not mix with those that spaces become.
    "a ▁▁b▁▁ c ▁▁  d  ▁▁▁ \n▁▁\n ▁ ▁▁",
];
/// The number of words of the vocabulary to compare.
const WORDS: usize = 2_048;

/// Returns `true` if `fast` gives the tokens of `reference` for every sample and for words of the vocabulary, and the
/// same text for the same tokens.
pub(super) fn same_ids(fast: &dyn Tokenizer, reference: &dyn Tokenizer) -> bool {
    let words = reference.words();
    if fast.words() != words {
        return false;
    }
    let stride = words.len().div_ceil(WORDS).max(1);
    let joined = words.into_iter().step_by(stride).collect::<Vec<_>>().join(" ");
    SAMPLES.into_iter().chain([joined.as_str(), "", " ", "a"]).all(|text| agree(fast, reference, text))
}

fn agree(fast: &dyn Tokenizer, reference: &dyn Tokenizer, text: &str) -> bool {
    match (fast.encode(text), reference.encode(text)) {
        (Ok(a), Ok(b)) => a == b && fast.decode(&a) == reference.decode(&b),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{TokenizeError, Words};

    /// A tokenizer like [`Words`] that rejects a text with `odd` in it.
    #[derive(Debug)]
    struct But {
        odd: &'static str,
    }

    impl Tokenizer for But {
        fn name(&self) -> &str {
            "but"
        }
        fn fingerprint(&self) -> String {
            self.odd.to_owned()
        }
        fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizeError> {
            let mut ids = Words.encode(text)?;
            ids.extend(text.contains(self.odd).then_some(0));
            Ok(ids)
        }
        fn decode(&self, ids: &[u32]) -> Result<String, TokenizeError> {
            Words.decode(ids)
        }
        fn words(&self) -> Vec<String> {
            Words.words()
        }
    }

    #[test]
    fn readers_that_differ_anywhere_do_not_agree() {
        assert!(same_ids(&But { odd: "not in the samples" }, &Words));
        for odd in
            ["fox", "\t\t", "\r\n", "12345678901234567890", "e\u{301}", "ไทย", "👨‍👩‍👧‍👦", "\u{a0}", "the of and"]
        {
            assert!(!same_ids(&But { odd }, &Words), "{odd:?}");
        }
    }
}
