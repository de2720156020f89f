#!/usr/bin/env python3
"""Runs the documented command lines of the Python tool on our binary, and prints a table of what became of each.

Usage: command_lines.py BINARY --mirror GIT_DIR [--only TEXT] > table.md

The lines come from the fenced blocks of README.md and docs/**/*.md of a clone of sgl-project/genai-bench. Placeholders
(hosts, paths, keys, tokenizers) are replaced by local stand-ins, limits are lowered to 3 requests, and `...` by the options
that a run needs. Servers with OpenAI's API are `genai-bench simulate --instant`; clouds are a closed port. This is a tool
for people, and not part of .ci/run: it needs the clone.
"""

import argparse
import base64
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

CLOSED = "http://127.0.0.1:1"
LOCAL_BACKENDS = {"openai", "vllm", "sglang", "your-backend"}
SECONDS = 90
PNG = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
       "gg==")
ROWS = [{"prompt": f"{word} one two three", "question": f"{word} four five", "text": f"{word} six", "image": PNG,
         "conversations": [{"from": "human", "value": f"{word} seven"}, {"from": "gpt", "value": "eight"}]}
        for word in ("alpha", "beta", "gamma", "delta")]
LATER = [("--upload-results", "upload: a later issue"), ("--storage-", "upload: a later issue"),
         ("genai-bench excel", "reports: a later issue"), ("genai-bench plot", "reports: a later issue")]

# Refusals that hold in the Python tool as well.
SAME_THERE = [("these options are needed", "the Python tool asks for it at a prompt"),
              ("unexpected argument '--task'", "the Python tool refuses it too: `benchmark` is missing"),
              ("unexpected argument '--bucket'", "the Python tool refuses it too: its documentation calls it old"),
              ("--oci-compartment-id: needed", "the Python tool fails too: its parameters need a compartmentId")]


def documented(mirror):
    """Yields the file, line, environment and text of each command line."""
    git = ["git", "--git-dir", mirror]
    listed = subprocess.run(git + ["ls-tree", "-r", "--name-only", "HEAD", "README.md", "docs"], check=True,
                            capture_output=True, text=True).stdout.split()
    for file in (name for name in listed if name.endswith(".md")):
        shown = subprocess.run(git + ["show", f"HEAD:{file}"], check=True, capture_output=True, text=True)
        for number, exports, text in logical_lines(shown.stdout.splitlines()):
            if is_command(text):
                yield file, number, dict(exports), text


def logical_lines(lines):
    """Yields the number, the exports before it and the text of each line in a fenced block, continuations joined."""
    is_inside, text, start, exports = False, "", 0, {}
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line.startswith("```"):
            is_inside, text, exports = not is_inside, "", {}
        elif is_inside:
            start = start if text else number
            if line.endswith("\\"):
                text += line[:-1] + " "
                continue
            text += line
            exported = re.match(r"export (\w+)=(.*)$", text)
            if exported:
                exports[exported[1]] = exported[2].strip("\"'")
            else:
                yield start, exports, text
            text = ""


def is_command(text):
    if text.startswith("docker run"):
        return " benchmark " in text
    return text.startswith("--") or bool(re.match(r"genai-bench +(benchmark|excel|plot|--)", text))


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub on which every dataset has one file of the same rows."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        rows = "".join(json.dumps(row) + "\n" for row in ROWS)
        if "/tree/" in self.path:
            body = json.dumps([{"type": "file", "path": "train.jsonl", "size": len(rows), "oid": "1"}])
        elif self.path.endswith("/train.jsonl"):
            body = rows
        else:
            body = None
        self.send_response(200 if body else 404)
        self.send_header("content-length", str(len(body or "")))
        self.send_header("etag", '"1"')
        self.send_header("x-repo-commit", "0" * 40)
        self.end_headers()
        if body and self.command == "GET":
            self.wfile.write(body.encode())

    do_GET = do_HEAD = answer

    def log_message(self, *_):
        pass


