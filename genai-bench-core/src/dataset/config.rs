//! The file that `--dataset-config` names.

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

/// The largest configuration that is read, in bytes.
const MOST_BYTES: u64 = 16 << 20;

/// Where a dataset is, and which of its columns are what. Keys are those of the Python tool.
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
    /// Where it is.
    pub source: Source,
    /// The column of prompts.
    #[serde(default)]
    pub prompt_column: Option<String>,
    /// The column of images.
    #[serde(default)]
    pub image_column: Option<String>,
    /// A column or a template of prompts; it comes before `prompt_column`.
    #[serde(default)]
    pub prompt_lambda: Option<Prompt>,
    /// The choice to leave out rows in which a field of the template is empty.
    #[serde(default)]
    pub skip_empty_fields: bool,
    /// Whether images may be larger than is wise to decode.
    #[serde(default)]
    pub unsafe_allow_large_images: bool,
}

/// Where a dataset is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "WrittenSource")]
#[non_exhaustive]
pub enum Source {
    /// In a file or a folder.
    File {
        /// The file or folder.
        path: PathBuf,
        /// Its kind, where its name does not say.
        format: Option<Format>,
    },
    /// On Hugging Face: whoever opens it fetches its files first.
    HuggingFace {
        /// The dataset's name, or a folder that it was fetched to.
        path: String,
        /// Which part of it.
        arguments: Box<HuggingFaceArguments>,
        /// The kind of its files, where their names do not say.
        format: Option<Format>,
    },
}

impl DatasetConfig {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or does not say what it should: with the line.
    pub fn open(path: &Path) -> Result<Self, DatasetError> {
        let mut text = String::new();
        let file = File::open(path).map_err(|error| DatasetError::read(path, error))?;
        // Not a regular file alone: a shell's <(...) is a pipe.
        file.take(MOST_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|error| DatasetError::read(path, error))?;
        if text.len() as u64 > MOST_BYTES {
            let problem = format!("it has more than {} MiB, and is no configuration", MOST_BYTES >> 20);
            return Err(DatasetError::malformed(path, Place::default(), problem));
        }
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let said = error.to_string();
            let said = said.rsplit_once(" at line ").map_or(&*said, |it| it.0);
            DatasetError::malformed(path, Place::line(error.line().max(1) as u64), said)
        })
    }

    /// Which columns are what.
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

/// A source as it is written: the Python tool takes every key with every type.
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
        let is_given = written.huggingface_kwargs.as_ref().is_some_and(|it| *it != Default::default());
        if written.r#type == "file" && is_given {
            return Err("huggingface_kwargs choose nothing in a source.type `file`: leave them out, or give the type \
                        `huggingface`, which reads local folders too"
                .to_owned());
        }
        let WrittenSource { r#type, path, file_format, huggingface_kwargs, loader_class, .. } = written;
        let path = |example: &str| path.ok_or_else(|| format!("source needs a `path`, such as {example}"));
        match &*r#type {
            "file" => Ok(Self::File { path: path("\"prompts.csv\"")?.into(), format: file_format }),
            "huggingface" => Ok(Self::HuggingFace {
                path: path("\"squad\"")?,
                arguments: Box::new(huggingface_kwargs.unwrap_or_default()),
                format: file_format,
            }),
            "custom" => Err(format!(
                "source.type `custom` asks for the Python class {}, and no Python is run here: write its rows to \
                 a .jsonl file and use source.type `file`",
                loader_class.unwrap_or_default()
            )),
            other => Err(format!("source.type is `{other}`: it must be `file` or `huggingface`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<DatasetConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("d.json");
        std::fs::write(&path, json).unwrap();
        DatasetConfig::open(&path).map_err(|it| it.to_string().split_once("d.json").unwrap().1.to_owned())
    }

    #[test]
    fn every_key_of_the_python_tool_is_understood() {
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
    fn what_part_of_a_dataset_is_wanted_can_be_read() {
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
    fn what_is_wrong_is_said_with_its_line() {
        for (wrong, said) in [
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
                "class a.B, and no Python is run",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\", \"file_format\": \"xml\"}}",
                "called 'xml'; there are: txt",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\"},\n\"prompt_lambda\": \"lambda x: 1\"}",
                " line 2: prompt_lambda: Python",
            ),
            (
                "{\"source\": {\"type\": \"file\", \"path\": \"a\", \"huggingface_kwargs\": {\"split\": \"test\"}}}",
                "huggingface_kwargs choose nothing in a source.type `file`",
            ),
            ("", " line 1: EOF"),
        ] {
            let error = read(wrong).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
