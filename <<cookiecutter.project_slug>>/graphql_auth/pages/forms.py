"""The forms of the pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import AccountError
from graphql_auth.fields import AddressFormField


class PageForm(forms.Form):
    """A form of these pages: it shows the errors of a flow and focuses the first invalid field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def add_error(self, field: Any, error: Any) -> None:
        """Add an error, and focus the field if it is the first invalid one."""
        super().add_error(field, error)
        if list(self.errors) == [field]:
            self.fields[field].widget.attrs["autofocus"] = True

    def add_refusal(self, refusal: AccountError) -> None:
        """Add the errors of a flow to their fields."""
        for field, reasons in refusal.reasons.items():
            for reason in reasons:
                self.add_error(field if field in self.fields else None, reason)


class PasswordForm(PageForm):
    """A new password, twice. The flow validates it."""

    new_password1, new_password2 = SetPasswordMixin.create_password_fields(_("New password"), _("New password again"))


class NewLinkForm(PageForm):
    """The email address to mail a new link to."""

    email = AddressFormField(label=_("Email address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
