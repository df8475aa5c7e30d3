"""Good answers are taken as they are typed; bad ones are refused, all at once, and leave nothing behind."""

import ast
import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment

import typed_answers
from hooks import pre_gen_project
from tests.conftest import ODD_ANSWER, TEMPLATE, Project, render
from tests.test_files import parse

GOOD = {"project_name": "My Project", "description": "It is.", "author_name": "Ada", "project_slug": "my_project"}
printable = st.text(st.characters(exclude_categories=sorted(pre_gen_project.UNPRINTABLE)), min_size=1, max_size=80)
free_text = printable.filter(str.strip)


def problems(**answers: object) -> list[str]:
    return list(pre_gen_project.problems(GOOD | answers))


def test_good_answers_have_no_problems() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    "slug",
    [
        *(
            "",
            "..",
            "../x",
            "a/b",
            "/x",
            "a-b",
            "a b",
            "a.b",
            "1a",
            "_a",
            "a_",
            "é",
            "a\n",
            "a\0",
            "<<x>>",
            "-o",
            "a" * 101,
        ),
        *("class", "None", "match"),
        *("django", "Django", "users", "config", "graphql_auth", "test", "tests", "graphene", "environ", "json"),
    ],
)
def test_a_slug_that_is_no_good_name_is_refused(slug: str) -> None:
    (problem,) = problems(project_slug=slug)
    assert problem.startswith("project_slug")


@pytest.mark.parametrize("name", pre_gen_project.FREE_TEXT)
@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\r", "\0", "a\tb", "\x1b[0m", "\x7f", "\ud800", "a\u2028b"])
def test_a_text_that_is_empty_or_holds_control_characters_is_refused(name: str, text: str) -> None:
    (problem,) = problems(**{name: text})
    assert problem.startswith(name)


def test_every_module_that_a_project_imports_is_refused_as_its_name(project: Project) -> None:
    assert {module for _, module in project.imports() if not problems(project_slug=module)} == set()


@pytest.mark.parametrize("slug", ["", "..", "../beside", "a/b", "a" * 300, "class", "a\nb", "<<x>>", "{{x}}"])
def test_bad_answers_are_listed_at_once_and_leave_nothing_behind(tmp_path: Path, slug: str) -> None:
    output = tmp_path / "output"
    output.mkdir()
    answers = {"project_slug": slug, "project_name": " ", "author_name": "a\x07", "description": "<< \n"}
    command = [sys.executable, "-m", "cookiecutter", TEMPLATE, "--no-input", "--output-dir", output]
    done = subprocess.run(
        [*command, *(f"{name}={answer}" for name, answer in answers.items())], capture_output=True, text=True
    )
    assert done.returncode == 1
    listed = done.stderr[done.stderr.index("These answers need another try:") :].splitlines()[1:5]
    assert [line.split()[1] for line in listed] == ["project_name", "description", "author_name", "project_slug"]
    assert [path.name for path in tmp_path.rglob("*")] == ["output"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(project_name=free_text, description=free_text, author_name=free_text)
@example(project_name=ODD_ANSWER, description=ODD_ANSWER, author_name=ODD_ANSWER)
@example(project_name="<< cookiecutter | tojson >>", description="O'Neil & <Co>", author_name="<< 'x' | tojson >>")
@example(project_name="# % if x", description="<<cookiecutter.project_slug>>", author_name="<# <% \\")
def test_free_text_is_taken_as_typed(project_name: str, description: str, author_name: str) -> None:
    with tempfile.TemporaryDirectory() as output:
        project = render(
            Path(output),
            project_name=project_name,
            project_slug="typed",
            description=description,
            author_name=author_name,
        )
        for name, text in project.texts():
            parse(name, text)
        metadata = tomllib.loads((project.path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert (metadata["description"], metadata["authors"]) == (description, [{"name": author_name}])
        assignments = ast.parse((project.path / "config/settings.py").read_text(encoding="utf-8")).body
        values = {ast.unparse(node.targets[0]): node.value for node in assignments if isinstance(node, ast.Assign)}
        assert ast.literal_eval(values["SITE_NAME"]) == project_name
        assert author_name in (project.path / "LICENSE").read_text(encoding="utf-8")


def test_a_text_is_written_as_people_read_it(tmp_path: Path) -> None:
    project = render(tmp_path, project_name="O'Neil & <Co>", project_slug="typed")
    assert """SITE_NAME = "O'Neil & <Co>\"""" in (project.path / "config/settings.py").read_text()


@given(st.text())
def test_a_written_text_reads_the_same_in_json_python_and_toml(text: str) -> None:
    written = typed_answers.dumps(text)
    assert json.loads(written) == text
    assert ast.literal_eval(written) == text
    if not problems(description=text or "x"):
        assert tomllib.loads(f"text = {written}")["text"] == text


def test_the_texts_that_are_rendered_are_where_they_are_said_to_be() -> None:
    assert (TEMPLATE / typed_answers.FOLDER).is_dir()
    questions = json.loads((TEMPLATE / "cookiecutter.json").read_text())
    assert questions["project_slug"] == typed_answers.DEFAULT_SLUG
    for hook in (TEMPLATE / "hooks").glob("*.py"):
        assert hook.read_text().count(typed_answers.HOOK_ANSWERS) == 1


def test_a_statement_takes_its_own_line_away_and_nothing_else() -> None:
    options = json.loads((TEMPLATE / "cookiecutter.json").read_text())["_jinja2_env_vars"]
    files = DictLoader({"file.py": "a\n\n    # % if true\n\nb\n# % endif\n\n\nc\n"})
    environment = Environment(extensions=[typed_answers.TypedAnswers], loader=files, **options)
    assert environment.get_template("file.py").render() == "a\n\n\nb\n\n\nc"


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My Project", "my_project"),
        ("Café 9", "cafe_9"),
        ("🎉", "my_project"),
        ("Calendar", "calendar_project"),
        ("Class", "class_project"),
        ("Test", "test_project"),
        ("2024 Shop", "shop"),
        ("a" * 91 + " b", "a" * 91),
    ],
)
def test_the_slug_follows_the_name(tmp_path: Path, name: str, slug: str) -> None:
    assert render(tmp_path, project_name=name).path.name == slug
