"""What a person types, checked by Django's own forms."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import BaseUserCreationForm, SetPasswordForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
# % if cookiecutter.login_field == "username"
from django.utils.translation import gettext_lazy as _
# % endif

from graphql_auth.conf import auth_settings, field_types
from graphql_auth.errors import AccountError
from graphql_auth.fields import AddressFormField
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
    form = SetPasswordForm(user, {"new_password1": new_password1, "new_password2": new_password2})
    require_valid(form)
    return str(form.cleaned_data["new_password1"])


def require_valid(form: forms.BaseForm) -> None:
    """Raise AccountError with everything `form` found, if anything."""
    if not form.is_valid():
        raise AccountError.from_form(form)


class AccountForm(forms.ModelForm):
    """A form over the user model, whatever its fields."""
    # % if cookiecutter.login_field == "username"

    def clean_username(self) -> str:
        """Return the username. Raises ValidationError `invalid` for one that is reserved, unless the account has it."""
        username: str = self.cleaned_data["username"]
        if is_reserved(username) and normalize_username(username) != normalize_username(self.instance.username):
            raise ValidationError(_("This username is reserved."), code="invalid")
        return username
    # % endif

    def _get_validation_exclusions(self) -> set[str]:
        # An address is unique among two columns and under a lock, which is the flow's work.
        return super()._get_validation_exclusions() | {"email"}  # type: ignore[misc]


class UpdateForm(AccountForm):
    """Some fields of an account that exists."""

    def _update_errors(self, errors: ValidationError) -> None:
        # The model may also find fault with what is stored already; only what was given is refused.
        found = errors.update_error_dict({})
        given = {field: reasons for field, reasons in found.items() if field in {*self.fields, NON_FIELD_ERRORS}}
        super()._update_errors(ValidationError(given))  # type: ignore[misc]


class PasswordlessRegistrationForm(AccountForm):
    """A new account whose password is set later."""

    email = AddressFormField()


class RegistrationForm(BaseUserCreationForm, PasswordlessRegistrationForm):
    """A new account with its password."""


def registration_form(data: Mapping[str, Any], *, passwordless: bool) -> forms.ModelForm:
    """Return the form for a new account: the fields of the settings and, unless `passwordless`, two passwords.

    Whether the address is free is not its work: that takes a lock.
    """
    required = field_types(auth_settings.REGISTER_MUTATION_FIELDS)
    optional = field_types(auth_settings.REGISTER_MUTATION_FIELDS_OPTIONAL)
    # What is not given keeps the default of the model; a form would take it for empty.
    given = tuple(name for name in optional if data.get(name) is not None)
    return _registration_form(tuple(required), given, passwordless)(data)


@cache
def _registration_form(
    required: tuple[str, ...], optional: tuple[str, ...], passwordless: bool
) -> type[forms.ModelForm]:
    base = PasswordlessRegistrationForm if passwordless else RegistrationForm
    form = forms.modelform_factory(get_user_model(), form=base, fields=[*required, *optional])
    for name in (*required, *optional):
        # A box that must be ticked is what a form asks with a required one; False is an answer here.
        is_box = isinstance(form.base_fields[name], forms.BooleanField)
        form.base_fields[name].required = name not in optional and not is_box
    return form


def update_form(user: Any, changes: Mapping[str, Any]) -> forms.ModelForm:
    """Return the form that changes just the fields named in `changes`."""
    return forms.modelform_factory(get_user_model(), form=UpdateForm, fields=list(changes))(changes, instance=user)
