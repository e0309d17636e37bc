"""`tongban recovery-key`: the key for which backups are sealed, and whose private part is not on this machine."""

from pathlib import Path

import click

from tongban.commandline import passphrases
from tongban.commandline.group import Refused
from tongban.commandline.node import as_json, on_a_node, show_json
from tongban.kernel.crypto import digest, keyring, sm
from tongban.kernel.crypto.keychain import fingerprint_groups

VARIABLE = "TONGBAN_RECOVERY_PASSPHRASE"
DEMO = "recovery.pem"  # of a demo node alone: beside its other keys, under no passphrase


@click.group("recovery-key")
def command() -> None:
    """备份所用的恢复密钥。"""


@command.command("make")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="私钥写入这个新文件，最好直接写到移动介质上。",
)
@click.option("--replace", is_flag=True, help="换用新的恢复密钥；以前的备份仍须用以前的文件打开。")
@as_json
@on_a_node
def make(out: Path, replace: bool, as_json: bool) -> None:
    """
    生成恢复密钥：私钥写入文件，公钥留在节点的密钥目录，此后的备份都加密给它。

    口令取自 TONGBAN_RECOVERY_PASSPHRASE，没有设置的在终端中输入。文件或口令丢失，备份就再也打不开。
    """
    from django.conf import settings

    node, out = settings.NODE, out.resolve()
    if out.is_relative_to(node.home) or out.is_relative_to(node.keys):
        raise Refused(
            f"{out} 在节点目录或密钥目录之内，未生成恢复密钥。请写到别处，最好是移动介质：它不能留在本机。"
        )
    if keyring.recovery_key(node.keys) is not None and not replace:
        raise Refused("本节点已有恢复密钥，未生成。确要换用新的，请加 --replace，并继续保管以前的文件。")
    if out.exists():
        raise Refused(f"{out} 已存在，未覆盖。请换一个文件名。")
    key = _make(out, node.keys, passphrases.new(VARIABLE, "恢复密钥口令"))
    fingerprint = digest.of(key.public)
    if as_json:
        show_json({"file": out, "recovery_key": fingerprint})
        return
    click.echo(f"恢复密钥已生成，指纹：{fingerprint_groups(fingerprint)}")
    click.echo(
        f"私钥在 {out}：请现在就把它移出本机，抄到两份介质上，分别交两人保管，口令另行保管；然后从本机删除。"
    )
    click.echo("没有这个文件和口令，备份就再也打不开。请用 tongban restore --check 试一次。")


@command.command("show")
@as_json
@on_a_node
def show(as_json: bool) -> None:
    """显示备份加密给哪一个恢复密钥。"""
    from django.conf import settings

    public = keyring.recovery_key(settings.NODE.keys)
    if public is None:
        raise Refused("本节点还没有恢复密钥。请执行 tongban recovery-key make --out 文件。")
    if as_json:
        show_json({"recovery_key": digest.of(public)})
        return
    click.echo(f"恢复密钥指纹：{fingerprint_groups(digest.of(public))}")


def make_for_demo(keys: Path) -> None:
    """Give a demo node a recovery key, which lies where one must not: in its own folder of keys."""
    key = sm.SoftwareKey.generate()
    key.save(keys / DEMO)
    keyring.keep_recovery_key(keys, key.public)


def load(path: Path, *, option: str = "--key", undone: str = "未恢复") -> sm.SoftwareKey:
    """Return the private part from its file; asks for the passphrase. Raises Refused, with what was not done, if it can't be used."""
    try:
        is_sealed = b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
        return sm.SoftwareKey.load(path, passphrases.known(VARIABLE, "恢复密钥口令") if is_sealed else None)
    except (sm.KeyUnreadable, sm.CryptoUnavailable) as error:
        raise Refused(f"恢复密钥不能用，{undone}：{error}请核对 {option} 与口令（{VARIABLE}）。") from None
    except OSError as error:
        raise Refused(f"{path} 未能读出（{error.strerror}），{undone}。请核对 {option}。") from None


def _make(out: Path, keys: Path, passphrase: str) -> sm.Key:
    """Write the private part, try it, and only then let backups be sealed for it."""
    key = sm.SoftwareKey.generate()
    try:
        key.save(out, passphrase)
        try:
            sm.SoftwareKey.load(out, passphrase)
            keyring.keep_recovery_key(keys, key.public)
        except BaseException:
            out.unlink()
            raise
    except OSError as error:
        raise Refused(
            f"未生成恢复密钥（{error.strerror}）。请检查 {out.parent} 与密钥目录能否写入。"
        ) from error
    return key
