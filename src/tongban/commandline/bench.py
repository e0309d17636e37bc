"""`tongban bench`: how fast is it, over the front door, with a floor in the same run?"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

WORKLOADS = {
    "submit": "一次申报：取号、判断表单、存入材料库、写入记录",
    "advance": "窗口办理：收件、身份核验、形式审查，每步一个请求",
    "queue": "待办的第一页（接口）",
    "page": "待办的第一页（网页）",
    "case_page": "审核人员的办件页",
    "window_page": "窗口首页",
    "supervision_page": "督办首页",
    "item_page": "事项页（任何人）",
    "home_page": "首页（任何人）",
    "verify": "离线查验一份案卷",
    "letters": "编号、制作并盖章一份受理通知书",
    "find": "按申请人手机号查找一件办件，并留下记录",
    "exchange": "八个对方节点同时移交办件，连同回执",
    "resting": "启动到首次应答的秒数，一万次请求前后的内存",
}
ALONE = ("exchange", "resting")
OPEN = 800  # duties laid for each list that is read
HERE = Path(__file__).parents[2]
# What is compared between two versions; the less the better but for the first two.
COMPARED = (
    "figure",
    "ratio",
    "alone_us",
    "application_us",
    "database_us",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "foreign",
)


@click.command("bench")
@click.argument("names", metavar="NAME...", nargs=-1, required=True, type=click.Choice(list(WORKLOADS)))
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql"]), help="缺省：指明了 PostgreSQL 服务器就用它。"
)
@click.option("--rows", type=click.IntRange(0), default=1000, show_default=True, help="之前已办结的办件数。")
@click.option("--seconds", type=click.FloatRange(0.1, 600), default=5.0, show_default=True, help="每轮秒数。")
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="轮数，取中位数。")
@click.option(
    "--callers",
    type=click.IntRange(1, 64),
    default=16,
    show_default=True,
    help="同时访问的人数；exchange 总是八个节点。",
)
@click.option(
    "--open",
    "waiting",
    type=click.IntRange(1),
    default=OPEN,
    show_default=True,
    help="每张清单预置的未办事项数。",
)
@click.option("--against", metavar="REV", help="同时测量源码库中的另一版本，两版逐轮交替。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取，每版本一行。")
def command(
    names: tuple[str, ...], database: str | None, rows: int, seconds: float, rounds: int, callers: int, waiting: int,
    against: str | None, as_json: bool,
) -> None:  # fmt: skip
    """
    测量本版本的速度，并在同一轮中测量下限（同样的行，不经过程序）。

    另建节点和数据库，测完删除，不碰任何正在使用的节点。PostgreSQL 服务器由 TONGBAN_TEST_POSTGRES 指明，
    账号须可建库。NAME：submit 一次申报；advance 窗口办理；queue 待办（接口）；page 待办（网页）；
    case_page、window_page、supervision_page、item_page、home_page 各页；verify 查验案卷；letters 签发文书；find 查找办件；
    exchange 移交办件；
    resting 启动与内存（请求数为每轮秒数的 2000 倍）。
    """
    database = database or ("postgresql" if os.environ.get("TONGBAN_TEST_POSTGRES") else "sqlite")
    asked = [
        "--database", database, "--rows", str(rows), "--seconds", str(seconds), "--callers", str(callers),
        *(["--open", str(waiting)] if waiting != OPEN else []),  # unknown to versions before this one
    ]  # fmt: skip
    if against is None:
        more = ["--rounds", str(rounds), *(["--json"] if as_json else [])]
        ended = (subprocess.run(_measuring([*some, *asked, *more]), check=False) for some in _by_node(names))
        raise SystemExit(next((one.returncode for one in ended if one.returncode), 0))
    with _checked_out(against) as other:
        found = _in_turn({"此版": HERE, against: other}, names, asked, rounds)
    for name in names:
        for version, figures in found.items():
            own = [one for one in figures if one["name"] == name]
            told = {what: _middle([one.get(what) for one in own]) for what in COMPARED}
            if as_json:
                said = {"version": version, "name": name, "database": database, **told}
                click.echo(json.dumps(said, ensure_ascii=False))
            else:
                known = (f"{what} {value:g}" for what, value in told.items() if value is not None)
                click.echo(f"{name} {version}：{'，'.join(known)}")


def _measuring(words: Sequence[str]) -> list[str]:
    # In a process of its own: it builds a node first, and Django belongs to one node for good.
    return [sys.executable, "-m", "tongban.measuring", *words]


def _by_node(names: Sequence[str]) -> list[list[str]]:
    """Return names that are measured on one node together; `exchange` and `resting` have nodes of their own."""
    together = [name for name in names if name not in ALONE]
    return [some for some in (together, *([name] for name in names if name in ALONE)) if some]


def _in_turn(
    versions: dict[str, Path], names: Sequence[str], asked: Sequence[str], rounds: int
) -> dict[str, list[dict[str, Any]]]:
    """Measure each version in each round, first the one, then the other, and the other way round in the next."""
    found: dict[str, list[dict[str, Any]]] = {version: [] for version in versions}
    for turn in range(rounds):
        for version, some in itertools.product(list(versions)[:: -1 if turn % 2 else 1], _by_node(names)):
            done = subprocess.run(
                _measuring([*some, *asked, "--rounds", "1", "--json"]),
                env=os.environ | {"PYTHONPATH": str(versions[version])}, stdout=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                raise click.ClickException(f"{version} 没有测完，原因见上。")
            found[version] += [json.loads(line) for line in done.stdout.splitlines()]
    return found


@contextmanager
def _checked_out(revision: str) -> Iterator[Path]:
    """Give the sources of another version beside these, for as long as the block; they use the libraries that are installed here."""
    git = ["git", "-C", str(HERE.parent), "worktree"]
    with tempfile.TemporaryDirectory(prefix="tongban-against-") as name:
        folder = Path(name) / "tree"
        done = subprocess.run(
            [*git, "add", "--detach", "--quiet", str(folder), revision],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise click.ClickException(
                f"没有测量：取不出版本 {revision}（{done.stderr.strip()}）。请在源码库中运行，并核对版本名。"
            )
        try:
            yield folder / "src"
        finally:
            subprocess.run([*git, "remove", "--force", str(folder)], capture_output=True, check=False)


def _middle(values: Sequence[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return statistics.median(told) if told else None
