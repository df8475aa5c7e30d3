"""An app that an owner adds with `startapp` is checked, measured and translated like ours."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import render, run

FAULTS = {
    "shop/views.py": "import os\n",
    "shop/prices.py": "price   = 1\n",
    "shop/templates/shop/cart.html": "<img src='cart.png'>\n",
    "shop/texts.py": 'from django.utils.translation import gettext_lazy as _\n\nCART = _("A cart of the shop")\n',
    "shop/tests.py": (
        "from django.test import TestCase\n\nfrom shop import texts\n\n\nclass CartTests(TestCase):\n"
        '    def test_the_cart(self):\n        assert texts.CART\n        self.skipTest("because the shop is closed")\n'
    ),
    "graphql_auth/sealing.py": "from shop import texts  # noqa: F401\n",
    "shop/models.py": "from endpoint import conf  # noqa: F401\nimport graphene  # noqa: F401\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with an app of its own that has a fault for each tool."""
    rendered = render(tmp_path_factory.mktemp("own_app"))
    run(sys.executable, "manage.py", "startapp", "shop", cwd=rendered.path)
    settings = rendered.path / "config/settings.py"
    settings.write_text(settings.read_text().replace('    "users",\n]', '    "users",\n    "shop",\n]'))
    for name, text in FAULTS.items():
        path = rendered.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if name.startswith("graphql_auth") else "") + text)
    return rendered.path


def checks(project: Path) -> dict[str, str]:
    """Return the commands of `make check` by the name of the tool."""
    command = ["make", "--dry-run", "check", "DEV_READY=", f"RUN={sys.executable}", f"ENV={sys.prefix}"]
    lines = run(*command, cwd=project).stdout.splitlines()
    return {re.sub(r"^\S+ (-m )?", "", line): line for line in lines}


@pytest.mark.parametrize(
    ("tool", "complaint"),
    [
        ("ruff check", "shop/views.py"),
        ("ruff format --check", "shop/prices.py"),
        ("djlint", "shop/templates/shop/cart.html"),
        ("tests.imports", "graphql_auth is not allowed to import shop"),
    ],
)
def test_make_check_finds_the_faults_of_an_own_app(project: Path, tool: str, complaint: str) -> None:
    (line,) = [line for name, line in checks(project).items() if name.startswith(tool) and name != f"{tool} --check"]
    done = subprocess.run(shlex.split(line), cwd=project, capture_output=True, text=True)
    assert done.returncode != 0
    assert complaint in re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_an_own_app_may_import_what_users_may(project: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.imports"], cwd=project, capture_output=True, text=True)
    assert "Of the accounts, only the API imports graphene KEPT" in done.stdout
    assert "Contracts: 2 kept, 1 broken." in done.stdout


def test_the_types_of_an_own_app_are_checked_and_those_of_tests_are_not(project: Path) -> None:
    code = "from mypy.main import process_options as read; print(*[source.module for source in read([])[0]])"
    modules = set(run(sys.executable, "-c", code, cwd=project).stdout.split())
    assert {"shop.views", "users.models", "config.settings", "endpoint.view", "graphql_auth.models"} <= modules
    assert not [name for name in modules if "tests" in name.split(".") or "migrations" in name]


def test_tests_of_an_own_app_are_run_and_measured_and_skipped_ones_give_their_reason(project: Path) -> None:
    make_test = run("make", "--dry-run", "test", "DEV_READY=", f"RUN={sys.executable}", cwd=project).stdout
    command = [*shlex.split(make_test.splitlines()[-1]), "--numprocesses", "0", "--cov-fail-under", "0"]
    output = run(*command, "--ignore", "tests", cwd=project).stdout
    assert "SKIPPED [1] shop/tests.py" in output
    assert "because the shop is closed" in output
    assert re.search(r"^shop/views\.py +\d", output, flags=re.MULTILINE)
    assert not re.search(r"^(tests/|config/|shop/tests|manage)", output.partition("coverage:")[2], flags=re.MULTILINE)


@pytest.mark.skipif(not shutil.which("xgettext"), reason="needs GNU gettext")
def test_make_messages_collects_the_texts_of_an_own_app(project: Path) -> None:
    run("make", "messages", "SET_UP=", f"RUN={sys.executable}", cwd=project)
    for language in ("de", "es", "fr", "pt_BR"):
        assert 'msgid "A cart of the shop"' in (project / f"shop/locale/{language}/LC_MESSAGES/django.po").read_text()
        assert (project / f"shop/locale/{language}/LC_MESSAGES/django.mo").exists()
