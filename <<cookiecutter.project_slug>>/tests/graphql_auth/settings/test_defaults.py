"""The settings and their defaults."""

from datetime import timedelta

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from graphql_auth.conf import DEVELOPMENT, SETTINGS, auth_settings
from tests.graphql_auth.settings.helpers import BY_DEBUG, SCOPES

# % if cookiecutter.login_field == "username"
IDENTIFIERS = ["email", "username"]
# % endif
# % if cookiecutter.login_field != "username"
IDENTIFIERS = ["email"]
# % endif
DEFAULTS = {
    "ALLOW_LOGIN_NOT_VERIFIED": True,
    "LOGIN_ALLOWED_FIELDS": IDENTIFIERS,
    "ALLOW_LOGIN_WITH_SECONDARY_EMAIL": True,
    "SESSION_LIFETIME": timedelta(days=30),
    "REFRESH_TOKEN_GRACE": timedelta(seconds=10),
    "REGISTER_MUTATION_FIELDS": IDENTIFIERS,
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
    # % if cookiecutter.login_field == "username"
    "RESERVED_USERNAMES": SETTINGS["RESERVED_USERNAMES"].default,
    # % endif
    "EMAIL_TEMPLATE_ACCOUNT_UNVERIFIED_EXISTS": "email/account_unverified_exists_email.html",
    "EMAIL_TEMPLATE_ACCOUNT_CLOSED_EXISTS": "email/account_closed_exists_email.html",
    "EMAIL_TEMPLATE_VARIABLES": {},
    "USER_NODE_FILTER_FIELDS": {
        "email": ["exact"],
        # % if cookiecutter.login_field == "username"
        "username": ["exact", "icontains", "istartswith"],
        # % endif
        "is_active": ["exact"],
        "status__archived": ["exact"],
        "status__verified": ["exact"],
        "status__secondary_email": ["exact"],
    },
    "USER_NODE_EXCLUDE_FIELDS": ["password", "is_superuser"],
    "USER_PUBLIC_FIELDS": [
        "id",
        # % if cookiecutter.login_field == "username"
        "username",
        # % endif
    ],
    "CUSTOM_ERROR_TYPE": None,
}


def test_defaults_are_as_documented(plain):
    dependent = {*BY_DEBUG[True], "RATE_LIMITS", "RATE_LIMIT_PREFIX"}

    assert {name: getattr(auth_settings, name) for name in SETTINGS if name not in dependent} == DEFAULTS


def test_each_scope_of_limits_has_a_default(plain):
    assert list(auth_settings.RATE_LIMITS) == SCOPES
    assert all(auth_settings.RATE_LIMITS.values())


def test_the_prefix_of_the_counts_is_the_name_of_the_site(plain):
    assert auth_settings.RATE_LIMIT_PREFIX == project.SITE_NAME


def test_some_defaults_depend_on_debug(plain):
    assert {name: getattr(auth_settings, name) for name in BY_DEBUG[True]} == BY_DEBUG[DEVELOPMENT]


def test_each_setting_says_what_it_means():
    assert [name for name, setting in SETTINGS.items() if not setting.meaning.endswith(".")] == []


def test_a_setting_is_read_when_it_is_used(configure):
    configure(USERS_QUERY="staff")
    assert auth_settings.USERS_QUERY == "staff"

    configure(USERS_QUERY="public")
    assert auth_settings.USERS_QUERY == "public"


@pytest.mark.parametrize("given", [{"EMAIL_FROM": 1}, {"EMAIL_FROM": True}, None, ["EMAIL_FROM"]])
def test_a_setting_of_a_wrong_type_is_not_used(given):
    """B07: it counted as not given, so that 0 was True where that is the default."""
    with override_settings(GRAPHQL_AUTH=given), pytest.raises(ImproperlyConfigured, match="GRAPHQL_AUTH"):
        _ = auth_settings.EMAIL_FROM
