"""The entries in INSTALLED_APPS: they make Django find the page, the checks and the translations."""

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
        """Register the checks. Raises ImproperlyConfigured when a value has the wrong type."""
        from endpoint import checks  # noqa: F401

        EndpointSettings.require_types()


class CollectedFilesConfig(StaticFilesConfig):
    """Django's static files. `collectstatic` skips the 4 MB of GraphiQL's unless GRAPHIQL is on."""

    @property
    def ignore_patterns(self) -> list[str]:
        """Return the names that `collectstatic` ignores."""
        return [*StaticFilesConfig.ignore_patterns, *([] if endpoint_settings.GRAPHIQL else ["graphiql"])]
