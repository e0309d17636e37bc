"""A real nginx with the configuration of deploy/, on ports of this machine, in front of a served node."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.commandline.operators import init
from tests.commandline.test_serve import free_port, served
from tests.patience import PATIENCE

CONFIGURATION = (Path(__file__).parents[2] / "deploy/nginx.conf").read_text(encoding="utf-8")
NAME = "tongban.example.cn"
GOOD, BAD = "127.0.0.1", "127.0.0.2"  # from where well-behaved callers come, and from where the others


@dataclass(frozen=True, slots=True)
class Front:
    """Where nginx listens, and whom to believe."""

    port: int
    plain_port: int
    certificate: Path
    home: Path

    @property
    def tls(self) -> ssl.SSLContext:
        """How a caller makes sure of it."""
        return ssl.create_default_context(cafile=str(self.certificate))


def program() -> str:
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        pytest.fail("This needs nginx: apt-get install nginx, or run by `make test`")
    return found


def configured(folder: Path, *, port: int, plain_port: int, node: int) -> Path:
    """Write the configuration for this machine; nothing else in it is changed."""
    for name in ("tls", "log", "tmp"):
        (folder / name).mkdir()
    changes = {
        r"listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        r"listen 80;": f"listen 127.0.0.1:{plain_port};",
        r"127\.0\.0\.1:8000": f"127.0.0.1:{node}",
        r"/etc/nginx/tls/": f"{folder}/tls/",
        r"/run/nginx-body": f"{folder}/tmp/body",
        r"/run/nginx\.pid": f"{folder}/nginx.pid",
        r"/var/log/nginx/": f"{folder}/log/",
    }
    text = CONFIGURATION
    for before, after in changes.items():
        text, times = re.subn(before, after, text)
        assert times, before
    # The folder of a test is for nobody else; and only root may choose another.
    text = text.replace("user www-data;", "" if os.geteuid() else "user root;")
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    certify(folder / "tls")
    return folder / "nginx.conf"


def certify(folder: Path) -> None:
    """Write a key and a certificate for NAME and this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME), x509.IPAddress(ip_address(GOOD))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "tongban.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "tongban.key").write_bytes(key.private_bytes(*plain))


def until_it_listens(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((GOOD, port), PATIENCE).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.05)
        else:
            return


@contextmanager
def in_front_of_a_node(folder: Path) -> Iterator[Front]:
    """Serve a node and nginx before it until the block ends."""
    port, plain_port, node = free_port(), free_port(), free_port()
    assert init(folder, "--demo", url=f"https://{NAME}").returncode == 0
    home = folder / "home"
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[proxy]\ntrusted = ["127.0.0.1"]\n')
    own = folder / "nginx"
    own.mkdir()
    path = configured(own, port=port, plain_port=plain_port, node=node)
    words = [program(), "-p", own, "-c", path, "-e", own / "log/error.log"]
    checked = subprocess.run([*words, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr, checked.stderr
    with served(home, node, "--port", str(node)):
        server = subprocess.Popen([*words, "-g", "daemon off;"], stderr=subprocess.PIPE)
        try:
            until_it_listens(port)
            yield Front(port, plain_port, own / "tls/tongban.pem", home)
        finally:
            server.terminate()
            server.communicate()
