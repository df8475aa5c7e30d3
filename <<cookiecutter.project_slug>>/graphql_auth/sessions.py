"""Issues, checks, rotates and ends sessions. No other module does.

A session is a row. Its access token is a short-lived JWT that names the row; its refresh token is stored as a hash and
replaced at each use (RFC 9700, 4.14.2). The first refresh token is random, and each following one is derived from the
one before, so that repeating a request returns the same token. The hashes of used tokens are kept until the tokens
would have expired.

A session also has a keyed fingerprint of its user's password hash and is valid only while this matches: any change of
the password, even in the database, ends the existing sessions.
"""

import base64
import hashlib
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from graphql_jwt.settings import jwt_settings
from graphql_jwt.signals import token_issued

from graphql_auth import access_tokens, throttling
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.keys import secret_keys
from graphql_auth.models import Session, UsedRefreshToken, UserStatus, is_shown
from graphql_auth.statements import GuardedInsert, Lookup

# The number of used refresh tokens kept per session: those of a week with one use every five minutes.
MAX_USED = 2016


@dataclass(frozen=True)
class Tokens:
    """The tokens of a session. The refresh token expires at `refresh_expires_in`, in seconds since 1970."""

    token: str
    refresh_token: str
    payload: dict[str, Any]
    refresh_expires_in: int

    @property
    def token_expires_at(self) -> int:
        """When the access token expires, in seconds since 1970."""
        return int(self.payload["exp"])


class Age(Enum):
    """How old a refresh token is: not used yet, used last, or used before that."""

    CURRENT = "current"
    USED_LAST = "used last"
    OLDER = "older"


@dataclass(frozen=True)
class Use:
    """The use of a refresh token, whose session is locked. `successor` is the token that follows it."""

    session: Session
    age: Age
    successor: str


def start(user: Any) -> Tokens:
    """Open a session for `user`, whom the caller has locked or just created, and return its first tokens."""
    session, tokens = _new(user)
    session.save()
    token_issued.send(sender=Session, request=None, user=user)
    return tokens


def start_unless_changed(user: Any) -> Tokens | None:
    """Open a session for `user`, whom the caller has locked; None if all sessions were ended since `user` was read."""
    session, tokens = _new(user)
    if not _insertion().insert(session, user.pk, UserStatus.of(user).link_revision):
        return None
    token_issued.send(sender=Session, request=None, user=user)
    return tokens


def adopt(user: Any, refresh_token: str, created_at: datetime) -> bool:
    """Open a session for a refresh token that another package made, and return True, unless it has expired."""
    session, _ = _new(user)
    session.refresh_digest = _digest(refresh_token)
    session.created_at = session.refreshed_at = created_at
    session.expires_at = created_at + auth_settings.SESSION_LIFETIME
    if not is_live(session):
        return False
    session.save()
    return True


def use(refresh_token: str) -> Use | None:
    """Return the use of `refresh_token`, and lock its session until the transaction ends; None if it is unknown.

    Locking the session is enough, because ending it writes to its row.
    """
    digest = _digest(refresh_token)
    successors = {_digest(successor): successor for successor in _successors(refresh_token)}
    # Found by either digest, even if another request exchanges the token while this one waits for the lock.
    session = _held_by_digest(len(successors)).first(digest, *successors)
    if session is not None:
        _read_password_again(session)
        if session.refresh_digest == digest:
            return Use(session, Age.CURRENT, next(iter(successors.values())))
        return Use(session, Age.USED_LAST, successors[session.refresh_digest])
    held = Session.objects.select_for_update(of=("self",)).select_related("user__status")
    session = held.filter(used_refresh_tokens__digest=digest).first()
    return Use(session, Age.OLDER, "") if session is not None else None


def renew(used: Use) -> Tokens | None:
    """Return new tokens for a session. Repeated use returns the same refresh token and writes nothing.

    Returns None if the session has ended, the account may not log in, or the token was reused (see `is_reuse`). Raises
    AccountError `throttled` for too many new refresh tokens.
    """
    session = used.session
    if is_reuse(used) or not is_usable(session):
        return None
    if used.age is Age.CURRENT:
        # Nobody can guess a refresh token, so sessions continue while the store is unavailable.
        throttling.charge("refresh", str(session.pk), needs_store=False)
        now = timezone.now()
        _remember_used(session, now)
        tokens = _issue(session, used.successor, now)
        # Uses the current SECRET_KEY, so a former key can be removed once all sessions have been refreshed.
        session.password_fingerprint = _fingerprint(session.user, settings.SECRET_KEY)
        session.save(update_fields=["refresh_digest", "refresh_count", "refreshed_at", "password_fingerprint"])
        return tokens
    return _tokens(session, used.successor)


