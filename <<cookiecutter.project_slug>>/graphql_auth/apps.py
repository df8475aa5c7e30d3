"""The entries in INSTALLED_APPS."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.utils.translation import gettext_lazy as _

from graphql_auth.conf import auth_settings


class GraphQLAuthConfig(AppConfig):
    """Connect the status row and the system checks when Django starts, and keep tokens out of the logs."""

    name = "graphql_auth"
    default = True
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import what registers itself, and redact what is logged from now on."""
        from graphql_auth import checks, logs, receivers  # noqa: F401

        logs.keep_tokens_out()


class CollectedFilesConfig(StaticFilesConfig):
    """Django's static files. `collectstatic` leaves GraphiQL's out where nobody gets the page: they are 4 MB."""

    @property
    def ignore_patterns(self) -> list[str]:
        """Return the names that `collectstatic` ignores."""
        return [*StaticFilesConfig.ignore_patterns, *([] if auth_settings.GRAPHIQL else ["graphiql"])]
