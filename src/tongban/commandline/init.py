"""`tongban init`: make a node, whole or not at all."""

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import click

from tongban.accounts import identifiers
from tongban.commandline import recovery_key
from tongban.commandline.group import Refused
from tongban.commandline.node import on_a_node, show_json, warn_of_sqlite
from tongban.configuration import config, tokens
from tongban.kernel.crypto.keychain import fingerprint_groups

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@click.command("init")
@click.option(
    "--home", type=click.Path(file_okay=False, path_type=Path), required=True, help="节点目录，须为空。"
)
@click.option("--name", required=True, help="节点短名：小写字母、数字、横线。")
@click.option("--division", required=True, help="六位区划代码。")
@click.option("--organisation", required=True, metavar="USCC", help="政务服务中心的统一社会信用代码。")
@click.option("--url", required=True, help="对方节点访问本节点的网址。")
@click.option("--database", default="sqlite:///node.sqlite3", show_default=True, help="数据库 URL。")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PostgreSQL：存放数据库密码的文件，密码就不必写进 URL。",
)
@click.option(
    "--keys",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="密钥目录，须在节点目录之外。",
)
@click.option(
    "--token", metavar="LABEL", help="密钥由这个名称的令牌（PKCS#11）保护；PIN 见 docs/operations.md。"
)
@click.option(
    "--token-module",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="令牌厂商的 PKCS#11 模块（.so 文件）。",
)
@click.option(
    "--token-pin-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="存放令牌 PIN 的文件；缺省取自 TONGBAN_TOKEN_PIN 或 systemd 凭据。",
)
@click.option("--demo", is_flag=True, help="演示节点：可载入演示账号、拨动时钟。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON，供程序读取。")
def command(
    home: Path, name: str, division: str, organisation: str, url: str, database: str, password_file: Path | None,
    keys: Path, token: str | None, token_module: Path | None, token_pin_file: Path | None, demo: bool, as_json: bool,
) -> None:  # fmt: skip
    """
    建立一个节点：配置、密钥、数据库、区划、日历、事项、本级协议。

    不覆盖已有的节点。请抄下所显示的节点指纹，对方添加本节点时要当面或通过电话核对。
    """
    home, keys = home.resolve(), keys.resolve()
    node = config.NodeConfig(
        home=home, name=name, division=division, organisation=organisation.upper(), url=url.rstrip("/"),
        database=database, keys=keys, demo=demo, password_file=password_file and password_file.resolve(),
        token=_token(token, token_module, token_pin_file, keys=keys, name=name),
    )  # fmt: skip
    _check(node)
    made = [folder for folder in (home, keys) if not folder.exists()]
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = config.render(node, keys_folder=os.path.relpath(keys, home))
        (home / config.CONFIG_NAME).write_text(text, encoding="utf-8")
        (home / config.CONFIG_NAME).chmod(0o600)  # the database URL may hold a password
        os.environ["TONGBAN_HOME"] = str(home)
        fingerprint = _fill()
        if demo:
            recovery_key.make_for_demo(keys)
    except BaseException:
        _undo(home, keys, made)
        raise
    warn_of_sqlite()
    if as_json:
        show_json({"home": home, "fingerprint": fingerprint, "url": node.url, "division": division})
        return
    click.echo(f"节点 {name}（{division}）已建立：{home}")
    click.echo(f"节点指纹：{fingerprint_groups(fingerprint)}")
    click.echo(f"密钥目录：{keys}（不在任何备份中，请另行妥善保管）")
    click.echo(
        f"恢复密钥：演示节点的在 {keys / recovery_key.DEMO}。"
        if demo
        else "恢复密钥：还没有。备份之前请执行 tongban recovery-key make --out 文件。"
    )
    click.echo(f"启动：TONGBAN_HOME={home} tongban serve")


