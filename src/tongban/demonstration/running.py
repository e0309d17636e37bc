"""`make run`: two neighbouring counties on this machine, served until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from tongban.demonstration import building, life
from tongban.demonstration.building import Built, DemonstrationFailed
from tongban.demonstration.counties import JIASHAN, QINGYANG

PORTS = {QINGYANG.key: 8001, JIASHAN.key: 8002}
GATEWAY_KEY = "demonstration"  # guards nothing: nobody is at the other end
GATEWAY = (8025, 8026)  # of the stand-in for operators: SMS, mail
PATIENCE = 60.0  # seconds a node may take to answer


def serve(one: Built, log: Path | None = None, **more: str) -> subprocess.Popen[bytes]:
    """Start a node's server; with `log`, what it says goes there. `more` adds to its environment."""
    with log.open("ab") if log else nullcontext() as out:
        return subprocess.Popen(
            [sys.executable, "-m", "tongban.cli", "serve"],
            env={**one.environment(), **more},
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )


def wait_until_ready(one: Built, process: subprocess.Popen[bytes]) -> None:
    """
    Return when the node answers `/readyz`.

    Raises:
        DemonstrationFailed: the node ended, or does not answer.
    """
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        if process.poll() is not None:
            raise DemonstrationFailed(f"{one.node.title} 的节点没有启动（退出码 {process.returncode}）。")
        try:
            with urllib.request.urlopen(f"{one.url}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise DemonstrationFailed(f"{one.node.title} 的节点在 {PATIENCE:.0f} 秒内没有应答。")


def stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Stop servers, gently first."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def busy_port(ports: Sequence[int]) -> int | None:
    """Return the first of `ports` that another program listens on."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return port
    return None


def gateway(built: Sequence[Built], ports: tuple[int, int]) -> subprocess.Popen[bytes]:
    """Start the stand-in for operators of SMS and mail, and let nodes that are not served yet send by it."""
    sms, smtp = ports
    for one in built:
        config = one.home / "config.toml"
        written = config.read_text(encoding="utf-8").partition("\n[notices]\n")[0]
        (one.home / "sms-key").write_text(GATEWAY_KEY, encoding="ascii")
        config.write_text(
            f'{written}\n[notices]\nsms_url = "http://127.0.0.1:{sms}"\nsms_key_file = "sms-key"\n'
            f'smtp_url = "smtp://127.0.0.1:{smtp}"\nmail_from = "{one.node.name}@demo.test"\n',
            encoding="utf-8",
        )
    asked = ["--sms-port", str(sms), "--smtp-port", str(smtp), "--key", GATEWAY_KEY]
    return subprocess.Popen(
        [sys.executable, "-m", "tongban.demonstration.gateway", *asked],
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def begin(
    folder: Path, ports: Mapping[str, int], processes: list[subprocess.Popen[bytes]],
    gateway_ports: tuple[int, int] | None = None,
) -> list[Built]:  # fmt: skip
    """
    Build what is missing in `folder`, serve both counties, and let new ones live up to the present.

    What was started is in `processes`, also where something fails. A life that broke off is begun anew.

    Raises:
        DemonstrationFailed: a step failed.
    """
    shift, anew = life.begins(time.time()), life.is_broken_off(folder)
    built = building.neighbourhood(folder, [QINGYANG, JIASHAN], ports, shift=shift, anew=anew)
    if gateway_ports:
        processes.append(gateway(built, gateway_ports))
    served = [serve(one) for one in built]
    processes += served
    for one, process in zip(built, served, strict=True):
        wait_until_ready(one, process)
    if life.is_broken_off(folder):
        print("正在请演示人员先办几件事，好让各处都有办件可看……", flush=True)
        life.live(folder, built)
    return built


def main() -> int:
    """Build what is missing, serve both counties, say where to look; return the exit code."""
    port = busy_port([*PORTS.values(), *GATEWAY])
    if port is not None:
        print(
            f"端口 {port} 已被占用：请先停止占用它的程序（也许是另一个 make run），再重试。", file=sys.stderr
        )
        return 1
    folder = Path("var/run").resolve()
    if not (folder / building.READY).exists() or life.is_broken_off(folder):
        print("正在建立两个演示节点并载入演示数据，第一次约需一分钟……", flush=True)
    processes: list[subprocess.Popen[bytes]] = []
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        built = begin(folder, PORTS, processes, GATEWAY)
        _tell(built)
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        raise DemonstrationFailed("一个节点意外停止，另一个随之停止。请查看上面的信息。")
    except KeyboardInterrupt:
        print("\n正在停止两个节点……", flush=True)
        return 0
    except DemonstrationFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave nodes behind that nobody sees.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop(processes)


def _tell(built: Sequence[Built]) -> None:
    for one in built:
        print(f"\n{one.node.title}（{one.node.division}） {one.url}")
        print(f"  接口文档  {one.url}/api/openapi.json    状态  {one.url}/readyz")
        print(f"  发出的短信  {one.url}/demo/sent/")
        print(f"  数据目录  {one.home}")
        print(f"  演示账号（密码均为 {one.accounts[0][1]}；标有“两步登录”的，第二步的页面会显示验证码）：")
        for username, _, what, _ in one.accounts:
            print(f"    {username:<18} {what}")
    print("\n按 Ctrl-C 停止。", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
