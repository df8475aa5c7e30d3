"""The files of rendered projects: what they contain and what they must not contain."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path

import graphql
import pytest
import yaml
from django.template import Engine
from editorconfig import get_properties

from tests.conftest import FOLDER, ODD_ANSWER, TEMPLATE, TREES, Project, render, run

DJANGO_TEMPLATES = Engine(libraries={name: f"django.templatetags.{name}" for name in ("i18n", "static")})
PARSERS: dict[str, Callable[[str], object]] = {
    ".graphql": graphql.parse,
    ".json": json.loads,
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}

LEFT_OVERS = {
    "a delimiter": r"<<|>>|<%|%>|<#|#>|^\s*# %",
    "the tool": r"(?i)cookiecutter",
    "a suffix": r"__(graphql|relay|MIT|BSD-3-Clause)\b|__(username|email)\.",
    "a word about flavours": r"(?i)flavou?r",
}
# The only files that know the template, and the section of README.md about them.
OF_UPDATES = {".template.json", "config/update.py", "requirements/update.in"}
ABOUT_UPDATES = re.compile(r"^## Following the template$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
OF_ANOTHER_ANSWER = {
    ("api", "graphql"): r"(?i)client_?mutation_?id|graphql_auth[./]relay|\brelay\.py",
    ("api", "relay"): r"graphql_auth[./]mutations|\bmutations\.py",
    # Django's forms, `authenticate` and HTML use this name for whatever goes with a password, also email addresses.
    ("login_field", "email"): (
        r"(?i)(?<!autocomplete=\")\busernames?\b"
        r"(?! = None|\"?[:=] ?[\w.()]+\.get_username|\", credentials|`, whatever field)|user2\b(?!@)"
    ),
}


def parse(name: str, text: str) -> None:
    """Parse a file's text according to its name."""
    if "/templates/" in f"/{name}":
        DJANGO_TEMPLATES.from_string(text)
    elif parser := PARSERS.get(Path(name).suffix):
        parser(text)


def found(pattern: str, project: Project) -> list[str]:
    """List the occurrences of a pattern in a project, except in the pins and in what updates a project."""
    return [
        f"{name}: {line}"
        for name, text in project.texts()
        if not re.fullmatch(r"requirements/\w+\.txt", name) and name not in OF_UPDATES
        for line in [name, *(ABOUT_UPDATES.sub("", text) if name == "README.md" else text).splitlines()]
        if re.search(pattern, line)
    ]


def test_the_tree_is_the_approved_one(project: Project) -> None:
    approved = (TREES / f"{project.api}-{project.login_field}.txt").read_text().splitlines()
    assert list(project.files) == approved, "if this is right: make approve"


@pytest.mark.parametrize("what", LEFT_OVERS)
def test_nothing_of_the_template_is_left(project: Project, what: str) -> None:
    assert found(LEFT_OVERS[what], project) == []


def test_nothing_of_another_answer_is_left(project: Project) -> None:
    for (question, answer), pattern in OF_ANOTHER_ANSWER.items():
        if getattr(project, question) == answer:
            assert found(pattern, project) == []


def test_every_file_parses(project: Project) -> None:
    for name, text in project.texts():
        parse(name, text)


def test_every_file_follows_the_editorconfig(project: Project) -> None:
    for name, text in project.texts():
        style = get_properties(str(project.path / name))
        lines = text.split("\n")
        wrong = {"space": "\t", "tab": "  "}[style["indent_style"]]
        assert text == "" or (lines[-1] == "") == (style["insert_final_newline"] == "true"), name
        assert [line for line in lines if line != line.rstrip() or line.startswith(wrong)] == [], name


def test_an_odd_answer_stays_as_typed(odd_project: Project) -> None:
    for name, text in odd_project.texts():
        parse(name, text)
    metadata = tomllib.loads((odd_project.path / "pyproject.toml").read_text())["project"]
    assert metadata["description"] == ODD_ANSWER
    assert metadata["authors"] == [{"name": ODD_ANSWER}]


@pytest.mark.parametrize(("license_", "first_line"), [("MIT", "MIT License"), ("BSD-3-Clause", "BSD 3-Clause License")])
def test_the_license_is_the_chosen_one(tmp_path: Path, license_: str, first_line: str) -> None:
    project = render(tmp_path, license=license_, author_name="Ada Lovelace")
    text = (project.path / "LICENSE").read_text()
    assert text.startswith(first_line)
    assert "Copyright (c) Ada Lovelace\n" in text
    assert tomllib.loads((project.path / "pyproject.toml").read_text())["project"]["license"] == license_


def test_without_a_license_there_is_no_such_file(tmp_path: Path) -> None:
    project = render(tmp_path, license="none")
    assert not [name for name in project.files if name.startswith("LICENSE")]
    assert "license" not in tomllib.loads((project.path / "pyproject.toml").read_text())["project"]


def test_every_variable_of_the_settings_is_explained(project: Project) -> None:
    settings = (project.path / "config/settings.py").read_text()
    read = set(re.findall(r'(?:env\.\w+|secret)\(\s*"(\w+)"', settings))
    explained = set(re.findall(r"^(?:# )?([A-Z_]+)=", (project.path / ".env.example").read_text(), flags=re.MULTILINE))
    assert read == explained


def test_a_commit_runs_what_make_check_runs(project: Project) -> None:
    config = yaml.safe_load((project.path / ".pre-commit-config.yaml").read_text())
    assert [hook["entry"] for repository in config["repos"] for hook in repository["hooks"]] == ["make check"]


def test_every_import_is_required(project: Project) -> None:
    required = {
        pins: set(re.findall(r"^([a-z0-9-]+)==", (project.path / f"requirements/{pins}.txt").read_text(), re.MULTILINE))
        for pins in ("base", "dev")
    }
    distributions = packages_distributions()
    missing = {
        (name, module)
        for name, module in project.imports()
        if module not in sys.stdlib_module_names
        and not (project.path / module).exists()
        and {distribution.lower().replace("_", "-") for distribution in distributions.get(module, [])}.isdisjoint(
            required["dev" if name.startswith("tests/") else "base"]
        )
    }
    assert missing == set()


def test_the_unrendered_folder_passes_ruff_in_place() -> None:
    run(sys.executable, "-m", "ruff", "check", "--no-cache", FOLDER.name, cwd=TEMPLATE)


def test_the_section_about_updates_is_in_every_readme(project: Project) -> None:
    assert ABOUT_UPDATES.search((project.path / "README.md").read_text())
