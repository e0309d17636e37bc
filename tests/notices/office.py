"""A post office of its own process that asks for a login: `python -m tests.notices.office smtp|smtps PORT FOLDER`."""

import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Office:
    """Writes down who wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # as aiosmtpd calls it
        with (self.folder / "taken").open("a") as taken:
            taken.write(f"{session.auth_data.login.decode()} {envelope.rcpt_tos[0]}\n")
        return "250 OK"


def login_of(_server: Any, _session: Any, _envelope: Any, _way: str, said: Any) -> AuthResult:
    right = (said.login, said.password) == (b"tongban", b"right")
    return AuthResult(success=right, handled=False, auth_data=said)


def main() -> None:
    scheme, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "tongban.pem", folder / "tongban.key")
    later: dict[str, Any] = {"tls_context": tls, "require_starttls": True}
    how = {"ssl_context": tls, "auth_require_tls": False} if scheme == "smtps" else later
    served = Controller(
        Office(folder), hostname="127.0.0.1", port=port, authenticator=login_of, auth_required=True, **how
    )
    served.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
