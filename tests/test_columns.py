"""Every kind of column that Django has, in the settings that name columns: it works, or `manage.py check` names it."""

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.conftest import TEMPLATE, render, run
from tests.test_extending import change

OWN = TEMPLATE / "tests/columns"
COLUMNS = "".join(f"+    {line}\n" for line in (OWN / "columns.txt").read_text().splitlines())
# Columns that only PostgreSQL has.
OF_POSTGRESQL = """\
+    from django.contrib.postgres.fields import ArrayField, DateRangeField
+
+    tags = ArrayField(models.CharField(max_length=9), null=True, blank=True)
+    grid = ArrayField(ArrayField(models.IntegerField()), default=list, blank=True)
+    stay = DateRangeField(null=True, blank=True)
"""
MODEL = f"""\
     email = AddressField(_("email address"), unique=True, error_messages={{"unique": EMAIL_TAKEN}})
{COLUMNS}"""
SETTINGS = """\
     "USERS_QUERY": env.str("USERS_QUERY", default="public" if DEBUG else "staff"),
+    **__import__("own_columns").SETTINGS,
"""


@pytest.mark.long(minutes=3)
@pytest.mark.parametrize(
    ("answers", "database"), [(("graphql", "username"), "sqlite"), (("relay", "email"), "postgresql")]
)
def test_every_kind_of_column_works_or_is_named(tmp_path: Path, answers: tuple[str, str], database: str) -> None:
    surroundings = {}
    if database == "sqlite" and not os.environ.get("ALL_COLUMNS"):
        pytest.skip("takes minutes, and PostgreSQL is stricter: ALL_COLUMNS=1 make test TESTS=tests/test_columns.py")
    if database == "postgresql":
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", 5432)) != 0:
                pytest.skip("needs PostgreSQL at 127.0.0.1:5432, with trust for the user postgres: start it")
        name = f"columns_{answers[0]}_{os.getpid()}"
        surroundings["DATABASE_URL"] = f"postgres://postgres@127.0.0.1:5432/{name}"
    project = render(tmp_path, api=answers[0], login_field=answers[1])
    change(project.path / "users/models.py", "In", MODEL + (OF_POSTGRESQL if database == "postgresql" else ""))
    (project.path / "own_columns.py").write_text((OWN / "own_columns.py").read_text())
    (project.path / "tests/test_own.py").write_text((OWN / "own_tests.py").read_text())
    run(sys.executable, "manage.py", "makemigrations", "users", cwd=project.path)
    change(project.path / "config/settings.py", "In", SETTINGS)

    run(sys.executable, "manage.py", "check", cwd=project.path)
    run(sys.executable, "-m", "pytest", "--quiet", "tests/test_own.py", cwd=project.path, **surroundings)
