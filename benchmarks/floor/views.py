"""Views that do only what their operation requires, with the same responses as GraphQL."""

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

import jwt
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from benchmarks.floor.models import QueuedMail, Session, Status, UsedRefreshToken, User

ACCESS = timedelta(minutes=5)
REFRESH = timedelta(days=7)
SESSION = timedelta(days=30)
REFUSALS = (jwt.PyJWTError, ObjectDoesNotExist, ValidationError, IntegrityError)


def view(answer: Callable[..., dict[str, Any]]) -> Callable[[HttpRequest], HttpResponse]:
    """Turn a function that takes the request and its JSON values, and returns the response's data, into a view."""

    @wraps(answer)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse(answer(request, **json.loads(request.body)))
        except REFUSALS as refusal:
            return JsonResponse({"success": False, "errors": type(refusal).__name__}, status=400)

    return answered


@view
def verify_token(request: HttpRequest, token: str) -> dict[str, Any]:
    """Decode an access token."""
    return {"success": True, "payload": decode(token)}


@view
def me(request: HttpRequest) -> dict[str, Any]:
    """Decode the access token; read its session, user and status in one SELECT."""
    claims = decode(request.headers["Authorization"].removeprefix("JWT "))
    columns = Session.objects.values_list(
        "user_id",
        "ended_at",
        "expires_at",
        "user__is_active",
        "user__status__archived",
        "user__username",
        "user__email",
        "user__status__secondary_email",
        "user__status__verified",
    )
    pk, ended_at, expires_at, active, archived, username, email, secondary_email, verified = columns.get(
        pk=claims["sid"]
    )
    if ended_at or expires_at <= timezone.now() or str(pk) != claims["sub"] or not active or archived:
        raise Session.DoesNotExist
    return {"id": pk, "username": username, "email": email, "secondaryEmail": secondary_email, "verified": verified}


@view
def users(request: HttpRequest, first: int) -> dict[str, Any]:
    """Read one more row than requested, which shows whether there is a next page."""
    columns = User.objects.values_list("pk", "email", "status__verified", "status__archived")
    rows = list(columns.order_by("pk")[: first + 1])
    page = rows[:first]
    return {
        "edges": [
            {"node": {"id": pk, "email": email, "verified": verified, "archived": archived}}
            for pk, email, verified, archived in page
        ],
        "pageInfo": {"hasNextPage": len(rows) > first, "endCursor": page[-1][0] if page else None},
    }


@view
def refresh_token(request: HttpRequest, refreshToken: str) -> dict[str, Any]:  # noqa: N803
    """In one transaction, read the session of a refresh token and its user, mark the token as used, write the next."""
    now = timezone.now()
    used = digest(refreshToken)
    following = secrets.token_urlsafe(32)
    with transaction.atomic():
        columns = Session.objects.values_list(
            "pk",
            "ended_at",
            "refreshed_at",
            "expires_at",
            "user__is_active",
            "user__status__archived",
            "user_id",
            "user__username",
        )
        pk, ended_at, refreshed_at, expires_at, active, archived, user_pk, username = columns.get(refresh_digest=used)
        if ended_at or min(refreshed_at + REFRESH, expires_at) <= now or not active or archived:
            raise Session.DoesNotExist
        UsedRefreshToken(session_id=pk, digest=used, used_at=now).save(force_insert=True)
        Session.objects.filter(pk=pk).update(refresh_digest=digest(following), refreshed_at=now)
    token, payload = issue_access_token(user_pk, username, pk, now)
    expires = int((now + REFRESH).timestamp())
    return {
        "success": True,
        "token": token,
        "payload": payload,
        "refreshToken": following,
        "refreshExpiresIn": expires,
    }


@view
def token_auth(request: HttpRequest, email: str, password: str) -> dict[str, Any]:
    """Read the user, check the password, update last_login, write a session with its refresh token."""
    columns = User.objects.values_list("pk", "username", "email", "password", "is_active", "status__archived")
    pk, username, address, hashed, active, archived = columns.get(email=email.lower())
    if not check_password(password, hashed) or not active or archived:
        raise User.DoesNotExist
    now = timezone.now()
    following = secrets.token_urlsafe(32)
    session = Session(
        user_id=pk, refresh_digest=digest(following), created_at=now, refreshed_at=now, expires_at=now + SESSION
    )
    with transaction.atomic():
        User.objects.filter(pk=pk).update(last_login=now)
        session.save(force_insert=True)
    token, _ = issue_access_token(pk, username, session.pk, now)
    return {"success": True, "token": token, "refreshToken": following, "user": {"id": pk, "email": address}}


@view
def register(request: HttpRequest, username: str, email: str, password1: str, password2: str) -> dict[str, Any]:
    """Validate, check once whether a name is taken, hash, write the user, the status and the mail for the worker."""
    user = User(username=username, email=email.lower())
    user.username_validator(user.username)
    validate_email(user.email)
    validate_password(password1, user)
    if password1 != password2 or User.objects.filter(Q(username=user.username) | Q(email=user.email)).exists():
        raise ValidationError("The passwords differ, or one of the names is taken.")
    user.password = make_password(password1)
    with transaction.atomic():
        user.save(force_insert=True)
        Status(user=user).save(force_insert=True)
        mail = QueuedMail(user=user, kind="activation", to=user.email, language="en", queued_at=timezone.now())
        mail.save(force_insert=True)
    return {"success": True, "token": None, "refreshToken": None}


def decode(token: str) -> dict[str, Any]:
    """Return the payload of an access token. Raises jwt.PyJWTError."""
    payload: dict[str, Any] = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])
    return payload


def issue_access_token(user_pk: int, username: str, session_pk: Any, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return an access token and its payload."""
    payload = {
        "username": username,
        "sub": str(user_pk),
        "sid": str(session_pk),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS).timestamp()),
    }
    return jwt.encode(payload, settings.SECRET_KEY, "HS256"), payload


def digest(refresh_token: str) -> str:
    """Return the stored digest of a refresh token."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()
