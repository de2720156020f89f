//! What AWS wants to know of whoever asks, under the names that the Python tool and AWS have for it.

use crate::entry::ProviderOption;

const fn option(name: &'static str, variables: &'static [&'static str]) -> ProviderOption {
    ProviderOption { name, provider: "AWS", variables, value_name: "TEXT", help: "", is_secret: true }
}

pub(super) const ACCESS_KEY_ID: ProviderOption = ProviderOption {
    value_name: "ID",
    help: "The access key that requests are signed with: its ID",
    ..option("aws-access-key-id", &["AWS_ACCESS_KEY_ID"])
};

pub(super) const SECRET_ACCESS_KEY: ProviderOption = ProviderOption {
    value_name: "KEY",
    help: "The access key that requests are signed with: its secret",
    ..option("aws-secret-access-key", &["AWS_SECRET_ACCESS_KEY"])
};

pub(super) const SESSION_TOKEN: ProviderOption = ProviderOption {
    value_name: "TOKEN",
    help: "The token that belongs to an access key which is valid for a while",
    ..option("aws-session-token", &["AWS_SESSION_TOKEN"])
};

pub(super) const REGION: ProviderOption = ProviderOption {
    value_name: "REGION",
    help: "The region that requests are sent to and signed for. By default that of --api-base or of the profile, \
        else us-east-1",
    is_secret: false,
    ..option("aws-region", &["AWS_REGION", "AWS_DEFAULT_REGION"])
};

pub(super) const PROFILE: ProviderOption = ProviderOption {
    value_name: "NAME",
    help: "A profile in ~/.aws/config and ~/.aws/credentials: its keys, or the way it says to get them, and its \
        region. By default `default`, where nothing else is given",
    is_secret: false,
    ..option("aws-profile", &["AWS_PROFILE"])
};

pub(super) const API: ProviderOption = ProviderOption {
    value_name: "API",
    help: "The API that conversations go through: converse, which is the default, invoke, with the models' own \
        bodies, or openai",
    is_secret: false,
    ..option("aws-bedrock-api", &[])
};

pub(super) const FAMILY: ProviderOption = ProviderOption {
    value_name: "FAMILY",
    help: "Whose model it is, if its ID does not say so, for all that is invoked: anthropic, chat, cohere, \
        deepseek-r1, llama3, llama4, mistral, nova, openai, stability or titan",
    is_secret: false,
    ..option("aws-bedrock-family", &[])
};
