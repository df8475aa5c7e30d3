"""E-mail addresses: one spelling for each, and one account for each."""

import unicodedata
from contextlib import suppress
from functools import cache
from typing import Any

import idna
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import connection
from django.db.models.functions import Lower

from graphql_auth.statements import Lookup

# Longer than any address or name (RFC 5321). What NFKC takes can grow with the square of the length.
LONGEST = 320
# Stands for an address in a look-up.
SOMEBODY = "somebody@example.com"


def normalize_email(value: str) -> str:
    """Return the one spelling of an address under which it is stored and looked up.

    Stripped, NFKC, lower case, the domain in its ASCII form (RFC 5891). A domain that has none stays as it is, and so
    does an address that is too long; telling what is valid is `validate_email`'s work.
    """
    value = (value or "").strip()
    if len(value) > LONGEST:
        return value.lower()
    email = unicodedata.normalize("NFKC", value).strip().lower()
    local, at, domain = email.rpartition("@")
    if not domain.isascii():
        with suppress(idna.IDNAError):
            domain = idna.encode(domain, uts46=True).decode()
    return f"{local}{at}{domain}"


def validate_email(value: str) -> str:
    """Return the normalised address, or raise a ValidationError with the code `invalid`."""
    email = normalize_email(value)
    EmailValidator()(email)
    # What is not ASCII by now is an address of another spelling to those who know older rules, as mail servers do.
    if len(email) > 254 or not email.isascii():
        raise ValidationError(EmailValidator.message, code="invalid")
    return email


def owner_of(email: str, *, secondary: bool = True) -> Any:
    """Return the user who has the normalised address `email`, with its status; None when nobody has.

    With `secondary`, an account's verified secondary address counts too.
    """
    return _owner_lookup(secondary).first(email)


@cache
def _owner_lookup(secondary: bool) -> Lookup:
    # All there are, also those whom a manager of one's own hides: an address is theirs all the same.
    users = get_user_model()._base_manager.order_by()
    owners = users.alias(lower_email=Lower("email")).filter(lower_email=SOMEBODY).values("pk")
    if secondary:
        # Two look-ups by index, where one condition with OR would read the whole table.
        statuses = users.alias(lower_secondary=Lower("status__secondary_email"))
        statuses = statuses.filter(status__isnull=False, lower_secondary=SOMEBODY)
        owners = owners.union(statuses.values("pk"))
    return Lookup(users.filter(pk__in=owners).order_by("pk")[:1], SOMEBODY, "status")


def lock_address(email: str) -> None:
    """Hold the normalised address until the transaction ends, so that nobody else can claim it between check and write.

    SQLite needs no lock of its own: an IMMEDIATE transaction is alone.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"graphql_auth:{email}"])
