//! Credential files.

use std::path::{Path, PathBuf};

use genai_bench_core::auth::AuthError;
use zeroize::Zeroizing;

use super::failed;
use super::key::PrivateKey;
use crate::auth::{Environment, Secret};

/// Reads the text of a file.
pub(super) async fn read(file: &Path) -> Result<Zeroizing<String>, AuthError> {
    tokio::fs::read_to_string(file)
        .await
        .map(Zeroizing::new)
        .map_err(|it| failed(format!("{}: {it}", file.display())))
}

/// Reads the private key in a file.
pub(super) async fn read_key(file: &Path, pass_phrase: Option<Secret>) -> Result<PrivateKey, AuthError> {
    let key = parse_key(read(file).await?, pass_phrase).await;
    key.map_err(|it| failed(format!("{}: {}", file.display(), it.source)))
}

/// Parses the private key in `text` on another thread, since decryption is slow.
pub(super) async fn parse_key(
    text: Zeroizing<String>,
    pass_phrase: Option<Secret>,
) -> Result<PrivateKey, AuthError> {
    tokio::task::spawn_blocking(move || PrivateKey::from_pem(&text, pass_phrase.as_ref()))
        .await
        .map_err(failed)?
        .map_err(failed)
}

/// Returns the path in `text`, with `~` replaced by the home folder.
pub(super) fn path(text: &str, environment: &Environment) -> PathBuf {
    match (text.strip_prefix('~'), environment.home()) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
            home.join(rest.trim_start_matches(['/', '\\']))
        }
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tilde_is_the_home_folder() {
        let environment = [("HOME", "/home/me")].into_iter().collect();
        for (text, is) in
            [("~/.oci/k", "/home/me/.oci/k"), ("~", "/home/me"), ("~me/k", "~me/k"), ("/k", "/k")]
        {
            assert_eq!(path(text, &environment), Path::new(is));
        }
        assert_eq!(path("~/k", &Environment::default()), Path::new("~/k"));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_is_named() {
        let error = read(Path::new("/nowhere/token")).await.unwrap_err().to_string();
        assert!(error.starts_with("no credentials from OCI: /nowhere/token: "), "{error}");
        let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/oci/throwaway_leaf.pem");
        let error = read_key(Path::new(certificate), None).await.unwrap_err().to_string();
        assert!(error.contains("throwaway_leaf.pem: it holds no private key"), "{error}");
    }
}
