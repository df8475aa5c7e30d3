"""What a new password has to be, according to AUTH_PASSWORD_VALIDATORS."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth import password_validation
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def as_html() -> str:
    """Return the requirements as one sentence, and the help texts of other validators than Django's after it."""
    return " ".join(map(escape, sentences(password_validation.get_default_password_validators())))


def sentences(validators: list[Any]) -> Iterator[str]:
    """Yield what `validators` require."""
    phrases = {validator: phrase_of(validator) for validator in validators}
    if requirements := [phrase for phrase in phrases.values() if phrase]:
        yield _("It has to be %(requirements)s.") % {"requirements": ", ".join(requirements)}
    yield from filter(None, (validator.get_help_text() for validator, phrase in phrases.items() if not phrase))


def phrase_of(validator: Any) -> str:
    """Return the requirement of one of Django's validators, as part of a sentence; empty for others."""
    # Exactly these classes: a subclass may require something else.
    kind = type(validator)
    if kind is password_validation.MinimumLengthValidator:
        count = validator.min_length
        return ngettext("%(count)d character or longer", "%(count)d characters or longer", count) % {"count": count}
    return {
        password_validation.NumericPasswordValidator: _("more than a number"),
        password_validation.CommonPasswordValidator: _("hard to guess"),
        password_validation.UserAttributeSimilarityValidator: _("different from your name and address"),
    }.get(kind, "")
