"""Google's servers that give out tokens, and a Vertex AI that lets in nobody without one, on this machine.

Usage: google_token_server.py FOLDER LIFE DELAY

Writes a file with credentials of each kind into FOLDER, prints `ready URL`, and serves until its standard input ends.
Tokens live LIFE seconds; answers of the model take DELAY seconds. What is brought here is checked by google-auth's own
code: signatures and claims of JWTs by google.auth.jwt, AWS's signatures by google.auth.aws. First google-auth itself
gets a token by each of the files, so this server asks for nothing that Google's library does not bring.

GET /report says what was let in, what was not and why, and how many tokens were used.
"""

import datetime
import json
import os
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import google.auth
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import aws, crypt, jwt
from google.auth.transport.requests import Request

FOLDER, LIFE, DELAY = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
STREAM = Path(__file__).parents[2] / "genai-bench-backends/fixtures/vertex/stream.sse"

CLOUD, IAM = (f"https://www.googleapis.com/auth/{it}" for it in ("cloud-platform", "iam"))
URN = "urn:ietf:params:oauth"
EMAIL, TARGET = (f"{it}@demo-project.iam.gserviceaccount.com" for it in ("bench", "target"))
POOL = "//iam.googleapis.com/projects/123/locations/global/workloadIdentityPools/pool/providers/prov"
USER = {"client_id": "cid.apps.googleusercontent.com", "client_secret": "csecret", "refresh_token": "1//refresh"}
AWS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE12",
    "AWS_SECRET_ACCESS_KEY": "exampleSecretKey/exampleSecretKey+example0",
    "AWS_SESSION_TOKEN": "SESSION",
    "AWS_REGION": "us-east-2",
}
KEY_ID = "0123456789abcdef"


class Refused(Exception):
    """What was brought is not good."""


def ensure(is_so, why):
    if not is_so:
        raise Refused(why)


class Key:
    """An RSA key, and what its owner signs."""

    def __init__(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        encoding, no_password = serialization.Encoding.PEM, serialization.NoEncryption()
        self.private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no_password).decode()
        self.public = key.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, claims):
        return jwt.encode(crypt.RSASigner.from_string(self.private, KEY_ID), claims).decode()

    def verified(self, token, audience=None):
        try:
            return jwt.decode(token, certs={KEY_ID: self.public}, audience=audience)
        except (ValueError, google.auth.exceptions.GoogleAuthError) as error:
            raise Refused(f"google.auth.jwt: {error}") from error


