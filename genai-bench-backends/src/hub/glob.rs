//! Glob patterns for the files of a repository.

/// Returns `true` if `path` matches `pattern`: `*` is any run of characters within a folder, `?` one of
/// them, `[a-z]` and `[!a-z]` one of a class, `**` any number of folders.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
    let folders: Vec<&str> = pattern.split('/').collect();
    let steps: Vec<&str> = path.split('/').collect();
    runs(&folders, &steps, |it| *it == "**", |folder, step| fits_step(folder, step))
}

/// Returns `true` if the name of one folder or file matches.
fn fits_step(pattern: &str, name: &str) -> bool {
    let pattern = tokens(pattern);
    let name: Vec<char> = name.chars().collect();
    runs(&pattern, &name, |it| *it == Token::Run, Token::fits)
}

/// Returns `true` if `text` matches `pattern`, in which some tokens match any run. Only the latest run is
/// ever extended, so the time is at most proportional to the product of both lengths.
fn runs<P, T>(pattern: &[P], text: &[T], is_run: impl Fn(&P) -> bool, fits: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut done) = (0, 0);
    // The latest run: its position in the pattern, and its end in the text.
    let mut run = None;
    while done < text.len() {
        match pattern.get(at) {
            Some(token) if is_run(token) => {
                run = Some((at, done));
                at += 1;
            }
            Some(token) if fits(token, &text[done]) => {
                at += 1;
                done += 1;
            }
            _ => {
                let Some((start, end)) = run else { return false };
                run = Some((start, end + 1));
                at = start + 1;
                done = end + 1;
            }
        }
    }
    pattern[at..].iter().all(is_run)
}

/// A token of a pattern.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    Run,
    One,
    Char(char),
    /// One character in these ranges, or, if `true`, in none of them.
    Class(bool, Vec<(char, char)>),
}

impl Token {
    fn fits(&self, text: &char) -> bool {
        match self {
            Self::Run | Self::One => true,
            Self::Char(it) => it == text,
            Self::Class(is_in, ranges) => {
                ranges.iter().any(|(first, last)| (first..=last).contains(&text)) == *is_in
            }
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut rest = pattern.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(next) = rest.next() {
        tokens.push(match next {
            '*' => Token::Run,
            '?' => Token::One,
            '[' => {
                // A bracket that is not closed is a literal.
                let Some((class, length)) = class(&rest.clone().collect::<Vec<char>>()) else {
                    tokens.push(Token::Char('['));
                    continue;
                };
                rest.by_ref().take(length).for_each(drop);
                class
            }
            it => Token::Char(it),
        });
    }
    tokens
}

/// Parses the character class at the beginning of `text`, and returns it with its length, closing bracket
/// included.
fn class(text: &[char]) -> Option<(Token, usize)> {
    let is_not = matches!(text.first(), Some('!' | '^'));
    let start = usize::from(is_not);
    // A bracket that comes first is a member of the class.
    let end = start + 1 + text.get(start + 1..)?.iter().position(|it| *it == ']')?;
    let mut inside = &text[start..end];
    let mut ranges = Vec::new();
    while let [first, rest @ ..] = inside {
        if let ['-', last, after @ ..] = rest {
            ranges.push((*first, *last));
            inside = after;
        } else {
            ranges.push((*first, *first));
            inside = rest;
        }
    }
    Some((Token::Class(!is_not, ranges), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_documented() {
        for (pattern, path) in [
            ("data/train-*", "data/train-00000-of-00002.parquet"),
            ("*.csv", "a.csv"),
            ("./a.csv", "a.csv"),
            ("**/*.csv", "a.csv"),
            ("**/*.csv", "a/b/c.csv"),
            ("a/**", "a/b/c"),
            ("a/**/z.txt", "a/z.txt"),
            ("**/a/**/a/*", "x/a/y/a/z"),
            ("tr?in.json", "train.json"),
            ("train-[0-9][0-9].json", "train-07.json"),
            ("[!t]*.json", "a.json"),
            ("a[].json", "a[].json"),
            ("a[].x]b", "a.b"),
            ("**", "a/b"),
        ] {
            assert!(fits(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn patterns_match_nothing_else() {
        for (pattern, path) in [
            ("*.csv", "a/b.csv"),
            ("data/*", "data/a/b"),
            ("data/train-*", "data/test-00000.parquet"),
            ("a.csv", "a.csv.gz"),
            ("train-[0-9].json", "train-x.json"),
            ("[!t]*.json", "t.json"),
            ("", "a"),
            ("a/**/z", "b/z"),
        ] {
            assert!(!fits(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_of_many_runs_terminates() {
        assert!(!fits(&"*a".repeat(200), &format!("{}b", "a".repeat(2_000))));
        assert!(!fits(&"**/a/".repeat(200), &format!("{}b", "a/".repeat(500))));
    }
}
