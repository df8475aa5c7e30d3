"""The queries for users: one user, a page of users, and the logged-in user."""

import json
import re
from typing import Any

import graphene
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from graphene_django.filter import DjangoFilterConnectionField
from graphene_django.settings import graphene_settings
from graphql import get_named_type
from graphql_relay import from_global_id

from endpoint.pagination import Page, key_of, paginate
from endpoint.selection import selected
from graphql_auth.api.users.node import UserNode, bad_request
from graphql_auth.api.users.readers import all_users, require_reader
from graphql_auth.api.users.rows import rows

# SQLite cannot search for texts of more than 50,000 bytes.
MAX_TEXT_LENGTH = 1000  # characters
TRIGRAM = re.compile(r"[^\W_]{3}")


class UserConnectionField(DjangoFilterConnectionField):
    """A page of users, which reports invalid arguments as errors of the client."""

    @property
    def filterset_class(self) -> Any:
        """The filters as they are: graphene-django would replace those that take lists."""
        return self.node_type._meta.filterset_class

    @classmethod
    def connection_resolver(cls, *wiring: Any, **arguments: Any) -> Any:
        """Check the page's arguments, then resolve it."""
        most = graphene_settings.RELAY_CONNECTION_MAX_LIMIT
        for name in ("first", "last"):
            if not 0 <= (arguments.get(name) or 0) <= most:
                raise bad_request(name, _("ask for 0 to %(most)d users.") % {"most": most})
        if (arguments.get("offset") or 0) < 0:
            raise bad_request("offset", _("skip 0 users or more."))
        if arguments.get("offset") is not None and arguments.get("before") is not None:
            raise bad_request("offset", _("it cannot go with %(argument)s.") % {"argument": "before"})
        for name, value in arguments.items():
            if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
                raise bad_request(name, _("give at most %(most)d characters.") % {"most": MAX_TEXT_LENGTH})
        return super().connection_resolver(*wiring, **arguments)

    @classmethod
    def resolve_queryset(
        cls, connection: Any, users: QuerySet[Any], info: Any, arguments: dict[str, Any], **filters: Any
    ) -> QuerySet[Any]:
        """Return `users`, filtered by the arguments."""
        given = [name for name in filters["filtering_args"] if arguments.get(name) not in (None, "")]
        for name in given:
            if name.endswith("contains") and connections[users.db].vendor == "postgresql":
                _require_trigram(name, arguments[name])
        if not given:
            return connection._meta.node.get_queryset(users, info)
        try:
            return super().resolve_queryset(connection, users, info, arguments, **filters)
        except ValidationError as error:
            [(name, reasons), *_others] = json.loads(str(error.message)).items()
            raise bad_request(name, reasons[0]["message"]) from None

    @classmethod
    def resolve_connection(
        cls, connection: Any, arguments: dict[str, Any], users: QuerySet[Any], max_limit: int | None = None
    ) -> Page:
        """Return the requested page of `users`; by default the first one, with the maximum length."""
        keys = {}
        for name in ("after", "before"):
            if arguments.get(name):
                try:
                    keys[name] = key_of(users.model, arguments[name])
                except ValueError:
                    raise bad_request(name, _("this is not a cursor of this list.")) from None
        if len(keys) == 2 and keys["before"] <= keys["after"]:
            raise bad_request("before", _("it must come later than %(argument)s.") % {"argument": "after"})
        first, last = arguments.get("first"), arguments.get("last")
        if first is None and last is None:
            first = max_limit
        return paginate(users, first=first, last=last, offset=arguments.get("offset") or 0, **keys)


class UserQuery(graphene.ObjectType):
    """The queries for users, restricted by USERS_QUERY."""

    user = graphene.Field(UserNode, id=graphene.ID(required=True), description="One user.")
    users = UserConnectionField(UserNode, description="All users, in the order of their creation.")
    # % if cookiecutter.api == "relay"
    node = graphene.Field(
        graphene.relay.Node, id=graphene.ID(required=True), description="The object of this global id, such as a user."
    )
    # % endif

    @staticmethod
    def resolve_user(root: Any, info: graphene.ResolveInfo, id: str) -> Any:
        """Return the user with this global id, or None."""
        type_name, key = _parse(id)
        if type_name != UserNode._meta.name:
            raise bad_request("id", _("this is not the id of a user."))
        return UserNode.get_node(info, key)
    # % if cookiecutter.api == "relay"

    @staticmethod
    def resolve_node(root: Any, info: graphene.ResolveInfo, id: str) -> Any:
        """Return the object with this global id, or None. Its type decides who may see it."""
        type_name, key = _parse(id)
        node: Any = getattr(info.schema.get_type(type_name), "graphene_type", None)
        if graphene.relay.Node not in getattr(getattr(node, "_meta", None), "interfaces", ()):
            raise bad_request("id", _("this is not a global id."))
        try:
            return node.get_node(info, key)
        except (ValueError, OverflowError, ValidationError) as error:
            raise bad_request("id", _("this is not a global id.")) from error
    # % endif

    @staticmethod
    def resolve_users(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> QuerySet[Any]:
        """Return the unfiltered users."""
        fields = selected(info, "edges", "node")
        require_reader(info.context.user, fields, arguments)
        connection: Any = get_named_type(info.return_type)
        users = rows(connection.graphene_type._meta.node, fields)
        return all_users() if users is None else users


class MeQuery(graphene.ObjectType):
    """The logged in user."""

    me = graphene.Field(UserNode, description="The logged in user; null without a valid access token.")

    @staticmethod
    def resolve_me(root: Any, info: graphene.ResolveInfo) -> Any:
        """Return the user of the request."""
        return info.context.user if info.context.user.is_authenticated else None


def _require_trigram(name: str, part: str) -> None:
    # PostgreSQL's trigram index cannot find shorter texts, for which it would read all users.
    if not TRIGRAM.search(part):
        raise bad_request(name, _("give at least three letters or digits in a row."))


def _parse(global_id: str) -> tuple[str, str]:
    """Return the name of the type and the key in a global id."""
    try:
        type_name, key = from_global_id(global_id)
    except Exception as error:
        raise bad_request("id", _("this is not a global id.")) from error
    return type_name, key
