"""Usernames: each has at most one account, ignoring case."""

import re
import unicodedata

from django.contrib.auth import get_user_model
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from graphql_auth.addresses import LONGEST
from graphql_auth.conf import auth_settings
from graphql_auth.statements import Lookup
from graphql_auth.user import User


def normalize_username(value: str) -> str:
    """Return the spelling under which usernames are compared: NFKC in lower case.

    Only ASCII letters are lowered, like LOWER does in every database: SQLite's ignores other letters.
    """
    name = value if len(value) > LONGEST else unicodedata.normalize("NFKC", value)
    return re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), name)


def validate_username(value: str) -> None:
    """Raise ValidationError `invalid` for a username that looks like an email address or contains non-ASCII letters.

    An email address may belong to another account, now or later. Many non-ASCII letters look like ASCII letters, like
    the Cyrillic а; Django's ASCIIUsernameValidator excludes them for that reason.
    """
    name = normalize_username(value)
    if "@" in name:
        raise ValidationError(_("A username cannot contain @."), code="invalid")
    if not name.isascii():
        raise ValidationError(ASCIIUsernameValidator.message, code="invalid")


def is_reserved(value: str) -> bool:
    """Return whether RESERVED_USERNAMES contains this name, ignoring case and punctuation."""
    return _letters_of(value) in map(_letters_of, auth_settings.RESERVED_USERNAMES)


def with_username(users: QuerySet[User], username: str) -> QuerySet[User]:
    """Filter `users` by username in any spelling, using an index. At most one user remains."""
    return _with_normalized(users, Value(normalize_username(username)))


def owner_of_username(username: str) -> User | None:
    """Return the user who has the normalised `username`, with their status; None if nobody has it."""
    return OWNER_BY_USERNAME.first(username)


def _with_normalized(users: QuerySet[User], username: Value) -> QuerySet[User]:
    return users.filter(Exact(Lower("username"), Lower(username)))


# The base manager also finds users that a custom default manager hides; their usernames are taken, too.
OWNER_BY_USERNAME = Lookup(
    lambda username: _with_normalized(get_user_model()._base_manager.order_by(), username).select_related("status")
)


def _letters_of(name: str) -> str:
    return re.sub(r"[\W_]+", "", normalize_username(name))
