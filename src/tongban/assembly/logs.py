"""What is not worth a line in the log."""

import logging


class NotPolled(logging.Filter):
    """Drops what Django says when `/readyz` answers that the node cannot serve: whoever polls it is told in the answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be kept."""
        request = getattr(record, "request", None)
        return getattr(request, "path", "") != "/readyz"
