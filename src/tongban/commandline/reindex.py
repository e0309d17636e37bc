"""`tongban reindex`: make anew what cases are found by."""

import click

from tongban.commandline.node import as_json, on_a_node, show_json


@click.command("reindex")
@as_json
@on_a_node
def command(as_json: bool) -> None:
    """
    从各办件的申请表重新生成查找标记（姓名、证件号、手机、编号等的带密钥摘要）。

    标记平时由后台处理随办随记，内容销毁时随之删除；换过数据密钥、怀疑有缺漏时运行本命令，不必停机。
    """
    from tongban.cases import tracing

    done = tracing.retrace_all()
    if as_json:
        show_json({"cases": done})
        return
    click.echo(f"已重新生成 {done} 件办件的查找标记。")
