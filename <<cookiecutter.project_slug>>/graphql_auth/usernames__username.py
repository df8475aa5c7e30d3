"""Usernames: one account for each, however it is capitalised."""

import re
import unicodedata
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.validators import ASCIIUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from graphql_auth.addresses import LONGEST
from graphql_auth.conf import auth_settings
from graphql_auth.statements import Lookup

# Stands for a username in a look-up.
SOMEBODY = "somebody"


def normalize_username(value: str) -> str:
    """Return the one spelling of a username under which it is compared: NFKC, in lower case.

    Only ASCII letters are lowered, as by LOWER of every database: SQLite's knows no others.
    """
    name = value if len(value) > LONGEST else unicodedata.normalize("NFKC", value)
    return re.sub("[A-Z]+", lambda capitals: capitals[0].lower(), name)


def validate_username(value: str) -> None:
    """Reject a username that reads as an email address or as somebody else's name.

    An email address could be, or become, another account's. Letters beyond ASCII are many that look like others, as
    the Cyrillic а does like a; Django's ASCIIUsernameValidator leaves them out for that reason. Raises ValidationError
    `invalid`.
    """
    name = normalize_username(value)
    if "@" in name:
        raise ValidationError(_("A username cannot contain @."), code="invalid")
    if not name.isascii():
        raise ValidationError(ASCIIUsernameValidator.message, code="invalid")


def is_reserved(value: str) -> bool:
    """Return whether RESERVED_USERNAMES has this name; capitals, dots, hyphens and the like do not count."""
    return _letters_of(value) in map(_letters_of, auth_settings.RESERVED_USERNAMES)


def with_username(users: QuerySet, username: str) -> QuerySet:
    """Return those of `users`, one at most, who have this username in whatever spelling. Found by an index."""
    return users.filter(Q(Exact(Lower(F("username")), Lower(Value(normalize_username(username))))))


def owner_of_username(username: str) -> Any:
    """Return the user who has the normalised `username`, with its status; None when nobody has."""
    return _owner_lookup().first(username)


@cache
def _owner_lookup() -> Lookup:
    # Everybody, also those whom a manager of the project's own hides: the username is theirs all the same.
    return Lookup(with_username(get_user_model()._base_manager.order_by(), SOMEBODY), SOMEBODY, "status")


def _letters_of(name: str) -> str:
    return re.sub(r"[\W_]+", "", normalize_username(name))
