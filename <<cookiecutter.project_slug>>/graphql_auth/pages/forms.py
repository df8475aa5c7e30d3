"""The forms of the pages."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import AccountError
from graphql_auth.fields import AddressFormField
from graphql_auth.pages import requirements, texts


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
                code = reason.code or ""
                error = ValidationError(texts.FORM_ERRORS[code], code) if code in texts.FORM_ERRORS else reason
                self.add_error(self.place_of(field, code), error)

    def place_of(self, field: str, code: str) -> str | None:
        """Return the field next to which an error of a flow is shown; None for above the form."""
        return field if field in self.fields else None


class PasswordForm(PageForm):
    """A new password, twice. The flow validates it."""

    new_password1, new_password2 = SetPasswordMixin.create_password_fields(_("New password"), _("New password again"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = requirements.as_html()
        self.fields["new_password2"].help_text = ""

    def place_of(self, field: str, code: str) -> str | None:
        """Return the first field for a password that is refused: there, its requirements are listed."""
        is_about_both = field != "new_password2" or code == "password_mismatch"
        return super().place_of(field if is_about_both else "new_password1", code)


class NewLinkForm(PageForm):
    """The email address to mail a new link to."""

    email = AddressFormField(label=_("Email address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
