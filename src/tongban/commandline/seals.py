"""`tongban office seal`: the seals with which this node's organisations sign letters."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tongban.commandline import passphrases
from tongban.commandline.group import Refused
from tongban.commandline.node import READABLE, WRITABLE, as_json, on_a_node, operator, show_json, write_file

if TYPE_CHECKING:
    from tongban.seals.commands import Made
    from tongban.seals.models import Seal

VARIABLE = "TONGBAN_SEAL_PASSPHRASE"
KIND = click.Choice(["official", "special"])
WORD = click.option("--word", default="", help="专用章的文字，如“行政审批专用章”；公章没有。")
PASSPHRASE_FILE = click.option(
    "--passphrase-file", type=READABLE,
    help=f"存放印章文件口令的文件；缺省取自 {VARIABLE}，没有设置的在终端中输入。",
)  # fmt: skip
REASON = click.option("--reason", required=True, help="原因，记入本节点。")


@click.group("seal")
def command() -> None:
    """本节点机构的电子印章：official 公章，special 专用章。文书用它签名，任何 PDF 阅读器都能查验。"""


@command.command("make")
@click.argument("uscc")
@click.argument("kind", type=KIND)
@WORD
@as_json
@on_a_node
def make(uscc: str, kind: str, word: str, as_json: bool) -> None:
    """自制一枚印章：密钥留在密钥目录，证书由本节点的印章签发机构签发，三年有效。"""
    from tongban.kernel.time import clock
    from tongban.seals import commands

    made = commands.make(organisation=uscc.upper(), kind=kind, word=word, by=operator(), at=clock.now())
    _tell_made(made, as_json)


@command.command("import")
@click.argument("uscc")
@click.argument("kind", type=KIND)
@click.argument("file", type=READABLE)
@WORD
@PASSPHRASE_FILE
@as_json
@on_a_node
def import_(uscc: str, kind: str, file: Path, word: str, passphrase_file: Path | None, as_json: bool) -> None:
    """导入发证机构交付的印章文件（PKCS#12：.pfx、.p12）。导入后请从本机删除该文件。"""
    from tongban.kernel.time import clock
    from tongban.seals import commands

    made = commands.import_pkcs12(
        organisation=uscc.upper(), kind=kind, data=file.read_bytes(), passphrase=_passphrase(passphrase_file), word=word,
        by=operator(), at=clock.now(),
    )  # fmt: skip
    _tell_made(made, as_json)


@command.command("list")
@click.argument("uscc", required=False, default="")
@as_json
@on_a_node
def list_(uscc: str, as_json: bool) -> None:
    """列出印章（或一个机构的印章）：类别、证书指纹、有效期、状态；即将到期、缺少密钥的标出。"""
    from tongban.kernel.time import clock
    from tongban.seals import queries

    found = (
        queries.seals_of(uscc.upper(), for_actor=operator()) if uscc else queries.seals(for_actor=operator())
    )
    now, lacking = clock.now(), {seal.pk for seal in queries.lacking_keys()}
    if as_json:
        show_json([_facts(seal) | {"key": seal.pk not in lacking} for seal in found])
        return
    for seal in found:
        soon = seal.state == "in_use" and seal.valid_to <= now + queries.WARNED_BEFORE
        marks = [word for word, holds in (("即将到期", soon), ("缺少密钥文件", seal.pk in lacking)) if holds]
        until = f"{seal.valid_from:%Y-%m-%d} 至 {seal.valid_to:%Y-%m-%d}"
        ended = f"，自 {seal.ended_at:%Y-%m-%d %H:%M} UTC：{seal.reason}" if seal.ended_at else ""
        click.echo(
            f"{seal.organisation.uscc}  {seal.organisation.name}  {seal.word or seal.get_kind_display()}  "
            f"{seal.get_state_display()}{ended}{''.join(f'（{mark}）' for mark in marks)}\n  {seal.fingerprint}  {until}"
        )
    if not found:
        click.echo("没有印章。请用 tongban office seal make 制作，或用 import 导入。")


