//! The kinds of files that are read.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The suffixes of files whose kind is known.
pub(super) const KNOWN: &str = ".txt, .csv, .tsv, .json, .jsonl, .ndjson, .parquet, \
    the same with .gz or .zst behind, and folders of .jpg, .jpeg, .png or .webp images";

/// The names that [`Format`] has in configuration.
const NAMES: &str = "txt, csv, tsv, json, jsonl, ndjson, parquet, imagefolder";

/// A kind of file.
///
/// ```
/// use genai_bench_core::dataset::Format;
///
/// assert_eq!(Format::of("shards/train-00000.PARQUET".as_ref()), Some(Format::Parquet));
/// assert_eq!(Format::of("prompts.jsonl.gz".as_ref()), Some(Format::Jsonl));
/// assert_eq!("ndjson".parse(), Ok(Format::Jsonl));
/// assert!("xml".parse::<Format>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[non_exhaustive]
pub enum Format {
    /// A prompt a line.
    Txt,
    /// Values with commas between them, under a line of names.
    Csv,
    /// Values with tabs between them, under a line of names.
    Tsv,
    /// One JSON document.
    Json,
    /// A JSON value a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
    /// Images in a folder.
    ImageFolder,
}

impl Format {
    /// Returns the kind of file that has such a name, before its `.gz` or `.zst` if it has one.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match &*path.extension()?.to_str()?.to_ascii_lowercase() {
            "gz" | "zst" if path.file_stem() != path.file_name() => Self::of(Path::new(path.file_stem()?)),
            "txt" => Some(Self::Txt),
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// Its name in configuration.
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

/// A name that is no [`Format`]'s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no kind of file is called '{0}'; there are: {NAMES}")]
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

/// Whether a file of this name is an image.
pub(super) fn is_image_name(path: &Path) -> bool {
    let suffix = path.extension().and_then(|it| it.to_str()).unwrap_or_default().to_ascii_lowercase();
    matches!(&*suffix, "jpg" | "jpeg" | "png" | "webp")
}
