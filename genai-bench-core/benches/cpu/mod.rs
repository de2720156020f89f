//! CPU time of this thread, and what both benches measure with.

use std::fs;
use std::path::{Path, PathBuf};

/// CPU milliseconds of the calling thread so far, in user and kernel mode, as Linux counts them.
pub(crate) fn milliseconds() -> f64 {
    let line = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts what threads use");
    let nanoseconds = line.split_whitespace().next().and_then(|it| it.parse::<f64>().ok());
    nanoseconds.expect("the first number is time on a CPU") / 1e6
}

/// What `work` gives, and its CPU milliseconds.
pub(crate) fn of<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = milliseconds();
    let made = work();
    (made, milliseconds() - before)
}

/// The folders of real tokenizers: those of the arguments, or those that `tests/real/setup` made.
pub(crate) fn folders() -> Vec<PathBuf> {
    let given: Vec<PathBuf> =
        std::env::args_os().skip(1).map(PathBuf::from).filter(|it| it.is_dir()).collect();
    if !given.is_empty() {
        return given;
    }
    let this = std::env::current_exe().expect("a running program has a path");
    let target = this.ancestors().nth(3).expect("a bench is in <target>/<profile>/deps");
    let real = ["tokenizer", "tokenizer_gemma3", "tokenizer_llama2"].map(|it| target.join("real").join(it));
    let there: Vec<PathBuf> = real.into_iter().filter(|it| it.is_dir()).collect();
    if there.is_empty() {
        eprintln!("without tokenizers of real models: run tests/real/setup, or name folders");
    }
    there
}

/// Prose and code: the files of this repository.
pub(crate) fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate is in its workspace");
    let mut folders = vec![root.to_owned()];
    let mut texts = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") || name.ends_with(".md") {
                texts.push(fs::read_to_string(&path).expect("a readable file"));
            }
        }
    }
    texts.sort_unstable();
    texts
}
