"""Users who are reached through something else: whoever may not see them finds nobody there."""

import json
import sys

import graphene
import pytest
from django.apps import AppConfig, apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django_filters import BooleanFilter, CharFilter, FilterSet, OrderingFilter
from graphene_django import DjangoConnectionField, DjangoListField, DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField
from graphene_django.registry import get_global_registry
from graphene_django.settings import graphene_settings
from graphql import GraphQLNonNull
from graphql_relay import to_global_id

from endpoint.pagination import cursor_of
from endpoint.view import GraphQLView
from graphql_auth import sessions
from graphql_auth.checks.relations import check_public_fields, check_relations
from graphql_auth.schema import PublicUser, UserNode

USER = get_user_model()
EMAIL = "victim@example.com"


class Note(models.Model):
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    editor = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, related_name="+")
    named = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, to_field="email", related_name="+")
    lost = models.ForeignKey(USER, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    reviewer = models.OneToOneField(USER, on_delete=models.CASCADE, null=True, related_name="+")
    readers = models.ManyToManyField(USER, related_name="+")

    class Meta:
        app_label = "relations"

    def __str__(self):
        return str(self.pk)


class NoteNode(DjangoObjectType):
    class Meta:
        model = Note
        interfaces = (graphene.relay.Node,)
        fields = ["owner", "editor", "named", "lost", "reviewer", "readers"]

    author = graphene.Field(UserNode)
    writer = graphene.Field(PublicUser, source="owner")
    people = graphene.List(UserNode)
    all_people = graphene.List(graphene.NonNull(UserNode), required=True)

    def resolve_author(self, info):
        return self.owner

    def resolve_people(self, info):
        return [self.owner]

    resolve_all_people = resolve_people


class RenamedNode(DjangoObjectType):
    class Meta:
        model = Note
        skip_registry = True
        fields = ["owner"]

    def resolve_owner(self, info):
        return self.owner


class GroupNode(DjangoObjectType):
    class Meta:
        model = Group
        fields = ["user_set"]


class Anything(graphene.Union):
    class Meta:
        types = (NoteNode, UserNode)


class Query(graphene.ObjectType):
    note = graphene.Field(NoteNode)
    notes = graphene.List(NoteNode)
    renamed = graphene.Field(RenamedNode)
    group = graphene.Field(GroupNode)
    listed = DjangoListField(UserNode)
    paged = DjangoConnectionField(UserNode)
    filtered = DjangoFilterConnectionField(UserNode)
    relayed = graphene.relay.ConnectionField(UserNode._meta.connection)
    rows = graphene.List(UserNode)
    one = graphene.Field(Anything)
    many = graphene.List(graphene.NonNull(Anything))
    interface = graphene.Field(graphene.relay.Node)

    @staticmethod
    def resolve_note(root, info):
        return Note.objects.first()

    @staticmethod
    def resolve_notes(root, info):
        return Note.objects.select_related("owner").only("owner__email").order_by("pk")

    @staticmethod
    def resolve_renamed(root, info):
        return Note.objects.first()

    @staticmethod
    def resolve_group(root, info):
        return Group.objects.first()

    @staticmethod
    def resolve_relayed(root, info, **arguments):
        return USER.objects.all()

    @staticmethod
    def resolve_rows(root, info):
        return list(USER.objects.values_list("pk", "email", named=True))

    @staticmethod
    def resolve_one(root, info):
        return victim()

    @staticmethod
    def resolve_many(root, info):
        return USER.objects.filter(email=EMAIL)

    @staticmethod
    def resolve_interface(root, info):
        return victim()


schema = graphene.Schema(query=Query, types=[UserNode])
view = GraphQLView.as_view(schema=schema)
PAGE = "edges { node { email } }"
PATHS = {
    "a foreign key": "note { owner { email } }",
    "a foreign key that may be null": "note { editor { email } }",
    "a foreign key to another column": "note { named { email } }",
    "a foreign key with a resolver of one's own": "renamed { owner { email } }",
    "a one-to-one field": "note { reviewer { email } }",
    "a many-to-many field": f"note {{ readers {{ {PAGE} }} }}",
    "the other side of a many-to-many field": f"group {{ userSet {{ {PAGE} }} }}",
    "a field of one's own": "note { author { email } }",
    "a list of one's own": "note { people { email } }",
    "a list without null": "note { allPeople { email } }",
    "rows": "rows { email }",
    "a list of graphene-django's": "listed { email }",
    "a connection of graphene-django's": f"paged {{ {PAGE} }}",
    "a connection with filters": f"filtered {{ {PAGE} }}",
    "a filter": f'filtered(email: "{EMAIL}") {{ {PAGE} }}',
    "a connection of graphene's": f"relayed {{ {PAGE} }}",
    "a union": "one { ... on UserNode { email } }",
    "a list of a union": "many { ... on UserNode { email } }",
    "an interface": "interface { ... on UserNode { email } }",
}
# Those that start at a column which is never null.
REQUIRED = [path for path, document in PATHS.items() if any(name in document for name in ("owner", "author", "eople"))]
ASKING = {
    "nobody": False,
    "stranger": False,
    "victim": True,
    "clerk": False,
    "viewer": True,
    "superuser": True,
}


def victim():
    return USER.objects.filter(email=EMAIL).first()


def statements(captured):
    """Return how many statements are about something else than permissions."""
    return len([query for query in captured if "auth_permission" not in query["sql"]])


@pytest.fixture(scope="module")
def tables(django_db_setup, django_db_blocker):
    """Install an app that holds the model above."""
    app = AppConfig("relations", sys.modules[__name__])
    app.apps, app.models = apps, apps.all_models["relations"]
    apps.app_configs["relations"] = app
    apps.clear_cache()
    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Note)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(Note)
    del apps.app_configs["relations"]
    apps.clear_cache()


