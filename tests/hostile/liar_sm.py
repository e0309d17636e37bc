"""SM2, SM3 and SM4-GCM with plain integers: slow, small, and nobody else's code."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from functools import cache
from itertools import count

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
G = (
    0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7,
    0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0,
)
SIGNER = b"1234567812345678"
CURVE_OID = bytes.fromhex("06082a811ccf5501822d")

Point = tuple[int, int]


def sm3(data: bytes) -> bytes:
    return hashlib.new("sm3", data).digest()


# --- the curve, in Jacobian coordinates: (X, Y, Z) stands for (X/Z², Y/Z³), Z = 0 for the point at infinity


def _double(point: tuple[int, int, int]) -> tuple[int, int, int]:
    x, y, z = point
    if not y or not z:
        return 0, 1, 0
    square = y * y % P
    s = 4 * x * square % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    nx = (m * m - 2 * s) % P
    return nx, (m * (s - nx) - 8 * square * square) % P, 2 * y * z % P


def _add(one: tuple[int, int, int], two: tuple[int, int, int]) -> tuple[int, int, int]:
    if not one[2]:
        return two
    if not two[2]:
        return one
    x1, y1, z1 = one
    x2, y2, z2 = two
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * z2 * zz2 % P, y2 * z1 * zz1 % P
    if u1 == u2:
        return _double(one) if s1 == s2 else (0, 1, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    nx = (r * r - hhh - 2 * v) % P
    return nx, (r * (v - nx) - s1 * hhh) % P, h * z1 * z2 % P


def _flat(point: tuple[int, int, int]) -> Point:
    x, y, z = point
    inverse = pow(z, -1, P)
    return x * inverse**2 % P, y * inverse**3 % P


@cache
def _rows_of_g() -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """Return row by row G·16^n times 0 to 15."""
    rows, base = [], (*G, 1)
    for _ in range(64):
        row = [(0, 1, 0)]
        for _ in range(15):
            row.append(_add(row[-1], base))
        rows.append(tuple(row))
        base = _add(row[-1], base)
    return tuple(rows)


def _times_g(number: int) -> tuple[int, int, int]:
    total = (0, 1, 0)
    for place, row in enumerate(_rows_of_g()):
        total = _add(total, row[number >> 4 * place & 15])
    return total


def _times(number: int, point: Point) -> tuple[int, int, int]:
    total, base = (0, 1, 0), (*point, 1)
    for bit in f"{number:b}":
        total = _double(total)
        if bit == "1":
            total = _add(total, base)
    return total


def on_curve(point: Point) -> bool:
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def public(private: int) -> Point:
    return _flat(_times_g(private))


def point_bytes(point: Point) -> bytes:
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def read_point(data: bytes) -> Point:
    point = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if len(data) != 65 or data[0] != 4 or not on_curve(point):
        raise ValueError("no point of the curve")
    return point


def fresh() -> int:
    return secrets.randbelow(N - 2) + 1


# --- signatures


def _digest_for_signing(message: bytes, point: Point, signer: bytes) -> int:
    numbers = b"".join(number.to_bytes(32, "big") for number in (A, B, *G, *point))
    who = sm3((len(signer) * 8).to_bytes(2, "big") + signer + numbers)
    return int.from_bytes(sm3(who + message), "big")


def sign(private: int, message: bytes, *, signer: bytes = SIGNER, k: int | None = None) -> tuple[int, int]:
    e = _digest_for_signing(message, public(private), signer)
    while True:
        once = k or fresh()
        r = (e + _flat(_times_g(once))[0]) % N
        s = pow(1 + private, -1, N) * (once - r * private) % N
        if r and s and (r + once) % N:
            return r, s


def verify(point: Point, message: bytes, signature: tuple[int, int], *, signer: bytes = SIGNER) -> bool:
    r, s = signature
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    total = _add(_times_g(s), _times(t, point))
    return bool(total[2]) and (_digest_for_signing(message, point, signer) + _flat(total)[0]) % N == r


# --- DER, as much of it as is needed


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 128 + len(length))) + length + content


def der_int(number: int) -> bytes:
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def read_der(data: bytes) -> list[tuple[int, bytes]]:
    """Return tag and content of each value that stands in `data`, one after another."""
    found, place = [], 0
    while place < len(data):
        tag, size, place = data[place], data[place + 1], place + 2
        if size >= 128:
            wide = size - 128
            size, place = int.from_bytes(data[place : place + wide], "big"), place + wide
        found.append((tag, data[place : place + size]))
        place += size
    return found


def signature_der(signature: tuple[int, int]) -> bytes:
    return der(0x30, der_int(signature[0]) + der_int(signature[1]))


def read_signature(data: bytes) -> tuple[int, int]:
    """Return r and s; only the one DER spelling of them is read."""
    try:
        r, s = (int.from_bytes(content, "big") for _, content in read_der(read_der(data)[0][1]))
    except (IndexError, ValueError):
        raise ValueError("no signature") from None
    if signature_der((r, s)) != data:
        raise ValueError("not the one spelling of this signature")
    return r, s


def read_pem(text: str) -> int:
    """Return the private number of a PEM file: PKCS #8 or SEC 1, on the curve of SM2, not encrypted."""
    blocks = text.split("-----BEGIN ")[1:]
    for block in blocks:
        name, _, rest = block.partition("-----")
        if not name.endswith("PRIVATE KEY") or name.startswith("ENCRYPTED"):
            continue
        values = read_der(read_der(base64.b64decode(rest.partition("-----END")[0]))[0][1])
        if name == "PRIVATE KEY":
            if CURVE_OID not in values[1][1]:
                raise ValueError("a key of another curve")
            values = read_der(read_der(values[2][1])[0][1])
        return int.from_bytes(values[1][1], "big")
    raise ValueError("no private key that can be read")


