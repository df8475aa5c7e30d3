"""Fields that need nothing but a column are read as rows; all others receive users."""

import graphene
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from graphql_auth.api.users.query import UserConnectionField, UserQuery
from graphql_auth.models import UserStatus
from graphql_auth.schema import UserNode

USER = get_user_model()


class OwnNode(UserNode):
    """A type of users that changes nothing."""

    class Meta:
        model = USER
        interfaces = (graphene.relay.Node,)
        fields = ["email", "first_name", "is_active"]
        filterset_class = UserNode._meta.filterset_class
        skip_registry = True


def own(**members):
    """Return a subclass of OwnNode with more members."""
    options = {name: getattr(OwnNode._meta, name) for name in ("model", "interfaces", "filterset_class")}
    meta = type("Meta", (), options | {"fields": ["email", "first_name", "is_active"], "skip_registry": True})
    return type("OwnNode", (OwnNode,), members | {"Meta": meta})


def seen(user):
    """Return what a resolver received."""
    return type(user).__name__


def resolve_seen(user, info):
    return seen(user)


@pytest.fixture
def users_of(rf: RequestFactory, staff):
    """Return `users_of(kind, fields)`: the nodes on a page of a type, and the columns that were read for it."""

    def users_of(kind, fields):
        query = type("Query", (UserQuery,), {"users": UserConnectionField(kind)})
        request = rf.post("/graphql")
        request.user = staff
        with CaptureQueriesContext(connection) as captured:
            result = graphene.Schema(query=query).execute(
                f"{{ users {{ edges {{ node {{ {fields} }} }} }} }}", context_value=request
            )
        assert result.errors is None
        [statement] = captured.captured_queries
        return [edge["node"] for edge in result.data["users"]["edges"]], statement["sql"]

    return users_of


def test_a_type_that_changes_nothing_is_read_as_rows(users_of, staff):
    nodes, statement = users_of(OwnNode, "email isActive verified")

    assert nodes == [{"email": staff.email, "isActive": True, "verified": True}]
    assert "password" not in statement


@pytest.mark.parametrize(
    ("field", "members"),
    [
        ("seen", {"seen": graphene.String(), "resolve_seen": resolve_seen}),
        ("seen", {"seen": graphene.String(resolver=resolve_seen)}),
        ("firstName", {"resolve_first_name": resolve_seen}),
        ("firstName", {"first_name": graphene.String(resolver=resolve_seen)}),
        ("verified", {"verified": graphene.String(), "resolve_verified": resolve_seen}),
        ("email", {"email": graphene.String(), "resolve_email": resolve_seen}),
        ("pk", {"pk": graphene.String(), "resolve_pk": resolve_seen}),
        ("given", {"seen": graphene.String(name="given"), "resolve_seen": resolve_seen}),
    ],
)
def test_a_field_of_your_own_receives_a_user(users_of, field, members):
    nodes, _ = users_of(own(**members), f"id {field}")

    assert [node[field] for node in nodes] == [USER.__name__]


def test_an_id_of_your_own_receives_a_user(users_of):
    received = []

    def resolve_id(user, info):
        received.append(seen(user))
        return user.pk

    users_of(own(resolve_id=resolve_id), "id")

    assert received == [USER.__name__]


def test_a_property_of_the_user_is_read_from_a_user(users_of, staff, monkeypatch):
    monkeypatch.setattr(USER, "initial", property(lambda user: user.email[0]), raising=False)

    nodes, _ = users_of(own(initial=graphene.String()), "email initial")

    assert nodes == [{"email": staff.email, "initial": staff.email[0]}]


def test_the_other_fields_of_a_changed_type_are_still_read_as_rows(users_of):
    _, statement = users_of(own(seen=graphene.String(), resolve_seen=resolve_seen), "email")

    assert "password" not in statement


def test_a_queryset_of_your_own_consists_of_users(users_of, verified, staff):
    received = []

    def get_queryset(kind, users, info):
        received.append(users.model if users._fields is None else users._fields)
        return super(OwnNode, kind).get_queryset(users, info).filter(is_staff=True)

    nodes, _ = users_of(own(get_queryset=classmethod(get_queryset)), "email")

    assert nodes == [{"email": staff.email}]
    assert received == [USER]


@pytest.mark.parametrize("name", ["archived", "verified", "secondaryEmail"])
def test_a_row_without_a_status_has_its_defaults(users_of, name):
    UserStatus.objects.all().delete()

    [node], _ = users_of(OwnNode, name)

    assert node == {name: {"secondaryEmail": None}.get(name, False)}
