"""Users in Django's admin."""

from django.contrib import admin
# % if cookiecutter.login_field == "email"
from django.utils.translation import gettext_lazy as _
# % endif

from graphql_auth.admin import AccountAdmin
from graphql_auth.features import ADDRESSES
from users.forms import NewUserForm, UserForm
from users.models import CustomUser


@admin.register(CustomUser)
class CustomUserAdmin(AccountAdmin):
    """The project's users."""

    form = UserForm
    add_form = NewUserForm
    # % if cookiecutter.login_field == "username"
    list_display = ("username", "email", "verified", "joined", "seen", "archived", "is_active", "is_staff")
    search_fields = ("username", *ADDRESSES, "first_name", "last_name")
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")},
        ),
    )
    # % else
    list_display = ("email", "verified", "joined", "seen", "archived", "is_active", "is_staff")
    search_fields = (*ADDRESSES, "first_name", "last_name")
    ordering = ("email",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)
    # % endif
