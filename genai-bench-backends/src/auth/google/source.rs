//! The sources of Google's tokens.

use std::time::Duration;

use genai_bench_core::auth::Identity;
use google_cloud_auth::build_errors;
use google_cloud_auth::credentials::{
    Credentials, external_account, impersonated, mds, service_account, user_account,
};
use serde_json::{Value, json};

use super::file::{IMPERSONATION_URL, text};
use super::{Google, GoogleFile};

/// The scope of a token.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// The scope of a token that only serves to get another.
const IAM_SCOPE: &str = "https://www.googleapis.com/auth/iam";
/// The hint for machines outside Google's cloud.
const NO_FILE: &str = "; it was used because no credentials were given: `gcloud auth application-default login` makes a \
    file with a person's";

/// A file, or the metadata server of the machine.
#[derive(Debug)]
pub(super) enum Source {
    File(Box<GoogleFile>),
    Metadata { host: String },
}

impl Source {
    /// Returns the location of the source, for errors.
    pub(super) fn found(&self) -> String {
        match self {
            Self::File(file) => file.path.display().to_string(),
            Self::Metadata { host } => format!("the metadata server at {host}"),
        }
    }

    /// Returns a hint for errors of the source.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::File(_) => "",
            Self::Metadata { .. } => NO_FILE,
        }
    }

    /// Returns the identity of the requests.
    pub(super) fn identity(&self) -> Identity {
        match self {
            Self::File(file) => {
                Identity::new(file.account.kind, self.found()).shown_as(file.account.shown.clone())
            }
            Self::Metadata { .. } => Identity::new(Google::METADATA_SERVER, self.found()),
        }
    }

    /// Creates the credentials of Google's crate, which begin to fetch a token at once.
    pub(super) fn credentials(&self) -> Result<Credentials, String> {
        let made = match self {
            Self::Metadata { host } => {
                mds::Builder::default().with_endpoint(format!("http://{host}")).with_scopes([SCOPE]).build()
            }
            Self::File(file) => {
                let json = file.json.clone();
                match file.account.kind {
                    Google::SERVICE_ACCOUNT => service_account::Builder::new(json).build(),
                    Google::USER_ACCOUNT => user_account::Builder::new(json).build(),
                    Google::IMPERSONATED => impersonated::Builder::new(json).with_scopes([SCOPE]).build(),
                    _ if text(&json, IMPERSONATION_URL).is_some() => federated_and_impersonated(json),
                    _ => external_account::Builder::new(json).with_scopes([SCOPE]).build(),
                }
            }
        };
        // The text of the error may quote the file.
        made.map_err(|_| "google-cloud-auth cannot read its content".to_owned())
    }
}

/// Creates the credentials of a federated identity that acts as a service account. Google's crate does this
/// too, but always for an hour: here the lifetime is that of the file, with two steps that each have a
/// token.
fn federated_and_impersonated(mut json: Value) -> Result<Credentials, build_errors::Error> {
    let seconds =
        json.pointer("/service_account_impersonation/token_lifetime_seconds").and_then(Value::as_u64);
    let url = json[IMPERSONATION_URL].take();
    json["scopes"] = json!([IAM_SCOPE]);
    let both = json!({ IMPERSONATION_URL: url, "source_credentials": json });
    let builder = impersonated::Builder::new(both).with_scopes([SCOPE]);
    match seconds {
        Some(seconds) => builder.with_lifetime(Duration::from_secs(seconds)).build(),
        None => builder.build(),
    }
}
