#!/usr/bin/env python3
"""Renders the chat template of a tokenizer's folder with Python's Jinja, set up as Hugging Face's library does.

    chat_template.py FOLDER < MESSAGES      a JSON list of {"role", "content"}; prints the text, byte for byte
"""

import json
import pathlib
import sys

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment


def raise_exception(message):
    raise TemplateError(message)


def main():
    config = json.loads((pathlib.Path(sys.argv[1]) / "tokenizer_config.json").read_text(encoding="utf-8"))
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    environment.globals["raise_exception"] = raise_exception
    tokens = {name: value for name, value in config.items() if name.endswith("_token") and isinstance(value, str)}
    template = environment.from_string(config["chat_template"])
    messages = json.loads(sys.stdin.buffer.read())
    text = template.render(messages=messages, add_generation_prompt=True, **tokens)
    sys.stdout.buffer.write(text.encode("utf-8"))


main()
