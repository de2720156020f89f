//! The wire shape of `/v1/models`.

use serde_json::json;

/// A list of `models`, `created` in seconds since 1970.
pub(super) fn list<'a>(models: impl Iterator<Item = &'a String>, created: u64) -> Vec<u8> {
    let model = |id| json!({"id": id, "object": "model", "created": created, "owned_by": "genai-bench"});
    let models: Vec<_> = models.map(model).collect();
    json!({"object": "list", "data": models}).to_string().into_bytes()
}
