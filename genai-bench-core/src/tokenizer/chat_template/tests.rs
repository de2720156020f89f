//! Tests of templates with the features that real ones use.

use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::tokenizer::Words;

/// Creates a folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    folder
}

fn opened(template: &str) -> Result<ChatTemplate, ChatTemplateError> {
    // 2024-02-29, which only a leap year has.
    let now = UNIX_EPOCH + Duration::from_secs(1_709_208_000);
    ChatTemplate::open_at(folder(&[("chat_template.jinja", template)]).path(), now)
}

fn rendered(template: &str, messages: &[(&str, &str)]) -> String {
    opened(template).unwrap().render(messages, true).unwrap()
}

const TALK: [(&str, &str); 3] =
    [("system", "Be brief."), ("user", " hi "), ("assistant", "<think>\nhm\n</think>\n\nyes")];

#[test]
fn blocks_take_their_lines_with_them() {
    let template = "{% for message in messages %}\n  {% if loop.first %}\n{{ message.role }}\n  {% endif %}\n{% endfor %}\nend\n";
    assert_eq!(rendered(template, &TALK), "system\nend");
}

#[test]
fn methods_of_pythons_strings_slices_and_namespaces_are_known() {
    let template = "{%- set ns = namespace(last=0) -%}
{%- for m in messages[::-1] -%}{%- if m.role == 'user' and not m.content.startswith('<') -%}{%- set ns.last = loop.index0 -%}{%- endif -%}{%- endfor -%}
{{- ns.last }}|{{ messages[1].content | trim }}|{{ messages[1]['content'].strip() }}|{{ messages[1:] | length }}|
{{- messages[2].content.split('</think>')[-1].lstrip('\\n') }}|{{ messages[2].content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') }}";
    assert_eq!(rendered(template, &TALK), "1|hi|hi|2|yes|hm");
}

#[test]
fn what_is_undefined_is_false_and_can_be_asked_for() {
    let template = "{% if tools %}tools{% endif %}{% if x is defined and x is not none %}x{% endif %}{{ messages[0].name }}{% if messages[0].content is string %}text{% endif %}";
    assert_eq!(rendered(template, &TALK), "text");
}

#[test]
fn loops_are_left_and_gone_on_with() {
    let template = "{% for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}{{ m.role }}{% break %}{% endfor %}";
    assert_eq!(rendered(template, &TALK), "user");
}

#[test]
fn macros_and_marks_of_what_is_learned_change_nothing() {
    let template = "{%- macro say(it) -%}<{{ it }}>{%- endmacro -%}{% for m in messages %}{%- generation -%}\n{{ say(m.role) }}{%- endgeneration %}{% endfor %}";
    assert_eq!(rendered(template, &TALK), "<system><user><assistant>");
}

#[test]
fn json_is_written_as_python_writes_it() {
    let template = r#"{{ {"a": [1, 2.5, true, none], "ü": "<'&\n"} | tojson }}|{{ {"a": [1], "b": {}} | tojson(indent=4) }}"#;
    // Python: json.dumps({"a": [1, 2.5, True, None], "ü": "<'&\n"}, ensure_ascii=False), and with indent=4.
    let expected = "{\"a\": [1, 2.5, true, null], \"ü\": \"<'&\\n\"}|{\n    \"a\": [\n        1\n    ],\n    \"b\": {}\n}";
    assert_eq!(rendered(template, &TALK), expected);
    let options = r#"{{ {"ü": 1, "a": {"c": "🙂", "b": [1, 2]}} | tojson(sort_keys=true, ensure_ascii=true) }}|{{ {"a": [1, 2]} | tojson(separators=(",", ":")) }}|{{ [] | tojson(indent=2) }}"#;
    // Python: json.dumps of the same, with the same arguments.
    let expected = r#"{"a": {"b": [1, 2], "c": "\ud83d\ude42"}, "\u00fc": 1}|{"a":[1,2]}|[]"#;
    assert_eq!(rendered(options, &TALK), expected);
    let error = opened("{{ [1] | tojson(cls=1) }}").unwrap().render(&TALK, true).unwrap_err();
    assert!(error.to_string().contains("cls"), "{error}");
}

#[test]
fn the_date_is_the_one_that_was_given() {
    assert_eq!(
        rendered("{{ strftime_now('%d %b %Y, %B %-d %H:%M') }}", &TALK),
        "29 Feb 2024, February 29 12:00"
    );
}

#[test]
fn nothing_is_escaped() {
    assert_eq!(rendered("{{ messages[0].content }}", &[("user", "<b>&\"'")]), "<b>&\"'");
}

#[test]
fn a_template_that_refuses_says_why() {
    let template = opened(
        "{% if messages[0].role != 'user' %}\n{{ raise_exception('roles must alternate') }}{% endif %}",
    );
    let error = template.unwrap().render(&TALK, true).unwrap_err().to_string();
    assert!(error.contains("roles must alternate") && error.contains("chat_template.jinja"), "{error}");
    let error = opened("\n{% if %}").unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn a_configuration_has_a_template_or_several_with_names() {
    let open = |config: &str| ChatTemplate::open(folder(&[("tokenizer_config.json", config)]).path());
    let render = |config: &str| open(config).unwrap().render(&[("user", "hi")], false).unwrap();
    let tokens =
        r#""bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null"#;
    assert_eq!(
        render(&format!(
            r#"{{"chat_template": "{{{{ bos_token }}}}{{{{ messages[0].content }}}}{{{{ eos_token }}}}{{{{ pad_token }}}}", {tokens}}}"#
        )),
        "<s>hi</s>"
    );
    let named = |name: &str| format!(r#"{{"name": "{name}", "template": "{name}"}}"#);
    let list = |names: &[&str]| {
        format!(
            r#"{{"chat_template": [{}]}}"#,
            names.iter().map(|it| named(it)).collect::<Vec<_>>().join(",")
        )
    };
    assert_eq!(render(&list(&["tool_use", "default"])), "default");
    assert_eq!(render(&list(&["rag"])), "rag");
    let error = open(&list(&["rag", "tool_use"])).unwrap_err().to_string();
    assert!(error.contains("rag, tool_use"), "{error}");
}

#[test]
fn the_template_is_found_in_the_order_of_transformers() {
    const JINJA: (&str, &str) = ("chat_template.jinja", "\u{feff}jinja");
    const DEFAULT: (&str, &str) = ("additional_chat_templates/default.jinja", "default");
    const TOOLS: (&str, &str) = ("additional_chat_templates/tool_use.jinja", "tools");
    const JSON: (&str, &str) = ("chat_template.json", "\u{feff}{\"chat_template\": \"json\"}");
    const NAMED: (&str, &str) =
        ("chat_template.json", r#"{"chat_template": {"tool_use": "tools", "default": "named"}}"#);
    const CONFIG: (&str, &str) = ("tokenizer_config.json", "\u{feff}{\"chat_template\": \"config\"}");
    const NONE: (&str, &str) = ("tokenizer_config.json", r#"{"chat_template": null}"#);
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[JINJA, TOOLS, JSON, CONFIG], "jinja"),
        (&[DEFAULT, TOOLS, JSON, CONFIG], "default"),
        (&[TOOLS, JSON, CONFIG], "json"),
        (&[NAMED, CONFIG], "named"),
        (&[TOOLS, CONFIG], "config"),
        (&[JSON, NONE], "json"),
        (&[TOOLS, NONE], "has the chat templates tool_use: one of them should be named default"),
        (&[NONE], "has no chat template"),
    ];
    for (files, expected) in cases {
        let found =
            ChatTemplate::open(folder(files).path()).and_then(|template| template.render(&TALK, true));
        let found = found.unwrap_or_else(|error| error.to_string());
        assert!(found == expected || found.contains(' ') && found.contains(expected), "{files:?}: {found}");
    }
}

#[test]
fn a_folder_without_a_template_says_what_it_would_be() {
    let message = |files: &[(&str, &str)]| ChatTemplate::open(folder(files).path()).unwrap_err().to_string();
    assert!(message(&[]).contains("chat_template.jinja"));
    assert!(message(&[("tokenizer_config.json", "{}")]).contains("tokenizer_config.json"));
    assert!(message(&[("tokenizer_config.json", "[")]).contains("JSON object"));
}

#[test]
fn what_a_template_adds_is_counted_when_it_is_constant() {
    let constant =
        opened("a b {{ messages[0].content }} c{% if add_generation_prompt %} d{% endif %}").unwrap();
    assert_eq!(constant.overhead(&Words).unwrap(), Tokens(4));
    let varies = opened("{{ messages[0].content }} {{ messages[0].content }}").unwrap();
    let error = varies.overhead(&Words).unwrap_err().to_string();
    assert!(error.contains("adds 1 tokens to a short message and 17"), "{error}");
    let takes_away = opened("").unwrap();
    assert!(takes_away.overhead(&Words).is_err());
}

#[test]
fn what_a_template_adds_for_a_turn_leaves_out_what_comes_once() {
    let chat = "sys sys{% for m in messages %} [ {{ m.role }} ] {{ m.content }}{% endfor %}{% if add_generation_prompt %} [ assistant ]{% endif %}";
    let template = opened(chat).unwrap();
    assert_eq!(template.overhead(&Words).unwrap(), Tokens(8), "two of the system, three for each role");
    assert_eq!(template.turn_overhead(&Words).unwrap(), Tokens(6));
    let forgetful = opened("{{ messages[-1].content }}").unwrap();
    let error = forgetful.turn_overhead(&Words).unwrap_err().to_string();
    assert!(error.contains("fewer tokens"), "{error}");
    let growing =
        opened("{% for m in messages %} {{ m.content }}{% for n in messages %} x{% endfor %}{% endfor %}");
    let error = growing.unwrap().turn_overhead(&Words).unwrap_err().to_string();
    assert!(error.contains("for the second turn and"), "{error}");
}

#[test]
fn nested_templates_do_not_overflow_the_stack() {
    for unit in ["not ", "-", "(", "[", "{a:", "a|e(", "{%if a%}", "{%for a in b%}", "{%macro a()%}"] {
        let nested = unit.repeat((80 << 10) / unit.len());
        for template in [format!("{{{{ {nested}1 }}}}"), nested] {
            // Many of these are no templates: what matters is that each has an answer.
            let _ = opened(&template).and_then(|template| template.render(&TALK, true));
        }
    }
}

#[test]
fn values_that_a_template_nests_do_not_overflow_the_stack() {
    let nest = "{% set n = namespace(x=[]) %}{% for i in range(300) %}{% for j in range(300) %}{% set n.x = [n.x] %}{% endfor %}{% endfor %}";
    let shallow = nest.replace("300) %}{% set", "40) %}{% set");
    for template in
        [nest.to_owned(), format!("{shallow}{{{{ n.x }}}}"), format!("{shallow}{{{{ n.x | tojson }}}}")]
    {
        let _ = opened(&template).unwrap().render(&TALK, true);
    }
}

#[test]
fn templates_that_grow_without_end_are_given_up() {
    let doubling =
        "{% set n = namespace(x='xxxxxxxx') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}";
    let looping = "{% for i in range(9999) %}{% for j in range(9999) %}{{ j }}{% endfor %}{% endfor %}";
    let replacing = "{% set x = 'x' * 999999 %}{{ x.replace('', x) }}";
    let calling = "{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}";
    for template in [doubling, looping, replacing, calling] {
        let error = opened(template).unwrap().render(&TALK, true).unwrap_err().to_string();
        assert!(error.contains("fuel") || error.contains("recursion"), "{template}: {error}");
    }
    let long = "{% for i in range(9) %}{{ 'x' * 200000 }}{% endfor %}";
    let error = opened(long).unwrap().render(&TALK, true).unwrap_err().to_string();
    assert!(error.contains("more than 1048576 bytes"), "{error}");
}

#[test]
fn filters_of_ours_take_no_more_than_they_are_given() {
    for template in ["{{ messages | tojson(indent=99999999999) }}", "{{ strftime_now('%1000000000d') }}"] {
        let rendered = opened(template).unwrap().render(&TALK, true);
        assert!(
            rendered.as_ref().is_err_and(|error| !error.to_string().contains("panicked")),
            "{rendered:?}"
        );
    }
}

#[test]
fn templates_of_any_length_are_refused_by_it() {
    let error = opened(&" ".repeat(200_000)).unwrap_err().to_string();
    assert!(error.contains("131072 are the most"), "{error}");
}

#[test]
fn a_tag_without_a_name_is_no_template() {
    for template in ["{%}", "a{%}b%}", "{%%}", "{%", "{{ b=%}{%}{% macr-o f(a) %}"] {
        let error = opened(template).unwrap_err().to_string();
        assert!(error.contains("syntax error"), "{error}");
    }
}
