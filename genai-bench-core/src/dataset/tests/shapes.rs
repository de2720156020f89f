//! Files with other separators, compression, encodings and names than usual.

use std::io::Write;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 1).unwrap()
}

fn utf16(text: &str, is_big: bool) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(|unit| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// Returns the prompts of a file, and the notes on it.
fn read(name: &str, bytes: &[u8]) -> (Vec<String>, String) {
    let folder = folder(&[(name, bytes)]);
    let dataset = open(&folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let prompts =
        dataset.records().iter().map(|record| record.prompt.as_deref().unwrap_or_default().to_owned());
    (prompts.collect(), dataset.notes().join("\n"))
}

#[test]
fn tables_of_every_shape_have_the_right_prompts() {
    let semicolon = "\u{feff}id;prompt\r\n1;\"Why; really?\r\nYes\"\r\n2;When, and who?\r\n";
    let rows: [(&str, Vec<u8>, &[&str], &str); 13] = [
        ("a.txt", utf16("id\tprompt\r\n1\tWhy\r\n", false), &["Why"], "read as tsv"),
        (
            "a.txt",
            b"id\tprompt\n1\tWhy\n".to_vec(),
            &["id\tprompt", "1\tWhy"],
            "give the format tsv to read a table",
        ),
        ("a.txt", b"first\tpart\nsecond\n".to_vec(), &["first\tpart", "second"], ""),
        ("a.csv", semicolon.into(), &["Why; really?\r\nYes", "When, and who?"], "by ';', not by ','"),
        ("a.csv", b"sep=;\r\nid;prompt\r\n1;Why\r\n".to_vec(), &["Why"], "its first line 'sep='"),
        ("a.csv", b"id|prompt\n1|Why\n".to_vec(), &["Why"], "by '|', not by ','"),
        ("a.csv", b"id\tprompt\n1\tWhy, so\n".to_vec(), &["Why, so"], "by tabs, not by ','"),
        ("a.tsv", b"id;prompt\n1;Why\n".to_vec(), &["Why"], "by ';', not by tabs"),
        ("a.tsv", b"id\tprompt\n1\t\"Why\tso\nand\"\n".to_vec(), &["Why\tso\nand"], ""),
        (
            "a.tsv",
            b"id\tprompt\n1\t\"Why\n2\tHe said \"\n".to_vec(),
            &["\"Why", "He said \""],
            "quotes are read as text",
        ),
        ("a.csv", b"prompt\nfirst; second\nthird\n".to_vec(), &["first; second", "third"], ""),
        ("a.csv", utf16("id\tprompt\r\n1\tW\u{e9}\r\n", false), &["W\u{e9}"], "UTF-16"),
        ("a.csv", utf16("id,prompt\n1,W\u{1f600}\n", true), &["W\u{1f600}"], "UTF-16"),
    ];
    for (name, bytes, prompts, note) in rows {
        let (found, notes) = read(name, &bytes);
        assert_eq!(found, prompts, "{}", bytes.escape_ascii());
        assert!(notes.contains(note) && notes.is_empty() == note.is_empty(), "{notes}");
    }
    fails(
        "a.csv",
        "id;prompt\n1;a\n2;b;c\n",
        " line 3: 3 fields, but the header has 2: fields are separated by ';': put",
    );
    fails("a.csv", "sep=;\nid;prompt\n1;a;b\n", " line 3: 3 fields");
    fails("a.txt", "first\rsecond\r", ": its lines end with CR alone");
    fails("a.jsonl", "{\"prompt\": \"a\"}\r{\"prompt\": \"b\"}", ": its lines end with CR alone");
    assert_eq!(prompts("a.csv", "id,prompt\r1,a\r2,b\r").unwrap(), ["a", "b"]);
    fails("a.csv", "a;b|c\n1;2|3\n", ": ambiguous separator: fields may be separated by");
}

#[test]
fn a_late_quote_in_a_tsv_does_not_join_rows() {
    let plain = "1\tsome words\n".repeat(8_000);
    fails(
        "a.tsv",
        format!("id\tprompt\n{plain}2\t\"Hello\n3\tHe said \"\n"),
        " line 8002: a field that begins with a quote spans several rows",
    );
    let quoted = format!("id\tprompt\n{plain}2\t\"two\nlines\"\n");
    assert_eq!(prompts("a.tsv", quoted).unwrap().last().unwrap(), "two\nlines");
}

#[test]
fn json_of_every_shape_has_the_right_prompts() {
    let pretty = "{\n  \"prompt\": \"a\"\n}\n{\n  \"prompt\": \"b\"\n}\n";
    let array = r#"[{"prompt": "a"}, {"prompt": "b"}]"#;
    let pretty_array = "[\n  {\"prompt\": \"a\"},\n  {\"prompt\": \"b\"}\n]\n";
    for (name, json, note) in [
        ("a.jsonl", pretty, "over several lines"),
        ("a.jsonl", array, "one JSON array"),
        ("a.jsonl", pretty_array, "one JSON array"),
        ("a.json", "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n", ""),
        ("a.json", pretty, ""),
        ("a.jsonl", "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n", ""),
    ] {
        let (found, notes) = read(name, json.as_bytes());
        assert_eq!(found, ["a", "b"], "{json}");
        assert!(notes.contains(note) && notes.is_empty() == note.is_empty(), "{notes}");
    }
    fails(
        "a.jsonl",
        "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"n\": NaN}\n",
        " line 2: not JSON at column 22: NaN is not JSON",
    );
    fails(
        "a.json",
        "[{\"prompt\": \"a\"},\n {\"prompt\": NaN}]",
        " line 2, row 2: not JSON at column 12: NaN is not JSON",
    );
    fails("a.json", "[{\"prompt\": \"a\"},\n]", " line 2: not JSON: trailing comma");
    fails("a.json", "{\"data\": [{\"prompt\": \"a\"},], \"n\": 1}", " line 1: not JSON: trailing comma");
    fails("a.json", "{\"data\": [{\"prompt\": \"a\"}],}", " line 1: not JSON: trailing comma");
    fails("a.jsonl", b"{\"prompt\": \"na\xefve\"}\n", " line 1: not UTF-8 after 14 bytes");
}

#[test]
fn compressed_files_are_read() {
    let [lines, table] =
        ["{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n", "id;prompt\n1;a\n2;b\n"].map(str::as_bytes);
    let columns = br#"{"prompt": ["a", "b"], "n": [1, 2]}"#;
    let members = [gzip(&lines[..16]), gzip(&lines[16..])].concat();
    let rows = [
        ("a.jsonl.gz", gzip(lines), ""),
        ("a.JSONL.GZ", members, ""),
        ("a.jsonl.zst", zstd(lines), ""),
        ("a.csv.zst", zstd(table), "by ';'"),
        ("a.json.gz", gzip(columns), ""),
        ("a.txt.gz", gzip(b"a\nb\n"), ""),
        ("a.jsonl", gzip(lines), "compressed by gzip, although its name does not show it"),
        ("a.jsonl.gz", lines.to_vec(), ""),
    ];
    for (name, bytes, note) in rows {
        let (found, notes) = read(name, &bytes);
        assert_eq!(found, ["a", "b"], "{name}");
        assert!(notes.contains(note) && notes.is_empty() == note.is_empty(), "{notes}");
    }
    let whole = gzip(&lines.repeat(10_000));
    let folder = folder(&[("a.jsonl.gz", &whole[..whole.len() - 20])]);
    let error = open(&folder.path().join("a.jsonl.gz")).unwrap_err();
    assert!(error.contains("the gzip data is cut off or damaged"), "{error}");
}

#[test]
fn unsupported_files_are_errors_that_name_their_kind() {
    let rows: [(&str, &[u8], &str); 10] = [
        ("a.jsonl", b"PK\x03\x04\x14\0\0\0\x08\0a.jsonl", ": this is a zip archive: unpack it"),
        ("a.csv", b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml", ": this is an Excel workbook"),
        ("a.zip", b"PK\x03\x04\x14\0\0\0\x08\0a.jsonl", ": this is a zip archive: unpack it"),
        ("a.json", b"<!DOCTYPE html>\n<html></html>", ": this is a web page"),
        ("a.txt", b"\n<html>log in</html>", ": this is a web page"),
        ("a.parquet", b"version https://git-lfs.github.com/spec/v1\n", ": this is a Git LFS pointer"),
        ("a.parquet", b"{\"prompt\": \"a\"}\n", ": not a Parquet file, but text"),
        ("a.csv", b"PAR1\x15\x04\x15", ": this is a Parquet file, not csv"),
        ("a.parquet.gz", &gzip(b"PAR1\x15\x04\x15"), ": this is a compressed Parquet file"),
        ("a.jsonl.bz2", b"BZh91AY&SY\x9f\xff", ": this is a bzip2 archive"),
    ];
    for (name, bytes, beginning) in rows {
        fails(name, bytes, beginning);
    }
    fails("a.unknown", "x", ": unknown kind of file.");
}

#[test]
fn unread_files_of_a_folder_are_noted() {
    let rows: [&[(&str, &[u8])]; 2] = [
        &[
            ("d/a.jsonl", b"{\"prompt\": \"a\"}\n"),
            ("d/LICENSE.txt", b"MIT"),
            ("d/README.md", b"#"),
            ("d/.gitattributes", b"*"),
            ("d/load.py", b""),
            ("d/config.json", b"{}"),
            ("d/config.yaml", b""),
            ("d/dataset_infos.json", b"{}"),
            ("d/uv.lock", b""),
        ],
        &[
            ("d/data/a.jsonl", b"{\"prompt\": \"a\"}\n"),
            ("d/b.bin", b""),
            ("d/notes.docx", b""),
            ("d/x/y.pdf", b""),
            ("d/z.rar", b""),
        ],
    ];
    let notes = rows.map(|files| {
        let folder = folder(files);
        let dataset = open(&folder.path().join("d")).unwrap();
        assert_eq!(dataset.len(), 1);
        dataset.notes().join("\n").rsplit_once("/d").map(|it| it.1.to_owned()).unwrap_or_default()
    });
    assert_eq!(notes, ["", ": no rows are read from b.bin, notes.docx, x/y.pdf (1 more)"]);
    let mixed = folder(&[("d/a.jsonl", b"{}"), ("d/b.csv", b"prompt\na\n")]);
    let error = open(&mixed.path().join("d")).unwrap_err();
    assert!(error.contains("holds jsonl files and csv files"), "{error}");
    let csv =
        Dataset::open(&[mixed.path().join("d")], Some(Format::Csv), &Mapping::default(), Sample::default())
            .unwrap();
    assert_eq!((csv.len(), csv.notes().len()), (1, 1));
    assert!(csv.notes()[0].ends_with("no rows are read from a.jsonl"), "{:?}", csv.notes());
}

#[test]
fn a_quoted_field_may_end_with_a_line_end() {
    assert_eq!(prompts("a.csv", "id,prompt\n1,\"a\n\"").unwrap(), ["a\n"]);
}