def revoke(used: Use) -> datetime | None:
    """End a session and return the time; None if it was ended in another way.

    Also accepts the token that was used last, because the response with the current one may have been lost.
    """
    session = used.session
    if used.age is Age.OLDER:
        return None
    if is_usable(session):
        session.ended_at, session.revoked = timezone.now(), True
        session.save(update_fields=["ended_at", "revoked"])
    return session.ended_at if session.revoked else None


def is_reuse(used: Use) -> bool:
    """Return whether a refresh token was reused: it is older than the one used last, or was used too long ago."""
    late = timezone.now() - used.session.refreshed_at > auth_settings.REFRESH_TOKEN_GRACE
    return used.age is Age.OLDER or (used.age is Age.USED_LAST and late)


def end_all(user: Any) -> None:
    """End all sessions of `user` and invalidate all links.

    Call this in the transaction of the change that requires it.
    """
    UserStatus.void_links(user)
    end(Session.objects.filter(user=user))


def end_all_of(pks: Sequence[Any]) -> None:
    """End all sessions and invalidate all links of the users whose primary keys are in `pks`."""
    UserStatus.void_links_of(pks)
    end(Session.objects.filter(user__in=pks))


def end(sessions: QuerySet[Session]) -> int:
    """End those of `sessions` that have not ended yet and return their number."""
    return sessions.filter(ended_at=None).update(ended_at=timezone.now())


def replace_hash(user: Any, hashed: str) -> bool:
    """Store another hash of the same password and return True, unless the hash was changed in the meantime.

    The sessions of `user` stay valid.
    """
    former = [_fingerprint(user, key) for key in secret_keys()]
    with transaction.atomic():
        row = type(user)._base_manager.filter(pk=user.pk, password=user.password)
        if not row.update(password=hashed):
            return False
        user.password = hashed
        kept = Session.objects.filter(user=user, ended_at=None, password_fingerprint__in=former)
        kept.update(password_fingerprint=_fingerprint(user, settings.SECRET_KEY))
    return True


def is_live(session: Session) -> bool:
    """Return whether `session` can still be refreshed: it has not ended or expired, and the password is the same."""
    return session.ended_at is None and _refreshable_until(session) > timezone.now() and _fits_password(session)


def is_usable(session: Session) -> bool:
    """Return whether `session` is live and its account is open."""
    return is_live(session) and is_open(session.user)


def may_log_in(user: Any) -> bool:
    """Return whether `user` is active, and verified where ALLOW_LOGIN_NOT_VERIFIED is off."""
    return user.is_active and (auth_settings.ALLOW_LOGIN_NOT_VERIFIED or UserStatus.of(user).verified)


def is_open(user: Any) -> bool:
    """Return whether the account of `user` may be used: it may log in, is not archived, and the default manager has it.

    Other accounts are rejected everywhere: by the API, the admin, and all AUTHENTICATION_BACKENDS.
    """
    return may_log_in(user) and not UserStatus.of(user).archived and is_shown(user)


def purge() -> int:
    """Delete ended and expired sessions, and expired used refresh tokens; return the number of sessions.

    A used refresh token is kept until it would have expired, so that its reuse is detected until then.
    """
    now = timezone.now()
    idle = now - jwt_settings.JWT_REFRESH_EXPIRATION_DELTA
    over = Session.objects.filter(Q(ended_at__lte=now) | Q(expires_at__lte=now) | Q(refreshed_at__lte=idle))
    _, deleted = over.delete()
    UsedRefreshToken.objects.filter(used_at__lte=idle).delete()
    return deleted.get(Session._meta.label, 0)


def read_access_token(token: str) -> Session:
    """Return the live session of an access token, with its user and status.

    Raises AccountError: `expired_token`, or `invalid_token` for anything else.
    """
    return session_of(access_tokens.decode(token))


