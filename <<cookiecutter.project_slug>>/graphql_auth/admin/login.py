"""Logging in to the admin and changing one's own password there, under the limits of the API."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import get_user_model
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from graphql_auth.errors import AccountError, Refusal
from graphql_auth.flows.credentials import check_password, confirm_password
from graphql_auth.flows.login import find_account, normalize_identifier
from graphql_auth.flows.opening import admit, require_complete
from graphql_auth.models import UserStatus

ARCHIVED = _(
    "This account is archived. Log in to the site itself, which takes it out of the archive, then log in here."
)


class LoginForm(AdminAuthenticationForm):
    """The login form of the admin. Its attempts count together with those of tokenAuth."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        """Check the name and the password."""
        name, password = (self.cleaned_data.get(field) for field in self.fields)
        if name and password:
            field = get_user_model().USERNAME_FIELD
            name = normalize_identifier(field, name)
            user = find_account(field, name)
            try:
                self.user_cache = check_password(
                    request=self.request, user=user, field=field, identifier=name, password=password
                )
            except AccountError as refused:
                raise ValidationError(refused.all_reasons) from None
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data

    def confirm_login_allowed(self, user: Any) -> None:
        """Raise ValidationError unless `user`, whose password was correct, is staff and can log in at once."""
        super().confirm_login_allowed(user)
        if UserStatus.of(user).archived:
            raise ValidationError(ARCHIVED, code="archived")
        try:
            require_complete(admit(user))
        except AccountError as refused:
            raise ValidationError(refused.all_reasons) from None


class PasswordChangeForm(AdminPasswordChangeForm):
    """The form for changing one's own password in the admin, with the same limits as passwordChange."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        """Check the old password."""
        password: str = self.cleaned_data["old_password"]
        try:
            confirm_password(request=self.request, user=self.user, password=password, field="old_password")
        except AccountError as refused:
            if refused.code == Refusal.INVALID_PASSWORD.code:
                raise ValidationError(self.error_messages["password_incorrect"], "password_incorrect") from None
            raise ValidationError(refused.all_reasons) from None
        return password


class PasswordChange(PasswordChangeView):
    """The view of PasswordChangeForm."""

    form_class = PasswordChangeForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Pass the request to the form."""
        return super().get_form_kwargs() | {"request": self.request}


def password_change(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    """The admin view for changing one's own password."""
    return PasswordChange.as_view(
        success_url=reverse("admin:password_change_done"),
        extra_context={**admin.site.each_context(request), **(extra_context or {})},
    )(request)


admin.site.login_form = LoginForm
# Replaces Django's view, which checks the old password without limits.
admin.site.password_change = password_change  # type: ignore[method-assign, assignment]
