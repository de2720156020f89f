//! The ways in which Bedrock can be asked for the next message of a conversation.

use super::options::API;
use crate::entry::{Settings, SettingsError};

/// How conversations are carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Api {
    /// `Converse`: one body for the models of all makers.
    #[default]
    Converse,
    /// `InvokeModel`: the models' own bodies.
    Invoke,
    /// `OpenAI`'s API, as Bedrock serves it.
    OpenAi,
}

impl Api {
    /// What a person wants.
    ///
    /// # Errors
    ///
    /// When there is no such way.
    pub(super) fn of(settings: &Settings) -> Result<Self, SettingsError> {
        match settings.option(API.name) {
            None | Some("converse") => Ok(Self::Converse),
            Some("invoke") => Ok(Self::Invoke),
            Some("openai") => Ok(Self::OpenAi),
            Some(other) => {
                let problem = format!("'{other}' is none of converse, invoke and openai");
                Err(SettingsError { setting: API.name, problem })
            }
        }
    }
}