@pytest.fixture
def people(tables, configure, make_user):
    """Make somebody of each kind in ASKING, and all that leads to the victim."""
    configure(USERS_QUERY="staff")
    made = {name: make_user(name) for name in ("victim", "stranger")}
    made |= {name: make_user(name, is_staff=True) for name in ("clerk", "viewer")}
    made["viewer"].user_permissions.set(Permission.objects.filter(codename="view_customuser"))
    made["superuser"] = make_user("superuser", is_staff=True, is_superuser=True)
    found = made["victim"]
    note = Note.objects.create(owner=found, editor=found, named=found, reviewer=found)
    note.readers.add(found)
    Group.objects.create(name="readers").user_set.add(found)
    return made


@pytest.fixture
def ask(rf):
    """Return a function that asks the schema above a question, and returns the answer."""

    def ask(document, user=None):
        token = user if isinstance(user, str) or user is None else sessions.start(user).token
        header = {"HTTP_AUTHORIZATION": f"JWT {token}"} if token else {}
        body = json.dumps({"query": f"{{ {document} }}"})
        return json.loads(view(rf.post("/", body, content_type="application/json", **header)).content)

    return ask


@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize("path", PATHS)
def test_whatever_leads_to_a_user_shows_those_whom_the_client_may_see(ask, people, path, who):
    answer = ask(PATHS[path], people.get(who))

    assert "errors" not in answer
    assert (EMAIL in json.dumps(answer)) is ASKING[who]


@pytest.mark.parametrize("who", [name for name, sees in ASKING.items() if not sees])
@pytest.mark.parametrize("path", [path for path, document in PATHS.items() if path not in REQUIRED])
def test_a_hidden_user_looks_like_one_who_is_not_there(ask, people, path, who):
    """The answer is the same, and so are the statements, but for the one look at the permissions of staff."""
    asking = people.get(who)
    with CaptureQueriesContext(connection) as hidden:
        answer = ask(PATHS[path], asking)
    Note.objects.update(owner=people["superuser"], editor=None, named=None, reviewer=None)
    people["victim"].delete()
    with CaptureQueriesContext(connection) as missing:
        assert ask(PATHS[path], asking) == answer

    assert statements(hidden) == statements(missing)


