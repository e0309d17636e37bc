"""The line between nodes: whose certificates count, and who is shown at the other end. All of it on this machine."""

import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.commandline.operators import node_in, run
from tests.world import World
from tongban.configuration import config, transport
from tongban.exchange import gateway

NOW = datetime.datetime.now(datetime.UTC)


class Authority:
    """Issues certificates that no machine knows of."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.own = self._signed(name, self.key, is_authority=True)
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self.own.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> tuple[Path, Path]:
        """Return the files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        files = (self.folder / f"{name}.crt", self.folder / f"{name}.key")
        files[0].write_bytes(
            self._signed(name, key, is_authority=False).public_bytes(serialization.Encoding.PEM)
        )
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files

    def _signed(self, name: str, key: ec.EllipticCurvePrivateKey, *, is_authority: bool) -> x509.Certificate:
        def named(word: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, word)])

        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=is_authority, crl_sign=is_authority, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        return (
            x509.CertificateBuilder()
            .subject_name(named(name)).issuer_name(named(self.name)).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - datetime.timedelta(days=1)).not_valid_after(NOW + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(usage, critical=True).add_extension(here, critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )  # fmt: skip


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def peer(issued: tuple[Path, Path], callers: Path | None = None) -> Iterator[str]:
    """Run what answers as a peer behind TLS, and asks callers for a certificate of `callers`; yield its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issued)
    if callers:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(callers)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # it is turned away on purpose
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def province(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "province")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the process make its connections anew."""
    monkeypatch.setattr(gateway, "_client", None)
    yield
    if gateway._client is not None:
        gateway._client.close()


def said(world: World, url: str, **exchange: Path) -> bytes:
    """Return what a peer answers the first county, which has these settings of `[exchange]`."""
    node = world["qingyang"]
    node.config = replace(node.config, exchange=transport.TransportConfig(**exchange))
    gateway._client = None
    with world.on("qingyang"):
        return gateway.http_post(url, b"{}")


@pytest.mark.database
@pytest.mark.usefixtures("fresh")
class TestLine:
    def test_of_an_authority_that_nobody_named_is_not_used(self, world: World, province: Authority) -> None:
        with peer(province.issue("here")) as url:
            with pytest.raises(gateway.Unreachable):
                said(world, url)
            assert said(world, url, authorities=province.file) == b"{}"

    def test_shows_who_is_calling_where_that_is_asked(
        self, world: World, province: Authority, tmp_path: Path
    ) -> None:
        (tmp_path / "others").mkdir()
        stranger = Authority(tmp_path / "others", "stranger").issue("caller")
        ours = province.issue("caller")
        with peer(province.issue("here"), callers=province.file) as url:
            for known in ({}, {"certificate": stranger[0], "certificate_key": stranger[1]}):
                with pytest.raises(gateway.Unreachable):
                    said(world, url, authorities=province.file, **known)
            both = {"certificate": ours[0], "certificate_key": ours[1]}
            assert said(world, url, authorities=province.file, **both) == b"{}"


class TestSettings:
    @pytest.mark.parametrize(
        ("raw", "why"),
        [
            ({"certificate": "a.crt"}, "须一同写明"),
            ({"certificate_key": "a.key"}, "须一同写明"),
            ({"authorities": ["a"]}, "exchange.authorities 应为一个文件的路径"),
            ({"authorities": ""}, "exchange.authorities 应为一个文件的路径"),
        ],
    )
    def test_are_whole(self, tmp_path: Path, raw: dict[str, object], why: str) -> None:
        with pytest.raises(transport.TransportConfigError, match=why):
            transport.read(raw, tmp_path)

    def test_are_relative_to_the_home(self, tmp_path: Path) -> None:
        assert transport.read({"authorities": "../ca.pem"}, tmp_path).authorities == tmp_path / "../ca.pem"
        assert transport.read({}, tmp_path) == transport.TransportConfig()

    @pytest.mark.prove("processes: a node that does not start")
    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["authorities", "certificate"])
    def test_that_cannot_be_used_stop_the_node(self, tmp_path: Path, province: Authority, name: str) -> None:
        node_in(tmp_path)
        (tmp_path / "junk").write_text("no certificate")
        files = {
            "authorities": province.file,
            "certificate": province.issue("us")[0],
            "certificate_key": province.issue("us")[1],
        }
        lines = [f'{one} = "{tmp_path / "junk" if one == name else path}"' for one, path in files.items()]
        with (tmp_path / "home" / config.CONFIG_NAME).open("a") as file:
            file.write("\n[exchange]\n" + "\n".join(lines) + "\n")
        for words in (("worker", "--once"), ("serve",)):
            refused = run(*words, home=tmp_path / "home")
            assert (refused.returncode, refused.stdout) == (1, "")
            assert refused.stderr.startswith(f"exchange.{name} ")
            assert refused.stderr.endswith(
                "不能使用，节点未启动。请核对路径与内容，并使运行节点的用户可读。\n"
            )
