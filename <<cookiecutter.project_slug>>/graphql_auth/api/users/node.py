"""The type of users in the API."""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import BigAutoField, BigIntegerField, IntegerField
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext as _
from graphene.utils.str_converters import to_camel_case
from graphql import GraphQLError

from endpoint.selection import selected
from graphql_auth.api import columns
from graphql_auth.api.users.filters import UserFilterSet
from graphql_auth.api.users.readers import UserType, all_users, require_reader
from graphql_auth.features import STATUS_FIELDS
from graphql_auth.models import UserStatus
from graphql_auth.visible import shows


def key_type() -> type[graphene.Scalar]:
    """Return the scalar for the primary keys of users. An Int in GraphQL has only 32 bits."""
    key = get_user_model()._meta.pk
    if isinstance(key, BigIntegerField | BigAutoField):
        return graphene.BigInt
    return graphene.Int if isinstance(key, IntegerField) else graphene.String


class UserConnection(graphene.relay.Connection):
    """A page of users."""

    class Meta:
        abstract = True

    @classmethod
    def __init_subclass_with_meta__(cls, **options: Any) -> None:
        super().__init_subclass_with_meta__(**{"description": UserConnection.__doc__} | options)

    def resolve_edges(self, info: graphene.ResolveInfo) -> list[Any]:
        """Return the edges without those of hidden users, as a list of your own may have them."""
        kind: Any = info.parent_type
        hides = kind.graphene_type._meta.node.hides
        return [edge for edge in self.edges if not hides(edge.node, info)]  # type: ignore[attr-defined]


class UserNode(UserType):
    """A user and the status of the account."""

    class Meta:
        model = get_user_model()
        interfaces = (graphene.relay.Node,)
        connection_class = UserConnection
        filterset_class = UserFilterSet
        # Only the user's own columns, so that relations of other models are not exposed by accident.
        fields = [
            field.name for field in get_user_model()._meta.fields if shows(field.name) and columns.is_shown(field)
        ]
        # A choice is shown as updateAccount takes it.
        convert_choices_to_enum = False

    if shows(get_user_model()._meta.pk.name):
        pk = key_type()(description="The primary key in the database.")
    if shows("archived"):
        archived = graphene.Boolean(description="Whether the account is archived.")
    if shows("verified"):
        verified = graphene.Boolean(description="Whether the primary email address is verified.")
    if shows("secondary_email"):
        secondary_email = graphene.String(description="The verified secondary email address.")

    @classmethod
    def get_node(cls, info: graphene.ResolveInfo, id: Any) -> Any:
        """Return the user with this primary key, or None. USERS_QUERY decides who may see other users."""
        try:
            pk = get_user_model()._meta.pk.to_python(id)
        except ValidationError as error:
            raise bad_request("id", _("this is not the id of a user.")) from error
        if info.context.user.pk != pk:
            require_reader(info.context.user, selected(info))
        return cls.get_queryset(all_users(), info).filter(pk=pk).first()

    def resolve_archived(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return bool(_status_value(self, "archived"))

    def resolve_verified(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return bool(_status_value(self, "verified"))

    def resolve_secondary_email(self, info: graphene.ResolveInfo) -> str | None:
        """Read the status."""
        address: str | None = _status_value(self, "secondary_email")
        return address


# The fields that need only a column. If no others are selected, users are read as rows of these columns, because
# creating model instances takes as long as the rest of the response. Fields whose resolvers need more are not listed.
COLUMNS = {
    "__typename": "pk",
    "id": "pk",
    "pk": "pk",
    **{to_camel_case(name): f"status__{name}" for name in STATUS_FIELDS},
} | {
    to_camel_case(field.name): field.name
    for field in get_user_model()._meta.fields
    if field.name in UserNode._meta.fields
    and not hasattr(UserNode, f"resolve_{field.name}")
    and getattr(UserNode._meta.fields[field.name], "resolver", None) is None
    # Rows have no attributes with such names.
    and not field.name.startswith("_")
    # Files and related objects need more than a column.
    and type(getattr(get_user_model(), field.name)) is DeferredAttribute
}
if UserNode.has_own_queryset():
    # An overridden get_queryset expects model instances, and may need other columns.
    COLUMNS.clear()


def bad_request(argument: str, message: str) -> GraphQLError:
    """Return the error for an invalid argument."""
    return GraphQLError(f"{to_camel_case(argument)}: {message}", extensions={"code": "BAD_REQUEST"})


def _status_value(user: Any, name: str) -> Any:
    """Return a field of the status of `user`, which may be a row."""
    return getattr(user, f"status__{name}") if isinstance(user, tuple) else getattr(UserStatus.of(user), name)
