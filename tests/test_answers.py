"""Valid answers are taken literally; invalid ones are rejected together and leave no files."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from cookiecutter.exceptions import FailedHookException
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.hooks import run_script_with_context
from cookiecutter.main import _patch_import_path_for_repo as import_path
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment
from slugify import slugify

import typed_answers
from tests.conftest import ODD_ANSWER, OLDEST_COOKIECUTTER, TEMPLATE, Project, render, repository
from tests.test_files import parse

GOOD = {
    "project_name": "My Project",
    "project_slug": "my_project",
    "description": "It is.",
    "author_name": "Ada",
    "api": "graphql",
    "login_field": "username",
    "license": "MIT",
}
QUESTIONS = str(TEMPLATE / "cookiecutter.json")
BAD = {"project_name": " ", "description": "<< \n", "author_name": "a\x07"}
printable = st.text(st.characters(exclude_categories=sorted(typed_answers.UNPRINTABLE)), min_size=1, max_size=80)
free_text = printable.filter(str.strip)


def problems(**answers: object) -> list[str]:
    return list(typed_answers.problems(GOOD | answers))


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


@pytest.mark.parametrize("name", typed_answers.FREE_TEXT)
@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\r", "\0", "a\tb", "\x1b[0m", "\x7f", "\ud800", "a\u2028b"])
def test_a_text_that_is_empty_or_holds_control_characters_is_refused(name: str, text: str) -> None:
    (problem,) = problems(**{name: text})
    assert problem.startswith(name)


@pytest.mark.parametrize("name", typed_answers.CHOICES)
@pytest.mark.parametrize("choice", ["", "rest", "GRAPHQL", None, ["graphql"], "\ud800"])
def test_a_choice_that_is_not_offered_is_refused(name: str, choice: object) -> None:
    (problem,) = problems(**{name: choice})
    assert problem.startswith(name)
    assert all(offered in problem for offered in typed_answers.CHOICES[name])


@pytest.mark.parametrize("name", GOOD)
def test_a_missing_answer_is_refused(name: str) -> None:
    (problem,) = typed_answers.problems({key: answer for key, answer in GOOD.items() if key != name})
    assert problem.startswith(name)


def test_every_module_that_a_project_imports_is_refused_as_its_name(project: Project) -> None:
    assert {module for _, module in project.imports() if not problems(project_slug=module)} == set()


@pytest.fixture(params=["the oldest", "the newest"])
def rejected(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that runs cookiecutter in an empty folder and returns the first word of each listed problem.

    The command must fail without a traceback and write nothing.
    """
    if request.param == "the oldest" and not OLDEST_COOKIECUTTER.exists():
        pytest.skip("`make test` installs cookiecutter 2.6.0")
    path = {"PYTHONPATH": str(OLDEST_COOKIECUTTER)} if request.param == "the oldest" else {}

    def run_cookiecutter(template: object, *arguments: object, output: Path | None = None) -> list[str]:
        output = output or Path(tempfile.mkdtemp(dir=tmp_path))
        before = snapshot(output.parent)
        command = [sys.executable, "-m", "cookiecutter", template, *arguments, "--output-dir", output]
        done = subprocess.run(map(str, command), env=os.environ | path, capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, "")
        first, *listed = done.stdout.splitlines()
        assert first == "Please correct these answers:"
        assert snapshot(output.parent) == before
        return [line.removeprefix("  - ").split()[0] for line in listed]

    return run_cookiecutter


