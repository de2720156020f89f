//! An error with what caused it.

use std::error::Error;

/// What `error` says, and then what caused it, of which the texts of AWS's libraries say nothing.
pub(super) fn told(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut last = told.clone();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // Some do say it.
        if !last.contains(&text) {
            told = format!("{told}: {text}");
            last = text;
        }
        next = cause.source();
    }
    told
}
