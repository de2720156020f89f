//! Detection of the separator and the quoting of a table by its first records.
//!
//! The usual separator of the file's name is used if the first record contains it and the other records have the same number
//! of fields. Otherwise it is another one of `,`, `;`, tab and `|` with which all of them have the same number of fields. A
//! first line `sep=;`, as Excel writes it, takes precedence.

use csv::{ByteRecord, ReaderBuilder};

/// The separators that are recognized.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// The maximum number of records that are compared.
const MAX_RECORDS: usize = 1000;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The separator and the quoting of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TableStyle {
    pub(super) separator: u8,
    /// `true` if quotes enclose fields, as in RFC 4180, `false` if they are text.
    pub(super) has_quotes: bool,
    /// `true` if the first line is `sep=`, which is no record.
    pub(super) has_separator_line: bool,
    /// `true` if the quoting is not known: fields are separated by tabs, and the inspected beginning has no quotes.
    pub(super) is_unsure_of_quotes: bool,
}

impl TableStyle {
    /// Creates the style of RFC 4180 with `separator`.
    pub(super) fn new(separator: u8) -> Self {
        Self { separator, has_quotes: true, has_separator_line: false, is_unsure_of_quotes: false }
    }

    /// Detects the style of a table by its beginning, which is the whole table if `is_whole`; `usual` is the usual separator of
    /// the file's name.
    ///
    /// # Errors
    ///
    /// The problem, if the separator is ambiguous.
    pub(super) fn detect(beginning: &[u8], is_whole: bool, usual: u8) -> Result<Self, String> {
        let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
        let text = Beginning { text, is_whole };
        if let Some((separator, rest)) = separator_line(text.text) {
            let style = Beginning { text: rest, ..text }.style(separator);
            return Ok(Self { has_separator_line: true, ..style });
        }
        Ok(text.style(text.separator(usual)?))
    }

    /// Detects a table with tabs: each line has at least one tab, and as many as the first line.
    pub(super) fn detect_tabs(beginning: &[u8], is_whole: bool) -> Option<Self> {
        let text = beginning.strip_prefix(BYTE_ORDER_MARK).unwrap_or(beginning);
        let text = Beginning { text, is_whole };
        let style = text.style(b'\t');
        text.count(b'\t', style.has_quotes).agree().then_some(style)
    }

    /// Returns notes on differences from the usual style of the file's name.
    pub(super) fn notes(self, usual: u8) -> Vec<String> {
        let mut notes = Vec::new();
        let separator = name(self.separator);
        if self.has_separator_line {
            notes.push(format!("its first line 'sep=' is not a row: fields are separated by {separator}"));
        } else if self.separator != usual {
            notes.push(format!(
                "fields are separated by {separator}, not by {} as usual for the file's name",
                name(usual)
            ));
        }
        if !self.has_quotes {
            notes.push("quotes are read as text: they do not enclose fields".to_owned());
        }
        notes
    }
}

/// Returns the name of a separator, for notes and errors.
pub(super) fn name(separator: u8) -> String {
    match separator {
        b'\t' => "tabs".to_owned(),
        other => format!("'{}'", char::from(other)),
    }
}

/// Returns the separator of a first line `sep=;`, and the rest after that line.
fn separator_line(text: &[u8]) -> Option<(u8, &[u8])> {
    let end = text.iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| at + 1);
    let (line, rest) = text.split_at(end);
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (key, separator) = line.split_at_checked(4)?;
    match separator {
        [byte] if key.eq_ignore_ascii_case(b"sep=") && (byte.is_ascii_punctuation() || *byte == b'\t') => {
            Some((*byte, rest)).filter(|_| *byte != b'"')
        }
        _ => None,
    }
}

/// The beginning of a table.
#[derive(Clone, Copy)]
struct Beginning<'a> {
    text: &'a [u8],
    /// `true` if this is the whole table.
    is_whole: bool,
}

