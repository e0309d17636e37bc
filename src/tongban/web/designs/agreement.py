"""How agreements are shown at the desk: sentences for each act, and the form that drafts one."""

from collections.abc import Iterator

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from tongban.accounts.access.actor import Actor
from tongban.agreements import documents, neighbours, queries, rules_1
from tongban.agreements.words import LABELS, NAME, Act
from tongban.kernel.time import clock
from tongban.web.designs.design import ActDesign, Design, Opening
from tongban.web.designs.fields import Field


def _in_force(actor: Actor) -> Iterator[tuple[str, str]]:
    """The agreements in force, also those that were exchanged by files."""
    yield "", str(_("新订一份协议"))
    for row in queries.in_force_between_neighbours(clock.official_day(clock.now())):
        names = " — ".join(party["name"] for party in row.document["parties"])
        until = row.valid_to.isoformat() if row.valid_to else _("长期")
        yield row.agreement_id, f"{names} {row}（{row.valid_from} — {until}）"


def _neighbours(actor: Actor) -> Iterator[tuple[str, str]]:
    """The neighbours as they are when the form is shown."""
    return ((party["node"], party["name"]) for party in neighbours.parties())


_LIMITS = format_lazy(
    _("每项一个“环节=工作日”，如 推送=1 签收=1；只能缩短。可写的环节：{segments}"),
    segments="、".join(documents.SEGMENTS.values()),
)
# Usual grants: what two districts of Henan, and seven counties of Sichuan, gave each other; and all.
_POWERS = (
    ("deliver,notice,receive,verify", _("四项：收件受理、一次性告知、原件核验、结果送达")),
    ("deliver,receive", _("两项：收件受理、结果送达")),
    (",".join(sorted(documents.POWERS)), _("五项：四项之外，授权本地办理")),
)


def _text_of(*, anew: bool) -> tuple[Field, ...]:
    """What a draft says; anew, what is left empty stays as it was."""
    kept = _("留空沿用上一稿")
    return (
        Field("powers", LABELS["powers"], "choice", kept if anew else "", _POWERS, code=True, required=not anew),
        Field(
            "items", LABELS["items"], "text",
            _("每行一个事项或实施编码；全部事项填 *，留空沿用上一稿") if anew else _("每行一个事项或实施编码；留空为全部事项"),
            code=True, required=False,
        ),
        Field("limits", LABELS["limits"], "line", _LIMITS, code=True, required=False),
        Field("valid_from", LABELS["valid_from"], "line", _("如 2026-01-01；留空为今天"), code=True, required=False),
        Field(
            "valid_to", LABELS["valid_to"], "line",
            _("如 2026-12-31；长期有效填“长期”，留空沿用上一稿") if anew else _("如 2026-12-31；留空为长期"),
            code=True, required=False,
        ),
    )  # fmt: skip


AGREEMENTS = Design(
    NAME, _("通办协议"), _("没有办理中的通办协议。"),
    acts={
        Act.SEND: ActDesign(_("请先核对协议条款。送出后由对方答复，答复前不能修改或撤回。")),
        Act.WITHDRAW: ActDesign(_("不再签订的，撤回草稿。"), grave=True),
        Act.ASK_CHANGE: ActDesign(_("写明要改哪里、怎样改，退给拟定的一方修改。")),
        Act.PROPOSE_ANEW: ActDesign(_("按对方意见改好后再送签。只填要改的，其余留空。"), fields=_text_of(anew=True)),
        Act.DECLINE: ActDesign(_("不同意签订的，写明理由。事项就此结束。"), grave=True),
        Act.COUNTERSIGN: ActDesign(_("请先核对条款和协议文本。签署后以本节点密钥签名，双方即按协议办理。"), fields=()),
        Act.REJECT_SIGNED: ActDesign(_("对方签名不成立、或签的不是所拟文本时，系统不会收下。请写明情况，退回对方重签。"), grave=True),
        Act.WISH: ActDesign(_("协议继续有效。写明希望怎样变更，由拟定的一方答复。")),
        Act.KEEP: ActDesign(_("不采纳对方变更意见的，写明理由。协议不变。")),
        Act.CHANGE: ActDesign(
            _("拟定下一版并送对方签署；签署前现行版本继续有效。已收件的办件不受影响，按收件时的版本办完。"), fields=_text_of(anew=True)
        ),
        Act.DECLINE_CHANGE: ActDesign(_("不同意变更的，写明理由。现行版本继续有效。")),
        Act.DROP_CHANGE: ActDesign(_("放弃这次变更，现行版本继续有效。")),
        Act.SUSPEND: ActDesign(_("暂停期间两地都不按这份协议收新件；另有有效协议的照收。已收件的办件按收件时的版本办完。"), grave=True),
        Act.RESUME: ActDesign(_("恢复收新件。只有暂停的一方能恢复。")),
        Act.ATTACH: ActDesign(_("同时签有纸质协议的，扫描后附上，双方都能查看。以节点签名的文本为准。")),
        Act.END: ActDesign(
            _("终止日之后两地都不再按这份协议收新件，通知由系统送达对方；另有有效协议的照收。已收件的办件按收件时的版本办完。"),
            grave=True,
            fields=(
                Field("last_day", LABELS["last_day"], "line", _("如 2026-12-31；留空为今天"), code=True, required=False),
            ),
        ),
    },
    opening=Opening(
        _("拟定通办协议"),
        _("由政务服务中心的协议签署岗填写。拟定后核对条款，再送对方签署；对方签署后两地都按它办理，不需要交换文件。"),
        (
            Field("with", _("另一方"), "choice", _("没有列出的，请系统管理员先添加对方县的节点"), _neighbours, code=True),
            *_text_of(anew=False),
            Field(
                "agreement", _("是否现行协议的下一版"), "choice", _("同一事项有几份有效协议时，按最后生效的一份收件"), _in_force,
                code=True, required=False,
            ),
        ),
        permission=rules_1.SIGN,
        of_node=True,
    ),
)  # fmt: skip
