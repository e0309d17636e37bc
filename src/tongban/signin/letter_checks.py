"""Who checks a letter by its code without signing in: slowed down where codes are made up."""

from datetime import datetime

from tongban.letters import checking
from tongban.letters.checking import Checked
from tongban.signin import throttle


def check(*, code: str, address: str, at: datetime) -> Checked | None:
    """
    Return what is known of the letter that bears a code; nothing where no letter bears it.

    Raises:
        Throttled: too many codes that no letter bears were asked for from this address.
    """
    account = f"letter:{address}"
    try:
        throttle.ask(account=account, address=address, at=at)
    except throttle.Throttled as refusal:
        raise throttle.Throttled(
            "查验过于频繁：连续多次没有查到。请稍后再试，或打文书上的咨询电话核对。",
            retry_after=refusal.retry_after,
        ) from None
    found = checking.find(code)
    if found is None and code:
        throttle.note_failure(account=account, address=address, at=at)
    return found
