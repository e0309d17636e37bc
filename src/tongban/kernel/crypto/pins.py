"""
The PIN of a token: who hands it over, and which one the token refused.

Tokens lock themselves after a few wrong PINs, and what starts a node starts it again every other second. So a PIN that
was refused is remembered, as an Argon2id hash, beside the keys, and not given to the token again.
"""

import contextlib
import os
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import keyfiles
from tongban.kernel.crypto.token_refusals import PinAbsent, PinFileUnreadable, PinRefusedBefore

VARIABLE = "TONGBAN_TOKEN_PIN"
CREDENTIAL = "tongban-token-pin"  # as systemd's LoadCredential= names it
REFUSED = "token.refused"


def pin(place: TokenConfig) -> str:
    """
    Return the PIN: from the environment, from systemd's credential or from its file, in this order.

    Raises:
        PinAbsent: nobody gave it. PinFileUnreadable: the file named for it can't be read.
    """
    if given := os.environ.get(VARIABLE):
        return given
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    handed_over = Path(credentials) / CREDENTIAL if credentials else None
    file = handed_over if handed_over and handed_over.exists() else place.pin_file
    if file is None:
        raise PinAbsent(place)
    try:
        found = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise PinFileUnreadable(file) from None
    if not found:
        raise PinAbsent(place)
    return found


def ask_not_refused(place: TokenConfig, given: str) -> None:
    """
    Return quietly unless the token refused this very PIN the last time.

    Raises:
        PinRefusedBefore: it did.
    """
    note = place.folder / REFUSED
    with contextlib.suppress(FileNotFoundError, VerificationError, InvalidHashError):
        PasswordHasher().verify(note.read_text(encoding="ascii"), _of(place, given))
        raise PinRefusedBefore(place, note)


def remember_refused(place: TokenConfig, given: str) -> None:
    """Keep that the token refused this PIN."""
    kept = PasswordHasher().hash(_of(place, given)).encode("ascii")
    # Where nothing can be written the token's own count is what is left: see `cryptoki`.
    with contextlib.suppress(OSError):
        keyfiles.write(place.folder / REFUSED, kept, replace=True)


def forget_refused(place: TokenConfig) -> None:
    """Forget what was refused: the token has accepted a PIN."""
    with contextlib.suppress(OSError):
        (place.folder / REFUSED).unlink(missing_ok=True)


def _of(place: TokenConfig, given: str) -> str:
    return f"{place.label}\0{given}"
