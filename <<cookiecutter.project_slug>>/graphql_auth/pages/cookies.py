"""The cookie of a page: which link is open, or what was done last."""

from datetime import timedelta
from urllib.parse import quote, unquote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

OPEN, DONE, DECLINED, SENT = "open", "done", "declined", "sent"
AGES = {OPEN: timedelta(hours=1)} | dict.fromkeys((DONE, DECLINED, SENT), timedelta(minutes=5))
LONGEST = 3000  # characters; browsers ignore cookies of more than 4096 bytes


def read(request: HttpRequest, name: str) -> tuple[str, str]:
    """Return the state of the page, and its detail: the token of the open link, or the address a link was sent to."""
    state, _dot, detail = request.COOKIES.get(name, "").partition(".")
    return state, unquote(detail)


def write(response: HttpResponse, name: str, *, state: str, detail: str, path: str) -> None:
    """Set the cookie of the page at `path`."""
    response.set_cookie(
        name,
        f"{state}.{quote(detail, safe=':')}"[:LONGEST],
        max_age=AGES[state],
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
