"""What docs/extending.md says works, done to the letter."""

import json
import re
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import COMBINATIONS, RUNSERVER, make, render, run, serving

STEP = re.compile(r"^(In|New,|At the end of) `([^`]+)`:\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
REQUEST = re.compile(r"^```graphql\n(mutation \{.*?)^```\n.*?^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("answers", COMBINATIONS, ids="-".join)
def test_the_page_about_extending_works_to_the_letter(tmp_path: Path, answers: tuple[str, str]) -> None:
    project = render(tmp_path, api=answers[0], login_field=answers[1])
    page = (project.path / "docs/extending.md").read_text()
    steps, requests = STEP.findall(page), REQUEST.findall(page)
    assert len(steps) == page.count("```diff") + page.count("```python") + 1
    assert len(requests) == page.count("```json")

    for where, name, block in steps:
        change(project.path / name, where, block)
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)
    make("migrate", project)
    make("schema", project)

    with serving(*RUNSERVER, cwd=project.path, log=tmp_path / "log") as endpoint:
        for query, answer in requests:
            assert ask(endpoint, query) == json.loads(answer)
    make("check", project)
    own = ["phone", "schema", "settings", "docs", "registration"]
    tests = [f"tests/test_{name}.py" for name in own]
    run(sys.executable, "-m", "pytest", "--quiet", "--numprocesses", "2", *tests, cwd=project.path)


FIELDS = """\
     email = models.EmailField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
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
+        return users.filter(is_active=True).select_related("status")
+
+    @classmethod
     def is_type_of(cls, root: Any, info: graphene.ResolveInfo) -> bool:
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


@pytest.mark.parametrize(
    ("name", "block", "test"),
    [("users/models.py", FIELDS, FIELDS_TEST), ("graphql_auth/schema.py", QUERYSET, QUERYSET_TEST)],
    ids=["with more than a column", "by a queryset"],
)
def test_users_can_be_shown(tmp_path: Path, name: str, block: str, test: str) -> None:
    project = render(tmp_path)
    change(project.path / name, "In", block)
    change(project.path / "tests/test_own.py", "New,", test)
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)

    run(sys.executable, "-m", "pytest", "--quiet", "tests/test_own.py", cwd=project.path)


def change(file: Path, where: str, block: str) -> None:
    """Do to a file what a block of the page says."""
    if where == "New,":
        assert not file.exists()
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
    """Return the answer of the endpoint."""
    request = urllib.request.Request(
        endpoint, json.dumps({"query": query}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)
