//! Files of every format, valid and malformed.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::request::Role;

mod bad_rows;
mod parts;
mod row_shapes;
mod shapes;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nabc";

/// Creates a folder with files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn open(path: &Path) -> Result<Dataset, String> {
    let opened = Dataset::open(&[path.to_owned()], None, &Mapping::default(), Sample::default());
    // Without the folder, whose name differs from run to run.
    opened.map_err(|error| error.to_string().replace(&*path.parent().unwrap().to_string_lossy(), ""))
}

/// Returns the prompts of a file.
fn prompts(name: &str, bytes: impl AsRef<[u8]>) -> Result<Vec<String>, String> {
    let folder = folder(&[(name, bytes.as_ref())]);
    let dataset = open(&folder.path().join(name))?;
    Ok(dataset
        .records()
        .iter()
        .map(|record| record.prompt.as_deref().unwrap_or_default().to_owned())
        .collect())
}

/// Asserts that a file is an error whose message begins with `beginning`, after the name of the file.
fn fails(name: &str, bytes: impl AsRef<[u8]>, beginning: &str) {
    let error = prompts(name, &bytes).unwrap_err();
    let expected = format!("/{name}{beginning}");
    assert!(error.starts_with(&expected), "{error}\nshould begin with\n{expected}");
}

#[test]
fn text_is_read_by_line() {
    let text = "\u{feff}first\r\n\n  second \n\u{a0}\nthird";
    assert_eq!(prompts("a.txt", text).unwrap(), ["first", "second", "third"]);
    fails("a.txt", "", ": no rows in it");
    fails("a.txt", " \n\n", ": no rows in it");
    fails("a.txt", b"fine\nna\xefve\n", " line 2: not UTF-8 after 2 bytes");
}

#[test]
fn separated_values_are_read_with_their_header() {
    let csv = "\u{feff}id,prompt\r\n1,\"two\nlines, and a \"\"quote\"\"\"\r\n2,\r\n\r\n3,\u{e9}";
    assert_eq!(prompts("a.csv", csv).unwrap(), ["two\nlines, and a \"quote\"", "\u{e9}"]);
    assert_eq!(prompts("a.TSV", "id\tprompt\n1\ta, b\n").unwrap(), ["a, b"]);
    assert_eq!(prompts("a.csv", "whatever\nonly\n").unwrap(), ["only"]);
    for empty in ["", "\n", "id,prompt\n", "id,prompt"] {
        fails("a.csv", empty, ": no rows in it");
    }
    fails("a.csv", "id,prompt\n1,a\n2\n", " line 3: 1 fields, but the header has 2: is the file cut off?");
    fails("a.csv", "id,prompt\n1,a,b\n", " line 2: 3 fields, but the header has 2: put a field with");
    fails(
        "a.csv",
        "id,prompt\n1,\"a\nb\"\n2,\"cut",
        " line 4: the quote that opens in this row is never closed",
    );
    fails(
        "a.csv",
        "id,prompt\n1,\"a\n\"\n2,\"cut\n",
        " line 4: the quote that opens in this row is never closed",
    );
    fails("a.csv", "id,\"prompt", " line 1: the quote that opens in this row is never closed");
    fails("a.csv", b"id,prompt\n1,a\n2,\xff\n", " line 3: field 2 is not UTF-8");
    fails("a.csv", "a,b\n1,2\n", " line 2: no column of prompts: none is called prompt,");
}

#[test]
fn json_lines_are_read_by_line() {
    let lines = "{\"prompt\":\"a\"}\r\n\n  \"b\" \n{\"prompt\":\"\\u00e9\\n\"}";
    assert_eq!(prompts("a.jsonl", lines).unwrap(), ["a", "b", "\u{e9}\n"]);
    assert_eq!(prompts("a.ndjson", lines).unwrap().len(), 3);
    fails("a.jsonl", "", ": no rows in it");
    fails(
        "a.jsonl",
        "{\"prompt\":\"a\"}\n\n{\"prompt\":\"b",
        " line 3: not JSON at column 12: EOF while parsing a string: is the file cut off?",
    );
    fails("a.jsonl", "{\"prompt\":\"a\"}\n{\"prompt\":}\n", " line 2: not JSON at column 11");
    fails("a.jsonl", "{\"q\":1,\"r\":2}\n", " line 1: no column of prompts: none is called prompt,");
    fails("a.jsonl", "{\"prompt\":{\"a\":1}}\n", " line 1: column 'prompt' holds an object");
}

