"""Counts attempts in the memory of this process, or in Redis for all processes of a site.

The library `limits` parses the limits and connects to the store. Its strategies handle one limit at a time and cannot
undo a count. The stores here check all limits of an attempt and count it in a single step, and can take it back.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from threading import Lock
from typing import Any, Protocol

from limits.errors import ConfigurationError
from limits.storage import RedisSentinelStorage, RedisStorage, storage_from_string

SWEEP_AT = 10_000  # keys in memory


@dataclass(frozen=True)
class Limit:
    """At most `amount` attempts in `seconds` under `key`, ignoring those before the time stored under `cleared`."""

    key: str
    cleared: str
    amount: int
    seconds: int


class Store(Protocol):
    """A store of counts. Times are in seconds since 1970."""

    def take(self, limits: Sequence[Limit], required: Sequence[Limit], now: float) -> list[float]:
        """Count an attempt in all `limits` if each of them, and each of `required`, has room.

        Return the seconds until each of them has room: all 0 if the attempt was counted.
        """

    def give_back(self, limits: Iterable[Limit], then: float) -> None:
        """Take back the attempt that was counted at the time `then`."""

    def forget(self, limits: Iterable[Limit]) -> None:
        """Forget all attempts under the keys of `limits`."""

    def clear(self, cleared: Iterable[str], now: float, seconds: int) -> None:
        """Ignore, for `seconds`, all attempts before `now` in the limits with one of these `cleared` keys."""

    def reset(self, prefix: str) -> None:
        """Forget everything under keys that start with `prefix`."""


class Memory:
    """Counts for one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._attempts: dict[str, tuple[int, deque[float]]] = {}  # how long attempts count, and their times
        self._cleared: dict[str, float] = {}
        self._sweep_at = SWEEP_AT

    def take(self, limits: Sequence[Limit], required: Sequence[Limit], now: float) -> list[float]:
        """Count an attempt where there is room for it."""
        with self._lock:
            waits = [self._wait(limit, now) for limit in chain(limits, required)]
            if any(waits):
                return waits
            for limit in limits:
                _, attempts = self._attempts.setdefault(limit.key, (limit.seconds, deque(maxlen=limit.amount)))
                attempts.append(now)
            if len(self._attempts) > self._sweep_at:
                self._sweep(now)
            return waits

    def give_back(self, limits: Iterable[Limit], then: float) -> None:
        """Take one attempt back."""
        with self._lock:
            for limit in limits:
                if limit.key in self._attempts:
                    with suppress(ValueError):
                        self._attempts[limit.key][1].remove(then)

    def forget(self, limits: Iterable[Limit]) -> None:
        """Forget all attempts under some keys."""
        with self._lock:
            for limit in limits:
                self._attempts.pop(limit.key, None)

    def clear(self, cleared: Iterable[str], now: float, seconds: int) -> None:
        """Remember that nothing until now counts."""
        with self._lock:
            self._cleared |= dict.fromkeys(cleared, now)

    def reset(self, prefix: str) -> None:
        """Forget everything; no other site uses this memory."""
        with self._lock:
            self._attempts.clear()
            self._cleared.clear()

    def _wait(self, limit: Limit, now: float) -> float:
        if limit.key not in self._attempts:
            return 0
        _, attempts = self._attempts[limit.key]
        since = max(now - limit.seconds, self._cleared.get(limit.cleared, 0))
        has_room = len(attempts) < limit.amount or attempts[0] <= since
        return 0 if has_room else attempts[0] + limit.seconds - now

    def _sweep(self, now: float) -> None:
        """Drop expired attempts. Runs again when the number of remaining keys has doubled."""
        kept = {key: seen for key, seen in self._attempts.items() if seen[1] and seen[1][-1] > now - seen[0]}
        longest = max((seconds for seconds, _ in kept.values()), default=0)
        self._attempts = kept
        self._cleared = {key: then for key, then in self._cleared.items() if then > now - longest}
        self._sweep_at = max(SWEEP_AT, 2 * len(kept))


