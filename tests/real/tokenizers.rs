//! Real tokenizers: both readers agree, prompts are exact, and chat templates render as in Python.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use genai_bench_core::prompt::PromptBuilder;
use genai_bench_core::rng::{Rng, Stream};
use genai_bench_core::scenario::{self, Shape};
use genai_bench_core::tokenizer::{ChatTemplate, HuggingFace, Kitoken, Tokenizer, load};
use genai_bench_core::units::Tokens;

use crate::installed::{installed, script};

/// Folders that `tests/real/setup` made: byte-level, and metaspace without and with a space before the text.
const FOLDERS: [&str; 3] = ["tokenizer", "tokenizer_gemma3", "tokenizer_llama2"];
/// Prompts of a scenario. Unoptimised tokenizers are slow.
const PROMPTS: u64 = if cfg!(debug_assertions) { 5 } else { 1_000 };
/// A text with characters on which tokenizer implementations may differ.
const UNICODE: &str = "Füße e\u{301} ﬁ Ω≈ç İ ẞ 你好，世界！日本語のカタカナ 한국어 ภาษาไทย Привет שלום مرحبا नमस्ते \
    🙂👍🏽👨‍👩‍👧‍👦🇩🇪 ™… “q” – — ∀x∈ℝ €10 \u{a0}\u{2003}\u{200b}\u{feff}\u{fffd} ▁ Ġ ½ ² ٣٤٥ 12345678901234567890 3.14 1e-9 \
    \t\t  \n \n\n   \r\n\r\n          x  <|im_start|>user<|im_end|> <bos></s> <start_of_turn> <0x0A>";

/// Returns the content of every text file of this repository: prose and code.
fn repository() -> Vec<String> {
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR"))];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if [".rs", ".md", ".py", ".toml", ".sse"].iter().any(|it| name.ends_with(it)) {
                texts.push(fs::read_to_string(&path).expect("a readable file"));
            }
        }
    }
    texts.sort_unstable();
    texts
}

/// Returns random texts of characters on which tokenizer implementations may differ.
fn random_texts() -> Vec<String> {
    let pieces: Vec<char> = UNICODE.chars().chain("the quick brown fox's 42".chars()).collect();
    let text = |index| {
        let mut rng = Rng::at(5, Stream::Content, 0, index);
        let length = rng.between(1, 80);
        (0..length).map(|_| pieces[rng.below(pieces.len() as u64) as usize]).collect()
    };
    (0..if cfg!(debug_assertions) { 200 } else { 20_000 }).map(text).collect()
}

#[test]
#[ignore = "needs tests/real/setup"]
fn loaded_tokenizers_agree_with_their_reference_libraries() {
    let mut texts = repository();
    if cfg!(debug_assertions) {
        texts = texts.into_iter().step_by(20).collect();
    }
    texts.extend(random_texts());
    texts.push(UNICODE.to_owned());
    // The second has entries of several `▁`, which the fast reader takes for spaces next to spaces.
    for (folder, reader) in FOLDERS.into_iter().zip(["Kitoken", "HuggingFace", "Kitoken"]) {
        let path = installed(folder);
        let loaded = load(path.to_str().unwrap()).unwrap();
        let (fast, reference) = (Kitoken::open(&path).unwrap(), HuggingFace::open(&path).unwrap());
        assert!(format!("{loaded:?}").starts_with(reader), "{folder}: {loaded:?}");
        assert_eq!(fast.words(), reference.words(), "{folder}");
        let differ = |tokenizer: &dyn Tokenizer| {
            let differs = |it: &&String| tokenizer.encode(it) != reference.encode(it);
            texts.iter().filter(differs).map(|it| it.chars().take(200).collect()).collect::<Vec<String>>()
        };
        println!("{folder}: the fast reader differs in {} of {} texts", differ(&fast).len(), texts.len());
        let of_loaded = differ(&*loaded);
        assert!(of_loaded.is_empty(), "{folder}: {} differ: {:#?}", of_loaded.len(), of_loaded.first());
    }
}

/// A prompt builder, and the reference tokenizer that counts its prompts.
struct Counted {
    name: String,
    builder: PromptBuilder,
    reference: Arc<dyn Tokenizer>,
}

impl Counted {
    /// Creates a builder with the tokenizer at `place`, counted by the library that defines the format of its file.
    fn new(place: &str) -> Self {
        let loaded = load(place).expect("a tokenizer");
        let reference: Arc<dyn Tokenizer> = match HuggingFace::open(Path::new(place)) {
            Ok(reference) => Arc::new(reference),
            Err(_) => Arc::clone(&loaded),
        };
        let name = place.rsplit('/').next().unwrap_or(place).to_owned();
        Self { name, builder: PromptBuilder::new(loaded).expect("words"), reference }
    }

