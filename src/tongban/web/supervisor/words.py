"""Why a case is parked, in words."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

PARKED: Final[dict[str, Any]] = {
    "unknown_kind": _("对方记录了本节点不认识的行为，请升级程序后核处"),
    "newer_rules": _("对方使用更新的规则，请升级程序后核处"),
    "unknown_terms": _("所依据的办事指南或通办协议尚未收到"),
    "wrong_role": _("对方写了不属于它的行为"),
    "wrong_actor": _("对方记录的经办人无权办理"),
    "not_allowed": _("按规则当时不能这样办理"),
    "other_effects": _("对方记录的效果与规则不符"),
    "fork": _("同一序号出现两份不同记录（分叉）"),
}
