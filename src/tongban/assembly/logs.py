"""How a line in the log looks, what is not worth one, and what must never stand in one."""

import copy
import logging
import traceback


class Entry(logging.Formatter):
    """
    Writes when, how grave, where and what: the time with its zone, so that logs of several machines can be put together.

    Only an entry begins at the margin. Whatever breaks the line in what a peer or an issuer has said is set in, and nobody
    outside can write an entry of their own.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """Return the entry."""
        lines = super().format(record).splitlines()
        return "\n  ".join(
            "".join(sign if sign.isprintable() else "\ufffd" for sign in line) for line in lines
        )


class NotPolled(logging.Filter):
    """Drops what Django says when `/readyz` answers that the node cannot serve: whoever polls it is told in the answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be kept."""
        request = getattr(record, "request", None)
        return getattr(request, "path", "") != "/readyz"


class WithoutValues(logging.Filter):
    """
    Says of a request which route it took, never its address: somebody may have typed an identity number into it. Of an exception,
    where it was raised and of what kind: its message may quote what was sent (个人信息保护法 第五十一条).
    """

    def filter(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return the record as this handler may write it; others get their own."""
        record = copy.copy(record)
        request = getattr(record, "request", None)
        if request is not None:
            match = getattr(request, "resolver_match", None)
            status, route = getattr(record, "status_code", ""), match.route if match else "(no route)"
            record.msg, record.args = "%s %s %s", (status, request.method, route)
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            place = "".join(f"\n  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
            record.msg = f"{record.getMessage()}: {type(error).__name__}{place}".replace("%", "%%")
            record.args, record.exc_info, record.exc_text = (), None, None
        return record
