//! Which server is meant, and who we are to it: what every command that speaks to a server has to be told.

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

/// The backend whose description may send environment variables.
const CUSTOM: &str = "custom";

#[derive(Debug, Args)]
pub(crate) struct BackendOptions {
    /// What the server speaks.
    #[arg(long, value_parser = backend_names(), ignore_case = true)]
    pub(crate) api_backend: Option<String>,
    /// Where the server is. A host alone, such as http://localhost:8000, gets the path of the backend's API, such as /v1.
    /// An address with a path, such as https://HOST/v1beta/openai/, is asked as it is typed, and so is a complete
    /// endpoint, such as https://HOST/api/chat/completions. The URL that is asked is printed before the first request.
    #[arg(long, value_name = "URL")]
    pub(crate) api_base: Option<String>,
    /// The key, if the server wants one. Every user of this machine can see it in the list of processes: --api-key-file
    /// and environment variables hide it. `genai-bench backends` names the variables of each backend.
    #[arg(long, value_name = "KEY")]
    api_key: Option<String>,
    /// The same as --api-key, and used where both are given.
    #[arg(long, value_name = "KEY")]
    model_api_key: Option<String>,
    /// A file with the key in its first line. It may be a pipe, such as /dev/stdin.
    #[arg(long, value_name = "PATH")]
    api_key_file: Option<PathBuf>,
    /// Send credentials of clouds, such as access tokens and session tokens, over plain http to another machine, where
    /// everyone on the way can read them. Without it such an address is refused.
    #[arg(long)]
    allow_insecure: bool,
    /// The Python tool takes it, and never looks at it: which credential is used, `auth check` says.
    #[arg(long, value_name = "NAME", hide = true)]
    model_auth_type: Option<String>,
    /// The model to ask for.
    #[arg(long, value_name = "NAME")]
    pub(crate) api_model_name: Option<String>,
    /// A header added to every request. May be given several times.
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// An environment variable that the --custom-description may send to the server. May be given several times.
    #[arg(long, value_name = "NAME", help_heading = "Custom server")]
    allow_env: Vec<String>,
    #[command(flatten)]
    provider: ProviderOptions,
}

fn backend_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(ENTRIES.iter().map(|it| it.name))
}

impl BackendOptions {
    /// The backend that was named.
    pub(crate) fn entry(&self) -> Result<&'static Entry, Failure> {
        let Some(name) = &self.api_backend else {
            return Err(Failure::option("api-backend", "needed: `genai-bench backends` lists them"));
        };
        registry::find(name).ok_or_else(|| Failure::option("api-backend", format!("'{name}' is none")))
    }

    /// What of all this a backend has to know.
    pub(crate) fn settings(&self, entry: &Entry) -> Result<Settings, Failure> {
        if self.model_auth_type.is_some() {
            note("--model-auth-type says nothing, as with the Python tool");
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

    /// As with the key; who forgot what is set is told.
    fn base(&self, entry: &Entry) -> Option<String> {
        let variable = || {
            let set = first_set(entry.base_variables)?;
            note(format!("--api-base is that of {}", set.origin()));
            Some(set.reveal().to_owned())
        };
        self.api_base.clone().or_else(variable).filter(|it| !it.is_empty())
    }

    /// Returns the key: what was given for this run wins over the environment, and what was typed as empty undoes it.
    fn key(&self, entry: &Entry) -> Result<Option<Secret>, Failure> {
        let typed = [(&self.model_api_key, "model-api-key"), (&self.api_key, "api-key")];
        let typed =
            typed.map(|(key, option)| key.clone().map(|it| Secret::from(it).found(Origin::Option(option))));
        let is_empty = |key: &Secret| key.reveal().is_empty();
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

/// Makes the backend of `entry`, and prints what was given and is not used.
///
/// # Errors
///
/// When a setting is wrong.
pub(crate) fn endpoint(entry: &Entry, settings: &Settings) -> Result<Endpoint, SettingsError> {
    let endpoint = entry.build(settings)?;
    endpoint.notes.iter().for_each(note);
    Ok(endpoint)
}

/// Returns the failure of settings that a backend cannot be made with. A key is named by where it was found: whoever set a
/// variable has not typed the option.
pub(crate) fn refused(error: SettingsError, settings: &Settings) -> Failure {
    let origin = settings.api_key.as_ref().map(Secret::origin);
    match (error.setting, origin) {
        ("api_key", Some(Origin::Variable(_))) => Failure::Usage(error.problem),
        ("api_key", Some(Origin::Option(option))) => Failure::option(option, error.problem),
        _ => error.into(),
    }
}

/// What the first of these environment variables says that says anything.
fn first_set(variables: &[&'static str]) -> Option<Secret> {
    let set = |name: &&'static str| {
        let value = std::env::var_os(name).filter(|it| !it.is_empty())?;
        // What is no Unicode is refused where it is used, and not left out as if nothing were set.
        Some(Secret::from(value.to_string_lossy()).found(Origin::Variable(name)))
    };
    variables.iter().find_map(set)
}

fn headers(lines: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for line in lines {
        // The value may be a secret, so only the name is shown.
        let no_colon = || Failure::option("header", "a header without a colon: give NAME: VALUE");
        let (name, value) = line.split_once(':').ok_or_else(no_colon)?;
        let wrong = || Failure::option("header", format!("'{name}: …' is no header: give NAME: VALUE"));
        let parsed = HeaderName::try_from(name.trim()).ok().zip(HeaderValue::try_from(value.trim()).ok());
        let (name, mut value) = parsed.ok_or_else(wrong)?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}
