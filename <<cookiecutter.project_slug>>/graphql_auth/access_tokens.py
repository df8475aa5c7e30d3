"""Creates and reads access tokens, the JWTs that a client sends with each request.

An access token names a session and is valid for a few minutes. `sessions` decides whether the session is still valid.
"""

from collections.abc import Mapping
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from graphql_jwt.settings import jwt_settings

from graphql_auth.errors import AccountError, Refusal
from graphql_auth.user import User

ACCESS = "access"
REQUIRED_CLAIMS = ["exp", "iat", "sub", "sid", "typ", "origIat"]


def sent_with(request: HttpRequest) -> str | None:
    """Return the access token in the request's Authorization header; None when there is none."""
    scheme, _, token = request.META.get(jwt_settings.JWT_AUTH_HEADER_NAME, "").strip().partition(" ")
    is_ours = scheme.lower() in {jwt_settings.JWT_AUTH_HEADER_PREFIX.lower(), "bearer"}
    return token.strip() or None if is_ours else None


def decode(token: str) -> dict[str, Any]:
    """Return the payload of an access token after verifying its signature, age and claims.

    Raises AccountError: `expired_token`, or `invalid_token` for anything else.
    """
    try:
        payload: dict[str, Any] = jwt_settings.JWT_DECODE_HANDLER(token, None)
    except jwt.ExpiredSignatureError:
        raise AccountError.of(Refusal.EXPIRED_TOKEN) from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise AccountError.of(Refusal.INVALID_TOKEN) from None
    return payload


def jwt_payload(user: User, context: Any = None) -> dict[str, Any]:
    """Return the claims about `user` and time; `sessions` adds the claim of the session."""
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

    The algorithm is fixed and all REQUIRED_CLAIMS must be present (RFC 8725, 3.1). Raises jwt.PyJWTError.
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
