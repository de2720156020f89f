//! Rows that cannot be read.

use super::*;

/// Returns the prompts of a file and its rows that cannot be read.
fn without_bad_rows(name: &str, bytes: impl AsRef<[u8]>) -> (Vec<String>, BadRows) {
    let folder = folder(&[(name, bytes.as_ref())]);
    let sample = Sample::default().skipping_bad_rows();
    let dataset = Dataset::open(&[folder.path().join(name)], None, &Mapping::default(), sample).unwrap();
    let prompts = dataset.records().iter().filter_map(|record| record.prompt.as_deref().map(str::to_owned));
    (prompts.collect(), dataset.bad_rows().clone())
}

#[test]
fn rows_that_cannot_be_read_are_skipped_counted_and_named() {
    for (name, bytes, place) in [
        ("a.txt", &b"one\nna\xefve\ntwo\n"[..], "a.txt line 2"),
        ("a.csv", b"id,prompt\n1,one\n2\n3,two\n", "a.csv line 3"),
        ("b.csv", b"id,prompt\n1,one\n2,na\xefve\n3,two\n", "b.csv line 3"),
        ("a.jsonl", b"{\"prompt\":\"one\"}\n{\"prompt\":\n{\"prompt\":\"two\"}\n", "a.jsonl line 2"),
        ("b.jsonl", b"{\"prompt\":\"one\"}\n{\"a\":1,\"b\":2}\n{\"prompt\":\"two\"}\n", "b.jsonl line 2"),
        (
            "a.json",
            b"[{\"prompt\":\"one\"},\n{\"prompt\":nope},\n{\"prompt\":\"two\"}]",
            "a.json line 2, row 2",
        ),
        ("b.json", b"{\"prompt\":[\"one\",nope,\"two\"],\n\"x\":[1,2,3]}", "b.json line 1, row 2"),
    ] {
        let (prompts, bad_rows) = without_bad_rows(name, bytes);
        assert_eq!((prompts, bad_rows.count), (vec!["one".to_owned(), "two".to_owned()], 1), "{name}");
        assert!(bad_rows.first[0].contains(place), "{:?}", bad_rows.first);
    }
}

#[test]
fn only_the_first_bad_rows_are_described() {
    let (prompts, bad_rows) = without_bad_rows("a.jsonl", "no\nno\n{\"prompt\":\"one\"}\nno\nno\n");
    assert_eq!((prompts.len(), bad_rows.count, bad_rows.first.len()), (1, 4, NAMED_BAD_ROWS));
}

#[test]
fn a_broken_file_is_an_error_even_where_bad_rows_are_skipped() {
    let opened = |name: &str, bytes: &[u8]| {
        let folder = folder(&[(name, bytes)]);
        let sample = Sample::default().skipping_bad_rows();
        Dataset::open(&[folder.path().join(name)], None, &Mapping::default(), sample).unwrap_err().to_string()
    };
    assert!(opened("a.csv", b"id,prompt\n1,one\n2,\"open\n3,two\n").contains("never closed"));
    assert!(opened("b.csv", b"id,\xef\n1,one\n").contains("not UTF-8"));
    assert!(opened("a.jsonl", b"no\nno\n").contains("2 of them cannot be read, such as"));
}
