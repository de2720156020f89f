#!/usr/bin/env python3
"""Writes a small llama model with random weights and a real vocabulary, in llama.cpp's GGUF format.

    make_gguf.py TOKENIZER_FOLDER OUTPUT.gguf

The folder holds the `tokenizer.json` and `tokenizer_config.json` of a byte-level BPE tokenizer (Qwen's). What
the model says is noise, but it is cut into tokens as the real one's text is, takes the real chat template, and
is served by the real server: all that a benchmark can see.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np

CONTEXT = 8192
WIDTH = 64
LAYERS = 2
HEADS = 4
KV_HEADS = 2
FEED_FORWARD = 128
SEED = 0

# The rules by which text is cut before BPE merges it: llama.cpp knows them by name.
PRE_TOKENIZER = "qwen2"
END_OF_TURN = "<|im_end|>"


def read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def vocabulary(tokenizer):
    """The tokens by id, and the type of each. Ids that nothing claims are padding."""
    ids = tokenizer["model"]["vocab"]
    added = {token["content"]: token for token in tokenizer["added_tokens"]}
    size = 1 + max([*ids.values(), *(token["id"] for token in added.values())])
    tokens = [f"[PAD{i}]" for i in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    for text, i in ids.items():
        tokens[i], types[i] = text, gguf.TokenType.NORMAL
    for text, token in added.items():
        kind = gguf.TokenType.CONTROL if token["special"] else gguf.TokenType.USER_DEFINED
        tokens[token["id"]], types[token["id"]] = text, kind
    return tokens, types


def merges(tokenizer):
    """The merges, one string each: newer files hold pairs."""
    return [it if isinstance(it, str) else " ".join(it) for it in tokenizer["model"]["merges"]]


def write_shape(writer, vocabulary_size):
    writer.add_name("random-llama")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(vocabulary_size)


def write_tokenizer(writer, tokenizer, config, tokens, types):
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRE_TOKENIZER)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges(tokenizer))
    writer.add_eos_token_id(tokens.index(END_OF_TURN))
    # A prompt of N tokens is N tokens: nothing is put before it.
    writer.add_add_bos_token(False)
    if template := config.get("chat_template"):
        writer.add_chat_template(template)


def write_weights(writer, vocabulary_size):
    random = np.random.default_rng(SEED)

    def matrix(name, *shape):
        writer.add_tensor(f"{name}.weight", (random.standard_normal(shape) * 0.05).astype(np.float16))

    def norm(name):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))

    matrix("token_embd", vocabulary_size, WIDTH)
    norm("output_norm")
    for layer in range(LAYERS):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm")
        norm(f"{block}.ffn_norm")
        matrix(f"{block}.attn_q", WIDTH, WIDTH)
        matrix(f"{block}.attn_k", WIDTH * KV_HEADS // HEADS, WIDTH)
        matrix(f"{block}.attn_v", WIDTH * KV_HEADS // HEADS, WIDTH)
        matrix(f"{block}.attn_output", WIDTH, WIDTH)
        matrix(f"{block}.ffn_gate", FEED_FORWARD, WIDTH)
        matrix(f"{block}.ffn_up", FEED_FORWARD, WIDTH)
        matrix(f"{block}.ffn_down", WIDTH, FEED_FORWARD)


def main(folder, output):
    tokenizer = read_json(folder / "tokenizer.json")
    config = read_json(folder / "tokenizer_config.json")
    tokens, types = vocabulary(tokenizer)
    writer = gguf.GGUFWriter(output, "llama")
    write_shape(writer, len(tokens))
    write_tokenizer(writer, tokenizer, config, tokens, types)
    write_weights(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2])
