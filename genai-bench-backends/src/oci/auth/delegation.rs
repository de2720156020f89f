//! Delegation: an instance acts on behalf of a user who gave it a token.

use std::path::PathBuf;

use async_trait::async_trait;
use genai_bench_core::auth::AuthError;
use http::HeaderValue;

use super::instance::Instance;
use super::signer::Credential;
use super::token::Token;
use super::{failed, file};
use crate::auth::{CredentialProvider, Expiring, Secret};

/// Where the user's token is.
#[derive(Debug)]
pub(super) enum UserToken {
    /// As it was typed.
    Typed(Secret),
    /// In a file, which somebody else keeps fresh.
    File(PathBuf),
}

/// An instance principal's credentials, with the token of a user.
#[derive(Debug)]
pub(super) struct Delegation {
    pub(super) instance: Instance,
    pub(super) token: UserToken,
}

#[async_trait]
impl CredentialProvider for Delegation {
    type Credential = Credential;

    async fn fetch(&self) -> Result<Expiring<Credential>, AuthError> {
        let text = match &self.token {
            UserToken::Typed(token) => token.reveal().to_owned().into(),
            UserToken::File(path) => file::read(path).await?,
        };
        let mut header = HeaderValue::try_from(text.trim())
            .map_err(|_| failed("the delegation token has a character that no header can carry"))?;
        header.set_sensitive(true);
        let mut issued = self.instance.fetch().await?;
        issued.credential.on_behalf_of = Some(header);
        // One that says no end is as good as the instance's.
        let end = Token::parse(&text).ok().map(|it| it.expires());
        issued.expires = [issued.expires, end].into_iter().flatten().min();
        Ok(issued)
    }
}
