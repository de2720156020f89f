//! Inputs to begin with: the recordings of the backends, and a good file of each kind.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use genai_bench_core::experiment::{Journal, RunEnd, RunHeader};
use genai_bench_core::metrics::RunFacts;
use genai_bench_core::plan::{ExperimentSpec, Level};
use genai_bench_core::request::{OutputLength, Request, Session, Turn};
use genai_bench_core::task::Task;
use genai_bench_core::units::Tokens;
use genai_bench_core::workload::{Header, LockWriter, LockedContent, TokenizerId};
use parquet::data_type::{ByteArrayType, Int32Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::Target;
use crate::files::DATASETS;

type Seeds = Vec<(String, Vec<u8>)>;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../genai-bench-backends/fixtures");
const SCHEMA: &str = "message m { required int32 n; required binary prompt (utf8); }";

/// Writes the seeds of each target to a folder of its name in `folder`.
pub(crate) fn write(targets: &[Target], folder: &Path) {
    for target in targets {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder).expect("a place for seeds");
        for (name, bytes) in (target.seeds)() {
            fs::write(folder.join(name), bytes).expect("a place for seeds");
        }
    }
}

/// Returns the seeds of `texts`, with `first` as their first byte.
fn texts(texts: &[(u8, &str)]) -> Seeds {
    let seed = |(number, (first, text)): (usize, &(u8, &str))| {
        (format!("{number:02}"), [&[*first], text.as_bytes()].concat())
    };
    texts.iter().enumerate().map(seed).collect()
}

/// Returns every fixture whose name ends with `extension`, each with a byte in front that says how it is cut.
fn fixtures(extension: &str) -> Seeds {
    let folders = fs::read_dir(FIXTURES).expect("the fixtures of the backends");
    let folders = folders.filter_map(|entry| fs::read_dir(entry.ok()?.path()).ok());
    let paths = folders.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let paths = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    let seed = |path: std::path::PathBuf| {
        let name = path.to_string_lossy().rsplit('/').take(2).collect::<Vec<_>>().join("-");
        let bytes = fs::read(&path).expect("a fixture that can be read");
        // Those that are made to be too long are no good beginning.
        (bytes.len() < 16 << 10).then(|| (name, [&[7], &bytes[..]].concat()))
    };
    paths.filter_map(seed).collect()
}

pub(crate) fn sse() -> Seeds {
    fixtures("sse")
}

pub(crate) fn event_stream() -> Seeds {
    fixtures("eventstream")
}

pub(crate) fn scenario() -> Seeds {
    let forms = [
        "D(100,50)",
        "N(480,240)/(300,150)",
        "U(50,100)/(200,250)",
        "U(100/50)",
        "E(256)",
        "R(1024,100)",
        "I(512,512)",
        "I(2048,2048,2)",
        "I(512x512;10,20)",
        "V(640,360,16)",
        "S(200)",
        "dataset",
        "trace",
        "P(100,200)/(3,4)",
    ];
    let seed = |(number, text): (usize, &&str)| (format!("{number:02}"), text.as_bytes().to_vec());
    forms.iter().enumerate().map(seed).collect()
}

pub(crate) fn recording() -> Seeds {
    texts(&[
        (
            1,
            "{\"timestamp\": 0, \"input_length\": 100, \"output_length\": 7, \"hash_ids\": [46, 47]}\n{\"timestamp\": 30535, \"input_length\": 1372, \"output_length\": 26, \"hash_ids\": [46, 47, 2366]}\n",
        ),
        (
            2,
            "{\"session_id\": \"a\", \"timestamp\": 0, \"input_length\": 1, \"output_length\": 1}\n{\"session_id\": \"a\", \"delay\": 5, \"input_length\": 3, \"output_length\": 1}\n",
        ),
        (
            3,
            "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 0.5, \"input_length\": 1, \"output_length\": 1, \"type\": \"text\", \"turn\": 1, \"hash_ids\": [1]}\n",
        ),
        (4, "{\"arrival_s\": 0.25, \"input\": 3, \"output\": 4, \"hash_ids\": [9], \"session\": 1}\n"),
        (
            5,
            "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,374,44\n2023-11-16 18:17:04.0319600,396,109\n",
        ),
        (
            6,
            "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,230,1317,Conversation log\n",
        ),
        (0, "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1}\n"),
    ])
}

pub(crate) fn chat_template() -> Seeds {
    let seeds = texts(&[
        (
            b'{',
            "% for m in messages %}[ {{ m.role }} ] {{ m.content | trim }}\n{% endfor %}{% if add_generation_prompt %}[ a ]{% endif %}",
        ),
        (
            b'{',
            "{ bos_token }}{%- for message in messages %}{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('no') }}{%- endif %}{{ '<|' + message['role'] + '|>' + message['content'].strip() | tojson(indent=2) }}{%- endfor %}",
        ),
        (
            b'{',
            "%- set ns = namespace(n=0) %}{% macro f(a, b=1) %}{{ a ~ b }}{% endmacro %}{% for m in messages[::-1] if m.content is string %}{% set ns.n = ns.n + 1 %}{{ f(m.content.split(' ')[0], strftime_now('%d %b %Y')) }}{% endfor %}",
        ),
    ]);
    seeds
}

