"""By what `users` can be filtered."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db.models import BooleanField, Field, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django_filters import BooleanFilter, Filter, FilterSet
from django_filters.exceptions import FieldLookupError
from django_filters.utils import get_model_field

from graphql_auth.conf import auth_settings
from graphql_auth.models import UserStatus
from graphql_auth.visible import shows_path


class StatusFlagFilter(BooleanFilter):
    """A flag of the status, which a user without a row does not have."""

    def filter(self, users: QuerySet, value: bool | None) -> QuerySet:
        """Return the users whose flag is `value`."""
        if value is not False:
            return super().filter(users, value)
        # Looked up for each user in turn: PostgreSQL would join from the first one on, however far down the page is.
        status = UserStatus.objects.filter(user=OuterRef("pk"))
        flag = Subquery(status.values(self.field_name.removeprefix("status__")))
        return users.filter(Exact(Coalesce(flag, False), False))


class UserFilterSet(FilterSet):
    """The filters of `users`."""

    class Meta:
        model = get_user_model()
        # What is not shown cannot be filtered either: a filter would tell it piece by piece.
        fields = {
            path: lookups
            for path, lookups in auth_settings.USER_NODE_FILTER_FIELDS.items()
            if shows_path(path) or get_model_field(get_user_model(), path) is None
        }

    @classmethod
    def filter_for_lookup(cls, field: Field, lookup_type: str) -> tuple[Any, dict[str, Any]]:
        """Return the class of the filter for a field, and its options."""
        # For a lookup such as `date` the field is one of no model.
        of_status = getattr(field, "model", None) is UserStatus
        if of_status and isinstance(field, BooleanField) and lookup_type == "exact":
            return StatusFlagFilter, {}
        return super().filter_for_lookup(field, lookup_type)

    @classmethod
    def filter_for_field(cls, field: Field, field_name: str, lookup_expr: str | None = None) -> Filter:
        """Return the filter for a field; one that meets a user more than once lists it once."""
        found = super().filter_for_field(field, field_name, lookup_expr)
        found.distinct = lookup_spawns_duplicates(get_user_model()._meta, field_name)
        return found

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        """Return all filters. Raises ImproperlyConfigured where the setting names what is not there."""
        try:
            return super().get_filters()
        except (TypeError, FieldError, FieldLookupError) as error:
            raise ImproperlyConfigured(
                f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] cannot be used: {error} Name fields of the user, each with a "
                "list of Django's lookups, like {'email': ['exact']}."
            ) from error

    def __init__(self, data: Mapping[str, Any], **wiring: Any) -> None:
        super().__init__(data, **wiring)
        # Each becomes the field of a form, and that costs as much as the answer.
        self.filters: dict[str, Any] = {name: self.filters[name] for name in data}
