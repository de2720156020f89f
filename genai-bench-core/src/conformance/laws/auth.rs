//! The laws for auth providers.

use std::sync::Arc;

use super::{Outcome, ensure};
use crate::auth::AuthProvider;

/// An auth provider under test, and its secrets.
#[derive(Clone, Debug)]
pub struct AuthSubject {
    /// The name in test reports.
    pub name: &'static str,
    /// The provider under test.
    pub provider: Arc<dyn AuthProvider>,
    /// The secrets that must not be shown.
    pub secrets: Vec<&'static str>,
}

/// A law for auth providers.
pub type AuthLaw = (&'static str, fn(&AuthSubject) -> Outcome);

/// Every law for auth providers.
pub const AUTH_LAWS: &[AuthLaw] = &[("keeps_secrets_out_of_debug", keeps_secrets_out_of_debug)];

/// Checks that neither the provider, nor its identity, nor an authorized request shows a secret.
fn keeps_secrets_out_of_debug(subject: &AuthSubject) -> Outcome {
    ensure(!subject.secrets.is_empty(), || "the subject names no secrets that must not be shown".to_owned())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().build().map_err(|it| it.to_string())?;
    let request = http::Request::post("http://localhost/").body(bytes::Bytes::from_static(b"{}"));
    let mut request = request.map_err(|it| it.to_string())?;
    let before = format!("{request:?}");
    runtime.block_on(subject.provider.authorize(&mut request)).map_err(|it| it.to_string())?;
    let after = format!("{request:?}");
    ensure(before != after, || "it does not change the request".to_owned())?;
    let identity = runtime.block_on(subject.provider.identity()).map_err(|it| it.to_string())?;
    let [brief, long] = [format!("{:?}", subject.provider), format!("{:#?}", subject.provider)];
    for shown in [brief, long, after, format!("{identity:?}")] {
        for secret in &subject.secrets {
            ensure(!shown.contains(secret), || {
                format!("a secret can be read in {}", shown.replace(secret, "***"))
            })?;
        }
    }
    Ok(())
}
