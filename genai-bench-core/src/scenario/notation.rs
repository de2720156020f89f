//! Parsing of scenarios. A new scenario of core adds its form to [`FORMS`].

use std::fmt;

use super::{
    SharedScenario, deterministic, embeddings, from_dataset, image, normal, rerank, speech, trace_replay,
    uniform, video,
};

/// One form of the notation: its letter, its spelling, and its parser.
#[derive(Clone, Copy)]
pub struct Form {
    /// The beginning of the text: a letter, or a word of letters.
    pub letter: &'static str,
    /// The spelling of the form, for error messages.
    pub spelling: &'static str,
    /// Parses the text after the letter into a scenario; `None` when the text does not have this form.
    pub make: fn(&str) -> Option<Result<SharedScenario, ParseScenarioError>>,
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("letter", &self.letter).finish_non_exhaustive()
    }
}

/// All forms of core, in the order of their letters.
const FORMS: &[Form] = &[
    speech::FORM,
    deterministic::FORM,
    embeddings::FORM,
    image::FORM,
    normal::FORM,
    rerank::FORM,
    uniform::FORM,
    video::FORM,
    from_dataset::FORM,
    trace_replay::FORM,
];

/// A notation of scenarios: the forms of core, and those that a program adds.
///
/// ```
/// use std::sync::Arc;
/// use genai_bench_core::scenario::{Deterministic, Form, Notation, numbers};
/// use genai_bench_core::units::Tokens;
///
/// /// `Q(n)`: as many tokens out as in.
/// const ECHO: Form = Form {
///     letter: "Q",
///     spelling: "Q(tokens)",
///     make: |text| match &numbers(text)?[..] {
///         [group] if group.len() == 1 => {
///             Some(Deterministic::new(Tokens(group[0]), Tokens(group[0])).map(|it| Arc::new(it) as _))
///         }
///         _ => None,
///     },
/// };
///
/// let notation = Notation::default().with(ECHO);
/// assert_eq!(notation.parse("Q(7)")?.to_string(), "D(7,7)");
/// assert_eq!(notation.parse("D(1,2)")?.to_string(), "D(1,2)");
/// # Ok::<(), genai_bench_core::scenario::ParseScenarioError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Notation(Vec<Form>);

impl Default for Notation {
    fn default() -> Self {
        Self(FORMS.to_vec())
    }
}

impl Notation {
    /// Sets the form of a letter: a new one, or the replacement of one of core.
    #[must_use]
    pub fn with(mut self, form: Form) -> Self {
        self.0.retain(|it| it.letter != form.letter);
        self.0.push(form);
        self
    }

    /// Parses a scenario from its text.
    ///
    /// # Errors
    ///
    /// When the letter is unknown, what follows is not in its form, or its numbers contradict each other. The
    /// message names the text, what is wrong with it and what would be right.
    pub fn parse(&self, text: &str) -> Result<SharedScenario, ParseScenarioError> {
        let trimmed = text.trim();
        let letters = trimmed.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(trimmed.len());
        let (letter, rest) = trimmed.split_at(letters);
        let Some(form) = self.0.iter().find(|it| it.letter == letter) else {
            let known = self.0.iter().map(|it| it.letter).collect::<Vec<_>>().join(", ");
            return Err(ParseScenarioError::new(
                text,
                format!("its type '{letter}' is unknown: known are {known}"),
            ));
        };
        let made = (form.make)(rest)
            .ok_or_else(|| ParseScenarioError::new(text, format!("expected {}", form.spelling)))?;
        made.map_err(|it| ParseScenarioError::new(text, it.problem))
    }
}

/// Parses a scenario of core from its text.
///
/// ```
/// # use genai_bench_core::scenario::parse;
/// assert_eq!(parse("D(100,20)")?.to_string(), "D(100,20)");
/// assert_eq!(parse("N(480,240,300,150)")?.to_string(), "N(480,240)/(300,150)");
/// assert!(parse("X(1,2)").unwrap_err().to_string().contains("known are A, D, E, I, N, R, U, V, dataset"));
/// # Ok::<(), genai_bench_core::scenario::ParseScenarioError>(())
/// ```
///
/// # Errors
///
/// As [`Notation::parse`].
pub fn parse(text: &str) -> Result<SharedScenario, ParseScenarioError> {
    Notation::default().parse(text)
}

/// The error of an invalid scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no scenario: {problem}")]
pub struct ParseScenarioError {
    text: String,
    problem: String,
}

