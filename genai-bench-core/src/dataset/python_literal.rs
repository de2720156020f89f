//! Parser of Python lists and dictionaries, as pandas writes them into a table.

use std::sync::Arc;

use serde_json::Number;

use super::row::Cell;

/// The maximum nesting depth of lists and dictionaries.
const MAX_DEPTH: usize = 64;

/// Parses a literal such as `[{'role': 'user', 'content': "it's"}]`. The comma between dictionaries may be missing, as in
/// printed numpy arrays. That between texts may not, because Python joins adjacent texts.
///
/// # Errors
///
/// The problem and its character, if the text is no such literal or is cut short by `...`.
pub(super) fn parse(text: &str) -> Result<Cell, String> {
    let mut parser = Parser { characters: text.chars().collect(), at: 0 };
    let cell = parser.value(0)?;
    parser.skip_space();
    if parser.at < parser.characters.len() { Err(parser.problem("the end")) } else { Ok(cell) }
}

struct Parser {
    characters: Vec<char>,
    at: usize,
}

impl Parser {
    /// Formats the problem of a position at which something else is expected.
    fn problem(&self, expected: &str) -> String {
        let rest = &self.characters[self.at.min(self.characters.len())..];
        if rest.starts_with(&['.', '.', '.']) {
            return format!("cut short by `...` at character {}", self.at + 1);
        }
        match rest.first() {
            Some(found) => format!("`{found}` at character {} instead of {expected}", self.at + 1),
            None => format!("it ends before {expected}"),
        }
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Consumes `expected` if it is next, and returns `true` if it is.
    fn accept(&mut self, expected: char) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(expected);
        self.at += usize::from(is_next);
        is_next
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let length = word.chars().count();
        let is_next = word.chars().eq(self.characters[self.at..].iter().copied().take(length));
        if is_next {
            self.at += length;
        }
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Cell, String> {
        self.skip_space();
        if depth > MAX_DEPTH {
            return Err(format!("nested more than {MAX_DEPTH} deep"));
        }
        match self.peek() {
            Some('[') => self.list(']', depth),
            Some('(') => self.list(')', depth),
            Some('{') => self.dictionary(depth),
            Some('\'' | '"') => self.text().map(|text| Cell::Text(text.into())),
            Some('a') if self.accept_word("array(") => self.array(depth),
            Some('N') if self.accept_word("None") => Ok(Cell::Null),
            Some('T') if self.accept_word("True") => Ok(Cell::Bool(true)),
            Some('F') if self.accept_word("False") => Ok(Cell::Bool(false)),
            Some('0'..='9' | '-' | '+') => self.number(),
            _ => Err(self.problem("a value")),
        }
    }

    /// Parses a list, from its opening bracket to `end`.
    fn list(&mut self, end: char, depth: usize) -> Result<Cell, String> {
        self.at += 1;
        let mut items = Vec::new();
        while !self.accept(end) {
            items.push(self.value(depth + 1)?);
            let has_comma = self.accept(',');
            let is_of_objects = matches!(items.last(), Some(Cell::Struct(_))) && self.peek() == Some('{');
            if !has_comma && !is_of_objects && self.peek() != Some(end) {
                return Err(self.problem("`,` or the end of the list"));
            }
        }
        Ok(Cell::List(items))
    }

    /// Parses `array([...], dtype=object)` after its opening bracket.
    fn array(&mut self, depth: usize) -> Result<Cell, String> {
        let items = self.value(depth + 1)?;
        if self.accept(',') {
            while self.peek().is_some_and(|character| character != ')') {
                self.at += 1;
            }
        }
        if self.accept(')') { Ok(items) } else { Err(self.problem("`)`")) }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Cell, String> {
        self.at += 1;
        let mut members: Vec<(Arc<str>, Cell)> = Vec::new();
        while !self.accept('}') {
            if !matches!(self.peek(), Some('\'' | '"')) {
                return Err(self.problem("a name in quotes"));
            }
            let name = self.text()?;
            if !self.accept(':') {
                return Err(self.problem("`:`"));
            }
            members.push((name.into(), self.value(depth + 1)?));
            if !self.accept(',') && self.peek() != Some('}') {
                return Err(self.problem("`,` or `}`"));
            }
        }
        Ok(Cell::Struct(members))
    }

    fn text(&mut self) -> Result<String, String> {
        let quote = self.peek();
        self.at += 1;
        let mut text = String::new();
        while let Some(character) = self.peek() {
            self.at += 1;
            match character {
                _ if Some(character) == quote => return Ok(text),
                '\\' => text.extend(self.escape()?),
                other => text.push(other),
            }
        }
        Err(self.problem("the quote that ends the text"))
    }

    /// Parses the rest of an escape after its backslash. `None` for an escaped line end.
    fn escape(&mut self) -> Result<Option<char>, String> {
        let Some(character) = self.peek() else { return Err(self.problem("a character after `\\`")) };
        self.at += 1;
        Ok(Some(match character {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '\n' => return Ok(None),
            '\\' | '\'' | '"' => character,
            'x' => self.code(2)?,
            'u' => self.code(4)?,
            'U' => self.code(8)?,
            _ => {
                self.at -= 1;
                return Err(self.problem("an escape that Python has"));
            }
        }))
    }

    fn code(&mut self, digits: usize) -> Result<char, String> {
        let text: String = self.characters[self.at..].iter().take(digits).collect();
        let is_whole = text.chars().count() == digits && text.chars().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| is_whole).and_then(char::from_u32);
        let code = code.ok_or_else(|| self.problem("the code of a character"))?;
        self.at += digits;
        Ok(code)
    }

    fn number(&mut self) -> Result<Cell, String> {
        let from = self.at;
        while self.peek().is_some_and(|character| character.is_ascii_digit() || "+-.eE".contains(character)) {
            self.at += 1;
        }
        let text: String = self.characters[from..self.at].iter().collect();
        let whole = text.parse::<i64>().ok().map(Number::from);
        let number = whole.or_else(|| text.parse().ok().and_then(Number::from_f64));
        number.map(Cell::Number).ok_or_else(|| format!("`{text}` at character {} is no number", from + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_read_as_python_prints_them() {
        for (python, json) in [
            ("[{'role': 'user', 'content': \"it's\"}]", r#"[{"role": "user", "content": "it's"}]"#),
            (r"['a\n\'b\'', 'c\x41\u00e9']", r#"["a\n'b'", "cA\u00e9"]"#),
            ("[{'a': 1}\n {'a': -2.5}]", r#"[{"a": 1}, {"a": -2.5}]"#),
            ("array([{'a': None}, {'b': True}], dtype=object)", r#"[{"a": null}, {"b": true}]"#),
            ("(1, False,)", "[1, false]"),
            ("{}", "{}"),
        ] {
            let expected: Cell = serde_json::from_str(json).unwrap();
            assert_eq!(parse(python), Ok(expected), "{python}");
        }
    }

    #[test]
    fn ambiguous_and_truncated_literals_are_refused() {
        for (python, problem) in [
            ("['a' 'b']", "`'` at character 6 instead of `,` or the end of the list"),
            ("[{'a': 1} ... {'a': 2}]", "cut short by `...` at character 11"),
            ("[{'a': 'b", "it ends before the quote"),
            ("[{'a': }]", "`}` at character 8 instead of a value"),
            ("[1] x", "`x` at character 5 instead of the end"),
            (r"['\q']", "`q` at character 4 instead of an escape"),
        ] {
            let found = parse(python).unwrap_err();
            assert!(found.contains(problem), "{python}: {found}");
        }
        assert!(parse(&"[".repeat(500)).unwrap_err().contains("deep"));
    }
}