def write_pem(private: int) -> str:
    """Return the PKCS #8 PEM of a private number."""
    algorithm = der(0x30, bytes.fromhex("06072a8648ce3d0201") + CURVE_OID)
    point = der(0xA1, der(3, b"\0" + point_bytes(public(private))))
    inner = der(0x30, der_int(1) + der(4, private.to_bytes(32, "big")) + point)
    text = base64.encodebytes(der(0x30, der_int(0) + algorithm + der(4, inner))).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n"


# --- wrapping a key for somebody


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What SM2 encryption gives."""

    x: int
    y: int
    hash: bytes
    text: bytes

    def der(self) -> bytes:
        return der(0x30, der_int(self.x) + der_int(self.y) + der(4, self.hash) + der(4, self.text))

    @classmethod
    def read(cls, data: bytes) -> "Wrapped":
        (_, x), (_, y), (_, digest), (_, text) = read_der(read_der(data)[0][1])
        return cls(int.from_bytes(x, "big"), int.from_bytes(y, "big"), digest, text)


def _stream(seed: bytes, size: int) -> bytes:
    found = b""
    for number in count(1):
        if len(found) >= size:
            return found[:size]
        found += sm3(seed + number.to_bytes(4, "big"))
    raise AssertionError


def _mixed(point: Point, data: bytes) -> tuple[bytes, bytes, bytes]:
    x, y = (number.to_bytes(32, "big") for number in point)
    stream = _stream(x + y, len(data))
    return x, y, bytes(one ^ two for one, two in zip(data, stream, strict=True))


def wrap(point: Point, data: bytes, k: int | None = None) -> bytes:
    once = k or fresh()
    x, y, text = _mixed(_flat(_times(once, point)), data)
    return Wrapped(*_flat(_times_g(once)), sm3(x + data + y), text).der()


def unwrap(private: int, wrapped: bytes) -> bytes:
    parts = Wrapped.read(wrapped)
    if not on_curve((parts.x, parts.y)):
        raise ValueError("no point of the curve")
    x, y, data = _mixed(_flat(_times(private, (parts.x, parts.y))), parts.text)
    if sm3(x + data + y) != parts.hash:
        raise ValueError("not wrapped for this key")
    return data


# --- content


def sm4_seal(key: bytes, data: bytes, extra: bytes, nonce: bytes | None = None) -> bytes:
    nonce = nonce or secrets.token_bytes(12)
    cipher = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(extra)
    return nonce + cipher.update(data) + cipher.finalize() + cipher.tag


def sm4_open(key: bytes, sealed: bytes, extra: bytes) -> bytes:
    cipher = Cipher(algorithms.SM4(key), modes.GCM(sealed[:12], sealed[-16:])).decryptor()
    cipher.authenticate_additional_data(extra)
    return cipher.update(sealed[12:-16]) + cipher.finalize()
