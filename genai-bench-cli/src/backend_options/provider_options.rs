//! Options that only some backends have: they are in the registry, and come from there.

use std::collections::BTreeMap;

use clap::error::Error;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use genai_bench_backends::auth::{Origin, Secret};
use genai_bench_backends::entry::{Entry, ProviderOption};
use genai_bench_backends::registry::{self, ENTRIES};

use crate::failure::Failure;

/// What was typed of them, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProviderOptions(BTreeMap<&'static str, Secret>);

impl ProviderOptions {
    /// What holds for `entry`: what was typed, else what the environment says.
    pub(crate) fn for_entry(&self, entry: &Entry) -> Result<BTreeMap<&'static str, Secret>, Failure> {
        for name in self.0.keys() {
            if !entry.options.iter().any(|it| it.name == *name) {
                let others = backends_with(name).join(", ");
                let problem = format!("{} does not have it: it is an option of {others}", entry.name);
                return Err(Failure::option(name, problem));
            }
        }
        let value = |option: &ProviderOption| {
            let variable = || super::first_set(option.variables);
            self.0.get(option.name).cloned().or_else(variable)
        };
        Ok(entry.options.iter().filter_map(|it| Some((it.name, value(it)?))).collect())
    }
}

/// The backends that have an option.
fn backends_with(name: &str) -> Vec<&'static str> {
    let has_it = |entry: &&Entry| entry.options.iter().any(|it| it.name == name);
    ENTRIES.iter().filter(has_it).map(|it| it.name).collect()
}

impl Args for ProviderOptions {
    fn augment_args(command: Command) -> Command {
        let argument = |option: &'static ProviderOption| {
            let variables = match option.variables {
                [] => String::new(),
                some => format!(" [env: {}]", some.join(", ")),
            };
            Arg::new(option.name)
                .long(option.name)
                .value_name(option.value_name)
                .help(format!("{}{variables}", option.help))
                .help_heading(option.provider)
        };
        command.args(registry::provider_options().into_iter().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ProviderOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let typed = |option: &'static ProviderOption| {
            let value = matches.try_get_one::<String>(option.name).ok()??;
            Some((option.name, Secret::from(value.clone()).found(Origin::Option(option.name))))
        };
        Ok(Self(registry::provider_options().into_iter().filter_map(typed).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
