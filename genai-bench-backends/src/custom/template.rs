//! JSON in which texts are templates.

use std::collections::BTreeSet;

use genai_bench_core::with_large_stack;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value as Jinja};
use serde_json::{Map, Value};

/// The most bytes that the templates of a description have together.
pub(super) const MOST_BYTES: usize = 128 << 10;
/// The most bytes that one template has. Each use of a filter such as `batch` may put a list into another one, and a value of
/// so many lists is dropped by a function that calls itself for each: a thread's usual stack of 2 MiB is enough for these.
const LONGEST: usize = 8 << 10;
/// The stack in bytes that each byte of a template may take while it is compiled: `((((` and `----` are nested, and the
/// compiler calls itself for each. Measured in a debug build: 2 KiB at most.
const STACK_PER_BYTE: usize = 4 << 10;
/// The stack in bytes that compiling takes apart from that.
const STACK: usize = 8 << 20;
/// The work that rendering one template may take: about so many steps, or 64 times so many bytes (256 MiB).
const FUEL: u64 = 4_000_000;
/// The variable that holds the value of a text that is one expression.
const RESULT: &str = "genai_bench_result";

/// Renders the templates that it was made of. What a template asks for and there is not is an error.
#[derive(Debug)]
pub(super) struct Renderer(Environment<'static>);

impl Renderer {
    /// Compiles templates.
    ///
    /// # Errors
    ///
    /// When one of them is no template, or they are too long together.
    pub(super) fn compile<'a>(templates: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let templates: BTreeSet<String> = templates.into_iter().map(str::to_owned).collect();
        let bytes: usize = templates.iter().map(String::len).sum();
        if bytes > MOST_BYTES {
            return Err(format!("its templates have {bytes} bytes: {MOST_BYTES} are the most"));
        }
        let longest = templates.iter().map(String::len).max().unwrap_or_default();
        if longest > LONGEST {
            return Err(format!("one of its templates has {longest} bytes: {LONGEST} are the most"));
        }
        let stack = STACK + longest * STACK_PER_BYTE;
        let compiled = with_large_stack("description", stack, || compiled(templates));
        compiled.map_err(|error| format!("its templates cannot be compiled: {error}"))?.map(Self)
    }

    /// Returns the names that a template reads and does not set itself, such as `env.TEAM`.
    pub(super) fn names_in(&self, template: &str) -> BTreeSet<String> {
        let compiled = self.0.get_template(template);
        compiled.map(|it| it.undeclared_variables(true).into_iter().collect()).unwrap_or_default()
    }

    /// Renders a text.
    pub(super) fn text(&self, template: &str, with: &Jinja) -> Result<String, String> {
        let compiled = self.0.get_template(template).map_err(|error| told(template, &error))?;
        compiled.render(with).map_err(|error| told(template, &error))
    }

    /// Renders JSON: returns the same shape with values in place of templates.
    pub(super) fn json(&self, template: &Value, with: &Jinja) -> Result<Value, String> {
        Ok(match template {
            Value::String(text) => match expression(text) {
                Some(expression) => self.value(text, expression, with)?,
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

    fn value(&self, text: &str, expression: &str, with: &Jinja) -> Result<Value, String> {
        let failed = |error: &minijinja::Error| told(expression, error);
        let compiled = self.0.get_template(&name_of_expression(text)).map_err(|error| failed(&error))?;
        let captured = compiled.render_captured(with).map_err(|error| failed(&error))?;
        let value = captured.state().lookup(RESULT).unwrap_or_default();
        if value.is_undefined() {
            return Err(format!("`{expression}` is not there in a request of this kind"));
        }
        serde_json::to_value(value).map_err(|error| format!("`{expression}`: {error}"))
    }
}

/// Returns every text in a value.
pub(super) fn texts_in(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts_in).collect(),
        Value::Object(members) => members.values().flat_map(texts_in).collect(),
        _ => Vec::new(),
    }
}

/// Compiles templates, each under its own text as a name, and those that are one expression also as such.
fn compiled(templates: BTreeSet<String>) -> Result<Environment<'static>, String> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_fuel(Some(FUEL));
    // A loop that puts a list into itself needs it: the depth of such a value would be bounded by fuel alone.
    environment.remove_global("namespace");
    for template in templates {
        if let Some(expression) = expression(&template) {
            let source = format!("{{% set {RESULT} = {expression} %}}");
            let name = name_of_expression(&template);
            environment.add_template_owned(name, source).map_err(|error| told(expression, &error))?;
        }
        let added = environment.add_template_owned(template.clone(), template.clone());
        added.map_err(|error| told(&template, &error))?;
    }
    Ok(environment)
}

/// Returns the name under which the value of a text that is one expression is compiled: no text has a NUL in front, which JSON
/// cannot hold unescaped and no template needs.
fn name_of_expression(text: &str) -> String {
    format!("\0{text}")
}

/// Returns the expression of a text that is nothing but one.
fn expression(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{") && !inside.contains("}}")).then(|| inside.trim())
}