# KEYS: for each limit, the key of its attempts (newest first) and the key of the time before which they are ignored.
# ARGV: now; for each limit, its amount, its seconds, and whether this attempt counts in it.
# Returns the seconds to wait for each limit as strings, because Redis truncates numbers to integers.
TAKE = """
local waits = {}
local is_full = false
for i = 1, #KEYS / 2 do
  local nth = redis.call('LINDEX', KEYS[2 * i - 1], ARGV[3 * i - 1] - 1)
  local since = math.max(ARGV[1] - ARGV[3 * i], tonumber(redis.call('GET', KEYS[2 * i]) or 0))
  waits[i] = '0'
  if nth and tonumber(nth) > since then
    is_full = true
    waits[i] = tostring(nth + ARGV[3 * i] - ARGV[1])
  end
end
if is_full then
  return waits
end
for i = 1, #KEYS / 2 do
  if ARGV[3 * i + 1] == '1' then
    redis.call('LPUSH', KEYS[2 * i - 1], ARGV[1])
    redis.call('LTRIM', KEYS[2 * i - 1], 0, ARGV[3 * i - 1] - 1)
    redis.call('EXPIRE', KEYS[2 * i - 1], ARGV[3 * i])
  end
end
return waits
"""


class Redis:
    """Counts for all processes that share a Redis. Each attempt is one script, which runs atomically."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._take = client.register_script(TAKE)

    def take(self, limits: Sequence[Limit], required: Sequence[Limit], now: float) -> list[float]:
        """Count an attempt where there is room for it."""
        keys: list[str] = []
        arguments: list[Any] = [_text(now)]
        for limit, counts in chain(((limit, 1) for limit in limits), ((limit, 0) for limit in required)):
            keys += [limit.key, limit.cleared]
            arguments += [limit.amount, limit.seconds, counts]
        return [float(wait) for wait in self._take(keys, arguments)]

    def give_back(self, limits: Iterable[Limit], then: float) -> None:
        """Take one attempt back."""
        with self._client.pipeline(transaction=False) as commands:
            for limit in limits:
                commands.lrem(limit.key, 1, _text(then))
            commands.execute()

    def forget(self, limits: Iterable[Limit]) -> None:
        """Forget all attempts under some keys."""
        self._client.delete(*(limit.key for limit in limits))

    def clear(self, cleared: Iterable[str], now: float, seconds: int) -> None:
        """Remember that nothing until now counts."""
        with self._client.pipeline(transaction=False) as commands:
            for key in cleared:
                commands.set(key, _text(now), ex=seconds)
            commands.execute()

    def reset(self, prefix: str) -> None:
        """Forget everything under keys that begin with `prefix`."""
        literal = "".join(f"\\{sign}" if sign in "*?[]\\" else sign for sign in prefix)
        with self._client.pipeline(transaction=False) as commands:
            for key in self._client.scan_iter(f"{literal}*", count=1000):
                commands.delete(key)
            commands.execute()


def connect(uri: str, *, timeout: float) -> Store:
    """Return the store at `uri`, with a timeout in seconds.

    Raises ConfigurationError when `uri` is not that of a usable store. Its message does not contain `uri`, which may
    contain a password. Some kinds of stores are contacted, and raise errors of their own when they are unavailable.
    """
    if not isinstance(uri, str):
        raise ConfigurationError(f"The address of the store is {uri!r}.")
    if uri.startswith("memory://"):
        return Memory()
    timeouts = {"socket_timeout": timeout, "socket_connect_timeout": timeout}
    # Sentinels do not take over the timeouts of the stores that they watch.
    options: dict[str, Any] = {"sentinel_kwargs": timeouts} if "+sentinel:" in uri else {}
    try:
        storage = storage_from_string(uri, **timeouts, **options)
    except (ConfigurationError, ValueError, TypeError, AttributeError):
        raise ConfigurationError("The store has no address that can be read, or its package is missing.") from None
    if not isinstance(storage, RedisStorage):
        raise ConfigurationError("Attempts are counted in memory or in Redis, and in no other store.")
    client: Any = storage.get_connection()
    # By default, a failed command is repeated three times, after seconds of waiting. Repeat it only once, because the
    # connection may have been closed while it was idle.
    package: Any = storage.dependencies[storage.target_server].module
    for contacted in (client, *(storage.sentinel.sentinels if isinstance(storage, RedisSentinelStorage) else ())):
        contacted.set_retry(package.retry.Retry(package.backoff.NoBackoff(), 1, (package.ConnectionError,)))
    return Redis(client)


def _text(seconds: float) -> str:
    return f"{seconds:.6f}"
