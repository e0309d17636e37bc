"""Why a case is parked, in words."""

from typing import Any, Final

from django.utils.translation import gettext
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

# What the connection itself says when a node cannot be reached (`exchange.gateway`); anything else is a sentence already.
_UNREACHED: Final[dict[str, Any]] = {
    "ConnectError": _("连接不上：对方服务没有运行，或网络不通"),
    "ConnectTimeout": _("连接超时：网络不通，或被防火墙拦住"),
    "ReadTimeout": _("对方没有按时答复"),
    "WriteTimeout": _("发送没有按时完成"),
    "PoolTimeout": _("本节点同时发送过多，稍后再试"),
    "ReadError": _("连接在答复途中断开"),
    "WriteError": _("连接在发送途中断开"),
    "RemoteProtocolError": _("连接在答复途中断开"),
    "UnsupportedProtocol": _("登记的对方网址不正确"),
}


def trouble_of(said: str) -> str:
    """Return in words why a node cannot be reached."""
    if said in _UNREACHED:
        return str(_UNREACHED[said])
    if said == "HTTP 403":
        return gettext("对方节点不接受本节点的消息：可能还没有添加本节点，或已暂停、移除。请联系对方核对")
    if said.startswith("HTTP "):
        return gettext("对方网址上答复的不是通办节点（%(said)s）") % {"said": said}
    return said if not said.isascii() else gettext("连接出错（%(said)s）") % {"said": said} if said else ""
