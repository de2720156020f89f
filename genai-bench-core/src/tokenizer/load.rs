//! Loading of a tokenizer by name or path.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::{self, Source};
use super::{Tokenizer, Words};

/// Returns the tokenizer at `place`: `words`, `o200k_base`, `cl100k_base`, a `tokenizer.json`, a `tekken.json`, or a
/// folder that holds one. Of other formats only the files of `o200k_base` and `cl100k_base` themselves are read: none
/// of the others holds everything that decides how text is split.
///
/// A `tokenizer.json` is read by the fastest reader that is built in and gives the same tokens as the library that defines
/// the format, on a sample.
///
/// ```
/// use genai_bench_core::tokenizer::load;
///
/// assert_eq!(load("words")?.name(), "words");
/// assert!(load("no/such-model").unwrap_err().to_string().contains("download"));
/// # Ok::<(), genai_bench_core::tokenizer::LoadTokenizerError>(())
/// ```
///
/// # Errors
///
/// When there is nothing of that name, it is no tokenizer, or what reads it was left out of this build.
pub fn load(place: &str) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    match place {
        "words" => Ok(Arc::new(Words)),
        "o200k_base" | "cl100k_base" => vocabulary(place),
        _ if Path::new(place).exists() => match source::find(Path::new(place))? {
            Source::HuggingFace(path) => file(&path),
            Source::Tekken(path) => tekken(&path),
            Source::BuiltIn(name) => vocabulary(name),
        },
        _ => Err(LoadTokenizerError::Unknown { place: place.to_owned() }),
    }
}

#[cfg(feature = "tiktoken")]
fn vocabulary(name: &str) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    let vocabulary = name.parse().map_err(|_| LoadTokenizerError::Unknown { place: name.to_owned() })?;
    Ok(Arc::new(super::Tiktoken::new(vocabulary)))
}

#[cfg(not(feature = "tiktoken"))]
fn vocabulary(name: &str) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    Err(LoadTokenizerError::NotBuilt { place: name.to_owned(), feature: "tiktoken" })
}

#[cfg(feature = "tiktoken")]
fn tekken(path: &Path) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    Ok(Arc::new(super::Tekken::open(path)?))
}

#[cfg(not(feature = "tiktoken"))]
fn tekken(path: &Path) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    Err(LoadTokenizerError::NotBuilt { place: path.display().to_string(), feature: "tiktoken" })
}

#[cfg(feature = "kitoken")]
fn file(path: &Path) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    use super::{HuggingFace, Kitoken, file::TokenizerFile, same_ids::same_ids};

    let file = TokenizerFile::read(path)?;
    let (fast, reference) = std::thread::scope(|scope| {
        let fast = scope.spawn(|| Kitoken::from_file(&file));
        let reference = HuggingFace::from_file(&file);
        // A reader that panics has not read the file either.
        (fast.join().ok().and_then(Result::ok), reference)
    });
    let reference = reference?;
    match fast {
        Some(fast) if same_ids(&fast, &reference) => {
            // To free its hundreds of thousands of strings takes a while that nobody needs to wait for.
            std::thread::spawn(move || drop((reference, file)));
            Ok(Arc::new(fast))
        }
        _ => Ok(Arc::new(reference)),
    }
}

#[cfg(all(feature = "tokenizers", not(feature = "kitoken")))]
fn file(path: &Path) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    Ok(Arc::new(super::HuggingFace::open(path)?))
}

#[cfg(not(feature = "tokenizers"))]
fn file(path: &Path) -> Result<Arc<dyn Tokenizer>, LoadTokenizerError> {
    Err(LoadTokenizerError::NotBuilt { place: path.display().to_string(), feature: "tokenizers" })
}

/// The error of a tokenizer that cannot be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadTokenizerError {
    /// A file that does not exist or cannot be read.
    #[error("cannot read the tokenizer {}: {source}; give a tokenizer.json or a folder that holds one", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file that is not a tokenizer.
    #[error(
        "cannot read the tokenizer {}: this file is no tokenizer ({problem}); a Hugging Face tokenizer.json is one",
        path.display()
    )]
    NoTokenizer {
        /// The file.
        path: PathBuf,
        /// The problem reported by the reader.
        problem: String,
    },
    /// A placeholder for another file.
    #[error("cannot read the tokenizer {}: it is {what}", path.display())]
    NotTheFile {
        /// The file.
        path: PathBuf,
        /// The kind of the placeholder, and the remedy.
        what: &'static str,
    },
    /// A tokenizer in a format that lacks necessary parts, or that is not supported.
    #[error(
        "cannot read the tokenizer {}: it is {format}; convert it once, in Python with transformers: \
         AutoTokenizer.from_pretrained(\"DIR\").save_pretrained(\"DIR\") writes a tokenizer.json, which is read",
        path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The format.
        format: &'static str,
    },
    /// A folder without a tokenizer.
    #[error(
        "the folder {} holds no tokenizer: a tokenizer.json or a tekken.json is needed, and {found}{}",
        folder.display(),
        inner.as_ref().map_or_else(String::new, |inner| format!("; {} holds one", inner.display()))
    )]
    NotInFolder {
        /// The folder.
        folder: PathBuf,
        /// The files in the folder.
        found: String,
        /// A subfolder that holds a tokenizer.
        inner: Option<PathBuf>,
    },
    /// An unknown name.
    #[error(
        "there is no tokenizer '{place}': give words, o200k_base or cl100k_base, a tokenizer.json, or a folder \
         that holds one; the tokenizer of a model on a hub (owner/name) has to be downloaded first"
    )]
    Unknown {
        /// The requested name.
        place: String,
    },
    /// A tokenizer whose reader was left out of this build.
    #[error("the tokenizer '{place}' needs the feature `{feature}`, which this build is without")]
    NotBuilt {
        /// The requested name.
        place: String,
        /// The feature that includes the reader.
        feature: &'static str,
    },
}
