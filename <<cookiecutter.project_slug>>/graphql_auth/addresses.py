"""E-mail addresses: one spelling for each, and one account for each."""

import re
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
# What people type or paste round an address. Other control characters are part of it, and make it invalid.
BLANKS = " \t\r\n"
# Stands for an address in a look-up.
SOMEBODY = "somebody@example.com"


class AddressValidator(EmailValidator):
    """Accepts a normalised address that is `Dot-string@Domain` (RFC 5321, 4.1.2), the domain a name with a dot.

    Quoted local parts, address literals and dotless domains are valid by the RFC, but nobody registers with them: they
    are ways to put a stranger's text or a host of the local network into a mail. `=?` begins an encoded word (RFC
    2047): a mail program would show another address than the one that was checked.
    """

    user_regex = re.compile(r"(?!.*=\?)[-!#$%&'*+/=?^_`{}|~0-9a-z]+(\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*\Z")
    domain_allowlist = ()

    def __call__(self, value: str | None) -> None:
        """Raise ValidationError `invalid` unless `value` is such an address."""
        # What is not ASCII by now is an address of another spelling to those who know older rules, as mail servers do.
        if not value or len(value) > 254 or not value.isascii():
            raise ValidationError(self.message, code=self.code)
        super().__call__(value)

    def validate_domain_part(self, domain_part: str) -> bool:
        """Return whether this is the name of a host on the Internet, whose last label is not a number."""
        return bool(self.domain_regex.match(domain_part)) and not domain_part.rpartition(".")[2].isdecimal()


def normalize_email(value: str) -> str:
    """Return the one spelling of an address under which it is stored and looked up.

    Stripped, NFKC, lower case, the domain in its ASCII form (RFC 5891). A domain that has none stays as it is, and so
    does an address that is too long. It may be invalid: `validate_email` decides that.
    """
    value = (value or "").strip(BLANKS)
    if len(value) > LONGEST:
        return value.lower()
    email = unicodedata.normalize("NFKC", value).strip(BLANKS).lower()
    local, at, domain = email.rpartition("@")
    if not domain.isascii():
        with suppress(idna.IDNAError):
            domain = idna.encode(domain, uts46=True).decode()
    return f"{local}{at}{domain}"


def validate_email(value: str) -> str:
    """Return the normalised address, or raise a ValidationError with the code `invalid`.

    Every address enters through this function, so one that is stored can be written into the header of a mail.
    """
    email = normalize_email(value)
    AddressValidator()(email)
    return email


def is_valid(email: str) -> bool:
    """Return whether `email` is a valid address, in whatever case it is stored."""
    try:
        return validate_email(email) == email.lower()
    except ValidationError:
        return False


def mask(email: str) -> str:
    """Return `email` as its owner recognises it and others cannot use it: `a...@example.com`."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}...@{domain}"


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
