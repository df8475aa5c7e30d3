"""Sessions: the only place that issues, checks, rotates and ends them.

A session is a row. Its access token is a short-lived JWT that names the row; its refresh token is a random secret kept
as a hash and changed at each use (RFC 9700, 4.14.2). Former ones stay as long as they could have worked.
"""

import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from graphql_jwt.settings import jwt_settings
from graphql_jwt.signals import token_issued, token_refreshed

from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.models import Session, UsedRefreshToken, UserStatus, is_shown
from graphql_auth.statements import GuardedInsert, Lookup

ACCESS = "access"
REQUIRED_CLAIMS = ["exp", "iat", "sub", "sid", "typ", "origIat"]


@dataclass(frozen=True)
class Tokens:
    """What a client gets for a session. `refresh_expires_in` is the refresh token's end, in seconds since 1970."""

    token: str
    refresh_token: str
    payload: dict[str, Any]
    refresh_expires_in: int


def start(user: Any) -> Tokens:
    """Open a session for `user`, whom the caller holds or has just made, and return its first tokens."""
    session, tokens = _new(user)
    session.save()
    token_issued.send(sender=Session, request=None, user=user)
    return tokens


def start_unless_changed(user: Any) -> Tokens | None:
    """Open a session for `user`, whom the caller holds; None when its sessions were ended since `user` was read."""
    session, tokens = _new(user)
    if not _insertion().insert(session, user.pk, UserStatus.of(user).link_revision):
        return None
    token_issued.send(sender=Session, request=None, user=user)
    return tokens


def rotate(refresh_token: str) -> Tokens:
    """Exchange a refresh token for new tokens of the same session.

    Raises AccountError `invalid_token` for one that is unknown, expired, of an ended session or of an account that may
    not log in; and for one that was used before, which ends the session unless it comes within REFRESH_TOKEN_GRACE.
    """
    with transaction.atomic(durable=True):
        session = _redeem(refresh_token)
        if session is not None:
            now = timezone.now()
            UsedRefreshToken.objects.create(session=session, digest=session.refresh_digest, used_at=now)
            tokens = _issue(session, now)
            session.save(update_fields=["refresh_digest", "refreshed_at"])
    # Raised out here, because a session ended for reuse must stay ended.
    if session is None:
        raise AccountError.of(Refusal.INVALID_TOKEN)
    token_refreshed.send(sender=Session, request=None, user=session.user)
    return tokens


def revoke(refresh_token: str) -> datetime:
    """End the session of a refresh token and return when. Raises AccountError `invalid_token` as `rotate` does."""
    with transaction.atomic(durable=True):
        session = _redeem(refresh_token)
        if session is not None:
            session.ended_at = timezone.now()
            session.save(update_fields=["ended_at"])
    if session is None or session.ended_at is None:
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return session.ended_at


def end_all(user: Any) -> None:
    """End every session of `user` and void every link: no token of any kind from before works from here on.

    Called in the transaction of whatever makes that necessary.
    """
    UserStatus.void_links(user)
    end(Session.objects.filter(user=user))


def end(sessions: QuerySet[Session]) -> int:
    """End those of `sessions` that have not ended yet; return how many it were."""
    return sessions.filter(ended_at=None).update(ended_at=timezone.now())


def is_live(session: Session) -> bool:
    """Return whether `session` can still be refreshed: it has not ended and was not left alone for too long."""
    return session.ended_at is None and _refreshable_until(session) > timezone.now()


def may_log_in(user: Any) -> bool:
    """Return whether `user` is active, and verified where ALLOW_LOGIN_NOT_VERIFIED is off."""
    return user.is_active and (auth_settings.ALLOW_LOGIN_NOT_VERIFIED or UserStatus.of(user).verified)


def is_open(user: Any) -> bool:
    """Return whether the account of `user` may be used: it may log in, is not archived, and the default manager has it.

    What is not open is closed for every way in: the API, the admin, and every backend of AUTHENTICATION_BACKENDS.
    """
    return may_log_in(user) and _may_act(user)


def purge() -> int:
    """Delete sessions that are over and used refresh tokens that have expired; return how many sessions it were.

    A used refresh token stays until it would have expired anyway, so that until then its second use is noticed.
    """
    now = timezone.now()
    idle = now - jwt_settings.JWT_REFRESH_EXPIRATION_DELTA
    over = Session.objects.filter(Q(ended_at__lte=now) | Q(expires_at__lte=now) | Q(refreshed_at__lte=idle))
    _, deleted = over.delete()
    UsedRefreshToken.objects.filter(used_at__lte=idle).delete()
    return deleted.get(Session._meta.label, 0)


def read_access_token(token: str) -> Session:
    """Return the live session, with its user and status, that an access token speaks for.

    Raises AccountError: `expired_token`, or `invalid_token` for anything else.
    """
    return session_of(decode(token))


def decode(token: str) -> dict[str, Any]:
    """Return the payload of an access token whose signature, age and form are right.

    Raises AccountError: `expired_token`, or `invalid_token` for anything else.
    """
    try:
        payload: dict[str, Any] = jwt_settings.JWT_DECODE_HANDLER(token, None)
    except jwt.ExpiredSignatureError:
        raise AccountError.of(Refusal.EXPIRED_TOKEN) from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise AccountError.of(Refusal.INVALID_TOKEN) from None
    return payload


