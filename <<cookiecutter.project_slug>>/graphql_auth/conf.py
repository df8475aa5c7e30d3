"""GRAPHQL_AUTH: the settings of the account system, with their types, defaults and meanings.

    from graphql_auth.conf import auth_settings

    if auth_settings.ALLOW_DELETE_ACCOUNT: ...

A value of the wrong type prevents the project from starting. Settings are read when they are used, so tests can
override them. Those marked "shapes the schema" are read once, when the schema is built, and those that end in
_PATH_ON_EMAIL once, when the URLs are loaded.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings

from endpoint.conf import DEVELOPMENT, Problem, Setting, Settings
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.features.secondary_email import SecondaryEmailSettings

FieldTypes = Sequence[str] | Mapping[str, str]

# A URL, or a path of this site: browsers take // and /\\ for the start of a host.
PAGE = re.compile(r"https?://[\w\[]|/(?![/\\])")
# % if cookiecutter.login_field == "username"

# fmt: off
RESERVED_USERNAMES = [
    # The mailboxes of RFC 2142
    "abuse", "ftp", "hostmaster", "info", "marketing", "news", "noc", "postmaster", "sales", "security", "support",
    "trouble", "usenet", "uucp", "webmaster", "www",
    # Machines and programs
    "anonymous", "api", "bot", "daemon", "mail", "mailer-daemon", "nobody", "no-reply", "null", "static", "undefined",
    # The operators of the site
    "admin", "administrator", "help", "helpdesk", "legal", "moderator", "official", "operator", "owner", "privacy",
    "root", "service", "staff", "superuser", "sysadmin", "system", "team",
    # Where people look for accounts and payments
    "account", "accounts", "auth", "billing", "contact", "login", "logout", "me", "password", "payment", "payments",
    "register", "settings", "signup", "ssl-admin",
]
# fmt: on
# % endif


class AuthSettings(
    SecondaryEmailSettings,
    Settings,
):
    """The settings of the account system."""

    setting = "GRAPHQL_AUTH"
    documentation = "graphql_auth/conf.py"

    @classmethod
    def check_value(cls, name: str, value: Any) -> Iterator[Problem]:
        """Yield the problems of a value, including those of its items."""
        yield from super().check_value(name, value)
        if "_FIELDS" in name and not all(isinstance(field, str) for field in value):
            yield Problem(f"GRAPHQL_AUTH[{name!r}] holds something that is not a name.", SETTINGS[name].help)
        elif name == "LOGIN_URL_ON_PAGES" and value and not PAGE.match(value):
            yield Problem(
                f"GRAPHQL_AUTH[{name!r}] is {value!r}.",
                "Set it to a URL like 'https://app.example.com/login', or to a path of this site like '/login'.",
            )
        elif name == "EMAIL_RETRY_DELAYS" and not all(isinstance(delay, timedelta) for delay in value):
            yield Problem(
                f"GRAPHQL_AUTH[{name!r}] holds something that is not a timedelta.",
                "Write it like [timedelta(minutes=1), timedelta(hours=1)].",
            )

    # Logging in
    ALLOW_LOGIN_NOT_VERIFIED = Setting(
        True, "An account may log in before its email address is verified; register then returns tokens."
    )
    LOGIN_ALLOWED_FIELDS = Setting[Sequence[str]](
        # % if cookiecutter.login_field == "username"
        ["email", "username"],
        # % else
        ["email"],
        # % endif
        "What tokenAuth takes to identify an account. Shapes the schema.",
        (list, tuple),
    )
    SESSION_LIFETIME = Setting(
        timedelta(days=30), "The longest duration of a session, however often its tokens are refreshed."
    )
    REFRESH_TOKEN_GRACE = Setting(
        timedelta(seconds=10),
        "How long the refresh token that was used last may be used again, for the same response; later use ends the "
        "session.",
    )

    # Registering and updating
    REGISTER_MUTATION_FIELDS = Setting[FieldTypes](
        # % if cookiecutter.login_field == "username"
        ["email", "username"],
        # % else
        ["email"],
        # % endif
        "The fields register requires: a list, or a mapping to the name of a graphene scalar. Shapes the schema.",
        (list, tuple, dict),
    )
    REGISTER_MUTATION_FIELDS_OPTIONAL = Setting[FieldTypes](
        [], "The optional fields of register. Shapes the schema.", (list, tuple, dict)
    )
    UPDATE_MUTATION_FIELDS = Setting[FieldTypes](
        {"first_name": "String", "last_name": "String"},
        "The fields updateAccount can change. Shapes the schema.",
        (list, tuple, dict),
    )
    # % if cookiecutter.login_field == "username"
    RESERVED_USERNAMES = Setting[Sequence[str]](
        RESERVED_USERNAMES,
        "The usernames that nobody can register; createsuperuser and the admin can assign them. Case, dots, hyphens "
        "and other punctuation are ignored.",
        (list, tuple),
    )
    # % endif
    ALLOW_PASSWORDLESS_REGISTRATION = Setting(
        False, "register works without passwords; the mail then leads to passwordSet."
    )
    ALLOW_DELETE_ACCOUNT = Setting(
        False, "deleteAccount deletes the account; otherwise it closes it by setting is_active to False."
    )

    # Pages
    LOGIN_URL_ON_PAGES = Setting(
        "",
        "Where the pages behind mail links lead people to log in: a URL, or a path of this site. If it is empty, they "
        "lead to the front page.",
    )

    # Mail
    SEND_ACTIVATION_EMAIL = Setting(True, "register mails a link that verifies the address.")
    SEND_PASSWORD_SET_EMAIL = Setting(
        False, "register without a password mails the link to set one even when SEND_ACTIVATION_EMAIL is off."
    )
    EXPIRATION_ACTIVATION_TOKEN = Setting(timedelta(days=7), "How long an activation link works.")
    EXPIRATION_PASSWORD_RESET_TOKEN = Setting(timedelta(hours=1), "How long a password reset link works.")
    EXPIRATION_PASSWORD_SET_TOKEN = Setting(timedelta(days=7), "How long the link to set a first password works.")
    EMAIL_RETRY_DELAYS = Setting[Sequence[timedelta]](
        [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12)],
        "How long a worker waits after each failure of the mail server before it tries again.",
        (list, tuple),
    )
    EMAIL_FROM = Setting[str | None](None, "The sender; DEFAULT_FROM_EMAIL when None.", (str, type(None)))
    ACTIVATION_PATH_ON_EMAIL = Setting("activate", "The link is FRONTEND_URL/<path>/<token>.")
    PASSWORD_SET_PATH_ON_EMAIL = Setting("password-set", "The path of the link to set a first password.")
    PASSWORD_RESET_PATH_ON_EMAIL = Setting("password-reset", "The path of the link to reset a password.")
    EMAIL_SUBJECT_ACTIVATION = Setting("email/activation_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_ACTIVATION_RESEND = Setting("email/activation_resend_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_PASSWORD_SET = Setting("email/password_set_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_PASSWORD_RESET = Setting("email/password_reset_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_ACCOUNT_EXISTS = Setting("email/account_exists_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_ACCOUNT_UNVERIFIED_EXISTS = Setting(
        "email/account_unverified_exists_subject.txt", "Template of a subject."
    )
    EMAIL_SUBJECT_ACCOUNT_CLOSED_EXISTS = Setting("email/account_closed_exists_subject.txt", "Template of a subject.")
    EMAIL_TEMPLATE_ACTIVATION = Setting(
        "email/activation_email.html", "Template of the HTML body; the text body is the same name ending in .txt."
    )
    EMAIL_TEMPLATE_ACTIVATION_RESEND = Setting("email/activation_resend_email.html", "Template of a body.")
    EMAIL_TEMPLATE_PASSWORD_SET = Setting("email/password_set_email.html", "Template of a body.")
    EMAIL_TEMPLATE_PASSWORD_RESET = Setting("email/password_reset_email.html", "Template of a body.")
    EMAIL_TEMPLATE_ACCOUNT_EXISTS = Setting("email/account_exists_email.html", "Template of a body.")
    SECURITY_MAILS = Setting(True, "Mails notify owners of security events of their account.")
    EMAIL_SUBJECT_SESSION_REUSED = Setting("email/session_reused_subject.txt", "Template of a subject.")
    EMAIL_TEMPLATE_SESSION_REUSED = Setting("email/session_reused_email.html", "Template of a body.")
    EMAIL_SUBJECT_EMAIL_CHANGED = Setting("email/email_changed_subject.txt", "Template of a subject.")
    EMAIL_TEMPLATE_EMAIL_CHANGED = Setting("email/email_changed_email.html", "Template of a body.")
    EMAIL_TEMPLATE_ACCOUNT_UNVERIFIED_EXISTS = Setting(
        "email/account_unverified_exists_email.html", "Template of a body."
    )
    EMAIL_TEMPLATE_ACCOUNT_CLOSED_EXISTS = Setting("email/account_closed_exists_email.html", "Template of a body.")
    EMAIL_TEMPLATE_VARIABLES = Setting[Mapping[str, Any]]({}, "More variables for the mail templates.", dict)

    # Privacy
    PREVENT_ENUMERATION = Setting(
        not DEVELOPMENT, "Responses do not reveal whether an address has an account; its owner gets a mail instead."
    )
    USERS_QUERY = Setting(
        "public" if DEVELOPMENT else "staff",
        "Who may query `users` and `user`: public, authenticated, or staff with the permission to view users.",
    )
    USER_NODE_FILTER_FIELDS = Setting[Mapping[str, Sequence[str]]](
        {
            "email": ["exact"],
            # % if cookiecutter.login_field == "username"
            "username": ["exact", "icontains", "istartswith"],
            # % endif
            "is_active": ["exact"],
            **{f"status__{name}": ["exact"] for name in STATUS_FIELDS},
        },
        "The filters of `users` by field, limited to fields that UserNode shows. Shapes the schema.",
        dict,
    )
    USER_NODE_EXCLUDE_FIELDS = Setting[Sequence[str]](
        ["password", "is_superuser"],
        "The fields that UserNode does not show; they can include those of the status. Excluded "
        "fields lose their default filters, too. Shapes the schema.",
        (list, tuple),
    )
    USER_PUBLIC_FIELDS = Setting[Sequence[str]](
        # % if cookiecutter.login_field == "username"
        ["id", "username"],
        # % else
        ["id"],
        # % endif
        "The fields of PublicUser, which anybody sees of the author of something public. Shapes the schema.",
        (list, tuple),
    )
    CUSTOM_ERROR_TYPE = Setting[Any](
        None, "The graphene type of `errors`, or its path, instead of ExpectedErrorType. Shapes the schema.", object
    )

    # Rate limits
    RATE_LIMITS = Setting[Mapping[str, str]](
        {
            "login": "5/15 minutes;20/hour",
            "login_account": "50/hour",
            "login_client": "100/hour",
            "login_total": "1200/minute",
            "mail_address": "5/15 minutes;10/day",
            "mail_client": "30/hour",
            "register_client": "30/hour",
            "refresh": "120/hour;1000/day",
        },
        "The limits of each scope: failed logins by account and client, by account, and by client; all logins from "
        "unknown clients; mails by email address and by client; registrations by client; refreshes by session. A "
        "missing scope has no limit; an empty mapping turns all limits off.",
        dict,
    )
    RATE_LIMIT_PREFIX = Setting(
        getattr(settings, "SITE_NAME", "graphql_auth"),
        "The prefix of the keys, for a store that other sites use too.",
        str,
    )

    # Speed
    COMPOSE_LOOKUPS_ONCE = Setting(
        True,
        "The SQL of the most frequent look-ups is composed once in each process, which halves the time of `me`. This "
        "uses parts of Django that it does not document. When off, Django's ORM composes each query.",
    )


auth_settings = AuthSettings()

SETTINGS = AuthSettings.declared()


def field_types(fields: FieldTypes) -> dict[str, str]:
    """Return `fields` as a mapping of field names to scalar names; String is the default."""
    return dict(fields) if isinstance(fields, Mapping) else dict.fromkeys(fields, "String")


def accepted_fields() -> dict[str, str]:
    """Map the columns that register and updateAccount accept to the names of their scalars."""
    settings = (
        auth_settings.UPDATE_MUTATION_FIELDS,
        auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL,
        auth_settings.REGISTER_MUTATION_FIELDS,
    )
    return {name: scalar for fields in settings for name, scalar in field_types(fields).items()}