/// The numbers of fields of records with one separator.
struct FieldCounts {
    separator: u8,
    /// The number of fields of the first record.
    names: usize,
    /// The numbers of fields of the records after it.
    rows: Vec<usize>,
}

impl FieldCounts {
    /// Returns `true` if all records have the same number of fields, more than one.
    fn agree(&self) -> bool {
        self.names > 1 && !self.rows.is_empty() && self.rows.iter().all(|fields| *fields == self.names)
    }

    fn occurs_in_rows(&self) -> bool {
        self.rows.iter().any(|fields| *fields > 1)
    }
}

impl Beginning<'_> {
    /// Returns the style with a separator.
    fn style(self, separator: u8) -> TableStyle {
        let is_unsure_of_quotes = separator == b'\t' && !self.is_whole && !self.text.contains(&b'"');
        let has_quotes = self.has_quotes(separator);
        TableStyle { has_quotes, is_unsure_of_quotes, ..TableStyle::new(separator) }
    }

    /// Detects the separator.
    fn separator(self, usual: u8) -> Result<u8, String> {
        let usual = self.count(usual, true);
        let others = SEPARATORS.into_iter().filter(|separator| *separator != usual.separator);
        let others: Vec<FieldCounts> =
            others.map(|separator| self.count(separator, true)).filter(|counts| counts.names > 1).collect();
        let agreeing: Vec<&FieldCounts> = others.iter().filter(|counts| counts.agree()).collect();
        let most = agreeing.iter().map(|counts| counts.names).max().unwrap_or_default();
        if usual.names >= most && (usual.agree() || most == 0) && usual.names > 1 {
            return Ok(usual.separator);
        }
        let best: Vec<u8> =
            agreeing.iter().filter(|counts| counts.names == most).map(|counts| counts.separator).collect();
        match best[..] {
            [one] if !usual.agree() => Ok(one),
            [] => {
                // Commas occur in any text, so commas in the first record alone do not make them the separator.
                let likely =
                    others.iter().filter(|counts| counts.separator != b',' && counts.occurs_in_rows());
                Ok(likely
                    .max_by_key(|counts| counts.names)
                    .map_or(usual.separator, |counts| counts.separator))
            }
            _ => {
                let mut possible = best;
                possible.extend(usual.agree().then_some(usual.separator));
                let names: Vec<String> = possible.into_iter().map(name).collect();
                Err(format!(
                    "ambiguous separator: fields may be separated by {}; name it in a first line such as sep=;",
                    names.join(" or by ")
                ))
            }
        }
    }

    /// Counts the fields of complete records.
    fn count(self, separator: u8, has_quotes: bool) -> FieldCounts {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(separator).quoting(has_quotes).flexible(true).has_headers(false);
        let mut reader = builder.from_reader(self.text);
        let mut record = ByteRecord::new();
        let mut fields = Vec::new();
        while fields.len() < MAX_RECORDS && reader.read_byte_record(&mut record).unwrap_or(false) {
            fields.push(record.len());
        }
        if !self.is_whole && fields.len() < MAX_RECORDS {
            fields.pop();
        }
        let names = fields.first().copied().unwrap_or_default();
        FieldCounts { separator, names, rows: fields.split_off(fields.len().min(1)) }
    }

    /// Returns `true` if quotes enclose fields. In a table with tabs they are text if all records have the same number of fields
    /// without quoting, while with quoting a field spans several lines or does not end with its quote.
    fn has_quotes(self, separator: u8) -> bool {
        if separator != b'\t' {
            return true;
        }
        let (quoted, plain) = (self.count(separator, true), self.count(separator, false));
        let is_open = self.has_open_quote(separator);
        if plain.names > 1 {
            !(plain.agree() && (is_open || quoted.rows.len() < plain.rows.len()))
        } else {
            !is_open
        }
    }

    /// Returns `true` if a field begins with a quote and does not end with one.
    fn has_open_quote(self, separator: u8) -> bool {
        let ends = [separator, b'\r', b'\n'];
        let mut at = 0;
        while at < self.text.len() {
            if self.text[at] == b'"' {
                match after_quoted(&self.text[at + 1..]) {
                    None => return self.is_whole,
                    Some(length) => at += 1 + length,
                }
                if self.text.get(at).is_some_and(|byte| !ends.contains(byte)) {
                    return true;
                }
            }
            at += self.text[at..]
                .iter()
                .position(|byte| ends.contains(byte))
                .map_or(self.text.len(), |end| end + 1);
        }
        false
    }
}

