//! Files from other machines: nothing is fetched for them, no memory is allocated for the sizes that they claim, and no image
//! of this machine is sent because they name it.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};

use crate::command::{files, genai_bench, simulated, succeeded};

/// Asserts that a command is refused, and returns its errors.
fn refused(command: &mut Command) -> String {
    let output = command.output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{errors}");
    errors
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain name")
}

/// Makes a small lock, and returns its text.
fn lock(folder: &Path, extra: &[&str]) -> String {
    let file = folder.join("w.jsonl");
    let mut command = genai_bench(&["workload", "make", "--api-model-name", "m", "--output", text(&file)]);
    command.args(["--max-requests-per-run", "3", "--num-concurrency", "1", "--traffic-scenario", "D(8,2)"]);
    succeeded(&command.args(extra).output().expect("the binary runs"));
    fs::read_to_string(file).expect("a lock")
}

/// Writes a lock, and returns the errors of `show` and `verify`.
fn shown_and_verified(folder: &Path, lock: &str) -> [String; 2] {
    let file = folder.join("changed.jsonl");
    fs::write(&file, lock).expect("a file");
    ["show", "verify"].map(|what| refused(&mut genai_bench(&["workload", what, text(&file)])))
}

#[test]
fn counts_and_lines_of_a_workload_are_checked_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recipe = lock(folder.path(), &["--recipe-only"]);
    let with_count = |count: u64| {
        assert!(recipe.contains("\"sessions_per_run\":3"), "{recipe}");
        recipe.replace("\"sessions_per_run\":3", &format!("\"sessions_per_run\":{count}"))
    };
    for error in shown_and_verified(folder.path(), &with_count(1 << 60)) {
        assert!(error.contains("sessions_per_run is 1152921504606846976: 100000000 at most"), "{error}");
    }
    for error in shown_and_verified(folder.path(), &with_count(90_000_000)) {
        assert!(error.contains("makes 90000000 sessions in all, but 7 were locked"), "{error}");
    }
    let long = recipe.replacen("\"made_by\":\"", &format!("\"made_by\":\"{}", "x".repeat(2 << 20)), 1);
    for error in shown_and_verified(folder.path(), &long) {
        assert!(error.contains("the line is longer than 1048576 bytes"), "{error}");
    }
    let deep = recipe.replacen("\"recipe\":{", &format!("\"recipe\":{{\"a\":{}", "[".repeat(100_000)), 1);
    for error in shown_and_verified(folder.path(), &deep) {
        assert!(error.contains("recursion limit"), "{error}");
    }
}

#[test]
fn a_session_without_end_is_refused_by_its_length() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sessions = lock(folder.path(), &[]);
    let file = folder.path().join("long.jsonl");
    fs::write(&file, sessions.lines().next().expect("a header").to_owned() + "\n").expect("a file");
    // What is not written takes no place on the disk, and is read as zeros.
    File::options().append(true).open(&file).and_then(|file| file.set_len(4 << 30)).expect("a long file");
    for what in ["show", "verify"] {
        let error = refused(&mut genai_bench(&["workload", what, text(&file)]));
        assert!(error.contains("the line is longer than 268435456 bytes"), "{error}");
    }
}

/// An experiment of one run.
fn experiment(folder: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    succeeded(&simulated(folder, &["--num-concurrency", "1"]).output().expect("the binary runs"));
    let journal = files(folder, |name| name.starts_with("journal_")).remove(0);
    (folder.join("e"), journal)
}

fn rebuild(folder: &Path) -> Output {
    genai_bench(&["rebuild", text(folder)]).output().expect("the binary runs")
}

