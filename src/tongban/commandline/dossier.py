"""`tongban dossier`: the proof of a case, exported here and verified anywhere."""

import re
from pathlib import Path
from typing import Any

import click

from tongban import known_procedures
from tongban.commandline.group import Refused
from tongban.commandline.node import READABLE, WRITABLE, as_json, on_a_node, operator, show_json, write_file
from tongban.kernel.crypto.keychain import fingerprint_typed
from tongban.procedures import register
from tongban.procedures.dossier import verifier

# A fingerprint in one piece or in groups of four, named or not; what follows on the line is for people.
_FINGERPRINT = re.compile(r"(?:sm3: ?)?(?:[0-9a-f]{4} ?){15}[0-9a-f]{4}(?![0-9a-f])", re.IGNORECASE)


@click.group("dossier")
def command() -> None:
    """案卷：导出一个办件的证明，离线查验。"""
    known_procedures.enter()


@command.command("export")
@click.argument("number")
@click.argument("file", type=WRITABLE)
@click.option("--content", is_flag=True, help="连同材料内容导出；须写明何人、为何。")
@click.option("--person", default="", help="取得内容的人（姓名或工号）。")
@click.option("--reason", default="", help="取得内容的理由；将被记录。")
@on_a_node
def export(number: str, file: Path, content: bool, person: str, reason: str) -> None:
    """导出一个办件的案卷；缺省不含任何材料内容和个人信息。文件名以 .pdf 结尾时导出供人阅读的案卷，原件作为附件在内。"""
    from tongban.kernel.time import clock
    from tongban.procedures.dossier import exporting

    if content and not (person.strip() and reason.strip()):
        raise click.UsageError("导出材料内容须同时写明 --person 与 --reason。")
    if (person or reason) and not content:
        raise click.UsageError("--person 与 --reason 只与 --content 一起使用。")
    content_for = (person.strip(), reason.strip()) if content else None
    data = exporting.export(number, by=operator(), at=clock.now(), content_for=content_for)
    if file.suffix == ".pdf":
        from tongban.exchange import queries as exchange
        from tongban.kernel import identity
        from tongban.letters import dossiers

        data = dossiers.readable(data, [identity.fingerprint(), *exchange.roots()])
    write_file(file, data)
    click.echo(f"案卷已导出：{file}", err=True)


@command.command("verify")
@click.argument("file", type=READABLE)
@click.option("--trust", type=READABLE, help="可信根文件：每行一个节点指纹，来自案卷以外的途径。")
@as_json
def verify(file: Path, trust: Path | None, as_json: bool) -> None:
    """
    查验案卷：不需要数据库、网络或节点。

    退出码：0 成立；1 不成立（指出第一处错误）；3 含本版本没有的规则表；4 完整，但未给出可信根；
    5 真实，但有争议或有不合规则之处。
    """
    verdict = verifier.verify(file.read_bytes(), None if trust is None else _roots(trust))
    if as_json:
        show_json(_facts(verdict))
    else:
        _tell(verdict)
    raise SystemExit(verdict.code)


@command.command("show")
@click.argument("file", type=READABLE)
@as_json
def show(file: Path, as_json: bool) -> None:
    """显示案卷的内容概要；是否可信请用 verify。"""
    verdict = verifier.verify(file.read_bytes(), None)
    if verdict.findings and verdict.code == verifier.WRONG:
        raise Refused(f"案卷不成立：{verdict.findings[0]}")
    if as_json:
        show_json(verdict.summary)
        return
    for name, value in verdict.summary.items():
        click.echo(f"{name}: {value}")


def _roots(path: Path) -> list[str]:
    """Return the fingerprints in a file of roots: one a line, `#` begins a comment."""
    roots = []
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = _FINGERPRINT.match(text)
        if found is None:
            raise Refused(f"可信根文件 {path} 中有一行不是节点指纹，未查验。请每行写一个 64 位十六进制指纹。")
        roots.append(fingerprint_typed(found.group()))
    if not roots:
        raise Refused(f"可信根文件 {path} 中没有指纹，未查验。请写入从案卷以外的途径得到的指纹。")
    return roots


def _facts(verdict: verifier.Verdict) -> dict[str, Any]:
    return {
        "ok": verdict.ok, "code": verdict.code, "findings": [str(finding) for finding in verdict.findings],
        "fingerprints": verdict.fingerprints, "summary": verdict.summary, "remarks": list(verdict.remarks),
        "contested": list(verdict.contested),
    }  # fmt: skip


def _tell(verdict: verifier.Verdict) -> None:
    for finding in verdict.findings:
        click.echo(f"不符：{finding}", err=True)
    for sentence in verdict.contested:
        click.echo(f"有争议：{sentence}", err=True)
    if verdict.summary:
        summary = verdict.summary
        matter, count = (
            register.named(summary["procedure"], summary["subject"]),
            sum(summary["events"].values()),
        )
        click.echo(f"{matter}：{summary['phase_name']}，记录 {count} 条，前后一致。")
    for remark in verdict.remarks:
        click.echo(f"说明：{remark}")
    if verdict.code == verifier.HOLDS:
        click.echo("查验成立，各节点均在可信根之列。")
    elif verdict.code == verifier.CONTESTED:
        click.echo("案卷真实，但有争议或有不合规则之处，不能据以认定。请向双方核实上述各项。")
    elif verdict.code == verifier.NO_ROOTS:
        click.echo("案卷完整，但未给出可信根（--trust）。请通过另一途径核对以下节点指纹：")
    for fingerprint in verdict.fingerprints.values():
        click.echo(f"  {fingerprint}")
