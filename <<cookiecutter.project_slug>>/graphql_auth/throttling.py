"""Limits on tries: the only place that counts them.

RATE_LIMITS maps a scope to its limits; counts live in RATE_LIMIT_STORAGE_URI (memory for one process, Redis for more).
"""

import hashlib
import ipaddress
import logging
from functools import cache
from threading import Lock
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from endpoint.logs import Once
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal

logger = logging.getLogger(__name__)

NOT_TRUSTED = Once(
    logger,
    "A request came with %d IP addresses in X-Forwarded-For, and TRUSTED_PROXIES is %d: it is not trusted, and all who "
    "come by the same proxy are limited as one client. If a proxy of yours sent it, set TRUSTED_PROXIES to the number "
    "of your proxies. If a client made it up, there is nothing to do.",
)

TIMEOUT = 2.0  # seconds

_first = Lock()


def charge(scope: str, *keys: str, needs_store: bool = True) -> None:
    """Count one try in `scope` for what `keys` name.

    Raises AccountError `throttled` when a limit is used up. It also does when the counts cannot be reached, unless
    `needs_store` is False: a guess that cannot be counted is not allowed.
    """
    try:
        allowed = [_limiter().hit(item, *_names(scope, keys)) for item in _limits(scope)]
    except StorageError:
        logger.exception("The store of the rate limits cannot be reached.")
        allowed = [not needs_store]
    if not all(allowed):
        raise AccountError.of(Refusal.THROTTLED)


def charge_mail(request: HttpRequest, email: str) -> None:
    """Count one mail asked for to `email`. Raises AccountError `throttled`."""
    charge("mail_client", client_of(request))
    charge("mail_address", email)


def forgive(scope: str, *keys: str) -> None:
    """Forget the tries counted in `scope` for what `keys` name."""
    try:
        for item in _limits(scope):
            _limiter().clear(item, *_names(scope, keys))
    except StorageError:
        logger.exception("The store of the rate limits cannot be reached.")


def reset() -> None:
    """Forget every try; for tests."""
    _storage().reset()


def client_of(request: HttpRequest) -> str:
    """Return the address tries of this request are counted for.

    Each of the TRUSTED_PROXIES in front adds one entry to X-Forwarded-For; entries before those are the client's own
    words. An IPv6 client owns a whole /64, which counts as one.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded else []
    proxies = getattr(settings, "TRUSTED_PROXIES", None) or 0
    trusted = 0 < proxies <= len(hops)
    if hops and not trusted:
        NOT_TRUSTED.log(len(hops), proxies)
    address = hops[-proxies] if trusted else request.META.get("REMOTE_ADDR", "")
    try:
        ip = ipaddress.ip_address(_without_port(address))
    except ValueError:
        return "unknown"
    if ip.version == 6 and ip.ipv4_mapped is None:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip.ipv4_mapped or ip) if ip.version == 6 else str(ip)


def _without_port(address: str) -> str:
    # Some proxies add it: 203.0.113.1:4711, [2001:db8::1]:4711.
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _limits(scope: str) -> list[RateLimitItem]:
    text = auth_settings.RATE_LIMITS.get(scope, "")
    return parse_many(text) if text else []


def _names(scope: str, keys: tuple[str, ...]) -> list[str]:
    # Hashed, because a store of counts is no place for people's addresses.
    return [scope, *(hashlib.sha256(key.encode(errors="replace")).hexdigest()[:32] for key in keys)]


@cache
def _storage_for(uri: str) -> Storage:
    # A store that hangs is as good as down; the memory has no use for the timeouts.
    options = {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
    return cast(Storage, storage_from_string(uri, wrap_exceptions=True, **options))


def _storage() -> Storage:
    # Threads that come first at the same time must not count in a memory each.
    with _first:
        return _storage_for(getattr(settings, "RATE_LIMIT_STORAGE_URI", "memory://"))


def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(_storage())
