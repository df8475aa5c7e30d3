"""Checks of the project that the account system runs in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist
from django.utils.module_loading import import_string
from limits.errors import ConfigurationError

from graphql_auth import counters, throttling
from graphql_auth.addresses import is_sender
from graphql_auth.conf import auth_settings
from graphql_auth.mails.queue import sends_at_once

BACKENDS = ("graphql_auth.backends.GraphQLAuthBackend", "graphql_auth.backends.AccountBackend")
APPS = {
    "graphene_django": "It provides the command behind `make schema`.",
    "django_filters": "It filters `users`.",
}
MIDDLEWARE = {
    "graphql_auth.middleware.ErrorReportMiddleware": "Without it, error reports can show passwords.",
    "csp.middleware.CSPMiddleware": "Without it, CONTENT_SECURITY_POLICY is not sent.",
    "corsheaders.middleware.CorsMiddleware": "Without it, CORS_ALLOWED_ORIGINS has no effect.",
    "django.middleware.locale.LocaleMiddleware": "Without it, all responses and mails are in LANGUAGE_CODE.",
}


@register(Tags.security)
def check_stack(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check apps, middleware, authentication backends, user model and database."""
    found: list[CheckMessage] = []
    missing = [repr(backend) for backend in BACKENDS if backend not in settings.AUTHENTICATION_BACKENDS]
    if missing:
        found.append(
            Error(
                "An authentication backend is missing.",
                hint=f"Add {' and '.join(missing)} to AUTHENTICATION_BACKENDS.",
                id="graphql_auth.E101",
            )
        )
    elif settings.AUTHENTICATION_BACKENDS[0] != BACKENDS[0]:
        found.append(
            Error(
                f"{settings.AUTHENTICATION_BACKENDS[0]!r} comes first in AUTHENTICATION_BACKENDS: users could log in "
                "to archived accounts.",
                hint=f"Put {BACKENDS[0]!r} first. It rejects closed accounts for all other backends.",
                id="graphql_auth.E142",
            )
        )
    for app, why in APPS.items():
        if not apps.is_installed(app):
            found.append(
                Error(
                    f"The app {app} is missing. {why}",
                    hint=f"Add {app!r} to INSTALLED_APPS.",
                    id="graphql_auth.E108",
                )
            )
    for middleware, why in MIDDLEWARE.items():
        if not _has_middleware(middleware):
            found.append(
                Warning(
                    f"The middleware {middleware} is missing. {why}",
                    hint=f"Add {middleware!r} to MIDDLEWARE.",
                    id="graphql_auth.W109",
                )
            )
    users: Any = get_user_model()
    try:
        unique = users._meta.get_field(users.EMAIL_FIELD).unique
    except FieldDoesNotExist:
        unique = False
    if not unique:
        found.append(
            Error(
                f"Accounts of {users._meta.label} can share an email address.",
                hint=f"Give {users.__name__}.{users.EMAIL_FIELD} unique=True, and make a migration.",
                id="graphql_auth.E110",
            )
        )
    return found


@register(Tags.security)
def check_surroundings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check FRONTEND_URL, TRUSTED_PROXIES, the limits on hashing, EMAIL_TIMEOUT and RATE_LIMIT_STORAGE_URI."""
    found: list[CheckMessage] = []
    if not _is_site(getattr(settings, "FRONTEND_URL", "")):
        found.append(
            Error(
                "FRONTEND_URL is not the URL of a site: the links in mails do not work.",
                hint="Set FRONTEND_URL to a URL like 'https://www.example.com', without ? or #.",
                id="graphql_auth.E103",
            )
        )
    proxies = getattr(settings, "TRUSTED_PROXIES", None)
    if proxies is not None and (not isinstance(proxies, int) or isinstance(proxies, bool) or proxies < 0):
        found.append(
            Error(
                f"TRUSTED_PROXIES is {proxies!r}.",
                hint="Set TRUSTED_PROXIES to the number of proxies in front of the server, 0 or more.",
                id="graphql_auth.E114",
            )
        )
    hashes = getattr(settings, "PASSWORD_HASHES_AT_ONCE", None)
    if not isinstance(hashes, int) or hashes < 1:
        found.append(
            Error(
                f"PASSWORD_HASHES_AT_ONCE is {hashes!r}.",
                hint="Set PASSWORD_HASHES_AT_ONCE to the number of passwords a process may hash at a time, 1 or more.",
                id="graphql_auth.E119",
            )
        )
    timeout = getattr(settings, "EMAIL_TIMEOUT", None)
    if not isinstance(timeout, int | float) or isinstance(timeout, bool) or timeout <= 0:
        found.append(
            Error(
                f"EMAIL_TIMEOUT is {timeout!r}: a mail server that does not respond blocks requests or loses mails.",
                hint="Set EMAIL_TIMEOUT to a number of seconds, such as 10.",
                id="graphql_auth.E140",
            )
        )
    waiting = getattr(settings, "PASSWORD_HASHES_WAITING", None)
    if not isinstance(waiting, int) or waiting < 0:
        found.append(
            Error(
                f"PASSWORD_HASHES_WAITING is {waiting!r}.",
                hint="Set PASSWORD_HASHES_WAITING to the number of requests that may wait to hash, 0 or more.",
                id="graphql_auth.E119",
            )
        )
    try:
        counters.connect(getattr(settings, "RATE_LIMIT_STORAGE_URI", "memory://"), timeout=throttling.TIMEOUT)
    except (ConfigurationError, ValueError, TypeError, AttributeError):
        found.append(
            Error(
                "RATE_LIMIT_STORAGE_URI is not a usable store.",
                hint="Set RATE_LIMIT_STORAGE_URI to 'memory://' or, with requirements/production.txt installed, to a "
                "URL like 'redis://127.0.0.1:6379/1'.",
                id="graphql_auth.E115",
            )
        )
    return found


@register(Tags.security)
def check_senders(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that mail servers accept the senders of mails."""
    senders = {name: getattr(settings, name) for name in ("DEFAULT_FROM_EMAIL", "SERVER_EMAIL")}
    # Another check reports a value of a wrong type.
    given = getattr(settings, "GRAPHQL_AUTH", None)
    own = given.get("EMAIL_FROM") if isinstance(given, Mapping) else None
    if isinstance(own, str):
        senders["GRAPHQL_AUTH['EMAIL_FROM']"] = own
    return [
        Error(
            f"{name} is {sender!r}: no mail can be sent from it.",
            hint=f"Set {name} to an address, or to a name and an address. A name with a comma or another special "
            "character needs quotes: '\"Acme, Inc.\" <accounts@example.com>'.",
            id="graphql_auth.E143",
        )
        for name, sender in senders.items()
        if not is_sender(sender)
    ]


