"""
The few functions of the system's OpenSSL that SM2 needs, by ctypes.

The `cryptography` package has no SM2, and the packages that do either build C code on the spot or are
not looked after. OpenSSL is kept up to date by the operating system. Objects of OpenSSL live in `Handle`s,
so none is leaked; `ctypes` lets go of the interpreter lock, so threads sign side by side.
"""

import ctypes
import ctypes.util
import functools
from collections.abc import Callable
from ctypes import c_char_p, c_int, c_size_t, c_void_p


class CryptoUnavailable(RuntimeError):
    """There is no OpenSSL 3 with SM2 on this machine."""


_PTR, _LEN = c_void_p, ctypes.POINTER(c_size_t)
# name: (result, arguments), from the manual pages of OpenSSL 3.0
_FUNCTIONS: dict[str, tuple[type | None, list[type]]] = {
    "BIO_ctrl": (ctypes.c_long, [_PTR, c_int, ctypes.c_long, _PTR]),
    "BIO_free": (c_int, [_PTR]),
    "BIO_new": (_PTR, [_PTR]),
    "BIO_new_mem_buf": (_PTR, [c_char_p, c_int]),
    "BIO_s_mem": (_PTR, []),
    "ERR_clear_error": (None, []),
    "EVP_DigestSign": (c_int, [_PTR, c_char_p, _LEN, c_char_p, c_size_t]),
    "EVP_DigestSignInit": (c_int, [_PTR, ctypes.POINTER(_PTR), _PTR, _PTR, _PTR]),
    "EVP_DigestVerify": (c_int, [_PTR, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_DigestVerifyInit": (c_int, [_PTR, ctypes.POINTER(_PTR), _PTR, _PTR, _PTR]),
    "EVP_MD_CTX_free": (None, [_PTR]),
    "EVP_MD_CTX_new": (_PTR, []),
    "EVP_PKEY2PKCS8": (_PTR, [_PTR]),
    "EVP_PKEY_CTX_free": (None, [_PTR]),
    "EVP_PKEY_CTX_new": (_PTR, [_PTR, _PTR]),
    "EVP_PKEY_CTX_new_from_name": (_PTR, [_PTR, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_set1_id": (c_int, [_PTR, c_char_p, c_int]),
    "EVP_PKEY_decrypt": (c_int, [_PTR, c_char_p, _LEN, c_char_p, c_size_t]),
    "EVP_PKEY_decrypt_init": (c_int, [_PTR]),
    "EVP_PKEY_encrypt": (c_int, [_PTR, c_char_p, _LEN, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [_PTR]),
    "EVP_PKEY_free": (None, [_PTR]),
    "EVP_PKEY_is_a": (c_int, [_PTR, c_char_p]),
    "EVP_sm3": (_PTR, []),
    "EVP_sm4_cbc": (_PTR, []),
    "OPENSSL_version_major": (ctypes.c_uint, []),
    "PEM_read_bio_PrivateKey": (_PTR, [_PTR, _PTR, _PTR, c_char_p]),
    "PEM_write_bio_PKCS8": (c_int, [_PTR, _PTR]),
    "PEM_write_bio_PKCS8_PRIV_KEY_INFO": (c_int, [_PTR, _PTR]),
    "PKCS8_PRIV_KEY_INFO_free": (None, [_PTR]),
    "PKCS8_encrypt": (_PTR, [c_int, _PTR, c_char_p, c_int, c_char_p, c_int, c_int, _PTR]),
    "X509_SIG_free": (None, [_PTR]),
    "d2i_AutoPrivateKey": (_PTR, [_PTR, ctypes.POINTER(c_char_p), ctypes.c_long]),
    "d2i_PUBKEY": (_PTR, [_PTR, ctypes.POINTER(c_char_p), ctypes.c_long]),
    "i2d_PUBKEY": (c_int, [_PTR, ctypes.POINTER(_PTR)]),
}


@functools.cache
def load() -> ctypes.CDLL:
    """
    Return libcrypto, checked to be OpenSSL ≥ 3 with SM2.

    Raises:
        CryptoUnavailable: with what to install.
    """
    found = ctypes.util.find_library("crypto")
    for name in ("libcrypto.so.3", "libcrypto.3.dylib", found):
        try:
            lib = ctypes.CDLL(name) if name else None
        except OSError:
            continue
        if lib is not None:
            return _checked(lib, name or "")
    raise CryptoUnavailable(
        "找不到 OpenSSL 的 libcrypto，无法签名验签；请安装 OpenSSL 3.0 或以上版本（Debian：libssl3）。"
    )


def _checked(lib: ctypes.CDLL, name: str) -> ctypes.CDLL:
    for function, (result, arguments) in _FUNCTIONS.items():
        try:
            entry = getattr(lib, function)
        except AttributeError:
            raise CryptoUnavailable(
                f"{name} 缺少 {function}，版本过低；请安装 OpenSSL 3.0 或以上版本。"
            ) from None
        entry.restype, entry.argtypes = result, arguments
    if lib.OPENSSL_version_major() < 3:
        raise CryptoUnavailable(f"{name} 版本过低；请安装 OpenSSL 3.0 或以上版本。")
    context = lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    if not context:  # some distributions leave SM2 out of their build
        raise CryptoUnavailable(f"{name} 未编入 SM2；请换用包含 SM2 的 OpenSSL 3。")
    lib.EVP_PKEY_CTX_free(context)
    return lib


class Handle:
    """An object of OpenSSL, freed when nobody refers to it any more; `with` frees it at once."""

    __slots__ = ("_free", "pointer")

    def __init__(self, pointer: int | None, free: Callable[[int], object]) -> None:
        """Own `pointer`, as a call of OpenSSL returned it; raise CryptoFailure if it is null."""
        self._free = free
        self.pointer = pointer
        if not pointer:
            load().ERR_clear_error()
            raise CryptoFailure("OpenSSL refused")

    def __enter__(self) -> int | None:
        return self.pointer

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Free the object; a second time does nothing."""
        pointer, self.pointer = self.pointer, None
        if pointer:
            self._free(pointer)


class CryptoFailure(ValueError):
    """OpenSSL refused what it was given: a bad key, a bad ciphertext, a wrong passphrase."""


def done(result: int) -> None:
    """Raise CryptoFailure unless a call of OpenSSL returned 1, and leave no error behind for the next."""
    if result != 1:
        load().ERR_clear_error()  # the queue belongs to the thread and would mislead whoever comes next
        raise CryptoFailure("OpenSSL refused")