/// Returns an error without the values that were put in: they may be secret.
fn told(template: &str, error: &minijinja::Error) -> String {
    const SHOWN: usize = 200;
    let shown: String = template.chars().take(SHOWN).collect();
    let more = if shown.len() < template.len() { "…" } else { "" };
    let detail = error.detail().map(|it| format!(": {it}")).unwrap_or_default();
    format!("`{shown}{more}`: {}{detail}", error.kind())
}

#[cfg(test)]
mod tests {
    use minijinja::context;
    use serde_json::json;

    use super::*;

    fn json_of(template: &Value, with: &Jinja) -> Result<Value, String> {
        Renderer::compile(texts_in(template))?.json(template, with)
    }

    #[test]
    fn values_keep_their_kind_and_texts_need_no_quoting() {
        let template = json!({"a": "{{ n }}", "b": ["{{ list }}", "n is {{ n }}"], "c": "{{ text }}", "d": null,
            "e": "{{ nothing }}", "f": 1.5});
        let with = context! { n => 7, list => ["x"], text => "say \"hi\"\n", nothing => () };
        let expected = json!({"a": 7, "b": [["x"], "n is 7"], "c": "say \"hi\"\n", "d": null, "f": 1.5});
        assert_eq!(json_of(&template, &with), Ok(expected));
    }

    #[test]
    fn a_name_that_is_none_is_an_error() {
        for template in [json!("{{ promt }}"), json!("a {{ promt }}"), json!(["{{ a.b }}"])] {
            assert!(json_of(&template, &context! { prompt => "x" }).is_err(), "{template}");
        }
        assert!(Renderer::compile(["{{ unclosed"]).is_err());
    }

    #[test]
    fn nested_templates_do_not_overflow_the_stack() {
        let bytes = LONGEST - 32;
        for unit in ["-", "not ", "(", "[", "{a:", "a.", "a()", "a|e", "1+", "{%if a%}", "{%elif a%}"] {
            let nested = unit.repeat(bytes / unit.len());
            for template in [format!("{{{{ {nested}1 }}}}"), format!("{{%if a%}}{nested}{{%endif%}}")] {
                // Many of these are no templates: what matters is that each has an answer.
                let _ = Renderer::compile([template.as_str()]);
            }
        }
        assert!(Renderer::compile([" ".repeat(LONGEST + 1).as_str()]).is_err());
        let many: Vec<String> = (0..=MOST_BYTES / LONGEST)
            .map(|number| format!("{number:2}{}", " ".repeat(LONGEST - 2)))
            .collect();
        assert!(Renderer::compile(many.iter().map(String::as_str)).is_err());
    }

    #[test]
    fn values_in_values_do_not_overflow_the_stack() {
        let batches = format!("{{{{ [1]{} }}}}", "|batch(1)".repeat((LONGEST - 32) / 9));
        let sets = format!("{{% set x = 1 %}}{}{{{{ x }}}}", "{%set x=[x]%}".repeat((LONGEST - 64) / 13));
        let loops = "{% set n = namespace(x=1) %}{% for i in range(999) %}{% for j in range(999) %}\
                     {% set n.x = [n.x] %}{% endfor %}{% endfor %}";
        let recursive = "{% macro f(n, x) %}{{ f(n - 1, [x]) }}{% endmacro %}{{ f(9999, 1) }}";
        for template in [&batches, &sets, loops, recursive] {
            // An answer of any kind: what matters is that there is one.
            let rendered = Renderer::compile([template]).and_then(|it| it.text(template, &context! {}));
            assert!(rendered.is_ok() || !rendered.unwrap_err().is_empty());
        }
        let value = json!({"a": batches});
        let _ = json_of(&value, &context! {});
    }

    #[test]
    fn templates_that_grow_without_end_are_given_up() {
        let doubling = format!("{{% set x = 'xxxxxxxx' %}}{}", "{% set x = x ~ x %}".repeat(99));
        let looping = "{% for i in range(9999) %}{% for j in range(9999) %}{{ j }}{% endfor %}{% endfor %}";
        for template in [&*doubling, looping] {
            let error = Renderer::compile([template]).unwrap().text(template, &context! {}).unwrap_err();
            assert!(error.contains("fuel"), "{error}");
        }
    }
}
