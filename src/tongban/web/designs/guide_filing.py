"""How guides' filing is shown at the desk: sentences and ready phrases for each act, and the form that opens one."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tongban.accounts.access.actor import Actor
from tongban.accounts.models import Organisation
from tongban.catalogue import queries
from tongban.catalogue.filing import documents, rules_1
from tongban.catalogue.filing.procedure import GUIDE_FILING, NAME
from tongban.catalogue.filing.words import Act
from tongban.web.designs.design import ActDesign, Design, Opening
from tongban.web.designs.fields import Field

_LABELS = GUIDE_FILING.labels
_REMARKS = (
    "申请条件与法定依据不一致，请核对。",
    "申请材料列出了可以共享获得的材料，请删去或标明免交。",
    "办理时限未写明起算和承诺，请补充。",
)


def _own_offerings(actor: Actor) -> Iterator[tuple[str, str]]:
    """What the actor's organisation handles here, by name and code."""
    for offering in queries.offerings_visible_to(actor).filter(organisation=actor.organisation):
        yield offering.code, f"{offering.name} {offering.code}"
    yield "", str(_("新的事项（以指南内容所写为准）"))


def _centres(actor: Actor) -> Iterator[tuple[str, str]]:
    """The service centres that a guide may be filed with, the own one first."""
    yield "", str(_("本地政务服务中心"))
    centres = Organisation.objects.filter(kind=Organisation.Kind.SERVICE_CENTRE, is_active=True)
    yield from centres.exclude(uscc=settings.NODE.organisation).order_by("uscc").values_list("uscc", "name")


FILINGS = Design(
    NAME, _("指南备案"), _("没有指南备案。"),
    acts={
        Act.REVISE: ActDesign(
            _("下面是上一稿的全文（JSON 文本），在其中修改。修改后须由他人重新审核。"),
            begins_with=lambda state: {"guide": documents.newest(state)},
        ),
        Act.CHECK: ActDesign(_("核对条件、材料、时限、收费和依据。起草人不能审核自己起草的指南。")),
        Act.SUBMIT: ActDesign(_("报送起草时选定的政务服务中心备案，备案或退回前不能修改。")),
        Act.RETURN_WITH_REMARKS: ActDesign(_("逐条写明要改什么。编制部门修改并重新审核后再报送。"), {"remarks": _REMARKS}),
        Act.FILE: ActDesign(_("备案的就是现在看到的这一稿。备案后由编制部门公布。")),
        Act.PUBLISH: ActDesign(_("公布后成为现行指南，新的办件按它办理；已收的办件仍按收件时的版本。公布的版本不能修改。")),
        Act.WITHDRAW: ActDesign(_("不再备案这一稿，现行指南不变。"), grave=True),
        Act.CANCEL: ActDesign(_("事项取消后不能再申请，已收的办件继续办完。"), grave=True),
    },
    opening=Opening(
        _("起草指南"),
        _("选本机构实施的事项，从现行指南的副本改起；新的事项请粘贴指南内容。起草后可以修改，再由他人审核。"),
        (
            Field("offering", _("哪个事项的指南"), "choice", "", _own_offerings, code=True, required=False),
            Field("guide", _LABELS["guide"], hint=_("JSON 文本；空着就从现行指南的副本开始"), required=False),
            Field("centre", _LABELS["centre"], "choice", "", _centres, code=True, required=False),
        ),
        permission=rules_1.DRAFT,
    ),
)  # fmt: skip
