//! Descriptions of JSON syntax errors, with a remedy for the usual mistakes.

/// Literals of other languages, each with a remedy.
const WORDS: [(&str, &str); 9] = [
    ("NaN", "write null"),
    ("nan", "write null"),
    ("Infinity", "write null"),
    ("inf", "write null"),
    ("None", "write null"),
    ("undefined", "write null"),
    ("True", "write true"),
    ("False", "write false"),
    ("'", "text has double quotes"),
];

/// The problem of a comma after the last element or member.
pub(super) const TRAILING_COMMA: &str = "trailing comma: remove the comma before the closing bracket";

/// Returns the problem of `text`, which is not JSON, and a remedy.
pub(super) fn json_problem(error: &serde_json::Error, text: &[u8]) -> String {
    let column = error.column();
    if let Err(error) = std::str::from_utf8(text) {
        let valid = error.valid_up_to();
        return format!("not UTF-8 after {valid} bytes: save the file as UTF-8");
    }
    if let Some((word, right)) = foreign_word(error, text) {
        return format!("not JSON at column {column}: {word} is not JSON: {right}");
    }
    if follows_comma(error, text) {
        return format!("not JSON at column {column}: {TRAILING_COMMA}");
    }
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(&*message, |(problem, _)| problem);
    let at = text.split(|byte| *byte == b'\n').nth(error.line().saturating_sub(1));
    let at = at.and_then(|line| line.get(column.saturating_sub(1)));
    let hint = match (message, at) {
        _ if error.is_eof() => ": is the file cut off?",
        ("trailing characters", Some(b',')) => ": remove the comma after the value of the line",
        _ => "",
    };
    format!("not JSON at column {column}: {message}{hint}")
}

/// Returns `true` if an error is at a closing bracket that follows a comma.
fn follows_comma(error: &serde_json::Error, text: &[u8]) -> bool {
    let before = text.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let place = before.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1);
    let is_closing = matches!(text.get(place), Some(b'}' | b']'));
    is_closing && text[..place].trim_ascii_end().ends_with(b",")
}

/// Returns the word at the place of an error and its remedy, if it is a literal of another language.
fn foreign_word(error: &serde_json::Error, text: &[u8]) -> Option<(&'static str, &'static str)> {
    let line = text.split(|byte| *byte == b'\n').nth(error.line().checked_sub(1)?)?;
    let column = error.column().saturating_sub(1).min(line.len());
    let letters = line[..column].iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let start = column - letters;
    let word = &line[start..];
    WORDS.into_iter().find(|(known, _)| {
        let rest = word.strip_prefix(known.as_bytes());
        rest.is_some_and(|rest| *known == "'" || !rest.first().is_some_and(u8::is_ascii_alphabetic))
    })
}

#[cfg(test)]
mod tests {
    use super::super::row::Cell;

    use super::*;

    #[test]
    fn usual_mistakes_are_named_with_a_remedy() {
        let rows: [(&[u8], &str); 13] = [
            (br#"{"a": 1},"#, "not JSON at column 9: trailing characters: remove the comma after"),
            (br#"{"a": NaN}"#, "not JSON at column 7: NaN is not JSON: write null"),
            (br#"{"a": -Infinity}"#, "not JSON at column 8: Infinity is not JSON: write null"),
            (br#"[1, nan]"#, "not JSON at column 6: nan is not JSON: write null"),
            (br#"{"a": None, "b": 1}"#, "not JSON at column 7: None is not JSON: write null"),
            (br#"{"a": True}"#, "not JSON at column 7: True is not JSON: write true"),
            (br#"{'a': 1}"#, "not JSON at column 2: ' is not JSON: text has double quotes"),
            (br#"{"a": 1,}"#, "not JSON at column 9: trailing comma: remove the comma before the closing"),
            (br#"[1, 2, ]"#, "not JSON at column 8: trailing comma: remove the comma before the closing"),
            (b"{\"a\":\n NaN}", "not JSON at column 2: NaN is not JSON: write null"),
            (b"{\"a\": \"na\xefve\"}", "not UTF-8 after 9 bytes: save the file as UTF-8"),
            (br#"{"a": Name}"#, "not JSON at column 7: expected value"),
            (br#"{"a": "b"#, "not JSON at column 8: EOF while parsing a string: is the file cut off?"),
        ];
        for (text, beginning) in rows {
            let error = serde_json::from_slice::<Cell>(text).unwrap_err();
            let problem = json_problem(&error, text);
            assert!(problem.starts_with(beginning), "{}: {problem}", text.escape_ascii());
        }
    }
}