@pytest.mark.parametrize("who", ASKING)
def test_users_whom_a_setting_shows_to_all_are_shown_on_every_path(ask, configure, people, who):
    configure(USERS_QUERY="public")

    for document in PATHS.values():
        assert EMAIL in json.dumps(ask(document, people.get(who)))


@pytest.mark.parametrize("relation", ["owner", "editor", "named", "lost", "reviewer"])
def test_a_relation_to_a_user_can_be_null(relation):
    fields = schema.graphql_schema.type_map["NoteNode"].fields

    assert Note._meta.get_field("owner").null is False
    assert not isinstance(fields[relation].type, GraphQLNonNull)


@pytest.mark.parametrize("who", ASKING)
def test_a_key_that_leads_nowhere_is_nobody(ask, people, who):
    Note.objects.update(lost_id=10**6)

    assert ask("note { lost { email } }", people.get(who)) == {"data": {"note": {"lost": None}}}


@pytest.mark.parametrize("who", ASKING)
def test_status_is_shown_on_a_path_to_those_who_see_it(ask, people, who):
    """B12: as `user` shows it."""
    if who == "viewer":
        assert ask("note { owner { email verified } }", people[who]) == {"data": {"note": {"owner": None}}}
        people[who].user_permissions.add(Permission.objects.get(codename="view_userstatus"))

    for document in ("note { owner { verified } }", "note { readers(status_Verified: false) { edges { cursor } } }"):
        shown = ask(document, people.get(who))["data"]["note"]
        assert shown in (
            [{"owner": {"verified": False}}, {"readers": {"edges": [{"cursor": cursor_of(USER, victim().pk)}]}}]
            if ASKING[who]
            else [{"owner": None}, {"readers": {"edges": []}}]
        )


def test_a_filter_of_a_relation_is_no_oracle_for_the_status(ask, people):
    document = "filtered(status_Verified: false) { edges { cursor } pageInfo { hasNextPage } }"

    assert len(ask(document, people["viewer"])["data"]["filtered"]["edges"]) == 1
    assert len(ask(document, people["superuser"])["data"]["filtered"]["edges"]) == len(people)


@pytest.mark.parametrize("who", ["nobody", "stranger", "victim", "superuser"])
def test_a_relation_costs_no_statement_more(ask, django_assert_num_queries, people, who):
    for _ in range(3):
        Note.objects.create(owner=people["victim"])
    sees, asking = ASKING[who], people.get(who)
    token = sessions.start(asking).token if asking else None
    for document, statements in {
        "notes { owner { email } }": 1,
        "notes { id }": 1,
        "note { owner { email } }": 2 if sees else 1,
        f"note {{ readers {{ {PAGE} }} }}": 1 if who == "nobody" else 2,
    }.items():
        with django_assert_num_queries(statements + (asking is not None)):
            answer = json.dumps(ask(document, token))
        assert (EMAIL in answer) is (sees and "email" in document)


def test_outside_of_the_endpoint_a_hidden_user_is_an_error(people, rf):
    """Whatever executes the schema, it shows nobody."""
    request = rf.post("/")
    request.user = people["stranger"]

    result = schema.execute("{ note { author { email } } }", context_value=request)

    assert result.data == {"note": {"author": None}}
    assert [str(error.original_error) for error in result.errors] == ["You may not see this."]


def test_a_schema_without_a_request_shows_nobody(people):
    assert schema.execute("{ note { owner { email } } }").data == {"note": {"owner": None}}


def test_who_logs_in_is_shown_to_themselves(mutate, configure, people):
    configure(USERS_QUERY="staff")

    assert mutate("tokenAuth", email=EMAIL, password="correct-horse-battery")["user"]["email"] == EMAIL


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
