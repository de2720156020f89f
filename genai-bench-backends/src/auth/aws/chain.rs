//! The default credential chain of AWS.

use std::error::Error;

use async_trait::async_trait;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use genai_bench_core::auth::AuthError;

use super::http_client::AwsHttpClient;
use super::{AwsKeys, SigV4, with_causes};
use crate::auth::{CredentialProvider, Expiring};

/// An access key from the credential sources of AWS's own tools, read by AWS's library in the order of that
/// library: variables, a profile (which may hold keys, or refer to another role, a single sign-on or a
/// program), a web identity token, the container service, the instance metadata.
///
/// The library reads the environment of the process and the files that it names; another environment cannot
/// be passed to it. Nothing is read before keys are [fetched](CredentialProvider::fetch), and every fetch
/// reads all of it again: a file may have changed.
#[derive(Clone, Debug)]
pub struct AwsChain {
    region: String,
    profile: String,
    looks_at_keys: bool,
    looks_at_token: bool,
    advice: &'static str,
}

impl AwsChain {
    /// The kind of the identity of keys from a profile.
    pub const PROFILE: &'static str = "AWS profile";
    /// The kind of the identity of a role that was assumed with a web identity token.
    pub const WEB_IDENTITY: &'static str = "AWS web identity";
    /// The kind of the identity of a container's role.
    pub const CONTAINER: &'static str = "AWS container role";
    /// The kind of the identity of an instance's role.
    pub const INSTANCE: &'static str = "AWS instance role";

    /// Creates the chain with the profile of this name. `region` is that of the services that return a role's
    /// keys. `advice` is the part of the error without keys that lists the options for providing some.
    pub fn new(region: impl Into<String>, profile: impl Into<String>, advice: &'static str) -> Self {
        let (region, profile) = (region.into(), profile.into());
        Self { region, profile, looks_at_keys: true, looks_at_token: true, advice }
    }

    /// Removes the variables that hold keys from the chain.
    #[must_use]
    pub fn without_keys(self) -> Self {
        Self { looks_at_keys: false, ..self }
    }

    /// Removes the variables that hold keys or a token from the chain: a profile named explicitly takes
    /// precedence over them.
    #[must_use]
    pub fn without_variables(self) -> Self {
        Self { looks_at_keys: false, looks_at_token: false, ..self }
    }

    /// Returns the sources of the chain, created anew: AWS's providers also cache their failures.
    fn sources(&self) -> Vec<Source> {
        let config = ProviderConfig::without_region()
            .with_http_client(AwsHttpClient::default())
            .with_region(Some(Region::new(self.region.clone())))
            .with_behavior_version(Some(BehaviorVersion::latest()));
        let keys =
            Source::new(SigV4::KIND, "$AWS_ACCESS_KEY_ID", EnvironmentVariableCredentialsProvider::new());
        let profile = Source::new(
            Self::PROFILE,
            format!("the profile '{}'", self.profile),
            ProfileFileCredentialsProvider::builder().configure(&config).profile_name(&self.profile).build(),
        );
        let token = Source::new(
            Self::WEB_IDENTITY,
            "$AWS_WEB_IDENTITY_TOKEN_FILE",
            WebIdentityTokenCredentialsProvider::builder().configure(&config).build(),
        );
        let container = Source::new(
            Self::CONTAINER,
            "the service for containers",
            EcsCredentialsProvider::builder().configure(&config).build(),
        );
        let instance = Source::new(
            Self::INSTANCE,
            "the metadata service of an instance",
            ImdsCredentialsProvider::builder().configure(&config).build(),
        );
        let keys = Some(keys).filter(|_| self.looks_at_keys);
        let token = Some(token).filter(|_| self.looks_at_token);
        [keys, Some(profile), token, Some(container), Some(instance)].into_iter().flatten().collect()
    }
}

#[async_trait]
impl CredentialProvider for AwsChain {
    type Credential = AwsKeys;

    async fn fetch(&self) -> Result<Expiring<AwsKeys>, AuthError> {
        let keys = first_of(self.sources(), self.advice).await;
        keys.map_err(|source| AuthError { provider: "AWS", source: source.into() })
    }
}

/// One credential source.
struct Source {
    kind: &'static str,
    name: String,
    provider: Box<dyn ProvideCredentials>,
}

impl Source {
    fn new(kind: &'static str, name: impl Into<String>, provider: impl ProvideCredentials + 'static) -> Self {
        Self { kind, name: name.into(), provider: Box::new(provider) }
    }
}

