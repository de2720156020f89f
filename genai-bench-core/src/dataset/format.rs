//! The formats of dataset files.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The known suffixes, for errors.
pub(super) const KNOWN: &str = ".txt, .csv, .tsv, .json, .jsonl, .ndjson, .parquet, \
    the same followed by .gz or .zst, and folders of .jpg, .jpeg, .png or .webp images";

/// The names that [`Format`] has in configuration.
const NAMES: &str = "txt, csv, tsv, json, jsonl, ndjson, parquet, imagefolder";

/// A format of dataset files.
///
/// ```
/// use genai_bench_core::dataset::Format;
///
/// assert_eq!(Format::from_path("shards/train-00000.PARQUET".as_ref()), Some(Format::Parquet));
/// assert_eq!(Format::from_path("prompts.jsonl.gz".as_ref()), Some(Format::Jsonl));
/// assert_eq!("ndjson".parse(), Ok(Format::Jsonl));
/// assert!("xml".parse::<Format>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[non_exhaustive]
pub enum Format {
    /// Plain text, with a prompt on each line.
    Txt,
    /// Comma-separated values after a header.
    Csv,
    /// Tab-separated values after a header.
    Tsv,
    /// One JSON document.
    Json,
    /// JSON Lines: a JSON value on each line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// A folder of images.
    ImageFolder,
}

impl Format {
    /// Returns the format of a file by its suffix, before `.gz` or `.zst` if it ends with one of these.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        match &*path.extension()?.to_str()?.to_ascii_lowercase() {
            "gz" | "zst" if path.file_stem() != path.file_name() => {
                Self::from_path(Path::new(path.file_stem()?))
            }
            "txt" => Some(Self::Txt),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Returns the name of the format in configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::ImageFolder => "imagefolder",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.name())
    }
}

impl From<Format> for &'static str {
    fn from(format: Format) -> Self {
        format.name()
    }
}

/// An unknown name of a [`Format`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown dataset format '{0}': it must be one of {NAMES}")]
pub struct UnknownFormatName(String);

impl FromStr for Format {
    type Err = UnknownFormatName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match &*name.to_ascii_lowercase() {
            "txt" | "text" => Ok(Self::Txt),
            "csv" => Ok(Self::Csv),
            "tsv" => Ok(Self::Tsv),
            "json" => Ok(Self::Json),
            "jsonl" | "ndjson" => Ok(Self::Jsonl),
            "parquet" => Ok(Self::Parquet),
            "imagefolder" => Ok(Self::ImageFolder),
            _ => Err(UnknownFormatName(name.to_owned())),
        }
    }
}

impl TryFrom<String> for Format {
    type Error = UnknownFormatName;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

/// Returns `true` if the suffix of a file is that of an image.
pub(super) fn is_image_name(path: &Path) -> bool {
    let suffix = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    matches!(&*suffix, "jpg" | "jpeg" | "png" | "webp")
}