def session_of(payload: Mapping[str, Any]) -> Session:
    """Return the live session, with its user and status, that a decoded payload names.

    Raises AccountError `invalid_token` when it ended or its account is gone or closed.
    """
    try:
        session: Session | None = _by_key().first(_stored_key(payload["sid"]))
    except (ValueError, TypeError, OverflowError, ValidationError):
        session = None
    if session is None:
        raise AccountError.of(Refusal.INVALID_TOKEN)
    live = session.ended_at is None and session.expires_at > timezone.now()
    user = session.user
    if not live or str(user.pk) != payload["sub"] or not is_open(user):
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return session


def user_of(request: HttpRequest) -> Any:
    """Return the user whose access token the request's Authorization header carries; None without a good one."""
    scheme, _, token = request.META.get(jwt_settings.JWT_AUTH_HEADER_NAME, "").strip().partition(" ")
    if scheme.lower() not in {jwt_settings.JWT_AUTH_HEADER_PREFIX.lower(), "bearer"}:
        return None
    try:
        return read_access_token(token.strip()).user
    except AccountError:
        return None


def jwt_payload(user: Any, context: Any = None) -> dict[str, Any]:
    """Return the claims about `user` and time; a session adds its own."""
    now = int(timezone.now().timestamp())
    return {
        user.USERNAME_FIELD: user.get_username(),
        "sub": str(user.pk),
        "iat": now,
        "origIat": now,
        "exp": now + int(jwt_settings.JWT_EXPIRATION_DELTA.total_seconds()),
        "typ": ACCESS,
    } | {
        claim: value
        for claim, value in (("aud", jwt_settings.JWT_AUDIENCE), ("iss", jwt_settings.JWT_ISSUER))
        if value is not None
    }


def jwt_encode(payload: Mapping[str, Any], context: Any = None) -> str:
    """Sign `payload` with the current key."""
    return jwt.encode(dict(payload), jwt_settings.JWT_SECRET_KEY, jwt_settings.JWT_ALGORITHM)


def jwt_decode(token: str, context: Any = None) -> dict[str, Any]:
    """Return the payload of `token`, signed with the current key or one of JWT_SIGNING_KEY_FALLBACKS.

    The algorithm is pinned and every claim of ours is required (RFC 8725, 3.1). Raises jwt.PyJWTError.
    """
    keys = [jwt_settings.JWT_SECRET_KEY, *getattr(settings, "JWT_SIGNING_KEY_FALLBACKS", [])]
    for key in keys[:-1]:
        try:
            return _jwt_decode_with(key, token)
        except jwt.InvalidSignatureError:
            continue
    return _jwt_decode_with(keys[-1], token)


def _jwt_decode_with(key: str, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = jwt.decode(
        token,
        key,
        algorithms=[jwt_settings.JWT_ALGORITHM],
        options={"require": REQUIRED_CLAIMS},
        leeway=jwt_settings.JWT_LEEWAY,
        audience=jwt_settings.JWT_AUDIENCE,
        issuer=jwt_settings.JWT_ISSUER,
    )
    if payload["typ"] != ACCESS:
        raise jwt.InvalidTokenError("not an access token")
    return payload


def _new(user: Any) -> tuple[Session, Tokens]:
    now = timezone.now()
    session = Session(user=user, created_at=now, expires_at=now + auth_settings.SESSION_LIFETIME)
    return session, _issue(session, now)


def _issue(session: Session, now: datetime) -> Tokens:
    """Return new tokens for `session`, which the caller saves."""
    refresh_token = secrets.token_urlsafe(32)
    session.refresh_digest = _digest(refresh_token)
    session.refreshed_at = now
    payload = jwt_settings.JWT_PAYLOAD_HANDLER(session.user, None) | {"sid": str(session.pk)}
    return Tokens(
        token=jwt_settings.JWT_ENCODE_HANDLER(payload, None),
        refresh_token=refresh_token,
        payload=payload,
        refresh_expires_in=int(_refreshable_until(session).timestamp()),
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
def _held_by_digest() -> Lookup:
    held = Session.objects.select_for_update(of=("self",)).filter(refresh_digest="some")
    return Lookup(held, "some", "user", "status")


def _redeem(refresh_token: str) -> Session | None:
    """Return the session of this refresh token, locked, with its user and status, if the token may be used now.

    The session's own lock is enough: what ends sessions writes to their rows, before this or after.
    """
    digest = _digest(refresh_token)
    session: Session | None = _held_by_digest().first(digest)
    if session is None:
        _end_if_reused(digest)
        return None
    return session if is_live(session) and is_open(session.user) else None


def _may_act(user: Any) -> bool:
    return user.is_active and not UserStatus.of(user).archived and is_shown(user)


def _end_if_reused(digest: str) -> None:
    now = timezone.now()
    used_before = UsedRefreshToken.objects.filter(digest=digest, used_at__lt=now - auth_settings.REFRESH_TOKEN_GRACE)
    end(Session.objects.filter(used_refresh_tokens__in=used_before))


def _refreshable_until(session: Session) -> datetime:
    idle_at: datetime = session.refreshed_at + jwt_settings.JWT_REFRESH_EXPIRATION_DELTA
    return min(idle_at, session.expires_at)


def _digest(refresh_token: str) -> str:
    return hashlib.sha256(refresh_token.encode()).hexdigest()
