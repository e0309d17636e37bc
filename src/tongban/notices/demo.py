"""What a demo node has sent, as the stand-in for an operator tells it: there nobody has a telephone to look at."""

from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.kernel.time.clock import OFFICIAL
from tongban.notices import ports
from tongban.notices.ports import HttpSms


def sent() -> dict[str, list[dict[str, Any]]] | None:
    """Return SMS and mails that the stand-in has taken, newest first; None where it does not answer, or there is none."""
    if not settings.NODE.notices.sms_url:
        return None
    try:
        found = HttpSms(settings.NODE.notices).taken()
    except (ports.Unreachable, ports.Refused):
        return None
    return {
        "sms": [{**one, "at": datetime.fromtimestamp(one["at"], OFFICIAL)} for one in found["sms"]],
        "mail": list(found["mail"]),
    }
