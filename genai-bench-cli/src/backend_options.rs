//! Options for the address, the credentials and the model of a server, shared by all commands that send requests.

use std::path::PathBuf;

use clap::Args;
use genai_bench_backends::auth::{Environment, Origin, Secret};
use genai_bench_backends::entry::{Endpoint, Entry, Settings, SettingsError};
use genai_bench_backends::registry::{self, ENTRIES};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::console::note;
use crate::failure::Failure;

mod key_file;
mod provider_options;

use provider_options::ProviderOptions;

/// The name of the backend whose description may send environment variables.
const CUSTOM: &str = "custom";

#[derive(Debug, Args)]
pub(crate) struct BackendOptions {
    /// Backend, which is the API of the server. `genai-bench backends` describes each.
    #[arg(long, value_parser = backend_names(), ignore_case = true)]
    pub(crate) api_backend: Option<String>,
    /// Address of the server. A host alone, such as http://localhost:8000, gets the path of the backend's API, such as
    /// /v1. An address with a path, such as https://HOST/v1beta/openai/, is used as given, and so is a complete
    /// endpoint, such as https://HOST/api/chat/completions. The URL of requests is printed before the first one.
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: Option<String>,
    /// API key, if the server requires one. Every user of this machine can see it in the list of processes:
    /// --api-key-file and environment variables hide it. `genai-bench backends` names the variables of each backend.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// API key, like --api-key; takes precedence if both are given.
    #[arg(long, value_name = "KEY")]
    model_api_key: Option<String>,
    /// File with the API key in its first line. The file may be a pipe, such as /dev/stdin.
    #[arg(long, value_name = "PATH")]
    api_key_file: Option<PathBuf>,
    /// Allow cloud credentials, such as access tokens and session tokens, to be sent over plain http to another machine,
    /// where anyone on the network path can read them. Such addresses are refused by default.
    #[arg(long)]
    allow_insecure: bool,
    /// Option of the Python tool without effect there and here: `auth check` shows the credential that is used.
    #[arg(long, value_name = "NAME", hide = true)]
    model_auth_type: Option<String>,
    /// Name of the model in requests.
    #[arg(long, value_name = "NAME")]
    pub(crate) api_model_name: Option<String>,
    /// HTTP header to add to every request; may be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Environment variable that the --custom-description may send to the server; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Custom server")]
    allow_env: Vec<String>,
    #[command(flatten)]
    provider: ProviderOptions,
}

fn backend_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ENTRIES.iter().map(|it| it.name))
}

impl BackendOptions {
    /// Returns the backend of `--api-backend`.
    pub(crate) fn entry(&self) -> Result<&'static Entry, Failure> {
        let Some(name) = &self.api_backend else {
            return Err(Failure::option("api-backend", "needed: `genai-bench backends` lists them"));
        };
        registry::find(name).ok_or_else(|| {
            Failure::option(
                "api-backend",
                format!("'{name}' is not a backend of this build: `genai-bench backends` lists them"),
            )
        })
    }

    /// Returns the settings that `entry` builds its backend from.
    pub(crate) fn settings(&self, entry: &Entry) -> Result<Settings, Failure> {
        if self.model_auth_type.is_some() {
            note("--model-auth-type has no effect, as in the Python tool");
        }
        if !self.allow_env.is_empty() && entry.name != CUSTOM {
            return Err(Failure::option(
                "allow-env",
                "only a --custom-description reads variables: leave it out",
            ));
        }
        Ok(Settings {
            api_base: self.base(entry),
            api_key: self.key(entry)?,
            allow_insecure: self.allow_insecure,
            headers: headers(&self.header)?,
            options: self.provider.for_entry(entry)?,
            environment: Environment::of_the_process(),
            allowed_variables: self.allow_env.clone(),
            ..Settings::default()
        })
    }

    /// Returns the address: the option wins over the environment, and an empty option cancels the environment.
    fn base(&self, entry: &Entry) -> Option<String> {
        self.api_base.clone().or_else(|| base_of_environment(entry)).filter(|it| !it.is_empty())
    }

    /// Returns the API key: an option wins over the environment, and an empty option cancels the environment.
    fn key(&self, entry: &Entry) -> Result<Option<Secret>, Failure> {
        let typed = [(&self.model_api_key, "model-api-key"), (&self.api_key, "api-key")];
        let typed =
            typed.map(|(key, option)| key.clone().map(|key| Secret::from(key).found(Origin::Option(option))));
        if let [Some(used), Some(other)] = &typed
            && !is_empty(used)
            && !is_empty(other)
            && used != other
        {
            note("--api-key is ignored: --model-api-key is given too, and is used, as with the Python tool");
        }
        let is_typed = typed.iter().any(Option::is_some);
        let typed = typed.into_iter().flatten().find(|key| !is_empty(key));
        if let Some(path) = &self.api_key_file {
            return match typed {
                None => key_file::read(path).map(Some),
                Some(key) => {
                    let problem = format!("{} gives a key too: leave one of them out", key.origin());
                    Err(Failure::option(key_file::OPTION, problem))
                }
            };
        }
        Ok(typed.or_else(|| first_set(entry.key_variables).filter(|_| !is_typed)))
    }
}

/// Builds the backend of `entry`, and prints a note for each setting that has no effect.
///
/// # Errors
///
/// Returns an error if a setting is wrong.
pub(crate) fn endpoint(entry: &Entry, settings: &Settings) -> Result<Endpoint, SettingsError> {
    let endpoint = entry.build(settings)?;
    endpoint.notes.iter().for_each(note);
    Ok(endpoint)
}

/// Returns the failure for settings that a backend cannot be built from. An error about a key names the source of the key,
/// which may be a variable and not an option.
pub(crate) fn refused(error: SettingsError, settings: &Settings) -> Failure {
    let origin = settings.api_key.as_ref().map(Secret::origin);
    match (error.setting, origin) {
        ("api_key", Some(Origin::Variable(_))) => Failure::Usage(error.problem),
        ("api_key", Some(Origin::Option(option))) => Failure::option(option, error.problem),
        _ => error.into(),
    }
}

/// Returns the address in the environment, and prints a note that names the variable.
fn base_of_environment(entry: &Entry) -> Option<String> {
    let set = first_set(entry.base_variables)?;
    note(format!("--api-base is set by {}", set.origin()));
    Some(set.reveal().to_owned())
}

/// Returns `true` if a key has no characters.
fn is_empty(key: &Secret) -> bool {
    key.reveal().is_empty()
}

/// Returns the value of the first of these environment variables that is set and not empty.
fn first_set(variables: &[&'static str]) -> Option<Secret> {
    variables.iter().find_map(|name| value_of_variable(name))
}

/// Returns the value of an environment variable; `None` if it is empty.
fn value_of_variable(name: &'static str) -> Option<Secret> {
    let value = std::env::var_os(name).filter(|it| !it.is_empty())?;
    // A value that is not Unicode is refused where it is used. To ignore it here would hide the mistake.
    Some(Secret::from(value.to_string_lossy()).found(Origin::Variable(name)))
}

fn headers(lines: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for line in lines {
        // The value may be a secret, so only the name is shown.
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| Failure::option("header", "a header without a colon: give NAME: VALUE"))?;
        let parsed = HeaderName::try_from(name.trim()).ok().zip(HeaderValue::try_from(value.trim()).ok());
        let (name, mut value) = parsed.ok_or_else(|| {
            Failure::option("header", format!("'{name}: …' is not a header: give NAME: VALUE"))
        })?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}
