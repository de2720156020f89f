//! The file of `--dataset-config`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::arguments::HuggingFaceArguments;
use super::error::{DatasetError, Place};
use super::format::Format;
use super::mapping::Mapping;
use super::template::Prompt;

/// The maximum size of a configuration, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The source of a dataset and the meaning of its columns. Keys are those of the Python tool.
///
/// ```
/// use genai_bench_core::dataset::{DatasetConfig, Source};
///
/// let config: DatasetConfig = serde_json::from_str(
///     r#"{
///         "source": {"type": "huggingface", "path": "zhang0jhon/Aesthetic-4K", "huggingface_kwargs": {"split": "train"}},
///         "image_column": "image",
///         "prompt_lambda": "Describe: {text}"
///     }"#,
/// )?;
/// let Source::HuggingFace { arguments, .. } = &config.source else { unreachable!() };
/// assert_eq!(arguments.split.as_deref(), Some("train"));
/// assert!(config.mapping().prompt.is_some());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DatasetConfig {
    /// The source.
    pub source: Source,
    /// The column of prompts.
    #[serde(default)]
    pub prompt_column: Option<String>,
    /// The column of images.
    #[serde(default)]
    pub image_column: Option<String>,
    /// The column or the template of prompts; it takes precedence over `prompt_column`.
    #[serde(default)]
    pub prompt_lambda: Option<Prompt>,
    /// `true` if rows with an empty field of the template are left out.
    #[serde(default)]
    pub skip_empty_fields: bool,
    /// `true` if images may have more pixels than the safe limit for decoding.
    #[serde(default)]
    pub unsafe_allow_large_images: bool,
}

/// The source of a dataset.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "WrittenSource")]
#[non_exhaustive]
pub enum Source {
    /// A file or a folder.
    File {
        /// The file or folder.
        path: PathBuf,
        /// The format, if the name does not show it.
        format: Option<Format>,
    },
    /// A dataset on Hugging Face, whose files have to be fetched before it is opened.
    HuggingFace {
        /// The name of the dataset, or the folder that it was fetched to.
        path: String,
        /// The part of the dataset.
        arguments: Box<HuggingFaceArguments>,
        /// The format of the files, if their names do not show it.
        format: Option<Format>,
    },
}

impl DatasetConfig {
    /// Reads a configuration from a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is malformed. The error names the line.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let mut text = String::new();
        let file = File::open(path).map_err(|error| DatasetError::read(path, error))?;
        // Pipes are accepted too, for a shell's <(...).
        file.take(MAX_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|error| DatasetError::read(path, error))?;
        if text.len() as u64 > MAX_BYTES {
            let problem = format!("a configuration must have at most {} MiB", MAX_BYTES >> 20);
            return Err(DatasetError::malformed(path, Place::default(), problem));
        }
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let message = error.to_string();
            let message = message.rsplit_once(" at line ").map_or(&*message, |(problem, _)| problem);
            DatasetError::malformed(path, Place::line(error.line().max(1) as u64), message)
        })
    }

    /// Returns the mapping of the columns.
    #[must_use]
    pub fn mapping(&self) -> Mapping {
        let column = self.prompt_column.clone().map(Prompt::Column);
        Mapping {
            prompt: self.prompt_lambda.clone().or(column),
            images: self.image_column.clone(),
            leaves_out_empty_fields: self.skip_empty_fields,
            ..Mapping::default()
        }
    }
}

/// A source before validation. Every key is allowed with every type, as in the Python tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSource {
    r#type: String,
    path: Option<String>,
    file_format: Option<Format>,
    huggingface_kwargs: Option<HuggingFaceArguments>,
    loader_class: Option<String>,
    #[serde(rename = "loader_kwargs")]
    _loader_kwargs: Option<Map<String, Value>>,
}

impl TryFrom<WrittenSource> for Source {
    type Error = String;

