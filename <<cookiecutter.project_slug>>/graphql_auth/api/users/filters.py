"""The filters of `users`."""

import json
from collections.abc import Mapping
from typing import Any

import graphene
from django.contrib.admin.utils import lookup_spawns_duplicates
from django.contrib.auth import get_user_model
from django.core.exceptions import EmptyResultSet, FieldError, ImproperlyConfigured, ValidationError
from django.core.validators import RegexValidator
from django.db.models import BooleanField, Field, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.forms import Field as FormField
from django_filters import BooleanFilter, Filter, FilterSet
from django_filters.exceptions import FieldLookupError
from django_filters.utils import get_model_field
from graphene_django.filter import TypedFilter

from graphql_auth.api import columns
from graphql_auth.conf import auth_settings
from graphql_auth.models import UserStatus
from graphql_auth.visible import shows_path


class StatusFlagFilter(BooleanFilter):
    """Filters by a flag of the status, which is False for a user without a row."""

    def filter(self, users: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        """Return the users whose flag is `value`."""
        if value is not False:
            return super().filter(users, value)
        # A subquery per user: PostgreSQL would join all rows before the page, however far down the list it is.
        status = UserStatus.objects.filter(user=OuterRef("pk"))
        flag = Subquery(status.values(self.field_name.removeprefix("status__")))
        return users.filter(Exact(Coalesce(flag, False), False))


class ValueFilter(TypedFilter):
    """Compares a column with a value, or a list of them, that has its type by GraphQL already."""

    field_class = FormField

    def __init__(self, *, column: Any, **options: Any) -> None:
        super().__init__(input_type=columns.lookup_type(column, options["lookup_expr"]), **options)
        self.column = column

    def filter(self, users: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Return the users whose column fits `value`. Raises ValidationError for one that no such column can have."""
        try:
            found = users.filter(**{f"{self.field_name}__{self.lookup_expr}": self.prepare(value)})
            found.query.sql_with_params()
        except EmptyResultSet:
            return users.none()
        except (ValueError, TypeError, ArithmeticError, ValidationError) as error:
            name = UserFilterSet.get_filter_name(self.field_name, self.lookup_expr)
            message = str(RegexValidator.message)
            raise ValidationError(json.dumps({name: [{"message": message}]})) from error
        return found.distinct() if self.distinct else found

    def prepare(self, value: Any) -> Any:
        """Return the value, or the values, as the database takes them."""
        if isinstance(value, bool):
            return value
        if not isinstance(value, list):
            return columns.prepare(self.column, value)
        if self.lookup_expr.endswith("range") and (len(value) != 2 or None in value):
            raise ValueError("A range has two ends.")
        return [columns.prepare(self.column, item) for item in value if item is not None]


class UserFilterSet(FilterSet):
    """The filters of `users`."""

    class Meta:
        model = get_user_model()
        # Hidden fields cannot be filtered: a filter would reveal their values piece by piece.
        fields = {
            path: lookups
            for path, lookups in auth_settings.USER_NODE_FILTER_FIELDS.items()
            if shows_path(path) or get_model_field(get_user_model(), path) is None
        }

    @classmethod
    def filter_for_lookup(cls, field: "Field[Any, Any]", lookup_type: str) -> tuple[Any, dict[str, Any]]:
        """Return the filter class for a field, and its options."""
        # For a lookup such as `date`, the field has no model.
        is_status_field = getattr(field, "model", None) is UserStatus
        if is_status_field and isinstance(field, BooleanField) and lookup_type == "exact":
            return StatusFlagFilter, {}
        return super().filter_for_lookup(field, lookup_type)

    @classmethod
    def filter_for_field(cls, field: "Field[Any, Any]", field_name: str, lookup_expr: str | None = None) -> Filter:
        """Return the filter for a field, which lists each user only once."""
        lookup = lookup_expr or "exact"
        is_text = columns.lookup_type(field, lookup) is graphene.String and isinstance(field, columns.TEXTS)
        if is_text or (isinstance(field, BooleanField) and lookup == "exact"):
            found = super().filter_for_field(field, field_name, lookup)
        else:
            found = ValueFilter(column=field, field_name=field_name, lookup_expr=lookup)
        found.distinct = lookup_spawns_duplicates(get_user_model()._meta, field_name)
        return found

    @classmethod
    def get_filters(cls) -> dict[str, Filter]:
        """Return all filters. Raises ImproperlyConfigured when the setting names an unknown field or lookup."""
        try:
            return {
                name: found
                for name, found in super().get_filters().items()
                if not isinstance(found, ValueFilter) or found.input_type is not None
            }
        except (TypeError, FieldError, FieldLookupError) as error:
            raise ImproperlyConfigured(
                f"GRAPHQL_AUTH['USER_NODE_FILTER_FIELDS'] cannot be used: {error} Name fields of the user, each with a "
                "list of Django's lookups, like {'email': ['exact']}."
            ) from error

    def __init__(self, data: Mapping[str, Any], **wiring: Any) -> None:
        super().__init__(data, **wiring)
        # Keep only the filters that are used: creating form fields for all takes as long as the response.
        self.filters: dict[str, Any] = {name: self.filters[name] for name in data}
