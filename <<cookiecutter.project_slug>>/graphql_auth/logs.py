"""What is logged: no one-time token.

The link of a mail has its token in the path, which servers and Django write into their logs. Whoever may read those
could use the link before its owner does.
"""

import copy
import logging
import re
from collections.abc import Callable
from typing import Any

# What django.core.signing makes: a value, when, and a signature; a client may encode the colons.
TOKEN = re.compile(r"(?<![\w-])[\w-]++(:|%3A)[\w-]{6}\1[\w-]{43}", re.ASCII | re.IGNORECASE)


def keep_tokens_out() -> None:
    """Redact every one-time token in the message and the arguments of what is logged from now on, by any logger."""
    logging.setLogRecordFactory(_redacting(logging.getLogRecordFactory()))


def _redacting(make_record: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        record.msg = _redact(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_redact(value) for value in record.args)
        elif isinstance(record.args, dict):
            # Gunicorn's access log gives one that has its own way to look up; a copy keeps that.
            record.args = copy.copy(record.args)
            record.args.update({name: _redact(value) for name, value in record.args.items()})
        return record

    return make_redacted


def _redact(value: Any) -> Any:
    return TOKEN.sub("[token]", value) if isinstance(value, str) else value
