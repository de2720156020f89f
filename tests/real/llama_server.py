#!/usr/bin/env python3
"""Serves a GGUF model with llama.cpp's own HTTP server, on a loopback port that the system chooses.

    llama_server.py MODEL.gguf

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


def parameters(model):
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


def main(model):
    server = xllamacpp.Server(parameters(model))
    url = server.listening_address
    wait_until_healthy(url)
    print(f"ready {url}", flush=True)
    sys.stdin.read()
    # Not by the destructor, which would wait for answers that nobody reads any more.
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
