"""The views: each does what its operation cannot do without, and answers what GraphQL would."""

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
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from benchmarks.floor.models import QueuedMail, RefreshToken, Session, Status, User

ACCESS = timedelta(minutes=5)
REFRESH = timedelta(days=7)
SESSION = timedelta(days=30)
REFUSALS = (jwt.PyJWTError, ObjectDoesNotExist, IntegrityError)


def view(answer: Callable[..., dict[str, Any]]) -> Callable[[HttpRequest], HttpResponse]:
    """Make a view of a function that takes the request and its JSON's values, and returns the answer."""

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
    session = Session.objects.filter(
        pk=claims["sid"],
        ended_at=None,
        expires_at__gt=timezone.now(),
        user_id=claims["sub"],
        user__is_active=True,
        user__status__archived=False,
    )
    pk, username, email, secondary_email, verified = session.values_list(
        "user_id", "user__username", "user__email", "user__status__secondary_email", "user__status__verified"
    ).get()
    return {"id": pk, "username": username, "email": email, "secondaryEmail": secondary_email, "verified": verified}


@view
def users(request: HttpRequest, first: int) -> dict[str, Any]:
    """Read one row more than is asked for, which tells whether there is a next page."""
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
    """Read a refresh token with its session and user, mark it as used, write the next: all in one transaction."""
    now = timezone.now()
    with transaction.atomic():
        pk, session_pk, user_pk, username = RefreshToken.objects.values_list(
            "pk", "session_id", "session__user_id", "session__user__username"
        ).get(
            digest=digest(refreshToken),
            used_at=None,
            expires_at__gt=now,
            session__ended_at=None,
            session__expires_at__gt=now,
            session__user__is_active=True,
            session__user__status__archived=False,
        )
        RefreshToken.objects.filter(pk=pk).update(used_at=now)
        following = issue_refresh_token(session_pk, now)
    token, payload = issue_access_token(user_pk, username, session_pk, now)
    return {"success": True, "token": token, "payload": payload, **following}


@view
def token_auth(request: HttpRequest, email: str, password: str) -> dict[str, Any]:
    """Read the user, check the password, write a session and its refresh token."""
    user = User.objects.only("username", "email", "password").get(email=email, is_active=True, status__archived=False)
    if not check_password(password, user.password):
        raise User.DoesNotExist
    now = timezone.now()
    with transaction.atomic():
        session = Session(user=user, created_at=now, expires_at=now + SESSION)
        session.save(force_insert=True)
        following = issue_refresh_token(session.pk, now)
    token, _ = issue_access_token(user.pk, user.username, session.pk, now)
    return {"success": True, "token": token, "user": {"id": user.pk, "email": user.email}, **following}


@view
def register(request: HttpRequest, username: str, email: str, password1: str, password2: str) -> dict[str, Any]:
    """Hash the password, write the user, its status and the mail for the worker; the constraints know what is taken."""
    user = User(username=username, email=email, password=make_password(password1))
    with transaction.atomic():
        user.save(force_insert=True)
        Status(user=user).save(force_insert=True)
        QueuedMail(user=user, kind="activation").save(force_insert=True)
    return {"success": password1 == password2, "token": None, "refreshToken": None}


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


def issue_refresh_token(session_pk: Any, now: datetime) -> dict[str, Any]:
    """Write a refresh token and return what the client gets of it."""
    token = secrets.token_urlsafe(32)
    expires_at = now + REFRESH
    RefreshToken(session_id=session_pk, digest=digest(token), expires_at=expires_at).save(force_insert=True)
    return {"refreshToken": token, "refreshExpiresIn": int(expires_at.timestamp())}


def digest(refresh_token: str) -> str:
    """Return what is kept of a refresh token."""
    return hashlib.sha256(refresh_token.encode()).hexdigest()