def snapshot(folder: Path) -> dict[Path, tuple[int, int]]:
    """Return the modification time and inode of each file and folder in a folder."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in [folder, *folder.rglob("*")]}


def typed(**answers: str) -> list[str]:
    return ["--no-input", *(f"{name}={answer}" for name, answer in answers.items())]


@pytest.mark.parametrize("slug", ["", "..", "../beside", "a/b", "a" * 300, "class", "a\nb", "<<x>>", "{{x}}"])
def test_bad_answers_are_listed_at_once_and_leave_nothing_behind(rejected: Callable[..., list[str]], slug: str) -> None:
    assert rejected(TEMPLATE, *typed(**BAD, project_slug=slug)) == [*BAD, "project_slug"]


@pytest.mark.parametrize(
    "options", [["--accept-hooks", "no"], ["--keep-project-on-failure"], ["--skip-if-file-exists"]]
)
def test_no_option_lets_bad_answers_pass(rejected: Callable[..., list[str]], options: list[str]) -> None:
    assert rejected(TEMPLATE, *options, *typed(**BAD)) == [*BAD]


def test_bad_answers_are_listed_for_a_zip_and_a_git_repository(
    rejected: Callable[..., list[str]], tmp_path: Path, clone: Path
) -> None:
    archive = shutil.make_archive(str(tmp_path / "template"), "zip", clone.parent, clone.name)
    assert rejected(archive, *typed(**BAD)) == [*BAD]
    if shutil.which("git"):
        assert rejected(f"file://{repository(clone, tmp_path)}", *typed(**BAD)) == [*BAD]


def test_bad_answers_of_a_replay_are_listed_choices_included(
    rejected: Callable[..., list[str]], tmp_path: Path
) -> None:
    answers = GOOD | BAD | {"api": "rest", "project_slug": "../beside", "license": ""}
    replay = tmp_path / "replay.json"
    replay.write_text(json.dumps({"cookiecutter": generate_context(QUESTIONS)["cookiecutter"] | answers}))
    assert rejected(TEMPLATE, "--replay-file", replay) == [*BAD, "project_slug", "api", "license"]


@pytest.mark.parametrize("slug", ["my_project", "class"])
def test_bad_answers_leave_a_project_that_is_there_as_it_was(
    rejected: Callable[..., list[str]], tmp_path: Path, slug: str
) -> None:
    project = render(tmp_path / "output").path
    project.rename(project.with_name(slug))
    assert rejected(TEMPLATE, "--overwrite-if-exists", *typed(**BAD, project_slug=slug), output=project.parent)


@pytest.mark.parametrize("slug", ["..", "../beside", "class"])
def test_a_program_that_calls_a_part_of_cookiecutter_gets_the_problems_too(tmp_path: Path, slug: str) -> None:
    context = generate_context(QUESTIONS)
    context["cookiecutter"] |= GOOD | {"project_slug": slug}
    before = snapshot(tmp_path)
    with pytest.raises(FailedHookException, match="project_slug"), import_path(str(TEMPLATE)):
        generate_files(str(TEMPLATE), context, str(tmp_path))
    assert snapshot(tmp_path) == before


def test_the_hook_rejects_what_the_folders_name_did_not(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    context = generate_context(QUESTIONS)
    context["cookiecutter"] |= GOOD
    hook = str(TEMPLATE / "hooks/pre_gen_project.py")
    with import_path(str(TEMPLATE)):
        run_script_with_context(hook, tmp_path, context)
        assert capfd.readouterr().err == ""
        context["cookiecutter"] |= BAD | {"description": """'\"\"\"' \\ \n"""}
        with pytest.raises(FailedHookException):
            run_script_with_context(hook, tmp_path, context)
    listed = capfd.readouterr().err.splitlines()
    assert [line.split()[1] for line in listed[1:]] == list(BAD)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(project_name=free_text, description=free_text, author_name=free_text)
@example(project_name=ODD_ANSWER, description=ODD_ANSWER, author_name=ODD_ANSWER)
@example(project_name="<< cookiecutter | tojson >>", description="O'Neil & <Co>", author_name="<< 'x' | tojson >>")
@example(project_name="# % if x", description="<<cookiecutter.project_slug>>", author_name="<# <% \\")
def test_free_text_is_taken_as_typed(
    rendered: Callable[[str, str], Project], project_name: str, description: str, author_name: str
) -> None:
    usual = {*rendered("graphql", "username").texts()}
    with tempfile.TemporaryDirectory() as output:
        project = render(
            Path(output),
            project_name=project_name,
            project_slug="typed",
            description=description,
            author_name=author_name,
        )
        for name, text in project.texts():
            if (name, text) not in usual:
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


def test_the_folder_is_called_as_the_extension_says() -> None:
    assert (TEMPLATE / typed_answers.FOLDER).is_dir()


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
        ("Users", "users_project"),
        ("2024 Shop", "shop"),
        ("a" * 91 + " b", "a" * 91),
    ],
)
def test_the_slug_follows_the_name(tmp_path: Path, name: str, slug: str) -> None:
    assert render(tmp_path, project_name=name).path.name == slug


@given(free_text)
@example("Django")
@example("Users")
@example("Match")
def test_the_suggested_slug_has_no_problem(name: str) -> None:
    assert problems(project_slug=typed_answers.suggested_slug(slugify(name, separator="_"))) == []