@command.command("replace")
@click.argument("uscc")
@click.argument("kind", type=KIND)
@REASON
@click.option("--pkcs12", type=READABLE, help="换用这个印章文件；缺省为自制。")
@WORD
@PASSPHRASE_FILE
@as_json
@on_a_node
def replace(
    uscc: str, kind: str, reason: str, pkcs12: Path | None, word: str, passphrase_file: Path | None, as_json: bool
) -> None:  # fmt: skip
    """换用新的印章；旧印章的密钥随即销毁，它以前所盖的仍然有效。"""
    from tongban.kernel.time import clock
    from tongban.seals import commands

    new = commands.Pkcs12(pkcs12.read_bytes(), _passphrase(passphrase_file)) if pkcs12 else None
    made = commands.replace(
        organisation=uscc.upper(), kind=kind, reason=reason, new=new, word=word, by=operator(), at=clock.now()
    )
    _tell_made(made, as_json)


@command.command("revoke")
@click.argument("uscc")
@click.argument("kind", type=KIND)
@REASON
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="自何时起所盖的不算数，如 2026-05-01T08:00（北京时间）；缺省为现在。",
)  # fmt: skip
@click.option("--fingerprint", default="", metavar="SHA256", help="吊销已更换的这一枚；缺省为在用的。")
@as_json
@on_a_node
def revoke(
    uscc: str, kind: str, reason: str, since: datetime | None, fingerprint: str, as_json: bool
) -> None:  # fmt: skip
    """吊销在用的印章，如密钥可能已泄露；密钥随即销毁。"""
    from tongban.kernel.time import clock
    from tongban.seals import commands

    seal = commands.revoke(
        organisation=uscc.upper(), kind=kind, reason=reason, by=operator(), at=clock.now(),
        since=since.replace(tzinfo=clock.OFFICIAL) if since else None, fingerprint=fingerprint,
    )  # fmt: skip
    if as_json:
        show_json(_facts(seal))
        return
    click.echo(f"已吊销 {seal.organisation.name} 的{seal.get_kind_display()}，证书指纹 {seal.fingerprint}")


@command.command("root")
@click.option("--out", type=WRITABLE, default="-", show_default=True, help="写入这个新文件。")
@click.option("--renew", is_flag=True, help="另立签发机构：只在签发密钥丢失或泄露后；已制作的印章不受影响。")
@on_a_node
def root(out: Path, renew: bool) -> None:
    """给出本节点印章签发机构的证书（PEM）：在 PDF 阅读器中设为可信的，自制印章所签的文书就显示为可信。"""
    from tongban.kernel.time import clock
    from tongban.seals import commands, queries

    if renew:
        commands.renew_authority(by=operator(), at=clock.now())
    found = queries.root()
    if found is None:
        raise Refused("本节点还没有自制过印章，没有签发机构。请先用 tongban office seal make 制作。")
    write_file(out, found.certificate.encode("ascii"))
    click.echo(f"证书指纹（SHA-256）：{found.fingerprint}", err=True)


def _passphrase(file: Path | None) -> str:
    if file is None:
        return passphrases.known(VARIABLE, "印章文件口令")
    return file.read_text(encoding="utf-8").rstrip("\r\n")


def _facts(seal: "Seal") -> dict[str, Any]:
    return {
        "organisation": seal.organisation.uscc, "name": seal.organisation.name, "kind": seal.kind, "word": seal.word,
        "fingerprint": seal.fingerprint, "valid_from": seal.valid_from.isoformat(), "valid_to": seal.valid_to.isoformat(),
        "made_at": seal.made_at.isoformat(), "state": seal.state,
        "ended_at": seal.ended_at.isoformat() if seal.ended_at else None, "reason": seal.reason,
    }  # fmt: skip


def _tell_made(made: "Made", as_json: bool) -> None:
    seal = made.seal
    if as_json:
        show_json(_facts(seal) | {"warning": made.warning})
        return
    click.echo(
        f"{seal.organisation.name} 的{seal.word or seal.get_kind_display()}已启用，有效期至 {seal.valid_to:%Y-%m-%d}"
    )
    click.echo(f"证书指纹（SHA-256）：{seal.fingerprint}")
    if made.warning:
        click.echo(f"注意：{made.warning}", err=True)
    click.echo("密钥在密钥目录中，备份不含密钥：请重新保管密钥目录。")