def user_of(request: HttpRequest) -> Any:
    """Return the user whose access token `request` was sent with; None without a token.

    Raises AccountError: `expired_token`, or `invalid_token` for anything else.
    """
    token = access_tokens.sent_with(request)
    return None if token is None else read_access_token(token).user


def session_of(payload: Mapping[str, Any]) -> Session:
    """Return the live session that a decoded payload names, with its user and status.

    Raises AccountError `invalid_token` if it has ended or its account was deleted or closed.
    """
    try:
        session: Session | None = _by_key().first(_stored_key(payload["sid"]))
    except (ValueError, TypeError, OverflowError, ValidationError):
        session = None
    if session is None:
        raise AccountError.of(Refusal.INVALID_TOKEN)
    live = session.ended_at is None and session.expires_at > timezone.now()
    user = session.user
    if not live or str(user.pk) != payload["sub"] or not _fits_password(session) or not is_open(user):
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return session


def _new(user: Any) -> tuple[Session, Tokens]:
    now = timezone.now()
    session = Session(
        user=user,
        created_at=now,
        expires_at=now + auth_settings.SESSION_LIFETIME,
        password_fingerprint=_fingerprint(user, settings.SECRET_KEY),
    )
    return session, _issue(session, secrets.token_urlsafe(32), now)


def _issue(session: Session, refresh_token: str, now: datetime) -> Tokens:
    """Return new tokens for `session`, which the caller saves."""
    session.refresh_digest = _digest(refresh_token)
    session.refreshed_at = now
    return _tokens(session, refresh_token)


def _tokens(session: Session, refresh_token: str) -> Tokens:
    payload = jwt_settings.JWT_PAYLOAD_HANDLER(session.user, None) | {"sid": str(session.pk)}
    return Tokens(
        token=jwt_settings.JWT_ENCODE_HANDLER(payload, None),
        refresh_token=refresh_token,
        payload=payload,
        refresh_expires_in=int(_refreshable_until(session).timestamp()),
    )


def _remember_used(session: Session, now: datetime) -> None:
    """Store the current refresh token as used, replacing the oldest if there are MAX_USED."""
    slot = session.refresh_count % MAX_USED
    session.refresh_count += 1
    used = UsedRefreshToken(session=session, slot=slot, digest=session.refresh_digest, used_at=now)
    UsedRefreshToken.objects.bulk_create(
        [used], update_conflicts=True, unique_fields=["session", "slot"], update_fields=["digest", "used_at"]
    )


@cache
def _by_key() -> Lookup:
    some = uuid.uuid4()
    return Lookup(Session.objects.filter(pk=some), _stored_key(some), "user", "status")


def _stored_key(key: Any) -> Any:
    return Session._meta.pk.get_db_prep_value(key, connection)


@cache
def _insertion() -> GuardedInsert:
    return GuardedInsert(Session, UserStatus, key="user", unchanged="link_revision")


@cache
def _held_by_digest(successors: int) -> Lookup:
    some = tuple(f"some {number}" for number in range(1 + successors))
    held = Session.objects.select_for_update(of=("self",)).filter(refresh_digest__in=some)
    return Lookup(held, some, "user", "status")


def _read_password_again(session: Session) -> None:
    # After waiting for the lock, the session is current but its user may not be: the hash may have been renewed.
    if not _fits_password(session):
        session.user.refresh_from_db(fields=["password"])


def _refreshable_until(session: Session) -> datetime:
    idle_at: datetime = session.refreshed_at + jwt_settings.JWT_REFRESH_EXPIRATION_DELTA
    return min(idle_at, session.expires_at)


def _digest(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()


def _successors(refresh_token: str) -> list[str]:
    return [_successor(refresh_token, key) for key in secret_keys()]


def _successor(refresh_token: str, key: str) -> str:
    """Return the refresh token that follows `refresh_token`. It cannot be derived without the key."""
    derived = salted_hmac("graphql_auth.refresh_token", refresh_token, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(derived).rstrip(b"=").decode()


def _fits_password(session: Session) -> bool:
    given = session.password_fingerprint
    return any(constant_time_compare(given, _fingerprint(session.user, key)) for key in secret_keys())


def _fingerprint(user: Any, key: str) -> str:
    value = f"{user.pk}:{user.password}"
    return salted_hmac("graphql_auth.password", value, secret=key, algorithm="sha256").hexdigest()
