//! The file of a tokenizer: found in a folder, or recognised by its format.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{LoadTokenizerError, fingerprint};
use crate::files::byte_order_mark;

/// The file of a tokenizer, by its format.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A Hugging Face `tokenizer.json`.
    HuggingFace(PathBuf),
    /// A `tekken.json`.
    Tekken(PathBuf),
    /// A vocabulary that is built in, by its name.
    BuiltIn(&'static str),
}

/// The files of built-in vocabularies, by their SHA-256: any other such file lacks the rules by which text is split
/// into words.
const BUILT_IN: [(&str, &str); 2] = [
    ("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"),
    ("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"),
];
/// The file names of vocabularies of sentencepiece or tiktoken.
const MODEL_FILES: [&str; 4] = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "source.spm"];
/// The maximum size of a tokenizer in bytes: those of well-known models have up to 35 MiB.
const MOST_BYTES: u64 = 256 << 20;
/// The maximum number of files of a folder in an error.
const SHOWN: usize = 8;

/// Finds the tokenizer at `path`: a file, or a folder that holds one.
pub(super) fn find(path: &Path) -> Result<Source, LoadTokenizerError> {
    if path.is_dir() { in_folder(path) } else { of_file(path) }
}

fn of_file(path: &Path) -> Result<Source, LoadTokenizerError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    match extension.as_str() {
        "json" if name.starts_with("tekken") => Ok(Source::Tekken(path.to_owned())),
        "model" | "spm" | "tiktoken" => vocabulary(path),
        "gguf" => Err(other(path, "a GGUF model, whose tokenizer is not read from it")),
        "txt" => Err(other(path, "a vocabulary without the rules that cut text into its entries")),
        _ => Ok(Source::HuggingFace(path.to_owned())),
    }
}

fn in_folder(folder: &Path) -> Result<Source, LoadTokenizerError> {
    let entries = std::fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<Result<Vec<String>, _>>()
        .map_err(|source| unreadable(folder, source))?;
    names.sort();
    if has(&names, "tokenizer.json") {
        return Ok(Source::HuggingFace(folder.join("tokenizer.json")));
    }
    if has(&names, "tekken.json") {
        return Ok(Source::Tekken(folder.join("tekken.json")));
    }
    if let Some(name) = names.iter().find(|name| is_vocabulary(name)) {
        return vocabulary(&folder.join(name));
    }
    if has(&names, "vocab.json") && has(&names, "merges.txt") {
        return Err(other(
            &folder.join("vocab.json"),
            "a vocabulary with merges.txt beside it, and neither holds the rules that cut text into words before",
        ));
    }
    if has(&names, "vocab.txt") {
        return of_file(&folder.join("vocab.txt"));
    }
    let inner = folder.join("tokenizer").join("tokenizer.json").is_file().then(|| folder.join("tokenizer"));
    Err(LoadTokenizerError::NotInFolder { folder: folder.to_owned(), found: listed(&names), inner })
}

fn unreadable(path: &Path, source: io::Error) -> LoadTokenizerError {
    LoadTokenizerError::Unreadable { path: path.to_owned(), source }
}

fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|known| known == name)
}

fn is_vocabulary(name: &str) -> bool {
    MODEL_FILES.contains(&name) || name.ends_with(".tiktoken")
}

/// Returns the names of the first files of a folder.
fn listed(names: &[String]) -> String {
    match names.len() {
        0 => "the folder is empty".to_owned(),
        count if count <= SHOWN => format!("there is: {}", names.join(", ")),
        count => format!("there is: {} and {} more", names[..SHOWN].join(", "), count - SHOWN),
    }
}

/// Returns the source of a vocabulary file of sentencepiece or tiktoken, recognised by its content.
fn vocabulary(path: &Path) -> Result<Source, LoadTokenizerError> {
    let bytes = read(path)?;
    if !is_tiktoken(&bytes) {
        return Err(other(path, "a sentencepiece model"));
    }
    let hash = fingerprint::from_parts([bytes.as_slice()]);
    let built_in = BUILT_IN.into_iter().find(|(_, known)| *known == hash);
    built_in.map(|(name, _)| Source::BuiltIn(name)).ok_or_else(|| {
        other(path, "a tiktoken vocabulary, which does not hold the pattern that cuts text into words before")
    })
}

