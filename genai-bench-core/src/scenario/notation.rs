//! Reads a scenario from its text. To add one, add its letter to [`FORMS`].

use std::sync::Arc;

use super::normal::Spread;
use super::{Deterministic, Normal, SharedScenario, Uniform};
use crate::units::Tokens;

/// One letter of the language: how it is written, and what makes a scenario of its numbers.
struct Form {
    letter: &'static str,
    spelling: &'static str,
    make: fn(&[u64]) -> Option<Result<SharedScenario, ParseScenarioError>>,
}

/// Every letter of the language.
const FORMS: &[Form] = &[
    Form { letter: "D", spelling: "D(in,out)", make: deterministic },
    Form {
        letter: "N",
        spelling: "N(mean_in,sd_in)/(mean_out,sd_out) or N(mean_in,sd_in,mean_out,sd_out)",
        make: normal,
    },
    Form {
        letter: "U",
        spelling: "U(min_in,max_in)/(min_out,max_out) or U(min_in,max_in,min_out,max_out) or U(max_in,max_out)",
        make: uniform,
    },
];

/// Reads a scenario from its text.
///
/// ```
/// # use genai_bench_core::scenario::parse;
/// assert_eq!(parse("D(100,20)")?.to_string(), "D(100,20)");
/// assert_eq!(parse("N(480,240,300,150)")?.to_string(), "N(480,240)/(300,150)");
/// assert!(parse("X(1,2)").unwrap_err().to_string().contains("known are D, N, U"));
/// # Ok::<(), genai_bench_core::scenario::ParseScenarioError>(())
/// ```
///
/// # Errors
///
/// When the letter is unknown, the numbers are not in its form, or they contradict each other. The message
/// names the text, what is wrong with it and what would be right.
pub fn parse(text: &str) -> Result<SharedScenario, ParseScenarioError> {
    let trimmed = text.trim();
    let letters = trimmed.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(trimmed.len());
    let (letter, rest) = trimmed.split_at(letters);
    let Some(form) = FORMS.iter().find(|it| it.letter == letter) else {
        let known = FORMS.iter().map(|it| it.letter).collect::<Vec<_>>().join(", ");
        return Err(ParseScenarioError::new(
            text,
            format!("its type '{letter}' is unknown: known are {known}"),
        ));
    };
    let made = numbers(rest).and_then(|numbers| (form.make)(&numbers));
    let expected = || ParseScenarioError::new(text, format!("expected {}", form.spelling));
    made.ok_or_else(expected)?.map_err(|it| ParseScenarioError::new(text, it.problem))
}

/// The numbers of `(a,b)/(c,d)`, or of `(a,b,c,d)`. The slash is where the two spellings differ, and may only
/// part pairs.
fn numbers(text: &str) -> Option<Vec<u64>> {
    let mut groups = text.split('/');
    let group = |group: &str| -> Option<Vec<u64>> {
        let inside = group.strip_prefix('(')?.strip_suffix(')')?;
        inside.split(',').map(|it| whole(it.trim())).collect()
    };
    let first = group(groups.next()?)?;
    match (groups.next(), groups.next()) {
        (None, None) => Some(first),
        (Some(second), None) => {
            let second = group(second)?;
            (first.len() == 2 && second.len() == 2).then(|| [first, second].concat())
        }
        _ => None,
    }
}

/// A whole number in plain digits: no sign, and nothing so long that it would be no number of tokens.
fn whole(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.len() <= 12 && digits.bytes().all(|it| it.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn deterministic(numbers: &[u64]) -> Option<Result<SharedScenario, ParseScenarioError>> {
    let &[input, output] = numbers else { return None };
    Some(Deterministic::new(Tokens(input), Tokens(output)).map(|it| Arc::new(it) as _))
}

fn normal(numbers: &[u64]) -> Option<Result<SharedScenario, ParseScenarioError>> {
    let &[mean_in, sd_in, mean_out, sd_out] = numbers else { return None };
    let input = Spread { mean: Tokens(mean_in), sd: Tokens(sd_in) };
    let output = Spread { mean: Tokens(mean_out), sd: Tokens(sd_out) };
    Some(Normal::new(input, output).map(|it| Arc::new(it) as _))
}

fn uniform(numbers: &[u64]) -> Option<Result<SharedScenario, ParseScenarioError>> {
    let (input, output) = match *numbers {
        [max_in, max_out] => (1..=max_in, 1..=max_out),
        // The Python tool takes a smallest length of 0 for "not given".
        [min_in, max_in, min_out, max_out] => (min_in.max(1)..=max_in, min_out.max(1)..=max_out),
        _ => return None,
    };
    Some(Uniform::new(input, output).map(|it| Arc::new(it) as _))
}

/// A text that is no scenario.
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

    pub(super) fn out_of_range(what: &str, wanted: &str) -> Self {
        Self::new("", format!("{what} must be {wanted}"))
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
        ] {
            let printed = parse(text).unwrap().to_string();
            assert_eq!(printed, canonical);
            assert_eq!(parse(&printed).unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn what_is_no_scenario_is_refused_with_the_form_that_would_be_one() {
        for (text, hint) in [
            ("", "known are D, N, U"),
            ("(1,2)", "known are D, N, U"),
            ("X(10,20)/(30,40)", "known are D, N, U"),
            ("F(10,20)", "known are D, N, U"),
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
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(hint), "{text}: {message}");
            assert!(message.contains(text), "{message}");
        }
    }
}