    fn try_from(written: WrittenSource) -> Result<Self, String> {
        let is_given =
            written.huggingface_kwargs.as_ref().is_some_and(|arguments| *arguments != Default::default());
        if written.r#type == "file" && is_given {
            return Err(
                "huggingface_kwargs have no effect with source.type `file`: leave them out, or use the type \
                        `huggingface`, which reads local folders too"
                    .to_owned(),
            );
        }
        let WrittenSource { r#type, path, file_format, huggingface_kwargs, loader_class, .. } = written;
        match &*r#type {
            "file" => Ok(Self::File { path: required(path, "prompts.csv")?.into(), format: file_format }),
            "huggingface" => Ok(Self::HuggingFace {
                path: required(path, "squad")?,
                arguments: Box::new(huggingface_kwargs.unwrap_or_default()),
                format: file_format,
            }),
            "custom" => Err(format!(
                "source.type `custom` names the Python class {}, but Python is not supported: write its rows to a .jsonl \
                 file and use source.type `file`",
                loader_class.unwrap_or_default()
            )),
            other => Err(format!("source.type is `{other}`: it must be `file` or `huggingface`")),
        }
    }
}

fn required(path: Option<String>, example: &str) -> Result<String, String> {
    path.ok_or_else(|| format!("source needs a `path`, such as \"{example}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<DatasetConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.json");
        std::fs::write(&path, json).unwrap();
        DatasetConfig::open(&path)
            .map_err(|error| error.to_string().split_once("d.json").unwrap().1.to_owned())
    }

    #[test]
    fn every_key_of_the_python_tool_is_read() {
        let config = read(
            r#"{
                "source": {"type": "file", "path": "a.dat", "file_format": "csv", "huggingface_kwargs": null,
                           "loader_class": null, "loader_kwargs": {}},
                "prompt_column": "q", "image_column": "i", "prompt_lambda": null, "unsafe_allow_large_images": true
            }"#,
        )
        .unwrap();
        assert_eq!(config.source, Source::File { path: "a.dat".into(), format: Some(Format::Csv) });
        assert_eq!(config.mapping().prompt, Some(Prompt::Column("q".into())));
        assert_eq!(config.mapping().images.as_deref(), Some("i"));
        assert!(config.unsafe_allow_large_images);
    }

    #[test]
    fn the_part_of_a_dataset_is_read() {
        let config = read(
            r#"{"source": {"type": "huggingface", "path": "a/b", "huggingface_kwargs": {
                "name": "v1", "split": "test", "revision": "main", "token": "hf_secret",
                "data_files": {"train": "t.csv", "test": ["x.csv", "y.csv"]}}}}"#,
        )
        .unwrap();
        let Source::HuggingFace { path, arguments, .. } = &config.source else { panic!("{config:?}") };
        assert_eq!((path.as_str(), arguments.name.as_deref()), ("a/b", Some("v1")));
        let files = arguments.data_files.as_ref().unwrap();
        assert_eq!(files.patterns(arguments.split.as_deref()), ["x.csv", "y.csv"]);
        assert!(arguments.token.is_some());
        assert!(!format!("{config:?}").contains("hf_secret"));
    }

    #[test]
    fn problems_are_reported_with_their_line() {
        for (wrong, expected) in [
            ("{\n\"source\": 1}", " line 2: "),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\"},\n \"promt\": 1}",
                " line 2: unknown field `promt`",
            ),
            ("{\"source\": {\"type\": \"file\",\n \"size\": 1}}", " line 2: unknown field `size`"),
            ("{\"source\": {\"type\": \"file\"}}", " line 1: source needs a `path`"),
            ("{\"source\": {\"type\": \"s3\", \"path\": \"a\"}}", "it must be `file` or `huggingface`"),
            (
                "{\"source\": {\"type\": \"custom\", \"loader_class\": \"a.B\"}}",
                "class a.B, but Python is not supported",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\", \"file_format\": \"xml\"}}",
                "format 'xml': it must be one of txt",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\"},\n\"prompt_lambda\": \"lambda x: 1\"}",
                " line 2: prompt_lambda: Python",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\", \"huggingface_kwargs\": {\"split\": \"test\"}}}",
                "huggingface_kwargs have no effect with source.type `file`",
            ),
            ("", " line 1: EOF"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
