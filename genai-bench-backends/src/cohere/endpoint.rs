//! Where the API is.

use crate::wire::base_url::{BaseUrlParts, InvalidBaseUrl};

/// What people copy along. One that ends like another stands before it.
const ENDPOINTS: [&str; 4] = ["/v2/chat", "/v2/embed", "/v2/rerank", "/v2"];

/// The address that paths such as `chat` are put behind, with its version; of one that was given with and without
/// it, with and without a slash at the end, or with the path of an endpoint.
///
/// # Errors
///
/// When no request of this version can be sent there: what is wrong with it.
pub(super) fn base(text: &str) -> Result<String, String> {
    let read = BaseUrlParts::parse(text, &ENDPOINTS).map_err(|it: InvalidBaseUrl| it.to_string());
    let BaseUrlParts { origin, path } = read?;
    // Other APIs are there: the provider's older one, and that of OpenAI under `/compatibility/v1`.
    if path.split('/').any(|it| it == "v1") {
        return Err(
            "an address of version 1: give the part before /v1, such as https://api.cohere.com".into()
        );
    }
    Ok(format!("{origin}{path}/v2"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_however_it_was_copied() {
        for path in ["", "/", "/v2", "/v2/", "/v2/chat", "/v2/embed", "/v2/rerank/"] {
            assert_eq!(base(&format!("https://h{path}")), Ok("https://h/v2".to_owned()), "{path}");
        }
        assert_eq!(base("http://proxy:8000/cohere"), Ok("http://proxy:8000/cohere/v2".to_owned()));
    }

    #[test]
    fn another_api_is_not_taken_for_this_one() {
        for text in ["https://h/v1", "https://h/v1/chat", "https://h/compatibility/v1"] {
            assert!(base(text).is_err_and(|it| it.contains("before /v1")), "{text}");
        }
        assert!(base("h:8000").is_err_and(|it| it.contains("http://")));
    }
}
