"""What can be asked about users."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

import graphene
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import IntegerField, Manager, QuerySet
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext as _
from graphene.utils.str_converters import to_camel_case
from graphene_django import DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphene_django.settings import graphene_settings
from graphql import GraphQLError
from graphql_relay import from_global_id

from graphql_auth.conf import auth_settings
from graphql_auth.filters import UserFilterSet
from graphql_auth.models import UserStatus
from graphql_auth.pagination import Page, key_of, paginate
from graphql_auth.permissions import may_view
from graphql_auth.selection import selected
from graphql_auth.visible import STATUS_FIELDS, shows

# Characters. SQLite refuses to search for a text of more than 50,000 bytes.
LONGEST_TEXT = 1000
TRIGRAM = re.compile(r"[^\W_]{3}")
OF_STATUS = {to_camel_case(name) for name in STATUS_FIELDS}


class UserNode(DjangoObjectType):
    """A user and where its account stands."""

    class Meta:
        model = get_user_model()
        interfaces = (graphene.relay.Node,)
        filterset_class = UserFilterSet
        # The columns of the user itself: what other models relate to it is not shown by accident.
        fields = [field.name for field in get_user_model()._meta.fields if shows(field.name)]

    if shows(get_user_model()._meta.pk.name):
        pk = (graphene.Int if isinstance(get_user_model()._meta.pk, IntegerField) else graphene.String)(
            description="The key in the database."
        )
    if shows("archived"):
        archived = graphene.Boolean(description="Whether the account is archived.")
    if shows("verified"):
        verified = graphene.Boolean(description="Whether the address is verified.")
    if shows("secondary_email"):
        secondary_email = graphene.String(description="The verified secondary address.")

    @classmethod
    def is_type_of(cls, root: Any, info: graphene.ResolveInfo) -> bool:
        """Return whether `root` is a user, or a row of users."""
        return isinstance(root, tuple) or super().is_type_of(root, info)

    @classmethod
    def get_node(cls, info: graphene.ResolveInfo, id: Any) -> Any:
        """Return the user with this key, or None. USERS_QUERY says who sees others than themselves."""
        try:
            pk = get_user_model()._meta.pk.to_python(id)
        except ValidationError as error:
            raise bad_request("id", _("this is not the id of a user.")) from error
        if info.context.user.pk != pk:
            _require_reader(info.context.user, selected(info))
        return cls.get_queryset(_objects(), info).filter(pk=pk).first()

    def resolve_archived(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return bool(_of_status(self, "archived"))

    def resolve_verified(self, info: graphene.ResolveInfo) -> bool:
        """Read the status."""
        return bool(_of_status(self, "verified"))

    def resolve_secondary_email(self, info: graphene.ResolveInfo) -> str | None:
        """Read the status."""
        return cast(str | None, _of_status(self, "secondary_email"))


# The fields that are answered from a column. Where no others are selected, users are read as rows of these columns: to
# make objects of them takes as long as to answer. So a field whose resolver takes more than its column is not here.
COLUMNS = {
    "__typename": "pk",
    "id": "pk",
    "pk": "pk",
    "archived": "status__archived",
    "verified": "status__verified",
    "secondaryEmail": "status__secondary_email",
} | {
    to_camel_case(field.name): field.name
    for field in get_user_model()._meta.fields
    if field.name in UserNode._meta.fields
    and not hasattr(UserNode, f"resolve_{field.name}")
    and getattr(UserNode._meta.fields[field.name], "resolver", None) is None
    # A file or a related object is more than its column.
    and type(getattr(get_user_model(), field.name)) is DeferredAttribute
}
if UserNode.get_queryset.__func__ is not DjangoObjectType.get_queryset.__func__:
    # One of your own expects users, and may ask for more than what is selected.
    COLUMNS.clear()


class UserConnectionField(DjangoFilterConnectionField):
    """A page of users: a page that cannot be had is the client's error, and says so."""

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
            if isinstance(value, str) and len(value) > LONGEST_TEXT:
                raise bad_request(name, _("give at most %(most)d characters.") % {"most": LONGEST_TEXT})
        return super().connection_resolver(*wiring, **arguments)

    @classmethod
    def resolve_queryset(
        cls, connection: Any, users: QuerySet, info: Any, arguments: dict[str, Any], **filters: Any
    ) -> QuerySet:
        """Return those of `users` that are asked for."""
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
        cls, connection: Any, arguments: dict[str, Any], users: QuerySet, max_limit: int | None = None
    ) -> Page:
        """Return the page of `users` that is asked for; without a length, the first of the longest."""
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
    """All users, for those who USERS_QUERY lets see them."""

    user = graphene.Field(UserNode, id=graphene.ID(required=True), description="One user.")
    users = UserConnectionField(UserNode, description="All users, in the order they were created.")

    @staticmethod
    def resolve_user(root: Any, info: graphene.ResolveInfo, id: str) -> Any:
        """Return the user with this global id, or None."""
        return UserNode.get_node(info, _pk_of(id))

    @staticmethod
    def resolve_users(root: Any, info: graphene.ResolveInfo, **arguments: Any) -> QuerySet:
        """Return the users before filters."""
        fields = selected(info, "edges", "node")
        _require_reader(info.context.user, fields, arguments)
        # What runs round each field may look at the users, too.
        if graphene_settings.MIDDLEWARE or not fields <= COLUMNS.keys():
            return _objects()
        return _rows(frozenset(COLUMNS[field] for field in fields))