/// Returns the length of the rest of a quoted field, including its closing quote. A doubled quote does not close it.
fn after_quoted(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text[at..].iter().position(|byte| *byte == b'"')? + 1;
        if text.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(table: &str, usual: u8) -> (char, bool, bool) {
        let found = TableStyle::detect(table.as_bytes(), true, usual).expect("a separator");
        (char::from(found.separator), found.has_quotes, found.has_separator_line)
    }

    #[test]
    fn separators_are_detected_by_the_first_records() {
        let rows = [
            ("id,prompt\n1,a;b\n2,c\n", ','),
            ("id;prompt\n1;Why, really?\n2;When\n", ';'),
            ("id;\"a,b\";c,d\n1;x;y\n", ';'),
            ("id|prompt\n1|a\n", '|'),
            ("id\tprompt\n1\ta, b\n", '\t'),
            ("\"id\";\"prompt\"\n\"1\";\"Why, \"\"really\"\"?\nYes; no\"\n", ';'),
            // A single column, whatever is in its name and rows.
            ("prompt\nfirst; second\nthird\n", ','),
            ("prompt; answer briefly\nfirst\nsecond\n", ','),
            // Rows that need quotes are wrong rows of the separator that their names have.
            ("id;prompt\n1;a;b\n2;c\n", ';'),
            ("id;prompt\n1;a\n2", ';'),
            ("id,prompt\n1,a\n2", ','),
            ("", ','),
            ("id;prompt\n", ','),
        ];
        for (table, separator) in rows {
            assert_eq!(style(table, b','), (separator, true, false), "{table:?}");
        }
        assert_eq!(style("id,prompt\n1,a\n", b'\t').0, ',');
        assert_eq!(style("prompt, short\na, b, c\nd\n", b'\t').0, '\t');
    }

    #[test]
    fn a_line_sep_names_the_separator() {
        for (table, separator) in [
            ("sep=;\r\na;b\r\n", ';'),
            ("\u{feff}SEP=,\na,b\n", ','),
            ("\"sep=|\"\na|b\n", '|'),
            ("sep=\t\na\n", '\t'),
        ] {
            assert_eq!(style(table, b','), (separator, true, true), "{table:?}");
        }
        assert!(!style("sep=soon\nx\n", b',').2);
    }

    #[test]
    fn an_ambiguous_separator_is_an_error() {
        for table in ["a;b|c\n1;2|3\n", "a,b;c;d\n1,2;3;4\n"] {
            let error = TableStyle::detect(table.as_bytes(), true, b',').unwrap_err();
            assert!(error.contains("ambiguous separator: fields may be separated by"), "{error}");
        }
    }

    #[test]
    fn quotes_between_tabs_are_text_where_they_enclose_nothing() {
        let rows = [
            ("id\tprompt\n1\t\"a\tb\nc\"\n2\td\n", true),
            ("id\tprompt\n1\t\"a \"\"b\"\"\"\n", true),
            ("id\tprompt\n1\t\"To be\" he said\n2\tb\n", false),
            ("id\tprompt\n1\t\"Hello\n2\tBye\n", false),
            ("id\tprompt\n1\t\"Hello\n2\tHe said \"\n", false),
            ("id\tprompt\n1\t5\" nails\n", true),
            ("id\tprompt\n1\t\"a\nb\"\n2\t\"cut", true),
        ];
        for (table, has_quotes) in rows {
            assert_eq!(style(table, b'\t'), ('\t', has_quotes, false), "{table:?}");
        }
    }
}
