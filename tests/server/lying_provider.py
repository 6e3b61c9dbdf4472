"""An OpenID Connect provider of our own on loopback that tells the truth, or one lie at a time."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jws, jwt

CLIENT, SECRET = "arena", "canary-client-secret"
Claims = dict[str, Any]


@dataclass(slots=True)
class Granted:
    """What somebody was given a code for."""

    claims: Claims
    challenge: str
    used: bool = False


@dataclass(slots=True)
class Provider:
    """The provider, and what it says of the next person."""

    url: str = ""
    person: Claims = field(default_factory=dict)
    claims: Claims = field(default_factory=dict)
    """Said instead of the truth; None leaves a claim out."""
    sign: Callable[["Provider", Claims], Any] | None = None
    """Makes the ID token instead of an honest signature."""
    described: Claims = field(default_factory=dict)
    token_answer: Claims | None = None
    redirects: bool = False
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one"}, private=True))
    granted: dict[str, Granted] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def visit(self, address: str) -> tuple[str, str]:
        """What a browser is given that signs in there: code and state."""
        told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": told["client_id"],
            "sub": "subject-1",
            "iat": now,
            "exp": now + 300,
            "nonce": told["nonce"],
            "email": "ada@lab.example",
            "email_verified": True,
            "name": "Ada",
        }
        if "max_age" in told:  # it asks who it is, and says so; else it lets through whoever is signed in there
            claims["auth_time"] = now
        claims |= self.person
        code = secrets.token_urlsafe(8)
        assert told["code_challenge_method"] == "S256"
        self.granted[code] = Granted(claims=claims, challenge=told["code_challenge"])
        return code, told["state"]

    def token(self, claims: Claims) -> Any:
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        if self.sign is not None:
            return self.sign(self, claims)
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def public(self) -> Claims:
        return {"keys": [self.key.as_dict(private=False)]}


def _encoded(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(_: Provider, claims: Claims) -> str:
    """The algorithm `none`."""
    return f"{_encoded({'alg': 'none'})}.{_encoded(claims)}."


def stripped(provider: Provider, claims: Claims) -> str:
    """An honest header without a signature."""
    return ".".join([*str(jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)).split(".")[:2], ""])


def changed(provider: Provider, claims: Claims) -> str:
    """An honest signature over other claims."""
    head, _, signature = str(jwt.encode({"alg": "RS256", "kid": "one"}, claims, provider.key)).split(".")
    return f"{head}.{_encoded({**claims, 'email': 'root@lab.example'})}.{signature}"


def by_another_key(_: Provider, claims: Claims) -> str:
    """Signed by somebody else, under the name of the right key."""
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, jwk.RSAKey.generate_key(2048, private=True))


def by_its_own_key(_: Provider, claims: Claims) -> str:
    """Signed by somebody else, whose key lies in the header."""
    key = jwk.RSAKey.generate_key(2048, private=True)
    registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key, registry=registry)


def with_the_public_key_as_secret(provider: Provider, claims: Claims) -> str:
    """HMAC with what everybody knows. By hand: libraries refuse to make it."""
    text = f"{_encoded({'alg': 'HS256', 'kid': 'one'})}.{_encoded(claims)}"
    made = hmac.digest(provider.key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def with_the_client_secret(_: Provider, claims: Claims) -> str:
    """HMAC with what the client knows, too."""
    return jwt.encode({"alg": "HS256"}, claims, jwk.OctKey.import_key(SECRET.ljust(32, "x")))


@contextmanager
def serve() -> Iterator[Provider]:
    """A provider on a free port."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/.well-known/openid-configuration":
                truth = {
                    "issuer": provider.url,
                    "authorization_endpoint": f"{provider.url}/authorize",
                    "token_endpoint": f"{provider.url}/token",
                    "jwks_uri": f"{provider.url}/jwks",
                }
                self._say(200, truth | provider.described)
            elif path == "/jwks":
                self._say(200, provider.public())
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            given = {name: values[0] for name, values in parse_qs(body).items()}
            basic = base64.b64decode(self.headers.get("Authorization", "Basic ").removeprefix("Basic ")).decode()
            provider.asked.append({**given, "basic": basic})
            if provider.redirects:
                self.send_response(302)
                self.send_header("Location", f"{provider.url}/jwks")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            found = provider.granted.get(given.get("code", ""))
            hashed = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
            proven = found is not None and found.challenge == base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
            if provider.token_answer is not None:
                self._say(200, provider.token_answer)
            elif found is None or found.used or not proven or basic != f"{CLIENT}:{SECRET}":
                self._say(400, {"error": "invalid_grant"})
            else:
                found.used = True
                self._say(200, {"access_token": "x", "token_type": "Bearer", "id_token": provider.token(found.claims)})

        def _say(self, status: int, document: Claims) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