class Issued:
    """The tokens that were given out, and who used them."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.tokens, self.used, self.admitted, self.refused = {}, {}, 0, []

    def give(self, scope):
        with self.lock:
            token = f"ya29.{len(self.tokens)}-{os.urandom(8).hex()}"
            self.tokens[token] = (scope, time.time() + LIFE)
            return token

    def check(self, token, scopes):
        scope, ends = self.tokens.get(token, (None, 0))
        ensure(scope, "a token that was not given out")
        ensure(time.time() < ends, f"a token that ended {time.time() - ends:.3f} s ago")
        ensure(scope in scopes, f"a token for {scope}")

    def report(self):
        with self.lock:
            return {"admitted": self.admitted, "refused": self.refused, "used": self.used}


account, provider, issued = Key(), Key(), Issued()


def subject_token():
    """What another provider says of who comes."""
    now = int(time.time())
    return provider.sign({"iss": "https://idp.example", "sub": "me", "aud": POOL, "iat": now, "exp": now + 3600})


def check_bearer(header, scopes):
    """Someone with a token that was given out, or that the service account signed itself."""
    ensure(header and header.startswith("Bearer "), "no bearer")
    token = header.removeprefix("Bearer ")
    if token.count(".") != 2:
        issued.check(token, scopes)
        return token
    claims = account.verified(token)
    ensure(claims["iss"] == claims["sub"] == EMAIL, "another issuer")
    ensure(claims.get("scope") in scopes, f"signed for {claims.get('scope')}")
    ensure(not claims.get("aud"), "an audience beside the scope")
    ensure(claims["exp"] - claims["iat"] <= 3620, "it lives too long")
    return token


def check_aws(token):
    """A signed request that asks AWS who its sender is: google-auth signs the same, to the letter."""
    # Google's library for Python writes a space as %20, those for Go and Rust as +.
    request = json.loads(urllib.parse.unquote_plus(token))
    headers = {it["key"]: it["value"] for it in request["headers"]}
    ensure(headers["x-goog-cloud-target-resource"] == POOL, "for another pool")
    ensure(urllib.parse.urlparse(request["url"]).query == "Action=GetCallerIdentity&Version=2011-06-15", "another question")
    date = headers["x-amz-date"]
    brought = headers["Authorization"]
    signed = brought.split("SignedHeaders=")[1].split(",")[0].split(";")
    keys = aws.AwsSecurityCredentials(AWS["AWS_ACCESS_KEY_ID"], AWS["AWS_SECRET_ACCESS_KEY"], AWS["AWS_SESSION_TOKEN"])
    beside = {it: headers[it] for it in signed if it == "x-goog-cloud-target-resource"}
    now = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
    with mock.patch("google.auth._helpers.utcnow", lambda: now):
        ours = aws.RequestSigner(AWS["AWS_REGION"]).get_request_options(keys, request["url"], "POST", "", beside)
    ensure(ours["headers"]["Authorization"] == brought, "google.auth.aws signs otherwise")


class Google(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.handle_one()

    def do_POST(self):
        self.handle_one()

    def handle_one(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        path, _, query = self.path.partition("?")
        try:
            answer = self.answer(path, query, body)
        except Refused as error:
            with issued.lock:
                issued.refused.append(f"{self.command} {path}: {error}")
            answer = 401, json.dumps({"error": {"code": 401, "status": "UNAUTHENTICATED", "message": str(error)}})
        status, text = answer if isinstance(answer, tuple) else (200, answer)
        text = text if isinstance(text, bytes) else text.encode()
        self.send_response(status)
        self.send_header("content-type", "text/event-stream" if b"data: " in text else "application/json")
        self.send_header("metadata-flavor", "Google")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def answer(self, path, query, body):
        if path.startswith("/computeMetadata/") or path == "/":
            return self.metadata(path, query)
        if path == "/report":
            return json.dumps(issued.report())
        if path == "/subject":
            ensure(self.headers["x-machine"] == "mine", "a request of no machine")
            return json.dumps({"access_token": subject_token()})
        if path == "/token":
            return self.oauth(body)
        if path == "/v1/token":
            return self.sts(dict(urllib.parse.parse_qsl(body.decode())))
        if path.endswith(":generateAccessToken"):
            return self.impersonate(path, json.loads(body))
        if path.endswith(":streamGenerateContent"):
            return self.stream(path)
        return 404, "{}"

    def metadata(self, path, query):
        ensure(self.headers["metadata-flavor"] == "Google", "no Metadata-Flavor")
        if path.endswith("/default/token"):
            ensure(dict(urllib.parse.parse_qsl(query)).get("scopes") == CLOUD, "another scope")
            return token_answer(CLOUD)
        if path.endswith("/default/"):
            return json.dumps({"email": EMAIL, "scopes": [CLOUD], "aliases": ["default"]})
        return "ok"

    def oauth(self, body):
        is_json = self.headers["content-type"] == "application/json"
        form = json.loads(body) if is_json else dict(urllib.parse.parse_qsl(body.decode()))
        if form["grant_type"] == "refresh_token":
            ensure(all(form[name] == value for name, value in USER.items()), "another user")
            return token_answer(CLOUD)
        ensure(form["grant_type"] == f"{URN}:grant-type:jwt-bearer", "another grant")
        claims = account.verified(form["assertion"], audience="https://oauth2.googleapis.com/token")
        ensure(claims["iss"] == EMAIL, "another issuer")
        return token_answer(claims["scope"])

    def sts(self, form):
        ensure(form["grant_type"] == f"{URN}:grant-type:token-exchange", "another grant")
        ensure(form["requested_token_type"] == f"{URN}:token-type:access_token", "another token")
        ensure(form["audience"] == POOL, "another pool")
        ensure(form["scope"] in (CLOUD, IAM), "another scope")
        if form["subject_token_type"] == "urn:ietf:params:aws:token-type:aws4_request":
            check_aws(form["subject_token"])
        else:
            ensure(form["subject_token_type"] == f"{URN}:token-type:jwt", "another subject token")
            provider.verified(form["subject_token"], audience=POOL)
        return token_answer(form["scope"], issued_token_type=f"{URN}:token-type:access_token")

    def impersonate(self, path, body):
        check_bearer(self.headers["authorization"], (CLOUD, IAM))
        ensure(path == f"/v1/projects/-/serviceAccounts/{TARGET}:generateAccessToken", "another account")
        ensure(body["scope"] == [CLOUD], "another scope")
        ensure(body["lifetime"] in ("3600s", "2800s"), f"a life of {body['lifetime']}")
        ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=LIFE)
        return json.dumps({"accessToken": issued.give(CLOUD), "expireTime": ends.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def stream(self, path):
        ensure(path.startswith("/v1/projects/demo-project/locations/us-central1/publishers/google/models/"), "another project")
        token = check_bearer(self.headers["authorization"], (CLOUD,))
        with issued.lock:
            issued.admitted += 1
            issued.used[token] = issued.used.get(token, 0) + 1
        time.sleep(DELAY)
        return STREAM.read_bytes()


def token_answer(scope, **more):
    return json.dumps({"access_token": issued.give(scope), "expires_in": LIFE, "token_type": "Bearer", **more})


def write(name, **fields):
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(fields))
    return fields


def write_files():
    """A file of each kind, whose servers are all this one."""
    as_target = f"{URL}/v1/projects/-/serviceAccounts/{TARGET}:generateAccessToken"
    key = write("service_account", type="service_account", project_id="demo-project", private_key_id=KEY_ID,
        private_key=account.private, client_email=EMAIL, client_id="1", token_uri=f"{URL}/token")
    user = write("user", type="authorized_user", token_uri=f"{URL}/token", quota_project_id="demo-project", **USER)
    (FOLDER / "subject").write_text(subject_token())
    (FOLDER / "printed").write_text(json.dumps({"version": 1, "success": True, "token_type": f"{URN}:token-type:jwt",
        "id_token": subject_token(), "expiration_time": int(time.time()) + 3600}))
    pool = {"type": "external_account", "audience": POOL, "subject_token_type": f"{URN}:token-type:jwt",
        "token_url": f"{URL}/v1/token"}
    sources = {
        "file": {"file": str(FOLDER / "subject"), "format": {"type": "text"}},
        "url": {"url": f"{URL}/subject", "headers": {"x-machine": "mine"},
            "format": {"type": "json", "subject_token_field_name": "access_token"}},
        "executable": {"executable": {"command": f"/bin/cat {FOLDER / 'printed'}", "timeout_millis": 5000}},
    }
    for name, source in sources.items():
        write(f"federated_{name}", credential_source=source, **pool)
    signed = {**pool, "subject_token_type": "urn:ietf:params:aws:token-type:aws4_request"}
    write("federated_aws", **signed, credential_source={"environment_id": "aws1", "regional_cred_verification_url":
        "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"})
    write("federated_impersonated", credential_source=sources["file"], service_account_impersonation_url=as_target,
        service_account_impersonation={"token_lifetime_seconds": 2800}, **pool)
    for name, source in {"account": key, "user": user}.items():
        write(f"impersonated_by_{name}", type="impersonated_service_account", service_account_impersonation_url=as_target,
            source_credentials=source)


def check_with_google_auth():
    """Google's library gets a token by each of the files, and by the metadata server."""
    os.environ.update(AWS, GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES="1", GCE_METADATA_HOST=HOST)
    # It reads the host when it is imported.
    from google.auth import compute_engine

    request = Request()
    # It would ask the real Google for the name of the project, and for a person's tokens.
    no_project = mock.patch("google.auth.external_account.Credentials.get_project_id", lambda *_, **__: None)
    here = mock.patch("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{URL}/token")
    with no_project, here:
        files = [google.auth.load_credentials_from_file(it, scopes=[CLOUD])[0] for it in sorted(FOLDER.glob("*.json"))]
    for credentials in [*files, compute_engine.Credentials(scopes=[CLOUD])]:
        # Of the address in the file it takes only the account.
        credentials._iam_endpoint_override = f"{URL}/v1/projects/-/serviceAccounts/{TARGET}:generateAccessToken"
        credentials.refresh(request)
        check_bearer(f"Bearer {credentials.token}", (CLOUD,))
    ensure(not issued.refused, f"google-auth was refused: {issued.refused}")
    issued.reset()


server = ThreadingHTTPServer(("127.0.0.1", 0), Google)
server.daemon_threads = True
HOST = f"127.0.0.1:{server.server_port}"
URL = f"http://{HOST}"
threading.Thread(target=server.serve_forever, daemon=True).start()
write_files()
check_with_google_auth()
print(f"ready {URL}", flush=True)
sys.stdin.read()
