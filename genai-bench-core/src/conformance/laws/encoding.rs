//! What a backend puts on the wire.

use super::{Outcome, Subject, ensure};

/// Headers that credentials travel in.
const SECRET_HEADERS: [&str; 5] = ["authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie"];

/// `encode` knows no secret, and says the same thing twice.
pub(super) fn carries_no_credentials(subject: &Subject) -> Outcome {
    for cassette in &subject.cassettes {
        let encode =
            || subject.backend.encode(&cassette.request).map_err(|it| format!("{}: {it}", cassette.name));
        let (first, second) = (encode()?, encode()?);
        for header in SECRET_HEADERS {
            ensure(!first.headers().contains_key(header), || format!("{}: it sets {header}", cassette.name))?;
        }
        let secret = first.headers().iter().find(|(_, value)| value.is_sensitive());
        ensure(secret.is_none(), || format!("{}: it sets the secret {secret:?}", cassette.name))?;
        let same = first.method() == second.method()
            && first.uri() == second.uri()
            && first.headers() == second.headers()
            && first.body() == second.body();
        ensure(same, || format!("{}: two encodings of one request differ", cassette.name))?;
    }
    Ok(())
}
