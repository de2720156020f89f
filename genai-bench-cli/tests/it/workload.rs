//! The requests of workloads, compared by the hashes of their bodies at the server.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use genai_bench_backends::simulator::{Settings, Simulator, Truth};
use serde_json::Value;

use crate::command::{files, genai_bench, journal, results, succeeded};

/// Starts a simulator that hashes bodies, with these additional settings.
fn server(settings: &str) -> Simulator {
    let mut all = serde_json::to_value(Settings::instant()).expect("settings are JSON");
    let more: Value = serde_json::from_str(settings).expect("JSON");
    all["body_hashes"] = true.into();
    for (name, value) in more.as_object().expect("an object") {
        all[name] = value.clone();
    }
    let settings = serde_json::from_value(all).expect("settings that there are");
    Simulator::start(settings, ([127, 0, 0, 1], 0).into()).expect("a server")
}

/// Runs a benchmark of `server` and returns the requests that it received, without those before the first run.
fn seen(server: &Simulator, folder: &Path, extra: &[&str]) -> Vec<Truth> {
    server.forget();
    let (base, url) = (folder.to_str().expect("a plain name"), server.url());
    let mut command = genai_bench(&["benchmark", "--api-backend", "vllm", "--api-base", &url]);
    command.args(["--experiment-base-dir", base, "--experiment-folder-name", "e", "--skip-preflight"]);
    succeeded(&command.args(extra).output().expect("the binary runs"));
    server.truth()
}

fn hashes(truths: &[Truth]) -> BTreeSet<String> {
    truths.iter().map(|it| it.body_hash.clone().expect("bodies are hashed")).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A short benchmark of text, with more options.
fn text<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--api-model-name", "m", "--traffic-scenario", "N(60,10)/(5,1)", "--max-requests-per-run", "20"], more]
        .concat()
}

#[test]
fn a_seed_sends_the_same_bytes_at_any_concurrency() {
    let server = server("{}");
    let sent = |more: &[&str]| hashes(&seen(&server, folder().path(), &text(more)));
    let one = sent(&["--num-concurrency", "1", "--seed", "7"]);
    assert_eq!(one.len(), 20);
    assert_eq!(one, sent(&["--num-concurrency", "5", "--seed", "7"]));
    assert!(one.is_disjoint(&sent(&["--num-concurrency", "5", "--seed", "8"])));
}

#[test]
fn two_runs_share_no_prompt_by_default() {
    let server = server("{}");
    let levels = ["--num-concurrency", "1", "--num-concurrency", "2"];
    let sent =
        |more: &[&str]| hashes(&seen(&server, folder().path(), &text(&[&levels, more].concat()))).len();
    assert_eq!(sent(&[]), 40);
    assert_eq!(sent(&["--same-prompts"]), 20);
}

/// Makes a lock and returns the output of the command.
fn make(file: &Path, more: &[&str]) -> String {
    let mut command = genai_bench(&["workload", "make", "--output", file.to_str().expect("a plain name")]);
    succeeded(&command.args(text(more)).output().expect("the binary runs"))
}

#[test]
fn a_lock_is_sent_again_byte_for_byte() {
    let (server, folder_of_lock) = (server("{}"), folder());
    let file = folder_of_lock.path().join("w.jsonl");
    let options = ["--num-concurrency", "1", "--num-concurrency", "3", "--seed", "7"];
    let direct = hashes(&seen(&server, folder().path(), &text(&options)));
    make(&file, &options);
    let locked = ["--workload", file.to_str().expect("a plain name")];
    let again = seen(&server, folder().path(), &locked);
    assert_eq!((hashes(&again), again.len()), (direct.clone(), 40));
    let recipe = folder_of_lock.path().join("r.jsonl");
    make(&recipe, &[&options[..], &["--recipe-only"]].concat());
    let locked = ["--workload", recipe.to_str().expect("a plain name")];
    assert_eq!(hashes(&seen(&server, folder().path(), &locked)), direct);
    assert!(std::fs::metadata(&recipe).expect("a file").len() < 4_000, "a recipe is small");
}