/// Asserts that `rebuild` refuses a folder, and returns its errors.
fn not_rebuilt(folder: &Path) -> String {
    let output = rebuild(folder);
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn lines_of_a_journal_are_checked_first() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (experiment, journal) = experiment(folder.path());
    let lines = fs::read_to_string(&journal).expect("a journal");
    let header = lines.lines().next().expect("a header").to_owned() + "\n";
    fs::write(&journal, &header).expect("a file");
    File::options().append(true).open(&journal).and_then(|file| file.set_len(4 << 30)).expect("a long file");
    let error = not_rebuilt(&experiment);
    assert!(error.contains("line 2") && error.contains("longer than"), "{error}");
    fs::write(&journal, header.replacen('{', &format!("{{\"a\":\"{}\",", "x".repeat(2 << 20)), 1))
        .expect("a file");
    let error = not_rebuilt(&experiment);
    assert!(error.contains("longer than 1048576 bytes and is not the line of a request"), "{error}");
    let arrivals = "0,".repeat(3 << 20);
    let request = format!(
        "{{\"request\":{{\"index\":0,\"due\":0,\"called\":0,\"sent\":0,\"ended\":0,\"arrivals\":[{arrivals}0]}}}}\n"
    );
    fs::write(&journal, header + &request).expect("a file");
    let error = not_rebuilt(&experiment);
    assert!(error.contains("more than 2097152 arrivals"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let (experiment, journal) = experiment(folder.path());
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for (path, what) in [
        ("/dev/zero", "it is a device"),
        (text(&pipe), "it is a pipe"),
        ("/proc/self/environ", "it is a file of /proc"),
    ] {
        for command in ["show", "verify"] {
            let error = refused(&mut genai_bench(&["workload", command, path]));
            assert!(error.contains(what) && error.contains(path), "{error}");
        }
        fs::remove_file(&journal).expect("removed");
        symlink(path, &journal).expect("a link");
        let error = not_rebuilt(&experiment);
        assert!(error.contains(what) && error.contains(text(&journal)), "{error}");
    }
    let metadata = experiment.join("experiment_metadata.json");
    fs::remove_file(&metadata).expect("removed");
    symlink("/dev/zero", &metadata).expect("a link");
    let error = not_rebuilt(&experiment);
    assert!(error.contains("it is a device") && error.contains("experiment_metadata.json"), "{error}");
}

/// A hub that records connections.
struct Hub(TcpListener);

impl Hub {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a setting");
        Self(listener)
    }

    /// Sets up `command` for this hub, with a token and an empty cache.
    fn of<'a>(&self, command: &'a mut Command, cache: &Path) -> &'a mut Command {
        let address = self.0.local_addr().expect("an address");
        command.env("HF_ENDPOINT", format!("http://{address}")).env("HF_TOKEN", "hf_0123456789");
        command.env("HF_HOME", cache).env_remove("HF_HUB_OFFLINE").env_remove("HF_HUB_CACHE")
    }

    /// Closes pending connections, and returns `true` if there were any.
    fn was_asked(&self) -> bool {
        self.0
            .accept()
            .is_ok_and(|(mut stream, _)| stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").is_ok())
    }
}

#[test]
fn the_recipe_of_a_workload_fetches_nothing_by_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hub = Hub::new();
    let recipe = lock(folder.path(), &["--recipe-only"]);
    let file = folder.path().join("changed.jsonl");
    for (from, to, option) in [
        ("\"model_tokenizer\":null", "\"model_tokenizer\":\"owner/model\"", "--model-tokenizer"),
        ("\"dataset_path\":null", "\"dataset_path\":\"owner/rows\"", "--dataset-path"),
    ] {
        assert!(recipe.contains(from), "{recipe}");
        fs::write(&file, recipe.replacen(from, to, 1)).expect("a file");
        for what in ["show", "verify"] {
            let mut command = genai_bench(&["workload", what, text(&file)]);
            let error = refused(hub.of(&mut command, folder.path()));
            assert!(error.contains(option) && error.contains("owner/"), "{error}");
            assert!(error.contains("give --fetch to fetch it"), "{error}");
            assert!(!hub.was_asked(), "{what}: {error}");
        }
    }
}

