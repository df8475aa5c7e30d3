"""Helpers for what is logged."""

import logging
from typing import Any


class Once:
    """A warning that a process logs once."""

    def __init__(self, logger: logging.Logger, message: str) -> None:
        self.logger = logger
        self.message = message
        self.logged = False

    def log(self, *args: Any) -> None:
        """Log it, with the arguments of its message, unless that was done."""
        if not self.logged:
            self.logged = True
            self.logger.warning(self.message, *args)


class HeadRequests(logging.Filter):
    """Drops Django's warnings about HEAD requests, which monitors and scanners send: no visitor sees the response."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log `record`."""
        request = getattr(record, "request", None)
        return record.levelno > logging.WARNING or getattr(request, "method", None) != "HEAD"
