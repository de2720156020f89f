//! Options of single backends, as the registry lists them.

use std::collections::BTreeMap;

use clap::error::Error;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use genai_bench_backends::auth::{Origin, Secret};
use genai_bench_backends::entry::{Entry, ProviderOption};
use genai_bench_backends::registry::{self, ENTRIES};

use crate::failure::Failure;

/// The given options of single backends, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProviderOptions(BTreeMap<&'static str, Secret>);

impl ProviderOptions {
    /// Returns the options of `entry`: the given ones, else those of the environment.
    pub(crate) fn for_entry(&self, entry: &Entry) -> Result<BTreeMap<&'static str, Secret>, Failure> {
        for name in self.0.keys() {
            if !entry.options.iter().any(|option| option.name == *name) {
                let others = backends_with(name).join(", ");
                let problem = format!("{} does not have it: it is an option of {others}", entry.name);
                return Err(Failure::option(name, problem));
            }
        }
        Ok(entry.options.iter().filter_map(|option| Some((option.name, self.value(option)?))).collect())
    }

    /// Returns the value of an option: the given one, else that of the environment.
    fn value(&self, option: &ProviderOption) -> Option<Secret> {
        self.0.get(option.name).cloned().or_else(|| super::first_set(option.variables))
    }
}

/// Returns the names of the backends that have an option.
fn backends_with(option: &str) -> Vec<&'static str> {
    let able = ENTRIES.iter().filter(|entry| entry.options.iter().any(|known| known.name == option));
    able.map(|it| it.name).collect()
}

/// Builds the command-line argument for an option of a backend.
fn argument(option: &'static ProviderOption) -> Arg {
    let variables = match option.variables {
        [] => String::new(),
        some => format!(" [env: {}]", some.join(", ")),
    };
    Arg::new(option.name)
        .long(option.name)
        .value_name(option.value_name)
        .help(format!("{}{variables}", option.help))
        .help_heading(option.provider)
}

/// Returns the name and the value of an option that was given.
fn given(matches: &ArgMatches, option: &'static ProviderOption) -> Option<(&'static str, Secret)> {
    let value = matches.try_get_one::<String>(option.name).ok()??;
    Some((option.name, Secret::from(value.clone()).found(Origin::Option(option.name))))
}

impl Args for ProviderOptions {
    fn augment_args(command: Command) -> Command {
        command.args(registry::provider_options().into_iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ProviderOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let options = registry::provider_options().into_iter();
        Ok(Self(options.filter_map(|option| given(matches, option)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
