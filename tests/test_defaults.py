"""The defaults of rendered projects, which an owner may change."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Project, run

LIST = """
import django, json
django.setup()
from graphql_auth.conf import SETTINGS
print(json.dumps({name: setting.default for name, setting in SETTINGS.items()}, default=str))
"""
# Those that depend on DEBUG, and the long list of usernames.
ELSEWHERE = {"PREVENT_ENUMERATION", "USERS_QUERY", "RATE_LIMIT_PREFIX", "RESERVED_USERNAMES"}


def defaults(identifiers: list[str]) -> dict[str, Any]:
    """Return the defaults of GRAPHQL_AUTH for projects whose users have these identifiers."""
    usernames = {"username": ["exact", "icontains", "istartswith"]} if "username" in identifiers else {}
    return {
        "ALLOW_LOGIN_NOT_VERIFIED": True,
        "LOGIN_ALLOWED_FIELDS": identifiers,
        "ALLOW_LOGIN_WITH_SECONDARY_EMAIL": True,
        "SESSION_LIFETIME": timedelta(days=30),
        "REFRESH_TOKEN_GRACE": timedelta(seconds=10),
        "REGISTER_MUTATION_FIELDS": identifiers,
        "REGISTER_MUTATION_FIELDS_OPTIONAL": [],
        "UPDATE_MUTATION_FIELDS": {"first_name": "String", "last_name": "String"},
        "ALLOW_DELETE_ACCOUNT": False,
        "ALLOW_PASSWORDLESS_REGISTRATION": False,
        "SEND_PASSWORD_SET_EMAIL": False,
        "SEND_ACTIVATION_EMAIL": True,
        "LOGIN_URL_ON_PAGES": "",
        "EXPIRATION_ACTIVATION_TOKEN": timedelta(days=7),
        "EXPIRATION_PASSWORD_RESET_TOKEN": timedelta(hours=1),
        "EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN": timedelta(hours=1),
        "EXPIRATION_PASSWORD_SET_TOKEN": timedelta(days=7),
        "EMAIL_RETRY_DELAYS": [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720)],
        "EMAIL_FROM": None,
        "ACTIVATION_PATH_ON_EMAIL": "activate",
        "ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL": "activate-secondary",
        "PASSWORD_SET_PATH_ON_EMAIL": "password-set",
        "PASSWORD_RESET_PATH_ON_EMAIL": "password-reset",
        "EMAIL_SUBJECT_ACTIVATION": "email/activation_subject.txt",
        "EMAIL_SUBJECT_ACTIVATION_RESEND": "email/activation_resend_subject.txt",
        "EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION": "email/secondary_email_activation_subject.txt",
        "EMAIL_SUBJECT_PASSWORD_SET": "email/password_set_subject.txt",
        "EMAIL_SUBJECT_PASSWORD_RESET": "email/password_reset_subject.txt",
        "EMAIL_SUBJECT_ACCOUNT_EXISTS": "email/account_exists_subject.txt",
        "EMAIL_SUBJECT_EMAIL_CHANGED": "email/email_changed_subject.txt",
        "EMAIL_SUBJECT_SECONDARY_EMAIL_CHANGED": "email/secondary_email_changed_subject.txt",
        "EMAIL_SUBJECT_ACCOUNT_UNVERIFIED_EXISTS": "email/account_unverified_exists_subject.txt",
        "EMAIL_SUBJECT_ACCOUNT_CLOSED_EXISTS": "email/account_closed_exists_subject.txt",
        "EMAIL_TEMPLATE_ACTIVATION": "email/activation_email.html",
        "EMAIL_TEMPLATE_ACTIVATION_RESEND": "email/activation_resend_email.html",
        "EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION": "email/secondary_email_activation_email.html",
        "EMAIL_TEMPLATE_PASSWORD_SET": "email/password_set_email.html",
        "EMAIL_TEMPLATE_PASSWORD_RESET": "email/password_reset_email.html",
        "EMAIL_TEMPLATE_ACCOUNT_EXISTS": "email/account_exists_email.html",
        "SECURITY_MAILS": True,
        "EMAIL_SUBJECT_SESSION_REUSED": "email/session_reused_subject.txt",
        "EMAIL_TEMPLATE_SESSION_REUSED": "email/session_reused_email.html",
        "EMAIL_TEMPLATE_EMAIL_CHANGED": "email/email_changed_email.html",
        "EMAIL_TEMPLATE_SECONDARY_EMAIL_CHANGED": "email/secondary_email_changed_email.html",
        "EMAIL_TEMPLATE_ACCOUNT_UNVERIFIED_EXISTS": "email/account_unverified_exists_email.html",
        "EMAIL_TEMPLATE_ACCOUNT_CLOSED_EXISTS": "email/account_closed_exists_email.html",
        "EMAIL_TEMPLATE_VARIABLES": {},
        "USER_NODE_FILTER_FIELDS": {
            "email": ["exact"],
            **usernames,
            "is_active": ["exact"],
            "status__archived": ["exact"],
            "status__verified": ["exact"],
            "status__secondary_email": ["exact"],
        },
        "USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser"],
        "USER_PUBLIC_FIELDS": ["id", *usernames],
        "COMPOSE_LOOKUPS_ONCE": True,
        "CUSTOM_ERROR_TYPE": None,
        "RATE_LIMITS": {
            "login": "5/15 minutes;20/hour",
            "login_account": "50/hour",
            "login_client": "100/hour",
            "login_total": "1200/minute",
            "mail_address": "5/15 minutes;10/day",
            "mail_client": "30/hour",
            "register_client": "30/hour",
            "refresh": "120/hour;1000/day",
        },
    }


@pytest.mark.parametrize(
    ("login_field", "identifiers"),
    [("username", ["email", "username"]), ("email", ["email"])],
    ids=["username", "email"],
)
def test_the_defaults_are_the_documented_ones(
    rendered: Callable[[str, str], Project], login_field: str, identifiers: list[str]
) -> None:
    project = rendered("graphql", login_field).path
    listed = run(sys.executable, "-c", LIST, cwd=project, DJANGO_SETTINGS_MODULE="config.settings").stdout
    found = {name: value for name, value in json.loads(listed).items() if name not in ELSEWHERE}
    assert found == json.loads(json.dumps(defaults(identifiers), default=str))


def test_updates_alone_may_be_repeated_in_an_operation(rendered: Callable[[str, str], Project]) -> None:
    project = rendered("graphql", "username").path
    texts = [file.read_text() for file in project.glob("graphql_auth/**/*.py")]
    assert sum(text.count("credential = False") for text in texts) == 1
    assert "credential = False" in (project / "graphql_auth/api/account.py").read_text().partition("class Archive")[0]
