//! The files in which a chat template is found.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::ChatTemplateError;
use crate::files::byte_order_mark;

/// The folder of templates for other uses than a plain conversation, such as tools.
const ADDITIONAL: &str = "additional_chat_templates";
const DEFAULT: &str = "default";
const SETTINGS: &str = "tokenizer_config.json";
/// The maximum size of a file beside a tokenizer in bytes: settings with 100,000 special tokens have 20 MiB.
const MOST_BYTES: u64 = 64 << 20;

/// Reads the settings beside a tokenizer; empty where the file does not exist.
pub(super) fn settings(folder: &Path) -> Result<Map<String, Value>, ChatTemplateError> {
    Ok(object(&folder.join(SETTINGS))?.unwrap_or_default())
}

/// Reads the template of a folder, in the order of transformers, and returns it with its file.
pub(super) fn template(
    folder: &Path,
    settings: &Map<String, Value>,
) -> Result<(PathBuf, String), ChatTemplateError> {
    let additional = folder.join(ADDITIONAL);
    for path in [folder.join("chat_template.jinja"), additional.join("default.jinja")] {
        if let Some(bytes) = read(&path)? {
            let text = String::from_utf8_lossy(byte_order_mark::strip(&bytes)).into_owned();
            return Ok((path, text));
        }
    }
    let path = folder.join("chat_template.json");
    if let Some(entry) = object(&path)?.and_then(|mut object| object.remove("chat_template")) {
        let source = configured(&entry, &path)?;
        return Ok((path, source));
    }
    match settings.get("chat_template").filter(|entry| !entry.is_null()) {
        Some(entry) => {
            let config = folder.join(SETTINGS);
            let source = configured(entry, &config)?;
            Ok((config, source))
        }
        None => Err(no_default(&additional)
            .unwrap_or_else(|| ChatTemplateError::Missing { folder: folder.to_owned() })),
    }
}

/// Returns the error of a folder that holds templates, but no default one; `None` where it holds none.
fn no_default(additional: &Path) -> Option<ChatTemplateError> {
    let names =
        std::fs::read_dir(additional).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> =
        names.filter_map(|name| Some(name.strip_suffix(".jinja")?.to_owned())).collect();
    names.sort();
    let path = additional.to_owned();
    (!names.is_empty()).then(|| ChatTemplateError::NoDefault { path, names: names.join(", ") })
}

/// Returns the template of a setting: a text, or a list or an object of named texts.
fn configured(entry: &Value, path: &Path) -> Result<String, ChatTemplateError> {
    let named: Vec<(&str, &str)> = match entry {
        Value::String(source) => return Ok(source.clone()),
        Value::Array(list) => {
            list.iter().filter_map(|it| Some((it["name"].as_str()?, it["template"].as_str()?))).collect()
        }
        Value::Object(object) => {
            object.iter().filter_map(|(name, it)| Some((name.as_str(), it.as_str()?))).collect()
        }
        _ => Vec::new(),
    };
    let default = named.iter().find(|(name, _)| *name == DEFAULT);
    let only = named.first().filter(|_| named.len() == 1);
    default.or(only).map(|(_, source)| (*source).to_owned()).ok_or_else(|| {
        let names = named.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        ChatTemplateError::NoDefault { path: path.to_owned(), names }
    })
}

fn object(path: &Path) -> Result<Option<Map<String, Value>>, ChatTemplateError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let object = serde_json::from_slice(byte_order_mark::strip(&bytes));
    object.map(Some).map_err(|source| ChatTemplateError::NoConfig { path: path.to_owned(), source })
}

/// Reads a file of [`MOST_BYTES`] at most; `None` where it does not exist.
fn read(path: &Path) -> Result<Option<Vec<u8>>, ChatTemplateError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > MOST_BYTES => {
            let problem = format!("the file has more than {MOST_BYTES} bytes, which no template needs");
            Err(ChatTemplateError::Template { path: path.to_owned(), problem })
        }
        Ok(_) => Ok(Some(bytes)),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ChatTemplateError::Unreadable { path: path.to_owned(), source }),
    }
}
