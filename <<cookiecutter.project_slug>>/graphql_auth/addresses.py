"""Email addresses: each has one spelling and at most one account."""

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
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.db.models.lookups import Exact

from graphql_auth.conf import auth_settings
from graphql_auth.features import ADDRESSES
from graphql_auth.statements import Lookup

# Longer than any valid email address or name (RFC 5321). The time for NFKC can be quadratic in the length.
LONGEST = 320
# What people type or paste around an address. Other control characters make it invalid.
BLANKS = " \t\r\n"
# A placeholder for the address in a lookup.
SOMEBODY = "somebody@example.com"
# An address, or one in angle brackets after words and quoted strings (RFC 5322, 3.4).
ADDRESS = r"[-!#$%&'*+/=?^_`{|}~0-9A-Za-z]+(\.[-!#$%&'*+/=?^_`{|}~0-9A-Za-z]+)*@\w[-\w]*(\.\w[-\w]*)*"
SENDER = re.compile(rf""" *({ADDRESS}|([^"(),:;<>@\[\\\]]|"([^"\\]|\\.)*")*<{ADDRESS}>) *""")


class AddressValidator(EmailValidator):
    """Accepts a normalised address of the form `Dot-string@Domain` (RFC 5321, 4.1.2) whose domain contains a dot.

    The RFC also allows quoted local parts, address literals and dotless domains. Nobody registers with them, but they
    can put arbitrary text or a host of the local network into a mail. `=?` starts an encoded word (RFC 2047), which a
    mail client would show as another address than the one that was checked.
    """

    user_regex = re.compile(r"(?!.*=\?)[-!#$%&'*+/=?^_`{}|~0-9a-z]+(\.[-!#$%&'*+/=?^_`{}|~0-9a-z]+)*\Z")
    domain_allowlist = ()

    def __call__(self, value: str | None) -> None:
        """Raise ValidationError `invalid` unless `value` is a valid address."""
        # Software with older IDNA rules, such as mail servers, may read a non-ASCII address as another one.
        if not value or len(value) > 254 or not value.isascii():
            raise ValidationError(self.message, code=self.code)
        super().__call__(value)

    def validate_domain_part(self, domain_part: str) -> bool:
        """Return whether this is a host name with a dot whose last label is not a number."""
        return bool(self.domain_regex.match(domain_part)) and not domain_part.rpartition(".")[2].isdecimal()


def normalize_email(value: str) -> str:
    """Return the spelling under which an address is stored and looked up.

    This is the stripped address in NFKC and lower case, with its domain in ASCII (RFC 5891). A domain without an ASCII
    form is unchanged, and an address that is too long is only lowered. The result may be invalid; see `validate_email`.
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

    Every address passes this function before it is stored, so a stored address is safe in a mail header.
    """
    email = normalize_email(value)
    AddressValidator()(email)
    return email


def is_valid(email: str) -> bool:
    """Return whether `email` is a valid, normalised address, ignoring case."""
    try:
        return validate_email(email) == email.lower()
    except ValidationError:
        return False


def is_sender(value: str) -> bool:
    """Return whether mails can come from `value`: an address, or a name and an address, `Name <name@example.com>`."""
    return isinstance(value, str) and value.isprintable() and SENDER.fullmatch(value) is not None


def mask(email: str) -> str:
    """Return a masked form of `email` that its owner recognises: `a...@example.com`."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}...@{domain}"


def owner_of(email: str, *, logs_in: bool = False) -> Any:
    """Return the user who has the normalised address `email`, with their status; None if nobody has it.

    With `logs_in`, only addresses count that can log in according to the settings.
    """
    paths = [path for path, switch in ADDRESSES.items() if not (logs_in and switch) or getattr(auth_settings, switch)]
    return _owner_lookup(*paths).first(email)


@cache
def _owner_lookup(*paths: str) -> Lookup:
    # The base manager also finds users that a custom default manager hides; their addresses are taken, too.
    users = get_user_model()._base_manager.order_by()
    # An index lookup for each column; a single condition with OR would scan the whole table.
    owners, *others = [_owners(users, path) for path in paths]
    if others:
        owners = owners.union(*others)
    return Lookup(users.filter(pk__in=owners).order_by("pk")[:1], SOMEBODY, "status")


def _owners(users: QuerySet, path: str) -> QuerySet:
    found = users.filter(Exact(Lower(path), SOMEBODY))
    return (found.filter(status__isnull=False) if path.startswith("status__") else found).values("pk")


def lock_address(email: str) -> None:
    """Lock the normalised address until the transaction ends, so that nobody else can claim it between check and write.

    SQLite needs no lock, because IMMEDIATE transactions do not run concurrently.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"graphql_auth:{email}"])