impl ParseScenarioError {
    fn new(text: &str, problem: impl Into<String>) -> Self {
        Self { text: text.to_owned(), problem: problem.into() }
    }

    /// Creates the error of invalid or contradictory numbers: `problem` is a sentence that says what would be right.
    /// The text is added by the [`Notation`].
    #[must_use]
    pub fn because(problem: impl Into<String>) -> Self {
        Self::new("", problem)
    }

    pub(super) fn out_of_range(what: &str, expected: &str) -> Self {
        Self::because(format!("{what} must be {expected}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_prints_as_its_canonical_text_and_back() {
        for (text, canonical) in [
            ("D(100,200)", "D(100,200)"),
            ("D(007,01)", "D(7,1)"),
            ("N(10,2)/(20,5)", "N(10,2)/(20,5)"),
            ("N(10,2,20,5)", "N(10,2)/(20,5)"),
            ("U(5,15)/(10,25)", "U(5,15)/(10,25)"),
            ("U(5, 15, 10, 25)", "U(5,15)/(10,25)"),
            ("U(10,20)", "U(1,10)/(1,20)"),
            ("U(0,5)/(0,3)", "U(1,5)/(1,3)"),
            ("E(512)", "E(512)"),
            ("R(512,100)", "R(512,100)"),
            ("I(512,256)", "I(512,256)"),
            ("I(512,256,1)", "I(512,256)"),
            ("I(512,256,3)", "I(512,256,3)"),
            ("I(512,256,1,40)", "I(512,256,1,40)"),
            ("I(512,256,3)/(20,40)", "I(512,256,3)/(20,40)"),
            ("I(512,256)/(20,40)", "I(512,256)/(20,40)"),
            ("V(640,360,16)", "V(640,360,16)"),
            ("V(640,360,16,40)", "V(640,360,16,40)"),
            ("V(640,360,16)/(20,40)", "V(640,360,16)/(20,40)"),
            ("A(100)", "A(100)"),
            ("dataset", "dataset"),
            (" dataset\n", "dataset"),
            ("trace:burst-1.csv", "trace:burst-1.csv"),
            ("trace: a (2): b ", "trace:a (2): b"),
        ] {
            let printed = parse(text).unwrap().to_string();
            assert_eq!(printed, canonical);
            assert_eq!(parse(&printed).unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn an_invalid_scenario_is_refused_with_the_expected_form() {
        for (text, hint) in [
            ("", "known are A, D, E, I, N, R, U, V, dataset"),
            ("(1,2)", "known are A, D"),
            ("X(10,20)/(30,40)", "known are A, D"),
            ("F(10,20)", "known are A, D"),
            ("N(10,20),(30,40)", "expected N("),
            ("N(10,2)", "expected N("),
            ("D(1,2)/(3,4)", "expected D("),
            ("D(1)/(2)", "expected D("),
            ("U(-5,15)/(-10,25)", "expected U("),
            ("D(10,20", "expected D("),
            ("D(1.5,2)", "expected D("),
            ("D(99999999999999999999,2)", "expected D("),
            ("D(0,5)", "the input must be at least 1 token"),
            ("D(5,0)", "the output must be at least 1 token"),
            ("U(20,10)/(1,2)", "from the smaller to the larger"),
            ("N(0,5)/(10,1)", "the mean input must be"),
            ("N(100,900)/(10,1)", "of the draws would be raised to 1"),
            ("E(0)", "the document must be at least 1 token"),
            ("E(1,2)", "expected E("),
            ("R(1)", "expected R("),
            ("R(5,0)", "the query must be at least 1 token"),
            ("I(512)", "expected I("),
            ("I(0,512)", "the width must be 1 to 16384 pixels"),
            ("I(512,512,0)", "the number of pictures must be 1 to 1000"),
            ("I(512,512,1,0)", "the output must be at least 1 token"),
            ("I(512,512)/(0,5)", "the input must be at least 1 token"),
            ("V(512,512)", "expected V("),
            ("V(512,512,0)", "the number of frames must be 1 to 10000"),
            ("A(0)", "the text must be at least 1 character"),
            ("dataset(5)", "expected dataset"),
            ("trace", "expected trace:NAME"),
            ("trace: ", "must not be empty"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(hint), "{text}: {message}");
            assert!(message.contains(text), "{message}");
        }
    }

    #[test]
    fn a_letter_can_be_given_another_meaning() {
        let notation = Notation::default().with(Form { letter: "D", ..from_dataset::FORM });
        assert_eq!(notation.parse("D").unwrap().to_string(), "dataset");
    }
}
