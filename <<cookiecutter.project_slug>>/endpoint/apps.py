"""The endpoint as an app of Django's, so that its page, its checks and its messages are found."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EndpointConfig(AppConfig):
    """Register the system checks when Django starts."""

    name = "endpoint"
    verbose_name = _("GraphQL endpoint")

    def ready(self) -> None:
        """Import what registers itself."""
        from endpoint import checks  # noqa: F401
