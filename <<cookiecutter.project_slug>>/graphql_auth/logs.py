"""What is logged: no one-time token, no access token, no password of a URL and no email address.

The link of a mail has its token in the path, which servers and Django write into their logs. Whoever may read those
could use the link before its owner does. A mail server names the address that it refuses, and a database the value
that it has already.
"""

import copy
import logging
import re
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

# What django.core.signing makes: a value, when, and a signature; a client may encode the colons.
TOKEN = re.compile(r"(?<![\w-])[\w-]++(:|%3A)[\w-]{6}\1[\w-]{43}", re.ASCII | re.IGNORECASE)
JWT = re.compile(r"(?<![\w-])eyJ[\w-]++\.[\w-]++\.[\w-]*+", re.ASCII)
# The user and the password of a URL; a password may hold an @ that should have been encoded.
CREDENTIALS = re.compile(r"""(?<=://)(?:(?!://)[^\s"'<>@])*+@(?:[^\s"'<>@/]*+@)*+""")
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++(?:[!#$%&'*/=?^`{|}~][\w.+-]++){0,8}+@[\w-]++(?:\.[\w-]++)++")
# What is looked for, something that it has in it, and what replaces it. Nearly all texts have nothing of it, and cost
# little. No pattern starts again inside of what it has read.
SECRETS = [
    (TOKEN, ":", "[token]"),
    (TOKEN, "%3", "[token]"),
    (JWT, "eyJ", "[token]"),
    (CREDENTIALS, "@", "[credentials]@"),
    (EMAIL, "@", "[email]"),
]
# What the query of a URL or a connection string names as secret. In a traceback, source code looks the same.
SECRET_WORDS = ("password", "passwd", "secret", "token", "credential", "apikey", "api_key")
ASSIGNED = re.compile(rf"(?<!\w)(\w{{0,40}}?(?:{'|'.join(SECRET_WORDS)})\w{{0,20}}=)[^\s&;\"'<>]+", re.IGNORECASE)


def redact(text: str) -> str:
    """Return `text` without the tokens, the credentials and the email addresses that can be told by their form."""
    for pattern, mark, instead in SECRETS:
        if mark in text:
            text = pattern.sub(instead, text)
    return text


def redact_value(value: Any) -> Any:
    """Return `value`; a text without what `redact` finds and without what is named as secret, as in `?password=`."""
    if not isinstance(value, str):
        return value
    if "=" in value:
        lower = value.lower()
        if any(word in lower for word in SECRET_WORDS):
            value = ASSIGNED.sub(r"\1[secret]", value)
    return redact(value)


def keep_secrets_out() -> None:
    """Redact the message, the arguments and the traceback of what is logged from now on, by any logger."""
    logging.setLogRecordFactory(_redacting(logging.getLogRecordFactory()))


class ClientErrors(logging.Filter):
    """Log what a client did wrong in one line, as a warning, and at most `per_minute` times a minute.

    Django logs a wrong Host header, among others, as an error with its traceback: scanners would fill the log, and the
    inboxes of ADMINS. The first line of a minute says how many were left out before.
    """

    def __init__(self, name: str = "", per_minute: int = 20) -> None:
        super().__init__(name)
        self.per_minute = per_minute
        self.minute = self.logged = self.left_out = 0
        self.lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` is logged, and make it a short warning."""
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
            record.msg, record.args = f"{record.getMessage()} (Messages like it that were not logged: {left_out}.)", ()
        return True


def _redacting(make_record: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def make_redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        record.msg = redact_value(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(redact_value(value) for value in record.args)
        elif isinstance(record.args, dict):
            # Gunicorn's access log gives one that has its own way to look up; a copy keeps that.
            record.args = copy.copy(record.args)
            record.args.update({name: redact_value(value) for name, value in record.args.items()})
        if record.exc_info and record.exc_info[0]:
            # A formatter takes this, where it is there, instead of formatting the exception itself.
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return record

    return make_redacted
