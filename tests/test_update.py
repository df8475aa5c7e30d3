"""`make update` takes over a release of the template, in each combination of answers, and keeps every edit."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import COMBINATIONS, ODD_ANSWER, run
from tests.test_extending import STEP, change
from tests.updating import EARLIER, MIGRATION, commit, difference, edit, git, make_update, programs, publish

# What the owner changes in a file of the template: the text before and after.
EDITS = {
    "Makefile": ("deploy/gunicorn.conf.py", "servers/web/gunicorn.py"),
    "config/settings.py": ('    ("es", "Español"),\n', ""),
    "graphql_auth/templates/email/activation_subject.txt": ("Activate", "Welcome! Activate"),
    "requirements/base.txt": ("# via", "# required by"),
    "tests/config/test_deploy.py": ("deploy/gunicorn.conf.py", "servers/web/gunicorn.py"),
}
OWN_TEST = """\
from django.core.management import call_command


def test_the_models_have_their_migrations(db):
    call_command("makemigrations", check=True, dry_run=True)


def test_the_project_passes_its_checks():
    call_command("check", fail_level="WARNING")
"""
SET_UP = """\
import django
django.setup()
from django.core.management import call_command
call_command("makemigrations", "users", verbosity=0)
call_command("graphql_schema", schema="config.schema.schema", out="schema.graphql")
"""


OWN = [".env", "config/schema.py", "users/callback.py", "users/models.py", "users/templates/email/callback.txt"]
OWN += ["graphql_auth/migrations/0002_own.py", "tests/test_own.py", "tests/test_phone.py"]
MOVED = {"deploy/gunicorn.conf.py": "servers/web/gunicorn.py", "docs/extending.md": "docs/how_to.md"}
DELETED = ["endpoint/locale/es/LC_MESSAGES/django.po", "graphql_auth/management/commands/unlock.py"]

TESTS = ["tests/test_own.py", "tests/test_phone.py", "tests/endpoint/test_cors.py"]
TESTS += ["tests/config/test_deploy.py::test_the_log_of_requests_has_no_addresses"]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a PATH without uv and GNU gettext."""
    return programs(tmp_path_factory.mktemp("bin"))


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory, clone: Path) -> tuple[Path, Path]:
    """Return the template at its release 1.0.0, and its repository, which also has 1.1.0."""
    return publish(clone, tmp_path_factory.mktemp("releases"))


def owned(earlier: Path, output: Path, **answers: str) -> Path:
    """Render the earlier release as a user does, and change it as owners do."""
    # In a process of its own, because another template's extension is imported in this one.
    words = [f"{name}={answer}" for name, answer in answers.items()]
    run(sys.executable, "-m", "cookiecutter", earlier, "--no-input", "--output-dir", output, *words, cwd=output)
    project = output / "my_project"
    page = (project / "docs/extending.md").read_text()
    steps = STEP.findall(page.partition("## Several changes as one")[0])
    steps += [step for step in STEP.findall(page) if step[1] == "tests/test_phone.py"]
    for where, name, block in steps:
        change(project / name, where, block)
    edit(project, EDITS)
    for folder in ("endpoint", "graphql_auth"):
        shutil.rmtree(project / folder / "locale/es")
    (project / "graphql_auth/management/commands/unlock.py").unlink()
    (project / "servers/web").mkdir(parents=True)
    (project / "deploy/gunicorn.conf.py").rename(project / "servers/web/gunicorn.py")
    (project / "docs/extending.md").rename(project / "docs/how_to.md")
    (project / "users/templates/email").mkdir(parents=True)
    (project / "users/templates/email/callback.txt").write_text("We call you back.\n")
    (project / "graphql_auth/migrations/0002_own.py").write_text(MIGRATION)
    (project / "tests/test_own.py").write_text(OWN_TEST)
    run(sys.executable, "-c", SET_UP, cwd=project, DJANGO_SETTINGS_MODULE="config.settings")
    commit(project)
    return project


@pytest.mark.long(minutes=1)
@pytest.mark.parametrize(("api", "login_field"), COMBINATIONS)
def test_an_update_takes_over_the_template_and_keeps_every_edit(
    tmp_path: Path, releases: tuple[Path, Path], path: str, api: str, login_field: str
) -> None:
    earlier, repository = releases
    project = owned(earlier, tmp_path, api=api, login_field=login_field)
    own = {name: (project / name).read_text() for name in [*OWN, *git(project, "ls-files", "users/migrations").split()]}

    done = make_update(project, path, f"TEMPLATE={repository}")

    assert done.status == 0, done
    assert {name: (project / name).read_text() for name in own} == own
    for name, (_, edited) in EDITS.items():
        assert edited in (project / name).read_text(), name
    for name in DELETED:
        assert not (project / name).exists()
    for name, (now, _) in EARLIER.items():
        if name not in {*DELETED, "requirements/base.txt"} and "__" not in name:
            assert now in (project / MOVED.get(name, name)).read_text(), name
    assert (project / "docs/staff.md").exists()
    assert not (project / "docs/permissions.md").exists()
    assert not (project / "docs/history.md").exists()

    schema = (project / "schema.graphql").read_text()
    assert "Whether the operation was carried out." in schema
    assert "requestCallback" in schema
    assert "0003_merge_0002_later_0002_own.py" in os.listdir(project / "graphql_auth/migrations")
    record = json.loads((project / ".template.json").read_text())
    assert record["template"] == str(repository)
    assert (record["version"], record["revision"]) == ("1.1.0", git(repository, "rev-parse", "1.1.0").strip())
    assert (record["answers"]["api"], record["answers"]["login_field"]) == (api, login_field)

    stays, to_do = done.out.split("They stay deleted:")[1], done.out.split("Still to do:")[1]
    assert [name for name in DELETED if name in stays] == DELETED
    assert "make lock (needs uv)" in to_do
    assert "Upgrade notes, 1.1.0:\n- Staff" in done.out
    run(sys.executable, "-m", "pytest", "--quiet", *TESTS, cwd=project)
    git(project, "reset", "--quiet", "--hard")
    assert difference(project) == []


@pytest.mark.long(minutes=1)
def test_a_project_changes_its_api_with_its_own_mutation_and_back(
    tmp_path: Path, releases: tuple[Path, Path], path: str
) -> None:
    earlier, repository = releases
    project = owned(earlier, tmp_path)
    start = git(project, "rev-parse", "HEAD").strip()
    options = [f"TEMPLATE={repository}", "TO=1.0.0"]

    there = make_update(project, path, *options, "API=relay")
    assert there.status == 0, there
    run(sys.executable, "manage.py", "check", cwd=project)
    assert "requestCallback(input: RequestCallbackInput!)" in (project / "schema.graphql").read_text()
    assert not (project / "graphql_auth/mutations.py").exists()
    commit(project)

    back = make_update(project, path, *options, "API=graphql")
    assert back.status == 0, back
    assert difference(project, start) == [".template.json"]  # which has the address of the repository


def test_an_update_to_the_same_version_changes_nothing(tmp_path: Path, releases: tuple[Path, Path], path: str) -> None:
    _, repository = releases
    answers = ["api=relay", "login_field=email", f"project_name={ODD_ANSWER}", "project_slug=my_project"]
    run(sys.executable, "-m", "cookiecutter", repository, "--no-input", *answers, cwd=tmp_path)
    project = tmp_path / "my_project"
    commit(project)

    done = make_update(project, path, "TO=1.1.0")

    assert done.status == 0, done
    assert difference(project) == []
    assert "no change" in done.out
