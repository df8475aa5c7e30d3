"""The entries in INSTALLED_APPS."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GraphQLAuthConfig(AppConfig):
    """Connect receivers, checks and relations to users when Django starts, and keep secrets out of the logs."""

    name = "graphql_auth"
    verbose_name = _("Accounts")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register checks and signal receivers, and redact log records from now on.

        Raises ImproperlyConfigured when a value of GRAPHQL_AUTH has the wrong type.
        """
        from graphql_auth import checks, conf, logs, receivers  # noqa: F401
        from graphql_auth.api.users import relations

        relations.register()
        conf.AuthSettings.require_types()
        logs.keep_secrets_out()
