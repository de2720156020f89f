//! OCI's tokens: JSON web tokens, of which only the claims are read.

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use genai_bench_core::auth::AuthError;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::failed;

/// A token, and its expiry.
#[derive(Clone)]
pub(super) struct Token {
    text: Zeroizing<String>,
    claims: Map<String, Value>,
    expires: SystemTime,
}

impl Token {
    /// Parses the token in `text`, which may be surrounded by white space.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidToken> {
        let text = text.trim();
        let claims = text.split('.').nth(1).and_then(|it| URL_SAFE_NO_PAD.decode(it).ok());
        let claims: Map<String, Value> =
            claims.and_then(|it| serde_json::from_slice(&it).ok()).ok_or(InvalidToken)?;
        let seconds = claims.get("exp").and_then(Value::as_f64).ok_or(InvalidToken)?;
        let expires = Duration::try_from_secs_f64(seconds).ok();
        let expires = expires.and_then(|it| SystemTime::UNIX_EPOCH.checked_add(it)).ok_or(InvalidToken)?;
        Ok(Self { text: text.to_owned().into(), claims, expires })
    }

    /// Reads the token in a file.
    pub(super) async fn read(file: &Path) -> Result<Self, AuthError> {
        let text = super::file::read(file).await?;
        Self::parse(&text).map_err(|it| failed(format!("{}: {it}", file.display())))
    }

    /// Returns the expiry of the token.
    pub(super) fn expires(&self) -> SystemTime {
        self.expires
    }

    /// Returns the value of a claim, which is no secret.
    pub(super) fn claim(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Returns the token itself, for use in requests only.
    pub(super) fn reveal(&self) -> &str {
        &self.text
    }

    /// Returns the key identifier of requests that are signed with this token's key.
    pub(super) fn key_id(&self) -> String {
        format!("ST${}", *self.text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// The error of a text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no JSON web token with an end (exp)")]
pub(super) struct InvalidToken;

/// Returns a token with these claims and a meaningless signature.
#[cfg(test)]
pub(super) fn token_with_claims(claims: &Value) -> String {
    format!("eyJhbGciOiJub25lIn0.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_says_when_it_ends_and_whose_it_is() {
        let text = token_with_claims(&json!({"exp": 4_102_444_800_u64, "sub": "ocid1.user.oc1..u"}));
        let token = Token::parse(&format!("\n {text}\r\n")).unwrap();
        assert_eq!(token.expires(), SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800));
        assert_eq!(token.claim("sub"), Some("ocid1.user.oc1..u"));
        assert_eq!(token.key_id(), format!("ST${text}"));
        assert!(!format!("{token:?}").contains("eyJ"));
        for broken in [
            "",
            "a.b.c",
            "a",
            &token_with_claims(&json!({})),
            &token_with_claims(&json!({"exp": "soon"})),
            &token_with_claims(&json!({"exp": -1})),
        ] {
            assert_eq!(Token::parse(broken).unwrap_err(), InvalidToken, "{broken}");
        }
    }
}
