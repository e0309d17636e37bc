"""`tongban calendar`: load, show and explain working days."""

from datetime import datetime
from pathlib import Path

import click

from tongban.accounts.access.actor import actor_document
from tongban.commandline.node import DAY, READABLE, as_json, on_a_node, operator, read_json, show_json


@click.group("calendar")
def command() -> None:
    """工作日历：导入、查看、解释一个期限。"""


@command.command("load")
@click.argument("file", type=READABLE)
@on_a_node
def load(file: Path) -> None:
    """导入一个年度的日历文件；同一年度只接受更高的版本。"""
    from tongban.kernel.time import calendars, clock

    year = calendars.load(read_json(file), by=actor_document(operator()), at=clock.now())
    click.echo(
        f"{year.year} 年日历第 {year.version} 版已导入：放假 {len(year.holidays)} 天，"
        f"调休上班 {len(year.workdays)} 天。因日历未发布而待定的期限由后台处理补算。"
    )


@command.command("show")
@click.argument("year", type=int)
@as_json
@on_a_node
def show(year: int, as_json: bool) -> None:
    """显示一个年度的放假日与调休上班日。"""
    from tongban.kernel.time import calendars

    document = calendars.document_of(year)
    if as_json:
        show_json(document)
        return
    click.echo(
        f"{year} 年日历第 {document['version']} 版（{document['notice'] or '文号未知'}，{document['certainty']}）"
    )
    for title, name in (("放假", "holidays"), ("调休上班", "workdays")):
        for day in document[name]:
            click.echo(f"{day['date']}  {title}  {day['name']}")


@command.command("explain")
@click.argument("start", metavar="DATE", type=DAY)
@click.argument("n", type=click.IntRange(0, 3660))
@click.option(
    "--unit",
    type=click.Choice(["working_day", "day"]),
    default="working_day",
    show_default=True,
    help="期限单位。",
)
@as_json
@on_a_node
def explain(start: datetime, n: int, unit: str, as_json: bool) -> None:
    """说明自 DATE 起 N 个（工作）日的期限如何算出，逐日列明不计入的原因。"""
    from tongban.kernel.time import calendars

    deadline = calendars.current().due(start.date(), n, "day" if unit == "day" else "working_day")
    if as_json:
        show_json({
            "start": deadline.start, "rule": deadline.rule, "due_on": deadline.due_on,
            "unpublished_year": deadline.unpublished_year, "lines": deadline.explain(),
        })  # fmt: skip
        return
    click.echo("\n".join(deadline.explain()))
