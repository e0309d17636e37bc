"""A security key made of software: what a browser and its passkey answer, with switches for what can be wrong."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Token:
    """One security key, used at one site; answers options as a page holds them."""

    origin: str
    rp: str
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str) -> str:
        """Return what the browser sends after `navigator.credentials.create`."""
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + cbor2.dumps(cose)
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(options, "webauthn.create", {"attestationObject": attestation})[0]

    def sign(self, options: str, *, count: int | None = None) -> str:
        """Return what the browser sends after `navigator.credentials.get`; the counter goes on, or to `count`."""
        self.count = self.count + 1 if count is None else count
        data = self._data(self.flags)
        _, client = self._answer(options, "webauthn.get", {})
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(options, "webauthn.get", {"authenticatorData": data, "signature": signature})[0]

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, options: str, kind: str, response: dict[str, bytes]) -> tuple[str, bytes]:
        client = {"type": kind, "challenge": json.loads(options)["challenge"], "origin": self.origin}
        raw = json.dumps(client).encode()
        own = bytes_to_base64url(self.credential)
        said: dict[str, Any] = {
            "id": own, "rawId": own, "type": "public-key", "clientExtensionResults": {},
            "response": {name: bytes_to_base64url(value) for name, value in ({"clientDataJSON": raw} | response).items()},
        }  # fmt: skip
        return json.dumps(said), raw