def _token(
    label: str | None, module: Path | None, pin_file: Path | None, *, keys: Path, name: str
) -> tokens.TokenConfig | None:
    """Return the token that was named, if one was."""
    if (label is None) != (module is None) or (pin_file and label is None):
        raise click.UsageError("--token 与 --token-module 须一同给出；--token-pin-file 只与它们同用。")
    if label is None or module is None:
        return None
    return tokens.TokenConfig(
        # Not resolved: the name is the maker's, and what it leads to changes with an update.
        module=module.absolute(), label=label, key=f"tongban-{name}", folder=keys, pin_file=pin_file and pin_file.absolute(),
    )  # fmt: skip


def _named(token: tokens.TokenConfig | None) -> tuple[str, ...]:
    return (str(token.module), token.label, str(token.pin_file)) if token else ()


def _check(node: config.NodeConfig) -> None:
    """Refuse what cannot become a node, before anything is written."""
    address, scheme = urlsplit(node.url), urlsplit(node.database).scheme
    wrong = {
        "--name 只能用小写字母、数字和横线，至多 20 个": not re.fullmatch(
            r"[a-z0-9][a-z0-9-]{0,19}", node.name
        ),
        "--division 应为六位区划代码": not re.fullmatch(r"\d{6}", node.division),
        "--organisation 的校验码不符": not _is_uscc(node.organisation),
        "--url 应以 https:// 开头（仅本机可用 http://）": not address.hostname
        or not (address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)),
        "--database 应为 sqlite:///文件 或 postgresql://…": scheme not in ("sqlite", "postgresql"),
        "--password-file 只用于 PostgreSQL，且 --database 中不能再写密码": node.password_file is not None
        and (scheme != "postgresql" or bool(urlsplit(node.database).password)),
        "--keys 须在节点目录之外，以免密钥进入备份": node.keys == node.home or node.home in node.keys.parents,
        "配置值不能含引号、反斜杠或换行": any(
            c in value
            for value in (
                node.url,
                node.database,
                str(node.keys),
                str(node.password_file),
                *_named(node.token),
            )
            for c in '"\\\n'
        ),
    }
    faults = [fault for fault, is_wrong in wrong.items() if is_wrong]
    if faults:
        raise click.UsageError("；".join(faults))
    for folder, what in ((node.home, "节点目录"), (node.keys, "密钥目录")):
        if folder.exists() and any(folder.iterdir()):
            raise Refused(f"{what} {folder} 不是空目录，未作任何更改。请换一个目录，或先移走其中的内容。")


def _is_uscc(text: str) -> bool:
    try:
        return identifiers.uscc(text) == text
    except identifiers.BadIdentifier:
        return False


@on_a_node
def _fill() -> str:
    """Make keys and tables and load what ships with the program; return the fingerprint."""
    from django.conf import settings
    from django.core.management import call_command

    from tongban.accounts.models import Division
    from tongban.accounts.places.divisions import load_divisions
    from tongban.agreements.commands import agree_with_self
    from tongban.catalogue.commands import load_items
    from tongban.catalogue.seed import ITEMS_FILE
    from tongban.kernel import identity
    from tongban.kernel.crypto import tokenfile
    from tongban.kernel.models import SelfNode
    from tongban.kernel.time import calendars, clock

    call_command("migrate", verbosity=0, interactive=False)
    if SelfNode.objects.exists():
        raise Refused("该数据库已属于另一个节点，未建立。请给出空的数据库。")
    load_divisions()
    if not Division.objects.filter(code=settings.NODE.division).exists():
        raise Refused(f"区划代码 {settings.NODE.division} 不在行政区划表中，未建立节点。请核对代码。")
    if settings.NODE.token:
        tokenfile.begin(settings.NODE.keys, settings.NODE.token)
    fingerprint = identity.create(clock.now())
    # From here on there is a chain in which it stands.
    calendars.load_shipped()
    load_items(ITEMS_FILE)
    agree_with_self(clock.now())
    return fingerprint


def _undo(home: Path, keys: Path, made: list[Path]) -> None:
    """Leave the two folders as they were: empty, or not there."""
    for folder in (home, keys):
        for entry in folder.iterdir() if folder.exists() else ():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for folder in made:
        if folder.exists():
            folder.rmdir()
