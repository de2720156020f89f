//! Files of any size are read in constant memory: the peak of this process is watched while it reads.

#![cfg(all(target_os = "linux", feature = "parquet"))]

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};

use genai_bench_core::dataset::{Dataset, DatasetError, Format, Mapping, Row, Rows, Sample};
use parquet::data_type::ByteArrayType;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const MIB: u64 = 1 << 20;
/// How much more memory a file may take than none.
const MORE: u64 = 32 * MIB;
/// The length of a prompt.
const PROMPT: usize = 1000;

/// A peak is that of the whole process, so nothing else may run.
static ALONE: Mutex<()> = Mutex::new(());

/// A file that exists only as it is read: texts, each so many times.
struct Endless(Vec<(String, u64)>);

impl Endless {
    /// The bytes from `at` on that lie side by side.
    fn from(&self, mut at: u64) -> &[u8] {
        for (text, times) in &self.0 {
            let length = text.len() as u64;
            if at < length * times {
                return &text.as_bytes()[usize::try_from(at % length).expect("a text is short")..];
            }
            at -= length * times;
        }
        &[]
    }
}

struct Reader(Arc<Endless>, u64);

impl Read for Reader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < to.len() {
            let from = self.0.from(self.1);
            if from.is_empty() {
                break;
            }
            let length = from.len().min(to.len() - filled);
            to[filled..filled + length].copy_from_slice(&from[..length]);
            filled += length;
            self.1 += length as u64;
        }
        Ok(filled)
    }
}

/// The most memory that this process ever took, in bytes.
fn peak() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// Reads all rows and says how many there were, and how much more memory that took than all before.
fn read(
    what: &str,
    rows: impl Iterator<Item = Result<Row, DatasetError>>,
    wanted: u64,
    before: u64,
) -> Outcome {
    let dataset = Dataset::collect(rows, &Mapping::default(), Sample::seeded(1).rows(1000))?;
    assert_eq!((dataset.rows_seen(), dataset.len()), (wanted, 1000), "{what}");
    let more = peak()? - before;
    println!("{what}: {wanted} rows, {:.1} MiB more at the peak", more as f64 / MIB as f64);
    assert!(more < MORE, "{what} took {} MiB", more / MIB);
    Ok(())
}

/// A file of groups of 8 MiB, because a writer keeps a whole group.
fn write_parquet(path: &Path, bytes: u64) -> Outcome<u64> {
    let schema = Arc::new(parse_message_type("message m { required binary prompt (utf8); }")?);
    let properties = WriterProperties::builder().set_dictionary_enabled(false).build();
    let file = File::create(path)?;
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
    let values = vec!["x".repeat(PROMPT).into_bytes().into(); 8000];
    let mut rows = 0;
    while rows * PROMPT as u64 <= bytes {
        let mut group = writer.next_row_group()?;
        let mut column = group.next_column()?.ok_or("no column")?;
        column.typed::<ByteArrayType>().write_batch(&values, None, None)?;
        column.close()?;
        group.close()?;
        rows += values.len() as u64;
    }
    writer.close()?;
    Ok(rows)
}

/// Reads `bytes` of every kind of file.
fn every_kind_of_file(bytes: u64) -> Outcome {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("a.parquet");
    let before = peak()?;
    let prompt = "x".repeat(PROMPT);
    let rows = bytes / PROMPT as u64;
    let once = |text: &str| (text.to_owned(), 1);
    let object = format!("{{\"id\":1,\"prompt\":\"{prompt}\"}}");
    let array = |begin: &str, end: &str| {
        vec![once(begin), (format!("{object},\n"), rows - 1), once(&object), once(end)]
    };
    let columns = vec![
        once("{\"id\":["),
        ("1,".to_owned(), rows - 1),
        once("1],\"prompt\":["),
        (format!("\"{prompt}\","), rows - 1),
        once("\"x\"]}"),
    ];
    for (what, format, file) in [
        ("lines of text", Format::Txt, vec![(format!("{prompt}\n"), rows)]),
        ("csv", Format::Csv, vec![once("id,prompt\n"), (format!("1,\"{prompt}\"\n"), rows)]),
        ("lines of json", Format::Jsonl, vec![(format!("{object}\n"), rows)]),
        ("an array", Format::Json, array("[", "]")),
        ("an array in an object", Format::Json, array("{\"version\":1,\"data\":[", "]}")),
        ("arrays as columns", Format::Json, columns),
    ] {
        let file = Arc::new(Endless(file));
        let found = Rows::read("endless".as_ref(), format, move |at| Ok(Reader(file.clone(), at)))?;
        read(what, found, rows, before)?;
    }
    let wanted = write_parquet(&path, bytes)?;
    read("parquet", Rows::open(&path, None)?, wanted, before)
}

#[test]
fn a_file_of_any_size_is_read_in_constant_memory() -> Outcome {
    every_kind_of_file(64 * MIB)
}

#[test]
#[ignore = "reads seven gigabytes, in a release build: cargo test --release --all-features --test dataset_memory -- --ignored --nocapture"]
fn a_gigabyte_is_read_in_constant_memory() -> Outcome {
    every_kind_of_file(1024 * MIB)
}
