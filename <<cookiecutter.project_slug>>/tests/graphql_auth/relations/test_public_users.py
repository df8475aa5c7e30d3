"""PublicUser, and the checks of relations to users."""

import graphene
import pytest
from django_filters import BooleanFilter, CharFilter, FilterSet, OrderingFilter
from graphene_django import DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphene_django.registry import get_global_registry
from graphene_django.settings import graphene_settings
from graphql_relay import to_global_id

from graphql_auth.checks.relations import check_public_fields, check_relations
from graphql_auth.schema import PublicUser, UserNode
from tests.graphql_auth.relations.helpers import ASKING, USER, Note, NoteNode, schema


@pytest.mark.parametrize("who", ASKING)
def test_an_author_is_shown_to_anybody_by_what_is_public(ask, people, who):
    fields = set(schema.graphql_schema.type_map["PublicUser"].fields)
    # % if cookiecutter.login_field == "username"
    assert fields == {"id", "username"}
    document, shown = "note { writer { id username } }", {"username": "victim"}
    # % else
    assert fields == {"id"}
    document, shown = "note { writer { id } }", {}
    # % endif

    answer = ask(document, people.get(who))

    author = {"id": to_global_id("PublicUser", people["victim"].pk), **shown}
    assert answer == {"data": {"note": {"writer": author}}}


def complaints_about(monkeypatch, field):
    query = type("Query", (graphene.ObjectType,), {"found": field})
    monkeypatch.setattr(graphene_settings, "SCHEMA", graphene.Schema(query=query))
    return check_relations(None)


class ByMethod(FilterSet):
    mine = BooleanFilter(method="filter_mine")
    owner = CharFilter(method="filter_mine")

    class Meta:
        model = Note
        fields = ["id"]


class ByOrder(FilterSet):
    order_by = OrderingFilter(fields=["owner__email"])

    class Meta:
        model = Note
        fields = ["id"]


class Declared(FilterSet):
    contains = CharFilter(field_name="owner", lookup_expr="email__contains")

    class Meta:
        model = Note
        fields = ["id"]


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"fields": ["owner"]}, ["owner"]),
        ({"fields": ["owner__email"]}, ["owner__email"]),
        ({"fields": {"owner__email": ["icontains"]}}, ["owner__email__icontains"]),
        ({"fields": {"owner__id": ["in"], "editor": ["isnull"]}}, ["owner__id__in", "editor__isnull"]),
        ({"fields": {"owner__last_login": ["gt"]}}, ["owner__last_login__gt"]),
        ({"fields": {"readers": ["exact"], "readers__email": ["exact"]}}, ["readers", "readers__email"]),
        ({"fields": {"owner__status__verified": ["exact"]}}, ["owner__status__verified"]),
        ({"filterset_class": ByOrder}, ["order_by"]),
        ({"filterset_class": Declared}, ["contains"]),
        ({"filterset_class": ByMethod}, []),
        ({"fields": ["id"]}, []),
    ],
)
def test_a_filter_that_finds_out_about_users_is_named(monkeypatch, tables, filters, named):
    found = complaints_about(monkeypatch, DjangoFilterConnectionField(NoteNode, **filters))

    assert {complaint.id for complaint in found} == ({"graphql_auth.E153"} if named else set())
    assert [complaint.msg.partition("'")[2].partition("'")[0] for complaint in found] == named
    assert all(complaint.msg.startswith("NoteNode has the filter ") for complaint in found)


class PublicNote(DjangoObjectType):
    class Meta:
        model = Note
        interfaces = (graphene.relay.Node,)
        skip_registry = True
        fields = ["owner"]

    owner = graphene.Field(PublicUser)


@pytest.mark.parametrize(
    ("path", "told"), [("owner", False), ("owner__id", False), ("owner__email", True), ("owner__is_staff", True)]
)
def test_what_a_public_user_shows_can_be_filtered(monkeypatch, tables, path, told):
    field = DjangoFilterConnectionField(PublicNote, fields=[path])

    assert [complaint.id for complaint in complaints_about(monkeypatch, field)] == ["graphql_auth.E153"] * told


def test_a_user_who_is_required_is_named(monkeypatch, tables):
    [complaint] = complaints_about(monkeypatch, graphene.Field(UserNode, required=True))

    assert (complaint.id, complaint.msg.split()[0]) == ("graphql_auth.E152", "Query.found")


def test_another_type_of_users_that_relations_lead_to_is_named(monkeypatch, tables):
    monkeypatch.setitem(get_global_registry()._registry, USER, PublicUser)

    [complaint] = complaints_about(monkeypatch, graphene.Field(PublicUser))

    assert (complaint.id, "PublicUser" in complaint.msg) == ("graphql_auth.E151", True)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (["id", "first_name"], 0),
        ([], 1),
        (["password"], 1),
        (["nick", "groups", "is_superuser"], 3),
    ],
)
def test_what_is_public_of_a_user_is_a_column_that_is_shown(configure, fields, named):
    configure(USER_PUBLIC_FIELDS=fields)

    assert [complaint.id for complaint in check_public_fields(None)] == ["graphql_auth.E032"] * named
