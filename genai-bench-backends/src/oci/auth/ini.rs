//! The format of OCI's config file: sections of `name=value`, as Python's `configparser` reads them.

use std::collections::BTreeMap;

use crate::auth::Secret;

/// The section whose fields all other sections inherit.
pub(super) const DEFAULT: &str = "DEFAULT";

/// The value of a field, and its line.
#[derive(Clone, Debug)]
pub(super) struct Field {
    // The value may be a pass phrase.
    pub(super) value: Secret,
    pub(super) line: usize,
}

/// The fields of a section, by their names in lower case.
pub(super) type Section = BTreeMap<String, Field>;

/// Parses `text` into sections, by their names.
pub(super) fn parse(text: &str) -> Result<BTreeMap<String, Section>, InvalidIni> {
    let mut sections = BTreeMap::<String, Section>::new();
    let mut current: Option<String> = None;
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines().map(str::trim)) {
        let wrong = |problem| InvalidIni { line, problem };
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = text.strip_prefix('[') {
            let name = name.strip_suffix(']').ok_or(wrong("a section's name ends with ]"))?;
            if sections.insert(name.to_owned(), Section::new()).is_some() {
                return Err(wrong("this section was there before"));
            }
            current = Some(name.to_owned());
            continue;
        }
        let (name, value) = text.split_once(['=', ':']).ok_or(wrong("no name=value"))?;
        let section = current.as_ref().and_then(|it| sections.get_mut(it));
        let section = section.ok_or(wrong("no [section] stands before this"))?;
        let field = Field { value: value.trim().into(), line };
        if section.insert(name.trim().to_ascii_lowercase(), field).is_some() {
            return Err(wrong("this field was there before"));
        }
    }
    Ok(sections)
}

/// An invalid line. Its text is not shown: it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub(super) struct InvalidIni {
    line: usize,
    problem: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_their_sections_and_lines() {
        let found = parse("\u{feff}; a\n[DEFAULT]\r\nUser = a = b\n\n# c\n[X Y]\nkey_file:/k").unwrap();
        let user = &found["DEFAULT"]["user"];
        assert_eq!((user.value.reveal(), user.line), ("a = b", 3));
        assert_eq!(found["X Y"]["key_file"].value.reveal(), "/k");
    }

    #[test]
    fn a_line_that_is_not_understood_is_named_and_not_shown() {
        for (text, line) in [("a=1", 1), ("[A]\nSECRET", 2), ("[A", 1), ("[A]\na=1\nA=2", 3), ("[A]\n[A]", 2)]
        {
            let error = parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}");
            assert!(!error.to_string().contains("SECRET"));
        }
    }
}
