"""What can be asked about users."""

from typing import Any

import graphene
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from graphene_django import DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphene_django.settings import graphene_settings
from graphql import GraphQLError
from graphql_relay import cursor_to_offset, from_global_id

from graphql_auth.conf import auth_settings
from graphql_auth.models import UserStatus

# Characters. SQLite refuses to search for a text of more than 50,000 bytes.
LONGEST_FILTER = 1000


class UserNode(DjangoObjectType):
    """A user and where its account stands."""

    class Meta:
        model = get_user_model()
        interfaces = (graphene.relay.Node,)
        filter_fields = auth_settings.USER_NODE_FILTER_FIELDS
        # The columns of the user itself: what other models relate to it is not shown by accident.
        fields = [
            field.name
            for field in get_user_model()._meta.fields
            if field.name not in auth_settings.USER_NODE_EXCLUDE_FIELDS
        ]

    pk = graphene.Int(description="The key in the database.")
    archived = graphene.Boolean(description="Whether the account is archived.")
    verified = graphene.Boolean(description="Whether the address is verified.")
    secondary_email = graphene.String(description="The verified secondary address.")

    def resolve_archived(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return UserStatus.of(self).archived

    def resolve_verified(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return UserStatus.of(self).verified

    def resolve_secondary_email(self, info: graphene.ResolveInfo) -> str | None:
        """Read the status."""
        return UserStatus.of(self).secondary_email


class UserConnectionField(DjangoFilterConnectionField):
    """A page of users: a page that cannot be had is the client's error, and says so."""

    @classmethod
    def connection_resolver(cls, *wiring: Any, **arguments: Any) -> Any:
        """Check the page's arguments, then resolve it."""
        most = graphene_settings.RELAY_CONNECTION_MAX_LIMIT
        for name in ("first", "last"):
            if not 0 <= (arguments.get(name) or 0) <= most:
                raise bad_request(f"{name}: ask for 0 to {most} users.")
        if (arguments.get("offset") or 0) < 0:
            raise bad_request("offset: skip 0 users or more.")
        if arguments.get("offset") is not None and arguments.get("before") is not None:
            raise bad_request("offset: it cannot go with before.")
        places = []
        for name in ("after", "before"):
            if arguments.get(name):
                place = cursor_to_offset(arguments[name])
                if place is None or place < 0:
                    raise bad_request(f"{name}: this is not a cursor of this list.")
                places.append(place)
        if len(places) == 2 and places[1] <= places[0]:
            raise bad_request("before: it must come later than after.")
        if any(isinstance(value, str) and len(value) > LONGEST_FILTER for value in arguments.values()):
            raise bad_request(f"A filter can be at most {LONGEST_FILTER} characters long.")
        return super().connection_resolver(*wiring, **arguments)


class UserQuery(graphene.ObjectType):
    """All users, for those who USERS_QUERY lets see them."""

    user = graphene.Field(UserNode, id=graphene.ID(required=True), description="One user.")
    users = UserConnectionField(UserNode, description="All users, in the order they were created.")

    @staticmethod
    def resolve_user(root: Any, info: graphene.ResolveInfo, id: str) -> Any:
        """Return the user with this global id, or None. Anybody may ask for themselves."""
        pk = _pk_of(id)
        if str(info.context.user.pk) != pk:
            _require_reader(info.context.user)
        return _users().filter(pk=pk).first()

    @staticmethod
    def resolve_users(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> QuerySet:
        """Return the users before filters."""
        _require_reader(info.context.user)
        return _users().order_by("pk")


class MeQuery(graphene.ObjectType):
    """The logged in user."""

    me = graphene.Field(UserNode, description="Who is asking; null without a good access token.")

    @staticmethod
    def resolve_me(root: Any, info: graphene.ResolveInfo) -> Any:
        """Return the user of the request."""
        return info.context.user if info.context.user.is_authenticated else None


def bad_request(message: str) -> GraphQLError:
    """Return the error for something a client can mend."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _users() -> QuerySet:
    return get_user_model()._default_manager.select_related("status")


def _require_reader(user: Any) -> None:
    readers = auth_settings.USERS_QUERY
    if readers == "public" or user.is_staff or (readers == "authenticated" and user.is_authenticated):
        return
    if not user.is_authenticated:
        raise GraphQLError("Log in to see users.", extensions={"code": "UNAUTHENTICATED"})
    raise GraphQLError("You may not see users.", extensions={"code": "FORBIDDEN"})


def _pk_of(global_id: str) -> str:
    try:
        type_name, pk = from_global_id(global_id)
        get_user_model()._meta.pk.to_python(pk)
    except Exception as error:
        raise bad_request("id: this is not the id of a user.") from error
    if type_name != UserNode._meta.name:
        raise bad_request("id: this is not the id of a user.")
    return pk
