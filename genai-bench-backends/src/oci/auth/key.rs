//! Private RSA keys, in every form that OCI's tools and OpenSSL write.

use std::fmt;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pkcs8::EncryptedPrivateKeyInfoRef;

use super::pem::{Block, blocks};
use crate::auth::Secret;

/// A private RSA key of 2,048 bits or more.
pub(super) struct PrivateKey(KeyPair);

impl PrivateKey {
    /// Creates a key of 2,048 bits. This takes a tenth of a second or two.
    pub(super) fn generate() -> Result<Self, InvalidKey> {
        KeyPair::generate(KeySize::Rsa2048).map(Self).map_err(|_| InvalidKey::NotMade)
    }

    /// Parses the key in `text`: PKCS#8, PKCS#1, or PKCS#8 encrypted with a pass phrase.
    ///
    /// A pass phrase that is not needed is ignored: profiles inherit that of another profile.
    pub(super) fn from_pem(text: &str, pass_phrase: Option<&Secret>) -> Result<Self, InvalidKey> {
        let blocks = blocks(text);
        let Some(block) = blocks.iter().find(|it| it.label.ends_with("PRIVATE KEY")) else {
            let is_public = blocks.iter().any(|it| it.label.ends_with("PUBLIC KEY"));
            return Err(if is_public { InvalidKey::Public } else { InvalidKey::Missing });
        };
        if block.is_legacy_encrypted {
            return Err(InvalidKey::LegacyEncrypted);
        }
        let der = block.der().ok_or(InvalidKey::Broken)?;
        let pair = match block.label {
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "ENCRYPTED PRIVATE KEY" => KeyPair::from_pkcs8(decrypted(&der, pass_phrase)?.as_bytes()),
            _ => return Err(InvalidKey::NotRsa),
        };
        // The error of a rejected key is one word, such as `TooSmall`.
        pair.map(Self).map_err(|it| InvalidKey::Rejected(it.to_string()))
    }

    /// Returns the signature of `text` in base64: RSA PKCS#1 v1.5 with SHA-256. This takes about a millisecond.
    pub(super) fn sign(&self, text: &str) -> Result<String, InvalidKey> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        let random = rand::SystemRandom::new();
        let signed = self.0.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature);
        signed.map(|()| STANDARD.encode(signature)).map_err(|_| InvalidKey::CannotSign)
    }

    /// Returns the public key, in base64 of its DER form (`SubjectPublicKeyInfo`).
    pub(super) fn public(&self) -> Result<String, InvalidKey> {
        let der = self.0.public_key().as_der().map_err(|_| InvalidKey::Broken)?;
        Ok(STANDARD.encode(der.as_ref()))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

fn decrypted(der: &[u8], pass_phrase: Option<&Secret>) -> Result<pkcs8::SecretDocument, InvalidKey> {
    let pass_phrase = pass_phrase.ok_or(InvalidKey::NoPassPhrase)?;
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| InvalidKey::UnknownCipher)?;
    info.decrypt(pass_phrase.reveal()).map_err(|it| match it {
        pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm { .. }) => {
            InvalidKey::UnknownCipher
        }
        _ => InvalidKey::WrongPassPhrase,
    })
}

/// Returns the SHA-1 fingerprint of a certificate, as OCI's authentication service writes it: `AB:CD:…`.
pub(super) fn fingerprint(certificate: &Block<'_>) -> Option<String> {
    let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate.der()?);
    Some(sum.as_ref().iter().map(|it| format!("{it:02X}")).collect::<Vec<_>>().join(":"))
}

/// The reason why a key cannot be used. It quotes nothing of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidKey {
    #[error("it holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)")]
    Missing,
    #[error("it holds a public key: requests are signed with the private one")]
    Public,
    #[error("its PEM block is broken")]
    Broken,
    #[error("its key is not one for RSA")]
    NotRsa,
    #[error("its key is no RSA key of 2,048 bits or more ({0})")]
    Rejected(String),
    #[error("its key is encrypted: the field pass_phrase is missing")]
    NoPassPhrase,
    #[error("its key cannot be decrypted with this pass phrase")]
    WrongPassPhrase,
    #[error("its key is encrypted in a way that is not known here: {CONVERT}")]
    UnknownCipher,
    #[error("its key is encrypted in the old way of OpenSSL (Proc-Type: 4,ENCRYPTED): {CONVERT}")]
    LegacyEncrypted,
    #[error("it signs nothing")]
    CannotSign,
    #[error("no key can be made")]
    NotMade,
}

const CONVERT: &str = "convert it with `openssl pkcs8 -topk8 -v2 aes256 -in KEY.pem -out NEW.pem`";

#[cfg(test)]
mod tests;
