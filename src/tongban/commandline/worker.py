"""`tongban worker`: the background work in a process of its own."""

import signal
import threading

import click

from tongban.commandline import serving
from tongban.commandline.group import Refused
from tongban.commandline.node import on_a_node


@click.command("worker")
@click.option("--once", is_flag=True, help="做完一轮到期的工作即退出。")
def command(once: bool) -> None:
    """
    运行后台处理：送达对方节点、封存、到期提醒。

    使用 PostgreSQL 时由 serve 一并启动；使用 SQLite 时在 serve 进程之内运行。
    """
    serving.die_with_serve()  # before anything that takes time
    _work(once=once)


@on_a_node
def _work(*, once: bool) -> None:
    from django.conf import settings

    from tongban.exchange import worker
    from tongban.kernel.time import clock

    serving.refuse_root(settings.NODE)
    serving.ask_keys(settings.NODE)
    serving.ask_certificates(settings.NODE)
    if once:
        worker.run_once(clock.now())
        return
    lock = serving.take_lock(settings.NODE) if settings.NODE.is_sqlite else None
    if settings.NODE.is_sqlite and lock is None:
        raise Refused("本节点正由 tongban serve 运行，其中已含后台处理，无需另行启动。")
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    worker.run_forever(stop)
