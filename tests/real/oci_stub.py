#!/usr/bin/env python3
"""Plays OCI on loopback ports: the metadata service, the authentication service, a cluster that knows its pods, and
a Generative AI service that answers whoever has signed well. Oracle's own SDK verifies every signature.

    oci_stub.py FOLDER

Makes keys, certificates, tokens and a config file in the folder, lets the SDK's own signers call it with them, which
shows that it plays OCI as the SDK knows it, prints `ready http://127.0.0.1:PORT`, and ends when its standard input
is closed.
"""

import base64
import datetime
import email.utils
import hashlib
import http.server
import ipaddress
import json
import os
import pathlib
import ssl
import sys
import threading
import time

import jwt
import oci
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from oci._vendor import requests
from oci._vendor.httpsig_cffi.verify import HeaderVerifier

TENANCY = "ocid1.tenancy.oc1..aaaatenancy"
USER = "ocid1.user.oc1..aaaauser"
RESOURCE = "ocid1.datasciencejob.oc1..aaaajob"
REGION = "us-chicago-1"
CHAT = "/20231130/actions/chat"
OPENAI_CHAT = "/openai/v1/chat/completions"
FIXTURES = pathlib.Path(__file__).parents[2] / "genai-bench-backends/fixtures"
ANSWERS = {
    CHAT: {"GENERIC": "oci/generic.sse", "COHERE": "oci/cohere.sse", "COHEREV2": "oci/cohere_v2.sse"},
    "/20231130/actions/embedText": {None: "oci/embed.json"},
    "/20231130/actions/rerankText": {None: "oci/rerank_with_documents.json"},
}
PASS_PHRASE = "throwaway-pass-phrase"
API_KEY = "sk-throwaway-generative-ai"
CLUSTER_PORT = 12250
# Long enough to be used at all, and so short that a run sees it end.
TOKEN_SECONDS = 12
SKEW_SECONDS = 300

GENERIC = ["date", "(request-target)", "host"]
BODY = ["content-length", "content-type", "x-content-sha256"]


class Refused(Exception):
    """Why a request is not answered."""


def new_key():
    return rsa.generate_private_key(65537, 2048)


def public_der(key):
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_pem(key):
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key, form=serialization.PrivateFormat.PKCS8, pass_phrase=None):
    hidden = serialization.NoEncryption()
    if pass_phrase:
        hidden = serialization.BestAvailableEncryption(pass_phrase.encode())
    return key.private_bytes(serialization.Encoding.PEM, form, hidden).decode()


def certificate(names, key, issuer=None, issuer_key=None, is_authority=False):
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    now = datetime.datetime.now(datetime.timezone.utc)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
    )
    return built.sign(issuer_key or key, hashes.SHA256())


def certificate_pem(it):
    return it.public_bytes(serialization.Encoding.PEM).decode()