/// Returns the keys of the first source that has any. A source that is configured but fails ends the search:
/// a bad file must not lead to another identity.
async fn first_of(sources: Vec<Source>, advice: &str) -> Result<Expiring<AwsKeys>, Unavailable> {
    let mut looked_at = Vec::new();
    for Source { kind, name, provider } in sources {
        match provider.provide_credentials().await {
            Ok(credentials) => {
                let expires = credentials.expiry();
                return Ok(Expiring::new(AwsKeys::new(credentials, kind, name), expires));
            }
            Err(why @ CredentialsError::CredentialsNotLoaded(_)) => {
                looked_at.push(format!("\n  {name}: {}", reason(&why)));
            }
            Err(why) if looked_at.is_empty() => {
                return Err(Unavailable(format!("{name}: {}", reason(&why))));
            }
            Err(why) => {
                let (why, looked_at) = (reason(&why), looked_at.concat());
                return Err(Unavailable(format!(
                    "{name}: {why}\nLooked before that at{looked_at}\n{advice}"
                )));
            }
        }
    }
    Err(Unavailable(format!("there are none. Looked at{}\n{advice}", looked_at.concat())))
}

/// Returns the reason for which a source has no keys: the outermost of AWS's errors is only a heading.
fn reason(error: &CredentialsError) -> String {
    let why = error.source().map(with_causes);
    why.map_or_else(|| "it has none".to_owned(), |it| it.trim_end().to_owned())
}

/// The reason for which there are no keys.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Unavailable(String);

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::{self, future};

    use super::*;

    /// A source with a fixed answer.
    #[derive(Debug)]
    struct Answer(fn() -> provider::Result);

    impl ProvideCredentials for Answer {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::ready((self.0)())
        }
    }

    fn end() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000)
    }

    fn source(name: &str, answer: fn() -> provider::Result) -> Source {
        Source::new("a kind", name, Answer(answer))
    }

    fn nothing() -> provider::Result {
        Err(CredentialsError::not_loaded("it is not set"))
    }

    fn keys() -> provider::Result {
        Ok(Credentials::new("AKIAEXAMPLE", "secret", Some("secret".into()), Some(end()), "test"))
    }

    async fn refused(sources: Vec<Source>) -> String {
        first_of(sources, "Give a key.").await.expect_err("nothing").to_string()
    }

    #[tokio::test]
    async fn the_first_source_with_keys_is_named_with_their_expiry() {
        let issued = first_of(vec![source("one", nothing), source("two", keys)], "").await.unwrap();
        assert_eq!(issued.expires, Some(end()));
        let identity = issued.credential.identity();
        assert_eq!((identity.kind, &*identity.found), ("a kind", "two"));
        assert_eq!(identity.expires, Some(end()));
        let shown = format!("{identity:?} {issued:?} {:?}", issued.credential);
        assert!(!shown.contains("AKIA") && !shown.contains("secret"), "{shown}");
    }

    #[tokio::test]
    async fn a_failing_source_ends_the_search() {
        let fails = || Err(CredentialsError::provider_error("the session has ended"));
        let error = refused(vec![source("one", fails), source("two", keys)]).await;
        assert_eq!(error, "one: the session has ended");
        let error = refused(vec![source("one", nothing), source("two", fails), source("three", keys)]).await;
        let expected = "two: the session has ended\nLooked before that at\n  one: it is not set\nGive a key.";
        assert_eq!(error, expected);
    }

    #[tokio::test]
    async fn the_error_without_keys_lists_the_sources_and_the_options() {
        let error = refused(vec![source("one", nothing), source("two", nothing)]).await;
        let expected = "there are none. Looked at\n  one: it is not set\n  two: it is not set\nGive a key.";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_named_profile_takes_precedence_over_variables() {
        let names = |chain: AwsChain| chain.sources().iter().map(|it| it.kind).collect::<Vec<_>>();
        let chain = AwsChain::new("us-east-1", "work", "");
        assert_eq!(names(chain.clone())[..2], [SigV4::KIND, AwsChain::PROFILE]);
        assert_eq!(names(chain.clone().without_keys())[..2], [AwsChain::PROFILE, AwsChain::WEB_IDENTITY]);
        let kinds = names(chain.without_variables());
        assert_eq!(kinds, [AwsChain::PROFILE, AwsChain::CONTAINER, AwsChain::INSTANCE]);
    }
}
