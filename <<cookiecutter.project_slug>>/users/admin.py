"""Users in Django's admin."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
# % if cookiecutter.login_field == "email"
from django.utils.translation import gettext_lazy as _
# % endif

from graphql_auth import sessions
from users.forms import NewUserForm, UserForm
from users.models import CustomUser


@admin.register(CustomUser)
class CustomUserAdmin(UserAdmin):
    """Users; taking somebody's access away ends their sessions."""

    form = UserForm
    add_form = NewUserForm
    # % if cookiecutter.login_field == "username"
    list_display = ("username", "email", "is_active", "is_staff")
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")},
        ),
    )
    # % else
    list_display = ("email", "is_active", "is_staff")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)
    # % endif

    def save_model(self, request: HttpRequest, obj: CustomUser, form: Any, change: bool) -> None:
        """Save the user; a new password or address and deactivation end the sessions that were opened before."""
        super().save_model(request, obj, form, change)
        if change and ({"password", "email", "is_active"} & {*form.changed_data} or not obj.is_active):
            sessions.end_all(obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:
        """Change a password, which ends the sessions."""
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            sessions.end_all(CustomUser(pk=id))
        return response