class Oci:
    """Who is known, by what, and what was given out."""

    def __init__(self):
        self.user_key, self.instance_key, self.authority_key, self.token_key = (new_key() for _ in range(4))
        digest = hashlib.md5(public_der(self.user_key.public_key())).hexdigest()
        self.fingerprint = ":".join(digest[i : i + 2] for i in range(0, 32, 2))
        self.authority = certificate([(NameOID.COMMON_NAME, "An authority")], self.authority_key, is_authority=True)
        names = [
            (NameOID.COMMON_NAME, "ocid1.instance.oc1..aaaainstance"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "opc-certtype:instance"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, f"opc-tenant:{TENANCY}"),
        ]
        self.leaf = certificate(names, self.instance_key, self.authority, self.authority_key)
        digest = self.leaf.fingerprint(hashes.SHA1()).hex().upper()
        self.leaf_fingerprint = ":".join(digest[i : i + 2] for i in range(0, 40, 2))
        # The public key that signs with each token.
        self.tokens = {}
        claims = {"exp": int(time.time()) + 3600, "sub": "system:serviceaccount:default:bench"}
        self.account = jwt.encode(claims, self.token_key, algorithm="RS256")
        self.counts = {"x509": 0, "refresh": 0, "pod": 0}

    def give(self, kind, subject, key, seconds=TOKEN_SECONDS):
        claims = {"iat": int(time.time()), "exp": int(time.time()) + seconds, "sub": subject, "kind": kind}
        claims |= {"tenant": TENANCY, "res_tenant": TENANCY, "number": len(self.tokens)}
        token = jwt.encode(claims, self.token_key, algorithm="RS256")
        self.tokens[token] = key
        return token

    def signer(self, key_id):
        """Who signs under a name: a word for it, the public key, and the headers that have to be covered."""
        if key_id == f"{TENANCY}/{USER}/{self.fingerprint}":
            return "user", self.user_key.public_key(), GENERIC
        if key_id == f"{TENANCY}/fed-x509/{self.leaf_fingerprint}":
            return "certificate", self.leaf.public_key(), ["date", "(request-target)"]
        token = key_id.removeprefix("ST$")
        if token == key_id or token not in self.tokens:
            raise Refused("nobody is known by this keyId")
        try:
            claims = jwt.decode(token, self.token_key.public_key(), algorithms=["RS256"])
        except jwt.ExpiredSignatureError:
            raise Refused("the token has ended") from None
        return claims["kind"], self.tokens[token], GENERIC

    def verified(self, request, body):
        """Who has signed a request, as the SDK verifies it."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "authorization" not in headers:
            raise Refused("there is no signature")
        if headers["authorization"] == f"Bearer {API_KEY}":
            return "API key"
        _, said = oci._vendor.httpsig_cffi.utils.parse_authorization_header(headers["authorization"])
        who, key, needed = self.signer(said["keyid"])
        if "opc-obo-token" in headers:
            needed = [*needed, "opc-obo-token"]
            who += f" for {headers['opc-obo-token']}"
        if request.command in ("POST", "PUT", "PATCH"):
            needed = [*needed, *BODY]
            if headers["x-content-sha256"] != base64.b64encode(hashlib.sha256(body).digest()).decode():
                raise Refused("another body was signed")
        if said["headers"] != " ".join(needed):
            raise Refused(f"covered is '{said['headers']}', not '{' '.join(needed)}'")
        if (said["algorithm"], said["version"]) != ("rsa-sha256", "1"):
            raise Refused("another algorithm or version")
        if len(request.headers.get_all("host")) != 1 or headers["host"] != request.address:
            raise Refused(f"the host is {request.headers.get_all('host')}")
        date = email.utils.parsedate_to_datetime(headers["date"])
        if abs((datetime.datetime.now(datetime.timezone.utc) - date).total_seconds()) > SKEW_SECONDS:
            raise Refused("the date is off")
        verifier = HeaderVerifier(headers, public_pem(key), needed, request.command, request.path)
        if not verifier.verify():
            raise Refused("the signature is wrong")
        return who

    def public_key(self, text):
        return serialization.load_der_public_key(base64.b64decode(text, validate=True))

    def answer(self, request, body):
        """What a path is answered with."""
        if request.path.startswith("/opc/v2/"):
            if request.headers["authorization"] != "Bearer Oracle":
                raise Refused("the metadata service wants Bearer Oracle")
            return {
                "/opc/v2/instance/region": "ord",
                "/opc/v2/identity/cert.pem": certificate_pem(self.leaf),
                "/opc/v2/identity/key.pem": private_pem(
                    self.instance_key, serialization.PrivateFormat.TraditionalOpenSSL
                ),
                "/opc/v2/identity/intermediate.pem": certificate_pem(self.authority),
            }[request.path]
        if request.path == "/count":
            return self.counts
        if request.path == "/resourcePrincipalSessionTokens":
            if request.headers["authorization"] != f"Bearer {self.account}":
                raise Refused("no pod has this service account")
            self.counts["pod"] += 1
            token = self.give("pod", RESOURCE, self.public_key(json.loads(body)["podKey"]))
            return base64.b64encode(json.dumps({"token": f"ST${token}"}).encode()).decode()
        who = self.verified(request, body)
        if request.path == "/v1/x509":
            return {"token": self.exchanged(who, json.loads(body))}
        if request.path == "/v1/authentication/refresh":
            token = json.loads(body)["currentToken"]
            if who != "session" or token not in request.headers["authorization"]:
                raise Refused("a session is renewed by itself")
            self.counts["refresh"] += 1
            return {"token": self.give("session", USER, self.tokens[token])}
        return self.inferred(request.path, request.headers, body) or {"who": who}

    def inferred(self, path, headers, body):
        """What the service answers a benchmark: bodies that the SDK was shown to read."""
        asked = json.loads(body) if body else {}
        if path == OPENAI_CHAT:
            if headers["opc-compartment-id"] != TENANCY:
                raise Refused("the compartment is not named")
            return "text/event-stream", (FIXTURES / "openai/chat.sse").read_bytes()
        if path not in ANSWERS or asked.get("compartmentId") != TENANCY:
            return None
        name = ANSWERS[path].get(asked.get("chatRequest", {}).get("apiFormat"))
        return "text/event-stream" if name.endswith(".sse") else "application/json", (FIXTURES / name).read_bytes()

    def exchanged(self, who, asked):
        if who != "certificate" or list(asked) != ["certificate", "publicKey", "intermediateCertificates"]:
            raise Refused(f"{who} asks with {list(asked)}")
        leaf = x509.load_der_x509_certificate(base64.b64decode(asked["certificate"], validate=True))
        above = [base64.b64decode(it, validate=True) for it in asked["intermediateCertificates"]]
        if [x509.load_der_x509_certificate(it) for it in above] != [self.authority] or leaf != self.leaf:
            raise Refused("these are other certificates")
        leaf.verify_directly_issued_by(self.authority)
        self.counts["x509"] += 1
        return self.give("instance", TENANCY, self.public_key(asked["publicKey"]))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def handler(played):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        @property
        def address(self):
            return "127.0.0.1:%d" % self.server.server_port

        def do(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            try:
                status, answer = 200, played.answer(self, body)
            except Refused as why:
                status, answer = 401, {"code": "NotAuthenticated", "message": str(why)}
            kind, text = "application/json", answer
            if isinstance(answer, tuple):
                kind, text = answer
            elif not isinstance(answer, str):
                text = json.dumps(answer)
            text = text.encode() if isinstance(text, str) else text
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do

        def log_message(self, *_):
            pass

    return Handler


def started(played, port=0, tls=None):
    server = Server(("127.0.0.1", port), handler(played))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def write_files(played, folder):
    """What a person, a service or a cluster has put there."""

    def file(name, text):
        (folder / name).write_text(text)
        return folder / name

    session_key, resource_key = new_key(), new_key()
    file("ca.crt", certificate_pem(played.authority))
    file("account", played.account + "\n")
    file("delegation", "a-delegation-token\n")
    file("rpst", played.give("resource", RESOURCE, resource_key.public_key(), 3600))
    file("rp.pem", private_pem(resource_key, pass_phrase=PASS_PHRASE))
    file("pass", PASS_PHRASE)
    file("session", played.give("session", USER, session_key.public_key()) + "\n")
    file("session.pem", private_pem(session_key) + "OCI_API_KEY\n")
    file("user.pem", private_pem(played.user_key, serialization.PrivateFormat.TraditionalOpenSSL))
    file("hidden.pem", private_pem(played.user_key, pass_phrase=PASS_PHRASE))
    file(
        "config",
        f"[DEFAULT]\nuser={USER}\ntenancy={TENANCY}\nfingerprint={played.fingerprint}\n"
        f"key_file={folder}/user.pem\nregion={REGION}\n"
        f"[HIDDEN]\nkey_file={folder}/hidden.pem\npass_phrase={PASS_PHRASE}\n"
        f"[SESSION]\nkey_file={folder}/session.pem\nsecurity_token_file={folder}/session\n"
        f"[DELEGATION]\ndelegation_token_file={folder}/delegation\n",
    )


def served_pods(played, folder):
    """The cluster, which speaks TLS by a certificate of its own."""
    key = new_key()
    own = certificate([(NameOID.COMMON_NAME, "A cluster")], key, played.authority, played.authority_key)
    (folder / "cluster.pem").write_text(certificate_pem(own) + private_pem(key))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "cluster.pem")
    started(played, CLUSTER_PORT, tls)


def check_by_sdk(url, folder):
    """The SDK's own signers are answered as ours have to be."""
    signers, variables = oci.auth.signers, os.environ
    variables["OCI_METADATA_BASE_URL"] = f"{url}/opc/v2"
    variables["KUBERNETES_SERVICE_HOST"] = "127.0.0.1"
    variables["OCI_KUBERNETES_SERVICE_ACCOUNT_CERT_PATH"] = str(folder / "ca.crt")
    variables["OCI_RESOURCE_PRINCIPAL_VERSION"] = "2.2"
    variables["OCI_RESOURCE_PRINCIPAL_RPST"] = (folder / "rpst").read_text()
    variables["OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"] = (folder / "rp.pem").read_text()
    variables["OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE"] = PASS_PHRASE
    federation = {"federation_endpoint": f"{url}/v1/x509"}
    config = oci.config.from_file(str(folder / "config"), "HIDDEN")
    session_key = oci.signer.load_private_key_from_file(str(folder / "session.pem"))
    session_token = (folder / "session").read_text().strip()
    pods = signers.get_oke_workload_identity_resource_principal_signer
    expected = {
        "user": oci.signer.Signer.from_config(config),
        "session": signers.SecurityTokenSigner(session_token, session_key),
        "instance": signers.InstancePrincipalsSecurityTokenSigner(**federation),
        "instance for t": signers.InstancePrincipalsDelegationTokenSigner(delegation_token="t", **federation),
        "resource": signers.get_resource_principals_signer(),
        "pod": pods(service_account_token_path=str(folder / "account")),
    }
    for who, signer in expected.items():
        answer = requests.post(url + CHAT, json={"a": "é"}, auth=signer)
        if answer.json() != {"who": who}:
            sys.exit(f"the SDK as {who} was answered {answer.text}")
    forged = requests.post(url + CHAT, json={}, headers={"date": "Mon, 23 Nov 2020 08:00:00 GMT"}, auth=signer)
    if forged.status_code != 401:
        sys.exit("an old request was answered")


def main(folder):
    played = Oci()
    write_files(played, folder)
    served_pods(played, folder)
    url = f"http://127.0.0.1:{started(played).server_port}"
    check_by_sdk(url, folder)
    # The session began when its user was ready for it.
    session = oci.signer.load_private_key_from_file(str(folder / "session.pem")).public_key()
    (folder / "session").write_text(played.give("session", USER, session) + "\n")
    played.counts.update(x509=0, refresh=0, pod=0)
    print(f"ready {url}", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
