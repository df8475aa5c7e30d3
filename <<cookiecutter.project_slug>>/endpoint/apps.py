"""The endpoint as an app of Django's, so that its page, its checks and its messages are found."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _

from endpoint.conf import EndpointSettings, endpoint_settings


class EndpointConfig(AppConfig):
    """Register the system checks when Django starts."""

    name = "endpoint"
    default = True
    verbose_name = _("GraphQL endpoint")

    def ready(self) -> None:
        """Import what registers itself. Raises ImproperlyConfigured when a value has the wrong type."""
        from endpoint import checks  # noqa: F401

        EndpointSettings.require_types()


class CollectedFilesConfig(StaticFilesConfig):
    """Django's static files. `collectstatic` leaves GraphiQL's out where nobody gets the page: they are 4 MB."""

    @property
    def ignore_patterns(self) -> list[str]:
        """Return the names that `collectstatic` ignores."""
        return [*StaticFilesConfig.ignore_patterns, *([] if endpoint_settings.GRAPHIQL else ["graphiql"])]
