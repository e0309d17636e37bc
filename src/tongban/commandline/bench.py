"""`tongban bench`: how fast is it, over the front door, with a floor in the same run?"""

import os
import subprocess
import sys

import click

WORKLOADS = {
    "submit": "一次申报：取号、判断表单、存入材料库、写入记录",
    "advance": "窗口办理：收件、身份核验、形式审查，每步一个请求",
    "queue": "待办的第一页（接口）",
    "page": "待办的第一页（网页）",
    "verify": "离线查验一份案卷",
}


@click.command("bench")
@click.argument("name", type=click.Choice(list(WORKLOADS)))
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql"]), help="缺省：指明了 PostgreSQL 服务器就用它。"
)
@click.option("--rows", type=click.IntRange(0), default=1000, show_default=True, help="之前已办结的办件数。")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=5.0, show_default=True, help="每轮秒数。")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="轮数，取中位数。")
@click.option("--json", "as_json", is_flag=True, help="输出一行 JSON，供程序读取。")
def command(name: str, database: str | None, rows: int, seconds: float, rounds: int, as_json: bool) -> None:
    """
    测量本版本的速度，并在同一轮中测量下限（同样的行，不经过程序）。

    另建节点和数据库，测完删除，不碰任何正在使用的节点。PostgreSQL 服务器由 TONGBAN_TEST_POSTGRES 指明，
    账号须可建库。NAME：submit 一次申报；advance 窗口办理；queue 待办（接口）；page 待办（网页）；verify 查验案卷。
    """
    database = database or ("postgresql" if os.environ.get("TONGBAN_TEST_POSTGRES") else "sqlite")
    arguments = [
        name,
        "--database",
        database,
        "--rows",
        str(rows),
        "--seconds",
        str(seconds),
        "--rounds",
        str(rounds),
    ]
    # In a process of its own: it builds a node first, and Django belongs to one node for good.
    measured = [sys.executable, "-m", "tongban.measuring", *arguments, *(["--json"] if as_json else [])]
    raise SystemExit(subprocess.run(measured, check=False).returncode)
