#!/usr/bin/env python3
"""Serves a GGUF model with llama.cpp's own HTTP server, on a loopback port that the system chooses.

    llama_server.py MODEL.gguf [embeddings]

Prints `ready http://127.0.0.1:PORT` once the server is healthy, and ends when its standard input is closed:
a server never outlives the test that started it, however that test ends.
"""

import os
import sys
import time
import urllib.error
import urllib.request

import xllamacpp

HOST = "127.0.0.1"
SLOTS = 4
# All slots share it: 2,048 tokens each.
CONTEXT = 8192
THREADS = 2
START_SECONDS = 60


def parameters(model, serves_embeddings):
    it = xllamacpp.CommonParams()
    it.model.path = model
    it.hostnames = [HOST]
    it.port = 0
    it.n_ctx = CONTEXT
    it.n_parallel = SLOTS
    it.cpuparams.n_threads = THREADS
    it.endpoint_metrics = True
    it.warmup = False
    it.use_jinja = True
    if serves_embeddings:
        it.embedding = True
        it.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        # A document has to fit into one batch.
        it.n_ubatch = it.n_batch
    return it


def is_healthy(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def wait_until_healthy(url):
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy(url):
        if time.monotonic() > deadline:
            sys.exit(f"no healthy server at {url} after {START_SECONDS} s")
        time.sleep(0.05)


def main(model, serves_embeddings):
    server = xllamacpp.Server(parameters(model, serves_embeddings))
    url = server.listening_address
    wait_until_healthy(url)
    print(f"ready {url}", flush=True)
    sys.stdin.read()
    # Not by the destructor, which would wait for answers that nobody reads any more.
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[2:] not in ([], ["embeddings"]):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:] == ["embeddings"])
