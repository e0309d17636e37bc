"""
The PKCS#11 port: a key that a token made, that never leaves it, and under which the token seals a few bytes.

Each use begins the maker's module, signs in, asks one thing and ends it all again. So no session is there to be lost in a
fork or shared by threads, and the token is asked for rarely: once as a process starts. Only the functions and mechanisms of
the standard are used (CKM_AES_KEY_GEN, CKM_AES_GCM). SM2 and SM4 have no standard numbers in PKCS#11; what signs in a
token would stand behind `sm.Key` (docs/decisions/0029-keys-under-a-token.md).
"""

import contextlib
import importlib
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import pins
from tongban.kernel.crypto.token_refusals import (
    KeyUnfit,
    LibraryAbsent,
    ModuleUnusable,
    OtherToken,
    PinLastTry,
    PinLocked,
    PinWrong,
    TokenAway,
    TokenDoubtful,
    TokenFailed,
    TokenUnusable,
)

NONCE, ID = 12, 16
_alone = threading.Lock()  # ending the module ends it for every thread


def make_key(place: TokenConfig) -> bytes:
    """
    Return the id of this node's key in the token, which makes one if there is none yet.

    Raises:
        TokenUnusable: one of its subclasses says why.
    """
    with _session(place, writes=True) as (pkcs11, session):
        wanted = {
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
            pkcs11.Attribute.LABEL: place.key,
        }
        known = list(session.get_objects(wanted))
        key = known[0] if known else _generated(pkcs11, session, place)
        stays = key[pkcs11.Attribute.NEVER_EXTRACTABLE] and key[pkcs11.Attribute.ALWAYS_SENSITIVE]
        if len(known) > 1 or not stays or key.key_type != pkcs11.KeyType.AES or key.key_length != 256:
            raise KeyUnfit(place)
        return bytes(key.id)


def seal(place: TokenConfig, key_id: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Return nonce ‖ ciphertext ‖ tag under the key of that id (AES-256-GCM); raises as `make_key`."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _asked(place, key_id, nonce, aad, lambda key, how: key.encrypt(plaintext, **how))


def open_(place: TokenConfig, key_id: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return what `seal` sealed under the same key and `aad`; raises as `make_key`."""
    nonce, body = sealed[:NONCE], sealed[NONCE:]
    return _asked(place, key_id, nonce, aad, lambda key, how: key.decrypt(body, **how))


def is_there(place: TokenConfig) -> bool:
    """Return whether the token is plugged in; it is not signed in to."""
    try:
        with _module(place) as (pkcs11, library):
            return bool(_token(pkcs11, library, place))
    except TokenUnusable:
        return False


def _asked(
    place: TokenConfig, key_id: bytes, nonce: bytes, aad: bytes, what: Callable[[Any, dict[str, Any]], bytes]
) -> bytes:
    with _session(place) as (pkcs11, session):
        wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.ID: key_id}
        found = list(session.get_objects(wanted))
        if len(found) != 1:
            raise OtherToken(place)
        how = {
            "mechanism": pkcs11.Mechanism.AES_GCM,
            "mechanism_param": pkcs11.GCMParams(nonce, aad=aad, tag_bits=128),
        }
        return bytes(what(found[0], how))


def _generated(pkcs11: Any, session: Any, place: TokenConfig) -> Any:
    """Have the token make a key that is good for nothing but sealing and opening, and stays where it is."""
    attribute = pkcs11.Attribute
    template = {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.PRIVATE: True}
    capabilities = pkcs11.MechanismFlag.ENCRYPT | pkcs11.MechanismFlag.DECRYPT
    return session.generate_key(
        pkcs11.KeyType.AES, 256, label=place.key, id=secrets.token_bytes(ID), store=True, capabilities=capabilities,
        template=template,
    )  # fmt: skip


@contextmanager
def _session(place: TokenConfig, *, writes: bool = False) -> Iterator[tuple[Any, Any]]:
    """Yield the library and a session signed in to the token."""
    given = pins.pin(place)
    pins.ask_not_refused(place, given)
    with _module(place) as (pkcs11, library):
        token = _token(pkcs11, library, place)
        ask_tries_left(pkcs11.TokenFlag, token.flags, place)
        try:
            session = token.open(user_pin=given, rw=writes)
        except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange):
            pins.remember_refused(place, given)
            raise PinWrong(place) from None
        pins.forget_refused(place)
        with session:
            yield pkcs11, session


def ask_tries_left(flag: Any, flags: int, place: TokenConfig) -> None:
    """
    Return quietly if one wrong PIN would not lock the token, as far as it tells; `flag` names its flags.

    Raises:
        PinLocked: it is locked. PinLastTry: one more wrong PIN would do it.
    """
    if flags & flag.USER_PIN_LOCKED:
        raise PinLocked(place)
    if flags & flag.USER_PIN_FINAL_TRY:
        raise PinLastTry(place)


@contextmanager
def _module(place: TokenConfig) -> Iterator[tuple[Any, Any]]:
    """Yield the library and the maker's module, begun; every refusal of theirs becomes one of ours."""
    try:
        pkcs11 = importlib.import_module("pkcs11")
    except ImportError:
        raise LibraryAbsent from None
    with _alone:
        try:
            module = pkcs11.lib(str(place.module))
        except (pkcs11.PKCS11Error, OSError):
            raise ModuleUnusable(place) from None
        try:
            yield pkcs11, module
        except (pkcs11.DeviceRemoved, pkcs11.TokenNotPresent, pkcs11.SlotIDInvalid):
            raise TokenAway(place) from None
        except pkcs11.PinLocked:
            raise PinLocked(place) from None
        except pkcs11.PKCS11Error as error:
            raise TokenFailed(place, error) from None
        finally:
            # What is gone cannot be ended properly, and what went wrong before is what counts.
            with contextlib.suppress(pkcs11.PKCS11Error):
                module.finalize()


def _token(pkcs11: Any, module: Any, place: TokenConfig) -> Any:
    present = pkcs11.TokenFlag.TOKEN_INITIALIZED
    found = list(module.get_tokens(token_label=place.label, token_flags=present))
    if not found:
        raise TokenAway(place)
    if len(found) > 1:
        raise TokenDoubtful(place)
    return found[0]
