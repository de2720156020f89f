//! The SHA-256 of a request's body, computed before the request is sent.
//!
//! Signatures cover it. Hashing a long prompt or an image takes a while, and the thread that signs may also
//! timestamp responses: so the hash is computed where the body is built, and is passed on in the request's
//! extensions.

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// The hash of a body, with that body, so that a later change of the request's body is detected.
#[derive(Clone)]
pub(crate) struct BodyHash {
    pub(crate) sha256: [u8; 32],
    // Not a copy: it shares the memory, which keeps its address from being reused for another body.
    pub(crate) body: Bytes,
}

impl BodyHash {
    /// Computes the hash of the body of `request` and stores it in the request's extensions.
    pub(crate) fn prepare(request: &mut http::Request<Bytes>) {
        let hash = Self { sha256: sha256(request.body()), body: request.body().clone() };
        request.extensions_mut().insert(hash);
    }

    /// Returns the hash that was [prepared](Self::prepare) for the body of `request`, or else computes it.
    pub(crate) fn sha256_of(request: &http::Request<Bytes>) -> [u8; 32] {
        let body = request.body();
        let prepared = request
            .extensions()
            .get::<Self>()
            .filter(|hash| hash.body.as_ptr() == body.as_ptr() && hash.body.len() == body.len());
        prepared.map_or_else(|| sha256(body), |hash| hash.sha256)
    }
}

fn sha256(body: &[u8]) -> [u8; 32] {
    Sha256::digest(body).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_hash_is_used_for_its_own_body_only() {
        let mut request = http::Request::new(Bytes::from(b"Hello".to_vec()));
        BodyHash::prepare(&mut request);
        let body = request.body().clone();
        request.extensions_mut().insert(BodyHash { sha256: [7; 32], body });
        assert_eq!(BodyHash::sha256_of(&request), [7; 32]);
        assert_eq!(BodyHash::sha256_of(&request.clone()), [7; 32], "of a copy that is sent again");
        *request.body_mut() = Bytes::from(b"Hello".to_vec());
        assert_eq!(BodyHash::sha256_of(&request), sha256(b"Hello"));
        *request.body_mut() = request.body().slice(..4);
        assert_eq!(BodyHash::sha256_of(&request), sha256(b"Hell"));
    }
}
