"""Logging in, refreshing tokens and logging out."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from graphql_jwt.signals import token_refreshed

from graphql_auth import access_tokens, sessions
from graphql_auth.addresses import BLANKS, LONGEST, normalize_email, owner_of
from graphql_auth.conf import auth_settings
from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows import opening
from graphql_auth.flows.credentials import check_password
from graphql_auth.mails import kinds, queue
from graphql_auth.models import Session, is_shown
from graphql_auth.transactions import after_commit, atomic, keep
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import normalize_username, owner_of_username
# % endif

T = TypeVar("T")


def token_auth(
    *, request: HttpRequest, password: str, identifiers: Mapping[str, str | None]
) -> opening.Login | opening.NextStep:
    """Log in with exactly one of `identifiers`.

    Raises AccountError: `invalid_arguments` without exactly one identifier, `throttled`, `invalid_credentials`, or
    `not_verified` for the correct password of an account that must be verified first.
    """
    field, value = _single_identifier(identifiers)
    identifier = normalize_identifier(field, value)
    find = partial(find_account, field, identifier)
    user = check_password(request=request, user=find(), field=field, identifier=identifier, password=password)
    if user is None:
        raise AccountError.of(Refusal.INVALID_CREDENTIALS)
    with atomic():
        return opening.log_in(request=request, user=user, read_again=find)


def verify_token(*, token: str) -> dict[str, Any]:
    """Return the payload of an access token with a live session. Raises AccountError like `access_tokens.decode`."""
    payload = access_tokens.decode(token)
    sessions.session_of(payload)
    return payload


def refresh_token(*, refresh_token: str) -> sessions.Tokens:
    """Exchange a refresh token for new tokens of the same session.

    Using the last token again within REFRESH_TOKEN_GRACE returns the same refresh token, because the response may have
    been lost, or two tabs sent it at once. After that, or for an older token, it may have been stolen: the session
    ends, and its owner is notified by mail.

    Raises AccountError: `throttled` for too many new refresh tokens; `invalid_token` for reuse, for a token that is
    unknown, expired or of an ended session, and for an account that may not log in.
    """
    with atomic(durable=True):
        used = sessions.use(refresh_token)
        tokens = sessions.renew(used) if used is not None else None
        if used is not None and sessions.is_reuse(used):
            keep(partial(_end_reused, used.session))
        if tokens is not None and used is not None and used.age is sessions.Age.CURRENT:
            user = used.session.user
            after_commit(partial(token_refreshed.send, sender=Session, request=None, user=user))
    return _require(tokens)


def revoke_token(*, refresh_token: str) -> datetime:
    """End the session of a refresh token and return the time. Revoking it again returns the same time.

    The token that was used last is accepted too; an older one is treated as in `refresh_token`. Raises AccountError
    `invalid_token`, also for a session that ended in another way.
    """
    with atomic(durable=True):
        used = sessions.use(refresh_token)
        revoked = sessions.revoke(used) if used is not None else None
        if used is not None and used.age is sessions.Age.OLDER:
            keep(partial(_end_reused, used.session))
    return _require(revoked)


def normalize_identifier(field: str, value: str) -> str:
    """Return the spelling of an identifier under which accounts are looked up and attempts are counted."""
    users = get_user_model()
    if field == users.EMAIL_FIELD:
        return normalize_email(value)
    # % if cookiecutter.login_field == "username"
    if field == users.USERNAME_FIELD:
        return normalize_username(value)
    # % endif
    return value if len(value) > LONGEST else users.normalize_username(value)


def find_account(field: str, identifier: str) -> Any:
    """Return the user with a normalised identifier, with their status; None if there is none."""
    users = get_user_model()
    if field == users.EMAIL_FIELD:
        owner = owner_of(identifier, logs_in=True)
        return owner if owner is not None and is_shown(owner) else None
    # % if cookiecutter.login_field == "username"
    if field == users.USERNAME_FIELD:
        owner = owner_of_username(identifier)
        return owner if owner is not None and is_shown(owner) else None
    # % endif
    return users._default_manager.select_related("status").filter(**{field: identifier}).first()


def _end_reused(session: Session) -> None:
    """End a session whose refresh token was reused, and notify its owner by mail."""
    was_open = sessions.is_usable(session)
    sessions.end(Session.objects.filter(pk=session.pk))
    if was_open:
        queue.add_security_mail(kinds.SESSION_REUSED, session.user)


def _require(result: T | None) -> T:
    # Raised after the transaction, because a session that ended for reuse must stay ended.
    if result is None:
        raise AccountError.of(Refusal.INVALID_TOKEN)
    return result


def _single_identifier(identifiers: Mapping[str, str | None]) -> tuple[str, str]:
    given = [(field, value.strip(BLANKS)) for field, value in identifiers.items() if value and value.strip()]
    if len(given) != 1:
        fields = ", ".join(auth_settings.LOGIN_ALLOWED_FIELDS)
        raise AccountError.of(Refusal.INVALID_ARGUMENTS, fields=fields)
    return given[0]
