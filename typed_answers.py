"""A Jinja extension for cookiecutter that takes answers literally and rejects invalid ones.

cookiecutter renders every answer from the command line or a configuration file as a template, so `a << b` fails. It
creates the project's folder before a hook can reject an answer, and version 2.7 prints a traceback when a hook fails.
"""

import json
import keyword
import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension

from template_origin import origin

TEMPLATE = Path(__file__).absolute().parent
QUESTIONS = json.loads((TEMPLATE / "cookiecutter.json").read_text(encoding="utf-8"))
CHOICES = {name: choices for name, choices in QUESTIONS.items() if isinstance(choices, list) and name[0] != "_"}
FREE_TEXT = ("project_name", "description", "author_name")
# The modules that the project and its tools import: a folder or distribution of the same name could shadow them.
IMPORTED = """
    config endpoint graphql_auth manage test tests users
    aiosmtpd argon2 asgiref corsheaders cryptography csp css_inline django django_filters django_tasks django_tasks_db
    environ graphene graphene_django graphql graphql_jwt graphql_relay gunicorn hypothesis idna importlinter jwt limits
    promise psycopg pytest pytest_cov pytest_django redis sqlparse time_machine whitenoise
"""
# Control characters, lone surrogates, and line and paragraph separators, which break the rendered files.
UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}

# The texts without a file name that belong to the template and are not answers.
FOLDER = "<<cookiecutter.project_slug>>"
DEFAULT_SLUG = QUESTIONS["project_slug"]
HOOKS = {hook.read_text(encoding="utf-8") for hook in TEMPLATE.glob("hooks/*.py")}


class TypedAnswers(Extension):
    """Renders the template's own texts and leaves all others unchanged."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters |= {
            "suggested_slug": suggested_slug,
            "folder_name": folder_name,
            "problems": lambda answers: list(problems(answers)),
            "variants": lambda answers: variants(),
            "origin": lambda answers: origin(TEMPLATE, QUESTIONS, answers),
            "tojson": dumps,
        }

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Turn an answer into a literal. The template's own texts have a name or are known."""
        if name is not None:
            # Unlike Jinja's line statements, blocks keep the blank lines below them.
            return re.sub(r"^[ \t]*# % (.*)$", r"<% \1 %>", source, flags=re.MULTILINE)
        if "<" not in source and "#" not in source:  # a shortcut for most file names
            return source
        if source == DEFAULT_SLUG or source in HOOKS:
            return source
        if source == FOLDER:  # an answer with this text is rendered before the last answer, the license
            return f"<< cookiecutter | folder_name if cookiecutter.license is defined else {quoted(source)} >>"
        return f"<< {quoted(source)} >>"


def quoted(text: str) -> str:
    """Return the text as a Jinja string without special characters."""
    return "'" + "".join(f"\\U{ord(character):08x}" for character in text) + "'"


def suggested_slug(slug: str) -> str:
    """Return a valid slug based on a project's name."""
    slug = slug.lstrip("0123456789_")[:92].rstrip("_") or "my_project"
    return f"{slug}_project" if is_keyword(slug) or is_module(slug) else slug


def folder_name(answers: Mapping[str, object]) -> str:
    """Return the name of the project's folder.

    Raises FailedHookException with all problems of the answers. cookiecutter prints its text and exits with status 1
    before writing anything.
    """
    if found := list(problems(answers)):
        raise FailedHookException("\n  - ".join(["Please correct these answers:", *found]))
    return str(answers["project_slug"])


def problems(answers: Mapping[str, object]) -> Iterator[str]:
    """Yield what is wrong with the answers, each with its fix."""
    for name in FREE_TEXT:
        text = str(answers.get(name, ""))
        if not text.strip():
            yield f"{name} is empty: give it at least one character."
        if unprintable := sorted({ascii(c) for c in text if unicodedata.category(c) in UNPRINTABLE}):
            yield f"{name} holds {', '.join(unprintable)}: leave out control characters and line ends."

    slug = str(answers.get("project_slug", ""))
    if not re.fullmatch(r"[a-z]([a-z0-9_]*[a-z0-9])?", slug, re.ASCII | re.IGNORECASE):
        yield f"project_slug is {slug!a}: use a to z, 0 to 9 and _, between a letter and a letter or digit."
    elif len(slug) > 100:
        yield f"project_slug has {len(slug)} characters: take at most 100."
    elif is_keyword(slug):
        yield f"project_slug {slug!r} is a word of the Python language: add to it, for instance {slug}_project."
    elif is_module(slug):
        yield f"project_slug {slug!r} is the name of a Python module: add to it, for instance {slug}_project."

    for name, choices in CHOICES.items():
        if answers.get(name) not in choices:
            yield f"{name} is {answers.get(name)!a}: choose one of {', '.join(choices)}."


def variants() -> dict[str, str]:
    """Map the files that exist for only one choice to their names in the project."""
    folder = TEMPLATE / FOLDER
    found = [path.relative_to(folder) for path in folder.rglob("*__*") if not path.name.startswith("__")]
    return {path.as_posix(): path.with_stem(path.stem.rpartition("__")[0]).as_posix() for path in sorted(found)}


def is_keyword(slug: str) -> bool:
    """Return whether a name is a Python keyword."""
    return keyword.iskeyword(slug) or keyword.issoftkeyword(slug)


def is_module(slug: str) -> bool:
    """Return whether a name could shadow a module that the project imports."""
    return slug.lower() in {*IMPORTED.split(), *map(str.lower, sys.stdlib_module_names)}


def dumps(value: Any, **options: Any) -> str:
    r"""Write JSON whose strings are also strings of Python, TOML and YAML, and stay as they are under `ruff format`.

    So no surrogate pairs (but for a lone one, which nothing can write), and \u0022 where json has \".
    """
    text = json.dumps(value, ensure_ascii=False, **options).encode(errors="backslashreplace").decode()
    return re.sub(r"\\(.)", lambda escape: r"\u0022" if escape[1] == '"' else escape[0], text)
