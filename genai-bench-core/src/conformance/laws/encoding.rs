//! The law for encoded requests.

use super::{Outcome, Subject, ensure};

/// The headers that carry credentials.
const SECRET_HEADERS: [&str; 5] = ["authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie"];

/// Checks that encoded requests hold no secrets, and that encoding is deterministic.
pub(super) fn carries_no_credentials(subject: &Subject) -> Outcome {
    for cassette in &subject.cassettes {
        let encodings = [(); 2].map(|()| subject.backend.encode(&cassette.request));
        let [first, second] =
            encodings.map(|encoding| encoding.map_err(|error| format!("{}: {error}", cassette.name)));
        let (first, second) = (first?, second?);
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
