"""Why a case is parked, in words."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

PARKED: Final[dict[str, Any]] = {
    "unknown_kind": _("对方记录了本节点不认识的行为，请升级程序后核处"),
    "newer_rules": _("对方使用更新的规则，请升级程序后核处"),
    "unknown_terms": _("所依据的办事指南或通办协议尚未收到"),
    "wrong_role": _("对方写了不属于它的行为"),
    "wrong_actor": _("对方记录的经办人无权办理"),
    "wrong_given": _("对方记录所带的内容不合规则"),
    "wrong_papers": _("对方所依据的办事指南或通办协议不对"),
    "not_allowed": _("按规则当时不能这样办理"),
    "other_effects": _("对方记录的效果与规则不符"),
    "time_backwards": _("对方记录的时间早于它的上一条"),
    "before_what_it_saw": _("对方记录的时间早于它所依据的记录，请双方核对时钟"),
    "at_in_future": _("对方记录的时间还没有到，请双方核对时钟"),
    "epoch_fell": _("对方记录属于它恢复以前的纪元"),
    "seen_went_back": _("对方记录所依据的，比它的上一条还少"),
    "saw_other_history": _("对方记录所依据的，与本节点所存的不同"),
    "own_succession": _("对方称本节点已由另一节点接替"),
    "redacted_unseen": _("对方记录的附文已删除，本节点没有见过"),
    "fork": _("同一序号出现两份不同记录（分叉）"),
}
