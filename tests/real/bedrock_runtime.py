"""A stand-in for the runtime of AWS Bedrock, of which botocore is the judge on both sides.

What it answers is read by botocore first, by the service model of bedrock-runtime: the frames of a stream whole and
byte by byte, answers in one piece as botocore's own parser reads them. What it is asked has to have the signature that
botocore makes of it with the same key and clock, and a body of Converse has to be what the service model says.

Prints `ready URL`, and ends with its standard input.
"""

import base64
import binascii
import hmac
import json
import os
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.eventstream import EventStreamBuffer
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import EventStreamJSONParser
from botocore.validate import ParamValidator

KEYS = Credentials("AKIAEXAMPLE", "example/secret+key")
REGION = "eu-west-1"
MODEL = ServiceModel(Loader().load_service_model("bedrock-runtime", "service-2"))
PAUSE_S = 0.005
WORDS = ["One ", "two ", "\u2603 ", "four ", "five ", "six ", "seven ", "eight"]
METRICS = {
    "amazon-bedrock-invocationMetrics": {
        "inputTokenCount": 21,
        "outputTokenCount": 8,
        "invocationLatency": 50,
        "firstByteLatency": 6,
    }
}


def frame(kind, value):
    headers = b""
    for name, text in [(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")]:
        headers += struct.pack("!B", len(name)) + name.encode()
        headers += b"\x07" + struct.pack("!H", len(text)) + text.encode()
    payload = json.dumps(value).encode()
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return message + struct.pack("!I", binascii.crc32(message))


def chunk(inside):
    return ("chunk", {"bytes": base64.b64encode(json.dumps(inside).encode()).decode(), "p": "abc"})


def converse():
    yield "messageStart", {"role": "assistant", "p": "abcd"}
    for word in WORDS:
        yield "contentBlockDelta", {"delta": {"text": word}, "contentBlockIndex": 0, "p": "ab"}
    yield "contentBlockStop", {"contentBlockIndex": 0}
    yield "messageStop", {"stopReason": "max_tokens"}
    usage = {"inputTokens": 21, "outputTokens": 8, "totalTokens": 29}
    yield "metadata", {"usage": usage, "metrics": {"latencyMs": 50}}


def claude():
    start = {"id": "m", "type": "message", "role": "assistant", "content": [], "usage": {"input_tokens": 21}}
    yield chunk({"type": "message_start", "message": start})
    yield chunk({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
    for word in WORDS:
        delta = {"type": "text_delta", "text": word}
        yield chunk({"type": "content_block_delta", "index": 0, "delta": delta})
    yield chunk({"type": "content_block_stop", "index": 0})
    yield chunk({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 8}})
    yield chunk({"type": "message_stop", **METRICS})


def llama():
    for place, word in enumerate(WORDS, 1):
        counts = {"prompt_token_count": 21 if place == 1 else None, "generation_token_count": place}
        last = place == len(WORDS)
        ending = {"stop_reason": "length" if last else None, **(METRICS if last else {})}
        yield chunk({"generation": word, **counts, **ending})


def read(stream, shape, step):
    buffer, parser, found = EventStreamBuffer(), EventStreamJSONParser(), []
    for at in range(0, len(stream), step):
        buffer.add_data(stream[at : at + step])
        for message in buffer:
            found.append(parser.parse(message.to_response_dict(), MODEL.shape_for(shape)))
    return found


def frames(events, shape):
    """The frames of a stream, once botocore has read them to the same end."""
    events = list(events)
    made = [frame(kind, value) for kind, value in events]
    stream = b"".join(made)
    found = read(stream, shape, len(stream))
    assert found == read(stream, shape, 1)
    assert [list(it) for it in found] == [[kind] for kind, _ in events], found
    for event, (kind, value) in zip(found, events):
        wanted = {name: it for name, it in value.items() if name != "p"}
        if kind == "chunk":
            wanted = {"bytes": base64.b64decode(wanted["bytes"])}
        assert event[kind] == wanted, (event, wanted)
    return made


STREAMS = {
    ("amazon.nova-lite-v1:0", "converse-stream"): frames(converse(), "ConverseStreamOutput"),
    ("anthropic.claude-haiku-4-5-20251001-v1:0", "invoke-with-response-stream"): frames(claude(), "ResponseStream"),
    ("meta.llama3-8b-instruct-v1:0", "invoke-with-response-stream"): frames(llama(), "ResponseStream"),
}
# Of OpenAI's API, of which botocore reads nothing: here only the signature is under test.
CHUNKS = [
    b"data: %s\n\n" % (it if isinstance(it, bytes) else json.dumps(it).encode())
    for it in [
        *({"choices": [{"index": 0, "delta": {"content": word}}]} for word in WORDS),
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]},
        {"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 8, "total_tokens": 29}},
        b"[DONE]",
    ]
]
FIELDS = {
    "anthropic.claude-haiku-4-5-20251001-v1:0": {"anthropic_version", "max_tokens", "messages"},
    "meta.llama3-8b-instruct-v1:0": {"prompt", "max_gen_len"},
}
EMBEDDING = "amazon.titan-embed-text-v2:0"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A frame leaves when it is written.
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/openai/v1/chat/completions":
            problem = self.unsigned(body)
            self.answer(400, {"message": problem}) if problem else self.stream(CHUNKS, "text/event-stream")
            return
        _, _, model, operation = self.path.split("/")
        model = unquote(model)
        problem = self.unsigned(body) or self.unknown(model, operation, json.loads(body))
        if problem:
            self.answer(400, {"message": problem})
        elif operation == "invoke":
            self.answer(200, {"embedding": [0.25] * 256, "inputTextTokenCount": 21})
        else:
            self.stream(STREAMS[model, operation])

    def unsigned(self, body):
        """What is wrong with the signature."""
        told = self.headers["authorization"] or ""
        signed = told.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        url = f"http://{self.headers['host']}{self.path}"
        request = AWSRequest("POST", url, {it: self.headers[it] for it in signed}, body)
        request.context["timestamp"] = self.headers["x-amz-date"]
        auth = SigV4Auth(KEYS, "bedrock", REGION)
        canonical = auth.canonical_request(request)
        signature = auth.signature(auth.string_to_sign(request, canonical), request)
        scope = f"Credential={KEYS.access_key}/{auth.credential_scope(request)}, "
        wanted = f"AWS4-HMAC-SHA256 {scope}SignedHeaders={';'.join(signed)}, Signature={signature}"
        needed = {"host", "x-amz-date", "content-type"} <= set(signed)
        return None if needed and hmac.compare_digest(told, wanted) else f"{told} instead of {wanted}"

    def unknown(self, model, operation, body):
        """What is wrong with the body."""
        if operation == "converse-stream":
            body["modelId"] = model
            report = ParamValidator().validate(body, MODEL.operation_model("ConverseStream").input_shape)
            return report.generate_report() or None
        if operation == "invoke":
            return None if model == EMBEDDING and set(body) == {"inputText"} else f"{model}: {sorted(body)}"
        if self.headers["x-amzn-bedrock-accept"] != "application/json":
            return "what is inside of the frames has to be asked for"
        return None if set(body) == FIELDS[model] else f"{model}: {sorted(body)}"

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if status == 400:
            self.send_header("x-amzn-errortype", "ValidationException")
        self.end_headers()
        self.wfile.write(body)

    def stream(self, made, kind="application/vnd.amazon.eventstream"):
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for it in made:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(it), it))
            self.wfile.flush()
            time.sleep(PAUSE_S)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"ready http://127.0.0.1:{server.server_port}", flush=True)
sys.stdin.read()
os._exit(0)
