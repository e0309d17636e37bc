"""What `serve` and `worker` share: one running node a home, and children that never outlive their parent."""

import ctypes
import errno
import fcntl
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from tongban.commandline.group import Refused
from tongban.configuration.config import NodeConfig
from tongban.configuration.transport import TransportConfigError

SERVE_PID = "TONGBAN_SERVE_PID"
CONFINED = "TONGBAN_CONFINED"
PR_SET_PDEATHSIG = 1
PATIENCE = 1.0  # seconds
# More threads only wait for one another, and make some requests wait long (docs/performance.md).
THREADS = 4


def take_lock(node: NodeConfig) -> IO[Any] | None:
    """Return the lock of a running node, held until it is closed; None if another process holds it."""
    handle = (node.home / "running.lock").open("a")
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except OSError:
            # The children of a node that was just killed hold the lock until they are dead too.
            if time.monotonic() > patience:
                handle.close()
                return None
            time.sleep(0.05)


def refuse_root(node: NodeConfig) -> None:
    """
    Return quietly unless the node would run as root; a demo may, and so may what a container confines.

    Raises:
        Refused: it would.
    """
    if os.geteuid() == 0 and not node.demo and not os.environ.get(CONFINED):
        raise Refused(
            f"节点 {node.name} 不应以 root 身份运行，未启动。请为它建立一个专用的系统用户；"
            f"在容器中且 root 已受限的，请设置 {CONFINED}=1。"
        )


def ask_keys(node: NodeConfig) -> None:
    """
    Return when every key that a running node needs can be used; name on standard error what no passphrase covers.

    Raises:
        KeyUnreadable: damaged, or the passphrase is missing or wrong.
        Refused: there is none.
    """
    from tongban.kernel import identity
    from tongban.kernel.crypto import keyring

    number = identity.chain_of(identity.fingerprint()).current.number
    try:
        keyring.sign_key(node.keys, number)
        keyring.wrap_key(node.keys, number)
        for name in keyring.SECRETS:
            keyring.secret(node.keys, name)
    except FileNotFoundError as error:
        raise Refused(f"缺少密钥文件 {error.filename}，节点未启动。请从保管的密钥中取回。") from None
    for warning in (*_warnings(node), *_warnings_of_seals()):
        click.echo(f"注意：{warning}", err=True)


def _warnings(node: NodeConfig) -> Iterator[str]:
    """Yield what is wrong with how the keys are kept, and what to do; none of it keeps a node from running."""
    from tongban.kernel.crypto import keyring, tokenfile

    under_token = tokenfile.is_in_force(node.keys)
    command = "tongban key protect --token" if under_token or node.token else "tongban key protect"
    if node.token and not under_token:
        yield f"config.toml 写明了令牌，而密钥没有由令牌保护。请停止节点，执行 {command}。"
    elif bare := keyring.in_clear(node.keys) if keyring.passphrase(node.keys) else []:
        yield f"{'、'.join(bare)} 没有以口令保护。请停止节点，执行 {command}。"
    if under_token:
        public = keyring.recovery_key(node.keys)
        if public is None or not tokenfile.has_copy(node.keys, public):
            yield (
                "令牌毁损时密钥无法取回：没有为恢复密钥留下副本。请执行 tongban recovery-key make；"
                f"已有恢复密钥的，停止节点，执行 {command}。"
            )


def _warnings_of_seals() -> Iterator[str]:
    """Yield which seals will not seal, now or soon."""
    from tongban.accounts.access.actor import SYSTEM
    from tongban.kernel.time import clock
    from tongban.seals import queries

    lacking = "、".join(str(seal.organisation) for seal in queries.lacking_keys())
    if lacking:
        yield f"缺少印章的密钥文件：{lacking}，其文书盖不了章。请从保管的密钥中取回，或用 tongban office seal replace 更换。"
    ending = "、".join(
        f"{seal.organisation}（{seal.valid_to:%Y-%m-%d}）"
        for seal in queries.about_to_expire(at=clock.now(), for_actor=SYSTEM)
    )
    if ending:
        yield f"印章即将到期或已到期：{ending}。请用 tongban office seal replace 更换。"


def ask_certificates(node: NodeConfig) -> None:
    """
    Return quietly if the files for TLS to peers, where some are named, can be used.

    Raises:
        Refused: one can't.
    """
    try:
        node.exchange.onto(ssl.create_default_context())
    except TransportConfigError as error:
        raise Refused(f"{error}，节点未启动。请核对路径与内容，并使运行节点的用户可读。") from None


def warn_of_scanner(node: NodeConfig) -> None:
    """Say on standard error that files are not scanned for viruses, or that the scanner does not answer."""
    from tongban.materials import scanning

    warning = {
        scanning.Standing.ABSENT: "没有配置查毒服务（scanner.clamd），上传的文件不查毒。见 docs/operations.md 的“上传与查毒”。",
        scanning.Standing.AWAY: f"查毒服务 {node.scanner} 没有应答；在它恢复以前，上传的文件待查毒，谁都不能打开。",
        scanning.Standing.READY: "",
    }[scanning.standing()]
    if warning:
        click.echo(f"注意：{warning}", err=True)


def ask_port_free(host: str, port: int) -> None:
    """
    Return quietly if the port can be listened on.

    Raises:
        Refused: it is in use, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Refused(
                    f"端口 {port} 已被占用，节点未启动。请停止占用它的程序，或用 --port 另选端口。"
                ) from None
            raise Refused(
                f"无法监听 {host}:{port}（{error.strerror}），节点未启动。请核对 --host 与 --port。"
            ) from None


def die_with_serve() -> None:
    """
    Ask the kernel to kill this process when its `tongban serve` dies, even by SIGKILL.

    A server process left behind would be a second writer on the same node. Elsewhere this does nothing.
    """
    serve = os.environ.get(SERVE_PID)
    if serve is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if serve != str(os.getppid()):  # it died before we could ask
        raise SystemExit(1)


@contextmanager
def background_process() -> Iterator[None]:
    """Keep one `tongban worker` running beside the block; start it again should it die."""
    stop = threading.Event()
    child: list[subprocess.Popen[bytes]] = []

    def keep_running() -> None:
        while not stop.is_set():
            child[:] = [subprocess.Popen([sys.executable, "-m", "tongban.cli", "worker"])]
            child[0].wait()
            stop.wait(1.0)

    keeper = threading.Thread(target=keep_running, name="tongban-worker-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        for process in child:
            process.terminate()
        keeper.join(timeout=20)