#[test]
fn json_is_read_in_every_shape() {
    for json in [
        r#"["a", "b"]"#,
        r#"[{"prompt": "a"}, {"prompt": "b"}]"#,
        r#"{"version": {"x": [1]}, "data": [{"prompt": "a"}, {"prompt": "b"}]}"#,
        r#"{"data": ["a", "b"]}"#,
        r#"{"prompt": ["a", "b"], "n": [1, 2]}"#,
        "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n",
        "\u{feff}[\"a\",\n\"b\"]\n",
    ] {
        assert_eq!(prompts("a.json", json).unwrap(), ["a", "b"], "{json}");
    }
    assert_eq!(prompts("a.json", r#"{"prompt": "a"}"#).unwrap(), ["a"]);
    let alone = r#"{"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}"#;
    assert_eq!(prompts("a.json", alone).unwrap(), ["a"]);
}

#[test]
fn malformed_json_is_an_error_with_line_and_row() {
    for empty in ["", " \n", "[]", r#"{"data": []}"#] {
        fails("a.json", empty, ": no rows in it");
    }
    fails(
        "a.json",
        "[\n{\"prompt\":\"a\"},\n{\"prompt\":\"b",
        " line 3: not JSON: the file ends within this value",
    );
    fails("a.json", "[\n{\"prompt\":\"a\"},\n", " line 3: not JSON: expected a value, but the file ends");
    fails("a.json", "[\n{\"prompt\":\"a\"}\n", " line 3: not JSON: expected `,` or `]`, but the file ends");
    fails("a.json", "[\n\"a\"\n\"b\"]", " line 3: not JSON: expected `,` or `]` before `\\\"`");
    fails(
        "a.json",
        "[\"a\",\n]",
        " line 2: not JSON: trailing comma: remove the comma before the closing bracket",
    );
    fails("a.json", "[\"a\"]\n[\"b\"]", " line 2: not JSON: expected the end of the file before `[`");
    fails("a.json", "[\n{\"prompt\":\"a\"},\n{\"prompt\"\n:tru}]", " line 4, row 2: not JSON at column");
    fails("a.json", "{\"data\": [\n\"a\"}", " line 2: not JSON: expected `,` or `]` before `}`");
    fails(
        "a.json",
        "{\"data\": [\"a\"],\n",
        " line 2: not JSON: expected a name in quotes, but the file ends",
    );
    fails("a.json", "{\"a\": [1],\n\"b\": [1, 2]}", " line 2: 'a' has 1 elements and 'b' has 2");
    fails("a.json", "[\n{\"q\":1,\"r\":2}]", " line 2, row 1: no column of prompts: none is called prompt,");
    fails("a.json", "hello", " line 1, row 1: not JSON at column 1");
}

#[test]
fn a_row_that_is_too_long_is_an_error() {
    for (format, begin) in
        [(Format::Txt, ""), (Format::Csv, "a,b\n1,\""), (Format::Json, "[\""), (Format::Jsonl, "\"")]
    {
        let open = move |_| Ok(begin.as_bytes().chain(io::repeat(b'x')));
        let mut rows = Rows::read("a".as_ref(), format, open).unwrap();
        let error = rows.next().unwrap().unwrap_err().to_string();
        assert!(error.contains("of more than 64 MiB"), "{error}");
        assert!(rows.next().is_none());
    }
}

#[test]
fn a_conversation_is_read_with_its_speakers_and_its_length() {
    let line = r#"{"id":1,"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yes"}],"output_len":9}"#;
    let folder = folder(&[("a.jsonl", line.as_bytes())]);
    let dataset = open(&folder.path().join("a.jsonl")).unwrap();
    let record = dataset.get(0).unwrap();
    assert_eq!(
        record.conversation,
        [Utterance::new(Role::User, "hi"), Utterance::new(Role::Assistant, "yes")]
    );
    assert_eq!((record.prompt.as_deref(), record.output_tokens), (Some("hi"), Some(9)));
}

#[test]
fn an_unknown_format_is_an_error_with_the_known_ones() {
    fails("a.xml", "x", ": unknown kind of file. Known by their names are .txt, .csv,");
    let folder = folder(&[("a.dat", b"x\ny\n")]);
    let path = folder.path().join("a.dat");
    let dataset = Dataset::open(&[path], Some(Format::Txt), &Mapping::default(), Sample::default()).unwrap();
    assert_eq!(dataset.len(), 2);
    let error = open(&folder.path().join("gone.txt")).unwrap_err();
    assert!(error.starts_with("cannot read /gone.txt: No such file"), "{error}");
}

#[test]
fn shards_are_read_in_the_order_of_names() {
    let folder = folder(&[
        ("d/data/train-01.jsonl", b"\"c\"\n"),
        ("d/data/train-00.jsonl", b"\"a\"\n\"b\"\n"),
        ("d/.cache/x.csv", b"x"),
        ("d/dataset_info.json", b"{}"),
        ("d/README.md", b"x"),
    ]);
    let dataset = open(&folder.path().join("d")).unwrap();
    let prompts: Vec<&str> = dataset.records().iter().filter_map(|record| record.prompt.as_deref()).collect();
    assert_eq!(prompts, ["a", "b", "c"]);
    fs::write(folder.path().join("d/data/x.csv"), "prompt\nz\n").unwrap();
    let error = open(&folder.path().join("d")).unwrap_err();
    assert!(error.starts_with("/d: holds jsonl files and csv files, such as /d/data/x.csv"), "{error}");
    let only =
        Dataset::open(&[folder.path().join("d")], Some(Format::Csv), &Mapping::default(), Sample::default());
    assert_eq!(only.unwrap().len(), 1);
    let error = open(&folder.path().join("d/.cache/..")).map(|dataset| dataset.len()).unwrap_err();
    assert!(error.contains("csv files"), "{error}");
}

#[test]
fn a_folder_without_data_is_an_error() {
    let folder = folder(&[("d/a.md", b"x")]);
    assert_eq!(open(&folder.path().join("d")).unwrap_err(), "/d: no files in this folder that could be read");
}

#[test]
fn each_image_of_a_folder_is_a_row() {
    let folder = folder(&[
        ("d/dogs/b.png", PNG),
        ("d/cats/a.PNG", PNG),
        ("d/top.jpg", b"\xff\xd8\xff\xe0"),
        ("d/x.md", b""),
    ]);
    let root = folder.path().join("d");
    let rows: Vec<Row> = Rows::open(&root, None).unwrap().map(Result::unwrap).collect();
    let found: Vec<_> = rows.iter().map(|row| [text(row, "file_name"), text(row, "label")]).collect();
    let expected =
        [[Some("cats/a.PNG"), Some("cats")], [Some("dogs/b.png"), Some("dogs")], [Some("top.jpg"), None]];
    assert_eq!(found, expected.map(|row| row.map(|text| text.map(str::to_owned))));
    let dataset = open(&root).unwrap();
    assert_eq!(dataset.get(0).unwrap().images, [ImageSource::File(root.join("cats/a.PNG"))]);
    fs::write(root.join("dogs/c.jpeg"), "no image").unwrap();
    let error = open(&root).unwrap_err();
    assert!(error.starts_with("/d row 3: column 'image': /d/dogs/c.jpeg is no image"), "{error}");
}

fn text(row: &Row, name: &str) -> Option<String> {
    row.get(name).map(|cell| cell.text().unwrap().unwrap().to_string())
}

#[test]
fn metadata_of_images_is_in_their_rows() {
    for (name, metadata) in [
        (
            "d/metadata.jsonl",
            "{\"file_name\":\"x/b.png\",\"text\":\"B\"}\n{\"file_name\":\"a.png\",\"text\":\"A\"}\n",
        ),
        ("d/metadata.csv", "file_name,text\nx/b.png,B\na.png,A\n"),
    ] {
        let folder = folder(&[(name, metadata.as_bytes()), ("d/a.png", PNG), ("d/x/b.png", PNG)]);
        let root = folder.path().join("d");
        let dataset = open(&root).unwrap();
        let found: Vec<_> = dataset
            .records()
            .iter()
            .map(|record| (record.prompt.as_deref().unwrap(), &record.images[..]))
            .collect();
        let [b, a] = ["x/b.png", "a.png"].map(|name| [ImageSource::File(root.join(name))]);
        assert_eq!(found, [("B", &b[..]), ("A", &a[..])]);
        fs::remove_file(root.join("a.png")).unwrap();
        let error = open(&root).unwrap_err();
        let line = if name.ends_with("csv") { 3 } else { 2 };
        assert!(
            error.starts_with(&format!("/{name} line {line}: column 'image': no image /d/a.png: No such")),
            "{error}"
        );
    }
}

#[test]
fn the_fingerprint_depends_on_the_content_alone() {
    let fingerprint = fingerprint_of("a.txt", "x\ny\n");
    assert_eq!(fingerprint.len(), 64);
    assert_eq!(fingerprint, fingerprint_of("b.csv", "prompt\nx\ny\n"));
    assert_ne!(fingerprint, fingerprint_of("a.txt", "y\nx\n"));
    assert_ne!(fingerprint, fingerprint_of("a.txt", "xy\n"));
}

fn fingerprint_of(name: &str, text: &str) -> String {
    let folder = folder(&[(name, text.as_bytes())]);
    open(&folder.path().join(name)).unwrap().fingerprint().to_owned()
}

#[test]
fn rows_are_counted_and_a_sample_of_them_is_kept_in_order() {
    let lines: String =
        (0..500).map(|row| if row % 5 == 0 { "null\n".into() } else { format!("\"{row:03}\"\n") }).collect();
    let folder = folder(&[("a.jsonl", lines.as_bytes())]);
    let paths = [folder.path().join("a.jsonl")];
    let open =
        |seed| Dataset::open(&paths, None, &Mapping::default(), Sample::seeded(seed).rows(40)).unwrap();
    let dataset = open(1);
    assert_eq!((dataset.len(), dataset.rows_seen(), dataset.rows_left_out().total()), (40, 500, 100));
    assert!(dataset.records().is_sorted_by(|a, b| a.prompt < b.prompt));
    assert_eq!(dataset.fingerprint(), open(1).fingerprint());
    assert_ne!(dataset.fingerprint(), open(2).fingerprint());
    let pass: std::collections::HashSet<_> = (0..40).map(|it| dataset.at(9, it).prompt.clone()).collect();
    assert_eq!(pass.len(), 40);
}

#[cfg(feature = "parquet")]
mod parquet {
    use std::sync::Arc;

    use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    use super::*;

    const SCHEMA: &str = "message m {
        required int32 n;
        optional binary prompt (utf8);
        optional group image { optional binary bytes; optional binary path (utf8); }
        optional group conversations (list) { repeated group list { optional group element {
            optional binary from (utf8); optional binary value (utf8); } } }
    }";

    /// Returns a file of two groups of two rows, of which the second one has nothing but `n`.
    fn written() -> Vec<u8> {
        let mut file = Vec::new();
        let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
        let mut writer = SerializedFileWriter::new(&mut file, schema, Arc::default()).unwrap();
        for number in 0..2 {
            let mut group = writer.next_row_group().unwrap();
            let mut column = group.next_column().unwrap().unwrap();
            column.typed::<Int32Type>().write_batch(&[number, number], None, None).unwrap();
            column.close().unwrap();

            let prompt = format!("prompt {number}");
            for (values, levels, repeats) in [
                (bytes(&[prompt.as_bytes()]), vec![1, 0], None),
                (bytes(&[PNG]), vec![2, 0], None),
                (bytes(&[b"a.png"]), vec![2, 0], None),
                (bytes(&[b"human", b"gpt"]), vec![4, 4, 0], Some([0, 1, 0])),
                (bytes(&[b"hi", b"hello"]), vec![4, 4, 0], Some([0, 1, 0])),
            ] {
                let mut column = group.next_column().unwrap().unwrap();
                let repeats = repeats.as_ref().map(|it| &it[..]);
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), repeats).unwrap();
                column.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
        file
    }

    fn bytes(values: &[&[u8]]) -> Vec<ByteArray> {
        values.iter().map(|value| value.to_vec().into()).collect()
    }

    #[test]
    fn rows_of_all_groups_are_read() {
        let folder = folder(&[("a.parquet", &written())]);
        let dataset = open(&folder.path().join("a.parquet")).unwrap();
        assert_eq!((dataset.len(), dataset.rows_seen()), (2, 4));
        let second = dataset.get(1).unwrap();
        assert_eq!(second.prompt.as_deref(), Some("prompt 1"));
        assert_eq!(second.images, [ImageSource::Bytes(PNG.into())]);
        assert_eq!(
            second.conversation,
            [Utterance::new(Role::User, "hi"), Utterance::new(Role::Assistant, "hello")]
        );
    }

    #[test]
    fn malformed_files_and_rows_are_errors() {
        let whole = written();
        fails("a.parquet", "", ": not a Parquet file, or cut off: ");
        fails("a.parquet", &whole[..whole.len() - 10], ": not a Parquet file, or cut off: ");
        let folder = folder(&[("a.parquet", &whole)]);
        let path = folder.path().join("a.parquet");
        let mapping = Mapping { prompt: Some("q".parse().unwrap()), ..Mapping::default() };
        let error = Dataset::open(&[path], None, &mapping, Sample::default()).unwrap_err().to_string();
        assert!(
            error.ends_with("a.parquet row 1: no column 'q'; there are: n, prompt, image, conversations"),
            "{error}"
        );
    }

    #[test]
    fn a_corrupt_byte_is_an_error_at_worst() {
        let whole = written();
        let folder = folder(&[]);
        let path = folder.path().join("a.parquet");
        let mut broken = 0;
        for at in (0..whole.len()).step_by(3) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            fs::write(&path, bytes).unwrap();
            broken += usize::from(open(&path).is_err());
        }
        assert!((100..whole.len() / 3).contains(&broken), "{broken} of {}", whole.len());
    }
}