#[test]
fn a_lock_does_not_depend_on_threads_and_detects_changes() {
    let folder = folder();
    let file = |name: &str| folder.path().join(name);
    let options = ["--num-concurrency", "1", "--seed", "7"];
    let made = |name: &str, threads| make(&file(name), &[&options[..], &["--threads", threads]].concat());
    made("one", "1");
    made("eight", "8");
    let read = |name: &str| std::fs::read(file(name)).expect("a file");
    assert!(read("one") == read("eight"), "the same bytes");
    let verify = |name: &str| {
        let path = file(name);
        let mut command = genai_bench(&["workload", "verify", path.to_str().expect("a plain name")]);
        let output = command.output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(verify("one").0, Some(0));
    let text = String::from_utf8(read("one")).expect("text");
    std::fs::write(file("changed"), text.replacen("\"input\":", "\"input\": ", 1)).expect("a file");
    let (code, error) = verify("changed");
    assert!(code == Some(2) && error.contains("was locked"), "{error}");
    std::fs::write(file("cut"), &text[..text.len() / 2]).expect("a file");
    let (code, error) = verify("cut");
    assert!(code == Some(2) && error.contains("cut off") && error.contains(" line "), "{error}");
}

#[test]
fn a_lock_is_shown_without_sending_anything() {
    let folder = folder();
    for recipe in [&[][..], &["--recipe-only"]] {
        let file = folder.path().join(format!("w{}", recipe.len()));
        make(&file, &[&["--num-concurrency", "2"], recipe].concat());
        let path = file.to_str().expect("a plain name");
        let shown = succeeded(&genai_bench(&["workload", "show", path]).output().expect("the binary runs"));
        for hint in ["20 sessions", "tokens of prompts: mean", "session 0 of group 0", "User:"] {
            assert!(shown.contains(hint), "'{hint}' is not in: {shown}");
        }
    }
}

/// The words of each prompt in a lock, without those that come before the runs.
fn prompts(file: &Path) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(file).expect("a file");
    let lines = text.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
    let of_runs = lines.filter(|it| it["session"][0].as_u64().is_some_and(|it| it < 1_000));
    let prompt = |line: Value| {
        let turn = &line["session"][2]["turns"][0]["request"]["input"]["chat"]["messages"][0]["text"];
        turn.as_str().expect("a prompt").split(' ').map(str::to_owned).collect()
    };
    of_runs.map(prompt).collect()
}

#[test]
fn prompts_share_exactly_their_prefix() {
    let folder = folder();
    let file = folder.path().join("w");
    let options = ["--num-concurrency", "1", "--num-concurrency", "2", "--prefix-len", "30"];
    make(&file, &options);
    let prompts = prompts(&file);
    let (first, second) = prompts.split_at(20);
    for run in [first, second] {
        assert!(run.iter().all(|it| it[..30] == run[0][..30]), "they begin alike");
        let next: BTreeSet<&String> = run.iter().map(|it| &it[30]).collect();
        assert_eq!(next.len(), 20, "and differ at once");
    }
    assert_ne!(first[0][..30], second[0][..30], "no run finds the prefix of another in a cache");
}

