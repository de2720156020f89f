//! The wire shape of `/v1/models`.

use serde_json::json;

/// A list of one model, `created` in seconds since 1970.
pub(super) fn list(model: &str, created: u64) -> Vec<u8> {
    let model = json!({"id": model, "object": "model", "created": created, "owned_by": "genai-bench"});
    json!({"object": "list", "data": [model]}).to_string().into_bytes()
}
