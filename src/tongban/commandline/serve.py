"""`tongban serve`: run the node until Ctrl-C."""

import multiprocessing
import os
from contextlib import nullcontext
from urllib.parse import urlsplit

import click

from tongban.commandline import serving
from tongban.commandline.group import Refused
from tongban.commandline.node import on_a_node, warn_of_sqlite
from tongban.configuration import newest_sqlite


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址。")
@click.option("--port", type=click.IntRange(1, 65535), help="监听端口；缺省取自节点网址。")
@click.option("--workers", type=click.IntRange(1, 64), help="服务进程数；缺省 SQLite 1 个、PostgreSQL 2 个。")
@on_a_node
def command(host: str, port: int | None, workers: int | None) -> None:
    """启动节点（网页、接口与后台处理），按 Ctrl-C 停止。"""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from tongban.commandline import server
    from tongban.kernel import identity

    node = settings.NODE
    serving.refuse_root(node)
    if node.is_sqlite and workers not in (None, 1):
        raise click.UsageError("使用 SQLite 的节点只能有一个服务进程；需要更多请改用 PostgreSQL。")
    if node.is_secure and not node.proxies:
        raise Refused(
            f"节点网址 {node.url} 是 https，而 config.toml 没有写明终止 TLS 的反向代理，节点未启动："
            '那样所有人看起来都来自同一个地址。请写 [proxy] trusted = ["127.0.0.1"]（代理的地址），再启动。'
        )
    port = port or urlsplit(node.url).port or 8000
    lock = serving.take_lock(node)
    if lock is None:
        raise Refused(f"节点 {node.name} 已在运行（{node.home}），未再次启动。")
    serving.ask_port_free(host, port)
    call_command("migrate", verbosity=0, interactive=False)
    identity.me()
    serving.ask_keys(node)
    serving.ask_certificates(node)
    connections.close_all()
    os.environ[serving.SERVE_PID] = str(os.getpid())
    if node.is_sqlite:
        os.environ["TONGBAN_EMBED_WORKER"] = "1"
    else:
        # A process with threads, as this one will be, must not fork.
        multiprocessing.set_start_method("spawn")
    running = server.server(
        host=host,
        port=port,
        workers=workers or (1 if node.is_sqlite else 2),
        memory_mb=node.memory_mb,
        one_at_a_time=node.is_sqlite,
    )
    click.echo(f"节点 {node.name}（{node.division}）：http://{host}:{port}，按 Ctrl-C 停止。")
    if node.is_sqlite:
        click.echo(f"数据库：SQLite {newest_sqlite.version()}。")
    warn_of_sqlite()
    serving.warn_of_scanner(node)
    with lock, nullcontext() if node.is_sqlite else serving.background_process():
        running.serve()
