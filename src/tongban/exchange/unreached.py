"""Why a peer cannot be reached, in words for those who can do something about it."""

from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# What the connection itself says when a node cannot be reached (`gateway`); anything else is a sentence already.
_SAID: Final[dict[str, Any]] = {
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


def in_words(said: str) -> str:
    """Return in words why a node cannot be reached."""
    if said in _SAID:
        return str(_SAID[said])
    if said == "HTTP 403":
        return gettext("对方节点不接受本节点的消息：可能还没有添加本节点，或已暂停、移除。请联系对方核对")
    if said.startswith("HTTP "):
        return gettext("对方网址上答复的不是通办节点（%(said)s）") % {"said": said}
    return said if not said.isascii() else gettext("连接出错（%(said)s）") % {"said": said} if said else ""
