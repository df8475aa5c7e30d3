"""The translations that projects are rendered with are complete, and compiled."""

import dataclasses
import gettext
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Project, make, run

CATALOGS = "[a-z]*/locale/*/*/django.po"
# A plural form is named by its message and its number.
Messages = dict[str | tuple[str, int], str]
STALE = "run `make approve`, and translate what is new"


@pytest.fixture(scope="session", params=[("graphql", "username"), ("relay", "email")], ids="-".join)
def translated(request: pytest.FixtureRequest, rendered: Callable[[str, str], Project]) -> Project:
    """Return a project in each language."""
    return rendered(*request.param)


@pytest.fixture(scope="session")
def collected(translated: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a copy of the project with newly collected and compiled messages, and what make said about it."""
    if not shutil.which("msgattrib"):
        pytest.skip("needs GNU gettext: apt install gettext, or brew install gettext")
    copy = Path(shutil.copytree(translated.path, tmp_path_factory.mktemp("collected") / "project"))
    return copy, make("messages", dataclasses.replace(translated, path=copy))


def translations(catalog: Path) -> Messages:
    """Return the messages of a compiled catalog, without its header."""
    with catalog.with_suffix(".mo").open("rb") as compiled:
        found: Messages = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]
    return {message: translation for message, translation in found.items() if message}


def test_each_app_speaks_each_language(translated: Project) -> None:
    settings = (translated.path / "config/settings.py").read_text()
    languages = set(re.findall(r'^    \("([a-z-]+)", "', settings, re.MULTILINE)) - {"en"}
    locales = {code[:3].replace("-", "_") + code[3:].upper() for code in languages}
    catalogs = {path.relative_to(translated.path).parts for path in translated.path.glob(CATALOGS)}
    apps = {parts[0] for parts in catalogs}
    assert len(languages) == 4
    assert {(parts[0], parts[2]) for parts in catalogs} == {(app, name) for app in apps for name in locales}


def test_no_message_is_missing(collected: tuple[Path, str]) -> None:
    project, said = collected
    assert "To be translated" not in said, STALE
    for catalog in project.glob(CATALOGS):
        for flaw in ("--untranslated", "--only-fuzzy"):
            assert run("msgattrib", flaw, catalog, cwd=project).stdout == "", STALE


def test_what_is_compiled_is_what_is_translated(translated: Project, collected: tuple[Path, str]) -> None:
    for catalog in translated.path.glob(CATALOGS):
        anew = collected[0] / catalog.relative_to(translated.path)
        assert translations(catalog) == translations(anew), STALE


def test_a_translation_fills_in_what_the_message_does(translated: Project) -> None:
    for catalog in translated.path.glob(CATALOGS):
        for message, translation in translations(catalog).items():
            placeholders, translated_ones = (
                sorted(re.findall(r"%\(\w+\)\w|%\w", text))
                for text in (message[0] if isinstance(message, tuple) else message, translation)
            )
            assert placeholders == translated_ones, (catalog, message)


def test_make_messages_names_what_is_to_be_translated(collected: tuple[Path, str]) -> None:
    project, _ = collected
    with (project / "users/apps.py").open("a") as file:
        file.write('\n\nGREETING = _("Hello there")\n')
    said = make("messages", Project(project, "graphql", "username", ()))
    assert re.findall(r"To be translated: users/locale/(\w+)/.*: \"Hello there\"", said) == ["de", "es", "fr", "pt_BR"]