class MeQuery(graphene.ObjectType):
    """The logged in user."""

    me = graphene.Field(UserNode, description="Who is asking; null without a good access token.")

    @staticmethod
    def resolve_me(root: Any, info: graphene.ResolveInfo) -> Any:
        """Return the user of the request."""
        return info.context.user if info.context.user.is_authenticated else None


def bad_request(argument: str, message: str) -> GraphQLError:
    """Return the error for an argument that a client can mend."""
    return GraphQLError(f"{to_camel_case(argument)}: {message}", extensions={"code": "BAD_REQUEST"})


def _objects() -> QuerySet:
    return get_user_model()._default_manager.select_related("status")


def _rows(columns: frozenset[str]) -> QuerySet:
    # A manager of your own may return other users for each request.
    of_its_own = type(get_user_model()._default_manager).get_queryset is not Manager.get_queryset
    return _make_rows(columns) if of_its_own else _remembered_rows(columns).all()


def _make_rows(columns: frozenset[str]) -> QuerySet:
    return get_user_model()._default_manager.values_list(*sorted(columns | {"pk"}), named=True)


_remembered_rows = lru_cache(100)(_make_rows)


def _of_status(user: Any, name: str) -> Any:
    """Return a column of the status of `user`, who may be a row."""
    return getattr(user, f"status__{name}") if isinstance(user, tuple) else getattr(UserStatus.of(user), name)


def _require_reader(user: Any, fields: set[str], arguments: Mapping[str, Any] | None = None) -> None:
    """Raise GraphQLError unless `user` may see others, of whom `fields` are selected, filtered by `arguments`."""
    readers = auth_settings.USERS_QUERY
    if readers == "public" or (readers == "authenticated" and user.is_authenticated):
        return
    if not user.is_authenticated:
        raise GraphQLError(_("Log in to see users."), extensions={"code": "UNAUTHENTICATED"})
    if not (user.is_staff and may_view(user, get_user_model())):
        raise GraphQLError(_("You may not see users."), extensions={"code": "FORBIDDEN"})
    filters = {name for name, value in (arguments or {}).items() if value not in (None, "")}
    about_status = fields & OF_STATUS or any(name.startswith("status__") for name in filters)
    if about_status and not may_view(user, UserStatus):
        raise GraphQLError(_("You may not see the status of users."), extensions={"code": "FORBIDDEN"})


def _require_trigram(name: str, part: str) -> None:
    # The index of PostgreSQL knows texts by their trigrams: for less, it would be every user's that is read.
    if not TRIGRAM.search(part):
        raise bad_request(name, _("give at least three letters or digits in a row."))


def _pk_of(global_id: str) -> str:
    try:
        type_name, pk = from_global_id(global_id)
    except Exception as error:
        raise bad_request("id", _("this is not the id of a user.")) from error
    if type_name != UserNode._meta.name:
        raise bad_request("id", _("this is not the id of a user."))
    return pk
