"""The command `tongban` itself: finds its commands by name, and turns refusals into exit codes."""

import importlib
import os
from typing import Any, Final

import click

from tongban.configuration.config import ConfigError
from tongban.kernel.errors import DomainError

COMMANDS: Final = {
    "init": "建立一个节点",
    "serve": "启动节点：网页、接口与后台处理",
    "worker": "只运行后台处理",
    "office": "机构、岗位、人员、电子印章与接口密钥",
    "letters": "文书：机关代字、复议机关、法院、常用语",
    "peer": "对方节点：添加、查看、暂停、移除、接替",
    "agreement": "通办协议：拟定、签署、导入、终止",
    "catalogue": "事项与办事指南",
    "calendar": "工作日历",
    "dossier": "案卷：导出、查验",
    "journal": "查验本节点全部记录",
    "audit": "谁看过、谁办过、谁被拒绝：查看与导出访问记录",
    "figures": "当前数字：按机构、程序、月份",
    "reindex": "重新生成办件的查找标记",
    "fork": "分叉：查看与核处",
    "key": "本节点的密钥：查看、更换、口令",
    "recovery-key": "备份所用的恢复密钥",
    "backup": "备份节点（不含密钥），加密给恢复密钥",
    "restore": "从备份恢复节点，或查验备份",
    "report": "统计报表（本版本未提供）",
    "bench": "性能测量，同一轮中测量下限",
}


class Refused(click.ClickException):
    """What was asked for was not done; the sentence goes to standard error, the exit code is 1."""

    exit_code = 1

    def show(self, file: Any = None) -> None:
        """Print the sentence as it is."""
        click.echo(self.message, err=True, file=file)


class Commands(click.Group):
    """A group whose commands are modules beside this one, imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which an operator meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tongban.commandline.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("命令"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a refusal is its sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except (DomainError, ConfigError) as refusal:
            raise Refused(str(refusal)) from refusal


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="tongban")
def tongban() -> None:
    """
    通办（跨省通办）节点的管理命令。

    节点目录由环境变量 TONGBAN_HOME 指定，未设置时为当前目录。
    """
    os.umask(0o077)  # what a node writes is for its own user alone
