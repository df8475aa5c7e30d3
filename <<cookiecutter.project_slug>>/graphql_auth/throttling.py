"""Limits attempts. No other module counts them.

RATE_LIMITS maps scopes to limits. RATE_LIMIT_STORAGE_URI says where attempts are counted: in memory for a single
process, in Redis for several.
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
    "A request had %d IP addresses in X-Forwarded-For, but TRUSTED_PROXIES is %d. The header is ignored, so all "
    "clients behind the same proxy share one limit. If your proxy sent the header, set TRUSTED_PROXIES to the number "
    "of your proxies. If a client forged it, you can ignore this.",
)

TIMEOUT = 2.0  # seconds
STORE_WAIT = 30.0  # seconds until a client may try again after the store failed

Count = tuple[str, ...]  # a scope, and the keys that identify the subject of the attempt

_first = Lock()


@dataclass(frozen=True)
class Charge:
    """An attempt that was counted."""

    counts: tuple[Count, ...]
    at: float  # seconds since 1970

    def give_back(self, *scopes: str) -> None:
        """Take the attempt back in these scopes; in all scopes if none are given."""
        limits = _limits(count for count in self.counts if not scopes or count[0] in scopes)
        if limits:
            _try(lambda store: store.give_back(limits, self.at))


def charge(scope: str, *keys: str, needs_store: bool = True) -> Charge:
    """Count one attempt in `scope` for `keys`. Raises AccountError `throttled` like `charge_all`."""
    return charge_all((scope, *keys), needs_store=needs_store)


def charge_all(
    *counts: Count, hidden: Iterable[Count] = (), require: Iterable[Count] = (), needs_store: bool = True
) -> Charge:
    """Count one attempt for each of `counts` and `hidden`, if none of these and of `require` has reached a limit.

    A rejected attempt does not count, so that it does not make anybody wait longer. Raises AccountError `throttled`
    with the seconds to wait if a limit is reached; `hidden` does not influence the seconds. Also raises it if the store
    is unavailable, unless `needs_store` is False: attempts that cannot be counted are not allowed.
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
            # If only hidden limits are reached, respond as if another limit had just been reached.
            raise AccountError.throttled(
                max(waits.get(limit, 0) for limit in shown) or min(limit.seconds for limit in shown or limits)
            )
    return Charge((*counts, *hidden), now)


def charge_mail(request: HttpRequest, email: str) -> Charge:
    """Count one requested mail to `email`. Raises AccountError `throttled`."""
    return charge_all(("mail_client", client_of(request)), ("mail_address", email))


def forgive(scope: str, *keys: str) -> None:
    """Forget the attempts in `scope` for `keys`."""
    limits = _limits([(scope, *keys)])
    if limits:
        _try(lambda store: store.forget(limits))


def clear(*names: str) -> bool:
    """Forget all attempts whose first key is one of `names`; return whether the store was available."""
    limits = [limit for text in auth_settings.RATE_LIMITS.values() for limit in _parse(text)]
    longest = max((limit.get_expiry() for limit in limits), default=0)
    cleared = [_cleared(name) for name in names]
    return not longest or _try(lambda store: store.clear(cleared, time.time(), longest))


def failure() -> Exception | None:
    """Count an attempt that concerns nobody. Return why that failed; None if it worked."""
    probe = counters.Limit(key=f"{_prefix()}probe", cleared=_cleared("probe"), amount=1, seconds=1)
    try:
        _store().take([probe], [], time.time())
    except Exception as error:
        return error
    return None


def reset() -> None:
    """Forget all attempts of this site, for tests. Other sites in the same store are not affected."""
    _store().reset(_prefix())


def client_of(request: HttpRequest) -> str:
    """Return the IP address or network for which the attempts of this request are counted.

    Each of the TRUSTED_PROXIES adds one entry to X-Forwarded-For; the client controls all entries before those. An IPv6
    client has a whole /64 network, which counts as one.
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
    # Some proxies add a port: 203.0.113.1:4711, [2001:db8::1]:4711.
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
    # In a Redis Cluster, the text in braces puts all keys of an attempt into the same slot.
    return f"{auth_settings.RATE_LIMIT_PREFIX}:{{limits}}:"


def _digest(*parts: str) -> str:
    # Keyed, because the store must not contain personal data, and plain hashes of addresses can be guessed.
    text = json.dumps(parts)
    return salted_hmac("graphql_auth.throttling", text, algorithm="sha256").hexdigest()[:32]


def _try(operation: Callable[[counters.Store], None]) -> bool:
    """Run an operation on the store; return False if it fails in any way."""
    try:
        operation(_store())
    except Exception:
        _log_failure()
        return False
    return True


def _log_failure() -> None:
    # Stores fail in many ways, and the exceptions of their clients have no common base class.
    logger.exception("The store of the rate limits is unavailable.")  # noqa: LOG004  Called by handlers.


@cache
def _store_at(uri: str) -> counters.Store:
    return counters.connect(uri, timeout=TIMEOUT)


def _store() -> counters.Store:
    # Concurrent first calls must not create several stores in memory.
    with _first:
        return _store_at(getattr(settings, "RATE_LIMIT_STORAGE_URI", "memory://"))