class StandIns:
    """Files, credentials and servers of this machine in place of those in the documentation."""

    def __init__(self, folder, simulator, hub):
        self.folder, self.simulator, self.hub = folder, simulator, hub
        key = folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key],
                       check=True, capture_output=True)
        claims = base64.urlsafe_b64encode(json.dumps({"exp": int(time.time()) + 3600}).encode()).decode().rstrip("=")
        self.write("token", f"e30.{claims}.c2ln")
        fingerprint = ":".join(["00"] * 16)
        profile = (f"user=ocid1.user.oc1..u\nfingerprint={fingerprint}\ntenancy=ocid1.tenancy.oc1..t\n"
                   f"region=us-chicago-1\nkey_file={key}\nsecurity_token_file={folder}/token\n")
        self.write("oci", "".join(f"[{name}]\n{profile}" for name in ("DEFAULT", "BoatOc1")))
        self.write("aws", "".join(f"[{name}]\naws_access_key_id = AKIA\naws_secret_access_key = secret\n"
                                  for name in ("default", "production", "bedrock-user")))
        self.write("google.json", json.dumps({
            "type": "service_account", "project_id": "p", "private_key_id": "k", "private_key": key.read_text(),
            "client_email": "a@p.iam.gserviceaccount.com", "client_id": "1", "token_uri": CLOSED + "/token"}))
        self.write("data.csv", "prompt,question\n" + "".join(f"{row['prompt']},{row['question']}\n" for row in ROWS))
        self.write("data.txt", "".join(row["prompt"] + "\n" for row in ROWS))
        self.write("data.json", json.dumps(ROWS))
        (folder / "pictures").mkdir()
        (folder / "pictures" / "a.png").write_bytes(base64.b64decode(PNG.partition(",")[2]))
        self.write("config.json", json.dumps({
            "source": {"type": "huggingface", "path": "owner/pictures", "huggingface_kwargs": {"split": "train"}},
            "prompt_column": "prompt", "image_column": "image"}))

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def dataset(self, value):
        suffix = Path(value).suffix
        if not suffix and value.startswith("/path/to/image"):
            return str(self.folder / "pictures")
        known = suffix in (".csv", ".txt", ".json")
        return str(self.folder / f"data{suffix}") if known else value

    def base(self, backend, value):
        path = re.sub(r"^\w+://[^/]*", "", value)
        return (self.simulator if backend in LOCAL_BACKENDS else CLOSED) + path

    def value(self, backend, option, value):
        """Returns what stands in for the value of an option."""
        value = re.sub(r"\$\{?\w+\}?", "key-of-the-environment", value)
        replaced = {
            "--api-base": lambda: self.base(backend, value),
            "--azure-endpoint": lambda: CLOSED,
            "--model-tokenizer": lambda: value if value == "cl100k_base" else "o200k_base",
            "--config-file": lambda: str(self.folder / "oci"),
            "--gcp-credentials-path": lambda: str(self.folder / "google.json"),
            "--dataset-path": lambda: self.dataset(value),
            "--dataset-config": lambda: str(self.folder / "config.json"),
            "--max-requests-per-run": lambda: "3",
            "--max-time-per-run": lambda: "1",
            "--experiment-base-dir": lambda: str(self.folder / "unused"),
            "--log-dir": lambda: str(self.folder / "logs"),
        }
        return replaced.get(option, lambda: value)()

    def environment(self, exports):
        variables = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        variables |= {
            "HOME": str(self.folder), "HF_HOME": str(self.folder / "hf"), "HF_ENDPOINT": self.hub,
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "aws"), "AWS_EC2_METADATA_DISABLED": "true",
            "OCI_CONFIG_FILE": str(self.folder / "oci"),
        }
        for name, value in exports.items():
            is_google = name in ("GOOGLE_APPLICATION_CREDENTIALS", "GCP_CREDENTIALS_PATH")
            is_endpoint = name == "AZURE_OPENAI_ENDPOINT"
            variables[name] = str(self.folder / "google.json") if is_google else CLOSED if is_endpoint else value
        return variables


