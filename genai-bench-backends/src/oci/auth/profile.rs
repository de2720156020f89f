//! A profile in OCI's config file.

use std::fs;
use std::path::PathBuf;

use super::ini::{self, DEFAULT, Section};
use super::options::{CONFIG_FILE, PROFILE};
use super::{NO_CREDENTIALS, file, wrong};
use crate::auth::{Environment, Secret};
use crate::entry::{Settings, SettingsError};

/// The default paths of the config file. The first one that exists is used.
const USUAL: [&str; 2] = ["~/.oci/config", "~/.oraclebmc/config"];

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
    let path = |text: &str| file::path(text, &settings.environment);
    let usual = || USUAL.map(path).into_iter().find(|it| it.is_file());
    // Without a home folder there is no default path.
    let usual = || settings.environment.home().and_then(|_| usual());
    settings.option(CONFIG_FILE.name).map(path).or_else(usual)
}

impl Profile {
    /// Reads the profile that was named, or `DEFAULT`.
    pub(super) fn open(settings: &Settings) -> Result<Self, SettingsError> {
        let missing = || {
            let problem = format!("neither {} nor {} is there. {NO_CREDENTIALS}", USUAL[0], USUAL[1]);
            wrong(CONFIG_FILE.name, problem)
        };
        let file = file_of(settings).ok_or_else(missing)?;
        let of_file =
            |it: &dyn std::fmt::Display| wrong(CONFIG_FILE.name, format!("{}: {it}", file.display()));
        let text = fs::read_to_string(&file).map_err(|it| of_file(&it))?;
        let mut sections = ini::sections(&text).map_err(|it| of_file(&it))?;
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

    fn needed(&self, field: &str) -> Result<&str, SettingsError> {
        self.text(field).ok_or_else(|| self.wrong(field, "is missing"))
    }

    /// Returns the value of a field that holds a file path.
    pub(super) fn path(&self, field: &str) -> Result<PathBuf, SettingsError> {
        let path = file::path(self.needed(field)?, &self.environment);
        if path.is_file() {
            return Ok(path);
        }
        Err(self.wrong(field, format_args!("names a file that is not there: {}", path.display())))
    }

    /// Returns the value of a field that holds an OCID.
    pub(super) fn ocid(&self, field: &str) -> Result<&str, SettingsError> {
        let text = self.needed(field)?;
        let is_part = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
        let parts: Vec<&str> = text.split(['.', ':']).collect();
        if parts.len() >= 5 && parts.iter().all(|it| is_part(it)) {
            return Ok(text);
        }
        Err(self.wrong(field, format_args!("is no OCID, such as ocid1.{field}.oc1..aaaa")))
    }

    /// The fingerprint of the key.
    pub(super) fn fingerprint(&self) -> Result<&str, SettingsError> {
        const FIELD: &str = "fingerprint";
        let text = self.needed(FIELD)?;
        let is_byte = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_hexdigit());
        let parts: Vec<&str> = text.split(':').collect();
        if parts.len() == 16 && parts.iter().all(|it| is_byte(it)) {
            return Ok(text);
        }
        Err(self.wrong(FIELD, "is not 16 bytes in hexadecimal, such as 20:3b:97:…"))
    }
}

#[cfg(test)]
mod tests;