@register(Tags.security, deploy=True)
def check_production(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check for settings that suit only a single process on a developer's machine."""
    found: list[CheckMessage] = []
    if str(getattr(settings, "FRONTEND_URL", "")).startswith("http://"):
        found.append(
            Warning(
                "FRONTEND_URL starts with http://: the tokens in links can be read on the way.",
                hint="Set FRONTEND_URL to a URL that starts with https://.",
                id="graphql_auth.W116",
            )
        )
    if str(getattr(settings, "RATE_LIMIT_STORAGE_URI", "memory://")).startswith("memory"):
        found.append(
            Warning(
                "RATE_LIMIT_STORAGE_URI is memory://: each process counts attempts separately.",
                hint="Set RATE_LIMIT_STORAGE_URI to a shared store, like 'redis://127.0.0.1:6379/1'.",
                id="graphql_auth.W117",
            )
        )
    if str(settings.CACHES.get("default", {}).get("BACKEND")).endswith(("LocMemCache", "DummyCache")):
        found.append(
            Warning(
                "CACHE_URL is locmemcache://: each process has its own cache.",
                hint="Set CACHE_URL to a shared cache, like 'redis://127.0.0.1:6379/0'.",
                id="graphql_auth.W118",
            )
        )
    if auth_settings.PREVENT_ENUMERATION and sends_at_once():
        found.append(
            Warning(
                "Mails are sent at once: despite PREVENT_ENUMERATION, response times reveal who has an account.",
                hint="Set MAIL_QUEUE=database and run `manage.py mail_worker` beside the server.",
                id="graphql_auth.W141",
            )
        )
    if settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend")):
        found.append(
            Warning(
                "No mail is sent: each is dropped, or printed to the console with the token of its link.",
                hint="Set EMAIL_URL to a URL like 'smtp+tls://user:password@mail.example.com:587'.",
                id="graphql_auth.W120",
            )
        )
    if settings.DEFAULT_FROM_EMAIL == "webmaster@localhost":
        found.append(
            Warning(
                f"Mails come from {settings.DEFAULT_FROM_EMAIL!r}, to which nobody can reply.",
                hint="Set DEFAULT_FROM_EMAIL to your email address, like 'Accounts <accounts@example.com>'.",
                id="graphql_auth.W121",
            )
        )
    if "*" in settings.ALLOWED_HOSTS or any("/" in host for host in settings.ALLOWED_HOSTS):
        found.append(
            Warning(
                f"ALLOWED_HOSTS is {', '.join(settings.ALLOWED_HOSTS)}: it allows any host, or contains a URL.",
                hint="Set ALLOWED_HOSTS to the host names of this site, like 'api.example.com'.",
                id="graphql_auth.W122",
            )
        )
    return found


def _has_middleware(path: str) -> bool:
    """Return whether MIDDLEWARE has the class at `path`, or a subclass of it."""
    return any(
        name == path or (isinstance(found := import_string(name), type) and issubclass(found, import_string(path)))
        for name in settings.MIDDLEWARE
    )


def _is_site(url: Any) -> bool:
    try:
        parts = urlsplit(url)
        port_is_right = parts.port is None or parts.port > 0
    except (ValueError, TypeError, AttributeError):
        return False
    plain = isinstance(url, str) and not any(sign in "?#" or sign.isspace() for sign in url)
    return plain and port_is_right and parts.scheme in ("http", "https") and bool(parts.hostname)
