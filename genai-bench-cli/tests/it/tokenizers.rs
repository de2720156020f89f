//! Tokenizers in folders, and the tokens that they add to texts.

use std::path::Path;

use genai_bench_core::tokenizer::load;
use serde_json::{Value, json};

use crate::command::{genai_bench, simulated, succeeded};

/// The letter by which byte-level vocabularies write a byte.
fn letter(byte: u8) -> char {
    let kept = |byte: u8| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    if kept(byte) {
        return char::from(byte);
    }
    let place = (0..byte).filter(|before| !kept(*before)).count();
    char::from_u32(256 + u32::try_from(place).expect("a byte")).expect("a letter")
}

/// A `tokenizer.json` whose tokens are bytes, with `<s>` before each text, or nothing.
fn bytes_with_a_beginning(special: &[&str]) -> String {
    let mut vocabulary: Vec<(String, u32)> =
        (0..=255).map(|it| (letter(it).to_string(), u32::from(it) + 2)).collect();
    vocabulary.extend([("<s>".to_owned(), 0), ("</s>".to_owned(), 1)]);
    let vocabulary: serde_json::Map<String, Value> =
        vocabulary.into_iter().map(|(entry, id)| (entry, id.into())).collect();
    let added = |id: u32, content: &str| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true})
    };
    let mut single = vec![json!({"Sequence": {"id": "A", "type_id": 0}})];
    for (place, token) in special.iter().enumerate() {
        let token = json!({"SpecialToken": {"id": token, "type_id": 0}});
        if place == 0 { single.insert(0, token) } else { single.push(token) }
    }
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [added(0, "<s>"), added(1, "</s>")],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": {"type": "TemplateProcessing", "single": single,
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]},
                "</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocabulary, "merges": []},
    })
    .to_string()
}

/// Makes a lock with the tokenizer in `folder`, and returns its first session and what was noted.
fn locked(folder: &Path, extra: &[&str]) -> (Value, String) {
    let lock = folder.join("w");
    let mut command =
        genai_bench(&["workload", "make", "--api-model-name", "m", "--max-requests-per-run", "3"]);
    command.args(["--num-concurrency", "1", "--model-tokenizer"]).arg(folder).arg("--output").arg(&lock);
    let output = command.args(extra).output().expect("the binary runs");
    succeeded(&output);
    let text = std::fs::read_to_string(lock).expect("a lock");
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let session = lines.iter().find(|line| line["session"][0] == 0).expect("a session of a run");
    (session["session"][2]["turns"][0].clone(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn bare_prompts_are_shorter_by_the_tokenizers_own_tokens() {
    let cases: [(&[&str], &[&str], u64, u64); 5] = [
        (&["<s>"], &["--endpoint", "completions"], 299, 300),
        (&["<s>", "</s>"], &["--endpoint", "completions"], 298, 300),
        (&["<s>"], &["--endpoint", "completions", "--prompt-overhead", "0"], 300, 300),
        (&["<s>"], &["--endpoint", "completions", "--prompt-overhead", "5"], 295, 300),
        (&[], &["--endpoint", "completions"], 300, 300),
    ];
    for (special, extra, length, counted) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("tokenizer.json"), bytes_with_a_beginning(special))
            .expect("a file");
        let (turn, notes) = locked(folder.path(), &[&["--traffic-scenario", "D(300,8)"], extra].concat());
        let prompt = turn["request"]["input"]["completion"]["prompt"].as_str().expect("a prompt");
        let tokenizer = load(folder.path().to_str().expect("a plain name")).expect("a tokenizer");
        let counts = (tokenizer.count(prompt).expect("a count").0, turn["input"].as_u64());
        assert_eq!(counts, (length, Some(counted)), "{special:?} {extra:?}");
        let is_noted = !special.is_empty() && extra.len() == 2;
        assert_eq!(notes.contains("the tokenizer adds tokens"), is_noted, "{notes}");
    }
}

#[test]
fn documents_are_shorter_by_the_tokenizers_own_tokens() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let marked = format!("\u{feff}{}", bytes_with_a_beginning(&["<s>", "</s>"]));
    std::fs::write(folder.path().join("tokenizer.json"), marked).expect("a file");
    let extra = ["--task", "text-to-embeddings", "--traffic-scenario", "E(64)", "--batch-size", "2"];
    let (turn, _) = locked(folder.path(), &extra);
    let text = turn["request"]["input"]["embeddings"]["texts"][0].as_str().expect("a text");
    let tokenizer = load(folder.path().to_str().expect("a plain name")).expect("a tokenizer");
    assert_eq!((tokenizer.count(text).expect("a count").0, turn["input"].as_u64()), (62, Some(128)));
}

