"""The reasons for which account operations are rejected: their codes, messages and exception."""

from collections.abc import Mapping, Sequence
from enum import Enum
from math import ceil
from typing import Any, NotRequired, Self, TypedDict

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm
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
    message: Any  # translated when it is shown

    def __new__(cls, code: str, message: Promise) -> Self:
        # The value is a number, because comparing messages would translate them while Django is still starting.
        refusal = object.__new__(cls)
        refusal._value_ = len(cls.__members__)
        refusal.code = code
        refusal.message = message
        return refusal

    def reason(self, **params: str) -> ValidationError:
        """Return the reason for an AccountError or a form; `params` fill in the message."""
        return ValidationError(self.message, self.code, params or None)

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
    THROTTLED = "throttled", _("Too many attempts. Please try again later.")
    UNAUTHENTICATED = "unauthenticated", _("Unauthenticated.")


class AccountError(Exception):
    """An operation was refused.

    `reasons` maps the name of an argument (in snake_case), or `non_field_errors`, to the reasons. Each is a
    ValidationError with a code and a message that is translated when it is shown, so a form can take it as it is.
    `retry_after`: the seconds after which to try again, for `throttled`.
    """

    def __init__(self, reasons: Mapping[str, Sequence[ValidationError]], retry_after: int | None = None) -> None:
        super().__init__(reasons)
        self.reasons = reasons
        self.retry_after = retry_after

    @property
    def all_reasons(self) -> list[ValidationError]:
        """The reasons, regardless of their arguments."""
        return [reason for reasons in self.reasons.values() for reason in reasons]

    @property
    def code(self) -> str:
        """The code of the first reason."""
        return str(self.all_reasons[0].code)

    @property
    def errors(self) -> dict[str, list[ErrorDetail]]:
        """The reasons as the client receives them, in the active language."""
        return {field: [self._detail(reason) for reason in reasons] for field, reasons in self.reasons.items()}

    def __str__(self) -> str:
        """Return the messages of all reasons, in the active language."""
        return " ".join(message for reason in self.all_reasons for message in reason.messages)

    @classmethod
    def of(cls, refusal: Refusal, field: str = NON_FIELD, **params: str) -> "AccountError":
        """Return the error for one refusal, at `field`; `params` fill in its message."""
        return cls({field: [refusal.reason(**params)]})

    @classmethod
    def throttled(cls, seconds: float) -> "AccountError":
        """Return the error for too many attempts; the client may try again after `seconds`."""
        return cls({NON_FIELD: [Refusal.THROTTLED.reason()]}, retry_after=max(1, ceil(seconds)))

    @classmethod
    def from_form(cls, form: BaseForm) -> "AccountError":
        """Return the error with all errors of an invalid form."""
        return cls._from_reasons(form.errors.as_data())

    @classmethod
    def from_validation(cls, error: ValidationError) -> "AccountError":
        """Return the error for what a model or a signal receiver of the project rejects."""
        return cls._from_reasons(error.update_error_dict({}))

    @classmethod
    def _from_reasons(cls, reasons: Mapping[str, Any]) -> "AccountError":
        return cls({NON_FIELD if field == NON_FIELD_ERRORS else field: found for field, found in reasons.items()})

    def _detail(self, reason: ValidationError) -> ErrorDetail:
        detail: ErrorDetail = {"message": reason.messages[0], "code": reason.code or ""}
        if self.retry_after is not None:
            detail["retryAfter"] = self.retry_after
        return detail
