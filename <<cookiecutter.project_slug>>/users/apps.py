"""The app's entry in INSTALLED_APPS."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """The custom user model."""

    name = "users"
    verbose_name = _("Users")