#[test]
fn an_unreadable_folder_is_an_error_with_advice() {
    let cases: [(&[(&str, &str)], &str); 5] = [
        (&[("tokenizer.model", "\n\u{f}\n\u{5}<unk>")], "a sentencepiece model; convert it"),
        (&[("vocab.json", "{}"), ("merges.txt", "")], "save_pretrained"),
        (&[("tokenizer.json", "version https://git-lfs.github.com/spec/v1\n")], "git lfs pull"),
        (&[("tokenizer.json", "<!DOCTYPE html>")], "an HTML page"),
        (&[], "the folder is empty"),
    ];
    for (files, expected) in cases {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let mut command = genai_bench(&["benchmark", "--api-backend", "simulated", "--model-tokenizer"]);
        let output = command.arg(folder.path()).output().expect("the binary runs");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("--model-tokenizer") && error.contains(expected), "{error}");
    }
}

/// Runs a short benchmark of the simulator with the tokenizer in `folder`, and returns the exit code and the errors.
fn benchmarked(folder: &Path, extra: &[&str]) -> (Option<i32>, String) {
    let results = tempfile::tempdir().expect("a temporary folder");
    let mut command = simulated(results.path(), &["--traffic-scenario", "D(20,4)", "--num-concurrency", "1"]);
    let output = command.args(extra).arg("--model-tokenizer").arg(folder).output().expect("the binary runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_tokenizer_that_multiplies_texts_is_refused() {
    let tokenizer: Value = serde_json::from_str(&bytes_with_a_beginning(&["<s>"])).expect("JSON");
    let replace = json!({"type": "Replace", "pattern": {"String": "e"}, "content": "e".repeat(2_000)});
    let doubled = json!({"type": "Sequence", "normalizers": [replace, replace]});
    for (name, value, expected) in [
        ("normalizer", doubled, "can make a text 8000000 times as long: 4096 times is the most"),
        ("model", json!({"type": "BPE", "end_of_word_suffix": "x".repeat(10_000)}), "end_of_word_suffix"),
    ] {
        let mut tokenizer = tokenizer.clone();
        tokenizer[name] = value;
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).expect("a file");
        let (code, error) = benchmarked(folder.path(), &[]);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("--model-tokenizer") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_chat_template_exhausts_neither_stack_nor_memory() {
    let nested = format!("{{{{ {} 1 }}}}", "not ".repeat(20_000));
    let doubling =
        "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}";
    let lists = "{% set n = namespace(x=[]) %}{% for i in range(999) %}{% for j in range(999) %}{% set n.x = [n.x] %}{% endfor %}{% endfor %}";
    for (template, expected) in [(nested.as_str(), "fewer tokens"), (doubling, "fuel"), (lists, "fuel")] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("tokenizer.json"), bytes_with_a_beginning(&[])).expect("a file");
        std::fs::write(folder.path().join("chat_template.jinja"), template).expect("a file");
        // Without the option the template is only run to count its tokens, and a run does not need the result.
        assert_eq!(benchmarked(folder.path(), &[]).0, Some(0), "{template}");
        let (code, error) = benchmarked(folder.path(), &["--prompt-overhead", "template"]);
        assert_eq!(code, Some(2), "{error}");
        assert!(error.contains("--prompt-overhead") && error.contains(expected), "{error}");
    }
}
