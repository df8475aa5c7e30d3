"""Checks for production, which `manage.py check --deploy` runs.

While DEBUG is on, their errors are warnings: Django's own security.W018 reports DEBUG.
"""

import ipaddress
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string
from graphql_jwt.settings import DEFAULTS
from limits import parse_many

from graphql_auth.conf import SETTINGS, AuthSettings, auth_settings
from graphql_auth.reports import Reporter, ReporterFilter

# The factor by which a limit may exceed its default.
MAX_FACTOR = 50
# The longest lifetimes that limit the damage of a lost or stolen token.
LONGEST = {
    "SESSION_LIFETIME": timedelta(days=180),
    "REFRESH_TOKEN_GRACE": timedelta(minutes=5),
    "EXPIRATION_ACTIVATION_TOKEN": timedelta(days=30),
    "EXPIRATION_PASSWORD_SET_TOKEN": timedelta(days=30),
    "EXPIRATION_PASSWORD_RESET_TOKEN": timedelta(days=1),
}
LONGEST_OF_OTHER_LINKS = timedelta(days=7)
LONGEST_OF_JWT = {
    "JWT_EXPIRATION_DELTA": timedelta(days=1),
    "JWT_REFRESH_EXPIRATION_DELTA": timedelta(days=90),
    "JWT_LEEWAY": timedelta(minutes=5),
}
# From users/fixtures/users.json; the README shows the password.
DEMO_EMAILS = [f"user{number}@email.com" for number in (1, 2, 3, 4)]
DEMO_PASSWORD = "demo-password-123"  # noqa: S105  Known to everybody: it is looked for.


