//! Parsing of definitions and calls of tools from cells.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::row::Cell;
use super::text_cell::{begins_as_list_or_object, parse};

/// A call of a tool as it is in a cell, where the id may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenCall {
    pub(super) id: Option<Arc<str>>,
    pub(super) name: Arc<str>,
    pub(super) arguments: Arc<str>,
}

/// Parses definitions of tools: a list of definitions, a single one, or the JSON text of either. A definition without
/// `function` is wrapped in an object `{"type": "function", "function": ...}`. `None` if the cell holds something else.
///
/// # Errors
///
/// The problem, if a text begins as a list or an object and is malformed.
pub(super) fn definitions(cell: &Cell) -> Result<Option<Vec<Value>>, String> {
    match cell {
        Cell::Null => Ok(Some(Vec::new())),
        Cell::Text(text) if text.trim().is_empty() => Ok(Some(Vec::new())),
        Cell::Text(text) if begins_as_list_or_object(text) => definitions(&parse(text)?.cell),
        Cell::List(items) => {
            let mut found = Vec::new();
            for item in items {
                match definitions(item)? {
                    Some(tools) if !matches!(item, Cell::List(_)) => found.extend(tools),
                    _ => return Ok(None),
                }
            }
            Ok(Some(found))
        }
        Cell::Struct(_) => Ok(definition(cell).map(|tool| vec![tool])),
        _ => Ok(None),
    }
}

/// Parses a single definition.
fn definition(cell: &Cell) -> Option<Value> {
    let inner = cell.get("function").filter(|function| **function != Cell::Null).unwrap_or(cell);
    inner.get("name").filter(|name| matches!(name, Cell::Text(_)))?;
    let value = json_without_padding(cell)?;
    if value.get("function").is_some() {
        return Some(value);
    }
    let mut wrapped = Map::new();
    wrapped.insert("type".to_owned(), "function".into());
    wrapped.insert("function".to_owned(), value);
    Some(Value::Object(wrapped))
}

/// Parses calls: a list of calls, a single one, or the JSON text of either; a call is `{"function": {"name", "arguments"}}`
/// or `{"name", "arguments"}`. `None` if the cell holds something else. If the row `is_padded`, arguments that are null are
/// left out.
pub(super) fn calls(cell: &Cell, is_padded: bool) -> Option<Vec<WrittenCall>> {
    match cell {
        Cell::Null => Some(Vec::new()),
        Cell::Text(text) if begins_as_list_or_object(text) => calls(&parse(text).ok()?.cell, false),
        Cell::List(items) => items.iter().map(|item| call(item, is_padded)).collect(),
        Cell::Struct(_) => call(cell, is_padded).map(|call| vec![call]),
        _ => None,
    }
}

/// Returns a member of an object as text.
fn member_text(cell: &Cell, name: &str) -> Option<Arc<str>> {
    cell.get(name).and_then(|member| member.text().ok().flatten())
}

/// Parses a single call.
fn call(cell: &Cell, is_padded: bool) -> Option<WrittenCall> {
    let function = cell.get("function").filter(|function| matches!(function, Cell::Struct(_)));
    let function = function.unwrap_or(cell);
    let name = member_text(function, "name").filter(|name| !name.trim().is_empty())?;
    let arguments = match function.get("arguments").or_else(|| function.get("parameters")) {
        None | Some(Cell::Null) => "{}".into(),
        Some(Cell::Text(arguments)) if arguments.trim().is_empty() => "{}".into(),
        Some(Cell::Text(arguments)) => Arc::clone(arguments),
        Some(arguments) if is_padded => json_without_padding(arguments)?.to_string().into(),
        Some(arguments) => json(arguments)?.to_string().into(),
    };
    Some(WrittenCall { id: member_text(cell, "id").filter(|id| !id.is_empty()), name, arguments })
}

/// Returns a cell as JSON; `None` if it contains bytes.
pub(super) fn json(cell: &Cell) -> Option<Value> {
    Some(match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Number(value) => Value::Number(value.clone()),
        Cell::Text(text) => Value::String(text.to_string()),
        Cell::Bytes(_) => return None,
        Cell::List(items) => Value::Array(items.iter().map(json).collect::<Option<_>>()?),
        Cell::Struct(members) => {
            let members = members.iter().map(|(name, cell)| Some((name.to_string(), json(cell)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

/// Returns a cell as JSON without members that are null, except `default`. In columnar files every definition has the members
/// of all definitions.
fn json_without_padding(cell: &Cell) -> Option<Value> {
    let mut value = json(cell)?;
    remove_padding(&mut value);
    Some(value)
}

fn remove_padding(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|name, member| !member.is_null() || name == "default");
            members.values_mut().for_each(remove_padding);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_padding),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(json: &str) -> Cell {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn definitions_are_read_in_every_form() {
        let expected: Value =
            serde_json::from_str(r#"[{"type":"function","function":{"name":"f","parameters":{}}}]"#).unwrap();
        for written in [
            r#"[{"type":"function","function":{"name":"f","parameters":{}}}]"#,
            r#"[{"name":"f","parameters":{}}]"#,
            r#"{"name":"f","parameters":{"x":null}}"#,
            r#""[{\"name\":\"f\",\"parameters\":{}}]""#,
            r#"["{\"name\":\"f\",\"parameters\":{}}"]"#,
            r#""[{'name': 'f', 'parameters': {}}]""#,
        ] {
            assert_eq!(
                definitions(&cell(written)).unwrap().map(Value::Array),
                Some(expected.clone()),
                "{written}"
            );
        }
        for empty in ["null", r#""""#, "[]", r#""[]""#] {
            assert_eq!(definitions(&cell(empty)), Ok(Some(Vec::new())), "{empty}");
        }
        for other in [r#""hammer""#, r#"["hammer"]"#, "7", r#"[{"x": 1}]"#] {
            assert_eq!(definitions(&cell(other)), Ok(None), "{other}");
        }
        assert!(definitions(&cell(r#""[{oops""#)).unwrap_err().contains("neither JSON"));
    }

    fn read(written: &str, is_padded: bool) -> Option<Vec<String>> {
        let calls = calls(&cell(written), is_padded)?;
        let calls =
            calls.iter().map(|call| format!("{:?} {} {}", call.id.as_deref(), call.name, call.arguments));
        Some(calls.collect())
    }

    #[test]
    fn calls_are_read_in_every_form() {
        for (written, expected) in [
            (
                r#"[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1}"}}]"#,
                r#"Some("a") f {"x": 1}"#,
            ),
            (r#"{"name":"f","arguments":{"x":[1,null]}}"#, r#"None f {"x":[1,null]}"#),
            (r#"{"name":"f"}"#, "None f {}"),
            (r#""{\"name\": \"f\", \"arguments\": '{\"x\": 1}'}""#, r#"None f {"x": 1}"#),
        ] {
            assert_eq!(read(written, false), Some(vec![expected.to_owned()]), "{written}");
        }
        assert_eq!(read("null", false), Some(Vec::new()));
        for other in [r#""f(x=1)""#, r#"{"arguments":{}}"#] {
            assert_eq!(read(other, false), None, "{other}");
        }
    }

    #[test]
    fn padding_is_left_out_of_arguments() {
        let written = r#"{"name":"f","arguments":{"x":1,"y":null}}"#;
        for (is_padded, expected) in [(true, r#"None f {"x":1}"#), (false, r#"None f {"x":1,"y":null}"#)] {
            assert_eq!(read(written, is_padded), Some(vec![expected.to_owned()]));
        }
    }
}
