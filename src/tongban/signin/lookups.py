"""Who looks a number up without signing in: slowed down where guesses are wrong, by address and by number."""

from datetime import datetime

from tongban.cases import lookups
from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers
from tongban.procedures.models import Matter
from tongban.signin import throttle


def look_up(*, number: str, proof: str, address: str, at: datetime) -> Matter:
    """
    Return what `number` is of, to whoever has what proves it besides.

    Raises:
        numbers.BadNumber: a slip of the finger, which is not counted. NotFound: as `lookups.look_up`.
        Throttled: too much was wrong, from this address or about this number.
    """
    # Numbers that nobody has are counted as all others, in so many shared counts that made-up ones don't fill the table.
    counted = ((f"lookup:{address}", True), (f"looked-up:{numbers.parse(number)}", False))
    for account, known in counted:
        try:
            throttle.ask(account=account, address=address, known=known, at=at)
        except throttle.Throttled as refusal:
            raise throttle.Throttled(
                "查询过于频繁：连续多次对不上。请稍后再试，或带身份证到收件地窗口查询。",
                retry_after=refusal.retry_after,
            ) from None
    try:
        return lookups.look_up(number, proof)
    except NotFound:
        for account, known in counted:
            throttle.note_failure(account=account, address=address, known=known, at=at)
        raise
