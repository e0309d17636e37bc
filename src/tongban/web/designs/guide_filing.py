"""How guides' filing is shown at the desk: sentences and ready phrases for each act, and the form that opens one."""

from django.utils.translation import gettext_lazy as _

from tongban.catalogue.filing import rules_1
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

FILINGS = Design(
    NAME, _("指南备案"), _("没有指南备案。"),
    acts={
        Act.REVISE: ActDesign(_("粘贴修改后的整份指南（JSON），可先从办理经过中取出上一稿。修改后须由他人重新审核。")),
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
        _("填写实施编码，从现行指南的副本改起；新的事项请粘贴指南内容。只能起草本机构实施的事项。"),
        (
            Field("offering", _LABELS["offering"], "line", _("新的事项可以空着，以指南内容所写为准"), code=True, required=False),
            Field("guide", _LABELS["guide"], hint=_("JSON 文本；空着就从现行指南的副本开始"), required=False),
            Field("centre", _LABELS["centre"], "line", _("统一社会信用代码；空着就报送本地的中心"), code=True, required=False),
        ),
        permission=rules_1.DRAFT,
    ),
)  # fmt: skip
