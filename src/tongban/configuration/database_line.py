"""How the line to PostgreSQL is protected: what stands after the question mark of the database's URL."""

from typing import Final
from urllib.parse import parse_qsl, urlsplit

# What the URL may say → the variable by which PostgreSQL's own programs are told the same.
VARIABLES: Final = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
}  # fmt: skip
# Those that fall back to a line in clear are not among them: whoever asks for TLS gets it or nothing.
MODES: Final = ("disable", "require", "verify-ca", "verify-full")


class DatabaseLineError(ValueError):
    """The URL says something of the line that cannot be understood."""


def read(url: str) -> dict[str, str]:
    """
    Return what a database URL says of TLS, by PostgreSQL's own names; nothing where it says nothing.

    Raises:
        DatabaseLineError: it says something else, says it twice, or asks for a mode that falls back to no TLS.
    """
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    found = dict(pairs)
    known = "、".join(VARIABLES)
    if parts.scheme != "postgresql" and pairs:
        raise DatabaseLineError("database.url 中“?”之后的参数只用于 PostgreSQL")
    if len(found) < len(pairs) or not found.keys() <= VARIABLES.keys() or not all(found.values()):
        raise DatabaseLineError(f"database.url 中“?”之后只能有 {known}，各写一次")
    if found and found.get("sslmode") not in MODES:
        raise DatabaseLineError(f"database.url 的 sslmode 应为 {'、'.join(MODES)} 之一")
    return found