def command(text, stand_ins):
    """Returns the words of our command for a line of the documentation."""
    if text.startswith("docker run"):
        text = "genai-bench benchmark " + text.split(" benchmark ", 1)[1]
    text = re.sub(r"<[^<>]*>", "placeholder", text)
    is_fragment = text.startswith("--")
    words = shlex.split(text)
    typed = words if is_fragment else words[1:]
    if not is_fragment and typed[:1] != ["benchmark"]:
        return typed
    typed = [word for word in typed if word != "benchmark"]
    backend = typed[typed.index("--api-backend") + 1] if "--api-backend" in typed else "openai"
    options = []
    if is_fragment or "..." in typed:
        typed = [word for word in typed if word != "..."]
        options += ["--api-backend", backend, "--api-base", stand_ins.base(backend, ""), "--api-key", "key-of-the-line",
                    "--api-model-name", "model", "--model-tokenizer", "o200k_base", "--max-requests-per-run", "3",
                    "--max-time-per-run", "1"]
        if is_fragment and "--additional-request-params" in typed:
            options += ["--task", "text-to-image"]
    previous = ""
    for word in typed:
        options.append(stand_ins.value(backend, previous, "openai" if word == "your-backend" else word))
        previous = word
    return ["benchmark", *options]


def verdict(code, errors):
    """Returns the sort of an end, and the line that tells why."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    error = next((number for number, line in enumerate(lines) if line.startswith("error:")), None)
    told = " ".join(lines[error:error + 3]) if error is not None else lines[-1] if lines else ""
    if code == 0:
        return "works", ""
    if "127.0.0.1:1" in told and ("first request" in told or "token" in told or "connect" in told):
        return "accepted, ends at the closed port", told
    same = next((reason for sign, reason in SAME_THERE if sign in told), None)
    return ("refused, as there", f"{same}: {told}") if same else ("refused", told)


def run(binary, text, exports, stand_ins):
    """Returns the exit code, the verdict and the error of a command line."""
    for sign, reason in LATER:
        if sign in text:
            return "-", "not run", reason
    words = command(text, stand_ins)
    with tempfile.TemporaryDirectory() as results:
        if words[:1] == ["benchmark"] and "--help" not in words:
            words += ["--experiment-base-dir", results]
            if any(word.startswith("image-") for word in words):
                words += ["--distinct-media", "2"]
        try:
            ended = subprocess.run([binary, *words], capture_output=True, text=True, timeout=SECONDS, cwd=results,
                                   stdin=subprocess.DEVNULL, env=stand_ins.environment(exports))
        except subprocess.TimeoutExpired:
            return "-", "refused", f"not ended after {SECONDS} s"
    return ended.returncode, *verdict(ended.returncode, ended.stderr)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("binary")
    options.add_argument("--mirror", required=True, help="the git directory of a clone of sgl-project/genai-bench")
    options.add_argument("--only", default="", help="only lines of files whose FILE:LINE has this in it")
    options = options.parse_args()
    options.binary = os.path.abspath(options.binary)
    hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    simulator = subprocess.Popen([options.binary, "simulate", "--instant", "--port", "0"], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
    try:
        address = re.search(r"http://127\.0\.0\.1:\d+", simulator.stdout.readline())[0]
        with tempfile.TemporaryDirectory() as folder:
            stand_ins = StandIns(Path(folder), address, f"http://127.0.0.1:{hub.server_port}")
            print_table(options, stand_ins)
    finally:
        simulator.terminate()


def print_table(options, stand_ins):
    print("| line | command | exit code | verdict | why |\n| --- | --- | --- | --- | --- |")
    counts = {}
    for file, number, exports, text in documented(options.mirror):
        if options.only not in f"{file}:{number}":
            continue
        code, sort, why = run(options.binary, text, exports, stand_ins)
        counts[sort] = counts.get(sort, 0) + 1
        shown = re.sub(r"\s+", " ", text)[:90].replace("|", "\\|")
        print(f"| {file}:{number} | `{shown}` | {code} | {sort} | {why[:400].replace('|', chr(92) + '|')} |", flush=True)
    print("\n" + ", ".join(f"{count} {sort}" for sort, count in sorted(counts.items())), file=sys.stdout)


if __name__ == "__main__":
    main()
