//! Fields that a person adds to the body of every request.

use serde_json::{Map, Value};

use super::{Settings, SettingsError};

impl Settings {
    /// The fields themselves, and the instruction among them that stands before every conversation.
    ///
    /// Two names are special, as they are to the Python tool: `system_message` is that instruction, and `messages`
    /// is left out, because it would replace the workload.
    ///
    /// # Errors
    ///
    /// When the instruction is no text.
    pub(crate) fn extra_fields(&self) -> Result<(Map<String, Value>, Option<String>), SettingsError> {
        let mut fields = self.body.clone();
        fields.shift_remove("messages");
        match fields.shift_remove("system_message") {
            None => Ok((fields, None)),
            Some(Value::String(text)) => Ok((fields, Some(text))),
            Some(_) => Err(SettingsError {
                setting: "additional_request_params",
                problem: "system_message is no text".to_owned(),
            }),
        }
    }
}
