//! A profile in OCI's config file.

use std::fs;
use std::path::{Path, PathBuf};

use super::ini::{self, DEFAULT, Section};
use super::options::{CONFIG_FILE, PROFILE};
use super::{NO_CREDENTIALS, file, wrong};
use crate::auth::{Environment, Secret};
use crate::entry::{Settings, SettingsError};

/// The default paths of the config file. The first one that exists is used.
const DEFAULT_PATHS: [&str; 2] = ["~/.oci/config", "~/.oraclebmc/config"];

/// A profile, with the fields that it inherits from `DEFAULT`.
#[derive(Debug)]
pub(super) struct Profile {
    file: PathBuf,
    name: String,
    fields: Section,
    environment: Environment,
}

/// Returns the config file that was named, or the one at a default path.
pub(super) fn file_of(settings: &Settings) -> Option<PathBuf> {
    let environment = &settings.environment;
    match settings.option(CONFIG_FILE.name) {
        Some(path) => Some(file::path(path, environment)),
        None => default_file(environment),
    }
}

/// Returns the first default path that is a file; without a home folder there is none.
fn default_file(environment: &Environment) -> Option<PathBuf> {
    environment.home()?;
    DEFAULT_PATHS.map(|path| file::path(path, environment)).into_iter().find(|path| path.is_file())
}

impl Profile {
    /// Reads the profile that was named, or `DEFAULT`.
    pub(super) fn open(settings: &Settings) -> Result<Self, SettingsError> {
        let file = file_of(settings).ok_or_else(no_file)?;
        let text = fs::read_to_string(&file).map_err(|it| invalid_file(&file, &it))?;
        let mut sections = ini::parse(&text).map_err(|it| invalid_file(&file, &it))?;
        let name = settings.option(PROFILE.name).unwrap_or(DEFAULT).to_owned();
        let mut fields = sections.get(DEFAULT).cloned().unwrap_or_default();
        match sections.remove(&name) {
            Some(own) => fields.extend(own),
            None if name == DEFAULT => {}
            None => {
                let there: Vec<String> = sections.into_keys().collect();
                let problem = format!("'{name}' is not in {}: there is {}", file.display(), there.join(", "));
                return Err(wrong(PROFILE.name, problem));
            }
        }
        let profile = Self { file, name, fields, environment: settings.environment.clone() };
        if profile.text("key_content").is_some() {
            return Err(profile.wrong("key_content", "is not allowed in a file: give key_file"));
        }
        Ok(profile)
    }

    /// Returns a description of the profile and its file.
    pub(super) fn found(&self) -> String {
        format!("{}, profile {}", self.file.display(), self.name)
    }

    /// Returns the value of a field, unless it is empty.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(|it| it.value.reveal()).filter(|it| !it.is_empty())
    }

    /// Returns the value of a secret field, unless it is empty.
    pub(super) fn secret(&self, field: &str) -> Option<Secret> {
        self.text(field).map(Secret::from)
    }

    /// Returns an error about a field, with its place in the file.
    pub(super) fn wrong(&self, field: &str, problem: impl std::fmt::Display) -> SettingsError {
        let place = self.fields.get(field).map_or_else(String::new, |it| format!(", line {}", it.line));
        wrong(PROFILE.name, format!("{}{place}: {field} {problem}", self.found()))
    }

    fn required(&self, field: &str) -> Result<&str, SettingsError> {
        self.text(field).ok_or_else(|| self.wrong(field, "is missing"))
    }

    /// Returns the value of a field that holds a file path.
    pub(super) fn path(&self, field: &str) -> Result<PathBuf, SettingsError> {
        let path = file::path(self.required(field)?, &self.environment);
        if path.is_file() {
            return Ok(path);
        }
        Err(self.wrong(field, format_args!("names a file that is not there: {}", path.display())))
    }

    /// Returns the value of a field that holds an OCID.
    pub(super) fn ocid(&self, field: &str) -> Result<&str, SettingsError> {
        let text = self.required(field)?;
        let parts: Vec<&str> = text.split(['.', ':']).collect();
        if parts.len() >= 5 && parts.iter().all(|part| is_ocid_part(part)) {
            return Ok(text);
        }
        Err(self.wrong(field, format_args!("is no OCID, such as ocid1.{field}.oc1..aaaa")))
    }

    /// Returns the fingerprint of the key.
    pub(super) fn fingerprint(&self) -> Result<&str, SettingsError> {
        const FIELD: &str = "fingerprint";
        let text = self.required(FIELD)?;
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() == 16 && parts.iter().all(|part| is_hex_byte(part)) {
            return Ok(text);
        }
        Err(self.wrong(FIELD, "is not 16 bytes in hexadecimal, such as 20:3b:97:…"))
    }
}

fn no_file() -> SettingsError {
    let problem = format!("neither {} nor {} exists. {NO_CREDENTIALS}", DEFAULT_PATHS[0], DEFAULT_PATHS[1]);
    wrong(CONFIG_FILE.name, problem)
}

fn invalid_file(file: &Path, problem: &dyn std::fmt::Display) -> SettingsError {
    wrong(CONFIG_FILE.name, format!("{}: {problem}", file.display()))
}

fn is_ocid_part(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_hex_byte(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
