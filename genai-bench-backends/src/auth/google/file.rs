//! A file with Google credentials, in the format of Google's own tools.
//!
//! Sources: <https://google.aip.dev/auth/4110> and the pages that it leads to, and google-auth 2.62.2.

use std::fmt;
use std::path::{Path, PathBuf};

use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use super::Google;
use crate::auth::Secret;

/// The credentials of a file, with everything that their kind requires.
#[derive(Clone)]
pub struct GoogleFile {
    pub(super) path: PathBuf,
    pub(super) account: Account,
    pub(super) json: Value,
}

/// The account of credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// The kind of the identity.
    pub(super) kind: &'static str,
    /// The part that identifies the account and is no secret.
    pub(super) shown: String,
}

impl GoogleFile {
    /// Reads a file, and checks that it is complete.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such file, or if it is not one of Google's tools. The error does not
    /// quote its content.
    pub fn read(path: impl Into<PathBuf>) -> Result<Self, InvalidGoogleFile> {
        let path = path.into();
        match parse(&path) {
            Ok((account, json)) => Ok(Self { path, account, json }),
            Err(problem) => Err(InvalidGoogleFile { path, problem }),
        }
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the project of the credentials, or the one that is billed.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        text(&self.json, "project_id").or_else(|| self.quota_project())
    }

    /// Returns the project that is billed.
    pub(super) fn quota_project(&self) -> Option<&str> {
        text(&self.json, "quota_project_id")
    }
}

impl fmt::Debug for GoogleFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleFile")
            .field("path", &self.path)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// A file without valid credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {problem}", .path.display())]
pub struct InvalidGoogleFile {
    path: PathBuf,
    problem: String,
}

/// Reads and parses a file, and returns its account and its JSON, or the problem.
fn parse(path: &Path) -> Result<(Account, Value), String> {
    let bytes = std::fs::read(path).map_err(|it| format!("cannot be read: {it}"))?;
    // Editors on Windows put a byte order mark before the text.
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    // The position from serde is enough, and quotes nothing.
    let json: Value = serde_json::from_slice(text)
        .map_err(|it| format!("is no JSON: line {}, column {}", it.line(), it.column()))?;
    Ok((account(&json)?, json))
}

/// Returns the account of credentials, if all fields that it requires are there.
fn account(json: &Value) -> Result<Account, String> {
    let Some(kind) = text(json, "type") else {
        return Err("has no type: it is no file with Google credentials".to_owned());
    };
    match kind {
        "service_account" => service_account(json),
        "authorized_user" => {
            let [id, ..] = texts(json, ["client_id", "client_secret", "refresh_token"])?;
            Ok(Account { kind: Google::USER_ACCOUNT, shown: Secret::from(id).masked() })
        }
        "external_account" => external_account(json),
        "impersonated_service_account" => impersonated(json),
        _ => Err("has a type that is not known: service_account, authorized_user, external_account and \
            impersonated_service_account are"
            .to_owned()),
    }
}

fn service_account(json: &Value) -> Result<Account, String> {
    let [email, key, ..] = texts(json, ["client_email", "private_key", "private_key_id", "project_id"])?;
    if PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).is_err() {
        return Err("has a private_key that is no PKCS #8 key in PEM".to_owned());
    }
    Ok(Account { kind: Google::SERVICE_ACCOUNT, shown: email.to_owned() })
}

fn external_account(json: &Value) -> Result<Account, String> {
    let [audience, ..] = texts(json, ["audience", "subject_token_type", "token_url"])?;
    let source = &json["credential_source"];
    if !["file", "url", "executable", "environment_id"].iter().any(|it| source.get(it).is_some()) {
        return Err("has no credential_source with a file, url, executable or environment_id".to_owned());
    }
    let shown = match text(json, IMPERSONATION_URL) {
        Some(url) => impersonated_email(url)?,
        None => audience,
    };
    Ok(Account { kind: Google::WORKLOAD_IDENTITY, shown: shown.to_owned() })
}