/// Returns `true` if a file begins with a line of tiktoken: an entry in base64, and its rank.
fn is_tiktoken(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some((entry, rank)) = str::from_utf8(line).ok().and_then(|line| line.trim_end().split_once(' '))
    else {
        return false;
    };
    !entry.is_empty() && entry.bytes().all(is_base64) && rank.parse::<u32>().is_ok()
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}

fn other(path: &Path, format: &'static str) -> LoadTokenizerError {
    LoadTokenizerError::OtherFormat { path: path.to_owned(), format }
}

/// Reads a file of a tokenizer, without a byte order mark. A placeholder for another file is rejected with its kind.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadTokenizerError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|source| unreadable(path, source))?;
    if bytes.len() as u64 > MOST_BYTES {
        let problem = format!("more than {MOST_BYTES} bytes");
        return Err(LoadTokenizerError::NoTokenizer { path: path.to_owned(), problem });
    }
    let text = byte_order_mark::strip(&bytes);
    if text.trim_ascii().is_empty() {
        return Err(placeholder(path, "empty"));
    }
    if begins_with(text, b"version https://git-lfs") {
        return Err(placeholder(
            path,
            "a Git LFS pointer and not the file itself: fetch it with `git lfs pull`",
        ));
    }
    if begins_with(text, b"<!doctype html") || begins_with(text, b"<html") {
        return Err(placeholder(
            path,
            "an HTML page, perhaps of a login or of an error: download the file again",
        ));
    }
    let marked = bytes.len() - text.len();
    Ok(if marked == 0 { bytes } else { text.to_owned() })
}

fn placeholder(path: &Path, what: &'static str) -> LoadTokenizerError {
    LoadTokenizerError::NotTheFile { path: path.to_owned(), what }
}

fn begins_with(text: &[u8], prefix: &[u8]) -> bool {
    text.trim_ascii_start().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Returns the name of a file's folder, which is most likely the model's.
#[cfg(any(feature = "tokenizers", feature = "tiktoken"))]
pub(super) fn name(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(path);
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_by_the_files_that_are_in_it() {
        let json = |name: &str| format!("{name} is read");
        let cases: [(&[(&str, &str)], String); 12] = [
            (
                &[("tokenizer.json", "{}"), ("tokenizer.model", "x"), ("vocab.json", "{}")],
                json("tokenizer.json"),
            ),
            (&[("tekken.json", "{}"), ("tokenizer.model", "x")], json("tekken.json")),
            (&[("tokenizer.model", "\n\u{f}\n\u{5}<unk>")], "a sentencepiece model".to_owned()),
            (&[("spiece.model", "\n\u{f}\n\u{5}<unk>")], "a sentencepiece model".to_owned()),
            (&[("tokenizer.model", "IQ== 0\nIg== 1\n")], "a tiktoken vocabulary".to_owned()),
            (&[("qwen.tiktoken", "IQ== 0\r\nIg== 1\r\n")], "a tiktoken vocabulary".to_owned()),
            (&[("vocab.json", "{}"), ("merges.txt", "")], "merges.txt beside it".to_owned()),
            (&[("vocab.txt", "[PAD]")], "a vocabulary without the rules".to_owned()),
            (&[], "the folder is empty".to_owned()),
            (
                &[("config.json", "{}"), ("model.safetensors", "")],
                "there is: config.json, model.safetensors".to_owned(),
            ),
            (
                &[("tokenizer.model", "version https://git-lfs.github.com/spec/v1\noid")],
                "`git lfs pull`".to_owned(),
            ),
            (&[("tokenizer.model", "<!DOCTYPE html><title>Sign in")], "an HTML page".to_owned()),
        ];
        for (files, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            let found = match find(folder.path()) {
                Ok(Source::HuggingFace(path) | Source::Tekken(path)) => {
                    json(&path.file_name().unwrap().to_string_lossy())
                }
                Ok(Source::BuiltIn(name)) => name.to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(found.contains(&expected), "{files:?}: {found}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_how_it_is_converted() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spiece.model"), "\n\u{f}\n\u{5}<unk>").unwrap();
        let error = find(folder.path()).unwrap_err().to_string();
        assert!(error.contains("spiece.model") && error.contains("save_pretrained"), "{error}");
    }
}
