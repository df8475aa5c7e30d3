"""The transactions of the flows, and what follows their commit.

A flow is part of its caller's transaction or opens its own. Mails and signals wait for the outermost commit: a
transaction or a savepoint that is rolled back sends nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from graphql_auth.errors import AccountError

NOT_DURABLE = (
    "What this flow records has to outlive a refusal, and transaction.atomic would roll it back. Use "
    "graphql_auth.transactions.atomic for the outermost transaction."
)


@dataclass
class Outermost:
    """The outermost `atomic` of this module.

    `joined`: it is part of a transaction that something else opened. `refusals`: what was refused after the commit.
    `kept`: what `keep` called and is not committed.
    """

    joined: bool = False
    refusals: list[AccountError] = field(default_factory=list)
    kept: list[Callable[[], Any]] = field(default_factory=list)


_outermost: ContextVar[Outermost | None] = ContextVar("outermost", default=None)


@contextmanager
def atomic(*, durable: bool = False) -> Iterator[None]:
    """Open a transaction, or a savepoint of the one that is open, and deliver mails after the outermost commit.

    Each flow uses it, and so does code that calls several flows as one. A flow can also be part of Django's own
    `transaction.atomic`: then a mail that cannot be sent is only logged.

    `durable`: the flow uses `keep`. Raises RuntimeError where the outermost transaction was not opened by this
    function, because `keep` works in no other.

    Raises AccountError `email_fail` after the commit when a mail cannot be sent; what was committed stays.
    """
    outermost = _outermost.get()
    if outermost is not None:
        if durable and outermost.joined:
            raise RuntimeError(NOT_DURABLE)
        with transaction.atomic():
            yield
        return
    outermost = Outermost()
    token = _outermost.set(outermost)
    try:
        with _open(outermost, durable=durable):
            yield
    finally:
        _outermost.reset(token)
        for action in outermost.kept:
            with atomic():
                action()
    if outermost.refusals:
        raise outermost.refusals[0]


def after_commit(action: Callable[[], Any]) -> None:
    """Call `action` after the outermost commit. Its exception is logged; an AccountError is raised by `atomic`."""
    transaction.on_commit(partial(_call, action), robust=True)


def announce(signal: Signal, user: Any) -> None:
    """Send `signal` about `user` after the outermost commit."""
    after_commit(partial(signal.send_robust, sender=type(user), user=user))


def keep(action: Callable[[], Any]) -> None:
    """Call `action` now and, if that is rolled back, once more after the outermost transaction.

    For what an attempt leaves behind though it is refused. Called inside `atomic(durable=True)`.
    """
    outermost = _outermost.get()
    if outermost is None or outermost.joined:
        raise RuntimeError(NOT_DURABLE)
    action()
    outermost.kept.append(action)
    transaction.on_commit(partial(outermost.kept.remove, action))


@contextmanager
def _open(outermost: Outermost, *, durable: bool) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic(durable=True))
        except RuntimeError:  # A transaction is open already, and it is not that of a TestCase.
            if durable:
                raise RuntimeError(NOT_DURABLE) from None
            outermost.joined = True
            stack.enter_context(transaction.atomic())
        yield


def _call(action: Callable[[], Any]) -> None:
    opened = _outermost.get()
    # Transactions of `action` itself are not part of this one.
    token = _outermost.set(None)
    try:
        action()
    except AccountError as refusal:
        if opened is not None:
            opened.refusals.append(refusal)
    finally:
        _outermost.reset(token)
