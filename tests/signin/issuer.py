"""
An identity provider of our own, that can be told to answer wrongly: a real HTTP server with its own key.

It keeps to OpenID Connect where the test does not ask otherwise; PKCE and the client's secret it always checks.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "tongban-node", "a secret between two"
CHEN = {"sub": "u-1001", "name": "陈一", "id_number": "341723199003070016", "id_type": "111"}


@dataclass
class Issuer:
    """What it says; a test changes what it wants to see refused."""

    person: dict[str, Any] = field(default_factory=lambda: dict(CHEN))
    acr: str = "loa2"
    claims: dict[str, Any] = field(default_factory=dict)  # in place of those of the token
    without: frozenset[str] = frozenset()  # claims left out of the token
    in_userinfo: frozenset[str] = frozenset()  # told by userinfo instead of the token
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "ES256"
    is_broken: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "k1"}, auto_kid=True)
        self.signing_key: Any = self.key
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        """Go away."""
        self.server.shutdown()
        self.server.server_close()

    def authorize(self, url: str) -> str:
        """Do what the person does there: agree; return the address their browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        self.asked.append(asked)
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {expected}":
            return 401, {"error": "invalid_client"}
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        person = {name: value for name, value in self.person.items() if name not in self.in_userinfo}
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now,
            "nonce": asked["nonce"], "acr": self.acr, **person, **self.claims,
        }  # fmt: skip
        told = {name: value for name, value in claims.items() if name not in self.without}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        token = jwt.encode(header, told, self.signing_key, algorithms=[self.algorithm])
        return 200, {"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": token}

    def document(self, path: str) -> dict[str, Any] | None:
        """Answer a GET."""
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/jwks",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "id_token_signing_alg_values_supported": ["ES256", "HS256"], **self.metadata,
            },
            "/jwks": KeySet([self.key]).as_dict(private=False),
            "/userinfo": {**self.person, **self.userinfo},
        }.get(path)  # fmt: skip


def _handler(issuer: Issuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = None if issuer.is_broken else issuer.document(urlsplit(self.path).path)
            self._say(200 if found else 500, found or {"error": "down"})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            self._say(*issuer.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
