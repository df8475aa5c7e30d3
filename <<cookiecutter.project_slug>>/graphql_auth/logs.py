"""Keeps one-time tokens, access tokens, passwords in URLs and email addresses out of the logs.

The links in mails have their tokens in the path, which servers and Django log. Anyone who can read the logs could use a
link before its owner does. The errors of mail servers contain email addresses, and those of databases contain values.
"""

import copy
import logging
import re
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

# The output of django.core.signing: a value, a time and a signature. A client may encode the colons.
TOKEN = re.compile(r"(?<![\w-])[\w-]++(:|%3A)[\w-]{6}\1[\w-]{43}", re.ASCII | re.IGNORECASE)
JWT = re.compile(r"(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+", re.ASCII)
# The user and password in a URL. A password may contain an unencoded @.
CREDENTIALS = re.compile(r"""(?<=://)(?:(?!://)[^\s"'<>@])*+@(?:[^\s"'<>@/]*+@)*+""")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++(?:[!#$%&'*/=?^`{|}~][\w.+-]++){0,8}+@[\w-]++(?:\.[\w-]++)++")
# Each pattern, a string that every match contains, and the replacement. The string makes texts without secrets cheap.
# No pattern backtracks.
SECRETS = [
    (TOKEN, ":", "[token]"),
    (TOKEN, "%3", "[token]"),
    (JWT, "eyJ", "[token]"),
    (CREDENTIALS, "@", "[credentials]@"),
    (EMAIL, "@", "[email]"),
]
# The names of secrets in the queries of URLs and in connection strings. Not used for tracebacks, where source code
# looks the same.
SECRET_WORDS = ("password", "passwd", "secret", "token", "credential", "apikey", "api_key")
ASSIGNED = re.compile(rf"(?<!\w)(\w{{0,40}}?(?:{'|'.join(SECRET_WORDS)})\w{{0,20}}=)[^\s&;\"'<>]+", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` without recognisable tokens, credentials and email addresses."""
    for pattern, mark, instead in SECRETS:
        if mark in text:
            text = pattern.sub(instead, text)
    return text


def redact_value(value: Any) -> Any:
    """Return `value`; if it is a string, redact it and the values of secret names, as in `?password=`."""
    if not isinstance(value, str):
        return value
    if "=" in value:
        lower = value.lower()
        if any(word in lower for word in SECRET_WORDS):
            value = ASSIGNED.sub(r"\1[secret]", value)
    return redact(value)


def keep_secrets_out() -> None:
    """Redact the messages, arguments and tracebacks of all log records from now on."""
    logging.setLogRecordFactory(_redacting(logging.getLogRecordFactory()))


class ClientErrors(logging.Filter):
    """Turns the records of client errors into one-line warnings, at most `per_minute` per minute.

    Django logs some client errors, such as an invalid Host header, with a traceback: scanners would fill the log and
    the inboxes of ADMINS. The first record of a minute reports how many were dropped before.
    """

    def __init__(self, name: str = "", per_minute: int = 20) -> None:
        super().__init__(name)
        self.per_minute = per_minute
        self.minute = self.logged = self.left_out = 0
        self.lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Turn `record` into a short warning and return whether to log it."""
        record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        record.exc_info = record.exc_text = None
        with self.lock:
            minute = int(time.monotonic() // 60)
            if minute != self.minute:
                self.minute, self.logged = minute, 0
            if self.logged >= self.per_minute:
                self.left_out += 1
                return False
            self.logged += 1
            left_out, self.left_out = self.left_out, 0
        if left_out:
            record.msg, record.args = f"{record.getMessage()} (Similar messages that were not logged: {left_out}.)", ()
        return True


def _redacting(make_record: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        record.msg = redact_value(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact_value(value) for value in record.args)
        elif isinstance(record.args, dict):
            # A copy keeps the type of Gunicorn's dict subclass, which has its own lookup.
            record.args = copy.copy(record.args)
            record.args.update({name: redact_value(value) for name, value in record.args.items()})
        if record.exc_info and record.exc_info[0]:
            # Formatters use exc_text, if set, instead of formatting the exception.
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return record

    return make_redacted