fn impersonated(json: &Value) -> Result<Account, String> {
    let [url] = texts(json, [IMPERSONATION_URL])?;
    let email = impersonated_email(url)?;
    let source = account(&json["source_credentials"])
        .map_err(|it| format!("has source_credentials of which it {it}"))?;
    if source.kind == Google::IMPERSONATED {
        return Err(
            "impersonates by way of another impersonation: name those between as delegates".to_owned()
        );
    }
    Ok(Account { kind: Google::IMPERSONATED, shown: email.to_owned() })
}

/// The field with the URL of the service account to impersonate.
pub(super) const IMPERSONATION_URL: &str = "service_account_impersonation_url";

/// Returns the service account in a URL such as `…/serviceAccounts/EMAIL:generateAccessToken`.
fn impersonated_email(url: &str) -> Result<&str, String> {
    let email =
        url.split_once("/serviceAccounts/").and_then(|(_, it)| it.strip_suffix(":generateAccessToken"));
    email.ok_or_else(|| {
        format!("has a {IMPERSONATION_URL} that is not …/serviceAccounts/EMAIL:generateAccessToken")
    })
}

/// Returns a field that is a non-empty text.
pub(super) fn text<'a>(json: &'a Value, field: &str) -> Option<&'a str> {
    json.get(field)?.as_str().filter(|it| !it.is_empty())
}

fn texts<'a, const N: usize>(json: &'a Value, fields: [&str; N]) -> Result<[&'a str; N], String> {
    let missing = fields.iter().find(|it| text(json, it).is_none());
    match missing {
        Some(field) => Err(format!("has no {field}")),
        None => Ok(fields.map(|it| text(json, it).unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<GoogleFile, InvalidGoogleFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.json");
        std::fs::write(&path, text).unwrap();
        GoogleFile::read(path)
    }

    #[test]
    fn the_error_for_a_bad_file_has_the_reason_and_no_secrets() {
        let user = json!({"type": "authorized_user", "client_id": "SECRET", "refresh_token": "SECRET"});
        let pool = json!({"type": "external_account", "audience": "SECRET", "subject_token_type": "t", "token_url": "u"});
        let mut elsewhere = pool.clone();
        elsewhere["credential_source"] = json!({"file": "f"});
        elsewhere["service_account_impersonation_url"] = json!("SECRET");
        let key = json!({"type": "service_account", "client_email": "e", "private_key": "SECRET",
            "private_key_id": "i", "project_id": "p"});
        let nested = json!({"type": "impersonated_service_account",
            "service_account_impersonation_url": "https://h/v1/serviceAccounts/e:generateAccessToken",
            "source_credentials": user});
        for (text, hint) in [
            ("{\"SECRET\": \"SECRET".to_owned(), "is no JSON: line 1, column "),
            ("[\"SECRET\"]".to_owned(), "has no type"),
            ("{\"type\": \"SECRET\"}".to_owned(), "a type that is not known: service_account, "),
            (user.to_string(), "has no client_secret"),
            (pool.to_string(), "has no credential_source"),
            (elsewhere.to_string(), "EMAIL:generateAccessToken"),
            (key.to_string(), "no PKCS #8 key in PEM"),
            (nested.to_string(), "source_credentials of which it has no client_secret"),
        ] {
            let error = read(&text).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains("key.json") && text.contains(hint), "{text}");
            assert!(!text.contains("SECRET"), "{text}");
        }
        let missing = GoogleFile::read("/no/such/file.json").unwrap_err().to_string();
        assert!(missing.starts_with("/no/such/file.json cannot be read: "), "{missing}");
    }

    #[test]
    fn the_project_is_the_own_or_the_billed_one() {
        let user = |more: Value| {
            let mut json = json!({"type": "authorized_user", "client_id": "0123456789abcdefghij.apps",
                "client_secret": "SECRET", "refresh_token": "SECRET"});
            json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            read(&json.to_string()).unwrap()
        };
        assert_eq!(user(json!({})).project(), None);
        assert_eq!(user(json!({"quota_project_id": "q"})).project(), Some("q"));
        let both = user(json!({"quota_project_id": "q", "project_id": "p"}));
        assert_eq!((both.project(), both.quota_project()), (Some("p"), Some("q")));
        assert_eq!(both.account, Account { kind: Google::USER_ACCOUNT, shown: "***apps".to_owned() });
        assert!(!format!("{both:?}").contains("SECRET"));
    }
}
