//! JSON in which texts are templates.

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value as Jinja};
use serde_json::{Map, Value};

/// Renders texts and JSON. What a template asks for and there is not is an error.
#[derive(Debug)]
pub(super) struct Renderer(Environment<'static>);

impl Renderer {
    pub(super) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        Self(environment)
    }

    /// A text.
    pub(super) fn text(&self, template: &str, with: &Jinja) -> Result<String, String> {
        self.0.render_str(template, with).map_err(|it| told(template, &it))
    }

    /// JSON of the same shape, with values in place of templates.
    pub(super) fn json(&self, template: &Value, with: &Jinja) -> Result<Value, String> {
        Ok(match template {
            Value::String(text) => match expression(text) {
                Some(expression) => self.value(expression, with)?,
                None => Value::String(self.text(text, with)?),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|it| self.json(it, with)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let mut rendered = Map::new();
                for (name, value) in members {
                    let value_of = self.json(value, with)?;
                    // A value that there is not is no member; a null that was written is one.
                    if !value_of.is_null() || value.is_null() {
                        rendered.insert(name.clone(), value_of);
                    }
                }
                Value::Object(rendered)
            }
            other => other.clone(),
        })
    }

    fn value(&self, expression: &str, with: &Jinja) -> Result<Value, String> {
        let compiled = self.0.compile_expression(expression).map_err(|it| told(expression, &it))?;
        let value = compiled.eval(with).map_err(|it| told(expression, &it))?;
        if value.is_undefined() {
            return Err(format!("`{expression}` is not there in a request of this kind"));
        }
        serde_json::to_value(value).map_err(|it| format!("`{expression}`: {it}"))
    }
}

/// The expression of a text that is nothing but one.
fn expression(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{") && !inside.contains("}}")).then(|| inside.trim())
}

/// An error without the values that were put in: they may be secret.
fn told(template: &str, error: &minijinja::Error) -> String {
    let detail = error.detail().map(|it| format!(": {it}")).unwrap_or_default();
    format!("`{template}`: {}{detail}", error.kind())
}

#[cfg(test)]
mod tests {
    use minijinja::context;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_keep_their_kind_and_texts_need_no_quoting() {
        let template = json!({"a": "{{ n }}", "b": ["{{ list }}", "n is {{ n }}"], "c": "{{ text }}", "d": null,
            "e": "{{ nothing }}", "f": 1.5});
        let with = context! { n => 7, list => ["x"], text => "say \"hi\"\n", nothing => () };
        let expected = json!({"a": 7, "b": [["x"], "n is 7"], "c": "say \"hi\"\n", "d": null, "f": 1.5});
        assert_eq!(Renderer::new().json(&template, &with), Ok(expected));
    }

    #[test]
    fn a_name_that_is_none_is_an_error() {
        let renderer = Renderer::new();
        for template in [json!("{{ promt }}"), json!("a {{ promt }}"), json!(["{{ a.b }}"])] {
            assert!(renderer.json(&template, &context! { prompt => "x" }).is_err(), "{template}");
        }
        assert!(renderer.text("{{ unclosed", &context! {}).is_err());
    }
}