#[test]
fn a_prefix_cache_finds_shared_prefixes() {
    let server = server(r#"{"prefix_cache_tokens": 100000}"#);
    let folder = folder();
    let options = ["--num-concurrency", "1", "--prefix-len", "32", "--traffic-scenario", "D(100,3)"];
    let more = ["--api-model-name", "m", "--max-requests-per-run", "20"];
    let truths = seen(&server, folder.path(), &[&options[..], &more].concat());
    let cached: Vec<u64> = truths.iter().map(|it| it.cached_tokens.0).collect();
    assert_eq!((cached[0], cached.len()), (0, 20));
    assert!(cached[1..].iter().all(|it| *it == 32), "{cached:?}");
    let row = &results(folder.path())[0]["individual_request_metrics"][19];
    assert_eq!(row["num_cached_tokens"], 32);
}

#[test]
fn a_conversation_finds_all_of_its_past_in_the_cache() {
    let server = server(r#"{"prefix_cache_tokens": 100000, "prefix_block_tokens": 1}"#);
    let options = ["--num-concurrency", "2", "--turns", "3", "--max-sessions-per-run", "4"];
    let more = ["--api-model-name", "m", "--traffic-scenario", "D(20,5)"];
    let folder = folder();
    let truths = seen(&server, folder.path(), &[&options[..], &more].concat());
    assert_eq!(truths.len(), 12);
    let cached = truths.iter().filter(|it| it.cached_tokens.0 >= 20).count();
    assert_eq!(cached, 8, "every turn but the first of each session");
    assert_eq!(results(folder.path())[0]["aggregated_metrics"]["turns"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_measured_template_gives_the_scenarios_length() {
    let server = server(r#"{"template_tokens": 9}"#);
    let counted = |more: &[&str]| {
        let folder = folder();
        let base = &["--api-model-name", "m", "--traffic-scenario", "D(50,3)", "--num-concurrency", "1"][..];
        seen(&server, folder.path(), &[base, &["--max-requests-per-run", "5"], more].concat());
        results(folder.path())[0]["individual_request_metrics"][0]["num_input_tokens"].clone()
    };
    assert_eq!(counted(&[]), 59);
    assert_eq!(counted(&["--prompt-overhead", "auto"]), 50);
    assert_eq!(counted(&["--prompt-overhead", "9"]), 50);
}

#[test]
fn turns_have_the_scenarios_length_with_the_template_in_it() {
    let server = server(r#"{"template_tokens": 9}"#);
    let base = ["--api-model-name", "m", "--traffic-scenario", "D(50,3)", "--num-concurrency", "1"];
    let turns = ["--turns", "3", "--history", "recorded", "--max-sessions-per-run", "1"];
    for overhead in ["auto", "9"] {
        let options = [&base[..], &turns, &["--prompt-overhead", overhead]].concat();
        let truths = seen(&server, folder().path(), &options);
        let counted: Vec<u64> = truths.iter().map(|it| it.input_tokens.0).collect();
        // `auto` sends two requests first.
        assert_eq!(counted[counted.len() - 3..], [50, 103, 156], "{overhead}");
    }
}

#[test]
fn models_are_mixed() {
    let server = server("{}");
    let models = |more: &[&str]| {
        let base = ["--traffic-scenario", "D(5,2)", "--num-concurrency", "2", "--max-requests-per-run", "30"];
        let mut counts = BTreeMap::new();
        for truth in seen(&server, folder().path(), &[&base, more].concat()) {
            *counts.entry(truth.model).or_insert(0) += 1;
        }
        counts.into_iter().collect::<Vec<(String, i32)>>()
    };
    let mixed = ["--model-mix", "a=8,b", "--seed", "7"];
    let in_turn = [&mixed[..], &["--model-mix-order", "round-robin"]].concat();
    assert_eq!(models(&in_turn), [("a".to_owned(), 15), ("b".to_owned(), 15)]);
    let weighted = models(&mixed);
    assert!(weighted.len() == 2 && weighted[0].1 > 20, "{weighted:?}");
}

#[test]
fn a_recording_is_sent_at_its_times_and_lengths() {
    let (server, folder) = (server("{}"), folder());
    let file = folder.path().join("trace.csv");
    let rows = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:00:00.0,30,4\n2023-11-16 18:00:01.0,50,6\n\
                2023-11-16 18:00:02.0,70,2\n";
    std::fs::write(&file, rows).expect("a file");
    let options =
        ["--api-model-name", "m", "--trace", file.to_str().expect("a plain name"), "--trace-speed", "10"];
    let truths = seen(&server, folder.path(), &options);
    let lengths: Vec<(u64, u64)> = truths.iter().map(|it| (it.input_tokens.0, it.output_tokens.0)).collect();
    assert_eq!(lengths, [(30, 4), (50, 6), (70, 2)]);
    let lines = journal(folder.path());
    let requests = lines.iter().filter_map(|it| it.get("request"));
    let due: Vec<u64> = requests.map(|it| it["due"].as_u64().expect("a time")).collect();
    assert_eq!(due, [0, 100_000_000, 200_000_000]);
    assert_eq!(results(folder.path())[0]["aggregated_metrics"]["scenario"], "trace:trace");
    let named =
        files(folder.path(), |name| name.starts_with("trace_trace_text-to-text_replay_num_concurrency_"));
    assert_eq!(named.len(), 1, "the Python tool looks for _concurrency_N_time_Ns.json");
    assert_eq!(files(folder.path(), |name| name == "journal_000_trace_trace_replay.jsonl").len(), 1);
}

#[test]
fn a_journal_becomes_a_workload() {
    let (server, folder) = (server("{}"), folder());
    seen(&server, folder.path(), &text(&["--num-concurrency", "4"]));
    let journals = std::fs::read_dir(folder.path().join("e")).expect("a folder");
    let journal = journals
        .map(|it| it.expect("an entry").path())
        .find(|it| it.extension().is_some_and(|it| it == "jsonl"));
    let (journal, file) = (journal.expect("a journal"), folder.path().join("w"));
    let mut command = genai_bench(&["workload", "make", "--output", file.to_str().expect("a plain name")]);
    let from = ["--api-model-name", "m", "--from-journal", journal.to_str().expect("a plain name")];
    succeeded(&command.args(from).output().expect("the binary runs"));
    let before: Vec<u64> = server.truth().iter().map(|it| it.input_tokens.0).collect();
    let again = self::folder();
    let truths = seen(&server, again.path(), &["--workload", file.to_str().expect("a plain name")]);
    let sorted = |mut it: Vec<u64>| {
        it.sort_unstable();
        it
    };
    assert_eq!(sorted(truths.iter().map(|it| it.input_tokens.0).collect()), sorted(before));
}

#[test]
fn pictures_do_not_depend_on_the_limit_of_requests() {
    let (server, few, many) = (server("{}"), folder(), folder());
    let pictures = |folder: &Path, limit: &str| {
        let size =
            ["--api-model-name", "m", "--task", "image-text-to-text", "--traffic-scenario", "I(24,16,2)"];
        let load =
            ["--seed", "7", "--num-concurrency", "1", "--num-concurrency", "2", "--max-requests-per-run"];
        hashes(&seen(&server, folder, &[&size[..], &load, &[limit]].concat()))
    };
    let (few, many) = (pictures(few.path(), "2"), pictures(many.path(), "6"));
    assert_eq!((few.len(), many.len()), (4, 12));
    assert!(few.is_subset(&many), "{few:?} are not all in {many:?}");
}
