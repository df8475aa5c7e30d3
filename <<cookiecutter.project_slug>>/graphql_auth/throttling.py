"""Limits on attempts: the only place that counts them.

RATE_LIMITS maps a scope to its limits. RATE_LIMIT_STORAGE_URI says where attempts are counted: in memory for one
process, in Redis for more.
"""

import ipaddress
import json
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits import RateLimitItem, parse_many

from endpoint.logs import Once
from graphql_auth import counters
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError

logger = logging.getLogger(__name__)

NOT_TRUSTED = Once(
    logger,
    "A request came with %d IP addresses in X-Forwarded-For, and TRUSTED_PROXIES is %d: it is not trusted, and all who "
    "come by the same proxy are limited as one client. If a proxy of yours sent it, set TRUSTED_PROXIES to the number "
    "of your proxies. If a client made it up, there is nothing to do.",
)

TIMEOUT = 2.0  # seconds
# When to try again where the store failed, in seconds.
STORE_WAIT = 30.0

Count = tuple[str, ...]  # a scope, and the keys that name what an attempt counts for

_first = Lock()


@dataclass(frozen=True)
class Charge:
    """An attempt that was counted."""

    counts: tuple[Count, ...]
    at: float  # seconds since 1970

    def give_back(self, *scopes: str) -> None:
        """Take the attempt back: in these scopes, or in all without any."""
        limits = _limits(count for count in self.counts if not scopes or count[0] in scopes)
        if limits:
            _try(lambda store: store.give_back(limits, self.at))


def charge(scope: str, *keys: str, needs_store: bool = True) -> Charge:
    """Count one attempt in `scope` for what `keys` name. Raises AccountError `throttled` as `charge_all`."""
    return charge_all((scope, *keys), needs_store=needs_store)


def charge_all(
    *counts: Count, hidden: Iterable[Count] = (), require: Iterable[Count] = (), needs_store: bool = True
) -> Charge:
    """Count one attempt for each of `counts` and `hidden`, if none of them, nor of `require`, has reached a limit.

    A refused attempt counts nowhere, so that it does not make anybody wait longer. Raises AccountError `throttled` when
    a limit is reached, with the seconds to wait; what is `hidden` does not show in these. It also does when the counts
    cannot be read or written, unless `needs_store` is False: a guess that cannot be counted is not allowed.
    """
    counts, hidden, now = tuple(counts), tuple(hidden), time.time()
    limits, required = _limits([*counts, *hidden]), _limits(require)
    shown = [*_limits(counts), *required]
    never = [limit.seconds for limit in limits + required if limit.amount < 1]
    if never:
        raise AccountError.throttled(max(never))
    if limits or required:
        try:
            waits = dict(zip([*limits, *required], _store().take(limits, required, now), strict=True))
        except Exception:
            _log_failure()
            waits = {} if not needs_store else dict.fromkeys(limits, STORE_WAIT)
        if any(waits.values()):
            # Where only what is hidden is full, the answer is that of a limit that has just been reached.
            raise AccountError.throttled(
                max(waits.get(limit, 0) for limit in shown) or min(limit.seconds for limit in shown or limits)
            )
    return Charge((*counts, *hidden), now)


def charge_mail(request: HttpRequest, email: str) -> Charge:
    """Count one mail asked for to `email`. Raises AccountError `throttled`."""
    return charge_all(("mail_client", client_of(request)), ("mail_address", email))


def forgive(scope: str, *keys: str) -> None:
    """Forget the attempts counted in `scope` for what `keys` name."""
    limits = _limits([(scope, *keys)])
    if limits:
        _try(lambda store: store.forget(limits))


def clear(*names: str) -> bool:
    """Forget the attempts whose first key is one of `names`, whatever the others; return whether that was possible."""
    limits = [limit for text in auth_settings.RATE_LIMITS.values() for limit in _parse(text)]
    longest = max((limit.get_expiry() for limit in limits), default=0)
    cleared = [_cleared(name) for name in names]
    return not longest or _try(lambda store: store.clear(cleared, time.time(), longest))


def reset() -> None:
    """Forget every attempt of this site, and nobody else's; for tests."""
    _store().reset(_prefix())


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


def _limits(counts: Iterable[Count]) -> list[counters.Limit]:
    return [
        counters.Limit(
            key=f"{_prefix()}{scope}:{limit.amount}/{limit.get_expiry()}:{_digest(scope, *keys)}",
            cleared=_cleared(*keys[:1]),
            amount=limit.amount,
            seconds=limit.get_expiry(),
        )
        for scope, *keys in counts
        for limit in _parse(auth_settings.RATE_LIMITS.get(scope, ""))
    ]


@cache
def _parse(text: str) -> list[RateLimitItem]:
    return parse_many(text) if text else []


def _cleared(*name: str) -> str:
    return f"{_prefix()}cleared:{_digest('cleared', *name)}"


def _prefix() -> str:
    # In a Redis Cluster, what stands in braces decides where a key is: those of one attempt are in one place.
    return f"{auth_settings.RATE_LIMIT_PREFIX}:{{limits}}:"


def _digest(*parts: str) -> str:
    # Keyed, because a store of counts is no place for people's addresses, and a plain hash of one is found by guessing.
    text = json.dumps(parts)
    return salted_hmac("graphql_auth.throttling", text, algorithm="sha256").hexdigest()[:32]


def _try(ask: Callable[[counters.Store], None]) -> bool:
    """Return whether the store does what it is asked for: not when it fails in any way."""
    try:
        ask(_store())
    except Exception:
        _log_failure()
        return False
    return True


def _log_failure() -> None:
    # Down, hanging, full, read-only, a wrong password: stores fail in many ways, and the exceptions of their clients
    # have no base in common.
    logger.exception("The store of the rate limits cannot be reached.")


@cache
def _store_at(uri: str) -> counters.Store:
    return counters.connect(uri, timeout=TIMEOUT)


def _store() -> counters.Store:
    # Threads that come first at the same time must not count in a memory each.
    with _first:
        return _store_at(getattr(settings, "RATE_LIMIT_STORAGE_URI", "memory://"))