pub(crate) fn description() -> Seeds {
    texts(&[
        (
            b'{',
            "\"path\": \"/generate_stream\", \"headers\": {\"x-team\": \"{{ model }}\"}, \"body\": {\"inputs\": \"{{ prompt }}\", \"max\": \"{{ max_tokens }}\"}, \"answer\": {\"text\": \"/token/text\", \"finish_reason\": \"/details/finish_reason\"}}",
        ),
        (
            b'{',
            "\"method\": \"PUT\", \"path\": \"/{{ model }}/x?y={{ prompt }}\", \"body\": [\"{{ messages }}\"], \"answer\": {\"framing\": \"ndjson\", \"text\": \"/response\", \"end\": \"[DONE]\"}}",
        ),
    ])
}

pub(crate) fn dataset() -> Seeds {
    let mut seeds = texts(&[
        (0, "one prompt\nanother\n"),
        (1, "prompt,n\n\"two\nlines\",1\nshort,2\n"),
        (2, "prompt\tn\na\t1\n"),
        (3, "[{\"prompt\": \"a\", \"n\": 1}, {\"prompt\": [\"b\", null, true, 1.5e3]}]"),
        (3, "{\"prompt\": [\"a\", \"b\"], \"n\": [1, 2]}"),
        (3, "{\"data\": [{\"conversations\": [{\"from\": \"human\", \"value\": \"\\ud83d\\ude00\"}]}]}"),
        (4, "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}\n"),
    ]);
    let mut packed = |name: &str, bytes: Vec<u8>| {
        let kind = DATASETS.iter().position(|known| *known == name).expect("a kind of dataset");
        seeds.push((name.to_owned(), [&[u8::try_from(kind).unwrap_or(0)], &bytes[..]].concat()));
    };
    packed("a.parquet", table());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"prompt,n\na,1\n").expect("memory to write to");
    packed("a.csv.gz", gzip.finish().expect("memory to write to"));
    packed("a.jsonl.zst", zstd::encode_all(&b"{\"prompt\": \"a\"}\n"[..], 1).expect("memory to write to"));
    seeds
}

/// Returns a Parquet file of two columns and two rows.
fn table() -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).expect("a schema"));
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).expect("a schema");
    let mut group = writer.next_row_group().expect("memory to write to");
    let mut column = group.next_column().expect("a column").expect("a column");
    column.typed::<Int32Type>().write_batch(&[1, 2], None, None).expect("two numbers");
    column.close().expect("memory to write to");
    let mut column = group.next_column().expect("a column").expect("a column");
    column.typed::<ByteArrayType>().write_batch(&["a".into(), "b".into()], None, None).expect("two texts");
    column.close().expect("memory to write to");
    group.close().expect("memory to write to");
    writer.into_inner().expect("memory to write to")
}

pub(crate) fn journal() -> Seeds {
    let folder = tempfile::tempdir().expect("a place for a journal");
    let path = folder.path().join("a.jsonl");
    let header = RunHeader {
        journal_version: 1,
        number: 0,
        scenario: "D(1,2)".into(),
        task: Task::TextToText,
        level: Level::closed(1),
        facts: RunFacts::default(),
    };
    let mut journal = Journal::create(path.clone(), &header).expect("a place for a journal");
    for line in [
        r#"{"index":0,"input":10,"wanted":4,"due":0,"called":1000,"sent":1200,"head":5000,"status":200,
            "connection":{"new":{"total_ns":1500}},"arrivals":[20000,[3000,"text",4,null],100,
            [7000,"reasoning",1,3]],"usage":{"input":12,"output":9},"usage_at":30100,"finish":"stop",
            "finished_at":30100,"ended":30500,"body_bytes":400,"chunks":5,"server_time":{"total_ns":20000}}"#,
        r#"{"index":1,"due":30500,"called":30600,"sent":30700,"ended":40000,
            "failure":{"kind":"status","status":500,"message":"no"}}"#,
    ] {
        journal.add(&serde_json::from_str(line).expect("a trace")).expect("memory to write to");
    }
    let elapsed = Duration::from_nanos(71_000);
    journal
        .end(&RunEnd { elapsed, facts: RunFacts::default(), interrupted: false })
        .expect("a place for a journal");
    vec![("a".to_owned(), fs::read(path).expect("the journal that was written"))]
}

pub(crate) fn workload() -> Seeds {
    let folder = tempfile::tempdir().expect("a place for a workload");
    let path = folder.path().join("a.workload");
    let header = Header {
        version: Header::VERSION,
        made_by: "fuzz".into(),
        content: LockedContent::Sessions,
        spec: ExperimentSpec::default(),
        sessions_per_run: 2,
        tokenizer: TokenizerId { name: "words".into(), fingerprint: "words".into() },
        recipe: serde_json::Map::new(),
    };
    let mut lock = LockWriter::create(&path, &header).expect("a place for a workload");
    for index in 0..2 {
        let request = Request::chat("m", "Hello there", OutputLength::AtMost(Tokens(16)));
        lock.add(0, index, &Session::single(Turn::new(request, Some(Tokens(2)))))
            .expect("memory to write to");
    }
    lock.end().expect("a place for a workload");
    vec![("a".to_owned(), fs::read(path).expect("the workload that was written"))]
}
