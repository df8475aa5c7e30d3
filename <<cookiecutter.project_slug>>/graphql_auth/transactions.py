"""The transactions of flows, and actions after their commit.

A flow joins its caller's transaction or opens its own. Mails and signals are sent after the outermost commit, so a
transaction or savepoint that is rolled back sends nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal

from graphql_auth.errors import AccountError

NOT_DURABLE = (
    "This flow records refused attempts, which transaction.atomic would roll back. "
    "Use graphql_auth.transactions.atomic for the outermost transaction."
)


@dataclass
class Outermost:
    """The outermost `atomic` of this module.

    `joined`: it joined a transaction that other code opened. `refusals`: the errors of actions after the commit.
    `kept`: the actions of `keep` that are not committed yet.
    """

    joined: bool = False
    refusals: list[AccountError] = field(default_factory=list)
    kept: list[Callable[[], Any]] = field(default_factory=list)


_outermost: ContextVar[Outermost | None] = ContextVar("outermost", default=None)


@contextmanager
def atomic(*, durable: bool = False) -> Iterator[None]:
    """Open a transaction, or a savepoint of the one that is open, and deliver mails after the outermost commit.

    Every flow uses it, and so does code that combines several flows. A flow can also join Django's
    `transaction.atomic`; then a mail that cannot be sent is only logged.

    `durable`: the flow uses `keep`, which needs an outermost transaction that was opened by this function. Raises
    RuntimeError otherwise.

    Raises AccountError `email_fail` after the commit if a mail cannot be sent. The committed changes stay. A
    ValidationError of a model's `save()` or of a signal receiver becomes an AccountError, too.
    """
    outermost = _outermost.get()
    if outermost is not None:
        if durable and outermost.joined:
            raise RuntimeError(NOT_DURABLE)
        with _explained(), transaction.atomic():
            yield
        return
    outermost = Outermost()
    token = _outermost.set(outermost)
    try:
        with _explained(), _open(outermost, durable=durable):
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
    """Call `action` now and, if it is rolled back, again after the outermost transaction.

    Use it inside `atomic(durable=True)`, for changes that must survive although the attempt is refused.
    """
    outermost = _outermost.get()
    if outermost is None or outermost.joined:
        raise RuntimeError(NOT_DURABLE)
    action()
    outermost.kept.append(action)
    transaction.on_commit(partial(outermost.kept.remove, action))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise AccountError.from_validation(error) from error


@contextmanager
def _open(outermost: Outermost, *, durable: bool) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic(durable=True))
        except RuntimeError:  # A transaction is open, other than that of a TestCase.
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