    /// Returns the number of prompts of `scenario` with a wrong length, and the largest deviation.
    fn off(&self, scenario: &str) -> (u64, u64) {
        let parsed = scenario::parse(scenario).expect("a scenario");
        let (mut count, mut most) = (0, 0);
        for index in 0..PROMPTS {
            let shape = parsed.draw(&mut Rng::at(42, Stream::Shape, 0, index));
            let Shape::Text { input, .. } = shape else { panic!("{scenario} is not of text") };
            let prompt = self.builder.build(input, &mut Rng::at(42, Stream::Content, 0, index));
            let counted = self.reference.count(&prompt.expect("a prompt")).expect("a count");
            let by = counted.0.abs_diff(input.0);
            count += u64::from(by > 0);
            most = most.max(by);
        }
        (count, most)
    }
}

#[test]
#[ignore = "needs tests/real/setup; `--release -- --nocapture` prints the table of 1,000 prompts each"]
fn every_prompt_has_its_exact_length() {
    let folders = FOLDERS.map(|it| installed(it).display().to_string());
    let places = folders.iter().map(String::as_str).chain(["o200k_base"]);
    println!("{:<26} {:<18} {:>6} {:>5} {:>11}", "scenario", "tokenizer", "length", "off", "at most by");
    let mut all_off = 0;
    for counted in places.map(Counted::new) {
        for length in [100_u64, 1_000, 8_000] {
            let (half, tenth) = (length / 2, length / 10);
            let scenarios = [
                format!("D({length},1)"),
                format!("N({length},{tenth})/(1,0)"),
                format!("U({half},{})/(1,1)", length + half),
            ];
            for scenario in scenarios {
                let (count, most) = counted.off(&scenario);
                println!("{scenario:<26} {:<18} {length:>6} {count:>5} {most:>11}", counted.name);
                all_off += count;
            }
        }
    }
    assert_eq!(all_off, 0);
}

#[test]
#[ignore = "needs tests/real/setup"]
fn prompts_of_a_persons_texts_are_exact() {
    let texts: Vec<Arc<str>> = repository().into_iter().chain([UNICODE.to_owned()]).map(Arc::from).collect();
    let texts: Arc<[Arc<str>]> = texts.into();
    for folder in FOLDERS {
        let tokenizer = load(installed(folder).to_str().unwrap()).unwrap();
        let builder = PromptBuilder::new(Arc::clone(&tokenizer)).unwrap().with_corpus(Arc::clone(&texts), 1);
        for length in (1..30).chain([100, 1_000, 2_000]) {
            for index in 0..PROMPTS / 5 {
                let prompt =
                    builder.build(Tokens(length), &mut Rng::at(1, Stream::Content, length, index)).unwrap();
                assert_eq!(tokenizer.count(&prompt).unwrap(), Tokens(length), "{folder}: {prompt:?}");
            }
        }
    }
}

/// Returns the text that Python renders for these messages.
fn rendered_by_python(folder: &Path, messages: &[(&str, &str)]) -> String {
    let messages: Vec<_> =
        messages.iter().map(|(role, text)| serde_json::json!({"role": role, "content": text})).collect();
    let mut command = script("jinja", "chat_template.py");
    let mut process =
        command.arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python can be run");
    let mut input = process.stdin.take().expect("its input is piped");
    input.write_all(&serde_json::to_vec(&messages).expect("JSON")).expect("it reads");
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success(), "chat_template.py failed");
    String::from_utf8(output.stdout).expect("it prints UTF-8")
}

#[test]
#[ignore = "needs tests/real/setup"]
fn chat_templates_render_as_in_python() {
    let talks: [&[(&str, &str)]; 4] = [
        &[("user", "  Hello, wörld <b>&'\"  ")],
        &[("system", "Be brief."), ("user", "Why?")],
        &[("user", "a"), ("assistant", "<think>\nhm\n</think>\n\nb"), ("user", "c\n")],
        &[("user", "a"), ("assistant", "b"), ("user", ""), ("assistant", "\n\nd"), ("user", "e")],
    ];
    for folder in ["tokenizer", "tokenizer_gemma3"] {
        let path = installed(folder);
        let template = ChatTemplate::open(&path).unwrap();
        for talk in talks {
            assert_eq!(template.render(talk, true).unwrap(), rendered_by_python(&path, talk), "{folder}");
        }
    }
}

#[test]
#[ignore = "needs tests/real/setup"]
fn the_overhead_of_a_chat_template_is_that_of_the_server() {
    let overhead = |folder: &str| {
        let path = installed(folder);
        ChatTemplate::open(&path).unwrap().overhead(&*load(path.to_str().unwrap()).unwrap()).unwrap()
    };
    // llama.cpp's server with the first one counts 108 tokens of a chat of 100.
    assert_eq!(overhead("tokenizer"), Tokens(8));
    // <bos> <start_of_turn> user \n, <end_of_turn> \n <start_of_turn> model \n.
    assert_eq!(overhead("tokenizer_gemma3"), Tokens(9));
}