@register(Tags.security, deploy=True)
def check_connections(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check the database, the proxies and the mail server."""
    return [*_wrong_database(), *_wrong_proxies(), *_wrong_mail_server()]


@register(Tags.security, deploy=True)
def check_openness(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check rate limits, switches, lifetimes and error reports."""
    # Another check reports values of a wrong type.
    if any(AuthSettings.problems()):
        return []
    return [*_weak_limits(), *_open_switches(), *_long_lives(), *_open_reports()]


@register(Tags.security, deploy=True)
def check_demo_users(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that no demo user still has its published password. A database that cannot be read has no demo users."""
    users: Any = get_user_model()
    try:
        found = [
            user.get_username()
            for user in users._default_manager.filter(**{f"{users.EMAIL_FIELD}__in": DEMO_EMAILS})
            # Unlike user.check_password, this never stores a new hash.
            if check_password(DEMO_PASSWORD, user.password)
        ]
    except Exception:  # reading the database can fail in any way; `migrate` reports it
        found = []
    return (
        []
        if not found
        else [
            _serious(
                f"The demo users are in the database, with the password from the README: {', '.join(found)}.",
                hint="Delete them in the admin, or use a database without them: DATABASE_URL names it.",
                id="graphql_auth.E138",
            )
        ]
    )


def _serious(message: str, *, hint: str, id: str) -> CheckMessage:
    return (Warning if settings.DEBUG else Error)(message, hint=hint, id=id)


def _wrong_database() -> Iterator[CheckMessage]:
    engine = settings.DATABASES.get("default", {}).get("ENGINE", "")
    if engine.endswith("sqlite3") and "DATABASE_URL" not in os.environ:
        yield _serious(
            "DATABASE_URL is not set: accounts are stored in an SQLite file in the project's folder.",
            hint="Set DATABASE_URL to a URL like 'postgres://user:password@127.0.0.1:5432/database'; to use "
            "an SQLite file, set it to 'sqlite:////path/to/db.sqlite3'.",
            id="graphql_auth.E132",
        )


def _wrong_proxies() -> Iterator[CheckMessage]:
    proxies = getattr(settings, "TRUSTED_PROXIES", None)
    if proxies is None:
        yield _serious(
            "TRUSTED_PROXIES is not set: behind a proxy all visitors share one rate limit, and https is not detected.",
            hint="Set TRUSTED_PROXIES to the number of proxies in front of the server: usually 1, or 0 for none.",
            id="graphql_auth.E130",
        )
    elif proxies == 0:
        yield Warning(
            "TRUSTED_PROXIES is 0: clients connect to the server directly, and a few hundred slow ones can block it.",
            hint="Put a proxy that buffers requests, such as nginx, in front and set TRUSTED_PROXIES to 1.",
            id="graphql_auth.W131",
        )


def _wrong_mail_server() -> Iterator[CheckMessage]:
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_BACKEND.endswith(".smtp.EmailBackend") and not encrypted and not _is_local(settings.EMAIL_HOST):
        yield _serious(
            f"Mails go to {settings.EMAIL_HOST} without encryption: the tokens in their links can be read on the way.",
            hint="Set EMAIL_URL to a URL like 'smtp+tls://user:password@mail.example.com:587', or one that starts "
            "with smtp+ssl://.",
            id="graphql_auth.E133",
        )


def _weak_limits() -> Iterator[CheckMessage]:
    defaults, given = SETTINGS["RATE_LIMITS"].default, auth_settings.RATE_LIMITS
    # graphql_auth.W013 reports scopes that are missing from a mapping that has others.
    unlimited = [scope for scope in defaults if not given or given.get(scope) == ""]
    if unlimited:
        yield Warning(
            f"GRAPHQL_AUTH['RATE_LIMITS'] has no limit for {', '.join(unlimited)}: anybody has unlimited attempts.",
            hint="Remove the key RATE_LIMITS to use the defaults, or set a limit like '20/hour'.",
            id="graphql_auth.W134",
        )
    for scope in defaults:
        if scope in unlimited or scope not in given:
            continue
        allowed, usual = _tries_a_day(given[scope]), _tries_a_day(defaults[scope])
        if allowed is not None and usual is not None and not 1 <= allowed <= MAX_FACTOR * usual:
            yield Warning(
                f"GRAPHQL_AUTH['RATE_LIMITS'][{scope!r}] is {given[scope]!r}: that is {allowed:.0f} attempts per day.",
                hint=f"Set it to something like the default, '{defaults[scope]}'.",
                id="graphql_auth.W134",
            )


def _open_switches() -> Iterator[CheckMessage]:
    if auth_settings.USERS_QUERY != "staff" and auth_settings.PREVENT_ENUMERATION:
        yield Warning(
            f"USERS_QUERY is {auth_settings.USERS_QUERY!r}: `users` lists who has an account, although "
            "PREVENT_ENUMERATION is on.",
            hint="Set USERS_QUERY to 'staff', or PREVENT_ENUMERATION to False.",
            id="graphql_auth.W136",
        )


def _long_lives() -> Iterator[CheckMessage]:
    links = {name: LONGEST_OF_OTHER_LINKS for name in SETTINGS if name.startswith("EXPIRATION_")}
    limited = (links | LONGEST).items()
    lives = {f"GRAPHQL_AUTH[{name!r}]": (getattr(auth_settings, name), longest) for name, longest in limited}
    jwt = {**DEFAULTS, **(getattr(settings, "GRAPHQL_JWT", None) or {})}
    lives |= {f"GRAPHQL_JWT[{name!r}]": (jwt[name], longest) for name, longest in LONGEST_OF_JWT.items()}
    for name, (life, longest) in lives.items():
        if (life if isinstance(life, timedelta) else timedelta(seconds=life)) > longest:
            yield Warning(
                f"{name} is {life}: a lost or stolen token works that long.",
                hint=f"Set it to {longest} or less.",
                id="graphql_auth.W137",
            )


def _open_reports() -> Iterator[CheckMessage]:
    for setting, ours in (
        ("DEFAULT_EXCEPTION_REPORTER", Reporter),
        ("DEFAULT_EXCEPTION_REPORTER_FILTER", ReporterFilter),
    ):
        if not issubclass(import_string(getattr(settings, setting)), ours):
            yield Warning(
                f"{setting} is {getattr(settings, setting)!r}: error reports may show passwords and tokens.",
                hint=f"Set {setting} to 'graphql_auth.reports.{ours.__name__}' or to a subclass of it.",
                id="graphql_auth.W139",
            )


def _tries_a_day(limits: str) -> float | None:
    try:
        return min(item.amount * timedelta(days=1).total_seconds() / item.get_expiry() for item in parse_many(limits))
    except (ValueError, TypeError):
        return None


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")
