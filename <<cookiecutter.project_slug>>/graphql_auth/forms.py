"""Forms that validate user input."""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.validators import RegexValidator
from django.db import IntegrityError
# % if cookiecutter.login_field == "username"
from django.utils.translation import gettext_lazy as _
# % endif

from graphql_auth.conf import auth_settings, field_types
from graphql_auth.constraints import violation
from graphql_auth.errors import AccountError
from graphql_auth.fields import AddressFormField
from graphql_auth.hashers import normalize_password
from graphql_auth.models import save_changes
# % if cookiecutter.login_field == "username"
from graphql_auth.usernames import is_reserved, normalize_username
# % endif


class AddressForm(forms.Form):
    """One email address."""

    email = AddressFormField()


def clean_email(value: str) -> str:
    """Return the normalised address, or raise AccountError at `email`."""
    form = AddressForm({"email": value})
    require_valid(form)
    return str(form.cleaned_data["email"])


def clean_new_password(user: Any, new_password1: str, new_password2: str) -> str:
    """Return the new password, or raise AccountError at `new_password2`."""
    typed = {"new_password1": new_password1, "new_password2": new_password2}
    form = SetPasswordForm(user, {name: normalize_password(password) for name, password in typed.items()})
    require_valid(form)
    return str(form.cleaned_data["new_password1"])


def require_valid(form: forms.BaseForm) -> None:
    """Raise AccountError with all errors of `form` if it is invalid."""
    if not form.is_valid():
        raise AccountError.from_form(form)


class AccountForm(forms.ModelForm):
    """The base of all forms for the user model."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            # Text is stored as it was sent. Only what identifies an account is normalised.
            if isinstance(field, forms.CharField) and name != get_user_model().USERNAME_FIELD:
                field.strip = False
    # % if cookiecutter.login_field == "username"

    def clean_username(self) -> str:
        """Return the username. Raises ValidationError `invalid` if it is reserved and not the current one."""
        username: str = self.cleaned_data["username"]
        if is_reserved(username) and normalize_username(username) != normalize_username(self.instance.username):
            raise ValidationError(_("This username is reserved."), code="invalid")
        return username
    # % endif

    def clean(self) -> dict[str, Any]:
        """Reject blanks where a text is required."""
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            if field.required and isinstance(value, str) and not value.strip():
                self.add_error(name, ValidationError(field.error_messages["required"], code="required"))
        return super().clean() or self.cleaned_data

    def save_account(self) -> None:
        """Save the account. Raises AccountError if `save()` of the model rejects or resets a value."""
        try:
            self._save_instance()
        except ValidationError as error:
            self._update_errors(error)  # type: ignore[attr-defined]
            if not self.errors:
                self.add_error(None, error.messages)
        self.require_kept()

    def require_kept(self) -> None:
        """Raise AccountError with all errors if the form is invalid or the model has reset a value."""
        require_valid(self)
        for name in self._meta.fields or ():
            if self._is_reset(name):
                self.add_error(name, ValidationError(RegexValidator.message, code="invalid"))
        require_valid(self)

    def _save_instance(self) -> None:
        self.instance.save()

    def _is_reset(self, name: str) -> bool:
        column = self.instance._meta.get_field(name)
        requested = self.cleaned_data[name]
        # A new account has no initial values.
        before = self.initial[name] if name in self.initial else column.get_default()
        if column.is_relation and requested is not None:
            requested = getattr(requested, column.target_field.attname)
        return column.value_from_object(self.instance) == before != requested

    def report(self, error: IntegrityError) -> None:
        """Raise AccountError at the field whose constraint the database found violated, if a client gave that field.

        `is_valid` does not know of a constraint with other fields too, or of a value that another account took since.
        """
        found = violation(error, self.instance)
        given = [name for name in found.fields if name in self.fields] if found else []
        if found and given:
            self.add_error(given[0] if len(given) == 1 else None, found.error)
            require_valid(self)

    def _get_validation_exclusions(self) -> set[str]:
        # The flow checks whether an address is free: in two columns, and under a lock.
        return super()._get_validation_exclusions() | {"email"}  # type: ignore[misc]


class UpdateForm(AccountForm):
    """Changes some fields of an existing account."""

    def clean(self) -> dict[str, Any]:
        """Reject null for a NOT NULL column. The form would store an empty value instead."""
        for name in self.fields:
            column = self.instance._meta.get_field(name)
            if self.data[name] is None and not column.null and name not in self.errors:
                self.add_error(name, ValidationError(column.error_messages["null"], code="null"))
        return super().clean()

    def _save_instance(self) -> None:
        save_changes(self.instance, *self.fields)

    def _update_errors(self, errors: ValidationError) -> None:
        # The model may also reject stored values; report only the errors of the submitted fields.
        found = errors.update_error_dict({})
        given = {field: reasons for field, reasons in found.items() if field in {*self.fields, NON_FIELD_ERRORS}}
        super()._update_errors(ValidationError(given))  # type: ignore[misc]


class PasswordlessRegistrationForm(AccountForm):
    """Creates an account whose password is set later."""

    email = AddressFormField()

    def _update_errors(self, errors: ValidationError) -> None:
        # The model may also reject a value that the form has no field for.
        found: dict[str, list[Any]] = {}
        for field, reasons in errors.update_error_dict({}).items():
            found.setdefault(field if field in self.fields else NON_FIELD_ERRORS, []).extend(reasons)
        super()._update_errors(ValidationError(found))  # type: ignore[misc]


class RegistrationForm(BaseUserCreationForm, PasswordlessRegistrationForm):
    """Creates an account with a password."""


def registration_form(data: Mapping[str, Any], *, passwordless: bool) -> AccountForm:
    """Return the form for a new account: the fields in the settings and, unless `passwordless`, two passwords.

    An optional field that is missing, or null where the column cannot be, gets the default of the model. The form does
    not check whether the address is free, which requires a lock.
    """
    required = field_types(auth_settings.REGISTER_MUTATION_FIELDS)
    optional = field_types(auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL)
    # A form would treat missing fields as empty.
    given = tuple(name for name in optional if data.get(name) is not None or (name in data and _takes_null(name)))
    return _registration_form(tuple(required), given, passwordless)(data)


def _takes_null(name: str) -> bool:
    return bool(get_user_model()._meta.get_field(name).null)


@cache
def _registration_form(required: tuple[str, ...], optional: tuple[str, ...], passwordless: bool) -> type[AccountForm]:
    base = PasswordlessRegistrationForm if passwordless else RegistrationForm
    form = cast(type[AccountForm], forms.modelform_factory(get_user_model(), form=base, fields=[*required, *optional]))
    for name in (*required, *optional):
        # A required BooleanField rejects False, which is a valid value here.
        is_box = isinstance(form.base_fields[name], forms.BooleanField)
        form.base_fields[name].required = name not in optional and not is_box
    return cast(type[AccountForm], form)


def update_form(user: Any, changes: Mapping[str, Any]) -> UpdateForm:
    """Return the form that changes just the fields named in `changes`."""
    form = forms.modelform_factory(get_user_model(), form=UpdateForm, fields=list(changes))(changes, instance=user)
    return cast(UpdateForm, form)
