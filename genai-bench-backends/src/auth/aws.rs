//! Access keys of AWS: their sources, and the signatures made with them.

mod chain;
mod http_client;
pub(crate) mod profile;
mod sigv4;

use std::borrow::Cow;
use std::error::Error;

use aws_credential_types::Credentials;
use genai_bench_core::auth::Identity;

pub use self::chain::AwsChain;
pub use self::sigv4::SigV4;
use super::Secret;

/// The access keys for requests to AWS, and their source.
#[derive(Clone)]
pub struct AwsKeys {
    pub(super) credentials: Credentials,
    kind: &'static str,
    found: Cow<'static, str>,
}

impl AwsKeys {
    /// Creates keys from their source.
    pub(super) fn new(
        credentials: Credentials,
        kind: &'static str,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { credentials, kind, found: found.into() }
    }

    /// Creates keys from an access key, and from a session token if the key belongs to a session.
    pub(super) fn given(id: &Secret, secret: &Secret, session_token: Option<&Secret>) -> Self {
        let token = session_token.map(|it| it.reveal().to_owned());
        let credentials = Credentials::new(id.reveal(), secret.reveal(), token, None, "given");
        Self::new(credentials, SigV4::KIND, id.origin().to_string())
    }

    /// Returns the identity of the keys: the key's ID, mostly masked.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let shown = Secret::from(self.credentials.access_key_id()).masked();
        Identity::new(self.kind, self.found.clone()).shown_as(shown).until(self.credentials.expiry())
    }
}

/// Prints the source of the keys, and nothing of the keys.
impl std::fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AwsKeys").field("found", &self.found).finish_non_exhaustive()
    }
}

/// Returns the text of `error`, followed by its causes, which the texts of AWS's libraries leave out.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut last = text.clone();
    let mut next = error.source();
    while let Some(cause) = next {
        let reason = cause.to_string();
        // Some texts do include the cause.
        if !last.contains(&reason) {
            text = format!("{text}: {reason}");
            last = reason;
        }
        next = cause.source();
    }
    text
}
