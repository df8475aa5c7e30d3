"""The users of other packages move in, from databases that these packages made: see tests/moving_in/make_dumps.py."""

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.conftest import TEMPLATE, render, run
from tests.test_extending import change

OWN = TEMPLATE / "tests/moving_in"
# `ALL_SOURCES=1 make test TESTS=tests/test_moving_in.py` runs these, too.
OTHERS = [(("graphql", "email"), "bigint", "postgresql"), (("relay", "username"), "uuid", "sqlite")]
UUID_KEY = """\
+import uuid
+
 from django.contrib.auth.hashers import make_password, verify_password
"""
UUID_COLUMN = """\
+    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
     email = AddressField(_("email address"), unique=True, error_messages={"unique": EMAIL_TAKEN})
"""


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize(
    ("answers", "key", "database"),
    [
        (("graphql", "username"), "bigint", "sqlite"),
        (("relay", "email"), "uuid", "postgresql"),
        *(OTHERS if os.environ.get("ALL_SOURCES") else ()),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_users_of_other_packages_move_in(tmp_path: Path, answers: tuple[str, str], key: str, database: str) -> None:
    surroundings = {"DUMPS": str(OWN / "dumps"), "KEY": key}
    if database == "postgresql":
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", 5432)) != 0:
                pytest.skip("needs PostgreSQL at 127.0.0.1:5432, with trust for the user postgres: start it")
        surroundings["DATABASE_URL"] = f"postgres://postgres@127.0.0.1:5432/moving_in_{os.getpid()}"
    project = render(tmp_path, api=answers[0], login_field=answers[1]).path
    if key == "uuid":
        change(project / "users/models.py", "In", UUID_KEY)
        change(project / "users/models.py", "In", UUID_COLUMN)
        for migration in (project / "users/migrations").glob("0*.py"):
            migration.unlink()
        run(sys.executable, "manage.py", "makemigrations", "users", "--name", "custom_user", cwd=project)
    (project / "tests/test_own.py").write_text((OWN / "own_tests.py").read_text())

    run(sys.executable, "-m", "pytest", "--quiet", "tests/test_own.py", cwd=project, **surroundings)
