"""GRAPHQL_AUTH: every setting with its type, default and meaning.

    from graphql_auth.conf import auth_settings

    if auth_settings.ALLOW_DELETE_ACCOUNT: ...

A setting is read when it is used, so that a test can override it. Those marked "shapes the schema" are read once, when
the schema is built; the pages take their addresses once, when URLs are loaded, from those that end in _PATH_ON_EMAIL.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.conf import settings

T = TypeVar("T")

# Decided once: a test runner turns settings.DEBUG off after the settings were read.
DEVELOPMENT = settings.DEBUG

FieldTypes = Sequence[str] | Mapping[str, str]


class Setting(Generic[T]):
    """One key of GRAPHQL_AUTH.

    Arguments: `default`, the value when the key is absent; `meaning`, one sentence for people; `types`, what a value
    may be an instance of.
    """

    def __init__(self, default: T, meaning: str, types: type | tuple[type, ...] | None = None) -> None:
        self.default = default
        self.meaning = meaning
        self.types: Any = types or type(default)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> T:
        # What has a wrong type counts as not given, so that `manage.py check` comes to saying so.
        given = getattr(settings, "GRAPHQL_AUTH", {})
        value: Any = given.get(self.name, self.default) if isinstance(given, Mapping) else self.default
        return value if isinstance(value, self.types) else self.default


class AuthSettings:
    """The settings of the account system."""

    # Logging in
    ALLOW_LOGIN_NOT_VERIFIED = Setting(
        True, "An account may log in before its address is verified; register then returns tokens."
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
    ALLOW_LOGIN_WITH_SECONDARY_EMAIL = Setting(True, "tokenAuth's email may be the account's secondary address.")
    SESSION_LIFETIME = Setting(
        timedelta(days=30), "How long a session lasts at most, however often its tokens are refreshed."
    )
    REFRESH_TOKEN_GRACE = Setting(
        timedelta(seconds=10),
        "How long the second use of a refresh token is taken for a client's retry; later it ends the session.",
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
        [], "The fields register takes beside them. Shapes the schema.", (list, tuple, dict)
    )
    UPDATE_MUTATION_FIELDS = Setting[FieldTypes](
        {"first_name": "String", "last_name": "String"},
        "The fields updateAccount can change. Shapes the schema.",
        (list, tuple, dict),
    )
    ALLOW_PASSWORDLESS_REGISTRATION = Setting(
        False, "register works without passwords; the mail then leads to passwordSet."
    )
    ALLOW_DELETE_ACCOUNT = Setting(False, "deleteAccount removes the account; otherwise it sets is_active to False.")

    # Mail
    SEND_ACTIVATION_EMAIL = Setting(True, "register mails a link that verifies the address.")
    SEND_PASSWORD_SET_EMAIL = Setting(
        False, "A registration without password is mailed its link even when SEND_ACTIVATION_EMAIL is off."
    )
    EXPIRATION_ACTIVATION_TOKEN = Setting(timedelta(days=7), "How long an activation link works.")
    EXPIRATION_PASSWORD_RESET_TOKEN = Setting(timedelta(hours=1), "How long a password reset link works.")
    EXPIRATION_SECONDARY_EMAIL_ACTIVATION_TOKEN = Setting(
        timedelta(hours=1), "How long the link that verifies a secondary address works."
    )
    EXPIRATION_PASSWORD_SET_TOKEN = Setting(timedelta(days=7), "How long the link to set a first password works.")
    EMAIL_RETRY_DELAYS = Setting[Sequence[timedelta]](
        [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12)],
        "How long a worker waits after each failure of the mail server before it tries again.",
        (list, tuple),
    )
    EMAIL_FROM = Setting[str | None](None, "The sender; DEFAULT_FROM_EMAIL when None.", (str, type(None)))
    ACTIVATION_PATH_ON_EMAIL = Setting("activate", "The link is FRONTEND_URL/<path>/<token>.")
    ACTIVATION_SECONDARY_EMAIL_PATH_ON_EMAIL = Setting("activate-secondary", "The path of a secondary address's link.")
    PASSWORD_SET_PATH_ON_EMAIL = Setting("password-set", "The path of the link to set a first password.")
    PASSWORD_RESET_PATH_ON_EMAIL = Setting("password-reset", "The path of the link to reset a password.")
    EMAIL_SUBJECT_ACTIVATION = Setting("email/activation_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_ACTIVATION_RESEND = Setting("email/activation_resend_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_SECONDARY_EMAIL_ACTIVATION = Setting(
        "email/secondary_email_activation_subject.txt", "Template of a subject."
    )
    EMAIL_SUBJECT_PASSWORD_SET = Setting("email/password_set_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_PASSWORD_RESET = Setting("email/password_reset_subject.txt", "Template of a subject.")
    EMAIL_SUBJECT_ACCOUNT_EXISTS = Setting("email/account_exists_subject.txt", "Template of a subject.")
    EMAIL_TEMPLATE_ACTIVATION = Setting(
        "email/activation_email.html", "Template of the HTML body; the text body is the same name ending in .txt."
    )
    EMAIL_TEMPLATE_ACTIVATION_RESEND = Setting("email/activation_resend_email.html", "Template of a body.")
    EMAIL_TEMPLATE_SECONDARY_EMAIL_ACTIVATION = Setting(
        "email/secondary_email_activation_email.html", "Template of a body."
    )
    EMAIL_TEMPLATE_PASSWORD_SET = Setting("email/password_set_email.html", "Template of a body.")
    EMAIL_TEMPLATE_PASSWORD_RESET = Setting("email/password_reset_email.html", "Template of a body.")
    EMAIL_TEMPLATE_ACCOUNT_EXISTS = Setting("email/account_exists_email.html", "Template of a body.")
    EMAIL_TEMPLATE_VARIABLES = Setting[Mapping[str, Any]]({}, "More variables for the mail templates.", dict)

    # Who sees whom
    PREVENT_ENUMERATION = Setting(
        not DEVELOPMENT, "Answers do not tell whether an address has an account; its owner gets a mail instead."
    )
    USERS_QUERY = Setting(
        "public" if DEVELOPMENT else "staff",
        "Who may ask for `users` and `user`: public, authenticated, or staff with the permission to view users.",
    )
    USER_NODE_FILTER_FIELDS = Setting[Mapping[str, Sequence[str]]](
        {
            "email": ["exact"],
            # % if cookiecutter.login_field == "username"
            "username": ["exact", "icontains", "istartswith"],
            # % endif
            "is_active": ["exact"],
            "status__archived": ["exact"],
            "status__verified": ["exact"],
            "status__secondary_email": ["exact"],
        },
        "The filters of `users`, by field; what a UserNode does not show cannot be filtered. Shapes the schema.",
        dict,
    )
    USER_NODE_EXCLUDE_FIELDS = Setting[Sequence[str]](
        ["password", "is_superuser"],
        "The fields that a UserNode never shows, among them verified, archived and secondary_email; they lose their "
        "default filters too. Shapes the schema.",
        (list, tuple),
    )
    CUSTOM_ERROR_TYPE = Setting[Any](
        None, "A graphene type, or its path, for `errors` in place of ExpectedErrorType. Shapes the schema.", object
    )

    # The door
    RATE_LIMITS = Setting[Mapping[str, str]](
        {
            "login": "5/15 minutes;20/hour",
            "login_account": "50/hour",
            "login_client": "100/hour",
            "mail_address": "5/15 minutes;10/day",
            "mail_client": "30/hour",
            "register_client": "30/hour",
        },
        "Tries by scope: login by account and client, by account, by client; mails by address and by client; "
        "registrations by client. A scope that is left out has no limit; an empty mapping turns all limits off.",
        dict,
    )
    GRAPHIQL = Setting(DEVELOPMENT, "A browser gets GraphiQL at the endpoint.")
    INTROSPECTION = Setting(DEVELOPMENT, "The schema can be asked for, and errors suggest names.")
    MAX_BODY_BYTES = Setting(64 * 1024, "The longest body, in bytes.")
    MAX_TOKENS = Setting(1000, "The most lexical tokens in a document.")
    MAX_DEPTH = Setting(10, "The deepest nesting of fields.")
    MAX_FIELDS = Setting(500, "The most fields, fragments spread out.")
    MAX_ROOT_FIELDS = Setting(10, "The most fields at the root of an operation.")
    MAX_ALIASES = Setting(15, "The most aliases, fragments spread out.")


auth_settings = AuthSettings()

SETTINGS: dict[str, Setting[Any]] = {
    name: setting for name, setting in vars(AuthSettings).items() if isinstance(setting, Setting)
}


def field_types(fields: FieldTypes) -> dict[str, str]:
    """Return `fields` as a mapping of field name to scalar name; a bare name is a String."""
    return dict(fields) if isinstance(fields, Mapping) else dict.fromkeys(fields, "String")
