"""The reasons for which account operations are rejected: their codes, messages and exception."""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import ceil
from typing import Any, NotRequired, Self, TypedDict

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
from django.forms.utils import ErrorList
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NON_FIELD = "non_field_errors"
EMAIL_TAKEN = _("A user with that email already exists.")


class ErrorDetail(TypedDict):
    """One reason, as the client receives it."""

    message: str
    code: str
    retryAfter: NotRequired[int]  # seconds


class Refusal(Enum):
    """The reasons that do not come from forms, each with a code and a message."""

    code: str
    message: Promise

    def __new__(cls, code: str, message: Promise) -> Self:
        # The value is a number, because comparing messages would translate them while Django is still starting.
        refusal = object.__new__(cls)
        refusal._value_ = len(cls.__members__)
        refusal.code = code
        refusal.message = message
        return refusal

    ALREADY_ARCHIVED = "already_archived", _("Account already archived.")
    ALREADY_VERIFIED = "already_verified", _("Account already verified.")
    EMAIL_FAIL = "email_fail", _("Failed to send email.")
    EMAIL_TAKEN = "unique", EMAIL_TAKEN
    EXPIRED_TOKEN = "expired_token", _("Expired token.")
    INACTIVE = "inactive", _("Account is not active.")
    INVALID_ARGUMENTS = "invalid_arguments", _("Give exactly one of: %(fields)s.")
    INVALID_CREDENTIALS = "invalid_credentials", _("Please, enter valid credentials.")
    INVALID_PASSWORD = "invalid_password", _("Invalid password.")
    INVALID_TOKEN = "invalid_token", _("Invalid token.")
    NOT_LOGGED_IN = "not_logged_in", _("No session to end.")
    NOT_VERIFIED = "not_verified", _("Please verify your account.")
    NOT_VERIFIED_MAIL_SENT = "not_verified", _("Verify your account. A new verification email was sent.")
    PASSWORD_ALREADY_SET = "password_already_set", _("Password already set for account.")
    PROTECTED = "protected", _("The account cannot be deleted, because other data depends on it.")
    SECONDARY_EMAIL_REQUIRED = "secondary_email_required", _("You need to set up a secondary email first.")
    THROTTLED = "throttled", _("Too many attempts. Please try again later.")
    UNAUTHENTICATED = "unauthenticated", _("Unauthenticated.")


class AccountError(Exception):
    """An operation was refused.

    `errors` maps the name of an argument (in snake_case), or `non_field_errors`, to the reasons.
    """

    def __init__(self, errors: Mapping[str, Sequence[ErrorDetail]]) -> None:
        super().__init__(errors)
        self.errors = errors

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return next(detail["code"] for details in self.errors.values() for detail in details)

    @property
    def retry_after(self) -> int | None:
        """The seconds after which to try again, for `throttled`."""
        waits = [detail.get("retryAfter", 0) for details in self.errors.values() for detail in details]
        return max(waits, default=0) or None

    def __str__(self) -> str:
        """Return the messages of all reasons."""
        return " ".join(detail["message"] for details in self.errors.values() for detail in details)

    @classmethod
    def of(cls, refusal: Refusal, field: str = NON_FIELD, **params: str) -> "AccountError":
        """Return the error for one refusal, at `field`; `params` fill in its message."""
        message = str(refusal.message)
        return cls({field: [{"message": message % params if params else message, "code": refusal.code}]})

    @classmethod
    def throttled(cls, seconds: float) -> "AccountError":
        """Return the error for too many attempts; the client may try again after `seconds`."""
        error = cls.of(Refusal.THROTTLED)
        error.errors[NON_FIELD][0]["retryAfter"] = max(1, ceil(seconds))
        return error

    @classmethod
    def from_form(cls, form: BaseForm) -> "AccountError":
        """Return the error with all errors of an invalid form."""
        return cls._from_details(form.errors.get_json_data())

    @classmethod
    def from_validation(cls, error: ValidationError) -> "AccountError":
        """Return the error for what a model or a signal receiver of the project rejects."""
        errors = error.update_error_dict({})
        return cls._from_details({field: ErrorList(reasons).get_json_data() for field, reasons in errors.items()})

    @classmethod
    def _from_details(cls, errors: Mapping[str, Any]) -> "AccountError":
        return cls({NON_FIELD if field == NON_FIELD_ERRORS else field: details for field, details in errors.items()})
