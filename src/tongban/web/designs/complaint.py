"""How complaints are shown at the desk: sentences and ready phrases for each act, and the form that opens one."""

from django.utils.translation import gettext_lazy as _

from tongban.complaints import rules_1
from tongban.complaints.procedure import COMPLAINT, NAME
from tongban.complaints.words import Act
from tongban.web.designs.design import ActDesign, Design, Opening
from tongban.web.designs.fields import Field

_CODES = COMPLAINT.codes


def _choice(name: str, hint: object = "", *, required: bool = True, of_staff: bool = False) -> Field:
    choices = tuple(_CODES[name].items())
    return Field(name, COMPLAINT.labels[name], "choice", hint, choices, True, required, of_staff)


_DECLINED = (
    "您反映的是决定本身，可以依法申请行政复议或提起行政诉讼。",
    "您反映的是工作人员违纪违法线索，已告知向纪检监察机关反映。",
    "您投诉的机构由其上级机关处理，请向其上级机关或 12345 反映。",
)

COMPLAINTS = Design(
    NAME, _("投诉"), _("没有投诉。"),
    acts={
        Act.DECLINE: ActDesign(
            _("对决定本身不服的，告知复议或诉讼；违法违纪的，移送纪检监察。"),
            {"reason": _DECLINED},
            grave=True,
        ),
        Act.ACCEPT_CENTRE: ActDesign(_("转给被投诉地的政务服务中心核查。被投诉的机构和人员看不到投诉人和投诉内容。")),
        Act.ACCEPT_HOTLINE: ActDesign(_("按 12345 的期限转给被投诉地核查。")),
        Act.ACCEPT_PETITION: ActDesign(_("按信访的期限转给被投诉地核查，受理情况须告知信访人。")),
        Act.TAKE_OVER: ActDesign(_("承接后开始核查。与投诉有利害关系的，请回避。")),
        Act.RETURN: ActDesign(_("不属本机关的，写明理由退回。指定承办后不得再退回。"), grave=True),
        Act.RECUSE: ActDesign(
            _("您与投诉有利害关系的，在这里回避，由本单位其他承办人员接着办。只有您一人能办的，请先联系账号管理员安排人员。理由不告诉投诉人。")
        ),
        Act.NOTE: ActDesign(_("核查情况只供承办和受理机构查看。")),
        Act.EXTEND_HOTLINE: ActDesign(_("经承办单位负责人批准，可以延长一次五个工作日。")),
        Act.EXTEND_PETITION: ActDesign(_("经批准可以延长一次，不超过三十日，并告知信访人延长理由。")),
        Act.REPLY: ActDesign(_("答复由受理地转告投诉人。请写明核查的事实、依据和处理意见。")),
        Act.TELL: ActDesign(_("把答复告诉投诉人后确认。")),
        Act.RATE: ActDesign(_("对这次投诉的办理作出评价，只评一次。")),
        Act.RATE_FOR: ActDesign(_("回访后按投诉人本人的表示代记，只评一次。")),
        Act.WITHDRAW: ActDesign(_("撤回后不再办理。需要时可以重新提出。"), grave=True),
        Act.WITHDRAW_FOR: ActDesign(_("投诉人本人要求撤回的，写明何时、怎样提出。撤回后不再办理。"), grave=True),
    },
    opening=Opening(
        _("提出投诉"),
        _("对办事过程中的服务不满意，可以在这里投诉。对决定本身不服的，请申请行政复议或提起诉讼。被投诉的一方看不到您的姓名和内容。"),
        (
            Field("number", _("办件编号"), "line", _("投诉某一件事的办理，请填它的编号；投诉窗口服务可以不填"), required=False),
            _choice("against"), _choice("mode", _("不清楚的选第一项；信访按信访的期限办理")),
            _choice("channel", required=False, of_staff=True),
            Field("complaint", _("投诉内容"), hint=_("时间、地点、发生了什么、希望怎样解决")),
            Field("contact", _("联系方式"), "line", _("便于答复；可以不填"), required=False),
        ),
        permission=rules_1.TAKE, applicant=True, anybody=True,
    ),
)  # fmt: skip
