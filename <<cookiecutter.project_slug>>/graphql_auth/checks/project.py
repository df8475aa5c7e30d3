"""Checks of the project that the account system runs in."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, router
from django.http.request import validate_host
from django.utils.module_loading import import_string
from limits.errors import ConfigurationError

from graphql_auth import counters, throttling
from graphql_auth.addresses import is_sender
from graphql_auth.conf import auth_settings
from graphql_auth.logs import redact
from graphql_auth.mails.queue import sends_at_once
from graphql_auth.routers import primary_apps

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
# By the names of the exceptions of Redis, whose package may be missing; the most special first.
STORE_HINTS = {
    "AuthenticationError": "Correct the user and the password: 'redis://user:password@host:6379/1', or "
    "'redis://:password@host:6379/1' without a user. Encode signs such as / or # in them, as in %2F.",
    "NoPermissionError": "Allow the user of the store to run EVALSHA, SCRIPT, GET, SET, DEL and the commands of lists "
    "on the keys of this site.",
    "OutOfMemoryError": "Raise `maxmemory` of the store, or give the limits a store of their own.",
    "ReadOnlyError": "Use the address of the primary instead of that of a replica.",
    "ConnectionError": "Start the store, or correct its host, port or socket. Write rediss:// if it uses TLS, "
    "otherwise redis://, and make sure that this machine may reach it.",
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
    elif _leads_beside_this_site(settings.FRONTEND_URL):
        found.append(
            Info(
                f"FRONTEND_URL is {settings.FRONTEND_URL}, but this site is below {settings.FORCE_SCRIPT_NAME}: links "
                "in mails lead to a front end of your own, and the pages of this site are off.",
                hint=f"To use the pages of this site, add {settings.FORCE_SCRIPT_NAME} to FRONTEND_URL.",
                id="graphql_auth.I144",
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
    except ConfigurationError as error:
        found.append(
            Error(
                f"RATE_LIMIT_STORAGE_URI is not a usable store. {error}",
                hint="Set RATE_LIMIT_STORAGE_URI to 'memory://' or, with requirements/production.txt installed, to a "
                "URL like 'redis://127.0.0.1:6379/1', 'rediss://:password@redis.example.com:6379/1' with TLS, or "
                "'redis+unix:///run/redis.sock'. Encode signs such as / or # in a password, as in %2F.",
                id="graphql_auth.E115",
            )
        )
    except Exception:  # noqa: S110  Stores fail in many ways; check_store reports this one.
        pass
    return found


@register()
def check_routers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that DATABASE_ROUTERS keeps accounts on the primary database."""
    elsewhere = {
        model._meta.label: alias
        for model in apps.get_models()
        if model._meta.app_label in primary_apps()
        for alias in (router.db_for_read(model), router.db_for_write(model))
        if alias != DEFAULT_DB_ALIAS
    }
    if not elsewhere:
        return []
    model, alias = next(iter(elsewhere.items()))
    return [
        Error(
            f"DATABASE_ROUTERS routes {model} to {alias!r}. A replica may lag behind: logins fail, and what was closed "
            "or revoked works for a while.",
            hint="Put 'graphql_auth.routers.PrimaryRouter' first in DATABASE_ROUTERS.",
            id="graphql_auth.E146",
        )
    ]


@register()
def check_store(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check that the store in RATE_LIMIT_STORAGE_URI counts."""
    error = throttling.failure()
    # check_surroundings reports an address that cannot be used.
    if error is None or isinstance(error, ConfigurationError):
        return []
    names = {kind.__name__ for kind in type(error).mro()}
    hint = next((hint for name, hint in STORE_HINTS.items() if name in names), STORE_HINTS["ConnectionError"])
    return [
        Warning(
            f"The store in RATE_LIMIT_STORAGE_URI does not count: {redact(str(error))} As long as this lasts, logins, "
            "registrations and requests for mails fail with `throttled`.",
            hint=hint,
            id="graphql_auth.W145",
        )
    ]


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


def _leads_beside_this_site(url: str) -> bool:
    """Return whether `url` has a host of this site, but not the path that this site has on it."""
    parts, path = urlsplit(url), settings.FORCE_SCRIPT_NAME
    is_same_host = validate_host(str(parts.hostname), settings.ALLOWED_HOSTS)
    return bool(path) and is_same_host and parts.path.rstrip("/") != path


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
