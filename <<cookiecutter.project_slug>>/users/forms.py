"""The forms of Django's admin, which enforce the rules for accounts."""

from typing import Any

from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError

from graphql_auth.addresses import lock_address, normalize_email, owner_of
from graphql_auth.errors import EMAIL_TAKEN
from users.models import CustomUser


class OneAccountPerAddress:
    """Rejects an email address that belongs to another account."""

    cleaned_data: dict[str, Any]
    instance: CustomUser

    def clean_email(self) -> str:
        """Return the address. Raises ValidationError `unique` if it is taken."""
        email: str = self.cleaned_data["email"]
        lock_address(email)
        if email != normalize_email(self.instance.email) and owner_of(email) is not None:
            raise ValidationError(EMAIL_TAKEN, code="unique")
        return email


class NewUserForm(OneAccountPerAddress, AdminUserCreationForm):
    """Creates a user."""

    class Meta:
        model = CustomUser
        # % if cookiecutter.login_field == "username"
        fields = ("username", "email")
        # % else
        fields = ("email",)
        # % endif


class UserForm(OneAccountPerAddress, UserChangeForm):
    """Changes a user."""

    class Meta:
        model = CustomUser
        fields = "__all__"
