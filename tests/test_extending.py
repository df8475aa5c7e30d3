"""The examples in docs/extending.md work as written."""

import json
import re
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import RUNSERVER, make, render, run, serving

STEP = re.compile(r"^(In|New,|At the end of) `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
REMOVAL = "## Removing a feature"
REQUEST = re.compile(r"^```graphql\n(mutation \{.*?)^```\n.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.long(minutes=1)
# Each answer changes the page in places of its own, so two combinations have all of it.
@pytest.mark.parametrize("answers", [("graphql", "username"), ("relay", "email")], ids="-".join)
def test_the_page_about_extending_works_to_the_letter(tmp_path: Path, answers: tuple[str, str]) -> None:
    project = render(tmp_path, api=answers[0], login_field=answers[1])
    page, _, _ = (project.path / "docs/extending.md").read_text().partition(REMOVAL)
    steps, requests = STEP.findall(page), REQUEST.findall(page)
    assert len(steps) == page.count("```diff") + page.count("```python") + 1
    assert len(requests) == page.count("```json")

    for where, name, block in steps:
        change(project.path / name, where, block)
    run(sys.executable, "manage.py", "makemigrations", "users", "notes", cwd=project.path)
    make("migrate", project)
    make("schema", project)

    with serving(*RUNSERVER, cwd=project.path, log=tmp_path / "log") as endpoint:
        for query, answer in requests:
            assert ask(endpoint, query) == json.loads(answer)
    make("check", project)
    own = [f"tests/test_{name}.py" for name in ("phone", "founding", "notes", "schema", "docs")]
    tests = [*own, "tests/endpoint/test_document_limits.py", "tests/graphql_auth/settings", "tests/graphql_auth/users"]
    run(sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", *tests, cwd=project.path)


FIELDS = """\
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
+    mentor = models.ForeignKey("self", on_delete=models.CASCADE, null=True, verbose_name="mentor")
+    photo = models.FileField("photo", blank=True)
"""
FIELDS_TEST = """\
def test_users_have_mentors_and_photos(query, make_user):
    make_user("grace", mentor=make_user("ada", photo="ada.png"))

    edges = query("{ users { edges { node { photo mentor { email } } } } }")["users"]["edges"]

    assert [edge["node"] for edge in edges] == [
        {"photo": "ada.png", "mentor": None},
        {"photo": "", "mentor": {"email": "ada@example.com"}},
    ]
"""
QUERYSET = """\
     @classmethod
+    def get_queryset(cls, users, info):
+        return super().get_queryset(users, info).filter(is_active=True)
+
+    @classmethod
     def get_node(cls, info: graphene.ResolveInfo, id: Any) -> Any:
"""
QUERYSET_TEST = """\
from graphql_relay import to_global_id


def test_active_users_are_shown(query, make_user):
    keys = [make_user("ada").pk, make_user("eve", is_active=False).pk]

    edges = query("{ users { edges { node { pk verified } } } }")["users"]["edges"]
    each = [query("query($id: ID!) { user(id: $id) { pk } }", id=to_global_id("UserNode", key)) for key in keys]

    assert [edge["node"] for edge in edges] == [{"pk": keys[0], "verified": False}]
    assert [answer["user"] for answer in each] == [{"pk": keys[0]}, None]
"""


FILTERS = """\
     "USERS_QUERY": env.str("USERS_QUERY", default="public" if DEBUG else "staff"),
+    "USER_NODE_FILTER_FIELDS": {
+        "email": ["exact", "in"], "date_joined": ["date", "range"],
+    },
"""
FILTERS_TEST = """\
import pytest


def found(query, filters):
    edges = query(f"{{ users({filters}) {{ edges {{ node {{ email }} }} }} }}")["users"]["edges"]
    return [edge["node"]["email"] for edge in edges]


@pytest.fixture
def ada(make_user):
    ada = make_user("ada")
    make_user("eve")
    return ada


def test_filters(query, ada):
    everybody = ["ada@example.com", "eve@example.com"]

    assert found(query, 'email_In: ["eve@example.com"]') == everybody[1:]
    assert found(query, "email_In: []") == []
    assert found(query, f'dateJoined_Date: "{ada.date_joined:%Y-%m-%d}"') == everybody


def test_a_filter_that_makes_no_sense_is_named(api, ada):
    [error] = api.post('{ users(dateJoined_Range: []) { edges { node { pk } } } }').json()["errors"]

    assert error["extensions"]["code"] == "BAD_REQUEST"
    assert error["message"].startswith("dateJoined_Range: ")
"""
OVERRIDDEN = """\
         secondary_email = graphene.String(description="The verified secondary email address.")
+    first_name = graphene.String(source="get_full_name")
+    last_name = graphene.String(resolver=lambda user, info: user.last_name.upper())
+    email = graphene.String()
+
+    def resolve_email(self, info):
+        return self.email.partition("@")[0]
+
"""
OVERRIDDEN_TEST = """\
def test_custom_fields(query, make_user):
    make_user("ada", first_name="Ada", last_name="Lovelace")

    for field, value in {"firstName": "Ada Lovelace", "lastName": "LOVELACE", "email": "ada"}.items():
        edges = query(f"{{ users {{ edges {{ node {{ {field} }} }} }} }}")["users"]["edges"]
        assert [edge["node"][field] for edge in edges] == [value]
"""
INHERITED = """\
+class Active:
+    @classmethod
+    def get_queryset(cls, users, info):
+        return super().get_queryset(users, info).filter(is_active=True)
+
+
-class UserNode(UserType):
+class UserNode(Active, UserType):
     \"\"\"A user and the status of the account.\"\"\"
"""
TEAM = """\
 from users.managers import UserManager
+
+
+class Team(models.Model):
+    name = models.CharField("name", max_length=9)
+
+    def __str__(self):
+        return self.name
+
+
"""
TEAM_FIELDS = """\
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
+    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="members", verbose_name="team")
+    leads = models.OneToOneField(Team, models.CASCADE, null=True, related_name="leader", verbose_name="leads")
+    mentor = models.ForeignKey("self", models.CASCADE, null=True, verbose_name="mentor")
"""
TEAM_SCHEMA = """\
+from graphene_django import DjangoObjectType
 from graphql_auth.schema import MeQuery, UserQuery
+from users.models import Team
"""
TEAM_QUERY = """\
 class Query(UserQuery, MeQuery, graphene.ObjectType):
     \"\"\"Everything that can be read.\"\"\"
+
+    team = graphene.Field("config.schema.TeamNode")
+
+    def resolve_team(root, info):
+        return Team.objects.first()
+
+
+class TeamNode(DjangoObjectType):
+    class Meta:
+        model = Team
+        fields = "__all__"
"""
TEAM_TEST = """\
import pytest

from users.models import Team

TEAM = "{ team { name leader { email mentor { email } } members { edges { node { email } } } } }"


@pytest.fixture
def people(configure, make_user):
    configure(USERS_QUERY="staff")
    team = Team.objects.create(name="a")
    gone = make_user("gone", is_active=False, team=team)
    return {
        "leader": make_user("leader", team=team, leads=team, mentor=gone),
        "member": make_user("member", team=team),
        "staff": make_user("staff", is_staff=True, is_superuser=True),
    }


@pytest.mark.parametrize(
    ("who", "sees_leader", "members"),
    [
        (None, False, []),
        ("leader", True, ["leader"]),
        ("member", False, ["member"]),
        ("staff", True, ["leader", "member"]),
    ],
)
def test_other_sides_of_relations(query, people, who, sees_leader, members):
    team = query(TEAM, login=people.get(who))["team"]

    assert team == {
        "name": "a",
        "leader": {"email": "leader@example.com", "mentor": None} if sees_leader else None,
        "members": {"edges": [{"node": {"email": f"{name}@example.com"}} for name in members]},
    }
"""
TENANTS = """\
+    def get_queryset(self):
+        return super().get_queryset().filter(last_name=TENANT.get())
+
     @classmethod
"""
TENANT = """\
+from contextvars import ContextVar
+
 from django.contrib.auth.models import UserManager as DjangoUserManager
+
+TENANT = ContextVar("tenant", default="")
"""
TENANTS_TEST = """\
from users.managers import TENANT


def test_each_request_has_the_users_of_its_tenant(query, make_user):
    for name in ("ada", "eve"):
        make_user(name, last_name=name)

    for name in ("ada", "eve"):
        TENANT.set(name)
        edges = query("{ users { edges { node { email } } } }")["users"]["edges"]
        assert [edge["node"]["email"] for edge in edges] == [f"{name}@example.com"]
"""


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize(
    ("changes", "test"),
    [
        ([("users/models.py", FIELDS)], FIELDS_TEST),
        ([("graphql_auth/api/users/node.py", QUERYSET)], QUERYSET_TEST),
        ([("graphql_auth/api/users/node.py", INHERITED)], QUERYSET_TEST),
        ([("graphql_auth/api/users/node.py", OVERRIDDEN)], OVERRIDDEN_TEST),
        ([("config/settings.py", FILTERS)], FILTERS_TEST),
        ([("users/managers.py", TENANT), ("users/managers.py", TENANTS)], TENANTS_TEST),
        (
            [
                ("users/models.py", TEAM),
                ("users/models.py", TEAM_FIELDS),
                ("config/schema.py", TEAM_SCHEMA),
                ("config/schema.py", TEAM_QUERY),
                ("graphql_auth/api/users/node.py", QUERYSET),
            ],
            TEAM_TEST,
        ),
    ],
    ids=[
        "with more than a column",
        "by a queryset",
        "by a base",
        "in fields of one's own",
        "by filters",
        "by tenant",
        "by relations",
    ],
)
def test_users_can_be_shown(tmp_path: Path, changes: list[tuple[str, str]], test: str) -> None:
    project = render(tmp_path)
    for name, block in changes:
        change(project.path / name, "In", block)
    change(project.path / "tests/test_own.py", "New,", test)
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)

    run(sys.executable, "-m", "pytest", "--quiet", "tests/test_own.py", cwd=project.path)


def change(file: Path, where: str, block: str) -> None:
    """Apply a code block of the page to a file."""
    if where == "New,":
        assert not file.exists()
        file.parent.mkdir(exist_ok=True)
        file.write_text(block)
        return
    text = file.read_text()
    if where == "At the end of":
        file.write_text(text + ("\n\n" if file.suffix == ".py" else "\n") + block)
        return
    lines = block.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if line[0] != "+")
    assert text.count(before) == 1, f"{file.name} has this {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, "".join(line[1:] for line in lines if line[0] != "-")))


def ask(endpoint: str, query: str) -> object:
    """Return the data of the endpoint's response."""
    request = urllib.request.Request(
        endpoint, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)