#[test]
fn files_are_fetched_with_the_option_to_fetch() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let recipe = lock(folder.path(), &["--recipe-only"]);
    let file = folder.path().join("changed.jsonl");
    let named = recipe.replacen("\"model_tokenizer\":null", "\"model_tokenizer\":\"owner/model\"", 1);
    fs::write(&file, named).expect("a file");
    // Nothing listens here: the error is that of a request to the hub.
    let mut command = genai_bench(&["workload", "verify", text(&file), "--fetch"]);
    command.env("HF_ENDPOINT", "http://127.0.0.1:1").env("HF_HOME", folder.path());
    let error = refused(command.env_remove("HF_HUB_OFFLINE").env_remove("HF_TOKEN"));
    assert!(error.contains("127.0.0.1") && !error.contains("--fetch"), "{error}");
}

#[test]
fn the_tokenizer_of_an_experiment_is_not_fetched_by_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let hub = Hub::new();
    let (experiment, _) = experiment(folder.path());
    let metadata = experiment.join("experiment_metadata.json");
    let written = fs::read_to_string(&metadata).expect("metadata");
    let mut changed: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    changed["server_model_tokenizer"] = "owner/model".into();
    fs::write(&metadata, changed.to_string()).expect("a file");
    let mut command = genai_bench(&["rebuild", text(&experiment)]);
    let error = refused(hub.of(&mut command, folder.path()));
    assert!(error.contains("name the tokenizer with --model-tokenizer to fetch it"), "{error}");
    assert!(!hub.was_asked(), "{error}");
}

/// A run with the pictures of a dataset.
fn run_with_pictures(folder: &Path, dataset: &Path, extra: &[&str]) -> Output {
    let mut command = simulated(folder, &["--num-concurrency", "1", "--task", "image-text-to-text"]);
    command.args(["--traffic-scenario", "dataset", "--dataset-path", text(dataset)]).args(extra);
    command.output().expect("the binary runs")
}

/// A picture of one pixel.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\
    \0\0\0\nIDATx\x9cc\x60\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82";

#[test]
fn pictures_outside_of_a_dataset_are_not_sent_unless_allowed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (inside, outside) = (folder.path().join("dataset"), folder.path().join("private"));
    for place in [&inside, &outside] {
        fs::create_dir(place).expect("a folder");
        fs::write(place.join("a.png"), PNG).expect("a picture");
    }
    let private = outside.join("a.png");
    let dataset = inside.join("rows.jsonl");
    let row = |picture: &str| serde_json::json!({"prompt": "What is this?", "image": picture}).to_string();
    let conversation = serde_json::json!({"messages": [{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": private}}, {"type": "text", "text": "What is this?"}]}]});
    for line in [row(text(&private)), row("../private/a.png"), conversation.to_string()] {
        fs::write(&dataset, line).expect("a file");
        let output = run_with_pictures(folder.path(), &dataset, &[]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains("lies outside of the dataset's folder"), "{error}");
        assert!(error.contains("--allow-media-folder") && error.contains("private"), "{error}");
        let allowed = run_with_pictures(folder.path(), &dataset, &["--allow-media-folder", text(&outside)]);
        succeeded(&allowed);
        fs::remove_dir_all(folder.path().join("e")).expect("removed");
    }
    fs::write(&dataset, row("a.png")).expect("a file");
    succeeded(&run_with_pictures(folder.path(), &dataset, &[]));
}

#[test]
fn metadata_of_a_folder_names_no_pictures_outside_of_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pictures = folder.path().join("pictures");
    fs::create_dir_all(pictures.join("train")).expect("a folder");
    for place in [folder.path().join("private.png"), pictures.join("shared.png")] {
        fs::write(place, PNG).expect("a picture");
    }
    let metadata = pictures.join("train/metadata.csv");
    fs::write(&metadata, "file_name,text\n../../private.png,What is this?\n").expect("a file");
    let output = run_with_pictures(folder.path(), &pictures, &["--dataset-format", "imagefolder"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("private.png lies outside of the dataset's folder"), "{error}");
    fs::write(&metadata, "file_name,text\n../shared.png,What is this?\n").expect("a file");
    succeeded(&run_with_pictures(folder.path(), &pictures, &["--dataset-format", "imagefolder"]));
}
